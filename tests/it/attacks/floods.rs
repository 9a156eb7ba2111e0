//! By guessing, by flooding, by never ending.

use mcp_http::token::{PlainToken, Random, TokenKind};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header};
use serde_json::{Value, json};
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
use torii_sample::FULL_ACCESS_KEY;

use super::{READ, REDIRECT};
use crate::support::{
    futures,
    test_server::{Browser, Connector, Ended, client, field},
};

#[tokio::test]
async fn a_flood_of_registrations_is_slowed_down() {
    let connector = Connector::start().await;
    let http = client();
    let mut last = StatusCode::CREATED;
    for number in 0..400 {
        let metadata = json!({ "client_name": format!("flood {number}"), "redirect_uris": [REDIRECT] });
        let response =
            http.post(format!("{}/oauth/register", connector.origin)).json(&metadata).send().await.expect("it answers");
        last = response.status();
        if last == StatusCode::TOO_MANY_REQUESTS {
            assert!(response.headers().contains_key(header::RETRY_AFTER));
            break;
        }
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

/// Registers from a network; what is answered.
async fn register(http: &Client, connector: &Connector, name: &str, network: usize) -> Response {
    let metadata = json!({ "client_name": name, "redirect_uris": [REDIRECT] });
    let request = http.post(format!("{}/oauth/register", connector.at)).json(&metadata);
    request.header("x-forwarded-for", format!("{network}.51.100.1")).send().await.expect("it answers")
}

#[tokio::test]
async fn a_flood_of_registrations_from_many_networks_is_slowed_down_and_known_clients_are_not() {
    let proxy = "127.0.0.1/32".parse().expect("it is a network");
    let connector = Connector::start_on(|setup| setup.trusted_proxies = vec![proxy]).await;
    let http = client();
    let known = register(&http, &connector, "known", 200).await.json::<Value>().await.expect("it is JSON");
    let mut number = 0;
    let refused = loop {
        let response = register(&http, &connector, &format!("flood {number}"), number % 100).await;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            break response;
        }
        assert_eq!(response.status(), StatusCode::CREATED);
        number += 1;
        assert!(number < 5000, "it comes to an end");
    };
    assert!(number >= 1999, "{number} were let in");
    assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
    let text = refused.text().await.expect("it is text");
    assert!(text.contains("too many new clients register here; try again in 1 s"), "{text}");
    let again = register(&http, &connector, "known", 200).await;
    assert_eq!(again.status(), StatusCode::CREATED);
    assert_eq!(again.json::<Value>().await.expect("it is JSON")["client_id"], known["client_id"]);
}

/// Asks until it is refused for being asked too often; what is answered then.
async fn flood(what: &str, at_once: usize, request: impl Fn() -> RequestBuilder) -> Response {
    let mut number = 0;
    loop {
        let response = request().send().await.expect("it answers");
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            assert!(number >= at_once, "{what}: {number} were let in");
            let seconds = response.headers()[header::RETRY_AFTER].to_str().expect("it is ASCII");
            assert!(seconds.parse::<u64>().is_ok_and(|seconds| (1..=60).contains(&seconds)), "{what}: {seconds}");
            return response;
        }
        number += 1;
        assert!(number < 100 * at_once, "{what}: it comes to an end");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_requests_for_tokens_is_answered_with_json() {
    let connector = Connector::start().await;
    let http = client();
    let form = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", "x")];
    let refused = flood("tokens", 1000, || http.post(format!("{}/oauth/token", connector.at)).form(&form)).await;
    let response: Value = refused.json().await.expect("it is JSON");
    assert_eq!(response["error"], "temporarily_unavailable");
    let text = response["error_description"].as_str().expect("it says why");
    assert!(text.starts_with("too many requests from your network; try again in"), "{text}");
    let page = http.get(format!("{}/sign-in", connector.at)).send().await.expect("it answers");
    assert_eq!(page.status(), StatusCode::OK, "users are not concerned");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_requests_for_pages_is_answered_with_a_page() {
    let connector = Connector::start().await;
    let http = client();
    let refused = flood("pages", 2000, || http.post(format!("{}/sign-out", connector.at))).await;
    let text = refused.text().await.expect("it is text");
    assert!(text.starts_with("<!doctype html>") && text.contains("Too many requests from your network; try again in"), "{text}");
    let form = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", "x")];
    let response = http.post(format!("{}/oauth/token", connector.at)).form(&form).send().await.expect("it answers");
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "programs are not concerned");
}

#[tokio::test]
async fn the_same_registration_makes_no_second_client() {
    let connector = Connector::start().await;
    assert_eq!(connector.app(REDIRECT).await.id, connector.app(REDIRECT).await.id);
    assert_ne!(connector.app(REDIRECT).await.id, connector.app("http://127.0.0.1/other").await.id);
}

#[tokio::test]
async fn a_registration_that_is_repeated_is_written_once_an_hour() {
    let connector = Connector::start().await;
    let http = client();
    let database = connector.folder.path().join("torii-mcp.db");
    let expires_at = async || {
        let mut connection = SqliteConnectOptions::new().filename(&database).connect().await.expect("the file opens");
        let sql = "SELECT expires_at FROM registrations";
        sqlx::query_scalar::<_, i64>(sql).fetch_one(&mut connection).await.expect("there is one")
    };
    let mut seen = Vec::new();
    for minutes in [0, 59, 2] {
        connector.mock_clock.turn(minutes * 60);
        assert_eq!(register(&http, &connector, "one", 1).await.status(), StatusCode::CREATED);
        seen.push(expires_at().await);
    }
    let [first, again, later] = seen[..] else { panic!("{seen:?}") };
    assert_eq!((again - first, later - first), (0, 61 * 60));
}

#[tokio::test]
async fn keys_cannot_be_guessed_at_leisure() {
    let connector = Connector::start_on(|setup| setup.failed_sign_ins = 10).await;
    let browser = connector.browser();
    for number in 0..10 {
        let (status, _) = browser.sign_in(&format!("guess-{number}"), "").await.page();
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{number}");
    }
    let (status, _) = browser.sign_in(FULL_ACCESS_KEY, "").await.page();
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "even the right one has to wait");
}

#[tokio::test]
async fn guessing_many_keys_at_the_same_time_gains_little() {
    let connector = Connector::start().await;
    let (browser, csrf) = at_sign_in(&connector).await;
    let guesses = futures(40, async || guess(&connector, &browser, &csrf, "a-guess", "198.51.100.1").await).await;
    let tried = guesses.iter().filter(|status| **status == StatusCode::UNPROCESSABLE_ENTITY).count();
    assert!((10..=13).contains(&tried), "{tried} were tried");
}

#[tokio::test]
async fn a_user_is_told_on_a_page_what_a_program_is_told_in_json() {
    let connector = Connector::start().await;
    for path in ["/sign-in", "/oauth/authorize", "/connections/end"] {
        let response = client().post(format!("{}{path}", connector.origin)).json(&json!({})).send().await.expect("it answers");
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{path}");
        assert!(response.text().await.expect("it is text").starts_with("<!doctype html>"), "{path}");
    }
}

/// Whether the right key is let in, or has to wait, when it comes with these forwarded addresses.
async fn status_of_right_key(connector: &Connector, forwarded: &str) -> StatusCode {
    let (browser, csrf) = at_sign_in(connector).await;
    guess(connector, &browser, &csrf, FULL_ACCESS_KEY, forwarded).await
}

async fn at_sign_in(connector: &Connector) -> (Browser, String) {
    let browser = connector.browser();
    let (_, page) = browser.get(&format!("{}/sign-in", connector.origin)).await.page();
    let csrf = field(&page, "csrf");
    (browser, csrf)
}

async fn guess(connector: &Connector, browser: &Browser, csrf: &str, key: &str, forwarded: &str) -> StatusCode {
    let form = [("key", key), ("csrf", csrf), ("next", "")];
    let request = client().post(format!("{}/sign-in", connector.at)).header("x-forwarded-for", forwarded).form(&form);
    browser.with_cookies(request).send().await.expect("it answers").status()
}

#[tokio::test]
async fn who_guesses_behind_a_proxy_is_stopped_and_the_others_behind_it_are_not() {
    let proxy = "127.0.0.1/32".parse().expect("it is a network");
    let connector = Connector::start_on(|setup| (setup.trusted_proxies, setup.failed_sign_ins) = (vec![proxy], 10)).await;
    let (browser, csrf) = at_sign_in(&connector).await;
    for number in 0..10 {
        // what the guesser put in itself stands before what the proxy adds
        let forwarded = format!("192.0.2.{number}, 198.51.100.1");
        let status = guess(&connector, &browser, &csrf, &format!("guess-{number}"), &forwarded).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{number}");
    }
    assert_eq!(status_of_right_key(&connector, "192.0.2.200, 198.51.100.1").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(status_of_right_key(&connector, "198.51.100.2").await, StatusCode::OK);
}

#[tokio::test]
async fn a_connection_that_sends_too_many_requests_waits_and_others_do_not() {
    let connector = Connector::start_on(|setup| setup.requests_per_minute = std::num::NonZeroU32::new(5)).await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let (busy, other) = (app.connect(&browser, READ).await, app.connect(&browser, READ).await);
    for _ in 0..5 {
        assert_eq!(app.list(&busy.access).await.status(), StatusCode::OK);
    }
    let refused = app.list(&busy.access).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    let seconds: u64 = refused.headers()["retry-after"].to_str().expect("ASCII").parse().expect("a number");
    assert!((1..=12).contains(&seconds), "{seconds}");
    let text: serde_json::Value = refused.json().await.expect("it is JSON");
    let expected = format!("this connection sends too many requests; send the next one in {seconds} s");
    assert_eq!(text["error"]["message"], expected);
    assert_eq!(app.list(&other.access).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn who_guesses_tokens_is_stopped_before_the_store_is_asked() {
    let proxy = "127.0.0.1/32".parse().expect("it is a network");
    let connector = Connector::start_on(|setup| setup.trusted_proxies = vec![proxy]).await;
    let app = connector.app(REDIRECT).await;
    let browser = connector.signed_in().await;
    let (known, issued) = (app.connect(&browser, READ).await, app.connect(&browser, READ).await);
    let replica = connector.replica().await;
    let unknown = app.at(&replica.at).connect(&replica.signed_in().await, READ).await;
    let http = client();
    let ask = async |token: &str, from: &str| {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
        let request = http.post(format!("{}/mcp", connector.at)).header("x-forwarded-for", from).bearer_auth(token);
        request.header(header::ACCEPT, "application/json, text/event-stream").json(&body).send().await.expect("it answers")
    };
    let revoke = async |token: &str| {
        let form = [("client_id", app.id.as_str()), ("token", token)];
        let response = http.post(format!("{}/oauth/revoke", connector.at)).form(&form).send().await.expect("it answers");
        assert_eq!(response.status(), StatusCode::OK);
    };
    let (here, elsewhere) = ("198.51.100.1", "198.51.100.2");
    assert_eq!(ask(&known.access, elsewhere).await.status(), StatusCode::OK);
    let wrong = || {
        PlainToken::new(torii_mcp::torii::BRAND.tokens, TokenKind::Access, Random::system())
            .expect("there is randomness")
            .expose()
            .to_owned()
    };
    for number in 0..1000 {
        assert_eq!(ask(&wrong(), here).await.status(), StatusCode::UNAUTHORIZED, "{number}");
    }
    assert_eq!(ask(&issued.access, here).await.status(), StatusCode::OK, "it was issued here");
    // another right one is refused, too, unless it was right before
    let refused = ask(&unknown.access, here).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()[header::RETRY_AFTER], "60");
    assert!(refused.text().await.expect("it is text").contains("too many wrong tokens came from your network"));
    assert_eq!(ask(&wrong(), elsewhere).await.status(), StatusCode::UNAUTHORIZED, "others are not concerned");
    // with anything that is revoked, what the store said of all tokens is forgotten, as it is after two seconds
    revoke(&unknown.access).await;
    assert_eq!(ask(&known.access, here).await.status(), StatusCode::OK, "whoever called before goes on");
    revoke(&known.access).await;
    assert_eq!(ask(&known.access, here).await.status(), StatusCode::UNAUTHORIZED, "and is checked as ever");
    assert_eq!(ask(&known.access, here).await.status(), StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn who_is_no_trusted_proxy_cannot_say_to_be_somebody_else() {
    let proxy = "10.0.0.0/8".parse().expect("it is a network");
    let connector = Connector::start_on(|setup| (setup.trusted_proxies, setup.failed_sign_ins) = (vec![proxy], 10)).await;
    let (browser, csrf) = at_sign_in(&connector).await;
    for number in 0..10 {
        let status = guess(&connector, &browser, &csrf, &format!("guess-{number}"), &format!("198.51.100.{number}")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{number}");
    }
    let response = status_of_right_key(&connector, "203.0.113.1").await;
    assert_eq!(response, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused_and_the_server_goes_on() {
    let connector = Connector::public().await;
    let (browser, csrf) = at_sign_in(&connector).await;
    let large = "a".repeat(1 << 20);
    for path in ["/oauth/token", "/oauth/revoke", "/oauth/authorize", "/sign-in", "/sign-out", "/connections/end"] {
        let form = [("csrf", csrf.as_str()), ("client_id", "x"), ("key", &large)];
        let request = browser.with_cookies(client().post(format!("{}{path}", connector.at))).form(&form);
        let response = request.send().await.expect("it answers");
        assert!([StatusCode::BAD_REQUEST, StatusCode::PAYLOAD_TOO_LARGE].contains(&response.status()), "{path}: {response:?}");
        assert!(response.text().await.expect("it is text").len() < 10_000, "{path}: it is not sent back");
    }
    let metadata = json!({ "client_name": large, "redirect_uris": [REDIRECT] });
    let response = client().post(format!("{}/oauth/register", connector.at)).json(&metadata).send().await.expect("it answers");
    assert!(response.status().is_client_error(), "{response:?}");
    assert_eq!(guess(&connector, &browser, &csrf, FULL_ACCESS_KEY, "").await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn methods_that_nothing_answers_to_change_nothing_and_break_nothing() {
    let connector = Connector::start().await;
    let paths = [
        "/oauth/register",
        "/oauth/authorize",
        "/oauth/token",
        "/oauth/revoke",
        "/sign-in",
        "/sign-in/callback",
        "/sign-out",
        "/connections",
        "/connections/end",
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-protected-resource/mcp",
        "/health/ready",
        "/",
    ];
    let methods = ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "X"];
    for (path, method) in paths.iter().flat_map(|path| methods.map(|method| (path, method))) {
        let method = Method::from_bytes(method.as_bytes()).expect("it is a method");
        let response = client().request(method, format!("{}{path}", connector.origin)).send().await.expect("it answers");
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}: {response:?}");
    }
    // what only a form changes is not changed by a link
    for path in ["/sign-out", "/connections/end", "/oauth/token", "/oauth/revoke", "/oauth/register"] {
        let response = client().get(format!("{}{path}", connector.origin)).send().await.expect("it answers");
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
    // no method is another one in disguise
    let request = client().get(format!("{}/sign-out", connector.origin)).header("x-http-method-override", "POST");
    assert_eq!(request.send().await.expect("it answers").status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn wrong_keys_lock_out_those_that_begin_alike_and_an_office_only_after_many() {
    let connector = Connector::start_on(|setup| setup.failed_sign_ins = 12).await;
    let browser = connector.browser();
    let sign_in = async |key: &str, scim: &str| match browser.sign_in(key, scim).await {
        Ended::Page { status, text, headers } => (status.as_u16(), text, headers.get("retry-after").cloned()),
        Ended::Elsewhere(url) => panic!("sent to {url}"),
    };
    // a wrong SCIM key beside the right one for the API
    for _ in 0..10 {
        assert_eq!(sign_in(FULL_ACCESS_KEY, "wrong-scim-key").await.0, 422);
    }
    let (status, page, retry_after) = sign_in(FULL_ACCESS_KEY, "wrong-scim-key").await;
    assert_eq!(status, 429);
    assert!(
        page.contains("This key, or one that begins like it, was refused too often. The next attempt is possible in 15 minutes."),
        "{page}"
    );
    let seconds: u64 = retry_after.and_then(|value| value.to_str().ok()?.parse().ok()).expect("it says when");
    assert!((1..=900).contains(&seconds), "{seconds}");
    // a colleague
    assert_eq!(connector.browser().sign_in(FULL_ACCESS_KEY, "").await.page().0.as_u16(), 200);
    for key in ["another wrong key", "one-more-wrong-key"].map(|key| key.replace(' ', "-")) {
        assert_eq!(sign_in(&key, "").await.0, 422);
    }
    let (status, page, _) = sign_in(FULL_ACCESS_KEY, "").await;
    assert!(
        status == 429
            && page.contains(
                "There were too many attempts to sign in from your network. The next attempt is possible in 15 minutes."
            ),
        "{page}"
    );
}
