//! Clients whose `client_id` is the URL of their metadata, where the server has no way out.

use mcp_oauth_server::{
    clients::metadata_document::pinned,
    settings::{ClientMetadata, Embedded},
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::test_server::{Connector, client};

const CLAUDE_CODE: &str = "https://claude.ai/oauth/claude-code-client-metadata";
const REDIRECT: &str = "http://localhost:49152/callback";

/// A server that reaches nothing: it knows no name, and no proxy.
async fn without_egress(change: impl FnOnce(&mut Embedded)) -> Connector {
    Connector::start_on(|setup| {
        setup.untrusted = crate::support::untrusted_host::without_egress();
        setup.embedded.client_metadata = ClientMetadata::Advertised { probe: vec![CLAUDE_CODE.to_owned()] };
        change(&mut setup.embedded);
    })
    .await
}

async fn json_at(connector: &Connector, path: &str) -> Value {
    client().get(format!("{}{path}", connector.at)).send().await.expect("it answers").json().await.expect("it is JSON")
}

#[tokio::test]
async fn without_egress_clients_are_not_told_to_name_themselves_by_urls_and_register_instead() {
    let connector = without_egress(|_| {}).await;
    for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        let metadata = json_at(&connector, path).await;
        assert_eq!(metadata["client_id_metadata_document_supported"], false, "{path}");
        assert!(metadata["registration_endpoint"].is_string(), "{path}");
    }
    // the first attempt runs in the background
    let notes = loop {
        let ready = json_at(&connector, "/health/ready").await;
        assert_eq!(ready["status"], "ready");
        if let Some(notes) = ready["notes"].as_array() {
            break notes.clone();
        }
        tokio::task::yield_now().await;
    };
    assert!(notes.len() == 1 && notes[0].as_str().is_some_and(|note| note.contains("claude.ai") && note.contains("register")));

    // one that names itself so all the same is told what to do
    let app = connector.configured(CLAUDE_CODE, REDIRECT);
    let (status, page) = connector.browser().get(app.authorization_url("torii:read").0.as_str()).await.page();
    assert_eq!(status, StatusCode::BAD_REQUEST);
    for told in ["claude.ai", "HTTPS_PROXY", "metadata_file", "whoever runs this server"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    // the way that the client takes instead
    connector.app(REDIRECT).await;
}

#[tokio::test]
async fn a_document_that_the_operator_keeps_in_a_file_needs_no_egress() {
    let document = json!({
        "client_id": CLAUDE_CODE,
        "client_name": "Claude Code",
        "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/callback"],
        "token_endpoint_auth_method": "none",
    });
    let kept = pinned(CLAUDE_CODE, &document.to_string()).expect("it is valid");
    let connector = without_egress(|embedded| embedded.clients.push(kept)).await;
    let metadata = json_at(&connector, "/.well-known/oauth-authorization-server").await;
    assert_eq!(metadata["client_id_metadata_document_supported"], true);
    assert_eq!(json_at(&connector, "/health/ready").await, json!({ "status": "ready" }));
    let app = connector.configured(CLAUDE_CODE, REDIRECT);
    let tokens = app.connect(&connector.signed_in().await, &["torii:read"]).await;
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK);
}
