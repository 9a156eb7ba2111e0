//! Generates the tools from the document and the overlay, which the project file names.

fn main() {
    openapi_mcp_codegen::build::Build::of_project("openapi/codegen.yaml").run();
}
