//! Scopes: what a user allows a client to do (RFC 6749, section 3.3).
//!
//! A server defines its scopes once, in [`ScopeDefinitions`]. After that, a set of scopes is a number.
//!
//! Invariants: a set is closed under implication, so that comparing sets is comparing bits; undefined names in a client's request
//! are ignored, as RFC 6749 allows.

use std::{
    fmt,
    ops::{BitAnd, BitOr},
    sync::Arc,
};

#[cfg(test)]
mod tests;

/// The highest number of scopes of a server.
pub const MAX_SCOPES: usize = 32;

/// The definition of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeDefinition {
    /// Its name in OAuth, for example `pets:read`.
    pub name: String,
    /// What it allows, in a few words, for the consent page.
    pub title: String,
    /// The same in a sentence or two.
    pub description: String,
    /// The names of the scopes that it includes. They must be defined before it.
    pub implies: Vec<String>,
    /// What its holder can do to the data.
    pub access: ScopeAccess,
    /// The name of the credential for calls with this scope, if a user may not have it.
    pub credential: Option<String>,
}

/// What a scope allows its holder to do to the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeAccess {
    /// Only read it.
    Read,
    /// Change it.
    Write,
    /// Destroy it. Such a scope is never preselected, and the user is asked for consent each time.
    Destroy,
}

/// All scopes of a server, from the least powerful on. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ScopeDefinitions(Arc<[(ScopeDefinition, Scope)]>);

/// Why definitions of scopes are invalid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// The name is not a valid scope name.
    #[error(
        "`{0}` is no name of a scope: it has to be of visible characters, without blanks, `\"` and `\\` (RFC 6749, section 3.3)"
    )]
    Name(String),
    /// The name is defined twice.
    #[error("the scope `{0}` is defined twice; remove one definition")]
    Twice(String),
    /// It implies a scope that is not defined before it.
    #[error("the scope `{name}` implies `{implied}`, which is not defined before it; define that first")]
    Implied {
        /// The scope.
        name: String,
        /// The implied scope.
        implied: String,
    },
    /// There are more than [`MAX_SCOPES`].
    #[error("there are more than {MAX_SCOPES} scopes; define fewer")]
    TooMany,
    /// There are no scopes.
    #[error("there is no scope; define one that reads")]
    None,
}

impl ScopeDefinitions {
    /// Validates definitions, from the least powerful scope on. A client that requests no scope gets the first one.
    ///
    /// # Errors
    /// When there are none or too many, or one is invalid.
    pub fn new(definitions: Vec<ScopeDefinition>) -> Result<Self, ScopeError> {
        if definitions.is_empty() {
            return Err(ScopeError::None);
        }
        if definitions.len() > MAX_SCOPES {
            return Err(ScopeError::TooMany);
        }
        let mut defined: Vec<(ScopeDefinition, Scope)> = Vec::new();
        for (index, definition) in definitions.into_iter().enumerate() {
            let find = |name: &str| defined.iter().find(|(earlier, _)| earlier.name == name).map(|(_, scope)| *scope);
            let name = definition.name.clone();
            if !is_name(&name) {
                return Err(ScopeError::Name(name));
            }
            if find(&name).is_some() {
                return Err(ScopeError::Twice(name));
            }
            let bit = 1 << index;
            let mut closure = bit;
            for implied in &definition.implies {
                let scope = find(implied).ok_or_else(|| ScopeError::Implied { name: name.clone(), implied: implied.clone() })?;
                closure |= scope.closure;
            }
            defined.push((definition, Scope { bit, closure }));
        }
        Ok(Self(defined.into()))
    }

    /// The scope with this name, if it is defined.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Scope> {
        self.0.iter().find(|(definition, _)| definition.name == name).map(|(_, scope)| *scope)
    }

    /// Parses names separated by spaces; undefined ones are ignored.
    #[must_use]
    pub fn parse(&self, names: &str) -> Scopes {
        names.split_ascii_whitespace().filter_map(|name| self.get(name)).collect()
    }

    /// All scopes.
    #[must_use]
    pub fn all(&self) -> Scopes {
        self.0.iter().map(|(_, scope)| *scope).collect()
    }

    /// The scope of a client that requests none: the first one.
    #[must_use]
    pub fn least(&self) -> Scopes {
        self.0.first().map(|(_, scope)| *scope).into_iter().collect()
    }

    /// The scopes that only read.
    #[must_use]
    pub fn reading(&self) -> Scopes {
        self.0.iter().filter(|(definition, _)| definition.access == ScopeAccess::Read).map(|(_, scope)| *scope).collect()
    }

    /// The scopes of a set with their definitions, from the least powerful on.
    pub fn iter(&self, scopes: Scopes) -> impl Iterator<Item = (&ScopeDefinition, Scope)> {
        self.0.iter().filter(move |(_, scope)| scopes.has(*scope)).map(|(definition, scope)| (definition, *scope))
    }

    /// The names of the scopes of a set, from the least powerful on.
    #[must_use]
    pub fn names(&self, scopes: Scopes) -> Vec<&str> {
        self.iter(scopes).map(|(definition, _)| definition.name.as_str()).collect()
    }

    /// The same names separated by spaces, as in a token response.
    #[must_use]
    pub fn text(&self, scopes: Scopes) -> String {
        self.names(scopes).join(" ")
    }

    /// The names that tell a client which scopes it has, where it `requested` some by name: these, and those that they do not imply. Some
    /// clients give up if the response names a scope that they did not request.
    #[must_use]
    pub fn told(&self, scopes: Scopes, requested: &str) -> String {
        let is_requested = |definition: &ScopeDefinition| requested.split_ascii_whitespace().any(|name| name == definition.name);
        let implied: Scopes =
            self.iter(scopes).filter(|(definition, _)| is_requested(definition)).map(|(_, scope)| scope).collect();
        let told = self.iter(scopes).filter(|(definition, scope)| is_requested(definition) || !implied.has(*scope));
        told.map(|(definition, _)| definition.name.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// The set without a scope and without those that imply it.
    #[must_use]
    pub fn without(&self, scopes: Scopes, removed: Scope) -> Scopes {
        self.iter(scopes).map(|(_, scope)| scope).filter(|scope| scope.closure & removed.bit == 0).collect()
    }

    /// The set without the scopes whose calls need this credential.
    #[must_use]
    pub fn without_credential(&self, scopes: Scopes, credential: &str) -> Scopes {
        let is_sent = |definition: &ScopeDefinition| definition.credential.as_deref() == Some(credential);
        let lacking = self.0.iter().filter(|(definition, _)| is_sent(definition)).map(|(_, scope)| *scope);
        lacking.fold(scopes, |scopes, scope| self.without(scopes, scope))
    }
}

/// Whether a text is a valid scope name (`scope-token` of RFC 6749, section 3.3).
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

/// One scope, including those that it implies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    bit: u32,
    closure: u32,
}

/// A set of scopes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u32);

impl Scopes {
    /// No scope.
    pub const NONE: Self = Self(0);
    /// All scopes that can be defined.
    pub const ALL: Self = Self(u32::MAX);

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// Whether the set includes all of `other`.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self & other == other
    }

    /// Whether the set includes this scope.
    #[must_use]
    pub fn has(self, scope: Scope) -> bool {
        self.covers(scope.into())
    }
}

impl From<Scope> for Scopes {
    fn from(scope: Scope) -> Self {
        Self(scope.closure)
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        scopes.into_iter().fold(Self::NONE, |set, scope| set | scope.into())
    }
}

impl BitOr for Scopes {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Scopes {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scopes({:b})", self.0)
    }
}
