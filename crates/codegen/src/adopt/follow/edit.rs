//! Edits of the overlay's text, found by the positions of its nodes.

use std::ops::Range;

use crate::moves::Place;
use crate::names;
use crate::overlay::{quoted_path, target_of};
use crate::text::quoted;
use crate::tree::{Members, Node, Value};
use openapi_mcp_model::Method;

/// A part of the text and what replaces it.
pub(super) type Edit = (Range<usize>, String);

/// Edits that do not overlap.
pub(super) struct Edits<'a> {
    text: &'a str,
    edits: Vec<Edit>,
}

impl<'a> Edits<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, edits: Vec::new() }
    }

    pub(super) fn extend(&mut self, edits: Vec<Edit>) {
        self.edits.extend(edits);
    }

    /// The text with all of them.
    pub(super) fn apply(mut self) -> String {
        self.edits.sort_by_key(|(range, _)| (range.start, range.end));
        let mut text = String::with_capacity(self.text.len());
        let mut from = 0;
        for (range, new) in self.edits {
            text += self.text.get(from..range.start).unwrap_or_default();
            text += &new;
            from = range.end;
        }
        text + self.text.get(from..).unwrap_or_default()
    }
}

/// What a block is renamed to.
pub(super) struct Renaming<'a> {
    pub(super) was: Place<'a>,
    pub(super) is: Place<'a>,
    /// the old and the new names of path parameters
    pub(super) parameters: Vec<(&'a str, &'a str)>,
}

/// The edits of the block of one operation, and what it says then; `None` if its text has no place for them.
pub(super) fn block(text: &str, action: &Node, behind: Option<&Node>, renaming: &Renaming<'_>) -> Option<(Vec<Edit>, Node)> {
    let Renaming { was, is, parameters } = renaming;
    let mut new = action.clone();
    let method = Method::ALL.into_iter().find(|method| method.as_str() == is.method)?;
    let (mut edits, _) = target(text, action, behind, &[(quoted_path(was.path), quoted_path(is.path))])
        .or_else(|| (was.path == is.path).then(|| (Vec::new(), String::new())))?;
    new.get_mut("target")?.value = Value::String(target_of(is.path, method));
    if was.id != is.id {
        let region = region(text, action, behind, "x-operation-id")?;
        let key = region.start + "x-operation-id".len();
        let start = key + text.get(key..region.end)?.find(was.id)?;
        edits.push((start..start + was.id.len(), is.id.to_owned()));
        new.get_mut("x-operation-id")?.value = Value::String(is.id.to_owned());
    }
    let annotation = action.get("update")?.get("x-mcp")?;
    let goal = new.get_mut("update")?.get_mut("x-mcp")?.members_mut()?;
    edits.extend(arguments(text, annotation, parameters, goal)?);
    Some((edits, new))
}

/// Lets the arguments of path parameters keep their names, although the API has others now.
fn arguments(text: &str, annotation: &Node, parameters: &[(&str, &str)], new: &mut Members) -> Option<Vec<Edit>> {
    let (mut edits, mut added) = (Vec::new(), Members::new());
    let stated = annotation.get("arguments");
    for (was, is) in parameters {
        let kept = names::argument_name(was);
        let prefixed = format!("path:{was}");
        let notes = stated.and_then(Node::members);
        let Some((key, note)) = notes.and_then(|all| all.get_key_value(*was).or_else(|| all.get_key_value(&prefixed))) else {
            added.insert((*is).to_owned(), Value::Object(Members::from_iter([("rename".to_owned(), Node::from(kept))])).into());
            continue;
        };
        let name = if *key == prefixed { format!("path:{is}") } else { (*is).to_owned() };
        let start = offset(text, note)?;
        let start = start + text.get(start..)?.find(key.as_str())?;
        edits.push((start..start + key.len(), name.clone()));
        let mut goal = note.clone();
        if note.get("rename").is_none() {
            edits.push(into_map(text, note, &format!("{}: {}", word(text, "rename"), word(text, &kept)), false)?);
            goal.members_mut()?.insert("rename".to_owned(), Node::from(kept));
        }
        let all = new.get_mut("arguments")?.members_mut()?;
        all.shift_remove(key);
        all.insert(name, goal);
    }
    let entry = |(name, note): (&String, &Node)| {
        let kept = note.get("rename").and_then(Node::text).unwrap_or_default();
        format!("{}: {{{}: {}}}", word(text, name), word(text, "rename"), word(text, kept))
    };
    let entries: Vec<String> = added.iter().map(entry).collect();
    match stated {
        _ if entries.is_empty() => {}
        Some(stated) => {
            for entry in &entries {
                edits.push(into_map(text, stated, entry, false)?);
            }
        }
        None => {
            let entry = format!("{}: {{{}}}", word(text, "arguments"), entries.join(", "));
            edits.push(into_map(text, annotation, &entry, true)?);
        }
    }
    if !added.is_empty() {
        let all = new.entry("arguments".to_owned()).or_insert_with(|| Value::Object(Members::new()).into());
        all.members_mut()?.extend(added);
    }
    Some(edits)
}

/// Puts an entry into a map, as its text is written: as a line of its own, or between braces. `second` puts it behind the first entry.
fn into_map(text: &str, map: &Node, entry: &str, second: bool) -> Option<Edit> {
    let begin = offset(text, map)?;
    let members = map.members()?;
    let first = offset(text, members.values().next()?)?;
    if let Some(brace) = text.get(begin..first)?.find('{') {
        let at = begin + brace + 1;
        return Some((at..at, format!("{entry}, ")));
    }
    let at = if second { members.values().nth(1).and_then(|member| offset(text, member)).unwrap_or(first) } else { first };
    let line = text.get(..at)?.rfind('\n')? + 1;
    let indent = text.get(line..at)?;
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    indent.chars().all(|sign| sign == ' ').then(|| (line..line, format!("{indent}{entry}{end}")))
}

/// A word as the overlay writes it: JSON needs quotes.
fn word(text: &str, word: &str) -> String {
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') { quoted(word) } else { word.to_owned() }
}

/// The edits of a target, and the target as it is then; `None` if nothing is replaced or the text is written in another way.
pub(super) fn target(
    text: &str,
    action: &Node,
    behind: Option<&Node>,
    words: &[(String, String)],
) -> Option<(Vec<Edit>, String)> {
    let target = action.get("target")?.text()?;
    let region = region(text, action, behind, "target")?;
    let written = text.get(region.clone())?;
    let (mut edits, mut new) = (Vec::new(), target.to_owned());
    for (was, is) in words.iter().filter(|(was, is)| was != is && target.contains(was.as_str())) {
        let places: Vec<usize> = written.match_indices(was.as_str()).map(|(place, _)| region.start + place).collect();
        if places.len() != target.matches(was.as_str()).count() {
            return None;
        }
        edits.extend(places.into_iter().map(|place| (place..place + was.len(), is.clone())));
        new = new.replace(was.as_str(), is);
    }
    (!edits.is_empty()).then_some((edits, new))
}

/// The part of the text that has a member of an action: it ends where the next member or the next action begins.
fn region(text: &str, action: &Node, behind: Option<&Node>, key: &str) -> Option<Range<usize>> {
    let start = offset(text, action.get(key)?)?;
    let members = action.members()?.values();
    let next = members.filter_map(|member| offset(text, member)).filter(|other| *other > start).min();
    let next = next.or_else(|| offset(text, behind?));
    Some(start..next.unwrap_or(text.len()))
}

/// Where a node begins, in bytes.
fn offset(text: &str, node: &Node) -> Option<usize> {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lines = text.get(mark..)?.split_inclusive('\n');
    let line = usize::try_from(node.span.line).ok()?.checked_sub(1)?;
    let start: usize = mark + lines.clone().take(line).map(str::len).sum::<usize>();
    let column = usize::try_from(node.span.column).ok()?.checked_sub(1)?;
    let (place, _) = lines.nth(line).unwrap_or_default().char_indices().nth(column)?;
    Some(start + place)
}
