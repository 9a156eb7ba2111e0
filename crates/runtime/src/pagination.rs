//! Following the pages of a list on the server, so that one call gives many items.
//!
//! Invariants:
//! - Pages are fetched one after the other, each as a call of its own: in its pace, checked, repeated where that may help.
//! - What was gathered is never lost: it comes back with the cursor that goes on exactly behind it, and a word on why it ends
//!   there where somebody could have expected more.
//! - It ends with the list, with as many items as were asked for, when the response is full, after a few empty pages, or when its
//!   time is over; dropping it stops it.

use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use crate::{
    arguments::Arguments,
    catalog::Tool,
    large_work,
    server_arguments::ServerArguments,
    tool_error::ToolError,
    tool_output::ToolOutput,
    truncation::{self, ListNames, Listed, Page, Start, Truncated, whole_number},
    upstream::Outcome,
};

#[cfg(test)]
mod tests;

/// How long pages are followed: clients wait for about a minute.
pub const LONGEST: Duration = Duration::from_secs(45);
/// How many items a page has where the assistant does not say: fewer calls than the API's own page size takes.
const PAGE: u64 = 100;
/// How many empty pages in a row end the pagination.
const EMPTY: usize = 3;

/// What bounds a response.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How many characters it may have.
    pub characters: usize,
    /// Until when pages are followed.
    pub until: Instant,
}

/// One call with its server arguments: fetches a page, or as many as it takes, and fits what comes of it. `tell` hears how many items
/// there are after each page.
///
/// # Errors
/// When there is nothing to show: the first page failed, or there is no such part.
pub async fn collect_pages<F, T>(
    tool: &'static Tool,
    server_arguments: &ServerArguments,
    mut arguments: Arguments,
    bounds: Bounds,
    fetch: impl Fn(Arguments) -> F,
    tell: impl Fn(u64) -> T,
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
    let fetch = async |arguments| {
        let output = fetch(arguments).await?;
        match fields.clone() {
            Some(fields) => large(output.text.len(), move || Ok(truncation::select(output, tool, &fields))).await,
            None => Ok(output),
        }
    };
    let list = server_arguments.max_items.and_then(|most| Some((most, ListNames::of(tool)?)));
    let Some((most, names)) = list else {
        let output = fetch(arguments).await?;
        let length = output.text.len();
        let (start, part, budget) = (server_arguments.start.clone(), server_arguments.part.clone(), bounds.characters);
        let fit = move || truncation::fit(output, tool, &start, part.as_deref(), budget);
        return large(length, fit).await.map(explained);
    };
    let mut paginator =
        Paginator { names, most, size: page_size(tool, arguments.values()), arguments, pages: Vec::new(), gathered: 0 };
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
        characters += output.text.len();
        let listed = Listed::read(&output, names);
        if listed.is_none() && !paginator.pages.is_empty() {
            break End::Broken("it holds no list".to_owned());
        }
        let (before, next) = (paginator.gathered, paginator.take(start, output, listed));
        empty = if paginator.gathered > before { 0 } else { empty + 1 };
        if empty == 0 {
            tell(paginator.gathered.min(most)).await;
        }
        start = match next {
            Some(next) if paginator.gathered < most => next,
            _ => break End::Done,
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
        // what is gathered so far fits into the response, and must not keep the next page waiting
        if let Some(page) = paginator.pages.last_mut() {
            page.output.release_memory();
        }
    };
    large(characters, move || paginator.end(tool, &end, bounds.characters)).await.map(explained)
}

/// Does some work over so many bytes of responses.
async fn large<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> Result<T, ToolError> + Send + 'static,
) -> Result<T, ToolError> {
    large_work::run(bytes, work).await.unwrap_or(Err(ToolError::not_json()))
}

/// Why no more pages were fetched.
enum End {
    Done,
    Full,
    Late,
    Empty,
    Broken(String),
}

struct Paginator<'a> {
    names: ListNames<'a>,
    most: u64,
    /// of a page; none where the tool has no such argument, or the given one is for the check to refuse
    size: Option<u64>,
    /// those of the next page
    arguments: Arguments,
    pages: Vec<Page>,
    gathered: u64,
}

impl Paginator<'_> {
    /// The beginning. Inside a page it is that very page again; else it may be of any size.
    fn first(&mut self, start: &Start) -> Start {
        if start.skip > 0 { start.clone() } else { self.sized(start.cursor().map(str::to_owned)) }
    }

    /// The page behind a cursor: no larger than what is still wanted.
    fn sized(&mut self, cursor: Option<String>) -> Start {
        let size = self.size.map(|size| size.min(self.most - self.gathered));
        self.arguments.set_page(cursor.as_deref(), size);
        Start::of(cursor, size)
    }

    /// Takes a page and says where the next begins.
    fn take(&mut self, start: Start, output: ToolOutput, listed: Option<Listed>) -> Option<Start> {
        let (items, next) = listed.map(|Listed { items, next }| (items, next)).unwrap_or_default();
        self.gathered += items.saturating_sub(start.skip) as u64;
        // a cursor that leads back to its own page leads nowhere
        let next = next.filter(|next| !next.is_empty() && start.cursor() != Some(next));
        self.pages.push(Page { start, output });
        (self.gathered < self.most).then_some(next).flatten().map(|next| self.sized(Some(next)))
    }

    /// One response of all pages.
    fn end(mut self, tool: &Tool, end: &End, characters: usize) -> Result<Truncated, ToolError> {
        if let ([_], End::Done) = (self.pages.as_slice(), end)
            && self.gathered <= self.most
            && let Some(page) = self.pages.pop()
        {
            return truncation::fit(page.output, tool, &page.start, None, characters);
        }
        let most = usize::try_from(self.most).unwrap_or(usize::MAX);
        let mut truncated = truncation::join(&self.pages, self.names, most, characters).ok_or(ToolError::not_json())?;
        let why = match end {
            End::Done => return Ok(truncated),
            End::Full => format!("so that the response stays within {characters} characters"),
            End::Late => "since the time for one call is over".to_owned(),
            End::Empty => format!("since {EMPTY} pages in a row were empty"),
            End::Broken(why) => format!("since the next page could not be had ({why})"),
        };
        let said = || self.names.note(self.gathered, &format!("{} items asked for", self.most), &why);
        truncated.note = truncated.note.or_else(|| Some(said()));
        Ok(truncated)
    }
}

/// How many items are asked for at once: as many as the assistant says, or as many as the API gives.
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
