//! Web pages that come instead of a response of an API: something in between answered, such as a proxy or a firewall.

use std::fmt;

use axum::http::{HeaderMap, StatusCode, header::CONTENT_TYPE};

use crate::sanitize::one_line;

/// How much of a page is searched, in bytes, and how much of its title is told, in characters.
const PAGE_BYTES: usize = 64 << 10;
const TITLE_CHARACTERS: usize = 100;
/// The entities that titles contain.
const ENTITIES: [(&str, &str); 7] =
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&nbsp;", " "), ("&amp;", "&")];

/// A response that is a page for people (HTML), which no API sends. It is displayed as `a web page with status 403, titled` and its title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebPage {
    /// The status of the response.
    pub status: u16,
    title: Option<String>,
}

impl WebPage {
    /// Returns the page that a response is, if it is one. The title of a page that repeats a secret is left out.
    pub fn read(status: StatusCode, headers: &HeaderMap, body: &[u8], is_secret: impl FnOnce() -> bool) -> Option<Self> {
        let media_type = headers.get(CONTENT_TYPE)?.to_str().ok()?.trim_start().to_ascii_lowercase();
        let is_html = ["text/html", "application/xhtml+xml"].iter().any(|html| media_type.starts_with(html));
        // some APIs send plain text, or even JSON, as HTML
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
        (is_html && body.starts_with(b"<")).then(|| Self { status: status.as_u16(), title: title(body).filter(|_| !is_secret()) })
    }
}

impl fmt::Display for WebPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a web page with status {}", self.status)?;
        self.title.as_ref().map_or(Ok(()), |title| write!(f, ", titled `{title}`"))
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
