//! Lists: the items of one page, or of several that follow each other, as far as they fit.

use std::fmt::Display;

use serde_json::{Map, Value, value::RawValue};

use super::{CURSOR_ROOM, Fitting, NEXT_CURSOR, cursor::Start, trim};
use crate::{catalog::Tool, upstream::Answer};

/// A member that says how many items there are.
const COUNT: &str = "count";

/// Where a list and its cursor stand in an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    pub(crate) items: &'a str,
    /// none, where the tool takes no cursor
    pub(crate) cursor: Option<&'a str>,
}

/// One page of a list, and where it begins.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) start: Start,
    pub(crate) answer: Answer,
}

impl<'a> Names<'a> {
    /// Why there are not more items, and how to get them.
    pub(crate) fn note(self, kept: impl Display, of: &str, why: &str) -> String {
        let how = match self.cursor {
            Some(name) => format!("Call again with `cursor` set to `{name}` for what comes next, or ask for fewer `fields`."),
            None => "Narrow the call to see the others: ask for fewer `fields`, or filter.".to_owned(),
        };
        format!("`{}` holds {kept} of {of}, {why}. {how}", self.items)
    }

    /// What a tool's answer calls them, if that is a list.
    pub(crate) fn of(tool: &'a Tool) -> Option<Self> {
        let cursor = tool.answer.cursor.as_deref().or(tool.takes_for_us("cursor").then_some(NEXT_CURSOR));
        Some(Self { items: tool.answer.items.as_deref()?, cursor })
    }
}

/// The members of an object as they stand in a text, in their order. A name that stands twice counts once, the last time, as
/// it does wherever JSON is parsed.
pub(super) type Members<'a> = indexmap::IndexMap<String, &'a RawValue>;

/// A page as it stands in its text, digits of numbers included.
struct Texts<'a> {
    members: Members<'a>,
    items: Vec<&'a str>,
}

impl<'a> Texts<'a> {
    fn read(page: &'a Page, names: Names<'_>) -> Option<Self> {
        let members: Members<'a> = serde_json::from_str(&page.answer.text).ok()?;
        let items: Vec<&RawValue> = serde_json::from_str(members.get(names.items)?.get()).ok()?;
        Some(Self { items: items.into_iter().map(RawValue::get).collect(), members })
    }
}

/// What is left of a list.
struct Cut {
    text: String,
    kept: usize,
    /// the member that counts the items, where there is one
    count: Option<&'static str>,
    /// the cursor behind the last item; none where the answer has no member for it
    next: Option<Value>,
    note: Option<String>,
}

/// The items of the pages that fit, at most `most`, with the cursor behind them. All else is as the first page has it, which
/// comes back where the texts cannot be taken apart.
pub(crate) fn join(pages: Vec<Page>, names: Names<'_>, most: usize, budget: usize) -> Result<Fitting, Answer> {
    let Some(cut) = cut(&pages, names, most, budget) else {
        return Err(pages.into_iter().next().map(|page| page.answer).unwrap_or_default());
    };
    let structured = structured(pages, names, &cut);
    let Cut { text, note, .. } = cut;
    let answer = Answer::new(text, structured);
    Ok(if answer.text.len() <= budget { Fitting { answer, note } } else { trimmed(answer, names, note, budget) })
}

fn cut(pages: &[Page], names: Names<'_>, most: usize, budget: usize) -> Option<Cut> {
    let texts = pages.iter().map(|page| Texts::read(page, names)).collect::<Option<Vec<_>>>()?;
    let first = texts.first()?;
    let shown_before = pages.iter().map(|page| page.start.skip);
    let items: Vec<&str> =
        texts.iter().zip(shown_before).flat_map(|(texts, skip)| texts.items.iter().skip(skip)).copied().collect();
    let items = items.get(..most.min(items.len()))?;
    let kept = fitting(items.iter().map(|item| item.len()), room(pages, &texts, names, budget));
    let next = next(pages, &texts, names, kept);
    // a count of the page's items counts what is left of them
    let said = first.members.get(COUNT).and_then(|raw| raw.get().parse().ok());
    let count = (said == Some(first.items.len())).then_some(COUNT);
    let note = (kept < items.len()).then(|| {
        let of = if pages.len() == 1 { format!("{} items", first.items.len()) } else { format!("{most} items asked for") };
        names.note(kept, &of, &format!("so that the answer stays within {budget} characters"))
    });
    let text = text(names, first, items.get(..kept)?, count, next.as_deref());
    let next = next.map(|next| serde_json::from_str(&next).unwrap_or_default());
    Some(Cut { text, kept, count, next, note })
}

/// What is left for the items.
fn room(pages: &[Page], texts: &[Texts<'_>], names: Names<'_>, budget: usize) -> usize {
    let length = |(name, raw): (&String, &&RawValue)| name.len() + raw.get().len() + 4;
    let others = |(name, _): &(&String, &&RawValue)| *name != names.items && Some(name.as_str()) != names.cursor;
    let rest: usize = texts.iter().take(1).flat_map(|texts| texts.members.iter().filter(others)).map(length).sum();
    let cursors = pages.iter().map(|page| page.start.length()).chain(texts.iter().map(|texts| {
        let own = names.cursor.and_then(|name| texts.members.get(name));
        own.map_or(0, |raw| raw.get().len())
    }));
    let cursor = names.cursor.map_or(0, |name| name.len() + cursors.max().unwrap_or_default() + CURSOR_ROOM);
    budget.saturating_sub(rest + names.items.len() + 8 + cursor)
}

/// How many fit, one after the other with commas; one always does, so that a walk goes on.
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

/// The cursor behind the first `kept` items and the empty pages after them, as JSON: Torii's at the end of a page, else one of ours. None where the first page
/// has no member for it and nothing is left.
fn next(pages: &[Page], texts: &[Texts<'_>], names: Names<'_>, mut kept: usize) -> Option<String> {
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
        own = texts.members.get(name).map(|raw| raw.get().to_owned());
    }
    own.or_else(|| texts.first()?.members.contains_key(name).then(|| "null".to_owned()))
}

fn text(names: Names<'_>, first: &Texts<'_>, items: &[&str], count: Option<&str>, next: Option<&str>) -> String {
    let mut text = String::with_capacity(items.iter().map(|item| item.len() + 1).sum::<usize>() + CURSOR_ROOM);
    let mut member = |name: &str, value: &str| {
        text.push(if text.is_empty() { '{' } else { ',' });
        text += &Value::from(name).to_string();
        text.push(':');
        text += value;
    };
    let ends = names.cursor.zip(next);
    for (name, raw) in &first.members {
        match ends {
            Some((cursor, next)) if name == cursor => member(name, next),
            _ if name == names.items => member(name, &format!("[{}]", items.join(","))),
            _ if Some(name.as_str()) == count => member(name, &items.len().to_string()),
            _ => member(name, raw.get()),
        }
    }
    if let Some((cursor, next)) = ends.filter(|(cursor, _)| !first.members.contains_key(*cursor)) {
        member(cursor, next);
    }
    text.push('}');
    text
}

/// The same, parsed.
fn structured(pages: Vec<Page>, names: Names<'_>, cut: &Cut) -> Map<String, Value> {
    let (mut first, mut items) = (None, Vec::new());
    for Page { start, answer } in pages {
        let mut structured = answer.structured;
        if let Some(Value::Array(page)) = structured.get_mut(names.items).map(Value::take) {
            items.extend(page.into_iter().skip(start.skip));
        }
        first.get_or_insert(structured);
    }
    items.truncate(cut.kept);
    let mut structured = first.unwrap_or_default();
    structured.insert(names.items.to_owned(), Value::Array(items));
    structured.extend(cut.count.map(|name| (name.to_owned(), Value::from(cut.kept))));
    structured.extend(names.cursor.zip(cut.next.clone()).map(|(name, next)| (name.to_owned(), next)));
    structured
}

/// One item alone is too large, or what stands beside the items; the cursor stays whole, since the walk goes on with it.
fn trimmed(answer: Answer, names: Names<'_>, note: Option<String>, budget: usize) -> Fitting {
    let mut structured = answer.structured;
    let kept = names.cursor.and_then(|name| structured.shift_remove_entry(name));
    let room = kept.iter().map(|(name, value)| name.len() + value.to_string().len() + 4).sum();
    let (mut structured, cuts) = trim::trim(structured, budget.saturating_sub(room));
    structured.extend(kept);
    let note = [note, Some(trim::note(&cuts, trim::LESS, budget))].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Fitting { answer: Answer::of(structured), note: Some(note) }
}
