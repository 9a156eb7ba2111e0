//! The token endpoint (OAuth 2.1, section 3.2): authorization codes, refresh tokens, client credentials.
//!
//! Invariants: everything is checked before anything is changed; the store consumes what may be used once in one statement;
//! tokens are only in the response and, as hashes, in the store.

use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{
        HeaderMap,
        header::{CACHE_CONTROL, PRAGMA},
    },
    response::{IntoResponse, Response},
};
use mcp_http::{
    clock::Timestamp,
    json::Json,
    net::{client_ip::ClientIp, rate_limit::WrongTokens},
    protected_resource::ResourcePart,
    scope::Scopes,
    token::{PlainToken, RandomFailed, TokenHash, TokenKind},
};
use serde_json::json;

use crate::{
    authorization_request::requested_part,
    clients::client::{Authentication, Client},
    error::OAuthError,
    fetch::FetchBudget,
    parameters::{Form, Parameters},
    server::{AuthorizationServer, GrantError},
    store::{ApiKeySource, Grant, NewTokens, Redemption, Rotation, User},
    write_permits::Writer,
};

/// A response with an access token of a user, and a refresh token unless a client acts for itself.
struct Issued {
    user: String,
    tokens: Vec<TokenHash>,
    response: Response,
}

/// New tokens: in plain text for the client, and hashed for the store.
struct Minted {
    access: PlainToken,
    refresh: PlainToken,
    hashed: NewTokens,
}

pub(crate) async fn post(
    State(server): State<Arc<AuthorizationServer>>,
    Extension(ip): Extension<ClientIp>,
    Extension(tokens): Extension<WrongTokens>,
    headers: HeaderMap,
    Form(parameters): Form,
) -> Result<Response, OAuthError> {
    let client = server.authenticate((&headers, &parameters), FetchBudget::from(ip)).await?;
    let issued = match parameters.one("grant_type")? {
        Some("authorization_code") => redeem(&server, &client, &parameters).await,
        Some("refresh_token") => refresh(&server, &client, &parameters).await,
        Some("client_credentials") => client_credentials(&server, &client, &parameters).await,
        Some(_) => Err(OAuthError::UnsupportedGrantType(
            "`grant_type` must be `authorization_code`, `refresh_token` or `client_credentials`".to_owned(),
        )),
        None => Err(OAuthError::InvalidRequest("`grant_type` is missing".to_owned())),
    }?;
    // others of its network may be sending invalid ones at the moment
    issued.tokens.into_iter().for_each(|token| tokens.known.note(token, &issued.user));
    Ok(issued.response)
}

/// Redeems an authorization code (RFC 6749, section 4.1.3) with PKCE (RFC 7636, section 4.5).
async fn redeem(server: &AuthorizationServer, client: &Client, parameters: &Parameters) -> Result<Issued, OAuthError> {
    let invalid = || {
        OAuthError::InvalidGrant(
            "the code is not valid: it is unknown, expired, used or another client's; sign in again".to_owned(),
        )
    };
    let code = required(parameters, "code")?;
    let verifier = required(parameters, "code_verifier")?;
    let hash = server.parse_token(TokenKind::Code, code).ok_or_else(invalid)?.hash();
    let (code, grant) = server.store.code(hash).await?.ok_or_else(invalid)?;
    if code.client_id != client.id {
        return Err(invalid());
    }
    if parameters.one("redirect_uri")?.is_some_and(|uri| uri != code.redirect_uri) {
        return Err(OAuthError::InvalidGrant("`redirect_uri` is not the one that the code was sent to".to_owned()));
    }
    if !code.challenge.is_met_by(verifier) {
        return Err(OAuthError::InvalidGrant("`code_verifier` does not match the challenge".to_owned()));
    }
    let part = requested_of(server, parameters, &grant)?.ok_or_else(invalid)?;
    let scopes = grant.scopes & server.resource.ceiling(&part);
    let _permit = server.write_permit(&grant.user.id).await?;
    let now = server.clock.timestamp();
    let minted = mint(server, &grant, (scopes, &part), now)?;
    match server.store.redeem(hash, &minted.hashed, now).await? {
        Redemption::Redeemed => {
            tracing::info!(connection = grant.id, client = client.id, scopes = server.definitions().text(scopes), "connected");
            Ok(response(server, &minted, (&grant, &grant.requested_scopes), now))
        }
        Redemption::Replayed => {
            tracing::warn!(connection = grant.id, client = client.id, "a code was used twice; the connection is ended");
            server.tokens.forget_all();
            Err(invalid())
        }
        Redemption::Invalid => Err(invalid()),
    }
}

/// Refreshes the tokens of a grant (RFC 6749, section 6).
async fn refresh(server: &AuthorizationServer, client: &Client, parameters: &Parameters) -> Result<Issued, OAuthError> {
    let hash = server.parse_token(TokenKind::Refresh, required(parameters, "refresh_token")?).ok_or_else(invalid_grant)?.hash();
    // tokens that were issued before the public URL changed are for another resource
    let grant = server.store.refresh(hash).await?.filter(|grant| grant.client_id == client.id).ok_or_else(invalid_grant)?;
    let part = requested_of(server, parameters, &grant)?.ok_or_else(invalid_grant)?;
    let named = requested_scopes(server, parameters)?;
    if named.is_some_and(|named| named.is_empty() || !grant.scopes.covers(named)) {
        return Err(not_granted(server, grant.scopes));
    }
    if server.ends_at(&grant).is_some_and(|end| end <= server.clock.timestamp()) {
        return Err(end_grant(server, &grant, "it is as old as connections may become here; sign in again").await);
    }
    let ceiling = match server.renew(&grant).await {
        Ok(of_user) => of_user,
        Err(GrantError::Unknown(why)) => return Err(OAuthError::Unavailable(why, 10)),
        Err(lost @ GrantError::Outdated(_)) => return Err(unusable(&grant, &lost.to_string())),
        Err(GrantError::Refused(why)) => return Err(unusable(&grant, &format!("{why}; sign in again once that has changed"))),
        Err(GrantError::Ended(why)) => return Err(end_grant(server, &grant, &why).await),
    };
    let possible = grant.scopes & ceiling;
    if possible.is_empty() {
        return Err(unusable(&grant, "none of the allowed scopes can be granted any more; sign in again once that has changed"));
    }
    // a request for scopes that cannot be granted any more fails; the grant keeps its other scopes
    let of_part = possible & server.resource.ceiling(&part);
    let scopes = named.unwrap_or(of_part);
    if scopes.is_empty() || !of_part.covers(scopes) {
        return Err(not_granted(server, of_part));
    }
    let _permit = server.write_permit(&grant.user.id).await?;
    let now = server.clock.timestamp();
    if server.ends_at(&grant).is_some_and(|end| end <= now) {
        return Err(invalid_grant());
    }
    let minted = mint(server, &grant, (scopes, &part), now)?;
    match server.store.rotate(hash, &minted.hashed, now).await? {
        Rotation::Rotated => {
            server.clients.keep(client, &grant.user.id).await;
            let requested = parameters.one("scope")?.unwrap_or(&grant.requested_scopes);
            Ok(response(server, &minted, (&grant, requested), now))
        }
        Rotation::Reused => {
            tracing::warn!(
                connection = grant.id,
                client = client.id,
                "a replaced refresh token was used; the connection is ended"
            );
            server.tokens.forget_all();
            Err(invalid_grant())
        }
        Rotation::Invalid => Err(invalid_grant()),
    }
}

/// What is requested of the part of the resource that a grant is for (RFC 8707, section 2.2); `None` if that is no part any more, as when
/// the public URL changed.
fn requested_of(
    server: &AuthorizationServer,
    parameters: &Parameters,
    grant: &Grant,
) -> Result<Option<ResourcePart>, OAuthError> {
    let Some(part) = server.resource.part(&grant.resource) else { return Ok(None) };
    requested_part(parameters, &server.resource, &part).map(Some).map_err(OAuthError::InvalidTarget)
}

/// The known scopes among those that are requested: none if all are unknown, `None` if no scope is requested.
fn requested_scopes(server: &AuthorizationServer, parameters: &Parameters) -> Result<Option<Scopes>, OAuthError> {
    let names = parameters.one("scope")?.filter(|names| !names.trim().is_empty());
    Ok(names.map(|names| server.definitions().parse(names)))
}

fn not_granted(server: &AuthorizationServer, scopes: Scopes) -> OAuthError {
    OAuthError::InvalidScope(format!("only `{}` can be granted; sign in again for more", server.definitions().text(scopes)))
}

fn invalid_grant() -> OAuthError {
    OAuthError::InvalidGrant("the refresh token is not valid any more; sign in again".to_owned())
}

/// The refusal of a grant that the settings do not allow. It is kept: they may differ at another replica that is reloaded a moment sooner
/// or later, and the operator may change them back.
fn unusable(grant: &Grant, why: &str) -> OAuthError {
    tracing::warn!(connection = grant.id, why, "a connection cannot be used");
    OAuthError::InvalidGrant(why.to_owned())
}

/// Revokes a grant for good, because of its age or because its user has left.
async fn end_grant(server: &AuthorizationServer, grant: &Grant, why: &str) -> OAuthError {
    let revoke = async {
        let _permit = server.write_permit(&grant.user.id).await?;
        Ok::<_, OAuthError>(server.store.revoke(&grant.id, None, server.clock.timestamp()).await?)
    };
    match revoke.await {
        Ok(true) => {
            server.tokens.forget_all();
            tracing::warn!(connection = grant.id, why, "the connection is ended");
            OAuthError::InvalidGrant(format!("the connection is ended: {why}"))
        }
        // it was revoked before, and that has been reported already
        Ok(false) => invalid_grant(),
        Err(error) => error,
    }
}

/// The client credentials grant (RFC 6749, section 4.4), for clients for which the operator configured it and that
/// authenticate.
async fn client_credentials(
    server: &AuthorizationServer,
    client: &Client,
    parameters: &Parameters,
) -> Result<Issued, OAuthError> {
    let proven = matches!(client.authentication, Authentication::PrivateKeyJwt(_));
    let own = client.client_credentials.as_ref().filter(|_| proven);
    let own = own.ok_or_else(|| {
        OAuthError::UnauthorizedClient("this client may not use `client_credentials`; the operator can allow it".to_owned())
    })?;
    let part = requested_part(parameters, &server.resource, &ResourcePart::default()).map_err(OAuthError::InvalidTarget)?;
    let ceiling = own.scopes & server.ceiling() & server.resource.ceiling(&part);
    let scopes = match requested_scopes(server, parameters)? {
        Some(requested) if requested.is_empty() || !ceiling.covers(requested) => {
            return Err(OAuthError::InvalidScope(format!("request at most `{}`", server.definitions().text(ceiling))));
        }
        Some(requested) => requested,
        None => ceiling,
    };
    let name = || client.name.clone();
    let user = User {
        id: format!("client:{}", client.id),
        name: name(),
        email: None,
        groups: Vec::new(),
        outside: None,
        organization: String::new(),
    };
    let _permit = server.writes.acquire(Writer::Client(client.id.clone())).await?;
    let now = server.clock.timestamp();
    let scope_names = server.definitions().told(scopes, parameters.one("scope")?.unwrap_or_default());
    let grant = Grant {
        id: server.random.id()?,
        user,
        key_source: ApiKeySource::Client,
        client_id: client.id.clone(),
        client_name: name(),
        redirect_uri: String::new(),
        redirect_host: String::new(),
        scopes,
        requested_scopes: String::new(),
        resource: server.resource.id.clone(),
        provider_session: None,
        created_at: now,
    };
    let access = server.new_token(TokenKind::Access)?;
    let resource = server.resource.url(&part);
    server.store.open_for_client(&grant, access.hash(), &resource, now.after(server.access_ttl)).await?;
    let response = no_store(Json(json!({
        "access_token": access.expose(),
        "token_type": "Bearer",
        "expires_in": server.access_ttl.as_secs(),
        "scope": scope_names,
    })));
    Ok(Issued { user: grant.user.id, tokens: vec![access.hash()], response })
}

/// Tokens for a grant, which expire with it.
fn mint(
    server: &AuthorizationServer,
    grant: &Grant,
    (scopes, part): (Scopes, &ResourcePart),
    now: Timestamp,
) -> Result<Minted, RandomFailed> {
    let end = server.ends_at(grant);
    let within = |at: Timestamp| end.map_or(at, |end| at.min(end));
    let access = server.new_token(TokenKind::Access)?;
    let refresh = server.new_token(TokenKind::Refresh)?;
    let hashed = NewTokens {
        access: access.hash(),
        access_expires_at: within(now.after(server.access_ttl)),
        scopes,
        resource: server.resource.url(part),
        refresh: refresh.hash(),
        refresh_expires_at: within(now.after(server.refresh_ttl)),
    };
    Ok(Minted { access, refresh, hashed })
}

/// The token response (RFC 6749, section 5.1).
fn response(server: &AuthorizationServer, minted: &Minted, (grant, requested): (&Grant, &str), now: Timestamp) -> Issued {
    let response = no_store(Json(json!({
        "access_token": minted.access.expose(),
        "token_type": "Bearer",
        "expires_in": minted.hashed.access_expires_at.0 - now.0,
        "refresh_token": minted.refresh.expose(),
        "scope": server.definitions().told(minted.hashed.scopes, requested),
    })));
    Issued { user: grant.user.id.clone(), tokens: vec![minted.access.hash(), minted.refresh.hash()], response }
}

fn no_store(body: impl IntoResponse) -> Response {
    ([(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")], body).into_response()
}

fn required<'a>(parameters: &'a Parameters, name: &str) -> Result<&'a str, OAuthError> {
    parameters.one(name)?.ok_or_else(|| OAuthError::InvalidRequest(format!("`{name}` is missing")))
}
