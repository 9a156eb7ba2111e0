//! What a tool shows of the document's descriptions, to find those that it does not show.

use serde_json::{Map, Value as Json};

use crate::ir::{Argument, ArgumentLocation, Body};
use crate::tree::tokens;

/// The schemas of a tool as assistants see them.
#[derive(Clone, Copy)]
pub(in crate::lower) struct Shown<'a> {
    pub(in crate::lower) arguments: &'a [Argument],
    pub(in crate::lower) body: Option<&'a Body>,
    pub(in crate::lower) output_schema: &'a Map<String, Json>,
}

impl Shown<'_> {
    /// Whether the tool shows a text whole at a place such as `/body/filters/[]/key`, or shows a text of the annotation instead,
    /// which the comparison of annotations reports.
    pub(super) fn has(&self, place: &str, text: &str) -> bool {
        let tokens = tokens(place).unwrap_or_default();
        let Some((first, inner)) = tokens.split_first() else { return false };
        if first == "response" {
            // a list is returned as the member `items`
            let (name, inner) = match inner {
                [name, ..] if name == "[]" => ("items", inner),
                [name, rest @ ..] => (name.as_str(), rest),
                [] => return false,
            };
            let field = self.output_schema.get("properties").and_then(|properties| properties.get(name));
            return field.is_some_and(|field| is_described(field, inner, text));
        }
        let argument = |sent_in: ArgumentLocation, name: &str| {
            self.arguments.iter().find(|argument| argument.location == sent_in && argument.wire == name)
        };
        let (argument, inner) = match (first.as_str(), inner) {
            ("body", [name, rest @ ..]) => match argument(ArgumentLocation::Body, name) {
                Some(argument) => (Some(argument), rest),
                None => (self.whole_body(), inner),
            },
            ("body", []) => (self.whole_body(), inner),
            (parameter, _) => {
                let (sent_in, name) = parameter.split_once(' ').unwrap_or_default();
                let sent_in = match sent_in {
                    "path" => ArgumentLocation::Path,
                    "header" => ArgumentLocation::Header,
                    _ => ArgumentLocation::Query,
                };
                (argument(sent_in, name), inner)
            }
        };
        argument.is_some_and(|argument| {
            // the record is JSON text
            let replaced = argument.replaced.get("description").and_then(|text| serde_json::from_str::<String>(text).ok());
            let is_replaced = inner.is_empty() && replaced.is_some_and(|replaced| replaced.starts_with(text));
            is_replaced || (!argument.hidden && is_described(&argument.schema, inner, text))
        })
    }

    /// The argument that is the body as a whole, if there is one.
    fn whole_body(&self) -> Option<&Argument> {
        let (Body::Whole { argument } | Body::Text { argument, .. } | Body::Bytes { argument, .. }) = self.body? else {
            return None;
        };
        self.arguments.iter().find(|one| one.location == ArgumentLocation::Body && one.wire == *argument)
    }
}

/// Whether a schema, or one of the alternatives on the way, has a text at an inner place.
fn is_described(schema: &Json, inner: &[String], text: &str) -> bool {
    let alternatives = schema.get("anyOf").and_then(Json::as_array).into_iter().flatten();
    if alternatives.into_iter().any(|one| is_described(one, inner, text)) {
        return true;
    }
    let Some((first, rest)) = inner.split_first() else {
        return schema.get("description").and_then(Json::as_str).is_some_and(|shown| shown.starts_with(text));
    };
    let next = match first.as_str() {
        "[]" => schema.get("items"),
        "*" => schema.get("additionalProperties"),
        name => schema.get("properties").and_then(|properties| properties.get(name)),
    };
    next.is_some_and(|next| is_described(next, rest, text))
}
