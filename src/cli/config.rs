//! `config`: check, print and describe the configuration.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use openapi_mcp::catalog::Catalog;

use super::{Error, print};
use crate::config::{self, Config, FILE_VARIABLE, Sources};

mod check;

/// What to do with the configuration of `serve`.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check whether `serve` could start with it: also the store, the encryption key, the issuer, and each key of Torii
    Check {
        #[command(flatten)]
        given: Given,
        /// Check the configuration alone, and contact nobody
        #[arg(long)]
        offline: bool,
    },
    /// Show the effective values and where each comes from; secrets are not shown
    Print(Given),
    /// Print the JSON schema of the file, for editors
    Schema,
}

/// The configuration flags of `serve`.
#[derive(Clone, Debug, Args)]
pub(super) struct Given {
    /// The configuration file [default: `torii-mcp.toml` in this folder, if it is there]
    #[arg(long, value_name = "FILE", env = FILE_VARIABLE)]
    config: Option<PathBuf>,
    /// Where to listen: an address and a port, or a port alone for this machine only; any but a loopback address needs `public_url` [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", env = "TORII_MCP_LISTEN")]
    listen: Option<String>,
}

impl Given {
    /// These flags together with the environment and the file.
    pub(super) fn sources(&self) -> Sources {
        Sources::of_process().with_file(self.config.clone()).or_file_in(Path::new("")).with_flag(
            "listen",
            "--listen",
            self.listen.clone(),
        )
    }
}

pub(super) async fn run(catalog: &Catalog, command: Command) -> Result<(), Error> {
    match command {
        Command::Check { given, offline } => {
            let (config, settings) = Config::load_server(&given.sources(), &catalog.into()).map_err(Error::usage)?;
            warn(&config.warnings);
            if !offline {
                let problems = check::problems(catalog, &config.upstream, &settings.auth).await;
                if !problems.is_empty() {
                    return Err(Error::failed(problems.join("\n")));
                }
            }
            print("ok\n")
        }
        Command::Print(given) => {
            let (text, warnings) = config::print(&given.sources(), &catalog.into()).map_err(Error::usage)?;
            warn(&warnings);
            print(&text)
        }
        Command::Schema => print(&format!("{:#}\n", config::schema(catalog.scopes()))),
    }
}

/// Prints the warnings.
pub(super) fn warn(warnings: &[String]) {
    for warning in warnings {
        tracing::warn!("{warning}");
    }
}
