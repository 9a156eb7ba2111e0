//! Access rules: which of the configured keys of Torii a person of the identity provider acts with, and how far.
//!
//! Invariants: who matches no rule gets nothing; the first rule that matches decides; a rule only ever limits.

use std::collections::BTreeMap;

use crate::{oauth::scope::Scopes, store::Person};

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

impl Access {
    /// The rule for a person.
    #[must_use]
    pub fn rule(&self, person: &Person) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.who.is(person))
    }
}

impl Who {
    fn is(&self, person: &Person) -> bool {
        match self {
            Self::Email(email) => person.email.as_ref().is_some_and(|have| have.eq_ignore_ascii_case(email)),
            Self::Domain(domain) => {
                let have = person.email.as_ref().and_then(|email| email.rsplit_once('@'));
                have.is_some_and(|(_, have)| have.eq_ignore_ascii_case(domain))
            }
            Self::Group(group) => person.groups.contains(group),
        }
    }
}
