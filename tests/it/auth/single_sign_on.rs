//! Users of a real identity provider: signing in on its pages, the rule's key and ceiling, their role in Torii, and what
//! can go wrong between the two servers.

use std::{collections::BTreeMap, fs, sync::Arc};

use mcp_http::secret::Secret;
use mcp_oauth_server::{
    access::{AccessRules, Rule, Who},
    identity::{LogoutEnds, Oidc},
    settings::SignIn,
};
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};
use tempfile::TempDir;
use torii_sample::{FULL_ACCESS_KEY, READ_ONLY_KEY};

use crate::support::{
    app::{App, parameter},
    assistant::content,
    postgres,
    process::Program,
    provider::{CLIENT_ID, CLIENT_SECRET, Provider, Sample},
    rights::{api_keys, scopes},
    test_server::{Browser, Connector, Ended, client, field},
};

// who is not let in, and errors of the provider
mod refusals;
// who is signed out while they sign in
mod meanwhile;
// responses of the provider, each for its own sign-in
mod responses;

const REDIRECT: &str = "http://127.0.0.1:7777/callback";
const WRITE: &[&str] = &["torii:read", "torii:write"];

/// Whom the provider knows.
fn accounts() -> Value {
    json!({
        "alice": { "name": "Alice", "email": "alice@example.com", "email_verified": true, "groups": ["admins", "staff"] },
        "bob": { "name": "Bob", "email": "bob@example.com", "email_verified": true, "groups": ["staff"] },
        "mallory": { "name": "Mallory", "email": "mallory@elsewhere.example", "email_verified": true },
        "eve": { "name": "Eve", "email": "eve@example.com", "email_verified": false },
        "noah": { "name": "Noah" },
    })
}

/// Rules for these users: by group, then by the domain of the address.
const RULES: &str = r#"
[[access.rules]]
group = "admins"
key = "full"
scopes = ["torii:read", "torii:write"]

[[access.rules]]
domain = "example.com"
key = "read_only"
scopes = ["torii:read", "torii:write", "torii:destroy"]
"#;

/// What its users know a server by.
const COMPANY: &str = "https://mcp.example.com";

/// The built program with its `torii-mcp.toml`, the sample and the provider.
struct Company {
    origin: &'static str,
    at: String,
    server: Program,
    _folder: TempDir,
}

impl Company {
    fn start(provider: &Provider, sample: &Sample, rules: &str, variables: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("a folder is made");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("it is written");
        write("client.secret", CLIENT_SECRET);
        write("full.key", FULL_ACCESS_KEY);
        write("read_only.key", READ_ONLY_KEY);
        let text = format!(
            "listen = '127.0.0.1:0'\npublic_url = '{COMPANY}'\ndata_dir = 'data'\ntools.listing = 'all'\n[torii]\napi_url = '{torii}'\n[auth]\nmode = 'oidc'\n\
             [auth.oidc]\nissuer = '{issuer}'\nclient_id = '{CLIENT_ID}'\nclient_secret_file = 'client.secret'\n\
             scopes = ['openid', 'profile', 'email', 'groups']\n\
             [keys.full]\ntorii_key_file = 'full.key'\n[keys.read_only]\ntorii_key_file = 'read_only.key'\n{rules}",
            torii = sample.url,
            issuer = provider.issuer
        );
        write("torii-mcp.toml", &text);
        let config = folder.path().join("torii-mcp.toml").display().to_string();
        let server = Program::start(&["serve", "--config", &config], variables);
        let at = server.stderr.wait_for(|text, _| {
            let (address, _) = text.split_once("listen=")?.1.split_once(' ')?;
            Some(format!("http://{address}"))
        });
        Self { origin: COMPANY, at, server, _folder: folder }
    }

    async fn app(&self) -> App {
        App::register(&self.at, self.origin, REDIRECT).await
    }

    /// A browser, and where it ends: a page of ours, or the app.
    async fn arrive(&self, provider: &Provider, app: &App, user: &str, scope: &str) -> (Browser, StatusCode, String) {
        let browser = Browser::of(&self.at, self.origin);
        let there = browser.get(app.authorization_url(scope).0.as_str()).await.elsewhere();
        let back = provider.sign_in(&there, user).await;
        let (status, page) = browser.get(back.as_str()).await.page();
        (browser, status, page)
    }

    /// A browser in which somebody has signed in.
    async fn signed_in(&self, provider: &Provider, user: &str) -> Browser {
        let browser = Browser::of(&self.at, self.origin);
        let there = browser.get(&format!("{}/sign-in", self.origin)).await.elsewhere();
        let (status, page) = browser.get(provider.sign_in(&there, user).await.as_str()).await.page();
        assert_eq!(status, StatusCode::OK, "{page}");
        browser
    }
}

/// What tools a token can list.
async fn tools(app: &App, token: &str) -> Vec<String> {
    let response: Value = app.list(token).await.json().await.expect("it is JSON");
    let tools = response["result"]["tools"].as_array().unwrap_or_else(|| panic!("{response}"));
    tools.iter().filter_map(|tool| tool["name"].as_str().map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn users_of_the_provider_act_with_their_rule_s_key_within_its_ceiling() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    let sample = Sample::start();
    let database = postgres::shared().map(postgres::Server::database);
    let variables: Vec<_> = database.iter().map(|url| ("TORII_MCP_STORE_URL", url.as_str())).collect();
    let company = Company::start(&provider, &sample, RULES, &variables);
    let app = company.app().await;

    let (browser, status, page) = company.arrive(&provider, &app, "alice", "torii:read torii:write torii:destroy").await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert!(page.contains("Alice") && page.contains("Sample Industries") && !page.contains("value=\"torii:destroy\""), "{page}");
    let tokens = app.connect(&browser, &["torii:read", "torii:write", "torii:destroy"]).await;
    assert_eq!(tokens.scope, "torii:read torii:write", "no more than the rule allows");
    let listed = tools(&app, &tokens.access).await;
    assert!(listed.contains(&"update_app".to_owned()) && !listed.contains(&"delete_contract".to_owned()), "{listed:?}");
    let update = json!({ "idApp": 1001, "name": "A new name" });
    let response: Value = app.call(&tokens.access, "update_app", update.clone()).await.json().await.expect("it is JSON");
    assert_ne!(response["result"]["isError"], true, "with the full key: {response}");
    let refused = app.call(&tokens.access, "delete_contract", json!({ "idContract": 5001 })).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);

    let (_, page) = browser.get(app.authorization_url("torii:read torii:destroy").0.as_str()).await.page();
    assert!(page.contains("you may not allow here (delete data)"), "{page}");

    // the other rule allows more, with a key that can do less
    let bob = company.signed_in(&provider, "bob").await;
    let tokens = app.connect(&bob, WRITE).await;
    let response: Value = app.call(&tokens.access, "update_app", update).await.json().await.expect("it is JSON");
    assert_eq!(response["result"]["isError"], true, "with the key that only reads: {response}");
    let response: Value = app.call(&tokens.access, "get_app", json!({ "idApp": 1001 })).await.json().await.expect("it is JSON");
    assert_eq!(content(&response["result"])["app"]["id"], 1001, "{response}");

    let (_, page) = bob.get(&format!("{}/connections", company.origin)).await.page();
    assert!(page.contains("Bob") && page.contains("A test app"), "{page}");
    let (_, logs) = company.server.end();
    for secret in [CLIENT_SECRET, FULL_ACCESS_KEY, READ_ONLY_KEY, &tokens.access] {
        assert!(!logs.contains(secret), "{logs}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_let_in_reads_why_and_what_to_do() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    let sample = Sample::start();
    let company = Company::start(&provider, &sample, RULES, &[]);
    let app = company.app().await;
    for (user, why) in
        [("mallory", "No access rule fits"), ("eve", "`email_verified` that is not true"), ("noah", "it sent no claim `email`")]
    {
        let (browser, status, page) = company.arrive(&provider, &app, user, "torii:read").await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{page}");
        assert!(page.contains(why) && page.contains("Ask whoever runs this server"), "{page}");
        let again = browser.get(&format!("{}/connections", company.origin)).await.elsewhere();
        assert!(again.as_str().starts_with(&provider.issuer), "nobody is signed in: {again}");
    }

    let browser = Browser::of(&company.at, company.origin);
    let there = browser.get(&format!("{}/sign-in", company.origin)).await.elsewhere();
    let (status, page) = browser.get(provider.cancel(&there).await.as_str()).await.page();
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(page.contains("You are not signed in") && page.contains("you cancelled"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_in_torii_limits_users_and_who_has_left_is_disconnected() {
    let sample = Sample::start();
    let (_, admin) = sample.user("idUsers=20001").await;
    let (id, viewer) = sample.user("idUsers=20064").await;
    let user = |email: &str| json!({ "name": email, "email": email, "email_verified": true });
    let accounts = json!({ "admin": user(&admin), "viewer": user(&viewer), "nobody": user("nobody@example.com") });
    let Some(provider) = Provider::start(&accounts) else { return };
    let rules = r#"
        [access]
        respect_torii_role = true
        role_ttl = "0s"
        [access.roles]
        admin = ["torii:read", "torii:write", "torii:destroy"]
        Viewer = ["torii:read"]
        [[access.rules]]
        domain = "example.com"
        key = "full"
        scopes = ["torii:read", "torii:write"]
    "#;
    let company = Company::start(&provider, &sample, rules, &[]);
    let app = company.app().await;
    let tokens = app.connect(&company.signed_in(&provider, "admin").await, WRITE).await;
    assert_eq!(tokens.scope, "torii:read torii:write", "the rule limits the role");
    let (_, status, page) = company.arrive(&provider, &app, "nobody", "torii:read").await;
    assert!(status == StatusCode::FORBIDDEN && page.contains("not a member of Torii"), "{page}");

    let browser = company.signed_in(&provider, "viewer").await;
    let tokens = app.connect(&browser, WRITE).await;
    assert_eq!(tokens.scope, "torii:read", "the role limits the rule");
    let tokens = app.refresh(&tokens.refresh).await.expect("they are still there");
    sample.set_lifecycle(id, "offboarded").await;
    let refused = app.refresh(&tokens.refresh).await.expect_err("they have left");
    assert_eq!(refused["error"], "invalid_grant");
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::UNAUTHORIZED, "the connection is ended");
    let (status, page) = browser.get(app.authorization_url("torii:read").0.as_str()).await.page();
    assert!(status == StatusCode::FORBIDDEN && page.contains("has left"), "a browser that is still signed in: {page}");
    sample.set_lifecycle(id, "active").await;
    assert!(app.refresh(&tokens.refresh).await.is_err(), "an ended connection does not come back");
    app.connect(&company.signed_in(&provider, "viewer").await, &["torii:read"]).await;
}

fn read(group: &str) -> Rule {
    Rule { who: Who::Group(group.to_owned()), key: "full".to_owned(), scopes: scopes("torii:read") }
}

/// The server in this process, for tests that hold its clock.
async fn in_process(provider: &Provider, logout_ends: LogoutEnds) -> Connector {
    let admins = Rule { scopes: scopes("torii:write"), ..read("admins") };
    let connector = Connector::public_with(|settings| {
        settings.sign_in = signs_in(provider, vec![admins], logout_ends);
        settings.keys = BTreeMap::from([("full".to_owned(), api_keys(FULL_ACCESS_KEY))]);
    })
    .await;
    connector.mock_clock.turn_to_now();
    connector
}

fn signs_in(provider: &Provider, rules: Vec<Rule>, logout_ends: LogoutEnds) -> SignIn {
    let oidc = Oidc {
        issuer: provider.issuer.clone(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: Secret::new(CLIENT_SECRET.to_owned()),
        scopes: ["openid", "profile", "email", "groups"].map(str::to_owned).to_vec(),
        groups_claim: "groups".to_owned(),
        email_claims: vec!["email".to_owned()],
        logout_ends,
    };
    SignIn::Oidc(oidc, AccessRules { rules, roles: None })
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_way_to_sign_in_changed_users_with_an_old_session_sign_in_in_the_new_way() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    let by_provider = in_process(&provider, LogoutEnds::Sessions).await;
    let by_key = Connector::start_on(|setup| {
        setup.embedded = by_provider.embedded.clone();
        setup.embedded.sign_in = SignIn::Keys(torii_mcp::torii::key_fields());
        setup.origin = Some(by_provider.origin.clone());
        setup.mock_clock = by_provider.mock_clock.clone();
    })
    .await;
    let app = by_provider.app(REDIRECT).await;
    let asks = app.authorization_url("torii:read").0;
    let (of_provider, there) = sent(&by_provider).await;
    of_provider.get(provider.sign_in(&there, "alice").await.as_str()).await.page();
    let of_key = Browser::of(&by_key.at, &by_key.origin);
    of_key.sign_in(FULL_ACCESS_KEY, "").await;
    // each comes to the other server, as after a restart with another mode
    let moved = |browser: &Browser, at: &str| {
        let moved = Browser::of(at, &by_provider.origin);
        moved.cookies.lock().expect("no test panics with it").extend(browser.cookies.lock().expect("nor with it").clone());
        moved
    };
    let (status, page) = moved(&of_provider, &by_key.at).get(asks.as_str()).await.page();
    assert!(status == StatusCode::OK && page.contains("name=\"key\""), "{status}: {page}");
    let there = moved(&of_key, &by_provider.at).get(asks.as_str()).await.elsewhere();
    assert!(there.as_str().starts_with(&provider.issuer), "{there}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_provider_signs_out_is_signed_out_here_and_stays_connected_unless_configured() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    for logout_ends in [LogoutEnds::Sessions, LogoutEnds::Connections] {
        let connector = in_process(&provider, logout_ends).await;
        let app = connector.app(REDIRECT).await;
        let (browser, there) = sent(&connector).await;
        browser.get(provider.sign_in(&there, "alice").await.as_str()).await.page();
        let tokens = app.connect(&browser, WRITE).await;
        let now = connector.mock_clock.now();
        let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
        let claims = json!({ "iss": provider.issuer, "aud": CLIENT_ID, "sub": "alice", "iat": now, "exp": now + 120,
                             "jti": format!("{logout_ends:?}"), "events": event });
        let post = async |token: &str| {
            let url = format!("{}/oauth/back-channel-logout", connector.at);
            client().post(url).form(&[("logout_token", token)]).send().await.expect("it answers")
        };
        let with = |name: &str, value: Value| {
            let mut claims = claims.clone();
            claims[name] = value;
            provider.sign("RS256", &claims)
        };
        let wrong = [
            ("not a token", "x.y.z".to_owned()),
            ("another issuer", with("iss", json!("https://other.example"))),
            ("another client", with("aud", json!("other"))),
            ("no event", with("events", json!({ "other": {} }))),
            ("an ID token", with("nonce", json!("n"))),
            ("nobody", with("sub", Value::Null)),
            ("no identifier", with("jti", Value::Null)),
            ("expired", with("exp", json!(now - 120))),
            ("without a signature", format!("{}.", with("jti", json!("other")).rsplit_once('.').expect("three parts").0)),
        ];
        for (what, token) in wrong {
            let refused = post(&token).await;
            assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{what}");
            let refused: Value = refused.json().await.expect("it is JSON");
            assert_eq!(refused["error"], "invalid_request", "{what}: {refused}");
        }
        let is_signed_in = async || matches!(browser.get(&format!("{}/connections", connector.origin)).await, Ended::Page { .. });
        assert!(is_signed_in().await);
        let token = provider.sign("RS256", &claims);
        let logged_out = post(&token).await;
        let (status, headers) = (logged_out.status(), logged_out.headers().clone());
        assert_eq!(status, StatusCode::OK, "{:?}", logged_out.text().await);
        assert_eq!(headers["cache-control"], "no-store");
        assert!(!is_signed_in().await);
        let expected = if logout_ends == LogoutEnds::Connections { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
        assert_eq!(app.list(&tokens.access).await.status(), expected, "{logout_ends:?}");
        let again: Value = post(&token).await.json().await.expect("it is JSON");
        assert_eq!(again["error_description"], "the logout token was used before");
    }
    let without = Connector::start().await;
    let url = format!("{}/oauth/back-channel-logout", without.at);
    assert_eq!(client().post(url).send().await.expect("it answers").status(), StatusCode::NOT_FOUND, "no provider, no endpoint");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_for_another_group_asks_those_to_sign_in_again_whom_it_may_concern() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    let first = in_process(&provider, LogoutEnds::Sessions).await;
    let sign_in = async |connector: &Connector| {
        let (browser, there) = sent(connector).await;
        browser.get(provider.sign_in(&there, "alice").await.as_str()).await.page();
        browser
    };
    let app = first.app(REDIRECT).await;
    let browser = sign_in(&first).await;
    let tokens = app.connect(&browser, WRITE).await;
    assert_eq!(tokens.scope, "torii:read torii:write");

    // the same server with other rules, as after a restart
    let with_rules = async |rules: Vec<Rule>| {
        Connector::start_on(|setup| {
            setup.embedded = first.embedded.clone();
            setup.embedded.sign_in = signs_in(&provider, rules, LogoutEnds::Sessions);
            setup.origin = Some(first.origin.clone());
            setup.mock_clock = first.mock_clock.clone();
        })
        .await
    };
    let admins = || Rule { scopes: scopes("torii:write"), ..read("admins") };
    let after = with_rules(vec![admins(), read("staff")]).await;
    assert_eq!(app.at(&after.at).list(&tokens.access).await.status(), StatusCode::OK, "an earlier rule decides for her");
    let before = with_rules(vec![read("staff"), admins()]).await;
    let app = app.at(&before.at);
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::UNAUTHORIZED);
    let error = app.refresh(&tokens.refresh).await.expect_err("it is not known whether she is one of the staff");
    assert_eq!(error["error"], "invalid_grant");
    let later = Browser::of(&before.at, &before.origin);
    later.cookies.lock().expect("it is free").clone_from(&browser.cookies.lock().expect("it is free"));
    let again = later.get(app.authorization_url("torii:read").0.as_str()).await.elsewhere();
    assert!(again.as_str().starts_with(&provider.issuer), "she signs in again: {again}");
    let back = provider.sign_in(&again, "alice").await;
    later.get(back.as_str()).await.page();
    assert_eq!(app.connect(&later, WRITE).await.scope, "torii:read", "the new rule comes first");
    assert_eq!(app.at(&first.at).list(&tokens.access).await.status(), StatusCode::OK, "nothing was ended");
    // nor by a replica whose rules do not let her in, as while replicas are reloaded one after the other
    let without = with_rules(Vec::new()).await;
    let refused = app.at(&without.at).refresh(&tokens.refresh).await.expect_err("no rule is for her");
    assert_eq!(refused["error"], "invalid_grant");
    let why = refused["error_description"].as_str().expect("it says why");
    assert!(why.ends_with("sign in again once that has changed"), "{why}");
    app.at(&first.at).refresh(&tokens.refresh).await.expect("the same token is valid where a rule lets her in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_down_or_has_new_keys_is_no_reason_to_restart() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    provider.tell("down");
    let connector = in_process(&provider, LogoutEnds::Sessions).await;
    let sign_in = format!("{}/sign-in", connector.origin);
    let (status, page) = connector.browser().get(&sign_in).await.page();
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.contains("cannot be reached at the moment") && page.contains("Try again in a minute"), "{page}");

    provider.tell("up");
    connector.mock_clock.turn(11);
    let sign_in_again = async |what: &str| {
        let browser = connector.browser();
        let there = browser.get(&sign_in).await.elsewhere();
        let (status, page) = browser.get(provider.sign_in(&there, "alice").await.as_str()).await.page();
        assert!(status == StatusCode::OK && page.contains("Alice"), "{what}: {page}");
    };
    sign_in_again("it is back").await;
    provider.tell("rotate");
    connector.mock_clock.turn(11);
    sign_in_again("its keys are new").await;

    // gone while a user is there, and for those who come then
    let browser = connector.browser();
    let there = browser.get(&sign_in).await.elsewhere();
    let back = provider.sign_in(&there, "alice").await;
    provider.tell("down");
    let (status, page) = browser.get(back.as_str()).await.page();
    assert!(status == StatusCode::SERVICE_UNAVAILABLE && page.contains("cannot be reached"), "{page}");
}

/// A browser that has been sent to the provider, and where.
async fn sent(connector: &Connector) -> (Browser, Url) {
    let browser = connector.browser();
    let there = browser.get(&format!("{}/sign-in", connector.origin)).await.elsewhere();
    (browser, there)
}

/// The address with another value of a parameter, or without it.
fn with(url: &Url, name: &str, value: Option<&str>) -> Url {
    let others: Vec<_> = url.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
    let mut changed = url.clone();
    changed.query_pairs_mut().clear().extend_pairs(others).extend_pairs(value.map(|value| (name, value)));
    changed
}
