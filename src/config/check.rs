//! Validates the tree against the schema, and describes the problems.

use jsonschema::{
    JsonType, ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use mcp_http::scope::ScopeDefinitions;
use openapi_mcp::nearest::nearest;
use serde_json::Value;

use super::{
    keys::{self, Variable},
    tree::{Tree, inside, key},
};

/// How many problems are reported.
const PROBLEMS: usize = 50;
/// How much of a wrong value is quoted, in characters.
const QUOTED: usize = 60;

/// Validates the tree, and removes invalid values from it. Returns the problems in the order of the file.
pub(super) fn check(tree: &mut Tree, scopes: &ScopeDefinitions) -> Result<Vec<String>, ValidationError<'static>> {
    let validator = jsonschema::draft202012::new(&keys::schema(scopes))?;
    let errors = validator.iter_errors(&tree.root).take(PROBLEMS);
    let mut faults: Vec<_> = errors.flat_map(|error| faults(tree, &error)).collect();
    faults.sort_by_cached_key(|(place, problem)| (tree.line(place).unwrap_or(usize::MAX), problem.clone()));
    faults.dedup();
    for (place, _) in &faults {
        tree.fault(place);
    }
    Ok(faults.into_iter().map(|(_, problem)| problem).collect())
}

/// The places that an error concerns, each with a description of the problem.
fn faults(tree: &Tree, error: &ValidationError<'_>) -> Vec<(String, String)> {
    let place = error.instance_path().as_str();
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            let unexpected = unexpected.iter().take(PROBLEMS);
            unexpected.map(|name| (inside(place, name), unknown(tree, place, name))).collect()
        }
        kind => vec![(place.to_owned(), format!("{} {}", tree.name(place), wrong(kind, place, error.instance())))],
    }
}

/// Describes the problem of a value.
fn wrong(kind: &Kind, place: &str, value: &Value) -> String {
    match kind {
        Kind::Required { property } => format!("has no `{}`", property.as_str().unwrap_or_default()),
        Kind::Type { kind: TypeKind::Single(wanted) } => format!("must be {}, not {}", kind_of(*wanted), quote(value)),
        Kind::Enum { options } => choice(value, options),
        Kind::Minimum { limit } => format!("must be at least {limit}, not {}", quote(value)),
        Kind::Maximum { limit } => format!("must be at most {limit}, not {}", quote(value)),
        Kind::MinLength { .. } | Kind::MinItems { .. } => "must not be empty".to_owned(),
        Kind::MaxLength { limit } => format!("must have at most {limit} characters"),
        Kind::Pattern { .. } => format!("must look like {}, not {}", example(place), quote(value)),
        Kind::PropertyNames { error } => {
            let name = quote(error.instance());
            format!("has the name {name}; a name is made of small letters, digits and `_`, and begins with a letter")
        }
        kind => format!("does not fit `{}`", kind.keyword()),
    }
}

/// Describes an unknown key.
fn unknown(tree: &Tree, place: &str, name: &str) -> String {
    let shown = tree.name(&inside(place, name));
    let known = keys::schema_at(place).and_then(|schema| schema.get("properties")?.as_object());
    let names = || known.iter().flat_map(|known| known.keys()).map(String::as_str);
    let variable = keys::variable(&inside(place, name));
    if matches!(keys::find(&variable), Some(Variable::Secret(_))) {
        let file = key(&inside(place, &format!("{name}_file")));
        return format!("{shown} is a secret, which this file must not contain; set `{variable}`, or name its file in `{file}`");
    }
    match nearest(name, names()) {
        Some(near) => format!("{shown} is not a key; did you mean `{}`?", key(&inside(place, near))),
        None => format!("{shown} is not a key; there are {}", listed(names())),
    }
}

/// The description of a type.
fn kind_of(wanted: JsonType) -> &'static str {
    match wanted {
        JsonType::Array => "a list",
        JsonType::Object => "a section with keys",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::Boolean => "`true` or `false`",
        JsonType::String => "a text",
        JsonType::Null => "left out",
    }
}

fn choice(value: &Value, options: &Value) -> String {
    let words = || options.as_array().into_iter().flatten().filter_map(Value::as_str);
    let hint = value.as_str().and_then(|typed| nearest(typed, words()));
    let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("must be one of {}, not {}{hint}", listed(words()), quote(value))
}

/// An example of a value: the default, or the first example of the schema.
fn example(place: &str) -> String {
    let example = keys::schema_at(place).and_then(|schema| schema.get("default").or_else(|| schema.pointer("/examples/0")));
    format!("`{}`", example.and_then(Value::as_str).unwrap_or("what the schema says"))
}

pub(super) fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// A value as it was typed, shortened, and without control characters.
fn quote(value: &Value) -> String {
    let text = match value {
        Value::Array(_) => return kind_of(JsonType::Array).to_owned(),
        Value::Object(_) => return kind_of(JsonType::Object).to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let short: String = text.chars().take(QUOTED).flat_map(char::escape_debug).collect();
    let more = if text.chars().count() > QUOTED { "…" } else { "" };
    format!("`{short}{more}`")
}
