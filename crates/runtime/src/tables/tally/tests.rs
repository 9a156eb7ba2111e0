use std::time::Duration;

use openapi_mcp_query::{Column, Kind, Table};
use serde_json::json;
use tokio::time::timeout;

use super::*;

const LIMITS: QueryLimits = QueryLimits { rows: 1000, memory: 32 << 20, ..QueryLimits::DEFAULT };

/// Rows that take about this many bytes together.
fn rows(n: usize, bytes: usize) -> Rows {
    let column = Column { name: "text".to_owned(), path: vec!["text".to_owned()], kind: Kind::Text, ..Column::default() };
    let table = Table { name: "texts".to_owned(), columns: vec![column], ..Table::default() };
    let item = json!({ "text": "x".repeat(bytes / n) });
    table.rows(vec![&item; n], &["text".to_owned()])
}

fn tally(memory: &Memory, name: &str) -> Tally {
    Tally::new(memory.clone(), Some(name.into()), &LIMITS)
}

#[tokio::test]
async fn the_rows_of_all_parts_of_a_table_count_together_and_those_of_other_tables_do_not() {
    let tally = tally(&Memory::default(), "ada");
    for _ in 0..2 {
        assert_eq!(tally.add("app_users", &rows(500, 500)).await, Ok(()));
    }
    let full = tally.add("app_users", &rows(1, 1)).await.unwrap_err();
    assert_eq!(full, Full::Rows(1000));
    let why = full.why(&["idApp".to_owned()]);
    assert_eq!(why, "the limit of 1,000 rows was reached, so list fewer values of `idApp` or narrow what they are joined with");
    assert_eq!(full.why(&[]), "the limit of 1,000 rows was reached");
    assert_eq!(tally.add("apps", &rows(1000, 1000)).await, Ok(()));
}

#[tokio::test]
async fn the_bytes_of_all_tables_count_together() {
    let tally = tally(&Memory::default(), "ada");
    assert_eq!(tally.bytes(), 16 << 20);
    assert_eq!(tally.add("apps", &rows(10, 9 << 20)).await, Ok(()));
    let full = tally.add("users", &rows(10, 9 << 20)).await.unwrap_err();
    assert_eq!(full, Full::Bytes(16 << 20));
    assert!(full.why(&[]).contains("took 16 MiB, the most for one; select fewer columns"), "{}", full.why(&[]));
    // what was refused is not counted
    assert_eq!(tally.add("users", &rows(10, 1 << 20)).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn few_statements_keep_much_at_once_and_one_user_has_half_of_them() {
    const SOON: Duration = Duration::from_secs(1);
    let memory = Memory::default();
    let large = rows(10, 5 << 20);
    let first = tally(&memory, "ada");
    assert_eq!(first.add("apps", &large).await, Ok(()));
    let second = tally(&memory, "ada");
    assert!(timeout(SOON, second.add("apps", &large)).await.is_err(), "the user has their part");
    assert_eq!(second.add("apps", &rows(10, 1 << 20)).await, Ok(()), "what is small needs no permit");
    let other = tally(&memory, "bob");
    assert_eq!(timeout(SOON, other.add("apps", &large)).await, Ok(Ok(())));
    drop(first);
    assert_eq!(timeout(SOON, second.add("apps", &large)).await, Ok(Ok(())));
    let third = tally(&memory, "eve");
    assert!(timeout(SOON, third.add("apps", &large)).await.is_err());
}
