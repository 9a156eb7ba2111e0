//! Why a call did not succeed: one variant and one text for each thing a reader can do something
//! about.
//!
//! Invariants:
//! - A text is lower case, says what happened and then what to do next.
//! - What Torii wrote is data: it is cut, stripped of control characters and never interpreted.
//! - No text holds a key, an address with arguments, or an argument that the assistant did not send
//!   itself.

use reqwest::StatusCode;
use serde_json::Value;

use crate::{caller::Credential, foreign::one_line};

#[cfg(test)]
mod tests;

/// The longest message of Torii's that is passed on, in characters.
const MESSAGE_CHARACTERS: usize = 500;

/// Why a call did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The arguments do not fit the tool; nothing was sent.
    #[error("{0}; nothing was sent, correct the arguments and call again")]
    Arguments(String),
    /// None of the items has a field that was asked for.
    #[error("no item has any of these `fields`; choose among `{0}`, or leave `fields` out")]
    NoSuchFields(String),
    /// The request could not be built; nothing was sent.
    #[error("the request could not be built and nothing was sent: {0}; correct the arguments and call again")]
    InvalidRequest(String),
    /// The caller has no key for this kind of call; nothing was sent.
    #[error("this tool needs a key that is not configured; ask the person who runs this server to set `{0}`")]
    KeyMissing(Credential),
    /// Torii did not accept an argument (400, 422).
    #[error("torii did not accept the arguments{0}; correct them and call again")]
    BadArgument(Message),
    /// Torii did not accept the key (401).
    #[error("torii refused the key; ask the person who runs this server to check that `{0}` holds a current key")]
    KeyRefused(Credential),
    /// The key's role does not allow the call (403).
    #[error("the key's role in torii does not allow this{0}; use a key of a stronger role, or leave this step to a person")]
    RoleTooWeak(Message),
    /// There is no such thing (404, 410).
    #[error("torii has nothing there{0}; check the id, for example by listing or searching first")]
    NotFound(Message),
    /// What was to be deleted was not there when the call was repeated after a fault.
    #[error(
        "torii has nothing there, but the connection broke before and the first attempt may have deleted it; \
         read the current state to be sure"
    )]
    Vanished,
    /// The change contradicts what is there (409).
    #[error("torii refused because of a conflict with what is there{0}; read the current state and decide again")]
    Conflict(Message),
    /// Too many calls (429), or too many for the pace that Torii documents.
    #[error("torii's rate limit is reached; wait {seconds} s before calling this tool again")]
    RateLimited {
        /// How long to wait.
        seconds: u64,
    },
    /// Any other answer that says the request is wrong.
    #[error("torii refused the request with status {status}{message}; read the tool's description before calling again")]
    Refused {
        /// Torii's status.
        status: u16,
        /// Torii's message.
        message: Message,
    },
    /// Torii itself failed (5xx).
    #[error("torii failed with status {status}{message}; try again in a minute")]
    Down {
        /// Torii's status.
        status: u16,
        /// Torii's message.
        message: Message,
    },
    /// There was no connection.
    #[error("torii cannot be reached ({0}); check `TORII_API_URL` and the network, then try again")]
    Unreachable(String),
    /// The connection broke before the answer was complete.
    #[error("the connection broke before torii's answer was complete; try again")]
    CutOff,
    /// The answer did not come in time.
    #[error("torii did not answer within {seconds} s; ask for less if you can, or try again later")]
    Timeout {
        /// How long we waited.
        seconds: u64,
    },
    /// The answer is larger than is read.
    #[error("the answer is larger than {} MiB; ask for less, for example fewer fields or a smaller page", limit >> 20)]
    TooLarge {
        /// How many bytes are read at most.
        limit: usize,
    },
    /// The answer is not the JSON it should be.
    #[error("torii's answer is not JSON; check that `TORII_API_URL` points at torii's API, or try again later")]
    NotJson,
    /// A redirect where none is expected, or one that must not be followed.
    #[error("torii redirected to `{0}`, which is not followed; check `TORII_API_URL`")]
    UnexpectedRedirect(String),
    /// The place a download redirects to did not give the file.
    #[error("the file's storage answered with status {0}; the link may have expired, so call the tool again")]
    FileRefused(u16),
    /// A change that may or may not have been made.
    #[error("{0}; the change may have been made all the same, so read the current state before repeating it")]
    Doubtful(Box<Failure>),
}

/// What Torii says about a failure, made safe to pass on. Prints as `: message`, or as nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message(String);

impl Message {
    /// Takes Torii's own words out of an error's body.
    #[must_use]
    pub fn from_body(body: &[u8]) -> Self {
        let Ok(body) = serde_json::from_slice::<Value>(body) else {
            return Self::default();
        };
        let text = ["message", "detail", "error"].iter().find_map(|field| body.get(field)?.as_str());
        Self::new(text.unwrap_or_default())
    }

    fn new(text: &str) -> Self {
        let mut words = one_line(text, usize::MAX);
        if let Some((end, _)) = words.char_indices().nth(MESSAGE_CHARACTERS) {
            words.truncate(end);
            words.push('…');
        }
        Self(words)
    }
}

impl std::fmt::Display for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ": {}", self.0) }
    }
}

impl Failure {
    /// What an unsuccessful status means. `429` is not among them: it carries a time.
    pub(super) fn from_status(status: StatusCode, body: &[u8], credential: Credential) -> Self {
        let message = Message::from_body(body);
        match status.as_u16() {
            400 | 422 => Self::BadArgument(message),
            401 => Self::KeyRefused(credential),
            403 => Self::RoleTooWeak(message),
            404 | 410 => Self::NotFound(message),
            409 | 412 => Self::Conflict(message),
            status @ 500.. => Self::Down { status, message },
            status => Self::Refused { status, message },
        }
    }

    /// What an exchange that broke means.
    pub(super) fn from_transport(error: &reqwest::Error, seconds: u64) -> Self {
        if error.is_connect() {
            let mut cause: &dyn std::error::Error = error;
            while let Some(source) = cause.source() {
                cause = source;
            }
            Self::Unreachable(Message::new(&cause.to_string().to_lowercase()).0)
        } else if error.is_timeout() {
            Self::Timeout { seconds }
        } else if error.is_builder() {
            // The address was parsed before, so the only thing that can be wrong with it is its length.
            Self::InvalidRequest("its address is too long; pass fewer or shorter arguments".to_owned())
        } else {
            Self::CutOff
        }
    }

    /// Whether sending the same request again may help.
    pub(super) fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::CutOff | Self::Down { status: 502..=504, .. })
    }

    /// Says so, if a change that must not be repeated may have been made in spite of this failure.
    #[must_use]
    pub(super) fn of_a_change(self) -> Self {
        match self {
            Self::Timeout { .. } | Self::CutOff | Self::Down { .. } | Self::TooLarge { .. } | Self::NotJson => {
                Self::Doubtful(Box::new(self))
            }
            certain => certain,
        }
    }

    /// One word for the log.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Arguments(_) => "arguments",
            Self::NoSuchFields(_) => "no_such_fields",
            Self::InvalidRequest(_) => "invalid_request",
            Self::KeyMissing(_) => "key_missing",
            Self::BadArgument(_) => "bad_argument",
            Self::KeyRefused(_) => "key_refused",
            Self::RoleTooWeak(_) => "role_too_weak",
            Self::NotFound(_) => "not_found",
            Self::Vanished => "vanished",
            Self::Conflict(_) => "conflict",
            Self::RateLimited { .. } => "rate_limited",
            Self::Refused { .. } => "refused",
            Self::Down { .. } => "down",
            Self::Unreachable(_) => "unreachable",
            Self::CutOff => "cut_off",
            Self::Timeout { .. } => "timeout",
            Self::TooLarge { .. } => "too_large",
            Self::NotJson => "not_json",
            Self::UnexpectedRedirect(_) => "unexpected_redirect",
            Self::FileRefused(_) => "file_refused",
            Self::Doubtful(failure) => failure.word(),
        }
    }
}
