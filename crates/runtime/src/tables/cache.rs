//! What was loaded lately, so that a question that follows costs no call.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use openapi_mcp_query::{Condition, Loaded};

/// How long a table is kept.
pub(super) const TTL: Duration = Duration::from_mins(1);
/// The memory limit of all kept tables, in bytes.
const BYTES: u64 = 64 << 20;

/// Whom a loaded table belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Owner {
    /// The connection, for callers who signed in.
    pub(super) connection: Option<Arc<str>>,
    /// The fingerprint of the API key that it was loaded with.
    pub(super) key: u64,
}

/// What was loaded: a table, or the part of it that these conditions and values choose.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Part {
    pub(super) owner: Owner,
    pub(super) table: String,
    /// The conditions and the values of required columns, as text.
    pub(super) chosen: String,
}

impl Part {
    pub(super) fn new(owner: Owner, request: &openapi_mcp_query::Request) -> Self {
        let bound = request.bound.iter().map(|(column, value)| format!("{column} = {value}"));
        let chosen: Vec<String> = bound.chain(request.conditions.iter().map(Condition::to_string)).collect();
        Self { owner, table: request.table.clone(), chosen: chosen.join("\n") }
    }
}

/// Loaded tables. Cheap to clone; clones share them.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    kept: moka::sync::Cache<Part, Loaded>,
    /// How often something was forgotten: what was read before that is not kept.
    forgotten: Arc<AtomicU64>,
}

impl Default for Cache {
    fn default() -> Self {
        let weight = |part: &Part, loaded: &Loaded| {
            let bytes = loaded.rows.bytes() + part.table.len() + part.chosen.len() + 500;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let kept = moka::sync::Cache::builder().weigher(weight).max_capacity(BYTES).time_to_live(TTL);
        Self { kept: kept.support_invalidation_closures().build(), forgotten: Arc::default() }
    }
}

/// The state of the cache when a load began.
pub(super) struct Begun(u64);

impl Cache {
    /// A kept table that has all these columns.
    pub(super) fn get(&self, part: &Part, columns: &[String]) -> Option<Loaded> {
        let loaded = self.kept.get(part)?;
        columns.iter().all(|column| loaded.rows.columns().contains(column)).then_some(loaded)
    }

    /// To be called before a table is loaded.
    pub(super) fn begin(&self) -> Begun {
        Begun(self.forgotten.load(Ordering::SeqCst))
    }

    /// Keeps a table, unless something was forgotten while it was loaded.
    pub(super) fn keep(&self, begun: &Begun, part: Part, loaded: &Loaded) {
        if self.forgotten.load(Ordering::SeqCst) == begun.0 {
            self.kept.insert(part, loaded.clone());
        }
    }

    /// Forgets what belongs to a connection, or to nobody who signed in.
    pub(super) fn forget(&self, connection: Option<Arc<str>>) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
        // it fails only if the cache was built without support for it
        let _ = self.kept.invalidate_entries_if(move |part, _| part.owner.connection == connection);
    }
}
