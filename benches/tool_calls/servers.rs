//! The servers that are compared, each as a separate process.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{load::apps, process_usage};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Torii,
    Product,
    Structured,
    Text,
    Proxy,
    FastMcp,
}

/// A server process, which is stopped when this value is dropped.
pub struct Running {
    pub role: Role,
    /// Without a slash at the end.
    pub address: String,
    process: Child,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Self::Torii => "torii",
            Self::Product => "torii-mcp",
            Self::Structured => "structured",
            Self::Text => "text",
            Self::Proxy => "proxy",
            Self::FastMcp => "FastMCP",
        }
    }

    fn command(self, listen: &str, torii: &str) -> Command {
        let mut command = match self {
            Self::Product => {
                let program = std::env::var("BENCH_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_torii-mcp").to_owned());
                let mut command = Command::new(program);
                command.args(["serve", "--listen", listen]);
                command
            }
            Self::FastMcp => {
                let mut command = Command::new(target().join("fastmcp/bin/python"));
                command.args(["benches/peer/fastmcp_server.py", listen, torii]);
                command
            }
            role => {
                let mut command = Command::new(target().join("peer/release/peer"));
                command.args([role.name(), listen, torii]);
                command
            }
        };
        command.env("TORII_API_KEY", "bench").env("TORII_API_URL", torii);
        command.env("TORII_MCP_AUTH_MODE", "none").env("TORII_RATE_LIMIT", "off");
        command
    }
}

impl Running {
    pub async fn start(role: Role, torii: Option<&Self>) -> Self {
        let listen = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port");
        let torii = torii.map(|torii| format!("{}/v1.0", torii.address)).unwrap_or_default();
        let mut command = role.command(&listen.to_string(), &torii);
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a process");
        let running = Self { role, address: format!("http://{listen}"), process };
        let deadline = Instant::now() + Duration::from_secs(30);
        while std::net::TcpStream::connect(listen).is_err() {
            assert!(Instant::now() < deadline, "the {} server did not start within 30 s", role.name());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        if role != Role::Torii {
            apps(55).check(&running).await;
        }
        running
    }

    /// Processor time of the process.
    pub fn cpu(&self) -> Duration {
        process_usage::cpu(&self.process)
    }

    /// Resident memory.
    pub fn resident_mib(&self) -> f64 {
        process_usage::memory_mib(&self.process, "VmRSS:")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The folder that programs are built and installed into.
pub fn target() -> PathBuf {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(own, PathBuf::from)
}

/// Builds the servers of `benches/peer`, apart from this workspace's features.
pub fn build_peers() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "build",
        "--release",
        "--locked",
        "--manifest-path",
        concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peer/Cargo.toml"),
    ]);
    let status = cargo.env("CARGO_TARGET_DIR", target().join("peer")).status().expect("cargo runs");
    assert!(status.success(), "`benches/peer` does not build");
}
