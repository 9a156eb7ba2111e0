//! On codes, and where they are sent.

use reqwest::StatusCode;
use torii_sample::FULL_ACCESS_KEY;

use super::{READ, REDIRECT, ask_with};
use crate::support::{
    app::parameter,
    futures,
    test_server::{Connector, field},
};

#[tokio::test]
async fn a_replayed_code_gives_nothing_and_ends_what_it_opened() {
    let connector = Connector::start().await;
    let app = connector.app(REDIRECT).await;
    let (code, verifier) = app.code(&connector.signed_in().await, READ).await;
    let tokens = app.redeem(&code, &verifier).await.expect("the first time it counts");
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK);
    assert_eq!(app.redeem(&code, &verifier).await.expect_err("the second time it does not")["error"], "invalid_grant");
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(app.refresh(&tokens.refresh).await.expect_err("it is ended")["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_is_redeemed_once_however_many_try_at_the_same_time() {
    let connector = Connector::start().await;
    let app = connector.app(REDIRECT).await;
    let (code, verifier) = app.code(&connector.signed_in().await, READ).await;
    let tries = futures(8, async || app.redeem(&code, &verifier).await).await;
    assert_eq!(tries.iter().filter(|result| result.is_ok()).count(), 1, "{tries:?}");
}

#[tokio::test]
async fn a_stolen_code_is_worth_nothing_without_the_verifier_or_in_another_app() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let thief = connector.app("http://127.0.0.1:6666/other").await;
    let (code, verifier) = app.code(&browser, READ).await;
    let (_, foreign) = thief.code(&browser, READ).await;
    for result in [app.redeem(&code, &foreign).await, thief.redeem(&code, &verifier).await, thief.redeem(&code, &foreign).await] {
        assert_eq!(result.expect_err("it must not count")["error"], "invalid_grant");
    }
    // not even one that knows all but who may redeem it
    let fields = [("code", code.as_str()), ("code_verifier", &verifier), ("redirect_uri", REDIRECT)];
    assert_eq!(thief.token("authorization_code", &fields).await.expect_err("another client")["error"], "invalid_grant");
    for verifier in ["", "short", &"a".repeat(129)] {
        let error = app.redeem(&code, verifier).await.expect_err("it must not count");
        assert!(["invalid_grant", "invalid_request"].contains(&error["error"].as_str().unwrap_or_default()), "{error}");
    }
    assert!(app.redeem(&code, &verifier).await.is_ok(), "its owner can still redeem it");
}

#[tokio::test]
async fn a_code_is_void_after_a_minute_and_at_another_redirect() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let (code, verifier) = app.code(&browser, READ).await;
    let fields = [("code", code.as_str()), ("code_verifier", &verifier), ("redirect_uri", "http://127.0.0.1:1/callback")];
    assert_eq!(app.token("authorization_code", &fields).await.expect_err("another redirect")["error"], "invalid_grant");
    connector.mock_clock.turn(61);
    assert_eq!(app.redeem(&code, &verifier).await.expect_err("too late")["error"], "invalid_grant");
}

#[tokio::test]
async fn pkce_cannot_be_left_out_or_weakened() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    for (name, value) in [
        ("code_challenge", None),
        ("code_challenge", Some("plain-text-verifier-plain-text-verifier-plain")),
        ("code_challenge_method", None),
        ("code_challenge_method", Some("plain")),
        ("code_challenge_method", Some("none")),
    ] {
        let back = ask_with(&app, &browser, name, value).await.elsewhere();
        assert_eq!(parameter(&back, "error").as_deref(), Some("invalid_request"), "{name} {value:?}");
        assert_eq!(parameter(&back, "iss"), Some(connector.origin.clone()));
    }
}

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_the_client_s() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app("https://app.example/callback").await, connector.signed_in().await);
    for redirect in [
        None,
        Some("https://evil.example/callback"),
        Some("https://app.example/callback/../../evil"),
        Some("https://app.example/callback?next=https://evil.example"),
        Some("https://app.example.evil.example/callback"),
        Some("https://app.example@evil.example/callback"),
        Some("javascript:alert(document.domain)"),
        Some("//evil.example/callback"),
    ] {
        // one registered address is the response to none; the others differ from it
        let ended = ask_with(&app, &browser, "redirect_uri", redirect).await;
        match redirect {
            None => assert_eq!(ended.page().0, StatusCode::OK),
            Some(_) => assert_eq!(ended.page().0, StatusCode::BAD_REQUEST, "{redirect:?}"),
        }
    }
    let (status, _) = ask_with(&app, &browser, "client_id", Some("unknown")).await.page();
    assert_eq!(status, StatusCode::BAD_REQUEST);
    for next in ["https://evil.example/", "//evil.example", "/\\evil.example", "/oauth/authorize@evil.example", "/mcp"] {
        let browser = connector.browser();
        let (_, page) = browser.get(&format!("{}/sign-in", connector.origin)).await.page();
        let form = [("key", FULL_ACCESS_KEY), ("csrf", &field(&page, "csrf")), ("next", next)];
        let (_, page) = browser.post("/sign-in", &form).await.page();
        assert!(page.contains("/sign-out"), "{next}: {page}");
    }
}

#[tokio::test]
async fn answers_name_the_server_they_come_from_so_that_no_other_can_be_mixed_up_with_it() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let (_, page) = browser.get(app.authorization_url("torii:read").0.as_str()).await.page();
    let back = browser.decide(&page, "allow", READ).await.elsewhere();
    assert_eq!(parameter(&back, "iss"), Some(connector.origin.clone()));
}
