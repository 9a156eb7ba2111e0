//! Cuts the tails of what is largest in a value, until it fits.

use std::borrow::Cow;

use serde_json::Value;

use crate::json_text::{self, Members};

/// A text that was cut ends like this.
const ELLIPSIS: &str = "…";
/// How many cuts a note names.
const NAMED: usize = 10;
/// What has no more characters is not cut.
const SHORT: usize = 32;
/// How many levels of a value are cut on their own.
const LEVELS: usize = 32;

/// What helps where a part cannot be asked for.
pub(super) const LESS: &str = "Ask for fewer `fields`, or for less at once.";
/// What helps where it can.
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
    /// Whether members of the object at `path` were left off.
    pub(super) fn is_members_of(&self, path: &str) -> bool {
        self.what == "members" && self.path == path
    }
}

/// A value that stands at `path`, cut down to the budget.
pub(super) fn node<'a>(raw: &'a str, budget: usize, path: &str, cuts: &mut Vec<Cut>) -> Cow<'a, str> {
    if raw.len() <= budget.max(SHORT) {
        return raw.into();
    }
    // what is nested deeper is cut as a text is, since each level is looked for in the text of the one before
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

/// How many bytes a character has in JSON.
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
    // the first one is shown in part, so that something is
    if let (true, Some(first)) = (kept.is_empty(), items.first()) {
        kept.push(node(first, left, &format!("{path}/0"), cuts));
    }
    if kept.len() < items.len() {
        cuts.push(Cut { path: path.to_owned(), kept: kept.len(), of: items.len(), what: "items" });
    }
    json_text::list(kept)
}

/// Members with their texts: small ones stay whole; the large ones share what is left.
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

/// An object of very many members loses the last of them.
fn drop_last(members: &mut Vec<(String, Cow<'_, str>)>, budget: usize, path: &str, cuts: &mut Vec<Cut>) {
    let of = members.len();
    let mut used = 2;
    let mut fits = |(name, text): &(String, Cow<'_, str>)| {
        used += Value::from(name.as_str()).to_string().len() + text.len() + 2;
        used <= budget
    };
    // one stays, so that the next call goes on behind it
    let kept = members.iter().take_while(|member| fits(member)).count().max(1);
    if kept < of {
        members.truncate(kept);
        cuts.push(Cut { path: path.to_owned(), kept, of, what: "members" });
    }
}

/// What was cut, for the assistant, and what it can do.
pub(super) fn note(cuts: &[Cut], advice: &str, budget: usize) -> String {
    let mut named: Vec<String> =
        cuts.iter().take(NAMED).map(|Cut { path, kept, of, what }| format!("`{path}` has {kept} of {of} {what}")).collect();
    if let Some(more) = cuts.len().checked_sub(NAMED).filter(|more| *more > 0) {
        named.push(format!("{more} more places are cut"));
    }
    format!("The response was shortened to stay within {budget} characters: {}. {advice}", named.join(", "))
}
