//! The program: see [`torii_mcp::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    torii_mcp::cli::main()
}
