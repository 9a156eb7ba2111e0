//! Token revocation (RFC 7009).

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use mcp_http::{net::client_ip::ClientIp, token::TokenKind};

use crate::{error::OAuthError, fetch::FetchBudget, parameters::Form, server::AuthorizationServer};

/// Revokes a token. A refresh token revokes the whole grant, an access token only itself. The response is the same if the token
/// is unknown or another client's (section 2.2).
pub(crate) async fn post(
    State(server): State<Arc<AuthorizationServer>>,
    Extension(ip): Extension<ClientIp>,
    headers: HeaderMap,
    Form(parameters): Form,
) -> Result<Response, OAuthError> {
    let client = server.authenticate((&headers, &parameters), FetchBudget::from(ip)).await?;
    let token = parameters.one("token")?.ok_or_else(|| OAuthError::InvalidRequest("`token` is missing".to_owned()))?;
    let mut is_revoked = false;
    if let Some(token) = server.parse_token(TokenKind::Refresh, token) {
        let grant = server.store.refresh(token.hash()).await?.filter(|grant| grant.client_id == client.id);
        if let Some(grant) = grant {
            let _permit = server.write_permit(&grant.user.id).await?;
            is_revoked = server.store.revoke(&grant.id, None, server.clock.timestamp()).await?;
            tracing::info!(connection = grant.id, "the client ended the connection");
        }
    } else if let Some(token) = server.parse_token(TokenKind::Access, token) {
        let known = server.store.access(token.hash(), server.clock.timestamp()).await?;
        if let Some(known) = known.filter(|known| known.grant.client_id == client.id) {
            let _permit = server.write_permit(&known.grant.user.id).await?;
            is_revoked = server.store.revoke_access(token.hash(), &client.id).await?;
        }
    }
    if is_revoked {
        server.tokens.forget_all();
    }
    Ok(StatusCode::OK.into_response())
}
