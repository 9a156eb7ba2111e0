//! Every tool, called as an assistant would, through the built program and against the sample.
//!
//! Each toolset has a story of its own, in a sample of its own. A story that leaves out a tool fails, and so does a toolset
//! without a story. Where the program is built from another document, a story does without the tools that are gone.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::LazyLock,
};

use jsonschema::Validator;
use reqwest::Response;
use serde_json::{Value, json};
use torii_sample::{FULL_ACCESS_KEY, PREFIX, SCIM_KEY};

use crate::support::{
    assistant::{Called, Era, Server, Stdio},
    process::{Program, run},
};

mod stories;

/// The tools that are compiled in.
static TOOLS: LazyLock<BTreeMap<String, Tool>> = LazyLock::new(|| {
    let listed = run(&["tools", "--json"], &[]).stdout;
    let listed: Value = serde_json::from_str(&listed).expect("the tools are JSON");
    let tool = |tool: &Value| {
        let text = |field: &str| tool[field].as_str().expect("it is a text").to_owned();
        let schema = Some(&tool["outputSchema"]).filter(|schema| !schema.is_null());
        let response = schema.map(|schema| jsonschema::draft202012::new(schema).expect("the schema is one"));
        let takes = &tool["inputSchema"]["properties"];
        let [is_dry, is_confirmed] = ["dry_run", "confirmation"].map(|name| takes.get(name).is_some());
        assert_eq!(is_dry, text("effect") != "read", "{tool}");
        (text("name"), Tool { toolset: text("toolset"), method: text("method"), response, is_dry, is_confirmed })
    };
    listed["tools"].as_array().expect("there are tools").iter().map(tool).collect()
});

/// The tools whose operations the document had no more, by the program's own account.
static GONE: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let coverage = run(&["coverage", "--format", "json"], &[]).stdout;
    let coverage: Value = serde_json::from_str(&coverage).expect("the coverage is JSON");
    let operations = coverage["operations"].as_array().expect("there are operations").iter();
    let gone = operations.filter(|operation| operation["state"] == "removed");
    gone.filter_map(|operation| operation["tool"].as_str().map(str::to_owned)).collect()
});

struct Tool {
    toolset: String,
    method: String,
    /// Whether it can only show its request.
    is_dry: bool,
    /// Whether it is confirmed before it acts.
    is_confirmed: bool,
    /// What it says its responses are.
    response: Option<Validator>,
}

/// One sample, and what was done to it.
struct Story {
    sample: Program,
    server: Server,
    told: BTreeSet<String>,
}

impl Story {
    fn begin() -> Self {
        let sample = Program::start(&["sample", "--listen", "127.0.0.1:0"], &[]);
        let server = Server::with(&[
            ("TORII_API_URL", &sample.stdout.address()),
            ("TORII_API_KEY", FULL_ACCESS_KEY),
            ("TORII_SCIM_KEY", SCIM_KEY),
            ("TORII_RATE_LIMIT", "off"),
        ]);
        Self { sample, server, told: BTreeSet::new() }
    }

    async fn call(&self, tool: &str, arguments: Value) -> Called {
        self.server.call(Era::Modern, tool, arguments).await
    }

    /// Calls a tool that has to succeed, and checks its response against the schema that it announces. What it would send is looked
    /// at first, and confirmed where that is asked for.
    async fn ok(&mut self, tool: &str, mut arguments: Value) -> Value {
        let Tool { method, is_dry, is_confirmed, .. } = &TOOLS[tool];
        if *is_dry {
            arguments["dry_run"] = true.into();
            let shown = self.call(tool, arguments.clone()).await.ok();
            assert_eq!((&shown["sent"], &shown["request"]["method"]), (&json!(false), &json!(method)), "{tool}: {shown}");
            assert!(!shown.to_string().contains(FULL_ACCESS_KEY), "{tool}: {shown}");
            arguments["dry_run"] = false.into();
        }
        let mut response = self.call(tool, arguments.clone()).await.ok();
        // some values of update_app are confirmed, and these stories use none of them
        if *is_confirmed && tool != "update_app" {
            assert_eq!(response["sent"], false, "{tool}: {response}");
            arguments["confirmation"] = response["confirmation"].clone();
            response = self.call(tool, arguments).await.ok();
        }
        if let Some(schema) = &TOOLS[tool].response {
            let wrong: Vec<_> = schema.iter_errors(&response).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{tool} does not answer as announced: {wrong:?}: {response}");
        }
        self.told.insert(tool.to_owned());
        response
    }

    /// As [`Self::ok`], but nothing where the tool is gone.
    async fn unless_gone(&mut self, tool: &str, arguments: Value) -> Option<Value> {
        if GONE.contains(tool) { None } else { Some(self.ok(tool, arguments).await) }
    }

    /// Does in Torii itself, past the tools, what a user would do in its console.
    async fn by_hand(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}{PREFIX}{path}", self.sample.stdout.address());
        let sent = self.server.http().post(url).bearer_auth(FULL_ACCESS_KEY).json(body).send().await;
        let response = sent.and_then(Response::error_for_status).expect("the sample takes it");
        response.json().await.expect("the sample responses JSON")
    }

    /// Calls a tool that has to fail, for this reason.
    async fn fails(&self, tool: &str, mut arguments: Value, reason: &str) {
        let mut called = self.call(tool, arguments.clone()).await;
        if TOOLS.get(tool).is_some_and(|tool| tool.is_confirmed) && !called.is_error {
            arguments["confirmation"] = called.ok()["confirmation"].clone();
            called = self.call(tool, arguments).await;
        }
        let text = called.failure();
        assert!(text.contains(reason), "{tool}: {text}");
    }

    /// The latest entry of the audit log.
    async fn newest(&mut self) -> Value {
        self.ok("list_audit_logs", json!({ "size": 1 })).await["audit"][0].take()
    }

    fn end(self, toolset: &str) {
        let of_this = TOOLS.iter().filter(|(_, tool)| tool.toolset == toolset);
        let untold: Vec<_> = of_this.map(|(name, _)| name).filter(|name| !self.told.contains(*name)).collect();
        assert!(untold.is_empty(), "no call of {untold:?} in the story of `{toolset}`");
    }
}

/// One test for each toolset.
macro_rules! stories {
    ($($toolset:ident: $test:ident,)*) => {
        const TOOLSETS: &[&str] = &[$(stringify!($toolset)),*];

        $(#[tokio::test]
        async fn $test() {
            let mut story = Story::begin();
            stories::$toolset(&mut story).await;
            story.end(stringify!($toolset));
        })*
    };
}

stories! {
    access_requests: access_is_asked_for_by_policy_and_by_app,
    apps: an_app_is_found_added_described_and_filtered_by_a_field_of_the_tenants,
    audit: the_audit_log_narrows_and_pages,
    contracts: a_contract_is_written_with_the_tenants_fields_read_changed_and_deleted,
    files: a_file_comes_back_as_it_was_sent,
    integrations: uploaded_users_become_users_of_an_app,
    organization: the_extensions_settings_are_replaced_by_section,
    plugins: a_plugin_is_made_published_and_deleted,
    scim: a_member_comes_changes_and_goes,
    transactions: a_transaction_is_tied_and_untied_and_an_expense_file_is_read,
    users: a_user_leaves_an_app_is_offboarded_and_forgotten,
    workflows: workflows_run_with_what_triggers_them,
}

#[test]
fn every_toolset_has_a_story() {
    let toolsets: BTreeSet<_> = TOOLS.values().map(|tool| tool.toolset.as_str()).collect();
    assert_eq!(toolsets, TOOLSETS.iter().copied().collect());
}

#[test]
fn only_another_document_lacks_tools() {
    if option_env!("TORII_OPENAPI").is_some() {
        return;
    }
    assert!(GONE.is_empty(), "{GONE:?}");
    let lock = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/tools.lock.json")).expect("the lock is read");
    let lock: Value = serde_json::from_str(&lock).expect("the lock is JSON");
    let reviewed = lock["tools"].as_array().expect("there are tools").iter().map(|tool| tool["name"].as_str());
    assert!(reviewed.eq(TOOLS.keys().map(|name| Some(name.as_str()))), "not the tools of the lock: {:?}", TOOLS.keys());
}

#[tokio::test]
async fn lists_and_objects_may_arrive_as_such_or_as_json_in_a_string() {
    let mut story = Story::begin();
    let filters = json!([
        { "key": "state", "op": "anyOf", "value": ["sanctioned", "costOptimization"] },
        { "key": "activeUsersCount", "op": "gte", "value": 10 },
    ]);
    let aggs = json!({
        "field": "state",
        "aggregationType": "groupBy",
        "options": { "size": 10 },
        "aggs": { "field": "activeUsersCount", "aggregationType": "metric", "options": { "metricFunction": "max" } },
    });
    let plain = json!({
        "fields": ["id", "name", "activeUsersCount"], "filters": filters, "aggs": aggs,
        "sort": ["activeUsersCount:desc", "name:asc"], "size": 5,
    });
    let mut encoded = plain.clone();
    for (_, value) in encoded.as_object_mut().expect("it is an object").iter_mut().filter(|(_, value)| !value.is_number()) {
        *value = value.to_string().into();
    }
    let response = story.ok("list_apps", plain).await;
    let counts: Vec<_> =
        response["apps"].as_array().expect("there are apps").iter().map(|app| app["activeUsersCount"].as_u64()).collect();
    assert_eq!((counts.len(), counts.is_sorted_by(|one, two| one >= two)), (5, true));
    let groups = response["aggregations"].as_array().expect("there are groups");
    assert_eq!(groups.len(), 2);
    assert_eq!(groups.iter().filter_map(|group| group["groupCount"].as_u64()).sum::<u64>(), response["total"]);
    assert_eq!(story.ok("list_apps", encoded).await, response);
}

#[tokio::test]
async fn a_cursor_walks_all_users_once() {
    let mut story = Story::begin();
    let (mut ids, mut pages) = (BTreeSet::new(), Vec::new());
    let mut arguments = json!({ "view": "allUsers", "size": 300, "fields": ["email"], "sort": ["lastName:desc"] });
    loop {
        let page = story.ok("list_users", arguments.clone()).await;
        let users = page["users"].as_array().expect("there are users");
        pages.push(users.len());
        ids.extend(users.iter().map(|user| user["id"].as_u64()));
        match page.get("nextCursor").filter(|cursor| cursor.is_string()) {
            Some(cursor) => arguments["cursor"] = cursor.clone(),
            None => break,
        }
    }
    assert_eq!((pages, ids.len()), (vec![300, 300, 300, 300, 300, 300, 200], 2000));
}

#[test]
fn the_same_tools_answer_over_stdio() {
    let sample = Program::start(&["sample", "--listen", "127.0.0.1:0"], &[]);
    let address = sample.stdout.address();
    let key = torii_sample::READ_ONLY_KEY;
    let variables = [("TORII_API_URL", &*address), ("TORII_API_KEY", key), ("TORII_MCP_TOOLS_LISTING", "all")];
    let mut stdio = Stdio::start(&variables);
    let listed = stdio.ask("tools/list", &json!({}));
    let names = listed["result"]["tools"].as_array().expect("there are tools").iter().map(|tool| tool["name"].as_str());
    let of_toriis = names.filter(|name| *name != Some("query"));
    assert!(of_toriis.eq(TOOLS.keys().map(|name| Some(name.as_str()))));
    let app = stdio.call("get_app", &json!({ "idApp": 1001, "fields": ["id", "name"] })).ok();
    assert_eq!(app, json!({ "app": { "id": 1001, "name": "Slack" } }));
    let refused = stdio.call("update_app", &json!({ "idApp": 1001, "name": "x" })).failure();
    assert!(refused.contains("role") && refused.contains("read-only"), "{refused}");
    let keyless = stdio.call("list_scim_users", &json!({})).failure();
    assert!(keyless.contains("`TORII_SCIM_KEY`"), "{keyless}");
    assert_eq!(stdio.program.hang_up(), 0);
}
