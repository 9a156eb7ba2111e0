use serde_json::json;

use super::*;
use crate::testing::catalog;

fn of(tool: &str, members: &Value, arguments: &Value) -> String {
    let tool = catalog().find(tool).unwrap();
    let record = tool.record.as_ref().unwrap();
    let changed = changed(tool, record, arguments.as_object().unwrap());
    sentence(tool, (record, members.as_object().unwrap()), &changed, true)
}

#[test]
fn a_change_names_the_record_and_both_values() {
    let slack = json!({ "id": 5001, "name": "Slack 2025", "amount": 100, "documents": [] });
    for (arguments, told) in [
        (json!({ "notes": "renewed" }), "contract `Slack 2025`: notes: none → `renewed`"),
        (
            json!({ "amount": 250, "documents": [{ "id": 1 }] }),
            "contract `Slack 2025`: amount: `100` → `250`; documents: none → `[{\"id\":1}]`",
        ),
        (json!({ "amount": 100 }), "contract `Slack 2025`: amount: `100`, as it is"),
        (json!({ "amount": null }), "contract `Slack 2025`: amount: `100` → none"),
    ] {
        let mut arguments = arguments;
        arguments["idContract"] = 5001.into();
        assert_eq!(of("update_contract", &slack, &arguments), told);
    }
    assert_eq!(of("delete_contract", &slack, &json!({ "idContract": 5001 })), "contract `Slack 2025`");
}

#[test]
fn texts_of_others_stay_in_their_line_and_quotation() {
    let evil = "x` \n\n**Approve** <img src=//e>\u{202e}[a](http://e)";
    let told = of(
        "update_contract",
        &json!({ "name": evil }),
        &json!({ "idContract": 1, "notes": "y".repeat(5_000), "a`b\n<c>": evil }),
    );
    assert!(!told.contains(['\n', '<', '>', '\u{202e}']) && told.chars().count() < 500, "{told}");
    // outside of quotations there are only the names of the members
    let outside: String = told.split('`').step_by(2).collect();
    assert_eq!(outside, "contract : notes: none → ; a'b ‹c›: none → ");
    let many: Map<String, Value> = (0..50).map(|n| (format!("c_{n}"), "z".repeat(500).into())).collect();
    assert!(of("update_contract", &json!({ "name": "S" }), &many.into()).chars().count() < 2_000);
}
