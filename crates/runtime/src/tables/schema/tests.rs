use serde_json::json;

use super::*;
use crate::catalog::tests::tool;

fn field(key: &str, name: &str, type_: &str) -> Field {
    Field { key: key.to_owned(), filter_key: None, name: name.to_owned(), type_: type_.to_owned(), is_custom: true }
}

fn contracts() -> Source {
    let tool = tool(json!({
        "title": "List contracts",
        "tables": [{
            "name": "contracts", "hidden": ["photoUrl"],
            "columns": [
                { "name": "id", "path": ["id"], "kind": "integer", "note": "Id." },
                { "name": "currency", "path": ["currency"], "kind": "text" },
                { "name": "idApp", "path": ["idApp"], "kind": "integer", "references": "apps.id", "conditions": { "equal": "idApp" } },
            ],
        }],
    }));
    Source { tool, table: &tool.tables[0] }
}

fn with(own: &[Field]) -> Table {
    table(contracts(), own, &BTreeMap::from([("contracts", contracts())]))
}

fn names(table: &Table) -> Vec<&str> {
    table.columns.iter().map(|column| column.name.as_str()).collect()
}

#[test]
fn a_field_s_name_is_written_as_sql_names_are() {
    for (name, column) in
        [("End date", "end_date"), ("Cancellation Notice Period (days)", "cancellation_notice_period_days"), ("Büro", "b_ro")]
    {
        assert_eq!(own_name(&field("c_1", name, "text")), column);
    }
    for name in ["", "2026 plan", "予算", "—"] {
        assert_eq!(own_name(&field("c_1", name, "text")), "c_1", "{name}");
    }
}

#[test]
fn a_field_whose_name_is_taken_has_its_key_and_no_name_is_there_twice() {
    let own = [
        field("c_1", "End date", "datePicker"),
        field("c_2", "End Date", "datePicker"),
        field("c_3", "Currency", "text"),
        field("c_4", "json", "text"),
        field("ID", "Id", "text"),
        field("json", "Json", "text"),
    ];
    let table = with(&own);
    assert_eq!(names(&table), ["id", "currency", "idApp", "end_date", "c_2", "c_3", "c_4", "json"]);
    assert_eq!(table.columns[3].note, "End date, `c_1` in tools");
    assert_eq!(table.columns[4].note, "End Date");
}

#[test]
fn a_member_that_is_a_column_or_hidden_does_not_come_again() {
    let own = [field("idApp", "Application", "number"), field("photoUrl", "Photo", "text")];
    assert_eq!(names(&with(&own)), ["id", "currency", "idApp", "json"]);
}

#[test]
fn the_kinds_of_fields_follow_their_types() {
    let own = [field("c_1", "Yearly cost", "currency"), field("c_2", "Signed", "bool"), field("c_3", "Start", "datePicker")];
    let table = with(&own);
    let kinds: Vec<Kind> = table.columns[3..6].iter().map(|column| column.kind).collect();
    assert_eq!(kinds, [Kind::Real, Kind::Boolean, Kind::Time]);
    assert!(table.columns[3].note.ends_with("money, most likely in cents"), "{}", table.columns[3].note);
    assert_eq!(table.columns[3].currency.as_deref(), Some("currency"));
}

#[test]
fn a_table_says_what_its_rows_are_and_refers_to_tables_of_the_caller_only() {
    let table = with(&[]);
    assert_eq!((table.note.as_str(), table.columns[0].note.as_str()), ("contracts", "Id"));
    assert_eq!(table.columns[2].references, None);
    assert_eq!(table.columns[2].pushed, [Operator::Equal]);
    let both = BTreeMap::from([("contracts", contracts()), ("apps", contracts())]);
    assert!(super::table(contracts(), &[], &both).columns[2].references.is_some());
}

#[test]
fn a_list_of_columns_with_long_names_is_cut_and_says_so() {
    let own: Vec<Field> = (0..500).map(|number| field(&format!("c_{number}"), &"long ".repeat(80), "text")).collect();
    let schema = Schema::new([with(&own)]);
    let text = super::super::described(&schema, &["contracts"], 20_000).unwrap().text;
    let shown: serde_json::Value = serde_json::from_str(&text).unwrap();
    let kept = shown["columns"].as_array().unwrap().len();
    assert!((15_000..20_500).contains(&text.chars().count()), "{}", text.chars().count());
    assert!(shown["more"].as_str().unwrap().starts_with(&format!("{} are left out", 504 - kept)), "{}", shown["more"]);
}
