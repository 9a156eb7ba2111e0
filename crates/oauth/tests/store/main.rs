//! The contract of a store, for SQLite and for PostgreSQL.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on should say so and stop"
)]

use mcp_http::{clock::Timestamp, scope::Scopes, token::TokenHash};
use mcp_oauth_server::{
    keyring::EncryptedKey,
    pkce::CodeChallenge,
    store::{ApiKeySource, Approval, Code, ConsentKey, Error, Grant, NewTokens, Redemption, Rotation, Session, Store, User},
};

use crate::{
    place::{Place, contract},
    support::rights::scopes,
};

mod connections;
mod place;
mod postgresql;
mod registrations;
mod replicas;
mod single_use;
mod sqlite;
mod support;
mod use_cases;

/// When the tests take place.
const NOW: Timestamp = Timestamp(1_800_000_000);

/// That many seconds later, or before.
fn at(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds)
}

fn hash(name: &str) -> TokenHash {
    TokenHash::of(name.as_bytes())
}

fn user(name: &str) -> User {
    User {
        id: format!("https://id.example {name}"),
        name: name.to_owned(),
        email: Some(format!("{name}@example.com")),
        groups: vec!["it".to_owned(), "g\u{0}\"é".to_owned()],
        outside: Some(vec![7]),
        organization: "Example".to_owned(),
    }
}

/// A session of a user for a minute, with this name.
fn session(name: &str, who: &str) -> Session {
    Session { hash: hash(name), user: user(who), encrypted: None, provider_session: None, opened_at: NOW, expires_at: at(60) }
}

/// A grant of this id, of a user to a client.
fn grant(id: &str, who: &str, client_id: &str) -> Grant {
    Grant {
        id: id.to_owned(),
        user: user(who),
        key_source: ApiKeySource::User(EncryptedKey::from_bytes(vec![0, 1, 255])),
        client_id: client_id.to_owned(),
        client_name: "An assistant".to_owned(),
        redirect_uri: "https://claude.ai/api/mcp/auth_callback".to_owned(),
        redirect_host: "claude.ai".to_owned(),
        scopes: scopes("api:write"),
        requested_scopes: "api:write".to_owned(),
        resource: "https://mcp.example/mcp".to_owned(),
        provider_session: None,
        created_at: NOW,
    }
}

/// What a user consented to with such a grant.
async fn consent(store: &dyn Store, who: &str, client_id: &str) -> Option<Scopes> {
    consent_of(store, &user(who), client_id).await
}

async fn consent_of(store: &dyn Store, user: &User, client_id: &str) -> Option<Scopes> {
    let Grant { redirect_uri, resource, .. } = grant("", "ann", client_id);
    let key = ConsentKey { user_id: &user.id, client_id, redirect_uri: &redirect_uri, resource: &resource };
    store.consent(key).await.expect("the store answers")
}

/// The code of a grant; its hash is that of the grant's id. It counts for a minute.
fn code(grant: &Grant) -> Code {
    Code {
        hash: hash(&grant.id),
        grant_id: grant.id.clone(),
        client_id: grant.client_id.clone(),
        redirect_uri: "https://claude.ai/api/mcp/auth_callback".to_owned(),
        challenge: CodeChallenge::from_bytes([7; 32]),
        expires_at: grant.created_at.after(std::time::Duration::from_mins(1)),
    }
}

/// Tokens whose hashes are those of `NAME access` and `NAME refresh`; they count for an hour and for a day.
fn issue(name: &str, now: Timestamp) -> NewTokens {
    NewTokens {
        access: hash(&format!("{name} access")),
        access_expires_at: now.after(std::time::Duration::from_hours(1)),
        scopes: scopes("api:read"),
        resource: "https://mcp.example/mcp".to_owned(),
        refresh: hash(&format!("{name} refresh")),
        refresh_expires_at: now.after(std::time::Duration::from_hours(24)),
    }
}

fn refresh(name: &str) -> TokenHash {
    hash(&format!("{name} refresh"))
}

fn access(name: &str) -> TokenHash {
    hash(&format!("{name} access"))
}

/// Whether the access token of this name counts.
async fn counts(store: &dyn Store, name: &str, now: Timestamp) -> bool {
    store.access(access(name), now).await.expect("the store answers").is_some()
}

/// Opens the session in which this user approves grants.
async fn sign_in(store: &dyn Store, user: &User) -> TokenHash {
    let session = Session { user: user.clone(), expires_at: Timestamp(i64::MAX), ..session("approves", "ann") };
    store.open_session(&session).await.expect("the store answers");
    session.hash
}

/// Approves a grant in a session of its own, which is closed again.
async fn approve_with(
    store: &dyn Store,
    grant: &Grant,
    code: &Code,
    client_expires_at: Option<Timestamp>,
) -> Result<Approval, Error> {
    let session = sign_in(store, &grant.user).await;
    let approval = store.approve(grant, code, session, client_expires_at).await;
    store.close_session(session).await.expect("the store answers");
    approval
}

async fn approve(store: &dyn Store, grant: &Grant) {
    assert_eq!(approve_with(store, grant, &code(grant), None).await.expect("the store answers"), Approval::Stored);
}

/// A grant with its first tokens, which have its name.
async fn connect(store: &dyn Store, id: &str, who: &str, client_id: &str) -> Grant {
    let grant = grant(id, who, client_id);
    approve(store, &grant).await;
    let redemption = store.redeem(hash(id), &issue(id, NOW), NOW).await.expect("the store answers");
    assert_eq!(redemption, Redemption::Redeemed);
    grant
}

async fn rotate(store: &dyn Store, old: &str, new: &str, now: Timestamp) -> Rotation {
    store.rotate(refresh(old), &issue(new, now), now).await.expect("the store answers")
}

/// The value of a store's result.
async fn ok<T, E: std::fmt::Debug>(result: impl Future<Output = Result<T, E>>) -> T {
    result.await.expect("the store answers")
}
