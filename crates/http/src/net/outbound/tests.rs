use super::*;

#[test]
fn a_wrong_file_of_authorities_is_named_with_its_variable() {
    let folder = env::temp_dir();
    let missing = folder.join("no such file of authorities.pem");
    let text = check_file(&missing.to_string_lossy()).unwrap_err();
    assert!(
        text.starts_with(&format!("`SSL_CERT_FILE` names `{}`, which cannot be read (no such file", missing.display())),
        "{text}"
    );
    let text = check_file(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).unwrap_err();
    assert!(text.contains("/Cargo.toml`, which holds no certificate in PEM form; name a PEM file"), "{text}");
    assert!(check_file(&folder.to_string_lossy()).unwrap_err().contains("which cannot be read"), "a folder");
    assert!(why_none(Some("/nowhere")).starts_with("`SSL_CERT_DIR` names `/nowhere`, in which there is no certificate;"));
    assert!(why_none(None).starts_with("this machine has no certificate authorities; install them"));
}

#[test]
fn proxies_that_the_http_client_would_ignore_are_wrong() {
    for good in [
        "http://proxy.example.com:3128",
        "https://proxy.example.com",
        "proxy.example.com:3128",
        "http://user:pass%20word@proxy.example.com:3128/",
        "http://10.0.0.1:8080",
        "http://[::1]:8080",
    ] {
        assert_eq!(check_proxy(good), Ok(()), "{good}");
    }
    for bad in [
        "http//proxy:3128",
        "://proxy",
        "http://",
        "proxy example",
        "ftp://proxy:21",
        "http://proxy:99999",
        " http://proxy:1",
        "htp://a:1",
    ] {
        assert!(check_proxy(bad).unwrap_err().contains("is not the URL of a proxy; write it like"), "{bad}");
    }
    assert!(check_proxy("socks5://proxy:1080").unwrap_err().contains("not supported"));
}

#[test]
fn the_variable_of_a_proxy_is_the_one_that_counts() {
    let of = |is_https, set: &[&str]| proxy_variable(is_https, |name| set.contains(&name));
    assert_eq!(of(true, &["HTTPS_PROXY", "https_proxy", "HTTP_PROXY"]), "HTTPS_PROXY");
    assert_eq!(of(true, &["https_proxy", "HTTP_PROXY"]), "https_proxy");
    assert_eq!(of(true, &["HTTP_PROXY", "all_proxy"]), "all_proxy");
    assert_eq!(of(false, &["HTTPS_PROXY", "http_proxy"]), "http_proxy");
}

#[tokio::test]
async fn a_client_that_trusts_nobody_still_connects_without_tls() {
    let client = client(|| Client::builder().no_proxy().tls_certs_only([])).unwrap();
    let error = client.get("http://127.0.0.1:1/").send().await.unwrap_err();
    assert!(error.is_connect());
    let failure = ConnectFailure::of(&error);
    assert!(matches!(&failure, ConnectFailure::Other(cause) if cause.contains("refused")), "{failure:?}");
    assert_eq!(failure.next_step(), None);
}
