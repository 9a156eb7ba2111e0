//! From what was typed to what a server runs with: addresses, folders, limits. Who may call is in [`super::auth`].

use crate::torii::BRAND;
use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

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
    reader::Reader,
    settings::Settings,
    sources::{Sources, read},
};

/// The settings; `None` once there is a problem. `keys` are those of the environment.
pub(super) fn settings(reader: &mut Reader<'_>, raw: &RawConfig, sources: &Sources, keys: &Keys) -> Option<Settings> {
    check_log(reader, raw);
    let listen = listen(reader, raw);
    let public_url = public_url(reader, raw);
    if let (Some(listen), Some(public_url)) = (listen, &public_url) {
        refuse_exposure(reader, raw, listen, public_url.as_ref());
    }
    let allowed_origins = allowed_origins(reader, raw);
    let trusted_proxies = trusted_proxies(reader, raw);
    let health_listen = health_listen(reader, raw, listen);
    let limits = raw.limits.clone().unwrap_or_default();
    let connections = reader.needed("/limits/connections", limits.connections, "it has no default");
    let request_memory = reader.mebibytes("/limits/request_memory_mib", limits.request_memory_mib);
    let shutdown_grace = reader.duration("/limits/shutdown_grace", limits.shutdown_grace.as_deref(), ["0s", "1h"]);
    let auth = auth::auth(reader, raw, sources, keys);
    Some(Settings {
        listen: listen?,
        public_url: public_url?.map(|url| url.origin().ascii_serialization()),
        allowed_origins,
        trusted_proxies,
        connections: connections?,
        connections_per_network: limits.connections_per_network.unwrap_or_else(|| Bounds::share(connections.unwrap_or_default())),
        health_listen,
        request_memory: request_memory?,
        shutdown_grace: shutdown_grace?,
        auth: auth?,
    })
}

/// Logging starts before the settings are known ([`super::log`]); here its filter is only checked.
fn check_log(reader: &mut Reader<'_>, raw: &RawConfig) {
    if raw.log.as_ref().is_some_and(|filter| filter.parse::<Targets>().is_err()) {
        reader.problem("/log", "is not a filter, for example `info` or `warn,openapi_mcp=debug`");
    }
}

fn listen(reader: &mut Reader<'_>, raw: &RawConfig) -> Option<SocketAddr> {
    let typed = reader.needed("/listen", raw.listen.as_deref(), "it has no default")?;
    let listen = typed.trim().parse().ok();
    if listen.is_none() {
        reader.problem("/listen", "must be an address and a port, for example `127.0.0.1:8080` or `[::1]:8080`");
    }
    listen
}

/// The address for health alone, if one is typed.
fn health_listen(reader: &mut Reader<'_>, raw: &RawConfig, listen: Option<SocketAddr>) -> Option<SocketAddr> {
    const PLACE: &str = "/health/listen";
    let typed = raw.health.as_ref()?.listen.as_ref()?;
    let Ok(address) = typed.trim().parse::<SocketAddr>() else {
        reader.problem(PLACE, "must be an address and a port, for example `127.0.0.1:8090` or `[::1]:8090`");
        return None;
    };
    if address.port() != 0 && Some(address) == listen {
        reader.problem(PLACE, "must not be the address of `listen`; choose another port");
    }
    Some(address)
}

/// The public address, if one is typed and it is an origin; the outer `None`: there is a problem.
#[expect(clippy::option_option, reason = "what is wrong and what is not there are not the same")]
fn public_url(reader: &mut Reader<'_>, raw: &RawConfig) -> Option<Option<Url>> {
    let Some(typed) = &raw.public_url else {
        return Some(None);
    };
    let url = reader.address("/public_url", typed)?;
    if url.path() != "/" || url.query().is_some() {
        reader.problem("/public_url", "must be an origin, for example `https://mcp.example.com`, without a path or `?`");
        return None;
    }
    Some(Some(url))
}

/// Refuses what would let others in without encryption, or without asking who they are.
fn refuse_exposure(reader: &mut Reader<'_>, raw: &RawConfig, listen: SocketAddr, public_url: Option<&Url>) {
    let is_https = public_url.is_some_and(|url| url.scheme() == "https");
    let is_public = public_url.is_some_and(|url| !is_loopback(url));
    let is_open = !listen.ip().is_loopback();
    if is_open && !is_https {
        reader.problem(
            "/listen",
            format!(
                "is `{listen}`, which other machines reach, so `public_url` has to be the `https://` address that people use; \
                 or listen on `127.0.0.1:{}`",
                listen.port()
            ),
        );
    }
    let mode = raw.auth.as_ref().and_then(|auth| auth.mode);
    if mode == Some(Mode::None) && (is_open || is_public) {
        let why = "must not be `none` on an address that other machines reach: nobody would have to sign in, and everyone \
                   would act with your key of torii; choose another mode, or listen on `127.0.0.1` without `public_url`";
        reader.problem("/auth/mode", why);
    }
}

fn allowed_origins(reader: &mut Reader<'_>, raw: &RawConfig) -> Vec<String> {
    let mut origins = Vec::new();
    for (index, typed) in raw.allowed_origins.iter().flatten().enumerate() {
        let place = format!("/allowed_origins/{index}");
        let url = Url::parse(typed.trim()).ok();
        let origin = url.filter(|url| {
            let is_origin = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
            is_origin && url.password().is_none() && matches!(url.scheme(), "https" | "http")
        });
        match origin {
            Some(url) => origins.push(url.origin().ascii_serialization()),
            None => reader.problem(&place, "must be an origin, for example `https://app.example.com`"),
        }
    }
    origins
}

fn trusted_proxies(reader: &mut Reader<'_>, raw: &RawConfig) -> Vec<IpNet> {
    let mut proxies = Vec::new();
    for (index, typed) in raw.trusted_proxies.iter().flatten().enumerate() {
        let place = format!("/trusted_proxies/{index}");
        let typed = typed.trim();
        match typed.parse().ok().or_else(|| typed.parse::<IpAddr>().ok().map(IpNet::from)) {
            Some(net) if net.prefix_len() == 0 => {
                reader.problem(&place, "must not be every address: anyone could then say where they come from");
            }
            Some(net) => proxies.push(net.trunc()),
            None => reader.problem(&place, "must be an address or a network, for example `10.0.0.5` or `10.0.0.0/8`"),
        }
    }
    proxies
}

/// The folder for what is kept.
pub(super) fn data_dir(reader: &mut Reader<'_>, raw: &RawConfig, sources: &Sources) -> Option<PathBuf> {
    if let Some(typed) = &raw.data_dir {
        return Some(reader.tree.path("/data_dir", typed.trim()));
    }
    let folder = |name: &str| sources.variable(name).map(PathBuf::from).filter(|folder| folder.is_absolute());
    let found = folder("XDG_DATA_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".local/share")))
        .or_else(|| folder("LOCALAPPDATA"));
    let found = found.map(|folder| folder.join("torii-mcp"));
    reader.needed("/data_dir", found, "there is no home folder to keep data in; set it, for example to `/var/lib/torii-mcp`")
}

/// Where grants and tokens are kept.
pub(super) fn store(reader: &mut Reader<'_>, raw: &RawConfig, sources: &Sources) -> Option<StoreAt> {
    let typed = raw.store.as_ref().and_then(|store| store.url.clone());
    let is_file_set = reader.tree.root.pointer("/store/url_file").is_some();
    if typed.is_some() && is_file_set {
        reader.problem("/store/url", "and `store.url_file` are both set; keep one of them");
        return None;
    }
    let (url, source) = match typed {
        Some(typed) => (Secret::new(typed), reader.tree.name("/store/url")),
        None => match reader.secret("/store", "url") {
            Some(secret) => secret,
            None if is_file_set => return None,
            None => return Some(StoreAt::Sqlite(data_dir(reader, raw, sources)?.join("store.sqlite"))),
        },
    };
    let is_typed = raw.store.as_ref().is_some_and(|store| store.url.is_some());
    let at = store_at(reader, url.expose().trim(), is_typed);
    at.map_err(|problem| reader.problems.push(format!("{source} {problem}"))).ok()
}

/// `is_typed`: in the file, where no password may be.
fn store_at(reader: &Reader<'_>, url: &str, is_typed: bool) -> Result<StoreAt, &'static str> {
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
    let has_password = parsed.password().is_some() || parsed.query_pairs().any(|(key, _)| key == "password");
    if is_typed && has_password {
        return Err(
            "holds a password, which no file of keys may; set `TORII_MCP_STORE_URL`, or name its file in `store.url_file`",
        );
    }
    Ok(StoreAt::Postgres(Secret::new(url.to_owned())))
}

/// What seals Torii's keys. A file that is not there yet is made later.
pub(super) fn seal(reader: &mut Reader<'_>, raw: &RawConfig, sources: &Sources) -> Option<KeyringSource> {
    if let Some((secret, variable)) = reader.tree.secrets.get("seal.key") {
        if let Err(error) = Keyring::parse(secret.expose(), BRAND.server) {
            reader.problems.push(format!("`{variable}` does not hold sealing keys: {error}"));
            return None;
        }
        return Some(KeyringSource::Keys(secret.clone()));
    }
    let path = match raw.seal.as_ref().and_then(|seal| seal.key_file.as_deref()) {
        Some(typed) => reader.tree.path("/seal/key_file", typed),
        None => data_dir(reader, raw, sources)?.join("seal.key"),
    };
    if path.exists() {
        let text = read(&path);
        let problem = match text.as_deref().map(|text| Keyring::parse(text, BRAND.server)) {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(format!("does not hold sealing keys: {}: {error}", path.display())),
            Err(reason) => Some(format!("cannot be read: {}: {reason}", path.display())),
        };
        if let Some(problem) = problem {
            reader.problem("/seal/key_file", problem);
            return None;
        }
        reader.warn_if_open("/seal/key_file", &path);
    }
    Some(KeyringSource::File(path))
}

/// How long access tokens, refresh tokens and browser sessions count.
pub(super) fn ttls(reader: &mut Reader<'_>, raw: &RawConfig) -> Option<[Duration; 3]> {
    let auth = raw.auth.clone().unwrap_or_default();
    let access = reader.duration("/auth/access_token_ttl", auth.access_token_ttl.as_deref(), ["1m", "1d"]);
    let refresh = reader.duration("/auth/refresh_token_ttl", auth.refresh_token_ttl.as_deref(), ["1h", "365d"]);
    let session = reader.duration("/auth/session_ttl", auth.session_ttl.as_deref(), ["1m", "30d"]);
    let (access, refresh, session) = (access?, refresh?, session?);
    if refresh <= access {
        reader.problem("/auth/refresh_token_ttl", "must be longer than `auth.access_token_ttl`");
        return None;
    }
    Some([access, refresh, session])
}
