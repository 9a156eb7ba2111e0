//! Answers sized for an assistant's context.
//!
//! Invariants:
//! - An answer within the budget stays as it is, byte for byte, and so does a file of any size.
//! - One beyond it keeps its shape and stays valid JSON: a list loses items off its end, anything else the tails of its largest
//!   lists and texts. What was left off is said in a note, with how to get it.
//! - The cursor of a shortened list continues exactly where it ends, so a walk loses and repeats nothing, whatever the budget.

use serde_json::{Value, value::RawValue};

use crate::{
    catalog::{Kind, Shape},
    upstream::Answer,
};

mod cursor;
mod select;
mod trim;

pub use cursor::{BadCursor, Start};
pub(crate) use select::select;

#[cfg(test)]
mod tests;

/// How many characters of JSON an answer may have: about 25,000 tokens.
pub const BUDGET: usize = 100_000;
/// What is kept for the cursor when items are counted.
const CURSOR_ROOM: usize = 64;

/// An answer that fits.
#[derive(Debug, PartialEq)]
pub struct Fitting {
    /// The answer, shortened if it had to be.
    pub answer: Answer,
    /// What was left off, and how to get it.
    pub note: Option<String>,
}

/// Fits an answer into `budget` characters. `start` is where the call began in its list.
#[must_use]
pub fn fit(answer: Answer, shape: &Shape, start: &Start, budget: usize) -> Fitting {
    // a file is asked for as a whole, and part of it is none
    let is_file = shape.kind == Kind::Redirect;
    if is_file || (start.skip == 0 && answer.text.len() <= budget) {
        return Fitting { answer, note: None };
    }
    let list = shape.items.as_deref().filter(|items| answer.structured.get(*items).is_some_and(Value::is_array));
    match list {
        Some(items) => page(answer, items, shape.cursor.as_deref(), start, budget),
        None => whole(answer, budget),
    }
}

/// A page of a list: the items from `start` that fit, and the cursor behind them.
fn page(answer: Answer, items: &str, cursor: Option<&str>, start: &Start, budget: usize) -> Fitting {
    // the text is Torii's, so its items are taken as they stand there, digits of numbers included
    let Ok(members) = serde_json::from_str::<Members<'_>>(&answer.text) else { return whole(answer, budget) };
    let Some(list) = members.get(items).and_then(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok()) else {
        return whole(answer, budget);
    };
    let first = start.skip.min(list.len());
    let rest: usize = members.iter().filter(|(name, _)| *name != items).map(|(name, raw)| name.len() + raw.get().len() + 4).sum();
    let room = budget.saturating_sub(rest + items.len() + start.length() + CURSOR_ROOM);
    let kept = fitting(list.iter().skip(first).map(|item| item.get().len()), room);
    let end = first + kept;
    let (of, is_cut) = (list.len(), end < list.len());

    let next = (is_cut && cursor.is_some()).then(|| start.behind(end));
    let mut text = String::with_capacity(budget.min(answer.text.len()) + CURSOR_ROOM);
    let mut member = |name: &str, value: &str| {
        text.push(if text.is_empty() { '{' } else { ',' });
        text += &Value::from(name).to_string();
        text.push(':');
        text += value;
    };
    for (name, raw) in &members {
        if name == items {
            let kept: Vec<&str> = list.iter().skip(first).take(kept).map(|item| item.get()).collect();
            member(name, &format!("[{}]", kept.join(",")));
        } else if next.is_none() || Some(name.as_str()) != cursor {
            member(name, raw.get());
        }
    }
    if let (Some(name), Some(next)) = (cursor, &next) {
        member(name, &Value::from(next.as_str()).to_string());
    }
    text.push('}');

    let mut structured = answer.structured;
    if let Some(Value::Array(list)) = structured.get_mut(items) {
        list.truncate(end);
        list.drain(..first);
    }
    if let (Some(name), Some(next)) = (cursor, next) {
        structured.shift_remove(name);
        structured.insert(name.to_owned(), next.into());
    }
    let note = is_cut.then(|| {
        let how = match cursor {
            Some(name) => format!("Call again with `cursor` set to `{name}` for what comes next, or ask for fewer `fields`."),
            None => "Narrow the call to see the others: ask for fewer `fields`, or filter.".to_owned(),
        };
        format!("`{items}` holds {kept} of {of} items, so that the answer stays within {budget} characters. {how}")
    });
    let answer = Answer { text, structured };
    if answer.text.len() <= budget {
        return Fitting { answer, note };
    }
    // one item alone is too large, or what stands beside the items; the cursor stays whole, since the walk goes on with it
    let mut structured = answer.structured;
    let kept = cursor.and_then(|name| structured.shift_remove_entry(name));
    let room = kept.iter().map(|(name, value)| name.len() + value.to_string().len() + 4).sum();
    let (mut structured, cuts) = trim::trim(structured, budget.saturating_sub(room));
    structured.extend(kept);
    let note = [note, Some(trim::note(&cuts, budget))].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Fitting { answer: Answer::of(structured), note: Some(note) }
}

/// How many fit, one after the other with commas; one always does, so that a walk goes on.
fn fitting(lengths: impl Iterator<Item = usize>, room: usize) -> usize {
    let mut used = 0;
    let mut count = 0;
    for length in lengths {
        used += length + 1;
        if used > room && count > 0 {
            break;
        }
        count += 1;
    }
    count
}

/// Anything else: its largest parts lose their tails.
fn whole(answer: Answer, budget: usize) -> Fitting {
    if answer.text.len() <= budget {
        return Fitting { answer, note: None };
    }
    let (structured, cuts) = trim::trim(answer.structured, budget);
    Fitting { answer: Answer::of(structured), note: Some(trim::note(&cuts, budget)) }
}

/// The members of an object as they stand in a text, in their order. A name that stands twice counts once, the last time, as
/// it does wherever JSON is parsed.
type Members<'a> = indexmap::IndexMap<String, &'a RawValue>;
