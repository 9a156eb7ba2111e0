//! Fields that a call empties, and calls that change nothing.

use mcp_http::sanitize::one_line;
use serde_json::{Map, Value};

use super::{Arguments, Skipped, check::list};
use crate::{catalog::Tool, nearest::nearest, tool_error::ToolError};

#[cfg(test)]
mod tests;

/// So many wrong names are told.
const PROBLEMS: usize = 5;
/// How much of a wrong name is quoted, in characters.
const QUOTED: usize = 60;

impl Arguments {
    /// Empties the fields that the server argument `clear` names.
    ///
    /// # Errors
    /// When one of them cannot be emptied, or has a value in the same call.
    pub(crate) fn clear(&mut self, tool: &Tool, names: &[String]) -> Result<(), ToolError> {
        let mut wrong = Vec::new();
        let edits = tool.edits.as_ref();
        for name in names {
            if wrong.len() == PROBLEMS {
                wrong.push("and more".to_owned());
                break;
            }
            let own_key = || edits.filter(|edits| edits.empties_own_keys && is_own_key(tool, name)).map(|_| &Value::Null);
            match edits.and_then(|edits| edits.empty.get(name)).or_else(own_key) {
                Some(_) if self.values.contains_key(name) => wrong.push(format!("`{name}` has a value, and `clear` names it")),
                Some(empty) => {
                    self.values.insert(name.clone(), empty.clone());
                }
                None => {
                    let known = || edits.into_iter().flat_map(|edits| edits.empty.keys()).map(String::as_str);
                    let hint = match nearest(name, known()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("it can empty {}", list(known())),
                    };
                    wrong.push(format!("`clear` cannot empty `{}`, {hint}", one_line(name, QUOTED)));
                }
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(ToolError::arguments(wrong.join("; "))) }
    }

    /// Checks that an edit changes something.
    ///
    /// # Errors
    /// When no argument is left that would.
    pub(crate) fn require_change(&self, tool: &Tool, skipped: &Skipped) -> Result<(), ToolError> {
        let Some(edits) = tool.edits.as_ref().filter(|edits| edits.needs_some) else { return Ok(()) };
        let changes = |name: &str| edits.arguments.iter().any(|argument| argument == name) || is_own_key(tool, name);
        if self.values.keys().any(|name| changes(name)) {
            return Ok(());
        }
        let left_out: Vec<&str> = skipped.names().filter(|name| changes(name)).collect();
        let can_empty = |name: &str| edits.empty.contains_key(name) || (edits.empties_own_keys && is_own_key(tool, name));
        let emptied: Vec<&str> = left_out.iter().copied().filter(|name| can_empty(name)).collect();
        let clear = tool.is_server_argument("clear").then_some(&*emptied);
        Err(ToolError::no_change(&list(left_out.into_iter()), clear))
    }
}

/// Leaves out the empty lists and objects of an edit, for fields that `clear` empties: models that fill in every argument write them, too.
pub(crate) fn leave_out_empty(tool: &Tool, given: &mut Map<String, Value>, skipped: &mut Skipped) {
    let Some(edits) = &tool.edits else { return };
    given.retain(|name, value| {
        let is_empty = value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty);
        let clears = edits.empty.contains_key(name) || (edits.empties_own_keys && is_own_key(tool, name));
        if is_empty && clears {
            skipped.add_argument(name);
        }
        !(is_empty && clears)
    });
}

/// Whether this is one of the organization's own keys, which the schema does not name.
fn is_own_key(tool: &Tool, name: &str) -> bool {
    let properties = tool.input_schema.get("properties");
    let is_open = tool.input_schema.get("additionalProperties").is_some_and(|additional| additional != false);
    is_open && properties.is_none_or(|properties| properties.get(name).is_none())
}
