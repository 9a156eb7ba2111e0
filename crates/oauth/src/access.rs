//! Access rules: which of the configured keys of the API a user of the identity provider acts with, and how far.
//!
//! Invariants: who matches no rule gets nothing; the first rule that matches decides; a rule and a role only ever limit;
//! where roles are looked up, who is not a member gets nothing, and a role that the settings do not name allows nothing.

use std::collections::{BTreeMap, BTreeSet};

use mcp_http::{scope::Scopes, token::TokenHash};

use crate::{directory::Membership, store::User};

#[cfg(test)]
mod tests;

/// The rules, in their order, and what roles in the API allow.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// In the order they are tried.
    pub rules: Vec<Rule>,
    /// What a role in the API allows at most, by its name in lower case; `None`: roles are not looked up.
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
    /// The user with this address, in any capitals.
    Email(String),
    /// Everyone with an address at this domain.
    Domain(String),
    /// Everyone in this group.
    Group(String),
}

/// Whether a rule is about a user is not known: it names a group that no rule named when they signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupNotChecked;

impl Access {
    /// The rule for a user.
    ///
    /// # Errors
    /// When that depends on a group which no rule named when the user signed in.
    pub fn rule(&self, user: &User) -> Result<Option<&Rule>, GroupNotChecked> {
        for rule in &self.rules {
            if rule.who.is(user)? {
                return Ok(Some(rule));
            }
        }
        Ok(None)
    }

    /// The key a user acts with, and what they may do with it at most; `None` when that is nothing. `membership` decides
    /// where roles are looked up, and not knowing it is as good as not being a member.
    #[must_use]
    pub fn decide(&self, user: &User, membership: Option<&Membership>) -> Option<(&str, Scopes)> {
        let rule = self.rule(user).ok()??;
        let ceiling = match (&self.roles, membership) {
            (None, _) => rule.scopes,
            (Some(roles), Some(Membership::Member { role })) => {
                rule.scopes & roles.get(&role.trim().to_lowercase()).copied().unwrap_or_default()
            }
            (Some(_), None | Some(Membership::Left | Membership::Unknown)) => Scopes::NONE,
        };
        (!ceiling.is_empty()).then_some((rule.key.as_str(), ceiling))
    }

    /// The user with the groups that a rule names, and marks of the others that rules name, so that a rule which names
    /// another one later is not taken to be about somebody else. Users can be in very many groups, and they are read at
    /// each check of a token.
    #[must_use]
    pub fn fitted(&self, user: User) -> User {
        let named: BTreeSet<&String> = self.rules.iter().filter_map(|rule| rule.who.group()).collect();
        let (groups, others): (Vec<&String>, Vec<_>) = named.into_iter().partition(|group| user.groups.contains(group));
        let (groups, outside) = (groups.into_iter().cloned().collect(), others.into_iter().map(|group| mark(group)).collect());
        User { groups, outside: Some(outside), ..user }
    }
}

/// What tells a group from others, in few bytes.
fn mark(group: &str) -> u32 {
    TokenHash::of(group.as_bytes()).as_bytes().first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

impl Who {
    fn is(&self, user: &User) -> Result<bool, GroupNotChecked> {
        Ok(match self {
            Self::Email(email) => parts(user).is_some_and(|(address, _)| address.eq_ignore_ascii_case(email)),
            Self::Domain(domain) => parts(user).is_some_and(|(_, have)| have.eq_ignore_ascii_case(domain)),
            Self::Group(group) => match &user.outside {
                _ if user.groups.contains(group) => true,
                Some(outside) if !outside.contains(&mark(group)) => return Err(GroupNotChecked),
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

/// A user's address and its domain, if it has the one plain form that cannot be read in two ways. Only ASCII capitals are
/// ever taken for small letters, so no sign that merely looks like another is taken for it.
fn parts(user: &User) -> Option<(&str, &str)> {
    let address = user.email.as_deref()?;
    let (local, domain) = address.split_once('@')?;
    let is_plain = address.chars().all(|c| !c.is_whitespace() && !c.is_control() && !"\"<>(),;:\\[]".contains(c));
    (is_plain && !local.is_empty() && !domain.is_empty() && !domain.contains('@')).then_some((address, domain))
}
