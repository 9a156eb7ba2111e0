//! Back-channel logout: the identity provider signs a user out here (OpenID Connect Back-Channel Logout 1.0, section 2.5).

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
};
use mcp_http::net::client_ip::ClientIp;

use crate::{
    error::OAuthError,
    identity::oidc,
    parameters::Form,
    server::{AuthorizationServer, SignIn},
    store::{Ended, SignedOut},
    write_permits::{Kind, Writer},
};

/// How much longer than the token is valid its use is remembered, since clocks differ.
const CLOCK_SKEW: std::time::Duration = std::time::Duration::from_mins(1);

/// Ends the sessions of a user, or of one session at the provider and, where it is configured, the connections that were approved in
/// them.
pub(crate) async fn post(
    State(server): State<Arc<AuthorizationServer>>,
    Extension(ip): Extension<ClientIp>,
    Form(parameters): Form,
) -> Result<Response, OAuthError> {
    let invalid = |text: String| OAuthError::InvalidRequest(text);
    let SignIn::Oidc(provider, _) = &server.sign_in else { return Err(invalid("there is no identity provider".to_owned())) };
    let token = parameters.one("logout_token")?.ok_or_else(|| invalid("`logout_token` is missing".to_owned()))?;
    let logout = Box::pin(provider.logout(token)).await.map_err(|error| match error {
        oidc::Error::Unavailable(_) => OAuthError::Unavailable(error.to_string(), 30),
        oidc::Error::Invalid(why) => invalid(format!("the logout token is not valid: {why}")),
        error => invalid(error.to_string()),
    })?;
    let _permit = server.writes.acquire(Writer::Stranger(Kind::Logout, ip)).await?;
    let who = match (&logout.session, &logout.user_id) {
        (Some(session), user_id) => SignedOut::Session(session, user_id.as_deref()),
        (None, Some(user_id)) => SignedOut::User(user_id),
        (None, None) => return Err(OAuthError::Broken),
    };
    let token = (logout.hash, logout.expires_at.after(CLOCK_SKEW));
    let ended = server.store.sign_out(token, who, provider.ends_connections_at_logout(), server.clock.timestamp()).await?;
    let Some(Ended { sessions, grants: connections }) = ended else {
        return Err(invalid("the logout token was used before".to_owned()));
    };
    if connections > 0 {
        server.tokens.forget_all();
    }
    tracing::info!(sessions, connections, "the identity provider signed a user out");
    Ok((StatusCode::OK, [(CACHE_CONTROL, "no-store")]).into_response())
}
