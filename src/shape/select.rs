//! The fields of a list's items that were asked for, where Torii has no such choice.

use std::collections::HashSet;

use serde_json::{Map, Value, value::RawValue};

use super::list::Members;
use crate::{catalog::Tool, upstream::Answer};

/// The answer with only `fields` of each item of the list `items`, in Torii's order and as Torii sent them. Items that are no
/// objects stay as they are, and so does an answer without that list, or one whose items have none of the `usual` fields when
/// nothing else was asked for.
pub(crate) fn select(answer: Answer, items: &str, fields: &[String], usual: &[String]) -> Answer {
    let Answer { text, mut structured, .. } = answer;
    let wanted: HashSet<&str> = fields.iter().map(String::as_str).collect();
    let is_wanted = |name: &str| wanted.contains(name);
    let Some(list) = structured.get_mut(items).and_then(Value::as_array_mut) else {
        return Answer::new(text, structured);
    };
    if fields == usual && !list.iter().filter_map(Value::as_object).any(|item| item.keys().any(|name| is_wanted(name))) {
        return Answer::new(text, structured);
    }
    let selected = selected(&text, items, is_wanted);
    for item in list.iter_mut().filter_map(Value::as_object_mut) {
        item.retain(|name, _| is_wanted(name));
    }
    match selected {
        Some(text) => Answer::new(text, structured),
        None => Answer::of(structured),
    }
}

/// What to say where nothing is left of any item.
pub(crate) fn nothing_selected(tool: &Tool, answer: &Answer) -> Option<String> {
    let usual = tool.answer.fields.as_ref()?;
    let items = answer.structured.get(tool.answer.items.as_deref()?)?.as_array()?;
    let is_empty = |item: &Value| item.as_object().is_some_and(Map::is_empty);
    (!items.is_empty() && items.iter().all(is_empty))
        .then(|| format!("No item has any of these `fields`. Usual are `{}`, and [] gives all.", usual.join("`, `")))
}

/// The same in the text, where digits of numbers stay what they are.
fn selected(text: &str, items: &str, is_wanted: impl Fn(&str) -> bool) -> Option<String> {
    let mut members: Members<'_> = serde_json::from_str(text).ok()?;
    let list: Vec<&RawValue> = serde_json::from_str(members.get(items)?.get()).ok()?;
    let list: Vec<String> = list
        .into_iter()
        .map(|item| {
            let Ok(mut members) = serde_json::from_str::<Members<'_>>(item.get()) else { return Some(item.get().to_owned()) };
            members.retain(|name, _| is_wanted(name));
            serde_json::to_string(&members).ok()
        })
        .collect::<Option<_>>()?;
    let list = RawValue::from_string(format!("[{}]", list.join(","))).ok()?;
    members.insert(items.to_owned(), &list);
    serde_json::to_string(&members).ok()
}
