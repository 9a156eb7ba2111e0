use super::*;

#[test]
fn private_networks_are_told_from_the_internet() {
    let inside = "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 \
                  198.18.0.1 ::1 :: fe80::1 fd00::1 ff02::1 ::ffff:10.0.0.1 ::ffff:127.0.0.1";
    for ip in inside.split_whitespace() {
        assert!(!is_public(ip.parse().unwrap()), "{ip}");
    }
    for ip in "52.216.0.1 8.8.8.8 172.32.0.1 100.128.0.1 2600:1f18::1 ::ffff:8.8.8.8".split_whitespace() {
        assert!(is_public(ip.parse().unwrap()), "{ip}");
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_resolved() {
    let refused = resolver().resolve("localhost".parse().unwrap()).await;
    assert!(refused.is_err_and(|error| error.to_string().contains("not a public address")));
}
