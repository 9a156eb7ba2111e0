//! Looks up API keys and users in Torii, within its documented rates, which tools share.
//!
//! Users are looked up one by one, or, when there are many within a minute, all at once in pages: 5,000 users whose tokens are refreshed
//! hourly are 83 lookups a minute of the 100 that Torii allows, but five pages in ten minutes.
//!
//! Invariants: the key is sent to the configured URL only and is part of no text; a user is found by the exact email address,
//! whatever else Torii lists; a user who cannot be confirmed as existing and active is not a member.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::http::{HeaderMap, StatusCode};
use mcp_http::{
    caller::{Key, Keys},
    clock::{Clock, Timestamp},
    web_page::WebPage,
};
use mcp_oauth_server::{
    directory::{Directory, DirectoryError, Membership, Organization},
    fetch::{self, Fetch, Limits},
};
use openapi_mcp::{
    catalog::{Catalog, Method, Tool},
    json_limits::{JsonCounter, JsonLimits},
    upstream::Upstream,
};
use reqwest::{
    Url,
    header::{AUTHORIZATION, RETRY_AFTER},
};
use serde_json::Value;

use super::lookups::{Demand, Directories, Lookups};
use crate::torii::{API_KEY, SCIM_KEY};

#[cfg(test)]
pub(super) mod tests;

/// The wait after a `429` without a valid `Retry-After`: Torii's limits are per minute.
const UNSAID_SECONDS: u64 = 60;
const MAX_SECONDS: u64 = 3600;
/// The fields of a user that a lookup needs.
const FIELDS: &str = "id,email,role,lifecycleStatus,isDeletedInIdentitySources";

/// How many users a page has, and how many pages are read at most.
const PAGE: &str = "1000";
const MAX_PAGES: usize = 100;
/// How many values a response may have: a page of users has seven each.
const VALUES: JsonLimits = JsonLimits::LARGE_REQUEST;
/// How many answers are remembered.
const MAX_ORGANIZATIONS: u64 = 10_000;
const MAX_USERS: u64 = 50_000;
/// How long a lookup waits for its turn within the documented rate, and how long a page of all users does.
const PATIENCE: Duration = Duration::from_secs(5);
const PATIENCE_FOR_PAGE: Duration = Duration::from_mins(2);
/// All users are not read more often than this, however short answers are kept.
const LEAST_LIFETIME: Duration = Duration::from_mins(1);
/// Which users are looked up: also those who have left, and those from outside.
const VIEW: &str = "allUsers";

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
    /// Not Torii answered.
    #[error(
        "not torii answered, but something in between, such as a proxy or a firewall: {0}; let this server's requests through to torii, and \
         check `TORII_API_URL`"
    )]
    Intermediary(WebPage),
    /// Torii is not available. Contains the reason.
    #[error("torii cannot be asked just now: {0}; try again in a minute")]
    Down(String),
    /// Torii's response is not valid. Contains the reason.
    #[error("torii's response is not understood: {0}; check `TORII_API_URL`, or try again later")]
    Unexpected(String),
}

impl ToriiError {
    /// Whether another attempt may succeed without a change of the key.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Key | Self::Forbidden => false,
            Self::Busy { .. } | Self::Intermediary(_) | Self::Down(_) | Self::Unexpected(_) => true,
        }
    }
}

/// The client for lookups in Torii. Cheap to clone; clones share what they know.
#[derive(Clone, Debug)]
pub struct Torii {
    base: String,
    fetch: Fetch,
    shared_rates: Option<Arc<SharedRates>>,
    clock: Clock,
    lifetime: Duration,
    known: Arc<Known>,
}

/// What is remembered.
#[derive(Debug)]
struct Known {
    /// The organization of each key.
    organizations: Lookups<Organization>,
    /// The users who were looked up, by key and email address.
    users: Lookups<Membership>,
    demand: Demand,
    /// All users, by key.
    directories: Directories<Membership>,
}

/// The rates that lookups share with tools.
struct SharedRates {
    upstream: Upstream,
    catalog: &'static Catalog,
}

impl fmt::Debug for SharedRates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedRates")
    }
}

impl SharedRates {
    fn tool(&self, path: &str) -> Option<&'static Tool> {
        self.catalog.tools().iter().find(|tool| tool.method == Method::Get && tool.path == path)
    }
}

impl Torii {
    /// A client of the API at `base`, the URL with the path that all operations share. Answers about users and organizations are kept for
    /// `lifetime`.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(base: &Url, lifetime: Duration, clock: Clock) -> Result<Self, reqwest::Error> {
        Self::with(base, Limits::OPERATOR, lifetime, clock)
    }

    fn with(base: &Url, limits: Limits, lifetime: Duration, clock: Clock) -> Result<Self, reqwest::Error> {
        Ok(Self {
            base: base.as_str().trim_end_matches('/').to_owned(),
            fetch: Fetch::for_operator(limits)?,
            shared_rates: None,
            known: Arc::new(Known {
                organizations: Lookups::new(lifetime, MAX_ORGANIZATIONS, clock.clone()),
                users: Lookups::new(lifetime, MAX_USERS, clock.clone()),
                demand: Demand::default(),
                directories: Directories::default(),
            }),
            lifetime,
            clock,
        })
    }

    /// The same client, whose requests count as those of the tools of `catalog` do.
    #[must_use]
    pub fn sharing_rates(self, upstream: Upstream, catalog: &'static Catalog) -> Self {
        Self { shared_rates: Some(Arc::new(SharedRates { upstream, catalog })), ..self }
    }

    async fn ask(&self, key: &Key, path: &str, query: &[(&str, &str)], patience: Duration) -> Result<Value, ToriiError> {
        let shared = self.shared_rates.as_ref().and_then(|shared| Some((&shared.upstream, shared.tool(path)?)));
        if let Some((upstream, tool)) = shared {
            upstream.turn_of_server(tool, key, patience).await.map_err(|seconds| ToriiError::Busy { seconds })?;
        }
        let answer = self.send(key, path, query).await;
        match (shared, &answer) {
            (Some((upstream, tool)), Err(ToriiError::Busy { seconds })) => {
                upstream.was_rate_limited(tool, key, Duration::from_secs(*seconds));
            }
            // no response of torii came, so nothing is known
            (None, _) | (_, Err(ToriiError::Down(_) | ToriiError::Intermediary(_))) => {}
            (Some((upstream, tool)), _) => upstream.was_answered(tool, key),
        }
        answer
    }

    async fn send(&self, key: &Key, path: &str, query: &[(&str, &str)]) -> Result<Value, ToriiError> {
        let address = format!("{}{path}", self.base);
        let url = Url::parse_with_params(&address, query).map_err(|_| unexpected("its address is wrong"))?;
        let request = self.fetch.http(&url).get(url.clone()).header(AUTHORIZATION, key.bearer());
        let reply = self.fetch.send(&url, request).await.map_err(|error| match error {
            fetch::Error::TooLarge(_) => unexpected("it is too large"),
            error => ToriiError::Down(error.to_string()),
        })?;
        if let Some(page) = WebPage::read(reply.status, &reply.headers, &reply.body, || key.is_in(&reply.body)) {
            return Err(ToriiError::Intermediary(page));
        }
        match reply.status {
            status if status.is_success() => parse(&reply.body),
            StatusCode::UNAUTHORIZED => Err(ToriiError::Key),
            StatusCode::FORBIDDEN => Err(ToriiError::Forbidden),
            StatusCode::TOO_MANY_REQUESTS => Err(ToriiError::Busy { seconds: wait(&reply.headers) }),
            status if status.is_server_error() => Err(ToriiError::Down(format!("it answered with status {}", status.as_u16()))),
            status => Err(unexpected(&format!("its status is {}", status.as_u16()))),
        }
    }

    async fn ask_for_organization(&self, key: &Key) -> Result<Organization, ToriiError> {
        let response = self.ask(key, "/orgs/my", &[], PATIENCE).await?;
        let org = response.get("org").ok_or_else(|| unexpected("it contains no organization"))?;
        let id = match org.get("id") {
            Some(Value::Number(id)) => id.to_string(),
            Some(Value::String(id)) => id.clone(),
            _ => return Err(unexpected("the organization has no id")),
        };
        let name = ["companyName", "name", "domain"].iter().find_map(|name| org.get(name)?.as_str().map(str::trim));
        let name = name.filter(|name| !name.is_empty()).map_or_else(|| format!("organization {id}"), str::to_owned);
        Organization::new(id, &name).map_err(|error| unexpected(&error.to_string()))
    }

    /// Looks a user up among all users, if many are looked up, or else alone. Returns when Torii told it, too. All users are read in the
    /// background; until they have been, each is looked up alone.
    async fn ask_for_user(&self, key: &Key, email: &str) -> Result<(Membership, Timestamp), ToriiError> {
        let now = self.clock.timestamp();
        if self.known.demand.is_high(key.fingerprint(), now) {
            let directories = &self.known.directories;
            if directories.is_due(key.fingerprint(), self.lifetime.max(LEAST_LIFETIME), now) {
                tokio::spawn(self.clone().read_directory(key.clone()));
            }
            // a user who is not in the directory is new
            if let Some(found) = directories.find(key.fingerprint(), email, self.lifetime.max(LEAST_LIFETIME), now) {
                return Ok(found);
            }
        }
        let query = [("email", email), ("view", VIEW), ("fields", FIELDS)];
        let response = self.ask(key, "/users", &query, PATIENCE).await?;
        let found = members(&response)?.filter(|(have, _)| have.eq_ignore_ascii_case(email)).map(|(_, found)| found);
        Ok((least(found)?.unwrap_or(Membership::Unknown), now))
    }

    /// Reads all users, page by page.
    async fn read_directory(self, key: Key) {
        let read_at = self.clock.timestamp();
        let read = self.pages(&key).await;
        if let Err(error) = &read {
            tracing::warn!(%error, "the users cannot be read all at once");
        }
        self.known.directories.put(key.fingerprint(), read.ok(), read_at);
    }

    async fn pages(&self, key: &Key) -> Result<HashMap<String, Membership>, ToriiError> {
        let (mut all, mut cursor) = (HashMap::<String, Membership>::new(), String::new());
        for _ in 0..MAX_PAGES {
            let mut query = vec![("size", PAGE), ("view", VIEW), ("fields", FIELDS)];
            if !cursor.is_empty() {
                query.push(("cursor", &cursor));
            }
            let response = self.ask(key, "/users", &query, PATIENCE_FOR_PAGE).await?;
            for (email, found) in members(&response)? {
                // for a user with unexpected members, the lookup of that one user decides
                let (email, Ok(found)) = (email.to_ascii_lowercase(), found) else { continue };
                let known = all.remove(&email);
                all.insert(email, known.into_iter().chain([found.clone()]).min_by_key(Membership::rank).unwrap_or(found));
            }
            match response.get("nextCursor").and_then(Value::as_str).filter(|next| !next.is_empty() && *next != cursor) {
                Some(next) => cursor = next.to_owned(),
                None => return Ok(all),
            }
        }
        Err(unexpected("it has too many users to read at once"))
    }
}

/// The email address of each user in a response, and what is known of them.
fn members(response: &Value) -> Result<impl Iterator<Item = (&str, Result<Membership, ToriiError>)>, ToriiError> {
    let users = response.get("users").and_then(Value::as_array).ok_or_else(|| unexpected("it contains no list of users"))?;
    Ok(users.iter().filter_map(|user| Some((user.get("email")?.as_str()?, membership(user)))))
}

/// If several users have the email address, the one with the lower rank decides.
fn least(found: impl Iterator<Item = Result<Membership, ToriiError>>) -> Result<Option<Membership>, ToriiError> {
    let found: Vec<_> = found.collect::<Result<_, _>>()?;
    Ok(found.into_iter().min_by_key(Membership::rank))
}

#[async_trait]
impl Directory for Torii {
    async fn check(&self, keys: &Keys) -> Result<Organization, DirectoryError> {
        Ok(self.ask_for_organization(api_key(keys)?).await?)
    }

    async fn organization(&self, keys: &Keys) -> Result<Organization, DirectoryError> {
        let key = api_key(keys)?;
        let ask = async { Ok((self.ask_for_organization(key).await?, self.clock.timestamp())) };
        Ok(self.known.organizations.get(&format!("{:x}", key.fingerprint()), ask).await?)
    }

    /// Checks a key. SCIM's service metadata may be public, so this requests a user.
    async fn accepts(&self, credential: &str, key: &Key) -> Result<(), DirectoryError> {
        if credential != SCIM_KEY {
            return self.ask(key, "/orgs/my", &[], PATIENCE).await.map(drop).map_err(DirectoryError::from);
        }
        let response = self.ask(key, "/scim/v2/Users", &[("count", "1")], PATIENCE).await?;
        if response.get("totalResults").is_some() || response.get("Resources").is_some() {
            Ok(())
        } else {
            Err(unexpected("it is no list of SCIM users").into())
        }
    }

    async fn membership(&self, keys: &Keys, email: &str) -> Result<Membership, DirectoryError> {
        let key = api_key(keys)?;
        let name = format!("{:x} {}", key.fingerprint(), email.to_ascii_lowercase());
        Ok(self.known.users.get(&name, self.ask_for_user(key, email)).await?)
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
            ToriiError::Intermediary(page) => Self::Intermediary(page.to_string()),
            ToriiError::Busy { .. } | ToriiError::Down(_) | ToriiError::Unexpected(_) => Self::Unavailable(text),
        }
    }
}

/// Parses a body, unless its values would take much memory.
fn parse(body: &[u8]) -> Result<Value, ToriiError> {
    JsonCounter::of(body).check(VALUES).map_err(|beyond| unexpected(&format!("it {beyond}")))?;
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
