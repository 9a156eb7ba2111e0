//! Inserts blocks for new operations into the text of the overlay, beside the blocks of similar paths.

use std::collections::HashSet;
use std::ops::Range;

use openapi_mcp_model::Method;

use super::{Added, refused};
use crate::Source;
use crate::diagnostics::Diagnostics;
use crate::ir::Operation;
use crate::load;
use crate::overlay::{annotated_operation, target_of};
use crate::text;
use crate::tree::{File, Node, Value};

/// How similar two paths have to be to belong to the same operation, from 0 to 1.
const ALIKE: f64 = 0.75;

/// Returns the overlay's text with a block added for each operation. No other line and no other action changes.
pub(super) fn insert(overlay: Source<'_>, added: &[Added]) -> Result<String, Diagnostics> {
    if added.is_empty() {
        return Ok(overlay.text.to_owned());
    }
    let mut diagnostics = Diagnostics::new("", overlay.name, "");
    let Some(tree) = load::load(overlay.text, File::Overlay, &mut diagnostics) else { return Err(diagnostics) };
    let lines: Vec<&str> = overlay.text.split_inclusive('\n').collect();
    let Some(Blocks { indent, blocks }) = blocks(overlay.text, &lines, &tree) else {
        let hint =
            "write `actions` as a YAML list with an action a block, the first of them by hand as docs/reference/overlay.md shows";
        return Err(refused(overlay, "new actions can only be put into a list of blocks", hint));
    };
    let location = |one| neighbour(&blocks, one).or(blocks.last());
    let placed: Vec<(&Block, &Added)> = added.iter().filter_map(|one| Some((location(one)?, one))).collect();
    let end = if overlay.text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut text = String::with_capacity(overlay.text.len() + added.len() * 200);
    for (index, line) in lines.iter().enumerate() {
        text += line;
        for (_, one) in placed.iter().filter(|(block, _)| block.last == index) {
            if !text.ends_with('\n') {
                text += end;
            }
            text += &skeleton(one, indent, end);
        }
    }
    if !says_the_same(&tree, &text, added) {
        let hint = "write the action before it plainly: a text that keeps the blank lines behind it (`|+`) would take them in";
        return Err(refused(overlay, "new actions would change what the others say", hint));
    }
    Ok(text)
}

/// Whether a text contains the actions of the overlay and the annotations of the new operations, and nothing else.
fn says_the_same(overlay: &Node, text: &str, added: &[Added]) -> bool {
    let Some(mut new) = load::load(text, File::Overlay, &mut Diagnostics::default()) else { return false };
    let annotated = annotated(&new);
    if !added.iter().all(|one| annotated.contains(&(one.path.clone(), one.method, one.id.clone()))) {
        return false;
    }
    let old = overlay.get("actions").and_then(Node::items).unwrap_or_default();
    if let Some(Value::Array(actions)) = new.get_mut("actions").map(|actions| &mut actions.value) {
        let mut rest = old.iter().peekable();
        actions.retain(|action| rest.next_if_eq(&action).is_some());
    }
    new == *overlay
}

/// Path, method and id of every operation that has an annotation.
pub(super) fn annotated(overlay: &Node) -> HashSet<(String, Method, String)> {
    let actions = overlay.get("actions").and_then(Node::items).unwrap_or_default();
    let named = |action: &Node| {
        let (path, method) = annotated_operation(action)?;
        Some((path, method, action.get("x-operation-id")?.text()?.to_owned()))
    };
    actions.iter().filter_map(named).collect()
}

/// The list of actions as it is written in the overlay's text.
struct Blocks<'a> {
    indent: &'a str,
    blocks: Vec<Block>,
}

/// The last line of an action, counted from 0, and the path it annotates.
struct Block {
    last: usize,
    path: Option<String>,
}

/// Finds the actions, if each of them begins with a dash on its own line.
fn blocks<'a>(text: &str, lines: &[&'a str], overlay: &Node) -> Option<Blocks<'a>> {
    let (index, _, actions) = overlay.members()?.get_full("actions")?;
    let actions = actions.items()?;
    // a comment may stand between a dash and its action
    let dash = |action: &Node| {
        let above = lines.get(..action.span.line as usize)?.iter().rev();
        above.copied().find(|line| line.split_whitespace().next() == Some("-"))
    };
    let indent = actions.last().and_then(dash)?.split('-').next()?;
    // the next key ends the list
    let behind = overlay.members()?.get_index(index + 1).map_or(u32::MAX, |(_, next)| next.span.line);
    let mut extents = load::extents(text).into_iter().peekable();
    let mut blocks = Vec::with_capacity(actions.len());
    for (index, action) in actions.iter().enumerate() {
        let next = actions.get(index + 1).map_or(behind, |next| next.span.line);
        let mut last = action.span.line;
        while let Some((_, end)) = extents.next_if(|(first, _)| *first < next) {
            last = last.max(end);
        }
        blocks.push(Block { last: (last as usize).saturating_sub(1), path: annotated_operation(action).map(|(path, _)| path) });
    }
    Some(Blocks { indent, blocks })
}

/// The block after which a new one is inserted: the last one among those that share the longest path prefix with it.
fn neighbour<'a>(blocks: &'a [Block], added: &Added) -> Option<&'a Block> {
    let common = |path: &str| path.split('/').zip(added.path.split('/')).take_while(|(one, other)| one == other).count();
    let score = |block: &Block| block.path.as_deref().map_or(0, common);
    // all paths begin with an empty segment
    let best = blocks.iter().map(score).max().filter(|best| *best > 1)?;
    blocks.iter().rev().find(|block| score(block) == best)
}

fn skeleton(added: &Added, indent: &str, end: &str) -> String {
    let Added { id, method, path, was, aliases } = added;
    let target = scalar(&target_of(path, *method));
    let mut lines = vec![
        String::new(),
        format!("- target: {target}"),
        format!("  x-operation-id: {}", scalar(id)),
        "  update:".to_owned(),
        "    x-mcp:".to_owned(),
        format!("      exclude: {}", quoted(&placeholder_text(path, *method))),
    ];
    if let Some(was) = was {
        let was = quoted(was);
        lines.push(format!(
            "      # this was {was}; if it only has another id now, correct x-operation-id there and delete this block"
        ));
    } else if let Some(tool) = aliases {
        lines.push(format!("      # this may be what {tool} called before; if it is, name the tool instead, with:"));
        lines.push(format!("      # aliases: [{tool}]"));
    }
    lines.into_iter().map(|line| if line.is_empty() { end.to_owned() } else { format!("{indent}{line}{end}") }).collect()
}

/// The lines of a block as [`skeleton`] writes it, with the blank line above; `None` if somebody has edited it.
pub(super) fn placeholder(text: &str, action: &Node) -> Option<Range<usize>> {
    let (path, method) = annotated_operation(action)?;
    let id = action.get("x-operation-id")?.text()?;
    let mut lines = text.split_inclusive('\n').scan(0, |at, line| {
        *at += line.len();
        Some((*at - line.len(), line.trim_end()))
    });
    let dash = format!("- target: {}", scalar(&target_of(&path, method)));
    let (start, first) = lines.find(|(_, line)| line.trim_start() == dash)?;
    let indent = first.strip_suffix(&dash)?;
    let todo = format!("      exclude: {}", quoted(&placeholder_text(&path, method)));
    let rest = [format!("  x-operation-id: {}", scalar(id)), "  update:".to_owned(), "    x-mcp:".to_owned(), todo];
    for expected in rest {
        lines.next().filter(|(_, line)| line.strip_prefix(indent) == Some(&expected))?;
    }
    let is_note = |line: &str| line.strip_prefix(indent).is_some_and(|line| line.starts_with("      # "));
    let end = lines.find(|(_, line)| !is_note(line)).map_or(text.len(), |(end, _)| end);
    let above = text.get(..start)?;
    let blank = ["\n\r\n", "\n\n"].iter().find(|blank| above.ends_with(**blank)).map_or(0, |blank| blank.len() - 1);
    Some(start - blank..end)
}

/// What a block says that waits for a decision.
fn placeholder_text(path: &str, method: Method) -> String {
    format!("TODO: name the tool that {method} {path} becomes, or say why it has none")
}

/// A YAML scalar: plain where that is safe, else quoted.
fn scalar(text: &str) -> String {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "$._-/{}'[]".contains(sign);
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$');
    let is_word = !["true", "false", "null"].contains(&text.to_ascii_lowercase().as_str());
    if starts_well && is_word && text.chars().all(is_plain) { text.to_owned() } else { quoted(text) }
}

/// A JSON string, which is a YAML string, too. Invisible characters are escaped: some of them end a line in YAML.
fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    let is_seen = |sign: char| sign == ' ' || text::line(sign.encode_utf8(&mut [0; 4])).chars().eq([sign]);
    json.chars().map(|sign| if is_seen(sign) { sign.to_string() } else { format!("\\u{:04x}", u32::from(sign)) }).collect()
}

/// Finds the removed operation that a new one replaces: the only one with the same id, or else with the same method and path, or
/// else with a similar path.
pub(super) fn before<'a>(added: &Operation, removed: &[&'a Operation]) -> Option<&'a Operation> {
    let shape = |path: &str| {
        path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment }).collect::<Vec<_>>().join("/")
    };
    let likeness = |removed: &Operation| strsim::normalized_levenshtein(&shape(&removed.path), &shape(&added.path));
    let ways: [&dyn Fn(&Operation) -> bool; 3] = [
        &|removed| removed.id == added.id,
        &|removed| removed.method == added.method && removed.path == added.path,
        &|removed| removed.method == added.method && likeness(removed) >= ALIKE,
    ];
    let found = ways.iter().map(|is_it| removed.iter().copied().filter(|removed| is_it(removed)).collect::<Vec<_>>());
    match found.into_iter().find(|found| !found.is_empty())?.as_slice() {
        [one] => Some(one),
        _ => None,
    }
}
