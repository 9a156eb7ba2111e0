//! Clients whose `client_id` is the address of their metadata (OAuth client ID metadata documents).
//!
//! Invariants:
//! - A `client_id` is an address in its one normal form, so that two that look alike are two clients, and none leads
//!   elsewhere than it says.
//! - A document is fetched as from an untrusted host ([`crate::fetch`]), counts only for the very address it names, and holds
//!   no secret.

use std::sync::Arc;

use mcp_http::clock::Clock;
use reqwest::Url;

use crate::{
    clients::{
        client::{Client, Origin},
        client_metadata::Metadata,
    },
    fetch::{self, Cache, Fetch, FetchBudget, Fetched, Terms},
};

#[cfg(test)]
mod tests;

/// The longest address.
const BYTES: usize = 1024;

/// Why there is no client at an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The address cannot be a `client_id`.
    #[error("the `client_id` must be {0}")]
    Address(&'static str),
    /// The document cannot be had, or does not count.
    #[error("the client's metadata cannot be used: {0}")]
    Document(fetch::Error),
}

impl Error {
    /// Whether the same client may be found later.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Document(error) if error.is_transient())
    }
}

/// Whether a `client_id` is meant to be an address.
#[must_use]
pub fn is_address(client_id: &str) -> bool {
    client_id.starts_with("https://")
}

/// Documents, fetched when they are needed.
#[derive(Clone, Debug)]
pub struct Documents {
    fetch: Fetch,
    known: Arc<Cache<Metadata>>,
}

impl Documents {
    /// Documents that are fetched this way.
    #[must_use]
    pub fn new(fetch: Fetch, clock: Clock) -> Self {
        Self { fetch, known: Arc::new(Cache::new(Terms::DOCUMENTS, clock)) }
    }

    /// The client at an address.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn client(&self, client_id: &str, budget: FetchBudget) -> Result<Client, Error> {
        let url = address(client_id).map_err(Error::Address)?;
        let fetch = self.fetch.on(budget);
        let known = self.known.get(client_id, fetch.lane(), document(&fetch, &url));
        let metadata = fetch.within(&url, known).await.map_err(Error::Document)?;
        Ok(Metadata::clone(&metadata).client(client_id.to_owned(), Origin::Document))
    }
}

async fn document(fetch: &Fetch, url: &Url) -> Fetched<Metadata> {
    let (document, reply) = fetch.json(url).await?;
    let unusable = |reason: String| fetch::Error::Unusable { host: fetch::host(url), reason };
    let members = document.as_object().ok_or_else(|| unusable("it is not a JSON object".to_owned()))?;
    if members.get("client_id").and_then(serde_json::Value::as_str) != Some(url.as_str()) {
        return Err(unusable("its `client_id` is not its own address".to_owned()));
    }
    if members.contains_key("client_secret") {
        return Err(unusable("it holds a `client_secret`, which is secret no more".to_owned()));
    }
    let metadata = Metadata::read(members).map_err(|error| unusable(error.to_string()))?;
    Ok((metadata, reply.lifetime()))
}

/// The address, if it can be a `client_id`.
fn address(text: &str) -> Result<Url, &'static str> {
    if text.len() > BYTES {
        return Err("no longer than 1024 characters");
    }
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "https").ok_or("an address that begins with `https://`")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("an address without a user name or password");
    }
    if text.contains(['?', '#']) {
        return Err("an address without `?` and `#`");
    }
    if url.path() == "/" {
        return Err("an address with a path");
    }
    // parsing takes away dot segments, a port that goes without saying, capitals in the host and the like
    if url.as_str() == text { Ok(url) } else { Err("an address in its normal form, without dot segments") }
}
