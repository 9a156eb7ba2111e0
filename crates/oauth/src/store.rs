//! What outlives a request: grants, tokens, browser sessions, registered clients.
//!
//! One trait of whole use cases, so that a transaction never crosses it, and one implementation for each database. Only
//! this module speaks SQL.
//!
//! Invariants:
//! - Tokens and codes are here as hashes, the API's keys encrypted; a copy of the database opens nothing.
//! - What can be used once is taken by one guarded statement, so two replicas, or two requests, cannot both have it.
//! - What was answered is kept: a write has reached the disk before its method returns.
//! - A revoked grant never comes back to life.

use std::{collections::BTreeSet, fmt, path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use mcp_http::{
    clock::Timestamp,
    scope::{ScopeDefinitions, Scopes},
    secret::Secret,
    token::TokenHash,
};
use serde::{Deserialize, Serialize};

use crate::{keyring::EncryptedKey, pkce::CodeChallenge};

mod dialect;
mod postgres;
mod row;
mod sql;
mod sqlite;

/// How many connections one user can have. Another one ends the one that was not used for the longest time.
pub const CONNECTIONS_OF_USER: i64 = 200;
/// How many browsers one user can be signed in with. Another one signs the oldest out.
pub const SESSIONS_OF_USER: i64 = 50;

/// Where grants and tokens are kept.
#[derive(Clone, Debug)]
pub enum StoreAt {
    /// In this file.
    Sqlite(PathBuf),
    /// In this database; the address holds its password.
    Postgres(Secret),
}

/// Who signed in, as far as it is known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// What tells users apart: the same whenever the same user signs in the same way.
    pub id: String,
    /// What they are called on pages and in lists.
    pub name: String,
    /// Their address, as the identity provider confirmed it.
    pub email: Option<String>,
    /// Their groups, as the identity provider named them; what is kept has those that an access rule named.
    pub groups: Vec<String>,
    /// Where not all of their groups are there: marks of those that rules named and that they are not in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<Vec<u32>>,
    /// Their organization, as the API calls it.
    pub organization: String,
}

/// Where the keys of the API for a grant come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApiKeySource {
    /// The user signed in with keys. They are encrypted for this row only.
    User(EncryptedKey),
    /// The access rules choose it for the user.
    Identity,
    /// The configuration names it for the client.
    Client,
}

/// A browser in which somebody has signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The hash of the cookie.
    pub hash: TokenHash,
    /// Who.
    pub user: User,
    /// The key they brought, encrypted for this session.
    pub encrypted: Option<EncryptedKey>,
    /// When they signed in.
    pub opened_at: Timestamp,
    /// When they have to sign in again.
    pub expires_at: Timestamp,
}

/// A client that registered itself (RFC 7591).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Its `client_id`.
    pub id: String,
    /// The hash of what it registered; the same metadata gives the same registration.
    pub digest: TokenHash,
    /// What it registered, as JSON.
    pub metadata: String,
    /// When it first did.
    pub created_at: Timestamp,
    /// When it is forgotten, unless it is used.
    pub expires_at: Timestamp,
}

/// What a user allowed a client: a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its name in lists and logs.
    pub id: String,
    /// Who allowed it.
    pub user: User,
    /// Where the keys come from that its calls are made with.
    pub key_source: ApiKeySource,
    /// The `client_id`.
    pub client_id: String,
    /// What the client calls itself.
    pub client_name: String,
    /// Where codes are sent: a host, or the name of a program.
    pub redirect_host: String,
    /// What was allowed.
    pub scopes: Scopes,
    /// The resource that its tokens are for (RFC 8707).
    pub resource: String,
    /// When.
    pub created_at: Timestamp,
}

/// An authorization code (RFC 6749, section 4.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Its hash.
    pub hash: TokenHash,
    /// The grant that it opens.
    pub grant_id: String,
    /// Who may redeem it.
    pub client_id: String,
    /// Where it was sent, byte for byte as asked for.
    pub redirect_uri: String,
    /// What its redeemer has to know (RFC 7636).
    pub challenge: CodeChallenge,
    /// When it is void.
    pub expires_at: Timestamp,
}

/// New tokens for a grant.
#[derive(Clone, Debug)]
pub struct Issue {
    /// The access token's hash.
    pub access: TokenHash,
    /// When it is void.
    pub access_expires_at: Timestamp,
    /// What it allows.
    pub scopes: Scopes,
    /// The refresh token's hash.
    pub refresh: TokenHash,
    /// When that is void.
    pub refresh_expires_at: Timestamp,
}

/// What became of a code that was brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redemption {
    /// The tokens count.
    Redeemed,
    /// It had been redeemed before: its grant is now revoked.
    Replayed,
    /// It is void, or its grant revoked, or it never was.
    Void,
}

/// What became of a refresh token that was brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The new tokens count.
    Rotated,
    /// It had been replaced too long ago, or its successor was used: the grant is now revoked.
    Reused,
    /// It is void, or its grant revoked, or it never was.
    Void,
}

/// An access token that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// What it belongs to.
    pub grant: Grant,
    /// What it allows; never more than the grant.
    pub scopes: Scopes,
    /// When it is void.
    pub expires_at: Timestamp,
}

/// A grant as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// What was allowed to whom.
    pub grant: Grant,
    /// When it last called a tool or got a token; within a minute or so.
    pub used_at: Option<Timestamp>,
}

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be opened as configured.
    #[error("the store cannot be opened: {0}")]
    Open(String),
    /// It does not answer, or not in time; the same may work later.
    #[error("the store does not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It cannot write: the disk is full, or the file or database read-only.
    #[error("the store cannot write: its disk is full or it is read-only")]
    Unwritable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A row holds what this program never writes.
    #[error("the store is damaged: `{column}` of a row in `{table}` is not what this program writes")]
    Damaged {
        /// Its table.
        table: &'static str,
        /// Its column.
        column: &'static str,
    },
    /// It answered with an error that is not expected of it.
    #[error("the store failed in a way that this program does not expect")]
    Unexpected(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a method gives.
pub type Result<T> = std::result::Result<T, Error>;

/// How long a refresh token that was replaced still counts, unless its successor is used before: a client that never
/// got the response, or two processes of one client, come again within this time.
pub const REFRESH_GRACE: Duration = Duration::from_mins(1);

/// Opens a store whose rows name `scopes`, and brings its tables up to date.
///
/// # Errors
/// [`Error::Open`], which says what to do.
pub async fn open(at: &StoreAt, scopes: ScopeDefinitions) -> Result<Arc<dyn Store>> {
    match at {
        StoreAt::Sqlite(path) => Ok(Arc::new(sqlite::open(path, scopes).await?)),
        StoreAt::Postgres(url) => Ok(Arc::new(postgres::open(url.expose(), scopes).await?)),
    }
}

/// A store. `now` is the caller's clock throughout.
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// Whether it answers.
    async fn check(&self) -> Result<()>;

    /// Forgets what is void: sessions, codes, tokens, registrations, grants that were never used or have been dead for
    /// thirty days, and what was allowed where no grant is left of it. Of registered clients without a grant it keeps
    /// `most_unused` at most, and forgets those that expire first. It goes in small steps, and one that fails does not keep
    /// it from the others; then it gives the first failure, else the number of rows.
    async fn clean(&self, now: Timestamp, most_unused: u32) -> Result<u64>;

    /// Keeps a value under a name, unless there is one already, and gives the one that is kept.
    async fn get_or_insert(&self, name: &str, value: &[u8]) -> Result<Vec<u8>>;

    /// Replaces a kept value, unless it has changed meanwhile.
    async fn compare_and_swap(&self, name: &str, old: &[u8], new: &[u8]) -> Result<()>;

    /// Takes something that may be used once before `expires_at`: whether this is the first time.
    async fn consume_once(&self, hash: TokenHash, expires_at: Timestamp) -> Result<bool>;

    /// Whether a client has registered this before, and is not forgotten yet.
    async fn is_registered(&self, digest: TokenHash) -> Result<bool>;

    /// Registers a client, or finds the one that registered the same before and gives that one with the later expiry.
    async fn register(&self, registration: &Registration) -> Result<Registration>;

    /// A registered client, if it counts: it has not expired, or has a grant that counts.
    async fn registration(&self, client_id: &str, now: Timestamp) -> Result<Option<Registration>>;

    /// Keeps a session.
    async fn open_session(&self, session: &Session) -> Result<()>;

    /// A session that counts.
    async fn session(&self, hash: TokenHash, now: Timestamp) -> Result<Option<Session>>;

    /// Ends a session.
    async fn close_session(&self, hash: TokenHash) -> Result<()>;

    /// What a user has allowed a client before.
    async fn consent(&self, user_id: &str, client_id: &str) -> Result<Option<Scopes>>;

    /// Keeps a grant, the code that opens it, and what was allowed for the next time. A client that registered itself comes
    /// with `client_expires_at`, and then lives until then at least; if it is forgotten by now, nothing is kept. All or
    /// nothing: whether it is.
    async fn approve(&self, grant: &Grant, code: &Code, client_expires_at: Option<Timestamp>) -> Result<bool>;

    /// A code that was issued, redeemed or not, with the grant it opens.
    async fn code(&self, hash: TokenHash) -> Result<Option<(Code, Grant)>>;

    /// Redeems a code: its first tokens, once. A second time revokes the grant, also when the code has expired since and
    /// is not forgotten yet. Only then is the grant a connection.
    async fn redeem(&self, hash: TokenHash, issue: &Issue, now: Timestamp) -> Result<Redemption>;

    /// The grant of a refresh token that was issued, whether or not it still counts, and what the token's grant still
    /// allows.
    async fn refresh(&self, hash: TokenHash) -> Result<Option<Grant>>;

    /// Replaces a refresh token. Tokens of a grant have generations: the current one replaces itself by the next. One of the
    /// generation before gives another token of the current one for [`REFRESH_GRACE`] from the first use of its generation
    /// and until one of the current generation is used. Anything else is reuse, and revokes the grant. Access tokens of the grant's generation and of the one before count until they expire,
    /// older ones no more; the newest 1,000 tokens of each kind are kept, and what is not kept is void.
    async fn rotate(&self, hash: TokenHash, issue: &Issue, now: Timestamp) -> Result<Rotation>;

    /// Opens the grant of a client that acts for itself, or takes up the one it has, and keeps an access token for it
    /// (RFC 6749, section 4.4). The token allows what this `grant` does; the grant that is kept, what any of them did.
    async fn open_for_client(&self, grant: &Grant, access: TokenHash, expires_at: Timestamp) -> Result<()>;

    /// An access token that counts: not expired, not revoked.
    async fn access(&self, hash: TokenHash, now: Timestamp) -> Result<Option<Access>>;

    /// Notes that a grant was used, unless that was noted less than a minute ago.
    async fn touch(&self, grant_id: &str, now: Timestamp) -> Result<()>;

    /// The grants that count, of one user or of all, the newest first.
    async fn connections(&self, user_id: Option<&str>, now: Timestamp) -> Result<Vec<Connection>>;

    /// The ids of the users that this is the address or the id of, as far as anything of theirs is kept: a session, or a grant,
    /// used or not, dead or alive.
    async fn users(&self, who: &str) -> Result<BTreeSet<String>>;

    /// Revokes a grant with all its tokens, and forgets that its user allowed its client anything, if it is that user's
    /// where one is named: whether it did. Its encrypted key is forgotten; what is left of it is empty and does not open.
    async fn revoke(&self, grant_id: &str, user_id: Option<&str>, now: Timestamp) -> Result<bool>;

    /// Ends everything of one user, or of all: grants, used or not, what was allowed, and browsers in which they are signed
    /// in. Gives the number of grants.
    async fn end(&self, user_id: Option<&str>, now: Timestamp) -> Result<u64>;

    /// Revokes an access token alone, if it is that client's (RFC 7009): whether it did.
    async fn revoke_access(&self, hash: TokenHash, client_id: &str) -> Result<bool>;

    /// Some grants whose id comes after `after`, with their encrypted keys, in the order of their ids as the database has
    /// it; empty at the end.
    async fn encrypted(&self, after: &str) -> Result<Vec<(String, EncryptedKey)>>;

    /// Replaces an encrypted key by the same key encrypted anew, unless it has changed meanwhile.
    async fn reencrypt(&self, grant_id: &str, old: &EncryptedKey, new: &EncryptedKey) -> Result<()>;
}
