//! The next step of an error that the API gives without one: which argument is wrong, and the tool that its description names as
//! its source.

use serde_json::{Map, Value};

use crate::{
    catalog::{Effect, Tool},
    tool_error::{ErrorKind, ToolError},
    tool_filter::CallableTools,
};

/// How many texts of an argument are compared with the API's message, and how long they may be, in characters.
const COMPARED: usize = 50;
const CHARACTERS: usize = 100;

/// The arguments of a call, as far as errors are explained by them: their names, and short texts in their values.
pub(crate) struct Given(Vec<(String, Vec<String>)>);

impl Given {
    pub(crate) fn of(arguments: &Map<String, Value>) -> Self {
        Self(arguments.iter().map(|(name, value)| (name.clone(), texts(value))).collect())
    }

    /// The error with a next step that leads to what it needs, if it has a general one and the argument can be told.
    pub(crate) fn with_next_step(&self, error: ToolError, tool: &Tool, callable: CallableTools<'_>) -> ToolError {
        if !error.is_general() {
            return error;
        }
        let is_callable =
            |remark: &&String| remark.split(' ').filter(|word| word.contains('_')).all(|word| callable.find(word).is_some());
        let error = match tool.not_found.as_ref().filter(is_callable) {
            Some(remark) if error.kind == ErrorKind::NotFound => error.with_remark(remark),
            _ => error,
        };
        let wrong = match error.kind {
            ErrorKind::NotFound => self.of_path(tool),
            _ => self.named_in(&error.message),
        };
        let Some(name) = wrong else { return error };
        // a message may say what is right itself
        let says_choices = error.message.contains(" one of ");
        if let Some(source) = source(tool, name, callable).filter(|_| !says_choices) {
            let step = format!("take `{name}` from `{source}` and call again");
            return error.leading_to(step);
        }
        match error.kind {
            ErrorKind::NotFound => error,
            // without it, a change could be another one
            _ if is_required(tool, name) || tool.effect != Effect::Read => {
                error.leading_to(format!("correct `{name}` and call again"))
            }
            _ => error.leading_to(format!("correct `{name}` or leave it out, and call again")),
        }
    }

    /// The last argument in the path that has a source.
    fn of_path(&self, tool: &Tool) -> Option<&str> {
        let in_path = |name: &&str| tool.path.contains(&format!("{{{name}}}"));
        self.0.iter().map(|(name, _)| name.as_str()).filter(in_path).max_by_key(|name| tool.path.find(&format!("{{{name}}}")))
    }

    /// The argument that a message is about: it says the argument's name, or else one of its values.
    fn named_in(&self, message: &str) -> Option<&str> {
        let words: Vec<&str> =
            message.split_whitespace().map(|word| word.trim_matches(|sign: char| !sign.is_alphanumeric())).collect();
        let by_name = self.0.iter().find(|(name, _)| words.contains(&name.as_str()));
        let by_value = || self.0.iter().find(|(_, texts)| texts.iter().any(|text| words.contains(&text.as_str())));
        by_name.or_else(by_value).map(|(name, _)| name.as_str())
    }
}

/// The texts in a value, without a direction behind a colon.
fn texts(value: &Value) -> Vec<String> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        plain => std::slice::from_ref(plain),
    };
    let text = |item: &Value| match item {
        Value::String(text) if text.chars().nth(CHARACTERS).is_none() => text.split(':').next().map(str::to_owned),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    items.iter().take(COMPARED).filter_map(text).filter(|text| !text.is_empty()).collect()
}

/// The tool that the description of an argument names, one that reads before one that writes.
fn source(tool: &Tool, argument: &str, callable: CallableTools<'_>) -> Option<&'static str> {
    let description = tool.input_schema.get("properties")?.get(argument)?.get("description")?.as_str()?;
    let words = description.split(|sign: char| !sign.is_alphanumeric() && sign != '_');
    let named: Vec<&'static Tool> =
        words.filter_map(|word| callable.find(word)).filter(|named| named.name != tool.name).collect();
    let reading = named.iter().find(|named| named.effect == Effect::Read);
    reading.or(named.first()).map(|named| named.name.as_str())
}

fn is_required(tool: &Tool, argument: &str) -> bool {
    let required = tool.input_schema.get("required").and_then(Value::as_array);
    required.is_some_and(|names| names.iter().any(|name| name == argument))
}
