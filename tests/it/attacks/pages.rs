//! On what users see and answer.

use mcp_oauth_server::{
    clients::client::{Authentication, Client, Origin},
    redirect::RedirectUri,
};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use torii_sample::{FULL_ACCESS_KEY, READ_ONLY_KEY};

use super::{READ, REDIRECT, ask_with};
use crate::support::{
    app::parameter,
    test_server::{Connector, Ended, client, field},
};

#[tokio::test]
async fn consent_counts_only_from_our_own_page_in_the_same_browser() {
    let connector = Connector::public().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let (_, page) = browser.get(app.authorization_url("torii:read").0.as_str()).await.page();
    let next = field(&page, "next");
    let untrusted_host = connector.signed_in().await;
    let (_, foreign) = untrusted_host.get(app.authorization_url("torii:read").0.as_str()).await.page();
    let wrong = [String::new(), "x".to_owned(), field(&foreign, "csrf")];
    for csrf in &wrong {
        let form = [("csrf", csrf.as_str()), ("next", &next), ("decision", "allow"), ("scope", "torii:read")];
        assert_eq!(browser.post("/oauth/authorize", &form).await.page().0, StatusCode::FORBIDDEN, "{csrf:?}");
    }
    let csrf = field(&page, "csrf");
    let form = [("csrf", csrf.as_str()), ("next", &next), ("decision", "allow"), ("scope", "torii:read")];
    for (name, value) in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        let request = client().post(format!("{}/oauth/authorize", connector.at)).header(name, value).form(&form);
        let response = browser.with_cookies(request).send().await.expect("it answers");
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{name}: {value}");
    }
    let nobody = connector.browser();
    assert_eq!(nobody.post("/oauth/authorize", &form).await.page().0, StatusCode::FORBIDDEN);
    assert!(matches!(browser.post("/oauth/authorize", &form).await, Ended::Elsewhere(_)), "the page itself works");
}

#[tokio::test]
async fn nobody_can_be_signed_in_as_somebody_else_by_a_csrf_failure() {
    let connector = Connector::start().await;
    let (browser, attacker) = (connector.browser(), connector.browser());
    let (_, page) = attacker.get(&format!("{}/sign-in", connector.origin)).await.page();
    let theirs = field(&page, "csrf");
    for csrf in ["x", &theirs] {
        let form = [("key", FULL_ACCESS_KEY), ("csrf", csrf), ("next", "")];
        assert_eq!(browser.post("/sign-in", &form).await.page().0, StatusCode::FORBIDDEN);
        assert!(!browser.cookies.lock().expect("it is free").keys().any(|name| name.contains("session")));
        // the second time in a browser that is about to sign in
        browser.get(&format!("{}/sign-in", connector.origin)).await.page();
    }
    let form = [("key", FULL_ACCESS_KEY), ("csrf", &*theirs), ("next", "")];
    assert_eq!(browser.post("/sign-in", &form).await.page().0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn who_opened_the_server_by_another_name_is_told_its_address() {
    let connector = Connector::start().await;
    let elsewhere = connector.origin.replace("127.0.0.1", "localhost");
    let browser = connector.browser();
    let (_, page) = browser.get(&format!("{}/sign-in", connector.origin)).await.page();
    let csrf = field(&page, "csrf");
    let form = [("key", FULL_ACCESS_KEY), ("csrf", &csrf), ("next", "")];
    let request = client().post(format!("{}/sign-in", connector.at)).header(header::ORIGIN, &elsewhere).form(&form);
    let response = browser.with_cookies(request).send().await.expect("it answers");
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    let page = response.text().await.expect("it is text");
    assert!(page.contains(&connector.origin) && page.contains("open the one above"), "{page}");
}

#[tokio::test]
async fn a_path_that_leads_nowhere_is_a_page_for_browsers_and_json_for_others() {
    let connector = Connector::start().await;
    let get = |accept: &'static str| {
        reqwest::Client::new().get(format!("{}/nope", connector.origin)).header(header::ACCEPT, accept).send()
    };
    let page = get("text/html,application/xhtml+xml").await.expect("it answers");
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    let page = page.text().await.expect("it is text");
    assert!(page.contains("There is no such page") && page.contains("without anything after the host"), "{page}");
    let json = get("*/*").await.expect("it answers").text().await.expect("it is text");
    assert_eq!(json, r#"{"error":{"status":404,"message":"Not Found"}}"#);
}

#[tokio::test]
async fn no_page_can_be_framed_or_run_a_script_of_others() {
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
        // the landing page, which says the same to everybody, copies texts
        let policy = if url == origin { policy.replace("; script-src 'self'", "") } else { policy.to_owned() };
        assert!(!policy.contains("script") && !policy.contains("unsafe"), "{url}: {policy}");
        assert_eq!(headers[header::X_FRAME_OPTIONS], "DENY", "{url}");
    }
}

#[tokio::test]
async fn a_session_that_was_fixed_before_signing_in_is_not_used() {
    let connector = Connector::public().await;
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
async fn a_server_on_another_port_that_gets_the_cookies_of_a_browser_can_do_nothing_with_them() {
    let connector = Connector::start().await;
    let (app, victim) = (connector.app(REDIRECT).await, connector.browser());
    let request = app.authorization_url("torii:read").0;
    let (_, page) = victim.get(request.as_str()).await.page();
    let (csrf, next) = (field(&page, "csrf"), field(&page, "next"));
    let keys = [("key", FULL_ACCESS_KEY), ("scim_key", ""), ("csrf", &*csrf), ("next", &*next)];
    let (status, consent) = victim.post("/sign-in", &keys).await.page();
    assert!(status == StatusCode::OK && consent.contains("value=\"allow\""), "{consent}");

    // browsers send cookies to every port of a host
    let thief = connector.browser();
    thief.cookies.lock().expect("it is free").clone_from(&victim.cookies.lock().expect("it is free"));
    for url in [request.as_str(), &format!("{}/connections", connector.origin)] {
        let (_, page) = thief.get(url).await.page();
        assert!(page.contains("name=\"key\""), "nobody is signed in: {page}");
    }
    let cookies = victim.cookies.lock().expect("it is free").clone();
    for csrf in cookies.values().chain([&csrf, &field(&page, "csrf")]) {
        let form = [("csrf", csrf.as_str()), ("next", &next), ("decision", "allow"), ("scope", "torii:read")];
        assert_eq!(thief.post("/oauth/authorize", &form).await.page().0, StatusCode::FORBIDDEN);
        let form = [("csrf", csrf.as_str()), ("id", "any")];
        assert_eq!(thief.post("/connections/end", &form).await.page().0, StatusCode::FORBIDDEN);
    }

    // the page itself counts, once: who refuses leaves nothing behind with which somebody else could allow
    let back = victim.decide(&consent, "deny", &[]).await.elsewhere();
    assert!(back.as_str().contains("error=access_denied"), "{back}");
    assert_eq!(victim.decide(&consent, "allow", READ).await.page().0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn over_http_a_page_of_connections_ends_one_and_a_sign_out_ends_the_page() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let tokens = app.connect(&browser, READ).await;
    let (_, page) = browser.get(&format!("{}/connections", connector.origin)).await.page();
    let (csrf, id) = (field(&page, "csrf"), field(&page, "id"));
    let (_, page) = browser.post("/connections/end", &[("csrf", &csrf), ("id", &id)]).await.page();
    assert!(page.contains("is disconnected"), "{page}");
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::UNAUTHORIZED);
    let (_, page) = browser.post("/connections/end", &[("csrf", &csrf), ("id", &id)]).await.page();
    assert!(page.contains("No assistant is connected"), "a page that is loaded again: {page}");
    let (_, page) = browser.post("/sign-out", &[("csrf", &csrf)]).await.page();
    assert!(page.contains("You are signed out"), "{page}");
    assert_eq!(browser.post("/connections/end", &[("csrf", &csrf), ("id", &id)]).await.page().0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn cookies_are_out_of_reach_of_scripts_and_other_sites() {
    let connector = Connector::start().await;
    let response = client().get(format!("{}/sign-in", connector.origin)).send().await.expect("it answers");
    let cookie = response.headers()[header::SET_COOKIE].to_str().expect("it is ASCII");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}

#[tokio::test]
async fn a_form_cannot_tick_what_the_operator_does_not_allow() {
    let connector = Connector::start_with(|settings| settings.scopes = crate::support::rights::scopes("torii:read")).await;
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
    let response =
        client().post(format!("{}/oauth/register", connector.origin)).json(&metadata).send().await.expect("it answers");
    let response: Value = response.json().await.expect("it is JSON");
    let browser = connector.signed_in().await;
    let app = connector.app(REDIRECT).await;
    let evil = "\"><script>alert(2)</script>\r\nset-cookie: a=b";
    let (mut url, _) = app.authorization_url("torii:read");
    let kept: Vec<(String, String)> =
        url.query_pairs().into_owned().filter(|(key, _)| !["client_id", "state"].contains(&key.as_str())).collect();
    url.query_pairs_mut().clear().extend_pairs(kept);
    url.query_pairs_mut().append_pair("client_id", response["client_id"].as_str().expect("an id")).append_pair("state", evil);
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
        let response = browser.with_cookies(request.form(&fields)).send().await.expect("it answers");
        assert!(response.headers().get(header::SET_COOKIE).is_none(), "{response:?}");
        let location = response.headers()[header::LOCATION].to_str().expect("it is ASCII");
        assert!(location.starts_with("https://app.example/cb?"), "{location}");
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
        client_credentials: None,
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
    assert!(parameter(&again, "code").is_some(), "the user is not asked twice: {again}");
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

#[tokio::test]
async fn nobody_is_led_away_by_an_error_before_somebody_has_signed_in() {
    let connector = Connector::start().await;
    let app = connector.app("https://evil.example/phish").await;
    let (mut url, _) = app.authorization_url("torii:read");
    for parameter in ["prompt=none", "request=x", "response_mode=fragment"] {
        url.set_query(Some(&format!("{}&{parameter}", url.query().unwrap_or_default())));
        assert_eq!(connector.browser().get(url.as_str()).await.page().0, StatusCode::BAD_REQUEST, "{parameter}");
    }
}

#[tokio::test]
async fn what_was_allowed_before_is_neither_ticked_nor_given_unasked() {
    let connector = Connector::start_with(|settings| {
        settings.clients = vec![Client {
            id: "hosted".to_owned(),
            name: "Hosted".to_owned(),
            origin: Origin::Configured,
            redirect_uris: vec![RedirectUri::parse("https://hosted.example/cb").expect("it is one")],
            authentication: Authentication::None,
            client_credentials: None,
        }];
    })
    .await;
    let (browser, app) = (connector.signed_in().await, connector.configured("hosted", "https://hosted.example/cb"));
    app.connect(&browser, &["torii:read", "torii:write"]).await;
    let (_, page) = browser.get(app.authorization_url("torii:read").0.as_str()).await.page();
    let ticked = |word: &str| {
        let input = page.split("<input").find(|input| input.contains(&format!("value=\"{word}\"")));
        input.is_some_and(|input| input.split('>').next().unwrap_or_default().contains("checked"))
    };
    assert!(ticked("torii:read") && !ticked("torii:write") && !ticked("torii:destroy"), "{page}");
    let same = browser.get(app.authorization_url("torii:write").0.as_str()).await.elsewhere();
    assert!(parameter(&same, "code").is_some(), "exactly what was allowed needs no asking");
}
