//! Progress notifications.

use rmcp::{
    RoleServer,
    model::{NumberOrString, ProgressNotificationParam, ProgressToken},
    service::RequestContext,
};

use super::{JsonOnly, extension};

/// The longest progress token of a client, in bytes.
const TOKEN_BYTES: usize = 256;

/// Whether a progress token has an acceptable length: each notification repeats it.
fn is_short(token: &ProgressToken) -> bool {
    match &token.0 {
        NumberOrString::Number(_) => true,
        NumberOrString::String(text) => text.len() <= TOKEN_BYTES,
    }
}

/// Sends a progress notification with this message, if the client requested them.
pub(super) async fn notify(context: &RequestContext<RoleServer>, done: u64, of: Option<u64>, message: String) {
    let Some(token) = context.meta.get_progress_token().filter(is_short) else { return };
    if extension::<JsonOnly>(context).is_some() {
        return;
    }
    // progress values are floating-point numbers; no count here exceeds their precision
    let number = |count: u64| u32::try_from(count).map_or(f64::MAX, f64::from);
    let mut told = ProgressNotificationParam::new(token, number(done)).with_message(message);
    told.total = of.map(number);
    // the client may be gone
    let _ = context.peer.notify_progress(told).await;
}
