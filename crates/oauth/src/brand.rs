//! How a server presents itself to users, browsers and scanners for leaked secrets.

use mcp_http::token::TokenPrefix;

/// The names that a server goes by.
#[derive(Clone, Copy, Debug)]
pub struct Brand {
    /// What users know the API as, for example `Petstore`.
    pub product: &'static str,
    /// What the server itself is called: the beginning of its cookies' names, and part of every hash that it derives, so it must not
    /// change once there is a store.
    pub server: &'static str,
    /// What its tokens begin with.
    pub tokens: TokenPrefix,
}

/// A key of the API that a user signs in with, as the sign-in page asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyField {
    /// The name of the credential.
    pub credential: String,
    /// What the key is called, for example `Petstore API key`.
    pub label: String,
    /// Where users find it and what it is for: whole sentences.
    pub help: String,
    /// What to do when the API does not accept it: a whole sentence.
    pub refused: String,
    /// What having it opens besides, in a few words. The first key has none, since nobody signs in without that.
    pub opens: Option<String>,
}

impl KeyField {
    /// The key that a user needs to sign in: what it is called, where users find it, and what to do when the API does not accept it.
    #[must_use]
    pub fn new(credential: &str, label: &str, help: &str, refused: &str) -> Self {
        let [credential, label, help, refused] = [credential, label, help, refused].map(str::to_owned);
        Self { credential, label, help, refused, opens: None }
    }

    /// The name of the form's field for the key at this place.
    #[must_use]
    pub fn name(&self, index: usize) -> String {
        if index == 0 { "key".to_owned() } else { format!("{}_key", self.credential) }
    }
}
