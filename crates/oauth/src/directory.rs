//! The authorization server's requests to the API: which organization keys belong to, and whether a user is still a member.

use std::fmt;

use async_trait::async_trait;
use mcp_http::{
    caller::{Key, Keys},
    sanitize::one_line,
};

/// The longest identifier of an organization, in bytes, and how much of its name is kept, in characters.
const MAX_ID_BYTES: usize = 200;
const MAX_NAME_CHARACTERS: usize = 200;

/// The API's lookup of keys and users. The product implements it.
///
/// Invariant: a key is sent to the API only, and no error contains it.
#[async_trait]
pub trait Directory: fmt::Debug + Send + Sync {
    /// Checks keys that a user signs in with, and returns the organization that they belong to. Unlike [`Self::organization`], this always
    /// asks the API.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`] if the API does not accept the keys, otherwise [`DirectoryError::Unavailable`].
    async fn check(&self, keys: &Keys) -> Result<Organization, DirectoryError> {
        self.organization(keys).await
    }

    /// Returns the organization that the keys belong to. The answer may be some minutes old.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`] if the API does not accept the keys, otherwise [`DirectoryError::Unavailable`].
    async fn organization(&self, keys: &Keys) -> Result<Organization, DirectoryError>;

    /// Checks that the API accepts a key for a credential.
    ///
    /// # Errors
    /// [`DirectoryError::Refused`] if the API does not accept the key, otherwise [`DirectoryError::Unavailable`].
    async fn accepts(&self, credential: &str, key: &Key) -> Result<(), DirectoryError>;

    /// Looks up whether the user with this e-mail address is a member of the organization that the keys belong to, and in which
    /// role. The answer may be some minutes old.
    ///
    /// # Errors
    /// If the membership could not be determined; the caller must not conclude that the user has left.
    async fn membership(&self, keys: &Keys, email: &str) -> Result<Membership, DirectoryError>;
}

/// An organization, as the API returns it for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    id: String,
    name: String,
}

impl Organization {
    /// An organization. Its name is kept with each connection of its users, so of a long one only the beginning is kept.
    ///
    /// # Errors
    /// When the identifier has more than 200 bytes.
    pub fn new(id: impl Into<String>, name: &str) -> Result<Self, DirectoryError> {
        let id = id.into();
        if id.len() > MAX_ID_BYTES {
            return Err(DirectoryError::Unavailable(format!("the organization's id has more than {MAX_ID_BYTES} bytes")));
        }
        Ok(Self { id, name: one_line(name, MAX_NAME_CHARACTERS) })
    }

    /// Its identifier in the API.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its name, in one line of at most 200 characters.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Whether a user is a member of the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Membership {
    /// The user has left, or is leaving.
    Left,
    /// The user is not a member.
    Unknown,
    /// The user is a member.
    Member {
        /// The name of the user's role.
        role: String,
    },
}

impl Membership {
    /// Returns a rank: the lower, the less the user may do.
    #[must_use]
    pub fn rank(&self) -> u8 {
        match self {
            Self::Left => 0,
            Self::Unknown => 1,
            Self::Member { .. } => 2,
        }
    }
}

/// Why the API did not provide the information. The texts are for users and logs, and never contain a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// The API does not accept the key for this.
    #[error("{0}")]
    Refused(String),
    /// Not the API answered, but something in between. Contains what, such as a web page with its status and title.
    #[error("not the API answered, but something in between, such as a proxy or a firewall: {0}")]
    Intermediary(String),
    /// The API is unavailable, or its response is not understood; a retry may succeed.
    #[error("{0}")]
    Unavailable(String),
}
