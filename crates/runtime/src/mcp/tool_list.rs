//! Which tools are listed, and the three meta-tools by which all others are found and run.
//!
//! Invariants:
//! - A tool that is not listed can be found and run as far as it is permitted, under the same rules as one that is.
//! - What reads and what writes is never run by the same tool, so that a client can allow the one and ask about the other.

use std::sync::{Arc, LazyLock};

use jsonschema::Validator;
use mcp_http::{
    caller::Caller,
    scope::{ScopeDefinitions, Scopes},
};
use rmcp::model::{JsonObject, ToolAnnotations};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{
    arguments,
    catalog::{Catalog, Effect, Tool},
    confirmation::ConfirmationPolicy,
    json_limits::{JsonCounter, JsonLimits},
    search::Search,
    tool_error::ToolError,
    tool_filter::ToolFilter,
    tool_output::ToolOutput,
    truncation::Truncated,
};

#[cfg(test)]
mod tests;

/// Whoever asks for some toolsets gets up to so many tools without having to search.
const FEW: usize = 25;
/// How many tools are found unless the assistant says how many.
const HITS: usize = 5;

/// Which tools are in the list.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
// a description on a variant would turn the schema's list of words into a choice of schemas
pub enum Listing {
    #[default]
    Search,
    All,
}

/// Which tools there are, and which of them are listed.
#[derive(Clone, Debug, Default)]
pub struct ToolPolicy {
    /// Whether every tool is listed, or only those that are used most.
    pub listing: Listing,
    /// What may be used at all.
    pub tool_filter: ToolFilter,
    /// Whether the list says what tools answer.
    pub has_output_schemas: bool,
    /// Which calls a user has to agree to.
    pub confirm: ConfirmationPolicy,
}

/// What of the catalog is shown, made ready once.
pub(super) struct ToolList {
    catalog: &'static Catalog,
    tool_policy: ToolPolicy,
    /// As they are listed, in the catalog's order.
    listings: Vec<rmcp::model::Tool>,
    search: Search<'static>,
}

/// A tool that finds or runs others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MetaTool {
    Find,
    RunRead,
    RunWrite,
}

/// Finds tools for a task.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Find {
    /// What is to be done, in plain words, or a tool's name.
    #[schemars(length(min = 1))]
    query: String,
    /// How many tools at most.
    #[schemars(range(min = 1, max = 20), extend("default" = HITS))]
    limit: Option<usize>,
}

/// Runs a tool.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Run {
    /// The tool's name, from `find_tools`.
    tool: String,
    /// Its arguments, as its inputSchema says.
    #[serde(default)]
    arguments: Map<String, Value>,
}

impl MetaTool {
    const ALL: [Self; 3] = [Self::Find, Self::RunRead, Self::RunWrite];
    pub(super) const NAMES: [&str; 3] = [Self::Find.name(), Self::RunRead.name(), Self::RunWrite.name()];

    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|own| own.name() == name)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Find => "find_tools",
            Self::RunRead => "run_read_tool",
            Self::RunWrite => "run_write_tool",
        }
    }

    /// Which one runs a tool.
    fn runs(tool: &Tool) -> Self {
        if tool.effect == Effect::Read { Self::RunRead } else { Self::RunWrite }
    }

    /// Who sees it.
    fn is_for(self, catalog: &Catalog, tool_filter: &ToolFilter, scopes: Scopes) -> bool {
        let mut tools = catalog.tools().iter().filter(|tool| tool_filter.permits(tool) && scopes.covers(tool.needs));
        match self {
            Self::Find => tools.next().is_some(),
            Self::RunRead | Self::RunWrite => tools.any(|tool| Self::runs(tool) == self),
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Find => {
                "Searches all of this server's tools, most of which are not in the list, and returns the best ones with their \
                 argument schemas. Use it when no listed tool fits, then run what it found with run_read_tool or run_write_tool."
            }
            Self::RunRead => "Runs a tool that only reads, by the name find_tools gave.",
            Self::RunWrite => "Runs a tool that changes or deletes something, by the name find_tools gave. Tell the user first.",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Find => "Find tools",
            Self::RunRead => "Run a tool that reads",
            Self::RunWrite => "Run a tool that writes",
        }
    }

    fn annotations(self) -> ToolAnnotations {
        let (writes, is_open) = (self == Self::RunWrite, self != Self::Find);
        ToolAnnotations::with_title(self.title()).read_only(!writes).destructive(writes).idempotent(!writes).open_world(is_open)
    }

    fn form(self) -> &'static Form {
        static FIND: LazyLock<Form> = LazyLock::new(Form::of::<Find>);
        static RUN: LazyLock<Form> = LazyLock::new(Form::of::<Run>);
        if self == Self::Find { &FIND } else { &RUN }
    }

    fn listing(self) -> rmcp::model::Tool {
        rmcp::model::Tool::new(self.name(), self.description(), Arc::clone(&self.form().schema))
            .with_title(self.title())
            .with_annotations(self.annotations())
    }

    /// Its arguments, checked like those of any tool.
    fn read<T: DeserializeOwned>(self, given: Map<String, Value>) -> Result<T, ToolError> {
        let Form { schema, validator } = self.form();
        let validator = validator.as_ref().map_err(|reason| ToolError::invalid_request(reason.clone()))?;
        let given = arguments::check(schema, validator, JsonLimits::LARGE_REQUEST, given)?;
        serde_json::from_value(Value::Object(given)).map_err(|error| ToolError::arguments(error.to_string()))
    }
}

/// Whether a tool of this name runs others.
pub(crate) fn runs_others(name: &str) -> bool {
    matches!(MetaTool::of(name), Some(MetaTool::RunRead | MetaTool::RunWrite))
}

/// What a meta-tool takes.
struct Form {
    schema: Arc<JsonObject>,
    validator: Result<Validator, String>,
}

impl Form {
    fn of<T: JsonSchema>() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.meta_schema = None;
            settings.inline_subschemas = true;
        });
        let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
        plain(&mut schema);
        let validator = jsonschema::draft202012::new(&schema).map_err(|error| error.to_string());
        let schema = schema.as_object().cloned().unwrap_or_default();
        Self { schema: Arc::new(schema), validator }
    }
}

/// Leaves out of a schema what tells an assistant nothing: Rust's names and widths, and that what may be left out may be null.
fn plain(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    for key in ["title", "format"] {
        schema.shift_remove(key);
    }
    if let Some(Value::Array(types)) = schema.get("type").cloned() {
        schema.extend(types.into_iter().find(|name| name != "null").map(|name| ("type".to_owned(), name)));
    }
    if schema.contains_key("properties") {
        schema.shift_remove("description");
    }
    let is_open = schema.get("type").is_some_and(|kind| kind == "object") && !schema.contains_key("properties");
    if is_open {
        schema.shift_remove("default");
    }
    for property in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        plain(property);
    }
}

impl ToolList {
    pub(super) fn new(catalog: &'static Catalog, tool_policy: ToolPolicy) -> Self {
        let listings = catalog.tools().iter().map(|tool| tool.listing(tool_policy.has_output_schemas)).collect();
        Self { catalog, tool_policy, listings, search: Search::new(catalog.tools()) }
    }

    /// What may be used over an address.
    pub(super) fn tool_filter(&self, address: Option<&ToolFilter>) -> ToolFilter {
        address.map_or_else(|| self.tool_policy.tool_filter.clone(), |address| self.tool_policy.tool_filter.and(address))
    }

    /// The list for whoever has these scopes, sorted by name.
    pub(super) fn list(&self, tool_filter: &ToolFilter, scopes: Scopes) -> Vec<rmcp::model::Tool> {
        let permitted = || {
            let tools = self.catalog.tools().iter().zip(&self.listings);
            tools.filter(|(tool, _)| tool_filter.permits(tool) && scopes.covers(tool.needs))
        };
        let is_whole = self.tool_policy.listing == Listing::All || (tool_filter.toolsets.is_some() && permitted().count() <= FEW);
        let mut list: Vec<_> =
            permitted().filter(|(tool, _)| is_whole || tool.default_listed).map(|(_, listing)| listing.clone()).collect();
        if !is_whole {
            list.extend(
                MetaTool::ALL.into_iter().filter(|own| own.is_for(self.catalog, tool_filter, scopes)).map(MetaTool::listing),
            );
            list.sort_by(|one, other| one.name.cmp(&other.name));
        }
        list
    }

    /// The tool of this name as it is listed for those who may do everything.
    pub(super) fn listing(&self, name: &str) -> Option<rmcp::model::Tool> {
        let place = self.catalog.tools().iter().position(|tool| tool.name == name);
        place.and_then(|place| self.listings.get(place).cloned()).or_else(|| MetaTool::of(name).map(MetaTool::listing))
    }

    /// Answers `find_tools`. Tools for which the caller has too few scopes are found, and say so.
    pub(super) fn find(
        &self,
        given: Map<String, Value>,
        tool_filter: &ToolFilter,
        caller: &Caller,
        budget: usize,
    ) -> Result<Truncated, ToolError> {
        let Find { query, limit } = MetaTool::Find.read(given)?;
        let hits = self.search.find(&query, limit.unwrap_or(HITS), |tool| tool_filter.permits(tool));
        if hits.is_empty() {
            let toolsets =
                tool_filter.toolsets.clone().unwrap_or_else(|| self.catalog.toolsets().into_iter().map(str::to_owned).collect());
            let toolsets: Vec<String> = toolsets.iter().map(|name| format!("`{name}`")).collect();
            let next_step = format!("say in other words what is to be done, about {}", toolsets.join(", "));
            return Err(ToolError::no_tool("no tool fits `query`", next_step));
        }
        let mut room = budget;
        let found: Vec<Value> = hits
            .iter()
            .map(|hit| found(hit.tool, self.catalog.scopes(), caller.scopes()))
            .enumerate()
            // the best one is shown in any case
            .take_while(|(index, tool)| {
                let length = tool.to_string().len();
                let fits = length <= room;
                room = room.saturating_sub(length);
                *index == 0 || fits
            })
            .map(|(_, tool)| tool)
            .collect();
        Ok(Truncated { output: ToolOutput::of(&json!({ "tools": found })), note: None })
    }

    /// What `run_read_tool` or `run_write_tool` is to run.
    pub(super) fn resolve(
        &self,
        own: MetaTool,
        given: Map<String, Value>,
    ) -> Result<(&'static Tool, Map<String, Value>), ToolError> {
        let Run { tool: name, arguments } = own.read(given)?;
        if MetaTool::of(&name).is_some() {
            let next_step = format!("call it by itself, not with `{}`", own.name());
            return Err(ToolError::no_tool(format!("`{name}` does not run another way"), next_step));
        }
        if let Some(removed) = self.catalog.removed(&name) {
            return Err(removed);
        }
        let tool = self.catalog.find(&name).ok_or_else(|| {
            let nearest = self.catalog.nearest(&name).map(|near| format!("did you mean `{near}`?"));
            let next_step = nearest.unwrap_or_else(|| "call `find_tools` to see which there are".to_owned());
            let message = format!("`tool` is `{}`, which there is not", name.chars().take(60).collect::<String>());
            ToolError::no_tool(message, next_step)
        })?;
        let right = MetaTool::runs(tool);
        if right != own {
            let does = if right == MetaTool::RunRead { "only reads" } else { "changes things" };
            return Err(ToolError::no_tool(format!("`{name}` {does}"), format!("run it with `{}`", right.name())));
        }
        // Arguments that came as JSON in a string were only compared with the limits of the largest tool.
        let counted = JsonCounter::of_value(&arguments).check(tool.json_limits());
        counted.map_err(|beyond| ToolError::arguments(format!("`arguments` {beyond}")))?;
        Ok((tool, arguments))
    }
}

/// A tool as `find_tools` shows it.
fn found(tool: &Tool, definitions: &ScopeDefinitions, scopes: Scopes) -> Value {
    let mut shown = json!({
        "name": tool.name,
        "description": tool.description,
        "effect": tool.effect,
        "run": MetaTool::runs(tool).name(),
        "inputSchema": tool.input_schema,
    });
    if let Some(shown) = shown.as_object_mut().filter(|_| !scopes.covers(tool.needs)) {
        let missing = definitions.iter(tool.needs).filter(|(_, scope)| !scopes.has(*scope));
        let missing = missing.map(|(definition, _)| definition.name.as_str().into());
        shown.insert("missingScopes".to_owned(), Value::Array(missing.collect()));
        shown.insert("how".to_owned(), "Not allowed for this connection yet: the user has to connect again and allow it.".into());
    }
    shown
}
