//! On tokens.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use mcp_http::{secret::Secret, token::TokenHash};
use mcp_oauth_server::{settings::Embedded, store::StoreAt};
use reqwest::StatusCode;
use serde_json::json;

use super::{READ, REDIRECT, ask_with};
use crate::support::{
    app::parameter,
    futures, postgres,
    test_server::{Connector, client, field},
};

#[tokio::test]
async fn tokens_for_another_server_are_neither_given_nor_taken() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let back = ask_with(&app, &browser, "resource", Some("https://other.example/mcp")).await.elsewhere();
    assert_eq!(parameter(&back, "error").as_deref(), Some("invalid_target"));
    let (code, verifier) = app.code(&browser, READ).await;
    let fields = [("code", code.as_str()), ("code_verifier", &verifier), ("resource", "https://other.example/mcp")];
    assert_eq!(app.token("authorization_code", &fields).await.expect_err("foreign")["error"], "invalid_target");
    let tokens = app.redeem(&code, &verifier).await.expect("nothing was spent");
    let fields = [("refresh_token", tokens.refresh.as_str()), ("resource", "https://other.example/mcp")];
    assert_eq!(app.token("refresh_token", &fields).await.expect_err("foreign")["error"], "invalid_target");
    let other = Connector::start().await;
    assert_eq!(other.app(REDIRECT).await.list(&tokens.access).await.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_counts_only_at_the_address_it_is_for_even_where_the_store_is_the_same() {
    let connector = Connector::start().await;
    let app = connector.app(REDIRECT).await;
    let tokens = app.connect(&connector.signed_in().await, READ).await;
    let moved = Connector::start_on(|setup| setup.embedded = connector.embedded.clone()).await;
    assert_eq!(app.at(&moved.at).list(&tokens.access).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_stolen_refresh_token_is_worth_nothing_in_another_app() {
    let connector = Connector::start().await;
    let (app, thief) = (connector.app(REDIRECT).await, connector.app("http://127.0.0.1:6666/other").await);
    let tokens = app.connect(&connector.signed_in().await, READ).await;
    assert_eq!(thief.refresh(&tokens.refresh).await.expect_err("another client")["error"], "invalid_grant");
    assert!(app.refresh(&tokens.refresh).await.is_ok(), "nothing was spent");
}

#[tokio::test]
async fn a_reused_refresh_token_ends_the_connection() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    // its successor was used
    let first = app.connect(&browser, READ).await;
    let second = app.refresh(&first.refresh).await.expect("it counts");
    let third = app.refresh(&second.refresh).await.expect("it counts");
    assert_eq!(app.refresh(&first.refresh).await.expect_err("its successor was used")["error"], "invalid_grant");
    assert_eq!(app.list(&third.access).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(app.refresh(&third.refresh).await.expect_err("the whole family is gone")["error"], "invalid_grant");
    // a minute is over
    let first = app.connect(&browser, READ).await;
    let second = app.refresh(&first.refresh).await.expect("it counts");
    connector.mock_clock.turn(61);
    assert_eq!(app.refresh(&first.refresh).await.expect_err("too late")["error"], "invalid_grant");
    assert_eq!(app.refresh(&second.refresh).await.expect_err("the whole family is gone")["error"], "invalid_grant");
}

#[tokio::test]
async fn a_client_that_lost_an_answer_or_refreshes_twice_at_once_stays_connected() {
    let connector = Connector::start().await;
    let app = connector.app(REDIRECT).await;
    let first = app.connect(&connector.signed_in().await, READ).await;
    let all = futures(6, async || app.refresh(&first.refresh).await).await;
    let tokens: Vec<_> = all.into_iter().map(|result| result.expect("each counts")).collect();
    assert_eq!(tokens.iter().map(|tokens| &tokens.refresh).collect::<BTreeSet<_>>().len(), 6);
    connector.mock_clock.turn(30);
    let next = app.refresh(&tokens[3].refresh).await.expect("any of them counts");
    assert!(app.refresh(&tokens[1].refresh).await.is_ok(), "so does another, for a while");
    assert_eq!(app.list(&next.access).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn scopes_never_grow_at_a_refresh() {
    let connector = Connector::start().await;
    let app = connector.app(REDIRECT).await;
    let tokens = app.connect(&connector.signed_in().await, &["torii:read", "torii:write"]).await;
    let refresh =
        async |refresh: &str, scope: &str| app.token("refresh_token", &[("refresh_token", refresh), ("scope", scope)]).await;
    assert_eq!(refresh(&tokens.refresh, "torii:destroy").await.expect_err("too much")["error"], "invalid_scope");
    let refused = refresh(&tokens.refresh, "unknown api:read").await.expect_err("no scope of this server is requested");
    assert_eq!(refused["error"], "invalid_scope");
    let less = refresh(&tokens.refresh, "torii:read").await.expect("less is fine");
    assert_eq!(less.scope, "torii:read");
    assert_eq!(app.call(&less.access, "update_app", json!({ "idApp": 1001 })).await.status(), StatusCode::FORBIDDEN);
    let again = app.refresh(&less.refresh).await.expect("it counts");
    assert_eq!(again.scope, "torii:read torii:write", "the grant is what was allowed");
}

#[tokio::test]
async fn a_token_in_the_query_counts_for_nothing() {
    let connector = Connector::start().await;
    let app = connector.app(REDIRECT).await;
    let tokens = app.connect(&connector.signed_in().await, READ).await;
    for query in [format!("access_token={}", tokens.access), format!("token={}", tokens.access)] {
        let response = client().post(format!("{}?{query}", connector.resource())).send().await.expect("it answers");
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
}

/// Until another replica has heard of it; the token is in use there all the time.
async fn revoked_elsewhere(change: impl FnOnce(&mut Embedded)) {
    let one = Connector::start_with(change).await;
    let other = one.replica().await;
    let (app, browser) = (one.app(REDIRECT).await, one.signed_in().await);
    let there = app.at(&other.at);
    let tokens = app.connect(&browser, READ).await;
    assert_eq!(there.list(&tokens.access).await.status(), StatusCode::OK, "any replica responses");
    let (_, page) = browser.get(&format!("{}/connections", one.origin)).await.page();
    browser.post("/connections/end", &[("id", &field(&page, "id")), ("csrf", &field(&page, "csrf"))]).await;
    let ended = Instant::now();
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::UNAUTHORIZED, "at once where it was ended");
    while there.list(&tokens.access).await.status() != StatusCode::UNAUTHORIZED {
        assert!(ended.elapsed() < Duration::from_secs(5), "and everywhere within five seconds");
        tokio::task::yield_now().await;
    }
    assert_eq!(there.refresh(&tokens.refresh).await.expect_err("it is ended")["error"], "invalid_grant");
}

#[tokio::test]
async fn a_connection_that_is_ended_at_one_replica_is_soon_ended_at_all() {
    revoked_elsewhere(|_| {}).await;
}

#[tokio::test]
async fn a_connection_that_is_ended_at_one_replica_is_soon_ended_at_all_that_share_postgresql() {
    let Some(server) = postgres::shared() else { return };
    revoked_elsewhere(|settings| settings.store = StoreAt::Postgres(Secret::new(server.database()))).await;
}

#[tokio::test]
async fn two_replicas_do_not_redeem_one_code_or_lose_one_refresh() {
    let one = Connector::start().await;
    let other = one.replica().await;
    let (here, browser) = (one.app(REDIRECT).await, one.signed_in().await);
    let there = here.at(&other.at);
    let (code, verifier) = here.code(&browser, READ).await;
    let (a, b) = tokio::join!(here.redeem(&code, &verifier), there.redeem(&code, &verifier));
    assert_eq!([&a, &b].iter().filter(|result| result.is_ok()).count(), 1, "{a:?} {b:?}");
    let tokens = here.connect(&browser, READ).await;
    let (a, b) = tokio::join!(here.refresh(&tokens.refresh), there.refresh(&tokens.refresh));
    assert_ne!(a.expect("it counts").refresh, b.expect("it counts, too").refresh);
}

#[tokio::test]
async fn tokens_are_known_from_the_moment_they_are_issued_and_invented_ones_never() {
    let connector = Connector::start().await;
    let app = connector.app(REDIRECT).await;
    let is_known = |token: &str| connector.known_tokens.contains(TokenHash::of(token.as_bytes()));
    let first = app.connect(&connector.signed_in().await, READ).await;
    assert!(is_known(&first.access) && is_known(&first.refresh));
    let next = app.refresh(&first.refresh).await.expect("it is valid");
    assert!(is_known(&next.access) && is_known(&next.refresh));
    // as after a restart
    connector.known_tokens.forget(TokenHash::of(next.access.as_bytes()));
    assert_eq!(app.list(&next.access).await.status(), StatusCode::OK);
    assert!(is_known(&next.access), "it was found valid");
    let invented = format!("{}x", next.access);
    assert_eq!(app.list(&invented).await.status(), StatusCode::UNAUTHORIZED);
    assert!(!is_known(&invented));
}
