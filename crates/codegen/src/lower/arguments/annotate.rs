//! Applies the annotation's entries for arguments to the arguments that were read from the document.

use serde_json::{Value as Json, json};

use super::{Arguments, FIELDS, described_first};
use crate::annotation::{Annotation, ArgumentAnnotation};
use crate::diagnostics::{Diagnostics, Location};
use crate::ir::{Argument, ArgumentLocation};
use crate::lower::schema::allows;
use crate::names;
use crate::statements::{NOTHING, shown};

pub(super) fn annotate(arguments: &mut Arguments, annotation: &Annotation, location: &Location, diagnostics: &mut Diagnostics) {
    for (key, note) in &annotation.arguments {
        let (sent_in, wire) = split_key(key);
        let found = arguments
            .list
            .iter_mut()
            .find(|argument| argument.wire == wire && sent_in.is_none_or(|sent_in| sent_in == argument.location));
        let Some(argument) = found else {
            let nearest = names::nearest(wire, arguments.list.iter().map(|argument| argument.wire.as_str())).map(str::to_owned);
            diagnostics
                .warning("E0211", note.location.clone(), format!("the operation has no argument `{key}`"))
                .hint(nearest.map_or_else(|| "remove the entry".to_owned(), |nearest| format!("did you mean `{nearest}`?")));
            continue;
        };
        apply_note(argument, note, diagnostics);
        if let Some(default) = &note.default {
            arguments.defaults.insert(argument.name.clone(), default.clone());
        }
        if let Some(narrows) = &note.narrows {
            arguments.narrowing_defaults.insert(argument.name.clone(), narrows.clone());
        }
    }
    for (name, default) in [(FIELDS, annotation.fields.as_ref().map(|fields| json!(fields))), ("size", annotation.size.clone())] {
        let Some(default) = default else { continue };
        match arguments.list.iter_mut().find(|argument| argument.name == name) {
            Some(argument) => {
                check_default(argument, &default, annotation.response_location(location), diagnostics);
                note_replaced(argument, "default");
                set(&mut argument.schema, "default", default.clone());
                arguments.defaults.insert(name.to_owned(), default);
            }
            // the API has no such argument: the server itself selects members of the items
            None if name == FIELDS && annotation.items.is_some() => {}
            None => {
                diagnostics
                    .warning(
                        "E0214",
                        annotation.response_location(location),
                        format!("`response.{name}` is set, but the operation has no `{name}` argument"),
                    )
                    .hint("remove it, or add the parameter in the overlay");
            }
        }
    }
    if !annotation.fields_by_name.is_empty() && (annotation.takes_keys.is_none() || !arguments.defaults.contains_key(FIELDS)) {
        diagnostics
            .warning(
                "E0214",
                annotation.response_location(location),
                "`response.fields_by_name` is set, but `takes_keys` or a default of the argument `fields` is not",
            )
            .hint("set `takes_keys`, whose fields the names are looked up in, and `response.fields`, to which they are added");
    }
}

/// The name that the annotation gives to an argument.
pub(super) fn renamed<'a>(annotation: &'a Annotation, argument: &Argument) -> Option<&'a str> {
    let is_meant = |key: &str| {
        let (sent_in, wire) = split_key(key);
        argument.wire == wire && sent_in.is_none_or(|sent_in| sent_in == argument.location)
    };
    annotation.arguments.iter().filter(|(key, _)| is_meant(key)).find_map(|(_, note)| note.rename.as_deref())
}

/// Notes what the document states where the annotation replaces it.
fn note_replaced(argument: &mut Argument, keyword: &str) {
    let stated = argument.schema.get(keyword).map_or_else(|| NOTHING.to_owned(), |value| shown(&value.to_string()));
    argument.replaced.entry(keyword.to_owned()).or_insert(stated);
}

fn apply_note(argument: &mut Argument, note: &ArgumentAnnotation, diagnostics: &mut Diagnostics) {
    if let Some(name) = &note.rename {
        argument.name.clone_from(name);
    }
    argument.hidden = note.hide;
    if note.hide && argument.required && note.default.is_none() {
        diagnostics
            .error(
                "E0212",
                note.location.clone(),
                format!("`{}` is required, so it cannot be hidden without a `default`", argument.wire),
            )
            .hint("add `default`, which is then always sent");
    }
    for (keyword, is_replaced) in [("description", note.describe.is_some()), ("default", note.default.is_some())] {
        if is_replaced {
            note_replaced(argument, keyword);
        }
    }
    if let Some(text) = &note.describe {
        set(&mut argument.schema, "description", text.as_str().into());
    }
    if let Some(default) = &note.default {
        check_default(argument, default, note.location.clone(), diagnostics);
        set(&mut argument.schema, "default", default.clone());
    }
    if let Some(example) = &note.example {
        set(&mut argument.schema, "examples", json!([example]));
    }
    if let Json::Object(schema) = &mut argument.schema {
        argument.schema = described_first(std::mem::take(schema));
    }
}

/// Reports a default that the argument does not allow: it would be sent, and the API would reject it.
fn check_default(argument: &Argument, default: &Json, location: Location, diagnostics: &mut Diagnostics) {
    if !fits(&argument.schema, default) {
        let bounds = ["enum", "type", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "items"];
        let stated = bounds.iter().filter_map(|keyword| Some(format!("`{keyword}`: {}", argument.schema.get(keyword)?)));
        diagnostics
            .error("E0213", location, format!("the default of `{}` does not fit its schema: {default}", argument.wire))
            .hint(format!("it allows {}", stated.collect::<Vec<_>>().join(", ")));
    }
}

fn set(schema: &mut Json, keyword: &str, value: Json) {
    if let Json::Object(schema) = schema {
        schema.insert(keyword.to_owned(), value);
    }
}

/// Whether a schema allows a value, by its types, values and bounds.
fn fits(schema: &Json, value: &Json) -> bool {
    let Some(schema) = schema.as_object().filter(|schema| schema.contains_key("type")) else { return true };
    if schema.get("enum").and_then(Json::as_array).is_some_and(|values| !values.contains(value)) {
        return false;
    }
    let bound = |keyword: &str| schema.get(keyword).and_then(Json::as_f64);
    let is_within = |size: f64, least: &str, most: &str| {
        bound(least).is_none_or(|least| size >= least) && bound(most).is_none_or(|most| size <= most)
    };
    // a precise count is of no matter here
    let count = |length: usize| u32::try_from(length).map_or(f64::MAX, f64::from);
    match value {
        Json::Null => allows(schema, "null"),
        Json::Bool(_) => allows(schema, "boolean"),
        Json::Number(number) => {
            (allows(schema, "number") || (allows(schema, "integer") && !number.is_f64()))
                && number.as_f64().is_none_or(|number| is_within(number, "minimum", "maximum"))
        }
        Json::String(text) => allows(schema, "string") && is_within(count(text.chars().count()), "minLength", "maxLength"),
        Json::Array(items) => {
            allows(schema, "array")
                && is_within(count(items.len()), "minItems", "maxItems")
                && schema.get("items").is_none_or(|schema| items.iter().all(|item| fits(schema, item)))
        }
        Json::Object(_) => allows(schema, "object"),
    }
}

fn split_key(key: &str) -> (Option<ArgumentLocation>, &str) {
    let sent_in = |prefix: &str| match prefix {
        "path" => Some(ArgumentLocation::Path),
        "query" => Some(ArgumentLocation::Query),
        "header" => Some(ArgumentLocation::Header),
        "body" => Some(ArgumentLocation::Body),
        _ => None,
    };
    key.split_once(':').and_then(|(prefix, wire)| sent_in(prefix).map(|sent_in| (Some(sent_in), wire))).unwrap_or((None, key))
}

pub(super) fn check_names(list: &[Argument], location: &Location, diagnostics: &mut Diagnostics) {
    for (index, argument) in list.iter().enumerate() {
        if list.iter().take(index).any(|earlier| earlier.name == argument.name) {
            diagnostics
                .error("E0303", location.clone(), format!("two arguments are called `{}`", argument.name))
                .hint(format!("rename one in the overlay, as in `arguments: {{\"body:{}\": {{rename: …}}}}`", argument.wire));
        }
        if !argument.hidden && !names::is_argument_name(&argument.name) {
            diagnostics
                .error("E0503", location.clone(), format!("assistants do not accept the argument name `{}`", argument.name))
                .hint("rename it in the overlay: 1 to 64 letters, digits, `_`, `.` or `-`");
        }
    }
}
