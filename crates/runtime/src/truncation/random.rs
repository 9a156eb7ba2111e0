//! Compares the slices of a text with plain values, on random JSON.

use serde_json::{Map, Value};

use super::{tests::list, *};
use crate::json_text::{quoted, with_whole_surrogates};

/// The JSON of a random value, as an API may write it: with duplicate members, long numbers, escapes and half surrogate pairs.
fn value(random: &mut fastrand::Rng, depth: usize) -> String {
    let kind = random.usize(..if depth == 0 { 4 } else { 6 });
    match kind {
        0 => random.choice(["null", "true", "-0.0", "7", "123456789012345678901234567890", "1E+2", "0.10"]).unwrap().to_owned(),
        1..=3 => text(random),
        4 => {
            let items: Vec<String> = (0..random.usize(..4)).map(|_| value(random, depth - 1)).collect();
            format!("[{}]", items.join(","))
        }
        _ => object(random, depth - 1),
    }
}

fn text(random: &mut fastrand::Rng) -> String {
    let pieces = ["a", "é", "\\\"", "\\\\", "\\u00e9", "\\ud83d", "\\ud83d\\ude00", "{", "]", ",", ":", "\\n", " "];
    let pieces: Vec<&str> = (0..random.usize(..6)).map(|_| *random.choice(&pieces).unwrap()).collect();
    format!("\"{}\"", pieces.concat())
}

fn object(random: &mut fastrand::Rng, depth: usize) -> String {
    let names = ["\"id\"", "\"name\"", "\"n\\u0061me\"", "\"a\\\\b\"", "\"é\"", "\"\""];
    let members: Vec<String> =
        (0..random.usize(..7)).map(|_| format!("{}:{}", random.choice(names).unwrap(), value(random, depth))).collect();
    format!("{{{}}}", members.join(","))
}

fn page(random: &mut fastrand::Rng) -> (String, Vec<String>) {
    let items: Vec<String> =
        (0..random.usize(..12)).map(|_| if random.u8(..8) == 0 { value(random, 2) } else { object(random, 2) }).collect();
    let before = if random.bool() { format!("\"x\":{},", value(random, 2)) } else { String::new() };
    (format!("{{{before}\"items\":[{}],\"nextCursor\":\"next\"}}", items.join(",")), items)
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(&with_whole_surrogates(text)).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn selected_fields_are_those_of_plain_values_and_the_bytes_of_the_api() {
    let mut random = fastrand::Rng::with_seed(15);
    let tool = crate::testing::catalog().find("list_app_users").unwrap();
    let wanted = ["id".to_owned(), "name".to_owned(), "a\\b".to_owned()];
    for _ in 0..3_000 {
        let (text, items) = page(&mut random);
        let text = text.replace("\"items\":", "\"users\":");
        let mut plain = parsed(&text);
        for item in plain["users"].as_array_mut().unwrap().iter_mut().filter_map(Value::as_object_mut) {
            item.retain(|name, _| wanted.iter().any(|wanted| wanted == name));
        }
        let selected = select(ToolOutput::new(text), tool, &wanted);
        assert_eq!(parsed(&selected.text), plain, "{items:?}");
        let kept = json_text::from_member(&selected.text, "users").and_then(json_text::Items::of).unwrap();
        for (item, original) in kept.zip(&items) {
            for (name, value) in json_text::Entries::of(item).into_iter().flatten() {
                assert!(original.contains(&format!("{name}:{value}")), "{original}: {item}");
            }
        }
    }
}

#[test]
fn cut_and_joined_pages_have_the_items_of_plain_values_and_the_bytes_of_the_api() {
    let mut random = fastrand::Rng::with_seed(16);
    let names = ListNames::of(list()).unwrap();
    for _ in 0..3_000 {
        let pages: Vec<_> = (0..random.usize(1..4)).map(|_| page(&mut random)).collect();
        let all: Vec<&str> = pages.iter().flat_map(|(_, items)| items).map(String::as_str).collect();
        let pages: Vec<Page> =
            pages.iter().map(|(text, _)| Page { start: Start::default(), output: ToolOutput::new(text.clone()) }).collect();
        let (most, budget) = (random.usize(1..30), random.usize(200..2_000));
        let Truncated { output, .. } = join(&pages, names, most, budget).unwrap();
        let mut first = parsed(&pages.first().unwrap().output.text);
        let joined = parsed(&output.text);
        let kept = joined["items"].as_array().unwrap().len();
        assert!(kept <= most.min(all.len()) && (kept > 0 || all.is_empty()), "{kept} of {}", all.len());
        // a single large item may have been cut itself
        if kept != 1 {
            if output.text.len() < budget && kept < most.min(all.len()) {
                let more = all.get(kept).unwrap().len();
                assert!(output.text.len() + more + 100 > budget, "{} and {more} are less than {budget}", output.text.len());
            }
            let list = format!("[{}]", all.get(..kept).unwrap().join(","));
            assert!(output.text.contains(&format!("{}:{list}", quoted("items"))), "{} does not hold {list}", output.text);
            let (mut joined, empty) = (joined, Map::new());
            for object in [&mut first, &mut joined] {
                object.as_object_mut().unwrap().retain(|name, _| name == "x");
            }
            assert!(joined == first || joined.as_object() == Some(&empty), "{joined} {first}");
        }
    }
}

#[test]
fn the_parts_of_a_text_are_those_that_a_parser_finds() {
    let mut random = fastrand::Rng::with_seed(17);
    for _ in 0..5_000 {
        let text = value(&mut random, 4);
        assert!(json_text::is_valid(&text));
        let whole = parsed(&text);
        let items = json_text::items(&text).map(|items| items.into_iter().map(parsed).collect::<Vec<_>>());
        assert_eq!(items, whole.as_array().cloned(), "{text}");
        if let Some(members) = json_text::members(&text) {
            let members: Map<String, Value> = members.into_iter().map(|(name, value)| (name, parsed(value))).collect();
            assert_eq!(Value::Object(members), whole, "{text}");
        }
    }
}
