//! Compares the product, the scopes and the credentials of two surfaces.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{ChangeKind, Diff, Subject, instead, literal, text};

/// Members that are texts for people.
const TEXTS: [&str; 2] = ["title", "description"];

pub(super) fn compare(old: &Json, new: &Json, diff: &mut Diff) {
    // older locks do not record the product
    let (Some(before), Some(now)) = (old.get("product"), new.get("product")) else { return };
    for key in changed(before, now) {
        diff.add(Subject::Document, ChangeKind::TextChanged, format!("has another product {}", literal(&key)));
    }
    for (list, noun) in [("scopes", "scope"), ("credentials", "credential")] {
        let both = [old, new].map(|surface| surface.get(list).and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default());
        compare_list(both, noun, diff);
    }
}

/// Compares definitions by name. If a tool needs another scope or credential, this is a change of the tool.
fn compare_list([old, new]: [&[Json]; 2], noun: &str, diff: &mut Diff) {
    let find = |list: &'_ [Json], name: &str| list.iter().find(|one| text(one, "name") == name).cloned();
    for one in old.iter().filter(|one| find(new, text(one, "name")).is_none()) {
        let what = format!("no longer defines the {noun} {}", literal(text(one, "name")));
        diff.add(Subject::Document, ChangeKind::DefinitionRemoved, what);
    }
    for one in new {
        let name = text(one, "name");
        match find(old, name) {
            None => diff.add(Subject::Document, ChangeKind::DefinitionAdded, format!("defines the {noun} {}", literal(name))),
            Some(earlier) => {
                for key in changed(&earlier, one) {
                    let kind = if TEXTS.contains(&key.as_str()) { ChangeKind::TextChanged } else { ChangeKind::OtherChanged };
                    let instead = instead(said(&earlier, &key).as_deref(), said(one, &key).as_deref());
                    let what = format!("has the {} {instead} for the {noun} {}", literal(&key), literal(name));
                    diff.add(Subject::Document, kind, what);
                }
            }
        }
    }
}

/// A member as text.
fn said(of: &Json, key: &str) -> Option<String> {
    of.get(key).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// The keys whose values differ.
fn changed(old: &Json, new: &Json) -> BTreeSet<String> {
    let keys = |of: &Json| of.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect::<BTreeSet<_>>();
    keys(old).into_iter().chain(keys(new)).filter(|key| old.get(key) != new.get(key)).collect()
}
