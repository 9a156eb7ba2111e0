//! Conversion of values and rows. Each row is validated again when it is read.

use mcp_http::{
    clock::Timestamp,
    keyed_calls::{CallState, EarlierCall},
    scope::{ScopeDefinitions, Scopes},
    token::TokenHash,
};

use super::{AccessToken, ApiKeySource, Code, Connection, Error, Grant, Registration, Result, Session, User};
use crate::{keyring::EncryptedKey, pkce::CodeChallenge};

/// A parameter of a statement.
#[derive(Clone, Copy)]
pub(super) enum Argument<'a> {
    Int(i64),
    Text(Option<&'a str>),
    Bytes(Option<&'a [u8]>),
}

impl From<Timestamp> for Argument<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Int(at.0)
    }
}

impl From<i64> for Argument<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl<'a> From<&'a str> for Argument<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<&'a String> for Argument<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Some(text))
    }
}

impl<'a> From<Option<&'a str>> for Argument<'a> {
    fn from(text: Option<&'a str>) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Argument<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(Some(bytes))
    }
}

impl<'a> From<&'a TokenHash> for Argument<'a> {
    fn from(hash: &'a TokenHash) -> Self {
        Self::Bytes(Some(hash.as_bytes()))
    }
}

impl<'a> From<Option<&'a EncryptedKey>> for Argument<'a> {
    fn from(encrypted: Option<&'a EncryptedKey>) -> Self {
        Self::Bytes(encrypted.map(EncryptedKey::as_bytes))
    }
}

/// A value that the database returned.
#[derive(Debug)]
pub(super) enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    /// A type that this program never writes.
    UnexpectedType,
}

/// A row, read column by column.
#[derive(Debug)]
pub(super) struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub(super) fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter())
    }

    /// The next columns, which belong to `table`.
    pub(super) fn of(&mut self, table: &'static str) -> Columns<'_> {
        Columns { row: self, table }
    }
}

/// The next columns of a row.
pub(super) struct Columns<'r> {
    row: &'r mut Row,
    table: &'static str,
}

impl Columns<'_> {
    fn next(&mut self) -> Value {
        self.row.0.next().unwrap_or(Value::UnexpectedType)
    }

    fn damaged(&self, column: &'static str) -> Error {
        Error::Damaged { table: self.table, column }
    }

    pub(super) fn text(&mut self, column: &'static str) -> Result<String> {
        match self.next() {
            Value::Text(text) => Ok(text),
            _ => Err(self.damaged(column)),
        }
    }

    pub(super) fn bytes(&mut self, column: &'static str) -> Result<Vec<u8>> {
        match self.next() {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(self.damaged(column)),
        }
    }

    pub(super) fn time(&mut self, column: &'static str) -> Result<Timestamp> {
        match self.next() {
            Value::Int(seconds) => Ok(Timestamp(seconds)),
            _ => Err(self.damaged(column)),
        }
    }

    pub(super) fn int(&mut self, column: &'static str) -> Result<i64> {
        self.time(column).map(|Timestamp(number)| number)
    }

    fn maybe_time(&mut self, column: &'static str) -> Result<Option<Timestamp>> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Int(seconds) => Ok(Some(Timestamp(seconds))),
            _ => Err(self.damaged(column)),
        }
    }

    fn maybe_text(&mut self, column: &'static str) -> Result<Option<String>> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            _ => Err(self.damaged(column)),
        }
    }

    fn maybe_encrypted(&mut self, column: &'static str) -> Result<Option<EncryptedKey>> {
        match self.next() {
            Value::Null => Ok(None),
            Value::Bytes(bytes) => Ok(Some(EncryptedKey::from_bytes(bytes))),
            _ => Err(self.damaged(column)),
        }
    }

    fn digest(&mut self, column: &'static str) -> Result<[u8; 32]> {
        self.bytes(column)?.try_into().map_err(|_| self.damaged(column))
    }

    fn hash(&mut self, column: &'static str) -> Result<TokenHash> {
        self.digest(column).map(TokenHash::from_bytes)
    }

    /// Reads scopes. Names that are no longer defined are dropped.
    pub(super) fn scopes(&mut self, column: &'static str, definitions: &ScopeDefinitions) -> Result<Scopes> {
        self.text(column).map(|text| definitions.parse(&text))
    }

    /// Reads the columns `person_id` and `person`.
    fn user(&mut self) -> Result<User> {
        let id = self.text("person_id")?;
        let user: User = serde_json::from_str(&self.text("person")?).map_err(|_| self.damaged("person"))?;
        if user.id == id { Ok(user) } else { Err(self.damaged("person_id")) }
    }

    /// Reads the columns `holder` and `sealed`.
    fn key_source(&mut self) -> Result<ApiKeySource> {
        let holder = self.text("holder")?;
        match (holder.as_str(), self.maybe_encrypted("sealed")?) {
            (API_KEYS, Some(encrypted)) => Ok(ApiKeySource::User(encrypted)),
            (IDENTITY, None) => Ok(ApiKeySource::Identity),
            (CLIENT, None) => Ok(ApiKeySource::Client),
            (API_KEYS | IDENTITY | CLIENT, _) => Err(self.damaged("sealed")),
            _ => Err(self.damaged("holder")),
        }
    }
}

const API_KEYS: &str = "api_keys";
const IDENTITY: &str = "identity";
const CLIENT: &str = "client";

/// The values of the columns `holder` and `sealed`.
pub(super) fn key_source(source: &ApiKeySource) -> (&'static str, Option<&EncryptedKey>) {
    match source {
        ApiKeySource::User(encrypted) => (API_KEYS, Some(encrypted)),
        ApiKeySource::Identity => (IDENTITY, None),
        ApiKeySource::Client => (CLIENT, None),
    }
}

const RUNNING: &str = "running";
const DONE: &str = "done";
const UNKNOWN: &str = "unknown";

/// The values of the columns `state` and `sealed`.
pub(super) fn call_state(state: &CallState<EncryptedKey>) -> (&'static str, Option<&EncryptedKey>) {
    match state {
        CallState::Running => (RUNNING, None),
        CallState::Done(result) => (DONE, result.as_ref()),
        CallState::Unknown => (UNKNOWN, None),
    }
}

pub(super) fn keyed_call(mut row: Row) -> Result<EarlierCall<EncryptedKey>> {
    let mut columns = row.of("keyed_calls");
    let (arguments, started_at) = (columns.hash("arguments")?, columns.time("started_at")?);
    let name = columns.text("state")?;
    let state = match (name.as_str(), columns.maybe_encrypted("sealed")?) {
        (RUNNING, None) => CallState::Running,
        (DONE, result) => CallState::Done(result),
        (UNKNOWN, None) => CallState::Unknown,
        (RUNNING | UNKNOWN, Some(_)) => return Err(columns.damaged("sealed")),
        _ => return Err(columns.damaged("state")),
    };
    Ok(EarlierCall { arguments, started_at, state })
}

/// The value of the column `person`.
pub(super) fn user(user: &User) -> Result<String> {
    serde_json::to_string(user).map_err(|error| Error::Unexpected(Box::new(error)))
}

/// The columns that [`grant`] reads, from the table or alias `g`.
macro_rules! grant_columns {
    () => {
        "g.id, g.person_id, g.person, g.holder, g.sealed, g.client_id, g.client_name, g.redirect_uri, g.redirect_host, g.scopes, \
         g.resource, g.provider_session, g.created_at"
    };
}
pub(super) use grant_columns;

pub(super) fn grant(row: &mut Row, definitions: &ScopeDefinitions) -> Result<Grant> {
    let mut columns = row.of("grants");
    let mut grant = Grant {
        id: columns.text("id")?,
        user: columns.user()?,
        key_source: columns.key_source()?,
        client_id: columns.text("client_id")?,
        client_name: columns.text("client_name")?,
        redirect_uri: columns.text("redirect_uri")?,
        redirect_host: columns.text("redirect_host")?,
        scopes: Scopes::NONE,
        requested_scopes: columns.text("scopes")?,
        resource: columns.text("resource")?,
        provider_session: columns.maybe_text("provider_session")?,
        created_at: columns.time("created_at")?,
    };
    grant.scopes = definitions.parse(&grant.requested_scopes);
    Ok(grant)
}

pub(super) fn user_of(mut row: Row) -> Result<User> {
    row.of("grants or sessions").user()
}

pub(super) fn connection(mut row: Row, definitions: &ScopeDefinitions) -> Result<Connection> {
    Ok(Connection { grant: grant(&mut row, definitions)?, used_at: row.of("grants").maybe_time("used_at")? })
}

pub(super) fn access(mut row: Row, definitions: &ScopeDefinitions) -> Result<AccessToken> {
    let grant = grant(&mut row, definitions)?;
    let mut columns = row.of("access_tokens");
    // the scopes of the grant may have been reduced since the token was issued
    let scopes = columns.scopes("scopes", definitions)? & grant.scopes;
    let resource = columns.text("resource")?;
    let resource = if resource.is_empty() { grant.resource.clone() } else { resource };
    Ok(AccessToken { scopes, resource, expires_at: columns.time("expires_at")?, grant })
}

pub(super) fn code(mut row: Row, definitions: &ScopeDefinitions) -> Result<(Code, Grant)> {
    let grant = grant(&mut row, definitions)?;
    let mut columns = row.of("codes");
    let code = Code {
        hash: columns.hash("hash")?,
        grant_id: columns.text("grant_id")?,
        client_id: columns.text("client_id")?,
        redirect_uri: columns.text("redirect_uri")?,
        challenge: columns.digest("challenge").map(CodeChallenge::from_bytes)?,
        expires_at: columns.time("expires_at")?,
    };
    Ok((code, grant))
}

pub(super) fn session(mut row: Row) -> Result<Session> {
    let mut columns = row.of("sessions");
    Ok(Session {
        hash: columns.hash("hash")?,
        user: columns.user()?,
        encrypted: columns.maybe_encrypted("sealed")?,
        provider_session: columns.maybe_text("provider_session")?,
        opened_at: columns.time("opened_at")?,
        expires_at: columns.time("expires_at")?,
    })
}

pub(super) fn registration(mut row: Row) -> Result<Registration> {
    let mut columns = row.of("registrations");
    let registration = Registration {
        id: columns.text("id")?,
        digest: columns.hash("digest")?,
        metadata: columns.text("metadata")?,
        created_at: columns.time("created_at")?,
        expires_at: columns.time("expires_at")?,
    };
    match serde_json::from_str::<serde::de::IgnoredAny>(&registration.metadata) {
        Ok(_) => Ok(registration),
        Err(_) => Err(columns.damaged("metadata")),
    }
}
