//! The form of filters that Torii's own client sends.

use serde_json::{Value, json};

/// Wraps the parts of each filter: `{"key": {"value": KEY}, "op": {"value": OP}, "value": VALUE}`. Torii's pages show `{key, op,
/// value}`, and its own client sends this. It passes values on unchanged, so the filters in an `or` or `and` stay as they are.
#[must_use]
pub fn wrapped(filters: &Value) -> Value {
    let wrapped = |filter: &Value| {
        let mut filter = filter.clone();
        for part in ["key", "op"] {
            if let Some(part) = filter.get_mut(part) {
                *part = json!({ "value": part.take() });
            }
        }
        filter
    };
    filters.as_array().map(|filters| filters.iter().map(wrapped).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_operators_are_wrapped_and_values_are_not() {
        let filters = json!([{ "key": "state", "op": "equals", "value": { "a": 1 } }, { "key": "owner", "op": "isSet" }]);
        let expected = json!([
            { "key": { "value": "state" }, "op": { "value": "equals" }, "value": { "a": 1 } },
            { "key": { "value": "owner" }, "op": { "value": "isSet" } },
        ]);
        assert_eq!(wrapped(&filters), expected);
        let inner = json!([{ "key": "state", "op": "isSet" }]);
        let either = json!([{ "key": "state", "op": "or", "value": inner }]);
        assert_eq!(wrapped(&either)[0]["value"], inner);
    }
}
