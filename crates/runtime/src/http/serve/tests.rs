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

/// A server whose response takes a while, and how often a client left before it.
async fn slow_server(turns: usize) -> (TcpStream, Arc<AtomicUsize>) {
    struct Left(Arc<AtomicUsize>, bool);
    impl Drop for Left {
        fn drop(&mut self) {
            self.0.fetch_add(usize::from(!self.1), Ordering::Relaxed);
        }
    }
    let left = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&left);
    let slow = move || {
        let left = Left(Arc::clone(&count), false);
        async move {
            let mut left = left;
            for _ in 0..turns {
                yield_now().await;
            }
            left.1 = true;
            "done"
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    tokio::spawn(serve(listener, Router::new().route("/", get(slow)), Bounds::default(), CancellationToken::new()));
    (client, left)
}

#[tokio::test]
async fn a_client_that_sends_nothing_more_gets_its_response() {
    let (mut client, left) = slow_server(1_000).await;
    client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    client.shutdown().await.unwrap();
    let mut response = String::new();
    client.read_to_string(&mut response).await.unwrap();
    assert!(response.starts_with("HTTP/1.1 200") && response.ends_with("done"), "{response}");
    assert_eq!(left.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn the_request_of_a_client_that_is_gone_is_cancelled() {
    let (mut client, left) = slow_server(usize::MAX).await;
    client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    drop(client);
    while left.load(Ordering::Relaxed) == 0 {
        yield_now().await;
    }
}
