use openapi_mcp_model::ServerArgument;
use serde_json::json;

use crate::{catalog::tests::tool, server_arguments::*};

fn take(controls: &Value, given: Value) -> (Result<ServerArguments, String>, Value) {
    let Value::Object(mut arguments) = given else { panic!("arguments are an object") };
    let tool = tool(json!({ "serverArguments": controls }));
    let taken = ServerArguments::take(tool, &mut arguments).map_err(|failure| failure.to_string());
    (taken, Value::Object(arguments))
}

#[test]
fn controls_leave_the_arguments_and_all_others_stay() {
    let given = json!({ "idApp": 1, "part": "/users", "cursor": "mcp:3::/users", "dry_run": true, "max_items": 20 });
    let (taken, left) = take(&json!(["part", "cursor"]), given);
    let taken = taken.unwrap();
    assert_eq!((taken.part.as_deref(), taken.start.skip), (Some("/users"), 3));
    assert_eq!((taken.max_items, taken.dry_run), (None, false), "the API's own arguments are no controls");
    assert_eq!(left, json!({ "idApp": 1, "dry_run": true, "max_items": 20 }));
}

#[test]
fn controls_may_be_written_as_assistants_do() {
    for (items, number) in [(json!(20), 20), (json!("20"), 20), (json!(20.0), 20), (json!(" 7 "), 7), (json!(10_000), 10_000)] {
        assert_eq!(take(&json!(["max_items"]), json!({ "max_items": items })).0.unwrap().max_items, Some(number));
    }
    for (part, pointer) in [("/a/0", Some("/a/0")), ("a/0", Some("/a/0")), ("", None), ("/", None)] {
        assert_eq!(take(&json!(["part"]), json!({ "part": part })).0.unwrap().part.as_deref(), pointer);
    }
    assert!(take(&json!(["dry_run"]), json!({ "dry_run": "true" })).0.unwrap().dry_run);
    let nothing = json!({ "max_items": null, "part": null, "dry_run": null, "confirmation": null, "cursor": null });
    let all = json!(["max_items", "part", "dry_run", "confirmation", "cursor"]);
    assert_eq!(take(&all, nothing), (Ok(ServerArguments::default()), json!({})));
}

#[test]
fn a_cursor_inside_a_part_goes_on_in_that_part_only() {
    let both = json!(["part", "cursor"]);
    let taken = take(&both, json!({ "cursor": "mcp:3::/a:b" })).0.unwrap();
    assert_eq!((taken.part.as_deref(), taken.start.skip), (Some("/a:b"), 3));
    for (controls, given, words) in [
        (&both, json!({ "cursor": "mcp:3::/a", "part": "/b" }), "`cursor` goes on in `/a`, not in `/b`"),
        (&both, json!({ "cursor": "mcp:3::", "part": "/b" }), "`cursor` continues the whole response, not `/b`"),
        (&json!(["cursor"]), json!({ "cursor": "mcp:3::/a" }), "`cursor` must be copied from an earlier response"),
    ] {
        let refused = take(controls, given).0.unwrap_err();
        assert!(refused.starts_with(words), "{refused}");
    }
}

#[test]
fn everything_wrong_with_controls_is_told_at_once() {
    let all = json!(["max_items", "part", "dry_run", "confirmation", "cursor"]);
    let given = json!({ "max_items": 0, "part": 7, "dry_run": "perhaps", "confirmation": {}, "cursor": "n2" });
    assert_eq!(
        take(&all, given).0.unwrap_err(),
        "`max_items` must be a whole number from 1 to 10000, not `0`; `part` must be a string, not `7`; `dry_run` must be `true` or \
         `false`, not `\"perhaps\"`; `confirmation` must be a string, not `{}`; `cursor` must be copied from an earlier response as it \
         was, or left out; nothing was sent, correct the arguments and call again"
    );
    for bad in [json!(10_001), json!(1.5), json!("many"), json!(-1), json!([3])] {
        assert!(take(&json!(["max_items"]), json!({ "max_items": bad })).0.is_err(), "{bad}");
    }
}

#[test]
fn a_confirmation_is_taken_wherever_something_changes_and_never_where_the_api_has_one() {
    let given = || Map::from_iter([("confirmation".to_owned(), json!("c"))]);
    let taken = |changes| {
        let mut arguments = given();
        (ServerArguments::take(tool(changes), &mut arguments).unwrap().confirmation, arguments.len())
    };
    assert_eq!(taken(json!({ "effect": "write" })), (Some("c".to_owned()), 0));
    assert_eq!(taken(json!({ "effect": "read" })), (None, 1));
    let own = json!({ "type": "object", "properties": { "confirmation": { "type": "string" } } });
    assert_eq!(taken(json!({ "effect": "write", "inputSchema": own })), (None, 1));
}

#[test]
fn every_server_argument_of_every_tool_is_in_its_schema() {
    for tool in crate::testing::catalog().tools() {
        for argument in &tool.server_arguments {
            let schema = &tool.input_schema["properties"][argument.as_str()];
            assert!(schema["description"].as_str().unwrap().split(' ').count() <= 12, "{}", tool.name);
            assert!(*argument != ServerArgument::MaxItems || schema["maximum"] == MAX_ITEMS);
        }
        assert_eq!(tool.server_arguments.contains(&ServerArgument::DryRun), tool.effect != Effect::Read, "{}", tool.name);
        assert_eq!(tool.server_arguments.contains(&ServerArgument::Confirmation), tool.confirm.is_ever(), "{}", tool.name);
        assert!(tool.confirm.is_ever() || tool.effect != Effect::Destroy, "{}", tool.name);
    }
}
