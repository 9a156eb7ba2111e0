use serde_json::json;

use super::*;
use crate::catalog::tests::tool;

/// A tool whose items have an owner, licenses and a member that is shown on request only.
fn list(fields: &Value) -> &'static Tool {
    let members = json!({
        "owner": { "show": ["id", "fullName"] },
        "licenses": { "show": ["summary"], "with": { "includeLicenses": true }, "compact": true },
        "emails": { "onRequest": true },
    });
    tool(json!({
        "inputSchema": { "type": "object", "properties": { "fields": { "type": "array" }, "includeLicenses": { "type": "boolean" } } },
        "defaults": { "fields": fields },
        "response": { "kind": "json", "items": "things", "cursor": null, "members": members, "omitsEmpty": true },
    }))
}

/// What is sent to the API, and what is shown of this item.
fn shown(given: &Value, item: &Value) -> (Value, Value) {
    let tool = list(&json!(["id", "owner"]));
    let mut arguments = Arguments::check(tool, given.as_object().unwrap().clone()).unwrap();
    let shape = ItemShape::take(tool, &mut arguments).unwrap();
    let page = json!({ "things": [item], "total": 1, "aggregations": { "owner": {} } });
    let page = Value::Object(shape.shown(ToolOutput::of(&page), tool).structured());
    assert_eq!((&page["total"], &page["aggregations"]), (&json!(1), &json!({ "owner": {} })), "only items are changed");
    (json!(arguments.values()), page["things"][0].clone())
}

fn item() -> Value {
    json!({ "id": 1, "owner": { "id": 7, "fullName": "Ada", "email": "ada@example.com" }, "note": "", "tags": [], "emails": ["a@example.com"] })
}

#[test]
fn an_owner_is_an_id_and_a_name_unless_fields_asks_for_more() {
    let (sent, seen) = shown(&json!({}), &item());
    assert_eq!(sent, json!({}));
    assert_eq!(seen, json!({ "id": 1, "owner": { "id": 7, "fullName": "Ada" } }), "what is empty is left out, as are the emails");
    let (sent, seen) = shown(&json!({ "fields": ["id", "owner.email", "owner.fullName", "emails"] }), &item());
    assert_eq!(sent, json!({ "fields": ["id", "owner", "emails"] }));
    assert_eq!(seen, json!({ "id": 1, "owner": { "fullName": "Ada", "email": "ada@example.com" }, "emails": ["a@example.com"] }));
    let (sent, seen) = shown(&json!({ "fields": ["owner.*"] }), &item());
    assert_eq!((sent, &seen["owner"]), (json!({ "fields": ["owner"] }), &item()["owner"]));
    let (sent, seen) = shown(&json!({ "fields": [] }), &item());
    assert_eq!((sent, &seen["emails"]), (json!({ "fields": [] }), &json!(["a@example.com"])));
}

#[test]
fn a_member_that_has_other_names_inside_is_shown_whole() {
    for owner in [json!({ "key": 7 }), json!(7), json!("Ada")] {
        let (_, seen) = shown(&json!({ "fields": ["owner"] }), &json!({ "owner": owner }));
        assert_eq!(seen["owner"], owner);
    }
    let owners = json!([{ "id": 7, "email": "a" }, { "id": 8, "email": "b" }]);
    assert_eq!(shown(&json!({}), &json!({ "owner": owners })).1["owner"], json!([{ "id": 7 }, { "id": 8 }]));
}

#[test]
fn licenses_are_a_summary_with_one_currency_and_nothing_that_is_all_zero() {
    let money = |value: u32| json!({ "value": value, "currency": "USD" });
    let used = json!({ "totalAmount": 5, "unassignedAmount": 0, "pricePerLicense": null, "annualCost": money(900), "potentialSavings": money(0) });
    let types = json!([{ "name": "Pro", "totalAmount": 5, "annualCost": money(900), "annualCostInOrgCurrency": { "value": 800, "currency": "EUR" } },
                       { "name": "Free", "totalAmount": 0, "annualCost": money(0) }]);
    let app = json!({ "id": 1, "licenses": { "summary": used, "types": types } });
    let (_, seen) = shown(&json!({ "includeLicenses": true }), &app);
    let summary = json!({ "totalAmount": 5, "unassignedAmount": 0, "annualCost": 900, "potentialSavings": 0, "currency": "USD" });
    assert_eq!(seen["licenses"], json!({ "summary": summary }));
    let (sent, seen) = shown(&json!({ "fields": ["id", "licenses.types"] }), &app);
    assert_eq!(sent, json!({ "fields": ["id"], "includeLicenses": true }));
    let pro = json!({ "name": "Pro", "totalAmount": 5, "annualCost": 900, "annualCostInOrgCurrency": { "value": 800, "currency": "EUR" }, "currency": "USD" });
    assert_eq!(seen["licenses"], json!({ "types": [pro] }));
    let (sent, _) = shown(&json!({ "fields": ["licenses"] }), &app);
    assert_eq!(sent, json!({ "includeLicenses": true }), "the usual fields come with it");
    let nothing = json!({ "id": 1, "licenses": { "summary": { "totalAmount": 0, "annualCost": money(0) }, "types": [] } });
    assert_eq!(shown(&json!({ "includeLicenses": true }), &nothing).1, json!({ "id": 1 }));
}

#[test]
fn lists_in_lists_without_an_end_are_shown_as_they_are() {
    let tool = list(&json!(["id", "owner"]));
    let mut arguments = Arguments::check(tool, Map::new()).unwrap();
    let shape = ItemShape::take(tool, &mut arguments).unwrap();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let page = format!(r#"{{"things":[{{"id":1,"owner":{deep}}}]}}"#);
    assert_eq!(shape.shown(ToolOutput::new(page.clone()), tool).text, page);
}
