//! Features of single lists: versions of contracts, views of users, periods of the audit trail.

use serde_json::json;

use super::{Torii, encode, rows};

#[tokio::test]
async fn contracts_have_two_versions() {
    let torii = Torii::new();
    let request = |path: &str, version: &str| {
        axum::http::Request::get(format!("/v1.0{path}"))
            .header("authorization", "Bearer sample-full-access")
            .header("x-api-version", version)
            .body(axum::body::Body::empty())
            .unwrap()
    };
    let whole = torii.send(request("/contracts", "1.0")).await;
    assert_eq!(whole.json.as_object().unwrap().keys().collect::<Vec<_>>(), ["contracts"]);
    assert_eq!(rows(&whole.json, "contracts").len(), 200);
    assert!(whole.json["contracts"][0]["owner"].get("fullName").is_none());
    assert_eq!(torii.send(request("/contracts?size=5", "1.0")).await.status, 400);
    assert_eq!(torii.send(request("/contracts/5001?fields=source", "1.0")).await.status, 400);
    assert_eq!(torii.send(request("/contracts", "2.0")).await.status, 400);
    let paged = torii.send(request("/contracts?size=5&fields=source,creationTime", "1.1")).await;
    assert_eq!((paged.json["count"].clone(), paged.json["total"].clone()), (json!(5), json!(200)));
}

#[tokio::test]
async fn the_audit_trail_narrows_by_time_and_area() {
    let torii = Torii::new();
    let newest = torii.get("/audit?size=2").await;
    let time = |at: usize| newest["audit"][at]["creationTime"].as_str().unwrap().to_owned();
    assert!(time(0) > time(1));
    let since = torii.get(&format!("/audit?startTime={}", encode(&time(1)))).await;
    assert_eq!(since["count"], 1, "the start is exclusive");
    let until = torii.get(&format!("/audit?size=1&endTime={}", encode(&time(1)))).await;
    assert_eq!(until["audit"][0]["creationTime"], time(1).as_str(), "the end is inclusive");
    let contracts = torii.get("/audit?entity=contracts&size=5").await;
    assert!(rows(&contracts, "audit").iter().all(|entry| entry["type"].as_str().unwrap().contains("contract")));
    let edits = torii.get("/workflows/audit?limit=5&offset=2").await;
    assert_eq!(edits["audit"][0], torii.get("/workflows/audit").await["audit"][2]);
}

#[tokio::test]
async fn views_split_the_users() {
    let torii = Torii::new();
    let mut totals = Vec::new();
    for view in ["currentUsers", "pastUsers", "allUsers", "externalUsers", "allNonHumanUsers", "allEmployees"] {
        totals.push(torii.get(&format!("/users?size=1&view={view}")).await["total"].as_u64().unwrap());
    }
    assert_eq!(totals[0] + totals[1], totals[2]);
    assert_eq!(totals[3] + totals[4] + totals[5], totals[2]);
}
