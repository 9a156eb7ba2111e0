use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, extract::Request, response::IntoResponse, routing::any};
use jsonwebtoken::Algorithm;
use mcp_http::json::Json;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::{
    access::AccessRules,
    fetch::tests::MockClock,
    jose::tests::{Signer, forged},
    testing::{self, definitions},
};

const NOW: Timestamp = Timestamp(1_800_000_000);
const ORIGIN: &str = "https://mcp.example";
const RESOURCE: &str = "https://mcp.example/mcp";

/// A server that publishes documents at paths and counts the requests.
struct Server {
    issuer: String,
    documents: Arc<Mutex<BTreeMap<String, Value>>>,
    asked: Arc<AtomicUsize>,
    mock_clock: MockClock,
    clock: Clock,
}

impl Server {
    async fn start(path: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}{path}", listener.local_addr().unwrap());
        let documents = Arc::new(Mutex::new(BTreeMap::<String, Value>::new()));
        let asked = Arc::new(AtomicUsize::new(0));
        let (shown, count) = (Arc::clone(&documents), Arc::clone(&asked));
        let handler = move |request: Request| async move {
            count.fetch_add(1, Ordering::SeqCst);
            let document = shown.lock().unwrap().get(request.uri().path()).cloned();
            assert!(request.headers().get("authorization").is_none());
            document.map(Json).ok_or(axum::http::StatusCode::NOT_FOUND).into_response()
        };
        let router = Router::new().route("/{*path}", any(handler));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let (mock_clock, clock) = MockClock::new();
        Self { issuer, documents, asked, mock_clock, clock }
    }

    fn origin(&self) -> String {
        self.issuer.split('/').take(3).collect::<Vec<_>>().join("/")
    }

    fn publish(&self, path: &str, document: Value) {
        self.documents.lock().unwrap().insert(path.to_owned(), document);
    }

    /// Publishes a key set, and a metadata document with its URL.
    fn publish_all(&self, path: &str, signer: &Signer) {
        self.publish("/keys", signer.set());
        self.publish(path, json!({ "issuer": self.issuer, "jwks_uri": format!("{}/keys", self.origin()) }));
    }

    fn settings(&self) -> External {
        External {
            issuer: self.issuer.clone(),
            jwks_url: None,
            audience: None,
            algorithms: vec![Algorithm::RS256, Algorithm::ES256],
            groups_claim: "groups".to_owned(),
            email_claims: vec!["email".to_owned()],
            scopes: testing::scopes("api:write"),
            access: AccessRules::default(),
            keys: BTreeMap::new(),
        }
    }

    fn verifier(&self, settings: &External) -> Verifier {
        Verifier::new(
            settings,
            ProtectedResource::new("API", ORIGIN, &settings.issuer, definitions(), settings.scopes).with_toolsets(["apps"]),
            self.clock.clone(),
        )
        .unwrap()
    }

    fn claims(&self, changes: &Value) -> Value {
        let mut claims = json!({ "iss": self.issuer, "sub": "1", "aud": RESOURCE, "exp": NOW.0 + 300, "iat": NOW.0,
                                 "client_id": "claude", "scope": "api:read openid", "email": "ada@company.com" });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }
}

const OPENID: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn a_token_says_who_and_what_and_until_when() {
    let server = Server::start("").await;
    let signer = Signer::new(Algorithm::ES256, "1");
    server.publish_all(OPENID, &signer);
    let verifier = server.verifier(&server.settings());
    let read = testing::scopes("api:read");
    let write = testing::scopes("api:write");
    for (changes, client_id, scopes) in [
        (json!({}), Some("claude"), read),
        (json!({ "aud": ["https://other.example", RESOURCE] }), Some("claude"), read),
        (json!({ "scope": null, "scp": ["api:read", "api:write"] }), Some("claude"), write),
        (json!({ "scope": null, "scp": "api:write" }), Some("claude"), write),
        (json!({ "scope": "api:destroy api:staff" }), Some("claude"), write),
        (json!({ "scope": null }), Some("claude"), Scopes::NONE),
        (json!({ "scope": { "api:read": true } }), Some("claude"), Scopes::NONE),
        (json!({ "aud": format!("{RESOURCE}?toolsets=apps"), "scope": "api:write" }), Some("claude"), write),
        (json!({ "aud": format!("{RESOURCE}/read-only"), "scope": "api:write" }), Some("claude"), read),
        (json!({ "client_id": null, "cid": "okta" }), Some("okta"), read),
        (json!({ "client_id": null, "azp": "entra" }), Some("entra"), read),
        (json!({ "client_id": null }), None, read),
    ] {
        let told = verifier.verify(&signer.sign(&server.claims(&changes)), NOW).await.unwrap();
        assert_eq!((told.client_id.as_deref(), told.scopes), (client_id, scopes), "{changes}");
        assert_eq!((told.expires_at, told.user.email.as_deref()), (Timestamp(NOW.0 + 300), Some("ada@company.com")));
    }
    assert_eq!(server.asked.load(Ordering::SeqCst), 2, "once for the document, once for the keys");
    let apps = format!("{RESOURCE}?toolsets=apps");
    let read = format!("{RESOURCE}/read-only");
    for (audiences, part) in [
        (json!(RESOURCE), Some((false, None))),
        (json!([apps, RESOURCE]), Some((false, None))),
        (json!([apps, "https://other.example"]), Some((false, Some("apps")))),
        (json!(read), Some((true, None))),
        // reading everything and changing apps is not changing everything
        (json!([read, apps]), None),
    ] {
        let told = verifier.verify(&signer.sign(&server.claims(&json!({ "aud": audiences }))), NOW).await.ok();
        let found = told.map(|told| (told.part.is_read_only, told.part.toolsets.and_then(|names| names.into_iter().next())));
        assert_eq!(found, part.map(|(reads, name)| (reads, name.map(str::to_owned))), "{audiences}");
    }
}

#[tokio::test]
async fn other_settings_keep_what_was_fetched_of_the_same_server() {
    let server = Server::start("").await;
    let signer = Signer::new(Algorithm::ES256, "1");
    server.publish_all(OPENID, &signer);
    let (settings, resource) =
        (server.settings(), ProtectedResource::new("API", ORIGIN, &server.issuer, definitions(), Scopes::ALL));
    let verifier = server.verifier(&settings);
    let token = signer.sign(&server.claims(&json!({})));
    verifier.verify(&token, NOW).await.unwrap();
    // the server is down from now on
    server.documents.lock().unwrap().clear();
    let other = External { scopes: testing::scopes("api:read"), ..settings.clone() };
    let reloaded = verifier.with_settings(&other, resource.clone()).unwrap();
    assert_eq!(reloaded.verify(&token, NOW).await.unwrap().scopes, testing::scopes("api:read"));
    let elsewhere = External { issuer: "https://elsewhere.example".to_owned(), ..settings };
    assert!(verifier.with_settings(&elsewhere, resource).is_none());
}

#[tokio::test]
async fn a_token_that_is_not_for_this_server_counts_for_nothing() {
    let server = Server::start("").await;
    let signer = Signer::new(Algorithm::ES256, "1");
    server.publish_all(OPENID, &signer);
    let verifier = server.verifier(&server.settings());
    for (changes, words) in [
        (json!({ "iss": "https://other.example" }), "`iss`"),
        (json!({ "iss": format!("{}/", server.issuer) }), "`iss`"),
        (json!({ "aud": "https://mcp.example" }), "`aud`"),
        (json!({ "aud": format!("{RESOURCE}/") }), "`aud`"),
        (json!({ "aud": null }), "`aud`"),
        (json!({ "exp": null }), "no `exp`"),
        (json!({ "exp": NOW.0 - 61 }), "expired"),
        (json!({ "nbf": NOW.0 + 300 }), "not valid yet"),
        (json!({ "cnf": { "jkt": "x" } }), "`cnf`"),
        (json!({ "sub": null }), "`sub`"),
    ] {
        let error = verifier.verify(&signer.sign(&server.claims(&changes)), NOW).await.unwrap_err();
        assert!(!error.is_transient() && error.to_string().contains(words), "{changes}: {error}");
    }
    let mut overage = server.claims(&json!({ "hasgroups": true }));
    let error = verifier.verify(&signer.sign(&overage), NOW).await.unwrap_err();
    assert_eq!(error, Error::User(user::Error::TooManyGroups));
    overage["groups"] = json!(["a"]);
    assert_eq!(verifier.verify(&signer.sign(&overage), NOW).await.unwrap().user.groups, ["a"]);
}

#[tokio::test]
async fn only_a_signature_that_the_settings_allow_counts() {
    let server = Server::start("").await;
    let signer = Signer::new(Algorithm::ES256, "1");
    server.publish_all(OPENID, &signer);
    let claims = server.claims(&json!({}));
    let mut settings = server.settings();
    settings.algorithms.push(Algorithm::HS256);
    let secret = jsonwebtoken::EncodingKey::from_secret(b"secret");
    let shared = jsonwebtoken::encode(&jsonwebtoken::Header::new(Algorithm::HS256), &claims, &secret).unwrap();
    let mut id_token = signer.header();
    id_token.typ = Some("dpop+jwt".to_owned());
    for token in [
        Signer::new(Algorithm::ES256, "1").sign(&claims),
        Signer::new(Algorithm::ES384, "1").sign(&claims),
        forged(&json!({ "alg": "none" }), &claims),
        signer.sign_with(&id_token, &claims),
        shared,
        "toriimcp_at_x".to_owned(),
        String::new(),
    ] {
        let error = server.verifier(&settings).verify(&token, NOW).await.unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "{token}: {error}");
    }
    let mut typed = signer.header();
    for type_ in ["at+jwt", "application/at+jwt", "AT+JWT"] {
        typed.typ = Some(type_.to_owned());
        assert!(server.verifier(&settings).verify(&signer.sign_with(&typed, &claims), NOW).await.is_ok(), "{type_}");
    }
}

#[tokio::test]
async fn the_issuer_s_keys_are_found_in_each_of_the_usual_places() {
    for (issuer, path) in [
        ("", OPENID),
        ("", "/.well-known/oauth-authorization-server"),
        ("/", OPENID),
        ("/", "/.well-known/oauth-authorization-server"),
        ("/realms/a", "/realms/a/.well-known/openid-configuration"),
        ("/realms/a", "/.well-known/oauth-authorization-server/realms/a"),
        ("/realms/a/", "/realms/a/.well-known/openid-configuration"),
    ] {
        let server = Server::start(issuer).await;
        let signer = Signer::new(Algorithm::ES256, "1");
        server.publish_all(path, &signer);
        let verified = server.verifier(&server.settings()).verify(&signer.sign(&server.claims(&json!({}))), NOW).await;
        assert!(verified.is_ok(), "{issuer} {path}: {verified:?}");
    }
}

#[tokio::test]
async fn configured_keys_and_audience_are_taken() {
    let server = Server::start("").await;
    let signer = Signer::new(Algorithm::RS256, "1");
    server.publish("/other/keys", signer.set());
    let settings = External {
        jwks_url: Some(Url::parse(&format!("{}/other/keys", server.origin())).unwrap()),
        audience: Some("api://torii".to_owned()),
        ..server.settings()
    };
    let verifier = server.verifier(&settings);
    assert!(verifier.verify(&signer.sign(&server.claims(&json!({ "aud": "api://torii" }))), NOW).await.is_ok());
    assert!(verifier.verify(&signer.sign(&server.claims(&json!({}))), NOW).await.is_err());
}

#[tokio::test]
async fn a_document_of_another_issuer_does_not_count() {
    let server = Server::start("").await;
    let signer = Signer::new(Algorithm::ES256, "1");
    server.publish_all(OPENID, &signer);
    server.publish(OPENID, json!({ "issuer": "https://other.example", "jwks_uri": format!("{}/keys", server.issuer) }));
    let error = server.verifier(&server.settings()).verify(&signer.sign(&server.claims(&json!({}))), NOW).await.unwrap_err();
    assert!(error.to_string().contains("its `issuer` is `https://other.example`"), "{error}");
}

#[tokio::test]
async fn keys_that_cannot_be_had_are_no_proof_against_the_token() {
    let server = Server::start("").await;
    let signer = Signer::new(Algorithm::ES256, "1");
    let verifier = server.verifier(&server.settings());
    let token = signer.sign(&server.claims(&json!({})));
    let error = verifier.verify(&token, NOW).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    server.publish_all(OPENID, &signer);
    server.mock_clock.turn(std::time::Duration::from_secs(10));
    assert!(verifier.verify(&token, NOW).await.is_ok());
}

#[tokio::test]
async fn text_in_the_place_of_a_token_causes_no_fetch() {
    let server = Server::start("").await;
    let verifier = server.verifier(&server.settings());
    let foreign = forged(&json!({ "alg": "ES256" }), &server.claims(&json!({ "aud": "other" })));
    for token in ["", "x", "a.b.c", &foreign] {
        assert!(verifier.verify(token, NOW).await.is_err());
    }
    assert_eq!(server.asked.load(Ordering::SeqCst), 0);
}
