use std::net::IpAddr;

use axum::{Router, routing::get};
use jsonwebtoken::Algorithm;
use mcp_http::{json::Json, net::rate_limit::WrongTokens};
use reqwest::Url;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    access::{Rule, Who},
    external::*,
    fetch::tests::MockClock,
    jose::tests::Signer,
    testing::{self, NoDirectory, definitions},
};

const ISSUER: &str = "https://login.example";

/// A resource server for tokens that `signer` signs, whose key set `keys` serves.
async fn server(keys: Router) -> ExternalServer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, keys).await });
    let scopes = testing::scopes("api:read");
    let settings = External {
        issuer: ISSUER.to_owned(),
        jwks_url: Some(Url::parse(&format!("{origin}/keys")).unwrap()),
        audience: Some("torii".to_owned()),
        algorithms: vec![Algorithm::ES256],
        groups_claim: "groups".to_owned(),
        email_claims: vec!["email".to_owned()],
        scopes,
        access: AccessRules {
            rules: vec![Rule { who: Who::Group("it".to_owned()), key: "team".to_owned(), scopes }],
            roles: None,
        },
        keys: BTreeMap::from([("team".to_owned(), Keys::default())]),
    };
    let (_, clock) = MockClock::new();
    let resource = ProtectedResource::new("API", "https://mcp.example", ISSUER, definitions(), scopes);
    let verifier = Verifier::new(&settings, resource.clone(), clock.clone()).unwrap();
    ExternalServer::new(&settings, resource, verifier, Arc::new(NoDirectory), clock)
}

fn claims(server: &ExternalServer, id: &str) -> Value {
    let exp = server.clock.timestamp().0 + 300;
    json!({ "iss": ISSUER, "sub": "1", "aud": "torii", "exp": exp, "scope": "api:read", "groups": ["it"], "jti": id })
}

fn source() -> TokenSource {
    TokenSource { network: IpAddr::from([192, 0, 2, 1]), wrong: WrongTokens::default() }
}

#[tokio::test]
async fn who_brings_many_wrong_tokens_is_stopped_and_whose_token_was_right_is_not() {
    let signer = Signer::new(Algorithm::ES256, "1");
    let set = signer.set();
    let server = server(Router::new().route("/keys", get(move || async move { Json(set) }))).await;
    let (source, neighbour) = (source(), TokenSource { network: IpAddr::from([192, 0, 2, 2]), ..source() });
    let (known, unknown) = (signer.sign(&claims(&server, "known")), signer.sign(&claims(&server, "unknown")));
    assert!(server.check(&known, &source).await.is_ok());
    for number in 0..1000 {
        let refused = server.check(&format!("wrong-{number}"), &source).await;
        assert_eq!(refused.unwrap_err(), BearerError::InvalidToken, "{number}");
    }
    // like two seconds later, when the cached results have expired
    server.checked.invalidate_all();
    assert_eq!(server.check(&unknown, &source).await.unwrap_err(), BearerError::TooMany);
    assert!(server.check(&known, &source).await.is_ok());
    assert!(server.check(&unknown, &neighbour).await.is_ok(), "others are not concerned");
}

#[tokio::test]
async fn a_server_that_never_tells_its_keys_costs_a_request_no_more_than_its_time() {
    let signer = Signer::new(Algorithm::ES256, "1");
    let server = server(Router::new().route("/keys", get(std::future::pending::<()>))).await;
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    let refused = server.check(&signer.sign(&claims(&server, "1")), &source()).await;
    assert_eq!(refused.unwrap_err(), BearerError::Unavailable);
    assert!(begun.elapsed() <= MAX_CHECK_TIME);
}

#[tokio::test]
async fn a_token_that_no_rule_lets_in_is_verified_once_and_such_tokens_are_logged_once_a_minute() {
    let signer = Signer::new(Algorithm::ES256, "1");
    let set = signer.set();
    let server = server(Router::new().route("/keys", get(move || async move { Json(set) }))).await;
    let stranger = |id: &str| {
        let mut claims = claims(&server, id);
        claims["groups"] = json!(["guests"]);
        signer.sign(&claims)
    };
    for token in [stranger("1"), stranger("2")] {
        for _ in 0..3 {
            assert_eq!(server.check(&token, &source()).await.unwrap_err(), BearerError::NotAllowed);
        }
        let known = server.checked.get(&TokenHash::of(token.as_bytes())).await;
        assert!(matches!(known, Some((None, _))), "what is known of it is used");
    }
    assert_eq!(server.not_allowed.note(), None, "there was a line about the first of them");
}
