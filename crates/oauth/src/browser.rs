//! The browser's side of the authorization server: signing in, consenting, seeing and ending connections.
//!
//! Invariants:
//! - Signing in always makes a new session; the cookie is unguessable, `HttpOnly`, `SameSite=Lax`, over https `Secure` and bound
//!   to the host (`__Host-`), and the store knows its hash only.
//! - Everything that changes something is a form that carries a token derived from the browser's own cookie, and comes from
//!   our own origin.
//! - After signing in a browser goes on to one of our own pages, never to an address from the request.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, ORIGIN, SET_COOKIE},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use cookie::{Cookie, SameSite};
use mcp_http::token::{Kind, PlainToken, RandomFailed, TokenHash};

use crate::{
    browser::failure::Failure,
    clients::client::{Client, Origin},
    pages::{ClientTrust, ClientView},
    parameters::Parameters,
    redirect::RedirectUri,
    server::AuthorizationServer,
    store::{self, Session},
};

pub mod connections;
pub(crate) mod failure;
pub mod sign_in;

/// A browser in which somebody is signed in.
pub(crate) struct BrowserSession {
    pub(crate) cookie: PlainToken,
    pub(crate) session: Session,
}

/// The cookies of this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CookieName<'a> {
    /// Who is signed in.
    Session,
    /// Who is about to sign in.
    PreSession,
    /// What the identity provider's response has to fit; one for each sign-in that is under way.
    LoginState(&'a str),
}

impl CookieName<'_> {
    fn full(self, server: &str, is_secure: bool) -> String {
        let bound = if is_secure { "__Host-" } else { "" };
        match self {
            Self::Session => format!("{bound}{server}-session"),
            Self::PreSession => format!("{bound}{server}-visit"),
            Self::LoginState(id) => format!("{bound}{server}-errand-{id}"),
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

    /// The value of a cookie that the browser sent; none when it sent two of that name.
    pub(crate) fn cookie(&self, headers: &HeaderMap, name: CookieName<'_>) -> Option<String> {
        let name = name.full(self.brand.server, self.is_secure());
        let mut values = cookies(headers).filter(|cookie| cookie.name() == name);
        let value = values.next()?.value().to_owned();
        values.next().is_none().then_some(value)
    }

    /// The sign-ins that a browser has under way: what tells them apart, and their cookies.
    pub(crate) fn login_states(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        let start = CookieName::LoginState("").full(self.brand.server, self.is_secure());
        let own = |cookie: Cookie<'_>| Some((cookie.name().strip_prefix(&start)?.to_owned(), cookie.value().to_owned()));
        cookies(headers).filter_map(own).collect()
    }

    /// The header that sets a cookie for as long as the browser runs, or takes it away.
    pub(crate) fn set_cookie(&self, name: CookieName<'_>, value: Option<&str>) -> (axum::http::HeaderName, HeaderValue) {
        let mut cookie = Cookie::new(name.full(self.brand.server, self.is_secure()), value.unwrap_or_default().to_owned());
        cookie.set_http_only(true);
        cookie.set_secure(self.is_secure());
        cookie.set_same_site(SameSite::Lax);
        cookie.set_path("/");
        if value.is_none() {
            cookie.make_removal();
        }
        // names and values here are visible ASCII
        (SET_COOKIE, HeaderValue::try_from(cookie.to_string()).unwrap_or(HeaderValue::from_static("")))
    }

    /// Who is signed in, if somebody is.
    pub(crate) async fn browser_session(&self, headers: &HeaderMap) -> store::Result<Option<BrowserSession>> {
        let Some(cookie) = self.cookie(headers, CookieName::Session).and_then(|text| self.parse_token(Kind::Session, &text))
        else {
            return Ok(None);
        };
        let session = self.store.session(cookie.hash(), self.clock.timestamp()).await?;
        // whose key does not open any more, because its encryption key was taken away, has to bring it again
        let counts = |session: &Session| {
            session.encrypted.as_ref().is_none_or(|encrypted| self.can_decrypt(&cookie, encrypted)) && self.knows(&session.user)
        };
        let session = session.filter(counts);
        Ok(session.map(|session| BrowserSession { cookie, session }))
    }

    /// Who is signed in in the browser that sent a form. It must be a form of ours, so that no other site acts for them.
    pub(crate) async fn session_of_form(&self, headers: &HeaderMap, parameters: &Parameters) -> Result<BrowserSession, Failure> {
        let browser = self.browser_session(headers).await?.filter(|browser| self.is_ours(headers, parameters, &browser.cookie));
        browser.ok_or_else(|| Failure::csrf_failure(self.issuer()))
    }

    /// The token of a browser that is about to sign in: the one it has, or a new one.
    pub(crate) fn pre_session(&self, headers: &HeaderMap) -> Result<PlainToken, RandomFailed> {
        let known = self.cookie(headers, CookieName::PreSession).and_then(|text| self.parse_token(Kind::Session, &text));
        known.map_or_else(|| self.new_token(Kind::Session), Ok)
    }

    /// Whether a form comes from a page of ours that this browser was shown.
    pub(crate) fn is_ours(&self, headers: &HeaderMap, parameters: &Parameters, cookie: &PlainToken) -> bool {
        let is_own_origin = headers.get(ORIGIN).is_none_or(|origin| origin.as_bytes() == self.issuer().as_bytes());
        let is_own_site = headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin");
        let given = parameters.one("csrf").ok().flatten().unwrap_or_default();
        let is_own_form = verify_slices_are_equal(given.as_bytes(), self.csrf(cookie).as_bytes()).is_ok();
        is_own_origin && is_own_site && is_own_form
    }

    /// What proves that a form is from a page that this browser was shown. It is derived, so that a page that leaks it does not give
    /// the cookie away.
    pub(crate) fn csrf(&self, cookie: &PlainToken) -> String {
        let hash = TokenHash::of(format!("{} csrf {}", self.brand.server, cookie.expose()).as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(hash.as_bytes())
    }
}

/// The longest path with its query that is redirected to or carried from page to page, in bytes.
pub(crate) const LONGEST_PATH: usize = 8 << 10;

/// Where a browser goes on to once somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Back to what a client asked for: the query of the authorization endpoint.
    Authorize(String),
    /// To the connections.
    Connections,
}

impl Next {
    /// Reads what a form or a query of ours carried.
    pub(crate) fn parse(text: &str) -> Self {
        let query = text.strip_prefix(crate::paths::AUTHORIZE).and_then(|rest| rest.strip_prefix('?'));
        // pages repeat it, so it is no longer than a URL can be here
        let is_query = |query: &&str| query.len() <= LONGEST_PATH && query.bytes().all(|byte| byte.is_ascii_graphic());
        query.filter(is_query).map_or(Self::Connections, |query| Self::Authorize(query.to_owned()))
    }

    /// A path of ours.
    pub(crate) fn path(&self) -> String {
        match self {
            Self::Authorize(query) => format!("{}?{query}", crate::paths::AUTHORIZE),
            Self::Connections => connections::PATH.to_owned(),
        }
    }
}

/// The client as a page shows it.
pub(crate) fn client_view(client: &Client, uri: &RedirectUri) -> ClientView {
    let trust = match client.origin {
        Origin::Configured => ClientTrust::Configured,
        Origin::Document => ClientTrust::Published(client.id.split('/').nth(2).unwrap_or_default().into()),
        Origin::Registered => ClientTrust::Registered,
    };
    ClientView { name: client.name.as_str().into(), place: uri.place().into(), trust }
}
