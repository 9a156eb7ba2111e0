//! The configuration changes while the program runs.

use std::{fs, sync::Arc};

use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use torii_sample::FULL_ACCESS_KEY;

use super::{READ, REDIRECT};
use crate::support::{
    app::App,
    spawned::{Deployment, ORIGIN, Running},
    test_server::client,
};

/// Has the program read its configuration again, for the `nth` time, and waits for what it says.
fn reload(running: &Running, says: &str, nth: usize) {
    running.program.send_hang_up();
    running.program.stderr.wait_for(|text, _| (text.matches(says).count() == nth).then_some(()));
}

const RELOADED: &str = "the configuration is reloaded";

async fn tools(app: &App, access: &str) -> Vec<String> {
    let response = app.list(access).await;
    assert_eq!(response.status(), StatusCode::OK);
    let listed: Value = response.json().await.expect("it is JSON");
    let tools = listed["result"]["tools"].as_array().expect("it lists tools").iter();
    tools.map(|tool| tool["name"].as_str().expect("it has a name").to_owned()).collect()
}

/// What the authorization endpoint answers for a client.
async fn authorize(running: &Running, client_id: &str) -> StatusCode {
    let url = App::of(&running.at, ORIGIN, client_id, REDIRECT).authorization_url("torii:read").0;
    let url = format!("{}{}?{}", running.at, url.path(), url.query().unwrap_or_default());
    client().get(url).header(header::HOST, "localhost").send().await.expect("it answers").status()
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_and_clients_change_while_connections_stay() {
    let deployment = Arc::new(Deployment::new().await);
    deployment.configure("[tools]\nlisting = \"all\"\ntoolsets = [\"apps\"]");
    let running = deployment.start().await;
    let (app, browser) = (running.app(REDIRECT).await, running.signed_in().await);
    let tokens = app.connect(&browser, READ).await;
    // the line at the start counts the tools that are offered, not all
    let listed = deployment.run(&["tools", "--json"]);
    let listed: Value = serde_json::from_str(&listed.stdout).expect("it is JSON");
    let n_apps = listed["tools"].as_array().expect("it is a list").iter().filter(|tool| tool["toolset"] == "apps").count();
    running.program.stderr.wait_for(|text, _| text.contains(&format!(" tools={n_apps}\n")).then_some(()));
    let has = |tools: &[String], name: &str| tools.iter().any(|tool| tool == name);
    let before = tools(&app, &tokens.access).await;
    assert!(has(&before, "list_apps") && !has(&before, "list_contracts"), "{before:?}");
    assert_eq!(authorize(&running, "nightly").await, StatusCode::BAD_REQUEST);

    let client = format!("[[clients]]\nid = \"nightly\"\nredirect_uris = [\"{REDIRECT}\"]");
    deployment.configure(&format!("limits.drain = \"1s\"\n[tools]\nlisting = \"all\"\ntoolsets = [\"contracts\"]\n{client}"));
    reload(&running, RELOADED, 1);
    let after = tools(&app, &tokens.access).await;
    assert!(!has(&after, "list_apps") && has(&after, "list_contracts"), "{after:?}");
    assert_ne!(authorize(&running, "nightly").await, StatusCode::BAD_REQUEST);
    let (_, page) = browser.get(app.authorization_url("torii:read").0.as_str()).await.page();
    assert!(!page.contains("name=\"key\""), "the browser is still signed in: {page}");

    deployment.configure("[tools]\nlisting = \"everything\"\ntoolsets = [\"nothing\"]");
    reload(&running, "the configuration before stays in effect", 1);
    assert_eq!(tools(&app, &tokens.access).await, after, "a wrong configuration changes nothing");
    let (_, stderr) = running.program.end();
    for problem in ["`tools.listing` (torii-mcp.toml:2) must be one of", "`tools.toolsets"] {
        assert!(stderr.contains(&format!("the configuration is not reloaded: {problem}")), "{stderr}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_opened_once_changes_at_a_restart_only() {
    let mut deployment = Deployment::new().await;
    deployment.set("TORII_API_KEY", FULL_ACCESS_KEY);
    let deployment = Arc::new(deployment);
    let running = deployment.start().await;
    let changes = "[limits]\nconnections = 7\nrequests_per_minute = 9\n[access]\nrole_ttl = \"0s\"\n[torii]\nuser_share = 0.2\n[tools]\nread_only = true";
    deployment.configure(changes);
    reload(&running, RELOADED, 1);
    deployment.configure("[auth]\nmode = \"none\"");
    reload(&running, "stays in effect", 1);
    let (_, stderr) = running.program.end();
    for key in ["limits.connections", "access.role_ttl", "torii.user_share"] {
        assert!(stderr.contains(&format!("`{key}` has changed, which takes effect at a restart only")), "{key}: {stderr}");
    }
    assert!(!stderr.contains("`limits.requests_per_minute` has changed"), "{stderr}");
    assert!(stderr.contains("`auth.mode` changes only at a restart"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_gets_quieter_and_louder() {
    let deployment = Arc::new(Deployment::new().await);
    let running = deployment.start().await;
    deployment.configure("log = \"warn\"\nlimits.connections = 7");
    reload(&running, "takes effect at a restart only", 1);
    deployment.configure("log = \"info\"");
    reload(&running, RELOADED, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_replaced() {
    let mut deployment = Deployment::new().await;
    let path = deployment.folder.path().join("key");
    fs::write(&path, "wrong").expect("the file is written");
    deployment.set("TORII_MCP_AUTH_MODE", "none");
    deployment.set("TORII_API_KEY_FILE", path.to_str().expect("it is text"));
    let deployment = Arc::new(deployment);
    let running = deployment.start().await;
    let app = App::of(&running.at, ORIGIN, "", REDIRECT);
    let is_error = async || {
        let response: Value = app.call("", "list_apps", json!({ "size": 1 })).await.json().await.expect("it is JSON");
        response["result"]["isError"] == true
    };
    assert!(is_error().await, "torii knows no such key");
    fs::write(&path, FULL_ACCESS_KEY).expect("the file is written");
    reload(&running, RELOADED, 1);
    assert!(!is_error().await, "and this one it knows");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metadata_of_a_client_that_the_operator_keeps_comes_and_goes() {
    let deployment = Arc::new(Deployment::new().await);
    let id = "https://assistant.invalid/client.json";
    let document = json!({ "client_id": id, "client_name": "Kept", "redirect_uris": [REDIRECT] }).to_string();
    let path = deployment.folder.path().join("client.json");
    fs::write(&path, document).expect("the file is written");
    let running = deployment.start().await;
    assert_eq!(authorize(&running, id).await, StatusCode::BAD_REQUEST, "nobody can fetch it");
    let client = format!("[[clients]]\nid = \"{id}\"\nmetadata_file = {:?}", path.display().to_string());
    deployment.configure(&client);
    reload(&running, RELOADED, 1);
    assert_eq!(authorize(&running, id).await, StatusCode::SEE_OTHER);
    deployment.configure("");
    reload(&running, RELOADED, 2);
    assert_eq!(authorize(&running, id).await, StatusCode::BAD_REQUEST, "it is not kept any more");
}
