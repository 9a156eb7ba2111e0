//! Blocks for operations that came, put into the overlay's text where their neighbours stand.

use super::{Added, refused};
use crate::Source;
use crate::diagnostics::Diagnostics;
use crate::ir::{Decision, Operation};
use crate::load;
use crate::overlay::{annotated_operation, target_of};
use crate::texts;
use crate::tree::{File, Node};

/// How alike two paths have to be to belong to the same operation, of 1.
const ALIKE: f64 = 0.75;

/// The overlay's text with a block for each operation. No line that was there is touched.
pub(super) fn insert(overlay: Source<'_>, added: &[Added]) -> Result<String, Diagnostics> {
    if added.is_empty() {
        return Ok(overlay.text.to_owned());
    }
    let mut diagnostics = Diagnostics::new("", overlay.name, "");
    let Some(tree) = load::load(overlay.text, File::Overlay, &mut diagnostics) else { return Err(diagnostics) };
    let blocks = blocks(overlay.text, &tree);
    let Some(last) = blocks.last() else {
        let hint = "write the first action by hand, as docs/overlay.md shows, and run it again";
        return Err(refused(overlay, "there is no action to put new ones after", hint));
    };
    let lines: Vec<&str> = overlay.text.split_inclusive('\n').collect();
    if !lines.get(last.first).is_some_and(|line| line.trim_start().starts_with("- ")) {
        let hint = "write `actions` as a YAML list with an action a block; comments and new blocks need that";
        return Err(refused(overlay, "new actions can only be put into a list of blocks", hint));
    }
    let placed: Vec<(&Block, &Added)> = added.iter().map(|one| (neighbour(&blocks, one).unwrap_or(last), one)).collect();
    let end = if overlay.text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut text = String::with_capacity(overlay.text.len() + added.len() * 200);
    for (index, line) in lines.iter().enumerate() {
        text += line;
        for (block, one) in placed.iter().filter(|(block, _)| block.last == index) {
            if !text.ends_with('\n') {
                text.push('\n');
            }
            let indent = lines.get(block.first).map_or("", |line| line.split('-').next().unwrap_or_default());
            text += &skeleton(one, indent, end);
        }
    }
    Ok(text)
}

/// An action's lines, counted from 0, and the path it annotates.
struct Block {
    first: usize,
    last: usize,
    path: Option<String>,
}

fn blocks(text: &str, overlay: &Node) -> Vec<Block> {
    let actions = overlay.get("actions").and_then(Node::items).unwrap_or_default();
    let first = |action: &Node| (action.at.line as usize).saturating_sub(1);
    let lines: Vec<&str> = text.lines().collect();
    let mut blocks = Vec::with_capacity(actions.len());
    for (index, action) in actions.iter().enumerate() {
        let end = actions.get(index + 1).map_or(lines.len(), first);
        let is_content = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
        let length = lines.get(first(action)..end).and_then(|own| own.iter().rposition(is_content)).unwrap_or_default();
        let path = annotated_operation(action).map(|(path, _)| path);
        blocks.push(Block { first: first(action), last: first(action) + length, path });
    }
    blocks
}

/// The block after which a new one stands best: the last of those whose paths begin most like its own; `None` where none does.
fn neighbour<'a>(blocks: &'a [Block], added: &Added) -> Option<&'a Block> {
    let common = |path: &str| path.split('/').zip(added.path.split('/')).take_while(|(one, other)| one == other).count();
    let score = |block: &Block| block.path.as_deref().map_or(0, common);
    // a path begins with an empty segment, which all have in common
    let best = blocks.iter().map(score).max().filter(|best| *best > 1)?;
    blocks.iter().rev().find(|block| score(block) == best)
}

fn skeleton(added: &Added, indent: &str, end: &str) -> String {
    let Added { id, method, path, formerly } = added;
    let target = scalar(&target_of(path, method));
    let mut lines = vec![
        String::new(),
        format!("- target: {target}"),
        format!("  x-operation-id: {}", scalar(id)),
        "  update:".to_owned(),
        "    x-mcp:".to_owned(),
        format!(
            "      exclude: {}",
            quoted(&format!("TODO: name the tool that {method} {path} becomes, or say why it has none"))
        ),
    ];
    if let Some(tool) = formerly {
        lines.push(format!("      # this may be what {tool} called before; if it is, name the tool instead, with:"));
        lines.push(format!("      # formerly: [{tool}]"));
    }
    lines.into_iter().map(|line| if line.is_empty() { end.to_owned() } else { format!("{indent}{line}{end}") }).collect()
}

/// A YAML scalar: plain where that is safe, else quoted.
fn scalar(text: &str) -> String {
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "$._-/{}'[]".contains(sign);
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$');
    if starts_well && text.chars().all(is_plain) { text.to_owned() } else { quoted(text) }
}

/// A JSON string, which is a YAML string, too. What cannot be seen is escaped: some of it ends a line in YAML.
fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    let is_seen = |sign: char| sign == ' ' || texts::line(sign.encode_utf8(&mut [0; 4])).chars().eq([sign]);
    json.chars().map(|sign| if is_seen(sign) { sign.to_string() } else { format!("\\u{:04x}", u32::from(sign)) }).collect()
}

/// The tool of the operation that left the document as this one came, where only one comes near enough.
pub(super) fn formerly(added: &Operation, gone: &[&Operation]) -> Option<String> {
    let shape = |path: &str| {
        path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment }).collect::<Vec<_>>().join("/")
    };
    let is_near = |gone: &Operation| {
        let likeness = strsim::normalized_levenshtein(&shape(&gone.path), &shape(&added.path));
        gone.id == added.id || (gone.method == added.method && likeness >= ALIKE)
    };
    let near: Vec<&&Operation> = gone.iter().filter(|operation| is_near(operation)).collect();
    let same: Vec<&&Operation> = near.iter().copied().filter(|operation| operation.id == added.id).collect();
    match (same.as_slice(), near.as_slice()) {
        ([one], _) | ([], [one]) => match &one.decision {
            Decision::Gone(tool) => tool.clone(),
            _ => None,
        },
        _ => None,
    }
}
