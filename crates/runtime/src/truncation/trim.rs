//! Cuts the ends of the largest parts of a value until it fits.

use std::borrow::Cow;

use serde_json::Value;

use crate::json_text::{self, Members};

/// The end of a string that was cut.
const ELLIPSIS: &str = "…";
/// How many cuts a note names.
const NAMED: usize = 10;
/// A value of at most this many characters is not cut.
const SHORT: usize = 32;
/// Up to this nesting depth, a value is cut by its items or members.
const LEVELS: usize = 32;

/// Advice for a tool whose parts cannot be requested.
pub(super) const LESS: &str = "Ask for fewer `fields`, or for less at once.";
/// Advice for a tool whose parts can be requested.
pub(super) const PART: &str = "Call again with `part` set to one of these paths for the whole of it.";

/// One place that was cut.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// JSON pointer (RFC 6901)
    path: String,
    kept: usize,
    of: usize,
    what: &'static str,
}

impl Cut {
    /// Whether this cut left off members of the object at `path`.
    pub(super) fn is_members_of(&self, path: &str) -> bool {
        self.what == "members" && self.path == path
    }
}

/// The value at `path`, cut to the budget.
pub(super) fn node<'a>(raw: &'a str, budget: usize, path: &str, cuts: &mut Vec<Cut>) -> Cow<'a, str> {
    if raw.len() <= budget.max(SHORT) {
        return raw.into();
    }
    // deeper values are cut as texts, since each level scans the text of the level before
    if path.matches('/').count() < LEVELS {
        if let Some(items) = json_text::items(raw) {
            return array(&items, budget, path, cuts).into();
        }
        if let Some(members) = json_text::members(raw) {
            return json_text::object(object(members, budget, path, cuts)).into();
        }
    }
    let text: String = serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned());
    string(&text, budget, path, cuts).into()
}

fn string(text: &str, budget: usize, path: &str, cuts: &mut Vec<Cut>) -> String {
    let of = text.chars().count();
    let mut used = 2 + ELLIPSIS.len();
    let kept: String = text
        .chars()
        .take_while(|sign| {
            used += cost(*sign);
            used <= budget
        })
        .collect();
    let count = kept.chars().count();
    if count == of {
        return Value::from(kept).to_string();
    }
    cuts.push(Cut { path: path.to_owned(), kept: count, of, what: "characters" });
    Value::from(kept + ELLIPSIS).to_string()
}

/// How many bytes a character takes in a JSON string.
pub(super) fn cost(sign: char) -> usize {
    match sign {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        sign => sign.len_utf8(),
    }
}

/// A name as a step of a JSON pointer (RFC 6901, section 4).
pub(super) fn step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn array(items: &[&str], budget: usize, path: &str, cuts: &mut Vec<Cut>) -> String {
    let mut left = budget.saturating_sub(2);
    let fits = |item: &&&str| match left.checked_sub(item.len() + 1) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let mut kept: Vec<Cow<'_, str>> = items.iter().take_while(fits).map(|item| Cow::from(*item)).collect();
    // the first item is shown in part, so that the list is not empty
    if let (true, Some(first)) = (kept.is_empty(), items.first()) {
        kept.push(node(first, left, &format!("{path}/0"), cuts));
    }
    if kept.len() < items.len() {
        cuts.push(Cut { path: path.to_owned(), kept: kept.len(), of: items.len(), what: "items" });
    }
    json_text::list(kept)
}

/// Fits members and their JSON texts into the budget: small ones stay whole, and the large ones share what is left.
pub(super) fn object<'a>(members: Members<'a>, budget: usize, path: &str, cuts: &mut Vec<Cut>) -> Vec<(String, Cow<'a, str>)> {
    let mut members: Vec<(String, Cow<'a, str>)> = members.into_iter().map(|(name, raw)| (name, raw.into())).collect();
    let size = |(name, text): &(String, Cow<'_, str>)| name.len() + text.len() + 4;
    let mut by_size: Vec<usize> = (0..members.len()).collect();
    by_size.sort_by_key(|index| members.get(*index).map(size));
    let mut left = budget.saturating_sub(2);
    let mut count = members.len();
    for index in by_size {
        let share = left / count.max(1);
        count -= 1;
        let Some(member) = members.get_mut(index) else { continue };
        if let (true, (name, Cow::Borrowed(raw))) = (size(member) > share, &*member) {
            let path = format!("{path}/{}", step(name));
            member.1 = node(raw, share.saturating_sub(name.len() + 4), &path, cuts);
        }
        left = left.saturating_sub(size(member));
    }
    drop_last(&mut members, budget, path, cuts);
    members
}

/// Drops the last members of an object that has too many.
fn drop_last(members: &mut Vec<(String, Cow<'_, str>)>, budget: usize, path: &str, cuts: &mut Vec<Cut>) {
    let of = members.len();
    let mut used = 2;
    let mut fits = |(name, text): &(String, Cow<'_, str>)| {
        used += Value::from(name.as_str()).to_string().len() + text.len() + 2;
        used <= budget
    };
    // at least one is kept, so that the next call continues after it
    let kept = members.iter().take_while(|member| fits(member)).count().max(1);
    if kept < of {
        members.truncate(kept);
        cuts.push(Cut { path: path.to_owned(), kept, of, what: "members" });
    }
}

/// A note for the assistant on what was cut, with advice.
pub(super) fn note(cuts: &[Cut], advice: &str, budget: usize) -> String {
    let mut named: Vec<String> =
        cuts.iter().take(NAMED).map(|Cut { path, kept, of, what }| format!("`{path}` has {kept} of {of} {what}")).collect();
    if let Some(more) = cuts.len().checked_sub(NAMED).filter(|more| *more > 0) {
        named.push(format!("{more} more places are cut"));
    }
    format!("The response was shortened to stay within {budget} characters: {}. {advice}", named.join(", "))
}
