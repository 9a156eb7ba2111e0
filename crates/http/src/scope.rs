//! Scopes: what a user allows a client to do (RFC 6749, section 3.3).
//!
//! Which scopes there are, a server says once, in its [`ScopeDefinitions`]. After that a set of them is a number.
//!
//! Invariants: a set is closed under implication, so that comparing sets is comparing bits; a name that is not defined is left out
//! when a client asks for it, as RFC 6749 allows.

use std::{
    fmt,
    ops::{BitAnd, BitOr},
    sync::Arc,
};

#[cfg(test)]
mod tests;

/// How many scopes a server can have.
pub const MOST_SCOPES: usize = 32;

/// What one scope is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeDefinition {
    /// Its name on the wire, for example `pets:read`.
    pub name: String,
    /// What it allows, in a few words, for the consent page.
    pub title: String,
    /// The same in a sentence or two.
    pub description: String,
    /// The names of the scopes that it includes. They are defined before it.
    pub implies: Vec<String>,
    /// What its holder can do to the data.
    pub access: Access,
    /// The name of the credential that calls with this scope are sent with, where a user may lack it.
    pub credential: Option<String>,
}

/// What a scope lets its holder do to the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing but read.
    Read,
    /// Change it.
    Write,
    /// Destroy it. Such a scope is never ticked in advance, and a user is asked for it each time.
    Destroy,
}

/// All scopes of a server, the least first. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ScopeDefinitions(Arc<[(ScopeDefinition, Scope)]>);

/// Why scopes cannot be defined in this way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// The name cannot be written in a request.
    #[error(
        "`{0}` is no name of a scope: it has to be of visible characters, without blanks, `\"` and `\\` (RFC 6749, section 3.3)"
    )]
    Name(String),
    /// The name is there twice.
    #[error("the scope `{0}` is defined twice; remove one definition")]
    Twice(String),
    /// It implies one that is not there.
    #[error("the scope `{name}` implies `{implied}`, which is not defined before it; define that first")]
    Implied {
        /// The scope.
        name: String,
        /// What it implies.
        implied: String,
    },
    /// There are too many.
    #[error("there are more than {MOST_SCOPES} scopes; define fewer")]
    TooMany,
    /// There is none.
    #[error("there is no scope; define one that reads")]
    None,
}

impl ScopeDefinitions {
    /// Takes the definitions, the least scope first. The first one is what a client gets that names no scope.
    ///
    /// # Errors
    /// When there is none or too many, or one is wrong.
    pub fn new(definitions: Vec<ScopeDefinition>) -> Result<Self, ScopeError> {
        if definitions.is_empty() {
            return Err(ScopeError::None);
        }
        if definitions.len() > MOST_SCOPES {
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

    /// The scope of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Scope> {
        self.0.iter().find(|(definition, _)| definition.name == name).map(|(_, scope)| *scope)
    }

    /// Reads names between blanks; what is no scope is left out.
    #[must_use]
    pub fn parse(&self, names: &str) -> Scopes {
        names.split_ascii_whitespace().filter_map(|name| self.get(name)).collect()
    }

    /// All of them.
    #[must_use]
    pub fn all(&self) -> Scopes {
        self.0.iter().map(|(_, scope)| *scope).collect()
    }

    /// What a client gets that names no scope: the first one.
    #[must_use]
    pub fn least(&self) -> Scopes {
        self.0.first().map(|(_, scope)| *scope).into_iter().collect()
    }

    /// Those that change nothing.
    #[must_use]
    pub fn reading(&self) -> Scopes {
        self.0.iter().filter(|(definition, _)| definition.access == Access::Read).map(|(_, scope)| *scope).collect()
    }

    /// Those of a set, the least first, with what they are.
    pub fn iter(&self, scopes: Scopes) -> impl Iterator<Item = (&ScopeDefinition, Scope)> {
        self.0.iter().filter(move |(_, scope)| scopes.has(*scope)).map(|(definition, scope)| (definition, *scope))
    }

    /// The names of those of a set, the least first.
    #[must_use]
    pub fn names(&self, scopes: Scopes) -> Vec<&str> {
        self.iter(scopes).map(|(definition, _)| definition.name.as_str()).collect()
    }

    /// The same as one text, as in a token response.
    #[must_use]
    pub fn text(&self, scopes: Scopes) -> String {
        self.names(scopes).join(" ")
    }

    /// A set without a scope and without those that imply it.
    #[must_use]
    pub fn without(&self, scopes: Scopes, removed: Scope) -> Scopes {
        self.iter(scopes).map(|(_, scope)| scope).filter(|scope| scope.closure & removed.bit == 0).collect()
    }

    /// A set without those whose calls are sent with a credential that the user lacks.
    #[must_use]
    pub fn without_credential(&self, scopes: Scopes, credential: &str) -> Scopes {
        let is_sent = |definition: &ScopeDefinition| definition.credential.as_deref() == Some(credential);
        let lacking = self.0.iter().filter(|(definition, _)| is_sent(definition)).map(|(_, scope)| *scope);
        lacking.fold(scopes, |scopes, scope| self.without(scopes, scope))
    }
}

/// Whether a text can be the name of a scope (RFC 6749, section 3.3: `scope-token`).
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

/// One scope, with what it implies.
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
    /// All scopes, whatever is defined.
    pub const ALL: Self = Self(u32::MAX);

    /// Whether nothing is allowed.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::NONE
    }

    /// Whether this allows everything that `other` does.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        self & other == other
    }

    /// Whether it allows this.
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
