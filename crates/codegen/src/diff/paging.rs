//! Signs that a response is continued on a next page: a tool that does not know of it returns a list that ends early.

use serde_json::Value as Json;

/// Arguments that choose a part of a list.
const ARGUMENTS: [&str; 11] =
    ["page", "pagenumber", "pageindex", "pagetoken", "offset", "skip", "start", "startindex", "cursor", "after", "startingafter"];

/// Whether a call can choose a part of the list, so that another sign of pages is no news.
pub(super) fn is_paged(tool: &Json) -> bool {
    let arguments = tool.pointer("/inputSchema/properties").and_then(Json::as_object).into_iter().flatten();
    // the server has a `cursor` of its own for what is cut
    let own = tool.get("serverArguments").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
    let own: Vec<&str> = own.collect();
    has_cursor(tool) || arguments.filter(|(name, _)| !own.contains(&name.as_str())).any(|(name, _)| is_choice(name))
}

/// Whether the tool knows where the cursor of its list is.
pub(super) fn has_cursor(tool: &Json) -> bool {
    tool.pointer("/response/cursor").is_some_and(|cursor| !cursor.is_null())
}

/// Whether an argument chooses a part of a list.
pub(super) fn is_choice(argument: &str) -> bool {
    ARGUMENTS.contains(&plain(argument).as_str())
}

/// Whether a field outside of lists is probably the position of a next page, or tells that there is one.
pub(super) fn is_cursor(path: &str) -> bool {
    const FIELDS: [&str; 8] =
        ["hasmore", "hasnext", "hasnextpage", "morepages", "totalpages", "pagecount", "islastpage", "lastpage"];
    let name = plain(path.rsplit('.').next().unwrap_or(path));
    let is_position = name.starts_with("next") || name.ends_with("cursor") || name.ends_with("pagetoken");
    !path.contains('[') && (is_position || FIELDS.contains(&name.as_str()))
}

/// Whether a header of a response links to a next page (RFC 8288).
pub(super) fn is_link(header: &str) -> bool {
    header.eq_ignore_ascii_case("link")
}

fn plain(name: &str) -> String {
    name.to_lowercase().replace(['_', '-', '[', ']'], "")
}
