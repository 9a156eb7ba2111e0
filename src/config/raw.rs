//! The keys of the configuration file, with their types, defaults and descriptions.
//!
//! This is the only place that defines keys. The JSON Schema, the environment variables, the check for unknown keys, `config
//! print` and the table in `docs/reference/configuration.md` are all derived from it.
//!
//! A key that ends in `_file` names a file with a secret, unless it is in a list; the secret itself is in the variable of the
//! same name without `_FILE`. A key in a list that is neither optional nor has a `default` is required there.

use std::collections::BTreeMap;

use openapi_mcp::{confirmation::ConfirmationPolicy, mcp::Listing, query_limits::QueryLimits};
use schemars::JsonSchema;
use serde::Deserialize;

/// Everything that can be configured.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(title = "torii-mcp.toml")]
pub(super) struct RawConfig {
    /// Where to listen: an IP address or a host name, with a port; or a port alone, which means `127.0.0.1`. Any but a loopback
    /// address needs `public_url`.
    #[schemars(extend("default" = "127.0.0.1:8080"))]
    pub listen: String,
    /// The origin that users and clients connect to: `https://` and a host, without a path. Without it the server only serves
    /// its own machine.
    #[schemars(extend("examples" = ["https://mcp.example.com"]))]
    pub public_url: Option<String>,
    /// What to log to standard error.
    #[schemars(extend("default" = "info,rmcp=off,sqlx=warn"))]
    pub log: String,
    /// The directory for all data that no other key places: by default `torii-mcp` in your system's directory for user data,
    /// on Linux `~/.local/share/torii-mcp`. `stdio` and `call` keep there which confirmations and idempotency keys were used.
    pub data_dir: Option<String>,
    /// The origins of web pages that may call the MCP endpoint, besides those of this machine.
    #[serde(default)]
    #[schemars(extend("examples" = [["https://app.example.com"]]))]
    pub allowed_origins: Vec<String>,
    /// The IP addresses or networks of the reverse proxies. Forwarded headers and request IDs are accepted from these only.
    #[serde(default)]
    #[schemars(extend("examples" = [["10.0.0.0/8"]]))]
    pub trusted_proxies: Vec<String>,
    /// How `stdio`, `call`, and `serve` without sign-in connect to Torii.
    pub torii: RawTorii,
    /// Where connections are stored.
    #[serde(default)]
    pub store: RawStore,
    /// What encrypts users' Torii keys in the store.
    #[serde(default)]
    pub encryption: RawEncryption,
    /// How users sign in, and for how long.
    pub auth: RawAuth,
    /// Which Torii key users act with who sign in with an identity provider.
    pub access: RawAccess,
    /// Torii keys by the names that access rules and clients use.
    #[serde(default)]
    #[schemars(extend("propertyNames" = { "pattern": "^[a-z][a-z0-9_]{0,31}$", "examples": ["read_only"] }))]
    pub keys: BTreeMap<String, RawKeys>,
    /// Clients that need not register: your own automation, or assistants that cannot register.
    #[serde(default)]
    pub clients: Vec<RawClient>,
    /// Which tools assistants get, and how.
    pub tools: RawTools,
    /// How much of Torii's lists one statement of the tool `query` may load, and how long that is kept.
    pub query: RawQuery,
    /// The limits of the server's resources.
    pub limits: RawLimits,
    /// Where health checks are served.
    #[serde(default)]
    pub health: RawHealth,
}

/// See [`RawConfig::torii`].
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RawTorii {
    /// The URL of Torii's API; by default the server of its OpenAPI document. The document's path is added to an origin
    /// without a path.
    #[schemars(extend("examples" = ["https://api.toriihq.com"]))]
    pub api_url: Option<String>,
    /// A file with the key for Torii's API.
    pub api_key_file: Option<String>,
    /// A file with the key for Torii's SCIM API.
    pub scim_key_file: Option<String>,
    /// Who limits the rate of calls: `documented`, this server, to the rate limit in each call's documentation; `off`, only
    /// Torii.
    #[schemars(extend("default" = "documented"))]
    pub rate_limit: RateLimit,
    /// The part of a documented rate that one user may use of a key that several share, while others want it too; from 0.05 to 1.
    #[schemars(range(min = 0.05, max = 1.0), extend("default" = 0.5))]
    pub user_share: f64,
}

/// Whether calls keep within the documented rate limits.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
// a doc comment on a variant would turn the schema's `enum` into a `oneOf`
pub(super) enum RateLimit {
    Documented,
    Off,
}

/// See [`RawConfig::store`].
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(super) struct RawStore {
    /// `sqlite:PATH` for one server, `postgres://…` for several; by default SQLite in `data_dir`. A URL with a password is a
    /// secret, which the file must not contain.
    #[schemars(extend("examples" = ["sqlite:/var/lib/torii-mcp/store.sqlite"]))]
    pub url: Option<String>,
    /// A file with the value of `store.url`.
    pub url_file: Option<String>,
}

/// See [`RawConfig::encryption`].
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(super) struct RawEncryption {
    /// A file with the encryption keys, each 32 random bytes in Base64: the first encrypts, all decrypt. If it does not exist,
    /// it is created at the first start; by default `encryption.key` in `data_dir`.
    pub key_file: Option<String>,
}

/// See [`RawConfig::auth`].
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RawAuth {
    /// How users sign in: `torii_key`, each with their own Torii key; `oidc`, with your identity provider; `external`, with
    /// another authorization server, which issues the tokens; `none`, not at all, on a loopback address only.
    #[schemars(extend("default" = "torii_key"))]
    pub mode: Mode,
    /// The largest scopes that users can allow; by default all scopes.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub scopes: Vec<RawScope>,
    /// How long an access token is valid, from `1m` to `1d`.
    #[schemars(extend("default" = "1h", "pattern" = DURATION))]
    pub access_token_ttl: String,
    /// After how long without use a connection expires, from `1h` to `365d`.
    #[schemars(extend("default" = "60d", "pattern" = DURATION))]
    pub refresh_token_ttl: String,
    /// How long a browser stays signed in, from `1m` to `30d`.
    #[schemars(extend("default" = "12h", "pattern" = DURATION))]
    pub session_ttl: String,
    /// How old a connection may become before its user has to sign in again, from `1h` to `3650d`; `0s` for no limit. Clients with
    /// `client_credentials` are exempt.
    #[schemars(extend("default" = "90d", "pattern" = DURATION))]
    pub connection_max_age: String,
    /// Whether clients may register themselves (RFC 7591). Many assistants need this.
    #[schemars(extend("default" = true))]
    pub registration: bool,
    /// Clients whose `client_id` is the URL of their metadata document.
    pub client_metadata: RawClientMetadata,
    /// The identity provider, for mode `oidc`.
    pub oidc: RawOidc,
    /// The other authorization server, for mode `external`.
    pub external: RawExternal,
}

/// See [`RawAuth::client_metadata`].
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RawClientMetadata {
    /// Whether the `client_id` of a client may be the URL of its metadata document. Clients are told so only where `public_url` is set.
    #[schemars(extend("default" = true))]
    pub enabled: bool,
    /// The documents that are fetched at the start, and again until that succeeds: until then clients are not told that they may name
    /// themselves by such a URL, and register themselves instead. `[]` tells them without a try.
    #[schemars(
        length(max = 8),
        extend("default" = ["https://claude.ai/oauth/claude-code-client-metadata", "https://chatgpt.com/oauth/codex/client.json"])
    )]
    pub probe: Vec<String>,
}

/// The pattern of a duration.
const DURATION: &str = "^([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?$";

/// How users sign in.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    ToriiKey,
    Oidc,
    External,
    None,
}

/// The name of a scope, which the catalog must define; see [`super::keys::schema`].
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(inline, extend("format" = "scope"))]
pub(super) struct RawScope(pub String);

/// See [`RawAuth::oidc`].
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RawOidc {
    /// The identity provider's issuer, exactly as it writes it.
    #[schemars(extend("examples" = ["https://login.example.com"]))]
    pub issuer: Option<String>,
    /// This server's `client_id` at the identity provider.
    #[schemars(length(min = 1))]
    pub client_id: Option<String>,
    /// A file with this server's client secret at the identity provider.
    pub client_secret_file: Option<String>,
    /// The scopes to request from the identity provider; `openid` must be among them.
    #[schemars(length(min = 1), extend("default" = ["openid", "profile", "email"]))]
    pub scopes: Vec<String>,
    /// The claim that contains a user's groups.
    #[schemars(length(min = 1), extend("default" = "groups"))]
    pub groups_claim: String,
    /// The claims that may contain a user's email address, for example `["email", "preferred_username"]`; the first that is present counts.
    /// Name only claims that users cannot choose themselves.
    #[schemars(length(min = 1), extend("default" = ["email"]))]
    pub email_claims: Vec<String>,
    /// What ends when the identity provider signs a user out (back-channel logout at `/oauth/back-channel-logout`): `sessions`, in
    /// browsers; `connections`, those of assistants too.
    #[schemars(extend("default" = "sessions"))]
    pub logout_ends: RawLogoutEnds,
}

/// See [`RawOidc::logout_ends`].
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum RawLogoutEnds {
    Sessions,
    Connections,
}

/// See [`RawAuth::external`].
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RawExternal {
    /// The authorization server's issuer, exactly as it writes it.
    #[schemars(extend("examples" = ["https://login.example.com"]))]
    pub issuer: Option<String>,
    /// The URL of its public keys; by default the one in its metadata.
    pub jwks_url: Option<String>,
    /// What the `aud` of its tokens must contain; by default the URL of the MCP endpoint.
    #[schemars(length(min = 1))]
    pub audience: Option<String>,
    /// The algorithms that its tokens may be signed with. None of them uses a shared secret, with which everyone who can verify a
    /// token could also issue one.
    #[schemars(
        with = "Vec<String>",
        length(min = 1),
        extend(
            "items" = {
                "type": "string",
                "enum": ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"],
            },
            "default" = ["RS256", "PS256", "ES256", "ES384", "EdDSA"],
        )
    )]
    pub algorithms: Vec<jsonwebtoken::Algorithm>,
    /// The claim that contains a user's groups.
    #[schemars(length(min = 1), extend("default" = "groups"))]
    pub groups_claim: String,
    /// The claims that may contain a user's email address, for example `["email", "preferred_username"]`; the first that is present counts.
    /// Name only claims that users cannot choose themselves.
    #[schemars(length(min = 1), extend("default" = ["email"]))]
    pub email_claims: Vec<String>,
}

/// See [`RawConfig::access`].
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RawAccess {
    /// Which users act with which key and scopes. The first rule that matches decides; a user whom no rule matches gets no
    /// access.
    #[serde(default)]
    pub rules: Vec<RawRule>,
    /// Whether each user is looked up in Torii, at sign-in and later, so that their role limits them and users who have left get
    /// no access. Needs `access.roles`.
    #[schemars(extend("default" = false))]
    pub respect_torii_role: bool,
    /// How long a user's role in Torii is remembered, from `0s` to `1h`; up to `1m` in any case while more than ten users are looked up per
    /// minute, since all are read at once then. While Torii does not answer, the last known role counts for an hour longer.
    #[schemars(extend("default" = "10m", "pattern" = DURATION))]
    pub role_ttl: String,
    /// The largest scopes of each role in Torii, by the role's name. A role that is not listed gets no access.
    pub roles: Option<BTreeMap<String, Vec<RawScope>>>,
}

/// One access rule, with exactly one of `email`, `domain` and `group`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RawRule {
    /// The user with this email address.
    pub email: Option<String>,
    /// All users with an email address at this domain.
    pub domain: Option<String>,
    /// All users in this group.
    #[schemars(length(min = 1))]
    pub group: Option<String>,
    /// The name of a key in `keys`.
    pub key: String,
    /// The largest scopes that these users can allow.
    #[schemars(length(min = 1))]
    pub scopes: Vec<RawScope>,
}

/// A named set of Torii keys.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(super) struct RawKeys {
    /// A file with the key for Torii's API.
    pub torii_key_file: Option<String>,
    /// A file with the key for Torii's SCIM API.
    pub scim_key_file: Option<String>,
}

/// A client that the operator configured. With `jwks_file` or `jwks_url` it authenticates itself (`private_key_jwt`).
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RawClient {
    /// Its `client_id`: printable characters without spaces; a URL only with `metadata_file`.
    #[schemars(extend("pattern" = "^[!-~]{1,1024}$", "examples" = ["nightly-report"]))]
    pub id: String,
    /// The name that users read when it asks for access; by default its `id`.
    #[schemars(length(min = 1, max = 200))]
    pub name: Option<String>,
    /// The redirect URIs that authorization codes may be sent to: `https://`, or `http://` on a loopback address with any port.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// A file with the metadata document of the client whose `id` is the document's URL, which is then not fetched. It says everything about
    /// the client, so no other key is set with it.
    pub metadata_file: Option<String>,
    /// A file with its public keys, a JWK set.
    pub jwks_file: Option<String>,
    /// The URL of its public keys.
    pub jwks_url: Option<String>,
    /// What it may do on its own, without a user (the grant `client_credentials`).
    pub client_credentials: Option<RawClientCredentials>,
}

/// What a client may do on its own.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RawClientCredentials {
    /// The name of a key in `keys`.
    pub key: String,
    /// The largest scopes that it can request.
    #[schemars(length(min = 1))]
    pub scopes: Vec<RawScope>,
}

/// See [`RawConfig::tools`].
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RawTools {
    /// Which tools are listed: `search`, the most used ones and three that find and run the others; `all`, every tool.
    #[schemars(extend("default" = "search"))]
    pub listing: Listing,
    /// The toolsets that are available, for example `["apps", "contracts"]`; all of them unless set. A URL can select fewer,
    /// as `/mcp?toolsets=apps` does, but never more.
    #[schemars(length(min = 1), extend("examples" = [["apps", "contracts"]]))]
    pub toolsets: Option<Vec<String>>,
    /// Whether only tools that read are available. The URL `/mcp/read-only` does the same for one connection.
    #[schemars(extend("default" = false))]
    pub read_only: bool,
    /// Whether tools are listed with their output schemas, and results have structured content, for clients that use them. The list is
    /// more than twice as long.
    #[schemars(extend("default" = false))]
    pub output_schemas: bool,
    /// Which calls a user must confirm: `destroy`, those that cannot be undone, start workflows or take access away; `always`, all that change
    /// something; `never`, none.
    #[schemars(extend("default" = "destroy"))]
    pub confirm: ConfirmationPolicy,
    /// How many characters of JSON a result may have, 3.3 to a token or more. A longer one is truncated, says so, and can be
    /// continued.
    #[schemars(range(min = 2_000, max = 10_000_000), extend("default" = openapi_mcp::tool_output::DEFAULT_CHARACTERS))]
    pub response_characters: usize,
}

/// See [`RawConfig::query`].
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RawQuery {
    /// How many rows of a table a statement may load. A larger table has to be narrowed by a condition.
    #[schemars(range(min = 1_000, max = 1_000_000), extend("default" = QueryLimits::DEFAULT.rows))]
    pub rows: usize,
    /// How long tables are loaded for a statement, from `1s` to `10m`. Many clients wait for a minute only.
    #[schemars(extend("default" = "45s", "pattern" = DURATION))]
    pub time: String,
    /// For how many values of a required column, such as `app_users.idApp`, a statement may load a table. Each is a call.
    #[schemars(range(min = 1, max = 1_000), extend("default" = QueryLimits::DEFAULT.required_values))]
    pub required_values: usize,
    /// How much memory, in MiB, large statements may load together. One may load half of it; further ones wait.
    #[schemars(range(min = 8, max = 65_536), extend("default" = QueryLimits::DEFAULT.memory >> 20))]
    pub memory_mib: usize,
    /// How long a loaded table is kept for the next statement of the same connection, up to `1h`; `0s` for not at all.
    #[schemars(extend("default" = "60s", "pattern" = DURATION))]
    pub cache: String,
    /// How much memory, in MiB, the kept tables may use together.
    #[schemars(range(min = 1, max = 65_536), extend("default" = QueryLimits::DEFAULT.cache_bytes >> 20))]
    pub cache_mib: usize,
}

/// See [`RawConfig::limits`].
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RawLimits {
    /// How many connections may be open at once. When that many are open, a new one replaces the one that has been idle for
    /// longest. If none is idle, the new one gets responses from `/health/live` and `/health/ready` only, and 503 for everything
    /// else.
    #[schemars(range(min = 1, max = 1_000_000), extend("default" = openapi_mcp::http::Bounds::CONNECTIONS))]
    pub connections: usize,
    /// How many connections may be open at once from one network, an IPv4 address or an IPv6 /56; by default half of
    /// `limits.connections`. Does not apply to `trusted_proxies`.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub connections_per_customer: Option<usize>,
    /// How much memory, in MiB, large requests may use together. Further ones wait, and are rejected after 10 s, to be repeated
    /// later.
    #[schemars(range(min = 8, max = 65_536), extend("default" = openapi_mcp::http::REQUEST_MEMORY >> 20))]
    pub request_memory_mib: usize,
    /// How much memory, in MiB, large responses from Torii may use together while they arrive. Further ones wait, and their calls
    /// fail after 10 s with an error that tells the assistant to call again.
    #[schemars(range(min = 8, max = 65_536), extend("default" = openapi_mcp::upstream::RESPONSE_MEMORY >> 20))]
    pub response_memory_mib: usize,
    /// How many requests per minute one connection may send to the MCP endpoint, which may come all at once; 0 for no limit.
    #[schemars(range(max = 1_000_000), extend("default" = 1200))]
    pub requests_per_minute: u32,
    /// How many sign-ins with wrong keys one network, such as an office, may have in 15 minutes. Keys that begin alike may be wrong ten times
    /// in that time.
    #[schemars(range(min = 1, max = 100_000), extend("default" = mcp_http::net::rate_limit::FAILURES_OF_NETWORK))]
    pub failed_sign_ins: u32,
    /// How many replicas share Torii's rates, each taking its part, with `auth.mode` `external` or `none`. With the other modes the replicas
    /// count each other in the store.
    #[schemars(range(min = 1, max = 1_000), extend("default" = 1))]
    pub replicas: u32,
    /// How long the server still accepts requests after `SIGTERM`, while `/health/ready` returns 503, so that load balancers can send
    /// them elsewhere first; up to `1h`, `0s` for not at all.
    #[schemars(extend("default" = "5s", "pattern" = DURATION))]
    pub drain: String,
    /// How long running requests may take to finish when the server stops, after `limits.drain`, up to `1h`.
    #[schemars(extend("default" = "30s", "pattern" = DURATION))]
    pub shutdown_grace: String,
}

/// See [`RawConfig::health`].
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(super) struct RawHealth {
    /// Where a second listener is, written like `listen`, for `/health/live` and `/health/ready` only, which responds however busy the
    /// server is. It can be any address, since it reveals nothing else. Without it they are served at `listen` only, where they
    /// always are.
    #[schemars(extend("examples" = ["127.0.0.1:8090"]))]
    pub listen: Option<String>,
}
