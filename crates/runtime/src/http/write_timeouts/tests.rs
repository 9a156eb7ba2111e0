use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

const LONG: Duration = Duration::from_mins(1);
/// More than the buffers of a connection hold.
const MUCH: usize = 64 << 20;

/// Both ends of a connection.
async fn connection(timeouts: WriteTimeouts) -> (TimedWrites, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    (TimedWrites::new(server, timeouts), client)
}

async fn write_much(server: &mut TimedWrites) -> io::Result<()> {
    server.write_all(&vec![b'x'; MUCH]).await?;
    server.flush().await
}

#[tokio::test]
async fn a_client_that_never_reads_is_given_up() {
    let (mut server, _client) = connection(WriteTimeouts { idle: Duration::from_millis(50), total: LONG }).await;
    let error = write_much(&mut server).await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (io::ErrorKind::TimedOut, "the response was not read"));
}

#[tokio::test]
async fn a_client_that_reads_a_little_now_and_then_is_given_up_in_the_end() {
    let (mut server, mut client) = connection(WriteTimeouts { idle: LONG, total: Duration::from_millis(200) }).await;
    let reading = tokio::spawn(async move {
        let mut some = vec![0; 256 << 10];
        let mut turns = tokio::time::interval(Duration::from_millis(10));
        while client.read(&mut some).await.is_ok_and(|length| length > 0) {
            turns.tick().await;
        }
    });
    let error = write_much(&mut server).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    drop(server);
    reading.await.unwrap();
}

#[tokio::test]
async fn a_client_that_reads_gets_everything() {
    let (mut server, mut client) = connection(WriteTimeouts { idle: LONG, total: LONG }).await;
    let reading = tokio::spawn(async move {
        let mut all = Vec::new();
        client.read_to_end(&mut all).await.unwrap();
        all.len()
    });
    write_much(&mut server).await.unwrap();
    assert!(server.backlog.is_none());
    drop(server);
    assert_eq!(reading.await.unwrap(), MUCH);
}
