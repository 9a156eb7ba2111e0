//! All names that the generator makes or checks.

use std::collections::BTreeSet;

use heck::{ToPascalCase, ToSnakeCase};
use openapi_mcp_model::Method;

/// Longest tool name: clients prepend the server's name, and allow 60 to 64 characters in total.
pub const MAX_TOOL_NAME: usize = 45;

/// Whether this is a valid tool name: `verb_object` in snake case.
pub fn is_tool_name(name: &str) -> bool {
    let mut words = name.split('_').peekable();
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let starts_with_letter = name.starts_with(|first: char| first.is_ascii_lowercase());
    name.len() <= MAX_TOOL_NAME && starts_with_letter && name.contains('_') && words.all(is_word)
}

/// A valid tool name for an operation, made of its id, such as `list_apps` for `listApps`.
pub fn suggested_tool(id: &str, method: Method) -> String {
    let words = id.to_snake_case();
    let words: String = words.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '_').collect();
    let words = words.split('_').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_");
    let verb = match method {
        Method::Get | Method::Head | Method::Options | Method::Trace => "get",
        Method::Post => "create",
        Method::Put => "replace",
        Method::Patch => "update",
        Method::Delete => "delete",
    };
    let short = |mut name: String| {
        name.truncate(MAX_TOOL_NAME);
        name.trim_end_matches('_').to_owned()
    };
    let candidates = [words.clone(), format!("{verb}_{words}")].map(short);
    candidates.into_iter().find(|name| is_tool_name(name)).unwrap_or_else(|| format!("{verb}_it"))
}

/// Whether assistants accept this as the name of an argument.
pub fn is_argument_name(name: &str) -> bool {
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

/// The name of an argument for assistants, as similar to the API's as they accept. A name that is not visible ASCII stays as it is,
/// and is refused: somebody has to look at it.
pub fn argument_name(wire: &str) -> String {
    if is_argument_name(wire) || !wire.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') {
        return wire.to_owned();
    }
    let is_plain = |sign: char| sign.is_ascii_alphanumeric() || "_.-".contains(sign);
    let words = wire.split(|sign| !is_plain(sign)).filter(|word| !word.is_empty());
    let name: String = words.collect::<Vec<_>>().join("_");
    let name: String = name.trim_matches('_').chars().take(64).collect();
    if is_argument_name(&name) { name } else { "argument".to_owned() }
}

/// Whether a keyword is one of the document's words, or an extension: each of them is compared by itself.
pub(crate) fn is_word(keyword: &str) -> bool {
    const WORDS: [&str; 9] =
        ["description", "summary", "title", "example", "examples", "externalDocs", "deprecated", "tags", "operationId"];
    WORDS.contains(&keyword) || keyword.starts_with("x-")
}

/// What begins the name of an extension that holds what a repair took out of a tool's operation: only the facets read it, so that the
/// lock records it and a change of it is not silent.
pub(crate) const DROPPED: &str = "x-dropped-";
/// The dropped headers of an operation, and the texts and extensions of its path.
pub(crate) const DROPPED_HEADERS: &str = "x-dropped-headers";
pub(crate) const DROPPED_PATH: &str = "x-dropped-path";

/// Whether an argument may set this header: its name is a token (RFC 9110, section 5.6.2) and not one of the connection's.
pub fn is_header_name(name: &str) -> bool {
    const OWN: [&str; 8] =
        ["connection", "content-length", "cookie", "expect", "host", "proxy-authorization", "transfer-encoding", "upgrade"];
    let is_token = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
    !name.is_empty() && is_token && !OWN.contains(&name.to_ascii_lowercase().as_str())
}

/// The Rust name that progenitor gives to a parameter or an operation.
pub fn rust_snake(name: &str) -> String {
    rust_ident(name, str::to_snake_case)
}

/// The Rust name of a type.
pub fn rust_pascal(name: &str) -> String {
    rust_ident(name, str::to_pascal_case)
}

fn rust_ident(name: &str, case: fn(&str) -> String) -> String {
    match name {
        "+1" => return "plus1".to_owned(),
        "-1" => return "minus1".to_owned(),
        _ => {}
    }
    let plain: String =
        name.replace('\'', "").chars().map(|sign| if sign.is_alphanumeric() || sign == '_' { sign } else { '-' }).collect();
    let mut ident = case(&plain);
    if ident.is_empty() {
        ident = case("x");
    }
    if !ident.starts_with(|first: char| first.is_alphabetic()) {
        ident.insert(0, '_');
    }
    if syn::parse_str::<syn::Ident>(&ident).is_err() {
        ident.push('_');
    }
    ident
}

/// The name if it is a Rust identifier, or else another one.
pub(crate) fn valid(name: String) -> String {
    let is_pascal = name.starts_with(char::is_uppercase);
    if syn::parse_str::<syn::Ident>(&name).is_ok() { name } else { if is_pascal { "Unnamed" } else { "unnamed" }.to_owned() }
}

/// The type of a tool's optional arguments in the typed client.
pub fn options(tool: &str) -> String {
    rust_pascal(tool) + "Options"
}

/// The name itself, or with the first free number if it is taken; it is taken from then on.
pub(crate) fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{}{number}", name.trim_end_matches('_')));
    let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(free.clone());
    free
}

/// The title of a tool for which none is given: `list_apps` becomes `List apps`.
pub fn title(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut characters = words.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// The most similar of the `known` names, if any is similar enough to `name`.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(similarity, _)| *similarity >= 0.6)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}
