//! What is observed while SQLite reads and runs a statement, and when it must stop.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use crate::allowed::FUNCTIONS;

/// Shared by a database and those who wait for it.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    cancelled: AtomicBool,
    /// Statements are not ours while it is set.
    guarding: AtomicBool,
    deadline: Mutex<Option<Instant>>,
    seen: Mutex<Seen>,
}

/// What a statement reads and calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// The columns of each table; a table may be read without any.
    pub(crate) reads: BTreeMap<String, BTreeSet<String>>,
    pub(crate) functions: BTreeSet<String>,
    pub(crate) denied: Option<Denied>,
}

/// What a statement wanted and may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// To be another statement than a `SELECT`.
    Another,
    Table(String),
    Function(String),
}

impl Watch {
    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    pub(crate) fn set_deadline(&self, left: Duration) {
        *lock(&self.deadline) = Instant::now().checked_add(left);
    }

    pub(crate) fn must_stop(&self) -> bool {
        self.is_cancelled() || lock(&self.deadline).is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// From now on, statements are those of others.
    pub(crate) fn guard(&self, guarding: bool) {
        self.guarding.store(guarding, Ordering::Relaxed);
        if guarding {
            *lock(&self.seen) = Seen::default();
        }
    }

    pub(crate) fn seen(&self) -> Seen {
        lock(&self.seen).clone()
    }

    /// SQLite asks for each thing that a statement wants to do.
    pub(crate) fn authorize(
        &self,
        context: &AuthContext<'_>,
        is_table: impl Fn(&str) -> bool,
        is_module: impl Fn(&str) -> bool,
    ) -> Authorization {
        if !self.guarding.load(Ordering::Relaxed) {
            return Authorization::Allow;
        }
        let mut seen = lock(&self.seen);
        let denied = match context.action {
            AuthAction::Select | AuthAction::Recursive | AuthAction::Read { table_name: "json_each" | "json_tree", .. } => None,
            AuthAction::Read { table_name, column_name } if is_table(table_name) => {
                let columns = seen.reads.entry(table_name.to_ascii_lowercase()).or_default();
                if !column_name.is_empty() {
                    columns.insert(column_name.to_ascii_lowercase());
                }
                None
            }
            // a common table expression of which no column is read
            AuthAction::Read { table_name, column_name: "" } if !is_internal(table_name) && !is_module(table_name) => None,
            AuthAction::Read { table_name, .. } => Some(Denied::Table(table_name.to_owned())),
            AuthAction::Function { function_name } => {
                let name = function_name.to_ascii_lowercase();
                if FUNCTIONS.contains(&name.as_str()) {
                    seen.functions.insert(name);
                    None
                } else {
                    Some(Denied::Function(name))
                }
            }
            _ => Some(Denied::Another),
        };
        match denied {
            None => Authorization::Allow,
            Some(denied) => {
                seen.denied.get_or_insert(denied);
                Authorization::Deny
            }
        }
    }
}

/// Whether SQLite keeps a name for itself.
fn is_internal(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("sqlite_") || name.starts_with("pragma_")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
