use std::sync::atomic::{AtomicUsize, Ordering};

use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

const N_REQUESTS: usize = 200;

#[tokio::test]
async fn a_connection_that_sends_many_requests_at_once_lets_others_run_between_them() {
    let (turns, processed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&processed);
    let router = Router::new().route(
        "/",
        get(move || {
            count.fetch_add(1, Ordering::Relaxed);
            async {}
        }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    tokio::spawn(serve(listener, router, Bounds::default(), CancellationToken::new()));
    client.write_all("GET / HTTP/1.1\r\nhost: a\r\n\r\n".repeat(N_REQUESTS).as_bytes()).await.unwrap();
    // another task of the same thread: how often it runs from the first of the requests to the last
    let (own_turns, own_processed) = (Arc::clone(&turns), Arc::clone(&processed));
    let other = tokio::spawn(async move {
        while own_processed.load(Ordering::Relaxed) < N_REQUESTS {
            own_turns.fetch_add(usize::from(own_processed.load(Ordering::Relaxed) > 0), Ordering::Relaxed);
            yield_now().await;
        }
    });
    let mut responses = 0;
    let mut bytes = vec![0; 64 << 10];
    while responses < N_REQUESTS {
        let read = client.read(&mut bytes).await.unwrap();
        assert!(read > 0, "the server closed the connection");
        responses += String::from_utf8_lossy(&bytes[..read]).matches("HTTP/1.1 200").count();
    }
    other.await.unwrap();
    let turns = turns.load(Ordering::Relaxed);
    assert!(turns >= N_REQUESTS / 2, "{turns} turns during {N_REQUESTS} requests");
}
