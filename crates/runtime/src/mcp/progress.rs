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

/// Sends a progress notification, if the client requested them.
pub(super) async fn progress(context: &RequestContext<RoleServer>, items: u64, of: Option<u64>) {
    let Some(token) = context.meta.get_progress_token().filter(is_short) else { return };
    if extension::<JsonOnly>(context).is_some() {
        return;
    }
    // progress values are floating-point numbers; no count here exceeds their precision
    let number = |items: u64| u32::try_from(items).map_or(f64::MAX, f64::from);
    let mut told = ProgressNotificationParam::new(token, number(items)).with_message(format!("{items} items"));
    told.total = of.map(number);
    // the client may be gone
    let _ = context.peer.notify_progress(told).await;
}
