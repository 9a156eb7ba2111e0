//! The steps from a statement to its answer. SQLite works on threads of its own, and loading happens between them.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    thread,
};

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::sync::oneshot;

use crate::{
    Question,
    allowed::ADDING,
    answer::{Answer, TableUse},
    bounds::Bounds,
    cell::Cell,
    checks::{self, Parts},
    collected::Collected,
    days, diagnosis,
    error::{NotSelect, QueryError},
    load::{Extent, Load, Loaded, Request},
    plan::{self, Compared, Misuse, MoneyUses, Plan},
    program,
    sandbox::Sandbox,
    schema::{Schema, Table},
    unmatched::{self, shortened},
    watch::{Seen, Watch},
};

/// How deep parentheses may be nested, so that no reader of the statement needs more stack than a thread has.
const DEPTH: usize = 40;

/// The stack of a thread that works on a statement; what is not used takes no memory.
const STACK: usize = 32 << 20;

/// What SQLite and the plan say of a statement.
struct Prepared {
    columns: Vec<String>,
    seen: Seen,
    plan: Plan,
}

/// What was loaded of one table.
#[derive(Default)]
struct Source {
    usage: Option<TableUse>,
    partial: Option<String>,
}

/// What allows a statement to be worked on, held until no thread does so any more.
pub(crate) type Permit = Arc<dyn Any + Send + Sync>;

/// Ends the computing when nobody waits for it any more.
struct CancelOnDrop(Arc<Watch>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

pub(crate) async fn answer(
    schema: &Arc<Schema>,
    load: &dyn Load,
    question: &Question,
    bounds: &Bounds,
    permit: Permit,
) -> Result<Answer, QueryError> {
    check_text(&question.sql, schema, bounds)?;
    let watch = Arc::new(Watch::default());
    let _guard = CancelOnDrop(Arc::clone(&watch));
    let task = Task { schema: Arc::clone(schema), question: question.clone(), bounds: bounds.clone(), watch, _permit: permit };
    let (mut sandbox, prepared) = task.blocking(Task::prepare).await?;
    let prepared = Arc::new(prepared);

    let mut parts = Parts::new();
    let mut sources: BTreeMap<String, Source> = BTreeMap::new();
    let read: Vec<(Arc<Table>, Vec<String>)> = columns_to_load(schema, &prepared, &question.sql);
    let requests = read
        .iter()
        .filter(|(table, _)| table.required.is_empty())
        .map(|(table, columns)| prepared.request(table, columns, Vec::new()));
    let loaded = task.load(load, requests.collect()).await?;
    for (request, loaded) in &loaded {
        task.note(request, loaded, sources.entry(request.table.clone()).or_default())?;
        parts.entry(request.table.to_ascii_lowercase()).or_default().push(Arc::clone(&loaded.rows));
    }
    for (table, _) in &read {
        sources.entry(table.name.clone()).or_default();
    }
    let known = Arc::clone(&prepared);
    sandbox = task.blocking(move |task| task.fill(sandbox, &loaded, &known.plan)).await?;

    let (collected, notes) = loop {
        let (back, known, ready) = (Arc::clone(&prepared), parts.clone(), sandbox);
        let (again, outcome) = task.blocking(move |task| task.run(ready, &back, &known)).await?;
        sandbox = again;
        match outcome {
            Outcome::Done(collected, notes) => break (collected, notes),
            Outcome::Missing(missing) => {
                let mut requests = Vec::new();
                for (table, values) in missing {
                    let Some((table, columns)) = read.iter().find(|(known, _)| known.name.eq_ignore_ascii_case(&table)) else {
                        continue;
                    };
                    let there = sandbox.bound().get(&table.name.to_ascii_lowercase()).map_or(0, |bound| bound.values());
                    task.check_values(table, there + values.len())?;
                    requests.extend(values.into_iter().map(|values| prepared.request(table, columns, values)));
                }
                for (request, loaded) in task.load(load, requests).await? {
                    task.note(&request, &loaded, sources.entry(request.table.clone()).or_default())?;
                    let name = request.table.to_ascii_lowercase();
                    parts.entry(name.clone()).or_default().push(Arc::clone(&loaded.rows));
                    if let Some(bound) = sandbox.bound().get(&name) {
                        bound.add(request.bound.into_iter().map(|(_, value)| value).collect(), loaded.rows);
                    }
                }
            }
        }
    };
    Ok(task.finish(&prepared, collected, notes, sources, &sandbox))
}

/// What all steps need.
#[derive(Clone)]
struct Task {
    schema: Arc<Schema>,
    question: Question,
    bounds: Bounds,
    watch: Arc<Watch>,
    _permit: Permit,
}

/// How a run ended.
enum Outcome {
    /// With notes on what no row has.
    Done(Collected, Vec<String>),
    /// Values of required columns whose rows are missing, by table.
    Missing(BTreeMap<String, BTreeSet<Vec<Cell>>>),
}

impl Task {
    /// Works on a thread of its own, since reading a deep statement takes more stack than the runtime's threads have.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, QueryError> + Send + 'static,
    ) -> Result<T, QueryError> {
        let task = self.clone();
        let (done, result) = oneshot::channel();
        let thread = thread::Builder::new().name("query".to_owned()).stack_size(STACK);
        let spawned = thread.spawn(move || {
            // nobody waits any more if this fails
            let _ = done.send(work(&task));
        });
        if let Err(error) = spawned {
            return Err(QueryError::Failed { text: format!("no thread could be started ({error})") });
        }
        // a thread that panicked sends nothing
        result.await.unwrap_or_else(|_| Err(QueryError::Failed { text: "the statement could not be worked on".to_owned() }))
    }

    /// Reads the statement against empty tables.
    fn prepare(&self) -> Result<(Sandbox, Prepared), QueryError> {
        let sql = &self.question.sql;
        let not = |found| QueryError::NotOneSelect { found, example: example(&self.schema) };
        let failed = |error| diagnosis::of_running(&error, &self.watch, &self.bounds);
        let mut sandbox =
            Sandbox::open(&self.schema, Arc::clone(&self.watch), self.question.now, &self.bounds).map_err(failed)?;
        let bound: Vec<_> = sandbox.bound().values().cloned().collect();
        let (columns, seen) = sandbox.guarded(|connection| {
            let statement = connection.prepare(sql).map_err(|error| {
                diagnosis::of_preparing(&error, sql, &self.schema, &self.watch, bound.iter().map(AsRef::as_ref), &self.bounds)
            })?;
            if statement.is_explain() != 0 {
                return Err(not(NotSelect::Explain));
            }
            if statement.column_count() == 0 {
                return Err(not(NotSelect::Nothing));
            }
            if !statement.readonly() {
                return Err(not(NotSelect::Another));
            }
            if statement.parameter_count() > 0 {
                return Err(not(NotSelect::Parameter));
            }
            let forbidden = program::forbidden(connection, sql).map_err(failed)?;
            if let Some(forbidden) = forbidden {
                return Err(forbidden.into());
            }
            let columns: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
            let found = characters_of(&columns);
            if found > self.question.characters / 2 {
                return Err(QueryError::LongNames { found, most: self.question.characters / 2 });
            }
            Ok((columns, self.watch.seen()))
        })?;
        let adds_up = seen.functions.iter().any(|function| ADDING.contains(&function.as_str()));
        let plan = sandbox.guarded(|connection| {
            plan::read(
                sql,
                &self.schema,
                adds_up,
                || self.watch.must_stop(),
                |constant| connection.query_row(&format!("SELECT {constant}"), [], |row| row.get_ref(0).map(Cell::of_sql)).ok(),
            )
        });
        match &plan.misused {
            None => Ok((sandbox, Prepared { columns, seen, plan })),
            Some(Misuse::Arithmetic { expression }) => Err(QueryError::TimeArithmetic { expression: shortened(expression) }),
            Some(Misuse::Number { expression }) => Err(QueryError::TextWithNumber { expression: shortened(expression) }),
            Some(Misuse::Text(Compared { table, column, text })) => {
                Err(QueryError::NotATime { table: table.clone(), column: column.clone(), text: shortened(text) })
            }
        }
    }

    async fn load(&self, load: &dyn Load, requests: Vec<Request>) -> Result<Vec<(Request, Loaded)>, QueryError> {
        let loads = requests.into_iter().map(|request| async move {
            let loaded = load.load(&request).await.map_err(|source| QueryError::Load { table: request.table.clone(), source })?;
            match request.columns.iter().find(|column| loaded.rows.position(column).is_none()) {
                Some(column) => Err(QueryError::MissingColumn { table: request.table.clone(), column: column.clone() }),
                None => Ok((request, loaded)),
            }
        });
        stream::iter(loads).buffered(self.bounds.concurrent_loads.max(1)).try_collect().await
    }

    /// Notes what was loaded, and fails if it is not whole and has to be.
    fn note(&self, request: &Request, loaded: &Loaded, source: &mut Source) -> Result<(), QueryError> {
        let rows = loaded.rows.len();
        if let Extent::Partial { why } = &loaded.extent {
            if !self.question.partial {
                let table = self.schema.table(&request.table);
                let columns = table.into_iter().flat_map(|table| &table.columns).filter(|column| !column.pushed.is_empty());
                return Err(QueryError::Incomplete {
                    table: request.table.clone(),
                    rows,
                    why: why.clone(),
                    columns: columns.map(|column| column.name.clone()).collect(),
                });
            }
            source
                .partial
                .get_or_insert_with(|| format!("`{}` is not whole: {rows} rows were loaded, then {why}", request.table));
        }
        let is_bound = !request.bound.is_empty();
        let usage = source.usage.get_or_insert_with(|| TableUse {
            table: request.table.clone(),
            rows: 0,
            as_of: None,
            pushed: request.conditions.iter().map(ToString::to_string).collect(),
            values: is_bound.then_some(0),
        });
        usage.rows += rows;
        usage.values = usage.values.map(|values| values + 1);
        usage.as_of = Some(usage.as_of.map_or(loaded.as_of, |as_of| as_of.min(loaded.as_of)));
        Ok(())
    }

    fn check_values(&self, table: &Table, found: usize) -> Result<(), QueryError> {
        if found <= self.bounds.bound_values {
            return Ok(());
        }
        Err(QueryError::TooManyValues {
            table: table.name.clone(),
            column: table.required.join(", "),
            found,
            most: self.bounds.bound_values,
        })
    }

    fn fill(&self, mut sandbox: Sandbox, loaded: &[(Request, Loaded)], plan: &Plan) -> Result<Sandbox, QueryError> {
        for (request, loaded) in loaded {
            let indexed = plan.looked_up.get(&request.table.to_ascii_lowercase());
            let filled = sandbox.fill(&request.table, &loaded.rows, &request.columns, indexed.into_iter().flatten());
            filled.map_err(|error| diagnosis::of_filling(&error, &self.watch, &self.bounds))?;
        }
        Ok(sandbox)
    }

    fn run(&self, mut sandbox: Sandbox, prepared: &Prepared, parts: &Parts) -> Result<(Sandbox, Outcome), QueryError> {
        let bound = sandbox.bound().clone();
        let missing = || -> BTreeMap<String, BTreeSet<Vec<Cell>>> {
            let missing = bound.iter().map(|(name, bound)| (name.clone(), bound.take_missing()));
            missing.filter(|(_, values)| !values.is_empty()).collect()
        };
        let outcome = sandbox.guarded(|connection| -> Result<Outcome, QueryError> {
            let characters = self.question.characters.saturating_sub(characters_of(&prepared.columns));
            let collected = Collected::of(connection, &self.question.sql, characters, &self.bounds)
                .map_err(|error| diagnosis::of_running(&error, &self.watch, &self.bounds))?;
            let needed = missing();
            if !needed.is_empty() {
                return Ok(Outcome::Missing(needed));
            }
            let stop = checks::Stop { watch: &self.watch, bounds: &self.bounds };
            let checked = checks::currencies(connection, &prepared.plan.money_uses, &prepared.seen, &self.schema, parts, &stop);
            let needed = missing();
            if !needed.is_empty() {
                return Ok(Outcome::Missing(needed));
            }
            let mixed = checked?;
            let pushed = |table: &str, column: &str| {
                let conditions = prepared.plan.conditions.get(&table.to_ascii_lowercase());
                conditions.is_some_and(|conditions| conditions.iter().any(|condition| condition.column == column))
            };
            let mut notes = unmatched::notes(&prepared.plan.literals, &self.schema, parts, pushed, &stop)?;
            notes.extend(mixed);
            notes.extend(days::notes(&prepared.plan.days, parts, &stop)?);
            Ok(Outcome::Done(collected, notes))
        })?;
        Ok((sandbox, outcome))
    }

    fn finish(
        &self,
        prepared: &Prepared,
        collected: Collected,
        mut notes: Vec<String>,
        sources: BTreeMap<String, Source>,
        sandbox: &Sandbox,
    ) -> Answer {
        if let Some(wide) = collected.too_wide {
            let fit = self.question.characters.saturating_sub(characters_of(&prepared.columns));
            notes.push(format!(
                "the first row alone has {wide} characters, and {fit} fit; select fewer columns, or parts of long texts with `substr`"
            ));
        }
        let is_unbound = |name: &str| sandbox.bound().contains_key(&name.to_ascii_lowercase());
        let mut tables = Vec::new();
        let mut partial = Vec::new();
        for (name, source) in sources {
            partial.extend(source.partial);
            let values = is_unbound(&name).then_some(0);
            tables.push(source.usage.unwrap_or(TableUse { table: name, rows: 0, as_of: None, pushed: Vec::new(), values }));
        }
        Answer {
            partial,
            total: collected.total,
            total_is_least: collected.is_least,
            more: collected.is_least || collected.total > u64::try_from(collected.rows.len()).unwrap_or(u64::MAX),
            columns: prepared.columns.clone(),
            rows: collected.rows,
            tables,
            notes,
        }
    }
}

impl Prepared {
    fn request(&self, table: &Table, columns: &[String], values: Vec<Cell>) -> Request {
        Request {
            table: table.name.clone(),
            columns: columns.to_vec(),
            conditions: self.plan.conditions.get(&table.name.to_ascii_lowercase()).cloned().unwrap_or_default(),
            bound: table.required.iter().cloned().zip(values).collect(),
            first: self.plan.first.clone(),
        }
    }
}

/// The tables that a statement reads, each with the columns to load: those that it reads, and the currencies of amounts in them.
///
/// SQLite does not tell which columns `USING` and `NATURAL` compare, so where these words occur, every column counts that is named
/// anywhere, or has any name.
fn columns_to_load(schema: &Schema, prepared: &Prepared, sql: &str) -> Vec<(Arc<Table>, Vec<String>)> {
    let words: BTreeSet<String> =
        sql.split(|sign: char| !sign.is_alphanumeric() && sign != '_').map(str::to_ascii_lowercase).collect();
    let (is_using, is_natural) = (words.contains("using"), words.contains("natural"));
    let is_compared = |column: &str| {
        is_natural || is_using && (words.contains(column) || column.contains(|sign: char| !sign.is_alphanumeric() && sign != '_'))
    };
    let seen = &prepared.seen;
    let needs_currencies = match &prepared.plan.money_uses {
        MoneyUses::Known(money_uses) => !money_uses.is_empty(),
        MoneyUses::Unknown => plan::SUMS.iter().chain(plan::PICKS).any(|function| seen.functions.contains(*function)),
    };
    let table = |(name, read): (&String, &BTreeSet<String>)| {
        let table = schema.table(name)?;
        let mut wanted = read.clone();
        wanted.extend(table.columns.iter().map(|column| column.name.to_ascii_lowercase()).filter(|column| is_compared(column)));
        let currencies = table
            .columns
            .iter()
            .filter(|column| needs_currencies && plan::reads_amount(table, read, column))
            .flat_map(|column| column.currency.iter().chain([&column.name]));
        wanted.extend(currencies.map(|name| name.to_ascii_lowercase()));
        let columns = table
            .columns
            .iter()
            .filter(|column| wanted.contains(&column.name.to_ascii_lowercase()) && !table.requires(&column.name));
        Some((Arc::clone(table), columns.map(|column| column.name.clone()).collect()))
    };
    let mut reads = seen.reads.clone();
    if is_using || is_natural {
        // of a table that is only compared in this way SQLite tells nothing at all
        for table in schema.tables().iter().map(|table| table.name.to_ascii_lowercase()).filter(|table| words.contains(table)) {
            reads.entry(table).or_default();
        }
    }
    reads.iter().filter_map(table).collect()
}

/// What can be said of a text before anything reads it.
fn check_text(sql: &str, schema: &Schema, bounds: &Bounds) -> Result<(), QueryError> {
    if sql.len() > bounds.sql_bytes {
        return Err(QueryError::TooLong { bytes: sql.len(), most: bounds.sql_bytes });
    }
    let not = |found| Err(QueryError::NotOneSelect { found, example: example(schema) });
    if sql.contains('\0') {
        return not(NotSelect::Nul);
    }
    let mut depth: usize = 0;
    // parentheses in texts and comments count, too, so that no reader has to agree on where those end
    for sign in sql.chars() {
        match sign {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH {
            return not(NotSelect::Deep);
        }
    }
    Ok(())
}

/// How many characters the names of columns have in an answer.
fn characters_of(columns: &[String]) -> usize {
    serde_json::to_string(columns).map_or(0, |text| text.chars().count())
}

fn example(schema: &Schema) -> String {
    schema.tables().first().map_or_else(|| "apps".to_owned(), |table| table.name.clone())
}
