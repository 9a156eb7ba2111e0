//! The HTML pages: sign-in, consent, connections, errors, and the landing page.
//!
//! Templates are compiled from `templates/`; the types here are their data. Handlers construct them and pass them to
//! [`respond`].
//!
//! Invariants:
//! - Text from outside is a [`Label`] or a [`Host`], so it cannot be mistaken for the server's own text; all text is escaped.
//! - A page needs no script and loads only the server's stylesheet; its headers allow nothing else.
//! - No page is cached or shown in a frame.

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
        App, ClientTrust, ClientView, Connection, Connections, Consent, Ended, ErrorPage, HandedOver, KeyInput, Landing,
        ScopeChoice, SignIn, SignInError, SignedOut, SignsIn, Toolset, Withheld,
    },
};

mod label;
#[cfg(test)]
mod tests;
mod views;

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const STYLE: &str = include_str!("../../../templates/style.css");
/// The script of the landing page, the only one there is.
const SCRIPT: &str = include_str!("../../../templates/copy.js");

static STYLE_PATH: LazyLock<String> = LazyLock::new(|| asset_path("style", STYLE, "css"));
static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| asset_path("copy", SCRIPT, "js"));

/// A path that contains a hash of the content, so browsers may cache it indefinitely.
fn asset_path(name: &str, content: &str, ending: &str) -> String {
    let mut path = format!("/assets/{name}-");
    for byte in digest(&SHA256, content.as_bytes()).as_ref().iter().take(8) {
        let _ = write!(path, "{byte:02x}");
    }
    format!("{path}.{ending}")
}

/// The content security policy of every page, except the targets of its forms and the script of the landing page.
macro_rules! policy {
    ($forms:literal) => {
        concat!(
            "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action ",
            $forms
        )
    };
}

/// The targets that the forms of a page may have. Chromium applies `form-action` to every redirect that follows a form, not
/// just the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormAction {
    /// None: the page has no form.
    None,
    /// Only pages of this server.
    Here,
    /// Pages of this server, and the client to which they redirect: its https or loopback redirect URI, and where that redirects.
    Onward,
}

impl FormAction {
    fn policy(self) -> &'static str {
        match self {
            Self::None => policy!("'none'"),
            Self::Here => policy!("'self'"),
            // `http:` is for loopback redirect URIs, since a policy cannot contain `[::1]`; the last three are the schemes of editors,
            // to which the pages at their https redirect URIs redirect
            Self::Onward => policy!("'self' https: http: vscode: vscode-insiders: cursor:"),
        }
    }
}

/// An HTML page.
pub trait Page: Template {
    /// Whether a client may have opened the page in a window that it observes. `Cross-Origin-Opener-Policy` would disconnect
    /// that window permanently, and the client would assume that the user closed it.
    const IS_WATCHED: bool;
    /// Whether the page has the script that copies texts.
    const HAS_SCRIPT: bool = false;
}

impl Page for SignIn {
    const IS_WATCHED: bool = true;
}

impl Page for Consent {
    const IS_WATCHED: bool = true;
}

impl Page for ErrorPage {
    const IS_WATCHED: bool = true;
}

impl Page for HandedOver {
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
    const HAS_SCRIPT: bool = true;
}

/// Renders a page as a response.
pub fn respond<P: Page>(status: StatusCode, page: &P, forms: FormAction) -> Response {
    let Ok(body) = page.render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let opener = if P::IS_WATCHED { "unsafe-none" } else { "same-origin" };
    let mut response = (status, Html(body)).into_response();
    let headers = response.headers_mut();
    let script = if P::HAS_SCRIPT { "; script-src 'self'" } else { "" };
    // it is ASCII; without a policy nothing would be forbidden
    let policy = HeaderValue::try_from(format!("{}{script}", forms.policy()));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.unwrap_or(HeaderValue::from_static("default-src 'none'")));
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // not `no-referrer`, because browsers would then send `Origin: null` with the server's own forms
        (header::REFERRER_POLICY, "same-origin"),
        (OPENER_POLICY, opener),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The routes of the stylesheet and the script.
pub fn assets<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let style = || async { asset("text/css; charset=utf-8", STYLE) };
    let script = || async { asset("text/javascript; charset=utf-8", SCRIPT) };
    Router::new().route(&STYLE_PATH, get(style)).route(&SCRIPT_PATH, get(script))
}

fn asset(media: &'static str, content: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, media),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, content)
}

/// The path of the stylesheet.
fn style_path() -> &'static str {
    &STYLE_PATH
}

/// The path of the script.
fn script_path() -> &'static str {
    &SCRIPT_PATH
}
