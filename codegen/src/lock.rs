//! `tools.lock.json`: the tool surface and the ledger as somebody reviewed them, compared with what would be built now.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

/// The lock's text for a manifest: pretty, so that a review shows what changed line by line.
pub fn text(manifest: &Json) -> String {
    format!("{manifest:#}\n")
}

/// What differs between the lock and what would be built, a line each; empty where nothing does.
pub fn compare(locked: &Json, built: &Json) -> Vec<String> {
    let mut lines = Vec::new();
    for (what, list, key) in [("tool", "tools", "name"), ("operation", "operations", "operationId")] {
        let (locked, built) = (by_key(locked, list, key), by_key(built, list, key));
        lines.extend(built.keys().filter(|name| !locked.contains_key(*name)).map(|name| format!("{what} `{name}` is new")));
        lines.extend(locked.keys().filter(|name| !built.contains_key(*name)).map(|name| format!("{what} `{name}` is missing")));
        for (name, before) in &locked {
            let Some(now) = built.get(name) else { continue };
            let changed: Vec<String> = changed_keys(before, now).map(|key| format!("`{key}`")).collect();
            if !changed.is_empty() {
                lines.push(format!("{what} `{name}` changed in {}", changed.join(", ")));
            }
        }
    }
    lines.extend(
        ["document", "server"].into_iter().filter(|key| locked.get(key) != built.get(key)).map(|key| format!("`{key}` changed")),
    );
    lines
}

fn by_key<'a>(manifest: &'a Json, list: &str, key: &str) -> BTreeMap<&'a str, &'a Map<String, Json>> {
    let entries = manifest.get(list).and_then(Json::as_array).into_iter().flatten();
    entries.filter_map(|entry| Some((entry.get(key)?.as_str()?, entry.as_object()?))).collect()
}

fn changed_keys<'a>(before: &'a Map<String, Json>, now: &'a Map<String, Json>) -> impl Iterator<Item = &'a str> {
    let gone = before.keys().filter(|key| !now.contains_key(*key));
    // schemas are compared as text: the order of properties is part of what an assistant sees
    let differs = now.iter().filter(|(key, value)| before.get(*key).map(Json::to_string) != Some(value.to_string()));
    gone.chain(differs.map(|(key, _)| key)).map(String::as_str)
}
