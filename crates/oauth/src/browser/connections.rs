//! The connections page, on which users see and end the connections of their apps.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_http::net::fair_semaphore::FairPermit;
use tokio::time::timeout;

use super::{BrowserSession, CookieName, Next, page_error::PageError};
use crate::{
    clients::metadata_document,
    pages::{self, Ended, FormAction},
    parameters::Form,
    server::AuthorizationServer,
    store::{Connection, Grant},
};

/// The page with a user's connections.
pub const PATH: &str = "/connections";
/// The endpoint that ends a connection.
pub const END: &str = "/connections/end";

/// How many characters of a client's name a cookie holds.
const NAME_CHARACTERS: usize = 200;
/// How long a page waits for its permit.
const MAX_WAIT: Duration = Duration::from_secs(5);

pub(crate) async fn get(State(server): State<Arc<AuthorizationServer>>, headers: HeaderMap) -> Result<Response, PageError> {
    let Some(browser) = server.browser_session(&headers).await? else {
        return super::sign_in::begin(&Next::Connections, None);
    };
    let Some(cookie) = server.cookie(&headers, CookieName::Ended) else { return show(&server, &browser, None).await };
    let page = show(&server, &browser, Ended::parse(&cookie)).await?;
    Ok((AppendHeaders([server.set_cookie(CookieName::Ended, None)]), page).into_response())
}

/// The page for a user who has just signed in.
pub(crate) async fn first(server: &AuthorizationServer, browser: &BrowserSession) -> Result<Response, PageError> {
    show(server, browser, None).await
}

pub(crate) async fn end(
    State(server): State<Arc<AuthorizationServer>>,
    headers: HeaderMap,
    Form(parameters): Form,
) -> Result<Response, PageError> {
    let browser = server.session_of_form(&headers, &parameters).await?;
    let parameter = |name: &str| parameters.one(name).ok().flatten().unwrap_or_default();
    let (id, is_all) = (parameter("id"), parameter("which") == "all");
    let (permit, connections) = connections(&server, &browser).await?;
    let Some(chosen) = connections.iter().map(|connection| &connection.grant).find(|grant| grant.id == id) else {
        // it has ended already
        drop(permit);
        return again(&server, &browser, None).await;
    };
    let app = AppIdentity::of(chosen, &server);
    let of_app = connections.iter().map(|connection| &connection.grant).filter(|grant| AppIdentity::of(grant, &server) == app);
    let (ends, stays): (Vec<_>, Vec<_>) = of_app.map(|grant| grant.id.as_str()).partition(|other| is_all || *other == id);
    let count = {
        let _permit = server.write_permit(&browser.session.user.id).await?;
        server.store.revoke_all(&ends, &browser.session.user.id, server.clock.timestamp()).await?
    };
    if count > 0 {
        server.tokens.forget_all();
        tracing::info!(connection = id, count, "the user ended connections");
    }
    let ended = (count > 0).then_some((chosen.client_name.as_str(), stays.len()));
    drop(permit);
    again(&server, &browser, ended).await
}

/// The page after a form. A browser that is remembered gets it by another request, so that reloading it does not send the form again.
async fn again(
    server: &AuthorizationServer,
    browser: &BrowserSession,
    ended: Option<(&str, usize)>,
) -> Result<Response, PageError> {
    if !server.remembers_browsers() {
        return show(server, browser, ended.map(|(name, left)| Ended { name: name.into(), left })).await;
    }
    let cookie = server.set_cookie(CookieName::Ended, ended.map(|(name, left)| Ended::cookie(name, left)).as_deref());
    Ok((AppendHeaders([cookie]), Redirect::to(PATH)).into_response())
}

impl Ended {
    /// The value of the cookie that says what was ended.
    fn cookie(client_name: &str, left: usize) -> String {
        let name: String = client_name.chars().take(NAME_CHARACTERS).collect();
        format!("{left}.{}", BASE64_URL_SAFE_NO_PAD.encode(name))
    }

    /// What a cookie says.
    fn parse(cookie: &str) -> Option<Self> {
        let (left, name) = cookie.split_once('.')?;
        let name = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(name).ok()?).ok()?;
        Some(Self { left: left.parse().ok()?, name: name.as_str().into() })
    }
}

/// A user's connections. Their page is the largest of all, so few are made at once; the permit is for the whole of it.
async fn connections(
    server: &AuthorizationServer,
    browser: &BrowserSession,
) -> Result<(FairPermit<String>, Vec<Connection>), PageError> {
    let user = &browser.session.user.id;
    let permit = timeout(MAX_WAIT, server.connection_pages.acquire(user.clone())).await;
    let permit = permit.map_err(|_| PageError::unavailable("Too many of these pages are being made."))?;
    Ok((permit, server.store.connections(Some(user), server.clock.timestamp()).await?))
}

/// Identifies the app that a connection belongs to. The connections of one app have the same value, and can be ended together.
#[derive(Debug, PartialEq, Eq)]
enum AppIdentity<'a> {
    /// The `client_id` of a client that keeps it: one that the operator configured, or the URL of its metadata document.
    Client(&'a str),
    /// The name of a client that registered itself: some apps register again for each connection.
    Name(&'a str),
}

impl<'a> AppIdentity<'a> {
    fn new(client_id: &'a str, client_name: &'a str, is_configured: bool) -> Self {
        let keeps_id = is_configured || metadata_document::is_url(client_id);
        if keeps_id { Self::Client(client_id) } else { Self::Name(client_name) }
    }

    fn of(grant: &'a Grant, server: &AuthorizationServer) -> Self {
        Self::new(&grant.client_id, &grant.client_name, server.clients.configured(&grant.client_id).is_some())
    }
}

async fn show(server: &AuthorizationServer, browser: &BrowserSession, ended: Option<Ended>) -> Result<Response, PageError> {
    let mut apps = Vec::<(Grant, pages::App)>::new();
    let (_permit, connections) = connections(server, browser).await?;
    for Connection { grant, used_at } in connections {
        let connection = pages::Connection {
            id: grant.id.clone(),
            place: grant.redirect_host.as_str().into(),
            since: grant.created_at,
            used: used_at,
            abilities: server.definitions().iter(grant.scopes).map(|(definition, _)| definition.title.clone()).collect(),
        };
        let identity = AppIdentity::of(&grant, server);
        if let Some((_, app)) = apps.iter_mut().find(|(first, _)| AppIdentity::of(first, server) == identity) {
            app.connections.push(connection);
        } else {
            let name = grant.client_name.as_str().into();
            apps.push((grant, pages::App { name, connections: vec![connection] }));
        }
    }
    let page = pages::Connections {
        product: server.brand.product,
        user: browser.session.user.name.as_str().into(),
        organization: browser.session.user.organization.as_str().into(),
        apps: apps.into_iter().map(|(_, app)| app).collect(),
        csrf: server.form_token(browser),
        ended,
    };
    Ok(pages::respond(StatusCode::OK, &page, FormAction::Here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_of_one_app_whatever_others_there_are() {
        let document = "https://app.example/client.json";
        // two of these are of the same app where they have the same last column
        let table = [
            ("registered once", "App", "App"),
            ("registered again", "App", "App"),
            ("another", "Other app", "Other app"),
            (document, "App", document),
            (document, "Renamed app", document),
            ("configured", "App", "configured"),
            ("configured", "Other app", "configured"),
        ];
        let app = |(id, name, _): (&'static str, &'static str, &str)| AppIdentity::new(id, name, id == "configured");
        for one in table {
            for other in table {
                assert_eq!(app(one) == app(other), one.2 == other.2, "{one:?}, {other:?}");
            }
        }
    }
}
