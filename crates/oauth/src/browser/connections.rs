//! The connections page, on which users see and end the connections of their apps.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use mcp_http::net::fair_semaphore::FairPermit;
use tokio::time::timeout;

use super::{BrowserSession, Next, page_error::PageError};
use crate::{
    pages::{self, FormAction},
    parameters::Form,
    server::AuthorizationServer,
    store::{Connection, Grant},
};

/// The page with a user's connections.
pub const PATH: &str = "/connections";
/// The endpoint that ends a connection.
pub const END: &str = "/connections/end";

/// How long a page waits for its permit.
const MAX_WAIT: Duration = Duration::from_secs(5);

pub(crate) async fn get(State(server): State<Arc<AuthorizationServer>>, headers: HeaderMap) -> Result<Response, PageError> {
    match server.browser_session(&headers).await? {
        Some(browser) => show(&server, &browser, None).await,
        None => super::sign_in::begin(&Next::Connections, None),
    }
}

pub(crate) async fn end(
    State(server): State<Arc<AuthorizationServer>>,
    headers: HeaderMap,
    Form(parameters): Form,
) -> Result<Response, PageError> {
    let browser = server.session_of_form(&headers, &parameters).await?;
    let parameter = |name: &str| parameters.one(name).ok().flatten().unwrap_or_default();
    let (id, is_all) = (parameter("id"), parameter("which") == "all");
    let (_, connections) = connections(&server, &browser).await?;
    let Some(chosen) = connections.iter().map(|connection| &connection.grant).find(|grant| grant.id == id) else {
        // it has ended already
        return show(&server, &browser, None).await;
    };
    let of_app = connections.iter().map(|connection| &connection.grant).filter(|grant| is_same_app(grant, chosen));
    let (ends, stays): (Vec<_>, Vec<_>) = of_app.map(|grant| grant.id.as_str()).partition(|other| is_all || *other == id);
    let count = {
        let _permit = server.write_permit(&browser.session.user.id).await?;
        server.store.revoke_all(&ends, &browser.session.user.id, server.clock.timestamp()).await?
    };
    if count > 0 {
        server.tokens.forget_all();
        tracing::info!(connection = id, count, "the user ended connections");
    }
    let ended = pages::Ended { left: stays.len(), name: chosen.client_name.as_str().into() };
    show(&server, &browser, Some(ended).filter(|_| count > 0)).await
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

/// Some apps register again for each connection, so the name is compared too.
fn is_same_app(one: &Grant, other: &Grant) -> bool {
    one.client_id == other.client_id || one.client_name == other.client_name
}

async fn show(
    server: &AuthorizationServer,
    browser: &BrowserSession,
    ended: Option<pages::Ended>,
) -> Result<Response, PageError> {
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
        if let Some((_, app)) = apps.iter_mut().find(|(first, _)| is_same_app(first, &grant)) {
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
        csrf: server.csrf(&browser.cookie),
        ended,
    };
    Ok(pages::respond(StatusCode::OK, &page, FormAction::Here))
}
