//! Responses sized for an assistant's context.
//!
//! Invariants:
//! - A response within the budget stays as it is, byte for byte.
//! - One beyond it keeps its shape and stays valid JSON: a list loses items off its end, anything else the tails of its largest
//!   lists and texts. What was left off is said in a note, with how to get it.
//! - The cursor of a shortened list continues exactly where it ends, so following the cursors loses and repeats nothing, whatever the budget.
//! - The same holds for the pieces of a part: one after the other they are the whole of it.

use serde_json::json;

use crate::{
    catalog::{ResponseKind, Tool},
    json_text,
    tool_error::ToolError,
    tool_output::ToolOutput,
};

mod cursor;
mod list;
mod part;
mod select;
mod trim;

pub(crate) use cursor::whole_number;
pub use cursor::{BadCursor, Start};
pub(crate) use list::{ListNames, Listed, Page, join};
pub(crate) use select::{nothing_selected, select};

#[cfg(test)]
mod tests;

/// How far beyond its budget a response may come, where a cursor and the names of members are long.
const BEYOND: usize = 8 << 10;
/// What is kept for the cursor when items are counted.
const CURSOR_ROOM: usize = 64;
/// Where the cursor stands in a response of ours.
const NEXT_CURSOR: &str = "nextCursor";

/// Where the bytes of a file stand that is no text.
const BYTES: &str = "base64";

/// A response that fits.
#[derive(Debug, PartialEq)]
pub struct Truncated {
    /// The response, shortened if it had to be.
    pub output: ToolOutput,
    /// What was left off, and how to get it.
    pub note: Option<String>,
}

impl Truncated {
    /// The same, or its beginning as a text where something that is never cut, such as a name, is larger than all of it may be.
    fn within(self, budget: usize) -> Self {
        if self.output.text.len() <= budget.saturating_add(BEYOND) {
            return self;
        }
        let beginning: String = self.output.text.chars().take(budget / 2).collect();
        let note =
            format!("The response has a part that cannot be shortened, so it is shown as a text of {} characters.", budget / 2);
        Self { output: ToolOutput::of(&json!({ "value": beginning })), note: Some(note) }
    }

    /// Says something more about the response.
    pub fn add(&mut self, note: Option<String>) {
        let notes: Vec<_> = [self.note.take(), note].into_iter().flatten().collect();
        self.note = (!notes.is_empty()).then(|| notes.join(" "));
    }
}

/// Fits a response, or the wanted part of it, into `budget` characters. `start` is where the call began in its list or part.
///
/// # Errors
/// When the response has no such part.
pub fn fit(output: ToolOutput, tool: &Tool, start: &Start, part: Option<&str>, budget: usize) -> Result<Truncated, ToolError> {
    if let Some(path) = part {
        return Ok(part::part(&output, path, start, budget)?.within(budget));
    }
    if start.skip == 0 && output.text.len() <= budget {
        return Ok(Truncated { output, note: None });
    }
    if tool.response.kind == ResponseKind::Redirect
        && let Some(truncated) = without_bytes(&output, &tool.name)
    {
        return Ok(truncated);
    }
    let pages = vec![Page { start: start.clone(), output }];
    let joined = ListNames::of(tool).and_then(|names| join(&pages, names, usize::MAX, budget));
    let output = pages.into_iter().next().map(|page| page.output).unwrap_or_default();
    Ok(joined.unwrap_or_else(|| part::whole(output, start, tool.is_server_argument("part"), budget).within(budget)))
}

/// A file without its bytes: part of one that is no text is of no use.
fn without_bytes(output: &ToolOutput, tool: &str) -> Option<Truncated> {
    let mut members = json_text::members(&output.text)?;
    members.shift_remove(BYTES)?;
    let text = json_text::object(members.iter());
    let note = format!(
        "The file is no text and too large to be shown, so `{BYTES}` is left out. A user gets it where the product itself shows it, or \
         with the command `call {tool}` of this server."
    );
    Some(Truncated { output: ToolOutput::new(text), note: Some(note) })
}
