//! Prompts for everyday questions. Each is a file that tells the assistant which tools to call and how to answer.
//!
//! A file begins with TOML between lines of `+++`: `title`, `description`, `arguments`, and `needs_query` if it says to call that. Its text contains placeholders: `{name}`
//! for an argument, `{name.ahead}` and `{name.ago}` for the day that many days from now or ago, and `{today}`.
//!
//! Invariants: user input is inserted as data, as a JSON string in one line and of limited length; the tools and arguments that a
//! text names exist.

use std::collections::BTreeSet;

use jiff::{ToSpan, civil::Date};
use mcp_http::{clock::Clock, sanitize::one_line};
use rmcp::model::{CacheScope, GetPromptResult, JsonObject, ListPromptsResult, PromptArgument, PromptMessage, Role};
use serde::Deserialize;
use serde_json::Value;

use super::{ResourceReader, resources::ResourceUris};
use crate::{
    catalog::{Catalog, Tool},
    nearest::nearest,
    today::today,
};

/// The longest text that is inserted, in characters.
const MAX_CHARACTERS: usize = 200;

/// One prompt.
#[derive(Debug)]
pub struct Prompt {
    /// Its name.
    pub name: &'static str,
    tool_list: ToolList,
    text: &'static str,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolList {
    title: String,
    description: String,
    #[serde(default)]
    arguments: Vec<Argument>,
    /// Whether its text says to call `query`.
    #[serde(default)]
    needs_query: bool,
}

/// The arguments of a prompt.
#[derive(Debug, Deserialize)]
pub(super) struct Argument {
    pub(super) name: String,
    description: String,
    #[serde(flatten)]
    pub(super) kind: Kind,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Kind {
    /// A whole number, at least 1.
    Number { default: u32, most: u32, suggested: Vec<u32> },
    /// A field key of this kind of record.
    Key { of: String, default: String },
    /// Any text; required.
    Text,
}

impl Prompt {
    /// Parses the file of a prompt.
    ///
    /// # Errors
    /// A description of the problem, if the file is invalid.
    pub fn parse(name: &'static str, file: &'static str) -> Result<Self, String> {
        let parts = file.strip_prefix("+++\n").and_then(|rest| rest.split_once("\n+++\n"));
        let (tool_list, text) = parts.ok_or("it does not begin with TOML between lines of `+++`")?;
        Ok(Self { name, tool_list: toml::from_str(tool_list).map_err(|error| error.to_string())?, text })
    }

    pub(super) fn argument(&self, name: &str) -> Option<&Argument> {
        self.tool_list.arguments.iter().find(|argument| argument.name == name)
    }

    /// The tools that its text names.
    pub fn tools(&self, catalog: &'static Catalog) -> impl Iterator<Item = &'static Tool> {
        let named: BTreeSet<&str> = self.text.split('`').skip(1).step_by(2).collect();
        catalog.tools().iter().filter(move |tool| named.contains(tool.name.as_str()))
    }

    /// Whether its text says to call `query`.
    #[must_use]
    pub fn needs_query(&self) -> bool {
        self.tool_list.needs_query
    }

    /// The prompt as MCP lists it.
    #[must_use]
    pub fn listed(&self) -> rmcp::model::Prompt {
        let arguments = self.tool_list.arguments.iter().map(|argument| {
            let description = match &argument.kind {
                Kind::Number { default, .. } => format!("{} {default} when left out.", argument.description),
                Kind::Key { default, .. } => format!("{} {default} when left out.", argument.description),
                Kind::Text => argument.description.clone(),
            };
            let is_required = matches!(argument.kind, Kind::Text);
            PromptArgument::new(&*argument.name).with_description(description).with_required(is_required)
        });
        let arguments = arguments.collect::<Vec<_>>();
        rmcp::model::Prompt::new(self.name, Some(&*self.tool_list.description), Some(arguments))
            .with_title(&*self.tool_list.title)
    }

    /// The text with these arguments inserted, or a description of what is wrong with them.
    fn filled(&self, given: &JsonObject, today: Date, uris: &ResourceUris) -> Result<String, String> {
        if let Some(unknown) = given.keys().find(|name| self.argument(name).is_none()) {
            let names = self.tool_list.arguments.iter().map(|argument| argument.name.as_str());
            let next = match nearest(unknown, names.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it takes `{}`", names.collect::<Vec<_>>().join("`, `")),
            };
            return Err(format!("`{}` is no argument of the prompt `{}`; {next}", one_line(unknown, MAX_CHARACTERS), self.name));
        }
        let mut values = vec![("today".to_owned(), today.to_string())];
        for argument in &self.tool_list.arguments {
            values.extend(argument.values(given.get(&argument.name), today, uris)?);
        }
        Ok(fill(self.text, |name| values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())))
    }
}

impl Argument {
    /// The values of its placeholders.
    fn values(&self, given: Option<&Value>, today: Date, uris: &ResourceUris) -> Result<Vec<(String, String)>, String> {
        let name = &self.name;
        // arguments of prompts are strings, but numbers are accepted
        let text = match given {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(one_line(text, MAX_CHARACTERS)),
            Some(other) => Some(one_line(&other.to_string(), MAX_CHARACTERS)),
        };
        let text = text.filter(|text| !text.is_empty());
        match (&self.kind, text) {
            (Kind::Number { default, most, .. }, text) => {
                let number = match &text {
                    None => Some(*default),
                    Some(text) => text.parse().ok().filter(|number| (1..=*most).contains(number)),
                };
                let Some(number) = number else {
                    let given = text.unwrap_or_default();
                    return Err(format!(
                        "`{name}` must be a whole number from 1 to {most}, not `{given}`; leave it out for {default}"
                    ));
                };
                let span = i64::from(number).days();
                Ok(vec![
                    (name.clone(), number.to_string()),
                    (format!("{name}.ahead"), today.saturating_add(span).to_string()),
                    (format!("{name}.ago"), today.saturating_sub(span).to_string()),
                ])
            }
            (Kind::Key { of, default }, text) => {
                let key = text.unwrap_or_else(|| default.clone());
                if !key.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)) {
                    return Err(format!(
                        "`{name}` must be the key of a field, not `{key}`; take one from `{}`",
                        uris.fields_of(of)
                    ));
                }
                Ok(vec![(name.clone(), Value::from(key).to_string())])
            }
            // backquotes are replaced, since they could end a code block
            (Kind::Text, Some(text)) => Ok(vec![(name.clone(), Value::from(text.replace('`', "'")).to_string())]),
            (Kind::Text, None) => Err(format!("`{name}` is missing; ask for it: {}", self.description.trim_end_matches('.'))),
        }
    }
}

/// Replaces placeholders by their values.
fn fill<'a>(text: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once('{') {
        filled += before;
        let placeholder = after.split_once('}').and_then(|(name, after)| Some((value(name)?, after)));
        // any other brace is part of the text
        let (value, after) = placeholder.unwrap_or(("{", after));
        filled += value;
        rest = after;
    }
    filled + rest
}

/// The prompts whose tools the caller may call.
pub(super) fn list(catalog: &'static Catalog, reader: &ResourceReader<'_>) -> ListPromptsResult {
    let prompts = &reader.server.description.prompts;
    // the tools of another API's document do not include the prompt's
    let is_known = |prompt: &Prompt| prompt.needs_query() || prompt.tools(catalog).next().is_some();
    let has_query = reader.server.tables.are_there(reader.caller, &reader.tool_filter);
    let may = |prompt: &&Prompt| {
        is_known(prompt) && (has_query || !prompt.needs_query()) && prompt.tools(catalog).all(|tool| reader.may(tool))
    };
    let prompts = prompts.iter().filter(may).map(Prompt::listed).collect();
    ListPromptsResult::with_all_items(prompts).with_ttl_ms(super::LIST_TTL_MS).with_cache_scope(CacheScope::Private)
}

/// Why a prompt is not offered to the caller: a tool that it names is not, or `query`.
pub(super) fn why_not(prompt: &Prompt, reader: &ResourceReader<'_>) -> Option<String> {
    let has_query = reader.server.tables.are_there(reader.caller, &reader.tool_filter);
    let lacks_query = (prompt.needs_query() && !has_query).then(|| "it needs `query`".to_owned());
    let mut tools = prompt.tools(reader.server.catalog);
    tools.find_map(|tool| reader.tool_filter.why_not(tool)).or(lacks_query)
}

/// Finds the prompt of this name.
///
/// # Errors
/// When there is none; the text suggests the most similar name.
pub fn find<'a>(prompts: &'a [Prompt], name: &str) -> Result<&'a Prompt, String> {
    prompts.iter().find(|prompt| prompt.name == name).ok_or_else(|| {
        let names = prompts.iter().map(|prompt| prompt.name);
        let next = match nearest(name, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use one of `{}`", names.collect::<Vec<_>>().join("`, `")),
        };
        format!("unknown prompt `{}`; {next}", one_line(name, MAX_CHARACTERS))
    })
}

/// The result of `prompts/get`.
///
/// # Errors
/// A description of what is wrong with the arguments.
pub fn get(prompt: &Prompt, given: &JsonObject, clock: &Clock, uris: &ResourceUris) -> Result<GetPromptResult, String> {
    let text = prompt.filled(given, today(clock), uris)?;
    let message = PromptMessage::new_text(Role::User, text);
    Ok(GetPromptResult::new(vec![message]).with_description(&*prompt.tool_list.description))
}
