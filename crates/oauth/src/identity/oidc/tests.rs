//! Sign-in with a minimal identity provider, whose responses a test configures.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Form, Router,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use mcp_http::json::Json;
use serde_json::json;
use tokio::net::TcpListener;

use super::*;
use crate::{fetch::tests::MockClock, jose::tests::Signer};

/// The initial time of a test's clock.
const NOW: i64 = 1_800_000_000;
const NONCE: &str = "a nonce";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const BACK: &str = "https://mcp.example/sign-in/back";

/// The behaviour of the provider.
struct Does {
    discovery: Value,
    keys: Value,
    token: (u16, Value),
    userinfo: (u16, Value),
    /// The requests that were received: path, credentials and form.
    seen: Vec<(&'static str, Option<String>, HashMap<String, String>)>,
}

#[derive(Clone)]
struct Idp {
    does: Arc<Mutex<Does>>,
    signer: Arc<Signer>,
    issuer: String,
    mock_clock: MockClock,
    provider: Provider,
}

type Shared = State<Arc<Mutex<Does>>>;

fn response((status, value): &(u16, Value)) -> Response {
    (StatusCode::from_u16(*status).unwrap(), Json(value.clone())).into_response()
}

fn authorization(headers: &HeaderMap) -> Option<String> {
    headers.get("authorization").map(|value| value.to_str().unwrap().to_owned())
}

fn router(does: Arc<Mutex<Does>>) -> Router {
    Router::new()
        .route(
            "/.well-known/openid-configuration",
            get(|State(does): Shared| async move { Json(does.lock().unwrap().discovery.clone()) }),
        )
        .route("/keys", get(|State(does): Shared| async move { Json(does.lock().unwrap().keys.clone()) }))
        .route(
            "/token",
            post(|State(does): Shared, headers: HeaderMap, Form(form): Form<HashMap<String, String>>| async move {
                let mut does = does.lock().unwrap();
                does.seen.push(("token", authorization(&headers), form));
                response(&does.token)
            }),
        )
        .route(
            "/userinfo",
            get(|State(does): Shared, headers: HeaderMap| async move {
                let mut does = does.lock().unwrap();
                does.seen.push(("userinfo", authorization(&headers), HashMap::new()));
                response(&does.userinfo)
            }),
        )
        .with_state(does)
}

impl Idp {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let signer = Signer::new(Algorithm::ES256, "1");
        let discovery = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize?tenant=1"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "jwks_uri": format!("{issuer}/keys"),
        });
        let does =
            Does { discovery, keys: signer.set(), token: (500, Value::Null), userinfo: (500, Value::Null), seen: Vec::new() };
        let does = Arc::new(Mutex::new(does));
        let app = router(Arc::clone(&does));
        tokio::spawn(async move { axum::serve(listener, app).await });
        let (mock_clock, clock) = MockClock::new();
        let provider = Provider::new(&settings(&issuer), BACK, clock).unwrap();
        let idp = Self { does, signer: Arc::new(signer), issuer, mock_clock, provider };
        idp.tell(&idp.claims());
        idp
    }

    fn does(&self, change: impl FnOnce(&mut Does)) {
        change(&mut self.does.lock().unwrap());
    }

    /// Claims that are sufficient.
    fn claims(&self) -> Value {
        json!({ "iss": self.issuer, "sub": "1", "aud": "mcp", "exp": NOW + 300, "iat": NOW, "nonce": NONCE,
                "name": "Ada", "email": "ada@company.com", "email_verified": true, "groups": ["it"] })
    }

    fn with(&self, changes: &Value) -> Value {
        let mut claims = self.claims();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    /// Makes the token endpoint respond with an ID token with these claims.
    fn tell(&self, claims: &Value) {
        self.give(&self.signer.sign(claims));
    }

    fn give(&self, id_token: &str) {
        let token = json!({ "id_token": id_token, "access_token": "at", "token_type": "Bearer" });
        self.does(|does| does.token = (200, token));
    }

    async fn sign_in(&self) -> Result<User, Error> {
        self.user("a code", None).await
    }

    async fn user(&self, code: &str, issuer: Option<&str>) -> Result<User, Error> {
        self.provider.user(&AuthorizationResponse { code, issuer }, NONCE, VERIFIER).await.map(|signed_in| signed_in.user)
    }
}

fn settings(issuer: &str) -> Oidc {
    Oidc {
        issuer: issuer.to_owned(),
        client_id: "mcp".to_owned(),
        client_secret: Secret::new("s~e:c r/et".to_owned()),
        scopes: vec!["openid".to_owned(), "email".to_owned()],
        groups_claim: "groups".to_owned(),
        email_claims: vec!["email".to_owned()],
        logout_ends: LogoutEnds::Sessions,
    }
}

#[tokio::test]
async fn a_user_signs_in() {
    let idp = Idp::start().await;
    let url = idp.provider.authorization_url("a state", NONCE, VERIFIER, None).await.unwrap();
    let asked: HashMap<_, _> = url.query_pairs().into_owned().collect();
    for (name, value) in [
        ("tenant", "1"),
        ("response_type", "code"),
        ("client_id", "mcp"),
        ("redirect_uri", BACK),
        ("scope", "openid email"),
        ("state", "a state"),
        ("nonce", NONCE),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(asked.get(name).map(String::as_str), Some(value), "{name}");
    }
    let user = idp.sign_in().await.unwrap();
    assert_eq!((user.name.as_str(), user.email.as_deref()), ("Ada", Some("ada@company.com")));
    assert_eq!((user.groups, user.organization), (vec!["it".to_owned()], String::new()));
    idp.does(|does| {
        assert_eq!(does.seen.len(), 1, "userinfo is not asked when nothing is missing");
        let (_, credentials, form) = &does.seen[0];
        assert_eq!(credentials.as_deref(), Some(format!("Basic {}", BASE64_STANDARD.encode("mcp:s~e%3Ac%20r%2Fet")).as_str()));
        for (name, value) in
            [("grant_type", "authorization_code"), ("code", "a code"), ("redirect_uri", BACK), ("code_verifier", VERIFIER)]
        {
            assert_eq!(form[name], value, "{name}");
        }
        assert!(!form.contains_key("client_secret"));
    });
}

#[tokio::test]
async fn the_secret_is_sent_in_the_way_the_provider_takes() {
    let idp = Idp::start().await;
    idp.does(|does| does.discovery["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt", "client_secret_post"]));
    idp.sign_in().await.unwrap();
    idp.does(|does| {
        let (_, credentials, form) = &does.seen[0];
        assert_eq!(*credentials, None);
        assert_eq!((form["client_id"].as_str(), form["client_secret"].as_str()), ("mcp", "s~e:c r/et"));
    });
    let other = Idp::start().await;
    other.does(|does| does.discovery["token_endpoint_auth_methods_supported"] = json!(["private_key_jwt"]));
    assert!(matches!(other.sign_in().await, Err(Error::Misconfigured(_))));
}

#[tokio::test]
async fn an_id_token_says_everything_or_counts_for_nothing() {
    let idp = Idp::start().await;
    for good in [
        json!({ "aud": ["mcp"] }),
        json!({ "azp": "mcp" }),
        json!({ "aud": ["mcp", "other"], "azp": "mcp" }),
        json!({ "exp": NOW - 30 }),
    ] {
        idp.tell(&idp.with(&good));
        assert!(idp.sign_in().await.is_ok(), "{good}");
    }
    for (wrong, words) in [
        (json!({ "iss": "https://other.example" }), "`iss`"),
        (json!({ "iss": format!("{}/", idp.issuer) }), "`iss`"),
        (json!({ "aud": "other" }), "`aud`"),
        (json!({ "aud": null }), "`aud`"),
        (json!({ "azp": "other" }), "`azp`"),
        (json!({ "aud": ["mcp", "other"] }), "`azp`"),
        (json!({ "nonce": "other" }), "`nonce`"),
        (json!({ "nonce": null }), "`nonce`"),
        (json!({ "exp": null }), "no `exp`"),
        (json!({ "exp": NOW - 61 }), "expired"),
        (json!({ "iat": null }), "`iat`"),
        (json!({ "iat": NOW + 300 }), "not valid yet"),
    ] {
        idp.tell(&idp.with(&wrong));
        let error = idp.sign_in().await.unwrap_err();
        assert!(matches!(error, Error::Invalid(_)) && error.to_string().contains(words), "{wrong}: {error}");
    }
    idp.tell(&idp.with(&json!({ "sub": null })));
    assert_eq!(idp.sign_in().await, Err(Error::User(user::Error::Subject)));
}

#[tokio::test]
async fn an_id_token_of_somebody_else_s_signature_is_refused() {
    let idp = Idp::start().await;
    let claims = idp.claims();
    for token in [
        Signer::new(Algorithm::ES256, "1").sign(&claims),
        Signer::new(Algorithm::RS256, "1").sign(&claims),
        Signer::new(Algorithm::ES256, "2").sign(&claims),
        crate::jose::tests::forged(&json!({ "alg": "none" }), &claims),
        "x".to_owned(),
    ] {
        idp.give(&token);
        let error = idp.sign_in().await.unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "{error}");
    }
}

#[tokio::test]
async fn a_new_key_of_the_provider_counts() {
    let idp = Idp::start().await;
    idp.sign_in().await.unwrap();
    let new = Signer::new(Algorithm::ES256, "2");
    idp.does(|does| does.keys = new.set());
    idp.give(&new.sign(&idp.claims()));
    idp.mock_clock.turn(std::time::Duration::from_secs(10));
    assert!(idp.sign_in().await.is_ok());
}

#[tokio::test]
async fn who_comes_back_from_elsewhere_is_not_let_in() {
    let idp = Idp::start().await;
    let alike = format!("{}/", idp.issuer);
    for (code, issuer) in [("a code", Some("https://other.example")), ("a code", Some(&*alike)), ("a code", Some("")), ("", None)]
    {
        let error = idp.user(code, issuer).await.unwrap_err();
        assert!(matches!(error, Error::Invalid(_)), "{error}");
    }
    assert!(idp.does.lock().unwrap().seen.is_empty(), "no code is spent for it");
    assert!(idp.user("a code", Some(&idp.issuer)).await.is_ok());
}

#[tokio::test]
async fn a_provider_that_names_itself_has_to_do_so_every_time() {
    let idp = Idp::start().await;
    idp.does(|does| does.discovery["authorization_response_iss_parameter_supported"] = true.into());
    assert_eq!(idp.sign_in().await, Err(Error::Invalid("it comes from another issuer".to_owned())));
}

#[tokio::test]
async fn what_is_missing_is_asked_of_userinfo() {
    let idp = Idp::start().await;
    let thin = idp.with(&json!({ "email": null, "email_verified": true, "groups": null, "name": null }));
    idp.tell(&thin);
    let more = json!({ "sub": "1", "email": "ada@company.com", "groups": ["it"], "name": "Ada", "iss": "https://other.example" });
    idp.does(|does| does.userinfo = (200, more.clone()));
    let user = idp.sign_in().await.unwrap();
    assert_eq!((user.email.as_deref(), user.groups, user.name.as_str()), (Some("ada@company.com"), vec!["it".to_owned()], "Ada"));
    idp.does(|does| assert_eq!((does.seen[1].0, does.seen[1].1.as_deref()), ("userinfo", Some("Bearer at"))));

    // `email_verified` of the ID token does not apply to the e-mail address of userinfo
    let mut unverified = more.clone();
    unverified["email_verified"] = false.into();
    idp.does(|does| does.userinfo = (200, unverified));
    assert_eq!(idp.sign_in().await.unwrap().email, None);

    let mut other = more;
    other["sub"] = "2".into();
    idp.does(|does| does.userinfo = (200, other));
    assert!(matches!(idp.sign_in().await, Err(Error::Invalid(_))));

    idp.does(|does| does.userinfo = (503, Value::Null));
    assert!(matches!(idp.sign_in().await, Err(Error::Unavailable(_))));

    idp.does(|does| does.userinfo = (403, Value::Null));
    assert_eq!(idp.sign_in().await.unwrap().groups, Vec::<String>::new());
}

#[tokio::test]
async fn groups_that_entra_leaves_out_are_a_clear_error() {
    let idp = Idp::start().await;
    idp.tell(&idp.with(&json!({ "groups": null, "_claim_names": { "groups": "src1" } })));
    let error = idp.sign_in().await.unwrap_err();
    assert!(error.to_string().contains("only the groups that are assigned to the application"), "{error}");
}

#[tokio::test]
async fn refusals_of_the_provider_say_whose_fault_they_are() {
    let idp = Idp::start().await;
    for (status, body, expected) in [
        (400, json!({ "error": "invalid_grant" }), Error::Refused("the code has expired or was used before".to_owned())),
        (401, json!({ "error": "invalid_client", "error_description": "x" }), misconfigured("it answered `invalid_client`")),
        (404, json!({}), misconfigured("its token endpoint answered with status 404")),
        (302, json!({}), misconfigured("its token endpoint answered with status 302")),
        (503, json!({}), Error::Unavailable("it answered with status 503".to_owned())),
        (200, json!({}), misconfigured("it returned no `id_token`; request the scope `openid`")),
    ] {
        idp.does(|does| does.token = (status, body));
        assert_eq!(idp.sign_in().await, Err(expected));
    }
}

#[tokio::test]
async fn a_provider_that_is_down_is_asked_again_soon() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (mock_clock, clock) = MockClock::new();
    let provider = Provider::new(&settings(&format!("http://{address}")), BACK, clock).unwrap();
    let url = || provider.authorization_url("a state", NONCE, VERIFIER, None);
    let error = url().await.unwrap_err();
    assert!(error.to_string().starts_with("the identity provider cannot be asked just now"), "{error}");

    let listener = TcpListener::bind(address).await.unwrap();
    let issuer = format!("http://{address}");
    let discovery =
        json!({ "issuer": issuer, "authorization_endpoint": format!("{issuer}/a"), "jwks_uri": format!("{issuer}/k") });
    let router = Router::new().route("/.well-known/openid-configuration", get(|| async { Json(discovery) }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    mock_clock.turn(std::time::Duration::from_secs(10));
    assert!(url().await.is_ok());
}

#[tokio::test]
async fn a_document_of_another_issuer_or_with_open_addresses_is_refused() {
    for (name, value, words) in [
        ("issuer", json!("https://other.example"), "configure the issuer exactly as it is written there"),
        ("issuer", Value::Null, "has no `issuer`"),
        ("jwks_uri", Value::Null, "no `jwks_uri`"),
        ("jwks_uri", json!("http://keys.example/"), "`jwks_uri` does not begin with `https://`"),
        ("token_endpoint", json!("http://10.0.0.1/token"), "`token_endpoint` does not begin with `https://`"),
        ("authorization_endpoint", json!("javascript:alert(1)"), "`authorization_endpoint` does not begin"),
    ] {
        let idp = Idp::start().await;
        idp.does(|does| does.discovery[name] = value);
        let error = idp.provider.authorization_url("a state", NONCE, VERIFIER, None).await.unwrap_err();
        assert!(matches!(error, Error::Misconfigured(_)) && error.to_string().contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_provider_is_asked_in_its_own_words_to_let_users_sign_in_again() {
    for (known, again, asked) in [
        (Value::Null, Reauthenticate::Login, "login"),
        (Value::Null, Reauthenticate::SelectAccount, "select_account"),
        (json!(["none", "login"]), Reauthenticate::SelectAccount, "login"),
        (json!(["select_account", "consent"]), Reauthenticate::Login, "select_account"),
    ] {
        let idp = Idp::start().await;
        idp.does(|does| does.discovery["prompt_values_supported"] = known);
        let url = idp.provider.authorization_url("a state", NONCE, VERIFIER, Some(again)).await.unwrap();
        assert!(url.query_pairs().any(|(name, value)| name == "prompt" && value == asked), "{url}");
    }
}

#[test]
fn nothing_secret_is_printed() {
    let response = AuthorizationResponse { code: "a code", issuer: None };
    let provider = Provider::new(&settings("https://id.example"), BACK, Clock::system()).unwrap();
    let printed = format!("{response:?} {provider:?}");
    assert!(!printed.contains("a code") && !printed.contains("s~e:c"), "{printed}");
}

#[tokio::test]
async fn the_session_of_an_id_token_is_the_one_that_a_logout_token_names() {
    let idp = Idp::start().await;
    idp.tell(&idp.with(&json!({ "sid": "session 1" })));
    let response = AuthorizationResponse { code: "a code", issuer: None };
    let signed_in = idp.provider.user(&response, NONCE, VERIFIER).await.unwrap();
    assert!(signed_in.session.is_some());
    let logout = async |changes: Value| {
        let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
        let mut claims = json!({ "iss": idp.issuer, "sub": "1", "aud": "mcp", "exp": NOW + 120, "iat": NOW, "jti": "1",
                                 "sid": "session 1", "events": event });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let token = idp.signer.sign(&claims);
        idp.provider.logout(&token).await
    };
    let told = logout(json!({})).await.unwrap();
    assert_eq!((told.session, told.user_id), (signed_in.session.clone(), Some(signed_in.user.id)));
    let other = logout(json!({ "sid": "session 2", "sub": null })).await.unwrap();
    assert!(other.session.is_some() && other.session != signed_in.session && other.user_id.is_none());
    for wrong in [
        json!({ "iat": null }),
        json!({ "iat": NOW + 3600 }),
        json!({ "exp": null }),
        json!({ "events": {} }),
        json!({ "nonce": NONCE }),
        json!({ "sub": null, "sid": null }),
        json!({ "jti": "" }),
        json!({ "aud": "other" }),
    ] {
        assert!(matches!(logout(wrong.clone()).await, Err(Error::Invalid(_))), "{wrong}");
    }
}
