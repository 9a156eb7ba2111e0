//! What is checked once the rows of a statement are there: the currencies of sums.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rusqlite::{Connection, types::ValueRef};

use crate::{
    bounds::Bounds,
    cell::Cell,
    error::{MixedCurrencies, QueryError},
    native::memory,
    plan::{MoneyUse, MoneyUseKind, MoneyUses, PICKS, SUMS, reads_amount},
    program,
    rows::Rows,
    schema::{Column, Schema, Table},
    watch::{Seen, Watch},
};

/// The rows that were loaded of each table, by its name in lower case.
pub(crate) type Parts = BTreeMap<String, Vec<Arc<Rows>>>;

/// How errors name a missing currency.
const NO_CURRENCY: &str = "(none)";

/// Rows are looked at for so long between two looks at the clock.
const ROWS: usize = 4096;

/// When a check must end.
pub(crate) struct Stop<'a> {
    pub(crate) watch: &'a Watch,
    pub(crate) bounds: &'a Bounds,
}

impl Stop<'_> {
    pub(crate) fn check(&self) -> Result<(), QueryError> {
        if self.watch.is_cancelled() {
            Err(QueryError::Cancelled)
        } else if self.watch.must_stop() {
            Err(QueryError::TimeIsUp(self.bounds.computing))
        } else {
            Ok(())
        }
    }

    /// Looks at the clock now and then.
    pub(crate) fn check_at(&self, row: usize) -> Result<(), QueryError> {
        if row.is_multiple_of(ROWS) { self.check() } else { Ok(()) }
    }
}

/// So many notes are made.
const NOTES: usize = 5;

/// So many currencies are named.
const CURRENCIES: usize = 20;

/// The currencies of the amounts in a column, by its table and name. Many sums may be of one column.
type Known = BTreeMap<(String, String), BTreeSet<String>>;

/// Fails if amounts of several currencies are added up, or one of them is picked. Returns notes on those that are sorted or compared.
pub(crate) fn currencies(
    connection: &Connection,
    money_uses: &MoneyUses,
    seen: &Seen,
    schema: &Schema,
    parts: &Parts,
    stop: &Stop<'_>,
) -> Result<Vec<String>, QueryError> {
    let mut known = Known::new();
    let mut notes = Vec::new();
    match money_uses {
        MoneyUses::Known(money_uses) => {
            let mut asked: BTreeMap<&str, Option<BTreeSet<String>>> = BTreeMap::new();
            for sum in money_uses {
                stop.check()?;
                let mut found: BTreeSet<String> = sum.currencies.iter().cloned().collect();
                let mut answered = sum.statement.as_deref().and_then(|sql| asked.get(sql).cloned());
                if let (None, Some(sql)) = (&answered, sum.statement.as_deref()) {
                    let now = of_statement(connection, sql).ok();
                    // what was interrupted found no currency because of that
                    stop.check()?;
                    answered = Some(asked.entry(sql).or_insert(now).clone());
                }
                match answered.flatten() {
                    Some(more) => found.extend(more),
                    None => {
                        for (table, column) in &sum.amounts {
                            found.extend(of_rows(table, column, parts, stop, &mut known)?);
                        }
                    }
                }
                refuse_or_note(sum, found, &mut notes)?;
            }
        }
        MoneyUses::Unknown => {
            let is_called = |function: &&&str| seen.functions.contains(**function);
            let adds_up = SUMS.iter().find(is_called).map(|function| MoneyUseKind::AddsUp((*function).to_owned()));
            let picks = || PICKS.iter().find(is_called).map(|function| MoneyUseKind::Picks((*function).to_owned()));
            let Some(kind) = adds_up.or_else(picks) else { return Ok(notes) };
            let tables = seen.reads.iter().filter_map(|(name, columns)| Some((schema.table(name)?, columns)));
            for (table, columns) in tables {
                for column in
                    table.columns.iter().filter(|column| column.currency.is_some() && reads_amount(table, columns, column))
                {
                    let sum = MoneyUse {
                        kind: kind.clone(),
                        named: (Arc::clone(table), column.name.clone()),
                        amounts: Vec::new(),
                        currencies: Vec::new(),
                        statement: None,
                    };
                    refuse_or_note(&sum, of_rows(table, &column.name, parts, stop, &mut known)?, &mut notes)?;
                }
            }
        }
    }
    Ok(notes)
}

fn refuse_or_note(sum: &MoneyUse, found: BTreeSet<String>, notes: &mut Vec<String>) -> Result<(), QueryError> {
    if found.len() < 2 {
        return Ok(());
    }
    let (table, column) = &sum.named;
    let of_column = |part: fn(&Column) -> &Option<String>| table.column(column).and_then(|column| part(column).clone());
    let mixed = MixedCurrencies {
        does: match &sum.kind {
            MoneyUseKind::AddsUp(function) => format!("`{function}` would add up"),
            MoneyUseKind::Picks(function) => format!("`{function}` would compare"),
            MoneyUseKind::Sorts => "the rows are sorted by".to_owned(),
            MoneyUseKind::Compares => "a number is compared with".to_owned(),
        },
        is_grouped: matches!(sum.kind, MoneyUseKind::AddsUp(_) | MoneyUseKind::Picks(_)),
        table: table.name.clone(),
        column: column.clone(),
        currency: of_column(|column| &column.currency).unwrap_or_default(),
        currencies: found.into_iter().collect(),
        converted: of_column(|column| &column.converted),
    };
    if mixed.is_grouped {
        return Err(QueryError::from(Box::new(mixed)));
    }
    let note = mixed.to_string();
    if notes.len() < NOTES && !notes.contains(&note) {
        notes.push(note);
    }
    Ok(())
}

/// The currencies that a statement finds.
fn of_statement(connection: &Connection, sql: &str) -> rusqlite::Result<BTreeSet<String>> {
    // it may have parts of the statement that SQLite left out of that one's program
    if program::forbidden(connection, sql)?.is_some() {
        return Err(rusqlite::Error::InvalidQuery);
    }
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.raw_query();
    let mut found = BTreeSet::new();
    while let Some(row) = memory::run(|| rows.next())? {
        memory::check()?;
        found.insert(match row.get_ref(0)? {
            ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            ValueRef::Null => NO_CURRENCY.to_owned(),
            other => format!("{other:?}"),
        });
    }
    Ok(found)
}

/// The currencies of all amounts of a column that are not zero.
fn of_rows(
    table: &Table,
    column: &str,
    parts: &Parts,
    stop: &Stop<'_>,
    known: &mut Known,
) -> Result<BTreeSet<String>, QueryError> {
    let key = (table.name.clone(), column.to_owned());
    if let Some(found) = known.get(&key) {
        return Ok(found.clone());
    }
    let mut found = BTreeSet::new();
    let Some(currency) = table.column(column).and_then(|column| column.currency.as_deref()) else { return Ok(found) };
    for rows in parts.get(&table.name.to_ascii_lowercase()).into_iter().flatten() {
        let (Some(amount), Some(currency)) = (rows.position(column), rows.position(currency)) else { continue };
        for (at, row) in rows.iter().enumerate() {
            stop.check_at(at)?;
            if !row.get(amount).is_some_and(|amount| !matches!(amount, Cell::Null | Cell::Integer(0))) {
                continue;
            }
            let name = match row.get(currency) {
                Some(Cell::Text(text)) => std::borrow::Cow::Borrowed(&**text),
                None | Some(Cell::Null) => NO_CURRENCY.into(),
                Some(other) => other.to_string().into(),
            };
            if !found.contains(&*name) && found.len() < CURRENCIES {
                found.insert(name.into_owned());
            }
        }
    }
    known.insert(key, found.clone());
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_check_that_was_interrupted_says_so_instead_of_looking_at_all_rows() {
        let money = Column { name: "amount".to_owned(), currency: Some("currency".to_owned()), ..Column::default() };
        let table = Arc::new(Table { name: "t".to_owned(), columns: vec![money], ..Table::default() });
        let amounts = vec![(Arc::clone(&table), "amount".to_owned())];
        let statement = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n".to_owned();
        let sum = MoneyUse {
            kind: MoneyUseKind::AddsUp("sum".to_owned()),
            named: (table, "amount".to_owned()),
            amounts,
            currencies: Vec::new(),
            statement: Some(statement),
        };
        let (watch, bounds) = (Arc::new(Watch::default()), Bounds::default());
        watch.set_deadline(Duration::from_millis(50));
        let connection = Connection::open_in_memory().unwrap();
        let stopping = Arc::clone(&watch);
        connection.progress_handler(50, Some(move || stopping.must_stop())).unwrap();
        let (seen, schema, parts) = (Seen::default(), Schema::default(), Parts::default());
        let ask = |money_uses: Vec<MoneyUse>| {
            let stop = Stop { watch: &watch, bounds: &bounds };
            currencies(&connection, &MoneyUses::Known(money_uses), &seen, &schema, &parts, &stop)
        };
        assert!(matches!(ask(vec![sum]), Err(QueryError::TimeIsUp(_))));
    }
}
