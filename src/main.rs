//! The binary: see [`torii_mcp::cli`].

use std::process::ExitCode;

/// Returns memory to the system after large responses; the system's own allocator keeps most of it (decision 15).
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    torii_mcp::cli::main()
}
