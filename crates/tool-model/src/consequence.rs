//! What a call of a tool has as a consequence: whether it must be confirmed, and which record it is about.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Which calls of a tool the user must confirm. In JSON `true` or `false`, or the values of arguments that need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Confirm {
    /// All of them, or none.
    Every(bool),
    /// Those in which an argument has one of these values.
    Values(BTreeMap<String, Vec<Value>>),
}

impl Confirm {
    /// Whether there are calls that must be confirmed.
    #[must_use]
    pub fn is_ever(&self) -> bool {
        *self != Self::Every(false)
    }

    /// Whether a call with these arguments must be confirmed. Upper and lower case mean the same.
    #[must_use]
    pub fn is_for(&self, arguments: &Map<String, Value>) -> bool {
        match self {
            Self::Every(all) => *all,
            Self::Values(values) => values
                .iter()
                .any(|(name, values)| arguments.get(name).is_some_and(|given| values.iter().any(|value| is_same(value, given)))),
        }
    }
}

fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) => one.trim().to_lowercase() == other.trim().to_lowercase(),
        _ => one == other,
    }
}

/// The record that a call is about, and the call that reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// What kind of record it is, in the words of a sentence.
    pub kind: String,
    /// The name of the tool that reads it.
    pub tool: String,
    /// The arguments of that tool, each with the argument of the call that gives its value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub arguments: BTreeMap<String, String>,
    /// The arguments of that tool which are the same for every call.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub with: Map<String, Value>,
    /// How the record is found among the items of a list: their member, and the argument of the call that it equals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub find: Option<(String, String)>,
    /// The member of the response that contains the record, if it is not the whole response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The members that are its name for a user, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub label: Vec<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_decides_whether_a_call_is_confirmed() {
        let confirm: Confirm = serde_json::from_value(json!({ "state": ["closed"] })).unwrap();
        let is_for = |arguments: Value| confirm.is_for(arguments.as_object().unwrap());
        assert!(confirm.is_ever() && is_for(json!({ "state": " Closed" })));
        assert!(!is_for(json!({ "state": "sanctioned" })) && !is_for(json!({ "name": "closed" })));
        let never: Confirm = serde_json::from_value(json!(false)).unwrap();
        assert!(!never.is_ever() && !never.is_for(&Map::new()));
    }
}
