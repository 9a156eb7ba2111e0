//! Fetching through a proxy of the operator, which resolves names itself.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use super::*;

/// A proxy that connects whatever name it is given to this machine, and remembers what it was asked.
struct ConnectProxy {
    origin: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl ConnectProxy {
    /// It answers with `status`, and connects if that is 200.
    async fn start(status: &'static str) -> Self {
        let listener = TcpListener::bind((LOCALHOST, 0)).await.unwrap();
        let origin = format!("http://user:secret@{}", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = client.read_u8().await else { break };
                    head.push(byte);
                }
                let head = String::from_utf8(head).unwrap();
                let port = head.split([' ', ':']).nth(2).and_then(|port| port.parse::<u16>().ok());
                seen.lock().unwrap().push(head);
                client.write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes()).await.unwrap();
                if let (true, Some(port)) = (status.starts_with("200"), port) {
                    let mut host = TcpStream::connect((LOCALHOST, port)).await.unwrap();
                    tokio::spawn(async move { copy_bidirectional(&mut client, &mut host).await });
                }
            }
        });
        Self { origin, heads }
    }

    fn asked(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn server() -> Server {
    Server::start("client.example", Router::new().route("/a", get(|| async { json_of("{}") }))).await
}

/// A resolver that knows no name, as behind many proxies.
fn knows_no_name() -> Arc<Scripted> {
    Scripted::new(&[])
}

#[tokio::test]
async fn an_untrusted_host_is_reached_through_the_proxy_also_if_its_name_is_unknown_here() {
    let (server, proxy) = (server().await, ConnectProxy::start("200 OK").await);
    for names in [knows_no_name(), Scripted::new(&["203.0.114.1".parse().unwrap()])] {
        let fetch = server.fetch(names).through(Proxies::for_https(&proxy.origin, ""));
        assert!(fetch.json(&server.url("/a")).await.is_ok());
    }
    let asked = proxy.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|head| head.starts_with("CONNECT client.example:")), "{asked:?}");
    assert!(asked.iter().all(|head| head.to_lowercase().contains("proxy-authorization: basic dxnlcjpzzwnyzxq=")), "{asked:?}");
}

#[tokio::test]
async fn what_no_proxy_names_is_reached_directly() {
    let (server, proxy) = (server().await, ConnectProxy::start("200 OK").await);
    let fetch = server.fetch(Scripted::new(&[LOCALHOST])).through(Proxies::for_https(&proxy.origin, "client.example"));
    assert!(fetch.json(&server.url("/a")).await.is_ok());
    assert!(proxy.asked().is_empty());
}

#[tokio::test]
async fn the_proxy_is_not_asked_for_what_is_inside_as_far_as_that_is_known_here() {
    let (server, proxy) = (server().await, ConnectProxy::start("200 OK").await);
    let through = |names| server.fetch(names).through(Proxies::for_https(&proxy.origin, ""));
    for inside in ["127.0.0.2", "10.0.0.1", "169.254.169.254", "fd00::1"] {
        let refused = through(Scripted::new(&[inside.parse().unwrap()])).json(&server.url("/a")).await.unwrap_err();
        assert_eq!(refused.to_string(), "`client.example` cannot be reached (there is no connection from here)", "{inside}");
    }
    for url in ["https://10.0.0.1/a", "https://[::1]/a", "http://client.example/a"] {
        let refused = through(knows_no_name()).json(&Url::parse(url).unwrap()).await.unwrap_err();
        assert!(matches!(refused, Error::NotPublic(_)), "{url}: {refused}");
    }
    for url in
        ["https://intranet/a", "https://wiki.corp/a", "https://db.internal./a", "https://printer.local/a", "https://localhost/a"]
    {
        let refused = through(knows_no_name()).json(&Url::parse(url).unwrap()).await.unwrap_err();
        assert!(matches!(refused, Error::Unreachable { .. }), "{url}: {refused}");
    }
    assert_eq!(proxy.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn a_lookup_that_hangs_does_not_keep_a_document_from_being_fetched() {
    #[derive(Debug)]
    struct Hangs;
    #[async_trait]
    impl Resolver for Hangs {
        async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
            std::future::pending().await
        }
    }
    let (server, proxy) = (server().await, ConnectProxy::start("200 OK").await);
    let fetch = Fetch::for_untrusted_hosts(Arc::new(Hangs), vec![server.root.clone()], Limits::UNTRUSTED).unwrap();
    let fetch = fetch.through(Proxies::for_https(&proxy.origin, ""));
    assert!(fetch.json(&server.url("/a")).await.is_ok());
}

#[tokio::test]
async fn a_proxy_that_refuses_is_told_to_whoever_runs_the_server_only() {
    let (server, proxy) = (server().await, ConnectProxy::start("403 Forbidden").await);
    let fetch = server.fetch(knows_no_name()).through(Proxies::for_https(&proxy.origin, ""));
    let refused = fetch.json(&server.url("/a")).await.unwrap_err();
    assert_eq!(refused.to_string(), "`client.example` cannot be reached (there is no connection from here)");
    let told = fetch.telling_causes().json(&server.url("/a")).await.unwrap_err().to_string();
    assert!(told.contains("tunnel") && !told.contains("secret"), "{told}");
}
