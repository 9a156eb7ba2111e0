//! Generates the tools from the files that `openapi/codegen.yaml` names. All else is in `crates/codegen/`.

fn main() {
    openapi_mcp_codegen::build::Build::of_project("openapi/codegen.yaml").run();
}
