//! Checks what the environment says about connections to other hosts: certificate authorities and proxies.

use mcp_http::net::outbound::{PROXY_VARIABLES, check_authorities, check_proxy};
use reqwest::Url;

use super::{raw::RawConfig, reader::ConfigReader};

/// Reports a proxy variable that the HTTP client would ignore, and wrong certificate authorities where something is reached over
/// https: Torii at `upstream`, or the issuer of a server. Where nothing is, that is a warning.
pub(super) fn check(reader: &mut ConfigReader<'_>, upstream: Option<&Url>, server: Option<&RawConfig>) {
    for name in PROXY_VARIABLES {
        if let Some(Err(what)) = reader.sources.variable(name).map(check_proxy) {
            reader.report(format!("`{name}` {what}"));
        }
    }
    let auth = server.map(|raw| &raw.auth);
    let issuers = auth.into_iter().flat_map(|auth| [&auth.oidc.issuer, &auth.external.issuer]).flatten().map(String::as_str);
    let mut urls = upstream.map(Url::as_str).into_iter().chain(issuers);
    match check_authorities() {
        Ok(()) => {}
        Err(what) if urls.any(|url| url.starts_with("https:")) => reader.report(what),
        Err(what) => reader.warnings.push(what),
    }
}
