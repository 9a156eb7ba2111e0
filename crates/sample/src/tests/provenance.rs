//! Everything that the sample takes from somewhere says from where.

use std::{collections::BTreeSet, fs, path::Path};

use clap::{Args, Command};

use crate::Behavior;

const FACTS: &str = include_str!("../../facts.md");
/// What serves no calls of its own, or has invented data only.
const OWN: [&str; 7] = ["lib.rs", "tests.rs", "options.rs", "generate.rs", "filler.rs", "cell.rs", "organization.rs"];

/// The first column of each row, with its mark.
fn rows() -> Vec<(&'static str, &'static str)> {
    let rows = FACTS.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split(" |").map(|cell| cell.trim_start_matches('|').trim().trim_matches('`')).collect();
        let [place, _, mark, ""] = cells[..] else { panic!("three columns: {row}") };
        (place, mark)
    })
    .collect()
}

#[test]
fn every_fact_carries_a_mark_and_every_module_and_option_has_facts() {
    for (place, mark) in rows() {
        assert!(["document", "page", "code", "inferred"].contains(&mark), "{place}: {mark}");
    }
    let listed: BTreeSet<&str> = rows().into_iter().map(|(place, _)| place).collect();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let names = fs::read_dir(source).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut expected: BTreeSet<String> = names.filter(|name| name.contains(".rs") && !OWN.contains(&name.as_str())).collect();
    for option in Behavior::augment_args(Command::new("sample")).get_arguments() {
        let values = option.get_possible_values();
        assert!(values.len() > 1, "{option}");
        expected.extend(values.iter().map(|value| format!("--{} {}", option.get_long().unwrap(), value.get_name())));
    }
    assert_eq!(listed, expected.iter().map(String::as_str).collect());
}
