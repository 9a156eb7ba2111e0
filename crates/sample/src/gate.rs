//! Access to the API: the keys of the sample, the calls that each permits, and the rate limits.

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};

use super::{APPS_ONLY_KEY, FULL_ACCESS_KEY, READ_ONLY_KEY, SCIM_KEY, Sample, answer::Failure, limits::operation};

/// The calls with method POST that only read.
const READING_POSTS: [&str; 1] = ["/apps/match"];

/// A key that the sample accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Key {
    FullAccess,
    ReadOnly,
    AppsOnly,
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
        (true, Key::FullAccess | Key::ReadOnly | Key::AppsOnly) => {
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
    if key == Key::AppsOnly && !is_about_apps(path) {
        // Where Torii's response has this word is not known.
        let area = path.split('/').nth(1).unwrap_or_default();
        return Err(Failure::forbidden(format!("missing_required_scope: the key does not cover {area}")));
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
        APPS_ONLY_KEY => Ok(Key::AppsOnly),
        SCIM_KEY => Ok(Key::Scim),
        _ => Err(Failure::unauthorized("unknown API key")),
    }
}

fn reads(method: &Method, path: &str) -> bool {
    matches!(*method, Method::GET | Method::HEAD) || READING_POSTS.contains(&path)
}

/// Whether a key for apps covers the path. Every key can read which organization it belongs to.
fn is_about_apps(path: &str) -> bool {
    path == "/orgs/my" || path == "/apps" || path.starts_with("/apps/")
}
