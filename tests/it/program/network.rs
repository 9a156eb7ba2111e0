//! What the environment says about certificate authorities and proxies: where it is wrong, every command says so, and only where it matters.

use axum::Router;
use serde_json::json;

use crate::support::{
    assistant::KEY,
    mock_api::Torii,
    process::{Ran, run},
    untrusted_host::{INTERNET, UntrustedHost},
};

const CALL: &[&str] = &["call", "get_organization"];
const CHECK: &[&str] = &["config", "check"];
/// A file that holds no certificate, and one that is not there.
const EMPTY: &str = "/dev/null";
const MISSING: &str = "/nowhere/authorities.pem";

/// What a command says that fails.
#[track_caller]
fn told(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let Ran { code, stdout, stderr } = run(arguments, variables);
    assert!(code != 0 && stdout.is_empty(), "{arguments:?} {variables:?}: {code} {stdout}");
    stderr
}

#[test]
fn authorities_that_cannot_be_read_stop_nothing_that_needs_none() {
    let torii = Torii::answering(|_, _| json!({ "org": {} }).to_string());
    for file in [EMPTY, MISSING] {
        let ran = run(CALL, &[("TORII_API_URL", &torii.url), ("TORII_API_KEY", KEY), ("SSL_CERT_FILE", file)]);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, "{\"org\":{}}\n"), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("`SSL_CERT_FILE` names `{file}`, which ")), "{}", ran.stderr);
    }
}

#[test]
fn authorities_that_cannot_be_read_are_named_where_they_are_needed() {
    for (arguments, file, what) in [
        (CALL, EMPTY, "which holds no certificate in PEM form; name a PEM file with all authorities there"),
        (CALL, MISSING, "which cannot be read (no such file or directory"),
        (CHECK, MISSING, "which cannot be read (no such file or directory"),
        (&["config", "check", "--offline"], EMPTY, "which holds no certificate in PEM form"),
        (&["serve", "--listen", "127.0.0.1:0"], EMPTY, "which holds no certificate in PEM form"),
    ] {
        let said = told(arguments, &[("TORII_API_KEY", KEY), ("TORII_MCP_AUTH_MODE", "none"), ("SSL_CERT_FILE", file)]);
        assert!(said.contains(&format!("`SSL_CERT_FILE` names `{file}`, {what}")), "{arguments:?}: {said}");
    }
}

#[test]
fn a_proxy_that_would_be_ignored_is_an_error() {
    for arguments in [CALL, CHECK, &["serve", "--listen", "127.0.0.1:0"]] {
        let said = told(
            arguments,
            &[("TORII_API_KEY", KEY), ("TORII_MCP_AUTH_MODE", "none"), ("HTTPS_PROXY", "http//me:hush@proxy:3128")],
        );
        assert!(
            said.contains("`HTTPS_PROXY` is not the URL of a proxy; write it like `http://proxy.example.com:3128`"),
            "{said}"
        );
        assert!(!said.contains("hush"), "{said}");
    }
}

#[test]
fn a_dead_proxy_is_named() {
    let said =
        told(CALL, &[("TORII_API_URL", "https://torii.invalid"), ("TORII_API_KEY", KEY), ("https_proxy", "http://127.0.0.1:1")]);
    assert!(said.contains("the API cannot be reached (through the proxy of `https_proxy`: "), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_authority_is_told_as_one() {
    let host = UntrustedHost::start(Router::new(), &[("localhost", &[INTERNET])]).await;
    let url = format!("https://localhost:{}", host.port);
    let said = tokio::task::spawn_blocking(move || told(CALL, &[("TORII_API_URL", &url), ("TORII_API_KEY", KEY)]))
        .await
        .expect("it ends");
    assert!(said.contains("the API cannot be reached (its certificate is of an authority that is not trusted here)"), "{said}");
}
