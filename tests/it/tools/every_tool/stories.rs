//! The stories: realistic calls of all tools of a toolset, where writes show in later reads.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tokio::time::{interval, timeout};
use torii_sample::{PLUGIN_ID, PLUGIN_UUID};

use crate::{support::process::PATIENCE, tools::every_tool::Story};

/// The first user, who is an admin.
const ADMIN: &str = "aaliyah.abdi@example.com";

/// The items of a list, each by one of its fields.
fn each<'a>(list: &'a Value, field: &str) -> Vec<&'a Value> {
    list.as_array().unwrap_or_else(|| panic!("not a list: {list}")).iter().map(|item| &item[field]).collect()
}

async fn upload(story: &mut Story, name: &str, kind: &str, text: &str) -> Value {
    let arguments = json!({ "file": { "name": name, "text": text }, "type": kind });
    story.ok("upload_file", arguments).await["id"].take()
}

pub(super) async fn access_requests(story: &mut Story) {
    let shown = json!({ "fields": ["id", "name", "app"] });
    if let Some(policies) = story.unless_gone("list_access_request_policies", shown).await {
        let policy = &policies["accessRequestPolicies"][0];
        assert_eq!(policy, &json!({ "id": 401, "name": "Slack for everyone", "app": { "id": 1001, "name": "Slack" } }));
    }
    let wish = json!({ "userEmail": ADMIN, "idApp": 1001 });
    if let Some(eligible) = story.unless_gone("list_eligible_access_policies", wish).await {
        assert_eq!(each(&eligible["accessRequestPolicies"], "id"), [401]);
    }
    let request = json!({ "idAccessRequestPolicy": 401, "userEmail": ADMIN, "description": "to talk" });
    if let Some(requested) = story.unless_gone("request_access", request).await {
        assert_eq!(requested["success"], true);
        assert_eq!(story.newest().await["properties"]["description"], "to talk");
    }
    let request = json!({ "triggerAppId": 1003, "triggerUserEmail": ADMIN, "description": "to meet" });
    assert_eq!(story.ok("request_app_access", request).await["success"], true);
    assert_eq!(story.newest().await["properties"]["triggerAppId"], 1003);
}

pub(super) async fn apps(story: &mut Story) {
    let found = story.ok("search_apps", json!({ "q": "jira", "limit": 3 })).await;
    assert_eq!(found["apps"][0]["id"], 1006);
    story.fails("get_app", json!({ "idApp": 1006 }), "nothing there").await;
    assert_eq!(story.ok("add_app", json!({ "idApp": 1006 })).await["app"]["name"], "Jira");
    assert_eq!(story.ok("get_app", json!({ "idApp": 1006 })).await["app"]["id"], 1006);

    let own = json!({ "name": "Homegrown", "tags": "Own", "category": "Finance" });
    let own = story.ok("create_custom_app", own).await["app"]["id"].take();
    let listed = story.ok("list_apps", json!({ "q": "homegrown", "fields": ["id", "isCustom"] })).await;
    assert_eq!(listed["apps"], json!([{ "id": own, "isCustom": true }]));
    let matched = story.ok("match_apps", json!({ "apps": [{ "name": "git hub" }, { "name": "qqqq" }] })).await;
    assert_eq!(each(&matched["apps"], "name"), [&json!("GitHub"), &Value::Null]);
    if let Some(similar) = story.unless_gone("list_similar_apps", json!({ "idApp": 1001 })).await {
        assert!(each(&similar["similarApps"], "name").contains(&&json!("Zoom")));
    }
    let licenses = story.ok("get_app", json!({ "idApp": 1002, "fields": ["id"], "includeLicenses": true })).await;
    assert!(licenses["app"]["licenses"].is_object());

    tenant_field(story).await;
}

/// A field is added, filled, filtered by, changed and removed.
async fn tenant_field(story: &mut Story) {
    let field = json!({ "name": "Is it audited?", "type": "dropdown", "options": [{ "value": "Yes" }, { "value": "No" }] });
    story.ok("create_app_field", field).await;
    let fields = story.ok("list_app_fields", json!({})).await;
    let field = fields["fields"].as_array().and_then(|fields| fields.last()).expect("there are fields");
    assert_eq!(field["systemKey"], "c_isItAudited");
    let metadata = story.ok("list_app_field_metadata", json!({ "q": "audited" })).await;
    assert_eq!(each(&metadata["customFields"], "systemKey"), ["c_isItAudited"]);

    let written = json!({ "idApp": 1001, "c_isItAudited": "Yes", "c_annualBudget": 1_234_500, "description": "Chat" });
    story.ok("update_app", written).await;
    let shown = json!({ "idApp": 1001, "fields": ["c_isItAudited", "c_annualBudget", "description"] });
    let shown = story.ok("get_app", shown).await;
    assert_eq!(shown["app"], json!({ "description": "Chat", "c_annualBudget": 1_234_500, "c_isItAudited": "Yes" }));
    let audited = json!([{ "key": "c_isItAudited", "op": "equals", "value": "Yes" }]);
    assert_eq!(each(&story.ok("list_apps", json!({ "filters": audited })).await["apps"], "id"), [1001]);

    let changed = json!({ "idField": field["id"], "name": "Audited", "options": [{ "value": "Sure" }] });
    story.ok("update_app_field", changed).await;
    story.fails("update_app", json!({ "idApp": 1001, "c_isItAudited": "No" }), "c_isItAudited").await;
    let with_deleted = story.ok("list_app_fields", json!({ "includeDeletedOptions": true })).await;
    let changed = with_deleted["fields"].as_array().and_then(|fields| fields.last()).expect("there are fields");
    assert_eq!((&changed["name"], each(&changed["options"], "value").len()), (&json!("Audited"), 3));
    story.ok("delete_app_field", json!({ "idField": field["id"] })).await;
    story.fails("list_apps", json!({ "fields": ["c_isItAudited"] }), "c_isItAudited").await;
}

pub(super) async fn audit(story: &mut Story) {
    let first = story.ok("list_audit_logs", json!({ "size": 2 })).await;
    let second = story.ok("list_audit_logs", json!({ "size": 2, "cursor": first["nextCursor"] })).await;
    let times: Vec<_> = [&first, &second].into_iter().flat_map(|page| each(&page["audit"], "creationTime")).collect();
    assert!(times.len() == 4 && times.is_sorted_by(|one, two| one.as_str() >= two.as_str()), "newest first: {times:?}");
    let since = story.ok("list_audit_logs", json!({ "startTime": times[2], "sort": "asc" })).await;
    assert_eq!(each(&since["audit"], "creationTime"), [times[1], times[0]]);

    story.ok("update_user", json!({ "idUser": 20_005, "lifecycleStatus": "offboarding" })).await;
    let of_users = story.ok("list_audit_logs", json!({ "entity": "users", "size": 1 })).await;
    assert_eq!(of_users["audit"][0]["properties"]["idUser"], 20_005);
}

pub(super) async fn contracts(story: &mut Story) {
    let fields = story.ok("list_contract_fields", json!({})).await;
    assert!(each(&fields["fields"], "systemKey").contains(&&json!("c_isThereAnNdaSigned_1")));
    let metadata = story.ok("list_contract_field_metadata", json!({ "q": "End date" })).await;
    let end = metadata["predefinedFields"][0]["systemKey"].as_str().expect("it has a key").to_owned();
    let metadata = story.ok("list_contract_field_metadata", json!({ "q": "nda" })).await;
    assert_eq!(metadata["customFields"][0]["systemKey"], "c_isThereAnNdaSigned_1");

    let contract = json!({
        "name": "Slack 2027", "idApp": 1001, "status": "active", "amount": { "value": 23_000_000, "currency": "EUR" },
        "End date": "2027-12-31", "c_isThereAnNdaSigned_1": "Yes", "documents": [{ "idUpload": 8001, "name": "Signed" }],
    });
    let mut in_words = contract.clone();
    in_words["amount"] = json!("230,000 EUR");
    story.fails("create_contract", in_words, "`amount`").await;
    let id = story.ok("create_contract", contract).await["contract"]["id"].take();
    let shown = json!({
        "idContract": id,
        "fields": ["name", "amount", "currency", "End date", "c_isThereAnNdaSigned_1", "documents", "idApp"],
    });
    let contract = story.ok("get_contract", shown.clone()).await["contract"].take();
    assert_eq!((&contract["amount"], &contract["currency"]), (&json!(23_000_000), &json!("EUR")));
    assert_eq!((&contract["idApp"], &contract["c_isThereAnNdaSigned_1"]), (&json!(1001), &json!("Yes")));
    assert_eq!((&contract[&end], each(&contract["documents"], "name")), (&json!("2027-12-31"), vec![&json!("Signed")]));
    let filters = json!([{ "key": "name", "op": "equals", "value": "Slack 2027" }]);
    let listed = story.ok("list_contracts", json!({ "filters": filters, "sort": ["End date:desc"] })).await;
    assert_eq!(each(&listed["contracts"], "id"), [&id]);

    story.ok("update_contract", json!({ "idContract": id, "amount": 500, "clear": ["End date"] })).await;
    let contract = story.ok("get_contract", shown.clone()).await["contract"].take();
    assert_eq!((&contract["amount"], &contract[&end]), (&json!(500), &Value::Null));
    assert_eq!(story.ok("delete_contract", json!({ "idContract": id })).await, json!({ "status": 204 }));
    story.fails("get_contract", shown, "nothing there").await;
    story.fails("delete_contract", json!({ "idContract": id }), "nothing there").await;
}

pub(super) async fn files(story: &mut Story) {
    let text = "name,price\r\n\"Grüße, 世界\",1\n";
    let id = upload(story, "price list.csv", "attachment", text).await;
    let facts = story.ok("get_file", json!({ "id": id, "type": "attachment" })).await["file"].take();
    assert_eq!((&facts["fileName"], &facts["size"]), (&json!("price_list.csv"), &json!(text.len())));
    let file = story.ok("download_file", json!({ "id": id })).await;
    assert_eq!((&file["name"], &file["text"]), (&json!("price_list.csv"), &json!(text)));

    // part of a file that is no text is of no use
    for (size, is_shown) in [(50_000, true), (100_000, false)] {
        let bytes: Vec<u8> = (0..=255).cycle().take(size).collect();
        let encoded = BASE64_STANDARD.encode(&bytes);
        let file = json!({ "file": { "name": "noise.png", "base64": encoded }, "type": "attachment" });
        let id = story.ok("upload_file", file).await["id"].take();
        let file = story.ok("download_file", json!({ "id": id })).await;
        let shown = if is_shown { json!(encoded) } else { Value::Null };
        assert!(file["size"] == size && file["base64"] == shown, "{size} bytes");
    }
    story.fails("download_file", json!({ "id": 1 }), "nothing there").await;
}

pub(super) async fn integrations(story: &mut Story) {
    let app = story.ok("create_custom_app", json!({ "name": "Homegrown" })).await["app"]["id"].take();
    let people = json!({ "users": [{ "email": ADMIN }, { "email": "stranger@example.org" }] }).to_string();
    for (tool, name, content) in [
        ("sync_custom_integration", "people.json", people.as_str()),
        ("sync_gluu_integration", "people.csv", "id,mail\n1,\"adam.olsen@example.com\"\n"),
    ] {
        let account = json!({ "idApp": app, "name": name });
        let account = match story.unless_gone("create_custom_integration", account.clone()).await {
            Some(account) => account,
            None => story.by_hand("/services/custom", &account).await,
        };
        let file = upload(story, name, "customIntegrationData", content).await;
        let sync = json!({ "idFile": file, "idAppAccount": account["id"] });
        assert_eq!(story.ok(tool, sync.clone()).await["success"], true);
        story.fails(tool, sync, "conflict").await;
    }
    let users = story.ok("list_app_users", json!({ "idApp": app, "sort": ["email:asc"] })).await;
    assert_eq!(each(&users["users"], "email"), [ADMIN, "adam.olsen@example.com"]);
}

pub(super) async fn organization(story: &mut Story) {
    assert_eq!(story.ok("get_organization", json!({})).await["org"]["companyName"], "Sample Industries");
    let roles = story.ok("list_roles", json!({})).await;
    assert_eq!((&roles["roles"][0]["name"], &roles["roles"][0]["usersCount"]), (&json!("Admin"), &json!(4)));
    if let Some(before) = story.unless_gone("get_extension_settings", json!({})).await {
        let (sites, people) = (json!({ "sites": ["x.example"] }), json!(["admins"]));
        story.ok("update_extension_settings", json!({ "blockedSites": sites, "usersFilter": people })).await;
        let after = story.ok("get_extension_settings", json!({})).await;
        assert_eq!((&after["blockedSites"], &after["usersFilter"], &after["dlp"]), (&sites, &people, &before["dlp"]));
    }
}

pub(super) async fn plugins(story: &mut Story) {
    let plugin = story.ok("create_plugin", json!({ "name": "Mine" })).await;
    let archive = json!({ "file": { "name": "mine.zip", "base64": "UEsFBg==" }, "type": "plugin" });
    let file = story.ok("upload_file", archive).await["id"].take();
    let version = json!({ "uuidPlugin": plugin["uuidPlugin"], "idUpload": file });
    story.ok("publish_plugin_version", version.clone()).await;
    story.ok("publish_plugin_version", json!({ "uuidPlugin": PLUGIN_UUID, "idUpload": file })).await;
    let fields = story.ok("list_plugin_fields", json!({ "idPlugin": PLUGIN_ID })).await;
    assert_eq!(each(&fields["plugin"]["fields"], "systemKey"), ["accountId", "region"]);
    story.ok("delete_plugin", json!({ "uuidPlugin": plugin["uuidPlugin"] })).await;
    story.fails("publish_plugin_version", version, "nothing there").await;
    story.fails("list_plugin_fields", json!({ "idPlugin": plugin["idPlugin"] }), "nothing there").await;
}

pub(super) async fn scim(story: &mut Story) {
    assert_eq!(story.ok("get_scim_config", json!({})).await["patch"]["supported"], true);
    assert_eq!(story.ok("list_scim_resource_types", json!({})).await["items"][0]["id"], "User");
    let schemas = story.ok("list_scim_schemas", json!({})).await;
    assert!(schemas["Resources"][0]["attributes"].is_array());
    let member = json!({ "userName": "ada@example.com", "name": { "givenName": "Ada", "familyName": "L" } });
    let created = story.ok("create_scim_user", member.clone()).await;
    story.fails("create_scim_user", member, "conflict").await;
    let filter = json!({ "filter": "userName eq \"ada@example.com\"" });
    let found = story.ok("list_scim_users", filter).await;
    assert_eq!(each(&found["Resources"], "id"), [&created["id"]]);

    let id: u64 = created["id"].as_str().and_then(|id| id.parse().ok()).expect("the id is a number");
    let changed = json!({ "idUser": id, "userName": "ada@example.com", "userType": "finance" });
    assert_eq!(story.ok("update_scim_user", changed).await["userType"], "Finance");
    assert_eq!(story.ok("get_scim_user", json!({ "idUser": id })).await["userType"], "Finance");
    let off = json!([{ "op": "replace", "value": { "active": false } }]);
    story.ok("patch_scim_user", json!({ "idUser": id, "Operations": off })).await;
    story.fails("get_scim_user", json!({ "idUser": id }), "nothing there").await;
    story.ok("delete_scim_user", json!({ "idUser": 20_012 })).await;
    story.fails("get_scim_user", json!({ "idUser": 20_012 }), "nothing there").await;
}

pub(super) async fn transactions(story: &mut Story) {
    if let Some(metadata) = story.unless_gone("list_transaction_field_metadata", json!({})).await {
        assert!(each(&metadata["predefinedFields"], "systemKey").contains(&&json!("amount")));
    }
    let unknown = json!({ "mappingStatus": ["unknown"], "size": 1 });
    if let Some(unknown) = story.unless_gone("list_transactions", unknown).await {
        tie_and_untie(story, &unknown).await;
    }
    expense_files(story).await;
}

/// A transaction that belongs to no app gets one and loses it.
async fn tie_and_untie(story: &mut Story, unknown: &Value) {
    let (id, description) = (&unknown["transactions"][0]["id"], &unknown["transactions"][0]["description"]);
    let tie = json!({ "idTransaction": id, "idApp": 1001, "mappingStatus": "mapped", "amount": { "value": 990 } });
    story.ok("update_transaction", tie).await;
    let tied = json!({ "q": description, "idApp": 1001, "fields": ["id", "appName", "amount"] });
    let listed = story.ok("list_transactions", tied.clone()).await["transactions"].take();
    assert_eq!((&listed[0]["id"], &listed[0]["appName"], &listed[0]["amount"]["value"]), (id, &json!("Slack"), &json!(990)));
    story.ok("update_transaction", json!({ "idTransaction": id, "clear": ["idApp"], "mappingStatus": "unknown" })).await;
    assert_eq!(story.ok("list_transactions", tied).await["total"], 0);
    let untied = story.ok("list_transactions", json!({ "q": description, "mappingStatus": ["unknown", "mapped"] })).await;
    assert_eq!((&untied["transactions"][0]["id"], &untied["transactions"][0]["idApp"]), (id, &Value::Null));
}

/// Files of expenses are read both ways, and become transactions.
async fn expense_files(story: &mut Story) {
    let plain = upload(story, "plain.csv", "expenseReport", "date,description,amount\n2026-11-05,ZOOM yearly,20\n").await;
    let plain = story.ok("parse_expense_file", json!({ "idFile": plain })).await["id"].take();
    let text = "When,What,How much\n05/11/2026,SLACK seats,12.34\n06/11/2026,Pizza,20\n";
    let columns = json!({ "parseConfig": {
        "idFile": upload(story, "costs.csv", "expenseReport", text).await, "transactionDateColumn": "When",
        "descriptionColumn": "What", "amountColumn": "How much", "dateFormat": "DD/MM/YYYY", "currency": "USD",
    }});
    let columns = story.ok("parse_expense_file_by_columns", columns).await["id"].take();
    assert_eq!(parsed(story, &plain).await["totalTransactions"], 1);
    assert_eq!(parsed(story, &columns).await["totalTransactions"], 2);
    let seats = json!({ "q": "slack seats", "fields": ["transactionDate", "amount"] });
    if let Some(seats) = story.unless_gone("list_transactions", seats).await {
        let seats = &seats["transactions"][0];
        assert_eq!((&seats["amount"]["value"], &seats["transactionDate"]), (&json!(1234), &json!("2026-11-05")));
    }
}

/// Asks for the state of a parse until it has ended well.
async fn parsed(story: &mut Story, id: &Value) -> Value {
    let asking = async {
        let mut now_and_then = interval(Duration::from_millis(100));
        loop {
            now_and_then.tick().await;
            let parse = story.ok("get_expense_parse", json!({ "id": id })).await["parse"].take();
            if parse["status"] != "parsing_in_progress" {
                assert_eq!(parse["status"], "parsed_successfully");
                return parse;
            }
        }
    };
    timeout(PATIENCE, asking).await.expect("the parse ends")
}

pub(super) async fn users(story: &mut Story) {
    assert!(!each(&story.ok("list_user_fields", json!({ "q": "depart" })).await["fields"], "key").is_empty());
    let metadata = story.ok("list_user_field_metadata", json!({ "q": "department" })).await;
    assert_eq!(metadata["customFields"][0]["systemKey"], "c_department");
    let found = story.ok("list_users", json!({ "email": ADMIN })).await;
    assert_eq!(each(&found["users"], "id"), [20_001]);

    let apps = story.ok("list_user_apps", json!({ "idUser": 20_001, "isUserRemovedFromApp": false })).await;
    let id = &apps["apps"][0]["id"];
    let link = json!({ "idUser": 20_001, "idApp": id });
    assert_eq!(story.ok("get_user_app", link.clone()).await["app"]["isUserRemovedFromApp"], false);
    let removed = json!({ "idUser": 20_001, "idApp": id, "isUserRemovedFromApp": true });
    story.ok("update_user_app", removed).await;
    assert_eq!(story.ok("get_user_app", link).await["app"]["isUserRemovedFromApp"], true);
    let gone = json!({ "idApp": id, "status": "deleted", "q": "aaliyah.abdi" });
    assert_eq!(each(&story.ok("list_app_users", gone).await["users"], "idUser"), [20_001]);

    story.ok("update_user", json!({ "idUser": 20_001, "lifecycleStatus": "offboarding" })).await;
    let leaving = story.ok("list_users", json!({ "email": ADMIN, "lifecycleStatus": "offboarding" })).await;
    assert_eq!(leaving["total"], 1);
    story.ok("anonymize_user", json!({ "email": ADMIN })).await;
    assert_eq!(story.ok("list_users", json!({ "q": "aaliyah.abdi" })).await["total"], 0);
    assert_eq!(story.ok("get_user", json!({ "idUser": 20_001 })).await["user"]["firstName"], "Anonymous");
}

pub(super) async fn workflows(story: &mut Story) {
    if let Some(all) = story.unless_gone("list_workflows", json!({})).await {
        assert_eq!(each(&all["workflows"], "id").len(), 40);
    }
    if let Some(one) = story.unless_gone("get_workflow", json!({ "idWorkflow": 301 })).await {
        assert_eq!(one["workflow"]["triggerType"], "userLeft");
    }
    story.fails("run_workflow", json!({ "idWorkflow": 301 }), "triggerUserEmail").await;
    for cause in [
        json!({ "idWorkflow": 301, "triggerUserEmail": ADMIN }),
        json!({ "idWorkflow": 303, "triggerAppId": 1001 }),
        json!({ "idWorkflow": 304, "triggerContractId": 5001 }),
        json!({ "idWorkflow": 305, "triggerUserEmail": ADMIN, "triggerLicenseName": "Standard", "triggerLicenseAppId": 1001 }),
        json!({ "idWorkflow": 306 }),
    ] {
        assert_eq!(story.ok("run_workflow", cause.clone()).await["success"], true);
        let run = story.ok("list_workflow_action_runs", json!({ "size": 1 })).await["response"][0].take();
        assert_eq!((&run["idWorkflow"], &run["isRun"]), (&cause["idWorkflow"], &json!(true)));
        let change = story.ok("list_workflow_changes", json!({ "limit": 1 })).await["audit"][0].take();
        assert_eq!(change["type"], "workflow_triggered_manually");
    }
    let by_user = story.ok("list_workflow_action_runs", json!({ "idActionUser": 20_001, "size": 1 })).await;
    assert_eq!(by_user["response"][0]["idWorkflow"], 305);
}
