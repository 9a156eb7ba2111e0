//! Form and text bodies, made of an assistant's arguments.
//!
//! In a multipart body, a file is an object with a `name` and either `text` or `base64`. Any other object becomes a part of JSON, and
//! each item of a list a part of its own, as OpenAPI says.
//!
//! Invariants: the content of a file has at most [`FILE_BYTES`]; no argument can add a part or a header.

use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Map, Value};

use super::plain;
use crate::tool_error::ToolError;

#[cfg(test)]
mod tests;

/// The largest file, in bytes.
const FILE_BYTES: usize = 3 << 20;

/// A body with its content type.
#[derive(Debug)]
pub struct Form {
    /// The content type, with its parameters.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Form {
    pub(super) fn encode(parts: Vec<(String, Value)>, files: &[&str]) -> Result<Self, ToolError> {
        let mut contents = Vec::new();
        for (name, value) in parts {
            let items = if let Value::Array(items) = value { items } else { vec![value] };
            for item in items {
                contents.push(match item {
                    Value::Object(file) if files.contains(&&*name) => (file_disposition(&name, &file)?, file_bytes(file, &name)?),
                    item @ (Value::Object(_) | Value::Array(_)) => (json_disposition(&name), plain(item).into_bytes()),
                    item => (disposition(&name), plain(item).into_bytes()),
                });
            }
        }
        let boundary = boundary(&contents);
        let mut body = Vec::new();
        for (disposition, content) in contents {
            body.extend_from_slice(format!("--{boundary}\r\n{disposition}\r\n\r\n").as_bytes());
            body.extend_from_slice(&content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        Ok(Self { content_type: format!("multipart/form-data; boundary={boundary}"), body })
    }
}

impl Form {
    /// A body of this media type that is the content of one argument: an object with either `text` or `base64`.
    pub(super) fn content(argument: &str, content: Value, media: &str) -> Result<Self, ToolError> {
        let Value::Object(content) = content else {
            return Err(ToolError::arguments(format!("`{argument}` needs `text` or `base64`")));
        };
        Ok(Self { content_type: media.to_owned(), body: file_bytes(content, argument)? })
    }

    /// An `application/x-www-form-urlencoded` body. A list repeats its field for each item; an object is sent as JSON.
    pub(super) fn urlencoded(fields: Vec<(String, Value)>) -> Self {
        let mut body = form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields {
            match value {
                Value::Array(items) => items.into_iter().for_each(|item| {
                    body.append_pair(&name, &plain(item));
                }),
                value => {
                    body.append_pair(&name, &plain(value));
                }
            }
        }
        Self { content_type: "application/x-www-form-urlencoded".to_owned(), body: body.finish().into_bytes() }
    }
}

/// The headers of a file. Text has the content type of text, so that a later download returns it as text.
fn file_disposition(argument: &str, file: &Map<String, Value>) -> Result<String, ToolError> {
    let name = file.get("name").and_then(Value::as_str).unwrap_or_default();
    if name.trim().is_empty() {
        return Err(ToolError::arguments(format!("`{argument}.name` is missing")));
    }
    let media = if file.contains_key("text") { "text/plain; charset=utf-8" } else { "application/octet-stream" };
    Ok(format!("{}; filename=\"{}\"\r\nContent-Type: {media}", disposition(argument), escape(name)))
}

fn file_bytes(mut file: Map<String, Value>, argument: &str) -> Result<Vec<u8>, ToolError> {
    let bytes = match (file.remove("text"), file.remove("base64")) {
        (Some(Value::String(text)), None) => text.into_bytes(),
        (None, Some(Value::String(text))) => BASE64_STANDARD
            .decode(text.split_ascii_whitespace().collect::<String>())
            .map_err(|error| ToolError::arguments(format!("`{argument}.base64` is not base64: {error}")))?,
        _ => {
            return Err(ToolError::arguments(format!("`{argument}` needs exactly one of `text` and `base64`")));
        }
    };
    if bytes.len() > FILE_BYTES {
        return Err(ToolError::arguments(format!("`{argument}` is larger than {} MiB", FILE_BYTES >> 20)));
    }
    Ok(bytes)
}

/// The header of a plain part.
fn disposition(name: &str) -> String {
    format!("Content-Disposition: form-data; name=\"{}\"", escape(name))
}

/// The headers of a part of JSON.
fn json_disposition(name: &str) -> String {
    format!("{}\r\nContent-Type: application/json", disposition(name))
}

/// Escapes quotes and line breaks as browsers do.
fn escape(text: &str) -> String {
    text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// A boundary that no content contains: it is made from a digest of all contents, and no content can contain its own digest.
fn boundary(contents: &[(String, Vec<u8>)]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for (disposition, content) in contents {
        context.update(disposition.as_bytes());
        context.update(&[0]);
        context.update(content);
        context.update(&[0]);
    }
    let digest = context.finish();
    let half = digest.as_ref().iter().take(16);
    half.fold("mcp-".to_owned(), |boundary, byte| format!("{boundary}{byte:02x}"))
}
