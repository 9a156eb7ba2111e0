//! What the server runs with, once everything that was typed has been understood.

use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;
use reqwest::Url;

use crate::{access::Access, caller::Keys, oauth::client::Client, scope::Scopes};

/// A text that does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    #[must_use]
    pub fn new(plain: String) -> Self {
        Self(plain)
    }

    /// The text, for the one who needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(Sensitive)")
    }
}

/// What `serve` runs with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The origin that people and clients see, without a slash at its end; `None`: the address that is listened on, which is then a loopback address.
    pub public_url: Option<String>,
    /// Browsers' pages that may call the MCP endpoint, besides those of this machine and our own: origins.
    pub allowed_origins: Vec<String>,
    /// The proxies whose forwarded headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// How many connections may be open at once.
    pub connections: usize,
    /// How many of them may come from one network.
    pub connections_per_network: usize,
    /// The address of a listener for health alone.
    pub health_listen: Option<SocketAddr>,
    /// How many bytes of memory large requests in flight may take together.
    pub request_memory: usize,
    /// How long requests may take to end once the server stops.
    pub shutdown_grace: Duration,
    /// Who may call.
    pub auth: Auth,
}

/// Who may call.
#[derive(Clone, Debug)]
pub enum Auth {
    /// Everyone who reaches the server, with the keys from the environment.
    None(Keys),
    /// Who has a token of the authorization server in here.
    Embedded(Embedded),
    /// Who has a token of another authorization server.
    External(External),
}

/// The authorization server in here.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// How people sign in.
    pub sign_in: SignIn,
    /// What may be granted at most.
    pub scopes: Scopes,
    /// The clients that the operator configured.
    pub clients: Vec<Client>,
    /// Whether clients may register themselves.
    pub registration: bool,
    /// Whether a `client_id` may be the address of the client's metadata.
    pub client_metadata: bool,
    /// The keys that access rules and clients name.
    pub keys: BTreeMap<String, Keys>,
    /// Where grants and tokens are kept.
    pub store: StoreAt,
    /// What seals Torii's keys.
    pub seal: SealFrom,
    /// How long an access token counts.
    pub access_token_ttl: Duration,
    /// How long a refresh token counts.
    pub refresh_token_ttl: Duration,
    /// How long a browser stays signed in.
    pub session_ttl: Duration,
}

/// How people sign in.
#[derive(Clone, Debug)]
pub enum SignIn {
    /// With a key of Torii.
    ToriiKey,
    /// With the company's identity provider.
    Oidc(Oidc, Access),
}

/// An identity provider that speaks `OpenID` Connect.
#[derive(Clone, Debug)]
pub struct Oidc {
    /// Its issuer, as it writes it.
    pub issuer: String,
    /// What it calls this server.
    pub client_id: String,
    /// How this server proves who it is to it.
    pub client_secret: Secret,
    /// What is asked of it, `openid` among them.
    pub scopes: Vec<String>,
    /// The claim that holds a person's groups.
    pub groups_claim: String,
}

/// Another authorization server.
#[derive(Clone, Debug)]
pub struct External {
    /// Its issuer, as it writes it.
    pub issuer: String,
    /// Where its keys are, unless its metadata says so.
    pub jwks_url: Option<Url>,
    /// What `aud` has to hold; the address of the MCP endpoint unless configured.
    pub audience: Option<String>,
    /// The algorithms its tokens may be signed with.
    pub algorithms: Vec<jsonwebtoken::Algorithm>,
    /// The claim that holds a person's groups.
    pub groups_claim: String,
    /// What its tokens may allow at most.
    pub scopes: Scopes,
    /// Which key of Torii a person acts with.
    pub access: Access,
    /// The keys that the rules name.
    pub keys: BTreeMap<String, Keys>,
}

/// Where grants and tokens are kept.
#[derive(Clone, Debug)]
pub enum StoreAt {
    /// In this file.
    Sqlite(PathBuf),
    /// In this database; the address holds its password.
    Postgres(Secret),
}

/// What seals Torii's keys.
#[derive(Clone, Debug)]
pub enum SealFrom {
    /// These keys.
    Keys(Secret),
    /// Those in this file, which is made at the first start.
    File(PathBuf),
}
