//! A database in memory for one statement, which can do nothing but read the tables that are put into it.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, atomic::AtomicUsize},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, config::DbConfig, limits::Limit};

use crate::{
    bounds::Bounds,
    functions,
    native::{
        bound_tables::{BoundTable, quoted},
        memory,
        no_files::{self, Surroundings},
    },
    program,
    rows::Rows,
    schema::{Schema, Table},
    times,
    watch::Watch,
};

/// SQLite looks at the clock after so many instructions.
const INSTRUCTIONS: i32 = 50;

/// A database with the tables of a schema.
pub(crate) struct Sandbox {
    connection: Connection,
    watch: Arc<Watch>,
    surroundings: Surroundings,
    /// How many bytes the statement may still take.
    memory: Cell<i64>,
    /// The tables with required columns.
    bound: BTreeMap<String, Arc<BoundTable>>,
    /// How long may still be computed.
    left: Duration,
}

impl Sandbox {
    /// Makes all tables, empty.
    pub(crate) fn open(schema: &Schema, watch: Arc<Watch>, now: Timestamp, bounds: &Bounds) -> rusqlite::Result<Self> {
        memory::bound_memory();
        no_files::register()?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_MEMORY;
        let connection = Connection::open_in_memory_with_flags_and_vfs(flags, no_files::NAME)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false)?;
        // what a sort needs beyond its cache goes to files, which `no_files` counts
        connection.execute_batch("PRAGMA temp_store = FILE; PRAGMA journal_mode = OFF")?;
        let pages = bounds.table_bytes / 4096;
        connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
        connection.create_collation("TIME", times::compare)?;
        functions::register(&connection, &watch, bounds.value_bytes)?;
        let modules: BTreeSet<String> = connection
            .prepare("SELECT lower(name) FROM pragma_module_list")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut bound = BTreeMap::new();
        for table in schema.tables() {
            if table.required.is_empty() {
                connection.execute_batch(&declaration(table))?;
            } else {
                let one = Arc::new(BoundTable::new(Arc::clone(table)));
                one.create(&connection, &table.name)?;
                bound.insert(table.name.to_ascii_lowercase(), one);
            }
        }
        limit(&connection, bounds)?;
        let tables: BTreeSet<String> = schema.tables().iter().map(|table| table.name.to_ascii_lowercase()).collect();
        let authorizing = Arc::clone(&watch);
        connection.authorizer(Some(move |context: rusqlite::hooks::AuthContext<'_>| {
            let known = |names: &BTreeSet<String>, name: &str| names.contains(&name.to_ascii_lowercase());
            authorizing.authorize(&context, |name| known(&tables, name), |name| known(&modules, name))
        }))?;
        let stopping = Arc::clone(&watch);
        connection.progress_handler(INSTRUCTIONS, Some(move || stopping.must_stop()))?;
        let surroundings =
            Surroundings { now: now.as_millisecond(), temporary: Arc::new(AtomicUsize::new(bounds.temporary_bytes)) };
        let memory = Cell::new(i64::try_from(bounds.memory_bytes).unwrap_or(i64::MAX));
        Ok(Self { connection, watch, surroundings, memory, bound, left: bounds.computing })
    }

    pub(crate) fn bound(&self) -> &BTreeMap<String, Arc<BoundTable>> {
        &self.bound
    }

    /// Does something with the database as long as time is left, with the caller's clock. Statements in it are those of others.
    pub(crate) fn guarded<T>(&mut self, work: impl FnOnce(&Connection) -> T) -> T {
        self.watch.set_deadline(self.left);
        self.watch.guard(true);
        let began = Instant::now();
        let deadline = began.checked_add(self.left);
        let done = memory::within(&self.memory, deadline, || no_files::within(&self.surroundings, || work(&self.connection)));
        self.left = self.left.saturating_sub(began.elapsed());
        self.watch.guard(false);
        done
    }

    /// Fills a table with the given columns of the rows, and makes indexes on some of them.
    pub(crate) fn fill<'a>(
        &mut self,
        table: &str,
        rows: &Rows,
        columns: &[String],
        indexed: impl Iterator<Item = &'a String>,
    ) -> rusqlite::Result<()> {
        let places: Vec<(&String, usize)> = columns.iter().filter_map(|column| Some((column, rows.position(column)?))).collect();
        self.watch.set_deadline(self.left);
        let began = Instant::now();
        let connection = &self.connection;
        let filled = no_files::within(&self.surroundings, || {
            let names = places.iter().map(|(column, _)| quoted(column)).collect::<Vec<_>>().join(", ");
            let sql = if places.is_empty() {
                format!("INSERT INTO {} DEFAULT VALUES", quoted(table))
            } else {
                format!("INSERT INTO {} ({names}) VALUES (?{})", quoted(table), ", ?".repeat(places.len() - 1))
            };
            connection.execute_batch("BEGIN")?;
            let mut insert = connection.prepare(&sql)?;
            for row in rows.iter() {
                for (parameter, (_, place)) in places.iter().enumerate() {
                    insert.raw_bind_parameter(parameter + 1, row.get(*place).unwrap_or(&crate::cell::Cell::Null))?;
                }
                insert.raw_execute()?;
            }
            for column in indexed {
                let name = quoted(&format!("{table} by {column}"));
                connection.execute_batch(&format!("CREATE INDEX {name} ON {} ({})", quoted(table), quoted(column)))?;
            }
            connection.execute_batch("COMMIT")
        });
        self.left = self.left.saturating_sub(began.elapsed());
        filled
    }
}

fn declaration(table: &Table) -> String {
    let columns = table.columns.iter().map(|column| format!("{} {}", quoted(&column.name), column.kind.declared()));
    format!("CREATE TABLE {} ({})", quoted(&table.name), columns.collect::<Vec<_>>().join(", "))
}

/// The limits that SQLite keeps itself. Tables are made before, since some of these hold for them, too.
fn limit(connection: &Connection, bounds: &Bounds) -> rusqlite::Result<()> {
    let most = |bytes: usize| i32::try_from(bytes).unwrap_or(i32::MAX);
    let limits = [
        (Limit::SQLITE_LIMIT_LENGTH, most(bounds.value_bytes)),
        // the statements that are derived from a statement are longer
        (Limit::SQLITE_LIMIT_SQL_LENGTH, most(bounds.sql_bytes.saturating_mul(4))),
        (Limit::SQLITE_LIMIT_COLUMN, 400),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 30),
        (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, most(program::MAX_ARGUMENTS)),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ];
    for (limit, value) in limits {
        connection.set_limit(limit, value)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cancelled_statement_stops_computing() {
        let watch = Arc::new(Watch::default());
        let mut sandbox =
            Sandbox::open(&Schema::default(), Arc::clone(&watch), Timestamp::UNIX_EPOCH, &Bounds::default()).unwrap();
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        watch.cancel();
        let began = Instant::now();
        let error = sandbox.guarded(|connection| connection.query_row(endless, [], |_| Ok(()))).unwrap_err();
        assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::OperationInterrupted));
        assert!(began.elapsed() < Bounds::default().computing, "it was the time that ended it");
    }
}
