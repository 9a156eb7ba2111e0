//! The title of a web page that came instead of a response.

use mcp_http::sanitize::one_line;

/// How much of a page is searched, in bytes, and how much of its title is told, in characters.
const PAGE_BYTES: usize = 64 << 10;
const TITLE_CHARACTERS: usize = 100;
/// The entities that titles contain.
const ENTITIES: [(&str, &str); 7] =
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&nbsp;", " "), ("&amp;", "&")];

/// The text of a page's title, in one line; `None` if it has none.
pub(super) fn title(page: &[u8]) -> Option<String> {
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
