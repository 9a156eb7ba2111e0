//! Compiles what the generator made of a case of the corpus, and serves the API that it calls.

use axum::{
    body::Bytes,
    http::{HeaderMap, Method, Uri},
    response::{IntoResponse, Response},
};
use tokio::sync::mpsc;

/// The generated code of a case of the corpus, in a module `generated`, with what it calls and the catalog.
macro_rules! compiled {
    ($case:literal) => {
        use openapi_mcp::{
            arguments::{Arguments, required},
            tool_error::ToolError,
            tool_fn,
            upstream::{Call, Received, ToolFn},
        };

        type Reply = Result<Received, ToolError>;

        mod generated {
            #![allow(
                clippy::all,
                clippy::pedantic,
                clippy::restriction,
                dead_code,
                unreachable_pub,
                unused_imports,
                reason = "nobody wrote it"
            )]

            include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/", $case, "/client.rs"));
            include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/", $case, "/tools.rs"));
        }

        fn client(call: Call) -> generated::Client {
            generated::Client::new_with_client(call.clone().base_url(), call.http_client(), call)
        }

        fn received(
            client: &generated::Client,
            sent: Result<
                progenitor_client::ResponseValue<progenitor_client::ByteStream>,
                progenitor_client::Error<progenitor_client::ByteStream>,
            >,
        ) -> Reply {
            progenitor_client::ClientInfo::inner(client).received(sent)
        }

        impl progenitor_client::ClientHooks<Call> for generated::Client {
            async fn exec(
                &self,
                request: reqwest::Request,
                _: &progenitor_client::OperationInfo,
            ) -> reqwest::Result<reqwest::Response> {
                progenitor_client::ClientInfo::inner(self).send(request).await
            }
        }

        /// The tools of the case.
        fn catalog() -> &'static openapi_mcp::catalog::Catalog {
            static CATALOG: std::sync::LazyLock<openapi_mcp::catalog::Catalog> = std::sync::LazyLock::new(|| {
                let manifest = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/", $case, "/manifest.json"));
                openapi_mcp::catalog::Catalog::parse(manifest).expect("the server reads what the generator writes")
            });
            &CATALOG
        }

        fn upstream(base: &str) -> openapi_mcp::upstream::Upstream {
            let base = &base.parse().expect("an address is a URL");
            let api = openapi_mcp::upstream::Api { base, functions: generated::TOOL_FNS, user_agent: "test" };
            openapi_mcp::upstream::Upstream::new(
                &api,
                openapi_mcp::upstream::Limits::default(),
                mcp_http::clock::Clock::system(),
                || 0.5,
            )
            .expect("the client can be set up")
        }
    };
}
pub(crate) use compiled;

/// What arrived at the API.
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// An API that responds with the same content to everything, until it is dropped.
pub(crate) struct FixedApi {
    pub(crate) base: String,
    told: mpsc::UnboundedReceiver<Seen>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl FixedApi {
    pub(crate) async fn start(media: &'static str, content: &'static [u8]) -> Self {
        let (tell, told) = mpsc::unbounded_channel();
        let record = async move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| -> Response {
            let _ = tell.send(Seen { line: format!("{method} {uri}"), headers, body });
            ([("content-type", media)], content).into_response()
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("the port is known"));
        let server = tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(record)).await });
        Self { base, told, server }
    }

    /// What arrived first of what was not asked for yet.
    pub(crate) fn seen(&mut self) -> Option<Seen> {
        self.told.try_recv().ok()
    }
}

impl Drop for FixedApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}
