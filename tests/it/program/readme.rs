//! What the program decides in README.md and the documentation, and the links between documents.
//! `BLESS=1 cargo test --test it readme` rewrites the tables of tools.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::support::process::run;

const BEGIN: &str = "<!-- tools: made by `BLESS=1 cargo test --test it readme` -->\n";
const END: &str = "<!-- /tools -->";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

type Toolsets = BTreeMap<String, Vec<[String; 3]>>;

/// Name, effect and title of each tool, by toolset.
fn toolsets() -> Toolsets {
    let listed: Value = serde_json::from_str(&run(&["tools", "--json"], &[]).stdout).expect("the tools are JSON");
    let mut toolsets = Toolsets::new();
    for tool in listed["tools"].as_array().expect("there are tools") {
        let text = |field: &str| tool[field].as_str().expect("it is a text").to_owned();
        toolsets.entry(text("toolset")).or_default().push([text("name"), text("effect"), text("title")]);
    }
    toolsets
}

/// A line for each tool.
fn whole_table(toolsets: &Toolsets) -> String {
    let mut table = "| tool | effect | what it does |\n| --- | --- | --- |\n".to_owned();
    for (toolset, tools) in toolsets {
        writeln!(table, "| **`{toolset}`** | | |").expect("memory takes it");
        for [name, effect, title] in tools {
            writeln!(table, "| `{name}` | {effect} | {title} |").expect("memory takes it");
        }
    }
    table
}

/// A line for each toolset.
fn short_table(toolsets: &Toolsets) -> String {
    let mut table = "| toolset | tools |\n| --- | --- |\n".to_owned();
    for (toolset, tools) in toolsets {
        let names: Vec<_> = tools.iter().map(|[name, ..]| format!("`{name}`")).collect();
        writeln!(table, "| `{toolset}` | {} |", names.join(", ")).expect("memory takes it");
    }
    table
}

#[test]
fn the_tables_of_tools_are_what_the_program_says() {
    let toolsets = toolsets();
    for (name, table) in [("README.md", short_table(&toolsets)), ("docs/reference/tools.md", whole_table(&toolsets))] {
        let path = root().join(name);
        let document = read(&path);
        let (before, rest) = document.split_once(BEGIN).expect("the table has a beginning");
        let (table_there, after) = rest.split_once(END).expect("the table has an end");
        if env::var_os("BLESS").is_some() {
            fs::write(&path, format!("{before}{BEGIN}{table}{END}{after}")).expect("the document is written");
        } else {
            assert_eq!(table_there, table, "{name}: run `BLESS=1 cargo test --test it readme`");
        }
    }
}

#[test]
fn the_function_of_a_tool_is_the_generated_one() {
    let (readme, generated) = (read(&root().join("README.md")), read(&root().join("openapi/generated/tools.rs")));
    let function = readme.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next()).expect("the README shows one");
    assert!(generated.contains(function), "{function}");
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

/// Every file of the repository below a folder; what is installed or built is not part of it.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is read") {
        let path = entry.expect("the entry is read").path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !path.is_dir() {
            found.push(path);
        } else if ![".git", "target", "node_modules", "venv"].contains(&name) {
            found.extend(files(&path));
        }
    }
    found
}

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
}

/// The lines of a document outside its blocks of code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// The targets of the links in a line.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// The fragment that links to a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase().replace(|c: char| !(c.is_alphanumeric() || " -_".contains(c)), "");
    kept.replace(' ', "-")
}

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading() {
    let (mut checked, mut broken) = (0, Vec::new());
    for document in files(root()).into_iter().filter(|path| is_markdown(path)) {
        let text = read(&document);
        for link in prose(&text).flat_map(links).filter(|link| !link.contains("://")) {
            let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
            let folder = document.parent().expect("a document is in a folder");
            let target = if path.is_empty() { document.clone() } else { folder.join(path) };
            let leads_somewhere = target.exists()
                && (fragment.is_empty() || {
                    let text = read(&target);
                    let mut headings = prose(&text).filter(|line| line.starts_with('#'));
                    headings.any(|line| anchor(line.trim_start_matches('#')) == fragment)
                });
            if !leads_somewhere {
                broken.push(format!("{}: {link}", document.display()));
            }
            checked += 1;
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
    assert!(checked > 100, "{checked} links are too few: the documents were not found");
}

/// Sources, scripts and error texts name documents by their path from the root, as in `docs/index.md`.
#[test]
fn every_document_that_a_file_names_is_there() {
    let mut missing = Vec::new();
    for path in files(root()) {
        // a file that is not UTF-8 names no document
        let text = fs::read_to_string(&path).unwrap_or_default();
        for (at, _) in text.match_indices("docs/") {
            let (before, rest) = text.split_at(at);
            let is_path_from_root = !before.ends_with(|c: char| c.is_alphanumeric() || c == '/');
            let named = rest.split(|c: char| !(c.is_ascii_alphanumeric() || "/._-".contains(c))).next().unwrap_or_default();
            // a link is relative to its document, and the other test follows it
            let is_link = is_markdown(&path) && before.ends_with("](");
            if is_markdown(Path::new(named)) && is_path_from_root && !is_link && !root().join(named).exists() {
                missing.push(format!("{}: {named}", path.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Documents and error texts name configuration keys by their path, as in `limits.connections`.
#[test]
fn every_configuration_key_that_a_file_names_is_there() {
    let reference = read(&root().join("docs/reference/configuration.md"));
    let keys: BTreeSet<&str> = reference.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let sections: BTreeSet<&str> = ["access", "auth", "encryption", "health", "limits", "store", "tools", "torii"].into();
    let exists =
        |name: &str| keys.iter().any(|key| *key == name || key.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
    let (mut checked, mut missing) = (0, Vec::new());
    for path in files(root()).into_iter().filter(|path| is_markdown(path) && !path.starts_with(root().join("docs/decisions"))) {
        for name in read(&path).split('`').skip(1).step_by(2) {
            let is_key = name.split_once('.').is_some_and(|(section, rest)| {
                let is_name = |rest: &str| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_lowercase() || "._".contains(c));
                sections.contains(section) && is_name(rest) && ![".rs", ".json"].iter().any(|end| name.ends_with(end))
            });
            // a secret has no value in the file, only its path
            if is_key && !exists(name) && !exists(&format!("{name}_file")) {
                missing.push(format!("{}: {name}", path.display()));
            }
            checked += usize::from(is_key);
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    assert!(checked > 50, "{checked} keys are too few: the documents were not read");
}
