//! Calls that must fail, and their error messages.

use axum::{body::Body, http::Request};
use serde_json::json;

use super::{Torii, encode};
use crate::{FULL_ACCESS_KEY, READ_ONLY_KEY, SCIM_KEY};

#[tokio::test]
async fn without_a_good_key_nothing_opens() {
    let torii = Torii::new();
    for header in ["", "Bearer", "Bearer wrong", "Basic c2FtcGxl", "sample-full-access"] {
        let request = Request::get("/v1.0/orgs/my").header("authorization", header).body(Body::empty()).unwrap();
        let reply = torii.send(request).await;
        assert_eq!((reply.status.as_u16(), reply.json["error"].as_str()), (401, Some("Unauthorized")), "{header:?}");
        assert_eq!(reply.json["statusCode"], 401);
    }
    assert_eq!(torii.call(SCIM_KEY, "GET", "/orgs/my", None).await.status, 401);
    for key in [FULL_ACCESS_KEY, READ_ONLY_KEY] {
        assert_eq!(torii.call(key, "GET", "/scim/v2/Users", None).await.status, 401);
    }
}

#[tokio::test]
async fn the_read_only_key_reads_and_writes_nothing() {
    let torii = Torii::new();
    assert_eq!(torii.call(READ_ONLY_KEY, "GET", "/apps/1001", None).await.status, 200);
    let names = json!({ "apps": [{ "name": "Slack" }] });
    assert_eq!(torii.call(READ_ONLY_KEY, "POST", "/apps/match", Some(names)).await.status, 200);
    let body = json!({ "lifecycleStatus": "offboarded" });
    let reply = torii.call(READ_ONLY_KEY, "PUT", "/users/20001", Some(body)).await;
    assert_eq!((reply.status.as_u16(), reply.json["error"].as_str()), (403, Some("Forbidden")));
    assert_eq!(torii.get("/users/20001").await["user"]["lifecycleStatus"], "active");
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let torii = Torii::new();
    for path in [
        "/apps/1",
        "/apps/1/users",
        "/apps/similar?idApp=1",
        "/contracts/1",
        "/users/1",
        "/users/20001/apps/1",
        "/files/1",
        "/parsings/1",
        "/plugins/1/fields",
        "/workflows/1",
        "/scim/v2/Users/1",
        "/nowhere",
    ] {
        torii.refusal("GET", path, None, 404).await;
    }
    torii.refusal("DELETE", "/plugins/none", None, 404).await;
    torii.refusal("POST", "/anonymizeRequest", Some(json!({ "email": "nobody@example.com" })), 404).await;
    let outside = torii.send(Request::get("/elsewhere").body(Body::empty()).unwrap()).await;
    assert_eq!((outside.status.as_u16(), outside.json["statusCode"].as_u64()), (404, Some(404)));
}

#[tokio::test]
async fn malformed_parameters_are_named() {
    let torii = Torii::new();
    let filter = |filters: &str| format!("/apps?filters={}", encode(filters));
    let aggs = |aggs: &str| format!("/apps?aggs={}", encode(aggs));
    for (path, culprit) in [
        ("/apps/abc".to_owned(), "abc"),
        ("/apps/99999999999".to_owned(), "99999999999"),
        ("/apps?size=0".to_owned(), "size"),
        ("/users?size=1001".to_owned(), "1001"),
        ("/audit?size=many".to_owned(), "many"),
        ("/apps?fields=id,nonsense".to_owned(), "nonsense"),
        ("/apps?fields=licenses".to_owned(), "licenses"),
        ("/apps?sort=nonsense:asc".to_owned(), "nonsense"),
        ("/apps?sort=licenses".to_owned(), "licenses"),
        ("/apps?sort=name:up".to_owned(), "up"),
        ("/apps?nonsense=1".to_owned(), "nonsense"),
        ("/users?nonsense=1".to_owned(), "nonsense"),
        ("/users?view=nobody".to_owned(), "nobody"),
        ("/users?lifecycleStatus=gone".to_owned(), "gone"),
        ("/users?isExternal=perhaps".to_owned(), "perhaps"),
        ("/apps?cursor=%21%21".to_owned(), "cursor"),
        ("/apps?sort=name&cursor=WzFd".to_owned(), "cursor"),
        ("/audit?entity=nonsense".to_owned(), "nonsense"),
        ("/audit?startTime=yesterday".to_owned(), "yesterday"),
        ("/transactions?mappingStatus=lost".to_owned(), "lost"),
        ("/apps/search".to_owned(), "q"),
        ("/apps/search?q=a&limit=51".to_owned(), "51"),
        (filter("[{"), "filters"),
        (filter("{}"), "array"),
        (filter(r#"[{"key":"nonsense","op":"equals","value":1}]"#), "nonsense"),
        (filter(r#"[{"key":"name","op":"resembles","value":1}]"#), "resembles"),
        (filter(r#"[{"key":"name","op":"equals"}]"#), "equals"),
        (filter(r#"[{"key":"name","op":"anyOf","value":"Slack"}]"#), "anyOf"),
        (filter(r#"[{"key":"c_nextReview","op":"dayAfter","value":"soon"}]"#), "soon"),
        (aggs("[]"), "aggs"),
        (aggs(r#"{"field":"nonsense","aggregationType":"metric"}"#), "nonsense"),
        (aggs(r#"{"field":"name","aggregationType":"guess"}"#), "guess"),
        (aggs(r#"{"field":"name","aggregationType":"groupBy","options":{"size":101}}"#), "101"),
    ] {
        let message = torii.refusal("GET", &path, None, 400).await;
        assert!(message.contains(culprit), "{path}: {message}");
    }
    for filter in ["title eq \"x\"", "userName eq \"a\" and emails eq \"b\"", "userName gt \"a\""] {
        torii.refusal("GET", &format!("/scim/v2/Users?filter={}", encode(filter)), None, 400).await;
    }
}

#[tokio::test]
async fn bodies_that_do_not_fit_are_refused_and_change_nothing() {
    let torii = Torii::new();
    let before = torii.get("/contracts/5001?fields=id,name,amount,currency,status").await;
    let (end, deadline) = (torii.key("contracts", "End date").await, torii.key("contracts", "Cancellation Deadline").await);
    for (method, path, body, culprit) in [
        ("PUT", "/contracts/5001", json!({ (&deadline): "2027-01-01" }), deadline.as_str()),
        ("PUT", "/contracts/5001", json!({ "status": "Active" }), "pipeline, active, inReview, closed"),
        ("POST", "/contracts", json!({ "name": "X", "idApp": 1001 }), "status"),
        ("POST", "/contracts", json!({ "name": "X", "idApp": "Slack", "status": "active" }), "idApp"),
        ("POST", "/contracts", json!({ "name": "X", "idApp": 1, "status": "active" }), "idApp"),
        ("PUT", "/contracts/5001", json!({ "currency": "EUR" }), "currency"),
        ("PUT", "/contracts/5001", json!({ "name": "Y", "amount": "lots" }), "amount"),
        ("PUT", "/contracts/5001", json!({ "name": "Y", "c_unheard": 1 }), "c_unheard"),
        ("PUT", "/contracts/5001", json!({ (&end): "next week" }), end.as_str()),
        ("PUT", "/contracts/5001", json!({ "documents": [{ "idUpload": 1, "name": "x" }] }), "documents"),
        ("PUT", "/users/20001", json!({}), "lifecycleStatus"),
        ("PUT", "/users/20001", json!({ "lifecycleStatus": "gone" }), "lifecycleStatus"),
        ("PUT", "/apps/1001", json!({ "activeUsersCount": 5 }), "activeUsersCount"),
        ("PUT", "/apps/1001", json!({ "c_businessCriticality": "Extreme" }), "c_businessCriticality"),
        ("PUT", "/apps/1001", json!({ "primaryOwner": 1 }), "primaryOwner"),
        ("POST", "/apps/match", json!({ "apps": [] }), "apps"),
        ("POST", "/apps/fields", json!({ "name": "X", "type": "magic" }), "type"),
        ("POST", "/apps/fields", json!({ "name": "X", "type": "dropdown" }), "options"),
        ("POST", "/files", json!({ "path": "none", "type": "attachment" }), "none"),
        ("POST", "/plugins", json!({ "name": "x".repeat(101) }), "100"),
        ("PUT", "/parsings/automatic", json!({ "idFile": 8001 }), "idFile"),
        ("PUT", "/transactions/60001", json!({ "amount": 5 }), "amount"),
        ("POST", "/workflows/301/trigger", json!({}), "triggerUserEmail"),
        ("POST", "/workflows/305/trigger", json!({ "triggerLicenseName": "Pro" }), "triggerUserEmail"),
        ("POST", "/workflows/316/trigger", json!({ "triggerUserEmail": "adam.olsen@example.com" }), "triggerAppId"),
        ("POST", "/scim/v2/Users", json!({ "userName": "nobody" }), "userName"),
        ("POST", "/scim/v2/Users", json!({ "userName": "a@example.com", "userType": "King" }), "King"),
        ("PUT", "/users/20001", json!([1]), "object"),
        ("PUT", "/users/20001", json!({ "lifecycleStatus": "active", "nonsense": 1 }), "nonsense"),
    ] {
        let message = torii.refusal(method, path, Some(body), 400).await;
        assert!(message.contains(culprit), "{method} {path}: {message}");
    }
    assert_eq!(torii.get("/contracts/5001?fields=id,name,amount,currency,status").await, before);
}

#[tokio::test]
async fn broken_json_large_bodies_and_wrong_methods_are_told_apart() {
    let torii = Torii::new();
    let put = |body: Vec<u8>| {
        Request::put("/v1.0/users/20001").header("authorization", "Bearer sample-full-access").body(body.into()).unwrap()
    };
    assert_eq!(torii.send(put(b"{".to_vec())).await.status, 400);
    let large = torii.send(put(vec![b' '; 4 * 1024 * 1024 + 1])).await;
    assert_eq!((large.status.as_u16(), large.json["statusCode"].as_u64()), (413, Some(413)));
    torii.refusal("DELETE", "/apps/1001", None, 405).await;
    torii.refusal("PATCH", "/contracts", None, 405).await;
}
