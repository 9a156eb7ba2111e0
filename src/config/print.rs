//! Prints the effective configuration, with the source of each value; secrets are not shown.

use std::{collections::BTreeMap, fmt::Write};

use mcp_oauth_server::{keyring::KeyringSource, store::StoreAt};
use serde_json::{Value, json};

use super::{
    CompiledIn, Config, ConfigErrors, Sources,
    keys::{self, NAME},
    reader::ConfigReader,
    server,
    settings::{Auth, Settings},
    tree::{Tree, inside, key},
};

/// All keys with their values and sources, and the warnings.
///
/// # Errors
/// All problems at once.
pub fn print(sources: &Sources, known: &CompiledIn<'_>) -> Result<(String, Vec<String>), ConfigErrors> {
    let (mut reader, raw) = ConfigReader::read(sources, known)?;
    let (config, settings) = server(&mut reader, &raw)?;
    let tree = &reader.tree;
    let derived = derived(&config, &settings);
    let lines: Vec<_> = keys::leaves()
        .iter()
        .flat_map(|leaf| places(tree, &leaf.place))
        .filter_map(|place| shown(tree, place, &derived))
        .map(|place| (format!("{} = {}", key(&place), value(tree, &place, &derived)), tree.source(&place)))
        .collect();
    let width = lines.iter().map(|(left, _)| left.chars().count()).filter(|width| *width <= 60).max().unwrap_or_default();
    let mut text = String::new();
    for (left, source) in &lines {
        // writing to a string does not fail
        let _ = writeln!(text, "{left:width$}  # {source}");
    }
    Ok((text, config.warnings))
}

/// The places of a key: one for each name that the operator chose.
fn places(tree: &Tree, place: &str) -> Vec<String> {
    let pattern = format!("/{NAME}/");
    let Some((section, rest)) = place.split_once(&pattern) else {
        return vec![place.to_owned()];
    };
    let names = tree.root.pointer(section).and_then(Value::as_object).into_iter().flat_map(|section| section.keys());
    names.map(|name| format!("{}/{rest}", inside(section, name))).collect()
}

/// The place at which a value is shown: for a secret without a file, the secret's own. `None` if another key shows it.
fn shown(tree: &Tree, place: String, derived: &BTreeMap<&str, String>) -> Option<String> {
    let is_file = tree.root.pointer(&place).is_some() || derived.contains_key(place.as_str());
    match place.strip_suffix("_file").filter(|_| !is_file) {
        Some(secret) if keys::leaves().iter().any(|leaf| leaf.place == secret) => None,
        Some(secret) => Some(secret.to_owned()),
        None => Some(place),
    }
}

fn value(tree: &Tree, place: &str, derived: &BTreeMap<&str, String>) -> String {
    let is_secret = keys::leaves().iter().any(|leaf| leaf.secret() == Some(place));
    match (derived.get(place), tree.root.pointer(place)) {
        (Some(derived), _) => derived.clone(),
        (None, Some(typed)) if !is_secret => typed.to_string(),
        (None, None) if !tree.secrets.contains_key(place) => "(not set)".to_owned(),
        (None, _) => "(hidden)".to_owned(),
    }
}

/// The values that are derived from others, or are shown in their effective form.
fn derived(config: &Config, settings: &Settings) -> BTreeMap<&'static str, String> {
    let mut values = BTreeMap::new();
    values.insert("/torii/api_url", json!(config.upstream.as_str()).to_string());
    values.insert("/limits/connections_per_customer", settings.connections_per_customer.to_string());
    if let Some(url) = &settings.public_url {
        values.insert("/public_url", json!(url).to_string());
    }
    if let Auth::Embedded(embedded) = &settings.auth {
        if let KeyringSource::File(path) = &embedded.keyring {
            values.insert("/encryption/key_file", json!(path.display().to_string()).to_string());
        }
        let store = match &embedded.store {
            StoreAt::Sqlite(path) => json!(format!("sqlite:{}", path.display())).to_string(),
            StoreAt::Postgres(_) => "(hidden)".to_owned(),
        };
        values.insert("/store/url", store);
    }
    values
}
