//! An assistant's side of MCP, with nothing behind it but JSON: over HTTP in both eras of the protocol, and over stdio.

use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use torii_sample::{FULL_ACCESS_KEY, SCIM_KEY};

use crate::support::{
    mock_api::Torii,
    process::{Program, Variables},
};

/// The key that [`Server::before`] is given.
pub(crate) const KEY: &str = "key-nobody-may-see";

/// A running server, and how to talk to it.
pub(crate) struct Server {
    pub(crate) program: Program,
    pub(crate) url: String,
    http: reqwest::Client,
    /// The sample Torii, where there is one.
    _behind: Option<Program>,
}

/// How a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    /// With `initialize`, up to 2025-11-25.
    Legacy,
    /// Every request for itself, 2026-07-28.
    Modern,
}

impl Server {
    /// A server with the sample behind it.
    pub(crate) fn demo() -> Self {
        let sample = Program::start(&["sample", "--listen", "127.0.0.1:0"], &[]);
        let torii = sample.stdout.address();
        let keys = [("TORII_API_KEY", FULL_ACCESS_KEY), ("TORII_SCIM_KEY", SCIM_KEY), ("TORII_API_URL", &torii)];
        Self { _behind: Some(sample), ..Self::with(&keys) }
    }

    /// A server with a double behind it, which tells everything it logs and asks nobody first.
    pub(crate) fn before(torii: &Torii) -> Self {
        let torii = [("TORII_API_URL", torii.url.as_str()), ("TORII_API_KEY", KEY)];
        Self::with(&[&torii[..], &[("TORII_RATE_LIMIT", "off"), ("TORII_MCP_TOOLS_CONFIRM", "never")]].concat())
    }

    pub(crate) fn with(variables: Variables<'_>) -> Self {
        let variables = [variables, &[("TORII_MCP_AUTH_MODE", "none")]].concat();
        let program = Program::start(&["serve", "--listen", "127.0.0.1:0", "--log", "trace"], &variables);
        let url = program.stderr.address();
        Self::at(program, &url)
    }

    fn at(program: Program, url: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().expect("a client is made");
        Self { program, _behind: None, url: format!("{url}/mcp"), http }
    }

    /// The same server, at an address that ends so.
    pub(crate) fn over(self, tail: &str) -> Self {
        let url = self.url.replace("/mcp", tail);
        Self { url, ..self }
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// A request with the headers that every message has, and no body.
    pub(crate) fn post(&self) -> RequestBuilder {
        let accept = "application/json, text/event-stream";
        self.http.post(&self.url).header("accept", accept).header("content-type", "application/json")
    }

    /// Sends a request and gives its status and answer.
    pub(crate) async fn ask(&self, era: Era, method: &str, mut params: Value) -> (StatusCode, Value) {
        let mut request = self.post();
        if era == Era::Legacy {
            request = request.header("mcp-protocol-version", "2025-11-25");
        } else {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
                "io.modelcontextprotocol/clientCapabilities": {},
            });
            request = request.header("mcp-protocol-version", "2026-07-28").header("mcp-method", method);
            if let Some(name) = params.get("name").or(params.get("uri")).and_then(Value::as_str) {
                request = request.header("mcp-name", name.to_owned());
            }
        }
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let response = request.json(&body).send().await.expect("the server answers");
        let status = response.status();
        (status, response.json().await.expect("the response is JSON"))
    }

    /// Calls a tool.
    pub(crate) async fn call(&self, era: Era, tool: &str, arguments: Value) -> Called {
        let (_, answer) = self.ask(era, "tools/call", json!({ "name": tool, "arguments": arguments })).await;
        Called::from_answer(tool, &answer)
    }
}

/// The response in the text of a result.
pub(crate) fn content(result: &Value) -> Value {
    let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no text: {result}"));
    serde_json::from_str(text).expect("the text is JSON")
}

/// The result of a tool call.
#[derive(Debug)]
pub(crate) struct Called {
    tool: String,
    pub(crate) is_error: bool,
    pub(crate) text: String,
    structured: Option<Value>,
}

impl Called {
    /// Takes a result apart; fails on anything but a text, behind which another may say that it was shortened.
    pub(crate) fn from_answer(tool: &str, answer: &Value) -> Self {
        let result = &answer["result"];
        let text = match result["content"].as_array().map(Vec::as_slice) {
            Some([content, notes @ ..]) if content["type"] == "text" && notes.len() <= 1 => content["text"].as_str(),
            _ => None,
        };
        let text = text.unwrap_or_else(|| panic!("{tool} did not answer with a text: {answer}"));
        Self {
            tool: tool.to_owned(),
            is_error: result["isError"].as_bool().expect("a result says whether it is an error"),
            text: text.to_owned(),
            structured: result.get("structuredContent").cloned(),
        }
    }

    /// The response of a call that succeeded: an object, as text only.
    pub(crate) fn ok(self) -> Value {
        assert!(!self.is_error, "{} failed: {}", self.tool, self.text);
        assert!(self.structured.is_none(), "{} repeats its text: {}", self.tool, self.text);
        let response: Value = serde_json::from_str(&self.text).expect("the text is JSON");
        assert!(response.is_object(), "{}: {response}", self.tool);
        response
    }

    /// The text of a call that failed.
    pub(crate) fn failure(self) -> String {
        assert!(self.is_error && self.structured.is_none(), "{} should have failed: {}", self.tool, self.text);
        self.text
    }
}

/// A server over stdio.
pub(crate) struct Stdio {
    pub(crate) program: Program,
    n_asked: u64,
}

impl Stdio {
    /// Starts a server and introduces itself, as clients do.
    pub(crate) fn start(variables: Variables<'_>) -> Self {
        Self::speaking("2025-11-25", variables)
    }

    /// The same as a client of this protocol revision, which gives up if it is answered with another one.
    pub(crate) fn speaking(revision: &str, variables: Variables<'_>) -> Self {
        let mut stdio = Self { program: Program::start(&["stdio"], variables), n_asked: 0 };
        let client = json!({ "protocolVersion": revision, "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } });
        let answer = stdio.ask("initialize", &client);
        assert_eq!(answer["result"]["protocolVersion"], revision, "{answer}");
        assert_eq!(answer["result"]["serverInfo"]["name"], "torii-mcp", "{answer}");
        stdio.program.tell(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string());
        stdio
    }

    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.n_asked += 1;
        let id = self.n_asked;
        self.program.tell(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string());
        self.program.stdout.wait_for(|text, _| {
            let messages = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is a message"));
            messages.into_iter().find(|message| message["id"] == id)
        })
    }

    pub(crate) fn call(&mut self, tool: &str, arguments: &Value) -> Called {
        let answer = self.ask("tools/call", &json!({ "name": tool, "arguments": arguments }));
        Called::from_answer(tool, &answer)
    }
}
