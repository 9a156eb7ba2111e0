//! Gives responses the shape that the sample was asked for: the times, the people and the errors in them.
//!
//! Handlers know one shape only. Other shapes are made from their responses, so that every response has them.

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{StatusCode, Uri, header},
    middleware::Next,
    response::Response,
};
use jiff::Timestamp;
use serde_json::Value;

use super::{
    PREFIX, Sample,
    answer::{Failure, json_with},
    cell::parse_time,
    options::{Behavior, Errors, People, Times},
};

/// The members that hold a person.
const PEOPLE: [&str; 3] = ["primaryOwner", "addedBy", "owner"];
/// Calls behind a gateway that fail if a page is larger than this: path, status, and message.
const SLOW: [(&str, u16, &str); 2] =
    [("/v1.0/audit", 502, "Internal server error"), ("/v1.0/transactions", 504, "Endpoint request timed out")];
const LARGE_PAGE: u32 = 500;

pub(super) async fn shape(State(sample): State<Sample>, request: Request, next: Next) -> Response {
    let Behavior { errors, invalid_bodies, times, people, .. } = sample.behavior();
    if let Some(failure) = slow(request.uri()).filter(|_| errors == Errors::Gateway) {
        return failure.render(errors, invalid_bodies);
    }
    let is_scim = request.uri().path().strip_prefix(PREFIX).is_some_and(|path| path.starts_with("/scim/"));
    let response = next.run(request).await;
    if let Some(failure) = response.extensions().get::<Failure>() {
        return failure.render(errors, invalid_bodies);
    }
    let is_json =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    // The format of times in SCIM is that of its own standard.
    if !is_json || is_scim || (times, people) == (Times::Text, People::Objects) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    match serde_json::from_slice(&bytes) {
        Ok(mut json) => {
            rewrite(&mut json, times, people);
            json_with(parts.status, &json)
        }
        Err(_) => Response::from_parts(parts, bytes.into()),
    }
}

/// The failure of a call that takes longer than a gateway waits.
fn slow(uri: &Uri) -> Option<Failure> {
    let (_, status, message) = SLOW.iter().find(|(path, _, _)| *path == uri.path())?;
    let size = uri.query()?.split('&').find_map(|pair| pair.strip_prefix("size="))?;
    let is_large = size.parse().is_ok_and(|size: u32| size > LARGE_PAGE);
    is_large.then(|| Failure::new(StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_GATEWAY), *message))
}

fn rewrite(json: &mut Value, times: Times, people: People) {
    match json {
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, times, people)),
        Value::Object(members) => {
            for (key, member) in members {
                match member.get("id") {
                    Some(id) if people == People::Numbers && PEOPLE.contains(&key.as_str()) => *member = id.clone(),
                    _ => rewrite(member, times, people),
                }
            }
        }
        Value::String(text) if times == Times::Milliseconds => {
            if let Some(milliseconds) = milliseconds(text) {
                *json = Value::from(milliseconds);
            }
        }
        _ => {}
    }
}

/// The milliseconds of a moment in the format of this server, such as `2026-11-22T09:30:00.000Z`. Days have none.
fn milliseconds(text: &str) -> Option<i64> {
    if text.len() != 24 || text.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    parse_time(text).map(Timestamp::as_millisecond)
}
