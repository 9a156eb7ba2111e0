use super::*;
use crate::catalog::{Tool, tests::tool};

/// A list of orders with the fields of its items, and one below each customer.
fn orders() -> &'static Tool {
    tool(json!({
        "response": { "kind": "json", "items": "orders", "cursor": "nextCursor" },
        "inputSchema": { "type": "object", "properties": { "fields": {}, "cursor": {}, "from": {}, "to": {}, "idShop": {} } },
        "tables": [{
            "name": "orders", "arguments": { "size": 100, "state": "all" }, "required": ["idShop"],
            "columns": [
                { "name": "idShop", "kind": "integer" },
                { "name": "id", "path": ["id"], "kind": "integer" },
                { "name": "customer_name", "path": ["customer", "name"], "kind": "text" },
                { "name": "customer_id", "path": ["customer", "id"], "kind": "integer", "conditions": { "equal": "idCustomer" } },
                { "name": "placedAt", "path": ["placedAt"], "kind": "time", "conditions": { "atLeast": "from", "atMost": "to" } },
            ],
        }],
    }))
}

fn source() -> Source {
    let tool = orders();
    Source { tool, table: &tool.tables[0] }
}

fn table() -> Table {
    let column = |name: &str, path: &[&str], kind| openapi_mcp_query::Column {
        name: name.to_owned(),
        path: path.iter().map(|step| (*step).to_owned()).collect(),
        kind,
        ..openapi_mcp_query::Column::default()
    };
    Table {
        name: "orders".to_owned(),
        required: vec!["idShop".to_owned()],
        columns: vec![
            column("idShop", &[], Kind::Integer),
            column("id", &["id"], Kind::Integer),
            column("customer_name", &["customer", "name"], Kind::Text),
            column("customer_id", &["customer", "id"], Kind::Integer),
            column("placedAt", &["placedAt"], Kind::Time),
            column("json", &[], Kind::Json),
        ],
        ..Table::default()
    }
}

fn condition(column: &str, operator: Operator, value: Cell) -> Condition {
    Condition { column: column.to_owned(), operator, values: vec![value] }
}

fn text(value: &str) -> Cell {
    Cell::Text(value.into())
}

fn request(columns: &[&str], conditions: Vec<Condition>) -> Request {
    Request {
        table: "orders".to_owned(),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        conditions,
        bound: vec![("idShop".to_owned(), Cell::Integer(7))],
        first: None,
    }
}

fn sent(request: &Request) -> Value {
    Value::Object(arguments(source(), &table(), request))
}

#[test]
fn only_the_members_that_a_statement_reads_are_requested_and_the_id() {
    let request = request(&["customer_name", "customer_id"], Vec::new());
    assert_eq!(sent(&request), json!({ "size": 100, "state": "all", "idShop": 7, "fields": ["customer", "id"] }));
}

#[test]
fn whoever_reads_the_whole_item_gets_every_member_that_is_a_column() {
    let fields = sent(&request(&["json"], Vec::new()))["fields"].clone();
    assert_eq!(fields, json!(["customer", "id", "placedAt"]));
}

#[test]
fn a_statement_that_reads_no_member_asks_for_the_id_alone() {
    assert_eq!(sent(&request(&[], Vec::new())), json!({ "size": 100, "state": "all", "idShop": 7, "fields": ["id"] }));
}

#[test]
fn a_period_goes_to_the_api_one_day_wider_on_both_sides() {
    let conditions = vec![
        condition("placedAt", Operator::AtLeast, text("2026-03-01T10:00:00Z")),
        condition("placedAt", Operator::Less, text("2026-12-31")),
    ];
    let sent = sent(&request(&["id"], conditions));
    assert_eq!((&sent["from"], &sent["to"]), (&json!("2026-02-28"), &json!("2027-01-01")));
}

#[test]
fn a_condition_that_its_argument_cannot_take_stays_here() {
    let described = &source().table.columns;
    let of = |name: &str| &described.iter().find(|column| column.name == name).unwrap().conditions;
    let (placed, customer) = (of("placedAt"), of("customer_id"));
    for (condition, kind, conditions) in [
        (condition("placedAt", Operator::AtLeast, text("soon")), Kind::Time, placed),
        (condition("placedAt", Operator::AtLeast, text("2026-13-01")), Kind::Time, placed),
        (condition("placedAt", Operator::AtMost, text("9999-12-31")), Kind::Time, placed),
        (condition("placedAt", Operator::AtLeast, Cell::Integer(2026)), Kind::Time, placed),
        (condition("placedAt", Operator::Equal, text("2026-01-01")), Kind::Time, placed),
        (condition("customer_id", Operator::Equal, text("one")), Kind::Integer, customer),
        (condition("customer_id", Operator::Equal, Cell::Null), Kind::Integer, customer),
        (condition("customer_id", Operator::AtLeast, Cell::Integer(1)), Kind::Integer, customer),
    ] {
        assert_eq!(pushed(&condition, kind, conditions), None, "{condition}");
    }
    let equal = condition("customer_id", Operator::Equal, Cell::Integer(3));
    assert_eq!(pushed(&equal, Kind::Integer, customer), Some(("idCustomer".to_owned(), json!(3))));
    let yes = condition("customer_id", Operator::Equal, Cell::Integer(1));
    assert_eq!(pushed(&yes, Kind::Boolean, customer), Some(("idCustomer".to_owned(), json!(true))));
}
