//! Access rules: which of the configured API keys a user of the identity provider acts with, and with which scopes.
//!
//! Invariants: a user whom no rule matches gets nothing; the first rule that matches decides; a rule and a role only restrict.
//! If roles are looked up, a user who is not a member gets nothing, and a role that the settings do not list allows nothing.

use std::collections::{BTreeMap, BTreeSet};

use mcp_http::{scope::Scopes, token::TokenHash};

use crate::{directory::Membership, store::User};

#[cfg(test)]
mod tests;

/// The access rules, and the scopes of roles in the API.
#[derive(Clone, Debug, Default)]
pub struct AccessRules {
    /// The rules, in the order in which they are tried.
    pub rules: Vec<Rule>,
    /// The maximum scopes of a role in the API, by its name with ASCII letters in lower case; `None` if roles are not looked up.
    pub roles: Option<BTreeMap<String, Scopes>>,
}

/// An access rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The users that the rule matches.
    pub who: Who,
    /// The name of the configured key that they act with.
    pub key: String,
    /// The maximum scopes.
    pub scopes: Scopes,
}

/// The users that a rule matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// The user with this e-mail address; ASCII case is ignored.
    Email(String),
    /// Every user with an e-mail address in this domain.
    Domain(String),
    /// Every user in this group.
    Group(String),
}

/// It is unknown whether a rule matches a user: it names a group that no rule named when the user signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupNotChecked;

impl AccessRules {
    /// Returns the first rule that matches a user.
    ///
    /// # Errors
    /// If the result depends on a group that no rule named when the user signed in.
    pub fn rule(&self, user: &User) -> Result<Option<&Rule>, GroupNotChecked> {
        for rule in &self.rules {
            if rule.who.is(user)? {
                return Ok(Some(rule));
            }
        }
        Ok(None)
    }

    /// Returns the name of the key with which a user acts, and their maximum scopes; `None` if there are none. If roles are
    /// looked up, `membership` decides, and `None` is treated like a user who is not a member.
    #[must_use]
    pub fn decide(&self, user: &User, membership: Option<&Membership>) -> Option<(&str, Scopes)> {
        let rule = self.rule(user).ok()??;
        let ceiling = match (&self.roles, membership) {
            (None, _) => rule.scopes,
            (Some(roles), Some(Membership::Member { role })) => {
                rule.scopes & roles.get(&role.trim().to_ascii_lowercase()).copied().unwrap_or_default()
            }
            (Some(_), None | Some(Membership::Left | Membership::Unknown)) => Scopes::NONE,
        };
        (!ceiling.is_empty()).then_some((rule.key.as_str(), ceiling))
    }

    /// Returns the user with only those groups that a rule names, and fingerprints of the other groups that rules name: if a
    /// rule later names a further group, it is known that the user's membership was never checked. The groups are reduced
    /// because users can be in very many, and they are read at each check of a token.
    #[must_use]
    pub fn fitted(&self, user: User) -> User {
        let named: BTreeSet<&String> = self.rules.iter().filter_map(|rule| rule.who.group()).collect();
        let (groups, others): (Vec<&String>, Vec<_>) = named.into_iter().partition(|group| user.groups.contains(group));
        let (groups, outside) =
            (groups.into_iter().cloned().collect(), others.into_iter().map(|group| fingerprint(group)).collect());
        User { groups, outside: Some(outside), ..user }
    }
}

/// A short fingerprint of a group's name.
fn fingerprint(group: &str) -> u32 {
    TokenHash::of(group.as_bytes()).as_bytes().first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

impl Who {
    fn is(&self, user: &User) -> Result<bool, GroupNotChecked> {
        Ok(match self {
            Self::Email(email) => parts(user).is_some_and(|(address, _)| address.eq_ignore_ascii_case(email)),
            Self::Domain(domain) => parts(user).is_some_and(|(_, have)| have.eq_ignore_ascii_case(domain)),
            Self::Group(group) => match &user.outside {
                _ if user.groups.contains(group) => true,
                Some(outside) if !outside.contains(&fingerprint(group)) => return Err(GroupNotChecked),
                _ => false,
            },
        })
    }

    fn group(&self) -> Option<&String> {
        match self {
            Self::Group(group) => Some(group),
            Self::Email(_) | Self::Domain(_) => None,
        }
    }
}

/// Returns a user's e-mail address and its domain, if the address has the one plain form that cannot be parsed in two ways.
/// Only the case of ASCII letters is ever ignored, so no look-alike character is treated as a match.
fn parts(user: &User) -> Option<(&str, &str)> {
    let address = user.email.as_deref()?;
    let (local, domain) = address.split_once('@')?;
    let is_plain = address.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"\"<>(),;:\\[]".contains(c));
    (is_plain && !local.is_empty() && !domain.is_empty() && !domain.contains('@')).then_some((address, domain))
}
