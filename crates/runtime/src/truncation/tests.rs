use serde_json::{Map, Value, json};

use crate::truncation::*;

/// A tool whose response has these members, and which takes these server arguments.
fn tool(items: Option<&str>, cursor: Option<&str>, server_arguments: &[&str]) -> &'static Tool {
    let response = json!({ "kind": "json", "items": items, "cursor": cursor });
    crate::catalog::tests::tool(json!({ "response": response, "serverArguments": server_arguments }))
}

pub(super) fn list() -> &'static Tool {
    tool(Some("items"), Some("nextCursor"), &["max_items"])
}

fn fit(output: ToolOutput, tool: &Tool, start: &Start, budget: usize) -> Truncated {
    crate::truncation::fit(output, tool, start, None, budget).unwrap()
}

fn output(text: &str) -> ToolOutput {
    ToolOutput::new(text.to_owned())
}

/// Checks what holds for every response: its text and its structured form are equal.
fn checked(fitting: Truncated) -> Truncated {
    let parsed: Value = serde_json::from_str(&fitting.output.text).unwrap();
    assert_eq!(parsed, Value::Object(fitting.output.structured()));
    fitting
}

/// A fake API with one list, whose cursors are offsets.
fn torii(all: &[Value], arguments: &Map<String, Value>) -> ToolOutput {
    let from: usize = arguments.get("cursor").map_or(0, |cursor| cursor.as_str().unwrap().parse().unwrap());
    let size = arguments.get("size").and_then(Value::as_u64).map_or(7, |size| usize::try_from(size).unwrap());
    let to = (from + size).min(all.len());
    let next = (to < all.len()).then(|| to.to_string());
    output(&json!({ "items": all[from..to], "count": to - from, "nextCursor": next }).to_string())
}

/// All items that an assistant gets by following the cursors to the end.
fn follow_cursors(all: &[Value], size: Option<u64>, budget: usize) -> Vec<Value> {
    let mut arguments: Map<String, Value> = size.map(|size| ("size".to_owned(), size.into())).into_iter().collect();
    let mut seen = Vec::new();
    for _ in 0..10 * all.len() + 2 {
        let start = Start::read(&mut arguments).unwrap();
        let fitting = checked(fit(torii(all, &arguments), list(), &start, budget));
        seen.extend(fitting.output.structured()["items"].as_array().unwrap().iter().cloned());
        match fitting.output.structured().get("nextCursor").and_then(Value::as_str) {
            // an assistant continues with or without the same arguments
            Some(next) => drop(arguments.insert("cursor".to_owned(), next.into())),
            None => return seen,
        }
    }
    panic!("the cursors have no end");
}

#[test]
fn an_answer_within_the_budget_stays_as_it_is() {
    let given = output(r#"{"items":[1.50, 10000000000000000000000],"nextCursor":"x"}"#);
    let fitting = fit(given.clone(), list(), &Start::default(), 100);
    assert_eq!(fitting, Truncated { output: given, note: None });
}

#[test]
fn chosen_fields_come_as_torii_sent_them() {
    let given = r#"{"count":2,"items":[{"b":1.50,"a":10000000000000000000000,"c":null},{"c":{"a":1}},"x"],"nextCursor":null}"#;
    let fields = |fields: &[&str]| fields.iter().map(|field| (*field).to_owned()).collect::<Vec<_>>();
    let usual = |usual: &[&str]| {
        let output = json!({ "kind": "json", "items": "items", "cursor": null, "fields": usual });
        crate::catalog::tests::tool(json!({ "response": output }))
    };
    let selected = select(output(given), usual(&[]), &fields(&["a", "b", "z"]));
    assert_eq!(selected.text, r#"{"count":2,"items":[{"b":1.50,"a":10000000000000000000000},{},"x"],"nextCursor":null}"#);
    checked(Truncated { output: selected, note: None });

    for unlisted in [r#"{"items":[]}"#, r#"{"items":{"a":1}}"#, r#"{"message":"none"}"#, r#"{"items":["x"]}"#] {
        assert_eq!(select(output(unlisted), usual(&[]), &fields(&["z"])), output(unlisted));
    }
    assert_eq!(select(output(given), usual(&["z"]), &fields(&["z"])), output(given), "nobody asked for what there is not");
}

#[test]
fn fields_that_no_item_has_leave_nothing_of_them_and_a_note_says_what_there_is() {
    let shape = json!({ "kind": "json", "items": "items", "cursor": "nextCursor", "fields": ["id", "name"] });
    let tool = crate::catalog::tests::tool(json!({ "response": shape }));
    let selected = select(output(r#"{"items":[{"id":1},{"id":2}],"nextCursor":"n"}"#), tool, &["nme".to_owned()]);
    assert_eq!(selected.text, r#"{"items":[{},{}],"nextCursor":"n"}"#);
    let note = nothing_selected(tool, &selected).unwrap();
    assert_eq!(note, "No item has any of these `fields`. The default ones are `id`, `name`; [] returns all.");
    for fine in [r#"{"items":[{},{"id":2}]}"#, r#"{"items":[]}"#, r#"{"items":["x"]}"#, r#"{"message":"none"}"#] {
        assert_eq!(nothing_selected(tool, &output(fine)), None, "{fine}");
    }
}

#[test]
fn a_large_file_comes_in_pieces_if_it_is_text_and_else_only_described() {
    let shape = json!({ "kind": "redirect", "items": null, "cursor": null });
    let tool = crate::catalog::tests::tool(json!({ "response": shape, "serverArguments": ["part", "cursor"] }));
    let text = json!({ "name": "a.csv", "size": 5_000, "text": "x".repeat(5_000) }).to_string();
    let Truncated { output: file, note } = checked(fit(output(&text), tool, &Start::default(), 300));
    assert!(file.text.len() <= 300 && file.structured()["size"] == 5_000, "{}", file.text);
    assert!(note.unwrap().contains("`/text` has "));
    assert_eq!(gathered(&text, "/text", 300), "x".repeat(5_000));

    let bytes = json!({ "name": "a.pdf", "size": 3_750, "base64": "A".repeat(5_000) }).to_string();
    let Truncated { output: file, note } = checked(fit(output(&bytes), tool, &Start::default(), 300));
    assert_eq!(file.text, r#"{"name":"a.pdf","size":3750}"#);
    assert!(note.unwrap().starts_with("The file is no text and too large to be shown, so `base64` is left out."));
    assert_eq!(fit(output(&bytes), tool, &Start::default(), 10_000).output.text, bytes);
}

#[test]
fn a_walk_sees_everything_once_whatever_the_budget_and_the_size() {
    let all: Vec<Value> = (0..60).map(|id| json!({ "id": id, "name": "x".repeat(id % 13 * 10) })).collect();
    for budget in [120, 200, 300, 777, 5_000, 1_000_000] {
        for size in [None, Some(1), Some(2), Some(10), Some(1000)] {
            let seen = follow_cursors(&all, size, budget);
            let ids = |items: &[Value]| items.iter().map(|item| item["id"].clone()).collect::<Vec<_>>();
            assert_eq!(ids(&seen).len(), all.len(), "budget {budget}, size {size:?}");
            // where not even one item fits, it is cut, but never left out
            if budget >= 300 {
                assert_eq!(seen, all, "budget {budget}, size {size:?}");
            }
        }
    }
}

#[test]
fn a_shortened_page_says_how_many_and_how_to_go_on_and_keeps_the_digits_of_torii() {
    let text = r#"{"items":[{"id":1,"cost":1.50},{"id":2,"cost":10000000000000000000001},{"id":3,"cost":3,"note":"one that is long enough to make all of this too long for what it may be"}],"total":3.10,"nextCursor":"n"}"#;
    let start =
        Start::read(&mut Map::from_iter([("cursor".to_owned(), json!("c/1=")), ("size".to_owned(), json!("3"))])).unwrap();
    let fitting = checked(fit(output(text), list(), &start, 180));
    let expected =
        r#"{"items":[{"id":1,"cost":1.50},{"id":2,"cost":10000000000000000000001}],"total":3.10,"nextCursor":"mcp:2:3:c/1="}"#;
    assert_eq!(fitting.output.text, expected);
    assert_eq!(
        fitting.note.unwrap(),
        "`items` holds 2 of 3 items on this page, so that the response stays within 180 characters. Call again with `cursor` set to `nextCursor` for \
         what comes next, or ask for fewer `fields`."
    );
    let mut arguments = Map::from_iter([("cursor".to_owned(), json!("mcp:2:3:c/1=")), ("size".to_owned(), json!(50))]);
    let start = Start::read(&mut arguments).unwrap();
    assert_eq!(Value::Object(arguments), json!({ "cursor": "c/1=", "size": 3 }));
    let fitting = checked(fit(output(text), list(), &start, 180));
    assert_eq!(
        fitting,
        Truncated {
            output: output(
                r#"{"items":[{"id":3,"cost":3,"note":"one that is long enough to make all of this too long for what it may be"}],"total":3.10,"nextCursor":"n"}"#
            ),
            note: None
        }
    );
}

#[test]
fn a_page_that_became_shorter_meanwhile_ends_well() {
    let start = Start::read(&mut Map::from_iter([("cursor".to_owned(), json!("mcp:9::"))])).unwrap();
    let fitting = checked(fit(output(r#"{"items":[1],"nextCursor":null}"#), list(), &start, 100));
    assert_eq!(fitting.output.text, r#"{"items":[],"nextCursor":null}"#);
}

#[test]
fn a_cursor_that_was_changed_is_refused_and_torii_s_own_pass() {
    for bad in ["mcp:", "mcp:x", "mcp:0::c", "mcp:-1::c", "mcp:1:x:c", "mcp:99999999999999999999::c", "mcp:1"] {
        let mut arguments = Map::from_iter([("cursor".to_owned(), json!(bad))]);
        assert_eq!(Start::read(&mut arguments), Err(InvalidCursor), "{bad}");
    }
    for own in [json!("abc:1:2"), json!(""), json!(7), json!(null)] {
        let mut arguments = Map::from_iter([("cursor".to_owned(), own.clone())]);
        assert_eq!((Start::read(&mut arguments).unwrap().skip, &arguments["cursor"]), (0, &own));
    }
}

#[test]
fn a_list_without_cursors_is_shortened_with_a_word_of_advice() {
    let text = json!({ "items": (0..100).collect::<Vec<_>>() }).to_string();
    let fitting = checked(fit(output(&text), tool(Some("items"), None, &[]), &Start::default(), 120));
    assert!(fitting.output.text.len() <= 120 && fitting.output.structured()["items"].as_array().unwrap().len() > 5);
    assert!(fitting.note.unwrap().contains("of 100 items, so that the response stays within 120 characters. Narrow the call"));
}

#[test]
fn a_large_object_loses_the_tails_of_its_largest_parts_and_names_them() {
    let text = json!({
        "id": 7, "name": "An app", "notes": "é\"\n".repeat(500),
        "users": (0..500).map(|id| json!({ "id": id })).collect::<Vec<_>>(), "a/b": { "deep": "z".repeat(900) },
    })
    .to_string();
    for budget in [300, 800, 2_000, 5_000] {
        let Truncated { output, note } = checked(fit(output(&text), tool(None, None, &[]), &Start::default(), budget));
        assert!(output.text.len() <= budget, "{} > {budget}", output.text.len());
        assert!(output.text.len() > budget / 2, "{} is less than it may be", output.text.len());
        assert_eq!((&output.structured()["id"], &output.structured()["name"]), (&json!(7), &json!("An app")));
        let note = note.unwrap();
        assert!(note.contains("`/users` has ") && note.contains(" of 500 items"), "{note}");
        assert!(output.structured()["notes"].as_str().unwrap().ends_with('…') == note.contains("`/notes` has "));
    }
}

#[test]
fn an_object_of_very_many_members_loses_the_last_of_them() {
    let members: Map<String, Value> = (0..1000).map(|index| (format!("m{index}"), index.into())).collect();
    let Truncated { output, note } =
        checked(fit(output(&Value::Object(members).to_string()), tool(None, None, &[]), &Start::default(), 500));
    assert!(output.text.len() <= 500 && output.structured().contains_key("m0"));
    assert!(note.unwrap().contains(" of 1000 members"));
}

#[test]
fn one_item_that_is_too_large_is_cut_and_the_walk_goes_on_behind_it() {
    let text = json!({ "items": [{ "id": 1, "note": "x".repeat(5_000) }, { "id": 2 }], "nextCursor": null }).to_string();
    let Truncated { output, note } = checked(fit(output(&text), list(), &Start::default(), 400));
    assert!(output.text.len() <= 400, "{}", output.text);
    assert_eq!((&output.structured()["items"][0]["id"], &output.structured()["nextCursor"]), (&json!(1), &json!("mcp:1::")));
    let note = note.unwrap();
    assert!(note.contains("`items` holds 1 of 2 items") && note.contains("`/items/0/note` has "), "{note}");
}

#[test]
fn a_list_that_torii_gives_as_a_whole_is_walked_by_cursors_of_ours() {
    let all: Vec<Value> = (0..200).map(|id| json!({ "id": id, "name": "x".repeat(id % 7) })).collect();
    let text = json!({ "roles": all, "total": 200 }).to_string();
    let tool = tool(Some("roles"), None, &["cursor"]);
    assert_eq!(fit(output(&text), tool, &Start::default(), 100_000).output.text, text, "nothing is added where all of it fits");
    let (mut seen, mut arguments) = (Vec::new(), Map::new());
    loop {
        let start = Start::within(&mut arguments).unwrap();
        let Truncated { output, note } = checked(fit(output(&text), tool, &start, 500));
        assert!(output.text.len() <= 500 && output.structured()["total"] == 200);
        seen.extend(output.structured()["roles"].as_array().unwrap().iter().cloned());
        let Some(next) = output.structured().shift_remove("nextCursor") else {
            assert_eq!(note, None);
            break;
        };
        assert!(note.unwrap().contains("Call again with `cursor` set to `nextCursor`"));
        arguments.insert("cursor".to_owned(), next);
    }
    assert_eq!(seen, all);
}

#[test]
fn a_count_of_the_items_counts_those_that_are_there() {
    let items: Vec<Value> = (0..50).map(|id| json!({ "id": id })).collect();
    for (said, counts) in [(json!(50), true), (json!(2000), false), (json!("50"), false)] {
        let text = json!({ "count": said, "items": items, "nextCursor": "n" }).to_string();
        let Truncated { output, .. } = checked(fit(output(&text), list(), &Start::default(), 300));
        let there = output.structured()["items"].as_array().unwrap().len();
        assert!(there < 50);
        assert_eq!(output.structured()["count"], if counts { json!(there) } else { said });
    }
}

/// An object with every kind of value that can be too large.
fn large() -> Value {
    json!({
        "id": 7, "a/b": { "~": "z".repeat(900), "small": [1, 2] }, "notes": "é\"\n😀".repeat(300),
        "users": (0..300).map(|id| json!({ "id": id, "name": "x".repeat(id % 9) })).collect::<Vec<_>>(),
        "fields": (0..300).map(|id| (format!("field{id}"), json!(id))).collect::<Map<_, _>>(),
        "huge": [{ "text": "y".repeat(3_000) }, "end"], "cost": 1.5,
    })
}

/// The whole of a part, joined from its pieces. Parts that were cut are requested by calls of their own.
fn gathered(text: &str, path: &str, budget: usize) -> Value {
    let tool = tool(None, None, &["part", "cursor"]);
    let (mut whole, mut arguments) = (None, Map::new());
    for _ in 0..5_000 {
        let start = Start::within(&mut arguments).unwrap();
        let Truncated { output, note } = checked(crate::truncation::fit(output(text), tool, &start, Some(path), budget).unwrap());
        assert!(output.text.len() <= budget, "{path}: {} > {budget}", output.text.len());
        assert_eq!(output.structured()["part"], path);
        let mut piece = output.structured()["value"].clone();
        let note = note.unwrap_or_default();
        for cut in note.split('`').filter(|word| word.starts_with('/') && *word != path) {
            let part = gathered(text, cut, budget);
            let below = &cut[path.len()..];
            // indices in a piece are relative to its beginning
            let step = below.split('/').nth(1).unwrap();
            let at = match step.parse::<usize>() {
                Ok(index) if piece.is_array() => below.replacen(step, &(index - start.skip).to_string(), 1),
                _ => below.to_owned(),
            };
            *piece.pointer_mut(&at).unwrap() = part;
        }
        match (&mut whole, piece) {
            (None, piece) => whole = Some(piece),
            (Some(Value::String(text)), Value::String(more)) => *text += &more,
            (Some(Value::Array(items)), Value::Array(more)) => items.extend(more),
            (Some(Value::Object(members)), Value::Object(more)) => members.extend(more),
            (whole, piece) => panic!("{whole:?} goes on with {piece}"),
        }
        match output.structured().get("nextCursor") {
            Some(next) => drop(arguments.insert("cursor".to_owned(), next.clone())),
            None => return whole.unwrap(),
        }
    }
    panic!("{path} has no end at {budget}");
}

#[test]
fn the_pieces_of_a_part_are_the_whole_of_it_whatever_the_budget() {
    let whole = large();
    let text = whole.to_string();
    for budget in [300, 777, 2_000, 100_000] {
        for path in ["/id", "/cost", "/a~1b", "/a~1b/~0", "/a~1b/small/1", "/notes", "/users", "/users/7", "/fields", "/huge"] {
            assert_eq!(&gathered(&text, path, budget), whole.pointer(path).unwrap(), "{path} at {budget}");
        }
    }
}

#[test]
fn an_object_that_is_too_large_says_which_parts_to_ask_for_and_they_are_there() {
    let text = large().to_string();
    let tool = tool(None, None, &["part", "cursor"]);
    let Truncated { output, note } = checked(fit(output(&text), tool, &Start::default(), 3_000));
    let note = note.unwrap();
    assert!(
        output.text.len() <= 3_000 && note.ends_with("Call again with `part` set to one of these paths for the whole of it.")
    );
    let cuts: Vec<&str> = note.split('`').filter(|word| word.starts_with('/')).collect();
    assert!(cuts.contains(&"/users") && cuts.contains(&"/notes"), "{note}");
    for cut in cuts {
        assert_eq!(&gathered(&text, cut, 3_000), large().pointer(cut).unwrap());
    }
}

#[test]
fn an_object_of_very_many_members_is_walked_like_a_list() {
    let members: Map<String, Value> = (0..1000).map(|index| (format!("m{index}"), index.into())).collect();
    let text = Value::Object(members.clone()).to_string();
    let tool = tool(None, None, &["part", "cursor"]);
    let (mut seen, mut arguments) = (Map::new(), Map::new());
    loop {
        let start = Start::within(&mut arguments).unwrap();
        let mut structured = checked(fit(output(&text), tool, &start, 500)).output.structured();
        let next = structured.shift_remove("nextCursor");
        seen.extend(structured);
        match next {
            Some(next) => drop(arguments.insert("cursor".to_owned(), next)),
            None => break,
        }
    }
    assert_eq!(seen, members);
}

#[test]
fn a_part_keeps_the_digits_of_torii() {
    let text = r#"{"cost":{"amount":10000000000000000000001,"rate":1.50}}"#;
    let fitting =
        crate::truncation::fit(output(text), tool(None, None, &["part"]), &Start::default(), Some("/cost"), 1_000).unwrap();
    assert_eq!(fitting.output.text, r#"{"part":"/cost","value":{"amount":10000000000000000000001,"rate":1.50}}"#);
}

#[test]
fn a_text_with_half_a_pair_comes_in_pieces_as_any_other() {
    let tool = tool(None, None, &["part", "cursor"]);
    for value in [
        format!(r#""{}\ud83d{}""#, "x".repeat(400), "y".repeat(400)),
        format!(r#"["{}\ud83d"]"#, "x".repeat(800)),
        format!(r#"{{"a":"{}\ud83d"}}"#, "x".repeat(800)),
        format!(r#"{{"a":1e400,"b":"{}"}}"#, "x".repeat(800)),
    ] {
        let output = ToolOutput::new(format!(r#"{{"id":1,"text":{value}}}"#));
        let fitting = crate::truncation::fit(output, tool, &Start::default(), Some("/text"), 300).unwrap();
        assert!(fitting.output.text.len() <= 300 && fitting.note.is_some(), "{}", fitting.output.text);
    }
}

#[test]
fn the_end_of_the_longest_text_there_is_can_be_reached() {
    let text = json!({ "text": format!("{}end", "x".repeat(10_000_000)) }).to_string();
    let mut arguments = Map::from_iter([("cursor".to_owned(), json!("mcp:10000000::/text"))]);
    let start = Start::within(&mut arguments).unwrap();
    let fitting =
        crate::truncation::fit(output(&text), tool(None, None, &["part", "cursor"]), &start, Some("/text"), 1_000).unwrap();
    assert_eq!(fitting.output.text, r#"{"part":"/text","value":"end"}"#);
}

#[test]
fn a_part_that_there_is_not_leads_to_those_there_are() {
    let text = json!({ "app": { "users": [1, 2], "owner": null, "a/b": 1 }, "none": [] }).to_string();
    let text = text.as_str();
    for (path, words) in [
        ("/app/usres", "the response has no `/app/usres`, did you mean `/app/users`?; set `part` to an existing one"),
        ("/contract", "the response has no `/contract`, it has `/app`, `/none`; set `part` to an existing one"),
        (
            "/app/zz",
            "the response has no `/app/zz`, it has `/app/users`, `/app/owner`, `/app/a~1b`; set `part` to an existing one",
        ),
        (
            "/app/users/2",
            "the response has no `/app/users/2`, `/app/users` has 2 items, `/app/users/0` to `/app/users/1`; set `part` to an existing one",
        ),
        ("/none/x", "the response has no `/none/x`, `/none` has no items; set `part` to an existing one"),
        ("/app/owner/name", "`/app/owner` has no parts; set `part` to an existing one"),
    ] {
        let failure =
            crate::truncation::fit(output(text), tool(None, None, &["part"]), &Start::default(), Some(path), 1_000).unwrap_err();
        assert_eq!(failure.to_string(), words);
    }
}

#[test]
fn a_part_of_very_many_steps_is_refused_before_it_is_looked_for() {
    let deep = output(&format!("{{\"a\":{}{}}}", "[".repeat(100), "]".repeat(100)));
    let fit = |path: String| {
        crate::truncation::fit(deep.clone(), tool(None, None, &["part"]), &Start::default(), Some(&path), 1_000)
            .unwrap_err()
            .to_string()
    };
    let refused = fit(format!("/a{}", "/0".repeat(16)));
    assert!(refused.starts_with("`part` has more than 16 steps, and no response is nested so deeply"), "{refused}");
}

#[test]
fn what_cannot_be_cut_makes_no_answer_longer_than_its_budget() {
    let long = "x".repeat(100_000);
    for text in [
        // a cursor, and the name of a member
        json!({ "items": [1, 2], "nextCursor": long }).to_string(),
        json!({ "items": [1, 2], "nextCursor": { "a": long } }).to_string(),
        format!(r#"{{"items":[{{"{long}":1}}],"nextCursor":null}}"#),
        format!(r#"{{"{long}":1}}"#),
    ] {
        let fitting = checked(fit(output(&text), list(), &Start::default(), 1_000));
        assert!(fitting.output.text.len() <= 1_000, "{}", fitting.output.text.len());
        if text.contains("nextCursor\":\"") {
            assert_eq!(fitting.output.text, r#"{"items":[1,2]}"#, "it is no cursor");
        }
    }
}
