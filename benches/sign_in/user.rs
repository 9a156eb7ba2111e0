//! A user with a browser, and the app that they connect: each step is one request.

use std::collections::BTreeMap;

use mcp_http::token::{PlainToken, Random, TokenKind};
use mcp_oauth_server::pkce::CodeChallenge;
use reqwest::{Client, RequestBuilder, Response, header};
use serde_json::{Value, json};

const REDIRECT: &str = "http://127.0.0.1/callback";

pub struct User {
    pub http: Client,
    origin: String,
    cookies: BTreeMap<String, String>,
    csrf: String,
    client_id: String,
    verifier: String,
    query: String,
    code: String,
    pub access: String,
    refresh: String,
}

impl User {
    pub fn new(origin: &str) -> Self {
        let http = Client::builder().no_proxy().tcp_nodelay(true).redirect(reqwest::redirect::Policy::none()).build();
        let text = String::new;
        Self {
            http: http.expect("a client"),
            origin: origin.to_owned(),
            cookies: BTreeMap::new(),
            csrf: text(),
            client_id: text(),
            verifier: text(),
            query: text(),
            code: text(),
            access: text(),
            refresh: text(),
        }
    }

    async fn send(&mut self, request: RequestBuilder, expected: u16) -> Response {
        let line: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let response = request.header(header::COOKIE, line.join("; ")).send().await.expect("a response");
        assert_eq!(response.status().as_u16(), expected, "{}", response.url());
        for line in response.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = line.to_str().expect("ASCII").split_once('=').expect("a name");
            self.cookies.insert(name.to_owned(), rest.split(';').next().unwrap_or_default().to_owned());
        }
        self.cookies.retain(|_, value| !value.is_empty());
        response
    }

    async fn page(&mut self, path: &str) {
        let request = self.http.get(format!("{}{path}", self.origin));
        let page = self.send(request, 200).await.text().await.expect("text");
        self.keep_csrf(&page);
    }

    fn keep_csrf(&mut self, page: &str) {
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").expect("a form");
        self.csrf = rest.split('"').next().unwrap_or_default().to_owned();
    }

    pub async fn metadata(&mut self) {
        let request = self.http.get(format!("{}/.well-known/oauth-authorization-server", self.origin));
        self.send(request, 200).await;
    }

    pub async fn register(&mut self, name: &str) {
        let metadata = json!({ "client_name": name, "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none" });
        let request = self.http.post(format!("{}/oauth/register", self.origin)).json(&metadata);
        let response: Value = self.send(request, 201).await.json().await.expect("JSON");
        self.client_id = response["client_id"].as_str().expect("an id").to_owned();
    }

    /// Signs in, and gets the consent page.
    pub async fn sign_in(&mut self, key: &str) {
        let form = [("key", key), ("csrf", &self.csrf), ("next", &self.query)];
        let request = self.http.post(format!("{}/sign-in", self.origin)).form(&form);
        let page = self.send(request, 200).await.text().await.expect("text");
        self.keep_csrf(&page);
    }

    /// Goes where the app sends its user, and gets the page to sign in.
    pub async fn sign_in_page(&mut self) {
        let verifier = PlainToken::new(torii_mcp::torii::BRAND.tokens, TokenKind::Code, Random::system())
            .expect("random bytes")
            .expose()
            .to_owned();
        let challenge = CodeChallenge::of(&verifier).expect("a verifier").encode();
        self.verifier = verifier;
        self.query = format!(
            "/oauth/authorize?response_type=code&client_id={}&redirect_uri={REDIRECT}&code_challenge={challenge}\
             &code_challenge_method=S256&scope=torii:read&state=s",
            self.client_id
        );
        let request = self.http.get(format!("{}{}", self.origin, self.query));
        let response = self.send(request, 303).await;
        let path = response.headers()[header::LOCATION].to_str().expect("ASCII").to_owned();
        self.page(&path).await;
    }

    pub async fn consent(&mut self) {
        let form = [("csrf", self.csrf.as_str()), ("next", &self.query), ("decision", "allow"), ("scope", "torii:read")];
        let request = self.http.post(format!("{}/oauth/authorize", self.origin)).form(&form);
        let response = self.send(request, 303).await;
        let location = response.headers()[header::LOCATION].to_str().expect("ASCII");
        let (_, rest) = location.split_once("code=").expect("a code");
        self.code = rest.split('&').next().unwrap_or_default().to_owned();
    }

    pub async fn redeem(&mut self) {
        let (code, verifier) = (self.code.clone(), self.verifier.clone());
        self.token(&[("grant_type", "authorization_code"), ("code", &code), ("code_verifier", &verifier)]).await;
    }

    pub async fn refresh(&mut self) {
        let refresh = self.refresh.clone();
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await;
    }

    async fn token(&mut self, fields: &[(&str, &str)]) {
        let own = [("client_id", self.client_id.as_str())];
        let form: Vec<_> = own.iter().chain(fields).collect();
        let request = self.http.post(format!("{}/oauth/token", self.origin)).form(&form);
        let response: Value = self.send(request, 200).await.json().await.expect("JSON");
        self.access = response["access_token"].as_str().expect("a token").to_owned();
        self.refresh = response["refresh_token"].as_str().expect("a token").to_owned();
    }

    pub async fn call(&mut self) {
        let body = call(&self.http, &self.origin, Some(&self.access)).await;
        assert!(body > 6_000, "only {body} bytes");
    }

    /// Signs in for the page of connections.
    pub async fn connections(&mut self, key: &str) {
        self.page("/sign-in").await;
        "/connections".clone_into(&mut self.query);
        self.sign_in(key).await;
    }

    pub async fn revoke(&mut self) {
        let form = [("client_id", self.client_id.as_str()), ("token", &self.refresh)];
        let request = self.http.post(format!("{}/oauth/revoke", self.origin)).form(&form);
        self.send(request, 200).await;
    }
}

/// Makes one tool call, and returns the length of its response.
pub async fn call(http: &Client, origin: &str, token: Option<&str>) -> usize {
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "get_app", "arguments": { "idApp": 7 } },
    });
    let request = http
        .post(format!("{origin}/mcp"))
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2025-11-25")
        .json(&body);
    let request = token.into_iter().fold(request, RequestBuilder::bearer_auth);
    let response = request.send().await.expect("a response");
    assert!(response.status().is_success(), "status {}", response.status());
    response.bytes().await.expect("a whole response").len()
}
