//! The check of the tree's form against the schema, and its words.

use jsonschema::{
    ValidationError,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use openapi_mcp::nearest::nearest;
use serde_json::Value;

use super::{
    Problems, keys,
    raw::RawConfig,
    tree::{Origin, Tree, inside, key, steps},
};

/// How many problems are told at most.
const PROBLEMS: usize = 50;
/// How much of a wrong value is quoted, in characters.
const QUOTED: usize = 60;

/// The tree as what can be typed. What is wrong with its form is told, and taken out of it.
///
/// # Errors
/// When what is left is still not what can be typed.
pub(super) fn check(tree: &mut Tree, told: &mut Vec<String>) -> Result<RawConfig, Problems> {
    let broken = |reason: String| Problems(vec![format!("the configuration cannot be understood: {reason}")]);
    let validator = jsonschema::draft202012::new(keys::schema()).map_err(|error| broken(error.to_string()))?;
    let (mut problems, mut places) = (Vec::new(), Vec::new());
    for error in validator.iter_errors(&tree.root).take(PROBLEMS) {
        tell(tree, &error, &mut problems, &mut places);
    }
    // in the order of the file, then the others
    problems.sort();
    problems.dedup();
    told.extend(problems.into_iter().map(|(_, problem)| problem));
    for place in &places {
        let path: Vec<_> = steps(place).collect();
        tree.fault(&path.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let raw = serde_json::from_value(tree.root.clone());
    raw.map_err(|error| if told.is_empty() { broken(error.to_string()) } else { Problems(std::mem::take(told)) })
}

/// The words for one error, each with the line it is on.
fn tell(tree: &Tree, error: &ValidationError<'_>, problems: &mut Vec<(usize, String)>, places: &mut Vec<String>) {
    let place = error.instance_path().as_str();
    let mut add = |place: &str, problem: String| {
        places.push(place.to_owned());
        let line = match tree.origin(place) {
            Some((Origin::Line(line), _)) => *line,
            _ => usize::MAX,
        };
        problems.push((line, problem));
    };
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            for name in unexpected.iter().take(PROBLEMS) {
                let unknown_place = inside(place, name);
                add(&unknown_place, unknown(tree, place, name));
            }
        }
        kind => add(place, format!("{} {}", tree.name(place), wrong(kind, place, error.instance()))),
    }
}

/// What is wrong with a value.
fn wrong(kind: &Kind, place: &str, value: &Value) -> String {
    match kind {
        Kind::Required { property } => format!("has no `{}`", property.as_str().unwrap_or_default()),
        Kind::Type { kind } => format!("must be {}, not {}", types(kind), quote(value)),
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

/// A key that there is not.
fn unknown(tree: &Tree, place: &str, name: &str) -> String {
    let shown = tree.name(&inside(place, name));
    let path: Vec<_> = steps(place).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let known = keys::schema_at(path.iter().copied()).and_then(keys::properties);
    let names = || known.iter().flat_map(|known| known.keys()).map(String::as_str);
    let file = format!("{name}_file");
    if names().any(|known| known == file) {
        let variable = keys::variable(&[path.as_slice(), &[name]].concat());
        let file = key(&inside(place, &file));
        return format!("{shown} is a secret, which no file of keys may hold; set `{variable}`, or name its file in `{file}`");
    }
    match nearest(name, names()) {
        Some(near) => format!("{shown} is not a key; did you mean `{}`?", key(&inside(place, near))),
        None => format!("{shown} is not a key; there are {}", listed(names())),
    }
}

fn types(kind: &TypeKind) -> String {
    let word = |kind: &jsonschema::JsonType| match kind.to_string().as_str() {
        "array" => "a list".to_owned(),
        "object" => "a section with keys".to_owned(),
        "integer" => "a whole number".to_owned(),
        "boolean" => "`true` or `false`".to_owned(),
        "string" => "a text".to_owned(),
        other => format!("a {other}"),
    };
    match kind {
        TypeKind::Single(kind) => word(kind),
        TypeKind::Multiple(kinds) => kinds.iter().map(|kind| word(&kind)).collect::<Vec<_>>().join(" or "),
    }
}

fn choice(value: &Value, options: &Value) -> String {
    let words = || options.as_array().into_iter().flatten().filter_map(Value::as_str);
    let hint = value.as_str().and_then(|typed| nearest(typed, words()));
    let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("must be one of {}, not {}{hint}", listed(words()), quote(value))
}

/// The first example that the schema gives for a place.
fn example(place: &str) -> String {
    let path: Vec<_> = steps(place).collect();
    let schema = keys::schema_at(path.iter().map(String::as_str));
    let example = schema.and_then(|schema| schema.get("examples")?.get(0)?.as_str());
    format!("`{}`", example.unwrap_or("what the schema says"))
}

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// A value as it was typed, no longer than is useful, and harmless on a terminal.
fn quote(value: &Value) -> String {
    let text = match value {
        Value::Array(_) => return "a list".to_owned(),
        Value::Object(_) => return "a section with keys".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let short: String = text.chars().take(QUOTED).flat_map(char::escape_debug).collect();
    let more = if text.chars().count() > QUOTED { "…" } else { "" };
    format!("`{short}{more}`")
}
