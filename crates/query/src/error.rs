//! Why a statement has no answer. Each text says what is wrong, where, and what to do.

use std::time::Duration;

use thiserror::Error;

use crate::load::LoadError;

/// Why a statement has no answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum QueryError {
    #[error("the statement has {bytes} bytes, and {most} are allowed; ask for less at once")]
    TooLong { bytes: usize, most: usize },
    #[error("{found}; give exactly one `SELECT`, such as `SELECT count(*) FROM {example}`")]
    NotOneSelect { found: NotSelect, example: String },
    #[error("SQLite cannot read the statement: {text}{}", place(near.as_deref()))]
    Syntax { text: String, near: Option<String> },
    #[error("there is no table `{name}`{}; tables are {}", near_names(near), names(tables))]
    UnknownTable { name: String, near: Vec<String>, tables: Vec<String> },
    #[error("there is no column `{name}`{}{}{}", quoted_hint(*quoted, name), near_names(near), if *quoted && near.is_empty() { String::new() } else { columns_of(tables) })]
    UnknownColumn {
        name: String,
        /// It was written in double quotes, which are for names.
        quoted: bool,
        near: Vec<String>,
        /// The tables of the statement with their columns.
        tables: Vec<(String, Vec<String>)>,
    },
    #[error(
        "the statement calls functions of JSON {found} times, and {most} are allowed; take fewer values, or read lists with `json_each`"
    )]
    TooManyJsonCalls { found: usize, most: usize },
    #[error(
        "the names of the result's columns have {found} characters, and {most} are allowed; give them shorter names with `AS`, or select fewer"
    )]
    LongNames { found: usize, most: usize },
    #[error(
        "the statement calculates and compares in {found} places, and {most} are allowed; write it with fewer, such as a join with the values that it compares"
    )]
    TooManyOperations { found: usize, most: usize },
    #[error("there is no function `{name}`; {}", instead.map_or_else(|| "this is SQLite, with its functions for numbers, text, dates, JSON and aggregates".to_owned(), |instead| format!("write `{instead}`")))]
    UnknownFunction { name: String, instead: Option<&'static str> },
    #[error(
        "{what} may not be used here; a statement reads the listed tables, `json_each` and `json_tree`, and uses SQLite's functions for numbers, text, dates, JSON and aggregates"
    )]
    Denied { what: String },
    #[error("`{table}` needs {}: bind it, as in `WHERE {column} = 1001`, by `{column} IN ({})`, or by a join with a table that has it", quoted_list(.table, .columns), found.as_deref().unwrap_or("…"))]
    Unbound {
        table: String,
        column: String,
        columns: Vec<String>,
        /// A query that finds its values.
        found: Option<String>,
    },
    #[error(
        "the statement needs `{table}` for {found} values of `{column}`, each of which is a call, and {most} are allowed; narrow the rows that `{column}` is joined with by a condition, or list fewer values"
    )]
    TooManyValues { table: String, column: String, found: usize, most: usize },
    #[error(
        "`{table}` could not be loaded whole: {rows} rows were, then {why}; narrow it{}, or set `partial` to get an answer from what was loaded",
        pushable(columns)
    )]
    Incomplete {
        table: String,
        rows: usize,
        why: String,
        /// Columns with conditions that load less.
        columns: Vec<String>,
    },
    #[error("`{table}` could not be loaded: {source}")]
    Load { table: String, source: LoadError },
    #[error("the loader of `{table}` left out the column `{column}`; this is a fault of the server")]
    MissingColumn { table: String, column: String },
    #[error(
        "`{expression}` makes numbers of times, which are their years; the days between two are `julianday(a) - julianday(b)`, and the day 30 days later is `date(a, '+30 days')`"
    )]
    TimeArithmetic { expression: String },
    #[error(
        "`{expression}` compares a text with a number, and no text equals one; put the number into quotes, as in `strftime('%Y', t) = '2026'`"
    )]
    TextWithNumber { expression: String },
    #[error(
        "`{table}.{column}` has times such as `2026-11-01T10:00:00Z`, and `{text}` would be compared as text; write a date as `2026-11-01`, and a time in UTC"
    )]
    NotATime { table: String, column: String, text: String },
    #[error(transparent)]
    Currencies(#[from] Box<MixedCurrencies>),
    #[error("the statement computed for {} s without an end; compare fewer rows with each other: join on equal columns, or narrow each table first", .0.as_secs_f64())]
    TimeIsUp(Duration),
    #[error("{what} took more memory than a statement may use; select fewer columns or rows, or add up earlier")]
    TooLarge { what: &'static str },
    #[error("the statement was cancelled")]
    Cancelled,
    #[error("SQLite stopped: {text}; change the expression that it names, or narrow the rows")]
    Failed { text: String },
}

/// Amounts of several currencies that are added up or compared.
#[derive(Debug, Error)]
#[error("{does} `{table}.{column}` in several currencies: {}; {}", names(currencies), self.advice())]
pub struct MixedCurrencies {
    /// Who does what with them.
    pub does: String,
    /// Grouping by the currency keeps them apart.
    pub is_grouped: bool,
    pub table: String,
    pub column: String,
    /// The column with the currency.
    pub currency: String,
    pub currencies: Vec<String>,
    /// The column with the same amount in one currency.
    pub converted: Option<String>,
}

impl MixedCurrencies {
    fn advice(&self) -> String {
        let Self { table, currency, converted, .. } = self;
        let group = if self.is_grouped {
            format!("add `{currency}` to `GROUP BY` (or `PARTITION BY`) and to the columns, or ")
        } else {
            String::new()
        };
        let converted =
            converted.as_ref().map_or_else(String::new, |name| format!(", or use `{table}.{name}`, which is in one currency"));
        format!("{group}keep one with `WHERE {currency} = '…'`{converted}")
    }
}

/// What was found instead of one `SELECT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotSelect {
    #[error("there is no statement")]
    Nothing,
    #[error("there are several statements")]
    Several,
    #[error("this statement would change something, or looks at the database itself")]
    Another,
    #[error("`EXPLAIN` does not read data")]
    Explain,
    #[error("a parameter such as `?` has no value here, so write the value itself")]
    Parameter,
    #[error("the text has a NUL character")]
    Nul,
    #[error("parentheses are nested too deeply")]
    Deep,
}

/// Names in backticks.
fn names(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn place(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!(" at `{near}`"))
}

fn near_names(near: &[String]) -> String {
    if near.is_empty() { String::new() } else { format!("; similar: {}", names(near)) }
}

fn quoted_hint(quoted: bool, name: &str) -> String {
    if quoted { format!(" (double quotes are for names; a text is `'{name}'`)") } else { String::new() }
}

fn columns_of(tables: &[(String, Vec<String>)]) -> String {
    tables.iter().map(|(table, columns)| format!("; `{table}` has {}", columns.join(", "))).collect::<Vec<_>>().concat()
}

fn quoted_list(table: &str, columns: &[String]) -> String {
    columns.iter().map(|column| format!("`{table}.{column}`")).collect::<Vec<_>>().join(" and ")
}

fn pushable(columns: &[String]) -> String {
    if columns.is_empty() { String::new() } else { format!(" by a condition on {}", names(columns)) }
}
