//! The names by which users, browsers and secret scanners identify the server.

use mcp_http::token::TokenPrefix;

/// The names that a server uses.
#[derive(Clone, Copy, Debug)]
pub struct Brand {
    /// The name of the API for users, for example `Petstore`.
    pub product: &'static str,
    /// The name of the server. Its cookies' names begin with it, and every hash that it derives depends on it, so it must not
    /// change once there is a store.
    pub server: &'static str,
    /// The prefix of its tokens.
    pub tokens: TokenPrefix,
}

/// A field of the sign-in page for a key of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyField {
    /// The name of the credential.
    pub credential: String,
    /// The label of the key, for example `Petstore API key`.
    pub label: String,
    /// Where users find the key and what it is for, in whole sentences.
    pub help: String,
    /// What to do if the API does not accept the key, as a whole sentence.
    pub refused: String,
    /// What the key allows in addition, in a few words. `None` for the first key, which everybody needs.
    pub opens: Option<String>,
}

impl KeyField {
    /// The field for the key that is required to sign in: its credential, label, help, and what to do if the API does not
    /// accept the key.
    #[must_use]
    pub fn new(credential: &str, label: &str, help: &str, refused: &str) -> Self {
        let [credential, label, help, refused] = [credential, label, help, refused].map(str::to_owned);
        Self { credential, label, help, refused, opens: None }
    }

    /// Returns the name of the form field for the key at this index.
    #[must_use]
    pub fn name(&self, index: usize) -> String {
        if index == 0 { "key".to_owned() } else { format!("{}_key", self.credential) }
    }
}
