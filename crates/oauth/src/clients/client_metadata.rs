//! What a client says about itself (RFC 7591, section 2), in a registration or in a document at its `client_id`.
//!
//! Understood leniently and kept strictly: unknown members and redirects that cannot be used here are left out, and what
//! remains is all that anybody sees again.
//!
//! How a client proves who it is: `private_key_jwt` when it says so and gives its keys. A client that names a shared
//! secret, or nothing, is a public client: no secret is ever issued here, its codes go to its own redirects only, and they
//! are of no use without the PKCE verifier. Any other method is refused, since a client that counts on more proof than it
//! gets would be less safe than it believes.
//!
//! Invariants: everything is bounded; keys are public; one redirect at least can be used; what was accepted is accepted
//! again when it comes back from the store.

use jsonwebtoken::jwk::JwkSet;
use mcp_http::{clock::Timestamp, sanitize::one_line, token::TokenHash};
use reqwest::Url;
use serde_json::{Map, Value, json};

use crate::{
    clients::client::{Authentication, Client, Origin},
    jose::{self, KeySource},
    redirect::RedirectUri,
};

#[cfg(test)]
mod tests;

/// The longest body that is read.
pub const BYTES: usize = 64 << 10;
const NAME_CHARACTERS: usize = 200;
const REDIRECTS: usize = 32;
const ADDRESS_BYTES: usize = 2048;

/// Why metadata was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No redirect can be used.
    #[error("{0}")]
    RedirectUri(String),
    /// Anything else.
    #[error("{0}")]
    Metadata(String),
}

impl Error {
    /// The code for it (RFC 7591, section 3.2.2).
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

/// Metadata as it was accepted.
#[derive(Clone, Debug)]
pub struct Metadata {
    name: Option<String>,
    redirect_uris: Vec<RedirectUri>,
    authentication: Authentication,
}

impl Metadata {
    /// Reads metadata.
    ///
    /// # Errors
    /// Why it cannot be accepted.
    pub fn parse(json: &[u8]) -> Result<Self, Error> {
        if json.len() > BYTES {
            return refused(format!("the metadata must not be longer than {} KiB", BYTES >> 10));
        }
        match serde_json::from_slice(json) {
            Ok(Value::Object(members)) => Self::read(&members),
            _ => refused("the metadata must be a JSON object"),
        }
    }

    /// The same from members that were parsed before.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn read(members: &Map<String, Value>) -> Result<Self, Error> {
        let members = Members(members);
        require(&members, "grant_types", "authorization_code")?;
        require(&members, "response_types", "code")?;
        Ok(Self { name: name(&members)?, redirect_uris: redirect_uris(&members)?, authentication: authentication(&members)? })
    }

    /// The client that this metadata makes.
    #[must_use]
    pub fn client(self, id: String, origin: Origin) -> Client {
        let Self { name, redirect_uris, authentication } = self;
        let name = name.or_else(|| redirect_uris.first().map(|uri| uri.place().to_owned())).unwrap_or_else(|| id.clone());
        Client { id, name, origin, redirect_uris, authentication, client_credentials: None }
    }

    /// What was accepted, as JSON; [`Self::parse`] gives the same again.
    #[must_use]
    pub fn to_json(&self) -> String {
        Value::Object(self.members()).to_string()
    }

    /// The response to a registration (RFC 7591, section 3.2.1).
    #[must_use]
    pub fn response(&self, client_id: &str, issued_at: Timestamp) -> Value {
        let mut members = Map::new();
        members.insert("client_id".to_owned(), client_id.into());
        members.insert("client_id_issued_at".to_owned(), issued_at.0.into());
        members.extend(self.members());
        Value::Object(members)
    }

    /// The same for the same metadata, in whatever order it lists its redirects, and with whatever ports on the client's
    /// own machine: those count for nothing ([`RedirectUri::allows`]), and some clients choose new ones at every start.
    #[must_use]
    pub fn digest(&self) -> TokenHash {
        let mut members = self.members();
        let mut uris: Vec<String> = self.redirect_uris.iter().map(without_loopback_port).collect();
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

/// The members of the metadata; one that is `null` is absent.
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

/// A list that is given has to hold the one thing that can be had here.
fn require(members: &Members<'_>, name: &str, word: &str) -> Result<(), Error> {
    match members.list(name)? {
        Some(list) if !list.contains(&word) => refused(format!("`{name}` must hold `{word}`")),
        _ => Ok(()),
    }
}

/// The name in one line, without signs that nobody sees or that turn the text around them.
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
        return unusable("`redirect_uris` must be a list of addresses".to_owned());
    };
    if texts.len() > REDIRECTS {
        return unusable(format!("`redirect_uris` must not hold more than {REDIRECTS} addresses"));
    }
    let (mut uris, mut problem) = (Vec::new(), None);
    for text in texts {
        if text.len() > ADDRESS_BYTES {
            problem = problem.or(Some(format!("an address is longer than {ADDRESS_BYTES} characters")));
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
        return unusable(format!("`redirect_uris` must hold one address that can be used here: {problem}"));
    }
    Ok(uris)
}

fn without_loopback_port(uri: &RedirectUri) -> String {
    match Url::parse(uri.as_str()) {
        Ok(mut url) if uri.is_loopback() && url.scheme() == "http" => {
            let _ = url.set_port(None);
            url.into()
        }
        _ => uri.as_str().to_owned(),
    }
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
        (None, Some(text)) => match Url::parse(text) {
            Ok(url) if url.scheme() == "https" && text.len() <= ADDRESS_BYTES => Ok(KeySource::At(url)),
            _ => refused(format!("`jwks_uri` must begin with `https://` and not be longer than {ADDRESS_BYTES} characters")),
        },
    }
}
