//! Downloads: the API responds with a redirect to a file store. The redirect is followed here, manually and without the API key.
//!
//! Invariants:
//! - The API key is never sent to the target of a redirect, even if that is the API again.
//! - At most [`HOPS`] redirects are followed, to `https` only (or to `http` if the API itself is called over `http`, as the
//!   sample API is).
//! - A name is looked up here before anything is sent, also where a proxy looks it up again, and has to have public addresses only that
//!   this server may contact. A proxy is the operator's, who decides what it reaches.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use mcp_http::{
    net::{
        is_loopback,
        ssrf::{Resolver, is_public, only_public_addresses},
    },
    sanitize::clean,
};
use reqwest::{
    Client, Url,
    header::{CONTENT_DISPOSITION, HeaderMap, LOCATION},
};
use serde_json::json;

use crate::{
    tool_error::ToolError,
    tool_output::{ToolOutput, media_type},
    upstream::Received,
};

#[cfg(test)]
mod tests;

const HOPS: usize = 3;

/// What fetches files.
pub(super) struct Files {
    pub(super) client: Client,
    /// Looks the hosts up; `None` if the API is on this machine, as when trying it out.
    pub(super) names: Option<Arc<dyn Resolver>>,
}

impl Files {
    /// Checks that the host of a file may be contacted.
    async fn check(&self, url: &Url) -> Result<(), ToolError> {
        let (Some(names), Some(host)) = (&self.names, url.domain()) else { return Ok(()) };
        only_public_addresses(&**names, host).await.map_err(|error| {
            tracing::info!(host, %error, "a file is not fetched");
            ToolError::file_host_not_public(host)
        })
    }
}

/// Follows redirects from `received` to the file. `broke` maps a failed request to a tool error.
pub(super) async fn follow(
    files: &Files,
    mut received: Received,
    broke: impl Fn(&reqwest::Error) -> ToolError,
) -> Result<Received, ToolError> {
    let is_plain = received.url.scheme() == "http";
    for _ in 0..HOPS {
        if !received.status.is_redirection() {
            return Ok(received);
        }
        let target = target(&received, is_plain)?;
        files.check(&target).await?;
        received = files.client.get(target).send().await.map_err(|error| broke(&error))?.into();
        if received.status.is_client_error() || received.status.is_server_error() {
            return Err(ToolError::file_refused(received.status.as_u16()));
        }
    }
    if received.status.is_redirection() { Err(unexpected(&received)) } else { Ok(received) }
}

/// The error for a redirect that is not followed. It names the host only, since the rest of the URL may be a secret link.
pub(super) fn unexpected(received: &Received) -> ToolError {
    let host = location(received).and_then(|url| url.host_str().map(str::to_owned));
    ToolError::unexpected_redirect(host.as_deref().unwrap_or("nowhere"))
}

/// The file as a response: text without invisible characters, and anything else in base64.
pub(super) fn file(url: &Url, headers: &HeaderMap, body: Vec<u8>) -> ToolOutput {
    let name = clean(disposition(headers).or_else(|| last_segment(url)).unwrap_or_else(|| "file".to_owned()));
    let media = media_type(headers).unwrap_or_else(|| "application/octet-stream".to_owned());
    let size = body.len();
    let content =
        if is_text(&media) { String::from_utf8(body).map_err(std::string::FromUtf8Error::into_bytes) } else { Err(body) };
    ToolOutput::of(&match content {
        Ok(text) => {
            let text = clean(text);
            json!({ "name": name, "contentType": media, "size": size, "text": text })
        }
        Err(bytes) => {
            json!({ "name": name, "contentType": media, "size": size, "base64": BASE64_STANDARD.encode(bytes) })
        }
    })
}

fn location(received: &Received) -> Option<Url> {
    let location = received.headers.get(LOCATION)?.to_str().ok()?;
    received.url.join(location).ok()
}

/// The target of a redirect.
fn target(received: &Received, is_plain: bool) -> Result<Url, ToolError> {
    let may_be_local = is_loopback(&received.url);
    let is_inside = |url: &Url| {
        let ip = url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse().ok());
        ip.is_some_and(|ip| !is_public(ip)) || is_loopback(url)
    };
    let url = location(received).filter(|url| match url.scheme() {
        "https" => may_be_local || !is_inside(url),
        "http" => is_plain && (may_be_local || !is_inside(url)),
        _ => false,
    });
    url.ok_or_else(|| unexpected(received))
}

/// The plain `filename` of a `Content-Disposition`, without any folder.
fn disposition(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_DISPOSITION)?.to_str().ok()?;
    let name = value.split(';').find_map(|part| part.trim().strip_prefix("filename="))?;
    let name = name.trim_matches('"').rsplit(['/', '\\']).next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

fn last_segment(url: &Url) -> Option<String> {
    let segment = url.path_segments()?.next_back()?;
    let name = percent_encoding::percent_decode_str(segment).decode_utf8().ok()?;
    (!name.is_empty()).then(|| name.into_owned())
}

fn is_text(media: &str) -> bool {
    let named = ["application/json", "application/xml", "application/csv", "application/x-ndjson", "application/yaml"];
    media.starts_with("text/") || media.ends_with("+json") || media.ends_with("+xml") || named.contains(&media)
}
