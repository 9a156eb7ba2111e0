//! Generates the tools from the document and the overlay.

fn main() {
    openapi_mcp_codegen::build::Build::new("openapi/petstore.yaml", "openapi/overlay.yaml").run();
}
