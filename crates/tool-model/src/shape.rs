//! What a result shows of the members of an item.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What is shown of a member of an item, or of a single record, unless the caller's `fields` name its own members, as in
/// `owner.email`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberShape {
    /// The members that are shown of its value, an object or a list of objects; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub show: Vec<String>,
    /// The arguments that are sent to get it when `fields` names it, if it is no field of the API's own.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub with: Map<String, Value>,
    /// Whether objects in it that say nothing but zero are left out, and the currency of its amounts is said once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub compact: bool,
    /// Whether it is only shown if `fields` names it, although the API always returns it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_request: bool,
}

/// Whether each item of a list is in another one as well, by the member `id` of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The member that is added to each item: true or false.
    pub member: String,
    /// The tool that lists the others.
    pub tool: String,
}
