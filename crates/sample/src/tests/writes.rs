//! Reads return what was written.

use serde_json::{Value, json};

use super::{Torii, encode, rows};

async fn newest_audit(torii: &Torii) -> Value {
    torii.get("/audit?size=1").await["audit"][0].clone()
}

#[tokio::test]
async fn a_contract_is_created_changed_and_deleted() {
    let torii = Torii::new();
    torii.wait(5);
    let end = torii.key("contracts", "End date").await;
    let body = json!({
        "name": "Slack 2027",
        "idApp": 1001,
        "status": "active",
        "amount": { "value": 23_000_000, "currency": "EUR" },
        (&end): "2027-12-31",
        "c_isThereAnNdaSigned_1": "Yes",
        "documents": [{ "idUpload": 8001, "name": "Signed" }],
    });
    let id = torii.write("POST", "/contracts", body).await["contract"]["id"].clone();
    let fields = format!("name,amount,currency,{end},c_isThereAnNdaSigned_1,documents,source,idApp");
    let path = format!("/contracts/{id}?fields={fields}");
    let shown = torii.get(&path).await["contract"].clone();
    assert_eq!(shown["amount"], 23_000_000);
    assert_eq!((shown["currency"].as_str(), shown["source"].as_str()), (Some("EUR"), Some("api")));
    assert_eq!((&shown["idApp"], &shown[&end]), (&json!(1001), &json!("2027-12-31")));
    assert_eq!(torii.get("/contracts?size=1").await["total"], 201);
    let entry = newest_audit(&torii).await;
    assert_eq!((entry["type"].as_str(), &entry["properties"]["idContract"]), (Some("create_contract"), &id));

    torii.write("PUT", &format!("/contracts/{id}"), json!({ "amount": 500, (&end): null })).await;
    let changed = torii.get(&path).await["contract"].clone();
    assert_eq!((changed["amount"].clone(), changed["currency"].clone()), (json!(500), json!("USD")));
    assert!(changed[&end].is_null());

    torii.write("DELETE", &format!("/contracts/{id}"), json!(null)).await;
    torii.refusal("GET", &format!("/contracts/{id}"), None, 404).await;
    torii.refusal("DELETE", &format!("/contracts/{id}"), None, 404).await;
}

#[tokio::test]
async fn an_app_takes_new_values_and_an_owner_by_its_older_name() {
    let torii = Torii::new();
    let body = json!({ "owner": 20_005, "c_annualBudget": 1_234_500, "tags": "Core", "isHidden": true });
    let written = torii.write("PUT", "/apps/1001", body).await;
    assert_eq!(written["app"]["c_annualBudget"], 1_234_500);
    let shown = torii.get("/apps/1001?fields=primaryOwner,c_annualBudget,tags,isHidden").await["app"].clone();
    assert_eq!(shown["primaryOwner"]["id"], 20_005);
    assert_eq!((shown["tags"].clone(), shown["isHidden"].clone()), (json!("Core"), json!(true)));
}

#[tokio::test]
async fn apps_come_from_the_catalog_or_from_the_caller() {
    let torii = Torii::new();
    torii.refusal("GET", "/apps/1006", None, 404).await;
    torii.write("POST", "/apps", json!({ "idApp": 1006 })).await;
    torii.write("POST", "/apps", json!({ "idApp": 1006 })).await;
    assert_eq!(torii.get("/apps/1006").await["app"]["id"], 1006);
    let custom = torii.write("POST", "/apps/custom", json!({ "name": "Homegrown", "tags": "Own" })).await;
    assert_eq!(
        torii.get("/apps?q=homegrown&fields=id,isCustom").await["apps"][0],
        json!({ "id": custom["app"]["id"], "isCustom": true })
    );
    assert_eq!(torii.get("/apps?size=1").await["total"], 302);
    torii.refusal("POST", "/apps", Some(json!({ "idApp": 1 })), 404).await;
    let matched = torii.write("POST", "/apps/match", json!({ "apps": [{ "name": "git hub" }, { "name": "qqqq" }] })).await;
    assert_eq!(matched["apps"][0]["name"], "GitHub");
    assert_eq!(matched["apps"][1], json!({ "searchedBy": "qqqq" }));
}

#[tokio::test]
async fn a_field_is_added_filled_renamed_and_deleted() {
    let torii = Torii::new();
    let body = json!({ "name": "Is it audited?", "type": "dropdown", "options": [{ "value": "Yes" }, { "label": "No" }] });
    torii.write("POST", "/apps/fields", body).await;
    let fields = torii.get("/apps/fields").await;
    let field = rows(&fields, "fields").last().unwrap().clone();
    assert_eq!(field["systemKey"], "c_isItAudited");
    torii.write("PUT", "/apps/1001", json!({ "c_isItAudited": "Yes" })).await;
    assert_eq!(torii.get("/apps?c_isItAudited=Yes&size=1").await["total"], 1);
    let path = format!("/apps/fields/{}", field["id"]);
    torii.write("PUT", &path, json!({ "name": "Audited", "options": [{ "value": "Sure" }] })).await;
    torii.refusal("PUT", "/apps/1001", Some(json!({ "c_isItAudited": "No" })), 400).await;
    let field = |fields: Value| rows(&fields, "fields").last().unwrap().clone();
    assert_eq!(rows(&field(torii.get("/apps/fields").await), "options").len(), 1);
    assert_eq!(rows(&field(torii.get("/apps/fields?includeDeletedOptions=true").await), "options").len(), 3);
    torii.write("DELETE", &path, json!(null)).await;
    torii.refusal("GET", "/apps?fields=c_isItAudited", None, 400).await;
    torii.refusal("DELETE", &path, None, 404).await;
    torii.refusal("DELETE", "/apps/fields/101", None, 403).await;
}

#[tokio::test]
async fn removing_a_user_from_an_app_lowers_both_counts() {
    let torii = Torii::new();
    let apps = torii.get("/users/20001/apps?isUserRemovedFromApp=false").await;
    let app = apps["apps"][0]["id"].clone();
    let counts = async || {
        let users = torii.get(&format!("/apps/{app}?fields=activeUsersCount")).await["app"]["activeUsersCount"].as_i64();
        let apps = torii.get("/users/20001").await["user"]["activeAppsCount"].as_i64();
        (users.unwrap(), apps.unwrap())
    };
    let before = counts().await;
    let path = format!("/users/20001/apps/{app}");
    for _ in 0..2 {
        torii.write("PUT", &path, json!({ "isUserRemovedFromApp": true })).await;
    }
    assert_eq!(counts().await, (before.0 - 1, before.1 - 1));
    assert_eq!(torii.get(&path).await["app"]["isUserRemovedFromApp"], true);
    let removed = torii.get(&format!("/apps/{app}/users?status=deleted&q=aaliyah.abdi")).await;
    assert_eq!(removed["users"][0]["idUser"], 20_001);
    torii.write("PUT", &path, json!({ "isUserRemovedFromApp": false })).await;
    assert_eq!(counts().await, before);
}

#[tokio::test]
async fn a_user_changes_the_lifecycle_status_and_can_be_forgotten() {
    let torii = Torii::new();
    torii.write("PUT", "/users/20001", json!({ "lifecycleStatus": "offboarding" })).await;
    assert_eq!(torii.get("/users?email=aaliyah.abdi%40example.com&lifecycleStatus=offboarding").await["total"], 1);
    torii.write("POST", "/anonymizeRequest", json!({ "email": "aaliyah.abdi@example.com" })).await;
    assert_eq!(torii.get("/users?q=aaliyah.abdi").await["total"], 0);
    assert_eq!(torii.get("/users/20001").await["user"]["firstName"], "Anonymous");
}

#[tokio::test]
async fn a_started_workflow_shows_in_the_runs_and_in_both_trails() {
    let torii = Torii::new();
    torii.wait(5);
    let before = torii.get("/workflows/actionExecutions?size=1").await["total"].as_u64().unwrap();
    let body = json!({ "triggerUserEmail": "aaliyah.abdi@example.com" });
    torii.write("POST", "/workflows/301/trigger", body).await;
    let runs = torii.get("/workflows/actionExecutions?size=1").await;
    assert_eq!(runs["total"], before + 1);
    let run = &runs["response"][0];
    assert_eq!((run["idWorkflow"].clone(), run["isRun"].clone()), (json!(301), json!(true)));
    assert_eq!(torii.get("/workflows/actionExecutions?idActionUser=20001&size=1").await["response"][0]["id"], run["id"]);
    assert_eq!(newest_audit(&torii).await["type"], "workflow_triggered_manually");
    let edit = torii.get("/workflows/audit?limit=1").await["audit"][0].clone();
    assert_eq!(edit["type"], "workflow_triggered_manually");
    assert!(edit["properties"].is_string());
    for (path, body) in [
        ("/workflows/303/trigger", json!({ "triggerAppId": 1001 })),
        ("/workflows/304/trigger", json!({ "triggerContractId": 5001 })),
        (
            "/workflows/305/trigger",
            json!({ "triggerLicenseName": "Standard", "triggerLicenseAppId": 1001, "triggerUserEmail": "adam.olsen@example.com" }),
        ),
    ] {
        torii.write("POST", path, body).await;
    }
}

#[tokio::test]
async fn a_transaction_is_tied_repriced_and_archived() {
    let torii = Torii::new();
    let unknown = torii.get("/transactions?mappingStatus=unknown&size=1").await["transactions"][0].clone();
    let path = format!("/transactions/{}", unknown["id"]);
    let tied = torii.write("PUT", &path, json!({ "idApp": 1001, "amount": { "value": 990 } })).await;
    assert_eq!(tied["transaction"]["mappingStatus"], "mapped");
    let filter = format!("/transactions?idApp=1001&sort=id&q={}", encode(unknown["description"].as_str().unwrap()));
    assert_eq!(torii.get(&filter).await["transactions"][0]["amount"]["value"], 990);
    let untied = torii.write("PUT", &path, json!({ "idApp": null, "mappingStatus": "unknown" })).await;
    assert_eq!(untied["transaction"]["idApp"], Value::Null);
    torii.write("PUT", &path, json!({ "mappingStatus": "archived" })).await;
    let all =
        format!("/transactions?mappingStatus=mapped,unknown,archived&q={}", encode(unknown["description"].as_str().unwrap()));
    assert_eq!(torii.get(&all).await["total"], 0);
}

#[tokio::test]
async fn sections_of_the_extension_settings_are_replaced_whole() {
    let torii = Torii::new();
    let before = torii.get("/extension/settings").await;
    let sites = json!({ "blockedSites": { "sites": ["x.example"] } });
    torii.write("PUT", "/extension/settings", sites.clone()).await;
    let after = torii.get("/extension/settings").await;
    assert_eq!((&after["blockedSites"], &after["dlp"]), (&sites["blockedSites"], &before["dlp"]));
    let many = json!({ "blockedSites": { "sites": vec!["x"; 5001] } });
    torii.refusal("PUT", "/extension/settings", Some(many), 400).await;
}

#[tokio::test]
async fn a_plugin_key_is_new_each_time_and_only_for_private_plugins() {
    let torii = Torii::new();
    let plugin = torii.write("POST", "/plugins", json!({ "name": "Mine" })).await;
    let path = format!("/plugins/{}/apikey", plugin["uuidPlugin"].as_str().unwrap());
    let one = torii.write("POST", &path, json!({})).await;
    assert_ne!(one["token"], torii.write("POST", &path, json!({})).await["token"]);
    torii.refusal("POST", "/plugins/d4e5f6a7-1234-4abc-9def-0123456789ab/apikey", None, 400).await;
    torii.write("DELETE", path.trim_end_matches("/apikey"), json!({})).await;
    torii.refusal("POST", &path, None, 404).await;
}
