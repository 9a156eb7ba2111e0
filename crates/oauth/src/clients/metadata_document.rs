//! Clients whose `client_id` is the URL of their metadata (OAuth Client ID Metadata Document).
//!
//! Invariants:
//! - A `client_id` is a URL in its one normal form, so that two different texts are two clients, and the URL that is fetched is
//!   the one that is shown.
//! - A document is fetched like any URL of an untrusted host ([`crate::fetch`]), is valid only for the exact URL that it
//!   contains as its `client_id`, and contains no secret. So is one that the operator keeps in a file ([`pinned`]), which is not fetched.

use std::sync::Arc;

use mcp_http::{clock::Clock, net::parse_url};
use reqwest::Url;
use serde_json::Value;

use crate::{
    clients::{
        client::{Client, Origin},
        client_metadata::Metadata,
    },
    fetch::{self, Cache, Fetch, FetchBudget, Fetched, MemorySize, Terms},
};

#[cfg(test)]
mod tests;

/// The maximum length of the URL, in bytes.
const BYTES: usize = 1024;
/// The maximum length of a document, in bytes; that of a registration.
const DOCUMENT_BYTES: usize = 16 << 10;

/// Why a URL has no client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The URL cannot be a `client_id`.
    #[error("the `client_id` must be {0}")]
    Address(&'static str),
    /// The document cannot be fetched, or is not valid.
    #[error("the client's metadata cannot be used: {0}")]
    Document(fetch::Error),
}

impl Error {
    /// Whether it was not fetched, since too many other documents are.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Document(fetch::Error::Busy))
    }

    /// Whether nothing was fetched: the host cannot be reached from here, or it, or something in between, refused.
    #[must_use]
    pub fn is_of_network(&self) -> bool {
        use fetch::Error::{NotJson, Status, Timeout, Unreachable};
        matches!(self, Self::Document(Unreachable { .. } | Timeout(_) | Status { .. } | NotJson(_)))
    }

    /// Returns whether a retry may succeed.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Document(error) if error.is_transient())
    }
}

/// Returns whether a `client_id` is meant to be a URL.
#[must_use]
pub fn is_url(client_id: &str) -> bool {
    client_id.starts_with("https://")
}

/// Client metadata documents, fetched when they are needed.
#[derive(Clone, Debug)]
pub struct Documents {
    fetch: Fetch,
    known: Arc<Cache<Metadata>>,
}

impl Documents {
    /// Returns an empty cache of documents, which are fetched with `fetch`.
    #[must_use]
    pub fn new(fetch: Fetch, clock: Clock) -> Self {
        Self { fetch, known: Arc::new(Cache::new(Terms::DOCUMENTS, clock)) }
    }

    /// Returns the client at a URL.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn client(&self, client_id: &str, budget: FetchBudget) -> Result<Client, Error> {
        let url = address(client_id).map_err(Error::Address)?;
        let fetch = self.fetch.on(budget);
        let known = self.known.get(client_id, fetch.network_permit(), document(&fetch, &url));
        let metadata = fetch.within(&url, known).await.map_err(Error::Document)?;
        Ok(Metadata::clone(&metadata).client(client_id.to_owned(), Origin::Document))
    }
}

impl Documents {
    /// Fetches a document, whether it is known or not.
    ///
    /// # Errors
    /// Why it cannot be fetched; the cause is meant for whoever runs the server.
    pub(crate) async fn probe(&self, client_id: &str) -> Result<(), Error> {
        let url = address(client_id).map_err(Error::Address)?;
        document(&self.fetch.telling_causes(), &url).await.map(drop).map_err(Error::Document)
    }

    /// Keeps the document of a client that a user has allowed something, so that strangers cannot evict it from the cache.
    pub(crate) async fn keep(&self, client_id: &str, user: &str) {
        self.known.keep(client_id, user).await;
    }
}

async fn document(fetch: &Fetch, url: &Url) -> Fetched<Metadata> {
    let (document, reply) = fetch.json(url).await?;
    let unusable = |reason: String| fetch::Error::Unusable { host: fetch::host(url), reason };
    if reply.body.len() > DOCUMENT_BYTES {
        return Err(unusable(too_long()));
    }
    let metadata = valid(&document, url).map_err(unusable)?;
    Ok((metadata, reply.lifetime()))
}

/// The metadata that a document at this URL contains.
fn valid(document: &Value, url: &Url) -> Result<Metadata, String> {
    let members = document.as_object().ok_or("it is not a JSON object")?;
    if members.get("client_id").and_then(Value::as_str) != Some(url.as_str()) {
        return Err("its `client_id` is not its own URL".to_owned());
    }
    if members.contains_key("client_secret") {
        return Err("it contains a `client_secret`, which is public there".to_owned());
    }
    Metadata::read(members).map_err(|error| error.to_string())
}

/// Returns the client at a URL whose document the operator has: it has to be valid by the rules for those that are fetched.
///
/// # Errors
/// What is wrong with the URL or with the document.
pub fn pinned(client_id: &str, document: &str) -> Result<Client, String> {
    let url = address(client_id).map_err(|what| Error::Address(what).to_string())?;
    if document.len() > DOCUMENT_BYTES {
        return Err(too_long());
    }
    let document = serde_json::from_str(document).map_err(|error| format!("it is not JSON: {error}"))?;
    Ok(valid(&document, &url)?.client(client_id.to_owned(), Origin::Document))
}

fn too_long() -> String {
    format!("it is longer than {} KiB", DOCUMENT_BYTES >> 10)
}

impl MemorySize for Metadata {
    fn memory_size(&self) -> usize {
        2 * self.to_json().len()
    }
}

/// Parses a URL that can be a `client_id`.
///
/// # Errors
/// What it must be.
pub fn address(text: &str) -> Result<Url, &'static str> {
    if text.len() > BYTES {
        return Err("no longer than 1024 characters");
    }
    let url = parse_url(text).filter(|url| url.scheme() == "https").ok_or("a URL that begins with `https://`")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("a URL without a user name or password");
    }
    if text.contains(['?', '#']) {
        return Err("a URL without `?` and `#`");
    }
    if url.path() == "/" {
        return Err("a URL with a path");
    }
    // parsing removes dot segments, default ports, capitals in the host and the like
    if url.as_str() == text { Ok(url) } else { Err("a URL in its normal form, without dot segments") }
}
