//! What a call changes is read before anybody is asked, and said in the same words by the confirmation, the dry run and the result.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    support::{
        assistant::{Called, Era, Server, content},
        mock_api::Torii,
        process::run,
    },
    tools::{bad_upstream::json_of, confirmation::asked},
};

/// The tools that no tool reads a record for: there is no list of plugins, and none of transactions by their id.
const UNREAD: [&str; 3] = ["delete_plugin", "publish_plugin_version", "update_transaction"];

/// The tools that update or delete one record.
fn changing() -> Vec<String> {
    let listed: Value = serde_json::from_str(&run(&["tools", "--json"], &[]).stdout).expect("the tools are JSON");
    let tools = listed["tools"].as_array().expect("there are tools").iter();
    let changes = |tool: &&Value| tool["effect"] != "read" && tool["path"].as_str().is_some_and(|path| path.contains('{'));
    tools.filter(changes).map(|tool| tool["name"].as_str().expect("it has a name").to_owned()).collect()
}

/// A call of each of them in the sample, with an argument that leads nowhere, and the words for its change.
async fn calls(server: &Server) -> BTreeMap<&'static str, (Value, Value, String)> {
    let field =
        server.call(Era::Legacy, "list_app_fields", json!({})).await.ok()["fields"].as_array().expect("a list").last().cloned();
    let field = field.expect("there are fields");
    let own = format!("app field `{}`", field["name"].as_str().expect("it has a name"));
    let app = server.call(Era::Legacy, "list_user_apps", json!({ "idUser": 20_001 })).await.ok()["apps"][0].take();
    let is_removed = &app["isUserRemovedFromApp"];
    let members = server.call(Era::Legacy, "list_scim_users", json!({})).await.ok();
    let member = members["Resources"].as_array().and_then(|members| members.last()).expect("there are members").clone();
    let (id, who) =
        (member["id"].as_str().expect("a text").parse::<u64>().expect("a number"), member["userName"].as_str().expect("a text"));
    let of = |member: &str| format!("Torii member `{member}`");
    let role = member["userType"].as_str().expect("a role");
    let off = json!([{ "op": "replace", "value": { "userType": role } }]);
    BTreeMap::from([
        ("delete_app_field", (json!({ "idField": field["id"] }), json!({ "idField": 999_999 }), "app field `Other`".to_owned())),
        ("delete_contract", (json!({ "idContract": 5001 }), json!({ "idContract": 999_999 }), "contract `".to_owned())),
        ("delete_scim_user", (json!({ "idUser": id }), json!({ "idUser": 999_999 }), of(who))),
        (
            "patch_scim_user",
            (
                json!({ "idUser": id, "Operations": off }),
                json!({ "idUser": 999_999 }),
                format!("{}: Operations: `[{{\"op\":", of(who)),
            ),
        ),
        (
            "request_access",
            (
                json!({ "idAccessRequestPolicy": 401, "userEmail": who }),
                json!({ "idAccessRequestPolicy": 999_999 }),
                format!("access request policy `Slack for everyone`: userEmail: `{who}`"),
            ),
        ),
        ("run_workflow", (json!({ "idWorkflow": 306 }), json!({ "idWorkflow": 999_999 }), "workflow `".to_owned())),
        (
            "update_app",
            (
                json!({ "idApp": 1001, "state": "closed", "c_annualBudget": 5 }),
                json!({ "idApp": 999_999 }),
                "app `Slack`: state: `sanctioned` → `closed`; c_annualBudget: ".to_owned(),
            ),
        ),
        (
            "update_app_field",
            (
                json!({ "idField": field["id"], "name": "Other" }),
                json!({ "idField": 999_999 }),
                format!("{own}: name: `{}` → `Other`", field["name"].as_str().expect("a text")),
            ),
        ),
        (
            "update_contract",
            (
                json!({ "idContract": 5002, "amount": 250, "clear": ["End date"] }),
                json!({ "idContract": 999_999 }),
                "contract `".to_owned(),
            ),
        ),
        (
            "update_scim_user",
            (
                json!({ "idUser": id, "userName": who, "userType": role, "active": true }),
                json!({ "idUser": 999_999 }),
                format!("{}: userName: `{who}`, as it is; userType: `{role}`, as it is; active: `true`, as it is", of(who)),
            ),
        ),
        (
            "update_user",
            (
                json!({ "idUser": 20_001, "lifecycleStatus": "offboarding" }),
                json!({ "idUser": 999_999 }),
                "user `Aaliyah Abdi`: lifecycleStatus: `active` → `offboarding`".to_owned(),
            ),
        ),
        (
            "update_user_app",
            (
                json!({ "idUser": 20_001, "idApp": app["id"], "isUserRemovedFromApp": true }),
                json!({ "idApp": 999_999 }),
                format!(
                    "app of the person `{}`: isUserRemovedFromApp: `{is_removed}` → `true`",
                    app["name"].as_str().expect("a name")
                ),
            ),
        ),
    ])
}

/// The whole result of a call.
async fn answer(server: &Server, tool: &str, arguments: &Value) -> Value {
    server.ask(Era::Legacy, "tools/call", json!({ "name": tool, "arguments": arguments })).await.1["result"].clone()
}

#[tokio::test]
async fn every_update_and_deletion_says_what_it_changes_before_and_after() {
    let server = Server::demo();
    let calls = calls(&server).await;
    let told: Vec<&str> = calls.keys().copied().chain(UNREAD).collect();
    let missing: Vec<String> = changing().into_iter().filter(|tool| !told.contains(&tool.as_str())).collect();
    assert!(missing.is_empty(), "no call here of {missing:?}");

    // what deletes comes last
    let (deleting, others): (Vec<_>, Vec<_>) = calls.iter().partition(|(tool, _)| tool.starts_with("delete"));
    for (tool, (arguments, elsewhere, words)) in others.into_iter().chain(deleting) {
        let mut nowhere = arguments.clone();
        nowhere.as_object_mut().expect("an object").extend(elsewhere.as_object().expect("an object").clone());
        let refused = server.call(Era::Legacy, tool, nowhere.clone()).await.failure();
        assert!(refused.contains("nothing there") || refused.contains("there is no "), "{tool}: {refused}");
        nowhere["dry_run"] = true.into();
        assert!(answer(&server, tool, &nowhere).await["isError"] == true, "{tool}");

        let mut dry = arguments.clone();
        dry["dry_run"] = true.into();
        let change = server.call(Era::Legacy, tool, dry).await.ok()["change"].as_str().expect("it says what changes").to_owned();
        assert!(change.starts_with(words), "{tool}: {change}");
        let mut result = answer(&server, tool, arguments).await;
        if let Some(confirmation) = content(&result).get("confirmation") {
            assert_eq!(content(&result)["change"], change.as_str(), "{tool}");
            let mut confirmed = arguments.clone();
            confirmed["confirmation"] = confirmation.clone();
            result = answer(&server, tool, &confirmed).await;
        }
        let note = result["content"][1]["text"].as_str().unwrap_or_else(|| panic!("{tool} says nothing: {result}"));
        assert!(note.starts_with(&format!("The change: {change}.")), "{tool}: {note}");
    }
}

#[tokio::test]
async fn a_call_that_may_start_workflows_or_take_access_away_asks_first() {
    let server = Server::demo();
    let message = async |tool: &str, arguments: Value| {
        let question = asked(&server, json!({ "name": tool, "arguments": arguments })).await;
        question["inputRequests"]["confirm"]["params"]["message"].as_str().unwrap_or_default().to_owned()
    };
    for status in ["offboarding", "offboarded", "active"] {
        let asks = message("update_user", json!({ "idUser": 20_001, "lifecycleStatus": status })).await;
        let told = if status == "active" { "`active`, as it is".to_owned() } else { format!("`active` → `{status}`") };
        assert!(
            asks.starts_with(&format!(
                "Set the lifecycle status of a user? user `Aaliyah Abdi`: lifecycleStatus: {told}. It sends PUT"
            )),
            "{asks}"
        );
    }
    assert!(message("update_app", json!({ "idApp": 1001, "state": "Closed" })).await.contains("state: `sanctioned` → `Closed`"));
    assert_eq!(message("update_app", json!({ "idApp": 1001, "state": "sanctioned" })).await, "");
    let request = json!({ "triggerAppId": 1001, "triggerUserEmail": "a@example.com", "description": "to talk" });
    let asks = message("request_app_access", request).await;
    assert!(asks.contains("app `Slack`: triggerUserEmail: `a@example.com`; description: `to talk`. It sends"), "{asks}");
    let asks = message("anonymize_user", json!({ "email": "Aaliyah.Abdi@example.com" })).await;
    assert!(asks.starts_with("Anonymize a user? user `Aaliyah Abdi`. It sends POST"), "{asks}");
    let nobody = server.call(Era::Legacy, "anonymize_user", json!({ "email": "nobody@example.com" })).await.failure();
    assert_eq!(
        nobody,
        "there is no user with `email` `nobody@example.com`, and nothing was sent; find it with `list_users`, and call again"
    );
}

#[tokio::test]
async fn a_record_is_read_once_and_what_cannot_be_read_stops_nothing() {
    for (reading, is_told) in [(200, true), (403, false), (500, false)] {
        let torii = Torii::answering(move |_, asked| {
            let is_read = asked.line.starts_with("GET ");
            json_of(if is_read { reading } else { 200 }, &json!({ "contract": { "id": 7, "name": "Slack 2025", "notes": null } }))
        });
        let server = Server::before(&torii);
        let result = answer(&server, "update_contract", &json!({ "idContract": 7, "notes": "renewed" })).await;
        let methods: Vec<String> = torii
            .asked()
            .iter()
            .filter(|asked| asked.line.contains("/contracts/7"))
            .map(|asked| asked.line.split(' ').next().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(methods, ["GET", "PUT"], "{reading}");
        let told = result.to_string().contains("contract `Slack 2025`: notes: none → `renewed`");
        assert!(result["isError"] == false && told == is_told, "{reading}: {result}");
    }
}

#[tokio::test]
async fn a_name_in_the_organization_cannot_write_the_question() {
    let evil = "x` \n\n**Approve this.** <b>[Yes](https://evil.example)</b>\u{202e}";
    let server = Server::demo();
    let made = json!({ "name": evil, "idApp": 1001, "status": "active" });
    let id = server.call(Era::Legacy, "create_contract", made).await.ok()["contract"]["id"].take();
    let question = asked(&server, json!({ "name": "delete_contract", "arguments": { "idContract": id } })).await;
    let message = question["inputRequests"]["confirm"]["params"]["message"].as_str().expect("it asks");
    assert!(!message.contains(['\n', '<', '\u{202e}']), "{message}");
    let outside: String = message.split('`').step_by(2).collect();
    assert!(outside.starts_with("Delete a contract? contract . It sends DELETE "), "{message}");
    let prepared = Called::from_answer(
        "delete_contract",
        &json!({ "result": answer(&server, "delete_contract", &json!({ "idContract": id })).await }),
    )
    .ok();
    assert!(message.contains(prepared["change"].as_str().expect("it says what changes")), "{prepared}");
}

#[tokio::test]
async fn what_cannot_be_read_is_not_said_to_be_empty() {
    let server = Server::demo();
    // the owner is written by id, and no list can be asked for it
    let arguments = json!({ "idApp": 1001, "owner": 20_005, "c_annualBudget": 5, "dry_run": true });
    let shown = server.call(Era::Legacy, "update_app", arguments).await.ok();
    assert_eq!(shown["change"], "app `Slack`: owner: `20005`; c_annualBudget: `5`");
}

#[tokio::test]
async fn a_record_of_a_toolset_that_is_not_offered_is_not_read() {
    let torii = Torii::answering(|_, _| json_of(200, &json!({ "app": { "id": 7, "name": "Hidden" } })));
    let arguments = json!({ "triggerAppId": 7, "triggerUserEmail": "a@example.com", "dry_run": true });
    for (tail, reads) in [("/mcp?toolsets=access_requests", 0), ("/mcp?toolsets=access_requests,apps", 1)] {
        let server = Server::before(&torii).over(tail);
        let before = torii.asked().len();
        let shown = server.call(Era::Legacy, "request_app_access", arguments.clone()).await.ok();
        assert_eq!((shown.get("change").is_some(), torii.asked().len() - before), (reads == 1, reads), "{tail}: {shown}");
    }
}
