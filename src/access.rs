//! Access rules: which of the configured keys of Torii a person of the identity provider acts with, and how far.
//!
//! Invariants: who matches no rule gets nothing; the first rule that matches decides; a rule and a role only ever limit;
//! where roles are looked up, who is not a member of Torii gets nothing, and a role that the settings do not name allows nothing.

use std::collections::BTreeMap;

use crate::{oauth::scope::Scopes, store::Person};

#[cfg(test)]
mod tests;

/// The rules, in their order, and what roles in Torii allow.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// In the order they are tried.
    pub rules: Vec<Rule>,
    /// What a role in Torii allows at most, by its name in lower case; `None`: roles are not looked up.
    pub roles: Option<BTreeMap<String, Scopes>>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Whom it is for.
    pub who: Who,
    /// The name of the configured key.
    pub key: String,
    /// What is allowed at most.
    pub scopes: Scopes,
}

/// Whom a rule is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The person with this address, in any capitals.
    Email(String),
    /// Everyone with an address at this domain.
    Domain(String),
    /// Everyone in this group.
    Group(String),
}

/// How a person stands in Torii.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They have left, or are leaving.
    Left,
    /// They are no member.
    Unknown,
    /// They are a member.
    Member {
        /// The name of their role.
        role: String,
    },
}

impl Standing {
    /// The lower, the less they may do.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::Left => 0,
            Self::Unknown => 1,
            Self::Member { .. } => 2,
        }
    }
}

impl Access {
    /// The rule for a person.
    #[must_use]
    pub fn rule(&self, person: &Person) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.who.is(person))
    }

    /// The key a person acts with, and what they may do with it at most; `None` when that is nothing. `standing` counts
    /// where roles are looked up, and not knowing it is as good as not being a member.
    #[must_use]
    pub fn decide(&self, person: &Person, standing: Option<&Standing>) -> Option<(&str, Scopes)> {
        let rule = self.rule(person)?;
        let ceiling = match (&self.roles, standing) {
            (None, _) => rule.scopes,
            (Some(roles), Some(Standing::Member { role })) => {
                rule.scopes & roles.get(&role.trim().to_lowercase()).copied().unwrap_or_default()
            }
            (Some(_), None | Some(Standing::Left | Standing::Unknown)) => Scopes::NONE,
        };
        (!ceiling.is_empty()).then_some((rule.key.as_str(), ceiling))
    }
}

impl Who {
    fn is(&self, person: &Person) -> bool {
        match self {
            Self::Email(email) => parts(person).is_some_and(|(address, _)| address.eq_ignore_ascii_case(email)),
            Self::Domain(domain) => parts(person).is_some_and(|(_, have)| have.eq_ignore_ascii_case(domain)),
            Self::Group(group) => person.groups.contains(group),
        }
    }
}

/// A person's address and its domain, if it has the one plain form that cannot be read in two ways. Only ASCII capitals are
/// ever taken for small letters, so no sign that merely looks like another is taken for it.
fn parts(person: &Person) -> Option<(&str, &str)> {
    let address = person.email.as_deref()?;
    let (local, domain) = address.split_once('@')?;
    let is_plain = address.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"\"<>(),;:\\[]".contains(c));
    (is_plain && !local.is_empty() && !domain.is_empty() && !domain.contains('@')).then_some((address, domain))
}
