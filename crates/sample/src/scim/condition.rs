//! The SCIM `filter` parameter.

use crate::{answer::Failure, organization::User};

/// The only supported kind of filter: `userName eq "someone@example.com"`.
pub(super) struct Condition {
    accepts: fn(&str, &str) -> bool,
    value: String,
}

impl Condition {
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let mut words = text.trim().splitn(3, char::is_whitespace);
        let (Some(key), Some(op), Some(value)) = (words.next(), words.next(), words.next()) else {
            return Err(Failure::malformed(format!("filter must look like `userName eq \"value\"`: {text}")));
        };
        // A user's main email address is the user name, so both keys refer to the same text.
        if !["username", "emails", "emails.value"].contains(&key.to_lowercase().as_str()) {
            return Err(Failure::malformed(format!("filter knows userName and emails only: {key}")));
        }
        let accepts = match op.to_lowercase().as_str() {
            "eq" => |have: &str, want: &str| have == want,
            "co" => |have: &str, want: &str| have.contains(want),
            "sw" => |have: &str, want: &str| have.starts_with(want),
            "ew" => |have: &str, want: &str| have.ends_with(want),
            _ => {
                return Err(Failure::malformed(format!("filter knows eq, co, sw and ew only: {op}")));
            }
        };
        let value = value.trim().strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        match value.filter(|value| !value.contains('"')) {
            Some(value) => Ok(Self { accepts, value: value.to_lowercase() }),
            None => Err(Failure::malformed(format!("filter must hold one condition with a quoted value: {text}"))),
        }
    }

    pub(super) fn accepts(&self, user: &User) -> bool {
        (self.accepts)(&user.email.to_lowercase(), &self.value)
    }
}
