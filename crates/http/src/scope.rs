//! Scopes: what a person allows an assistant to do (RFC 6749, section 3.3).
//!
//! Invariants: a set is always closed under implication, so comparing sets is comparing bits; words nobody here knows
//! are left out when a client asks for them, as RFC 6749 allows.

use std::{
    fmt,
    ops::{BitAnd, BitOr},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[cfg(test)]
mod tests;

/// One scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Scope {
    /// Read Torii's data.
    Read = 1,
    /// Change it; implies reading.
    Write = 2,
    /// Change it beyond repair; implies writing.
    Destroy = 4,
    /// Reach members of Torii itself, through SCIM.
    Scim = 8,
}

impl Scope {
    /// All of them, the least first.
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Destroy, Self::Scim];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "torii:read",
            Self::Write => "torii:write",
            Self::Destroy => "torii:destroy",
            Self::Scim => "torii:scim",
        }
    }

    /// The scope of this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }

    /// With everything it implies.
    fn bits(self) -> u8 {
        match self {
            Self::Read | Self::Scim => self as u8,
            Self::Write => Self::Write as u8 | Self::Read.bits(),
            Self::Destroy => Self::Destroy as u8 | Self::Write.bits(),
        }
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u8);

impl Scopes {
    /// No scope.
    pub const NONE: Self = Self(0);
    /// All scopes.
    pub const ALL: Self = Self(15);
    /// Those that change nothing by themselves.
    pub const READING: Self = Self(Scope::Read as u8 | Scope::Scim as u8);

    /// Reads words between blanks; a word that is no scope is left out.
    #[must_use]
    pub fn parse(words: &str) -> Self {
        words.split_ascii_whitespace().filter_map(Scope::of).collect()
    }

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

    /// The set without a scope and without what implies it.
    #[must_use]
    pub fn without(self, scope: Scope) -> Self {
        self.iter().filter(|held| !Self::from(*held).has(scope)).collect()
    }

    /// The scopes, the least first.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }
}

impl From<Scope> for Scopes {
    fn from(scope: Scope) -> Self {
        Self(scope.bits())
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

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.word())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{self}`")
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Ok(Self::parse(&words))
    }
}
