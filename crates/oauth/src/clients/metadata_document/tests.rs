use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{Router, routing::get};
use mcp_http::json::Json;
use serde_json::{Value, json};

use crate::{
    clients::metadata_document::*,
    fetch::tests::{LOCALHOST, MockClock, Scripted, Server},
};

/// Serves what `document` returns for the document's URL, and looks up the client with that URL.
async fn client_of(document: impl Fn(&str) -> Value + Clone + Send + Sync + 'static) -> Result<Client, Error> {
    let (documents, url, _) = serving(document).await;
    documents.client(&url, budget()).await
}

fn budget() -> FetchBudget {
    FetchBudget::from(mcp_http::net::client_ip::ClientIp(LOCALHOST))
}

async fn serving(document: impl Fn(&str) -> Value + Clone + Send + Sync + 'static) -> (Documents, String, Arc<AtomicUsize>) {
    let fetches = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&fetches);
    let handler = move |headers: axum::http::HeaderMap| async move {
        count.fetch_add(1, Ordering::SeqCst);
        let host = headers["host"].to_str().unwrap();
        Json(document(&format!("https://{host}/client.json")))
    };
    let server = Server::start("client.example", Router::new().route("/client.json", get(handler))).await;
    let documents = Documents::new(server.fetch(Scripted::new(&[LOCALHOST])), MockClock::new().1);
    (documents, server.url("/client.json").into(), fetches)
}

fn plain(id: &str) -> Value {
    json!({ "client_id": id, "client_name": "Claude", "redirect_uris": ["http://localhost/callback"] })
}

#[tokio::test]
async fn the_document_at_its_address_is_the_client() {
    let (documents, id, fetches) = serving(plain).await;
    let client = documents.client(&id, budget()).await.unwrap();
    assert_eq!((client.id.as_str(), client.name.as_str(), client.origin), (id.as_str(), "Claude", Origin::Document));
    documents.client(&id, budget()).await.unwrap();
    assert_eq!(fetches.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_document_with_keys_is_taken_as_chatgpt_publishes_it() {
    let client = client_of(|id| {
        json!({ "client_id": id, "client_name": "ChatGPT", "redirect_uris": ["https://chatgpt.com/connector_platform_oauth_redirect"],
                "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://chatgpt.com/oauth/jwks.json",
                "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"] })
    });
    assert!(matches!(client.await.unwrap().authentication, crate::clients::client::Authentication::PrivateKeyJwt(_)));
}

#[tokio::test]
async fn a_document_of_another_client_is_refused() {
    for change in
        [|_: &str| Value::Null, |id: &str| format!("{id}/").into(), |id: &str| id.to_uppercase().into(), |id: &str| json!([id])]
    {
        let refused = client_of(move |id| {
            let mut document = plain(id);
            document["client_id"] = change(id);
            document
        });
        let refused = refused.await.unwrap_err();
        assert!(refused.to_string().contains("`client_id` is not its own URL"), "{refused}");
        assert!(!refused.is_transient());
    }
}

#[tokio::test]
async fn a_document_with_a_secret_or_without_redirects_is_refused() {
    for (name, value, words) in
        [("client_secret", json!("s"), "client_secret"), ("redirect_uris", json!(["x://y"]), "redirect_uris")]
    {
        let refused = client_of(move |id| {
            let mut document = plain(id);
            document[name] = value.clone();
            document
        });
        let refused = refused.await.unwrap_err();
        assert!(refused.to_string().contains(words), "{refused}");
    }
}

#[tokio::test]
async fn an_address_that_could_be_read_in_two_ways_is_not_fetched() {
    let (documents, id, fetches) = serving(plain).await;
    let origin = id.strip_suffix("/client.json").unwrap();
    for wrong in [
        "http://client.example/client.json".to_owned(),
        "client.example/client.json".to_owned(),
        origin.to_owned(),
        format!("{origin}/"),
        format!("{id}#a"),
        format!("{id}?a=b"),
        format!("{origin}/a/../client.json"),
        format!("{origin}/a/%2e%2e/client.json"),
        format!("{origin}/./client.json"),
        format!("{origin}\\client.json"),
        format!(" {id}"),
        format!("{id}\n"),
        id.replace("client.example", "CLIENT.example"),
        id.replace("https://", "https://user@"),
        id.replace("https://", "https://:secret@"),
        id.replace("https://", "HTTPS://"),
        format!("{origin}/{}", "a".repeat(1024)),
        "https://127.1/client.json".to_owned(),
        "https://client.example:443/client.json".to_owned(),
    ] {
        let refused = documents.client(&wrong, budget()).await.unwrap_err();
        assert!(matches!(refused, Error::Address(_)), "{wrong}: {refused}");
    }
    assert_eq!(fetches.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_address_inside_is_refused() {
    let (documents, ..) = serving(plain).await;
    for inside in ["https://127.0.0.2/client.json", "https://[::1]/client.json", "https://169.254.169.254/client.json"] {
        let refused = documents.client(inside, budget()).await.unwrap_err();
        assert!(matches!(refused, Error::Document(fetch::Error::NotPublic(_))), "{inside}: {refused}");
    }
}
