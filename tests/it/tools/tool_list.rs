//! The short list, the tools behind it, and addresses that narrow both.

use std::collections::BTreeSet;

use mcp_http::protected_resource::ResourcePart;
use openapi_mcp::{
    catalog::Effect,
    mcp::{Listing, ToolPolicy},
    tool_filter::ToolFilter,
};
use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};

use crate::support::{
    app::{App, Tokens},
    assistant::{Called, Era, Server},
    test_server::{Connector, client},
};

const REDIRECT: &str = "https://assistant.example/callback";
const WRITE: &[&str] = &["torii:read", "torii:write"];

async fn names(response: Response) -> BTreeSet<String> {
    let response: Value = response.json().await.expect("it answers JSON");
    let tools = response["result"]["tools"].as_array().unwrap_or_else(|| panic!("no list: {response}"));
    tools.iter().map(|tool| tool["name"].as_str().expect("a tool has a name").to_owned()).collect()
}

async fn called(response: Response, tool: &str) -> Called {
    assert_eq!(response.status(), StatusCode::OK);
    Called::from_answer(tool, &response.json().await.expect("it answers JSON"))
}

/// An app at an address that ends like this, connected with these scopes.
async fn at(connector: &Connector, tail: &str, scopes: &[&str]) -> (App, Tokens) {
    let app = connector.app(REDIRECT).await.over(tail);
    let tokens = app.connect(&connector.signed_in().await, scopes).await;
    (app, tokens)
}

#[tokio::test]
async fn every_tool_that_reads_is_found_by_its_name_and_runs() {
    let server = Server::demo();
    for tool in torii_mcp::generated::catalog().expect("the catalog is whole").tools().iter().filter(|tool| !tool.default_listed)
    {
        let arguments = json!({ "query": tool.name, "limit": 1 });
        let found = server.call(Era::Modern, "find_tools", arguments).await.ok();
        let found = &found["tools"][0];
        assert_eq!(
            (&found["name"], &found["inputSchema"]),
            (&json!(tool.name), &Value::Object((**tool.listed_schema()).clone()))
        );
        let needs_nothing = tool.input_schema.get("required").is_none();
        if needs_nothing && found["run"] == "run_read_tool" {
            server.call(Era::Legacy, "run_read_tool", json!({ "tool": tool.name })).await.ok();
        }
    }
}

#[tokio::test]
async fn what_is_run_through_the_front_answers_as_if_it_were_called() {
    let server = Server::demo();
    let arguments = json!({ "idApp": 1001, "fields": ["id", "name"] });
    let direct = server.call(Era::Legacy, "get_app", arguments.clone()).await.ok();
    let run = json!({ "tool": "get_app", "arguments": arguments });
    assert_eq!(server.call(Era::Legacy, "run_read_tool", run).await.ok(), direct);
    let wrong = json!({ "tool": "get_app", "arguments": { "idApp": "x" } });
    let failure = server.call(Era::Legacy, "run_read_tool", wrong).await.failure();
    assert!(failure.starts_with("`idApp` must be a whole number"), "{failure}");
}

#[tokio::test]
async fn scopes_hold_for_what_is_run_through_the_front() {
    let connector = Connector::start().await;
    let (app, reader) = at(&connector, "/mcp", &["torii:read"]).await;
    let run = json!({ "tool": "update_app", "arguments": { "idApp": 1001 } });
    let refused = app.call(&reader.access, "run_write_tool", run.clone()).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let challenge = refused.headers()[header::WWW_AUTHENTICATE].to_str().expect("it is ASCII").to_owned();
    assert!(challenge.ends_with("scope=\"torii:read torii:write\""), "{challenge}");
    assert!(!names(app.list(&reader.access).await).await.contains("run_write_tool"));

    let (app, writer) = at(&connector, "/mcp", WRITE).await;
    assert!(names(app.list(&writer.access).await).await.contains("run_write_tool"));
    let response = app.call(&writer.access, "run_read_tool", run).await;
    assert!(called(response, "run_read_tool").await.failure().contains("run it with `run_write_tool`"));
}

#[tokio::test]
async fn an_address_for_reading_offers_and_grants_nothing_else() {
    let connector = Connector::start().await;
    let app = connector.app(REDIRECT).await.over("/mcp/read-only");
    let browser = connector.signed_in().await;
    let (url, verifier) = app.authorization_url("torii:read torii:write torii:destroy");
    let (_, page) = browser.get(url.as_str()).await.page();
    assert!(page.contains("torii:read") && !page.contains("value=\"torii:write\""), "{page}");
    // the form may have any content
    let back = browser.decide(&page, "allow", &["torii:read", "torii:write", "torii:destroy"]).await.elsewhere();
    let code = crate::support::app::parameter(&back, "code").expect("there is a code");
    let tokens = app.redeem(&code, &verifier).await.expect("the code counts");
    assert_eq!(tokens.scope, "torii:read");

    // a token that allows more does not, there
    let (_, writer) = at(&connector, "/mcp", WRITE).await;
    let listed = names(app.list(&writer.access).await).await;
    assert!(listed.contains("list_apps") && !listed.contains("run_write_tool"), "{listed:?}");
    for (tool, arguments) in [("update_user", json!({})), ("run_write_tool", json!({ "tool": "update_user", "arguments": {} }))] {
        let failure = called(app.call(&writer.access, tool, arguments).await, tool).await.failure();
        let why = "`update_user` is not offered here: only tools that read are; \
                   ask the user to connect again with the URL of this server without `/read-only`";
        assert_eq!(failure, why);
    }
    // the next step works
    let (app, writer) = at(&connector, "/mcp", WRITE).await;
    let failure = called(app.call(&writer.access, "update_user", json!({})).await, "update_user").await.failure();
    assert!(failure.starts_with("`idUser` is missing;"), "{failure}");
}

#[tokio::test]
async fn a_token_for_reading_can_be_had_from_a_connection_that_may_write() {
    let connector = Connector::start().await;
    let (app, writer) = at(&connector, "/mcp", WRITE).await;
    let resource = format!("{}/mcp/read-only", connector.origin);
    let fields = [("refresh_token", writer.refresh.as_str()), ("resource", &resource)];
    let reader = app.token("refresh_token", &fields).await.expect("it counts");
    assert_eq!(reader.scope, "torii:read");
    let failure = called(app.call(&reader.access, "update_user", json!({})).await, "update_user").await.failure();
    assert!(failure.starts_with("`update_user` is not offered here: only tools that read are;"), "{failure}");
    assert_eq!(app.refresh(&reader.refresh).await.expect("it counts").scope, "torii:read torii:write");
}

#[tokio::test]
async fn an_address_with_toolsets_offers_those_and_no_others() {
    let connector = Connector::start().await;
    let (app, tokens) = at(&connector, "/mcp?toolsets=contracts", WRITE).await;
    let listed = names(app.list(&tokens.access).await).await;
    let ours =
        torii_mcp::generated::catalog().expect("the catalog is whole").tools().iter().filter(|tool| tool.toolset == "contracts");
    let ours = ours.filter(|tool| tool.effect != Effect::Destroy).map(|tool| tool.name.clone());
    assert_eq!(listed, ours.chain(["query".to_owned()]).collect());
    let failure = called(app.call(&tokens.access, "list_apps", json!({})).await, "list_apps").await.failure();
    let why = "`list_apps` is not offered here: only the toolset `contracts` is; \
               ask the user to connect again with the URL of this server without `?toolsets=contracts`";
    assert_eq!(failure, why);
    // the next step works; without it, the token of the part allows no more at any URL
    let app = app.over("/mcp");
    assert_eq!(called(app.call(&tokens.access, "list_apps", json!({})).await, "list_apps").await.failure(), why);
    let (whole, tokens) = at(&connector, "/mcp", WRITE).await;
    called(whole.call(&tokens.access, "list_apps", json!({})).await, "list_apps").await.ok();

    let app = app.over("/mcp?toolsets=contarcts");
    let refused = app.list(&tokens.access).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    let text = refused.text().await.expect("it is text");
    assert!(text.contains("did you mean `contracts`?"), "{text}");
}

#[tokio::test]
async fn the_operators_ceiling_holds_whatever_the_address_and_the_scopes() {
    let toolsets = Some(BTreeSet::from(["apps".to_owned(), "users".to_owned()]));
    let tool_policy = ToolPolicy {
        tool_filter: ToolFilter(ResourcePart { toolsets, is_read_only: true }),
        listing: Listing::All,
        ..ToolPolicy::default()
    };
    let connector = Connector::start_on(|setup| setup.tool_policy = tool_policy).await;
    let metadata = format!("{}/.well-known/oauth-authorization-server", connector.at);
    let metadata: Value = client().get(metadata).send().await.expect("it answers").json().await.expect("it is JSON");
    assert_eq!(metadata["scopes_supported"], json!(["torii:read", "torii:scim", "offline_access"]));
    for tail in ["/mcp", "/mcp?toolsets=apps,contracts", "/mcp/read-only"] {
        let (app, tokens) = at(&connector, tail, &["torii:read"]).await;
        let listed = names(app.list(&tokens.access).await).await;
        let catalog = torii_mcp::generated::catalog().expect("the catalog is whole");
        let tools: Vec<_> = listed.iter().filter_map(|name| catalog.find(name)).collect();
        assert_eq!(tools.len() + 1, listed.len(), "no search is needed, and `query` is there");
        assert!(
            tools.iter().all(|tool| tool.effect == Effect::Read && ["apps", "users"].contains(&tool.toolset.as_str())),
            "{listed:?}"
        );
        let run = json!({ "tool": "list_contracts", "arguments": {} });
        let failure = called(app.call(&tokens.access, "run_read_tool", run).await, "run").await.failure();
        assert!(failure.ends_with("are; ask the operator of this server to offer it") || tail.contains("toolsets"), "{failure}");
        assert!(failure.contains("not offered here"), "{failure}");
    }
}

#[tokio::test]
async fn each_address_is_a_resource_of_its_own_to_clients() {
    let connector = Connector::start().await;
    for tail in ["/mcp", "/mcp/read-only", "/mcp?toolsets=apps,contracts", "/mcp/read-only?toolsets=users"] {
        let refused = client().post(format!("{}{tail}", connector.at)).send().await.expect("it answers");
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
        let challenge = refused.headers()[header::WWW_AUTHENTICATE].to_str().expect("it is ASCII").to_owned();
        let url = challenge.split('"').nth(1).expect("it names the metadata").to_owned();
        assert_eq!(url, format!("{}/.well-known/oauth-protected-resource{tail}", connector.origin));
        let metadata: Value = client().get(url).send().await.expect("it answers").json().await.expect("it is JSON");
        assert_eq!(metadata["resource"], format!("{}{tail}", connector.origin));
    }
}

#[tokio::test]
async fn names_of_toriis_own_server_find_and_call_our_tools() {
    let server = Server::demo();
    for (other, ours) in [
        ("get_app_fields", "list_app_fields"),
        ("get_contract_fields", "list_contract_fields"),
        ("get_audit_logs", "list_audit_logs"),
    ] {
        let called = server.call(Era::Legacy, other, json!({})).await.ok();
        assert_eq!(called, server.call(Era::Legacy, ours, json!({})).await.ok(), "{other}");
        for query in [other.to_owned(), other.replace('_', " ")] {
            let found = server.call(Era::Legacy, "find_tools", json!({ "query": query })).await.ok();
            assert_eq!(found["tools"][0]["name"], ours, "{query}: {found}");
        }
    }
}
