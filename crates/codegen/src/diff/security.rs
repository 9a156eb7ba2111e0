//! Compares what the documents demand of a caller, before the overlay is applied.

use serde_json::Value as Json;

use super::{Level, Phrase, literals};

/// Compares what the documents demand of a caller. Only a further way to call is no risk.
pub(super) fn compare(old: &Json, new: &Json, mut add: impl FnMut(Level, Phrase)) {
    // older locks do not record it
    if old.get("security").is_none() || new.get("security").is_none() {
        return;
    }
    let only = |here: &Json, there: &Json| -> Vec<String> {
        let other: Vec<&str> = alternatives(there).collect();
        alternatives(here).filter(|one| !other.contains(one)).map(str::to_owned).collect()
    };
    let list = |all: &[String]| literals(all.iter().map(String::as_str));
    match (only(new, old), only(old, new)) {
        (added, gone) if added.is_empty() && gone.is_empty() => {}
        (added, gone) if gone.is_empty() => {
            add(Level::Additive, format!("may also be called with {} in the document", list(&added)).into());
        }
        (added, gone) if added.is_empty() => {
            add(Level::Breaking, format!("may no longer be called with {} in the document", list(&gone)).into());
        }
        (added, gone) => {
            add(Level::Breaking, format!("is called with {} instead of {} in the document", list(&added), list(&gone)).into());
        }
    }
}

fn alternatives(of: &Json) -> impl Iterator<Item = &str> {
    of.get("security").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
}
