//! Strings that are redacted when they are printed, and wiped when they are dropped.

use std::fmt;

use zeroize::Zeroizing;

/// A string that is redacted when it is printed, and wiped from memory when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a string.
    #[must_use]
    pub fn new(plain: String) -> Self {
        Self(Zeroizing::new(plain))
    }

    /// The string in plain text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
impl Secret {
    /// What is wiped.
    pub(crate) fn wiped(&self) -> &impl zeroize::ZeroizeOnDrop {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(Sensitive)")
    }
}
