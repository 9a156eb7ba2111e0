//! Attacks on the connector, each of which works where its defence is missing.

use std::collections::BTreeSet;

use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use torii_mcp::{
    oauth::{
        client::{Authentication, Client, Origin},
        redirect::RedirectUri,
    },
    sample::{FULL_ACCESS_KEY, READ_ONLY_KEY},
};

use crate::connector::{App, Browser, Connector, Ended, client, field, parameter};

const REDIRECT: &str = "http://127.0.0.1:7777/callback";
const READ: &[&str] = &["torii:read"];

/// Opens the authorization endpoint with one parameter changed, or taken away.
async fn ask_with(app: &App, browser: &Browser, name: &str, value: Option<&str>) -> Ended {
    let (mut url, _) = app.authorization_url("torii:read");
    let kept: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
    url.query_pairs_mut().clear().extend_pairs(kept);
    if let Some(value) = value {
        url.query_pairs_mut().append_pair(name, value);
    }
    browser.get(url.as_str()).await
}

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

/// The same, so many times at once.
async fn futures<T>(count: usize, work: impl AsyncFn() -> T) -> Vec<T> {
    let mut all: Vec<_> = (0..count).map(|_| Box::pin(work())).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        all.retain_mut(|one| match one.as_mut().poll(context) {
            std::task::Poll::Ready(value) => {
                done.push(value);
                false
            }
            std::task::Poll::Pending => true,
        });
        if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
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
    connector.hands.turn(61);
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
        // one registered address is the answer to none; the others differ from it
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
async fn answers_name_the_server_they_come_from_so_that_no_other_can_be_mixed_up_with_it() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let (_, page) = browser.get(app.authorization_url("torii:read").0.as_str()).await.page();
    let back = browser.decide(&page, "allow", READ).await.elsewhere();
    assert_eq!(parameter(&back, "iss"), Some(connector.origin.clone()));
}

#[tokio::test]
async fn consent_counts_only_from_our_own_page_in_the_same_browser() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let (_, page) = browser.get(app.authorization_url("torii:read").0.as_str()).await.page();
    let next = field(&page, "next");
    let stranger = connector.signed_in().await;
    let (_, foreign) = stranger.get(app.authorization_url("torii:read").0.as_str()).await.page();
    let wrong = [String::new(), "x".to_owned(), field(&foreign, "csrf")];
    for csrf in &wrong {
        let form = [("csrf", csrf.as_str()), ("next", &next), ("decision", "allow"), ("scope", "torii:read")];
        assert_eq!(browser.post("/oauth/authorize", &form).await.page().0, StatusCode::FORBIDDEN, "{csrf:?}");
    }
    let csrf = field(&page, "csrf");
    let form = [("csrf", csrf.as_str()), ("next", &next), ("decision", "allow"), ("scope", "torii:read")];
    for (name, value) in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        let request = client().post(format!("{}/oauth/authorize", connector.origin)).header(name, value).form(&form);
        let answer = browser.with_cookies(request).send().await.expect("it answers");
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{name}: {value}");
    }
    let nobody = connector.browser();
    assert_eq!(nobody.post("/oauth/authorize", &form).await.page().0, StatusCode::FORBIDDEN);
    assert!(matches!(browser.post("/oauth/authorize", &form).await, Ended::Elsewhere(_)), "the page itself works");
}

#[tokio::test]
async fn nobody_can_be_signed_in_as_somebody_else_by_a_foreign_form() {
    let connector = Connector::start().await;
    let browser = connector.browser();
    let form = [("key", FULL_ACCESS_KEY), ("csrf", "x"), ("next", "")];
    assert_eq!(browser.post("/sign-in", &form).await.page().0, StatusCode::FORBIDDEN);
    assert!(browser.cookies.lock().expect("it is free").is_empty());
}

#[tokio::test]
async fn no_page_can_be_framed_or_run_a_script() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let origin = &connector.origin;
    let consent = app.authorization_url("torii:read").0;
    for url in [consent.as_str(), &format!("{origin}/connections"), &format!("{origin}/oauth/authorize"), origin] {
        let Ended::Page { headers, .. } = browser.get(url).await else { panic!("{url} leads away") };
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().expect("it is ASCII");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{url}: {policy}");
        }
        assert!(!policy.contains("script") && !policy.contains("unsafe"), "{url}: {policy}");
        assert_eq!(headers[header::X_FRAME_OPTIONS], "DENY", "{url}");
    }
}

#[tokio::test]
async fn a_session_that_was_fixed_before_signing_in_is_not_used() {
    let connector = Connector::start().await;
    let planted = connector.signed_in().await.cookies.lock().expect("it is free").clone();
    let victim = connector.browser();
    victim.cookies.lock().expect("it is free").extend(planted.clone());
    let (_, page) = victim.get(&format!("{}/connections", connector.origin)).await.page();
    victim.post("/sign-out", &[("csrf", &field(&page, "csrf"))]).await;
    victim.cookies.lock().expect("it is free").extend(planted.clone());
    victim.sign_in(READ_ONLY_KEY, "").await;
    let now = victim.cookies.lock().expect("it is free").clone();
    let (name, value) = planted.first_key_value().expect("there is a session");
    assert!(now.get(name).is_some_and(|own| own != value), "{now:?}");
}

#[tokio::test]
async fn cookies_are_out_of_reach_of_scripts_and_other_sites() {
    let connector = Connector::start().await;
    let answer = client().get(format!("{}/sign-in", connector.origin)).send().await.expect("it answers");
    let cookie = answer.headers()[header::SET_COOKIE].to_str().expect("it is ASCII");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
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
    connector.hands.turn(61);
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
    connector.hands.turn(30);
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
    let less = refresh(&tokens.refresh, "torii:read").await.expect("less is fine");
    assert_eq!(less.scope, "torii:read");
    assert_eq!(app.call(&less.access, "update_app", json!({ "idApp": 1001 })).await.status(), StatusCode::FORBIDDEN);
    let again = app.refresh(&less.refresh).await.expect("it counts");
    assert_eq!(again.scope, "torii:read torii:write", "the grant is what was allowed");
}

#[tokio::test]
async fn a_form_cannot_tick_what_the_operator_does_not_allow() {
    let connector = Connector::start_with(|settings| settings.scopes = torii_mcp::oauth::scope::Scope::Read.into()).await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let (url, verifier) = app.authorization_url("torii:read torii:write");
    let (_, page) = browser.get(url.as_str()).await.page();
    let back = browser.decide(&page, "allow", &["torii:read", "torii:write", "torii:destroy", "torii:scim"]).await.elsewhere();
    let tokens = app.redeem(&parameter(&back, "code").expect("a code"), &verifier).await.expect("it counts");
    assert_eq!(tokens.scope, "torii:read");
}

#[tokio::test]
async fn markup_in_names_and_states_stays_text() {
    let connector = Connector::start().await;
    let name = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u{202e}";
    let metadata = json!({ "client_name": name, "redirect_uris": [REDIRECT] });
    let answer = client().post(format!("{}/oauth/register", connector.origin)).json(&metadata).send().await.expect("it answers");
    let answer: Value = answer.json().await.expect("it is JSON");
    let browser = connector.signed_in().await;
    let app = connector.app(REDIRECT).await;
    let evil = "\"><script>alert(2)</script>\r\nset-cookie: a=b";
    let (mut url, _) = app.authorization_url("torii:read");
    let kept: Vec<(String, String)> =
        url.query_pairs().into_owned().filter(|(key, _)| !["client_id", "state"].contains(&key.as_str())).collect();
    url.query_pairs_mut().clear().extend_pairs(kept);
    url.query_pairs_mut().append_pair("client_id", answer["client_id"].as_str().expect("an id")).append_pair("state", evil);
    let (_, page) = browser.get(url.as_str()).await.page();
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains('\u{202e}'), "{page}");
    let back = browser.decide(&page, "allow", READ).await.elsewhere();
    assert_eq!(parameter(&back, "state").as_deref(), Some(evil));
}

#[tokio::test]
async fn nothing_from_a_request_becomes_a_header() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app("https://app.example/cb").await, connector.signed_in().await);
    for evil in ["x\r\nset-cookie: stolen=1", "x%0d%0aset-cookie:%20stolen=1", "x\nlocation: https://evil.example"] {
        let (_, page) = ask_with(&app, &browser, "state", Some(evil)).await.page();
        let request = client().post(format!("{}/oauth/authorize", connector.origin)).header("origin", &connector.origin);
        let fields = [("csrf", field(&page, "csrf")), ("next", field(&page, "next")), ("decision", "deny".to_owned())];
        let answer = browser.with_cookies(request.form(&fields)).send().await.expect("it answers");
        assert!(answer.headers().get(header::SET_COOKIE).is_none(), "{answer:?}");
        let location = answer.headers()[header::LOCATION].to_str().expect("it is ASCII");
        assert!(location.starts_with("https://app.example/cb?"), "{location}");
    }
}

#[tokio::test]
async fn a_flood_of_registrations_is_slowed_down() {
    let connector = Connector::start().await;
    let http = client();
    let mut last = StatusCode::CREATED;
    for number in 0..400 {
        let metadata = json!({ "client_name": format!("flood {number}"), "redirect_uris": [REDIRECT] });
        let answer = http.post(format!("{}/oauth/register", connector.origin)).json(&metadata).send().await.expect("it answers");
        last = answer.status();
        if last == StatusCode::TOO_MANY_REQUESTS {
            assert!(answer.headers().contains_key(header::RETRY_AFTER));
            break;
        }
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn the_same_registration_makes_no_second_client() {
    let connector = Connector::start().await;
    assert_eq!(connector.app(REDIRECT).await.id, connector.app(REDIRECT).await.id);
    assert_ne!(connector.app(REDIRECT).await.id, connector.app("http://127.0.0.1/other").await.id);
}

#[tokio::test]
async fn keys_cannot_be_guessed_at_leisure() {
    let connector = Connector::start().await;
    let browser = connector.browser();
    for number in 0..10 {
        let (status, _) = browser.sign_in(&format!("guess-{number}"), "").await.page();
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{number}");
    }
    let (status, _) = browser.sign_in(FULL_ACCESS_KEY, "").await.page();
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "even the right one has to wait");
}

#[tokio::test]
async fn a_token_in_the_query_counts_for_nothing() {
    let connector = Connector::start().await;
    let app = connector.app(REDIRECT).await;
    let tokens = app.connect(&connector.signed_in().await, READ).await;
    for query in [format!("access_token={}", tokens.access), format!("token={}", tokens.access)] {
        let answer = client().post(format!("{}?{query}", connector.resource())).send().await.expect("it answers");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn nobody_sees_or_ends_the_connections_of_somebody_else() {
    let connector = Connector::start().await;
    let (app, owner, other) = (connector.app(REDIRECT).await, connector.signed_in().await, connector.browser());
    let tokens = app.connect(&owner, READ).await;
    other.sign_in(READ_ONLY_KEY, "").await;
    let (_, theirs) = owner.get(&format!("{}/connections", connector.origin)).await.page();
    let id = field(&theirs, "id");
    let (_, page) = other.get(&format!("{}/connections", connector.origin)).await.page();
    assert!(!page.contains(&id), "{page}");
    other.post("/connections/end", &[("id", &id), ("csrf", &field(&page, "csrf"))]).await;
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn consent_to_one_client_is_none_to_another_and_never_silent_for_one_that_anybody_could_be() {
    let client = |id: &str, redirect: &str| Client {
        id: id.to_owned(),
        name: id.to_owned(),
        origin: Origin::Configured,
        redirect_uris: vec![RedirectUri::parse(redirect).expect("it is one")],
        authentication: Authentication::None,
        own: None,
    };
    let connector = Connector::start_with(|settings| {
        settings.clients = vec![
            client("hosted", "https://hosted.example/cb"),
            client("other", "https://other.example/cb"),
            client("local", "http://127.0.0.1/cb"),
        ];
    })
    .await;
    let browser = connector.signed_in().await;
    let app = |id: &str, redirect_uri: &str| connector.configured(id, redirect_uri);
    let hosted = app("hosted", "https://hosted.example/cb");
    hosted.connect(&browser, READ).await;
    let again = browser.get(hosted.authorization_url("torii:read").0.as_str()).await.elsewhere();
    assert!(parameter(&again, "code").is_some(), "the person is not asked twice: {again}");
    for asked in ["torii:write", "torii:destroy"] {
        assert!(matches!(browser.get(hosted.authorization_url(asked).0.as_str()).await, Ended::Page { .. }), "{asked}");
    }
    let (_, page) = browser.get(&format!("{}/connections", connector.origin)).await.page();
    browser.post("/connections/end", &[("id", &field(&page, "id")), ("csrf", &field(&page, "csrf"))]).await;
    let ended = browser.get(hosted.authorization_url("torii:read").0.as_str()).await;
    assert!(matches!(ended, Ended::Page { .. }), "whoever ended a connection is asked again");
    let other = app("other", "https://other.example/cb");
    assert!(matches!(browser.get(other.authorization_url("torii:read").0.as_str()).await, Ended::Page { .. }));
    let local = app("local", "http://127.0.0.1:5000/cb");
    local.connect(&browser, READ).await;
    assert!(matches!(browser.get(local.authorization_url("torii:read").0.as_str()).await, Ended::Page { .. }));
}
