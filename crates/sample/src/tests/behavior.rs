//! Behaviours that differ from the defaults.

use serde_json::{Value, json};

use super::{Torii, encode, rows};
use crate::{
    AuditEntity, Behavior, Choices, Errors, Executions, FULL_ACCESS_KEY, Filters, InvalidBodies, People, SCIM_KEY, Times,
};

fn flat(key: &str, op: &str, value: &str) -> Value {
    json!([{ "key": key, "op": op, "value": value }])
}

fn wrapped(key: &str, op: &str, value: &str) -> Value {
    json!([{ "key": { "value": key }, "op": { "value": op }, "value": value }])
}

fn filtered(filters: &Value) -> String {
    format!("/apps?size=1&fields=name,state&filters={}", encode(&filters.to_string()))
}

#[tokio::test]
async fn filters_are_accepted_in_one_form_in_both_or_not_at_all() {
    let (flat, wrapped) = (flat("name", "equals", "Slack"), wrapped("name", "equals", "Slack"));
    for (filters, of_flat, of_wrapped) in [
        (Filters::Flat, Some(1), None),
        (Filters::Wrapped, None, Some(1)),
        (Filters::Both, Some(1), Some(1)),
        (Filters::Ignored, Some(300), Some(300)),
    ] {
        let torii = Torii::behaving(Behavior { filters, ..Behavior::default() });
        for (filter, total) in [(&flat, of_flat), (&wrapped, of_wrapped)] {
            match total {
                Some(total) => assert_eq!(torii.get(&filtered(filter)).await["total"], total, "{filters:?} {filter}"),
                None => drop(torii.refusal("GET", &filtered(filter), None, 400).await),
            }
        }
        assert_eq!(torii.get("/apps?size=1&name=Slack").await["total"], 1, "other parameters still match");
    }
    let torii = Torii::behaving(Behavior { filters: Filters::Wrapped, ..Behavior::default() });
    let either = |inner: &Value| {
        json!([{ "op": { "value": "or" }, "value": [inner[0], {
            "key": "name", "op": "equals", "value": "Zoom",
        }]}])
    };
    assert_eq!(torii.get(&filtered(&either(&flat))).await["total"], 2);
    // Torii's own client passes values on unchanged
    torii.refusal("GET", &filtered(&either(&wrapped)), None, 400).await;
}

#[tokio::test]
async fn the_audit_log_may_require_an_entity() {
    let torii = Torii::behaving(Behavior { audit_entity: AuditEntity::Required, ..Behavior::default() });
    assert_eq!(torii.refusal("GET", "/audit", None, 400).await, "\"entity\" is required");
    assert_eq!(torii.get("/audit?entity=contracts&size=3").await["count"], 3);
}

#[tokio::test]
async fn times_can_be_milliseconds_and_days_stay_texts() {
    let torii = Torii::behaving(Behavior { times: Times::Milliseconds, ..Behavior::default() });
    let app = torii.get("/apps/1001?fields=creationTime,lastVisitTime,c_nextReview").await["app"].clone();
    assert!(app["creationTime"].as_i64() > Some(1_600_000_000_000) && app["lastVisitTime"].is_i64(), "{app}");
    assert_eq!(app["c_nextReview"].as_str().map(str::len), Some(10));
    assert!(torii.get("/audit?size=1").await["audit"][0]["creationTime"].is_i64());
    assert!(torii.get("/workflows").await["workflows"][0]["creationTime"].is_i64());
    let member = torii.call(SCIM_KEY, "GET", "/scim/v2/Users/20001", None).await.json;
    assert!(member["meta"]["created"].is_string(), "{member}");
}

#[tokio::test]
async fn people_can_be_ids_and_are_ids_in_the_apps_of_a_user() {
    let fields = "fields=primaryOwner,addedBy";
    let torii = Torii::new();
    let app = torii.get(&format!("/apps/1001?{fields}")).await["app"].clone();
    let contract = torii.get("/contracts/5001?fields=owner").await["contract"].clone();
    let of_user = torii.get(&format!("/users/20001/apps?{fields}")).await["apps"][0].clone();
    assert!(app["primaryOwner"]["email"].is_string() && of_user["primaryOwner"].is_u64(), "{app} {of_user}");
    let torii = Torii::behaving(Behavior { people: People::Numbers, ..Behavior::default() });
    let numbers = torii.get(&format!("/apps/1001?{fields}")).await["app"].clone();
    assert_eq!(numbers, json!({ "primaryOwner": app["primaryOwner"]["id"], "addedBy": app["addedBy"]["id"] }));
    let numbers = torii.get("/contracts/5001?fields=owner").await["contract"].clone();
    assert_eq!(numbers["owner"], contract["owner"]["id"]);
}

#[tokio::test]
async fn runs_of_actions_may_stand_elsewhere_with_a_status() {
    let torii = Torii::behaving(Behavior { executions: Executions::ActionExecutions, ..Behavior::default() });
    let page = torii.get("/workflows/actionExecutions?size=1000").await;
    assert!(page.get("response").is_none() && page["total"].is_u64() && page["nextCursor"].is_string());
    let runs = rows(&page, "actionExecutions");
    assert!(runs.iter().any(|run| run["status"] == "completed" && run["errorMessage"].is_null()));
    assert!(runs.iter().any(|run| run["status"] == "failed" && run["errorMessage"].is_string()));
    assert!(runs.iter().all(|run| run.get("isCompleted").is_none() && run.get("executionErrorType").is_none()));
}

#[tokio::test]
async fn records_hold_the_values_of_choices_or_their_labels() {
    let states = |torii: Torii| async move {
        let apps = torii.get("/apps?fields=state&sort=state").await;
        let mut states: Vec<_> = rows(&apps, "apps").iter().map(|app| app["state"].as_str().unwrap().to_owned()).collect();
        states.dedup();
        (torii, states)
    };
    let (torii, values) = states(Torii::new()).await;
    assert_eq!(
        values,
        ["closed", "costOptimization", "discovered", "evaluationPeriod", "inReview", "needToClose", "pendingLegal", "sanctioned",]
    );
    let total = torii.get(&filtered(&flat("state", "equals", "inReview"))).await["total"].clone();
    assert_eq!(torii.get(&filtered(&flat("state", "equals", "INREVIEW"))).await["total"], total);
    assert_eq!(torii.get(&filtered(&flat("state", "equals", "In Review"))).await["total"], 0);
    let choices = torii.get("/contracts/fields").await;
    let renewal = rows(&choices, "fields").iter().find(|field| field["name"] == "Auto-Renewal").unwrap().clone();
    assert_eq!(renewal["options"][0], json!({ "value": "yes", "label": "Yes" }));

    let labels = Torii::behaving(Behavior { choices: Choices::Labels, ..Behavior::default() });
    let (torii, labels) = states(labels).await;
    assert_eq!(
        labels,
        [
            "Closed",
            "Cost optimization",
            "Discovered",
            "Evaluation period",
            "In Review",
            "Need to close",
            "Pending legal",
            "Sanctioned",
        ]
    );
    assert_eq!(torii.get(&filtered(&flat("state", "equals", "In Review"))).await["total"], total);
    assert_eq!(torii.get(&filtered(&flat("state", "equals", "inReview"))).await["total"], 0);
    torii.write("PUT", "/apps/1001", json!({ "state": "Need to close" })).await;
    torii.refusal("PUT", "/apps/1001", Some(json!({ "state": "needToClose" })), 400).await;
    let custom = torii.write("POST", "/apps/custom", json!({ "name": "Homegrown" })).await;
    assert_eq!(custom["app"]["state"], "Discovered");
}

#[tokio::test]
async fn errors_can_be_those_of_hapi() {
    let torii = Torii::behaving(Behavior { errors: Errors::Hapi, ..Behavior::default() });
    for (method, path, body, source, keys) in [
        ("GET", "/apps?size=0", None, "query", json!(["size"])),
        ("GET", "/audit?nonsense=1", None, "query", json!(["nonsense"])),
        ("GET", "/apps?filters=%5B1%5D", None, "query", json!(["filters"])),
        ("GET", "/apps/abc", None, "params", json!([])),
        ("POST", "/contracts", Some(json!({ "name": "X", "idApp": 1001 })), "payload", json!(["status"])),
    ] {
        let reply = torii.call(FULL_ACCESS_KEY, method, path, body).await;
        assert_eq!((reply.status.as_u16(), &reply.json["statusCode"]), (400, &json!(400)), "{path}");
        assert_eq!(reply.json["validation"], json!({ "source": source, "keys": keys }), "{path}");
    }
    let missing = torii.call(FULL_ACCESS_KEY, "GET", "/apps/1", None).await;
    assert!(missing.status == 404 && missing.json.get("validation").is_none(), "{}", missing.json);
}

#[tokio::test]
async fn errors_can_be_those_of_a_gateway_where_large_pages_time_out() {
    let torii = Torii::behaving(Behavior { errors: Errors::Gateway, ..Behavior::default() });
    for (path, status) in
        [("/apps/1", 404), ("/apps?size=0", 400), ("/audit?size=501", 502), ("/transactions?sort=id&size=1000", 504)]
    {
        let reply = torii.call(FULL_ACCESS_KEY, "GET", path, None).await;
        assert_eq!(reply.status, status, "{path}");
        assert_eq!(reply.json.as_object().unwrap().keys().collect::<Vec<_>>(), ["message"], "{path}");
    }
    assert_eq!(torii.get("/audit?size=500").await["count"], 500);
}

#[tokio::test]
async fn invalid_bodies_have_the_status_that_was_asked_for() {
    for (invalid_bodies, status) in [(InvalidBodies::BadRequest, 400), (InvalidBodies::Unprocessable, 422)] {
        let torii = Torii::behaving(Behavior { invalid_bodies, ..Behavior::default() });
        torii.refusal("PUT", "/users/20001", Some(json!({ "lifecycleStatus": "gone" })), status).await;
        // A calculated field is refused in the same way in any case.
        let deadline = torii.key("contracts", "Cancellation Deadline").await;
        torii.refusal("PUT", "/contracts/5001", Some(json!({ (deadline): "2027-01-01" })), 400).await;
    }
}
