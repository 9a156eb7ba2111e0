//! What a statement needs, read from its text with `sqlparser`.
//!
//! SQLite alone decides what a statement means. This only finds what may be left out of loading, and which sums to look at. What it
//! does not understand is loaded whole, and every sum of money is looked at.

mod comparisons;
mod expressions;
mod first;
mod lineage;
mod money;
mod reader;
mod sources;
mod time_uses;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    sync::Arc,
};

use sqlparser::{
    ast::{Expr, Function, FunctionArguments, Statement, visit_expressions, visit_relations},
    dialect::SQLiteDialect,
    parser::Parser,
};

use crate::{
    cell::Cell,
    load::{Condition, First},
    plan::{
        comparisons::Comparison,
        reader::{Occurrence, Reader},
        time_uses::Use,
    },
    schema::{Column, Kind, Operator, Schema, Table},
};

pub(crate) use time_uses::Day;

/// The functions that add up.
pub(crate) const SUMS: &[&str] = &["sum", "avg", "total"];

/// The functions that pick one of several values, if they have one argument.
pub(crate) const PICKS: &[&str] = &["max", "min"];

/// What is done with amounts of several rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MoneyUseKind {
    /// This function adds them up.
    AddsUp(String),
    /// This function picks the largest or the smallest.
    Picks(String),
    /// Rows are sorted by them.
    Sorts,
    /// They are compared with a number.
    Compares,
}

/// Whether a function makes one value of those in several rows, which is wrong for amounts of several currencies.
fn mixes(function: &Function) -> bool {
    let name = function.name.to_string().to_ascii_lowercase();
    let is_of_one = || matches!(&function.args, FunctionArguments::List(list) if list.args.len() == 1);
    SUMS.contains(&name.as_str()) || PICKS.contains(&name.as_str()) && is_of_one()
}

/// What is known of a statement besides what SQLite says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// The conditions that may go to the loader of each table, by its name in lower case.
    pub(crate) conditions: BTreeMap<String, Vec<Condition>>,
    /// The columns that subqueries look rows up by, by table. SQLite makes indexes for joins itself, and for these not.
    pub(crate) looked_up: BTreeMap<String, BTreeSet<String>>,
    /// The rows that are enough, for a statement about one table.
    pub(crate) first: Option<First>,
    pub(crate) money_uses: MoneyUses,
    /// Texts that columns are compared with.
    pub(crate) literals: Vec<Compared>,
    /// The first use of a time that cannot be meant.
    pub(crate) misused: Option<Misuse>,
    /// Days that columns with times are compared with.
    pub(crate) days: Vec<DayCompared>,
}

/// A use of a time that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Misuse {
    /// It is taken for a number.
    Arithmetic { expression: String },
    /// It is compared with a number.
    Number { expression: String },
    /// It is compared with a text that is no time.
    Text(Compared),
}

/// A day that a column with times is compared with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DayCompared {
    pub(crate) table: String,
    pub(crate) column: String,
    pub(crate) day: Day,
}

/// The uses of money in a statement.
#[derive(Clone, Debug, Default)]
pub(crate) enum MoneyUses {
    /// The statement was not understood, so every amount that it reads may be added up.
    #[default]
    Unknown,
    /// All whose currency is not certain.
    Known(Vec<MoneyUse>),
}

/// A use of amounts that may be in several currencies.
#[derive(Clone, Debug)]
pub(crate) struct MoneyUse {
    pub(crate) kind: MoneyUseKind,
    /// The table and the column that errors name.
    pub(crate) named: (Arc<Table>, String),
    /// The tables and the columns with the amounts whose currency is to be found.
    pub(crate) amounts: Vec<(Arc<Table>, String)>,
    /// Currencies that are in the sum for certain.
    pub(crate) currencies: Vec<String>,
    /// The statement whose rows are the others.
    pub(crate) statement: Option<String>,
}

/// A text that a column of a table is compared with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Compared {
    pub(crate) table: String,
    pub(crate) column: String,
    pub(crate) text: String,
}

/// Reads a statement that SQLite has accepted. `evaluate` gives the value of a constant expression; `adds_up` says whether rows of
/// the result are made of several rows.
pub(crate) fn read(
    sql: &str,
    schema: &Schema,
    adds_up: bool,
    must_stop: impl Fn() -> bool,
    mut evaluate: impl FnMut(&str) -> Option<Cell>,
) -> Plan {
    let Ok(statements) = Parser::parse_sql(&SQLiteDialect {}, sql) else { return Plan::default() };
    let [Statement::Query(query)] = statements.as_slice() else { return Plan::default() };
    let mut reader = Reader::new(schema, &must_stop);
    reader.query(query, None);
    let mut relations = 0;
    let _ = visit_relations(query, |_| {
        relations += 1;
        ControlFlow::<()>::Continue(())
    });
    let mut sum_calls = 0;
    let _ = visit_expressions(query, |expr| {
        if let Expr::Function(function) = expr {
            sum_calls += usize::from(mixes(function));
        }
        ControlFlow::<()>::Continue(())
    });
    let understood = !reader.unclear && reader.relations == relations && reader.sum_calls == sum_calls;
    let of_origin = |origin: (usize, usize)| {
        let table = &reader.occurrences.get(origin.0)?.table;
        Some((Arc::clone(table), table.columns.get(origin.1)?.name.clone()))
    };
    let literals = reader.literals.iter().filter_map(|literal| {
        let (table, column) = of_origin(literal.column)?;
        Some(Compared { table: table.name.clone(), column, text: literal.text.clone() })
    });
    let mut literals: Vec<Compared> = literals.collect();
    literals.sort();
    literals.dedup();
    let (mut misused, mut days) = (None, Vec::new());
    for found in &reader.uses_of_times {
        let named = |origin| of_origin(origin).map(|(table, column)| (table.name.clone(), column));
        match found {
            Use::Arithmetic { expression } => drop(misused.get_or_insert(Misuse::Arithmetic { expression: expression.clone() })),
            Use::Number { expression } => drop(misused.get_or_insert(Misuse::Number { expression: expression.clone() })),
            Use::Text { column, text } => {
                let compared = named(*column).map(|(table, column)| Compared { table, column, text: text.clone() });
                misused = misused.or(compared.map(Misuse::Text));
            }
            Use::Day { column, comparison } => {
                days.extend(named(*column).map(|(table, column)| DayCompared { table, column, day: comparison.clone() }));
            }
        }
    }
    days.sort();
    days.dedup();
    if !understood {
        return Plan { literals, misused, days, ..Plan::default() };
    }
    let money_uses = reader.money_uses.iter().filter_map(|sum| {
        Some(MoneyUse {
            kind: sum.kind.clone(),
            named: of_origin(sum.named)?,
            amounts: sum.open.iter().filter_map(|origin| of_origin(*origin)).collect(),
            currencies: sum.limited.iter().cloned().collect(),
            statement: sum.currencies.clone(),
        })
    });
    let money_uses = MoneyUses::Known(money_uses.collect());
    let mut looked_up: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (table, column) in reader.looked_up.iter().filter_map(|origin| of_origin(*origin)) {
        looked_up.entry(table.name.to_ascii_lowercase()).or_default().insert(column);
    }
    let conditions = conditions(&reader.occurrences, &mut evaluate);
    let read: Vec<&Occurrence> = reader.occurrences.iter().filter(|occurrence| !occurrence.is_copy).collect();
    let first = match read.as_slice() {
        [only] if !adds_up => {
            let exact = conditions.get(&only.table.name.to_ascii_lowercase()).map_or(&[][..], Vec::as_slice);
            first::of(query, only, exact)
        }
        _ => None,
    };
    Plan { conditions, looked_up, first, money_uses, literals, misused, days }
}

/// Whether reading these columns of a table, by their names in lower case, reads an amount: its own column, or the whole item.
pub(crate) fn reads_amount(table: &Table, read: &BTreeSet<String>, amount: &Column) -> bool {
    let is_read = |column: &Column| read.contains(&column.name.to_ascii_lowercase());
    let is_whole = |column: &&Column| column.kind == Kind::Json && column.path.is_empty();
    amount.currency.is_some() && (is_read(amount) || table.columns.iter().filter(is_whole).any(is_read))
}

/// The conditions of each table that hold wherever it occurs.
fn conditions(occurrences: &[Occurrence], evaluate: &mut impl FnMut(&str) -> Option<Cell>) -> BTreeMap<String, Vec<Condition>> {
    let mut found: BTreeMap<String, Vec<Condition>> = BTreeMap::new();
    for occurrence in occurrences.iter().filter(|occurrence| !occurrence.is_copy) {
        let mut here: Vec<Condition> = Vec::new();
        for comparison in &occurrence.comparisons {
            if let Some(condition) = condition(&occurrence.table, comparison, evaluate)
                && !here.iter().any(|other| other.column == condition.column && other.operator == condition.operator)
            {
                here.push(condition);
            }
        }
        found
            .entry(occurrence.table.name.to_ascii_lowercase())
            .and_modify(|everywhere| everywhere.retain(|condition| here.contains(condition)))
            .or_insert(here);
    }
    found
}

/// A comparison as the loader takes it, if it does.
fn condition(table: &Table, comparison: &Comparison, evaluate: &mut impl FnMut(&str) -> Option<Cell>) -> Option<Condition> {
    let column = table.columns.get(comparison.column)?;
    let operator = match comparison.operator {
        Operator::In if comparison.constants.len() == 1 => Operator::Equal,
        // the precision of a source's times is unknown
        Operator::Less if column.kind == Kind::Time => Operator::AtMost,
        Operator::Greater if column.kind == Kind::Time => Operator::AtLeast,
        operator => operator,
    };
    if !column.pushed.contains(&operator) || table.requires(&column.name) {
        return None;
    }
    let mut values = Vec::new();
    for constant in &comparison.constants {
        let value = evaluate(constant)?.fit(column.kind)?;
        let value = match (column.kind, &value) {
            (Kind::Time, Cell::Text(text)) => Cell::text(crate::times::constant(text)?),
            _ => value,
        };
        // a source may refuse a value that it does not know
        if !column.choices.is_empty()
            && !matches!(&value, Cell::Text(text) if column.choices.iter().any(|choice| **choice == **text))
        {
            return None;
        }
        if !values.contains(&value) {
            values.push(value);
        }
    }
    Some(Condition { column: column.name.clone(), operator, values })
}
