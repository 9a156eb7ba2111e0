//! Repairs responses whose declaration is incomplete or does not say what it means.

use super::Repair;
use crate::tree::{Node, join};

/// Replaces `*/*` by JSON: generators of documents write `*/*` for an unknown media type, and a JSON API returns JSON.
pub(super) fn name_media_type(operation: &mut Node, pointer: &str, repairs: &mut Vec<Repair>) {
    let Some(responses) = operation.get_mut("responses").and_then(Node::members_mut) else { return };
    for (status, response) in responses {
        let Some(content) = response.get_mut("content").and_then(Node::members_mut) else { continue };
        if content.contains_key("application/json") {
            continue;
        }
        if let Some(any) = content.shift_remove("*/*") {
            content.insert("application/json".to_owned(), any);
            repairs.push(Repair {
                name: "name-media-type",
                pointer: join(&join(pointer, "responses"), status),
                what: "`*/*` read as `application/json`".to_owned(),
            });
        }
    }
}

/// If an operation declares only `default`, this is its successful response; a plain string schema there describes nothing.
pub(super) fn take_default_as_success(operation: &mut Node, pointer: &str, repairs: &mut Vec<Repair>) {
    let Some(responses) = operation.get_mut("responses").and_then(Node::members_mut) else { return };
    let has_success = responses.keys().any(|status| status.starts_with(['2', '3']));
    if has_success {
        return;
    }
    let Some(mut response) = responses.shift_remove("default") else { return };
    let schema = response.get("content").and_then(|content| content.get("application/json")).and_then(|json| json.get("schema"));
    if schema.and_then(|schema| schema.get("type")).and_then(Node::text) == Some("string")
        && let Some(members) = response.members_mut()
    {
        members.shift_remove("content");
    }
    responses.insert("2XX".to_owned(), response);
    repairs.push(Repair {
        name: "take-default-as-success",
        pointer: join(pointer, "responses"),
        what: "`default` read as the response of a successful call".to_owned(),
    });
}
