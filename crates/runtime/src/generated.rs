//! The generated code of a product: what it needs around it.

use crate::{
    catalog::{self, Catalog},
    upstream::ToolFns,
};

/// Why the compiled-in tools cannot be used: the build is broken.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The manifest does not have the form expected here.
    #[error(transparent)]
    Catalog(#[from] catalog::Error),
    /// The manifest names a tool that was not generated.
    #[error("tool `{0}` has no generated function, so build again")]
    NoFunction(String),
}

/// The catalog that was compiled in with the functions of its tools, for the life of the process.
///
/// # Errors
/// When the generated parts do not fit together.
pub fn load(manifest: &str, functions: ToolFns) -> Result<&'static Catalog, LoadError> {
    let catalog = Catalog::parse(manifest)?;
    let has_function = |name: &str| functions.binary_search_by(|(function, _)| (*function).cmp(name)).is_ok();
    match catalog.tools().iter().find(|tool| !has_function(&tool.name)) {
        Some(tool) => Err(LoadError::NoFunction(tool.name.clone())),
        None => Ok(Box::leak(Box::new(catalog))),
    }
}

/// Brings in what the build script of a package generated, in a module of its own: `client`, the tools' functions, the manifest and the
/// coverage.
///
/// ```text
/// mod generated {
///     openapi_mcp::generated!();
/// }
/// let catalog = generated::catalog()?;
/// ```
///
/// The package needs `progenitor-client`, `reqwest`, `serde` and `serde_json` among its dependencies, which the generated client names.
/// What the generated code calls, it reaches through `super`, so the macro defines it beside it.
#[macro_export]
macro_rules! generated {
    () => {
        use $crate::{
            arguments::Arguments,
            tool_error::ToolError,
            upstream::{Call, Received, ToolFn},
        };

        /// What the generator wrote.
        #[allow(
            clippy::all,
            clippy::pedantic,
            clippy::restriction,
            unreachable_pub,
            unused,
            reason = "generated code answers to the generator's tests, and which lints it sets off varies with the document"
        )]
        mod code {
            include!(concat!(env!("OUT_DIR"), "/client.rs"));
            include!(concat!(env!("OUT_DIR"), "/tools.rs"));
        }

        /// What the generated tools are.
        pub const MANIFEST: &str = include_str!(concat!(env!("OUT_DIR"), "/manifest.json"));
        /// What became of each operation, as JSON.
        pub const COVERAGE_JSON: &str = include_str!(concat!(env!("OUT_DIR"), "/coverage.json"));
        /// The functions of all tools.
        pub const TOOL_FNS: $crate::upstream::ToolFns = code::TOOL_FNS;

        /// The tools that were compiled in, for the life of the process.
        ///
        /// # Errors
        /// When the generated parts do not fit together: the build is broken.
        pub fn catalog() -> Result<&'static $crate::catalog::Catalog, $crate::generated::LoadError> {
            $crate::generated::load(MANIFEST, TOOL_FNS)
        }

        /// The typed client for one call.
        fn client(call: Call) -> code::Client {
            code::Client::new_with_client(call.clone().base_url(), call.http_client(), call)
        }

        /// The response to the request of a client's call.
        fn received(
            client: &code::Client,
            sent: Result<
                ::progenitor_client::ResponseValue<::progenitor_client::ByteStream>,
                ::progenitor_client::Error<::progenitor_client::ByteStream>,
            >,
        ) -> Result<Received, ToolError> {
            ::progenitor_client::ClientInfo::inner(client).received(sent)
        }

        impl ::progenitor_client::ClientHooks<Call> for code::Client {
            async fn exec(
                &self,
                request: ::reqwest::Request,
                _: &::progenitor_client::OperationInfo,
            ) -> ::reqwest::Result<::reqwest::Response> {
                ::progenitor_client::ClientInfo::inner(self).send(request).await
            }
        }
    };
}
