//! Completions for the arguments of prompts and resource templates.
//!
//! Only values that cost the API little, and that the caller may read, are offered: kinds of records, toolsets, field keys (which
//! are cached anyway) and the numbers that prompts suggest. Names of apps and users would take a search of the API for each
//! keystroke.

use std::collections::BTreeSet;

use mcp_http::sanitize::one_line;
use rmcp::model::{CompleteRequestParams, CompletionInfo, Reference};

use super::{
    ResourceReader,
    prompts::{self, Kind},
    resources,
};
use crate::large_work::in_turn;

/// The longest text that is searched for, in characters.
const MAX_CHARACTERS: usize = 200;

/// The completions for an argument.
///
/// # Errors
/// When there is no such argument; the text is written for the user.
pub(super) async fn complete(reader: &ResourceReader<'_>, request: &CompleteRequestParams) -> Result<CompletionInfo, String> {
    let (argument, typed) = (request.argument.name.as_str(), one_line(&request.argument.value, MAX_CHARACTERS));
    let values = match &request.r#ref {
        Reference::Prompt(prompt) => {
            let prompt = prompts::find(&reader.server.description.prompts, &prompt.name)?;
            let found = prompt.argument(argument).ok_or_else(|| unknown(argument, &format!("the prompt `{}`", prompt.name)))?;
            match &found.kind {
                Kind::Number { suggested, .. } => begins(suggested.iter().map(u32::to_string), &typed),
                Kind::Key { of, .. } => keys(reader, of, &typed).await,
                Kind::Text => Vec::new(),
            }
        }
        Reference::Resource(resource) => {
            let (uris, uri) = (&reader.server.uris, resource.uri.as_str());
            // clients also name the template without its optional part
            let is_fields = uri == uris.fields_template;
            match argument {
                "kind" if is_fields || uri == uris.fields_of("{kind}") => {
                    begins(reader.kinds().map(|(kind, _)| kind.to_owned()), &typed)
                }
                "q" if is_fields => {
                    let resolved = request.context.as_ref().and_then(|context| context.get_argument("kind"));
                    match resolved {
                        Some(kind) => keys(reader, kind, &typed).await,
                        None => Vec::new(),
                    }
                }
                "toolset" if uri == uris.tools_template => {
                    let toolsets: BTreeSet<_> = resources::visible(reader).map(|tool| tool.toolset.clone()).collect();
                    begins(toolsets.into_iter(), &typed)
                }
                _ if is_fields || uri == uris.tools_template => return Err(unknown(argument, &format!("`{uri}`"))),
                _ => {
                    let uri = one_line(uri, MAX_CHARACTERS);
                    let (fields, tools) = (&uris.fields_template, &uris.tools_template);
                    return Err(format!("unknown resource template `{uri}`; use `{fields}` or `{tools}`"));
                }
            }
        }
        _ => return Err("unknown kind of reference; use `ref/prompt` or `ref/resource`".to_owned()),
    };
    let total = values.len();
    let shown: Vec<_> = values.into_iter().take(CompletionInfo::MAX_VALUES).collect();
    let has_more = shown.len() < total;
    CompletionInfo::with_pagination(shown, u32::try_from(total).ok(), has_more)
}

fn begins(values: impl Iterator<Item = String>, typed: &str) -> Vec<String> {
    values.filter(|value| value.to_lowercase().starts_with(&typed.to_lowercase())).collect()
}

/// The field keys whose key or name contains what was typed; none if the fields cannot be read.
async fn keys(reader: &ResourceReader<'_>, kind: &str, typed: &str) -> Vec<String> {
    let Some(Ok(known)) = reader.fields(kind).await else { return Vec::new() };
    in_turn(known.bytes(), || known.matching(typed).into_iter().map(|field| field.key.clone()).collect()).await
}

fn unknown(argument: &str, of: &str) -> String {
    format!("`{}` is no argument of {of}; list it again to see what it takes", one_line(argument, MAX_CHARACTERS))
}
