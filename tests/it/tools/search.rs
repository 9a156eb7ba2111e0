//! Whether questions in people's words find the tool they want.
//!
//! `tests/search/questions.tsv` has a group, a tool and a question on each line. The phrases of the overlay were written looking at
//! `tuning`; after that `held-out` and then `later` were measured, and mended. `unseen` was measured and left alone: it tells what
//! new questions may hope for, so never tune for it.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::Path,
};

use openapi_mcp::search::Search;

const QUESTIONS: &str = include_str!("../../search/questions.tsv");

/// How many questions there are, and how many found their tool first and among the first three.
#[derive(Default)]
struct Tally {
    asked: usize,
    first: usize,
    near: usize,
    missed: Vec<String>,
}

impl Tally {
    fn percent(&self, of: usize) -> usize {
        of * 100 / self.asked
    }
}

#[test]
fn questions_in_plain_words_find_their_tool() {
    let catalog = torii_mcp::generated::catalog().expect("it is what was compiled in");
    let search = Search::new(catalog.tools());
    let mut groups: BTreeMap<&str, Tally> = BTreeMap::new();
    for line in QUESTIONS.lines() {
        let [group, tool, question] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("three columns: {line}") };
        assert!(catalog.find(tool).is_some(), "there is no `{tool}`");
        let hits = search.find(question, 3, |_| true);
        let found: Vec<&str> = hits.iter().map(|hit| hit.tool.name.as_str()).collect();
        let whole = (group != "unseen").then_some("all but unseen");
        for group in [group].into_iter().chain(whole) {
            let tally = groups.entry(group).or_default();
            tally.asked += 1;
            tally.first += usize::from(found.first() == Some(&tool));
            tally.near += usize::from(found.contains(&tool));
            if !found.contains(&tool) {
                tally.missed.push(format!("  {question}: {tool}, not {}", found.join(", ")));
            }
        }
    }
    for (group, tally) in &groups {
        let Tally { asked, first, near, missed } = tally;
        let report = format!("{group}: {first} of {asked} first, {near} in the first three\n{}", missed.join("\n"));
        // Written past the test harness, which keeps the output of tests that pass to itself.
        let _ = writeln!(io::stderr(), "{}", report.trim_end());
        let (at_first, at_three) = if *group == "unseen" { (75, 85) } else { (90, 100) };
        assert!(tally.percent(*first) >= at_first && tally.percent(*near) >= at_three, "{report}");
    }
    assert!(groups["all but unseen"].asked >= 300);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/explanation/token-budget.md");
    let page = fs::read_to_string(page).expect("it is read");
    let row = |group: &str, begin: &str| {
        let Tally { asked, first, near, .. } = &groups[group];
        let line = page.lines().find(|line| line.starts_with(&format!("| {asked} {begin}"))).unwrap_or_else(|| panic!("{asked}"));
        let percent = |of: usize| format!("{of} ({} %)", (100 * of + asked / 2) / asked);
        let near = if near == asked { near.to_string() } else { percent(*near) };
        assert!(line.ends_with(&format!(" | {} | {near} |", percent(*first))), "{first}, {near} of {asked}: {line}");
    };
    row("all but unseen", "that the search terms were tuned with");
    row("unseen", "that nothing was tuned for");
}

#[test]
fn no_question_was_copied_into_the_phrases() {
    let plain = |text: &str| text.to_lowercase().replace(|sign: char| !sign.is_alphanumeric(), "");
    let tools = torii_mcp::generated::catalog().expect("it is what was compiled in").tools();
    for question in QUESTIONS.lines().filter_map(|line| line.split('\t').nth(2)) {
        let copied = tools.iter().find(|tool| tool.search_terms.iter().any(|phrase| plain(phrase) == plain(question)));
        assert!(copied.is_none(), "`{question}` is a phrase of `{}`", copied.map(|tool| tool.name.as_str()).unwrap_or_default());
    }
}

#[test]
fn names_of_other_servers_for_torii_lead_to_ours_whole_or_in_words() {
    let catalog = torii_mcp::generated::catalog().expect("it is what was compiled in");
    let search = Search::new(catalog.tools());
    for (other, ours) in [
        ("get_app_fields", "list_app_fields"),
        ("get_contract_fields", "list_contract_fields"),
        ("get_audit_logs", "list_audit_logs"),
    ] {
        for asked in [other.to_owned(), other.replace('_', " "), other.replace('_', "-"), other.to_uppercase(), camel_case(other)]
        {
            let hits = search.find(&asked, 3, |_| true);
            assert_eq!(hits.first().map(|hit| hit.tool.name.as_str()), Some(ours), "{asked}: {hits:?}");
        }
    }
}

fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| name + &part[..1].to_uppercase() + &part[1..])
}
