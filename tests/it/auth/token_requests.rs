//! What a client gets and is told at the token endpoint: scopes that it asked for, and how to authenticate.

use reqwest::{StatusCode, header};
use serde_json::Value;

use crate::support::test_server::{Connector, client};

const REDIRECT: &str = "http://127.0.0.1:7777/callback";
const READ: &[&str] = &["torii:read"];
const WRITE: &[&str] = &["torii:read", "torii:write"];

#[tokio::test]
async fn nothing_is_granted_by_default_that_was_not_asked_for() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let ticked = async |asked: &str| {
        let page = browser.get(app.authorization_url(asked).0.as_str()).await.page().1;
        let boxes = page.split("<input").filter(|input| input.contains("name=\"scope\"") && input.contains(" checked"));
        boxes.filter_map(|input| input.split("value=\"").nth(1)?.split('"').next().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(app.connect(&browser, WRITE).await.scope, "torii:read torii:write");
    assert_eq!(ticked("torii:read").await, READ, "also if more was allowed before");
    // the client that asks for one scope alone is told of that one, though it includes another
    let tokens = app.connect(&browser, &["torii:write"]).await;
    assert_eq!(tokens.scope, "torii:write");
    let again = app.refresh(&tokens.refresh).await.expect("it refreshes");
    assert_eq!(again.scope, "torii:write");
    assert_eq!(app.list(&again.access).await.status(), StatusCode::OK);
    let narrowed = app.token("refresh_token", &[("refresh_token", &again.refresh), ("scope", "torii:read")]).await;
    assert_eq!(narrowed.expect("it refreshes").scope, "torii:read");
}

#[tokio::test]
async fn basic_authentication_is_answered_with_what_to_send() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let (code, verifier) = app.code(&browser, READ).await;
    let fields =
        [("grant_type", "authorization_code"), ("code", &code), ("code_verifier", &verifier), ("redirect_uri", REDIRECT)];
    let redeem = async |secret: &str| {
        let request = client().post(format!("{}/oauth/token", connector.at)).basic_auth(&app.id, Some(secret)).form(&fields);
        request.send().await.expect("it answers")
    };
    let refused = redeem("hush").await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert!(refused.headers()[header::WWW_AUTHENTICATE].to_str().expect("it is ASCII").starts_with("Basic "));
    let refused: Value = refused.json().await.expect("it is JSON");
    assert_eq!(refused["error"], "invalid_client");
    assert!(refused["error_description"].as_str().is_some_and(|text| text.contains("issues no client secrets")), "{refused}");
    assert_eq!(redeem("").await.status(), StatusCode::OK, "an empty secret is none, and the code was not used up");
}
