//! On whose behalf a task works, for the shares of what the requests of all customers use together ([`ClientIp::customer`]).
//!
//! Invariant: a task that was spawned works for nobody until it says so; its requests count as those of the server itself.
//!
//! [`ClientIp::customer`]: super::client_ip::ClientIp::customer

use std::net::IpAddr;

tokio::task_local! {
    static CUSTOMER: IpAddr;
}

/// Does `work` on behalf of a customer.
pub async fn on_behalf_of<F: Future>(customer: IpAddr, work: F) -> F::Output {
    CUSTOMER.scope(customer, work).await
}

/// The customer on whose behalf the current task works.
#[must_use]
pub fn current() -> Option<IpAddr> {
    CUSTOMER.try_with(|customer| *customer).ok()
}
