//! What can be typed: the keys of the file, with their types, defaults and descriptions.
//!
//! This is the one place that names keys. The JSON schema, the variables of the environment, the check for unknown keys,
//! `config print` and the table in `docs/reference/configuration.md` all come from it.
//!
//! A key that ends in `_file` and carries `x-secret` names a file with a secret; the secret itself is the variable of the
//! same name without `_FILE`.

use std::collections::BTreeMap;

use openapi_mcp::{confirmation::ConfirmationPolicy, mcp::Listing};
use schemars::JsonSchema;
use serde::Deserialize;

/// Everything that can be configured.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "torii-mcp.toml")]
pub struct RawConfig {
    /// The address to listen on. Any but a loopback address needs `public_url`.
    #[schemars(extend("default" = "127.0.0.1:8080"))]
    pub listen: Option<String>,
    /// The origin that people and clients see: `https://` and a host, without a path. Without it the server is for its own
    /// machine only.
    #[schemars(extend("examples" = ["https://mcp.example.com"]))]
    pub public_url: Option<String>,
    /// What to log on standard error.
    #[schemars(extend("default" = "info,rmcp=error,sqlx=warn"))]
    pub log: Option<String>,
    /// The folder for what is kept, unless another key says otherwise: `torii-mcp` in the folder that your system has for
    /// data, on Linux `~/.local/share/torii-mcp`.
    pub data_dir: Option<String>,
    /// Whether each call keeps within the rate that its documentation states, or leaves it to Torii to refuse.
    #[schemars(extend("default" = "documented"))]
    pub pace: Option<Pace>,
    /// The origins of web pages that may call the MCP endpoint, besides those of this machine.
    #[schemars(extend("examples" = [["https://app.example.com"]]))]
    pub allowed_origins: Option<Vec<String>>,
    /// The proxies in front: addresses or networks. Forwarded headers and request ids count from these only.
    #[schemars(extend("examples" = [["10.0.0.0/8"]]))]
    pub trusted_proxies: Option<Vec<String>>,
    /// Torii, as `stdio`, `call`, and `serve` without sign-in reach it.
    pub torii: Option<RawTorii>,
    /// Where connections are kept.
    pub store: Option<RawStore>,
    /// What seals people's keys of Torii in the store.
    pub seal: Option<RawSeal>,
    /// How people sign in, and for how long.
    pub auth: Option<RawAuth>,
    /// Which key of Torii people act with who sign in with an identity provider.
    pub access: Option<RawAccess>,
    /// Keys of Torii by the names that access rules and clients use.
    #[schemars(extend("propertyNames" = { "pattern": "^[a-z][a-z0-9_]{0,31}$", "examples": ["read_only"] }))]
    pub keys: Option<BTreeMap<String, RawKeys>>,
    /// Clients that need not register: your own automation, or assistants that cannot.
    pub clients: Option<Vec<RawClient>>,
    /// What assistants get.
    pub tools: Option<RawTools>,
    /// How much the server takes on.
    pub limits: Option<RawLimits>,
    /// Where probes ask for the server's health.
    pub health: Option<RawHealth>,
}

/// Whether calls keep to the documented rates.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
// a description on a variant would turn the schema's list of words into a choice of schemas
pub enum Pace {
    Documented,
    None,
}

/// See [`RawConfig::torii`].
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTorii {
    /// Where Torii is; by default the server of Torii's document. A bare origin gets the document's path.
    #[schemars(extend("examples" = ["https://api.toriihq.com"]))]
    pub api_url: Option<String>,
    /// A file that holds the key for Torii's API.
    #[schemars(extend("x-secret" = true))]
    pub api_key_file: Option<String>,
    /// A file that holds the key for Torii's SCIM calls.
    #[schemars(extend("x-secret" = true))]
    pub scim_key_file: Option<String>,
}

/// See [`RawConfig::store`].
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawStore {
    /// `sqlite:PATH` for one server, `postgres://…` for several; by default SQLite in `data_dir`. With a password in it, it
    /// is a secret, which the file must not hold.
    #[schemars(extend("examples" = ["sqlite:/var/lib/torii-mcp/store.sqlite"]))]
    pub url: Option<String>,
    /// A file that holds `store.url`.
    #[schemars(extend("x-secret" = true))]
    pub url_file: Option<String>,
}

/// See [`RawConfig::seal`].
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSeal {
    /// A file that holds the sealing keys, each 32 random bytes in base64: the first seals, all open. It is made at the
    /// first start if it is not there; by default `seal.key` in `data_dir`.
    #[schemars(extend("x-secret" = true))]
    pub key_file: Option<String>,
}

/// See [`RawConfig::auth`].
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawAuth {
    /// How people sign in: `torii_key`, each with their own key of Torii; `oidc`, with your identity provider; `external`,
    /// not here, another authorization server makes the tokens; `none`, not at all, for this machine only.
    #[schemars(extend("default" = "torii_key"))]
    pub mode: Option<Mode>,
    /// What can be allowed at most.
    #[schemars(length(min = 1), extend("default" = ["torii:read", "torii:write", "torii:destroy", "torii:scim"]))]
    pub scopes: Option<Vec<Word>>,
    /// How long an access token counts, from `1m` to `1d`.
    #[schemars(extend("default" = "1h", "pattern" = DURATION, "examples" = ["1h"]))]
    pub access_token_ttl: Option<String>,
    /// How long a connection lasts that is not used, from `1h` to `365d`.
    #[schemars(extend("default" = "60d", "pattern" = DURATION, "examples" = ["60d"]))]
    pub refresh_token_ttl: Option<String>,
    /// How long a browser stays signed in, from `1m` to `30d`.
    #[schemars(extend("default" = "12h", "pattern" = DURATION, "examples" = ["12h"]))]
    pub session_ttl: Option<String>,
    /// Whether clients may register themselves (RFC 7591). Many assistants need it.
    #[schemars(extend("default" = true))]
    pub registration: Option<bool>,
    /// Whether a client may name itself by the address of its metadata.
    #[schemars(extend("default" = true))]
    pub client_metadata: Option<bool>,
    /// The identity provider, for mode `oidc`.
    pub oidc: Option<RawOidc>,
    /// The other authorization server, for mode `external`.
    pub external: Option<RawExternal>,
}

/// What a duration looks like.
const DURATION: &str = "^([0-9]{1,9}[dhms])+$";

/// How people sign in.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    ToriiKey,
    Oidc,
    External,
    None,
}

/// A scope.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
pub enum Word {
    #[serde(rename = "torii:read")]
    Read,
    #[serde(rename = "torii:write")]
    Write,
    #[serde(rename = "torii:destroy")]
    Destroy,
    #[serde(rename = "torii:scim")]
    Scim,
}

impl Word {
    /// The name of the scope.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Read => "torii:read",
            Self::Write => "torii:write",
            Self::Destroy => "torii:destroy",
            Self::Scim => "torii:scim",
        }
    }
}

/// See [`RawAuth::oidc`].
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawOidc {
    /// The provider's issuer, exactly as it writes it.
    #[schemars(extend("examples" = ["https://login.example.com"]))]
    pub issuer: Option<String>,
    /// What the provider calls this server.
    #[schemars(length(min = 1))]
    pub client_id: Option<String>,
    /// A file that holds the secret that the provider gave this server.
    #[schemars(extend("x-secret" = true))]
    pub client_secret_file: Option<String>,
    /// What to ask the provider for; `openid` has to be among them.
    #[schemars(length(min = 1), extend("default" = ["openid", "profile", "email"]))]
    pub scopes: Option<Vec<String>>,
    /// The claim that holds a person's groups.
    #[schemars(length(min = 1), extend("default" = "groups"))]
    pub groups_claim: Option<String>,
}

/// See [`RawAuth::external`].
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawExternal {
    /// The server's issuer, exactly as it writes it.
    #[schemars(extend("examples" = ["https://login.example.com"]))]
    pub issuer: Option<String>,
    /// Where its public keys are; by default where its metadata says.
    pub jwks_url: Option<String>,
    /// What `aud` has to hold; by default the address of the MCP endpoint.
    #[schemars(length(min = 1))]
    pub audience: Option<String>,
    /// The algorithms its tokens may be signed with. Those with a shared secret are not among them: whoever could check a
    /// token could make one.
    #[schemars(length(min = 1), extend("default" = ["RS256", "PS256", "ES256", "ES384", "EdDSA"]))]
    pub algorithms: Option<Vec<Algorithm>>,
    /// The claim that holds a person's groups.
    #[schemars(length(min = 1), extend("default" = "groups"))]
    pub groups_claim: Option<String>,
}

/// An algorithm of signatures with a public key.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
pub enum Algorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    EdDSA,
}

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::RS256 => Self::RS256,
            Algorithm::RS384 => Self::RS384,
            Algorithm::RS512 => Self::RS512,
            Algorithm::PS256 => Self::PS256,
            Algorithm::PS384 => Self::PS384,
            Algorithm::PS512 => Self::PS512,
            Algorithm::ES256 => Self::ES256,
            Algorithm::ES384 => Self::ES384,
            Algorithm::EdDSA => Self::EdDSA,
        }
    }
}

/// See [`RawConfig::access`].
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawAccess {
    /// Who acts with which key, and how far. The first rule that matches decides; who matches none gets nothing.
    pub rules: Option<Vec<RawRule>>,
    /// Whether a person is looked up in Torii, when signing in and later, so that their role limits them and whoever has
    /// left gets nothing. Needs `access.roles`.
    #[schemars(extend("default" = false))]
    pub respect_torii_role: Option<bool>,
    /// What a role in Torii allows at most, by the role's name. A role that is not here allows nothing.
    pub roles: Option<BTreeMap<String, Vec<Word>>>,
}

/// One access rule, with exactly one of `email`, `domain` and `group`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRule {
    /// The person with this address.
    pub email: Option<String>,
    /// Everyone with an address at this domain.
    pub domain: Option<String>,
    /// Everyone in this group.
    #[schemars(length(min = 1))]
    pub group: Option<String>,
    /// The name of a key in `keys`.
    pub key: String,
    /// What they may be allowed at most.
    #[schemars(length(min = 1))]
    pub scopes: Vec<Word>,
}

/// The keys of Torii that one name stands for.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawKeys {
    /// A file that holds the key for Torii's API.
    #[schemars(extend("x-secret" = true))]
    pub torii_key_file: Option<String>,
    /// A file that holds the key for Torii's SCIM calls.
    #[schemars(extend("x-secret" = true))]
    pub scim_key_file: Option<String>,
}

/// A client that the operator configured. With `jwks_file` or `jwks_url` it proves who it is (`private_key_jwt`).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawClient {
    /// Its `client_id`: printable, without blanks, no address.
    #[schemars(extend("pattern" = "^[!-~]{1,200}$", "examples" = ["nightly-report"]))]
    pub id: String,
    /// What people read when it asks for access; by default its `id`.
    #[schemars(length(min = 1, max = 200))]
    pub name: Option<String>,
    /// Where codes may be sent: `https://`, or `http://` on a loopback address with any port.
    pub redirect_uris: Option<Vec<String>>,
    /// A file that holds its public keys as a JWK set.
    pub jwks_file: Option<String>,
    /// Where its public keys are.
    pub jwks_url: Option<String>,
    /// What it may do by itself, without a person (`client_credentials`).
    pub client_credentials: Option<RawClientCredentials>,
}

/// What a client may do by itself.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawClientCredentials {
    /// The name of a key in `keys`.
    pub key: String,
    /// What it may do at most.
    #[schemars(length(min = 1))]
    pub scopes: Vec<Word>,
}

/// See [`RawConfig::tools`].
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTools {
    /// Which tools assistants see: with `search` the most used ones and three that find and run the others, with `all` every one.
    #[schemars(extend("default" = "search"))]
    pub listing: Option<Listing>,
    /// The only groups of tools there are, for example `["apps", "contracts"]`; all of them unless set. An address can name fewer
    /// of them, as `/mcp?toolsets=apps` does, but never more.
    #[schemars(length(min = 1), extend("examples" = [["apps", "contracts"]]))]
    pub toolsets: Option<Vec<String>>,
    /// Whether there are only tools that read. For one connection the address `/mcp/read-only` does the same.
    #[schemars(extend("default" = false))]
    pub read_only: Option<bool>,
    /// Whether the list says what each tool answers, for clients that make use of it. That makes the list more than twice as long.
    #[schemars(extend("default" = false))]
    pub output_schemas: Option<bool>,
    /// Which calls a person has to agree to: `destroy` for what cannot be undone and for running workflows, `always` for everything
    /// that changes something, `never` for none.
    #[schemars(extend("default" = "destroy"))]
    pub confirm: Option<ConfirmationPolicy>,
    /// How many characters of JSON an answer may have, 3.3 to a token or more. A longer one is shortened, says so, and can be continued.
    #[schemars(range(min = 2_000, max = 10_000_000), extend("default" = openapi_mcp::tool_output::DEFAULT_CHARACTERS))]
    pub answer_characters: Option<usize>,
}

/// See [`RawConfig::limits`].
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawLimits {
    /// How many connections may be open at once. Beyond that, the one that has waited longest for its client is closed for a new
    /// one. Where none waits, a new one is answered `/health/live` and `/health/ready`, and everything else with 503.
    #[schemars(range(min = 1, max = 1_000_000), extend("default" = openapi_mcp::http::Bounds::CONNECTIONS))]
    pub connections: Option<usize>,
    /// How many connections may be open at once from one network, an IPv4 address or a /56 of IPv6; by default half of
    /// `limits.connections`. For `trusted_proxies` there is no such limit.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub connections_per_network: Option<usize>,
    /// How much memory, in MiB, large requests in flight may take together. Others wait, and after 10 s are told to come again.
    #[schemars(range(min = 8, max = 65_536), extend("default" = openapi_mcp::http::REQUEST_MEMORY >> 20))]
    pub request_memory_mib: Option<usize>,
    /// How much memory, in MiB, large answers of Torii may take together as they come. Others wait, and after 10 s the assistant is
    /// told to call again.
    #[schemars(range(min = 8, max = 65_536), extend("default" = openapi_mcp::upstream::ANSWER_MEMORY >> 20))]
    pub answer_memory_mib: Option<usize>,
    /// How long requests may take to end once the server stops, up to `1h`.
    #[schemars(extend("default" = "30s", "pattern" = DURATION, "examples" = ["30s"]))]
    pub shutdown_grace: Option<String>,
}

/// See [`RawConfig::health`].
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawHealth {
    /// The address of a listener for `/health/live` and `/health/ready` alone, which answers however busy the server is. Any address
    /// will do, since it tells nothing else. Without it health is served at `listen` only, where it always is.
    #[schemars(extend("examples" = ["127.0.0.1:8090"]))]
    pub listen: Option<String>,
}
