//! The fields of a list's items that were asked for, where Torii has no such choice.

use serde_json::{Value, value::RawValue};

use super::list::Members;
use crate::upstream::{Answer, Failure};

/// How many fields are named to whoever asked for none of them.
const NAMED: usize = 60;

/// The answer with only `fields` of each item of the list `items`, in Torii's order and as Torii sent them. Items that are no
/// objects stay as they are, and so does an answer without that list.
///
/// # Errors
/// When there are items and none has any of the fields.
pub(crate) fn select(answer: Answer, items: &str, fields: &[String]) -> Result<Answer, Failure> {
    let Answer { text, mut structured } = answer;
    let is_wanted = |name: &str| fields.iter().any(|field| field == name);
    let Some(list) = structured.get_mut(items).and_then(Value::as_array_mut) else { return Ok(Answer { text, structured }) };
    let objects = || list.iter().filter_map(Value::as_object);
    if objects().next().is_some() && !objects().any(|item| item.keys().any(|name| is_wanted(name))) {
        let known: Vec<&str> =
            objects().next().into_iter().flat_map(|item| item.keys()).map(String::as_str).take(NAMED).collect();
        return Err(Failure::NoSuchFields(known.join("`, `")));
    }
    let selected = selected(&text, items, is_wanted);
    for item in list.iter_mut().filter_map(Value::as_object_mut) {
        item.retain(|name, _| is_wanted(name));
    }
    Ok(match selected {
        Some(text) => Answer { text, structured },
        None => Answer::of(structured),
    })
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
