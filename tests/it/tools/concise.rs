//! Results say what a question needs and no more, and what cannot be is answered with what is missing.

use serde_json::{Value, json};
use torii_sample::{Filters, Options};

use super::{
    questions::hard_modes,
    sample_modes::{modes, options, serve},
};
use crate::support::assistant::{Era, Server};

async fn ok(server: &Server, tool: &str, arguments: Value) -> Value {
    server.call(Era::Legacy, tool, arguments).await.ok()
}

#[tokio::test]
async fn owners_are_an_id_and_a_name_and_fields_takes_paths_in_every_mode() {
    for (mode, options) in modes().into_iter().chain(hard_modes()) {
        let people_are_numbers = mode == "people as numbers";
        let (_torii, server) = serve(options);
        let apps = ok(&server, "list_apps", json!({ "fields": ["id", "primaryOwner"], "size": 1 })).await;
        let owner = &apps["apps"][0]["primaryOwner"];
        let names = owner.as_object().map(|owner| owner.keys().cloned().collect::<Vec<_>>());
        assert!(
            if people_are_numbers { owner.is_u64() } else { names == Some(vec!["id".into(), "fullName".into()]) },
            "{mode}: {apps}"
        );
        let apps = ok(&server, "list_apps", json!({ "fields": ["id", "primaryOwner.email"], "size": 1 })).await;
        let owner = &apps["apps"][0]["primaryOwner"];
        assert!(
            people_are_numbers || owner["email"].is_string() && owner.as_object().is_some_and(|owner| owner.len() == 1),
            "{mode}: {apps}"
        );
        let contracts = ok(&server, "list_contracts", json!({ "size": 1 })).await;
        assert!(contracts["contracts"][0]["owner"].get("photoUrl").is_none(), "{mode}: {contracts}");
    }
}

#[tokio::test]
async fn licenses_come_as_a_summary_and_by_type_where_fields_says_so() {
    let (_torii, server) = serve(options());
    let asked = json!({ "q": "Slack", "fields": ["id"], "includeLicenses": true, "size": 1 });
    let licenses = ok(&server, "list_apps", asked).await["apps"][0]["licenses"].clone();
    assert_eq!((&licenses["summary"]["currency"], licenses.get("types")), (&json!("USD"), None));
    assert!(licenses["summary"]["potentialSavings"].is_u64(), "{licenses}");
    let asked = json!({ "q": "Slack", "fields": ["id", "licenses.types"], "size": 1 });
    let licenses = ok(&server, "list_apps", asked).await["apps"][0]["licenses"].clone();
    assert!(licenses["types"][0]["name"].is_string() && licenses.get("summary").is_none(), "{licenses}");
    let all = ok(&server, "list_apps", json!({ "fields": ["id"], "includeLicenses": true, "size": 300 })).await;
    let summaries =
        all["apps"].as_array().expect("there are apps").iter().filter_map(|app| app.get("licenses")).collect::<Vec<_>>();
    assert!(!summaries.is_empty() && summaries.iter().all(|licenses| licenses["summary"]["totalAmount"] != 0), "{summaries:?}");
}

#[tokio::test]
async fn what_repeats_or_is_empty_is_left_out_unless_it_is_asked_for() {
    let (_torii, server) = serve(options());
    let users = ok(&server, "list_users", json!({ "size": 2 })).await;
    assert!(users["users"][0].get("additionalEmails").is_none(), "{users}");
    let users = ok(&server, "list_users", json!({ "size": 2, "fields": ["email", "additionalEmails"] })).await;
    assert!(users["users"][0]["additionalEmails"].is_array(), "{users}");
    let changes = ok(&server, "list_workflow_changes", json!({ "limit": 1 })).await;
    assert!(changes["audit"][0].get("message").is_none() && changes["audit"][0].get("properties").is_some(), "{changes}");
    let runs = ok(&server, "list_workflow_action_runs", json!({ "size": 1 })).await;
    for name in ["idActionUser", "errorTime", "executionErrorType"] {
        assert!(runs["response"][0].get(name).is_some(), "{name}: {runs}");
    }
    for kind in ["app", "user", "contract", "transaction"] {
        let metadata = ok(&server, &format!("list_{kind}_field_metadata"), json!({})).await;
        let fields = metadata["predefinedFields"].as_array().expect("there are fields");
        let is_empty = |value: &Value| value.is_null() || value == "" || value == &json!([]);
        assert!(
            !fields.is_empty() && !fields.iter().any(|field| field.as_object().is_some_and(|field| field.values().any(is_empty)))
        );
    }
}

#[tokio::test]
async fn a_sum_over_groups_of_nothing_is_answered_with_what_is_missing() {
    let (_torii, server) = serve(options());
    let group = |inner: Value| json!({ "size": 1, "aggs": { "field": "currency", "aggregationType": "groupBy", "options": { "metricFunction": "sum" }, "aggs": inner } });
    let refused = server.call(Era::Legacy, "list_contracts", group(Value::Null)).await;
    assert!(
        refused.is_error && refused.text.contains("does not say of which field to take the `sum`; add inside it `\"aggs\":"),
        "{}",
        refused.text
    );
    let metric = json!({ "field": "amount", "aggregationType": "metric", "options": { "metricFunction": "sum" } });
    assert!(ok(&server, "list_contracts", group(metric)).await["aggregations"][0]["aggregations"].as_u64() > Some(0));
}

#[tokio::test]
async fn an_app_is_said_to_be_in_the_catalog_the_organization_or_both() {
    let mut ignored = options();
    ignored.behavior.filters = Filters::Ignored;
    let wrapped = {
        let mut options = options();
        options.behavior.filters = Filters::Wrapped;
        options
    };
    let search = |options: Options| async move {
        let (_torii, server) = serve(options);
        let found = server.call(Era::Legacy, "search_apps", json!({ "q": "a", "limit": 20 })).await.ok();
        let apps = found["apps"].as_array().expect("there are apps").clone();
        let mut right = Vec::new();
        for app in &apps {
            let got = server.call(Era::Legacy, "get_app", json!({ "idApp": app["id"] })).await;
            assert_eq!(
                got.is_error,
                got.text.contains("the organization does not have this app, but the catalog may"),
                "{}",
                got.text
            );
            right.push(!got.is_error);
        }
        (apps, right)
    };
    for options in [options(), wrapped] {
        let (apps, right) = search(options).await;
        assert_eq!(apps.iter().map(|app| app["inOrganization"] == true).collect::<Vec<_>>(), right);
        assert!(right.contains(&true) && right.contains(&false) && apps.iter().all(|app| app["inOrganization"].is_boolean()));
    }
    // whoever does not know says nothing
    assert!(search(ignored).await.0.iter().all(|app| app.get("inOrganization").is_none()));
}

#[tokio::test]
async fn texts_that_name_query_hold_where_it_is_not_listed() {
    let catalog = torii_mcp::generated::catalog().expect("it is what was compiled in");
    let texts = catalog.tools().iter().map(|tool| &tool.description).chain([&catalog.product().instructions]);
    for text in texts {
        let named = text.match_indices("query").count();
        let hedged = text.match_indices("if it is listed").count() + text.match_indices("if listed").count();
        assert_eq!(named, hedged, "{text}");
    }
}
