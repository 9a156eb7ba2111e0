//! The host that stores uploaded bytes, which for the real service belongs to another company.
//!
//! Its URLs are signed and valid for five minutes. It rejects any call with an `Authorization` header, as such hosts do
//! if a request has both a signed URL and this header: so a client that sends the API key on a redirect is detected.

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use jiff::Timestamp;

use super::{
    Sample,
    answer::{Answer, Failure, empty},
    request::Parameters,
};

const URL_TTL_SECONDS: i64 = 300;

#[derive(Debug)]
pub(super) struct Stored {
    pub(super) content_type: String,
    /// Absent until the upload takes place.
    pub(super) bytes: Option<Vec<u8>>,
}

/// An absolute URL of the storage host for `path`, valid for five minutes. It has the host that the caller used.
pub(super) fn signed_url(headers: &HeaderMap, path: &str, now: Timestamp) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let expires = now.as_second() + URL_TTL_SECONDS;
    format!("http://{host}/storage/{path}?expires={expires}&signature={:016x}", signature(path, expires))
}

pub(super) async fn fetch(
    State(sample): State<Sample>,
    Path(path): Path<String>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Answer {
    admit(&path, &headers, &parameters, sample.now())?;
    let organization = sample.read();
    let stored = organization.stored.get(&path);
    let Some((content_type, bytes)) = stored.and_then(|stored| Some((&stored.content_type, stored.bytes.as_ref()?))) else {
        return Err(Failure::not_found("object", path));
    };
    let name = path.rsplit('/').next().unwrap_or_default();
    let headers =
        [(header::CONTENT_TYPE, content_type.clone()), (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))];
    Ok((headers, bytes.clone()).into_response())
}

pub(super) async fn store(
    State(sample): State<Sample>,
    Path(path): Path<String>,
    headers: HeaderMap,
    parameters: Parameters,
    bytes: Bytes,
) -> Answer {
    admit(&path, &headers, &parameters, sample.now())?;
    let mut organization = sample.write();
    let stored = organization.stored.get_mut(&path).ok_or_else(|| Failure::not_found("object", &path))?;
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type != Some(stored.content_type.as_str()) {
        return Err(Failure::forbidden(format!("the content type must be {}", stored.content_type)));
    }
    if stored.bytes.is_some() {
        return Err(Failure::conflict("the object exists already"));
    }
    stored.bytes = Some(bytes.into());
    Ok(empty())
}

fn admit(path: &str, headers: &HeaderMap, parameters: &Parameters, now: Timestamp) -> Result<(), Failure> {
    if headers.contains_key(header::AUTHORIZATION) {
        return Err(Failure::new(
            StatusCode::BAD_REQUEST,
            "a signed URL takes no Authorization header: the API key must not be sent here",
        ));
    }
    let expires: i64 = parameters.text("expires").and_then(|text| text.parse().ok()).unwrap_or_default();
    if parameters.text("signature") != Some(format!("{:016x}", signature(path, expires)).as_str()) {
        return Err(Failure::forbidden("the signature does not match"));
    }
    if now.as_second() > expires {
        return Err(Failure::forbidden("the URL has expired"));
    }
    Ok(())
}

/// A checksum (FNV-1a) in place of a signature: it is sufficient for tests, and there is nothing to protect.
fn signature(path: &str, expires: i64) -> u64 {
    path.bytes()
        .chain(expires.to_be_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
