//! What can be read besides calling tools.

use std::borrow::Cow;

use rmcp::model::{
    CacheScope, ListResourceTemplatesResult, ListResourcesResult, ReadResourceResult, Resource, ResourceContents,
    ResourceTemplate,
};
use serde_json::json;

use super::Reader;
use crate::{catalog::Tool, custom_fields::FieldsError, generated, nearest::nearest};

/// What became of each operation of Torii's API.
const COVERAGE: &str = "torii://coverage";
/// An organization's fields, by their kind.
const FIELDS: &str = "torii://fields/";
/// Tools, by their toolset.
const TOOLS: &str = "torii://tools/";
/// The templates of the two.
pub(super) const FIELDS_TEMPLATE: &str = "torii://fields/{kind}{?q}";
pub(super) const TOOLS_TEMPLATE: &str = "torii://tools/{toolset}";
/// How long clients may keep what only a new build changes, in milliseconds.
const TTL_MS: u64 = 60 * 60 * 1000;
const JSON: &str = "application/json";

/// Why there is nothing to read.
pub(super) enum ResourceError {
    /// Nothing is there; which says what is.
    Unknown(String),
    /// It cannot be read now, or not by this caller.
    FieldsError(FieldsError),
}

/// What the caller may read.
pub(super) fn list(reader: &Reader<'_>) -> ListResourcesResult {
    let coverage = Resource::new(COVERAGE, "coverage")
        .with_title("Coverage of Torii's API")
        .with_description(
            "Every operation of Torii's API: the tool that calls it, the reason why there is none, or that it is gone; with totals.",
        )
        .with_mime_type(JSON)
        .with_size(generated::COVERAGE_JSON.len() as u64);
    let fields = reader.kinds().filter(|(_, tool)| reader.may(tool)).map(|(kind, tool)| {
        Resource::new(format!("{FIELDS}{kind}"), format!("fields_of_{kind}"))
            .with_title(format!("Fields of {kind}"))
            .with_description(format!(
                "Keys, names and types of all fields of {kind} in this organization, its own included; what {} lists.",
                tool.name
            ))
            .with_mime_type(JSON)
    });
    let resources = std::iter::once(coverage).chain(fields).collect();
    ListResourcesResult::with_all_items(resources).with_ttl_ms(super::LIST_TTL_MS).with_cache_scope(CacheScope::Private)
}

/// Resources with something to fill in.
pub(super) fn templates(reader: &Reader<'_>) -> ListResourceTemplatesResult {
    let fields = ResourceTemplate::new(FIELDS_TEMPLATE, "fields")
        .with_title("Fields of a kind of records")
        .with_description(format!(
            "Fields of {} in this organization; q leaves those whose key or name contains it.",
            reader.kinds().map(|(kind, _)| kind).collect::<Vec<_>>().join(", ")
        ))
        .with_mime_type(JSON);
    let tools = ResourceTemplate::new(TOOLS_TEMPLATE, "tools")
        .with_title("Tools of a toolset")
        .with_description("Names, titles and descriptions of the tools in a toolset, as far as they may be called.")
        .with_mime_type(JSON);
    ListResourceTemplatesResult::with_all_items(vec![fields, tools]).with_ttl_ms(TTL_MS).with_cache_scope(CacheScope::Private)
}

/// The resource of this URI.
pub(super) async fn read(reader: &Reader<'_>, uri: &str) -> Result<ReadResourceResult, ResourceError> {
    let (text, ttl_ms) = if uri == COVERAGE {
        (Cow::Borrowed(generated::COVERAGE_JSON), TTL_MS)
    } else if let Some(rest) = uri.strip_prefix(FIELDS) {
        let (kind, query) = rest.split_once('?').unwrap_or((rest, ""));
        let q = form_urlencoded::parse(query.as_bytes()).find_map(|(name, value)| (name == "q").then_some(value));
        let known = reader.fields(kind).await.ok_or_else(|| unknown(reader, uri))?.map_err(ResourceError::FieldsError)?;
        let text = known.to_json(q.as_deref(), reader.server.upstream.limits().answer_characters);
        (Cow::Owned(text), u64::try_from(reader.server.fields.left(&known).as_millis()).unwrap_or_default())
    } else if let Some(toolset) = uri.strip_prefix(TOOLS) {
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
pub(super) fn visible(reader: &Reader<'_>) -> impl Iterator<Item = &'static Tool> {
    reader.server.catalog.tools().iter().filter(|tool| reader.may(tool))
}

/// Says what there is to those who ask for something else.
fn unknown(reader: &Reader<'_>, uri: &str) -> ResourceError {
    let known: Vec<_> =
        std::iter::once(COVERAGE.to_owned()).chain(reader.kinds().map(|(kind, _)| format!("{FIELDS}{kind}"))).collect();
    ResourceError::Unknown(match nearest(uri, known.iter().map(String::as_str)) {
        Some(near) => format!("unknown resource; did you mean `{near}`?"),
        None => format!("unknown resource; read one of `{}`", known.join("`, `")),
    })
}
