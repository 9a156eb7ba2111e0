//! On whose behalf a task works, for the shares of what the requests of all customers use together.
//!
//! Invariant: a task that was spawned works for nobody until it says so; its requests count as those of the server itself.

use std::net::IpAddr;

use super::client_ip::ClientIp;
use crate::known_tokens::Holder;

tokio::task_local! {
    static SHARE: Share;
}

/// Whose share a request uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Share {
    /// That of a user, from wherever their requests come.
    User(Holder),
    /// That of the strangers at a [site](ClientIp::site).
    Strangers(IpAddr),
}

impl Share {
    /// That of a client; `holder` if its request has a token that was valid lately ([`crate::known_tokens`]).
    #[must_use]
    pub fn of(client: ClientIp, holder: Option<Holder>) -> Self {
        holder.map_or_else(|| Self::Strangers(client.site()), Self::User)
    }

    /// Whether it is that of somebody who is signed in.
    #[must_use]
    pub fn is_known(&self) -> bool {
        matches!(self, Self::User(_))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_one_share_from_however_many_networks_and_strangers_one_for_each_site() {
        let client = |last| ClientIp([192, 0, 2, last].into());
        let ada = Some(Holder::of("ada"));
        assert_eq!(Share::of(client(1), ada), Share::of(client(2), ada));
        assert_ne!(Share::of(client(1), ada), Share::of(client(1), Some(Holder::of("bob"))));
        assert_ne!(Share::of(client(1), None), Share::of(client(2), None));
        assert_eq!([ada, None].map(|holder| Share::of(client(1), holder).is_known()), [true, false]);
    }
}
