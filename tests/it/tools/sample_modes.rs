//! Public sources do not tell how Torii behaves in all cases. The sample can behave in each way, and the tools work with it.

use std::{sync::Arc, time::SystemTime};

use serde_json::{Value, json};
use torii_sample::{
    self as sample, AuditEntity, Behavior, Choices, Errors, Executions, FULL_ACCESS_KEY, Filters, Options, Organization, PREFIX,
    People, SCIM_KEY, Size, Times,
};

use super::everyday::{self, truth::NOW};
use crate::support::{
    assistant::{Era, Server},
    mock_api::Here,
};

pub(super) fn options() -> Options {
    Options { now: Arc::new(|| SystemTime::UNIX_EPOCH + NOW), rate_limits: false, ..Options::default() }
}

/// One change of the sample at a time, each with its name.
pub(super) fn modes() -> Vec<(&'static str, Options)> {
    let behaving = |change: fn(&mut Behavior)| {
        let mut options = options();
        change(&mut options.behavior);
        options
    };
    vec![
        ("as documented", options()),
        ("the second organization", Options { organization: Organization::Second, ..options() }),
        ("wrapped filters", behaving(|behavior| behavior.filters = Filters::Wrapped)),
        ("both filters", behaving(|behavior| behavior.filters = Filters::Both)),
        ("milliseconds", behaving(|behavior| behavior.times = Times::Milliseconds)),
        ("people as numbers", behaving(|behavior| behavior.people = People::Numbers)),
        ("another envelope", behaving(|behavior| behavior.executions = Executions::ActionExecutions)),
        ("labels", behaving(|behavior| behavior.choices = Choices::Labels)),
        ("errors of hapi", behaving(|behavior| behavior.errors = Errors::Hapi)),
        ("errors of a gateway", behaving(|behavior| behavior.errors = Errors::Gateway)),
    ]
}

pub(super) fn serve(options: Options) -> (Here, Server) {
    let torii = Here::serving(sample::router(options));
    let url = format!("{}{PREFIX}", torii.url);
    let server = Server::with(&[
        ("TORII_API_URL", &url),
        ("TORII_API_KEY", FULL_ACCESS_KEY),
        ("TORII_SCIM_KEY", SCIM_KEY),
        ("TORII_RATE_LIMIT", "off"),
    ]);
    (torii, server)
}

#[tokio::test]
async fn contracts_show_when_they_renew_whatever_the_key_of_that_is() {
    for organization in [Organization::First, Organization::Second] {
        let (_torii, server) = serve(Options { organization, ..options() });
        let arguments = json!({ "filters": [{ "key": "End date", "op": "isSet" }], "sort": ["End date:asc"], "size": 5 });
        let (_, answer) =
            server.ask(Era::Modern, "tools/call", json!({ "name": "list_contracts", "arguments": arguments })).await;
        let blocks: Vec<&str> = answer["result"]["content"]
            .as_array()
            .expect("there is content")
            .iter()
            .filter_map(|block| block["text"].as_str())
            .collect();
        let note = blocks.last().expect("there is a note");
        let key = everyday::keys(note).remove("End date").unwrap_or_else(|| panic!("{answer}"));
        let key = key.as_str();
        let page: Value = serde_json::from_str(blocks[0]).expect("it is JSON");
        let ends: Vec<&str> = page["contracts"].as_array().expect("a list").iter().filter_map(|one| one[key].as_str()).collect();
        assert!(ends.len() == 5 && ends.is_sorted(), "{key}: {page}");
    }
}

#[tokio::test]
async fn a_filter_that_is_ignored_is_an_error_and_never_a_wrong_answer() {
    let mut ignoring = options();
    ignoring.behavior.filters = Filters::Ignored;
    let (_torii, server) = serve(ignoring);
    let arguments = json!({ "filters": [{ "key": "activeUsersCount", "op": "gt", "value": 1000 }] });
    let failure = server.call(Era::Legacy, "list_apps", arguments).await.failure();
    assert!(failure.contains("the API ignored the filter by `activeUsersCount`"), "{failure}");
}

#[tokio::test]
async fn where_filters_are_wrapped_a_filter_may_find_nothing_and_join_others() {
    let mut wrapping = options();
    wrapping.behavior.filters = Filters::Wrapped;
    let (_torii, server) = serve(wrapping);
    let nobody = json!({ "filters": [{ "key": "name", "op": "equals", "value": "zzzz" }] });
    for _ in 0..2 {
        let apps = server.call(Era::Legacy, "list_apps", nobody.clone()).await.ok();
        assert_eq!((&apps["apps"], &apps["total"]), (&json!([]), &json!(0)));
    }
    let named = |name| json!({ "key": "name", "op": "equals", "value": name });
    let either = json!({ "filters": [{ "key": "name", "op": "or", "value": [named("Slack"), named("Zoom")] }] });
    assert_eq!(server.call(Era::Legacy, "list_apps", either).await.ok()["total"], 2);
}

#[tokio::test]
async fn an_audit_log_that_wants_an_entity_says_which_there_are() {
    for errors in [Errors::Plain, Errors::Hapi, Errors::Gateway] {
        let mut strict = options();
        (strict.behavior.audit_entity, strict.behavior.errors) = (AuditEntity::Required, errors);
        let (_torii, server) = serve(strict);
        let failure = server.call(Era::Legacy, "list_audit_logs", json!({})).await.failure();
        assert!(failure.contains("set `entity` to one of `workflows`, `tasks`, `contracts`"), "{failure}");
        server.call(Era::Legacy, "list_audit_logs", json!({ "entity": "apps" })).await.ok();
    }
}

#[tokio::test]
async fn refusals_of_hapi_and_failures_of_a_gateway_are_told_with_their_own_words() {
    let unknown = json!({ "fields": ["id", "c_unknown"] });
    for errors in [Errors::Plain, Errors::Hapi, Errors::Gateway] {
        let mut failing = options();
        failing.behavior.errors = errors;
        let (_torii, server) = serve(failing);
        let refused = server.call(Era::Legacy, "list_apps", unknown.clone()).await.failure();
        assert!(refused.contains("c_unknown") && refused.contains("list_app_field_metadata"), "{errors:?}: {refused}");
    }
    let mut gateway = options();
    gateway.behavior.errors = Errors::Gateway;
    let (_torii, server) = serve(gateway);
    for (tool, words) in [("list_transactions", "504"), ("list_audit_logs", "502")] {
        let failed = server.call(Era::Legacy, tool, json!({ "size": 1000 })).await.failure();
        assert!(failed.contains(words) && failed.contains("a smaller `size`"), "{tool}: {failed}");
        // what the text advises works
        server.call(Era::Legacy, tool, json!({ "size": 100 })).await.ok();
    }
}

#[tokio::test]
async fn a_key_that_lacks_a_permission_is_told_from_a_role() {
    let torii = Here::serving(sample::router(options()));
    let url = format!("{}{PREFIX}", torii.url);
    let server = Server::with(&[("TORII_API_URL", url.as_str()), ("TORII_API_KEY", sample::APPS_ONLY_KEY)]);
    server.call(Era::Legacy, "list_apps", json!({})).await.ok();
    let failure = server.call(Era::Legacy, "list_contracts", json!({})).await.failure();
    assert!(failure.contains("the key lacks a permission") && failure.contains("missing_required_scope"), "{failure}");
}

#[tokio::test]
async fn a_large_organization_is_served_like_a_small_one() {
    let (_torii, server) = serve(Options { size: Size::Large, ..options() });
    let apps = server.call(Era::Legacy, "list_apps", json!({ "size": 1, "fields": ["id"] })).await.ok();
    assert_eq!(apps["total"], 3000);
    let metadata = server.call(Era::Legacy, "list_contract_field_metadata", json!({})).await.ok();
    let fields: usize = metadata.as_object().expect("an object").values().filter_map(Value::as_array).map(Vec::len).sum();
    assert_eq!(fields, 39);
    let arguments = json!({ "fields": ["id", "End date"], "filters": [{ "key": "End date", "op": "isSet" }], "max_items": 300 });
    let contracts = server.call(Era::Legacy, "list_contracts", arguments).await.ok();
    assert!(contracts["contracts"].as_array().is_some_and(|all| all.len() > 100), "{contracts}");
}
