use serde_json::json;

use super::*;
use crate::catalog::tests::tool;

fn named(changes: Value) -> &'static Tool {
    tool(changes)
}

fn found<'a>(search: &Search<'a>, question: &str) -> Vec<&'a str> {
    search.find(question, usize::MAX, |_| true).iter().map(|hit| hit.tool.name.as_str()).collect()
}

#[test]
fn the_name_of_a_tool_finds_it_first_whatever_else_has_the_same_words() {
    let catalog = crate::testing::catalog();
    let search = Search::new(catalog.tools());
    for tool in catalog.tools() {
        assert_eq!(found(&search, &tool.name).first(), Some(&tool.name.as_str()));
    }
    let renamed = named(json!({ "name": "list_people", "aliases": ["get_every_human"] }));
    assert_eq!(found(&Search::new([named(json!({})), renamed]), "get_every_human").first(), Some(&"list_people"));
}

#[test]
fn words_count_in_any_form_and_what_people_say_counts_most() {
    let described = named(json!({ "name": "get_a", "description": "Everything about renewals and their owners." }));
    let said = named(json!({ "name": "get_b", "searchTerms": ["upcoming renewal"] }));
    let argument = json!({ "properties": { "renewalDate": { "type": "string", "description": "A day." } } });
    let taking = named(json!({ "name": "get_c", "inputSchema": argument }));
    let other = named(json!({ "name": "get_d" }));
    assert_eq!(found(&Search::new([described, said, taking, other]), "RENEWALS?"), ["get_b", "get_a", "get_c"]);
}

#[test]
fn who_asks_to_see_is_given_a_read_and_who_asks_to_change_a_write() {
    let tools = [("get_a", "read"), ("set_b", "write"), ("end_c", "destroy")]
        .map(|(name, effect)| named(json!({ "name": name, "effect": effect, "title": "Seat" })));
    let search = Search::new(tools);
    for (question, name) in [("show a seat", "get_a"), ("update a seat", "set_b"), ("remove a seat", "end_c")] {
        assert_eq!(found(&search, question).first(), Some(&name), "{question}");
    }
}

#[test]
fn tools_that_fit_alike_stand_in_the_order_of_their_names() {
    let tools = ["get_c", "get_a", "get_b"].map(|name| named(json!({ "name": name })));
    assert_eq!(found(&Search::new(tools), "thing"), ["get_a", "get_b", "get_c"]);
}

#[test]
fn what_is_not_permitted_takes_no_place() {
    let search = Search::new(crate::testing::catalog().tools());
    let hits = search.find("delete a contract", 3, |tool| tool.effect == Effect::Read);
    assert_eq!(hits.len(), 3);
    assert!(hits.iter().all(|hit| hit.tool.effect == Effect::Read));
}

#[test]
fn a_question_without_known_words_finds_nothing() {
    let search = Search::new(crate::testing::catalog().tools());
    for question in ["", " \n\t", "_", "?!", "\0\u{fffd}\u{202e}", "xqzzkj"] {
        assert!(found(&search, question).is_empty(), "{question:?}");
    }
    assert!(search.find("contracts", 0, |_| true).is_empty());
    assert!(found(&Search::new([]), "contracts").is_empty());
}

#[test]
fn only_the_beginning_of_an_endless_question_is_read() {
    let search = Search::new(crate::testing::catalog().tools());
    let padding = "contract ".repeat(MAX_CHARS);
    assert_eq!(found(&search, &format!("{padding} plugin")), found(&search, &padding));
    // each character becomes several words when it is transliterated
    for sign in ["鬱", "🦀", "_", "'", "e\u{301}", "a_"] {
        let _ = found(&search, &sign.repeat(1_000_000));
    }
}

#[test]
fn every_tool_has_a_few_phrases_to_be_found_by() {
    for tool in crate::testing::catalog().tools() {
        assert!((3..=10).contains(&tool.search_terms.len()), "`{}` has {} phrases", tool.name, tool.search_terms.len());
    }
}

#[test]
fn what_is_read_of_a_question_has_few_letters_and_words_however_it_is_written() {
    assert_eq!(bounded("which contracts renew?"), "which contracts renew?");
    assert_eq!(bounded("où  sont\nles contrats"), "où sont les contrats");
    // this character becomes eighteen letters when it is transliterated
    assert_eq!(bounded(&"\u{fdfa}".repeat(500)).chars().count(), MAX_CHARS / MAX_LETTERS);
    for long in ["a ", "a_", "a_b ", "a _", "_"] {
        assert_eq!(bounded(&long.repeat(500)).split([' ', '_']).count(), MAX_WORDS, "{long}");
    }
    assert_eq!(bounded("list_app__users of x"), "list_app__users of x");
}
