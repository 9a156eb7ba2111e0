use mcp_http::{caller::Caller, clock::Clock, token::Random};
use rmcp::ServiceExt;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf, duplex, split},
    time::Instant,
};

use crate::mcp::answering_clients::PATIENCE;
use crate::{
    confirmation::{ConfirmationPolicy, Confirmations, UsedConfirmations},
    mcp::{Server, ToolPolicy},
    testing::api_keys,
    upstream::{Api, Limits, Upstream},
};

/// A client over pipes, as over stdio, that declares elicitation.
struct Client {
    lines: tokio::io::Lines<BufReader<ReadHalf<DuplexStream>>>,
    write: WriteHalf<DuplexStream>,
}

impl Client {
    async fn connect() -> Self {
        let base = "http://127.0.0.1:9".parse().unwrap();
        let api = Api { base: &base, functions: crate::testing::tool_fns(), user_agent: "test" };
        let upstream = Upstream::new(&api, Limits::default(), Clock::system(), || 0.5).unwrap();
        let (clock, used) = (Clock::system(), UsedConfirmations::default());
        let confirmations = Confirmations::new(ConfirmationPolicy::default(), clock, Random::system(), used);
        let (catalog, description) = (crate::testing::catalog(), crate::testing::description());
        let server = Server::new(catalog, upstream, ToolPolicy::default(), confirmations, description);
        let server = server.with_caller(Caller::new(api_keys("key")));
        let (here, there) = duplex(1 << 20);
        tokio::spawn(async move { Box::pin(server.serve(there)).await.unwrap().waiting().await });
        let (read, write) = split(here);
        let mut client = Self { lines: BufReader::new(read).lines(), write };
        let hello = json!({
            "protocolVersion": "2025-11-25", "capabilities": { "elicitation": {} }, "clientInfo": { "name": "test", "version": "1" },
        });
        client.tell(json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": hello })).await;
        assert!(client.next().await["result"].is_object());
        client.tell(json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })).await;
        client
    }

    async fn tell(&mut self, message: Value) {
        self.write.write_all(format!("{message}\n").as_bytes()).await.unwrap();
    }

    async fn next(&mut self) -> Value {
        serde_json::from_str(&self.lines.next_line().await.unwrap().unwrap()).unwrap()
    }

    /// Calls a tool that has to be confirmed. Returns the messages up to the result.
    async fn delete(&mut self, id: u64, answers: bool) -> Vec<Value> {
        let params = json!({
            "name": "delete_contract", "arguments": { "idContract": 5 }, "_meta": { "progressToken": format!("p{id}") },
        });
        self.tell(json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })).await;
        let mut messages = Vec::new();
        loop {
            let message = self.next().await;
            if message["method"] == "elicitation/create" && answers {
                let result = json!({ "action": "decline" });
                self.tell(json!({ "jsonrpc": "2.0", "id": message["id"], "result": result })).await;
            }
            let is_result = message["id"] == id && message.get("result").is_some();
            messages.push(message);
            if is_result {
                return messages;
            }
        }
    }
}

fn methods(messages: &[Value]) -> Vec<&str> {
    messages.iter().filter_map(|message| message["method"].as_str()).collect()
}

fn text(messages: &[Value]) -> &str {
    messages.last().and_then(|result| result["result"]["content"][0]["text"].as_str()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_client_that_never_answers_gets_progress_and_then_the_prepared_call_and_is_not_asked_again() {
    let mut client = Client::connect().await;
    let began_at = Instant::now();
    let first = client.delete(1, false).await;
    assert_eq!(began_at.elapsed(), PATIENCE);
    let progress = ["notifications/progress"; 4];
    assert_eq!(methods(&first), [&["elicitation/create"], &progress[..], &["notifications/cancelled"]].concat());
    let told =
        |at: usize| (&first[at]["params"]["progress"], &first[at]["params"]["message"], &first[at]["params"]["progressToken"]);
    assert_eq!(told(1), (&json!(10.0), &json!("waiting for the user to confirm"), &json!("p1")));
    assert_eq!(told(4).0, &json!(40.0));
    assert!(text(&first).contains("\"confirmation\":\"confirm_"), "{first:?}");

    let began_at = Instant::now();
    let second = client.delete(2, false).await;
    assert_eq!((began_at.elapsed().as_secs(), methods(&second).len()), (0, 0), "{second:?}");
    assert!(text(&second).contains("Nothing has been changed yet."));
}

#[tokio::test(start_paused = true)]
async fn a_client_that_has_answered_once_is_asked_again_whatever_happens() {
    let mut client = Client::connect().await;
    for (id, answers) in [(1, true), (2, false), (3, true)] {
        let messages = client.delete(id, answers).await;
        assert_eq!(methods(&messages)[0], "elicitation/create");
        assert_eq!(text(&messages).contains("did not agree"), answers, "{messages:?}");
    }
}
