//! Access tokens of a real authorization server that is not ours, as assistants bring them.

use std::{collections::BTreeMap, fs};

use jsonwebtoken::Algorithm;
use mcp_oauth_server::{
    access::{AccessRules, Rule, Who},
    identity::External,
};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};
use tempfile::TempDir;
use torii_sample::{FULL_ACCESS_KEY, READ_ONLY_KEY};

use crate::support::{
    app::App,
    assistant::content,
    mock_api::Torii,
    process::Program,
    provider::{Provider, Sample},
    rights::{api_keys, scopes},
    test_server::{Connector, client},
};

fn accounts() -> Value {
    json!({
        "alice": { "name": "Alice", "email": "alice@example.com", "email_verified": true, "groups": ["admins"] },
        "bob": { "name": "Bob", "email": "bob@example.com", "email_verified": true, "groups": ["staff"] },
        "mallory": { "name": "Mallory", "groups": [] },
    })
}

/// The built program, for tokens of the provider.
fn start(provider: &Provider, sample: &Sample) -> (Program, TempDir) {
    let folder = TempDir::new().expect("a folder is made");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("it is written");
    write("full.key", FULL_ACCESS_KEY);
    write("read_only.key", READ_ONLY_KEY);
    let text = format!(
        r#"
        listen = "127.0.0.1:0"
        tools.listing = "all"
        [torii]
        api_url = "{torii}"
        [auth]
        mode = "external"
        [auth.external]
        issuer = "{issuer}"
        algorithms = ["RS256"]
        [keys.full]
        torii_key_file = "full.key"
        [keys.read_only]
        torii_key_file = "read_only.key"
        [[access.rules]]
        group = "admins"
        key = "full"
        scopes = ["torii:read", "torii:write"]
        [[access.rules]]
        group = "staff"
        key = "read_only"
        scopes = ["torii:write"]
        "#,
        torii = sample.url,
        issuer = provider.issuer
    );
    write("torii-mcp.toml", &text);
    let config = folder.path().join("torii-mcp.toml").display().to_string();
    (Program::start(&["serve", "--config", &config], &[]), folder)
}

fn challenge(response: &Response) -> &str {
    response.headers().get(header::WWW_AUTHENTICATE).map_or("", |value| value.to_str().expect("it is ASCII"))
}

async fn result(response: Response) -> Value {
    assert_eq!(response.status(), StatusCode::OK, "{response:?}");
    response.json::<Value>().await.expect("it is JSON")["result"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_another_server_act_with_the_rule_s_key_within_its_ceiling() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    let sample = Sample::start();
    let (server, _folder) = start(&provider, &sample);
    let origin = server.stderr.address();
    let (resource, app) = (format!("{origin}/mcp"), App::of(&origin, &origin, "assistant", ""));
    let update = json!({ "idApp": 1001, "name": "A new name" });

    let alice = provider.access_token("alice", &resource, "torii:read torii:write torii:destroy").await;
    let listed = result(app.list(&alice).await).await;
    let names: Vec<_> = listed["tools"].as_array().expect("tools").iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert!(names.contains(&"update_app") && !names.contains(&"delete_contract"), "{names:?}");
    let called = result(app.call(&alice, "update_app", update.clone()).await).await;
    assert_ne!(called["isError"], true, "with the full key: {called}");
    let refused = app.call(&alice, "delete_contract", json!({ "idContract": 5001 })).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert!(challenge(&refused).contains("scope=\"torii:read torii:write torii:destroy\""), "{refused:?}");

    let bob = provider.access_token("bob", &resource, "torii:read torii:write").await;
    let called = result(app.call(&bob, "update_app", update).await).await;
    assert_eq!(called["isError"], true, "with the key that only reads: {called}");
    let called = result(app.call(&bob, "get_app", json!({ "idApp": 1001 })).await).await;
    assert_eq!(content(&called)["app"]["id"], 1001, "{called}");

    // signing in again would not help, so nothing asks for it
    let mallory = provider.access_token("mallory", &resource, "torii:read").await;
    let refused = app.list(&mallory).await;
    assert_eq!((refused.status(), challenge(&refused)), (StatusCode::FORBIDDEN, ""));
    assert!(refused.text().await.expect("it is text").contains("ask whoever runs it"));

    let (_, logs) = server.end();
    for secret in [FULL_ACCESS_KEY, READ_ONLY_KEY, &alice, &bob] {
        assert!(!logs.contains(secret), "{logs}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_are_not_for_this_server_are_refused() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    let Some(other) = Provider::start(&accounts()) else { return };
    let sample = Sample::start();
    let (server, _folder) = start(&provider, &sample);
    let origin = server.stderr.address();
    let (resource, app) = (format!("{origin}/mcp"), App::of(&origin, &origin, "assistant", ""));
    let claims = |changes: Value| {
        let mut claims = json!({ "sub": "alice", "groups": ["admins"], "aud": resource, "scope": "torii:read" });
        let Value::Object(changes) = changes else { panic!("claims are an object") };
        claims.as_object_mut().expect("claims are an object").extend(changes);
        claims
    };
    let good = provider.sign("RS256", &claims(json!({})));
    assert_eq!(app.list(&good).await.status(), StatusCode::OK);

    let foreign_key = other.sign("RS256", &claims(json!({ "iss": provider.issuer })));
    let (signed, signature) = good.rsplit_once('.').expect("a token has three parts");
    let (foreign_signed, _) = foreign_key.rsplit_once('.').expect("a token has three parts");
    for (what, token) in [
        ("for another resource", provider.access_token("alice", "https://api.example.com/", "torii:read").await),
        ("of another server", other.access_token("alice", &resource, "torii:read").await),
        ("with another server's key", foreign_key.clone()),
        ("with another token's signature", format!("{foreign_signed}.{signature}")),
        ("without a signature", format!("{signed}.")),
        ("expired", provider.sign("RS256", &claims(json!({ "exp": 1_700_000_000 })))),
        ("without an end", provider.sign("RS256", &claims(json!({ "exp": null })))),
        ("not valid yet", provider.sign("RS256", &claims(json!({ "nbf": 4_000_000_000_i64 })))),
        ("for an audience that begins alike", provider.sign("RS256", &claims(json!({ "aud": format!("{resource}/x") })))),
        ("without an audience", provider.sign("RS256", &claims(json!({ "aud": null })))),
        ("bound to a key", provider.sign("RS256", &claims(json!({ "cnf": { "jkt": "x" } })))),
        ("about nobody", provider.sign("RS256", &claims(json!({ "sub": "" })))),
        ("with an algorithm that is not configured", provider.sign("ES256", &claims(json!({})))),
        ("with a shared secret", provider.sign("HS256", &claims(json!({})))),
        ("with no algorithm", provider.sign("none", &claims(json!({})))),
    ] {
        let refused = app.list(&token).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED, "{what}");
        let metadata = format!("resource_metadata=\"{origin}/.well-known/oauth-protected-resource/mcp\"");
        let expected = format!("Bearer error=\"invalid_token\", {metadata}, scope=\"torii:read\"");
        assert_eq!(challenge(&refused), expected, "{what}");
    }

    let without_scopes = provider.sign("RS256", &claims(json!({ "scope": "openid email" })));
    assert_eq!(result(app.list(&without_scopes).await).await["tools"], json!([]));
    let refused = app.call(&without_scopes, "get_app", json!({ "idApp": 1001 })).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert!(
        challenge(&refused).contains("error=\"insufficient_scope\"") && challenge(&refused).ends_with("scope=\"torii:read\"")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_another_server_there_are_no_endpoints_of_ours_and_its_name_is_told() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    let sample = Sample::start();
    let (server, _folder) = start(&provider, &sample);
    let origin = server.stderr.address();
    for path in ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"] {
        let response = client().get(format!("{origin}{path}")).send().await.expect("it answers");
        let document: Value = response.json().await.expect("it is JSON");
        assert_eq!(document["authorization_servers"], json!([provider.issuer]));
        assert_eq!(document["resource"], format!("{origin}/mcp"));
    }
    let http = client();
    for path in [
        "/.well-known/oauth-authorization-server",
        "/.well-known/openid-configuration",
        "/oauth/authorize",
        "/oauth/token",
        "/oauth/register",
        "/oauth/revoke",
        "/sign-in",
        "/sign-in/callback",
        "/sign-out",
        "/connections",
        "/connections/end",
    ] {
        for request in [http.get(format!("{origin}{path}")), http.post(format!("{origin}{path}"))] {
            assert_eq!(request.send().await.expect("it answers").status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
    let landing = http.get(&origin).header("accept", "text/html").send().await.expect("it answers");
    let page = landing.text().await.expect("it is text");
    assert!(!page.contains("Nobody signs in here") && !page.contains("/connections"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_keys_of_the_other_server_count_and_its_old_ones_do_not() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    let scopes = scopes("torii:read");
    let external = External {
        issuer: provider.issuer.clone(),
        jwks_url: None,
        audience: Some("torii".to_owned()),
        algorithms: vec![Algorithm::RS256],
        groups_claim: "groups".to_owned(),
        email_claims: vec!["email".to_owned()],
        scopes,
        access: AccessRules {
            rules: vec![Rule { who: Who::Group("admins".to_owned()), key: "full".to_owned(), scopes }],
            roles: None,
        },
        keys: BTreeMap::from([("full".to_owned(), api_keys(FULL_ACCESS_KEY))]),
    };
    let connector = Connector::start_on(|setup| setup.external = Some(external)).await;
    connector.mock_clock.turn_to_now();
    let app = connector.configured("assistant", "");
    let token = |number: u32| {
        let claims = json!({ "sub": "alice", "groups": ["admins"], "aud": "torii", "scope": "torii:read", "jti": number });
        provider.sign("RS256", &claims)
    };
    let (first, second, third) = (token(1), token(2), token(3));
    provider.tell("down");
    assert_eq!(app.list(&first).await.status(), StatusCode::SERVICE_UNAVAILABLE, "its keys cannot be asked for");
    provider.tell("up");
    connector.mock_clock.turn(11);
    assert_eq!(app.list(&first).await.status(), StatusCode::OK);
    provider.tell("rotate");
    connector.mock_clock.turn(11);
    assert_eq!(app.list(&second).await.status(), StatusCode::OK, "nobody has heard of new keys yet");
    assert_eq!(app.list(&token(4)).await.status(), StatusCode::OK, "a new key is asked for");
    assert_eq!(app.list(&third).await.status(), StatusCode::UNAUTHORIZED, "the old one is gone");
}

/// What is known of a user in Torii.
fn user(email: &str, role: &str, lifecycle: &str) -> Value {
    json!({ "users": [{ "id": 1, "email": email, "role": role, "lifecycleStatus": lifecycle }] })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_in_torii_limits_users_of_another_server_and_is_asked_for_now_and_then() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    // each user once: a member with a role, one whose role is not named, one who has left, one of whom Torii cannot say it
    let torii = Torii::answering(|number, asked| {
        let (_, email) = asked.line.split_once("email=").expect("a user is asked for");
        let email = email.split('&').next().unwrap_or_default().replace("%40", "@");
        match number {
            1 => (StatusCode::OK, user(&email, "Guest", "active").to_string()),
            2 => (StatusCode::OK, user(&email, "Viewer", "offboarded").to_string()),
            3 => (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
            _ => (StatusCode::OK, user(&email, "Viewer", "active").to_string()),
        }
    });
    let scopes = scopes("torii:write");
    let external = External {
        issuer: provider.issuer.clone(),
        jwks_url: None,
        audience: Some("torii".to_owned()),
        algorithms: vec![Algorithm::RS256],
        groups_claim: "groups".to_owned(),
        email_claims: vec!["email".to_owned()],
        scopes,
        access: AccessRules {
            rules: vec![Rule { who: Who::Domain("example.com".to_owned()), key: "full".to_owned(), scopes }],
            roles: Some(BTreeMap::from([("viewer".to_owned(), crate::support::rights::scopes("torii:read"))])),
        },
        keys: BTreeMap::from([("full".to_owned(), api_keys(FULL_ACCESS_KEY))]),
    };
    let url = torii.url.clone();
    let connector = Connector::start_on(|setup| {
        setup.external = Some(external);
        setup.torii = Some(url);
    })
    .await;
    connector.mock_clock.turn_to_now();
    let app = connector.configured("assistant", "");
    let token = |subject: &str, number: u32| {
        let claims = json!({
            "sub": subject, "email": format!("{subject}@example.com"), "aud": "torii", "scope": "torii:read torii:write", "jti": number
        });
        provider.sign("RS256", &claims)
    };
    let names = async |token: &str| {
        let listed = result(app.list(token).await).await;
        let tools = listed["tools"].as_array().expect("tools").clone();
        tools.iter().filter_map(|tool| tool["name"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    for number in 0..10 {
        let names = names(&token("alice", number)).await;
        assert!(names.contains(&"get_app".to_owned()) && !names.contains(&"update_app".to_owned()), "{names:?}");
    }
    let refused = app.call(&token("alice", 10), "update_app", json!({ "idApp": 1001, "name": "A new name" })).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN, "the role allows no more than reading");
    assert_eq!(torii.asked().len(), 1, "eleven tokens of one user are one question");
    assert!(torii.asked()[0].line.contains("/users?email=alice%40example.com"), "{:?}", torii.asked());
    assert_eq!(torii.asked()[0].key(), Some(format!("Bearer {FULL_ACCESS_KEY}").as_str()), "with the rule's key");

    for (subject, what) in [("guest", "a role that is not named"), ("left", "somebody who has left")] {
        for number in 0..3 {
            let refused = app.list(&token(subject, number)).await;
            assert_eq!((refused.status(), challenge(&refused)), (StatusCode::FORBIDDEN, ""), "{what}");
        }
    }
    assert_eq!(torii.asked().len(), 3, "what Torii said is heeded for those, too");
    assert_eq!(app.list(&token("late", 0)).await.status(), StatusCode::SERVICE_UNAVAILABLE, "not to know is not to refuse");
    connector.mock_clock.turn(11);
    assert_eq!(app.list(&token("late", 1)).await.status(), StatusCode::OK, "and is remembered for ten seconds");
    assert_eq!(torii.asked().len(), 5);
}
