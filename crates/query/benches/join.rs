//! The processor time of a statement over tables that are loaded already: 2,000 users joined with 3,000 transactions.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a benchmark prints its result, and may fail")]

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use openapi_mcp_query::{Bounds, Column, Extent, Kind, Load, LoadError, Loaded, Question, Request, Rows, Schema, Table, answer};
use serde_json::{Value, json};

const RUNS: u32 = 50;

struct Cached(BTreeMap<String, Arc<Rows>>);

#[async_trait::async_trait]
impl Load for Cached {
    async fn load(&self, request: &Request) -> Result<Loaded, LoadError> {
        let rows = self.0.get(&request.table).ok_or_else(|| LoadError("no such table".into()))?;
        Ok(Loaded { rows: Arc::clone(rows), as_of: Timestamp::UNIX_EPOCH, extent: Extent::Whole })
    }
}

fn main() {
    let column = |name: &str, kind| Column { name: name.to_owned(), path: vec![name.to_owned()], kind, ..Column::default() };
    let users = vec![
        column("idUser", Kind::Integer),
        column("email", Kind::Text),
        column("team", Kind::Text),
        column("created", Kind::Time),
    ];
    let money = Column { currency: Some("currency".to_owned()), ..column("amount", Kind::Integer) };
    let transactions = vec![
        column("id", Kind::Integer),
        column("idUser", Kind::Integer),
        money,
        column("currency", Kind::Text),
        column("paid", Kind::Time),
    ];
    let table = |name: &str, columns| Table { name: name.to_owned(), columns, ..Table::default() };
    let mut tables = vec![table("users", users), table("transactions", transactions)];
    // as many others as an API has, which every statement could read
    tables.extend(
        (0..20).map(|at| table(&format!("other{at}"), (0..40).map(|at| column(&format!("column{at}"), Kind::Text)).collect())),
    );
    let schema = Arc::new(Schema::new(tables));
    let users: Vec<Value> = (0..2000).map(|id| json!({"idUser": id, "email": format!("user{id}@example.org"), "team": format!("team {}", id % 20), "created": 1_700_000_000 + id})).collect();
    let transactions: Vec<Value> = (0..3000)
        .map(|id| json!({"id": id, "idUser": id * 7 % 2000, "amount": id * 13, "currency": if id % 3 == 0 { "EUR" } else { "USD" }, "paid": 1_750_000_000 + id * 600}))
        .collect();
    let rows = |name: &str, items: &[Value]| {
        let table = schema.table(name).expect("it is there");
        let columns: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        (name.to_owned(), Arc::new(table.rows(items, &columns)))
    };
    let load = Cached(BTreeMap::from([rows("users", &users), rows("transactions", &transactions)]));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for sql in [
        "SELECT 1",
        "SELECT u.team, t.currency, count(*), sum(t.amount) FROM users u JOIN transactions t ON t.idUser = u.idUser GROUP BY 1, 2 ORDER BY 4 DESC",
        "SELECT u.email, t.id, t.amount FROM users u LEFT JOIN transactions t ON t.idUser = u.idUser AND t.paid >= '2025-06-20' ORDER BY t.amount DESC",
        "SELECT u.email, (SELECT max(t.paid) FROM transactions t WHERE t.idUser = u.idUser) FROM users u",
    ] {
        let question = Question { sql: sql.to_owned(), now: Timestamp::UNIX_EPOCH, partial: false, characters: 20_000 };
        let ask = || runtime.block_on(answer(&schema, &load, &question, &Bounds::default())).expect("it is answered");
        let first = ask();
        let began = (Instant::now(), processor_time());
        (0..RUNS).for_each(|_| drop(ask()));
        let (wall, processor) =
            (began.0.elapsed() / RUNS, processor_time().zip(began.1).map(|(now, then)| now.saturating_sub(then) / RUNS));
        println!("{processor:?} of processor time, {wall:?} in all, {} rows: {sql}", first.total);
    }
}

/// What the process has used so far, where the system tells: in hundredths of a second.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
}
