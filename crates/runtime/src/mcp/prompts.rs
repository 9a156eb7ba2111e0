//! Prompts for everyday questions: each is a file, which says what to call and how to answer.
//!
//! A file begins with TOML between lines of `+++`: `title`, `description`, `arguments`. In its text stand placeholders: `{name}` for
//! an argument, `{name.ahead}` and `{name.ago}` for the day so many days from now or before, `{today}`.
//!
//! Invariants: what a user typed goes in as data, as a JSON string in one line and bounded; the tools and arguments that a
//! text names exist.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use mcp_http::{clock::Clock, sanitize::one_line};
use rmcp::model::{CacheScope, GetPromptResult, JsonObject, ListPromptsResult, PromptArgument, PromptMessage, Role};
use serde::Deserialize;
use serde_json::Value;

use super::{Reader, resources::ResourceUris};
use crate::{
    catalog::{Catalog, Tool},
    nearest::nearest,
};

/// The longest text that is put in, in characters.
const LONGEST: usize = 200;

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
}

/// What a prompt asks for.
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
    /// A whole number from 1.
    Number { default: u32, most: u32, suggested: Vec<u32> },
    /// The key of a field of this kind of records.
    Key { of: String, default: String },
    /// Any text; it has to be given.
    Text,
}

impl Prompt {
    /// Reads the file of a prompt.
    ///
    /// # Errors
    /// What is wrong with the file.
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

    /// The text with these arguments; what is wrong with them otherwise.
    fn filled(&self, given: &JsonObject, today: Date, uris: &ResourceUris) -> Result<String, String> {
        if let Some(unknown) = given.keys().find(|name| self.argument(name).is_none()) {
            let names = self.tool_list.arguments.iter().map(|argument| argument.name.as_str());
            let next = match nearest(unknown, names.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it takes `{}`", names.collect::<Vec<_>>().join("`, `")),
            };
            return Err(format!("`{}` is no argument of the prompt `{}`; {next}", one_line(unknown, LONGEST), self.name));
        }
        let mut values = vec![("today".to_owned(), today.to_string())];
        for argument in &self.tool_list.arguments {
            values.extend(argument.values(given.get(&argument.name), today, uris)?);
        }
        Ok(fill(self.text, |name| values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())))
    }
}

impl Argument {
    /// What its placeholders stand for.
    fn values(&self, given: Option<&Value>, today: Date, uris: &ResourceUris) -> Result<Vec<(String, String)>, String> {
        let name = &self.name;
        // arguments of prompts are texts; numbers are taken as they are meant
        let text = match given {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(one_line(text, LONGEST)),
            Some(other) => Some(one_line(&other.to_string(), LONGEST)),
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
            // nor may it look like the end of a block
            (Kind::Text, Some(text)) => Ok(vec![(name.clone(), Value::from(text.replace('`', "'")).to_string())]),
            (Kind::Text, None) => Err(format!("`{name}` is missing; ask for it: {}", self.description.trim_end_matches('.'))),
        }
    }
}

/// Puts values in the place of placeholders.
fn fill<'a>(text: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once('{') {
        filled += before;
        let placeholder = after.split_once('}').and_then(|(name, after)| Some((value(name)?, after)));
        // any other brace belongs to the text
        let (value, after) = placeholder.unwrap_or(("{", after));
        filled += value;
        rest = after;
    }
    filled + rest
}

/// The prompts whose tools the caller may call.
pub(super) fn list(catalog: &'static Catalog, reader: &Reader<'_>) -> ListPromptsResult {
    let prompts = &reader.server.description.prompts;
    // a server of another document's tools has none of them
    let is_known = |prompt: &Prompt| prompt.tools(catalog).next().is_some();
    let may = |prompt: &&Prompt| is_known(prompt) && prompt.tools(catalog).all(|tool| reader.may(tool));
    let prompts = prompts.iter().filter(may).map(Prompt::listed).collect();
    ListPromptsResult::with_all_items(prompts).with_ttl_ms(super::LIST_TTL_MS).with_cache_scope(CacheScope::Private)
}

/// The prompt of this name.
///
/// # Errors
/// When there is none, with the name that comes closest.
pub fn find<'a>(prompts: &'a [Prompt], name: &str) -> Result<&'a Prompt, String> {
    prompts.iter().find(|prompt| prompt.name == name).ok_or_else(|| {
        let names = prompts.iter().map(|prompt| prompt.name);
        let next = match nearest(name, names.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("use one of `{}`", names.collect::<Vec<_>>().join("`, `")),
        };
        format!("unknown prompt `{}`; {next}", one_line(name, LONGEST))
    })
}

/// A prompt, ready to be sent.
///
/// # Errors
/// What is wrong with the arguments.
pub fn get(prompt: &Prompt, given: &JsonObject, clock: &Clock, uris: &ResourceUris) -> Result<GetPromptResult, String> {
    let now = Timestamp::try_from(clock.now()).unwrap_or_default();
    let text = prompt.filled(given, now.to_zoned(TimeZone::UTC).date(), uris)?;
    let message = PromptMessage::new_text(Role::User, text);
    Ok(GetPromptResult::new(vec![message]).with_description(&*prompt.tool_list.description))
}
