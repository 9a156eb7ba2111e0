//! The layers of each crate are true: no top-level module needs, over however many others, one that needs it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Which modules of a crate need which others.
type Graph = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_crate_has_an_import_cycle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["src", "crates/codegen/src", "crates/http/src", "crates/oauth/src", "crates/query/src", "crates/runtime/src"] {
        let graph = graph(&root.join(folder));
        assert!(graph.len() > 5, "`{folder}` has {} modules, so it was not read", graph.len());
        if let Some(path) = cycle(&graph) {
            panic!("the modules of `{folder}` form a cycle: {}; move what the last one needs below both", path.join(" -> "));
        }
    }
}

#[test]
fn crates_depend_on_each_other_in_one_direction() {
    let allowed: [(&str, &[&str]); 7] = [
        ("tool-model", &[]),
        ("http", &[]),
        ("codegen", &["openapi-mcp-model"]),
        ("runtime", &["mcp-http", "openapi-mcp-model", "openapi-mcp-query"]),
        ("oauth", &["mcp-http"]),
        ("query", &[]),
        ("sample", &[]),
    ];
    for (folder, allowed) in allowed {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates").join(folder).join("Cargo.toml");
        let manifest: toml::Table = fs::read_to_string(path).expect("it is there").parse().expect("it is TOML");
        let dependencies =
            |section: &str| manifest.get(section).and_then(toml::Value::as_table).into_iter().flat_map(|table| table.keys());
        // a library's tests may use what they like
        let ours = ["dependencies", "build-dependencies"].into_iter().flat_map(dependencies).filter(|name| {
            [
                "mcp-http",
                "mcp-oauth-server",
                "openapi-mcp",
                "openapi-mcp-model",
                "openapi-mcp-codegen",
                "openapi-mcp-query",
                "torii-mcp",
                "torii-sample",
            ]
            .contains(&name.as_str())
        });
        let found: Vec<&str> = ours.map(String::as_str).collect();
        assert_eq!(found, allowed, "of `crates/{folder}`; see the crates in `docs/explanation/architecture.md`");
    }
}

#[test]
fn a_planted_cycle_is_found_with_its_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write("lib.rs", "mod one; mod two; mod three;");
    write("one.rs", "use crate::{clock::Clock, two::{self, Two}};");
    write("two/deep.rs", "fn f() -> u8 { super::super::three::seven() }");
    write("three.rs", "#[cfg(test)] mod tests { use crate::one::One; } pub fn seven() -> u8 { 7 }");
    assert_eq!(cycle(&graph(folder.path())), None, "tests may need what they like");
    write("three.rs", "pub fn seven() -> u8 { vec![crate::one::ONE][0] }");
    assert_eq!(cycle(&graph(folder.path())).expect("there is one").join(" "), "one two three one");
}

/// Reads all files of a crate but its tests.
fn graph(source: &Path) -> Graph {
    let mut graph = Graph::new();
    let mut folders = vec![source.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                read(source, &path, &mut graph);
            }
        }
    }
    graph
}

fn read(source: &Path, file: &Path, graph: &mut Graph) {
    let place: PathBuf = file.strip_prefix(source).expect("it is below").with_extension("");
    let steps: Vec<&str> = place.iter().filter_map(|step| step.to_str()).collect();
    let Some(module) = steps.first().filter(|name| !["lib", "main"].contains(name)) else { return };
    if steps.contains(&"tests") || is_test_only(source, module) {
        return;
    }
    let text = fs::read_to_string(file).expect("it is text");
    let tokens: TokenStream = text.parse().expect("it is Rust");
    let needed = graph.entry((*module).to_owned()).or_default();
    let mut found = BTreeSet::new();
    collect(tokens, steps.len(), &mut found);
    needed.extend(found.into_iter().filter(|other| other != module));
}

/// Whether a module is compiled for tests alone.
fn is_test_only(source: &Path, module: &str) -> bool {
    let root = fs::read_to_string(source.join("lib.rs")).unwrap_or_default();
    root.contains(&format!("#[cfg(test)]\nmod {module};"))
}

/// The first steps of all paths that begin at the crate's root, as `crate` or as enough `super`s.
fn collect(tokens: TokenStream, depth: usize, found: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let ident = |at: usize| match tokens.get(at) {
        Some(TokenTree::Ident(ident)) => ident.to_string(),
        _ => String::new(),
    };
    let is_separator = |at: usize| matches!((tokens.get(at), tokens.get(at + 1)), (Some(TokenTree::Punct(a)), Some(TokenTree::Punct(b))) if a.as_char() == ':' && b.as_char() == ':');
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if ident(at) == "mod" && ident(at + 1) == "tests" {
            at += 3;
            continue;
        }
        let mut up = 0;
        while ident(at + 3 * up) == "super" && is_separator(at + 3 * up + 1) {
            up += 1;
        }
        let behind = match (ident(at).as_str(), up) {
            ("crate", _) if is_separator(at + 1) => Some(at + 3),
            (_, up) if up > 0 && up == depth => Some(at + 3 * up),
            _ => None,
        };
        match behind.and_then(|behind| tokens.get(behind)) {
            Some(TokenTree::Ident(name)) => drop(found.insert(name.to_string())),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => first_steps(group.stream(), found),
            _ => {}
        }
        if let TokenTree::Group(group) = token {
            collect(group.stream(), depth, found);
        }
        at += 3 * up + usize::from(up == 0);
    }
}

/// The first step of each path in the braces of a `use`.
fn first_steps(paths: TokenStream, found: &mut BTreeSet<String>) {
    let mut is_first = true;
    for token in paths {
        match token {
            TokenTree::Ident(name) if is_first => {
                found.insert(name.to_string());
                is_first = false;
            }
            TokenTree::Punct(punct) if punct.as_char() == ',' => is_first = true,
            _ => {}
        }
    }
}

/// A cycle, if there is one: its modules in their order, the first one again at the end.
fn cycle(graph: &Graph) -> Option<Vec<String>> {
    let mut done = BTreeSet::new();
    graph.keys().find_map(|module| search(graph, module, &mut Vec::new(), &mut done))
}

fn search(graph: &Graph, module: &str, path: &mut Vec<String>, done: &mut BTreeSet<String>) -> Option<Vec<String>> {
    if let Some(begin) = path.iter().position(|earlier| earlier == module) {
        let cycle = path.iter().skip(begin).cloned().chain([module.to_owned()]);
        return Some(cycle.collect());
    }
    if done.contains(module) {
        return None;
    }
    path.push(module.to_owned());
    let found = graph.get(module).into_iter().flatten().find_map(|other| search(graph, other, path, done));
    path.pop();
    done.insert(module.to_owned());
    found
}
