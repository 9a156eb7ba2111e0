//! On whose behalf a task works, for the shares of what the requests of all customers use together.
//!
//! Invariant: a task that was spawned works for nobody until it says so; its requests count as those of the server itself.

use std::net::IpAddr;

use super::client_ip::ClientIp;

tokio::task_local! {
    static SHARE: Share;
}

/// Whose share a request uses: that of its [site](ClientIp::site), and of those who are signed in there or of strangers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Share {
    site: IpAddr,
    is_known: bool,
}

impl Share {
    /// That of a client; `is_known` if its request has a token that was valid lately ([`crate::known_tokens`]).
    #[must_use]
    pub fn of(client: ClientIp, is_known: bool) -> Self {
        Self { site: client.site(), is_known }
    }

    /// Whether it is that of somebody who is signed in.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.is_known
    }
}

/// Does `work` on behalf of somebody.
pub async fn on_behalf_of<F: Future>(share: Share, work: F) -> F::Output {
    SHARE.scope(share, work).await
}

/// The share of the current task.
#[must_use]
pub fn current() -> Option<Share> {
    SHARE.try_with(|share| *share).ok()
}
