//! Calls that are limited in number, or that only some keys permit.

use serde_json::json;

use super::{Torii, encode, rows};
use crate::{APPS_ONLY_KEY, FULL_ACCESS_KEY, Options, READ_ONLY_KEY};

#[tokio::test]
async fn the_limit_of_an_operation_is_its_own_and_lasts_a_minute() {
    let torii = Torii::new();
    for _ in 0..60 {
        torii.get("/appCatalog/accessRequestPolicies").await;
    }
    torii.wait(18);
    let reply = torii.call(FULL_ACCESS_KEY, "GET", "/appCatalog/accessRequestPolicies", None).await;
    assert_eq!((reply.status.as_u16(), reply.headers["retry-after"].to_str().unwrap()), (429, "42"));
    assert_eq!(reply.json["error"], "Too Many Requests");
    let other_key = torii.call(READ_ONLY_KEY, "GET", "/appCatalog/accessRequestPolicies", None).await;
    assert_eq!(other_key.status, 200, "keys are counted apart");
    torii.get("/orgs/my").await;
    torii.wait(42);
    torii.get("/appCatalog/accessRequestPolicies").await;
}

#[tokio::test]
async fn limits_can_be_switched_off() {
    let torii = Torii::with(Options { rate_limits: false, ..Options::default() });
    for _ in 0..101 {
        torii.get("/orgs/my").await;
    }
}

#[tokio::test]
async fn a_key_for_apps_misses_the_scopes_of_all_else() {
    let torii = Torii::new();
    for path in ["/apps?size=1", "/apps/1001", "/apps/1001/users?size=1", "/apps/metadata", "/orgs/my"] {
        assert_eq!(torii.call(APPS_ONLY_KEY, "GET", path, None).await.status, 200, "{path}");
    }
    for path in ["/users", "/contracts", "/audit", "/appCatalog/accessRequestPolicies", "/transactions"] {
        let reply = torii.call(APPS_ONLY_KEY, "GET", path, None).await;
        assert_eq!(reply.status, 403, "{path}");
        assert!(reply.json["message"].as_str().unwrap().contains("missing_required_scope"), "{}", reply.json);
    }
    assert_eq!(torii.call(APPS_ONLY_KEY, "GET", "/scim/v2/Users", None).await.status, 401);
}

#[tokio::test]
async fn access_is_for_those_the_policy_covers() {
    let torii = Torii::new();
    let policies = torii.get("/appCatalog/accessRequestPolicies").await;
    let narrow = rows(&policies, "accessRequestPolicies")
        .iter()
        .find(|policy| policy["eligibilityGroups"][0]["type"] == "department")
        .unwrap()
        .clone();
    let users = torii.get("/users?fields=email,c_department&view=currentEmployees&lifecycleStatus=active&size=50").await;
    let department = &narrow["eligibilityGroups"][0]["value"];
    let of = |inside: bool| {
        let mut users = rows(&users, "users").iter();
        users.find(|user| (user["c_department"] == *department) == inside).unwrap()["email"].as_str().unwrap().to_owned()
    };
    let path = format!("/appCatalog/accessRequestPolicies/{}/trigger", narrow["id"]);
    let message = torii.refusal("POST", &path, Some(json!({ "userEmail": of(false) })), 400).await;
    assert_eq!(message, "NOT_ELIGIBLE_FOR_POLICY");
    torii.write("POST", &path, json!({ "userEmail": of(true) })).await;
    let eligible = |email: String| {
        format!("/appCatalog/accessRequestPolicies/eligible?idApp={}&userEmail={}", narrow["app"]["id"], encode(&email))
    };
    assert_eq!(rows(&torii.get(&eligible(of(true))).await, "accessRequestPolicies").len(), 1);
    assert_eq!(rows(&torii.get(&eligible(of(false))).await, "accessRequestPolicies").len(), 0);
}
