//! Every operation returns a response.

use serde_json::{Value, json};

use super::{Torii, key_for, multipart};
use crate::{FULL_ACCESS_KEY, PLUGIN_ID, PLUGIN_UUID, limits::LIMITS};

/// The expected status and top-level keys of a response; no keys mean an empty body.
type Wanted = (u16, &'static [&'static str]);

/// One call of each operation, in the order of the table of limits: path with ids, body, and the expected response.
fn calls() -> Vec<(String, Option<Value>, Wanted)> {
    let call = |path: &str, wanted: Wanted| (path.to_owned(), None, wanted);
    let send = |path: &str, body: Value, wanted: Wanted| (path.to_owned(), Some(body), wanted);
    let empty: Wanted = (200, &[]);
    let page: Wanted = (200, &["count", "total", "nextCursor"]);
    let app: Wanted = (200, &["app"]);
    let fields: Wanted = (200, &["fields"]);
    let metadata: Wanted = (200, &["predefinedFields", "customFields"]);
    let contract: Wanted = (200, &["contract"]);
    let success: Wanted = (200, &["success"]);
    let member: Wanted = (200, &["schemas", "id", "userName", "name", "active", "emails", "userType", "meta"]);
    let policies: Wanted = (200, &["accessRequestPolicies"]);
    let staff = "aaliyah.abdi@example.com";
    let parse = json!({ "parseConfig": {
        "transactionDateColumn": "date", "descriptionColumn": "description", "amountColumn": "amount",
        "dateFormat": "YYYY-MM-DD", "idFile": 8002,
    }});
    vec![
        send("/anonymizeRequest", json!({ "email": "svc-backup-79@example.com" }), (200, &["id", "status"])),
        call("/appCatalog/accessRequestPolicies", policies),
        call(&format!("/appCatalog/accessRequestPolicies/eligible?userEmail={staff}&idApp=1001"), policies),
        send(
            "/appCatalog/accessRequestPolicies/trigger",
            json!({ "userEmail": staff, "policies": [{ "idAccessRequestPolicy": 401 }] }),
            (200, &["results"]),
        ),
        send("/appCatalog/accessRequestPolicies/401/trigger", json!({ "userEmail": staff }), success),
        call("/apps/fields", fields),
        send("/apps/fields", json!({ "name": "Region", "type": "singleLine" }), empty),
        send("/apps/fields/122", json!({ "name": "How critical" }), empty),
        call("/apps/fields/123", empty),
        call("/apps/metadata", metadata),
        call("/apps/1001/users?size=2", page),
        call("/apps?size=2", page),
        send("/apps", json!({ "idApp": 1006 }), app),
        send("/apps/custom", json!({ "name": "Homegrown" }), app),
        send("/apps/match", json!({ "apps": [{ "name": "slack" }] }), (200, &["apps"])),
        call("/apps/search?q=sl", (200, &["apps"])),
        call("/apps/similar?idApp=1001", (200, &["similarApps"])),
        call("/apps/1001", app),
        send("/apps/1001", json!({ "description": "Chat" }), app),
        call("/audit", (200, &["audit", "nextCursor", "count"])),
        call("/contracts?size=2", page),
        send("/contracts", json!({ "name": "New", "idApp": 1001, "status": "active" }), contract),
        call("/contracts/5001", contract),
        send("/contracts/5001", json!({ "ccf_f219": "Checked" }), contract),
        call("/contracts/5002", (204, &[])),
        call("/contracts/fields", fields),
        call("/contracts/metadata", metadata),
        call("/extension/settings", (200, &["dlp", "blockedSites", "usersFilter"])),
        send("/extension/settings", json!({ "usersFilter": null }), (200, &["dlp", "blockedSites", "usersFilter"])),
        send("/files", json!({ "path": "PATH", "type": "attachment" }), (200, &["id"])),
        call("/files/upload", (200, &["id"])),
        call("/files/url?name=a.csv&type=text%2Fcsv", (200, &["uploadFileParameters"])),
        call("/files/8001", (200, &["file"])),
        call("/files/8001/download", (302, &[])),
        send("/services/custom", json!({ "idApp": 1001 }), (200, &["id"])),
        send("/services/sync/custom", json!({ "idFile": 8003, "idAppAccount": 7001 }), success),
        send("/services/sync/gluu", json!({ "idFile": 8003, "idAppAccount": 7001 }), success),
        call("/orgs/my", (200, &["org"])),
        send("/parsings/automatic", json!({ "idFile": 8002 }), (200, &["id"])),
        send("/parsings/manual", parse, (200, &["id"])),
        call("/parsings/PARSING", (200, &["parse"])),
        send("/plugins", json!({ "name": "New" }), (200, &["idPlugin", "uuidPlugin"])),
        call(&format!("/plugins/{PLUGIN_ID}/fields"), (200, &["plugin"])),
        send(&format!("/plugins/{PLUGIN_UUID}"), json!({ "idUpload": 8004 }), empty),
        call("/plugins/7c1d9e34-58b2-4f0a-8d66-a0b1c2d3e4f5", empty),
        call(&format!("/plugins/{PLUGIN_UUID}/apikey"), (200, &["id", "idOrg", "createdBy", "token"])),
        call("/roles", (200, &["roles"])),
        call("/scim/v2/ResourceTypes", (200, &[])),
        call("/scim/v2/Schemas", (200, &["schemas", "Resources"])),
        call("/scim/v2/ServiceProviderConfig", (200, &["schemas", "patch", "bulk", "filter"])),
        call("/scim/v2/Users", (200, &["schemas", "totalResults", "itemsPerPage", "startIndex", "Resources"])),
        send("/scim/v2/Users", json!({ "userName": "new@example.com" }), (201, member.1)),
        call("/scim/v2/Users/20001", member),
        send("/scim/v2/Users/20001", json!({ "userName": staff }), member),
        send(
            "/scim/v2/Users/20002",
            json!({ "Operations": [{ "op": "replace", "path": "name.givenName", "value": "Ada" }] }),
            empty,
        ),
        call("/scim/v2/Users/20003", (204, &[])),
        call("/transactions?size=2", page),
        call("/transactions/metadata", (200, &["predefinedFields"])),
        send("/transactions/60001", json!({ "idApp": 1001 }), (200, &["transaction"])),
        call("/users/20001/apps", (200, &["apps"])),
        call("/users/20001/apps/APP", app),
        send("/users/20001/apps/APP", json!({ "isUserRemovedFromApp": true }), app),
        call("/users/fields", fields),
        call("/users/metadata", metadata),
        call("/users?size=2", page),
        call("/users/20001", (200, &["user"])),
        send("/users/20001", json!({ "lifecycleStatus": "offboarding" }), (200, &["user"])),
        send("/appCatalog/triggerAppAccessRequestPolicy", json!({ "triggerAppId": 1001, "triggerUserEmail": staff }), success),
        call("/workflows", (200, &["workflows"])),
        call("/workflows/actionExecutions", (200, &["response", "nextCursor", "count", "total"])),
        call("/workflows/audit", (200, &["audit"])),
        call("/workflows/301", (200, &["workflow"])),
        send("/workflows/306/trigger", json!({}), success),
    ]
}

#[tokio::test]
async fn each_of_the_73_operations_answers_as_documented() {
    let torii = Torii::new();
    let calls = calls();
    assert_eq!((LIMITS.len(), calls.len()), (73, 73));
    let app = torii.get("/users/20001/apps").await["apps"][0]["id"].to_string();
    let mut parsing = String::new();
    for ((method, template, _), (path, body, (status, keys))) in LIMITS.iter().zip(calls) {
        let path = path.replace("/apps/APP", &format!("/apps/{app}")).replace("PARSING", &parsing);
        let key = key_for(&path);
        let reply = match *template {
            "/files/upload" => torii.send(multipart(FULL_ACCESS_KEY, "a.csv", "attachment", b"a,b")).await,
            "/files" => {
                let path = put_bytes(&torii).await;
                torii.call(key, "POST", "/files", Some(json!({ "path": path, "type": "attachment" }))).await
            }
            _ => torii.call(key, method, &path, body).await,
        };
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.json);
        for name in keys {
            assert!(reply.json.get(name).is_some(), "{method} {path} has no {name}: {}", reply.json);
        }
        match *template {
            "/scim/v2/ResourceTypes" => assert!(reply.json.is_array()),
            _ => assert_eq!(keys.is_empty(), reply.bytes.is_empty(), "{method} {path}"),
        }
        if *template == "/parsings/manual" {
            parsing = reply.json["id"].to_string();
        }
        // Only one sync can run at a time, so the next one has to wait.
        torii.wait(61);
    }
}

/// The second of the three steps of an upload.
async fn put_bytes(torii: &Torii) -> String {
    let parameters = torii.get("/files/url?name=a.csv&type=text%2Fcsv").await;
    let parameters = &parameters["uploadFileParameters"];
    let url = parameters["url"].as_str().unwrap().strip_prefix("http://torii.test").unwrap();
    let request = axum::http::Request::put(url).header("content-type", "text/csv");
    assert_eq!(torii.send(request.body("a,b".into()).unwrap()).await.status, 200);
    parameters["filePath"].as_str().unwrap().to_owned()
}
