use axum::http::HeaderValue;

use crate::net::client_ip::*;

fn of(peer: &str, forwarded: &[&'static str]) -> String {
    let mut headers = HeaderMap::new();
    for line in forwarded {
        headers.append("x-forwarded-for", HeaderValue::from_static(line));
    }
    let proxies = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
    ClientIp::of(Some(Peer(peer.parse().unwrap())), &headers, &proxies).0.to_string()
}

#[test]
fn forwarded_addresses_count_from_trusted_proxies_only() {
    for (peer, forwarded, client) in [
        ("203.0.113.9:1", &["198.51.100.1"][..], "203.0.113.9"),
        ("10.1.2.3:1", &["198.51.100.1"], "198.51.100.1"),
        ("10.1.2.3:1", &["1.2.3.4, 198.51.100.1, 10.9.9.9"], "198.51.100.1"),
        ("10.1.2.3:1", &["1.2.3.4", "198.51.100.1"], "198.51.100.1"),
        ("10.1.2.3:1", &["198.51.100.1, nonsense"], "10.1.2.3"),
        ("10.1.2.3:1", &["198.51.100.1:51234"], "198.51.100.1"),
        ("10.1.2.3:1", &["[2001:db8::1]:51234"], "2001:db8::1"),
        ("10.1.2.3:1", &["[2001:db8::1]"], "2001:db8::1"),
        ("10.1.2.3:1", &[], "10.1.2.3"),
        ("[::ffff:10.1.2.3]:1", &["198.51.100.1"], "198.51.100.1"),
        ("[fd00::1]:1", &["2001:db8::1"], "2001:db8::1"),
    ] {
        assert_eq!(of(peer, forwarded), client, "{peer} {forwarded:?}");
    }
}

#[test]
fn bytes_that_are_no_text_hide_only_their_own_hop() {
    let proxies = ["10.0.0.0/8".parse().unwrap()];
    for (line, client) in [
        (&b"\xff, 198.51.100.1"[..], "198.51.100.1"),
        (b"1.2.3.4, 198.51.100.1, 10.9.9.9\xa0", "10.1.2.3"),
        (b"1.2.3.4\xff, 10.9.9.9", "10.9.9.9"),
    ] {
        let headers = HeaderMap::from_iter([("x-forwarded-for".parse().unwrap(), HeaderValue::from_bytes(line).unwrap())]);
        let ip = ClientIp::of(Some(Peer("10.1.2.3:1".parse().unwrap())), &headers, &proxies);
        assert_eq!(ip.0.to_string(), client, "{line:?}");
    }
}

#[test]
fn limits_count_ipv6_by_customer() {
    let network = |ip: &str| ClientIp(ip.parse().unwrap()).customer().to_string();
    assert_eq!(network("2001:db8:1:203:3:4:5:6"), "2001:db8:1:200::");
    assert_eq!(network("198.51.100.1"), "198.51.100.1");
}

#[test]
fn shares_count_ipv6_by_site() {
    let network = |ip: &str| ClientIp(ip.parse().unwrap()).site().to_string();
    assert_eq!(network("2001:db8:1:203:3:4:5:6"), "2001:db8:1::");
    assert_eq!(network("198.51.100.1"), "198.51.100.1");
}
