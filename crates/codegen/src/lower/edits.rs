//! What a call of a tool changes, and which fields it can empty. Elsewhere `null` and `""` say that an argument is not given, so
//! the values that empty a field are kept here, for the server argument `clear`.

use std::collections::{BTreeMap, BTreeSet};

use openapi_mcp_model::{Edits, Effect, Method};
use serde_json::{Map, Value as Json, json};

use super::schema::allows;
use crate::annotation::Annotation;
use crate::diagnostics::{Diagnostics, Location};
use crate::ir::{Argument, ArgumentLocation, Body};

/// What a call of this operation edits, if it has something to empty, or an optional body.
pub(super) fn of(
    (effect, method): (Effect, Method),
    annotation: &Annotation,
    body: Option<&Body>,
    arguments: &[Argument],
    location: &Location,
    diagnostics: &mut Diagnostics,
) -> Option<Edits> {
    let Some(Body::Object { open }) = body.filter(|_| effect != Effect::Read) else {
        if annotation.clear == Some(true) {
            diagnostics
                .warning("E0218", location.clone(), "`clear` is set, but the operation changes no JSON object")
                .hint("remove it: there is nothing that could be emptied");
        }
        return None;
    };
    let of_body = || arguments.iter().filter(|argument| argument.location == ArgumentLocation::Body && !argument.hidden);
    // a new record has nothing to empty, and starting something may need no more than its id
    let changes_one = matches!(method, Method::Put | Method::Patch);
    let clear = annotation.clear.or_else(|| (!changes_one).then_some(false));
    // sorted, as the order of the document's members means nothing
    let empty: BTreeMap<String, Json> = of_body()
        .filter(|argument| !argument.required)
        .filter_map(|argument| Some((argument.name.clone(), empty(&argument.schema, clear)?)))
        .collect();
    let names: BTreeSet<String> = of_body().map(|argument| argument.name.clone()).collect();
    let needs_some = changes_one && !arguments.iter().any(is_required_in_body);
    let edits = Edits {
        needs_some: needs_some && (*open || !names.is_empty()),
        arguments: names.into_iter().collect(),
        empty: empty.into_iter().collect(),
        empties_own_keys: *open && annotation.clear == Some(true),
    };
    (edits.needs_some || edits.empties_own_keys || !edits.empty.is_empty()).then_some(edits)
}

/// A hidden argument is always sent.
fn is_required_in_body(argument: &Argument) -> bool {
    argument.location == ArgumentLocation::Body && argument.required && !argument.hidden
}

/// The value that empties an argument: `null` where the document allows it, and where the annotation says so also an empty text
/// or list.
fn empty(schema: &Json, clear: Option<bool>) -> Option<Json> {
    let forms = forms(schema);
    let takes = |kind: &str| forms.iter().any(|form| allows(form, kind));
    let least = |keyword: &str| forms.iter().any(|form| form.get(keyword).and_then(Json::as_u64).is_some_and(|least| least > 0));
    let is_choice = forms.iter().any(|form| form.contains_key("enum"));
    match clear {
        Some(false) => None,
        _ if takes("null") => Some(Json::Null),
        Some(true) if takes("string") && !least("minLength") && !is_choice => Some(json!("")),
        Some(true) if takes("array") && !least("minItems") => Some(json!([])),
        Some(true) | None => None,
    }
}

/// The schema, or its alternatives.
fn forms(schema: &Json) -> Vec<&Map<String, Json>> {
    let alternatives = ["anyOf", "oneOf"].iter().filter_map(|key| schema.get(key)?.as_array()).flatten().flat_map(forms);
    schema.as_object().into_iter().chain(alternatives).collect()
}
