//! What is inferred is listed in one place, with what the server does.

use std::collections::BTreeSet;

const UNKNOWN: &str = include_str!("../../../docs/reference/unknown.md");
const FACTS: &str = include_str!("../../../crates/sample/facts.md");
const DOCUMENT: &str = include_str!("../../../openapi/README.md");

/// The question about each row of `openapi/README.md` that rests on inference, by the beginnings of both.
const QUESTIONS: [(&str, &str); 6] = [
    ("`activeUsersCount` counts accounts", "Is `activeUsersCount` the console's column"),
    ("`amount` is the contract value", "Is `amount` the key of"),
    ("the contract renews at its end date", "Does a contract renew at its end date?"),
    ("`name`, `type`, `isActive` and `triggerType` of workflows", "Are the members of workflows `name`, `type`, `isActive`"),
    ("bodies of errors", "What do errors look like?"),
    ("bodies of `PUT /apps/fields/{idField}`", "What are the bodies of `PUT /apps/fields/{idField}`"),
];

/// The cells of the rows of a page's tables, without their heads.
fn rows(page: &'static str) -> Vec<Vec<&'static str>> {
    let lines = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
    lines.map(|line| line.trim_matches('|').split(" |").map(str::trim).collect()).collect()
}

#[test]
fn every_question_says_what_the_server_does() {
    let questions = rows(UNKNOWN);
    assert!(questions.len() > 30);
    for row in questions.iter().skip(1) {
        let [question, does, _] = row[..] else { panic!("three columns: {row:?}") };
        assert!(question.ends_with('?') && does.len() > 10, "{row:?}");
    }
}

#[test]
fn every_guess_of_the_sample_belongs_to_a_question() {
    let marks = |row: &[&'static str]| row.get(2).copied().unwrap_or_default();
    let inferred = rows(FACTS).into_iter().filter(|row| marks(row) == "`inferred`");
    // an option is one question, whatever its values are
    let place = |row: Vec<&'static str>| row[0].trim_matches('`').split(' ').next().unwrap_or_default().to_owned();
    let inferred: BTreeSet<String> = inferred.map(place).collect();
    let asked = rows(UNKNOWN).into_iter().skip(1).flat_map(|row| row.last().copied().unwrap_or_default().split(", "));
    let asked: BTreeSet<String> =
        asked.map(|place| place.trim_matches('`').split(' ').next().unwrap_or_default().to_owned()).collect();
    let unasked: Vec<_> = inferred.difference(&asked).collect();
    assert!(inferred.len() > 20 && unasked.is_empty(), "no question is about {unasked:?}");
    let stale: Vec<_> = asked.difference(&inferred).filter(|place| !place.is_empty() && !place.starts_with("--")).collect();
    assert!(stale.is_empty(), "{stale:?} infer nothing");
}

#[test]
fn every_inference_of_the_document_belongs_to_a_question() {
    let (_, rests) = DOCUMENT.split_once("### What rests on what").expect("it is there");
    let (rests, _) = rests.split_once("\n## ").expect("it ends");
    let rests: Vec<_> = rows(rests).into_iter().filter(|row| row[1].contains("`inferred`")).collect();
    assert_eq!(rests.len(), QUESTIONS.len(), "{rests:?}");
    for row in rests {
        let question = QUESTIONS.iter().find(|(begins, _)| row[0].starts_with(begins)).map(|(_, question)| *question);
        let question = question.unwrap_or_else(|| panic!("no question is about {row:?}"));
        assert!(rows(UNKNOWN).iter().any(|asked| asked[0].starts_with(question)), "{question}");
    }
}
