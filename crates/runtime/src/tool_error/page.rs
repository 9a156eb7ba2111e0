//! Web pages that come instead of a response.

use mcp_http::sanitize::one_line;
use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderMap},
};

use super::{ErrorKind, ToolError};

/// How much of a page is searched, in bytes, and how much of its title is told, in characters.
const PAGE_BYTES: usize = 64 << 10;
const TITLE_CHARACTERS: usize = 100;
/// The entities that titles contain.
const ENTITIES: [(&str, &str); 7] =
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&nbsp;", " "), ("&amp;", "&")];

impl ToolError {
    /// The error for a response that is a page for people (HTML), which no API sends; `None` if it is none. A page that repeats a secret
    /// is not quoted.
    pub(crate) fn from_page(
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        is_secret: impl FnOnce() -> bool,
    ) -> Option<Self> {
        let media_type = headers.get(CONTENT_TYPE)?.to_str().ok()?.trim_start().to_ascii_lowercase();
        let is_html = ["text/html", "application/xhtml+xml"].iter().any(|html| media_type.starts_with(html));
        // some APIs send plain text, or even JSON, as HTML
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
        (is_html && body.starts_with(b"<")).then_some(())?;
        let status = status.as_u16();
        let title = title(body).filter(|_| !is_secret()).map(|title| format!(", titled `{title}`")).unwrap_or_default();
        let message = format!(
            "not the API answered, but something in between, such as a proxy or a firewall: a web page with status {status}{title}"
        );
        let next_step = if status >= 500 {
            "try again in a minute, and if it stays, ask the operator of this server to check what is between it and the API"
        } else {
            "ask the operator of this server to let its requests through to the API, and to check the API's URL in its configuration"
        };
        Some(Self::new(ErrorKind::Intermediary { status }, message, next_step))
    }
}

/// The text of a page's title, in one line; `None` if it has none.
fn title(page: &[u8]) -> Option<String> {
    let page = String::from_utf8_lossy(page.get(..PAGE_BYTES).unwrap_or(page));
    let lower = page.to_ascii_lowercase();
    let begin = lower.find("<title")?;
    let begin = begin + lower.get(begin..)?.find('>')? + 1;
    let end = begin + lower.get(begin..)?.find("</title")?;
    let text = ENTITIES.iter().fold(page.get(begin..end)?.to_owned(), |text, (entity, sign)| text.replace(entity, sign));
    let line = one_line(&text.replace('`', "'"), TITLE_CHARACTERS);
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}
