//! Looks up API keys and users in Torii.
//!
//! Invariants: the key is sent to the configured URL only and is part of no text; a user is found by the exact email address,
//! whatever else Torii lists; a user who cannot be confirmed as existing and active is not a member.

use async_trait::async_trait;
use axum::http::{HeaderMap, StatusCode};
use mcp_http::caller::{Key, Keys};
use mcp_oauth_server::{
    directory::{Directory, DirectoryError, Membership, Organization},
    fetch::{self, Fetch, Limits},
};
use openapi_mcp::json_limits::{JsonCounter, JsonLimits};
use reqwest::{
    Url,
    header::{AUTHORIZATION, RETRY_AFTER},
};
use serde_json::Value;

use crate::torii::{API_KEY, SCIM_KEY};

#[cfg(test)]
mod tests;

/// The wait after a `429` without a valid `Retry-After`: Torii's limits are per minute.
const UNSAID_SECONDS: u64 = 60;
const MAX_SECONDS: u64 = 3600;
/// The fields of a user that a lookup needs.
const FIELDS: &str = "id,email,role,lifecycleStatus,isDeletedInIdentitySources";

/// Why a lookup in Torii failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ToriiError {
    /// Torii does not accept the key.
    #[error(
        "torii does not accept this key; check that it is complete, current and of the right kind, or make a new one in torii's settings"
    )]
    Key,
    /// Torii accepts the key, but it does not permit this lookup.
    #[error("torii accepts this key, but not for this question; use a key with a stronger role")]
    Forbidden,
    /// Torii's rate limit is reached.
    #[error("torii's rate limit is reached; try again in {seconds} s")]
    Busy {
        /// How long to wait, in seconds.
        seconds: u64,
    },
    /// Torii is not available. Contains the reason.
    #[error("torii cannot be asked just now: {0}; try again in a minute")]
    Down(String),
    /// Torii's response is not valid. Contains the reason.
    #[error("torii's response is not understood: {0}; check `TORII_API_URL`, or try again later")]
    Unexpected(String),
}

/// The client for lookups in Torii.
#[derive(Clone, Debug)]
pub struct Torii {
    base: String,
    fetch: Fetch,
}

impl Torii {
    /// A client of the API at `base`, the URL with the path that all operations share.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(base: &Url) -> Result<Self, reqwest::Error> {
        Self::with(base, Limits::OPERATOR)
    }

    fn with(base: &Url, limits: Limits) -> Result<Self, reqwest::Error> {
        Ok(Self { base: base.as_str().trim_end_matches('/').to_owned(), fetch: Fetch::for_operator(limits)? })
    }

    async fn ask(&self, key: &Key, path: &str, query: &[(&str, &str)]) -> Result<Value, ToriiError> {
        let address = format!("{}{path}", self.base);
        let url = Url::parse_with_params(&address, query).map_err(|_| unexpected("its address is wrong"))?;
        let request = self.fetch.http(&url).get(url.clone()).header(AUTHORIZATION, key.bearer());
        let reply = self.fetch.send(&url, request).await.map_err(|error| match error {
            fetch::Error::TooLarge(_) => unexpected("it is too large"),
            error => ToriiError::Down(error.to_string()),
        })?;
        match reply.status {
            status if status.is_success() => parse(&reply.body),
            StatusCode::UNAUTHORIZED => Err(ToriiError::Key),
            StatusCode::FORBIDDEN => Err(ToriiError::Forbidden),
            StatusCode::TOO_MANY_REQUESTS => Err(ToriiError::Busy { seconds: wait(&reply.headers) }),
            status if status.is_server_error() => Err(ToriiError::Down(format!("it answered with status {}", status.as_u16()))),
            status => Err(unexpected(&format!("its status is {}", status.as_u16()))),
        }
    }
}

#[async_trait]
impl Directory for Torii {
    async fn organization(&self, keys: &Keys) -> Result<Organization, DirectoryError> {
        let response = self.ask(api_key(keys)?, "/orgs/my", &[]).await?;
        let org = response.get("org").ok_or_else(|| unexpected("it contains no organization"))?;
        let id = match org.get("id") {
            Some(Value::Number(id)) => id.to_string(),
            Some(Value::String(id)) => id.clone(),
            _ => return Err(unexpected("the organization has no id").into()),
        };
        let name = ["companyName", "name", "domain"].iter().find_map(|name| org.get(name)?.as_str().map(str::trim));
        let name = name.filter(|name| !name.is_empty()).map_or_else(|| format!("organization {id}"), str::to_owned);
        Organization::new(id, &name)
    }

    /// Checks a key. SCIM's service metadata may be public, so this requests a user.
    async fn accepts(&self, credential: &str, key: &Key) -> Result<(), DirectoryError> {
        if credential != SCIM_KEY {
            return self.ask(key, "/orgs/my", &[]).await.map(drop).map_err(DirectoryError::from);
        }
        let response = self.ask(key, "/scim/v2/Users", &[("count", "1")]).await?;
        if response.get("totalResults").is_some() || response.get("Resources").is_some() {
            Ok(())
        } else {
            Err(unexpected("it is no list of SCIM users").into())
        }
    }

    async fn membership(&self, keys: &Keys, email: &str) -> Result<Membership, DirectoryError> {
        let response = self.ask(api_key(keys)?, "/users", &[("email", email), ("fields", FIELDS)]).await?;
        let users = response.get("users").and_then(Value::as_array).ok_or_else(|| unexpected("it contains no list of users"))?;
        let is_meant = |user: &&Value| {
            let have = user.get("email").and_then(Value::as_str);
            have.is_some_and(|have| have.eq_ignore_ascii_case(email))
        };
        let found: Vec<Membership> = users.iter().filter(is_meant).map(membership).collect::<Result<_, _>>()?;
        // if several users have the email address, the one with the lower rank decides
        Ok(found.into_iter().min_by_key(Membership::rank).unwrap_or(Membership::Unknown))
    }
}

fn api_key(keys: &Keys) -> Result<&Key, DirectoryError> {
    keys.get(API_KEY).ok_or_else(|| DirectoryError::Refused("there is no key of torii's API to ask with".to_owned()))
}

impl From<ToriiError> for DirectoryError {
    fn from(error: ToriiError) -> Self {
        let text = error.to_string();
        match error {
            ToriiError::Key | ToriiError::Forbidden => Self::Refused(text),
            ToriiError::Busy { .. } | ToriiError::Down(_) | ToriiError::Unexpected(_) => Self::Unavailable(text),
        }
    }
}

/// Parses a body, unless its values would take much memory.
fn parse(body: &[u8]) -> Result<Value, ToriiError> {
    JsonCounter::of(body).check(JsonLimits::REQUEST).map_err(|beyond| unexpected(&format!("it {beyond}")))?;
    serde_json::from_slice(body).map_err(|_| unexpected("it is not JSON"))
}

fn unexpected(reason: &str) -> ToriiError {
    ToriiError::Unexpected(reason.to_owned())
}

fn wait(headers: &HeaderMap) -> u64 {
    let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    seconds.unwrap_or(UNSAID_SECONDS).clamp(1, MAX_SECONDS)
}

/// The membership of a Torii user. A user who is being offboarded is not a member any more, since their access is being removed.
/// A user without a role is not a member of Torii, but was only discovered by it.
fn membership(user: &Value) -> Result<Membership, ToriiError> {
    let is_deleted = match user.get("isDeletedInIdentitySources") {
        None | Some(Value::Null) => false,
        Some(value) => *value != Value::Bool(false),
    };
    let status = user.get("lifecycleStatus").and_then(Value::as_str);
    let status = status.ok_or_else(|| unexpected("it does not say whether the user still works there"))?;
    if is_deleted || status != "active" {
        return Ok(Membership::Left);
    }
    let role = user.get("role").and_then(Value::as_str).map(str::trim).filter(|role| !role.is_empty());
    Ok(role.map_or(Membership::Unknown, |role| Membership::Member { role: role.to_owned() }))
}
