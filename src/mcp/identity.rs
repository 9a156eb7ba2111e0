//! What the server says about itself.

use openapi_mcp_model::Product;
use rmcp::model::{Icon, Implementation, ServerCapabilities, ServerConfig};

#[cfg(test)]
mod tests;

/// A torii, the gate, drawn small. Spaces are escaped as well, for clients that hold it against RFC 3986.
const ICON: &str = "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%20viewBox='0%200%2024%2024'%20fill='%23d9482b'%3E\
%3Cpath%20d='M2%204q10%203%2020%200v3H2zM4%2010h16v2H4zM6%207h2v14H6zM16%207h2v14h-2z'/%3E%3C/svg%3E";

/// Name, abilities and instructions.
pub(super) fn config(product: &Product) -> ServerConfig {
    let capabilities =
        ServerCapabilities::builder().enable_tools().enable_resources().enable_prompts().enable_completions().build();
    let icon = Icon::new(ICON).with_mime_type("image/svg+xml").with_sizes(vec!["any".to_owned()]);
    let implementation = Implementation::new(&product.server_name, env!("CARGO_PKG_VERSION"))
        .with_title(&product.title)
        .with_description(&product.description)
        .with_icons(vec![icon]);
    ServerConfig::new(capabilities).with_server_info(implementation).with_instructions(&product.instructions)
}
