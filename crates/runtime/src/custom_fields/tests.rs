//! Tests against a minimal fake Torii API that counts the requests for its fields.

use std::{
    sync::atomic::{AtomicI64, AtomicUsize, Ordering},
    time::SystemTime,
};

use axum::{
    Router,
    http::{HeaderMap, StatusCode, Uri, header::AUTHORIZATION},
    response::{IntoResponse, Response},
    routing::get,
};
use mcp_http::{clock::Clock, json::Json, scope::Scopes};
use reqwest::Url;
use tokio::net::TcpListener;

use crate::{
    custom_fields::*,
    error_texts::leads_on,
    testing::{api_keys, read_field, scopes},
    upstream::{Api, Limits},
};

/// The fixture of a test.
struct Stage {
    fields: CustomFields,
    n_read: Arc<AtomicUsize>,
    seconds: Arc<AtomicI64>,
    /// The status of the response that lists fields.
    status: Arc<AtomicUsize>,
}

fn metadata(own: &str) -> Value {
    json!({
        "predefinedFields": [
            { "name": "Name", "systemKey": "name", "type": "singleLine", "filterSystemKey": "name" },
            { "name": "Primary owner", "systemKey": "primaryOwner", "type": "user", "filterSystemKey": "primaryOwnerId" },
            { "name": "Active users", "systemKey": "activeUsersCount", "type": "number" },
        ],
        "customFields": [
            { "idField": 1, "name": "Annual\u{202e} budget\n", "systemKey": own, "type": "currency", "isDeleted": false },
            { "idField": 2, "name": "Gone", "systemKey": "c_gone", "type": "number", "isDeleted": true },
            { "idField": 3, "name": "No key", "systemKey": "c_\n", "type": "number" },
        ],
    })
}

/// Rejects unknown keys as Torii does, or ignores them if `q` says so.
async fn apps(uri: Uri) -> Response {
    let requested = uri.to_string();
    let passes = requested.contains("lenient");
    if !passes && (requested.contains("budgett") || requested.contains("wnr") || requested.contains("primaryOwner%22")) {
        return (StatusCode::BAD_REQUEST, Json(json!({ "message": "unknown field" }))).into_response();
    }
    Json(json!({ "apps": [{ "id": 1, "name": "A", "c_set": null }, { "id": 2, "name": "B" }], "nextCursor": null }))
        .into_response()
}

async fn stage() -> Stage {
    let (n_read, seconds, status) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicI64::new(1000)), Arc::new(AtomicUsize::new(200)));
    let (counter, answered) = (Arc::clone(&n_read), Arc::clone(&status));
    let listed = move |headers: HeaderMap| {
        counter.fetch_add(1, Ordering::SeqCst);
        let key = headers.get(AUTHORIZATION).unwrap().to_str().unwrap().replace("Bearer ", "").replace("-key", "");
        let status = StatusCode::from_u16(u16::try_from(answered.load(Ordering::SeqCst)).unwrap()).unwrap();
        async move { (status, Json(metadata(&format!("c_budget_{key}")))) }
    };
    let router = Router::new().route("/apps/metadata", get(listed)).route("/apps", get(apps));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let shown = Arc::clone(&seconds);
    let clock = Clock::new(move || SystemTime::UNIX_EPOCH + Duration::from_secs(shown.load(Ordering::SeqCst).unsigned_abs()));
    let upstream = Upstream::new(
        &Api { base: &url, functions: crate::testing::tool_fns(), user_agent: "test" },
        Limits { is_rate_limited: false, ..Limits::default() },
        clock,
        || 0.5,
    )
    .unwrap();
    Stage { fields: CustomFields::new(crate::testing::catalog(), upstream, read_field), n_read, seconds, status }
}

fn caller(key: &str) -> Caller {
    Caller::new(api_keys(&format!("{key}-key")))
}

impl Stage {
    async fn own(&self, key: &str) -> String {
        let known = self.fields.read("apps", &caller(key)).await.unwrap().unwrap();
        known.fields.iter().find(|field| field.is_custom).unwrap().key.clone()
    }

    fn n_read(&self) -> usize {
        self.n_read.load(Ordering::SeqCst)
    }

    fn tool(&self, name: &str) -> &'static Tool {
        self.fields.catalog.find(name).unwrap()
    }

    async fn call(&self, tool: &str, arguments: Value, caller: &Caller) -> Outcome {
        let tool = self.tool(tool);
        self.fields.call(tool, caller, Arguments::check(tool, arguments.as_object().unwrap().clone()).unwrap()).await
    }

    async fn refused(&self, arguments: Value) -> String {
        self.call("list_apps", arguments, &caller("a")).await.unwrap_err().to_string()
    }

    async fn note(&self, arguments: Value) -> Option<String> {
        let (tool, caller) = (self.tool("list_apps"), caller("a"));
        let requested = RequestedKeys::of(tool, arguments.as_object().unwrap());
        let output = self.call("list_apps", arguments, &caller).await.unwrap();
        self.fields.note(&requested, tool, &caller, &output).await
    }
}

#[tokio::test]
async fn fields_are_read_once_for_each_key_and_never_shared_between_keys() {
    let stage = stage().await;
    assert_eq!((stage.own("a").await, stage.own("b").await, stage.own("a").await).1, "c_budget_b");
    assert_eq!((stage.own("a").await.as_str(), stage.n_read()), ("c_budget_a", 2));
}

#[tokio::test]
async fn who_asks_at_the_same_time_waits_for_the_same_answer() {
    let stage = stage().await;
    let many: Vec<_> = (0..20).map(|_| stage.own("a")).collect();
    for own in many {
        assert_eq!(own.await, "c_budget_a");
    }
    let (one, other, third) = tokio::join!(stage.own("b"), stage.own("b"), stage.own("b"));
    assert_eq!((one.as_str(), other.as_str(), third.as_str(), stage.n_read()), ("c_budget_b", "c_budget_b", "c_budget_b", 2));
}

#[tokio::test]
async fn what_is_known_lasts_a_quarter_of_an_hour() {
    let stage = stage().await;
    stage.own("a").await;
    stage.seconds.fetch_add(899, Ordering::SeqCst);
    let known = stage.fields.read("apps", &caller("a")).await.unwrap().unwrap();
    assert_eq!((stage.fields.left(&known), stage.n_read()), (Duration::from_secs(1), 1));
    stage.seconds.fetch_add(1, Ordering::SeqCst);
    stage.own("a").await;
    assert_eq!(stage.n_read(), 2);
    stage.seconds.fetch_sub(5000, Ordering::SeqCst);
    stage.own("a").await;
    assert_eq!(stage.n_read(), 3, "a clock that went back proves nothing");
}

#[tokio::test]
async fn a_failure_is_told_and_not_kept() {
    let stage = stage().await;
    stage.status.store(403, Ordering::SeqCst);
    let FieldsError::Failed(failure) = stage.fields.read("apps", &caller("a")).await.unwrap().unwrap_err() else { panic!() };
    assert_eq!(failure.to_string(), "the key's role does not allow this; ask somebody whose role allows it");
    stage.status.store(200, Ordering::SeqCst);
    assert_eq!(stage.own("a").await, "c_budget_a");
}

#[tokio::test]
async fn fields_need_the_scopes_of_the_tool_that_lists_them_even_when_they_are_known() {
    let stage = stage().await;
    stage.own("a").await;
    let keys = Arc::new(api_keys("a-key"));
    let stranger = Caller::signed_in(keys, Scopes::NONE, "x".into(), "ada".into());
    assert!(
        matches!(stage.fields.read("apps", &stranger).await.unwrap(), Err(FieldsError::Scopes(tool)) if tool.needs == scopes("api:read"))
    );
    assert!(stage.fields.read("planes", &stranger).await.is_none());
}

#[tokio::test]
async fn only_what_can_be_named_is_known_and_names_are_clean() {
    let stage = stage().await;
    let known = stage.fields.read("apps", &caller("a")).await.unwrap().unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&known.to_json("api://fields/apps", None, 10_000)).unwrap(),
        json!({ "kind": "apps", "count": 4, "total": 4, "fields": [
            { "key": "name", "name": "Name", "type": "singleLine", "isCustom": false },
            { "key": "primaryOwner", "filterKey": "primaryOwnerId", "name": "Primary owner", "type": "user", "isCustom": false },
            { "key": "activeUsersCount", "name": "Active users", "type": "number", "isCustom": false },
            { "key": "c_budget_a", "name": "Annual budget", "type": "currency", "isCustom": true },
        ] })
    );
    assert_eq!(known.matching("BUDGET").iter().map(|field| field.key.as_str()).collect::<Vec<_>>(), ["c_budget_a"]);
    let cut: Value = serde_json::from_str(&known.to_json("api://fields/apps", None, 400)).unwrap();
    assert_eq!((&cut["count"], &cut["total"]), (&json!(2), &json!(4)), "{cut}");
    assert_eq!(cut["next"], "search with api://fields/apps?q=TEXT, or with the tool list_app_field_metadata");
}

#[tokio::test]
async fn a_refusal_names_the_unknown_keys_and_those_that_come_close() {
    const NEXT: &str = "take the right key from `list_app_field_metadata` and call again";
    let stage = stage().await;
    for (arguments, told) in [
        (
            json!({ "fields": ["name", "ownr"] }),
            "`ownr` in `fields` is not a field of apps here, but similar to `primaryOwner` (Primary owner)",
        ),
        (
            json!({ "fields": ["annual_budgett"] }),
            "`annual_budgett` in `fields` is not a field of apps here, but similar to `c_budget_a` (Annual budget)",
        ),
        (
            json!({ "filters": [{ "key": "primaryOwnr", "op": "isSet" }] }),
            "`primaryOwnr` in `filters[0].key` is not a field of apps here, but similar to `primaryOwnerId` (Primary owner)",
        ),
        (
            json!({ "filters": [{ "key": "name", "op": "isSet" }, { "key": "primaryOwner", "op": "isSet" }] }),
            "`primaryOwner` in `filters[1].key` is called `primaryOwnerId` in filters",
        ),
        (
            json!({ "sort": ["budgett:desc"], "aggs": { "field": "state", "aggregationType": "groupBy", "aggs": { "field": "zzz", "aggregationType": "metric" } } }),
            "`budgett` in `sort` is not a field of apps here, but similar to `c_budget_a` (Annual budget); `zzz` in `aggs` is not a field of apps here",
        ),
    ] {
        let text = stage.refused(arguments).await;
        leads_on(&text);
        assert_eq!(text, format!("the API did not accept the arguments: unknown field; {told}; {NEXT}"));
    }
    assert_eq!(stage.n_read(), 1, "what is known is not requested again");
}

#[tokio::test]
async fn a_refusal_about_something_else_or_without_explanation_stands_as_it_is() {
    const PLAIN: &str = "the API did not accept the arguments: unknown field; correct them and call again";
    let stage = stage().await;
    assert_eq!(stage.refused(json!({ "q": "ownr" })).await, PLAIN);
    assert_eq!(stage.n_read(), 0, "no key was requested for");
    stage.status.store(403, Ordering::SeqCst);
    assert_eq!(stage.refused(json!({ "fields": ["ownr"] })).await, PLAIN);
    assert_eq!(stage.n_read(), 1);
}

#[tokio::test]
async fn an_answer_waits_for_nothing_and_says_which_keys_it_lacks() {
    let stage = stage().await;
    let asks = |fields: Value| json!({ "q": "lenient", "fields": fields });
    assert_eq!(stage.note(asks(json!(["id", "name", "c_set"]))).await, None);
    assert_eq!(
        stage.note(asks(json!(["name", "ownr"]))).await.unwrap(),
        "No item has `ownr`, which `fields` requests. `list_app_field_metadata` lists the existing keys."
    );
    assert_eq!(stage.n_read(), 0);
    stage.own("a").await;
    assert_eq!(
        stage.note(asks(json!(["name", "budget", "activeUsersCount"]))).await.unwrap(),
        "The API left out what it does not know: `budget` in `fields` is not a field of apps here, but similar to `c_budget_a` (Annual budget). \
         `list_app_field_metadata` lists the existing keys."
    );
    assert_eq!(stage.note(asks(json!(["name", "activeUsersCount"]))).await, None, "it is known, and may just be empty");
}

#[tokio::test]
async fn names_are_looked_up_only_if_the_tool_does_not_name_them_itself() {
    let stage = stage().await;
    let looked_up = async |arguments: Value, key: &str, lookup: Lookup| {
        let tool = stage.tool("list_apps");
        let mut arguments = Arguments::check(tool, arguments.as_object().unwrap().clone()).unwrap();
        let note = stage.fields.resolve_names(tool, &caller(key), &mut arguments, lookup).await.unwrap();
        (Value::Object(arguments.values().clone()), note)
    };
    let resolved = async |arguments: Value, key: &str| looked_up(arguments, key, Lookup::Api).await;
    let named = json!({ "fields": ["id", "name"], "q": "x" });
    assert_eq!(resolved(named.clone(), "a").await, (named, None));
    assert_eq!(stage.n_read(), 0);

    let by_name = json!({ "fields": ["name", "annual budget"], "filters": [{ "key": "Primary owner", "op": "isSet" }] });
    assert_eq!(looked_up(by_name.clone(), "a", Lookup::Cached).await, (by_name.clone(), None));
    assert_eq!(stage.n_read(), 0, "a dry run sends nothing");
    for key in ["a", "b", "a"] {
        let (values, note) = resolved(by_name.clone(), key).await;
        assert_eq!(values["fields"], json!(["name", format!("c_budget_{key}")]));
        assert_eq!(values["filters"][0]["key"], "primaryOwnerId");
        let told = format!(
            "Fields of apps by name: `annual budget` is `c_budget_{key}`, `Primary owner` is `primaryOwnerId` in filters."
        );
        assert_eq!(note, Some(told));
    }
    assert_eq!(stage.n_read(), 2, "once for each key");
    assert!(looked_up(by_name.clone(), "a", Lookup::Cached).await.1.is_some());

    stage.status.store(500, Ordering::SeqCst);
    assert_eq!(resolved(by_name.clone(), "c").await, (by_name, None), "the API judges them instead");
}

#[tokio::test]
async fn the_fields_of_the_first_hundred_filters_are_looked_up() {
    let stage = stage().await;
    let (tool, caller) = (stage.tool("list_apps"), caller("a"));
    let _ = stage.own("a").await;
    let keys = ["primaryOwnerId".to_owned(), "primaryOwner".to_owned()];
    let filters: Vec<Value> =
        keys.into_iter().chain((0..3300).map(|n| format!("c_{n}"))).map(|key| json!({ "key": key, "op": "isSet" })).collect();
    let arguments = Map::from_iter([("filters".to_owned(), Value::Array(filters))]);
    let fields = stage.fields.filtered(tool, &caller, &arguments).await;
    assert_eq!(fields.len(), requested_keys::MAX_KEYS);
    let owner: Vec<_> =
        fields.iter().filter(|field| field.name == "primaryOwner").map(|field| field.filter_key.as_str()).collect();
    assert_eq!(owner, ["primaryOwner", "primaryOwnerId"]);
}

#[test]
fn keys_come_from_every_place_and_only_from_tools_that_take_them() {
    let catalog = crate::testing::catalog();
    let requested = |tool: &str, arguments: Value| RequestedKeys::of(catalog.find(tool).unwrap(), arguments.as_object().unwrap());
    let everywhere = json!({
        "fields": ["a"],
        "filters": [{ "key": "b", "op": "isSet" }],
        "sort": ["c:asc", "d"],
        "aggs": { "field": "e", "aggregationType": "groupBy", "aggs": { "field": "f" } },
    });
    let all = format!("{:?}", requested("list_apps", everywhere.clone()));
    assert!(["a", "b", "c", "d", "e", "f"].iter().all(|key| all.contains(&format!("\"{key}\""))), "{all}");
    assert!(requested("list_transactions", everywhere).is_empty());
    assert!(requested("list_apps", json!({ "fields": 5, "filters": {}, "sort": [1], "aggs": "x" })).is_empty());
    let many: Vec<_> = (0..1000).map(|n| format!("k{n}")).collect();
    assert!(format!("{:?}", requested("list_apps", json!({ "fields": many }))).len() < 20_000);
}

#[test]
fn every_kind_that_a_tool_takes_is_listed_by_one_tool() {
    let tools = crate::testing::catalog().tools();
    let listed: Vec<_> = tools.iter().filter_map(|tool| tool.lists_keys.as_deref()).collect();
    assert_eq!(listed, ["apps", "contracts", "users"]);
    for tool in tools {
        assert!(tool.takes_keys.as_deref().is_none_or(|kind| listed.contains(&kind)), "{}", tool.name);
    }
}

#[test]
fn what_lacks_a_field_is_a_record_or_all_of_a_list() {
    let catalog = crate::testing::catalog();
    let absent = |tool: &str, output: Value| {
        let tool = catalog.find(tool).unwrap();
        let requested = RequestedKeys::of(tool, json!({ "fields": ["a", "b", "c.d"] }).as_object().unwrap());
        requested.absent(tool, &ToolOutput::of(&output)).join(" ")
    };
    assert_eq!(absent("list_apps", json!({ "apps": [{ "a": 1 }, { "a": null }] })), "b");
    assert_eq!(absent("list_apps", json!({ "apps": [{ "a": 1 }, { "b": 1 }] })), "");
    assert_eq!(absent("list_apps", json!({ "apps": [], "nextCursor": null })), "");
    assert_eq!(absent("get_app", json!({ "app": { "a": 1 } })), "b");
    assert_eq!(absent("get_app", json!({ "part": "/app", "value": { "x": 1 } })), "");
}

#[test]
fn a_text_of_any_length_is_looked_for_by_its_beginning() {
    let metadata = json!({ "fields": [{ "systemKey": "c_a", "name": "A" }, { "systemKey": "b", "name": "C A" }] });
    let known = FieldList::new("apps", "list_keys", metadata.as_object().unwrap(), (read_field, Timestamp(0)));
    let keys = |text: &str| known.matching(text).into_iter().map(|field| field.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys("c_a"), ["c_a", "b"]);
    assert_eq!(keys(&format!("c_a{}", " ".repeat(1 << 20))), ["c_a", "b"]);
}

#[test]
fn what_is_kept_is_weighed_by_its_texts() {
    let entry = |name: &str| json!({ "fields": [{ "systemKey": "a", "name": name, "type": "text" }] });
    let bytes =
        |name: &str| FieldList::new("apps", "list_keys", entry(name).as_object().unwrap(), (read_field, Timestamp(0))).bytes();
    assert!(bytes("") >= FIELD_BYTES);
    assert!(bytes(&"🔥".repeat(100)) >= bytes("") + 400);
}
