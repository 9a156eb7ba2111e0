use serde_json::{Value, json};

use crate::{
    clients::{assertion::*, metadata_document::Documents},
    fetch::{
        Fetch, Limits,
        tests::{LOCALHOST, MockClock, Scripted, Server},
    },
    jose::{
        KeySource,
        tests::{Published, Signer, forged},
    },
    store::StoreAt,
};

const NOW: Timestamp = Timestamp(1_800_000_000);
const ID: &str = "https://client.example/client.json";

fn now() -> (Timestamp, FetchBudget) {
    (NOW, FetchBudget::from(mcp_http::net::client_ip::ClientIp(LOCALHOST)))
}

fn client(source: KeySource) -> Client {
    Client {
        id: ID.to_owned(),
        name: "Client".to_owned(),
        origin: Origin::Document,
        redirect_uris: Vec::new(),
        authentication: Authentication::PrivateKeyJwt(source),
        client_credentials: None,
    }
}

fn assertions(untrusted: Option<Jwks>) -> Assertions {
    let operator = Jwks::new(Fetch::for_operator(Limits::OPERATOR).unwrap(), MockClock::new().1);
    let (issuer, endpoint) = ("https://mcp.example".to_owned(), "https://mcp.example/oauth/token".to_owned());
    Assertions::new(untrusted.unwrap_or_else(|| operator.clone()), operator, issuer, endpoint)
}

fn claims() -> Value {
    json!({ "iss": ID, "sub": ID, "aud": "https://mcp.example", "exp": NOW.0 + 300, "iat": NOW.0, "jti": "1" })
}

async fn proof(signer: &Signer, claims: &Value) -> Result<(TokenHash, Timestamp), Error> {
    assertions(None).proof(&client(signer.inline()), TYPE, &signer.sign(claims), now()).await
}

#[tokio::test]
async fn an_assertion_says_everything_or_counts_for_nothing() {
    let signer = Signer::new(Algorithm::ES256, "1");
    let with = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        claims
    };
    for good in [
        claims(),
        with("aud", json!(["https://mcp.example/oauth/token", "https://other.example"])),
        with("exp", (NOW.0 + 600).into()),
        with("iat", Value::Null),
    ] {
        assert!(proof(&signer, &good).await.is_ok(), "{good}");
    }
    for (wrong, words) in [
        (with("iss", "https://other.example/".into()), "`iss` and `sub`"),
        (with("sub", "https://other.example/".into()), "`iss` and `sub`"),
        (with("iss", Value::Null), "`iss` and `sub`"),
        (with("aud", "https://other.example".into()), "`aud` must be `https://mcp.example`"),
        (with("aud", "https://mcp.example/".into()), "`aud`"),
        (with("aud", Value::Null), "`aud`"),
        (with("exp", Value::Null), "no `exp`"),
        (with("exp", (NOW.0 - 61).into()), "expired"),
        (with("exp", (NOW.0 + 3600).into()), "ten minutes"),
        (with("nbf", (NOW.0 + 300).into()), "not valid yet"),
        (with("jti", Value::Null), "`jti`"),
        (with("jti", "".into()), "`jti`"),
        (with("jti", "x".repeat(513).into()), "`jti`"),
        (with("jti", 1.into()), "`jti`"),
    ] {
        let error = proof(&signer, &wrong).await.unwrap_err();
        assert!(matches!(error, Error::Invalid(_)) && error.to_string().contains(words), "{wrong}: {error}");
    }
}

#[tokio::test]
async fn the_same_assertion_is_known_again_and_another_is_not() {
    let signer = Signer::new(Algorithm::EdDSA, "1");
    let (first, until) = proof(&signer, &claims()).await.unwrap();
    assert!(until > Timestamp(NOW.0 + 360), "it counts until then");
    let mut later = claims();
    later["exp"] = (NOW.0 + 301).into();
    assert_eq!(proof(&signer, &later).await.unwrap().0, first);
    later["jti"] = "2".into();
    assert_ne!(proof(&signer, &later).await.unwrap().0, first);
}

#[tokio::test]
async fn only_the_client_s_own_signature_counts() {
    let (signer, thief) = (Signer::new(Algorithm::RS256, "1"), Signer::new(Algorithm::RS256, "1"));
    let assertions = assertions(None);
    let client = client(signer.inline());
    let none = forged(&json!({ "alg": "none" }), &claims());
    for assertion in [thief.sign(&claims()), none, String::new(), "a.b.c".to_owned()] {
        let error = assertions.proof(&client, TYPE, &assertion, now()).await.unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "{error}");
    }
    let other_type = assertions.proof(&client, "urn:ietf:params:oauth:client-assertion-type:saml2-bearer", "", now()).await;
    assert!(other_type.unwrap_err().to_string().contains("`client_assertion_type` must be"));
    let public = Client { authentication: Authentication::None, ..client };
    assert!(assertions.proof(&public, TYPE, &signer.sign(&claims()), now()).await.is_err());
}

#[tokio::test]
async fn keys_at_an_address_count_and_a_fault_there_is_no_proof_against_the_client() {
    let signer = Signer::new(Algorithm::PS256, "1");
    let published = Published::new(signer.set()).await;
    let assertions = assertions(Some(published.jwks.clone()));
    assert!(assertions.proof(&client(published.source), TYPE, &signer.sign(&claims()), now()).await.is_ok());
    let gone = KeySource::At(reqwest::Url::parse("https://keys.example:1/jwks").unwrap());
    let error = assertions.proof(&client(gone), TYPE, &signer.sign(&claims()), now()).await.unwrap_err();
    assert!(matches!(error, Error::Keys(_)), "{error}");
    let inside = KeySource::At(reqwest::Url::parse("https://127.0.0.2/jwks").unwrap());
    let error = assertions.proof(&client(inside), TYPE, &signer.sign(&claims()), now()).await.unwrap_err();
    assert!(error.to_string().contains("not a public host"), "{error}");
}

#[test]
fn the_client_of_an_assertion_is_read_before_it_is_checked() {
    assert_eq!(unverified_client_id(&forged(&json!({}), &claims())), Some(ID.to_owned()));
    for wrong in ["", "a.b", "...", &forged(&json!({}), &json!({ "sub": 1 })), &forged(&json!({}), &json!([]))] {
        assert_eq!(unverified_client_id(wrong), None, "{wrong}");
    }
}

#[tokio::test]
async fn an_assertion_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = store::open(&StoreAt::Sqlite(folder.path().join("store.sqlite")), crate::testing::definitions()).await.unwrap();
    let signer = Signer::new(Algorithm::ES256, "1");
    let (client, assertions) = (client(signer.inline()), assertions(None));
    let assertion = signer.sign(&claims());
    assertions.verify(&client, TYPE, &assertion, (&*store, &WritePermits::new()), now()).await.unwrap();
    let again = assertions.verify(&client, TYPE, &assertion, (&*store, &WritePermits::new()), now()).await.unwrap_err();
    assert!(matches!(&again, Error::Invalid(reason) if reason.contains("used before")), "{again}");

    let other = Client { id: "other".to_owned(), ..client };
    let mut its_own = claims();
    (its_own["iss"], its_own["sub"]) = ("other".into(), "other".into());
    assertions.verify(&other, TYPE, &signer.sign(&its_own), (&*store, &WritePermits::new()), now()).await.unwrap();
}

#[tokio::test]
async fn a_request_waits_for_a_client_s_document_and_its_keys_together() {
    let router = axum::Router::new().fallback(std::future::pending::<()>);
    let server = Server::start("client.example", router).await;
    let fetch = || server.fetch(Scripted::new(&[LOCALHOST]));
    let signer = Signer::new(Algorithm::ES256, "1");
    let begun = tokio::time::Instant::now();
    let budget = FetchBudget { client: mcp_http::net::client_ip::ClientIp(LOCALHOST), until: begun + Duration::from_millis(200) };

    let documents = Documents::new(fetch(), MockClock::new().1);
    let error = documents.client(server.url("/client.json").as_str(), budget).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    let assertions = assertions(Some(Jwks::new(fetch(), MockClock::new().1)));
    let client = client(KeySource::At(server.url("/jwks.json")));
    let error = assertions.proof(&client, TYPE, &signer.sign(&claims()), (NOW, budget)).await.unwrap_err();
    assert!(matches!(error, Error::Keys(fetch::Error::Timeout(_))), "{error}");
    assert!(begun.elapsed() < Limits::UNTRUSTED.total, "each alone would have waited longer");
}
