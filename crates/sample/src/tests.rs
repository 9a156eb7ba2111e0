//! Tests of the sample through its router. The clock only advances when a test advances it.

mod areas;
mod behavior;
mod files;
mod large;
mod listing;
mod operations;
mod organization;
mod permission;
mod provenance;
mod refusals;
mod scim;
mod second;
mod writes;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use std::time::{Duration, UNIX_EPOCH};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use serde_json::Value;
use tower::ServiceExt;

use super::{Behavior, FULL_ACCESS_KEY, Options, SCIM_KEY, router};

/// 2026-11-22T09:30:00Z, in seconds.
const START: i64 = 1_795_339_800;

/// A sample with its own clock.
struct Torii {
    router: Router,
    clock: Arc<AtomicI64>,
}

/// A response.
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Vec<u8>,
    json: Value,
}

impl Torii {
    fn new() -> Self {
        Self::with(Options::default())
    }

    /// A sample that behaves in another way.
    fn behaving(behavior: Behavior) -> Self {
        Self::with(Options { behavior, ..Options::default() })
    }

    fn with(mut options: Options) -> Self {
        let clock = Arc::new(AtomicI64::new(START));
        let mock_clock = Arc::clone(&clock);
        let now = move || UNIX_EPOCH + Duration::from_secs(mock_clock.load(Ordering::Relaxed).try_into().unwrap());
        options.now = Arc::new(now);
        Self { router: router(options), clock }
    }

    fn wait(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec();
        let json = serde_json::from_slice(&bytes).unwrap_or_default();
        Reply { status, headers, bytes, json }
    }

    async fn call(&self, key: &str, method: &str, path: &str, body: Option<Value>) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(format!("/v1.0{path}"))
            .header(header::HOST, "torii.test")
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).unwrap()).await
    }

    /// Reads with the key that the path requires, and expects success.
    async fn get(&self, path: &str) -> Value {
        let reply = self.call(key_for(path), "GET", path, None).await;
        assert_eq!(reply.status, 200, "GET {path}: {}", reply.json);
        reply.json
    }

    /// Writes, and expects success.
    async fn write(&self, method: &str, path: &str, body: Value) -> Value {
        let reply = self.call(key_for(path), method, path, Some(body)).await;
        assert!(reply.status.is_success(), "{method} {path}: {} {}", reply.status, reply.json);
        reply.json
    }

    /// Calls, and expects an error in the published format; returns its message.
    async fn refusal(&self, method: &str, path: &str, body: Option<Value>, status: u16) -> String {
        let reply = self.call(key_for(path), method, path, body).await;
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.json);
        assert_eq!(reply.json["statusCode"], status);
        assert!(reply.json["error"].is_string());
        reply.json["message"].as_str().unwrap().to_owned()
    }

    /// The system key of the field with this label; Torii's metadata is the only way to know it.
    async fn key(&self, kind: &str, label: &str) -> String {
        let metadata = self.get(&format!("/{kind}/metadata")).await;
        let mut fields = ["predefinedFields", "customFields"].into_iter().flat_map(|name| rows(&metadata, name));
        let field = fields.find(|field| field["name"] == label).unwrap_or_else(|| panic!("no {label} in {metadata}"));
        field["systemKey"].as_str().unwrap().to_owned()
    }

    /// Uploads a file and returns its id.
    async fn upload(&self, name: &str, type_: &str, content: &str) -> u64 {
        let reply = self.send(multipart(FULL_ACCESS_KEY, name, type_, content.as_bytes())).await;
        assert_eq!(reply.status, 200, "{}", reply.json);
        reply.json["id"].as_u64().unwrap()
    }
}

fn key_for(path: &str) -> &'static str {
    if path.starts_with("/scim/") { SCIM_KEY } else { FULL_ACCESS_KEY }
}

fn multipart(key: &str, name: &str, type_: &str, content: &[u8]) -> Request<Body> {
    let mut body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\n{type_}\r\n\
         --edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: text/plain\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    Request::post("/v1.0/files/upload")
        .header(header::AUTHORIZATION, format!("Bearer {key}"))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge")
        .body(Body::from(body))
        .unwrap()
}

/// Encodes a query value.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn rows<'a>(json: &'a Value, name: &str) -> &'a Vec<Value> {
    json[name].as_array().unwrap_or_else(|| panic!("no {name} in {json}"))
}
