//! The pages of the authorization server: sign-in, consent, and connections.
//!
//! Invariants:
//! - Each sign-in creates a new session. The cookie is unguessable, `HttpOnly`, `SameSite=Lax`, and over https `Secure` and
//!   bound to the host (`__Host-`); the store contains only its hash.
//! - Over http, which works on loopback addresses only, no browser is remembered: cookies know no ports, so that each server on the
//!   machine would get them. The session is in the forms of the page that follows the sign-in, and ends with the user's decision.
//! - Every change requires a form that comes from the server's origin and contains the session, or a token derived from the
//!   browser's own cookie.
//! - After the sign-in, a browser is redirected to one of the server's pages, never to a URL from the request.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, ORIGIN, SET_COOKIE},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use cookie::{Cookie, SameSite};
use mcp_http::{
    log,
    token::{PlainToken, RandomFailed, TokenHash, TokenKind},
};

use crate::{
    browser::page_error::PageError,
    clients::client::{Client, Origin},
    pages::{ClientTrust, ClientView},
    parameters::Parameters,
    redirect::RedirectUri,
    server::{AuthorizationServer, SignIn},
    store::{self, Session},
};

pub mod connections;
mod login_state;
pub(crate) mod page_error;
pub mod sign_in;

/// A signed-in browser: its token and its session.
pub(crate) struct BrowserSession {
    /// The value of its cookie; where browsers are not remembered, a field of its forms.
    pub(crate) token: PlainToken,
    pub(crate) session: Session,
}

/// The cookies of this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CookieName<'a> {
    /// The session of the user who is signed in.
    Session,
    /// The browser before the sign-in; its CSRF tokens are derived from this cookie.
    PreSession,
    /// The state of one sign-in at the identity provider, by its identifier.
    LoginState(&'a str),
    /// What the user has just ended, until the next page has said so.
    Ended,
}

impl CookieName<'_> {
    fn full(self, server: &str, is_secure: bool) -> String {
        let bound = if is_secure { "__Host-" } else { "" };
        match self {
            Self::Session => format!("{bound}{server}-session"),
            Self::PreSession => format!("{bound}{server}-csrf"),
            Self::LoginState(id) => format!("{bound}{server}-login-{id}"),
            Self::Ended => format!("{bound}{server}-ended"),
        }
    }
}

/// The cookies that a browser sent.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'_>> {
    headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok()).flat_map(Cookie::split_parse).flatten()
}

impl AuthorizationServer {
    fn is_secure(&self) -> bool {
        self.issuer().starts_with("https://")
    }

    /// Returns whether browsers stay signed in, by a cookie.
    pub(crate) fn remembers_browsers(&self) -> bool {
        self.is_secure()
    }

    /// Returns the value of a cookie, or `None` if the browser sent none or two of that name.
    pub(crate) fn cookie(&self, headers: &HeaderMap, name: CookieName<'_>) -> Option<String> {
        let name = name.full(self.brand.server, self.is_secure());
        let mut values = cookies(headers).filter(|cookie| cookie.name() == name);
        let value = values.next()?.value().to_owned();
        values.next().is_none().then_some(value)
    }

    /// Returns the identifiers and cookie values of the sign-ins that are in progress in a browser.
    pub(crate) fn login_states(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        let start = CookieName::LoginState("").full(self.brand.server, self.is_secure());
        let own = |cookie: Cookie<'_>| Some((cookie.name().strip_prefix(&start)?.to_owned(), cookie.value().to_owned()));
        cookies(headers).filter_map(own).collect()
    }

    /// The header that sets a session cookie, or deletes it if `value` is `None`.
    pub(crate) fn set_cookie(&self, name: CookieName<'_>, value: Option<&str>) -> (axum::http::HeaderName, HeaderValue) {
        let mut cookie = Cookie::new(name.full(self.brand.server, self.is_secure()), value.unwrap_or_default().to_owned());
        cookie.set_http_only(true);
        cookie.set_secure(self.is_secure());
        cookie.set_same_site(SameSite::Lax);
        cookie.set_path("/");
        if name == CookieName::Ended {
            cookie.set_max_age(cookie::time::Duration::MINUTE);
        }
        if value.is_none() {
            cookie.make_removal();
        }
        // names and values of this server's cookies are visible ASCII
        (SET_COOKIE, HeaderValue::try_from(cookie.to_string()).unwrap_or(HeaderValue::from_static("")))
    }

    /// Returns the session of the user whom a cookie says to be signed in, if there is one.
    pub(crate) async fn browser_session(&self, headers: &HeaderMap) -> store::Result<Option<BrowserSession>> {
        let cookie = self.cookie(headers, CookieName::Session).filter(|_| self.remembers_browsers());
        let Some(cookie) = cookie else { return Ok(None) };
        self.session_of(&cookie).await
    }

    async fn session_of(&self, text: &str) -> store::Result<Option<BrowserSession>> {
        let Some(token) = self.parse_token(TokenKind::Session, text) else { return Ok(None) };
        let session = self.store.session(token.hash(), self.clock.timestamp()).await?;
        // a user has to sign in again whose key cannot be decrypted any more, because its encryption key was removed, or who signed
        // in in a way that is no longer configured
        let counts = |session: &Session| match (&self.sign_in, &session.encrypted) {
            (SignIn::Keys(_), Some(encrypted)) => self.can_decrypt(&token, encrypted),
            (SignIn::Oidc(..), None) => self.knows(&session.user),
            _ => false,
        };
        let session = session.filter(counts);
        Ok(session.map(|session| BrowserSession { token, session }))
    }

    /// Returns the session of the browser that sent a form, or a failure unless the form is from a page of this server (CSRF).
    pub(crate) async fn session_of_form(
        &self,
        headers: &HeaderMap,
        parameters: &Parameters,
    ) -> Result<BrowserSession, PageError> {
        let browser = self.session_if_any(headers, parameters).await?;
        browser.ok_or_else(|| PageError::csrf_failure(self.issuer()))
    }

    /// The same; `None` if nobody is signed in any more.
    pub(crate) async fn session_if_any(
        &self,
        headers: &HeaderMap,
        parameters: &Parameters,
    ) -> Result<Option<BrowserSession>, PageError> {
        let is_ours = |browser: &BrowserSession| self.is_ours(headers, parameters, &self.form_token(browser));
        let browser = if self.remembers_browsers() {
            self.browser_session(headers).await?
        } else {
            self.session_of(parameters.one("csrf").ok().flatten().unwrap_or_default()).await?
        };
        if browser.as_ref().is_some_and(|browser| !is_ours(browser)) {
            return Err(PageError::csrf_failure(self.issuer()));
        }
        Ok(browser)
    }

    /// Returns the pre-session token of a browser: the one from its cookie, or a new one.
    pub(crate) fn pre_session(&self, headers: &HeaderMap) -> Result<PlainToken, RandomFailed> {
        let known = self.cookie(headers, CookieName::PreSession).and_then(|text| self.parse_token(TokenKind::Session, &text));
        known.map_or_else(|| self.new_token(TokenKind::Session), Ok)
    }

    /// Returns whether a form comes from a page that this server showed in this browser.
    pub(crate) fn is_ours(&self, headers: &HeaderMap, parameters: &Parameters, token: &str) -> bool {
        let is_own_origin = headers.get(ORIGIN).is_none_or(|origin| origin.as_bytes() == self.issuer().as_bytes());
        let is_own_site = headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin");
        let given = parameters.one("csrf").ok().flatten().unwrap_or_default();
        let is_own_form = verify_slices_are_equal(given.as_bytes(), token.as_bytes()).is_ok();
        is_own_origin && is_own_site && is_own_form
    }

    /// The token in the forms of a signed-in browser: its CSRF token, or where browsers are not remembered, the session itself.
    pub(crate) fn form_token(&self, browser: &BrowserSession) -> String {
        if self.remembers_browsers() { self.csrf(&browser.token) } else { browser.token.expose().to_owned() }
    }

    /// Ends the session of a browser that is not remembered, after the user's decision, or where there is no page for it. If the store
    /// fails meanwhile, the session ends when its time is over.
    pub(crate) async fn forget(&self, token: TokenHash) {
        if self.remembers_browsers() {
            return;
        }
        if let Err(error) = self.store.close_session(token).await {
            log::error(&error);
        }
    }

    /// The CSRF token of a browser. It is derived from the cookie, so a page that leaks it does not reveal the cookie.
    pub(crate) fn csrf(&self, cookie: &PlainToken) -> String {
        let hash = TokenHash::of(format!("{} csrf {}", self.brand.server, cookie.expose()).as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(hash.as_bytes())
    }
}

/// The longest path with its query that is redirected to or carried from page to page, in bytes.
pub(crate) const MAX_PATH_BYTES: usize = 8 << 10;

/// The page that follows the sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The authorization endpoint, with this query.
    Authorize(String),
    /// The connections page.
    Connections,
}

impl Next {
    /// Parses the value from a form or a query of this server; anything unknown becomes [`Self::Connections`].
    pub(crate) fn parse(text: &str) -> Self {
        let query = text.strip_prefix(crate::paths::AUTHORIZE).and_then(|rest| rest.strip_prefix('?'));
        // pages contain the query in their links and forms, so its length is limited like that of a URL
        let is_query = |query: &&str| query.len() <= MAX_PATH_BYTES && query.bytes().all(|byte| byte.is_ascii_graphic());
        query.filter(is_query).map_or(Self::Connections, |query| Self::Authorize(query.to_owned()))
    }

    /// Returns the path on this server.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Authorize(query) => format!("{}?{query}", crate::paths::AUTHORIZE),
            Self::Connections => connections::PATH.to_owned(),
        }
    }
}

/// The client as the pages show it.
pub(crate) fn client_view(client: &Client, uri: &RedirectUri) -> ClientView {
    let trust = match client.origin {
        Origin::Configured => ClientTrust::Configured,
        Origin::Document => ClientTrust::Published(client.id.split('/').nth(2).unwrap_or_default().into()),
        Origin::Registered => ClientTrust::Registered,
    };
    ClientView { name: client.name.as_str().into(), place: uri.place().into(), trust }
}
