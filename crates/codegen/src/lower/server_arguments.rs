//! The arguments of a tool that are for this server rather than for the API: the input schema contains them beside the API's
//! own arguments, and the server takes them out of a call before it is validated and sent.

use openapi_mcp_model::{Edits, Effect, ResponseDescription, ResponseKind, ServerArgument};
use serde_json::{Map, Value as Json, json};

use crate::diagnostics::{Diagnostics, Location};
use crate::ir::Argument;

/// The most items that one call may collect.
const MAX_ITEMS: u32 = 10_000;

/// The server arguments of a tool, each with its schema.
pub(super) fn of(
    (effect, confirm, repeatable): (Effect, bool, bool),
    edits: Option<&Edits>,
    response: &ResponseDescription,
    arguments: &[Argument],
    location: &Location,
    diagnostics: &mut Diagnostics,
) -> Vec<(ServerArgument, Json)> {
    let has_cursor = arguments.iter().any(|argument| argument.name == ServerArgument::Cursor.as_str());
    let mut server_arguments = Vec::new();
    let mut add = |server_argument: ServerArgument, schema: Json| {
        let name = server_argument.as_str();
        let clash = arguments.iter().find(|argument| argument.name == name);
        if let Some(argument) = clash {
            diagnostics
                .error("E0313", location.clone(), format!("`{name}` is an argument that this server takes for itself"))
                .hint(format!("rename the API's in the overlay, as in `arguments: {{\"{}\": {{rename: …}}}}`", argument.wire));
        } else {
            server_arguments.push((server_argument, schema));
        }
    };
    match (effect, response.kind, &response.items) {
        (Effect::Read, ResponseKind::Json, Some(_)) => {
            if let Some(usual) = &response.fields {
                let text = "Fields of each item; [] gives all.";
                let items = json!({"type": "string"});
                add(ServerArgument::Fields, json!({"description": text, "type": "array", "items": items, "default": usual}));
            }
            if !has_cursor {
                add(ServerArgument::Cursor, cursor());
            } else if response.cursor.is_some() {
                let text = "Gather so many over several pages.";
                add(
                    ServerArgument::MaxItems,
                    json!({"description": text, "type": "integer", "minimum": 1, "maximum": MAX_ITEMS}),
                );
            }
        }
        (Effect::Read, ResponseKind::Json, None) | (Effect::Read, ResponseKind::Content | ResponseKind::Redirect, _) => {
            add(ServerArgument::Part, json!({"description": "JSON pointer: only this part.", "type": "string"}));
            if !has_cursor {
                add(ServerArgument::Cursor, cursor());
            }
        }
        (Effect::Write | Effect::Destroy, _, _) => {
            if let Some(edits) = edits.filter(|edits| edits.empties_own_keys || !edits.empty.is_empty()) {
                let mut items = Map::from_iter([("type".to_owned(), Json::from("string"))]);
                if !edits.empties_own_keys {
                    items.insert("enum".to_owned(), edits.empty.keys().cloned().collect());
                }
                add(ServerArgument::Clear, json!({"description": "Fields to empty.", "type": "array", "items": items}));
            }
            add(ServerArgument::DryRun, json!({"description": "Show the request instead of sending it.", "type": "boolean"}));
            if confirm {
                add(
                    ServerArgument::Confirmation,
                    json!({"description": "From the response that asked to confirm.", "type": "string"}),
                );
            }
            // where the API takes such a key itself, that one is used
            let has_own = arguments.iter().any(|argument| argument.name == ServerArgument::IdempotencyKey.as_str());
            if effect == Effect::Write && !repeatable && !has_own {
                let text = "For retries: the same key and arguments act once in 24 h.";
                add(ServerArgument::IdempotencyKey, json!({"description": text, "type": "string"}));
            }
        }
    }
    server_arguments
}

fn cursor() -> Json {
    json!({"description": "nextCursor of the response before.", "type": "string"})
}
