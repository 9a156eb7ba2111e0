//! The configuration that is in force, with the source of each value; secrets are not shown.

use std::{collections::BTreeMap, fmt::Write};

use mcp_oauth_server::{keyring::KeyringSource, store::StoreAt};
use serde_json::Value;

use super::{
    Config, Known, Problems, Sources,
    keys::{self, Leaf, NAME},
    read,
    settings::{Auth, Settings},
    tree::{Origin, Tree, pointer},
    understand,
};

/// Every key with its value and where that comes from, and warnings.
///
/// # Errors
/// Tells all problems at once.
pub fn print(sources: &Sources, known: &Known<'_>) -> Result<(String, Vec<String>), Problems> {
    let (tree, raw, problems) = read(sources)?;
    let (config, settings) = understand(&tree, &raw, problems, sources, known)?;
    let derived = derived(&config, &settings);
    let mut lines = Vec::new();
    for leaf in keys::leaves() {
        for path in paths(&tree, leaf) {
            let path: Vec<_> = path.iter().map(String::as_str).collect();
            if let Some(line) = line(&tree, leaf, &path, &derived) {
                lines.push(line);
            }
        }
    }
    let width = lines.iter().map(|(left, _)| left.chars().count()).filter(|width| *width <= 60).max().unwrap_or_default();
    let mut text = String::new();
    for (left, source) in &lines {
        // writing to memory does not fail
        let _ = writeln!(text, "{left:width$}  # {source}");
    }
    Ok((text, config.warnings))
}

/// The paths of a key: one for each name that is there.
fn paths(tree: &Tree, leaf: &Leaf) -> Vec<Vec<String>> {
    let own = |name: &str| leaf.path.iter().map(|step| if *step == NAME { name } else { step }.to_owned()).collect();
    let before: Vec<_> = leaf.path.iter().copied().take_while(|step| *step != NAME).collect();
    if !leaf.is_named() {
        return vec![own(NAME)];
    }
    let section = tree.root.pointer(&pointer(&before)).and_then(Value::as_object);
    section.into_iter().flat_map(|section| section.keys()).map(|name| own(name)).collect()
}

/// A key with its value, and the source; `None` for what another line says.
fn line(tree: &Tree, leaf: &Leaf, path: &[&str], derived: &BTreeMap<String, String>) -> Option<(String, String)> {
    let key = path.join(".");
    if leaf.schema.get("x-secret").is_some() {
        let plain = key.strip_suffix("_file").unwrap_or(&key);
        // shown by its own key
        let is_shown = plain == "store.url";
        if let Some((_, variable)) = tree.secrets.get(plain) {
            return (!is_shown).then(|| (format!("{plain} = (hidden)"), variable.clone()));
        }
        if let Some(file) = tree.root.pointer(&pointer(path)) {
            return Some((format!("{key} = {file}"), source(tree, path)));
        }
        return match derived.get(&key) {
            Some(value) => Some((format!("{key} = {value}"), "default".to_owned())),
            None if is_shown => None,
            None => Some((format!("{plain} = (not set)"), "default".to_owned())),
        };
    }
    if let Some((_, variable)) = tree.secrets.get(&key) {
        return Some((format!("{key} = {}", derived.get(&key).map_or("(hidden)", String::as_str)), variable.clone()));
    }
    let typed = tree.root.pointer(&pointer(path)).map(Value::to_string);
    let value = derived.get(&key).cloned().or(typed);
    Some((format!("{key} = {}", value.as_deref().unwrap_or("(not set)")), source(tree, path)))
}

fn source(tree: &Tree, path: &[&str]) -> String {
    match tree.origin(&pointer(path)) {
        Some((Origin::Line(line), true)) => format!("{}:{line}", tree.file_name()),
        Some((Origin::Variable(variable), _)) => variable.clone(),
        Some((Origin::Flag(flag), _)) => (*flag).to_owned(),
        _ => "default".to_owned(),
    }
}

/// The values that come of others, or are shown in the form in which they count.
fn derived(config: &Config, settings: &Settings) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    let mut put = |key: &str, value: &str| values.insert(key.to_owned(), Value::from(value).to_string());
    put("torii.api_url", config.upstream.as_str());
    if let Some(url) = &settings.public_url {
        put("public_url", url);
    }
    if let Auth::Embedded(embedded) = &settings.auth {
        if let KeyringSource::File(path) = &embedded.seal {
            put("seal.key_file", &path.display().to_string());
        }
        match &embedded.store {
            StoreAt::Sqlite(path) => {
                put("store.url", &format!("sqlite:{}", path.display()));
            }
            StoreAt::Postgres(_) => {
                values.insert("store.url".to_owned(), "(hidden)".to_owned());
            }
        }
    }
    values.insert("limits.connections_per_network".to_owned(), settings.connections_per_network.to_string());
    values
}
