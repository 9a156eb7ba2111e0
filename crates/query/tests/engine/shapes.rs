//! Statements of many shapes, made up from a seed: each is answered as SQLite answers it over the same rows, or refused in words, within
//! the time and without a panic.

use std::{fmt::Write as _, time::Instant};

use openapi_mcp_query::{Kind, QueryError};
use rusqlite::{Connection, types::ValueRef};
use serde_json::{Value, json};

use crate::office::Office;

/// Numbers that look random, by `xorshift`.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    pub(crate) fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.roll(choices.len())]
    }

    pub(crate) fn often(&mut self) -> bool {
        self.roll(3) > 0
    }
}

/// What a query can name: its sources with their columns.
#[derive(Clone, Default)]
struct Names(Vec<(String, Vec<String>)>);

impl Names {
    fn column(&self, dice: &mut Dice) -> String {
        if self.0.is_empty() {
            return dice.roll(9).to_string();
        }
        let (source, columns) = &self.0[dice.roll(self.0.len())];
        format!("{source}.{}", columns[dice.roll(columns.len())])
    }
}

struct Statements {
    dice: Dice,
    /// Common table expressions with their columns.
    defined: Vec<(String, Vec<String>)>,
    named: usize,
}

impl Statements {
    fn name(&mut self, start: &str) -> String {
        self.named += 1;
        format!("{start}{}", self.named)
    }

    fn scalar(&mut self, names: &Names, depth: usize) -> String {
        let dice = &mut self.dice;
        if depth == 0 || dice.roll(3) == 0 {
            return match dice.roll(8) {
                0 => dice.roll(50).to_string(),
                1 => dice.of(&["'USD'", "'active'", "'IT'", "'2026-06-01'", "NULL", "1.5", "''", "'1'", "'true'"]).to_owned(),
                _ => names.column(dice),
            };
        }
        let kind = dice.roll(14);
        let (a, b) = (self.scalar(names, depth - 1), self.scalar(names, depth - 1));
        match kind {
            0 => format!("({a} + {b})"),
            1 => format!("({a} || {b})"),
            2 => format!("coalesce({a}, {b})"),
            3 => format!("CASE WHEN {} THEN {a} ELSE {b} END", self.condition(names, depth - 1)),
            4 => format!("CAST({a} AS {})", self.dice.of(&["INTEGER", "TEXT", "REAL"])),
            5 => format!("iif({}, {a}, {b})", self.condition(names, depth - 1)),
            6 => format!("substr({a}, 1, {})", self.dice.roll(5)),
            7 => format!("max({a}, {b})"),
            8 => format!("upper({a})"),
            9 => format!("abs({a})"),
            10 => format!("trim({a})"),
            11 => format!(
                "(SELECT {} FROM {})",
                self.dice.of(&["count(*)", "min(id)", "max(id)"]),
                self.dice.of(&["apps", "contracts", "transactions"])
            ),
            12 => format!("strftime('%Y-%m', {a})"),
            _ => format!("length({a})"),
        }
    }

    fn condition(&mut self, names: &Names, depth: usize) -> String {
        let kind = self.dice.roll(if depth == 0 { 5 } else { 12 });
        let column = names.column(&mut self.dice);
        let value = |dice: &mut Dice| {
            dice.of(&[
                "1",
                "2",
                "3",
                "'USD'",
                "'EUR'",
                "'active'",
                "'closed'",
                "'Sales'",
                "'2026-12-06'",
                "'2026-12-06T00:00:00Z'",
                "date('2026-11-28')",
                "2.0",
                "'2'",
                "NULL",
                "50 + 5",
                "lower('USD')",
            ])
        };
        match kind {
            0 => format!("{column} = {}", value(&mut self.dice)),
            1 => format!("{column} {} {}", self.dice.of(&["<", "<=", ">", ">=", "<>"]), value(&mut self.dice)),
            2 => format!("{column} IN ({}, {}, {})", value(&mut self.dice), value(&mut self.dice), value(&mut self.dice)),
            3 => format!("{column} BETWEEN {} AND {}", value(&mut self.dice), value(&mut self.dice)),
            4 => format!("{column} IS {} NULL", self.dice.of(&["", "NOT"])),
            5 | 6 => format!("{} AND {}", self.condition(names, depth - 1), self.condition(names, depth - 1)),
            7 => format!("({} OR {})", self.condition(names, depth - 1), self.condition(names, depth - 1)),
            8 => format!("NOT ({})", self.condition(names, depth - 1)),
            9 => format!("{column} LIKE {}", self.dice.of(&["'U%'", "'%a%'", "'_S_'", "'2026%'"])),
            10 => {
                format!("{column} IN (SELECT {} FROM {})", self.dice.of(&["id", "1", "2"]), self.dice.of(&["apps", "contracts"]))
            }
            _ => {
                let right = self.scalar(names, depth - 1);
                format!("{} = {right}", self.scalar(names, depth - 1))
            }
        }
    }

    fn source(&mut self, depth: usize) -> (String, (String, Vec<String>)) {
        let alias = self.name("s");
        let kind = self.dice.roll(6);
        if kind == 0 && depth > 0 {
            let (sql, columns) = self.query(depth - 1);
            return (format!("({sql}) AS {alias}"), (alias, columns));
        }
        if kind < 3 && !self.defined.is_empty() {
            let (name, columns) = self.defined[self.dice.roll(self.defined.len())].clone();
            return (format!("{name} AS {alias}"), (alias, columns));
        }
        let (table, columns) = [
            ("apps", "id name state"),
            ("users", "idUser email isExternal created team"),
            ("contracts", "id idApp amount currency usd ends status"),
            ("transactions", "id idUser amount currency paid"),
        ][self.dice.roll(4)];
        (format!("{table} AS {alias}"), (alias, columns.split(' ').map(str::to_owned).collect()))
    }

    /// A `SELECT` and its columns.
    fn select(&mut self, depth: usize, width: usize) -> String {
        let (mut from, first) = self.source(depth);
        let mut names = Names(vec![first]);
        for _ in 0..self.dice.roll(3).min(depth) {
            let (source, columns) = self.source(depth - 1);
            names.0.push(columns);
            let join = self.dice.of(&["JOIN", "LEFT JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", ","]);
            if join == "," {
                let _ = write!(from, ", {source}");
            } else {
                let (left, right) = (names.column(&mut self.dice), names.column(&mut self.dice));
                let more = if self.dice.often() { String::new() } else { format!(" AND {}", self.condition(&names, 0)) };
                let _ = write!(from, " {join} {source} ON {left} = {right}{more}");
            }
        }
        let place = if self.dice.often() { format!(" WHERE {}", self.condition(&names, 2)) } else { String::new() };
        match self.dice.roll(4) {
            0 => {
                let groups: Vec<String> = (0..=self.dice.roll(2)).map(|_| names.column(&mut self.dice)).collect();
                let columns: Vec<String> = (0..width)
                    .map(|at| match groups.get(at) {
                        Some(group) if self.dice.often() => format!("{group} AS c{at}"),
                        _ => {
                            let function = self.dice.of(&["count", "sum", "min", "max", "total", "avg"]);
                            format!("{function}({}) AS c{at}", self.scalar(&names, 1))
                        }
                    })
                    .collect();
                let having = if self.dice.often() { "" } else { " HAVING count(*) > 1" };
                format!("SELECT {} FROM {from}{place} GROUP BY {}{having}", columns.join(", "), groups.join(", "))
            }
            1 if width == 2 => {
                let (value, group) = (names.column(&mut self.dice), names.column(&mut self.dice));
                let function = self.dice.of(&["sum", "count", "max", "rank"]);
                let value = if function == "rank" { String::new() } else { value };
                format!("SELECT {group} AS c0, {function}({value}) OVER (PARTITION BY {group}) AS c1 FROM {from}{place}")
            }
            _ => {
                let distinct = if self.dice.roll(5) == 0 { "DISTINCT " } else { "" };
                let columns: Vec<String> = (0..width).map(|at| format!("{} AS c{at}", self.scalar(&names, 2))).collect();
                format!("SELECT {distinct}{} FROM {from}{place}", columns.join(", "))
            }
        }
    }

    fn query(&mut self, depth: usize) -> (String, Vec<String>) {
        let width = self.dice.roll(3) + 1;
        let mut sql = self.select(depth, width);
        if self.dice.roll(5) == 0 {
            let operator = self.dice.of(&["UNION ALL", "UNION", "EXCEPT", "INTERSECT"]);
            sql = format!("{sql} {operator} {}", self.select(depth.saturating_sub(1), width));
        }
        (sql, (0..width).map(|at| format!("c{at}")).collect())
    }

    fn statement(&mut self) -> String {
        self.defined.clear();
        let mut ctes = Vec::new();
        for _ in 0..self.dice.roll(3) {
            let (sql, columns) = self.query(1);
            let name = self.name("cte");
            ctes.push(format!("{name} AS {}({sql})", self.dice.of(&["", "", "MATERIALIZED ", "NOT MATERIALIZED "])));
            self.defined.push((name, columns));
        }
        let (sql, _) = self.query(2);
        if ctes.is_empty() { sql } else { format!("WITH {} {sql}", ctes.join(", ")) }
    }
}

/// The tables of the office in a database of SQLite alone.
pub(crate) async fn plain(office: &Office) -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    connection
        .create_collation("TIME", |a, b| {
            let plain = |text: &str| text.trim_end_matches('Z').trim_end_matches(".000").replace('T', " ");
            plain(a).cmp(&plain(b))
        })
        .unwrap();
    for table in office.schema.tables().iter().filter(|table| table.required.is_empty()) {
        let columns = table.columns.iter().map(|column| {
            let kind = match column.kind {
                Kind::Integer | Kind::Boolean => "INTEGER",
                Kind::Real => "REAL",
                Kind::Time => "TEXT COLLATE TIME",
                Kind::Text | Kind::Json => "TEXT",
            };
            format!("\"{}\" {kind}", column.name)
        });
        connection.execute_batch(&format!("CREATE TABLE {} ({})", table.name, columns.collect::<Vec<_>>().join(", "))).unwrap();
        for row in office.rows(&format!("SELECT * FROM {}", table.name)).await.as_array().unwrap() {
            let values: Vec<String> = row
                .as_array()
                .unwrap()
                .iter()
                .map(|value| match value {
                    Value::String(text) => format!("'{}'", text.replace('\'', "''")),
                    other => other.to_string(),
                })
                .collect();
            connection.execute_batch(&format!("INSERT INTO {} VALUES ({})", table.name, values.join(", "))).unwrap();
        }
    }
    connection
}

pub(crate) fn plain_rows(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<Value>> {
    let mut statement = connection.prepare(sql)?;
    let width = statement.column_count();
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let value = |at| {
            Ok(match row.get_ref(at)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => number.into(),
                ValueRef::Real(number) => json!(number),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into(),
            })
        };
        found.push(Value::Array((0..width).map(value).collect::<rusqlite::Result<_>>()?));
    }
    Ok(found)
}

fn sorted(mut rows: Vec<Value>) -> Vec<String> {
    rows.sort_by_key(ToString::to_string);
    rows.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn statements_of_all_shapes_are_answered_as_sqlite_answers_them() {
    let mut office = Office::new();
    office.characters = 10_000_000;
    office.exact = true;
    let connection = plain(&office).await;
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_128);
    let number = std::env::var("SHAPES").ok().and_then(|number| number.parse().ok()).unwrap_or(400);
    let mut statements = Statements { dice: Dice(seed), defined: Vec::new(), named: 0 };
    let (mut answered, mut mixed, mut failed) = (0, 0, 0);
    for _ in 0..number {
        let sql = statements.statement();
        let began = Instant::now();
        match office.ask(&sql).await {
            Ok(answer) => {
                answered += 1;
                if answer.more {
                    continue;
                }
                let rows: Vec<Value> = answer.rows.into_iter().map(Value::Array).collect();
                let expected = plain_rows(&connection, &sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
                assert_eq!(sorted(rows), sorted(expected), "{sql}");
            }
            Err(QueryError::Currencies(_)) => mixed += 1,
            Err(
                QueryError::TimeIsUp(_)
                | QueryError::TimeArithmetic { .. }
                | QueryError::NotATime { .. }
                | QueryError::TextWithNumber { .. },
            ) => failed += 1,
            Err(error) => {
                failed += 1;
                assert!(plain_rows(&connection, &sql).is_err(), "{sql}: {error}");
            }
        }
        assert!(began.elapsed().as_secs() < 15, "{sql}");
    }
    if std::env::var("SHAPES").is_ok() {
        eprintln!("{answered} {mixed} {failed}");
    }
    assert!(answered * 2 > number, "{answered} answered, {mixed} mixed, {failed} failed of {number}");
}
