//! Generates the tools from the files that `openapi/codegen.yaml` names. `crates/codegen/` contains the generator.

fn main() {
    openapi_mcp_codegen::build::Build::of_project("openapi/codegen.yaml").run();
}
