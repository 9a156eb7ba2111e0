//! The parts of README.md that the program decides. `BLESS=1 cargo test --test it readme` rewrites its table of tools.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::process::run;

const BEGIN: &str = "<!-- tools: made by `BLESS=1 cargo test --test it readme` -->\n";
const END: &str = "<!-- /tools -->";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The tools by toolset, as a table in Markdown.
fn table() -> String {
    let listed: Value = serde_json::from_str(&run(&["tools", "--json"], &[]).stdout).expect("the tools are JSON");
    let mut toolsets = BTreeMap::<&str, Vec<[&str; 3]>>::new();
    for tool in listed["tools"].as_array().expect("there are tools") {
        let text = |field: &str| tool[field].as_str().expect("it is a text");
        toolsets.entry(text("toolset")).or_default().push([text("name"), text("effect"), text("title")]);
    }
    let mut table = "| tool | effect | what it does |\n| --- | --- | --- |\n".to_owned();
    for (toolset, tools) in toolsets {
        writeln!(table, "| **{}** | | |", toolset.replace('_', " ")).expect("memory takes it");
        for [name, effect, title] in tools {
            writeln!(table, "| `{name}` | {effect} | {title} |").expect("memory takes it");
        }
    }
    table
}

#[test]
fn the_table_of_tools_is_what_the_program_says() {
    let path = root().join("README.md");
    let readme = read(&path);
    let (before, rest) = readme.split_once(BEGIN).expect("the table has a beginning");
    let (table_there, after) = rest.split_once(END).expect("the table has an end");
    let table = table();
    if env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).expect("README.md is written");
    } else {
        assert_eq!(table_there, table, "run `BLESS=1 cargo test --test it readme`");
    }
}

#[test]
fn every_command_and_every_variable_of_the_help_is_there() {
    let readme = read(&root().join("README.md"));
    let help = run(&["--help"], &[]).stdout;
    let commands = help.split_once("Commands:\n").and_then(|(_, rest)| rest.split_once("\n\n")).expect("help lists commands").0;
    let commands: Vec<_> = commands.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.contains(&"demo"), "{commands:?}");
    for command in commands.iter().filter(|command| **command != "help") {
        assert!(readme.contains(&format!("| `torii-mcp {command}")), "{command}");
    }
    let helps = commands.iter().map(|command| run(&["help", command], &[]).stdout).chain([help.clone()]);
    let mut variables = BTreeSet::new();
    for help in helps {
        let words = help.split(|c: char| !(c.is_ascii_uppercase() || c == '_')).filter(|word| word.starts_with("TORII_"));
        variables.extend(words.map(str::to_owned));
    }
    assert!(variables.len() >= 8, "{variables:?}");
    for variable in variables {
        assert!(readme.contains(&format!("`{variable}`")), "{variable}");
    }
}

/// The targets of the links in a text.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// What a heading is called in an address.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase().replace(|c: char| !(c.is_alphanumeric() || " -_".contains(c)), "");
    kept.replace(' ', "-")
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let mut documents: Vec<PathBuf> = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "openapi/README.md"]
        .map(|name| root().join(name))
        .to_vec();
    for folder in ["docs", "docs/decisions"] {
        let entries = fs::read_dir(root().join(folder)).expect("the folder is there");
        documents.extend(entries.map(|entry| entry.expect("the entry is read").path()));
    }
    documents.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    for document in documents {
        let text = read(&document);
        for link in links(&text).filter(|link| !link.contains("://")) {
            let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
            let folder = document.parent().expect("a document is in a folder");
            let target = if path.is_empty() { document.clone() } else { folder.join(path) };
            assert!(target.exists(), "{}: {link}", document.display());
            if !fragment.is_empty() {
                let text = read(&target);
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                let is_there = headings.any(|line| anchor(line.trim_start_matches('#')) == fragment);
                assert!(is_there, "{}: {link}", document.display());
            }
        }
    }
}
