//! The data that outlives a request: grants, tokens, browser sessions, registered clients.
//!
//! [`Store`] is one trait whose methods are whole use cases, so no transaction stays open between calls. It has one
//! implementation for each database. Only this module contains SQL.
//!
//! Invariants:
//! - Tokens and codes are stored as hashes, and the API's keys are encrypted: a copy of the database gives access to nothing.
//! - What can be used once is consumed by one guarded statement, so neither two replicas nor two requests can both consume it.
//! - Data is durable before the response is sent: a write has reached the disk before its method returns.
//! - A revoked grant never becomes valid again.

use std::{collections::BTreeSet, fmt, path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use mcp_http::{
    clock::Timestamp,
    keyed_calls::{CallState, EarlierCall, KeyedCall},
    scope::{ScopeDefinitions, Scopes},
    secret::Secret,
    token::TokenHash,
};
use serde::{Deserialize, Serialize};

use crate::{keyring::EncryptedKey, pkce::CodeChallenge};

mod breaker;
mod dialect;
mod existing;
mod postgres;
mod results;
mod row;
mod sql;
mod sqlite;

pub use existing::{inspect, open_existing};
pub use results::{Approval, Redemption, Rotation};

/// The maximum number of connections of one user. A further one ends the one that was unused for the longest time.
pub const CONNECTIONS_OF_USER: i64 = 200;
/// The maximum number of connections of one user with the same client, redirect URI and resource, such as those of an app on several
/// machines. A further one ends the one that was unused for the longest time.
pub const CONNECTIONS_OF_APP: i64 = 10;
/// The maximum number of browser sessions of one user. A further one ends the oldest.
pub const SESSIONS_OF_USER: i64 = 50;

/// How long a registration is stored that no user has approved.
pub const UNUSED_REGISTRATION: Duration = Duration::from_hours(24);
/// How long a registration is stored since a user approved it, whether or not it is used: clients store their ID, and many never register
/// again. Their number is bounded instead, see [`Store::clean`].
pub const APPROVED_REGISTRATION: Duration = Duration::from_hours(24 * 3650);

/// The database in which grants and tokens are stored.
#[derive(Clone, Debug)]
pub enum StoreAt {
    /// A SQLite database in this file.
    Sqlite(PathBuf),
    /// The PostgreSQL database at this URL, which contains the password.
    Postgres(Secret),
}

impl fmt::Display for StoreAt {
    /// Names the database, without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "the SQLite file `{}`", path.display()),
            Self::Postgres(url) => f.write_str(&postgres::place(url.expose())),
        }
    }
}

/// A user who has signed in, with the data that is known about them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Identifies the user; it stays the same whenever the same user signs in the same way.
    pub id: String,
    /// The display name.
    pub name: String,
    /// The e-mail address, if the identity provider has verified it.
    pub email: Option<String>,
    /// The groups that the identity provider reported; only those that an access rule names are stored.
    pub groups: Vec<String>,
    /// Set if the list of groups is incomplete: fingerprints of the groups that rules name and the user is not in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<Vec<u32>>,
    /// The organization, as the API names it.
    pub organization: String,
}

/// Where the API keys of a grant come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiKeySource {
    /// The user signed in with keys. They are encrypted for this row only.
    User(EncryptedKey),
    /// The access rules choose the key for the user.
    Identity,
    /// The configuration assigns the key to the client.
    Client,
}

/// A browser in which a user is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The hash of the cookie.
    pub hash: TokenHash,
    /// The user who signed in.
    pub user: User,
    /// The user's keys, encrypted for this session, if they signed in with keys.
    pub encrypted: Option<EncryptedKey>,
    /// The session at the identity provider in which the user signed in, if it named one.
    pub provider_session: Option<String>,
    /// When the user signed in.
    pub opened_at: Timestamp,
    /// When the user has to sign in again.
    pub expires_at: Timestamp,
}

/// A client that registered itself (RFC 7591).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Its `client_id`.
    pub id: String,
    /// The hash of the registered metadata; the same metadata results in the same registration.
    pub digest: TokenHash,
    /// The registered metadata, as JSON.
    pub metadata: String,
    /// When the client first registered.
    pub created_at: Timestamp,
    /// When the registration is deleted, unless a grant uses it.
    pub expires_at: Timestamp,
}

/// What a user has allowed a client: a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The identifier in lists and logs.
    pub id: String,
    /// The user who approved it.
    pub user: User,
    /// Where the API keys for its calls come from.
    pub key_source: ApiKeySource,
    /// The `client_id`.
    pub client_id: String,
    /// The name in the client's metadata.
    pub client_name: String,
    /// The redirect URI, without the port of a loopback host; empty for the grant of a client that acts on its own behalf.
    pub redirect_uri: String,
    /// Where codes are sent: the redirect URI's host, or the name of a program.
    pub redirect_host: String,
    /// The approved scopes.
    pub scopes: Scopes,
    /// The names of scopes that the client requested, which decide how it is told of the approved ones ([`ScopeDefinitions::told`]).
    pub requested_scopes: String,
    /// The URL of the resource, or of the part of it, that its tokens are for (RFC 8707).
    pub resource: String,
    /// The session at the identity provider in which the user approved it.
    pub provider_session: Option<String>,
    /// When it was approved.
    pub created_at: Timestamp,
}

/// What a user consented to: a client that gets its codes at one redirect URI, for one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsentKey<'a> {
    /// The user's ID.
    pub user_id: &'a str,
    /// The `client_id`.
    pub client_id: &'a str,
    /// The redirect URI, without the port of a loopback host.
    pub redirect_uri: &'a str,
    /// The URL of the resource, or of the part of it.
    pub resource: &'a str,
}

/// Whom the identity provider signs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedOut<'a> {
    /// The user with this ID, in every browser.
    User(&'a str),
    /// The user of one session at the provider. With the user's ID, also where it is not known in which session they signed in.
    Session(&'a str, Option<&'a str>),
}

/// What a sign-out at the identity provider has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// How many sessions.
    pub sessions: u64,
    /// How many grants.
    pub grants: u64,
}

/// An authorization code (RFC 6749, section 4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// The code's hash.
    pub hash: TokenHash,
    /// The grant that the code belongs to.
    pub grant_id: String,
    /// The `client_id` of the client that may redeem it.
    pub client_id: String,
    /// The redirect URI of the authorization request, byte for byte.
    pub redirect_uri: String,
    /// The PKCE code challenge (RFC 7636).
    pub challenge: CodeChallenge,
    /// When the code expires.
    pub expires_at: Timestamp,
}

/// New tokens for a grant.
#[derive(Clone, Debug)]
pub struct NewTokens {
    /// The access token's hash.
    pub access: TokenHash,
    /// When the access token expires.
    pub access_expires_at: Timestamp,
    /// The scopes of the access token.
    pub scopes: Scopes,
    /// The resource that the access token is for: that of the grant, or a part of it.
    pub resource: String,
    /// The refresh token's hash.
    pub refresh: TokenHash,
    /// When the refresh token expires.
    pub refresh_expires_at: Timestamp,
}

/// A valid access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// The grant that the token belongs to.
    pub grant: Grant,
    /// The token's scopes, never more than those of the grant.
    pub scopes: Scopes,
    /// The resource that it is for.
    pub resource: String,
    /// When the token expires.
    pub expires_at: Timestamp,
}

/// A grant as its user sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The grant itself.
    pub grant: Grant,
    /// When the client last called a tool or received a token, accurate to about a minute.
    pub used_at: Option<Timestamp>,
}

/// Why an operation of the store failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be opened as configured.
    #[error("the store cannot be opened: {0}")]
    Open(String),
    /// No server has stored anything at this place.
    #[error(
        "there is no store: {0}; run this command with the configuration of the server, its variables included, or start the \
         server, which makes its store"
    )]
    Missing(String),
    /// The database does not respond, or not in time; a retry may succeed.
    #[error("the store does not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database cannot write: the disk is full, or the file or database is read-only.
    #[error("the store cannot write: its disk is full or it is read-only")]
    Unwritable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A row contains a value that this program never writes.
    #[error("the store is damaged: `{column}` of a row in `{table}` is not what this program writes")]
    Damaged {
        /// The row's table.
        table: &'static str,
        /// The row's column.
        column: &'static str,
    },
    /// The database reported an unexpected error.
    #[error("the store failed in a way that this program does not expect")]
    Unexpected(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The result of a method of the store.
pub type Result<T> = std::result::Result<T, Error>;

/// How long a refresh token stays valid after it was replaced, unless its successor is used first: a client that never received
/// the response, or two processes of one client, retry within this time.
pub const REFRESH_GRACE: Duration = Duration::from_mins(1);

/// Opens the store and runs the missing migrations. `scopes` defines the scopes that rows contain by name.
///
/// # Errors
/// [`Error::Open`], whose text contains the next step.
pub async fn open(at: &StoreAt, scopes: ScopeDefinitions) -> Result<Arc<dyn Store>> {
    match at {
        StoreAt::Sqlite(path) => Ok(Arc::new(sqlite::open(path, scopes).await?)),
        StoreAt::Postgres(url) => Ok(Arc::new(postgres::open(url.expose(), scopes).await?)),
    }
}

/// A store. `now` is always the caller's clock.
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// Checks that the database responds.
    async fn check(&self) -> Result<()>;

    /// Deletes invalid rows: expired sessions, codes, tokens and registrations; grants that were never used, or were revoked or
    /// expired more than thirty days ago; consents without a grant. Of the registered clients without a grant it keeps at most
    /// `most_unused` that no user has approved, those that registered last, and as many that one has, those that were approved last. Rows are deleted in small batches, and a table that fails does not prevent the
    /// cleanup of the others. Returns the number of deleted rows, or the first failure.
    async fn clean(&self, now: Timestamp, most_unused: u32) -> Result<u64>;

    /// Records that the replica `id` runs. Returns how many were recorded within `lifetime`, this one included, and forgets the
    /// others. The clock of the database counts, since those of the replicas may differ.
    async fn heartbeat(&self, id: &str, lifetime: Duration) -> Result<u32>;

    /// Forgets a replica that stops.
    async fn leave(&self, id: &str) -> Result<()>;

    /// Returns the value that is stored under `name`.
    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>>;

    /// Stores a value under `name`, unless one is stored already, and returns the stored one.
    async fn get_or_insert(&self, name: &str, value: &[u8]) -> Result<Vec<u8>>;

    /// Replaces a stored value, unless it is no longer `old`.
    async fn compare_and_swap(&self, name: &str, old: &[u8], new: &[u8]) -> Result<()>;

    /// Consumes something that may be used once before `expires_at`. Returns whether this was the first use.
    async fn consume_once(&self, hash: TokenHash, expires_at: Timestamp) -> Result<bool>;

    /// Returns what is known of the call with this key, if it has not expired.
    async fn keyed_call(&self, key: TokenHash, now: Timestamp) -> Result<Option<EarlierCall<EncryptedKey>>>;

    /// Claims the key of a call, and makes room for it
    /// ([`CALLS_OF_USER`](mcp_http::keyed_calls::CALLS_OF_USER)). Returns whether it had no call that has not expired.
    async fn claim_call(&self, call: &KeyedCall) -> Result<bool>;

    /// Stores what became of a running call; `None` deletes it.
    async fn settle_call(&self, call: &KeyedCall, state: Option<CallState<EncryptedKey>>) -> Result<()>;

    /// Returns the registration of metadata with this digest, if it still exists.
    async fn registration_of(&self, digest: TokenHash) -> Result<Option<Registration>>;

    /// Registers a client. If the same metadata is already registered, returns that registration, with the later expiry.
    async fn register(&self, registration: &Registration) -> Result<Registration>;

    /// Returns a registered client if it is valid: it has not expired, or it has a valid grant.
    async fn registration(&self, client_id: &str, now: Timestamp) -> Result<Option<Registration>>;

    /// Stores a session.
    async fn open_session(&self, session: &Session) -> Result<()>;

    /// Returns a session if it has not expired.
    async fn session(&self, hash: TokenHash, now: Timestamp) -> Result<Option<Session>>;

    /// Deletes a session.
    async fn close_session(&self, hash: TokenHash) -> Result<()>;

    /// Returns the scopes that a user has allowed before.
    async fn consent(&self, key: ConsentKey<'_>) -> Result<Option<Scopes>>;

    /// Returns whether a user has consented to anything of a client at a redirect URI, without the port of a loopback host.
    async fn has_consented(&self, user_id: &str, client_id: &str, redirect_uri: &str) -> Result<bool>;

    /// Stores a grant that a user approved in a session, its code, and the consent, and makes room for it ([`CONNECTIONS_OF_USER`],
    /// [`CONNECTIONS_OF_APP`]). The registration of a client that registered itself is extended to `client_expires_at` at least.
    async fn approve(
        &self,
        grant: &Grant,
        code: &Code,
        session: TokenHash,
        client_expires_at: Option<Timestamp>,
    ) -> Result<Approval>;

    /// Returns a code, redeemed or not, and its grant.
    async fn code(&self, hash: TokenHash) -> Result<Option<(Code, Grant)>>;

    /// Redeems a code for the first tokens of its grant, once; only then is the grant a connection. A second attempt revokes
    /// the grant, even if the code has expired, as long as it is still stored.
    async fn redeem(&self, hash: TokenHash, issue: &NewTokens, now: Timestamp) -> Result<Redemption>;

    /// Returns the grant of a refresh token, whether or not the token is still valid.
    async fn refresh(&self, hash: TokenHash) -> Result<Option<Grant>>;

    /// Replaces a refresh token. The tokens of a grant have generations. A token of the current generation starts the next one.
    /// A token of the previous generation yields another token of the current one, for [`REFRESH_GRACE`] from the first use of
    /// its generation and until a token of the current generation is used. Any other token that has not expired is reuse, and revokes the grant.
    /// Access tokens of the current and the previous generation are valid until they expire, older ones are not. Of each kind
    /// the newest 1,000 tokens are stored; deleted ones are invalid.
    async fn rotate(&self, hash: TokenHash, issue: &NewTokens, now: Timestamp) -> Result<Rotation>;

    /// Creates the grant of a client that acts on its own behalf, or reuses the existing one, and stores an access token for it
    /// (RFC 6749, section 4.4). The token has the scopes of `grant`, and is for `resource`, a part of the grant's; the stored grant has the
    /// scopes of all its tokens.
    async fn open_for_client(&self, grant: &Grant, access: TokenHash, resource: &str, expires_at: Timestamp) -> Result<()>;

    /// Returns an access token if it is valid: neither expired nor revoked.
    async fn access(&self, hash: TokenHash, now: Timestamp) -> Result<Option<AccessToken>>;

    /// Records that a grant was used, unless a use was recorded less than a minute ago.
    async fn touch(&self, grant_id: &str, now: Timestamp) -> Result<()>;

    /// Returns the valid grants of one user or of all, the newest first.
    async fn connections(&self, user_id: Option<&str>, now: Timestamp) -> Result<Vec<Connection>>;

    /// Returns the IDs of the users whose ID or e-mail address is `who`, if the store has a session or a grant of theirs, used
    /// or not, valid or not.
    async fn users(&self, who: &str) -> Result<BTreeSet<String>>;

    /// Revokes a grant with all its tokens, and deletes its user's consent for the client. With `user_id`, only a grant of that
    /// user is revoked. Returns whether a grant was revoked. Its encrypted key is replaced by an empty value that cannot be
    /// decrypted.
    async fn revoke(&self, grant_id: &str, user_id: Option<&str>, now: Timestamp) -> Result<bool>;

    /// Revokes several grants of one user at once. Returns how many were revoked.
    async fn revoke_all(&self, grant_ids: &[&str], user_id: &str, now: Timestamp) -> Result<u64>;

    /// Deletes the sessions and consents of one user, or of all, and revokes their grants, used or not. Returns the number of
    /// revoked grants.
    async fn end(&self, user_id: Option<&str>, now: Timestamp) -> Result<u64>;

    /// Returns whether the identity provider has signed a user out, or ended the session at the provider, while they signed in since then.
    /// Whoever stores a session asks this afterwards.
    async fn was_signed_out(&self, user_id: &str, provider_session: Option<&str>, since: Timestamp) -> Result<bool>;

    /// Deletes the sessions of a user whom the identity provider signs out and, with `ends_grants`, revokes the grants that were
    /// approved in them; those of a user are all. `token` may be used once until it expires: `None` if it was used before.
    async fn sign_out(
        &self,
        token: (TokenHash, Timestamp),
        who: SignedOut<'_>,
        ends_grants: bool,
        now: Timestamp,
    ) -> Result<Option<Ended>>;

    /// Revokes an access token alone, if it was issued to `client_id` (RFC 7009). Returns whether it did.
    async fn revoke_access(&self, hash: TokenHash, client_id: &str) -> Result<bool>;

    /// Returns the next grants with an encrypted key whose ID comes after `after`, in the database's order; empty at the end.
    async fn encrypted(&self, after: &str) -> Result<Vec<(String, EncryptedKey)>>;

    /// Replaces an encrypted key by the same key encrypted again, unless it is no longer `old`.
    async fn reencrypt(&self, grant_id: &str, old: &EncryptedKey, new: &EncryptedKey) -> Result<()>;
}
