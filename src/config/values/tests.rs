use super::*;

#[test]
fn a_duration_is_a_sum_of_days_hours_minutes_and_seconds() {
    let cases = [
        ("0s", Some(0)),
        ("90s", Some(90)),
        ("15m", Some(900)),
        ("12h", Some(43_200)),
        ("30d", Some(2_592_000)),
        ("365d", Some(31_536_000)),
        ("1h30m", Some(5_400)),
        ("1d2h3m4s", Some(93_784)),
        ("", None),
        ("366d", None),
        ("999999999h", None),
        ("999999999d", None),
    ];
    for (text, seconds) in cases {
        assert_eq!(duration(text, ["0s", "365d"]).ok(), seconds.map(Duration::from_secs), "{text:?}");
    }
}

#[test]
fn a_proxy_is_the_same_network_in_each_of_its_forms() {
    for (text, expected) in [
        ("::ffff:127.0.0.1", Some("127.0.0.1/32")),
        ("::ffff:10.1.2.3/104", Some("10.0.0.0/8")),
        ("::FFFF:a01:203", Some("10.1.2.3/32")),
        ("10.1.2.3/8", Some("10.0.0.0/8")),
        ("2001:db8::1/32", Some("2001:db8::/32")),
        ("::ffff:0.0.0.0/96", None),
        ("::/0", None),
    ] {
        assert_eq!(proxies(text).ok().map(|net| net.to_string()).as_deref(), expected, "{text}");
    }
}

#[test]
fn a_listener_has_an_address_a_host_name_or_a_port_alone() {
    let names = |host: &str, port: u16| match host {
        "both.example" => Ok(vec![([0u16, 0, 0, 0, 0, 0, 0, 1], port).into(), ([10, 0, 0, 1], port).into()]),
        "six.example" => Ok(vec![([0u16, 0, 0, 0, 0, 0, 0, 1], port).into()]),
        "none.example" => Ok(Vec::new()),
        _ => Err(io::Error::other("it is unknown")),
    };
    let cases = [
        ("127.0.0.1:9000", Ok("127.0.0.1:9000")),
        (" [::1]:9000 ", Ok("[::1]:9000")),
        ("9000", Ok("127.0.0.1:9000")),
        ("0", Ok("127.0.0.1:0")),
        ("localhost:9000", Ok("127.0.0.1:9000")),
        ("LocalHost:9000", Ok("127.0.0.1:9000")),
        ("both.example:9000", Ok("10.0.0.1:9000")),
        ("six.example:9000", Ok("[::1]:9000")),
        ("none.example:9000", Err("names the host `none.example`, which has no address here")),
        ("other.example:9000", Err("names the host `other.example`, which has no address here: it is unknown")),
    ];
    for (text, expected) in cases {
        let found = listen_address_with(text, 8080, names).map(|address| address.to_string());
        assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
    }
    for text in
        ["", "80800", "+80", "localhost", "localhost:", "localhost:+80", ":8080", "*:8080", "::1", "http://localhost:8080"]
    {
        let problem = listen_address_with(text, 8080, names).expect_err(text);
        assert!(problem.contains("`localhost:8080` or `8080`"), "{problem}");
    }
}
