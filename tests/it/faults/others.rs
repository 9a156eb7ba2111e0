//! Those it asks are down, or talk nonsense; and clocks that jump.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{http::StatusCode as Status, response::IntoResponse};
use mcp_http::secret::Secret;
use mcp_oauth_server::{access::AccessRules, identity::Oidc, settings::SignIn};
use reqwest::{StatusCode, header};
use torii_sample::FULL_ACCESS_KEY;

use super::{READ, REDIRECT};
use crate::support::{
    mock_api::Torii,
    rights::api_keys,
    test_server::{Connector, Ended},
};

const HOUR: i64 = 3600;

#[tokio::test]
async fn a_torii_that_is_down_or_talks_nonsense_signs_nobody_in_and_blames_nobody() {
    let turn = Arc::new(AtomicUsize::new(0));
    let which = Arc::clone(&turn);
    let torii = Torii::answering(move |_, _| match which.load(Ordering::SeqCst) {
        0 => (Status::INTERNAL_SERVER_ERROR, "oh").into_response(),
        1 => (Status::TOO_MANY_REQUESTS, [("retry-after", "7")], "slow down").into_response(),
        2 => (Status::OK, "<html>a portal of the hotel</html>").into_response(),
        3 => (Status::OK, r#"{"org":null}"#).into_response(),
        4 => (Status::OK, r#"{"org":{"id":{"$ne":1}}}"#).into_response(),
        5 => (Status::FOUND, [("location", "https://login.example/")]).into_response(),
        6 => (Status::OK, "x".repeat(3 << 20)).into_response(),
        _ => (Status::OK, r#"{"org":{"id":1,"companyName":"Acme"}}"#).into_response(),
    });
    let url = torii.url.clone();
    let connector = Connector::start_on(|setup| setup.torii = Some(url)).await;
    for number in 0..14 {
        turn.store(number % 7, Ordering::SeqCst);
        let browser = connector.browser();
        let Ended::Page { status, text, headers } = browser.sign_in(FULL_ACCESS_KEY, "").await else { panic!("it leads away") };
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{number}: {text}");
        assert!(headers.contains_key(header::RETRY_AFTER), "{number}: {headers:?}");
        assert!(text.contains("role=\"alert\"") && text.contains("Torii does not answer as it should"), "{number}: {text}");
        assert!(!text.contains(FULL_ACCESS_KEY) && !text.contains("portal"), "{number}: {text}");
        let (_, page) = browser.get(&format!("{}/connections", connector.origin)).await.page();
        assert!(page.contains("name=\"key\""), "{number}: nobody is signed in: {page}");
    }
    // that was not the user's fault, so they need not wait
    turn.store(7, Ordering::SeqCst);
    let (status, page) = connector.signed_in().await.get(&format!("{}/connections", connector.origin)).await.page();
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("Acme"), "{page}");
}

#[tokio::test]
async fn a_page_of_a_firewall_is_not_told_as_a_refusal_of_the_key() {
    for status in [Status::UNAUTHORIZED, Status::FORBIDDEN, Status::NOT_FOUND, Status::BAD_GATEWAY] {
        let page = "<html><title>Blocked by <policy></title></html>".replace("<policy>", "policy");
        let torii = Torii::answering(move |_, _| (status, [("content-type", "text/html")], page.clone()).into_response());
        let url = torii.url.clone();
        let connector = Connector::start_on(|setup| setup.torii = Some(url)).await;
        let (_, text) = connector.browser().sign_in(FULL_ACCESS_KEY, "").await.page();
        assert!(text.contains("something in between") && text.contains("Blocked by policy"), "{status}: {text}");
        assert!(text.contains(&format!("status {}", status.as_u16())), "{status}: {text}");
        assert!(!text.contains("does not accept"), "{status}: {text}");
    }
}

#[tokio::test]
async fn a_torii_that_does_not_listen_signs_nobody_in() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free").local_addr().expect("it listens");
    let connector = Connector::start_on(|setup| setup.torii = Some(format!("http://{closed}"))).await;
    let (status, text) = connector.browser().sign_in(FULL_ACCESS_KEY, "").await.page();
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{text}");
    assert!(text.contains("Try again in a minute"), "{text}");
}

#[tokio::test]
async fn an_identity_provider_that_is_down_signs_nobody_in_and_its_page_says_so() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free").local_addr().expect("it listens");
    let connector = Connector::start_with(|settings| {
        let oidc = Oidc {
            issuer: format!("http://{closed}"),
            client_id: "us".to_owned(),
            client_secret: Secret::new("the secret".to_owned()),
            scopes: vec!["openid".to_owned()],
            groups_claim: "groups".to_owned(),
            email_claims: vec!["email".to_owned()],
            logout_ends: mcp_oauth_server::identity::LogoutEnds::Sessions,
        };
        settings.sign_in = SignIn::Oidc(oidc, AccessRules { rules: Vec::new(), roles: None });
        settings.keys.insert("team".to_owned(), api_keys(FULL_ACCESS_KEY));
    })
    .await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.browser());
    let ended = browser.get(app.authorization_url("torii:read").0.as_str()).await;
    let Ended::Page { status, text, headers } = ended else { panic!("it leads away") };
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{text}");
    assert!(headers.contains_key(header::RETRY_AFTER), "{headers:?}");
    assert!(text.contains("This does not work at the moment"), "{text}");
    assert!(browser.cookies.lock().expect("it is free").is_empty());
    // who comes back without having been sent is not let in either
    let (status, _) = browser.get(&format!("{}/sign-in/callback?code=x&state=y", connector.origin)).await.page();
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_clock_that_jumps_forwards_ends_tokens_and_no_connection() {
    let connector = Connector::public().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let tokens = app.connect(&browser, READ).await;
    let (code, verifier) = app.code(&browser, READ).await;
    connector.mock_clock.turn(30 * 24 * HOUR);
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(app.redeem(&code, &verifier).await.expect_err("it is void")["error"], "invalid_grant");
    let (_, page) = browser.get(&format!("{}/connections", connector.origin)).await.page();
    assert!(page.contains("name=\"key\""), "the session is over: {page}");
    let tokens = app.refresh(&tokens.refresh).await.expect("the connection goes on");
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_clock_that_jumps_back_breaks_nothing() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let mut tokens = app.connect(&browser, READ).await;
    for jump in [-5 * HOUR, 5 * HOUR, -HOUR, -90, 90, -24 * HOUR] {
        let before = app.refresh(&tokens.refresh).await.expect("it counts");
        connector.mock_clock.turn(jump);
        assert_eq!(app.list(&before.access).await.status(), if jump > HOUR { StatusCode::UNAUTHORIZED } else { StatusCode::OK });
        if jump < 0 {
            // the response was lost, and the clock went back before the client asked again
            let again = app.refresh(&tokens.refresh).await.expect("it is no reuse");
            tokens = app.refresh(&again.refresh).await.expect("it counts");
        } else {
            tokens = app.refresh(&before.refresh).await.expect("it counts");
        }
        assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK, "{jump}");
        let (code, verifier) = app.code(&browser, READ).await;
        connector.mock_clock.turn(-10);
        app.redeem(&code, &verifier).await.expect("a code counts");
        connector.mock_clock.turn(10);
        let (status, page) = browser.get(&format!("{}/connections", connector.origin)).await.page();
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("A test app"), "{jump}: {page}");
    }
}
