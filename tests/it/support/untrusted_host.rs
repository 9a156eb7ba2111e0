//! A host on the internet that means no good, and places inside that nobody out there should reach. Both are on this machine:
//! 127.0.0.1 stands for the internet, every other address of this machine for the inside.

use std::{
    collections::BTreeMap,
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::Router;
use mcp_http::net::ssrf::{Resolver, is_public};
use mcp_oauth_server::fetch::{Fetch, Limits};
use tokio::net::{TcpListener, TcpStream};

#[path = "../../../crates/oauth/src/fetch/tests/host.rs"]
mod host;

use host::Host;
pub(crate) use host::LOCALHOST as INTERNET;

pub(crate) const INSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// Where names lead: at each look to the next address, at last always to the same.
#[derive(Debug)]
struct Book(Mutex<BTreeMap<String, Vec<IpAddr>>>);

#[async_trait]
impl Resolver for Book {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let mut book = self.0.lock().expect("nobody panics with it");
        let Some(addresses) = book.get_mut(name) else { return Err(io::Error::other("there is no such name")) };
        let address = if addresses.len() > 1 { addresses.remove(0) } else { addresses[0] };
        Ok(vec![address])
    }

    fn may_reach(&self, ip: IpAddr) -> bool {
        ip == INTERNET || is_public(ip)
    }
}

/// The host: every name that is in its book has its certificate.
pub(crate) struct UntrustedHost {
    pub(crate) port: u16,
    pub(crate) fetch: Fetch,
}

impl UntrustedHost {
    /// Serves on the internet; its names lead where `names` says.
    pub(crate) async fn start(router: Router, names: &[(&str, &[IpAddr])]) -> Self {
        Self::start_within(router, names, Duration::from_millis(700)).await
    }

    /// The same, and what fetches from it waits so long at most.
    pub(crate) async fn start_within(router: Router, names: &[(&str, &[IpAddr])], total: Duration) -> Self {
        let all: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        let Host { root, port } = Host::start(&all, router).await;
        let book = Book(Mutex::new(names.iter().map(|(name, to)| ((*name).to_owned(), to.to_vec())).collect()));
        let limits = Limits { total, ..Limits::UNTRUSTED };
        let fetch = Fetch::for_untrusted_hosts(Arc::new(book), vec![root], limits).expect("a client is made");
        Self { port, fetch }
    }
}

/// What fetches where there is no way out: it knows no name, and no proxy.
pub(crate) fn without_egress() -> Fetch {
    let book = Book(Mutex::default());
    Fetch::for_untrusted_hosts(Arc::new(book), Vec::new(), Limits::UNTRUSTED).expect("a client is made")
}

/// Places inside, all at one port: on IPv4, on IPv6 where there is any. They count who knocks.
pub(crate) struct Inside {
    pub(crate) port: u16,
    n_knocks: Arc<AtomicUsize>,
}

impl Inside {
    pub(crate) async fn start() -> Self {
        let n_knocks = Arc::new(AtomicUsize::new(0));
        let first = TcpListener::bind((INSIDE, 0)).await.expect("a port is free");
        let port = first.local_addr().expect("it listens").port();
        let second = TcpListener::bind(("::1", port)).await.ok();
        for listener in [Some(first), second].into_iter().flatten() {
            let count = Arc::clone(&n_knocks);
            tokio::spawn(async move {
                while listener.accept().await.is_ok() {
                    count.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        Self { port, n_knocks }
    }

    /// How often somebody knocked so far.
    pub(crate) async fn n_knocks(&self) -> usize {
        // whoever knocked before this is counted before this
        let before = self.n_knocks.load(Ordering::SeqCst);
        let _knock = TcpStream::connect((INSIDE, self.port)).await.expect("it listens");
        while self.n_knocks.load(Ordering::SeqCst) == before {
            tokio::task::yield_now().await;
        }
        self.n_knocks.fetch_sub(1, Ordering::SeqCst) - 1
    }
}
