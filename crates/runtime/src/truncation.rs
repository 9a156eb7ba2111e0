//! Responses sized for an assistant's context.
//!
//! Invariants:
//! - A response within the budget is passed on unchanged, byte for byte.
//! - A longer one keeps its structure and stays valid JSON: a list loses items at its end, any other response the ends of its
//!   largest lists and strings. A note tells what was left off and how to get it.
//! - The cursor of a shortened list continues exactly after its last item, so following the cursors neither loses nor repeats an
//!   item, whatever the budget.
//! - The same holds for the pieces of a part: joined in order, they are the whole part.

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
pub use cursor::{InvalidCursor, Start};
pub use list::TOTALS;
pub(crate) use list::{ListNames, Listed, Page, grouped, join};
pub(crate) use select::{nothing_selected, select, without};

#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;

/// How many characters a response may exceed its budget by, because of a long cursor or long member names.
const BEYOND: usize = 8 << 10;
/// The characters reserved for the cursor when deciding how many items fit.
const CURSOR_ROOM: usize = 64;
/// The member that contains this server's cursor in a response.
const NEXT_CURSOR: &str = "nextCursor";

/// The member that contains the bytes of a binary file.
const BYTES: &str = "base64";

/// A response that fits its budget.
#[derive(Debug, PartialEq)]
pub struct Truncated {
    /// The response, shortened if necessary.
    pub output: ToolOutput,
    /// What was left off, and how to get it.
    pub note: Option<String>,
}

impl Truncated {
    /// Returns the response unchanged, or, if a part that is never cut (such as a name) makes it too long, its beginning as a
    /// text.
    fn within(self, budget: usize) -> Self {
        if self.output.text.len() <= budget.saturating_add(BEYOND) {
            return self;
        }
        let beginning: String = self.output.text.chars().take(budget / 2).collect();
        let note =
            format!("The response has a part that cannot be shortened, so it is shown as a text of {} characters.", budget / 2);
        Self { output: ToolOutput::of(&json!({ "value": beginning })), note: Some(note) }
    }

    /// Appends to the note.
    pub fn add(&mut self, note: Option<String>) {
        let notes: Vec<_> = [self.note.take(), note].into_iter().flatten().collect();
        self.note = (!notes.is_empty()).then(|| notes.join(" "));
    }
}

/// Truncates a response, or the requested part of it, to `budget` characters. `start` is the position at which the call began in
/// its list or part.
///
/// # Errors
/// When the response does not contain the part.
pub fn fit(output: ToolOutput, tool: &Tool, start: &Start, part: Option<&str>, budget: usize) -> Result<Truncated, ToolError> {
    if let Some(path) = part {
        return Ok(part::part(&output, path, start, budget)?.within(budget));
    }
    if start.skip == 0 && output.text.len() <= budget {
        return Ok(Truncated { output, note: None });
    }
    if tool.response.kind != ResponseKind::Json
        && let Some(truncated) = without_bytes(&output, &tool.name)
    {
        return Ok(truncated);
    }
    let pages = vec![Page { start: start.clone(), output }];
    let joined = ListNames::of(tool).and_then(|names| join(&pages, names, usize::MAX, budget));
    let output = pages.into_iter().next().map(|page| page.output).unwrap_or_default();
    Ok(joined.unwrap_or_else(|| part::whole(output, start, tool.is_server_argument("part"), budget).within(budget)))
}

/// A file without its bytes: a part of a binary file is useless.
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
