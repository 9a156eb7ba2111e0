//! The help of one tool, for users of a shell.

use std::fmt::Write;

use openapi_mcp::catalog::{Confirm, Effect, Tool};
use serde_json::Value;

use super::call::wanted;

/// How many characters a line of the help may have.
const WIDTH: usize = 100;
/// How far descriptions of arguments are indented.
const INDENT: usize = 6;

/// What a tool does, and its arguments.
pub(super) fn text(tool: &Tool) -> String {
    let mut text = format!("{}\n\n", tool.title);
    wrap(&mut text, &tool.description, 0);
    let effect = match tool.effect {
        Effect::Read => "It reads.",
        Effect::Write => "It changes data.",
        Effect::Destroy => "It deletes data, so it asks first; `--yes` confirms it.",
    };
    let asks = match &tool.confirm {
        Confirm::Every(is_always) if !is_always || tool.effect == Effect::Destroy => "",
        Confirm::Every(_) => " It asks first; `--yes` confirms it.",
        Confirm::Values(_) => " Some values make it ask first; `--yes` confirms it.",
    };
    let _ = write!(text, "\n{effect}{asks}\n\nUsage: torii-mcp call {}", tool.name);
    let properties: Vec<_> = tool.input_schema.get("properties").and_then(Value::as_object).into_iter().flatten().collect();
    let required = |name: &str| {
        let names = tool.input_schema.get("required").and_then(Value::as_array).into_iter().flatten();
        names.filter_map(Value::as_str).any(|required| required == name)
    };
    let (needed, others): (Vec<_>, Vec<_>) = properties.into_iter().partition(|(name, _)| required(name));
    for (name, schema) in &needed {
        let _ = write!(text, " {name}={}", placeholder(schema));
    }
    if !others.is_empty() {
        text.push_str(" [KEY=VALUE]...");
    }
    text.push('\n');
    for (title, arguments) in [("Required arguments", needed), ("Arguments", others)] {
        if arguments.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{title}:");
        for (name, schema) in arguments {
            let _ = writeln!(text, "  {name}={}", placeholder(schema));
            wrap(&mut text, &described(schema), INDENT);
        }
    }
    text
}

/// What stands for a value.
fn placeholder(schema: &Value) -> String {
    match wanted(Some(schema)) {
        "integer" | "number" => "NUMBER".to_owned(),
        "boolean" => "true|false".to_owned(),
        "object" => "JSON".to_owned(),
        "array" if wanted(schema.get("items")) == "object" => "JSON".to_owned(),
        "array" => format!("{0},{0},...", placeholder(schema.get("items").unwrap_or(&Value::Null))),
        _ => "TEXT".to_owned(),
    }
}

/// The description of an argument, with its values, its range, its default and an example.
fn described(schema: &Value) -> String {
    let mut parts: Vec<String> = schema.get("description").and_then(Value::as_str).map(str::to_owned).into_iter().collect();
    let items = schema.get("items").unwrap_or(schema);
    if let Some(values) = items.get("enum").and_then(Value::as_array) {
        parts.push(format!("One of {}.", values.iter().map(plain).collect::<Vec<_>>().join(", ")));
    }
    match (schema.get("minimum"), schema.get("maximum")) {
        (Some(least), Some(most)) => parts.push(format!("From {least} to {most}.")),
        (Some(least), None) => parts.push(format!("At least {least}.")),
        (None, Some(most)) => parts.push(format!("At most {most}.")),
        (None, None) => {}
    }
    match schema.get("default") {
        Some(Value::Array(values)) => {
            parts.push(format!("Default: {}.", values.iter().map(plain).collect::<Vec<_>>().join(",")));
        }
        Some(value) => parts.push(format!("Default: {}.", plain(value))),
        None => {}
    }
    if let Some(example) = schema.pointer("/examples/0") {
        parts.push(format!("Example: {example}"));
    }
    parts.join(" ")
}

/// A value as a word of a command line.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Adds a text in lines of at most [`WIDTH`] characters. A word that is longer has a line of its own.
fn wrap(into: &mut String, text: &str, indent: usize) {
    for paragraph in text.lines() {
        let mut column = 0;
        for word in paragraph.split_whitespace() {
            let length = word.chars().count();
            if column > 0 && column + 1 + length > WIDTH {
                into.push('\n');
                column = 0;
            }
            if column == 0 {
                let _ = write!(into, "{:indent$}", "");
                column = indent;
            } else {
                into.push(' ');
                column += 1;
            }
            into.push_str(word);
            column += length;
        }
        if column > 0 {
            into.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_wrapped_between_words() {
        let mut text = String::new();
        wrap(&mut text, &format!("{} end\n\nnext {}", "word ".repeat(30), "x".repeat(120)), 6);
        assert!(text.lines().all(|line| line.starts_with("      ") && !line.ends_with(' ')), "{text}");
        let lengths: Vec<_> = text.lines().map(str::len).collect();
        assert_eq!(lengths, [100, 64, 10, 126], "{text}");
    }
}
