//! Integrates the generated code of a product.

use crate::{
    catalog::{self, Catalog},
    upstream::ToolFns,
};

/// Why the compiled-in tools cannot be loaded: the build is broken.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The manifest is invalid.
    #[error(transparent)]
    Catalog(#[from] catalog::Error),
    /// The manifest contains a tool without a generated function.
    #[error("tool `{0}` has no generated function, so build again")]
    NoFunction(String),
}

/// Loads the compiled-in catalog, which lives as long as the process, and checks it against the tools' functions.
///
/// # Errors
/// When the manifest is invalid, or a tool has no function.
pub fn load(manifest: &str, functions: ToolFns) -> Result<&'static Catalog, LoadError> {
    let catalog = Catalog::parse(manifest)?;
    let has_function = |name: &str| functions.binary_search_by(|(function, _)| (*function).cmp(name)).is_ok();
    match catalog.tools().iter().find(|tool| !has_function(&tool.name)) {
        Some(tool) => Err(LoadError::NoFunction(tool.name.clone())),
        None => Ok(Box::leak(Box::new(catalog))),
    }
}

/// The entry of a tool's function in the table: a function that makes the client of a call, and boxes the future.
#[macro_export]
macro_rules! tool_fn {
    ($function:ident) => {
        |call, arguments| ::std::boxed::Box::pin($function(super::client(call), arguments))
    };
}

/// Includes the code that the build script of a package generated: `client`, the tools' functions, the manifest and the coverage.
/// Use it in a module of its own:
///
/// ```text
/// mod generated {
///     openapi_mcp::generated!();
/// }
/// let catalog = generated::catalog()?;
/// ```
///
/// The package must depend on `progenitor-client`, `reqwest`, `serde` and `serde_json`, which the generated client uses. The
/// generated code calls functions through `super`, so the macro defines these next to it.
#[macro_export]
macro_rules! generated {
    () => {
        use $crate::{
            arguments::{Arguments, required},
            tool_error::ToolError,
            tool_fn,
            upstream::{Call, Received, ToolFn},
        };

        /// What a tool's function returns.
        type Reply = Result<Received, ToolError>;

        /// The generated code.
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

        /// The manifest of the generated tools, as JSON.
        pub const MANIFEST: &str = include_str!(concat!(env!("OUT_DIR"), "/manifest.json"));
        /// The coverage of the API's operations, as JSON.
        pub const COVERAGE_JSON: &str = include_str!(concat!(env!("OUT_DIR"), "/coverage.json"));
        /// The functions of all tools.
        pub const TOOL_FNS: $crate::upstream::ToolFns = code::TOOL_FNS;

        /// The compiled-in catalog, which lives as long as the process.
        ///
        /// # Errors
        /// When the generated parts do not match each other: the build is broken.
        pub fn catalog() -> Result<&'static $crate::catalog::Catalog, $crate::generated::LoadError> {
            $crate::generated::load(MANIFEST, TOOL_FNS)
        }

        /// The typed client of one call.
        fn client(call: Call) -> code::Client {
            code::Client::new_with_client(call.clone().base_url(), call.http_client(), call)
        }

        /// The response to the request of a call.
        fn received(
            client: &code::Client,
            sent: Result<
                ::progenitor_client::ResponseValue<::progenitor_client::ByteStream>,
                ::progenitor_client::Error<::progenitor_client::ByteStream>,
            >,
        ) -> Reply {
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
