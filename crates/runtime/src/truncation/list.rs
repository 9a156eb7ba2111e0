//! Truncation of lists: as many items of one page, or of several consecutive pages, as fit.

use serde_json::Value;

use crate::{
    catalog::Tool,
    json_text::{self, Items, Members},
    nearest::plain,
    tool_output::ToolOutput,
    truncation::{CURSOR_ROOM, NEXT_CURSOR, Truncated, cursor::Start, trim},
};

/// The longest cursor of the API that is passed on, in bytes of JSON.
const CURSOR_BYTES: usize = 4 << 10;
/// A member that contains the number of items.
const COUNT: &str = "count";
/// Members that contain the number of items on all pages.
pub const TOTALS: [&str; 2] = ["total", "totalResults"];

/// The names of the members that contain a list and its cursor in a response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ListNames<'a> {
    pub(crate) items: &'a str,
    /// `None` if the tool takes no cursor
    pub(crate) cursor: Option<&'a str>,
}

/// One page of a list, and the position at which it begins.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) start: Start,
    pub(crate) output: ToolOutput,
}

impl<'a> ListNames<'a> {
    /// A note on why there are no more items, and how to get them.
    pub(crate) fn note(self, kept: u64, of: &str, why: &str) -> String {
        let how = match self.cursor {
            Some(name) => format!("Call again with `cursor` set to `{name}` for what comes next, or ask for fewer `fields`."),
            None => "Narrow the call to see the others: ask for fewer `fields`, or filter.".to_owned(),
        };
        format!("`{}` holds {} of {of}, {why}. {how}", self.items, grouped(kept))
    }

    /// A note that the API gave a cursor again whose page is there already.
    pub(crate) fn repeated(self) -> String {
        let cursor = self.cursor.unwrap_or(NEXT_CURSOR);
        format!(
            "The API gave a `{cursor}` again that it had given before, so the list ends here and may be incomplete, and some of its items \
             may have come before. Narrow the call to see others, for example with a filter."
        )
    }

    /// The response without the cursor that follows it.
    pub(crate) fn without_cursor(self, output: ToolOutput) -> ToolOutput {
        let text = json_text::members(&output.text).and_then(|mut members| {
            let name = self.found(&members).cursor?.to_owned();
            *members.get_mut(&name)? = "null";
            Some(json_text::object(members.iter()))
        });
        match text {
            Some(text) => output.with_text(text),
            None => output,
        }
    }

    /// The names that a response has. If it has no list of the documented name, its only list is the one; a cursor may be written
    /// with other signs, such as `next_cursor`.
    pub(crate) fn found<'b>(self, members: &'b Members<'_>) -> ListNames<'b>
    where
        'a: 'b,
    {
        let cursor = self.cursor.map(|cursor| {
            let same = || members.keys().find(|name| plain(name) == plain(cursor)).map_or(cursor, String::as_str);
            if members.contains_key(cursor) { cursor } else { same() }
        });
        let mut lists = members.iter().filter(|(_, raw)| raw.starts_with('['));
        let mut only = || lists.next().filter(|_| lists.next().is_none()).map_or(self.items, |(name, _)| name.as_str());
        ListNames { items: if members.contains_key(self.items) { self.items } else { only() }, cursor }
    }

    /// The items of a tool's response, if that is a list; each is found when it is asked for.
    pub(crate) fn items<'b>(tool: &'a Tool, response: &'b str) -> Option<Items<'b>> {
        let names = Self::of(tool)?;
        let elsewhere = || {
            let members = json_text::members(response)?;
            Items::of(members.get(names.found(&members).items)?)
        };
        json_text::from_member(response, names.items).map_or_else(elsewhere, Items::of)
    }

    /// The names in a tool's response, if that is a list.
    pub(crate) fn of(tool: &'a Tool) -> Option<Self> {
        let cursor = tool.response.cursor.as_deref().or(tool.is_server_argument("cursor").then_some(NEXT_CURSOR));
        Some(Self { items: tool.response.items.as_deref()?, cursor })
    }
}

/// How many items a page has, how many all pages have if it says so, and the API's cursor after its items.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) items: usize,
    pub(crate) total: Option<u64>,
    pub(crate) next: Option<String>,
}

impl Listed {
    /// Reads a response; `None` if it contains no list.
    pub(crate) fn read(output: &ToolOutput, names: ListNames<'_>) -> Option<Self> {
        let members = json_text::members(&output.text)?;
        let names = names.found(&members);
        let items = Items::of(members.get(names.items)?)?.count();
        let cursor = names.cursor.and_then(|name| members.get(name)).filter(|raw| raw.len() <= CURSOR_BYTES);
        let next = cursor.and_then(|raw| serde_json::from_str(raw).ok());
        Some(Self { items, total: total(&members, items), next })
    }

    /// Whether two responses have the same items.
    pub(crate) fn are_same(one: &ToolOutput, other: &ToolOutput, names: ListNames<'_>) -> bool {
        fn items<'a>(output: &'a ToolOutput, names: ListNames<'_>) -> Option<&'a str> {
            let members = json_text::members(&output.text)?;
            members.get(names.found(&members).items).copied()
        }
        items(one, names).is_some_and(|items_of_one| items(other, names) == Some(items_of_one))
    }
}

/// How many items all pages have, if a page with this many says so.
fn total(members: &Members<'_>, items: usize) -> Option<u64> {
    let total = TOTALS.iter().find_map(|name| members.get(*name)?.parse().ok());
    total.filter(|total| *total >= items as u64)
}

/// A number with a comma before every three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let comma = |at: usize| at > 0 && at % 3 == first;
    digits.char_indices().flat_map(|(at, digit)| comma(at).then_some(',').into_iter().chain([digit])).collect()
}

/// A page with the JSON texts of its members and items, so that numbers keep their digits.
struct Texts<'a> {
    members: Members<'a>,
    items: Vec<&'a str>,
}

impl<'a> Texts<'a> {
    fn read(page: &'a Page, names: ListNames<'_>) -> Option<Self> {
        let mut members = json_text::members(&page.output.text)?;
        let names = names.found(&members);
        let items = json_text::items(members.get(names.items)?)?;
        let too_long = names.cursor.filter(|cursor| members.get(*cursor).is_some_and(|raw| raw.len() > CURSOR_BYTES));
        if let Some(cursor) = too_long.map(str::to_owned) {
            members.shift_remove(&cursor);
        }
        Some(Self { members, items })
    }

    /// Whether the API has a page behind this one.
    fn has_next(&self, names: ListNames<'_>) -> bool {
        names.cursor.and_then(|name| self.members.get(name)).is_some_and(|raw| !["null", "\"\""].contains(raw))
    }
}

/// Joins the items of the pages that fit, at most `most`, with the cursor after them. All other members come from the first page.
/// `None` if a page contains no list.
pub(crate) fn join(pages: &[Page], names: ListNames<'_>, most: usize, budget: usize) -> Option<Truncated> {
    let texts = pages.iter().map(|page| Texts::read(page, names)).collect::<Option<Vec<_>>>()?;
    let first = texts.first()?;
    let names = names.found(&first.members);
    let shown_before = pages.iter().map(|page| page.start.skip);
    let items: Vec<&str> =
        texts.iter().zip(shown_before).flat_map(|(texts, skip)| texts.items.iter().skip(skip)).copied().collect();
    let items = items.get(..most.min(items.len()))?;
    let kept = fitting(items.iter().map(|item| item.len()), room(pages, &texts, names, budget));
    let next = next(pages, &texts, names, kept);
    // if the response counts the items of its page, the count is adjusted to those that are left
    let said = first.members.get(COUNT).and_then(|raw| raw.parse().ok());
    let count = (said == Some(first.items.len())).then_some(COUNT);
    let note = (kept < items.len()).then(|| {
        let of = match total(&first.members, first.items.len()) {
            Some(total) if pages.len() == 1 || total <= most as u64 => format!("{} items", grouped(total)),
            _ if pages.len() == 1 && first.has_next(names) => format!("{} items on this page", grouped(first.items.len() as u64)),
            _ if pages.len() == 1 => format!("{} items", grouped(first.items.len() as u64)),
            _ => format!("{} requested items", grouped(most as u64)),
        };
        names.note(kept as u64, &of, &format!("so that the response stays within {budget} characters"))
    });
    let text = text(names, first, items.get(..kept)?, count, next.as_deref());
    Some(
        if text.len() <= budget {
            Truncated { output: ToolOutput::new(text), note }
        } else {
            trimmed(&text, names, note, budget)
        }
        .within(budget),
    )
}

/// The characters that are left for the items.
fn room(pages: &[Page], texts: &[Texts<'_>], names: ListNames<'_>, budget: usize) -> usize {
    let length = |(name, raw): (&String, &&str)| name.len() + raw.len() + 4;
    let others = |(name, _): &(&String, &&str)| *name != names.items && Some(name.as_str()) != names.cursor;
    let rest: usize = texts.iter().take(1).flat_map(|texts| texts.members.iter().filter(others)).map(length).sum();
    let cursors = pages.iter().map(|page| page.start.length()).chain(texts.iter().map(|texts| {
        let own = names.cursor.and_then(|name| texts.members.get(name));
        own.map_or(0, |raw| raw.len())
    }));
    let cursor = names.cursor.map_or(0, |name| name.len() + cursors.max().unwrap_or_default() + CURSOR_ROOM);
    budget.saturating_sub(rest + names.items.len() + 8 + cursor)
}

/// How many items, separated by commas, fit; at least one, so that the next call continues after it.
pub(super) fn fitting(lengths: impl Iterator<Item = usize>, room: usize) -> usize {
    let mut used = 0;
    let mut count = 0;
    for length in lengths {
        used += length + 1;
        if used > room && count > 0 {
            break;
        }
        count += 1;
    }
    count
}

/// The cursor after the first `kept` items and the empty pages that follow them, as JSON: the API's own at the end of a page,
/// otherwise one of this server's. `None` if nothing is left and the first page has no member for it.
fn next(pages: &[Page], texts: &[Texts<'_>], names: ListNames<'_>, mut kept: usize) -> Option<String> {
    let name = names.cursor?;
    let mut own = None;
    for (Page { start, .. }, texts) in pages.iter().zip(texts) {
        let here = texts.items.len().saturating_sub(start.skip);
        if kept == 0 && here > 0 && own.is_some() {
            break;
        }
        if kept < here {
            return Some(Value::from(start.behind(start.skip + kept)).to_string());
        }
        kept -= here;
        own = texts.members.get(name).map(|raw| (*raw).to_owned());
    }
    own.or_else(|| texts.first()?.members.contains_key(name).then(|| "null".to_owned()))
}

fn text(names: ListNames<'_>, first: &Texts<'_>, items: &[&str], count: Option<&str>, next: Option<&str>) -> String {
    let ends = names.cursor.zip(next);
    let (list, count) = (json_text::list(items), count.map(|name| (name, items.len().to_string())));
    let members = first.members.iter().map(|(name, raw)| {
        let text = match (ends, &count) {
            (Some((cursor, next)), _) if name == cursor => next,
            _ if name == names.items => &list,
            (_, Some((own, count))) if name == own => count,
            _ => raw,
        };
        (name.as_str(), text)
    });
    json_text::object(members.chain(ends.filter(|(cursor, _)| !first.members.contains_key(*cursor))))
}

/// Cuts a response in which a single item, or the other members, are too large. The cursor stays whole, since the next call needs
/// it.
fn trimmed(text: &str, names: ListNames<'_>, note: Option<String>, budget: usize) -> Truncated {
    let mut members = json_text::members(text).unwrap_or_default();
    let kept = names.cursor.and_then(|name| members.shift_remove_entry(name));
    let room = kept.iter().map(|(name, raw)| name.len() + raw.len() + 4).sum();
    let mut cuts = Vec::new();
    let mut members = trim::object(members, budget.saturating_sub(room), "", &mut cuts);
    members.extend(kept.map(|(name, raw)| (name, raw.into())));
    let note = [note, Some(trim::note(&cuts, trim::LESS, budget))].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Truncated { output: ToolOutput::new(json_text::object(members)), note: Some(note) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: ListNames<'_> = ListNames { items: "runs", cursor: Some("nextCursor") };

    #[test]
    fn a_list_of_another_name_is_read_if_it_is_the_only_one() {
        let cases = [
            (r#"{"runs":[1,2],"nextCursor":"a"}"#, Some((2, Some("a")))),
            (r#"{"runs":[1,2],"errors":[],"nextCursor":null}"#, Some((2, None))),
            (r#"{"actionRuns":[1],"count":1,"nextCursor":"a"}"#, Some((1, Some("a")))),
            (r#"{"actionRuns":[1],"next_cursor":"a"}"#, Some((1, Some("a")))),
            (r#"{"actionRuns":[1],"errors":[]}"#, None),
            (r#"{"count":1}"#, None),
            ("[1]", None),
        ];
        for (text, expected) in cases {
            let listed = Listed::read(&ToolOutput::new(text.to_owned()), NAMES);
            let expected = expected.map(|(items, next)| Listed { items, total: None, next: next.map(str::to_owned) });
            assert_eq!(listed, expected, "{text}");
        }
    }

    #[test]
    fn numbers_are_read_in_groups_of_three() {
        let cases =
            [(0, "0"), (345, "345"), (2_000, "2,000"), (12_345, "12,345"), (123_456, "123,456"), (1_234_567, "1,234,567")];
        assert_eq!(cases.map(|(number, _)| grouped(number)), cases.map(|(_, text)| text));
    }

    #[test]
    fn the_note_of_a_cut_says_how_many_there_are_on_all_pages() {
        let items: Vec<String> = (0..1_000).map(|id| format!(r#"{{"id":{id}}}"#)).collect();
        let cut = |total: &str, pages: usize, most: usize| {
            let output = ToolOutput::new(format!(r#"{{"runs":[{}]{total},"nextCursor":"a"}}"#, items.join(",")));
            let pages: Vec<_> = (0..pages).map(|_| Page { start: Start::default(), output: output.clone() }).collect();
            join(&pages, NAMES, most, 5_000).unwrap().note.unwrap()
        };
        assert!(cut(r#","total":2000"#, 1, usize::MAX).contains(" of 2,000 items, so"));
        assert!(cut(r#","totalResults":12000"#, 1, usize::MAX).contains(" of 12,000 items, so"));
        assert!(cut("", 1, usize::MAX).contains(" of 1,000 items on this page, so"));
        assert!(cut(r#","total":3"#, 1, usize::MAX).contains(" of 1,000 items on this page, so"), "that is no total");
        assert!(cut(r#","total":2000"#, 2, 5_000).contains(" of 2,000 items, so"), "there are not as many as were asked for");
        assert!(cut(r#","total":9000"#, 2, 2_000).contains(" of 2,000 requested items, so"));
    }

    #[test]
    fn pages_of_another_name_are_joined_under_it() {
        let page = |text: &str| Page { start: Start::default(), output: ToolOutput::new(text.to_owned()) };
        let pages = [page(r#"{"all":[1,2],"next_cursor":"a"}"#), page(r#"{"all":[3],"next_cursor":"b"}"#)];
        let joined = join(&pages, NAMES, 10, 1000).unwrap();
        assert_eq!(joined.output.text, r#"{"all":[1,2,3],"next_cursor":"b"}"#);
    }
}
