//! The connections page: which assistants may act for a person, and ending that.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{Next, Visitor, failure::Failure};
use crate::{
    oauth::{parameters::Form, server::AuthorizationServer},
    pages::{self, FormAction},
    store,
};

/// Where people see their connections.
pub const PATH: &str = "/connections";
/// Where they end one.
pub const END: &str = "/connections/end";

pub(crate) async fn get(State(server): State<Arc<AuthorizationServer>>, headers: HeaderMap) -> Result<Response, Failure> {
    match server.visitor(&headers).await? {
        Some(visitor) => show(&server, &visitor, None).await,
        None => Ok(super::sign_in::begin(&Next::Connections)),
    }
}

pub(crate) async fn end(
    State(server): State<Arc<AuthorizationServer>>,
    headers: HeaderMap,
    Form(parameters): Form,
) -> Result<Response, Failure> {
    let visitor = server.visitor(&headers).await?.ok_or_else(Failure::foreign_form)?;
    if !server.is_ours(&headers, &parameters, &visitor.cookie) {
        return Err(Failure::foreign_form());
    }
    let id = parameters.one("id").ok().flatten().unwrap_or_default();
    let known = connections(&server, &visitor).await?.into_iter().find(|connection| connection.grant.id == id);
    let is_ended = server.store.revoke(id, Some(&visitor.session.person.id), server.clock.timestamp()).await?;
    if is_ended {
        server.tokens.forget_all();
        tracing::info!(connection = id, "the person ended the connection");
    }
    let ended = known.filter(|_| is_ended).map(|connection| connection.grant.client_name);
    show(&server, &visitor, ended).await
}

async fn connections(server: &AuthorizationServer, visitor: &Visitor) -> store::Result<Vec<store::Connection>> {
    server.store.connections(Some(&visitor.session.person.id), server.clock.timestamp()).await
}

async fn show(server: &AuthorizationServer, visitor: &Visitor, ended: Option<String>) -> Result<Response, Failure> {
    let connections = connections(server, visitor).await?;
    let shown = connections.into_iter().map(|connection| pages::Connection {
        id: connection.grant.id,
        name: connection.grant.client_name.into(),
        host: connection.grant.redirect_host.into(),
        since: connection.grant.created_at,
        used: connection.used_at,
        scopes: connection.grant.scopes,
    });
    let page = pages::Connections {
        person: visitor.session.person.name.as_str().into(),
        organization: visitor.session.person.organization.as_str().into(),
        connections: shown.collect(),
        csrf: visitor.csrf(),
        ended: ended.map(Into::into),
    };
    Ok(pages::respond(StatusCode::OK, &page, FormAction::Here))
}
