//! What the authorization server asks the API itself: whose keys these are, and whether a user is still a member.

use std::fmt;

use async_trait::async_trait;
use mcp_http::caller::{Key, Keys};

/// The API's own records of keys and users. The product implements it.
///
/// Invariant: a key goes to the API only, and into no error.
#[async_trait]
pub trait Directory: fmt::Debug + Send + Sync {
    /// The organization that some keys open.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`] when the API does not accept them, and otherwise why it is not known.
    async fn organization(&self, keys: &Keys) -> Result<Organization, DirectoryError>;

    /// Whether the API accepts a key for a credential.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`] when it does not, and otherwise why it is not known.
    async fn accepts(&self, credential: &str, key: &Key) -> Result<(), DirectoryError>;

    /// Whether the user with this e-mail address is a member of the organization that some keys open, and in which role.
    ///
    /// # Errors
    /// Why it is not known, which is no reason to think that they have left.
    async fn membership(&self, keys: &Keys, email: &str) -> Result<Membership, DirectoryError>;
}

/// An organization, as its key sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its identifier in the API.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Whether a user is a member of the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Membership {
    /// They have left, or are leaving.
    Left,
    /// They are not a member.
    Unknown,
    /// They are a member.
    Member {
        /// The name of their role.
        role: String,
    },
}

impl Membership {
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

/// Why the API did not say. The texts are for users and logs, and never hold a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// It does not accept the key for this.
    #[error("{0}")]
    Refused(String),
    /// It cannot be asked now, or its response is not understood; the same may work later.
    #[error("{0}")]
    Unavailable(String),
}
