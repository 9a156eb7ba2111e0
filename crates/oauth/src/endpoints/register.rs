//! Dynamic client registration (RFC 7591). Everybody may register, so registrations are rate-limited, deduplicated, and deleted
//! unless a user approves them.
//!
//! The `client_id` follows from the metadata, so that the same metadata gets the same one again, even after it was deleted. That is safe,
//! since nothing but the metadata belongs to an ID: no secret is ever issued, the keys of a client that authenticates are part of its
//! metadata, and codes are sent to the redirect URIs in it.
//!
//! Invariant: between two cleanups, at most as many clients are registered as [`Rates`] allows everybody together.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::{Request, State},
    http::{StatusCode, header::CACHE_CONTROL},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_http::{
    json::Json,
    net::{
        body,
        client_ip::ClientIp,
        rate_limit::{Rates, TooManyNewClients},
    },
    token::TokenHash,
};

use crate::{
    clients::client_metadata::{self, Metadata},
    error::OAuthError,
    server::AuthorizationServer,
    store::{Registration, UNUSED_REGISTRATION},
    write_permits::{Kind, Writer},
};

/// A registration that is still stored for this long is not extended when it is repeated, so that nothing is written.
const FRESH: Duration = Duration::from_hours(23);
/// The maximum number of registrations without a grant after a cleanup: of those that no user has approved, and of those that one has.
pub const MAX_UNUSED: u32 = 10_000;
/// The maximum length of a registration, in bytes.
const MAX_BYTES: usize = 16 << 10;

pub(crate) async fn post(
    State(server): State<Arc<AuthorizationServer>>,
    Extension(rates): Extension<Rates>,
    Extension(ip): Extension<ClientIp>,
    request: Request,
) -> Result<Response, OAuthError> {
    let invalid = |text: String| OAuthError::InvalidClientMetadata(text);
    let body = body::read(request.into_body(), MAX_BYTES).await;
    let body = body.ok_or_else(|| invalid(format!("a registration has at most {} KiB", MAX_BYTES >> 10)))?;
    let metadata = Metadata::parse(&body)?;
    let digest = metadata.digest();
    let known = server.store.registration_of(digest).await?;
    let registration = match known {
        Some(known) if is_fresh(&server, &known) => known,
        // One that is extended comes after the others when too many are removed, like a new one. Above the limit it stays as it is.
        Some(known) if rates.admit_new_client(ip).is_err() => known,
        Some(_) => write(&server, &metadata, (digest, ip)).await?,
        None => {
            rates.admit_new_client(ip).map_err(|refused| too_many(&rates, ip, refused))?;
            write(&server, &metadata, (digest, ip)).await?
        }
    };
    let response = metadata.response(&registration.id, registration.created_at);
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], Json(response)).into_response())
}

/// The error for a client beyond the limits of new ones.
fn too_many(rates: &Rates, ip: ClientIp, refused: TooManyNewClients) -> OAuthError {
    let (place, seconds) = match refused {
        TooManyNewClients::OfCustomer(seconds) => ("from your network", seconds),
        TooManyNewClients::OfProvider(seconds) => ("from your provider", seconds),
        TooManyNewClients::OfAll(seconds) => ("here", seconds),
    };
    if let Some(count) = rates.new_clients_rejected.note() {
        tracing::warn!(count, ip = %ip.0, "too many new clients register {place}");
    }
    OAuthError::TooMany(format!("too many new clients register {place}; try again in {seconds} s"), seconds)
}

/// Whether a registration is stored for long enough to need no extension.
fn is_fresh(server: &AuthorizationServer, known: &Registration) -> bool {
    known.expires_at >= server.clock.timestamp().after(FRESH)
}

/// Stores a registration, or extends it.
async fn write(
    server: &AuthorizationServer,
    metadata: &Metadata,
    (digest, ip): (TokenHash, ClientIp),
) -> Result<Registration, OAuthError> {
    let _permit = server.writes.acquire(Writer::Stranger(Kind::Registration, ip)).await?;
    // another request may have written it while this one waited
    if let Some(known) = server.store.registration_of(digest).await?.filter(|known| is_fresh(server, known)) {
        return Ok(known);
    }
    let now = server.clock.timestamp();
    let new = Registration {
        id: client_id(digest),
        digest,
        metadata: metadata.to_json(),
        created_at: now,
        expires_at: now.after(UNUSED_REGISTRATION),
    };
    let registration = server.store.register(&new).await?;
    if registration.created_at == now {
        tracing::info!(client = registration.id, "a client registered");
    }
    Ok(registration)
}

/// The `client_id` of metadata with this digest.
fn client_id(digest: TokenHash) -> String {
    let hash = TokenHash::of(&[b"client_id ".as_slice(), digest.as_bytes()].concat());
    BASE64_URL_SAFE_NO_PAD.encode(hash.as_bytes().get(..16).unwrap_or_default())
}

impl From<client_metadata::Error> for OAuthError {
    fn from(error: client_metadata::Error) -> Self {
        match error {
            client_metadata::Error::RedirectUri(text) => Self::InvalidRedirectUri(text),
            client_metadata::Error::Metadata(text) => Self::InvalidClientMetadata(text),
        }
    }
}
