//! Parses texts: URLs, origins, IP addresses, durations. An error is a phrase that follows the name of the key.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs},
    time::Duration,
};

use ipnet::IpNet;
use jiff::{Span, SpanRelativeTo};
use mcp_http::net::is_loopback;
use reqwest::Url;

#[cfg(test)]
mod tests;

/// An `https` URL, or an `http` URL of this machine. Errors do not repeat it.
pub(super) fn url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
    let problem = if !matches!(url.scheme(), "https" | "http") {
        "must begin with `https://` or `http://`"
    } else if url.scheme() == "http" && !is_loopback(&url) {
        "must begin with `https://`: over `http` it could be read and changed on the way"
    } else if !url.username().is_empty() || url.password().is_some() {
        "must not contain a user name or password"
    } else if url.fragment().is_some() {
        "must not contain `#`"
    } else {
        return Ok(url);
    };
    Err(problem.to_owned())
}

/// The URL of Torii's API. A bare origin gets the path of `document`, the server URL in Torii's OpenAPI document.
pub(crate) fn upstream(text: &str, document: Option<&Url>) -> Result<Url, String> {
    let mut url = url(text)?;
    if url.query().is_some() {
        return Err("must end with its path, without `?` or `#`".to_owned());
    }
    if let Some(document) = document.filter(|_| url.path() == "/") {
        url.set_path(document.path());
    }
    Ok(url)
}

/// An issuer, exactly as it was typed, since issuers are compared byte for byte.
pub(super) fn issuer(text: &str) -> Result<String, String> {
    match url(text)?.query() {
        Some(_) => Err("must not contain `?`".to_owned()),
        None => Ok(text.trim().to_owned()),
    }
}

/// The origin that users and clients connect to.
pub(super) fn public_url(text: &str) -> Result<Url, String> {
    let url = url(text)?;
    match origin(&url) {
        Some(_) => Ok(url),
        None => Err("must be an origin, for example `https://mcp.example.com`, without a path or `?`".to_owned()),
    }
}

/// The origin of a web page.
pub(super) fn page_origin(text: &str) -> Result<String, &'static str> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
    url.and_then(|url| origin(&url)).ok_or("must be an origin, for example `https://app.example.com`")
}

/// The origin of a URL that contains nothing else.
fn origin(url: &Url) -> Option<String> {
    let origin = url.origin().ascii_serialization();
    (url.as_str() == format!("{origin}/")).then_some(origin)
}

/// Where to listen: an IP address or a host name, with a port, or a port alone, which means this machine only. `port` is for the
/// example.
pub(crate) fn listen_address(text: &str, port: u16) -> Result<SocketAddr, String> {
    listen_address_with(text, port, |host, port| Ok((host, port).to_socket_addrs()?.collect()))
}

fn listen_address_with(
    text: &str,
    example: u16,
    resolve: impl Fn(&str, u16) -> io::Result<Vec<SocketAddr>>,
) -> Result<SocketAddr, String> {
    let text = text.trim();
    let problem = || {
        format!(
            "must be an IP address or a host name and a port, or a port alone, for example `127.0.0.1:{example}`, \
             `[::1]:{example}`, `localhost:{example}` or `{example}`"
        )
    };
    let port = |text: &str| text.parse::<u16>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    if let Some(port) = port(text) {
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    let is_name =
        |host: &&str| !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    let (host, port) = text.rsplit_once(':').and_then(|(host, typed)| Some((host, port(typed)?))).ok_or_else(problem)?;
    let host = Some(host).filter(is_name).ok_or_else(problem)?;
    if host.eq_ignore_ascii_case("localhost") {
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    let found = resolve(host, port).map_err(|error| format!("names the host `{host}`, which has no address here: {error}"))?;
    // one listener has one address
    let address = found.iter().find(|address| address.is_ipv4()).or(found.first());
    address.copied().ok_or_else(|| format!("names the host `{host}`, which has no address here"))
}

/// The problem of proxies that could be any client.
pub(super) const ALL_ADDRESSES: &str = "must not be all addresses: every client could then forge its address";

/// The IP address of a proxy, or a network of proxies.
pub(super) fn proxies(text: &str) -> Result<IpNet, &'static str> {
    let text = text.trim();
    let net = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let net = net.map(canonical).map_err(|_| "must be an IP address or a network, for example `10.0.0.5` or `10.0.0.0/8`")?;
    if net.prefix_len() == 0 {
        return Err(ALL_ADDRESSES);
    }
    Ok(net.trunc())
}

/// An IPv4-mapped network as the IPv4 network that it is, since addresses of clients are compared in that form.
fn canonical(net: IpNet) -> IpNet {
    const MAPPED: u8 = 96;
    let mapped = net.prefix_len().checked_sub(MAPPED).zip(match net.addr() {
        IpAddr::V6(address) => address.to_ipv4_mapped(),
        IpAddr::V4(_) => None,
    });
    mapped.and_then(|(prefix, address)| IpNet::new(address.into(), prefix).ok()).unwrap_or(net)
}

/// A duration within limits.
pub(super) fn duration(text: &str, [least, most]: [&str; 2]) -> Result<Duration, String> {
    let duration = any_duration(text);
    let is_within = (any_duration(least)..=any_duration(most)).contains(&duration);
    duration.filter(|_| is_within).ok_or_else(|| format!("must be between `{least}` and `{most}`, not `{text}`"))
}

/// A duration of days, hours, minutes and seconds.
fn any_duration(text: &str) -> Option<Duration> {
    let span: Span = text.parse().ok()?;
    span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?.try_into().ok()
}
