//! The example from the view of a client, which registers, is allowed by a user who signs in with a key, and calls the tools.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::result_large_err,
    reason = "a test that cannot go on should say so and stop"
)]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use axum::{
    Router,
    extract::{Path, Query},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{delete, get},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_http::json::Json;
use reqwest::{Client, header, redirect::Policy};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const KEY: &str = "a-key-of-the-shop";
const REDIRECT: &str = "http://127.0.0.1:7777/callback";
const VERIFIER: &str = "a-verifier-that-is-long-enough-for-the-rule-of-43-characters";

/// A petstore with two pets.
async fn petstore() -> String {
    fn known(headers: &HeaderMap) -> Result<(), Response> {
        let is_known = headers.get(header::AUTHORIZATION).is_some_and(|value| value == format!("Bearer {KEY}").as_str());
        if is_known { Ok(()) } else { Err(StatusCode::UNAUTHORIZED.into_response()) }
    }
    async fn list(headers: HeaderMap, Query(query): Query<Vec<(String, String)>>) -> Result<Response, Response> {
        known(&headers)?;
        let only_cats = query.contains(&("species".to_owned(), "cat".to_owned()));
        let mut pets = vec![json!({ "id": 1, "name": "Mia", "species": "cat" })];
        if !only_cats {
            pets.push(json!({ "id": 2, "name": "Rex", "species": "dog" }));
        }
        Ok(Json(json!({ "pets": pets, "nextCursor": null })).into_response())
    }
    async fn add(headers: HeaderMap, body: String) -> Result<Response, Response> {
        known(&headers)?;
        let mut pet: Value = serde_json::from_str(&body).unwrap();
        pet["id"] = 3.into();
        Ok((StatusCode::CREATED, Json(pet)).into_response())
    }
    async fn remove(headers: HeaderMap, Path(_): Path<u32>) -> Result<StatusCode, Response> {
        known(&headers).map(|()| StatusCode::NO_CONTENT)
    }
    async fn shop(headers: HeaderMap) -> Result<Response, Response> {
        known(&headers)?;
        Ok(Json(json!({ "id": "s1", "name": "The corner shop" })).into_response())
    }
    let router =
        Router::new().route("/v1/pets", get(list).post(add)).route("/v1/pets/{id}", delete(remove)).route("/v1/shop", get(shop));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// The running server, which is stopped when this value is dropped.
struct Running {
    child: Child,
    origin: String,
    _folder: tempfile::TempDir,
}

impl Running {
    fn start(api: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_petstore-mcp"))
            .envs([("PETSTORE_URL", api), ("PETSTORE_LISTEN", "127.0.0.1:0")])
            .env("PETSTORE_DATA", folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().rsplit(' ').next().unwrap();
        Self { origin: url.trim_end_matches("/mcp").to_owned(), child, _folder: folder }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The value of a hidden field in a form.
fn field(page: &str, name: &str) -> String {
    let after = page.split(&format!("name=\"{name}\" value=\"")).nth(1).expect("the field is there");
    after.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
}

/// A browser that loads pages and submits forms.
struct Browser {
    http: Client,
    origin: String,
    cookies: Vec<(String, String)>,
}

impl Browser {
    async fn send(&mut self, request: reqwest::RequestBuilder) -> reqwest::Response {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let response = request.header(header::COOKIE, cookies).send().await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(have, _)| have != name);
            self.cookies.push((name.to_owned(), rest.split(';').next().unwrap().to_owned()));
        }
        response
    }

    async fn open(&mut self, path: &str) -> reqwest::Response {
        let request = self.http.get(format!("{}{path}", self.origin));
        self.send(request).await
    }

    async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> reqwest::Response {
        let request = self.http.post(format!("{}{path}", self.origin)).form(form);
        self.send(request).await
    }
}

fn location(response: &reqwest::Response) -> String {
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

/// An access token for these scopes, for a user who signs in with a key; the error is the page that rejects the key.
async fn token(running: &Running, key: &str, scope: &str) -> Result<String, String> {
    let origin = &running.origin;
    let http = Client::builder().redirect(Policy::none()).build().unwrap();
    let registration = json!({ "client_name": "Test", "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none" });
    let client: Value =
        http.post(format!("{origin}/oauth/register")).json(&registration).send().await.unwrap().json().await.unwrap();
    let client_id = client["client_id"].as_str().unwrap();
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let authorize = format!(
        "/oauth/authorize?response_type=code&client_id={client_id}&redirect_uri={REDIRECT}&code_challenge={challenge}\
         &code_challenge_method=S256&scope={scope}"
    );
    let mut browser = Browser { http: http.clone(), origin: origin.clone(), cookies: Vec::new() };
    let to_sign_in = location(&browser.open(&authorize).await);
    let page = browser.open(&to_sign_in).await.text().await.unwrap();
    assert!(page.contains("Sign in with your Petstore key"), "{page}");
    let (csrf, next) = (field(&page, "csrf"), field(&page, "next"));
    let signed_in = browser.post("/sign-in", &[("key", key), ("csrf", &csrf), ("next", &next)]).await;
    let (status, page) = (signed_in.status(), signed_in.text().await.unwrap());
    if !status.is_success() {
        return Err(page);
    }
    assert!(page.contains("The corner shop") && page.contains("See the pets"), "{page}");
    let (csrf, next) = (field(&page, "csrf"), field(&page, "next"));
    let mut form = vec![("csrf", csrf.as_str()), ("next", &next), ("decision", "allow")];
    form.extend(scope.split('+').map(|scope| ("scope", scope)));
    let allowed = location(&browser.post("/oauth/authorize", &form).await);
    let code = allowed.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", client_id),
        ("code", &code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", REDIRECT),
    ];
    let tokens: Value = http.post(format!("{origin}/oauth/token")).form(&form).send().await.unwrap().json().await.unwrap();
    Ok(tokens["access_token"].as_str().unwrap_or_else(|| panic!("{tokens}")).to_owned())
}

async fn ask(running: &Running, token: &str, method: &str, params: Value) -> (StatusCode, Value) {
    let response = Client::new()
        .post(format!("{}/mcp", running.origin))
        .bearer_auth(token)
        .header(header::ACCEPT, "application/json, text/event-stream")
        .header("mcp-protocol-version", "2025-11-25")
        .json(&json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }))
        .send()
        .await
        .unwrap();
    (response.status(), response.json().await.unwrap())
}

/// The response in the text of a result.
fn content(answer: &Value) -> Value {
    let text = answer["result"]["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}"));
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn a_client_reads_what_its_user_allowed_and_no_more() {
    let running = Running::start(&petstore().await);
    let token = token(&running, KEY, "pets:read").await.unwrap();
    assert!(token.starts_with("petstore_at_"), "{token}");
    let (_, listed) =
        ask(&running, &token, "tools/call", json!({ "name": "list_pets", "arguments": { "species": "cat" } })).await;
    let pets = json!([{ "id": 1, "name": "Mia", "species": "cat" }]);
    assert_eq!(content(&listed)["pets"], pets, "{listed}");
    let pet = json!({ "name": "add_pet", "arguments": { "name": "Polly", "species": "parrot" } });
    let (status, refused) = ask(&running, &token, "tools/call", pet).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{refused}");
}

#[tokio::test]
async fn a_client_with_more_rights_changes_and_is_asked_before_it_destroys() {
    let running = Running::start(&petstore().await);
    let token = token(&running, KEY, "pets:write+pets:destroy").await.unwrap();
    let pet = json!({ "name": "add_pet", "arguments": { "name": "Polly", "species": "parrot" } });
    let (_, added) = ask(&running, &token, "tools/call", pet).await;
    assert_eq!(content(&added)["id"], 3, "{added}");
    let mut removal = json!({ "name": "remove_pet", "arguments": { "petId": 3 } });
    let (_, prepared) = ask(&running, &token, "tools/call", removal.clone()).await;
    removal["arguments"]["confirmation"] = content(&prepared)["confirmation"].clone();
    let (_, removed) = ask(&running, &token, "tools/call", removal).await;
    assert_eq!(removed["result"]["isError"], false, "{removed}");
}

#[tokio::test]
async fn a_key_that_the_shop_does_not_know_is_refused_on_the_page() {
    let running = Running::start(&petstore().await);
    let page = token(&running, "guessed", "pets:read").await.unwrap_err();
    assert!(page.contains("Petstore does not accept this key."), "{page}");
}
