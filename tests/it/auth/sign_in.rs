//! From nothing to a connected assistant, and what may happen to the connection afterwards.

use openapi_mcp::mcp::Listing;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};
use torii_sample::{FULL_ACCESS_KEY, READ_ONLY_KEY, SCIM_KEY};

use crate::support::{
    app::parameter,
    assistant::content,
    rights::scopes,
    spawned::Deployment,
    test_server::{Connector, client, field},
};

const REDIRECT: &str = "http://127.0.0.1:7777/callback";
const READ: &[&str] = &["torii:read"];
const WRITE: &[&str] = &["torii:read", "torii:write"];

/// The tools that a response lists.
async fn names(response: reqwest::Response) -> Vec<String> {
    assert_eq!(response.status(), StatusCode::OK);
    let response: Value = response.json().await.expect("it is JSON");
    let tools = response["result"]["tools"].as_array().expect("it lists tools");
    tools.iter().map(|tool| tool["name"].as_str().expect("a tool has a name").to_owned()).collect()
}

fn challenge(response: &reqwest::Response) -> String {
    response
        .headers()
        .get(header::WWW_AUTHENTICATE)
        .map(|value| value.to_str().expect("it is ASCII").to_owned())
        .unwrap_or_default()
}

#[tokio::test]
async fn a_user_connects_an_assistant_and_it_calls_a_tool() {
    let connector = Connector::start().await;
    let app = connector.app(REDIRECT).await;
    let tokens = app.connect(&connector.signed_in().await, READ).await;
    assert!(tokens.access.starts_with("toriimcp_at_") && tokens.refresh.starts_with("toriimcp_rt_"), "{tokens:?}");
    assert_eq!(tokens.scope, "torii:read");
    let response: Value = app.call(&tokens.access, "get_app", json!({ "idApp": 1001 })).await.json().await.expect("it is JSON");
    assert_eq!(content(&response["result"])["app"]["id"], 1001, "{response}");
}

#[tokio::test]
async fn without_a_token_nothing_of_mcp_runs() {
    let connector = Connector::start().await;
    let url = connector.resource();
    let metadata = format!("resource_metadata=\"{}/.well-known/oauth-protected-resource/mcp\"", connector.origin);
    let http = client();
    for request in [
        http.post(&url),
        http.post(&url).body("not json"),
        http.get(&url),
        http.delete(&url),
        http.put(&url),
        http.post(format!("{url}?access_token=toriimcp_at_x")),
        http.post(&url).header("authorization", "Basic YTpi"),
    ] {
        let response = request.send().await.expect("it answers");
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{response:?}");
        assert_eq!(challenge(&response), format!("Bearer {metadata}, scope=\"torii:read\""));
    }
    for token in ["toriimcp_at_", "x", &format!("toriimcp_at_{}", "A".repeat(43)), ""] {
        let response = http.post(&url).header("authorization", format!("Bearer {token}")).send().await.expect("it answers");
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert!(challenge(&response).starts_with("Bearer error=\"invalid_token\""), "{token:?}: {response:?}");
    }
}

#[tokio::test]
async fn metadata_is_where_clients_look_and_says_the_same_everywhere() {
    let connector = Connector::start().await;
    let get = async |path: &str| {
        let response = client().get(format!("{}{path}", connector.origin)).header("origin", "https://any.example").send().await;
        let response = response.expect("it answers");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*", "{path}");
        response.json::<Value>().await.expect("it is JSON")
    };
    let resource = get("/.well-known/oauth-protected-resource").await;
    assert_eq!(resource, get("/.well-known/oauth-protected-resource/mcp").await);
    let server = get("/.well-known/oauth-authorization-server").await;
    let openid = get("/.well-known/openid-configuration").await;
    let also = ["jwks_uri", "subject_types_supported", "id_token_signing_alg_values_supported"].map(|name| {
        assert_eq!(server.get(name), None, "nothing is signed here");
        openid[name].clone()
    });
    assert_eq!(also, [json!(format!("{}/oauth/jwks", connector.origin)), json!(["public"]), json!(["RS256"])]);
    assert_eq!(get("/oauth/jwks").await, json!({ "keys": [] }));
    for (name, value) in server.as_object().expect("it is an object") {
        assert_eq!(openid[name], *value);
    }
    assert_eq!(resource["resource"], connector.resource());
    assert_eq!(resource["authorization_servers"], json!([server["issuer"]]));
    assert_eq!(server["issuer"], connector.origin);
}

#[tokio::test]
async fn the_list_shows_what_the_token_may_call_and_a_call_beyond_it_names_the_scopes() {
    let connector = Connector::start_on(|setup| setup.tool_policy.listing = Listing::All).await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let reader = app.connect(&browser, READ).await;
    let listed = names(app.list(&reader.access).await).await;
    assert!(listed.contains(&"list_apps".to_owned()) && !listed.contains(&"update_app".to_owned()), "{listed:?}");
    let refused = app.call(&reader.access, "update_app", json!({ "idApp": 1001 })).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let challenge = challenge(&refused);
    assert!(challenge.starts_with("Bearer error=\"insufficient_scope\""), "{challenge}");
    assert!(challenge.ends_with("scope=\"torii:read torii:write\""), "{challenge}");
    let writer = app.connect(&browser, WRITE).await;
    assert!(names(app.list(&writer.access).await).await.contains(&"update_app".to_owned()));
    assert_eq!(app.call(&writer.access, "delete_contract", json!({ "idContract": 5001 })).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_scope_that_the_server_does_not_offer_is_no_reason_to_sign_in_again() {
    let connector = Connector::start_with(|settings| settings.scopes = scopes("torii:read torii:write")).await;
    let app = connector.app(REDIRECT).await;
    let reader = app.connect(&connector.signed_in().await, READ).await;
    assert!(challenge(&app.call(&reader.access, "update_app", json!({ "idApp": 1001 })).await).contains("insufficient_scope"));
    let refused = app.call(&reader.access, "delete_contract", json!({ "idContract": 5001 })).await;
    assert_eq!((refused.status(), challenge(&refused)), (StatusCode::OK, String::new()), "nobody can allow it");
    let refused: Value = refused.json().await.expect("it is JSON");
    let text = "`delete_contract` needs the scopes `torii:read torii:write torii:destroy`, and this server does not offer all of \
                them; ask whoever runs it";
    assert_eq!(refused["error"]["message"], text);
}

#[tokio::test]
async fn consent_ticks_what_was_asked_for_and_never_what_destroys() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let ticked = async |asked: &str| {
        let (_, page) = browser.get(app.authorization_url(asked).0.as_str()).await.page();
        let boxes = page.split("<input").filter(|input| input.contains("name=\"scope\""));
        let ticked = boxes.filter(|input| input.split('>').next().unwrap_or_default().contains("checked"));
        ticked.filter_map(|input| input.split("value=\"").nth(1)?.split('"').next().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(ticked("").await, READ);
    assert_eq!(ticked("torii:read").await, READ);
    assert_eq!(ticked("torii:write").await, WRITE);
    assert_eq!(ticked("torii:destroy").await, WRITE);
}

#[tokio::test]
async fn somebody_who_says_no_sends_the_app_back_with_that() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    for (decision, scopes) in [("deny", READ), ("allow", &[])] {
        let (_, page) = browser.get(app.authorization_url("torii:read").0.as_str()).await.page();
        let back = browser.decide(&page, decision, scopes).await.elsewhere();
        assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));
        assert_eq!(parameter(&back, "state").as_deref(), Some("the state"));
        assert_eq!(parameter(&back, "iss"), Some(connector.origin.clone()));
        assert_eq!(parameter(&back, "code"), None);
    }
}

#[tokio::test]
async fn a_key_that_torii_refuses_does_not_sign_in() {
    let connector = Connector::start().await;
    let browser = connector.browser();
    let (status, page) = browser.sign_in("not-a-key", "").await.page();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("role=\"alert\"") && !page.contains("not-a-key"), "{page}");
    let (_, page) = browser.get(&format!("{}/connections", connector.origin)).await.page();
    assert!(page.contains("name=\"key\""), "still at the sign-in: {page}");
}

#[tokio::test]
async fn a_key_that_may_only_read_is_torii_s_to_judge() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.browser());
    browser.sign_in(READ_ONLY_KEY, "").await;
    let tokens = app.connect(&browser, WRITE).await;
    let response: Value =
        app.call(&tokens.access, "update_app", json!({ "idApp": 1001, "name": "x" })).await.json().await.expect("JSON");
    assert_eq!(response["result"]["isError"], true, "{response}");
}

#[tokio::test]
async fn scim_is_offered_to_who_brings_its_key() {
    let connector = Connector::start().await;
    let app = connector.app(REDIRECT).await;
    let asked = app.authorization_url("torii:read torii:scim").0;
    let (_, page) = connector.signed_in().await.get(asked.as_str()).await.page();
    assert!(!page.contains("value=\"torii:scim\"") && !page.contains("your access rule"), "{page}");
    let browser = connector.browser();
    browser.sign_in(FULL_ACCESS_KEY, SCIM_KEY).await;
    let tokens = app.connect(&browser, &["torii:read", "torii:scim"]).await;
    let response: Value = app.call(&tokens.access, "get_scim_config", json!({})).await.json().await.expect("it is JSON");
    assert_ne!(response["result"]["isError"], true, "{response}");
}

#[tokio::test]
async fn who_signed_in_without_the_key_for_scim_is_told_and_brings_it_for_the_same_request() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let said = "you signed in without it";
    let (_, page) = browser.get(app.authorization_url("torii:read").0.as_str()).await.page();
    assert!(!page.contains(said), "it was not asked for: {page}");
    let (_, page) = browser.get(app.authorization_url("torii:read torii:scim").0.as_str()).await.page();
    assert!(page.contains(said), "{page}");
    let again = page.split("href=\"/sign-in?").nth(1).and_then(|rest| rest.split('"').next()).expect("there is a way");
    let again = format!("{}/sign-in?{}", connector.origin, again.replace("&#38;", "&").replace("&amp;", "&"));
    let (_, page) = browser.get(&again).await.page();
    assert!(page.contains("<details open>"), "the other key is asked for: {page}");
    let (csrf, next) = (field(&page, "csrf"), field(&page, "next"));
    let keys = [("key", FULL_ACCESS_KEY), ("scim_key", SCIM_KEY), ("csrf", &csrf), ("next", &next)];
    let (_, page) = browser.post("/sign-in", &keys).await.page();
    assert!(page.contains("value=\"torii:scim\"") && !page.contains(said), "{page}");
    let back = browser.decide(&page, "allow", &["torii:read", "torii:scim"]).await.elsewhere();
    assert!(parameter(&back, "code").is_some(), "{back}");
}

#[tokio::test]
async fn a_connection_lives_by_its_refresh_tokens() {
    let connector = Connector::start().await;
    let app = connector.app(REDIRECT).await;
    let first = app.connect(&connector.signed_in().await, READ).await;
    connector.mock_clock.turn(3599);
    assert_eq!(app.list(&first.access).await.status(), StatusCode::OK);
    connector.mock_clock.turn(2);
    assert_eq!(app.list(&first.access).await.status(), StatusCode::UNAUTHORIZED, "an hour is over");
    let mut tokens = app.refresh(&first.refresh).await.expect("it counts");
    for _ in 0..5 {
        connector.mock_clock.turn(50 * 24 * 3600);
        tokens = app.refresh(&tokens.refresh).await.expect("each refresh token counts for sixty days");
    }
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK);
    connector.mock_clock.turn(61 * 24 * 3600);
    assert_eq!(app.refresh(&tokens.refresh).await.expect_err("it is too old")["error"], "invalid_grant");
    // many clients never register again, so the client that a user once allowed something is still known
    let again = app.connect(&connector.signed_in().await, READ).await;
    assert_eq!(app.list(&again.access).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_user_ends_a_connection_and_its_tokens_stop_working() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let tokens = app.connect(&browser, READ).await;
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK);
    let (_, page) = browser.get(&format!("{}/connections", connector.origin)).await.page();
    assert!(page.contains("A test app") && page.contains("the computer it was allowed from"), "{page}");
    assert!(page.contains("Holder of the key that ends in cess") && !page.contains(FULL_ACCESS_KEY), "{page}");
    let fields = [("id", field(&page, "id")), ("csrf", field(&page, "csrf"))];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let (_, page) = browser.post("/connections/end", &fields).await.page();
    assert!(!page.contains("name=\"id\""), "no connection is left: {page}");
    assert!(page.contains("is disconnected and can no longer use Torii"), "{page}");
    let (_, page) = browser.get(&format!("{}/connections", connector.origin)).await.page();
    assert!(!page.contains("is disconnected"), "it is said once: {page}");
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::UNAUTHORIZED);
    let refused = app.refresh(&tokens.refresh).await.expect_err("it is ended");
    let why = "the refresh token is not valid any more; sign in again";
    assert_eq!(refused, json!({ "error": "invalid_grant", "error_description": why }));
}

#[tokio::test]
async fn all_connections_of_an_app_are_ended_at_once_and_those_of_others_stay() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let metadata = json!({ "client_name": "Another app", "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none" });
    let other = connector.register(&metadata).await;
    let other = connector.configured(other["client_id"].as_str().expect("it has an id"), REDIRECT);
    let kept = other.connect(&browser, READ).await;
    let mut ended = Vec::new();
    for scopes in [READ, WRITE, READ] {
        ended.push(app.connect(&browser, scopes).await);
    }
    let (_, page) = browser.get(&format!("{}/connections", connector.origin)).await.page();
    let (_, card) = page.split_once("A test app").expect("it is listed");
    assert!(card.contains("end all 3 connections") && page.matches("value=\"all\"").count() == 1, "{page}");
    let fields = [("id", field(card, "id")), ("csrf", field(card, "csrf")), ("which", "all".to_owned())];
    let (_, page) =
        browser.post("/connections/end", &fields.each_ref().map(|(name, value)| (*name, value.as_str()))).await.page();
    assert!(page.contains("is disconnected and can no longer use Torii") && !page.contains("<h2><bdi>A test app"), "{page}");
    for tokens in ended {
        assert_eq!(app.list(&tokens.access).await.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(other.list(&kept.access).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_app_that_is_connected_twice_is_said_to_be_until_both_are_ended() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    for scopes in [READ, &["torii:read", "torii:write"]] {
        app.connect(&browser, scopes).await;
    }
    let end = async || {
        let (_, page) = browser.get(&format!("{}/connections", connector.origin)).await.page();
        let fields = [("id", field(&page, "id")), ("csrf", field(&page, "csrf"))];
        browser.post("/connections/end", &fields.each_ref().map(|(name, value)| (*name, value.as_str()))).await.page().1
    };
    let (_, page) = browser.get(&format!("{}/connections", connector.origin)).await.page();
    assert!(page.matches("<h2>").count() == 1 && page.contains("2 connections"), "both are listed as one app's: {page}");
    let page = end().await;
    assert!(page.contains("It can still use Torii, since it has 1 connection left"), "{page}");
    let page = end().await;
    assert!(page.contains("is disconnected and can no longer use Torii"), "{page}");
}

#[tokio::test]
async fn an_app_gives_its_tokens_back() {
    let connector = Connector::start().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let revoke = async |token: &str| {
        let form = [("token", token), ("client_id", &app.id)];
        client().post(format!("{}/oauth/revoke", connector.origin)).form(&form).send().await.expect("it answers").status()
    };
    let tokens = app.connect(&browser, READ).await;
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK);
    assert_eq!(revoke(&tokens.access).await, StatusCode::OK);
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::UNAUTHORIZED);
    let tokens = app.refresh(&tokens.refresh).await.expect("only the access token was revoked");
    assert_eq!(revoke(&tokens.refresh).await, StatusCode::OK);
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(revoke("unknown").await, StatusCode::OK, "RFC 7009, section 2.2");
}

#[tokio::test]
async fn signing_out_ends_the_session_and_not_the_connection() {
    let connector = Connector::public().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let tokens = app.connect(&browser, READ).await;
    let (_, page) = browser.get(&format!("{}/connections", connector.origin)).await.page();
    let (status, _) = browser.post("/sign-out", &[("csrf", &field(&page, "csrf"))]).await.page();
    assert_eq!(status, StatusCode::OK);
    let (_, page) = browser.get(&format!("{}/connections", connector.origin)).await.page();
    assert!(page.contains("name=\"key\""), "{page}");
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn who_is_to_sign_in_again_does_and_only_once() {
    let connector = Connector::public().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    for prompt in ["login", "select_account", "login consent"] {
        let (mut url, verifier) = app.authorization_url("torii:read");
        url.query_pairs_mut().append_pair("prompt", prompt);
        let (status, page) = browser.get(url.as_str()).await.page();
        assert!(status == StatusCode::OK && page.contains("name=\"key\""), "{prompt}: {page}");
        let fields = [("key", READ_ONLY_KEY), ("csrf", &field(&page, "csrf")), ("next", &field(&page, "next"))];
        let (status, page) = browser.post("/sign-in", &fields).await.page();
        assert!(status == StatusCode::OK && page.contains("name=\"decision\""), "{prompt}: {page}");
        let back = browser.decide(&page, "allow", READ).await.elsewhere();
        let code = parameter(&back, "code").unwrap_or_else(|| panic!("{prompt}: {back}"));
        app.redeem(&code, &verifier).await.expect("the code counts");
    }
}

#[tokio::test]
async fn somebody_else_signs_out_on_the_consent_page_and_goes_on_with_the_same_request() {
    let connector = Connector::public().await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let (_, page) = browser.get(app.authorization_url("torii:read").0.as_str()).await.page();
    let fields = [("csrf", field(&page, "csrf")), ("next", field(&page, "next"))];
    let (status, page) = browser.post("/sign-out", &fields.each_ref().map(|(name, value)| (*name, value.as_str()))).await.page();
    assert!(status == StatusCode::OK && page.contains("A test app") && page.contains("name=\"key\""), "{page}");
    let (_, other) = browser.get(&format!("{}/connections", connector.origin)).await.page();
    assert!(other.contains("name=\"key\""), "nobody is signed in: {other}");
    let fields = [("key", READ_ONLY_KEY), ("csrf", &field(&page, "csrf")), ("next", &field(&page, "next"))];
    let (_, page) = browser.post("/sign-in", &fields).await.page();
    assert!(page.contains("name=\"decision\""), "{page}");
}

#[tokio::test]
async fn a_request_is_called_what_a_proxy_of_ours_calls_it() {
    for (proxies, is_taken_over) in [(vec!["127.0.0.0/8".parse().expect("a network")], true), (Vec::new(), false)] {
        let connector = Connector::start_on(|setup| setup.trusted_proxies = proxies).await;
        let request = client().get(format!("{}/health/live", connector.origin)).header("x-request-id", "the-proxy-s");
        let response = request.send().await.expect("it answers");
        assert_eq!(response.headers()["x-request-id"] == "the-proxy-s", is_taken_over, "{response:?}");
    }
}

#[tokio::test]
async fn browsers_get_a_page_at_the_address_of_the_endpoint() {
    let connector = Connector::start().await;
    for path in ["/", "/mcp"] {
        let request = client().get(format!("{}{path}", connector.origin)).header("accept", "text/html,*/*;q=0.8");
        let response = request.send().await.expect("it answers");
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.text().await.expect("it is text").contains(&connector.resource()));
    }
}

#[tokio::test]
async fn a_server_is_ready_while_its_store_is_there() {
    let connector = Connector::start().await;
    for path in ["/health/live", "/health/ready"] {
        let response = client().get(format!("{}{path}", connector.origin)).send().await.expect("it answers");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_ends_what_a_user_has_and_their_browser_has_to_sign_in_again() {
    let deployment = std::sync::Arc::new(Deployment::new().await);
    let running = deployment.start().await;
    let (app, browser) = (running.app(REDIRECT).await, running.signed_in().await);
    let tokens = app.connect(&browser, READ).await;
    let listed = deployment.run(&["connections", "list", "--json"]);
    let listed: Value = serde_json::from_str(&listed.stdout).expect("it is JSON");
    let user = listed["connections"][0]["user"]["id"].as_str().expect("it names the user");
    let none = deployment.run(&["connections", "revoke", "--client", "unknown"]);
    assert_eq!((none.code, none.stdout.as_str()), (1, ""), "{}", none.stderr);
    let elsewhere = running.signed_in().await;
    let ended = deployment.run(&["connections", "revoke", "--user", user]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "connections ended: 1\n"), "{}", ended.stderr);
    assert_eq!(app.refresh(&tokens.refresh).await.expect_err("it is ended")["error"], "invalid_grant");
    for browser in [&browser, &elsewhere] {
        let (_, page) = browser.get(app.authorization_url("torii:read").0.as_str()).await.page();
        assert!(page.contains("name=\"key\""), "{page}");
    }
    let unknown = deployment.run(&["connections", "revoke", "--user", "nobody@example.com"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (1, ""), "{}", unknown.stderr);
}

#[tokio::test]
async fn nothing_redirects_where_clients_look_and_call() {
    let connector = Connector::start().await;
    for path in [
        "/mcp",
        "/mcp/",
        "//mcp",
        "/.well-known/oauth-protected-resource/",
        "/.well-known/oauth-protected-resource/mcp/",
        "/.well-known/x",
    ] {
        for method in [Method::GET, Method::POST, Method::HEAD] {
            let url = format!("{}{path}", connector.origin);
            let response = client().request(method.clone(), url).send().await.expect("it answers");
            assert!(!response.status().is_redirection(), "{method} {path}: {}", response.status());
        }
    }
}

#[tokio::test]
async fn over_https_cookies_are_bound_to_the_host() {
    let connector = Connector::start_on(|setup| setup.origin = Some("https://mcp.example.com".to_owned())).await;
    let response = client().get(format!("{}/sign-in", connector.at)).send().await.expect("it answers");
    let cookie = response.headers()[header::SET_COOKIE].to_str().expect("it is ASCII");
    assert!(
        cookie.starts_with("__Host-torii-mcp-csrf=") && cookie.contains("; Secure") && cookie.contains("; Path=/"),
        "{cookie}"
    );
    assert!(!cookie.contains("Domain"), "{cookie}");
}
