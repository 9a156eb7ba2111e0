//! On what a user allowed: for another redirect URI, another part of the resource, more, or longer.

use std::{collections::BTreeSet, time::Duration};

use mcp_oauth_server::{
    clients::client::{Authentication, Client, Origin},
    redirect::RedirectUri,
    settings::Embedded,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use torii_sample::FULL_ACCESS_KEY;

use super::{READ, REDIRECT, ask_with};
use crate::support::{
    app::{App, parameter},
    rights::scopes,
    test_server::{Browser, Connector, Ended, field},
};

const WRITE: &[&str] = &["torii:read", "torii:write"];

/// A client of the operator with two redirect URIs.
fn with_client(settings: &mut Embedded) {
    settings.clients = vec![Client {
        id: "hosted".to_owned(),
        name: "Hosted".to_owned(),
        origin: Origin::Configured,
        redirect_uris: ["https://hosted.example/cb", "https://hosted.example/other"]
            .map(|uri| RedirectUri::parse(uri).expect("it is one"))
            .to_vec(),
        authentication: Authentication::None,
        client_credentials: None,
    }];
}

/// Whether an app gets a code without a page.
async fn is_covered(app: &App, browser: &Browser) -> bool {
    match browser.get(app.authorization_url("torii:read").0.as_str()).await {
        Ended::Elsewhere(back) => parameter(&back, "code").is_some(),
        Ended::Page { .. } => false,
    }
}

async fn tools(app: &App, access: &str) -> BTreeSet<String> {
    let response: Value = app.list(access).await.json().await.expect("it is JSON");
    let tools = response["result"]["tools"].as_array().unwrap_or_else(|| panic!("{response}"));
    tools.iter().filter_map(|tool| tool["name"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn what_was_allowed_for_one_redirect_uri_and_part_is_asked_for_another() {
    let connector = Connector::start_with(with_client).await;
    let browser = connector.signed_in().await;
    let hosted = |uri: &str| connector.configured("hosted", uri);
    hosted("https://hosted.example/cb").connect(&browser, READ).await;
    assert!(is_covered(&hosted("https://hosted.example/cb"), &browser).await);
    assert!(!is_covered(&hosted("https://hosted.example/other"), &browser).await, "another redirect URI");
    assert!(!is_covered(&hosted("https://hosted.example/cb").over("/mcp?toolsets=apps"), &browser).await, "another part");
    hosted("https://hosted.example/cb").over("/mcp?toolsets=apps").connect(&browser, READ).await;
    assert!(is_covered(&hosted("https://hosted.example/cb").over("/mcp?toolsets=apps"), &browser).await);
}

#[tokio::test]
async fn a_signed_in_browser_is_sent_with_an_error_only_where_its_user_has_allowed_something() {
    let connector = Connector::public_with(with_client).await;
    let browser = connector.signed_in().await;
    let own = connector.app("https://evil.example/phish").await;
    for (name, value) in
        [("prompt", "none"), ("request", "x"), ("scope", "torii:none"), ("resource", "https://other.example/mcp")]
    {
        let ended = ask_with(&own, &browser, name, Some(value)).await;
        assert!(matches!(ended, Ended::Page { .. }), "{name}={value}: {ended:?}");
    }
    own.connect(&browser, READ).await;
    let back = ask_with(&own, &browser, "request", Some("x")).await.elsewhere();
    assert_eq!(parameter(&back, "error").as_deref(), Some("request_not_supported"));
    let other = connector.browser();
    other.sign_in(torii_sample::READ_ONLY_KEY, "").await;
    let ended = ask_with(&own, &other, "request", Some("x")).await;
    assert!(matches!(ended, Ended::Page { status: StatusCode::BAD_REQUEST, .. }), "another user has not: {ended:?}");
    // the operator's clients, and those on the user's machine
    for app in [connector.configured("hosted", "https://hosted.example/cb"), connector.app(REDIRECT).await] {
        let back = ask_with(&app, &other, "request", Some("x")).await.elsewhere();
        assert_eq!(parameter(&back, "error").as_deref(), Some("request_not_supported"));
    }
}

#[tokio::test]
async fn a_token_for_some_toolsets_is_counted_so_and_good_for_no_more_at_any_address() {
    let connector = Connector::start().await;
    let app = connector.app(REDIRECT).await;
    let browser = connector.signed_in().await;
    let catalog = torii_mcp::generated::catalog().expect("the catalog is whole");
    let count = |tail: &str| {
        let reads = |tool: &&openapi_mcp::catalog::Tool| catalog.scopes().text(tool.needs) == "torii:read";
        let of_part = |tool: &&openapi_mcp::catalog::Tool| tail == "/mcp" || tool.toolset == "apps";
        catalog.tools().iter().filter(reads).filter(of_part).count()
    };
    for tail in ["/mcp", "/mcp?toolsets=apps"] {
        let (_, page) = browser.get(app.clone().over(tail).authorization_url("torii:read").0.as_str()).await.page();
        assert!(page.contains(&format!("{} tools", count(tail))), "{tail}, {}: {page}", count(tail));
    }
    let narrow = app.clone().over("/mcp?toolsets=apps");
    let tokens = narrow.connect(&browser, WRITE).await;
    let refreshed = app.refresh(&tokens.refresh).await.expect("it counts");
    for (app, access) in [(&narrow, &tokens.access), (&app, &tokens.access), (&app, &refreshed.access)] {
        let listed = tools(app, access).await;
        assert!(listed.contains("list_apps") && !listed.iter().any(|name| name.contains("contract")), "{listed:?}");
        let response: Value = app.call(access, "list_contracts", json!({})).await.json().await.expect("it is JSON");
        assert_eq!(response["result"]["isError"], true, "{response}");
    }
    // in every way that leads to a tool
    for (method, params) in [
        ("tools/call", json!({ "name": "run_read_tool", "arguments": { "tool": "list_contracts", "arguments": {} } })),
        ("tools/call", json!({ "name": "find_tools", "arguments": { "query": "list_contracts" } })),
        ("prompts/list", json!({})),
        ("prompts/get", json!({ "name": "upcoming_renewals" })),
        ("resources/read", json!({ "uri": "torii://fields/contracts" })),
        ("resources/list", json!({})),
    ] {
        let response: Value = app.ask(&tokens.access, method, params.clone()).await.json().await.expect("it is JSON");
        let is_refused = response["error"].is_object() || response["result"]["isError"] == true;
        let text = response["result"].to_string();
        assert!(
            is_refused || !text.contains("list_contracts") && !text.contains("fields/contracts"),
            "{method} {params}: {response}"
        );
    }
    assert!(!tools(&app.clone().over("/mcp/read-only"), &tokens.access).await.contains("update_app"), "less at such an address");
    // a token for less from a connection that allows more
    let whole = app.connect(&browser, WRITE).await;
    let resource = format!("{}/mcp?toolsets=contracts", connector.origin);
    let fields = [("refresh_token", whole.refresh.as_str()), ("resource", &resource)];
    let less = app.token("refresh_token", &fields).await.expect("it counts");
    assert!(!tools(&app, &less.access).await.contains("list_apps"));
    assert!(tools(&app, &app.refresh(&less.refresh).await.expect("it counts").access).await.contains("find_tools"));
    // and never the other way round
    let fields = [("refresh_token", refreshed.refresh.as_str()), ("resource", &resource)];
    assert_eq!(app.token("refresh_token", &fields).await.expect_err("they have nothing in common")["error"], "invalid_target");
}

#[tokio::test]
async fn a_resource_is_known_in_capitals_and_the_bare_origin_is_told_what_is_right() {
    let connector = Connector::start_on(|setup| setup.origin = Some("https://mcp.example.com".to_owned())).await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    for same in ["HTTPS://mcp.example.com/mcp", "https://MCP.Example.COM/mcp", "https://mcp.example.com:443/mcp"] {
        let ended = ask_with(&app, &browser, "resource", Some(same)).await;
        assert!(matches!(ended, Ended::Page { status: StatusCode::OK, .. }), "{same}: {ended:?}");
    }
    for other in ["https://mcp.example.com", "https://mcp.example.com/"] {
        let back = ask_with(&app, &browser, "resource", Some(other)).await.elsewhere();
        let text = format!("tokens are for `https://mcp.example.com/mcp` only, not for `{other}`");
        assert_eq!(parameter(&back, "error").as_deref(), Some("invalid_target"));
        assert_eq!(parameter(&back, "error_description"), Some(text));
    }
    let back = ask_with(&app, &browser, "resource", Some("https://mcp.example.com/mcp?toolsets=none")).await.elsewhere();
    let text = "`https://mcp.example.com/mcp?toolsets=none` selects a toolset that does not exist here";
    assert_eq!(parameter(&back, "error_description").as_deref(), Some(text));
}

#[tokio::test]
async fn a_refresh_that_asks_for_a_scope_that_is_gone_fails_and_ends_nothing() {
    let connector = Connector::start().await;
    let app = connector.app(REDIRECT).await;
    let tokens = app.connect(&connector.signed_in().await, WRITE).await;
    let less = Connector::start_on(|setup| {
        setup.embedded = connector.embedded.clone();
        setup.embedded.scopes = scopes("torii:read");
        setup.origin = Some(connector.origin.clone());
        setup.mock_clock = connector.mock_clock.clone();
    })
    .await;
    let there = app.at(&less.at);
    for scope in ["torii:write", "torii:read torii:write"] {
        let fields = [("refresh_token", tokens.refresh.as_str()), ("scope", scope)];
        let refused = there.token("refresh_token", &fields).await.expect_err("it is gone");
        let text = "only `torii:read` can be granted; sign in again for more";
        assert_eq!(refused, json!({ "error": "invalid_scope", "error_description": text }));
    }
    assert_eq!(there.refresh(&tokens.refresh).await.expect("the rest is there").scope, "torii:read");
}

#[tokio::test]
async fn a_connection_ends_at_its_age_however_often_it_is_refreshed() {
    let day = 24 * 3600;
    let connector = Connector::start_with(|settings| settings.connection_max_age = Some(Duration::from_hours(90 * 24))).await;
    let app = connector.app(REDIRECT).await;
    let mut tokens = app.connect(&connector.signed_in().await, READ).await;
    for _ in 0..2 {
        connector.mock_clock.turn(44 * day);
        tokens = app.refresh(&tokens.refresh).await.expect("it is not so old yet");
    }
    connector.mock_clock.turn(2 * day - 60);
    let last = app.refresh(&tokens.refresh).await.expect("a minute is left");
    assert_eq!(app.list(&last.access).await.status(), StatusCode::OK);
    connector.mock_clock.turn(60);
    assert_eq!(app.list(&last.access).await.status(), StatusCode::UNAUTHORIZED, "though it would count for an hour");
    app.refresh(&last.refresh).await.expect_err("its user signs in again");
    // without a limit, as before the setting was made
    let app = connector.app(REDIRECT).await;
    let tokens = app.connect(&connector.signed_in().await, READ).await;
    let unlimited = Connector::start_on(|setup| {
        setup.embedded = connector.embedded.clone();
        setup.embedded.connection_max_age = None;
        setup.origin = Some(connector.origin.clone());
        setup.mock_clock = connector.mock_clock.clone();
    })
    .await;
    let there = app.at(&unlimited.at);
    connector.mock_clock.turn(50 * day);
    let tokens = there.refresh(&tokens.refresh).await.expect("it was used");
    connector.mock_clock.turn(50 * day);
    let tokens = there.refresh(&tokens.refresh).await.expect("it may become as old as it likes");
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::UNAUTHORIZED, "where there is a limit it counts at once");
}

#[tokio::test]
async fn after_a_connection_ended_for_its_age_nothing_but_a_sign_in_gives_a_new_one() {
    let connector = Connector::public_with(|settings| {
        with_client(settings);
        settings.connection_max_age = Some(Duration::from_hours(1));
    })
    .await;
    let (app, browser) = (connector.configured("hosted", "https://hosted.example/cb"), connector.signed_in().await);
    app.connect(&browser, READ).await;
    connector.mock_clock.turn(3599);
    assert!(is_covered(&app, &browser).await, "the sign-in counts for a second more");
    let (_, consent) = browser.get(app.authorization_url("torii:read torii:write").0.as_str()).await.page();
    connector.mock_clock.turn(1);
    let (url, _) = app.authorization_url("torii:read");
    let silent = browser.get(&format!("{url}&prompt=none")).await.elsewhere();
    assert_eq!(parameter(&silent, "error").as_deref(), Some("login_required"));
    let (_, page) = browser.decide(&consent, "allow", READ).await.page();
    assert!(page.contains("name=\"key\""), "it asks to sign in: {page}");
    let (_, page) = browser.get(url.as_str()).await.page();
    let (csrf, next) = (field(&page, "csrf"), field(&page, "next"));
    let fields = [("key", FULL_ACCESS_KEY), ("scim_key", ""), ("csrf", &csrf), ("next", &next)];
    let back = browser.post("/sign-in", &fields).await.elsewhere();
    assert!(parameter(&back, "code").is_some(), "what was allowed is remembered: {back}");
}
