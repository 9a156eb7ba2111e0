//! The values that a reload of the configuration does not change.

use serde_json::Value;

use super::tree::{Tree, key};

/// Their places: what is opened or allocated once, at the start.
pub(super) const PLACES: [&str; 20] = [
    "/listen",
    "/public_url",
    "/data_dir",
    "/trusted_proxies",
    "/torii/api_url",
    "/torii/rate_limit",
    "/torii/user_share",
    "/store",
    "/encryption",
    "/auth/mode",
    "/tools/response_characters",
    "/query",
    "/access/role_ttl",
    "/limits/connections",
    "/limits/connections_per_customer",
    "/limits/request_memory_mib",
    "/limits/response_memory_mib",
    "/limits/drain",
    "/limits/shutdown_grace",
    "/health",
];

/// The values at the places that take effect at a restart only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedValues([Option<Value>; PLACES.len()]);

impl FixedValues {
    pub(super) fn of(tree: &Tree) -> Self {
        Self(PLACES.map(|place| tree.root.pointer(place).cloned()))
    }

    /// The keys whose values are others there.
    #[must_use]
    pub fn changed(&self, other: &Self) -> Vec<String> {
        let places = PLACES.iter().zip(self.0.iter().zip(&other.0));
        places.filter(|(_, (ours, theirs))| ours != theirs).map(|(place, _)| key(place)).collect()
    }
}
