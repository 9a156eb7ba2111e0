//! The pages users see: signing in, consent, connections, errors, and what the server is.
//!
//! Templates are compiled from `templates/`; the types here are their data. Handlers fill them and answer with
//! [`respond`].
//!
//! Invariants:
//! - Text that somebody else wrote is a [`Label`] or a [`Host`], so it cannot pass for text of ours; all text is escaped.
//! - A page needs no script and loads nothing but our stylesheet; its headers allow nothing else.
//! - No page is kept by a cache or shown in a frame.

use std::{fmt::Write, sync::LazyLock};

use askama::Template;
use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    Router,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};

pub use self::{
    label::{Host, Label},
    views::{
        App, ClientTrust, ClientView, Connection, Connections, Consent, Ended, Failure, KeyInput, Landing, Refusal, ScopeChoice,
        SignIn, SignedOut, SignsIn, Toolset, Withheld,
    },
};

mod label;
#[cfg(test)]
mod tests;
mod views;

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const STYLE: &str = include_str!("../../../templates/style.css");

/// Named after its content, so that browsers may keep it.
static STYLE_PATH: LazyLock<String> = LazyLock::new(|| {
    let mut path = String::from("/assets/style-");
    for byte in digest(&SHA256, STYLE.as_bytes()).as_ref().iter().take(8) {
        let _ = write!(path, "{byte:02x}");
    }
    path + ".css"
});

/// The policy of every page, but for where its forms may lead.
macro_rules! policy {
    ($forms:literal) => {
        concat!(
            "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action ",
            $forms
        )
    };
}

/// Where the forms of a page may lead. Chromium holds every redirect that follows a form against it, not just the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormAction {
    /// To pages of ours only.
    Here,
    /// In the end to a client: its https or loopback address, and where that leads on to.
    Onward,
}

impl FormAction {
    fn policy(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Here => policy!("'self'"),
            // `http:` because a policy cannot name `[::1]`; the schemes are those of editors, to which their https
            // addresses lead on
            Self::Onward => policy!("'self' https: http: vscode: vscode-insiders: cursor:"),
        })
    }
}

/// A page.
pub trait Page: Template {
    /// Whether a client may have opened it in a window that it watches: `Cross-Origin-Opener-Policy` would cut that
    /// link for good, and the client would believe that the user closed the window.
    const IS_WATCHED: bool;
}

impl Page for SignIn {
    const IS_WATCHED: bool = true;
}

impl Page for Consent {
    const IS_WATCHED: bool = true;
}

impl Page for Failure {
    const IS_WATCHED: bool = true;
}

impl Page for SignedOut {
    const IS_WATCHED: bool = true;
}

impl Page for Connections {
    const IS_WATCHED: bool = false;
}

impl Page for Landing {
    const IS_WATCHED: bool = false;
}

/// Answers with a page.
pub fn respond<P: Page>(status: StatusCode, page: &P, forms: FormAction) -> Response {
    let Ok(body) = page.render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let opener = if P::IS_WATCHED { "unsafe-none" } else { "same-origin" };
    let mut response = (status, Html(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, forms.policy());
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // not `no-referrer`, with which browsers send `Origin: null` along with our own forms
        (header::REFERRER_POLICY, "same-origin"),
        (OPENER_POLICY, opener),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Serves what pages load.
pub fn assets<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route(&STYLE_PATH, get(style))
}

async fn style() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, STYLE)
}

/// Where the stylesheet is.
fn style_path() -> &'static str {
    &STYLE_PATH
}
