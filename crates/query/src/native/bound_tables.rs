//! Tables whose rows are loaded for the values of their required columns.
//!
//! SQLite decides how a statement is run and asks for the rows of one combination of values after the other. Rows that are there are
//! given; values whose rows are missing are recorded and have none for now. Once those are loaded, the statement is run again.
#![expect(unsafe_code, reason = "the traits of virtual tables are unsafe: SQLite casts pointers to them; reviewed")]

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::c_int,
    marker::PhantomData,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rusqlite::{
    Connection, ffi,
    types::ValueRef,
    vtab::{
        Context, CreateVTab, Filters, IndexConstraintOp, IndexInfo, VTab, VTabConnection, VTabCursor, VTabKind, read_only_module,
    },
};

use super::memory;
use crate::{cell::Cell, rows::Rows, schema::Table};

/// So many missing values are recorded; more are refused anyway.
const RECORDED: usize = 100_000;

/// One table with required columns, and what is known of it while a statement is answered.
#[derive(Debug)]
pub(crate) struct BoundTable {
    table: Arc<Table>,
    /// The places of the required columns.
    required: Vec<usize>,
    state: Mutex<State>,
    /// SQLite has tried a plan without a value for a required column.
    pub(crate) refused: AtomicBool,
    /// SQLite has tried a plan with all of them.
    pub(crate) planned: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    loaded: BTreeMap<Vec<Cell>, Part>,
    missing: BTreeSet<Vec<Cell>>,
}

/// The rows for one combination of values.
#[derive(Clone, Debug)]
struct Part {
    rows: Arc<Rows>,
    /// For each column of the table, its place in the rows.
    places: Arc<[Option<usize>]>,
}

impl BoundTable {
    pub(crate) fn new(table: Arc<Table>) -> Self {
        let required = table.required.iter().filter_map(|name| table.position(name)).collect();
        Self { table, required, state: Mutex::default(), refused: AtomicBool::new(false), planned: AtomicBool::new(false) }
    }

    pub(crate) fn table(&self) -> &Arc<Table> {
        &self.table
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The values that were asked for since the last call and are not loaded.
    pub(crate) fn take_missing(&self) -> BTreeSet<Vec<Cell>> {
        std::mem::take(&mut self.state().missing)
    }

    pub(crate) fn add(&self, values: Vec<Cell>, rows: Arc<Rows>) {
        let places = self.table.columns.iter().map(|column| rows.position(&column.name)).collect();
        self.state().loaded.insert(values, Part { rows, places });
    }

    /// For how many values rows are there.
    pub(crate) fn values(&self) -> usize {
        self.state().loaded.len()
    }

    /// Makes the table known to a database, which is empty otherwise.
    pub(crate) fn create(self: &Arc<Self>, connection: &Connection, name: &str) -> rusqlite::Result<()> {
        let module = format!("bound {name}");
        connection.create_module(module.as_str(), read_only_module::<Instance>(), Some(Arc::clone(self)))?;
        connection.execute_batch(&format!("CREATE VIRTUAL TABLE {} USING {}", quoted(name), quoted(&module)))
    }
}

/// A name as an identifier of SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// What SQLite has of a table.
#[repr(C)]
struct Instance {
    base: ffi::sqlite3_vtab,
    bound: Arc<BoundTable>,
}

// SAFETY: `repr(C)` with `sqlite3_vtab` first, as the trait demands.
unsafe impl<'vtab> VTab<'vtab> for Instance {
    type Aux = Arc<BoundTable>;
    type Cursor = Cursor<'vtab>;

    fn connect(_: &mut VTabConnection, aux: Option<&Self::Aux>, _: &[&[u8]]) -> rusqlite::Result<(String, Self)> {
        let bound = aux.ok_or_else(|| rusqlite::Error::ModuleError("the table is missing".to_owned()))?;
        let columns = bound.table.columns.iter().map(|column| format!("{} {}", quoted(&column.name), column.kind.declared()));
        let declaration = format!("CREATE TABLE x ({})", columns.collect::<Vec<_>>().join(", "));
        Ok((declaration, Self { base: ffi::sqlite3_vtab::default(), bound: Arc::clone(bound) }))
    }

    /// Every plan must give all required columns by equality.
    fn best_index(&self, info: &mut IndexInfo) -> rusqlite::Result<()> {
        let mut given: Vec<Option<usize>> = vec![None; self.bound.required.len()];
        for (at, constraint) in info.constraints().enumerate() {
            let column = usize::try_from(constraint.column()).ok();
            let place = self.bound.required.iter().position(|required| Some(*required) == column);
            if let Some(given) = place.and_then(|place| given.get_mut(place))
                && constraint.is_usable()
                && constraint.operator() == IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ
            {
                given.get_or_insert(at);
            }
        }
        let Some(given) = given.into_iter().collect::<Option<Vec<usize>>>() else {
            self.bound.refused.store(true, Ordering::Relaxed);
            return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_CONSTRAINT), None));
        };
        self.bound.planned.store(true, Ordering::Relaxed);
        for (argument, at) in (1..).zip(given) {
            // SQLite checks the equality again: `omit` stays unset
            info.constraint_usage(at).set_argv_index(argument);
        }
        // a call each, so anything else is cheaper
        info.set_estimated_cost(1e6);
        info.set_estimated_rows(100);
        Ok(())
    }

    fn open(&'vtab mut self) -> rusqlite::Result<Cursor<'vtab>> {
        Ok(Cursor {
            base: ffi::sqlite3_vtab_cursor::default(),
            bound: Arc::clone(&self.bound),
            values: Vec::new(),
            part: None,
            at: 0,
            instance: PhantomData,
        })
    }
}

impl CreateVTab<'_> for Instance {
    const KIND: VTabKind = VTabKind::Default;
}

/// A pass over the rows for one combination of values.
#[repr(C)]
struct Cursor<'vtab> {
    base: ffi::sqlite3_vtab_cursor,
    bound: Arc<BoundTable>,
    values: Vec<Cell>,
    part: Option<Part>,
    at: usize,
    instance: PhantomData<&'vtab Instance>,
}

// SAFETY: `repr(C)` with `sqlite3_vtab_cursor` first, as the trait demands.
unsafe impl VTabCursor for Cursor<'_> {
    fn filter(&mut self, _: c_int, _: Option<&str>, args: &Filters<'_>) -> rusqlite::Result<()> {
        self.part = None;
        self.at = 0;
        let _paused = memory::pause();
        memory::check()?;
        let columns = self.bound.required.iter().filter_map(|at| self.bound.table.columns.get(*at));
        let values: Option<Vec<Cell>> = columns.zip(args.iter()).map(|(column, value)| given(value).fit(column.kind)).collect();
        // nothing is equal to `NULL`, or to what no value of the column can be
        let Some(values) = values else { return Ok(()) };
        let mut state = self.bound.state();
        match state.loaded.get(&values) {
            Some(part) => self.part = Some(part.clone()),
            None if state.missing.len() < RECORDED => drop(state.missing.insert(values.clone())),
            None => {}
        }
        drop(state);
        self.values = values;
        Ok(())
    }

    fn next(&mut self) -> rusqlite::Result<()> {
        self.at += 1;
        Ok(())
    }

    fn eof(&self) -> bool {
        self.part.as_ref().is_none_or(|part| self.at >= part.rows.len())
    }

    fn column(&self, context: &mut Context, column: c_int) -> rusqlite::Result<()> {
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        let bound = self.bound.required.iter().position(|required| *required == column).and_then(|at| self.values.get(at));
        let loaded = || {
            let part = self.part.as_ref()?;
            let place = (*part.places.get(column)?)?;
            part.rows.row(self.at)?.get(place)
        };
        context.set_result(bound.or_else(loaded).unwrap_or(&Cell::Null))
    }

    fn rowid(&self) -> rusqlite::Result<i64> {
        Ok(i64::try_from(self.at).unwrap_or(i64::MAX))
    }
}

/// A value that SQLite compares with. A `BLOB` is equal to nothing that is loaded.
fn given(value: ValueRef<'_>) -> Cell {
    if matches!(value, ValueRef::Blob(_)) { Cell::Null } else { Cell::of_sql(value) }
}
