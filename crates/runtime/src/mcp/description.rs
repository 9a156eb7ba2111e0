//! The server's description of itself.

use std::sync::Arc;

use openapi_mcp_model::Product;
use rmcp::model::{Icon, Implementation, ServerCapabilities, ServerConfig};

use super::prompts::Prompt;
use crate::{custom_fields::ReadField, filter_form::OtherFilters};

/// What a product specifies about its server, in addition to the catalog.
#[derive(Clone)]
pub struct ServerDescription {
    /// The version of the server.
    pub version: &'static str,
    /// Its icon, a `data:` URI of an SVG image.
    pub icon: Option<&'static str>,
    /// The coverage of the API's operations, as JSON.
    pub coverage: &'static str,
    /// The prompts, in the order in which they are listed.
    pub prompts: Arc<[Prompt]>,
    /// Reads one field from an entry of the response of a tool that lists field keys.
    pub read_field: ReadField,
    /// Another form of `filters`, which is tried if the API rejects or ignores the documented one.
    pub other_filters: Option<OtherFilters>,
}

impl ServerDescription {
    /// A server of this version, without prompts and custom fields. `coverage` is the JSON that the generator wrote.
    #[must_use]
    pub fn new(version: &'static str, coverage: &'static str) -> Self {
        Self { version, icon: None, coverage, prompts: Arc::new([]), read_field: |_| None, other_filters: None }
    }
}

/// The server's name, capabilities and instructions.
pub(super) fn config(product: &Product, description: &ServerDescription) -> ServerConfig {
    let capabilities =
        ServerCapabilities::builder().enable_tools().enable_resources().enable_prompts().enable_completions().build();
    let icon = |uri| Icon::new(uri).with_mime_type("image/svg+xml").with_sizes(vec!["any".to_owned()]);
    let implementation = Implementation::new(&product.server_name, description.version)
        .with_title(&product.title)
        .with_description(&product.description)
        .with_icons(description.icon.map(icon).into_iter().collect());
    ServerConfig::new(capabilities).with_server_info(implementation).with_instructions(&product.instructions)
}
