//! Finds operations that a new document has at another path, with other names of path parameters, or with another `operationId`.
//!
//! A match is certain if the id is the same, if it is only written differently, or if most operations moved in the same way, such as
//! to paths that begin with `/v2`. Everything else is for people to decide.

use std::collections::{BTreeMap, HashMap, HashSet};

use heck::ToSnakeCase;

/// The fewest operations that make one way of moving a rule.
const FEWEST: usize = 3;

/// An operation, by everything that identifies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place<'a> {
    pub(crate) id: &'a str,
    /// in upper case
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
}

/// What the beginning of a path was and is.
type Rule = (String, String);

/// Whether an operation is the other one.
type Way<'a> = dyn Fn(&Place<'_>, &Place<'_>) -> bool + 'a;

/// The certain matches of operations that are gone with new ones. Each operation has at most one.
pub(crate) fn moves<'a>(gone: &[Place<'a>], new: &[Place<'a>]) -> Vec<(Place<'a>, Place<'a>)> {
    let rule = rule(gone, new);
    let by_rule = |was: &Place<'_>, is: &Place<'_>| rule.is_some() && rule_of(was.path, is.path) == rule;
    let ways: [&Way<'_>; 3] =
        [&|was, is| was.id == is.id, &by_rule, &|was, is| are_alike(was.id, is.id) && has_common_end(was.path, is.path)];
    let (mut found, mut taken) = (Vec::new(), HashSet::new());
    for is_it in ways {
        let pairs = || gone.iter().flat_map(|was| new.iter().map(move |is| (was, is)));
        let open: Vec<(&Place<'a>, &Place<'a>)> = pairs()
            .filter(|(was, is)| was.method == is.method && !taken.contains(*was) && !taken.contains(*is) && is_it(was, is))
            .collect();
        let count = |place: &Place<'_>| open.iter().filter(|(was, is)| **was == *place || **is == *place).count();
        let certain: Vec<_> = open.iter().filter(|(was, is)| count(was) == 1 && count(is) == 1).copied().collect();
        for (was, is) in certain {
            taken.extend([*was, *is]);
            found.push((*was, *is));
        }
    }
    found.sort_unstable();
    found
}

/// The way in which most operations moved. It is the same in both directions, with both sides exchanged.
fn rule(gone: &[Place<'_>], new: &[Place<'_>]) -> Option<Rule> {
    let mut by_end: HashMap<(&str, String), Vec<&Place<'_>>> = HashMap::new();
    for is in new {
        by_end.entry((is.method, end(is.path))).or_default().push(is);
    }
    let mut sides: BTreeMap<Rule, [HashSet<&Place<'_>>; 2]> = BTreeMap::new();
    for was in gone {
        for is in by_end.get(&(was.method, end(was.path))).into_iter().flatten() {
            if let Some(rule) = rule_of(was.path, is.path) {
                let [from, to] = sides.entry(rule).or_default();
                from.insert(was);
                to.insert(is);
            }
        }
    }
    let counts = sides.into_iter().map(|(rule, [from, to])| (from.len().min(to.len()), rule));
    let either_way = |(was, is): &Rule| if was <= is { (was.clone(), is.clone()) } else { (is.clone(), was.clone()) };
    let (count, rule) = counts.max_by_key(|(count, rule)| (*count, either_way(rule)))?;
    (count >= FEWEST && count * 2 > gone.len().min(new.len())).then_some(rule)
}

/// A path without the names of its parameters.
fn shape(path: &str) -> String {
    let mut parts = path.split('{');
    let start = parts.next().unwrap_or_default().to_owned();
    parts.fold(start, |shape, part| shape + "{" + part.split_once('}').map_or(part, |(_, after)| after))
}

/// The last segment of a path, without the name of its parameter.
fn end(path: &str) -> String {
    shape(path).rsplit('/').next().unwrap_or_default().to_owned()
}

/// The way in which one path becomes the other: another beginning, with everything behind it the same.
fn rule_of(was: &str, is: &str) -> Option<Rule> {
    let (was, is) = (shape(was), shape(is));
    let [was, is] = [&was, &is].map(|path| path.split('/').skip(1).collect::<Vec<_>>());
    let same = was.iter().rev().zip(is.iter().rev()).take_while(|(one, other)| one == other).count();
    let begin = |all: &[&str]| {
        let all = all.get(..all.len() - same).unwrap_or_default();
        all.iter().fold(String::new(), |path, segment| path + "/" + segment)
    };
    let rule = (begin(&was), begin(&is));
    (same > 0 && !rule.0.contains('{') && !rule.1.contains('{')).then_some(rule)
}

fn has_common_end(was: &str, is: &str) -> bool {
    end(was) == end(is)
}

/// Whether two ids are the same words, however they are written: `getApps`, `get_apps`, `Apps_get`.
fn are_alike(one: &str, other: &str) -> bool {
    let plain = |id: &str| id.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let words = |id: &str| {
        let mut words: Vec<String> = id.to_snake_case().split('_').map(str::to_owned).collect();
        words.sort_unstable();
        words
    };
    plain(one) == plain(other) || words(one) == words(other)
}

/// The names of path parameters that are others now, by their position: the old name and the new one.
pub(crate) fn renamed_parameters<'a>(was: &'a str, is: &'a str) -> Vec<(&'a str, &'a str)> {
    let (was, is) = (parameters(was), parameters(is));
    if was.len() != is.len() {
        return Vec::new();
    }
    was.into_iter().zip(is).filter(|(was, is)| was != is).collect()
}

/// The names of a path's parameters, in their order.
pub(crate) fn parameters(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

/// How an operation moved, for people; the same for all that moved in the same way.
pub(crate) fn manner(was: &Place<'_>, is: &Place<'_>) -> String {
    let mut parts = Vec::new();
    match rule_of(was.path, is.path) {
        Some((before, now)) if before == now => {}
        Some((before, now)) if before.is_empty() => parts.push(format!("at a path with `{now}` in front")),
        Some((before, now)) if now.is_empty() => parts.push(format!("at a path without `{before}` in front")),
        Some((before, now)) => parts.push(format!("at a path that begins with `{now}` instead of `{before}`")),
        None => parts.push("at another path".to_owned()),
    }
    if !renamed_parameters(was.path, is.path).is_empty() {
        parts.push("with other names of path parameters".to_owned());
    }
    if was.id != is.id {
        parts.push("with another `operationId`".to_owned());
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &'static str) -> Place<'static> {
        let mut words = text.split(' ');
        let mut next = || words.next().unwrap();
        Place { method: next(), path: next(), id: next() }
    }

    fn found(gone: &[&'static str], new: &[&'static str]) -> Vec<(&'static str, &'static str)> {
        let places = |all: &[&'static str]| all.iter().map(|text| place(text)).collect::<Vec<_>>();
        moves(&places(gone), &places(new)).into_iter().map(|(was, is)| (was.path, is.path)).collect()
    }

    #[test]
    fn a_prefix_before_every_path_is_a_rule_whatever_the_ids_are() {
        let gone = [
            "GET /apps getApps",
            "GET /apps/{id} getApp",
            "PUT /apps/{id} putApp",
            "GET /apps/{id}/users getAppUsers",
            "GET /users getUsers",
        ];
        let new = [
            "GET /v2/apps a1",
            "GET /v2/apps/{app} a2",
            "PUT /v2/apps/{app} a3",
            "GET /v2/apps/{app}/users a4",
            "GET /v2/users a5",
        ];
        let all = found(&gone, &new);
        assert_eq!(all.len(), 5, "{all:?}");
        assert!(all.iter().all(|(was, is)| is.replace("{app}", "{id}") == format!("/v2{was}")), "{all:?}");
    }

    #[test]
    fn an_id_that_is_written_differently_is_the_same() {
        assert_eq!(found(&["GET /apps getApps"], &["GET /v2/apps get_apps"]), [("/apps", "/v2/apps")]);
        assert_eq!(found(&["GET /apps getApps"], &["GET /apps apps-get"]), [("/apps", "/apps")]);
        assert_eq!(found(&["GET /apps getApps"], &["GET /elsewhere/it getApps"]), [("/apps", "/elsewhere/it")]);
    }

    #[test]
    fn what_may_be_another_operation_is_left_to_people() {
        assert!(found(&["GET /apps getApps"], &["GET /apps listEverything"]).is_empty(), "another id at the same path");
        assert!(found(&["GET /apps getApps"], &["POST /apps getApps"]).is_empty(), "another method");
        assert!(found(&["GET /apps getApps"], &["GET /a/apps get_apps", "GET /b/apps GetApps"]).is_empty(), "two of them");
    }

    #[test]
    fn what_changed_is_said_in_the_same_words_for_all() {
        let manner = |was, is| manner(&place(was), &place(is));
        assert_eq!(manner("GET /a/{x} a", "GET /v2/a/{x} a"), "at a path with `/v2` in front");
        assert_eq!(
            manner("GET /v1/a/{x} a", "GET /v2/a/{y} b"),
            "at a path that begins with `/v2` instead of `/v1`, with other names of path parameters, with another `operationId`"
        );
        assert_eq!(manner("GET /a a", "GET /b a"), "at another path");
    }
}
