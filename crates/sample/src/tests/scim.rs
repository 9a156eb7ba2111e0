//! Members, managed by SCIM.

use serde_json::json;

use super::{Torii, encode, rows};

#[tokio::test]
async fn members_are_found_by_address_sorted_and_paged_by_position() {
    let torii = Torii::new();
    let filter = encode("userName eq \"Aaliyah.Abdi@example.com\"");
    let found = torii.get(&format!("/scim/v2/Users?filter={filter}")).await;
    assert_eq!((found["totalResults"].clone(), found["Resources"][0]["id"].clone()), (json!(1), json!("20001")));
    let list = torii.get("/scim/v2/Users?sortBy=userName&sortOrder=descending&startIndex=3&count=2").await;
    let all = torii.get("/scim/v2/Users?sortBy=userName&sortOrder=descending&count=4").await;
    assert_eq!(rows(&list, "Resources")[..], rows(&all, "Resources")[2..4]);
    assert_eq!((list["startIndex"].clone(), list["itemsPerPage"].clone()), (json!(3), json!(2)));
}

#[tokio::test]
async fn a_member_is_created_with_a_role_deactivated_and_brought_back() {
    let torii = Torii::new();
    let body = json!({ "userName": "ada@example.com", "name": { "givenName": "Ada", "familyName": "L" } });
    let created = torii.write("POST", "/scim/v2/Users", body.clone()).await;
    assert_eq!((created["userType"].as_str(), created["active"].as_bool()), (Some("Employee"), Some(true)));
    torii.refusal("POST", "/scim/v2/Users", Some(body.clone()), 409).await;
    let id = created["id"].as_str().unwrap();
    assert_eq!(torii.get(&format!("/users/{id}")).await["user"]["email"], "ada@example.com");
    let path = format!("/scim/v2/Users/{id}");
    let changed = torii.write("PUT", &path, json!({ "userName": "ada@example.com", "userType": "finance" })).await;
    assert_eq!(changed["userType"], "Finance");
    torii.refusal("PUT", &path, Some(json!({ "userName": "other@example.com" })), 400).await;
    let off = json!({ "Operations": [{ "op": "Replace", "value": { "active": false } }] });
    torii.write("PATCH", &path, off).await;
    torii.refusal("GET", &path, None, 404).await;
    assert_eq!(torii.write("POST", "/scim/v2/Users", body).await["id"], id);
    torii.write("DELETE", &path, json!(null)).await;
    torii.refusal("DELETE", &path, None, 404).await;
}

#[tokio::test]
async fn the_last_admin_stays() {
    let torii = Torii::new();
    for id in 20_001..20_004 {
        torii.write("DELETE", &format!("/scim/v2/Users/{id}"), json!(null)).await;
    }
    torii.refusal("DELETE", "/scim/v2/Users/20004", None, 409).await;
    let demotion = json!({ "Operations": [{ "op": "replace", "path": "userType", "value": "Viewer" }] });
    torii.refusal("PATCH", "/scim/v2/Users/20004", Some(demotion), 409).await;
    assert_eq!(torii.get("/roles").await["roles"][0]["usersCount"], 1);
}
