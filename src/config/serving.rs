//! Checks the settings of the server: addresses, directories, limits. The authentication settings are in [`super::auth`].

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use ipnet::IpNet;
use mcp_http::{caller::Keys, net::is_loopback, secret::Secret};
use mcp_oauth_server::{
    keyring::{Keyring, KeyringSource},
    store::StoreAt,
};
use openapi_mcp::http::Bounds;
use reqwest::Url;
use tracing_subscriber::filter::Targets;

use super::{
    auth,
    raw::{Mode, RawConfig},
    reader::ConfigReader,
    settings::Settings,
    sources::read,
    values::{self, duration, listen_address, page_origin, proxies},
};
use crate::torii::BRAND;

/// The settings; `None` if there is a problem. `keys` are those of the environment.
pub(super) fn settings(reader: &mut ConfigReader<'_>, raw: &RawConfig, keys: &Keys) -> Option<Settings> {
    // logging starts before the settings are known: `super::log`
    let filter = raw.log.parse::<Targets>();
    reader.checked("/log", filter.map_err(|_| "is not a filter, for example `info` or `warn,openapi_mcp=debug`"));

    let listen = reader.checked("/listen", listen_address(&raw.listen, 8080));
    let typed = raw.public_url.as_ref();
    let public_url = typed.and_then(|typed| reader.checked("/public_url", values::public_url(typed)));
    if let Some(listen) = listen.filter(|_| typed.is_some() == public_url.is_some()) {
        refuse_exposure(reader, raw.auth.mode, listen, public_url.as_ref());
    }
    let allowed_origins = reader.all_checked("/allowed_origins", &raw.allowed_origins, page_origin);
    let trusted_proxies = reader.all_checked("/trusted_proxies", &raw.trusted_proxies, proxies);
    if IpNet::aggregate(&trusted_proxies).iter().any(|net| net.prefix_len() == 0) {
        reader.problem("/trusted_proxies", values::ALL_ADDRESSES);
    }
    let health_listen = health_listen(reader, raw, listen);
    let limits = &raw.limits;
    let shutdown_grace = reader.checked("/limits/shutdown_grace", duration(&limits.shutdown_grace, ["0s", "1h"]));
    let role_ttl = reader.checked("/access/role_ttl", duration(&raw.access.role_ttl, ["0s", "1h"]));
    let drain = reader.checked("/limits/drain", duration(&limits.drain, ["0s", "1h"]));
    let auth = auth::auth(reader, raw, keys);
    Some(Settings {
        listen: listen?,
        public_url: public_url.map(|url| url.origin().ascii_serialization()),
        allowed_origins,
        trusted_proxies,
        connections: limits.connections,
        connections_per_customer: limits.connections_per_customer.unwrap_or_else(|| Bounds::share(limits.connections)),
        health_listen,
        request_memory: limits.request_memory_mib << 20,
        drain: drain?,
        shutdown_grace: shutdown_grace?,
        requests_per_minute: NonZeroU32::new(limits.requests_per_minute),
        failed_sign_ins: limits.failed_sign_ins,
        replicas: limits.replicas,
        role_ttl: role_ttl?,
        auth: auth?,
    })
}

/// The address of the health listener, if one is configured.
fn health_listen(reader: &mut ConfigReader<'_>, raw: &RawConfig, listen: Option<SocketAddr>) -> Option<SocketAddr> {
    const PLACE: &str = "/health/listen";
    let address = reader.checked(PLACE, listen_address(raw.health.listen.as_ref()?, 8090))?;
    if address.port() != 0 && Some(address) == listen {
        reader.problem(PLACE, "must not be the address of `listen`; choose another port");
    }
    Some(address)
}

/// Rejects settings that would admit others without encryption or without authentication.
fn refuse_exposure(reader: &mut ConfigReader<'_>, mode: Mode, listen: SocketAddr, public_url: Option<&Url>) {
    let is_https = public_url.is_some_and(|url| url.scheme() == "https");
    let is_public = public_url.is_some_and(|url| !is_loopback(url));
    let is_open = !listen.ip().is_loopback();
    if is_open && !is_https {
        let port = listen.port();
        let what = format!(
            "is `{listen}`, which other machines reach, so `public_url` has to be the `https://` address that users use; \
             or listen on `127.0.0.1:{port}`"
        );
        reader.problem("/listen", what);
    }
    if mode == Mode::None && (is_open || is_public) {
        let why = "must not be `none` on an address that other machines reach: nobody would have to sign in, and everyone \
                   would act with your key of torii; choose another mode, or listen on `127.0.0.1` without `public_url`";
        reader.problem("/auth/mode", why);
    }
}

/// The directory for all data that no other key places; `None` if there is no home directory either.
pub(super) fn data_dir(reader: &ConfigReader<'_>, raw: &RawConfig) -> Option<PathBuf> {
    if let Some(typed) = &raw.data_dir {
        return Some(reader.tree.path("/data_dir", typed.trim()));
    }
    let folder = |name: &str| reader.sources.variable(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let found = folder("XDG_DATA_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".local/share")))
        .or_else(|| folder("LOCALAPPDATA"));
    found.map(|folder| folder.join("torii-mcp"))
}

/// The same, where it is needed.
fn needed_data_dir(reader: &mut ConfigReader<'_>, raw: &RawConfig) -> Option<PathBuf> {
    let found = data_dir(reader, raw);
    reader.needed("/data_dir", found, "there is no home directory to store data in; set it, for example to `/var/lib/torii-mcp`")
}

/// Where grants and tokens are stored.
pub(super) fn store(reader: &mut ConfigReader<'_>, raw: &RawConfig) -> Option<StoreAt> {
    const PLACE: &str = "/store/url";
    match (&raw.store.url, &raw.store.url_file) {
        (Some(_), Some(_)) => {
            reader.problem(PLACE, "and `store.url_file` are both set; keep one of them");
            None
        }
        (Some(typed), None) if has_password(typed) => {
            let what = "must not contain a password; set `TORII_MCP_STORE_URL`, or name its file in `store.url_file`";
            reader.problem(PLACE, what);
            None
        }
        (Some(typed), None) => {
            let at = store_at(reader, typed.trim());
            reader.checked(PLACE, at)
        }
        (None, None) if !reader.tree.is_set(PLACE) => Some(StoreAt::Sqlite(needed_data_dir(reader, raw)?.join("store.sqlite"))),
        (None, file) => {
            let (url, source) = reader.secret(PLACE, file.as_ref())?;
            let at = store_at(reader, url.expose().trim());
            reader.checked(&source, at)
        }
    }
}

fn store_at(reader: &ConfigReader<'_>, url: &str) -> Result<StoreAt, &'static str> {
    const FORMS: &str = "must be `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/DATABASE`";
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.contains(['?', '\0']) || path == ":memory:" {
            return Err("must name a file after `sqlite:`");
        }
        return Ok(StoreAt::Sqlite(reader.tree.path("/store/url", path)));
    }
    let parsed = Url::parse(url).map_err(|_| FORMS)?;
    if !matches!(parsed.scheme(), "postgres" | "postgresql") {
        return Err(FORMS);
    }
    Ok(StoreAt::Postgres(Secret::new(url.to_owned())))
}

fn has_password(url: &str) -> bool {
    let is_password = |url: Url| url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password");
    Url::parse(url.trim()).is_ok_and(is_password)
}

/// The source of the encryption keys. A file that does not exist is created later.
pub(super) fn keyring_source(reader: &mut ConfigReader<'_>, raw: &RawConfig) -> Option<KeyringSource> {
    const PLACE: &str = "/encryption/key_file";
    if let Some(secret) = reader.tree.secrets.get("/encryption/key").cloned() {
        let keyring =
            Keyring::parse(secret.expose(), BRAND.server).map_err(|error| format!("does not contain encryption keys: {error}"));
        return reader.checked("/encryption/key", keyring).map(|_| KeyringSource::Keys(secret));
    }
    let path = match &raw.encryption.key_file {
        Some(typed) => reader.tree.path(PLACE, typed),
        None => needed_data_dir(reader, raw)?.join("encryption.key"),
    };
    if path.exists() {
        let shown = path.display();
        let text = read(&path).map_err(|reason| format!("cannot be read: {shown}: {reason}"));
        let parse = |text: String| {
            Keyring::parse(&text, BRAND.server).map_err(|error| format!("does not contain encryption keys: {shown}: {error}"))
        };
        reader.checked(PLACE, text.and_then(parse))?;
        reader.warn_if_open(PLACE, &path);
    }
    Some(KeyringSource::File(path))
}

/// How long access tokens, refresh tokens and browser sessions are valid.
pub(super) fn ttls(reader: &mut ConfigReader<'_>, raw: &RawConfig) -> Option<[Duration; 3]> {
    let auth = &raw.auth;
    let access = reader.checked("/auth/access_token_ttl", duration(&auth.access_token_ttl, ["1m", "1d"]));
    let refresh = reader.checked("/auth/refresh_token_ttl", duration(&auth.refresh_token_ttl, ["1h", "365d"]));
    let session = reader.checked("/auth/session_ttl", duration(&auth.session_ttl, ["1m", "30d"]));
    let (access, refresh, session) = (access?, refresh?, session?);
    if refresh <= access {
        reader.problem("/auth/refresh_token_ttl", "must be longer than `auth.access_token_ttl`");
    }
    Some([access, refresh, session])
}

/// How old a connection may become; `None` for no limit, or when a problem was reported.
pub(super) fn connection_max_age(reader: &mut ConfigReader<'_>, raw: &RawConfig) -> Option<Duration> {
    let typed = &raw.auth.connection_max_age;
    if duration(typed, ["0s", "0s"]) == Ok(Duration::ZERO) {
        return None;
    }
    let age = duration(typed, ["1h", "3650d"]).map_err(|why| format!("{why}; `0s` is for no limit"));
    reader.checked("/auth/connection_max_age", age)
}
