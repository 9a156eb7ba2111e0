//! The arguments of a tool that are for this server rather than for the API: they stand in the input schema beside the
//! API's own, and are taken out of a call before it is checked and sent.

use serde_json::{Map, Value as Json, json};

use super::arguments::FIELDS;
use crate::diagnostics::{Diagnostics, Place};
use crate::ir::{Answer, AnswerKind, Argument, EffectKind};

/// Most items that one call gathers.
const MAX_ITEMS: u32 = 10_000;

/// The controls of a tool, each with its schema.
pub(super) fn of(
    effect: EffectKind,
    confirm: bool,
    answer: &Answer,
    arguments: &[Argument],
    place: &Place,
    diagnostics: &mut Diagnostics,
) -> Map<String, Json> {
    let has_cursor = arguments.iter().any(|argument| argument.name == "cursor");
    let mut controls = Map::new();
    let mut add = |name: &str, schema: Json| {
        let clash = arguments.iter().find(|argument| argument.name == name);
        if let Some(argument) = clash {
            diagnostics
                .error("E0313", place.clone(), format!("`{name}` is an argument that this server takes for itself"))
                .hint(format!("rename the API's in the overlay, as in `arguments: {{\"{}\": {{rename: …}}}}`", argument.wire));
        } else {
            controls.insert(name.to_owned(), schema);
        }
    };
    match (effect, answer.kind, &answer.items) {
        (EffectKind::Read, AnswerKind::Json, Some(_)) => {
            if let Some(usual) = &answer.fields {
                let text = "Fields of each item; [] gives all.";
                let items = json!({"type": "string"});
                add(FIELDS, json!({"description": text, "type": "array", "items": items, "default": usual}));
            }
            if !has_cursor {
                add("cursor", cursor());
            } else if answer.cursor.is_some() {
                let text = "Gather so many over several pages.";
                add("max_items", json!({"description": text, "type": "integer", "minimum": 1, "maximum": MAX_ITEMS}));
            }
        }
        (EffectKind::Read, AnswerKind::Json, None) | (EffectKind::Read, AnswerKind::Redirect, _) => {
            add("part", json!({"description": "JSON pointer: only this part.", "type": "string"}));
            if !has_cursor {
                add("cursor", cursor());
            }
        }
        (EffectKind::Write | EffectKind::Destroy, _, _) => {
            add("dry_run", json!({"description": "Show the request instead of sending it.", "type": "boolean"}));
            if confirm {
                add("confirmation", json!({"description": "From the answer that asked to confirm.", "type": "string"}));
            }
        }
    }
    controls
}

fn cursor() -> Json {
    json!({"description": "nextCursor of the answer before.", "type": "string"})
}
