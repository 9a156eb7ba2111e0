//! Client metadata (RFC 7591, section 2), from a registration or a document at the `client_id`.
//!
//! Parsing is lenient, storage is strict: unknown members and redirect URIs that are not accepted are dropped, and only what
//! remains is stored and shown.
//!
//! A client authenticates with `private_key_jwt` if it requests that and provides its keys. A client that requests a shared
//! secret, or no method, is a public client: this server never issues a secret, codes are only sent to the client's own
//! redirect URIs, and they cannot be redeemed without the PKCE verifier. Any other method is rejected, because a client that
//! relies on stronger authentication than it gets would be less secure than it assumes.
//!
//! Invariants: everything is bounded; keys are public; there is at least one accepted redirect URI; metadata that was accepted
//! is accepted again when it is read from the store.

use jsonwebtoken::jwk::JwkSet;
use mcp_http::{clock::Timestamp, net::parse_url, sanitize::one_line, token::TokenHash};
use serde_json::{Map, Value, json};

use crate::{
    clients::client::{Authentication, Client, Origin},
    jose::{self, KeySource},
    redirect::RedirectUri,
};

#[cfg(test)]
mod tests;

/// The maximum length of the JSON text, in bytes.
pub const BYTES: usize = 64 << 10;
const NAME_CHARACTERS: usize = 200;
const REDIRECTS: usize = 32;
const URI_BYTES: usize = 2048;

/// Why metadata is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No redirect URI is accepted.
    #[error("{0}")]
    RedirectUri(String),
    /// Another member is not accepted.
    #[error("{0}")]
    Metadata(String),
}

impl Error {
    /// Returns the error code (RFC 7591, section 3.2.2).
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::RedirectUri(_) => "invalid_redirect_uri",
            Self::Metadata(_) => "invalid_client_metadata",
        }
    }
}

fn refused<T>(reason: impl Into<String>) -> Result<T, Error> {
    Err(Error::Metadata(reason.into()))
}

/// Accepted metadata.
#[derive(Clone, Debug)]
pub struct Metadata {
    name: Option<String>,
    redirect_uris: Vec<RedirectUri>,
    authentication: Authentication,
}

impl Metadata {
    /// Parses metadata.
    ///
    /// # Errors
    /// Why the metadata is not accepted.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        if json.len() > BYTES {
            return refused(format!("the metadata must not be longer than {} KiB", BYTES >> 10));
        }
        match serde_json::from_slice(json) {
            Ok(Value::Object(members)) => Self::read(&members),
            _ => refused("the metadata must be a JSON object"),
        }
    }

    /// Validates members that have been parsed already.
    ///
    /// # Errors
    /// As for [`Self::parse`].
    pub fn read(members: &Map<String, Value>) -> Result<Self, Error> {
        let members = Members(members);
        require(&members, "grant_types", "authorization_code")?;
        require(&members, "response_types", "code")?;
        Ok(Self { name: name(&members)?, redirect_uris: redirect_uris(&members)?, authentication: authentication(&members)? })
    }

    /// Returns the client that this metadata describes.
    #[must_use]
    pub fn client(self, id: String, origin: Origin) -> Client {
        let Self { name, redirect_uris, authentication } = self;
        let name = name.or_else(|| redirect_uris.first().map(|uri| uri.place().to_owned())).unwrap_or_else(|| id.clone());
        Client { id, name, origin, redirect_uris, authentication, client_credentials: None }
    }

    /// Returns the accepted metadata as JSON; [`Self::parse`] of it returns the same metadata.
    #[must_use]
    pub fn to_json(&self) -> String {
        Value::Object(self.members()).to_string()
    }

    /// Returns the response to a registration (RFC 7591, section 3.2.1).
    #[must_use]
    pub fn response(&self, client_id: &str, issued_at: Timestamp) -> Value {
        let mut members = Map::new();
        members.insert("client_id".to_owned(), client_id.into());
        members.insert("client_id_issued_at".to_owned(), issued_at.0.into());
        members.extend(self.members());
        Value::Object(members)
    }

    /// Returns the hash of the metadata. It ignores the order of the redirect URIs, and the ports of loopback URIs, which are not
    /// compared ([`RedirectUri::allows`]) and which some clients choose anew at every start.
    #[must_use]
    pub fn digest(&self) -> TokenHash {
        let mut members = self.members();
        let mut uris: Vec<String> = self.redirect_uris.iter().map(RedirectUri::without_loopback_port).collect();
        uris.sort();
        uris.dedup();
        members.insert("redirect_uris".to_owned(), uris.into());
        TokenHash::of(Value::Object(members).to_string().as_bytes())
    }

    fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
        if let Some(name) = &self.name {
            put("client_name", name.as_str().into());
        }
        put("redirect_uris", self.redirect_uris.iter().map(RedirectUri::as_str).collect());
        put("grant_types", json!(["authorization_code", "refresh_token"]));
        put("response_types", json!(["code"]));
        match &self.authentication {
            Authentication::None => {
                put("token_endpoint_auth_method", "none".into());
            }
            Authentication::PrivateKeyJwt(keys) => {
                put("token_endpoint_auth_method", "private_key_jwt".into());
                match keys {
                    KeySource::Inline(keys) => put("jwks", json!({ "keys": keys.keys })),
                    KeySource::At(url) => put("jwks_uri", url.as_str().into()),
                };
            }
        }
        members
    }
}

/// The members of the metadata; `null` is treated as absent.
struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>, Error> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => refused(format!("`{name}` must be a string")),
        }
    }

    fn list(&self, name: &str) -> Result<Option<Vec<&'a str>>, Error> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let list: Option<Vec<&str>> = value.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
        list.map_or_else(|| refused(format!("`{name}` must be a list of strings")), |list| Ok(Some(list)))
    }
}

/// If the list is present, it has to contain the only supported value.
fn require(members: &Members<'_>, name: &str, word: &str) -> Result<(), Error> {
    match members.list(name)? {
        Some(list) if !list.contains(&word) => refused(format!("`{name}` must hold `{word}`")),
        _ => Ok(()),
    }
}

/// The name on one line, without invisible characters and without those that change the direction of the text around them.
fn name(members: &Members<'_>) -> Result<Option<String>, Error> {
    let Some(text) = members.text("client_name")? else {
        return Ok(None);
    };
    let name = one_line(text, usize::MAX);
    if name.chars().count() > NAME_CHARACTERS {
        return refused(format!("`client_name` must not be longer than {NAME_CHARACTERS} characters"));
    }
    Ok(Some(name).filter(|name| !name.is_empty()))
}

fn redirect_uris(members: &Members<'_>) -> Result<Vec<RedirectUri>, Error> {
    let unusable = |reason: String| Err(Error::RedirectUri(reason));
    let Ok(Some(texts)) = members.list("redirect_uris") else {
        return unusable("`redirect_uris` must be a list of URIs".to_owned());
    };
    if texts.len() > REDIRECTS {
        return unusable(format!("`redirect_uris` must not hold more than {REDIRECTS} URIs"));
    }
    let (mut uris, mut problem) = (Vec::new(), None);
    for text in texts {
        if text.len() > URI_BYTES {
            problem = problem.or(Some(format!("a URI is longer than {URI_BYTES} characters")));
            continue;
        }
        match RedirectUri::parse(text) {
            Ok(uri) if uris.contains(&uri) => {}
            Ok(uri) => uris.push(uri),
            Err(error) => problem = problem.or(Some(error.to_string())),
        }
    }
    if uris.is_empty() {
        let problem = problem.unwrap_or_else(|| "it is empty".to_owned());
        return unusable(format!("`redirect_uris` must hold one URI that is accepted here: {problem}"));
    }
    Ok(uris)
}

fn authentication(members: &Members<'_>) -> Result<Authentication, Error> {
    match members.text("token_endpoint_auth_method")? {
        None | Some("none" | "client_secret_basic" | "client_secret_post" | "client_secret_jwt") => Ok(Authentication::None),
        Some("private_key_jwt") => keys(members).map(Authentication::PrivateKeyJwt),
        Some(_) => refused("`token_endpoint_auth_method` must be `none` or `private_key_jwt`"),
    }
}

fn keys(members: &Members<'_>) -> Result<KeySource, Error> {
    match (members.get("jwks"), members.text("jwks_uri")?) {
        (Some(_), Some(_)) => refused("`jwks` and `jwks_uri` must not both be given"),
        (None, None) => refused("`private_key_jwt` needs the client's public keys: give `jwks` or `jwks_uri`"),
        (Some(value), None) => match jose::parse(value) {
            Ok(keys) => Ok(KeySource::Inline(JwkSet { keys })),
            Err(error) => refused(format!("`jwks` cannot be used: {error}")),
        },
        (None, Some(text)) => match parse_url(text) {
            Some(url) if url.scheme() == "https" && text.len() <= URI_BYTES => Ok(KeySource::At(url)),
            _ => refused(format!("`jwks_uri` must begin with `https://` and not be longer than {URI_BYTES} characters")),
        },
    }
}
