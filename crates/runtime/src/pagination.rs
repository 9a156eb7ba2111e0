//! Follows the pages of a list on the server, so that one call returns many items.
//!
//! Invariants:
//! - Pages are fetched one after the other. Each is a call of its own: rate-limited, validated, and retried where that may help.
//! - Fetched items are never lost: they are returned with the cursor that continues exactly after them, and with a note on why
//!   the list ends there if the caller could have expected more.
//! - A cursor that the API gives again ends the list: its page is there already. A page that repeats the one before it is left out.
//! - Pagination ends with the list, with the requested number of items, when the response is full, after a few empty pages, or
//!   when its time is over. Dropping the future cancels it.

use std::{collections::HashSet, time::Duration};

use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use crate::{
    arguments::Arguments,
    catalog::Tool,
    large_work,
    server_arguments::ServerArguments,
    tool_error::ToolError,
    tool_output::ToolOutput,
    truncation::{self, ListNames, Listed, Page, Start, Truncated, grouped, whole_number},
    upstream::Outcome,
};

#[cfg(test)]
mod tests;

/// How long pages are followed. Clients wait for about a minute.
pub const MAX_TIME: Duration = Duration::from_secs(45);
/// The page size if the assistant does not specify one: larger than the API's default, so that fewer calls are needed.
const PAGE: u64 = 100;
/// How many consecutive empty pages end the pagination.
const EMPTY: usize = 3;

/// The limits of a response.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How many characters it may have.
    pub characters: usize,
    /// The time at which pagination stops.
    pub until: Instant,
}

/// Runs one call with its server arguments: fetches one or more pages and truncates the result. After each page, `report_progress` receives
/// the number of items so far.
///
/// # Errors
/// When there is no result: the first page failed, or the requested part does not exist.
pub async fn collect_pages<F, T>(
    tool: &'static Tool,
    server_arguments: &ServerArguments,
    mut arguments: Arguments,
    bounds: Bounds,
    fetch: impl Fn(Arguments) -> F,
    report_progress: impl Fn(u64) -> T,
) -> Result<Truncated, ToolError>
where
    F: Future<Output = Outcome>,
    T: Future<Output = ()>,
{
    let explained = |mut truncated: Truncated| {
        truncated.add(truncation::nothing_selected(tool, &truncated.output));
        truncated
    };
    let fields = arguments.take_fields(&tool.response)?;
    let requested =
        arguments.values().get("cursor").and_then(Value::as_str).filter(|cursor| !cursor.is_empty()).map(str::to_owned);
    let fetch = async |arguments| {
        let output = fetch(arguments).await?;
        match fields.clone() {
            Some(fields) => run_large(output.text.len(), move || Ok(truncation::select(output, tool, &fields))).await,
            None => Ok(output),
        }
    };
    let list = server_arguments.max_items.and_then(|most| Some((most, ListNames::of(tool)?)));
    let Some((most, names)) = list else {
        let output = fetch(arguments).await?;
        let length = output.text.len();
        let (start, part, budget) = (server_arguments.start.clone(), server_arguments.part.clone(), bounds.characters);
        let fit = move || {
            // a response whose cursor is the one that it was requested with would be requested for ever
            let names = requested.and_then(|requested| repeats(&output, tool, &requested));
            let output = match names {
                Some(names) => names.without_cursor(output),
                None => output,
            };
            let mut truncated = truncation::fit(output, tool, &start, part.as_deref(), budget)?;
            truncated.add(names.map(ListNames::repeated));
            Ok(truncated)
        };
        return run_large(length, fit).await.map(explained);
    };
    let size = page_size(tool, arguments.values());
    let mut paginator =
        Paginator { names, most, size, arguments, pages: Vec::new(), gathered: 0, total: None, seen: HashSet::new() };
    let mut start = paginator.first(&server_arguments.start);
    let (mut characters, mut empty) = (0, 0);
    let end = loop {
        let page = fetch(paginator.arguments.clone());
        let fetched = if paginator.pages.is_empty() { Ok(page.await) } else { timeout_at(bounds.until, page).await };
        let output = match fetched {
            Ok(Ok(output)) => output,
            Ok(Err(failure)) if paginator.pages.is_empty() => return Err(failure),
            Ok(Err(failure)) => break End::Broken(failure.to_string()),
            Err(_) => break End::Late,
        };
        let length = output.text.len();
        characters += length;
        let (output, listed) = run_large(length, move || {
            let listed = Listed::read(&output, names);
            Ok((output, listed))
        })
        .await?;
        if listed.is_none() && !paginator.pages.is_empty() {
            break End::Broken("it contains no list".to_owned());
        }
        let (before, next) = (paginator.gathered, paginator.take(start, output, listed));
        empty = if paginator.gathered > before { 0 } else { empty + 1 };
        if empty == 0 {
            report_progress(paginator.gathered.min(most)).await;
        }
        start = match next {
            Next::Page(next) => next,
            Next::Enough => break End::Done,
            Next::Repeated => break End::Repeated,
        };
        if empty >= EMPTY {
            break End::Empty;
        }
        if characters >= bounds.characters {
            break End::Full;
        }
        if Instant::now() >= bounds.until {
            break End::Late;
        }
        // the pages so far fit into the response, and their reservation must not block the next page
        if let Some(page) = paginator.pages.last_mut() {
            page.output.release_memory();
        }
    };
    run_large(characters, move || paginator.end(tool, &end, bounds.characters)).await.map(explained)
}

/// Runs `work`, which processes this many bytes of responses; see [`large_work::run`].
async fn run_large<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> Result<T, ToolError> + Send + 'static,
) -> Result<T, ToolError> {
    large_work::run(bytes, work).await.unwrap_or(Err(ToolError::not_json()))
}

/// The names of a response's list, if its cursor is the requested one.
fn repeats<'a>(output: &ToolOutput, tool: &'a Tool, requested: &str) -> Option<ListNames<'a>> {
    let names = ListNames::of(tool)?;
    (Listed::read(output, names)?.next.as_deref() == Some(requested)).then_some(names)
}

/// What follows a page.
enum Next {
    Page(Start),
    /// The list ends, or there are enough items.
    Enough,
    /// The API gave a cursor again.
    Repeated,
}

/// Why no more pages were fetched.
enum End {
    Done,
    Repeated,
    Full,
    Late,
    Empty,
    Broken(String),
}

struct Paginator<'a> {
    names: ListNames<'a>,
    most: u64,
    /// The page size; `None` if the tool has no such argument, or the given value is invalid and left to the validation.
    size: Option<u64>,
    /// The arguments of the next page.
    arguments: Arguments,
    pages: Vec<Page>,
    gathered: u64,
    /// How many items the whole list has, if its first page says so.
    total: Option<u64>,
    /// The cursors whose pages were fetched.
    seen: HashSet<String>,
}

impl Paginator<'_> {
    /// The start of the first page. A start inside a page keeps that page's size; any other may use its own.
    fn first(&mut self, start: &Start) -> Start {
        if start.skip > 0 { start.clone() } else { self.sized(start.cursor().map(str::to_owned)) }
    }

    /// The start of the page after a cursor, no larger than the number of items still missing.
    fn sized(&mut self, cursor: Option<String>) -> Start {
        let size = self.size.map(|size| size.min(self.most - self.gathered));
        self.arguments.set_page(cursor.as_deref(), size);
        Start::of(cursor, size)
    }

    /// Adds a page, unless it repeats the one before it, and returns what follows.
    fn take(&mut self, start: Start, output: ToolOutput, listed: Option<Listed>) -> Next {
        let Listed { items, total, next } = listed.unwrap_or(Listed { items: 0, total: None, next: None });
        let next = next.filter(|next| !next.is_empty());
        if self.pages.is_empty() && start.skip == 0 && start.cursor().is_none() {
            self.total = total;
        }
        self.seen.extend(start.cursor().map(str::to_owned));
        let is_repeated = next.as_ref().is_some_and(|next| self.seen.contains(next));
        let is_same = |before: &Page| Listed::are_same(&before.output, &output, self.names);
        if is_repeated && items > 0 && self.pages.last().is_some_and(is_same) {
            return Next::Repeated;
        }
        self.gathered += items.saturating_sub(start.skip) as u64;
        self.pages.push(Page { start, output });
        match next {
            Some(_) if is_repeated => Next::Repeated,
            Some(next) if self.gathered < self.most => Next::Page(self.sized(Some(next))),
            _ => Next::Enough,
        }
    }

    /// Joins all pages into one response.
    fn end(mut self, tool: &Tool, end: &End, characters: usize) -> Result<Truncated, ToolError> {
        if let ([_], End::Done) = (self.pages.as_slice(), end)
            && self.gathered <= self.most
            && let Some(page) = self.pages.pop()
        {
            return truncation::fit(page.output, tool, &page.start, None, characters);
        }
        let most = usize::try_from(self.most).unwrap_or(usize::MAX);
        if let (End::Repeated, Some(last)) = (end, self.pages.last_mut()) {
            last.output = self.names.without_cursor(std::mem::take(&mut last.output));
        }
        let mut truncated = truncation::join(&self.pages, self.names, most, characters).ok_or(ToolError::not_json())?;
        let why = match end {
            End::Done => return Ok(truncated),
            End::Repeated => {
                truncated.add(Some(self.names.repeated()));
                return Ok(truncated);
            }
            End::Full => format!("so that the response stays within {characters} characters"),
            End::Late => "since the time for one call is over".to_owned(),
            End::Empty => format!("since {EMPTY} pages in a row were empty"),
            End::Broken(why) => format!("since the next page could not be fetched ({why})"),
        };
        let of = match self.total.filter(|total| *total <= self.most) {
            Some(total) => format!("{} items", grouped(total)),
            None => format!("{} requested items", grouped(self.most)),
        };
        let said = || self.names.note(self.gathered, &of, &why);
        truncated.note = truncated.note.or_else(|| Some(said()));
        Ok(truncated)
    }
}

/// The size of each requested page: the assistant's, else the API's default, or its maximum up to [`PAGE`] if that is larger.
fn page_size(tool: &Tool, arguments: &Map<String, Value>) -> Option<u64> {
    let schema = tool.input_schema.get("properties")?.get("size")?;
    if let Some(given) = arguments.get("size").filter(|given| !given.is_null()) {
        return whole_number(given).filter(|size| *size > 0);
    }
    let number = |name: &str| schema.get(name).and_then(Value::as_u64);
    let usual = tool.defaults.get("size").and_then(Value::as_u64).or_else(|| number("default"));
    let most = number("maximum").map(|maximum| maximum.min(PAGE));
    usual.max(most)
}
