use serde_json::json;

use super::*;
use crate::{
    arguments::normalize,
    catalog::{Effect, Method, tests::tool},
    testing::catalog,
};

fn edit() -> &'static Tool {
    let properties = json!({
        "idThing": { "type": "integer" }, "owner": { "type": ["integer", "null"] }, "text": { "type": "string" },
        "kind": { "type": "string" }, "clear": { "type": "array" },
    });
    tool(json!({
        "effect": "write", "method": "PUT", "serverArguments": ["clear"],
        "inputSchema": { "type": "object", "properties": properties, "required": ["idThing"], "additionalProperties": true },
        "edits": {
            "arguments": ["owner", "text", "kind"], "needsSome": true, "empty": { "owner": null, "text": "" },
            "emptiesOwnKeys": true,
        },
    }))
}

/// The arguments that a call sends, or why it is refused.
fn called(tool: &Tool, given: Value, clear: &[&str]) -> Result<Value, String> {
    let Value::Object(mut given) = given else { panic!("arguments are an object") };
    let clear: Vec<String> = clear.iter().map(|name| (*name).to_owned()).collect();
    let call = || {
        let mut skipped = normalize(tool.checked_schema(), tool.json_limits(), &mut given)?;
        leave_out_empty(tool, &mut given, &mut skipped);
        let mut arguments = Arguments::validate(tool, given)?;
        arguments.clear(tool, &clear)?;
        arguments.require_change(tool, &skipped)?;
        Ok(arguments.values().clone().into())
    };
    call().map_err(|failure: ToolError| failure.to_string())
}

#[test]
fn clear_empties_each_field_in_its_own_way() {
    let sent = called(edit(), json!({ "idThing": 1, "kind": "a", "owner": null }), &["owner", "text", "End date"]);
    assert_eq!(sent, Ok(json!({ "idThing": 1, "kind": "a", "owner": null, "text": "", "End date": null })));
}

#[test]
fn of_many_wrong_names_a_few_are_told() {
    let names: Vec<String> = (0..10_000).map(|number| format!("kind{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    // without the organization's own fields, none of them can be emptied
    let tool = tool(json!({
        "effect": "write", "method": "PUT", "serverArguments": ["clear"],
        "inputSchema": { "type": "object", "properties": { "kind": {}, "clear": {} }, "additionalProperties": false },
        "edits": { "arguments": ["kind"], "needsSome": true, "empty": { "kind": null }, "emptiesOwnKeys": false },
    }));
    let told = called(tool, json!({}), &names).unwrap_err();
    assert!(told.len() < 1_000 && told.contains("; and more"), "{} bytes: {}", told.len(), &told[..200]);
}

#[test]
fn what_cannot_be_emptied_is_told() {
    for (given, name, told) in [
        (json!({ "idThing": 1 }), "idThing", "`clear` cannot empty `idThing`, it can empty `owner`, `text`"),
        (json!({ "idThing": 1 }), "kind", "`clear` cannot empty `kind`, it can empty `owner`, `text`"),
        (json!({ "idThing": 1, "owner": 2 }), "owner", "`owner` has a value, and `clear` names it"),
    ] {
        let refused = called(edit(), given, &[name]).unwrap_err();
        assert_eq!(refused, format!("{told}; nothing was sent, correct the arguments and call again"));
    }
}

#[test]
fn an_edit_that_changes_nothing_is_refused_and_names_clear() {
    for (given, told) in [
        (
            json!({ "idThing": 1, "owner": null, "own": "" }),
            "nothing would change, since what is null or empty counts as not given, here `owner`, `own`; nothing was sent, call again \
             with a value, or with `clear: [\"owner\", \"own\"]` to empty it",
        ),
        (
            json!({ "idThing": 1, "kind": null }),
            "nothing would change, since what is null or empty counts as not given, here `kind`; nothing was sent, call again with \
             what is to change, or name in `clear` what is to be empty",
        ),
        (
            json!({ "idThing": 1 }),
            "nothing would change, since no field is given; nothing was sent, call again with what is to change, or name in `clear` \
             what is to be empty",
        ),
    ] {
        assert_eq!(called(edit(), given, &[]).unwrap_err(), told);
    }
}

#[test]
fn every_argument_of_a_change_that_may_be_null_can_be_emptied() {
    let is_nullable = |schema: &Value| schema.to_string().contains("\"null\"");
    let mut n_emptied = 0;
    for tool in catalog().tools().iter().filter(|tool| tool.effect != Effect::Read) {
        for (name, schema) in tool.checked_schema()["properties"].as_object().unwrap() {
            // a new record has nothing to empty
            if is_nullable(schema) && tool.method != Method::Post {
                let edits = tool.edits.as_ref().unwrap_or_else(|| panic!("{} edits something", tool.name));
                assert_eq!(edits.empty.get(name), Some(&Value::Null), "{}: {name}", tool.name);
                n_emptied += 1;
            }
        }
        let can_empty = tool.edits.as_ref().is_some_and(|edits| edits.empties_own_keys || !edits.empty.is_empty());
        assert_eq!(tool.is_server_argument("clear"), can_empty, "{}", tool.name);
    }
    assert!(n_emptied >= 3, "{n_emptied}");
}

#[test]
fn an_empty_list_or_object_in_an_edit_is_not_given() {
    let sent = called(edit(), json!({ "idThing": 1, "kind": "a", "owner": [], "text": {}, "End date": {} }), &[]);
    assert_eq!(sent, Ok(json!({ "idThing": 1, "kind": "a" })));
    let refused = called(edit(), json!({ "idThing": 1, "owner": [] }), &[]).unwrap_err();
    assert!(refused.starts_with("nothing would change") && refused.contains("`clear: [\"owner\"]`"), "{refused}");
}
