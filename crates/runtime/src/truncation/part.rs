//! Truncation of objects: the whole object with its largest parts cut, or one part of it, in pieces if it is too large.

use std::borrow::Cow;

use mcp_http::sanitize::one_line;
use serde_json::Value;

use crate::{
    json_text::{self, Members, with_whole_surrogates},
    nearest::nearest,
    tool_error::ToolError,
    tool_output::ToolOutput,
    truncation::{
        CURSOR_ROOM, NEXT_CURSOR, Truncated,
        cursor::Start,
        list::fitting,
        trim::{self, Cut},
    },
};

/// How many member names an error lists.
const NAMED: usize = 12;
/// How many steps a path may have; each step scans the text of the one before.
const STEPS: usize = 16;
/// How much of a name an error shows, in characters.
const NAME: usize = 60;

/// An object whose largest parts lose their ends. `in_parts` tells whether calls can request what was cut.
pub(super) fn whole(output: ToolOutput, start: &Start, in_parts: bool, budget: usize) -> Truncated {
    if start.skip == 0 && output.text.len() <= budget {
        return Truncated { output, note: None };
    }
    let whole = with_whole_surrogates(&output.text);
    let Some(all) = json_text::members(&whole) else { return Truncated { output, note: None } };
    let mut cuts = Vec::new();
    if !in_parts {
        let members = trim::object(all, budget, "", &mut cuts);
        let note = trim::note(&cuts, trim::LESS, budget);
        return Truncated { output: ToolOutput::new(json_text::object(members)), note: Some(note) };
    }
    let (mut members, next) = members(all, "", start, budget.saturating_sub(CURSOR_ROOM), &mut cuts);
    let note = note(next.as_deref(), None, &cuts, budget);
    members.extend(next.map(|next| (NEXT_CURSOR.to_owned(), Value::from(next).to_string().into())));
    Truncated { output: ToolOutput::new(json_text::object(members)), note }
}

/// As much as fits of the part at `path`, beginning at `start`.
pub(super) fn part(output: &ToolOutput, path: &str, start: &Start, budget: usize) -> Result<Truncated, ToolError> {
    let raw = find(&output.text, path)?;
    let head = format!("{{\"part\":{},\"value\":", Value::from(path));
    let framed = |value: &str, next: Option<String>| {
        let next = next.map(|next| format!(",\"{NEXT_CURSOR}\":{}", Value::from(next))).unwrap_or_default();
        ToolOutput::new(format!("{head}{value}{next}}}"))
    };
    if start.skip == 0 && head.len() + raw.len() < budget {
        return Ok(Truncated { output: framed(raw, None), note: None });
    }
    // the cursor contains the path of the part again
    let (start, room) = (&start.inside(path), budget.saturating_sub(2 * head.len() + CURSOR_ROOM));
    let mut cuts = Vec::new();
    let whole = with_whole_surrogates(raw);
    let (value, next) = if let Some(items) = json_text::items(raw) {
        crate::truncation::part::items(&items, path, start, room, &mut cuts)
    } else if let Some(all) = json_text::members(&whole) {
        let (kept, next) = members(all, path, start, room, &mut cuts);
        (json_text::object(kept), next)
    } else {
        // an overlong number is returned as its text
        signs(&serde_json::from_str::<String>(&whole).unwrap_or(whole), start, room)
    };
    let note = note(next.as_deref(), Some(path), &cuts, budget);
    Ok(Truncated { output: framed(&value, next), note })
}

/// A note on how to get the rest: the next piece of the whole or of the part, and what was cut inside it.
fn note(next: Option<&str>, path: Option<&str>, cuts: &[Cut], budget: usize) -> Option<String> {
    let piece = next.map(|_| match path {
        Some(path) => format!(
            "This is a piece of `{path}`. Call again with the same `part`, and `cursor` set to `{NEXT_CURSOR}`, for the next."
        ),
        None => format!("These are not all members. Call again with `cursor` set to `{NEXT_CURSOR}` for the next."),
    });
    let cuts = (!cuts.is_empty()).then(|| trim::note(cuts, trim::PART, budget));
    [piece, cuts].into_iter().flatten().reduce(|one, other| format!("{one} {other}"))
}

/// The items from `start` on that fit. If not even one fits, that one is cut.
fn items(items: &[&str], path: &str, start: &Start, room: usize, cuts: &mut Vec<Cut>) -> (String, Option<String>) {
    let first = start.skip.min(items.len());
    let rest = items.get(first..).unwrap_or_default();
    let kept = fitting(rest.iter().map(|item| item.len()), room.saturating_sub(2)).min(rest.len());
    let next = (kept < rest.len()).then(|| start.behind(first + kept));
    let piece = rest.get(..kept).unwrap_or_default();
    if let [only] = piece
        && only.len() + 2 > room
    {
        let whole = with_whole_surrogates(only);
        return (json_text::list([trim::node(&whole, room.saturating_sub(2), &format!("{path}/{first}"), cuts)]), next);
    }
    (json_text::list(piece), next)
}

/// The characters from `start` on that fit; at least one.
fn signs(text: &str, start: &Start, room: usize) -> (String, Option<String>) {
    let mut used = 2;
    let mut fits = |(index, sign): &(usize, char)| {
        used += trim::cost(*sign);
        used <= room || *index == 0
    };
    let piece: String = text.chars().skip(start.skip).enumerate().take_while(|sign| fits(sign)).map(|(_, sign)| sign).collect();
    let end = start.skip + piece.chars().count();
    let is_cut = text.chars().nth(end).is_some();
    (Value::from(piece).to_string(), is_cut.then(|| start.behind(end)))
}

/// The members from `start` on. Large ones are cut, and if there are still too many, only the first are kept.
fn members<'a>(
    all: Members<'a>,
    path: &str,
    start: &Start,
    room: usize,
    cuts: &mut Vec<Cut>,
) -> (Vec<(String, Cow<'a, str>)>, Option<String>) {
    let rest: Members<'a> = all.into_iter().skip(start.skip).collect();
    let of = rest.len();
    let kept = trim::object(rest, room, path, cuts);
    let next = (kept.len() < of).then(|| start.behind(start.skip + kept.len()));
    // the cursor already leads to the members that were left off
    cuts.retain(|cut| !cut.is_members_of(path));
    (kept, next)
}

/// The value at a JSON pointer (RFC 6901), as its JSON text.
fn find<'a>(text: &'a str, path: &str) -> Result<&'a str, ToolError> {
    if path.split('/').count() > STEPS {
        return Err(ToolError::no_part(format!("`part` has more than {STEPS} steps, and no response is nested so deeply")));
    }
    let (mut here, mut at) = (text.trim(), String::new());
    for step in path.split('/').skip(1) {
        let name = step.replace("~1", "/").replace("~0", "~");
        let found = if let Some(members) = json_text::members(here) {
            members.get(&name).copied().ok_or_else(|| missing(&at, &name, &members))
        } else if let Some(items) = json_text::items(here) {
            let found = name.parse().ok().and_then(|index: usize| items.get(index).copied());
            found.ok_or_else(|| beyond(&at, &name, items.len()))
        } else {
            Err(ToolError::no_part(format!("`{}` has no parts", shown(&at, ""))))
        };
        here = found?;
        at = format!("{at}/{step}");
    }
    Ok(here)
}

fn missing(at: &str, name: &str, members: &Members<'_>) -> ToolError {
    let shown = |name: &str| format!("`{}`", crate::truncation::part::shown(at, name));
    let hint = if let Some(near) = nearest(name, members.keys().map(String::as_str)) {
        format!("did you mean {}?", shown(near))
    } else if members.is_empty() {
        "it is empty".to_owned()
    } else {
        let named: Vec<String> = members.keys().take(NAMED).map(|name| shown(name)).collect();
        let more = members.len().checked_sub(NAMED).filter(|more| *more > 0);
        format!("it has {}{}", named.join(", "), more.map(|more| format!(" and {more} more")).unwrap_or_default())
    };
    ToolError::no_part(format!("the response has no {}, {hint}", shown(name)))
}

fn beyond(at: &str, name: &str, count: usize) -> ToolError {
    let list = shown(at, "");
    let has = match count {
        0 => "has no items".to_owned(),
        count => format!("has {count} items, `{list}/0` to `{list}/{}`", count - 1),
    };
    ToolError::no_part(format!("the response has no `{}`, `{list}` {has}", shown(at, name)))
}

/// A path as an error shows it. Names in a response are untrusted, so it is bounded and in one line.
fn shown(at: &str, name: &str) -> String {
    let step = if name.is_empty() { String::new() } else { format!("/{}", trim::step(name)) };
    one_line(&format!("{at}{step}"), at.chars().count() + NAME)
}
