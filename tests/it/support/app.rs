//! An app that connects: it registers, gets tokens and calls tools.

use mcp_http::token::{PlainToken, Random, TokenKind};
use mcp_oauth_server::pkce::CodeChallenge;
use reqwest::{
    Client, Response, StatusCode, Url,
    header::{self, HeaderValue},
};
use serde_json::{Value, json};

use crate::support::test_server::{Browser, client, register};

/// An app: a public client with PKCE.
#[derive(Clone)]
pub(crate) struct App {
    http: Client,
    at: String,
    pub(crate) origin: String,
    pub(crate) id: String,
    pub(crate) redirect_uri: String,
    /// How the address of the MCP endpoint ends that it was given.
    tail: String,
}

/// Tokens as an app gets them.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) scope: String,
}

impl App {
    /// One that a server knows that listens there and is known by this origin.
    pub(crate) fn of(at: &str, origin: &str, id: &str, redirect_uri: &str) -> Self {
        let [at, origin, id, redirect_uri] = [at, origin, id, redirect_uri].map(str::to_owned);
        Self { http: client(), at, origin, id, redirect_uri, tail: "/mcp".to_owned() }
    }

    /// The same app with another address of the MCP endpoint.
    pub(crate) fn over(self, tail: &str) -> Self {
        Self { tail: tail.to_owned(), ..self }
    }

    /// One that registers itself there.
    pub(crate) async fn register(at: &str, origin: &str, redirect_uri: &str) -> Self {
        let metadata =
            json!({ "client_name": "A test app", "redirect_uris": [redirect_uri], "token_endpoint_auth_method": "none" });
        let response = register(at, &metadata).await;
        Self::of(at, origin, response["client_id"].as_str().expect("it has an id"), redirect_uri)
    }

    /// The same app at another replica.
    pub(crate) fn at(&self, at: &str) -> Self {
        Self::of(at, &self.origin, &self.id, &self.redirect_uri)
    }

    /// Where it sends its user, and the verifier that it keeps.
    pub(crate) fn authorization_url(&self, scope: &str) -> (Url, String) {
        let verifier = PlainToken::new(torii_mcp::torii::BRAND.tokens, TokenKind::Code, Random::system())
            .expect("there are random bytes")
            .expose()
            .to_owned();
        let challenge = CodeChallenge::of(&verifier).expect("it is a verifier").encode();
        let parameters = [
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", &self.redirect_uri),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("resource", &format!("{}{}", self.origin, self.tail)),
            ("scope", scope),
            ("state", "the state"),
        ];
        let url = Url::parse_with_params(&format!("{}/oauth/authorize", self.origin), parameters);
        (url.expect("it is an address"), verifier)
    }

    /// Asks for scopes in a browser whose user allows them; the code and its verifier.
    pub(crate) async fn code(&self, browser: &Browser, scopes: &[&str]) -> (String, String) {
        let (url, verifier) = self.authorization_url(&scopes.join(" "));
        let (status, page) = browser.get(url.as_str()).await.page();
        assert_eq!(status, StatusCode::OK, "{page}");
        let back = browser.decide(&page, "allow", scopes).await.elsewhere();
        (parameter(&back, "code").unwrap_or_else(|| panic!("no code in {back}")), verifier)
    }

    /// Connects: consent, code, tokens.
    pub(crate) async fn connect(&self, browser: &Browser, scopes: &[&str]) -> Tokens {
        let (code, verifier) = self.code(browser, scopes).await;
        self.redeem(&code, &verifier).await.expect("the code counts")
    }

    /// Redeems a code.
    pub(crate) async fn redeem(&self, code: &str, verifier: &str) -> Result<Tokens, Value> {
        let fields = [("code", code), ("code_verifier", verifier), ("redirect_uri", &self.redirect_uri)];
        self.token("authorization_code", &fields).await
    }

    /// Refreshes.
    pub(crate) async fn refresh(&self, refresh: &str) -> Result<Tokens, Value> {
        self.token("refresh_token", &[("refresh_token", refresh)]).await
    }

    /// Asks the token endpoint.
    pub(crate) async fn token(&self, grant_type: &str, fields: &[(&str, &str)]) -> Result<Tokens, Value> {
        let ours = [("grant_type", grant_type), ("client_id", &self.id)];
        let fields: Vec<_> = ours.iter().chain(fields).collect();
        let response = self.http.post(format!("{}/oauth/token", self.at)).form(&fields).send().await.expect("it answers");
        let is_good = response.status().is_success();
        assert_eq!(response.headers().get(header::CACHE_CONTROL).map(HeaderValue::as_bytes), Some(&b"no-store"[..]));
        let response: Value = response.json().await.expect("it answers JSON");
        if !is_good {
            return Err(response);
        }
        let text = |name: &str| response[name].as_str().unwrap_or_default().to_owned();
        Ok(Tokens { access: text("access_token"), refresh: text("refresh_token"), scope: text("scope") })
    }

    /// Lists the tools with a token.
    pub(crate) async fn list(&self, access: &str) -> Response {
        self.ask(access, "tools/list", json!({})).await
    }

    /// Calls a tool with a token.
    pub(crate) async fn call(&self, access: &str, tool: &str, arguments: Value) -> Response {
        self.ask(access, "tools/call", json!({ "name": tool, "arguments": arguments })).await
    }

    /// Asks anything with a token.
    pub(crate) async fn ask(&self, access: &str, method: &str, params: Value) -> Response {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        // as a proxy passes it on
        let host = self.origin.split_once("://").map_or("", |(_, host)| host);
        let request = self.http.post(format!("{}{}", self.at, self.tail)).header(header::HOST, host);
        let request = request.bearer_auth(access).json(&body);
        let request =
            request.header(header::ACCEPT, "application/json, text/event-stream").header("mcp-protocol-version", "2025-11-25");
        request.send().await.expect("it answers")
    }
}

/// A parameter of an address.
pub(crate) fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
