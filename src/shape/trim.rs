//! Cuts the tails of what is largest in a value, until it fits.

use std::io;

use serde_json::{Map, Value};

/// A text that was cut ends like this.
const ELLIPSIS: &str = "…";
/// How many cuts a note names.
const NAMED: usize = 10;

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

/// The object, within `budget` characters of JSON as near as that can be, and what was cut.
pub(super) fn trim(value: Map<String, Value>, budget: usize) -> (Map<String, Value>, Vec<Cut>) {
    let mut cuts = Vec::new();
    let trimmed = object(value, budget, "", &mut cuts);
    (trimmed, cuts)
}

/// A value that stands at `path`, cut down to the budget.
pub(super) fn node(value: Value, budget: usize, path: String, cuts: &mut Vec<Cut>) -> Value {
    if length(&value, budget) <= budget {
        return value;
    }
    match value {
        Value::String(text) => string(&text, budget, path, cuts),
        Value::Array(items) => array(items, budget, path, cuts),
        Value::Object(members) => Value::Object(object(members, budget, &path, cuts)),
        small => small,
    }
}

fn string(text: &str, budget: usize, path: String, cuts: &mut Vec<Cut>) -> Value {
    let of = text.chars().count();
    let mut used = 2 + ELLIPSIS.len();
    let kept: String = text
        .chars()
        .take_while(|sign| {
            used += cost(*sign);
            used <= budget
        })
        .collect();
    cuts.push(Cut { path, kept: kept.chars().count(), of, what: "characters" });
    Value::String(kept + ELLIPSIS)
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

fn array(items: Vec<Value>, budget: usize, path: String, cuts: &mut Vec<Cut>) -> Value {
    let of = items.len();
    let mut left = budget.saturating_sub(2);
    let mut kept = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let size = length(&item, left) + 1;
        if size <= left {
            left -= size;
            kept.push(item);
        } else {
            // the first one is shown in part, so that something is
            if index == 0 {
                kept.push(node(item, left, format!("{path}/0"), cuts));
            }
            break;
        }
    }
    if kept.len() < of {
        cuts.push(Cut { path, kept: kept.len(), of, what: "items" });
    }
    Value::Array(kept)
}

/// Small members stay whole; the large ones share what is left.
pub(super) fn object(mut members: Map<String, Value>, budget: usize, path: &str, cuts: &mut Vec<Cut>) -> Map<String, Value> {
    let mut sizes: Vec<(usize, String)> =
        members.iter().map(|(name, member)| (length(member, budget) + name.len() + 4, name.clone())).collect();
    sizes.sort();
    let mut left = budget.saturating_sub(2);
    let mut count = sizes.len();
    for (size, name) in sizes {
        let share = left / count.max(1);
        count -= 1;
        if size <= share {
            left -= size;
            continue;
        }
        if let Some(member) = members.get_mut(&name) {
            let path = format!("{path}/{}", step(&name));
            *member = node(member.take(), share.saturating_sub(name.len() + 4), path, cuts);
            left = left.saturating_sub(length(member, left) + name.len() + 4);
        }
    }
    drop_last(&mut members, budget, path, cuts);
    members
}

/// An object of very many members loses the last of them.
fn drop_last(members: &mut Map<String, Value>, budget: usize, path: &str, cuts: &mut Vec<Cut>) {
    let of = members.len();
    let mut used = 2;
    let mut fits = |(name, member): (&String, &Value)| {
        used += length(&Value::from(name.as_str()), budget) + length(member, budget) + 2;
        used <= budget
    };
    // one stays, so that a walk over them goes on
    let kept = members.iter().take_while(|member| fits(*member)).count().max(1);
    if kept < of {
        *members = std::mem::take(members).into_iter().take(kept).collect();
        cuts.push(Cut { path: path.to_owned(), kept, of, what: "members" });
    }
}

/// How many bytes a value has as JSON, or some number above `limit` where it has more than that: what lies within large values is
/// measured again at each level, so none is measured to its end.
pub(super) fn length(value: &Value, limit: usize) -> usize {
    struct Count {
        bytes: usize,
        limit: usize,
    }
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.bytes += bytes.len();
            if self.bytes > self.limit { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes.len()) }
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count { bytes: 0, limit };
    // nothing else fails
    let _ = serde_json::to_writer(&mut count, value);
    count.bytes
}

/// What was cut, for the assistant, and what it can do.
pub(super) fn note(cuts: &[Cut], advice: &str, budget: usize) -> String {
    let mut named: Vec<String> =
        cuts.iter().take(NAMED).map(|Cut { path, kept, of, what }| format!("`{path}` has {kept} of {of} {what}")).collect();
    if let Some(more) = cuts.len().checked_sub(NAMED).filter(|more| *more > 0) {
        named.push(format!("{more} more places are cut"));
    }
    format!("The answer was shortened to stay within {budget} characters: {}. {advice}", named.join(", "))
}
