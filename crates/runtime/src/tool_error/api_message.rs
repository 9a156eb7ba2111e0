//! What an API says about an error.

use std::fmt::{self, Display, Formatter};

use serde_json::Value;

use super::{KEYS, shortened};

/// What the API says about an error, made safe to pass on. Prints as `: message`, or as nothing.
pub(super) struct ApiMessage(String);

impl ApiMessage {
    /// Takes the API's message out of an error's body. Gateways in front of an API have bodies of their own, so several members may
    /// hold it. A code beside it, and the arguments that a validation names, are added.
    pub(super) fn from_body(body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let places = ["/message", "/Message", "/detail", "/error_description", "/error/message", "/errors/0/message", "/error"];
        let mut text = places.iter().find_map(|place| body.pointer(place)?.as_str()).unwrap_or_default().to_owned();
        let code = ["/error", "/code", "/error/code", "/errors/0/code"].iter().find_map(|place| body.pointer(place)?.as_str());
        // unlike the name of a status, a code has no spaces and no capital
        let code = code.filter(|code| code.contains('_') && !text.contains(code));
        let keys = body.pointer("/validation/keys").and_then(Value::as_array).into_iter().flatten();
        let named = keys.filter_map(Value::as_str).filter(|key| !text.contains(key)).take(KEYS).map(|key| format!("`{key}`"));
        let added: Vec<String> = code.map(str::to_owned).into_iter().chain(named).collect();
        if !added.is_empty() {
            text = format!("{text} ({})", added.join(", "));
        }
        Self(shortened(text.trim_start()))
    }

    /// Whether it is about a permission of the key rather than about the role of its owner.
    pub(super) fn names_permission(&self) -> bool {
        let text = self.0.to_lowercase();
        ["scope", "permission"].iter().any(|word| text.contains(word))
    }
}

impl Display for ApiMessage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ": {}", self.0) }
    }
}
