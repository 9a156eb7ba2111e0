//! The resources that clients can read.

use std::borrow::Cow;

use openapi_mcp_model::Product;
use rmcp::model::{
    CacheScope, ListResourceTemplatesResult, ListResourcesResult, ReadResourceResult, Resource, ResourceContents,
    ResourceTemplate,
};
use serde_json::json;

use super::ResourceReader;
use crate::{catalog::Tool, custom_fields::FieldsError, large_work::in_turn, nearest::nearest};

/// How long clients may cache a resource that only a new build changes, in milliseconds.
const TTL_MS: u64 = 60 * 60 * 1000;
const JSON: &str = "application/json";

/// The URIs of the resources. Their scheme is derived from the name of the product.
#[derive(Debug)]
pub struct ResourceUris {
    /// The coverage of the API's operations.
    pub(super) coverage: String,
    /// The prefix of the resources of an organization's fields, followed by the kind of record.
    fields: String,
    /// The tables of `query`.
    pub(super) tables: String,
    /// The prefix of the resources of tools, followed by the toolset.
    tools: String,
    /// The templates of these two.
    pub(super) fields_template: String,
    pub(super) tools_template: String,
}

impl ResourceUris {
    /// The URIs for a product.
    #[must_use]
    pub fn new(product: &Product) -> Self {
        let is_sign = |sign: &char| sign.is_ascii_alphanumeric();
        let scheme: String = product.name.to_ascii_lowercase().chars().filter(is_sign).collect();
        // a scheme must begin with a letter (RFC 3986, section 3.1)
        let scheme = if scheme.starts_with(|sign: char| sign.is_ascii_alphabetic()) { scheme } else { format!("x{scheme}") };
        Self {
            coverage: format!("{scheme}://coverage"),
            fields: format!("{scheme}://fields/"),
            tables: format!("{scheme}://tables"),
            tools: format!("{scheme}://tools/"),
            fields_template: format!("{scheme}://fields/{{kind}}{{?q}}"),
            tools_template: format!("{scheme}://tools/{{toolset}}"),
        }
    }

    /// The URI of the fields of one kind of record.
    pub(super) fn fields_of(&self, kind: &str) -> String {
        format!("{}{kind}", self.fields)
    }
}

/// Why a resource cannot be read.
pub(super) enum ResourceError {
    /// There is no such resource; the text names those that exist.
    Unknown(String),
    /// The fields cannot be read at the moment, or not by this caller.
    FieldsError(FieldsError),
}

/// The resources that the caller may read.
pub(super) fn list(reader: &ResourceReader<'_>) -> ListResourcesResult {
    let (uris, name) = (&reader.server.uris, &reader.server.catalog.product().name);
    let coverage = Resource::new(&uris.coverage, "coverage")
        .with_title(format!("Coverage of {name}'s API"))
        .with_description(format!(
            "Every operation of {name}'s API: the tool that calls it, the reason why there is none, or that it is gone; with totals."
        ))
        .with_mime_type(JSON)
        .with_size(reader.server.description.coverage.len() as u64);
    let fields = reader.kinds().filter(|(_, tool)| reader.may(tool)).map(|(kind, tool)| {
        Resource::new(uris.fields_of(kind), format!("fields_of_{kind}"))
            .with_title(format!("Fields of {kind}"))
            .with_description(format!(
                "Keys, names and types of all fields of {kind} in this organization, its own included; what {} lists.",
                tool.name
            ))
            .with_mime_type(JSON)
    });
    let tables = has_tables(reader).then(|| {
        Resource::new(&uris.tables, "tables")
            .with_title(format!("{name}'s lists as SQL tables"))
            .with_description("The tables that `query` reads, with their columns: types, units, currencies, what they refer to.")
            .with_mime_type(JSON)
    });
    let resources = std::iter::once(coverage).chain(tables).chain(fields).collect();
    ListResourcesResult::with_all_items(resources).with_ttl_ms(super::LIST_TTL_MS).with_cache_scope(CacheScope::Private)
}

/// The resource templates.
pub(super) fn templates(reader: &ResourceReader<'_>) -> ListResourceTemplatesResult {
    let uris = &reader.server.uris;
    let fields = ResourceTemplate::new(&uris.fields_template, "fields")
        .with_title("Fields of a kind of records")
        .with_description(format!(
            "Fields of {} in this organization; `q` selects those whose key or name contains it.",
            reader.kinds().map(|(kind, _)| kind).collect::<Vec<_>>().join(", ")
        ))
        .with_mime_type(JSON);
    let tools = ResourceTemplate::new(&uris.tools_template, "tools")
        .with_title("Tools of a toolset")
        .with_description("Names, titles and descriptions of the tools in a toolset, as far as they may be called.")
        .with_mime_type(JSON);
    ListResourceTemplatesResult::with_all_items(vec![fields, tools]).with_ttl_ms(TTL_MS).with_cache_scope(CacheScope::Private)
}

/// Reads the resource of this URI.
pub(super) async fn read(reader: &ResourceReader<'_>, uri: &str) -> Result<ReadResourceResult, ResourceError> {
    let uris = &reader.server.uris;
    let (text, ttl_ms) = if uri == uris.coverage {
        (Cow::Borrowed(reader.server.description.coverage), TTL_MS)
    } else if uri == uris.tables && has_tables(reader) {
        let budget = reader.server.pipeline.upstream().limits().response_characters;
        let text = reader.server.tables.overview(reader.caller, &reader.tool_filter, budget).await;
        (Cow::Owned(text), super::LIST_TTL_MS)
    } else if let Some(rest) = uri.strip_prefix(&uris.fields) {
        let (kind, query) = rest.split_once('?').unwrap_or((rest, ""));
        let q = form_urlencoded::parse(query.as_bytes()).find_map(|(name, value)| (name == "q").then_some(value));
        let known = reader.fields(kind).await.ok_or_else(|| unknown(reader, uri))?.map_err(ResourceError::FieldsError)?;
        let budget = reader.server.pipeline.upstream().limits().response_characters;
        let text = in_turn(known.bytes(), || known.to_json(&uris.fields_of(kind), q.as_deref(), budget)).await;
        (Cow::Owned(text), u64::try_from(reader.server.pipeline.fields().left(&known).as_millis()).unwrap_or_default())
    } else if let Some(toolset) = uri.strip_prefix(&uris.tools) {
        let tools: Vec<_> = visible(reader).filter(|tool| tool.toolset == toolset).collect();
        if tools.is_empty() {
            return Err(unknown(reader, uri));
        }
        let shown = |tool: &&Tool| json!({ "name": tool.name, "title": tool.title, "description": tool.description });
        let tools: Vec<_> = tools.iter().map(shown).collect();
        (Cow::Owned(json!({ "toolset": toolset, "tools": tools }).to_string()), super::LIST_TTL_MS)
    } else {
        return Err(unknown(reader, uri));
    };
    let contents = ResourceContents::text(text, uri).with_mime_type(JSON);
    Ok(ReadResourceResult::new(vec![contents]).with_ttl_ms(ttl_ms).with_cache_scope(CacheScope::Private))
}

/// The tools that the caller may call.
pub(super) fn visible(reader: &ResourceReader<'_>) -> impl Iterator<Item = &'static Tool> {
    reader.server.catalog.tools().iter().filter(|tool| reader.may(tool))
}

/// Whether the caller has tables for `query`.
fn has_tables(reader: &ResourceReader<'_>) -> bool {
    reader.server.tables.are_there(reader.caller, &reader.tool_filter)
}

/// The error for an unknown URI, which names the resources that exist.
fn unknown(reader: &ResourceReader<'_>, uri: &str) -> ResourceError {
    let uris = &reader.server.uris;
    let tables = has_tables(reader).then(|| uris.tables.clone());
    let fields = reader.kinds().map(|(kind, _)| uris.fields_of(kind));
    let known: Vec<_> = std::iter::once(uris.coverage.clone()).chain(tables).chain(fields).collect();
    ResourceError::Unknown(match nearest(uri, known.iter().map(String::as_str)) {
        Some(near) => format!("unknown resource; did you mean `{near}`?"),
        None => format!("unknown resource; read one of `{}`", known.join("`, `")),
    })
}
