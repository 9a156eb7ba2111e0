//! Where requests come from, and which hosts may be contacted.

use std::net::IpAddr;

use reqwest::Url;

pub mod body;
pub mod client_ip;
pub mod customer;
pub mod fair_semaphore;
pub mod keyed_semaphore;
pub mod outbound;
pub mod rate_limit;
pub mod ssrf;
pub mod waiting;

/// The hosts in URLs that denote the local machine.
pub const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

/// The longest host, and the longest part of it between dots, in bytes (RFC 1035, section 2.3.4).
const HOST_BYTES: usize = 253;
const LABEL_BYTES: usize = 63;

/// Parses a URL that somebody else wrote. Converting a long name to ASCII takes time in proportion to the square of its length, so
/// names that no host can have are refused before.
#[must_use]
pub fn parse_url(text: &str) -> Option<Url> {
    let (_, rest) = text.split_once(':')?;
    let authority = rest.trim_start_matches(['/', '\\']).split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.rsplit_once(':').filter(|(_, port)| !port.contains(']')).map_or(host, |(host, _)| host);
    let is_possible = host.len() <= HOST_BYTES && host.split('.').all(|label| label.len() <= LABEL_BYTES);
    if is_possible { Url::parse(text).ok() } else { None }
}

/// Whether the host of a URL is this machine.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
    ip.map_or(host == "localhost", |ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_cannot_exist_are_refused_before_they_are_converted() {
        let label = "a".repeat(63);
        for (text, is_url) in [
            ("https://example.com/a?b#c".to_owned(), true),
            ("http://127.0.0.1:5555/cb".to_owned(), true),
            ("http://[::1]:5555/cb".to_owned(), true),
            ("cursor://anysphere.cursor-retrieval/oauth".to_owned(), true),
            ("com.example.app:/callback".to_owned(), true),
            (format!("https://{label}.example/{}", "p".repeat(2000)), true),
            (format!("https://{label}a.example/"), false),
            (format!("https:{label}a.example/"), false),
            (format!("https:\\\\{label}a.example/"), false),
            (format!("https://user@{label}a.example:443/"), false),
            (format!("https://{}example/", "a.".repeat(127)), false),
            ("no url".to_owned(), false),
        ] {
            assert_eq!(parse_url(&text).is_some(), is_url, "{text}");
        }
    }
}
