//! Compares the tools of two surfaces: which were added, removed or renamed, and what changed in the others.

use std::collections::BTreeMap;

use openapi_mcp_model::Effect;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::structure::Told;
use super::{
    ChangeKind, Diff, Level, Moves, Phrase, Subject, corrections, facets, instead, is_removed, leaf, literal, literals, moved,
    paging, place, response, schema, security, structure, text,
};
use crate::moves::parameters;

/// The members with a specific comparison, and the members that are derived from them.
const KNOWN: [&str; 41] = [
    "name",
    "title",
    "description",
    "toolset",
    "effect",
    "repeatable",
    "confirm",
    "serverArguments",
    "defaultListed",
    "saysToday",
    "scopes",
    "operationId",
    "method",
    "path",
    "rate",
    "maxRequestBytes",
    "inputSchema",
    "fullInputSchema",
    "outputSchema",
    "responseFields",
    "facets",
    "structure",
    "security",
    "server",
    "replaced",
    "request",
    "contentType",
    "annotations",
    "aliases",
    "searchTerms",
    "takesKeys",
    "listsKeys",
    "tables",
    "tableNames",
    "defaults",
    "narrowingDefaults",
    "edits",
    "record",
    "response",
    "credential",
    "digest",
];

pub(super) fn compare(old: &Json, new: &Json, moves: &Moves<'_>, outdated: &[String], diff: &mut Diff) {
    let (before, now) = (by_name(old), by_name(new));
    let renamed = renames(&before, &now);
    for (name, tool) in &before {
        if now.contains_key(name) || renamed.iter().any(|(from, _)| from == name) {
            continue;
        }
        diff.add(
            tool_subject(name),
            ChangeKind::ToolRemoved,
            format!("was removed: {} {}, {}", text(tool, "method"), literal(text(tool, "path")), why_removed(tool, new)),
        );
    }
    for (name, tool) in &now {
        let earlier = before.get(name).copied().or_else(|| {
            let (from, _) = renamed.iter().find(|(_, to)| to == name)?;
            let still = names(tool, "aliases").any(|earlier| earlier == *from);
            let (level, what) = if still { (Level::Additive, "still reaches it") } else { (Level::Breaking, "no longer exists") };
            diff.add_as(level, tool_subject(name), ChangeKind::ToolRenamed, format!("was renamed; {} {what}", literal(from)));
            before.get(from).copied()
        });
        if let Some(earlier) = earlier {
            tool_changes(name, earlier, tool, (moves, outdated), diff);
            // what is that of the document is told once
            if !(is_that_of(old, earlier) && is_that_of(new, tool)) {
                security::compare(earlier, tool, |level, what| {
                    diff.add_as(level, tool_subject(name), ChangeKind::SecurityChanged, what);
                });
            }
        } else {
            let what = format!("is new: {} {}", text(tool, "method"), literal(text(tool, "path")));
            diff.add(tool_subject(name), ChangeKind::ToolAdded, what);
        }
    }
}

/// Whether a tool demands of a caller what its document does.
fn is_that_of(surface: &Json, tool: &Json) -> bool {
    surface.get("security").is_some() && surface.get("security") == tool.get("security")
}

fn tool_subject(name: &str) -> Subject {
    Subject::Tool(name.to_owned())
}

fn by_name(surface: &Json) -> BTreeMap<&str, &Json> {
    let tools = surface.get("tools").and_then(Json::as_array).into_iter().flatten();
    tools.filter_map(|tool| Some((tool.get("name")?.as_str()?, tool))).collect()
}

/// Says why a tool was removed: what happened to its operation.
fn why_removed(tool: &Json, now: &Json) -> String {
    let lines = || now.get("operations").and_then(Json::as_array).into_iter().flatten();
    let is_here = |line: &&Json| !is_removed(line) && ["method", "path"].iter().all(|key| text(line, key) == text(tool, key));
    let is_gone = lines().any(|line| text(line, "tool") == text(tool, "name") && is_removed(line));
    match lines().find(is_here).map(|line| text(line, "operationId")).filter(|id| *id != text(tool, "operationId")) {
        Some(id) => format!("which is {} now", literal(id)),
        None if is_gone => "its operation has left the document".to_owned(),
        None => "it no longer has a tool".to_owned(),
    }
}

/// Pairs a removed tool with an added one if one has the other as an alias, or if both have the same operation.
fn renames<'a>(before: &BTreeMap<&'a str, &Json>, now: &BTreeMap<&'a str, &Json>) -> Vec<(&'a str, &'a str)> {
    let is_same = |from: &str, was: &Json, to: &str, is: &Json| {
        names(is, "aliases").any(|name| name == from)
            || names(was, "aliases").any(|name| name == to)
            || text(was, "operationId") == text(is, "operationId")
    };
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for (from, was) in before.iter().filter(|(name, _)| !now.contains_key(*name)) {
        let mut candidates =
            now.iter().filter(|(to, _)| !before.contains_key(*to) && !pairs.iter().any(|(_, taken)| taken == *to));
        if let Some((to, _)) = candidates.find(|(to, is)| is_same(from, was, to, is)) {
            pairs.push((from, to));
        }
    }
    pairs
}

fn names<'a>(tool: &'a Json, key: &str) -> impl Iterator<Item = &'a str> {
    tool.get(key).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
}

fn tool_changes(name: &str, old: &Json, new: &Json, (moves, outdated): (&Moves<'_>, &[String]), diff: &mut Diff) {
    let mut told = Told::default();
    let mut add = |kind, what: String| diff.add(tool_subject(name), kind, what);
    for key in ["title", "description"] {
        if old.get(key) != new.get(key) {
            add(ChangeKind::TextChanged, format!("has the `{key}` {}", instead(Some(text(old, key)), Some(text(new, key)))));
        }
    }
    if old.get("searchTerms") != new.get("searchTerms") {
        add(ChangeKind::TextChanged, "is found by other words".to_owned());
    }
    if old.get("saysToday") != new.get("saysToday") {
        add(ChangeKind::TextChanged, "says today's date, or no longer does".to_owned());
    }
    if ["takesKeys", "listsKeys"].iter().any(|key| old.get(*key) != new.get(*key)) {
        add(ChangeKind::TextChanged, "takes or lists field keys of another kind".to_owned());
    }
    if old.get("narrowingDefaults") != new.get("narrowingDefaults") {
        add(ChangeKind::TextChanged, "tells something else about what its defaults leave out".to_owned());
    }
    let mut add_as = |level: Option<Level>, kind, what: Phrase| match level {
        Some(level) => diff.add_as(level, tool_subject(name), kind, what),
        None => diff.add(tool_subject(name), kind, what),
    };
    arguments(old, new, &mut told, &mut add_as);
    response::compare(old, new, &mut told, &mut add_as);
    facets::compare(old, new, &mut told, &mut add_as);
    let mut add = |kind, what: String| diff.add(tool_subject(name), kind, what);
    rights(old, new, &mut add);
    let both = |key: &str| format!("{} instead of {}", literal(text(new, key)), literal(text(old, key)));
    if old.get("toolset") != new.get("toolset") {
        add(ChangeKind::ToolsetChanged, format!("is in the toolset {}", both("toolset")));
    }
    if old.get("defaultListed") != new.get("defaultListed") {
        let is_listed = new.get("defaultListed").and_then(Json::as_bool).unwrap_or_default();
        add(
            ChangeKind::ListingChanged,
            if is_listed { "is in the default list now" } else { "is no longer in the default list" }.to_owned(),
        );
    }
    let (was, is) = (place(old), place(new));
    let (server_before, server_now) = (text(old, "server"), text(new, "server"));
    // older locks do not record it
    let has_other_server = server_before != server_now && old.get("security").is_some() && new.get("security").is_some();
    if has_other_server {
        let shown = |path: &str| if path.is_empty() { "that of the API".to_owned() } else { literal(path) };
        let what = format!("has the server {} instead of {}", shown(server_now), shown(server_before));
        diff.add(tool_subject(name), ChangeKind::ServerChanged, what);
    }
    let own_path = |tool: &Json, server: &str| text(tool, "path").strip_prefix(server).map(str::to_owned);
    let is_same_path = has_other_server && own_path(old, server_before) == own_path(new, server_now);
    if was != is && !(is_same_path && (was.method, was.id) == (is.method, is.id)) {
        // an operation may move to another path
        let is_same = moves.contains(&(was, is)) || (was.method == is.method && was.id == is.id);
        diff.add(tool_subject(name), if is_same { ChangeKind::Rerouted } else { ChangeKind::Repurposed }, moved(&was, &is));
    }
    let mut add = |kind, what: String| diff.add(tool_subject(name), kind, what);
    request(old, new, &mut told, &mut add);
    rate(old, new, &mut add);
    request_size(old, new, &mut add);
    aliases(old, new, &mut add);
    tables(old, new, &mut add);
    corrections::replaced(old, new, |argument, keyword, level, what| {
        if keyword == "default" {
            told.argument(argument, ChangeKind::DefaultChanged);
        }
        diff.add_as(level, tool_subject(name), ChangeKind::CorrectionOutdated, what);
    });
    let mut add = |kind, what: String| diff.add(tool_subject(name), kind, what);
    others(old, new, &mut add);
    structure::compare(old, new, &told, outdated, |level, what| {
        diff.add_as(level, tool_subject(name), ChangeKind::OtherChanged, what);
    });
}

fn arguments(old: &Json, new: &Json, told: &mut Told, add: &mut impl FnMut(Option<Level>, ChangeKind, Phrase)) {
    let none = Json::Null;
    let is_short = |tool: &Json| tool.get("fullInputSchema").is_some();
    for found in schema::compare(schema::whole(old), schema::whole(new)) {
        told.argument(&found.path, found.kind);
        // what was all of a list may be the first page of it
        let is_first_choice =
            found.kind == ChangeKind::ArgumentAdded && is_list(new) && !paging::is_paged(old) && paging::is_choice(&found.path);
        let level = if is_first_choice { Some(Level::Breaking) } else { found.level };
        let mut phrase = argument(&found);
        if is_first_choice {
            phrase.what += ", so a response may be one page of several";
        }
        add(level, found.kind, phrase);
    }
    if is_short(old) != is_short(new) {
        let shown =
            if is_short(new) { "a shortened input schema, since the whole is too long" } else { "the whole input schema again" };
        add(None, ChangeKind::TextChanged, format!("shows assistants {shown}").into());
    }
    let (before, now) = (old.get("defaults").unwrap_or(&none), new.get("defaults").unwrap_or(&none));
    let keys = |of: &Json| of.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let mut all = keys(before);
    all.extend(keys(now).into_iter().filter(|key| before.get(key).is_none()));
    for key in all.iter().filter(|key| before.get(key.as_str()) != now.get(key.as_str())) {
        told.argument(key, ChangeKind::DefaultChanged);
        let shown = |of: &Json| of.get(key).map_or_else(|| "nothing".to_owned(), |value| literal(&value.to_string()));
        add(
            None,
            ChangeKind::DefaultChanged,
            format!("sends {} for {} where it is left out, instead of {}", shown(now), literal(key), shown(before)).into(),
        );
    }
}

/// Whether a tool reads a list.
fn is_list(tool: &Json) -> bool {
    let has_items = tool.pointer("/response/items").is_some_and(|items| !items.is_null());
    let mut fields = tool.get("responseFields").and_then(Json::as_object).into_iter().flatten().map(|(pointer, _)| pointer);
    text(tool, "effect") == "read" && (has_items || fields.any(|pointer| pointer.contains("/[]")))
}

fn argument(schema::SchemaChange { kind, path, what, .. }: &schema::SchemaChange) -> Phrase {
    if path.is_empty() {
        return format!("the arguments {what}").into();
    }
    let cause = if kind.names_a_member() { format!("the argument {} {what}", leaf(path)) } else { format!("an argument {what}") };
    let place = literal(path);
    Phrase { what: format!("argument {place} {what}"), cause, place }
}

fn rights(old: &Json, new: &Json, add: &mut impl FnMut(ChangeKind, String)) {
    let effect = |of: &Json| Effect::deserialize(of.get("effect")?).ok();
    if old.get("effect") != new.get("effect") {
        let kind = if effect(new) > effect(old) { ChangeKind::EffectRaised } else { ChangeKind::EffectLowered };
        add(kind, format!("has the effect {} instead of {}", literal(text(new, "effect")), literal(text(old, "effect"))));
    }
    if old.get("repeatable") != new.get("repeatable") {
        let is = new.get("repeatable").and_then(Json::as_bool).unwrap_or_default();
        add(
            ChangeKind::RepeatableChanged,
            if is { "may be repeated after a fault" } else { "may no longer be repeated after a fault" }.to_owned(),
        );
    } else if old.get("effect") == new.get("effect") && hints(old) != hints(new) {
        add(ChangeKind::OtherChanged, "has other hints".to_owned());
    }
    let asks = |of: &Json| of.get("confirm").is_some_and(|confirm| confirm != false);
    let changes_when = |of: &Json| of.get("confirm").is_some_and(Json::is_object);
    // a tool that destroys data always asks for confirmation
    if old.get("effect") == new.get("effect") && asks(old) != asks(new) {
        if asks(new) {
            add(ChangeKind::ConfirmationAdded, "asks the user before it acts now".to_owned());
        } else {
            add(ChangeKind::ConfirmationRemoved, "no longer asks the user before it acts".to_owned());
        }
    } else if old.get("confirm") != new.get("confirm") && (changes_when(old) || changes_when(new)) {
        add(ChangeKind::OtherChanged, "asks the user before it acts in other cases".to_owned());
    }
    let missing = |from: &Json, of: &Json| {
        let list: Vec<String> =
            names(from, "scopes").filter(|scope| !names(of, "scopes").any(|other| other == *scope)).map(str::to_owned).collect();
        (!list.is_empty()).then(|| literals(list.iter().map(String::as_str)))
    };
    if let Some(scopes) = missing(new, old) {
        add(ChangeKind::ScopeAdded, format!("needs the scope {scopes}"));
    }
    if let Some(scopes) = missing(old, new) {
        add(ChangeKind::ScopeRemoved, format!("no longer needs the scope {scopes}"));
    }
    if old.get("credential") != new.get("credential") {
        add(ChangeKind::KeyChanged, format!("is sent with {} instead of {}", credential(new), credential(old)));
    }
}

fn credential(tool: &Json) -> String {
    let name = tool.get("credential").and_then(Json::as_str);
    name.map_or_else(|| "no credential".to_owned(), |name| format!("the credential {}", literal(name)))
}

/// The hints without the title, which is compared separately.
fn hints(tool: &Json) -> Option<Json> {
    let mut hints = tool.get("annotations")?.clone();
    hints.as_object_mut()?.shift_remove("title");
    Some(hints)
}

/// Compares how requests are made. The comparison of the input schemas reports visible arguments that were added or removed.
fn request(old: &Json, new: &Json, told: &mut Told, add: &mut impl FnMut(ChangeKind, String)) {
    // older locks do not record requests
    let (Some(before), Some(now)) = (old.get("request"), new.get("request")) else { return };
    if before.get("body") != now.get("body") {
        let shown = |of: &Json| of.get("body").and_then(Json::as_str).map_or_else(|| "nothing".to_owned(), literal);
        let has_body = |of: &Json| of.get("body").is_some_and(Json::is_string);
        let kind = if has_body(before) && has_body(now) { ChangeKind::MediaTypeChanged } else { ChangeKind::RequestChanged };
        told.argument("", kind);
        add(kind, format!("sends a body of {} instead of {}", shown(now), shown(before)));
    }
    let none = Map::new();
    let arguments = |of: &'_ Json| of.get("arguments").and_then(Json::as_object).unwrap_or(&none).clone();
    let (before, now) = (arguments(before), arguments(now));
    let is_seen = |tool: &Json, name: &str| tool.pointer("/inputSchema/properties").is_some_and(|all| all.get(name).is_some());
    for (name, was) in &before {
        if now.get(name) != Some(was) {
            told.argument(name, ChangeKind::ArgumentMoved);
        }
        match now.get(name) {
            Some(is) if !is_same_place((old, was), (new, is), name) => {
                let shown = |location: &Json| literal(location.as_str().unwrap_or_default());
                add(ChangeKind::ArgumentMoved, format!("sends {} in {} instead of {}", literal(name), shown(is), shown(was)));
            }
            None if !is_seen(old, name) => add(ChangeKind::RequestChanged, format!("no longer sends {}", literal(name))),
            _ => {}
        }
    }
    now.keys().filter(|name| !before.contains_key(*name)).for_each(|name| told.argument(name, ChangeKind::ArgumentAdded));
    for name in now.keys().filter(|name| !before.contains_key(*name) && !is_seen(new, name)) {
        add(ChangeKind::RequestChanged, format!("sends {}", literal(name)));
    }
}

/// Whether an argument is sent in the same place. The names of path parameters are never sent, so only their positions count.
fn is_same_place((old, was): (&Json, &Json), (new, is): (&Json, &Json), name: &str) -> bool {
    let position = |tool: &Json, location: &Json| {
        let called = location.as_str()?.strip_prefix("path")?.trim();
        let wire = if called.is_empty() { name } else { called };
        let all = parameters(text(tool, "path"));
        Some((all.iter().position(|parameter| *parameter == wire)?, all.len()))
    };
    match (position(old, was), position(new, is)) {
        (Some((was, before)), Some((is, now))) if before == now => was == is,
        _ => was == is,
    }
}

fn rate(old: &Json, new: &Json, add: &mut impl FnMut(ChangeKind, String)) {
    let of = |tool: &Json| tool.get("rate").and_then(Json::as_u64);
    match (of(old), of(new)) {
        (Some(before), Some(now)) if before != now => {
            let kind = if now > before { ChangeKind::RateRaised } else { ChangeKind::RateLowered };
            add(kind, format!("may have {now} calls a minute instead of {before}"));
        }
        (None, Some(now)) => add(ChangeKind::RateStated, format!("may have {now} calls a minute, and had no stated rate")),
        // the text may state it in other words, so it is not unlimited
        (Some(before), None) => add(
            ChangeKind::RateNotUnderstood,
            format!("had {before} calls a minute, and a rate is no longer understood in its text; set `rate` in the overlay"),
        ),
        _ => {}
    }
}

fn request_size(old: &Json, new: &Json, add: &mut impl FnMut(ChangeKind, String)) {
    let of = |tool: &Json| tool.get("maxRequestBytes").and_then(Json::as_u64);
    let shown = |bytes: Option<u64>| bytes.map_or_else(|| "the usual size".to_owned(), |bytes| format!("up to {bytes} bytes"));
    let (before, now) = (of(old), of(new));
    if before != now {
        // the usual size, which is absent here, is smaller than any other
        let kind = if now > before { ChangeKind::Widened } else { ChangeKind::Narrowed };
        add(kind, format!("takes requests of {} instead of {}", shown(now), shown(before)));
    }
}

fn aliases(old: &Json, new: &Json, add: &mut impl FnMut(ChangeKind, String)) {
    let (before, now): (Vec<_>, Vec<_>) = (names(old, "aliases").collect(), names(new, "aliases").collect());
    for name in now.iter().filter(|name| !before.contains(name) && **name != text(old, "name")) {
        add(ChangeKind::NameKept, format!("is reached by {} too", literal(name)));
    }
    for name in before.iter().filter(|name| !now.contains(name) && **name != text(new, "name")) {
        add(ChangeKind::NameDropped, format!("is no longer reached by {}", literal(name)));
    }
}

/// Compares the names of tables, which statements of SQL contain. Their columns are those of the response.
fn tables(old: &Json, new: &Json, add: &mut impl FnMut(ChangeKind, String)) {
    for name in names(new, "tableNames").filter(|name| !names(old, "tableNames").any(|other| other == *name)) {
        add(ChangeKind::TableAdded, format!("has the table {}", literal(name)));
    }
    for name in names(old, "tableNames").filter(|name| !names(new, "tableNames").any(|other| other == *name)) {
        add(ChangeKind::TableRemoved, format!("no longer has the table {}", literal(name)));
    }
}

/// Reports changes of members without a specific comparison.
fn others(old: &Json, new: &Json, add: &mut impl FnMut(ChangeKind, String)) {
    let keys = |of: &Json| of.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let mut all = keys(old);
    all.extend(keys(new));
    all.sort();
    all.dedup();
    for key in
        all.iter().filter(|key| !KNOWN.contains(&key.as_str())).filter(|key| old.get(key.as_str()) != new.get(key.as_str()))
    {
        add(ChangeKind::OtherChanged, format!("changed in {}", literal(key)));
    }
}
