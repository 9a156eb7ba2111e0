//! What a new user asks first, answered by tool calls, as README.md promises.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::assistant::{Era, Server};

fn rows(list: &Value) -> &[Value] {
    list.as_array().unwrap_or_else(|| panic!("not a list: {list}"))
}

#[tokio::test]
async fn which_apps_have_more_than_100_users() {
    let server = Server::demo();
    let arguments = json!({
        "fields": ["name", "activeUsersCount"],
        "filters": [{ "key": "activeUsersCount", "op": "gt", "value": 100 }],
        "sort": ["activeUsersCount:desc"],
    });
    let response = server.call(Era::Legacy, "list_apps", arguments).await.ok();
    assert_eq!((&response["total"], rows(&response["apps"]).len()), (&json!(25), 25));
    assert!(rows(&response["apps"]).iter().all(|app| app["activeUsersCount"].as_u64() > Some(100)), "{response}");
}

#[tokio::test]
async fn which_contracts_renew_in_the_next_60_days() {
    let server = Server::demo();
    let day = |days: i64| {
        let time = Timestamp::now() + SignedDuration::from_hours(24 * days);
        time.strftime("%Y-%m-%d").to_string()
    };
    let arguments = json!({
        "fields": ["name", "idApp", "End date"],
        "filters": [
            { "key": "End date", "op": "dayOnOrAfter", "value": day(0) },
            { "key": "End date", "op": "dayOnOrBefore", "value": day(60) },
            { "key": "status", "op": "anyOf", "value": ["active", "inReview", "In-Review"] },
        ],
        "sort": ["End date:asc"],
    });
    let response = server.call(Era::Legacy, "list_contracts", arguments).await.ok();
    assert_eq!((&response["total"], rows(&response["contracts"]).len()), (&json!(16), 16));
}

#[tokio::test]
async fn which_workflows_ran_in_the_last_7_days() {
    let server = Server::demo();
    let week_ago = (Timestamp::now() - SignedDuration::from_hours(7 * 24)).to_string();
    let is_recent = |time: &Value| time.as_str().is_some_and(|time| *time > *week_ago);

    let mut ran = BTreeSet::new();
    let mut arguments = json!({ "size": 500 });
    loop {
        let page = server.call(Era::Legacy, "list_workflow_action_runs", arguments.clone()).await.ok();
        let recent: Vec<_> = rows(&page["response"]).iter().filter(|run| is_recent(&run["creationTime"])).collect();
        ran.extend(recent.iter().map(|run| run["idWorkflow"].as_u64()));
        // The newest come first, so the first old one ends the search.
        if recent.len() < rows(&page["response"]).len() || page["nextCursor"].is_null() {
            break;
        }
        arguments["cursor"] = page["nextCursor"].clone();
    }
    assert_eq!(ran.len(), 28);

    let workflows = server.call(Era::Legacy, "list_workflows", json!({})).await.ok();
    let last = rows(&workflows["workflows"]).iter().filter(|workflow| is_recent(&workflow["lastTriggeredTime"]));
    assert_eq!(last.map(|workflow| workflow["id"].as_u64()).collect::<BTreeSet<_>>(), ran);
}
