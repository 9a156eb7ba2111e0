//! Files: both kinds of upload, the download, and the calls that read files.

use axum::{body::Body, http::Request};
use serde_json::json;

use super::{Torii, multipart};
use crate::{FULL_ACCESS_KEY, READ_ONLY_KEY};

/// The path and query of an absolute URL of the sample.
fn local(url: &str) -> &str {
    url.strip_prefix("http://torii.test").unwrap()
}

async fn location(torii: &Torii, id: u64) -> String {
    let reply = torii.call(FULL_ACCESS_KEY, "GET", &format!("/files/{id}/download"), None).await;
    assert_eq!(reply.status, 302);
    reply.headers["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn uploaded_bytes_come_back_through_the_storage_host() {
    let torii = Torii::new();
    let id = torii.upload("report final.csv", "attachment", "a,b\n1,2\n").await;
    let file = torii.get(&format!("/files/{id}?type=attachment")).await["file"].clone();
    assert_eq!((file["fileName"].as_str(), file["type"].as_str()), (Some("report_final.csv"), Some("attachment")));
    let url = location(&torii, id).await;
    let reply = torii.send(Request::get(local(&url)).body(Body::empty()).unwrap()).await;
    assert_eq!((reply.status.as_u16(), reply.bytes.as_slice()), (200, b"a,b\n1,2\n".as_slice()));
    assert_eq!(reply.headers["content-type"], "text/plain");
}

#[tokio::test]
async fn the_storage_host_refuses_a_key_a_false_signature_and_an_old_url() {
    let torii = Torii::new();
    let url = location(&torii, 8001).await;
    let fetch = |url: &str| Request::get(local(url)).body(Body::empty()).unwrap();
    let with_key = Request::get(local(&url)).header("authorization", "Bearer x").body(Body::empty()).unwrap();
    assert_eq!(torii.send(with_key).await.status, 400);
    assert_eq!(torii.send(fetch(&url.replace("signature=", "signature=0"))).await.status, 403);
    assert_eq!(torii.send(fetch(&url)).await.status, 200);
    torii.wait(301);
    assert_eq!(torii.send(fetch(&url)).await.status, 403);
}

#[tokio::test]
async fn an_upload_in_three_steps_needs_the_second_one() {
    let torii = Torii::new();
    let parameters = torii.get("/files/url?name=plan.pdf&type=application%2Fpdf").await["uploadFileParameters"].clone();
    let (url, path) = (parameters["url"].as_str().unwrap(), parameters["filePath"].as_str().unwrap());
    let register = json!({ "path": path, "type": "attachment" });
    torii.refusal("POST", "/files", Some(register.clone()), 400).await;
    let put =
        |content_type: &str| Request::put(local(url)).header("content-type", content_type).body(Body::from("%PDF")).unwrap();
    assert_eq!(torii.send(put("text/plain")).await.status, 403);
    assert_eq!(torii.send(put("application/pdf")).await.status, 200);
    let id = torii.write("POST", "/files", register).await["id"].as_u64().unwrap();
    let url = location(&torii, id).await;
    assert_eq!(torii.send(Request::get(local(&url)).body(Body::empty()).unwrap()).await.bytes, b"%PDF");
}

#[tokio::test]
async fn uploads_have_known_endings_known_types_and_at_most_3_mb() {
    let torii = Torii::new();
    torii.refusal("POST", "/files/upload", Some(json!({ "type": "attachment" })), 400).await;
    let large = vec![b'a'; 3 * 1024 * 1024 + 1];
    for (key, name, type_, content, status) in [
        (FULL_ACCESS_KEY, "tool.exe", "attachment", b"x".as_slice(), 400),
        (FULL_ACCESS_KEY, "a.csv", "poem", b"x", 400),
        (FULL_ACCESS_KEY, "a.csv", "attachment", &large, 413),
        (READ_ONLY_KEY, "a.csv", "attachment", b"x", 403),
        (FULL_ACCESS_KEY, "a.csv", "attachment", large.split_last().unwrap().1, 200),
    ] {
        let reply = torii.send(multipart(key, name, type_, content)).await;
        assert_eq!(reply.status, status, "{name}: {}", reply.json);
    }
}

#[tokio::test]
async fn an_expense_file_becomes_transactions_after_a_while() {
    let torii = Torii::new();
    let text = "When,What,How much\n05/11/2026,SLACK seats,12.34\n06/11/2026,Pizza,20\n";
    let id_file = torii.upload("costs.csv", "expenseReport", text).await;
    let config = json!({ "parseConfig": {
        "transactionDateColumn": "When", "descriptionColumn": "What", "amountColumn": "How much",
        "dateFormat": "DD/MM/YYYY", "currency": "USD", "idFile": id_file,
    }});
    let id = torii.write("PUT", "/parsings/manual", config).await["id"].clone();
    let path = format!("/parsings/{id}");
    assert_eq!(torii.get(&path).await["parse"]["status"], "parsing_in_progress");
    torii.wait(2);
    let parse = torii.get(&path).await["parse"].clone();
    assert_eq!(parse["status"], "parsed_successfully");
    assert_eq!((parse["matchedTransactions"].clone(), parse["totalTransactions"].clone()), (json!(1), json!(2)));
    let found = torii.get("/transactions?q=slack%20seats&fields=idApp,transactionDate,amount,fileName").await;
    let found = &found["transactions"][0];
    assert_eq!((found["idApp"].clone(), found["fileName"].clone()), (json!(1001), json!("costs.csv")));
    assert_eq!((found["amount"]["value"].clone(), found["transactionDate"].clone()), (json!(1234), json!("2026-11-05")));
    let id = torii.write("PUT", "/parsings/automatic", json!({ "idFile": id_file })).await["id"].clone();
    torii.wait(2);
    assert_eq!(torii.get(&format!("/parsings/{id}")).await["parse"]["status"], "parsing_failed");
}

#[tokio::test]
async fn a_sync_links_people_and_blocks_the_next_one_for_a_minute() {
    let torii = Torii::new();
    let app = torii.write("POST", "/apps/custom", json!({ "name": "Homegrown" })).await["app"]["id"].clone();
    let account = torii.write("POST", "/services/custom", json!({ "idApp": app, "name": "HR export" })).await["id"].clone();
    let people = json!({ "users": [{ "email": "aaliyah.abdi@example.com" }, { "email": "stranger@example.org" }] });
    let id_file = torii.upload("people.json", "customIntegrationData", &people.to_string()).await;
    let body = json!({ "idFile": id_file, "idAppAccount": account });
    torii.write("PUT", "/services/sync/custom", body.clone()).await;
    let users = torii.get(&format!("/apps/{app}/users")).await;
    assert_eq!((users["total"].clone(), users["users"][0]["idUser"].clone()), (json!(1), json!(20_001)));
    torii.refusal("PUT", "/services/sync/custom", Some(body.clone()), 409).await;
    torii.wait(60);
    torii.write("PUT", "/services/sync/custom", body).await;
    torii.wait(60);
    let csv = torii.upload("people.csv", "customIntegrationData", "id,mail\n1,\"adam.olsen@example.com\"\n").await;
    torii.write("PUT", "/services/sync/gluu", json!({ "idFile": csv, "idAppAccount": account })).await;
    let bad = torii.upload("bad.json", "customIntegrationData", "[]").await;
    torii.wait(60);
    torii.refusal("PUT", "/services/sync/custom", Some(json!({ "idFile": bad, "idAppAccount": account })), 400).await;
}
