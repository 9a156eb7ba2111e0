use crate::net::ssrf::*;

#[test]
fn private_networks_are_told_from_the_internet() {
    let inside = "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 \
                  198.18.0.1 192.0.0.8 192.0.2.1 192.88.99.1 240.0.0.1 ::1 :: fe80::1 fec0::1 fc00::1 fd00::1 fd00:ec2::254 ff02::1 \
                  ::ffff:10.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::127.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 \
                  64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2001:10::1 2002:7f00:1:: 2002:a9fe:a9fe:: 3fff::1 \
                  4000::1 5f00::1";
    for ip in inside.split_whitespace() {
        assert!(!is_public(ip.parse().unwrap()), "{ip}");
    }
    for ip in "52.216.0.1 8.8.8.8 172.32.0.1 100.128.0.1 192.88.98.1 2600:1f18::1 2001:4860::8888 2a00:1450::1 ::ffff:8.8.8.8 64:ff9b::808:808".split_whitespace() {
        assert!(is_public(ip.parse().unwrap()), "{ip}");
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_resolved() {
    let refused = resolver(Arc::new(SystemResolver)).resolve("localhost".parse().unwrap()).await;
    assert!(refused.is_err_and(|error| error.to_string().contains("not a public address")));
}
