//! Validates arguments against a tool's schema, and describes the problems.
//!
//! Assistants correct themselves when a message names the argument, what is wrong and what would be right; so all problems are
//! reported at once, in that form.

use jsonschema::{
    JsonType, ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind as Kind},
    paths::{Location, LocationSegment},
};
use rmcp::model::JsonObject;
use serde_json::{Map, Value};

use crate::{nearest::nearest, tool_error::ToolError};

/// How many problems are reported at once.
const PROBLEMS: usize = 5;
/// How many problems are examined.
const COUNTED: usize = 20;
/// How many items of each list are examined, unless these have no problem.
const LOOKED_AT: usize = 100;
/// How many allowed values or names a message lists.
const CHOICES: usize = 24;
/// How much of a wrong value is quoted, in characters.
const QUOTED: usize = 60;

/// Validates arguments.
pub(crate) fn check(
    schema: &JsonObject,
    validator: &Validator,
    given: Map<String, Value>,
) -> Result<Map<String, Value>, ToolError> {
    let given = Value::Object(given);
    if !validator.is_valid(&given) {
        // The validator collects all errors of a value before it yields the first, so it gets a value with short lists.
        let shortened = shortened(&given);
        let summary = match (validator.is_valid(&shortened), validator.validate(&given)) {
            (true, Err(first)) => summary(schema, std::iter::once(first)),
            _ => summary(schema, validator.iter_errors(&shortened)),
        };
        return Err(ToolError::arguments(summary));
    }
    match given {
        Value::Object(given) => Ok(given),
        _ => Ok(Map::new()),
    }
}

/// The value with at most [`LOOKED_AT`] items in each list.
fn shortened(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().take(LOOKED_AT).map(shortened).collect(),
        Value::Object(members) => Value::Object(members.iter().map(|(name, member)| (name.clone(), shortened(member))).collect()),
        plain => plain.clone(),
    }
}

/// Describes the first problems, and counts the others. The text stays short, whatever was sent.
fn summary<'a>(schema: &JsonObject, errors: impl Iterator<Item = ValidationError<'a>>) -> String {
    let (mut told, mut n_more) = (Vec::new(), 0);
    for error in errors.take(COUNTED) {
        let room = PROBLEMS - told.len();
        if let Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } = error.kind() {
            let (place, known) = (place(error.instance_path()), properties(schema, error.instance_path()));
            told.extend(unexpected.iter().take(room).map(|name| unknown(&place, name, &known)));
            n_more += unexpected.len().saturating_sub(room);
        } else if room > 0 {
            told.push(problem(&error));
        } else {
            n_more += 1;
        }
    }
    if n_more > 0 {
        told.push(format!("and {n_more} more"));
    }
    told.join("; ")
}

/// Describes one problem.
fn problem(error: &ValidationError<'_>) -> String {
    let place = place(error.instance_path());
    match error.kind() {
        Kind::Required { property } => format!("`{}` is missing", inside(&place, property.as_str().unwrap_or_default())),
        Kind::Type { kind } => format!("`{place}` must be {}, not {}", types(kind), quote(error.instance())),
        Kind::Enum { options } => choice(&place, error.instance(), options),
        Kind::Constant { expected_value } => format!("`{place}` must be {}", quote(expected_value)),
        Kind::Minimum { limit } => format!("`{place}` must be at least {limit}, not {}", quote(error.instance())),
        Kind::Maximum { limit } => format!("`{place}` must be at most {limit}, not {}", quote(error.instance())),
        Kind::ExclusiveMinimum { limit } => format!("`{place}` must be more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("`{place}` must be less than {limit}"),
        Kind::MinLength { limit: 1 } | Kind::MinItems { limit: 1 } => format!("`{place}` must not be empty"),
        Kind::MinLength { limit } => format!("`{place}` must have at least {limit} characters"),
        Kind::MaxLength { limit } => format!("`{place}` must have at most {limit} characters"),
        Kind::MinItems { limit } => format!("`{place}` must have at least {limit} items"),
        Kind::MaxItems { limit } => format!("`{place}` must have at most {limit} items"),
        Kind::UniqueItems => format!("`{place}` must not have the same item twice"),
        Kind::Pattern { pattern } => format!("`{place}` must match `{pattern}`, not {}", quote(error.instance())),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => {
            format!("`{place}` has none of the forms that the tool's description allows: {}", quote(error.instance()))
        }
        kind => format!("`{place}` does not fit `{}`: {}", kind.keyword(), quote(error.instance())),
    }
}

/// The place of a value, as users write it: `filters[0].value`.
fn place(path: &Location) -> String {
    let mut place = String::new();
    for segment in path.segments() {
        place = match segment {
            LocationSegment::Property(name) => inside(&place, &name),
            LocationSegment::Index(index) => format!("{place}[{index}]"),
        };
    }
    if place.is_empty() { "arguments".to_owned() } else { place }
}

fn inside(place: &str, name: &str) -> String {
    if place.is_empty() || place == "arguments" { name.to_owned() } else { format!("{place}.{name}") }
}

/// The properties that the schema allows at this place.
fn properties<'a>(schema: &'a JsonObject, path: &Location) -> Vec<&'a str> {
    let mut names = schema.get("properties");
    for segment in path.segments() {
        let Some(Value::Object(properties)) = names else {
            return Vec::new();
        };
        names = match segment {
            LocationSegment::Property(name) => properties.get(name.as_ref()).map(|schema| schema.get("items").unwrap_or(schema)),
            LocationSegment::Index(_) => continue,
        }
        .and_then(|schema| schema.get("properties"));
    }
    names.and_then(Value::as_object).map(|names| names.keys().map(String::as_str).collect()).unwrap_or_default()
}

fn unknown(place: &str, name: &str, known: &[&str]) -> String {
    let wrong = inside(place, &clip(name));
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("`{wrong}` is unknown, did you mean `{}`?", inside(place, near)),
        None if known.is_empty() => format!("`{wrong}` is unknown, none are taken here"),
        None => format!("`{wrong}` is unknown, known are {}", list(known.iter().copied())),
    }
}

fn choice(place: &str, value: &Value, options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let names = || options.iter().filter_map(Value::as_str);
    match value.as_str().and_then(|value| nearest(value, names())) {
        Some(near) if options.len() > CHOICES => format!("`{place}` must not be {}, did you mean `{near}`?", quote(value)),
        Some(near) => format!("`{place}` must be one of {}, not {}, did you mean `{near}`?", list(names()), quote(value)),
        None => format!("`{place}` must be one of {}, not {}", list(names()), quote(value)),
    }
}

pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names = names.map(|name| format!("`{name}`"));
    let told = names.by_ref().take(CHOICES).collect::<Vec<_>>().join(", ");
    match names.count() {
        0 => told,
        n_more => format!("{told} and {n_more} more"),
    }
}

fn types(kind: &TypeKind) -> String {
    let name = |kind: JsonType| match kind {
        JsonType::Array => "a list".to_owned(),
        JsonType::Integer => "a whole number".to_owned(),
        JsonType::Object => "an object".to_owned(),
        other => format!("a {other}"),
    };
    match kind {
        TypeKind::Single(kind) => name(*kind),
        TypeKind::Multiple(kinds) => kinds.iter().map(name).collect::<Vec<_>>().join(" or "),
    }
}

/// A wrong value, shortened.
fn quote(value: &Value) -> String {
    format!("`{}`", clip(&value.to_string()))
}

fn clip(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
