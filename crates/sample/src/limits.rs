//! Rate limits: the documented limit of every operation, and the windows in which calls are counted.
//!
//! Whether the service counts per key or per organization is not published; the sample counts per operation and key, in
//! windows of one minute that begin with the first call.

use std::collections::HashMap;

use axum::http::Method;
use jiff::{SignedDuration, Timestamp};

use super::gate::Key;

/// Method, path under `/v1.0` and calls per minute of each operation.
pub(super) const LIMITS: [(&str, &str, u32); 73] = [
    ("POST", "/anonymizeRequest", 200),
    ("GET", "/appCatalog/accessRequestPolicies", 60),
    ("GET", "/appCatalog/accessRequestPolicies/eligible", 60),
    ("POST", "/appCatalog/accessRequestPolicies/trigger", 30),
    ("POST", "/appCatalog/accessRequestPolicies/{idAccessRequestPolicy}/trigger", 60),
    ("GET", "/apps/fields", 200),
    ("POST", "/apps/fields", 50),
    ("PUT", "/apps/fields/{idField}", 50),
    ("DELETE", "/apps/fields/{idField}", 50),
    ("GET", "/apps/metadata", 200),
    ("GET", "/apps/{idApp}/users", 600),
    ("GET", "/apps", 200),
    ("POST", "/apps", 200),
    ("POST", "/apps/custom", 200),
    ("POST", "/apps/match", 100),
    ("GET", "/apps/search", 100),
    ("GET", "/apps/similar", 400),
    ("GET", "/apps/{idApp}", 400),
    ("PUT", "/apps/{idApp}", 100),
    ("GET", "/audit", 200),
    ("GET", "/contracts", 100),
    ("POST", "/contracts", 200),
    ("GET", "/contracts/{idContract}", 800),
    ("PUT", "/contracts/{idContract}", 400),
    ("DELETE", "/contracts/{idContract}", 200),
    ("GET", "/contracts/fields", 200),
    ("GET", "/contracts/metadata", 200),
    ("GET", "/extension/settings", 100),
    ("PUT", "/extension/settings", 50),
    ("POST", "/files", 200),
    ("POST", "/files/upload", 200),
    ("GET", "/files/url", 200),
    ("GET", "/files/{id}", 600),
    ("GET", "/files/{id}/download", 600),
    ("POST", "/services/custom", 50),
    ("PUT", "/services/sync/custom", 200),
    ("PUT", "/services/sync/gluu", 200),
    ("GET", "/orgs/my", 100),
    ("PUT", "/parsings/automatic", 200),
    ("PUT", "/parsings/manual", 200),
    ("GET", "/parsings/{id}", 800),
    ("POST", "/plugins", 200),
    ("GET", "/plugins/{idPlugin}/fields", 200),
    ("PUT", "/plugins/{uuidPlugin}", 200),
    ("DELETE", "/plugins/{uuidPlugin}", 200),
    ("POST", "/plugins/{uuidPlugin}/apikey", 200),
    ("GET", "/roles", 100),
    ("GET", "/scim/v2/ResourceTypes", 100),
    ("GET", "/scim/v2/Schemas", 100),
    ("GET", "/scim/v2/ServiceProviderConfig", 100),
    ("GET", "/scim/v2/Users", 200),
    ("POST", "/scim/v2/Users", 200),
    ("GET", "/scim/v2/Users/{idUser}", 400),
    ("PUT", "/scim/v2/Users/{idUser}", 200),
    ("PATCH", "/scim/v2/Users/{idUser}", 200),
    ("DELETE", "/scim/v2/Users/{idUser}", 200),
    ("GET", "/transactions", 100),
    ("GET", "/transactions/metadata", 200),
    ("PUT", "/transactions/{idTransaction}", 100),
    ("GET", "/users/{idUser}/apps", 800),
    ("GET", "/users/{idUser}/apps/{idApp}", 800),
    ("PUT", "/users/{idUser}/apps/{idApp}", 200),
    ("GET", "/users/fields", 200),
    ("GET", "/users/metadata", 200),
    ("GET", "/users", 100),
    ("GET", "/users/{idUser}", 800),
    ("PUT", "/users/{idUser}", 200),
    ("POST", "/appCatalog/triggerAppAccessRequestPolicy", 100),
    ("GET", "/workflows", 500),
    ("GET", "/workflows/actionExecutions", 500),
    ("GET", "/workflows/audit", 200),
    ("GET", "/workflows/{idWorkflow}", 200),
    ("POST", "/workflows/{idWorkflow}/trigger", 100),
];

const WINDOW: SignedDuration = SignedDuration::from_secs(60);

/// The row of [`LIMITS`] for a request.
pub(super) fn operation(method: &Method, path: &str) -> Option<usize> {
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    LIMITS.iter().position(|row| row.0 == method && is_same_path(row.1, path))
}

/// Compares path templates without the names of their parameters: the router requires one name where two operations
/// use different names.
fn is_same_path(one: &str, two: &str) -> bool {
    let (mut one, mut two) = (one.split('/'), two.split('/'));
    loop {
        match (one.next(), two.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if a == b || (a.starts_with('{') && b.starts_with('{')) => {}
            _ => return false,
        }
    }
}

/// The current windows.
#[derive(Debug, Default)]
pub(super) struct Windows(HashMap<(usize, Key), Window>);

#[derive(Debug)]
struct Window {
    started_at: Timestamp,
    n_calls: u32,
}

impl Windows {
    /// Counts a call; the error is the number of seconds until the next one is permitted.
    pub(super) fn count(&mut self, operation: usize, key: Key, now: Timestamp) -> Result<(), u64> {
        let limit = LIMITS.get(operation).map_or(u32::MAX, |row| row.2);
        let window = self.0.entry((operation, key)).or_insert(Window { started_at: now, n_calls: 0 });
        let age = now.duration_since(window.started_at);
        if age >= WINDOW {
            *window = Window { started_at: now, n_calls: 0 };
        } else if window.n_calls >= limit {
            let rest = (WINDOW - age).as_millis_f64() / 1000.0;
            return Err(format!("{:.0}", rest.ceil()).parse().unwrap_or(60));
        }
        window.n_calls += 1;
        Ok(())
    }
}
