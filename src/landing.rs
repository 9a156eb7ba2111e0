//! The landing page, which describes this server and how to connect to it, and the page for paths that lead nowhere.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Extension,
    extract::Request,
    http::{Method, StatusCode, header::ACCEPT},
    response::{IntoResponse, Response},
};
use mcp_http::request_context::RequestId;
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
        operations: (offered.tools().count(), generated::operation_counts().1),
        answers_sql: offered.tools().any(|tool| cfg!(feature = "query") && !tool.tables.is_empty()),
        toolsets: toolsets.into_iter().map(|(name, tools)| Toolset { title: title(name), tools }).collect(),
        signs_in,
    };
    Arc::new(move || pages::respond(StatusCode::OK, &page, FormAction::None))
}

/// The response for a path that leads nowhere: a page for browsers.
pub async fn not_found(Extension(RequestId(id)): Extension<RequestId>, request: Request) -> Response {
    let accepts = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if request.method() != Method::GET || !accepts.contains("text/html") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let page = pages::ErrorPage {
        product: BRAND.product,
        title: "There is no such page".to_owned(),
        what: "Nothing is at this address.".to_owned(),
        next_step: "Open the address without anything after the host: that page explains how to connect an assistant.".to_owned(),
        request_id: id.as_ref().into(),
    };
    pages::respond(StatusCode::NOT_FOUND, &page, FormAction::Here)
}

/// The title of a toolset: its name in words, beginning with a capital letter.
fn title(name: &str) -> String {
    if name == "scim" {
        return "SCIM".to_owned();
    }
    let words = name.replace('_', " ");
    words.split_at_checked(1).map_or_else(String::new, |(first, rest)| first.to_uppercase() + rest)
}
