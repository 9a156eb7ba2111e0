//! The tool list, the three meta-tools that find and run all other tools, and the one that queries their lists with SQL.
//!
//! Invariants:
//! - A tool that is not listed can be found and run as far as it is permitted, under the same rules as a listed one.
//! - Reads and writes are run by different meta-tools, so that a client can allow the one and ask its user about the other.

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
    arguments::{self, Skipped},
    catalog::{Catalog, Effect, Tool, listed_schema},
    confirmation::ConfirmationPolicy,
    json_limits::{JsonCounter, JsonLimits},
    search::{Search, asks_for_figure},
    tables,
    tool_error::ToolError,
    tool_filter::ToolFilter,
    tool_output::ToolOutput,
    truncation::Truncated,
};

#[cfg(test)]
mod tests;

/// If a URL selects toolsets with at most this many tools, all of them are listed.
const FEW: usize = 25;
/// How many characters the schemas in a search result may have together; tools whose schemas do not fit are named only.
const SCHEMAS: usize = 8_000;
/// How many tools a search returns by default.
const HITS: usize = 5;

/// Which tools are in the list.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
// a doc comment on a variant would turn the schema's `enum` into a `oneOf`
pub enum Listing {
    #[default]
    Search,
    All,
}

/// Which tools are permitted, and which of them are listed.
#[derive(Clone, Debug, Default)]
pub struct ToolPolicy {
    /// Whether every tool is listed, or only those that are used most.
    pub listing: Listing,
    /// The tools that are permitted at all.
    pub tool_filter: ToolFilter,
    /// Whether listed tools include their output schemas, and results structured content.
    pub has_output_schemas: bool,
    /// Which calls a user has to confirm.
    pub confirm: ConfirmationPolicy,
}

/// The list entries of the catalog's tools, built once.
pub(super) struct ToolList {
    catalog: &'static Catalog,
    tool_policy: ToolPolicy,
    /// The entries as MCP lists them, in the catalog's order.
    listings: Vec<rmcp::model::Tool>,
    search: Search<'static>,
}

/// A tool of this server's own: it finds, runs or queries others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MetaTool {
    Find,
    Query,
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

/// Queries tables.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Query {
    /// One SELECT, or as above.
    #[schemars(length(min = 1))]
    sql: String,
    /// Answer from partly loaded tables, too.
    partial: Option<bool>,
}

impl MetaTool {
    const ALL: [Self; 4] = [Self::Find, Self::Query, Self::RunRead, Self::RunWrite];

    /// Those that this build has.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|own| tables::ARE_BUILT || *own != Self::Query)
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        Self::all().find(|own| own.name() == name)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Find => "find_tools",
            Self::Query => "query",
            Self::RunRead => "run_read_tool",
            Self::RunWrite => "run_write_tool",
        }
    }

    /// The meta-tool that runs a tool.
    fn runs(tool: &Tool) -> Self {
        if tool.effect == Effect::Read { Self::RunRead } else { Self::RunWrite }
    }

    /// Whether it is listed for a caller with these scopes.
    fn is_for(self, catalog: &Catalog, tool_filter: &ToolFilter, scopes: Scopes) -> bool {
        let mut tools = catalog.tools().iter().filter(|tool| tool_filter.permits(tool) && scopes.covers(tool.needs));
        match self {
            Self::Find => tools.next().is_some(),
            Self::Query => tools.any(|tool| !tool.tables.is_empty()),
            Self::RunRead | Self::RunWrite => tools.any(|tool| Self::runs(tool) == self),
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Find => {
                "Searches all of this server's tools, most of which are not in the list, and returns the best ones with their \
                 argument schemas. Use it when no listed tool fits, then run what it found with run_read_tool or run_write_tool."
            }
            Self::Query => {
                "Answers one SQLite SELECT over whole lists as tables: to count, add up, compare or join instead of reading lists. \
                 sql `tables` lists them, `columns apps` their columns."
            }
            Self::RunRead => "Runs a tool that only reads, by the name find_tools gave.",
            Self::RunWrite => "Runs a tool that changes or deletes something, by the name find_tools gave. Tell the user first.",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Find => "Find tools",
            Self::Query => "Query with SQL",
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
        static QUERY: LazyLock<Form> = LazyLock::new(Form::of::<Query>);
        match self {
            Self::Find => &FIND,
            Self::Query => &QUERY,
            Self::RunRead | Self::RunWrite => &RUN,
        }
    }

    fn listing(self) -> rmcp::model::Tool {
        rmcp::model::Tool::new(self.name(), self.description(), Arc::clone(&self.form().listed_schema))
            .with_title(self.title())
            .with_annotations(self.annotations())
    }

    /// Reads its arguments, which are normalized and validated like those of any tool.
    fn read<T: DeserializeOwned>(self, mut given: Map<String, Value>) -> Result<(T, Skipped), ToolError> {
        let Form { schema, validator, .. } = self.form();
        let validator = validator.as_ref().map_err(|reason| ToolError::invalid_request(reason.clone()))?;
        let skipped = arguments::normalize(schema, JsonLimits::LARGE_REQUEST, &mut given)?;
        let given = arguments::check(schema, validator, given)?;
        let read = serde_json::from_value(Value::Object(given)).map_err(|error| ToolError::arguments(error.to_string()))?;
        Ok((read, skipped))
    }
}

/// Whether a tool of this name runs others.
pub(crate) fn runs_others(name: &str) -> bool {
    matches!(MetaTool::of(name), Some(MetaTool::RunRead | MetaTool::RunWrite))
}

/// The arguments of a meta-tool: their schema and its validator.
struct Form {
    schema: JsonObject,
    /// The same as the tool list shows it.
    listed_schema: Arc<JsonObject>,
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
        Self { listed_schema: Arc::new(listed_schema(&schema)), schema, validator }
    }
}

/// Removes from a schema what is of no use to an assistant: the names and widths of Rust types, and `null` for optional values.
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

    /// Whether listed tools include their output schemas.
    pub(super) fn has_output_schemas(&self) -> bool {
        self.tool_policy.has_output_schemas
    }

    /// The tools that the settings and the URL permit.
    pub(super) fn tool_filter(&self, address: Option<&ToolFilter>) -> ToolFilter {
        address.map_or_else(|| self.tool_policy.tool_filter.clone(), |address| self.tool_policy.tool_filter.and(address))
    }

    /// How a tool that is not permitted can be had, where a URL permits tools with `address`.
    pub(super) fn next_step(&self, tool: &Tool, address: Option<&ToolFilter>) -> String {
        let excluded_by = address.map(|address| address.excluded_by(tool)).unwrap_or_default();
        if excluded_by.is_empty() || !self.tool_policy.tool_filter.permits(tool) {
            return "ask the operator of this server to offer it".to_owned();
        }
        let parts: Vec<_> = excluded_by.iter().map(|part| format!("`{part}`")).collect();
        format!("ask the user to connect again with the URL of this server without {}", parts.join(" and without "))
    }

    /// The tool list for a caller with these scopes, sorted by name.
    pub(super) fn list(&self, tool_filter: &ToolFilter, scopes: Scopes) -> Vec<rmcp::model::Tool> {
        let tools = self.catalog.tools().iter().zip(&self.listings);
        let permitted = tools.filter(|(tool, _)| tool_filter.permits(tool) && scopes.covers(tool.needs));
        let is_whole = self.is_whole(tool_filter, scopes);
        let mut list: Vec<_> =
            permitted.filter(|(tool, _)| is_whole || tool.default_listed).map(|(_, listing)| listing.clone()).collect();
        let own = MetaTool::all().filter(|own| !is_whole || *own == MetaTool::Query);
        list.extend(own.filter(|own| own.is_for(self.catalog, tool_filter, scopes)).map(MetaTool::listing));
        list.sort_by(|one, other| one.name.cmp(&other.name));
        list
    }

    /// Whether a caller's list has every tool that they may call.
    fn is_whole(&self, tool_filter: &ToolFilter, scopes: Scopes) -> bool {
        let permitted = || self.catalog.tools().iter().filter(|tool| tool_filter.permits(tool) && scopes.covers(tool.needs));
        self.tool_policy.listing == Listing::All || (tool_filter.0.toolsets.is_some() && permitted().count() <= FEW)
    }

    /// The list entry of the tool with this name, whatever the caller's scopes.
    pub(super) fn listing(&self, name: &str) -> Option<rmcp::model::Tool> {
        let place = self.catalog.tools().binary_search_by(|tool| tool.name.as_str().cmp(name)).ok();
        place.and_then(|place| self.listings.get(place).cloned()).or_else(|| MetaTool::of(name).map(MetaTool::listing))
    }

    /// The result of `find_tools`. Tools that the caller's scopes do not cover are included, with the missing scopes.
    pub(super) fn find(
        &self,
        given: Map<String, Value>,
        tool_filter: &ToolFilter,
        caller: &Caller,
        budget: usize,
    ) -> Result<Truncated, ToolError> {
        let (Find { query, limit }, skipped) = MetaTool::Find.read(given)?;
        let hits = self.search.find(&query, limit.unwrap_or(HITS), |tool| tool_filter.permits(tool));
        let has_query = MetaTool::Query.is_for(self.catalog, tool_filter, caller.scopes()) && tables::ARE_BUILT;
        let is_figure = has_query && asks_for_figure(&query);
        if hits.is_empty() && !is_figure {
            let toolsets = tool_filter
                .0
                .toolsets
                .clone()
                .unwrap_or_else(|| self.catalog.toolsets().into_iter().map(str::to_owned).collect());
            let toolsets: Vec<String> = toolsets.iter().map(|name| format!("`{name}`")).collect();
            let next_step = format!("say in other words what is to be done, about {}", toolsets.join(", "));
            return Err(ToolError::no_tool("no tool fits `query`", next_step));
        }
        let is_whole = self.is_whole(tool_filter, caller.scopes());
        let mut room = budget.min(SCHEMAS);
        let mut is_best = true;
        let found = hits.iter().map(|hit| {
            if (is_whole || hit.tool.default_listed) && caller.scopes().covers(hit.tool.needs) {
                return json!({ "name": hit.tool.name, "inYourList": true });
            }
            let found = found(hit.tool, self.catalog.scopes(), caller.scopes());
            let length = found.to_string().len();
            // the best hit that is not listed is always shown whole
            if length > room && !std::mem::take(&mut is_best) {
                return json!({ "name": hit.tool.name, "title": hit.tool.title, "run": MetaTool::runs(hit.tool).name() });
            }
            is_best = false;
            room = room.saturating_sub(length);
            found
        });
        let mut left = budget;
        let found = found.enumerate().take_while(|(index, tool)| {
            let length = tool.to_string().len();
            let fits = length <= left;
            left = left.saturating_sub(length);
            *index == 0 || fits
        });
        let found = found.map(|(_, tool)| tool);
        let query = is_figure.then(|| json!({ "name": MetaTool::Query.name(), "inYourList": true }));
        let found: Vec<Value> = query.into_iter().chain(found).collect();
        Ok(Truncated { output: ToolOutput::of(&json!({ "tools": found })), note: skipped.text() })
    }

    /// The statement of a call of `query`.
    pub(super) fn statement(given: Map<String, Value>) -> Result<tables::Query, ToolError> {
        let (Query { sql, partial }, _) = MetaTool::Query.read(given)?;
        Ok(tables::Query { sql, partial: partial.unwrap_or_default() })
    }

    /// The tool and the arguments that a call of `run_read_tool` or `run_write_tool` contains.
    pub(super) fn resolve(
        &self,
        own: MetaTool,
        given: Map<String, Value>,
    ) -> Result<(&'static Tool, Map<String, Value>), ToolError> {
        let (Run { tool: name, arguments }, _) = own.read(given)?;
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
            let message = format!("`tool` is `{}`, which does not exist", name.chars().take(60).collect::<String>());
            ToolError::no_tool(message, next_step)
        })?;
        let right = MetaTool::runs(tool);
        if right != own {
            let does = if right == MetaTool::RunRead { "only reads" } else { "changes things" };
            return Err(ToolError::no_tool(format!("`{name}` {does}"), format!("run it with `{}`", right.name())));
        }
        // Arguments that were passed as JSON in a string have only been checked against the limits of the largest tool.
        let counted = JsonCounter::of_value(&arguments).check(tool.json_limits());
        counted.map_err(|beyond| ToolError::arguments(format!("`arguments` {beyond}")))?;
        Ok((tool, arguments))
    }
}

/// A tool in the result of `find_tools`.
fn found(tool: &Tool, definitions: &ScopeDefinitions, scopes: Scopes) -> Value {
    let mut shown = json!({
        "name": tool.name,
        "description": tool.description,
        "effect": tool.effect,
        "run": MetaTool::runs(tool).name(),
        "inputSchema": tool.listed_schema(),
    });
    if let Some(shown) = shown.as_object_mut().filter(|_| !scopes.covers(tool.needs)) {
        let missing = definitions.iter(tool.needs).filter(|(_, scope)| !scopes.has(*scope));
        let missing = missing.map(|(definition, _)| definition.name.as_str().into());
        shown.insert("missingScopes".to_owned(), Value::Array(missing.collect()));
        shown.insert("how".to_owned(), "Not allowed for this connection yet: the user has to connect again and allow it.".into());
    }
    shown
}
