//! `cargo codegen fetch`: downloads the publisher's document. No other command uses the network.
//!
//! `curl` does the download: every system has it, and it uses the proxies and certificates of its network. So the generator,
//! which every build compiles, needs no HTTP client.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use clap::Args;
use openapi_mcp_codegen::diff::literal;
use openapi_mcp_codegen::project::Project;
use openapi_mcp_codegen::text;

use crate::{files, print};

/// The largest document, in bytes.
const LARGEST: u64 = 20 << 20;
/// The exit code of `curl` if the announced length is too large.
const TOO_LARGE: i32 = 63;
/// Accepted media types of a document, besides `…+json` and `…+yaml`. Servers that know no specific type for it send plain text
/// or bytes.
const TYPES: [&str; 8] = [
    "application/json",
    "application/octet-stream",
    "application/x-yaml",
    "application/yaml",
    "text/json",
    "text/plain",
    "text/x-yaml",
    "text/yaml",
];

#[derive(Args)]
pub(crate) struct Fetch {
    /// URL of the document, https; by default the one that the project names
    #[arg(long)]
    url: Option<String>,
    /// File to write; by default one in `target` with the name of the project's document
    #[arg(long)]
    output: Option<PathBuf>,
    /// Longest time that the download may take, in seconds
    #[arg(long, default_value = "60", value_parser = clap::value_parser!(u32).range(1..=600))]
    timeout: u32,
}

impl Fetch {
    pub(crate) fn run(&self, project: &Project) -> anyhow::Result<()> {
        let url = self.url.clone().or_else(|| project.url_in_use());
        let url = url.context("the project names no `url`; give the document's with `--url`")?;
        let document = self.download(&url)?;
        openapi_mcp_codegen::recognise(&document)
            .map_err(|reason| anyhow::anyhow!("what `{}` sent is no OpenAPI document: {}", url, text::line(&reason)))?;
        let usual = || Path::new("target").join(project.document.file_name().unwrap_or_default());
        let output = self.output.clone().unwrap_or_else(usual);
        files::write(&output, &document)?;
        let (output, bytes, digest) = (output.display(), document.len(), openapi_mcp_codegen::sha256(&document));
        print(&format!("{output}: {bytes} bytes, sha256 {digest}\nnext: `cargo codegen sync --document {output}`\n"))
    }

    fn download(&self, url: &str) -> anyhow::Result<String> {
        if !url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            bail!("the URL of the document has a character that no URL has; encode it, as in `%20`");
        }
        let protocols = match url.split_once("://") {
            Some((_, rest)) if authority(rest.trim_start_matches('/')).contains('@') => {
                bail!("the URL of the document contains a name or password; remove it, because the URL is public")
            }
            Some(("https", rest)) if !authority(rest).is_empty() => "=https",
            Some(("http", rest)) if is_loopback(authority(rest)) => "=http",
            _ => bail!("`{url}` is not an https URL"),
        };
        let (largest, longest) = (LARGEST.to_string(), self.timeout.to_string());
        let mut curl = Command::new("curl")
            // ignore the user's own configuration of curl
            .arg("--disable")
            .args(["--globoff", "--silent", "--show-error", "--fail", "--location", "--max-redirs", "3"])
            .args(["--proto", protocols, "--proto-redir", protocols, "--connect-timeout", "10", "--max-time", &longest])
            .args(["--max-filesize", &largest, "--write-out", "%{stderr}\n%{content_type}", "--url", url])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot run `curl`; install it, or download the document and give it to `cargo codegen sync --document`")?;
        let mut bytes = Vec::new();
        if let Some(stdout) = curl.stdout.take() {
            // some versions of curl do not limit the size if the server announces no length
            stdout.take(LARGEST + 1).read_to_end(&mut bytes)?;
        }
        let is_cut = bytes.len() as u64 > LARGEST;
        if is_cut {
            let _ = curl.kill();
        }
        let output = curl.wait_with_output()?;
        if is_cut || output.status.code() == Some(TOO_LARGE) {
            bail!("`{}` sends more than {} MiB; nothing was stored", url, LARGEST >> 20);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            let reason = said.lines().find(|line| !line.is_empty()).unwrap_or("curl gave no reason");
            bail!("cannot download `{}`: {}", url, text::line(reason));
        }
        // the last line is the media type
        let media_type = said.rsplit('\n').next().unwrap_or_default();
        if !is_known(media_type) {
            bail!("`{}` sends {}, not JSON or YAML; check the URL", url, literal(media_type));
        }
        String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("what `{url}` sent is not UTF-8"))
    }
}

/// Whether a document may have this media type; the server may also send none.
fn is_known(media_type: &str) -> bool {
    let name = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    name.is_empty() || TYPES.contains(&name.as_str()) || name.ends_with("+json") || name.ends_with("+yaml")
}

fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Whether a server is on the same machine: only such a server may be called by plain HTTP.
fn is_loopback(authority: &str) -> bool {
    let is_port = |port: &str| port.bytes().all(|digit| digit.is_ascii_digit());
    let name = authority.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(authority, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}
