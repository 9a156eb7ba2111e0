//! Access to the API: the three keys of the sample, the calls that each permits, and the rate limits.

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};

use super::{FULL_ACCESS_KEY, READ_ONLY_KEY, SCIM_KEY, Sample, answer::Failure, limits::operation};

/// The calls with method POST that only read.
const READING_POSTS: [&str; 1] = ["/apps/match"];

/// A key that the sample accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    FullAccess,
    ReadOnly,
    Scim,
}

/// Accepts a call if its key is known, permits the call and is within the rate limit.
pub(super) async fn admit(
    State(sample): State<Sample>,
    matched: MatchedPath,
    request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let path = matched.as_str();
    let path = path.strip_prefix("/v1.0").unwrap_or(path);
    let key = identify(request.headers())?;
    match (path.starts_with("/scim/"), key) {
        (true, Key::FullAccess | Key::ReadOnly) => {
            return Err(Failure::unauthorized("SCIM calls need a SCIM key"));
        }
        (false, Key::Scim) => {
            return Err(Failure::unauthorized("a SCIM key opens SCIM calls only"));
        }
        _ => {}
    }
    if key == Key::ReadOnly && !reads(request.method(), path) {
        return Err(Failure::forbidden("the key is read-only"));
    }
    if let Some(operation) = operation(request.method(), path) {
        sample.count(operation, key).map_err(Failure::too_many)?;
    }
    Ok(next.run(request).await)
}

fn identify(headers: &HeaderMap) -> Result<Key, Failure> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, key)) = header.and_then(|header| header.split_once(' ')) else {
        return Err(Failure::unauthorized("missing API key: send `Authorization: Bearer <key>`"));
    };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Failure::unauthorized("the authorization scheme must be Bearer"));
    }
    match key.trim() {
        FULL_ACCESS_KEY => Ok(Key::FullAccess),
        READ_ONLY_KEY => Ok(Key::ReadOnly),
        SCIM_KEY => Ok(Key::Scim),
        _ => Err(Failure::unauthorized("unknown API key")),
    }
}

fn reads(method: &Method, path: &str) -> bool {
    matches!(*method, Method::GET | Method::HEAD) || READING_POSTS.contains(&path)
}
