use openapi_mcp_query::{Column, Kind};

use super::*;

fn path(steps: &[&str]) -> Vec<String> {
    steps.iter().map(|step| (*step).to_owned()).collect()
}

fn column(name: &str, steps: &[&str], kind: Kind) -> Column {
    Column { name: name.to_owned(), path: path(steps), kind, ..Column::default() }
}

/// A table of the numbers within items.
fn numbers() -> Table {
    let columns = vec![column("id", &["id"], Kind::Integer), column("n", &["types", "n"], Kind::Integer)];
    Table { name: "numbers".to_owned(), columns, ..Table::default() }
}

#[test]
fn each_row_within_an_item_has_the_scalars_of_the_item() {
    let item = json!({ "id": 1, "name": "Desk", "tags": ["a"], "licenses": { "types": [{ "n": 1 }, { "n": 2 }], "summary": { "n": 3 } } });
    let row = |step: &str, n: i64| json!({ "id": 1, "name": "Desk", "licenses": { step: { "n": n } } });
    let rows = |steps: &[&str]| -> Vec<Value> {
        rows_of(&item, &path(steps)).0.iter().map(|row| with_row(&item, &path(steps), row)).collect()
    };
    assert_eq!(rows(&["licenses", "types"]), [row("types", 1), row("types", 2)]);
    assert_eq!(rows(&["licenses", "summary"]), [row("summary", 3)]);
    for nothing in [&["licenses", "none"][..], &["none", "types"], &["name"]] {
        assert!(rows(nothing).is_empty(), "{nothing:?}");
    }
}

#[test]
fn an_item_with_too_many_rows_leaves_the_table_not_whole() {
    let item = |n: usize| json!({ "id": 1, "types": (0..n).map(|n| json!({ "n": n })).collect::<Vec<_>>() });
    let columns = path(&["id", "n"]);
    let read = |item: &Value| rows_within(vec![item], &path(&["types"]), &numbers(), &columns, usize::MAX);
    let (rows, cut) = read(&item(ROWS_OF_AN_ITEM));
    assert_eq!((rows.len(), cut), (ROWS_OF_AN_ITEM, None));
    let (rows, cut) = read(&item(ROWS_OF_AN_ITEM + 1));
    assert_eq!(rows.len(), ROWS_OF_AN_ITEM);
    assert_eq!(cut.as_deref(), Some("an item had more than 1,000 rows in `types`"));
}

#[test]
fn rows_that_repeat_a_long_text_of_their_item_end_at_the_limit_of_bytes() {
    let item = json!({ "id": "x".repeat(1000), "types": vec![json!({ "n": 1 }); 1000] });
    let (rows, _) = rows_within(vec![&item], &path(&["types"]), &numbers(), &path(&["id", "n"]), 10_000);
    assert!(rows.bytes() > 10_000 && rows.len() < 15, "{} rows", rows.len());
}

#[test]
fn items_that_an_earlier_page_had_come_once() {
    let items = |ids: &[i64]| ids.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>();
    let ids = |found: Vec<&Value>| found.iter().filter_map(|item| item["id"].as_i64()).collect::<Vec<_>>();
    let mut seen = Seen::default();
    assert_eq!(ids(seen.new_ones(&items(&[1, 2, 2]), true)), [1, 2, 2]);
    assert_eq!(ids(seen.new_ones(&items(&[3, 1, 4]), true)), [3, 4]);
    assert_eq!((seen.items, seen.again), (5, 1));
    // without ids, a page that begins with the end of the one before
    let mut seen = Seen::default();
    let texts = |texts: &[&str]| texts.iter().map(|text| json!({ "text": text })).collect::<Vec<_>>();
    assert_eq!(seen.new_ones(&texts(&["e", "d", "c"]), true).len(), 3);
    assert_eq!(seen.new_ones(&texts(&["d", "c", "b"]), true), [&json!({ "text": "b" })]);
    assert_eq!(seen.new_ones(&texts(&["a"]), true).len(), 1);
    // an id that is that of something else counts for nothing
    let mut seen = Seen::default();
    assert_eq!(seen.new_ones(&items(&[1, 2]), false).len(), 2);
    assert_eq!(seen.new_ones(&items(&[1, 3]), false).len(), 2);
}
