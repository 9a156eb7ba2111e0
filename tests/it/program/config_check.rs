//! `config check` tries what the configuration names, and leaves everything as it is.

use std::{net::TcpListener, sync::Arc};

use axum::{Router, http::HeaderMap, routing::get};
use mcp_http::json::Json;
use serde_json::json;
use torii_sample::{FULL_ACCESS_KEY, SCIM_KEY};

use crate::support::{mock_api::Here, postgres, process::Ran, spawned::Deployment};

const CHECK: &[&str] = &["config", "check"];

/// What it says, and that it says nothing without a network.
#[track_caller]
fn problems(deployment: &Deployment) -> String {
    let offline = deployment.run(&["config", "check", "--offline"]);
    assert_eq!((offline.code, offline.stdout.as_str()), (0, "ok\n"), "{}", offline.stderr);
    let Ran { code, stdout, stderr } = deployment.run(CHECK);
    assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
    stderr
}

#[track_caller]
fn is_good(deployment: &Deployment) {
    let Ran { code, stdout, stderr } = deployment.run(CHECK);
    assert_eq!((code, stdout.as_str()), (0, "ok\n"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_and_its_encryption_key_are_tried() {
    let mut deployment = Deployment::new().await;
    is_good(&deployment);
    assert!(!deployment.data().exists(), "nothing is made");
    let mut deployment = {
        let shared = Arc::new(deployment);
        shared.start().await.program.kill();
        deployment = Arc::into_inner(shared).expect("nobody else has it");
        deployment
    };
    is_good(&deployment);
    deployment.set("TORII_MCP_ENCRYPTION_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
    let said = problems(&deployment);
    assert!(said.contains("`encryption`: this store was encrypted with another key"), "{said}");
    deployment.unset("TORII_MCP_ENCRYPTION_KEY");
    let key = deployment.data().join("encryption.key");
    std::fs::remove_file(&key).expect("it is there");
    let missing = format!("the encryption key's file `{}` is missing, and this store was encrypted with that key", key.display());
    let said = problems(&deployment);
    assert!(said.contains(&format!("`encryption`: {missing}; restore the file")), "{said}");
    let refused = deployment.refusal();
    assert!(refused.stderr.contains(&missing) && !refused.stderr.contains("keep a copy"), "{}", refused.stderr);
    assert!(!key.exists(), "no key is made that could not be used");
    deployment.set("TORII_MCP_STORE_URL", "sqlite:/proc/nowhere/store.sqlite");
    let said = problems(&deployment);
    assert!(said.contains("`store`: the store cannot be opened: `/proc/nowhere/store.sqlite` cannot be made"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_credentials_of_a_database_are_tried() {
    let Some(server) = postgres::shared() else { return };
    let mut deployment = Deployment::new().await;
    let url = server.database();
    deployment.set("TORII_MCP_STORE_URL", &url);
    is_good(&deployment);
    for (url, says) in [
        (url.replace(postgres::PASSWORD, "wrong"), "it refuses the user or the password; correct them"),
        (server.url("missing"), "make it with `CREATE DATABASE`"),
    ] {
        deployment.set("TORII_MCP_STORE_URL", &url);
        let said = problems(&deployment);
        assert!(said.starts_with("error: `store`: ") && said.contains(says), "{said}");
        assert!(!said.contains(postgres::PASSWORD), "{said}");
    }
}

/// An issuer whose documents say what they have to.
fn issuer() -> Here {
    let metadata = |headers: HeaderMap| async move {
        let issuer = format!("http://{}", headers["host"].to_str().expect("it is text"));
        Json(json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/jwks"),
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
        }))
    };
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    let keys = json!({ "keys": [key] });
    let router = Router::new().route("/.well-known/openid-configuration", get(metadata));
    Here::serving(router.route("/jwks", get(async || Json(keys))))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_issuer_and_each_key_of_torii_are_tried() {
    let mut deployment = Deployment::new().await;
    let issuer = issuer();
    for (name, value) in [
        ("TORII_MCP_AUTH_MODE", "oidc"),
        ("TORII_MCP_AUTH_OIDC_ISSUER", issuer.url.as_str()),
        ("TORII_MCP_AUTH_OIDC_CLIENT_ID", "torii-mcp"),
        ("TORII_MCP_AUTH_OIDC_CLIENT_SECRET", "hush"),
        ("TORII_MCP_ACCESS_RULES", r#"[{"domain":"example.com","key":"full","scopes":["torii:read"]}]"#),
        ("TORII_MCP_KEYS_FULL_TORII_KEY", FULL_ACCESS_KEY),
        ("TORII_MCP_KEYS_FULL_SCIM_KEY", SCIM_KEY),
        ("TORII_MCP_KEYS_OTHER_TORII_KEY", FULL_ACCESS_KEY),
    ] {
        deployment.set(name, value);
    }
    is_good(&deployment);
    deployment.set("TORII_MCP_KEYS_OTHER_TORII_KEY", "mistyped");
    deployment.set("TORII_MCP_KEYS_FULL_SCIM_KEY", "mistyped");
    // nobody listens there any more
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port is free");
    deployment.set("TORII_MCP_AUTH_OIDC_ISSUER", &format!("http://{closed}"));
    let said = problems(&deployment);
    let lines: Vec<_> = said.trim_start_matches("error: ").lines().collect();
    let begin = [
        "`auth.oidc.issuer`: the issuer `http://127",
        "`keys.full.scim_key`: torii does not",
        "`keys.other.torii_key`: torii does not",
    ];
    assert!(lines.len() == 3 && lines.iter().zip(begin).all(|(line, begin)| line.starts_with(begin)), "{said}");
    assert!(!said.contains("mistyped"), "{said}");
}
