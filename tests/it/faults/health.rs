//! The program's health, when others hold all its connections.

use std::{net::SocketAddr, sync::Arc};

use reqwest::StatusCode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::support::{
    spawned::{Deployment, Running},
    test_server::client,
};

/// More than its limit and what is served beyond it.
const N_HELD: usize = 400;

/// A program with twenty connections, and the address of its listener for health.
async fn start() -> (Arc<Deployment>, Running, String) {
    let mut deployment = Deployment::new().await;
    deployment.set("TORII_MCP_LIMITS_CONNECTIONS", "20");
    deployment.set("TORII_MCP_HEALTH_LISTEN", "127.0.0.1:0");
    let deployment = Arc::new(deployment);
    let running = deployment.start().await;
    let health = running.program.stderr.wait_for(|text, _| {
        let (_, line) = text.split_once("serving health ")?;
        let (_, address) = line.split_once("http://")?;
        Some(format!("http://{}", address.split_once('/')?.0))
    });
    (deployment, running, health)
}

async fn status(url: &str) -> StatusCode {
    client().get(url).send().await.expect("it answers").status()
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_answered_while_somebody_holds_all_connections() {
    let (_deployment, running, health) = start().await;
    let address: SocketAddr = running.at.trim_start_matches("http://").parse().expect("it is an address");
    let mut held = Vec::new();
    for number in 0..N_HELD {
        // two networks, each of which may have half of the connections
        let socket = TcpSocket::new_v4().expect("a socket is made");
        let from = [[127, 0, 0, 1], [127, 0, 0, 2]][number % 2];
        socket.bind(SocketAddr::from((from, 0))).expect("the address is this machine's");
        let mut stream = socket.connect(address).await.expect("it listens");
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ").await.expect("it reads");
        held.push(stream);
    }
    for at in [&health, &running.at] {
        assert_eq!(status(&format!("{at}/health/live")).await, StatusCode::OK, "{at}");
        assert_eq!(status(&format!("{at}/health/ready")).await, StatusCode::OK, "{at}");
    }
    // neither are those kept out who want something else
    assert_eq!(status(&format!("{}/", running.at)).await, StatusCode::OK);
    let mut newest = held.pop().expect("there are some");
    newest.write_all(b"x\r\nconnection: close\r\n\r\n").await.expect("it reads");
    let mut response = String::new();
    newest.read_to_string(&mut response).await.expect("it answers");
    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
    let (_, stderr) = running.program.end();
    assert_eq!(stderr.matches("limits.connections_per_customer").count(), 1, "a flood is no flood of the log: {stderr}");
}

/// Sends requests to an address without pause, and reads the responses, over new connections when it is disconnected.
async fn always_busy(from: [u8; 4], address: SocketAddr) {
    let requests = b"GET /nothing HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(50);
    loop {
        let socket = TcpSocket::new_v4().expect("a socket is made");
        socket.bind(SocketAddr::from((from, 0))).expect("the address is this machine's");
        let Ok(stream) = socket.connect(address).await else { continue };
        let (mut reader, mut writer) = stream.into_split();
        let read = async { while reader.read(&mut [0; 4096]).await.is_ok_and(|n_read| n_read > 0) {} };
        let write = async { while writer.write_all(&requests).await.is_ok() {} };
        tokio::select! { () = read => {}, () = write => {} }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_networks_whose_connections_are_always_busy_keep_nobody_out() {
    let (_deployment, running, _) = start().await;
    let address: SocketAddr = running.at.trim_start_matches("http://").parse().expect("it is an address");
    let kept = client();
    let page = format!("{}/", running.at);
    let ask = async |client: &reqwest::Client| client.get(&page).send().await.map(|response| response.status().as_u16());
    assert_eq!(ask(&kept).await.ok(), Some(200));
    let mut flood = tokio::task::JoinSet::new();
    for number in 0..20 {
        flood.spawn(always_busy([127, 0, 0, 2 + number % 2], address));
    }
    running.program.stderr.wait_for(|text, _| text.contains("over `limits.connections").then_some(()));
    for _ in 0..20 {
        assert_eq!(ask(&client()).await.ok(), Some(200), "a new connection");
        assert_eq!(ask(&kept).await.ok(), Some(200), "the one from before");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_ends_is_live_and_not_ready() {
    let (_deployment, mut running, health) = start().await;
    // a request that has begun, so that ending takes a while
    let mut asking = TcpStream::connect(running.at.trim_start_matches("http://")).await.expect("it listens");
    asking.write_all(b"GET /health/ready HTTP/1.1\r\nhost: localhost\r\n").await.expect("it reads");
    assert_eq!(status(&format!("{}/health/live", running.at)).await, StatusCode::OK, "what was sent before this has arrived");
    running.program.terminate();
    running.program.stderr.wait_for(|text, _| text.contains("stopping").then_some(()));
    assert_eq!(status(&format!("{health}/health/live")).await, StatusCode::OK);
    assert_eq!(status(&format!("{health}/health/ready")).await, StatusCode::SERVICE_UNAVAILABLE);
    asking.write_all(b"\r\n").await.expect("it reads");
    assert_eq!(running.program.wait(), 0);
}
