//! The program as a service: it drains, it tells its manager what it does, it listens where names say.

use std::{os::unix::net::UnixDatagram, sync::Arc};

use reqwest::StatusCode;

use crate::support::{process::Program, spawned::Deployment, test_server::client};

async fn status(at: &str, path: &str) -> StatusCode {
    client().get(format!("{at}{path}")).send().await.expect("it answers").status()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_terminated_accepts_for_a_while_and_is_not_ready() {
    let mut deployment = Deployment::new().await;
    deployment.set("TORII_MCP_LIMITS_DRAIN", "1h");
    let mut running = Arc::new(deployment).start().await;
    assert_eq!(status(&running.at, "/health/ready").await, StatusCode::OK);
    running.program.terminate();
    running.program.stderr.wait_for(|text, _| text.contains("draining").then_some(()));
    assert_eq!(status(&running.at, "/health/ready").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(status(&running.at, "/health/live").await, StatusCode::OK);
    assert_eq!(status(&running.at, "/").await, StatusCode::OK, "others may not know yet");
    running.program.terminate();
    assert_eq!(running.program.wait(), 0, "whoever asks twice does not want to wait");
}

#[tokio::test(flavor = "multi_thread")]
async fn draining_ends_by_itself() {
    let mut deployment = Deployment::new().await;
    deployment.set("TORII_MCP_LIMITS_DRAIN", "1s");
    let mut running = Arc::new(deployment).start().await;
    running.program.terminate();
    assert_eq!(running.program.wait(), 0);
    let (_, stderr) = running.program.end();
    assert!(stderr.contains("draining") && stderr.contains("stopping"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_manager_hears_what_the_server_does() {
    let mut deployment = Deployment::new().await;
    let path = deployment.folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket is made");
    socket.set_read_timeout(Some(crate::support::process::PATIENCE)).expect("a time limit is set");
    deployment.set("NOTIFY_SOCKET", path.to_str().expect("it is text"));
    let deployment = Arc::new(deployment);
    let mut running = deployment.start().await;
    let heard = || {
        let mut buffer = [0; 200];
        let length = socket.recv(&mut buffer).expect("there is a message");
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    };
    assert_eq!(heard(), "READY=1");
    running.program.send_hang_up();
    let reloading = heard();
    let time = reloading.strip_prefix("RELOADING=1\nMONOTONIC_USEC=").map(str::parse::<u64>);
    assert!(matches!(time, Some(Ok(time)) if time > 0), "{reloading}");
    assert_eq!(heard(), "READY=1");
    running.program.terminate();
    assert_eq!(heard(), "STOPPING=1");
    assert_eq!(running.program.wait(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_is_named_by_a_host_or_by_a_port_alone() {
    for listen in ["localhost:0", "0"] {
        let mut deployment = Deployment::new().await;
        deployment.set("TORII_MCP_LISTEN", listen);
        let running = Arc::new(deployment).start().await;
        assert!(running.at.starts_with("http://127.0.0.1:"), "{}", running.at);
    }
    let mut deployment = Deployment::new().await;
    deployment.unset("TORII_MCP_LISTEN");
    deployment.configure("listen = \"localhost:0\"");
    let running = Arc::new(deployment).start().await;
    assert!(running.at.starts_with("http://127.0.0.1:"), "{}", running.at);
}

#[cfg(feature = "sample")]
#[test]
fn what_only_tries_something_out_ends_with_its_terminal() {
    for arguments in [["demo", "--listen", "0"], ["sample", "--listen", "localhost:0"]] {
        let mut program = Program::start(&arguments, &[]);
        program.stdout.address();
        program.send_hang_up();
        assert_eq!(program.wait(), 0, "{arguments:?}");
    }
    let mut program = Program::start(&["stdio"], &[("TORII_API_KEY", "a")]);
    let client = r#"{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}"#;
    program.tell(&format!(r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{client}}}"#));
    program.stdout.wait_for(|text, _| text.contains("serverInfo").then_some(()));
    program.send_hang_up();
    assert_eq!(program.wait(), -1, "the signal ends it");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_about_a_request_have_its_id_whoever_writes_them() {
    let mut deployment = Deployment::new().await;
    deployment.set("TORII_MCP_AUTH_MODE", "none");
    deployment.set("TORII_API_KEY", "a");
    deployment.set("TORII_MCP_LOG", "info");
    let running = Arc::new(deployment).start().await;
    let request = |host: &str, method: &str| {
        let params = serde_json::json!({ "name": "list_apps", "arguments": {} });
        let body = serde_json::json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let request = client().post(format!("{}/mcp", running.at)).json(&body).header("host", host);
        request.header("accept", "application/json, text/event-stream").send()
    };
    for (host, method, says) in [
        ("evil.example", "tools/list", "disallowed Host"),
        ("localhost", "nothing", "response error"),
        ("localhost", "tools/call", "call "),
    ] {
        let response = request(host, method).await.expect("it answers");
        let id = response.headers()["x-request-id"].to_str().expect("it is text").to_owned();
        let line = running
            .program
            .stderr
            .wait_for(|text, _| text.lines().find(|line| line.contains("mcp{") && line.contains(says)).map(str::to_owned));
        assert_eq!(line.matches(&format!("mcp{{request={id}}}: ")).count(), 1, "{line}");
    }
}
