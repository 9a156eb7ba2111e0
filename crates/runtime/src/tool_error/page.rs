//! Web pages that come instead of a response.

use mcp_http::web_page::WebPage;
use reqwest::{StatusCode, header::HeaderMap};

use super::{ErrorKind, ToolError};

impl ToolError {
    /// The error for a response that is a page for people (HTML), which no API sends; `None` if it is none. A page that repeats a secret
    /// is not quoted.
    pub(crate) fn from_page(
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        is_secret: impl FnOnce() -> bool,
    ) -> Option<Self> {
        let page = WebPage::read(status, headers, body, is_secret)?;
        let status = page.status;
        let message = format!("not the API answered, but something in between, such as a proxy or a firewall: {page}");
        let next_step = if status >= 500 {
            "try again in a minute, and if it stays, ask the operator of this server to check what is between it and the API"
        } else {
            "ask the operator of this server to let its requests through to the API, and to check the API's URL in its configuration"
        };
        Some(Self::new(ErrorKind::Intermediary { status }, message, next_step))
    }
}
