//! The metadata of an issuer (RFC 8414; OpenID Connect Discovery).
//!
//! Invariants: the issuer in the document is the configured one, byte for byte; every URL in it begins with `https://`, or has
//! a loopback host.

use mcp_http::net::is_loopback;
use reqwest::Url;
use serde_json::Value;

use crate::{
    fetch::{self, Fetch, Fetched, MemorySize},
    jose,
};

/// The metadata of an issuer.
#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    pub(super) jwks: Url,
    /// The authorization endpoint.
    pub(super) authorization: Option<Url>,
    /// The token endpoint.
    pub(super) token: Option<Url>,
    /// The userinfo endpoint.
    pub(super) userinfo: Option<Url>,
    /// The methods of client authentication at the token endpoint; empty if the document lists none.
    pub(super) methods: Vec<String>,
    /// The supported values of `prompt`, if the document lists them (Initiating User Registration via OpenID Connect 1.0).
    pub(super) prompts: Option<Vec<String>>,
    /// Whether authorization responses contain `iss` (RFC 9207).
    pub(super) sends_iss: bool,
}

impl MemorySize for Issuer {
    fn memory_size(&self) -> usize {
        let lists = self.methods.iter().chain(self.prompts.iter().flatten());
        size_of::<Self>() + 4 * self.jwks.as_str().len() + lists.map(String::len).sum::<usize>()
    }
}

/// Fetches the document at the URL of OpenID Connect Discovery, and if that responds with 4xx, at the URL of RFC 8414.
pub(super) async fn discover(fetch: &Fetch, issuer: &str) -> Fetched<Issuer> {
    let found = find(fetch, issuer).await;
    if let Err(error) = &found {
        tracing::warn!(issuer, %error, "the issuer's metadata cannot be used");
    }
    found
}

/// The same, without a line in the log.
async fn find(fetch: &Fetch, issuer: &str) -> Fetched<Issuer> {
    let url = usable(issuer).ok_or_else(|| fetch::Error::NotPublic(issuer.chars().take(100).collect()))?;
    let base = issuer.strip_suffix('/').unwrap_or(issuer);
    let openid = format!("{base}/.well-known/openid-configuration");
    let path = url.path().trim_end_matches('/');
    let origin = base.strip_suffix(path).unwrap_or(base);
    let oauth = format!("{origin}/.well-known/oauth-authorization-server{path}");
    match read(fetch, issuer, &openid).await {
        Err(fetch::Error::Status { status: 400..500, .. }) => read(fetch, issuer, &oauth).await,
        found => found,
    }
}

/// Fetches the metadata of an issuer and its keys, from `jwks` if the operator says so, and checks that they can be used.
///
/// # Errors
/// Why they cannot be used.
pub async fn check(issuer: &str, jwks: Option<&Url>) -> Result<(), String> {
    let fetch = Fetch::for_operator(fetch::Limits::OPERATOR).map_err(|error| error.to_string())?;
    let jwks = match jwks {
        Some(jwks) => jwks.clone(),
        None => find(&fetch, issuer).await.map_err(|error| error.to_string())?.0.jwks,
    };
    let (keys, _) = fetch.json(&jwks).await.map_err(|error| error.to_string())?;
    jose::parse(&keys).map(drop).map_err(|error| format!("its keys at `{jwks}` cannot be used: {error}"))
}

async fn read(fetch: &Fetch, issuer: &str, address: &str) -> Fetched<Issuer> {
    let address = Url::parse(address).map_err(|_| fetch::Error::NotPublic(issuer.chars().take(100).collect()))?;
    let (document, reply) = fetch.json(&address).await?;
    let issuer =
        understand(issuer, &document).map_err(|reason| fetch::Error::Unusable { host: fetch::host(&address), reason })?;
    Ok((issuer, reply.lifetime()))
}

fn understand(issuer: &str, document: &Value) -> Result<Issuer, String> {
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    match text("issuer") {
        Some(other) if other == issuer => {}
        Some(other) => {
            let other: String = other.chars().filter(|c| !c.is_control()).take(200).collect();
            return Err(format!(
                "its `issuer` is `{other}`, not `{issuer}`; configure the issuer exactly as it is written there"
            ));
        }
        None => return Err("it has no `issuer`".to_owned()),
    }
    let address = |name: &str| match text(name) {
        None => Ok(None),
        Some(text) => usable(text).map(Some).ok_or_else(|| format!("`{name}` does not begin with `https://`")),
    };
    let words = |name: &str| {
        let list = document.get(name)?.as_array()?;
        Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>())
    };
    Ok(Issuer {
        jwks: address("jwks_uri")?.ok_or("it has no `jwks_uri`")?,
        authorization: address("authorization_endpoint")?,
        token: address("token_endpoint")?,
        userinfo: address("userinfo_endpoint")?,
        methods: words("token_endpoint_auth_methods_supported").unwrap_or_default(),
        prompts: words("prompt_values_supported"),
        sends_iss: document.get("authorization_response_iss_parameter_supported") == Some(&Value::Bool(true)),
    })
}

/// A URL that may be fetched: https, or http with a loopback host.
pub(super) fn usable(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url))).then_some(url)
}
