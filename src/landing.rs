//! The landing page, which describes this server and how to connect to it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{http::StatusCode, response::Response};
use mcp_oauth_server::pages::{self, FormAction, SignsIn, Toolset};
use openapi_mcp::tool_filter::OfferedTools;

use crate::{generated, torii::BRAND};

/// The landing page of a server with this MCP endpoint. It is the same for everyone, so it is rendered once.
pub fn landing(url: String, offered: &OfferedTools, signs_in: SignsIn) -> Arc<dyn Fn() -> Response + Send + Sync> {
    let mut toolsets = BTreeMap::<&str, usize>::new();
    for tool in offered.tools() {
        *toolsets.entry(&tool.toolset).or_default() += 1;
    }
    let page = pages::Landing {
        product: BRAND.product,
        url,
        tools: offered.tools().count(),
        operations: generated::operation_counts(),
        toolsets: toolsets.into_iter().map(|(name, tools)| Toolset { name: name.to_owned(), tools }).collect(),
        signs_in,
    };
    Arc::new(move || pages::respond(StatusCode::OK, &page, FormAction::Here))
}
