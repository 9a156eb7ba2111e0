//! What was loaded lately, so that a question that follows costs no call.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use openapi_mcp_query::{Condition, Loaded};

use crate::query_limits::QueryLimits;

/// Over how many counters of changes the connections are spread. Connections that share one refetch a little more.
const COUNTERS: usize = 256;
/// What an entry takes besides its rows and texts, in bytes.
const ENTRY_BYTES: usize = 500;

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

/// A loaded table.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) loaded: Loaded,
    /// What its rows lack; empty if they lack nothing.
    pub(super) note: &'static str,
}

/// Loaded tables. Cheap to clone; clones share them.
///
/// Invariant: what was loaded before a connection changed something is never returned to it afterwards. Each entry carries the count
/// of changes from before it was loaded, so it does not matter when it is inserted.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    kept: moka::sync::Cache<Part, (Begun, Kept)>,
    changes: Arc<[AtomicU64; COUNTERS]>,
    hasher: RandomState,
}

/// How many changes there had been when a load began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Begun(u64);

impl Cache {
    pub(super) fn new(limits: &QueryLimits) -> Self {
        let weight = |part: &Part, (_, kept): &(Begun, Kept)| {
            let bytes = kept.loaded.rows.bytes() + part.table.len() + part.chosen.len() + ENTRY_BYTES;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let kept = moka::sync::Cache::builder().weigher(weight).max_capacity(limits.cache_bytes as u64);
        let changes = Arc::new([const { AtomicU64::new(0) }; COUNTERS]);
        Self { kept: kept.time_to_live(limits.cache).build(), changes, hasher: RandomState::new() }
    }

    /// A kept table that has all these columns.
    pub(super) fn get(&self, part: &Part, columns: &[String]) -> Option<Kept> {
        let (begun, kept) = self.kept.get(part)?;
        if begun != self.begin(&part.owner) {
            self.kept.invalidate(part);
            return None;
        }
        columns.iter().all(|column| kept.loaded.rows.columns().contains(column)).then_some(kept)
    }

    /// To be called before a table is loaded.
    pub(super) fn begin(&self, owner: &Owner) -> Begun {
        Begun(self.changes_of(owner.connection.as_ref()).load(Ordering::SeqCst))
    }

    /// Keeps a table whose loading began then.
    pub(super) fn keep(&self, begun: Begun, part: Part, kept: Kept) {
        self.kept.insert(part, (begun, kept));
    }

    /// Forgets what belongs to a connection, or to nobody who signed in.
    pub(super) fn forget(&self, connection: Option<&Arc<str>>) {
        self.changes_of(connection).fetch_add(1, Ordering::SeqCst);
    }

    fn changes_of(&self, connection: Option<&Arc<str>>) -> &AtomicU64 {
        let at = usize::try_from(self.hasher.hash_one(connection) % COUNTERS as u64).ok();
        let [first, ..] = &*self.changes;
        at.and_then(|at| self.changes.get(at)).unwrap_or(first)
    }
}

#[cfg(test)]
mod tests {
    use openapi_mcp_query::{Extent, Rows};

    use super::*;

    fn kept() -> Kept {
        let loaded = Loaded { rows: Rows::new(["id"]).into(), as_of: jiff::Timestamp::UNIX_EPOCH, extent: Extent::Whole };
        Kept { loaded, note: "" }
    }

    fn part_of(connection: &str) -> Part {
        Part { owner: Owner { connection: Some(connection.into()), key: 1 }, table: "apps".to_owned(), chosen: String::new() }
    }

    #[test]
    fn what_was_read_before_a_change_is_not_returned_whenever_it_is_kept() {
        let cache = Cache::new(&QueryLimits::DEFAULT);
        let part = part_of("one");
        let begun = cache.begin(&part.owner);
        cache.forget(part.owner.connection.as_ref());
        // the change came between the look at the count and this insertion
        cache.kept.insert(part.clone(), (begun, kept()));
        assert!(cache.get(&part, &[]).is_none());
        cache.keep(cache.begin(&part.owner), part.clone(), kept());
        assert!(cache.get(&part, &["id".to_owned()]).is_some() && cache.get(&part, &["name".to_owned()]).is_none());
    }

    #[test]
    fn a_change_ends_what_its_connection_has_and_not_what_nobody_or_others_have() {
        let cache = Cache::new(&QueryLimits::DEFAULT);
        let one = part_of("one");
        let counter = |connection: Option<&Arc<str>>| std::ptr::from_ref(cache.changes_of(connection));
        let others = (0..).map(|n| part_of(&n.to_string()));
        let is_apart = |other: &Part| counter(other.owner.connection.as_ref()) != counter(one.owner.connection.as_ref());
        let other = others.into_iter().find(is_apart).unwrap();
        for part in [&one, &other] {
            cache.keep(cache.begin(&part.owner), part.clone(), kept());
        }
        cache.forget(one.owner.connection.as_ref());
        assert!(cache.get(&one, &[]).is_none() && cache.get(&other, &[]).is_some());
    }
}
