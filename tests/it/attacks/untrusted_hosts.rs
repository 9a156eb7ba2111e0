//! By what an untrusted host makes the server fetch: metadata documents of clients (SSRF).

use std::time::{Duration, Instant};

use axum::{
    Router,
    http::header::{CONTENT_TYPE, LOCATION},
    routing::get,
};
use mcp_http::json::Json;
use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    task::JoinSet,
};
use torii_sample::FULL_ACCESS_KEY;

use super::READ;
use crate::support::{
    app::App,
    test_server::{Browser, Connector, Ended, Setup, client, field},
    untrusted_host::{INSIDE, INTERNET, Inside, UntrustedHost},
};

const REDIRECT: &str = "https://client.example/callback";

fn document(id: &str) -> Value {
    json!({ "client_id": id, "client_name": "A untrusted_host", "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none" })
}

/// An untrusted host with all its tricks. `inside` is the port where it would like to knock.
fn tricks(inside: u16) -> Router {
    let host = |headers: &header::HeaderMap| headers[header::HOST].to_str().expect("it is ASCII").to_owned();
    let good = move |headers: header::HeaderMap| async move { Json(document(&format!("https://{}/good", host(&headers)))) };
    let html = move |headers: header::HeaderMap| async move {
        ([(CONTENT_TYPE, "text/html")], document(&format!("https://{}/html", host(&headers))).to_string())
    };
    let large = move |headers: header::HeaderMap| async move {
        let mut document = document(&format!("https://{}/large", host(&headers)));
        document["padding"] = " ".repeat(100_000).into();
        Json(document)
    };
    let elsewhere = move || async move { (StatusCode::FOUND, [(LOCATION, format!("https://127.0.0.2:{inside}/secret"))]) };
    Router::new()
        .route("/good", get(good))
        .route("/html", get(html))
        .route("/large", get(large))
        .route("/another", get(async || Json(document("https://another.example/client"))))
        .route("/redirect", get(elsewhere))
        .route("/slow", get(async || std::future::pending::<&'static str>().await))
        .route("/broken", get(async || StatusCode::INTERNAL_SERVER_ERROR))
}

/// What an app of this id gets: the page, and the token endpoint's response.
async fn refusal(connector: &Connector, browser: &Browser, id: &str) -> (String, StatusCode, Value) {
    let app = connector.configured(id, REDIRECT);
    let (status, page) = browser.get(app.authorization_url("torii:read").0.as_str()).await.page();
    assert_eq!(status, StatusCode::BAD_REQUEST, "{id}: {page}");
    assert!(page.contains("This link does not work"), "{id}: {page}");
    let form = [("grant_type", "authorization_code"), ("client_id", id), ("code", "x"), ("code_verifier", "x")];
    let response = client().post(format!("{}/oauth/token", connector.origin)).form(&form).send().await.expect("it answers");
    let (status, is_timed) = (response.status(), response.headers().contains_key(header::RETRY_AFTER));
    assert_eq!(is_timed, status == StatusCode::SERVICE_UNAVAILABLE, "{id}");
    (page, status, response.json().await.expect("it is JSON"))
}

#[tokio::test]
async fn a_stranger_connects_with_a_document_and_so_the_tricks_below_fail_by_themselves() {
    let untrusted_host = UntrustedHost::start(tricks(1), &[("client.example", &[INTERNET])]).await;
    let connector = Connector::start_on(|setup| setup.untrusted = untrusted_host.fetch.clone()).await;
    let app = connector.configured(&format!("https://client.example:{}/good", untrusted_host.port), REDIRECT);
    let tokens = app.connect(&connector.signed_in().await, READ).await;
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn no_address_of_a_document_leads_inside() {
    let inside = Inside::start().await;
    let names =
        [("client.example", &[INTERNET][..]), ("inside.example", &[INSIDE]), ("six.example", &["::1".parse().expect("ip")])];
    let untrusted_host = UntrustedHost::start(tricks(inside.port), &names).await;
    let connector = Connector::start_on(|setup| setup.untrusted = untrusted_host.fetch.clone()).await;
    let browser = connector.signed_in().await;
    let port = inside.port;
    for host in [
        // this machine, written in every way there is
        "127.0.0.2",
        "2130706434",
        "0x7f000002",
        "0x7f.2",
        "0177.0.0.2",
        "127.2",
        "%31%32%37.0.0.2",
        "127.0.0.2.",
        "localhost",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.2]",
        "[::ffff:7f00:2]",
        "[0:0:0:0:0:0:0:1]",
        "inside.example",
        "six.example",
        // with something in front that a user would read instead
        "client.example@127.0.0.2",
        "user:password@inside.example",
        "client.example#@127.0.0.2",
        "client.example\\@127.0.0.2",
        // other networks that are nobody's business
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "[fd00::1]",
        "[fe80::1]",
        "[64:ff9b::7f00:2]",
        "[2002:7f00:2::]",
    ] {
        let (_, status, error) = refusal(&connector, &browser, &format!("https://{host}:{port}/secret")).await;
        let is_unreachable = status == StatusCode::SERVICE_UNAVAILABLE && error["error"] == "temporarily_unavailable";
        assert!(is_unreachable || (status == StatusCode::UNAUTHORIZED && error["error"] == "invalid_client"), "{host}: {error}");
    }
    for (host, reason) in [
        ("2130706434", "in its normal form"),
        ("0177.0.0.2", "in its normal form"),
        ("user:password@inside.example", "without a user name or password"),
        ("127.0.0.2", "not a public host"),
    ] {
        let (page, _, error) = refusal(&connector, &browser, &format!("https://{host}:{port}/secret")).await;
        assert!(error["error_description"].as_str().unwrap_or_default().contains(reason), "{host}: {error}");
        assert!(page.contains(reason), "{host}: {page}");
    }
    for id in
        [format!("http://127.0.0.2:{port}/secret"), format!("http://inside.example:{port}/secret"), "file:///etc/passwd".into()]
    {
        let (_, status, error) = refusal(&connector, &browser, &id).await;
        assert_eq!((status, &error["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")), "{id}");
    }
    assert_eq!(inside.n_knocks().await, 0);
}

#[tokio::test]
async fn a_stranger_s_answer_leads_nowhere_and_holds_nothing_up() {
    let inside = Inside::start().await;
    let untrusted_host = UntrustedHost::start(tricks(inside.port), &[("client.example", &[INTERNET])]).await;
    let connector = Connector::start_on(|setup| setup.untrusted = untrusted_host.fetch.clone()).await;
    let browser = connector.signed_in().await;
    let begun = Instant::now();
    for (path, reason) in [
        ("redirect", "status 302"),
        ("html", "is not JSON"),
        ("large", "is too large"),
        ("slow", "did not answer in time"),
        ("another", "is not its own URL"),
        ("broken", "status 500"),
        ("missing", "status 404"),
    ] {
        let (page, _, error) =
            refusal(&connector, &browser, &format!("https://client.example:{}/{path}", untrusted_host.port)).await;
        assert!(page.contains(reason), "{path}: {page}");
        let told = error["error_description"].as_str().unwrap_or_default();
        assert!(told.contains(reason), "{path}: {error}");
        assert_eq!(told.matches("the client's metadata cannot be used").count(), 1, "{path}: {error}");
    }
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!(inside.n_knocks().await, 0);
}

#[tokio::test]
async fn a_name_that_changes_its_mind_gains_nothing() {
    let inside = Inside::start().await;
    // the certificate is good for both, so only the address can tell
    let names = [("client.example", &[INTERNET, INSIDE][..]), ("other.example", &[INSIDE, INTERNET])];
    let untrusted_host = UntrustedHost::start(tricks(inside.port), &names).await;
    let connector = Connector::start_on(|setup| setup.untrusted = untrusted_host.fetch.clone()).await;
    let browser = connector.signed_in().await;
    let id = format!("https://client.example:{}/good", inside.port);
    refusal(&connector, &browser, &id).await;
    let app = connector.configured(&id, REDIRECT);
    // what failed is kept for a minute, what succeeded for a day
    connector.mock_clock.turn(3 * 24 * 3600);
    refusal(&connector, &connector.signed_in().await, &app.id).await;
    refusal(&connector, &connector.signed_in().await, &format!("https://other.example:{}/good", inside.port)).await;
    assert_eq!(inside.n_knocks().await, 0);
}

#[tokio::test]
async fn an_error_does_not_tell_what_there_is_inside() {
    let inside = Inside::start().await;
    // a port where nothing listens, inside and outside
    let closed = std::net::TcpListener::bind((INSIDE, 0)).expect("a port is free").local_addr().expect("it listens").port();
    let names = [("open.example", &[INSIDE][..]), ("shut.example", &[INSIDE]), ("away.example", &[INTERNET])];
    let untrusted_host = UntrustedHost::start(tricks(inside.port), &names).await;
    let connector = Connector::start_on(|setup| setup.untrusted = untrusted_host.fetch.clone()).await;
    let browser = connector.signed_in().await;
    let mut told = Vec::new();
    for (host, port) in
        [("open.example", inside.port), ("shut.example", closed), ("away.example", closed), ("gone.example", inside.port)]
    {
        let (page, status, error) = refusal(&connector, &browser, &format!("https://{host}:{port}/secret")).await;
        let what = page.split("<main").nth(1).expect("a page has a main part").replace(host, "HOST");
        // each page tells the number of its own request
        let what = what.split("the ID of this request:").next().unwrap_or_default().to_owned();
        told.push((what, status, error.to_string().replace(host, "HOST")));
    }
    assert!(told.iter().all(|one| *one == told[0]), "{told:#?}");
    assert_eq!(inside.n_knocks().await, 0);
}

#[tokio::test]
async fn keys_of_a_stranger_are_fetched_with_the_same_care() {
    let inside = Inside::start().await;
    let port = inside.port;
    let with_keys = move |headers: header::HeaderMap| async move {
        let host = headers[header::HOST].to_str().expect("it is ASCII").to_owned();
        let mut document = document(&format!("https://{host}/keys"));
        document["token_endpoint_auth_method"] = "private_key_jwt".into();
        document["jwks_uri"] = format!("https://inside.example:{port}/jwks").into();
        Json(document)
    };
    let names = [("client.example", &[INTERNET][..]), ("inside.example", &[INSIDE])];
    let untrusted_host = UntrustedHost::start(Router::new().route("/keys", get(with_keys)), &names).await;
    let connector = Connector::start_on(|setup| setup.untrusted = untrusted_host.fetch.clone()).await;
    let id = format!("https://client.example:{}/keys", untrusted_host.port);
    let app: App = connector.configured(&id, REDIRECT);
    let ended = connector.signed_in().await.get(app.authorization_url("torii:read").0.as_str()).await;
    assert!(matches!(ended, Ended::Page { status: StatusCode::OK, .. }), "the document itself is good: {ended:?}");
    let encode = |value: Value| {
        use base64::Engine;
        base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
    };
    let claims = json!({ "iss": id, "sub": id, "aud": connector.origin, "exp": 1_795_000_060_i64, "jti": "1" });
    let assertion = format!("{}.{}.AAAA", encode(json!({ "alg": "ES256", "typ": "JWT", "kid": "1" })), encode(claims));
    let fields = [
        ("code", "x"),
        ("code_verifier", "x"),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &assertion),
    ];
    let error = app.token("authorization_code", &fields).await.expect_err("its keys cannot be had");
    assert_eq!(error["error"], "temporarily_unavailable", "{error}");
    assert!(!error.to_string().contains("public"), "{error}");
    assert_eq!(inside.n_knocks().await, 0);
}

/// A host of four names that tells when somebody asks, and never answers; and a server behind a proxy that may fetch from it.
async fn hanging(change: impl FnOnce(&mut Setup)) -> (Connector, u16, UnboundedReceiver<()>) {
    let (knock, knocks) = unbounded_channel();
    let slow = async move || {
        let _ = knock.send(());
        std::future::pending::<&'static str>().await
    };
    let names = ["0.example", "1.example", "2.example", "3.example"].map(|name| (name, &[INTERNET][..]));
    let host = UntrustedHost::start(Router::new().route("/slow", get(slow)), &names).await;
    let proxy: Vec<ipnet::IpNet> = vec!["127.0.0.1/32".parse().expect("it is a network")];
    let connector = Connector::start_on(|setup| {
        (setup.untrusted, setup.trusted_proxies) = (host.fetch.clone(), proxy.clone());
        setup.bounds.trusted_proxies = proxy;
        change(setup);
    })
    .await;
    (connector, host.port, knocks)
}

#[tokio::test]
async fn sign_ins_that_wait_for_a_hanging_host_hold_no_turn() {
    let (connector, port, mut knocks) = hanging(|_| ()).await;
    let browser = connector.browser();
    let csrf = field(&browser.get(&format!("{}/sign-in", connector.origin)).await.page().1, "csrf");
    let enter = |key: &'static str, next: String| {
        let form = [("key", key.to_owned()), ("csrf", csrf.clone()), ("next", next)];
        let request = client().post(format!("{}/sign-in", connector.at)).header("x-forwarded-for", "198.51.100.1").form(&form);
        browser.with_cookies(request).send()
    };
    let mut waiting = JoinSet::new();
    for number in 0..4 {
        let app = connector.configured(&format!("https://{number}.example:{port}/slow"), REDIRECT);
        let url = app.authorization_url("torii:read").0;
        waiting.spawn(enter("", format!("{}?{}", url.path(), url.query().unwrap_or_default())));
    }
    for _ in 0..4 {
        knocks.recv().await.expect("the host runs");
    }
    tokio::select! {
        biased;
        _ = waiting.join_next() => panic!("the others wait for as long as those"),
        signed_in = enter(FULL_ACCESS_KEY, String::new()) => assert_eq!(signed_in.expect("it answers").status(), StatusCode::OK),
    }
}

#[tokio::test]
async fn a_call_gets_through_while_all_connections_behind_a_proxy_wait_for_a_hanging_host() {
    let (connector, port, mut knocks) = hanging(|setup| setup.bounds.connections = 4).await;
    let app = connector.app("http://127.0.0.1/callback").await;
    let tokens = app.connect(&connector.signed_in().await, READ).await;
    let mut waiting = JoinSet::new();
    for number in 0..4 {
        let stranger = connector.configured(&format!("https://{number}.example:{port}/slow"), REDIRECT);
        let url = stranger.authorization_url("torii:read").0;
        let url = format!("{}{}?{}", connector.at, url.path(), url.query().unwrap_or_default());
        waiting.spawn(client().get(url).header("x-forwarded-for", format!("198.51.100.{number}")).send());
    }
    for _ in 0..4 {
        knocks.recv().await.expect("the host runs");
    }
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK);
    let ended = waiting.join_next().await.expect("one made room").expect("it does not panic").expect("it answers");
    assert_eq!((ended.status(), ended.headers().contains_key(header::RETRY_AFTER)), (StatusCode::SERVICE_UNAVAILABLE, true));
}
