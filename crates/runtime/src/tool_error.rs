//! Why a call failed: one variant and one text for each cause with a different remedy.
//!
//! Invariants:
//! - A text is lower case, describes what happened and then, after the last semicolon, the one next step.
//! - The API's own messages are data: they are shortened, stripped of control characters and never interpreted.
//! - No text contains a key, a URL with arguments, or an argument that the assistant did not send itself.

use std::fmt::{self, Display, Formatter};

use mcp_http::sanitize::one_line;
use reqwest::StatusCode;
use serde_json::Value;

#[cfg(test)]
mod tests;

/// The longest message of the API that is passed on, in characters.
const MESSAGE_CHARACTERS: usize = 500;

/// Why a call failed. Its `Display` describes what happened, and then the one next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolError {
    /// There is no such tool here, or none that fits. Contains the reason and, after the last semicolon, the next step.
    NoTool(String),
    /// The call is not confirmed, or the confirmation is invalid; nothing was sent.
    Confirmation(&'static str),
    /// The arguments do not match the tool's schema; nothing was sent.
    Arguments(String),
    /// The request could not be built; nothing was sent.
    InvalidRequest(String),
    /// The caller has no key for this kind of call; nothing was sent. Contains the environment variable of the key.
    KeyMissing(String),
    /// The API rejected an argument (400, 422).
    BadArgument(Message),
    /// The same, and some of the field keys do not exist in the organization.
    UnknownKeys {
        /// The API's message.
        message: Message,
        /// The unknown keys, where they are used, and similar ones.
        keys: String,
        /// The tool that lists the existing keys.
        lister: String,
    },
    /// The API rejected the key (401). Contains the environment variable of the key.
    KeyRefused(String),
    /// The role of the key does not allow the call (403).
    RoleTooWeak(Message),
    /// The requested object does not exist (404, 410).
    NotFound(Message),
    /// The object to be deleted no longer existed when the call was retried after a failure.
    Vanished,
    /// The change conflicts with the current state (409).
    Conflict(Message),
    /// Too many calls (429), or more than the documented rate allows.
    RateLimited {
        /// How long to wait, in seconds.
        seconds: u64,
    },
    /// Any other response with a 4xx status.
    Refused {
        /// The status of the response.
        status: u16,
        /// The API's message.
        message: Message,
    },
    /// The API itself failed (5xx).
    Down {
        /// The status of the response.
        status: u16,
        /// The API's message.
        message: Message,
    },
    /// The connection could not be opened. Contains the cause.
    Unreachable(String),
    /// The connection broke before the response was complete.
    CutOff,
    /// The response did not arrive in time.
    Timeout {
        /// The time limit, in seconds.
        seconds: u64,
    },
    /// The response exceeds the size limit.
    TooLarge {
        /// The size limit, in bytes.
        limit: usize,
    },
    /// The response contains more values than the memory limit allows.
    TooManyValues,
    /// Too many calls are in flight; nothing was sent.
    TooManyCalls,
    /// Other large responses use up the memory budget.
    Busy,
    /// The response is not valid JSON.
    NotJson,
    /// An unexpected redirect, or one that must not be followed. Contains the target's host.
    UnexpectedRedirect(String),
    /// The target of a download's redirect responded with this error status.
    FileRefused(u16),
    /// The response does not contain the requested part. Contains the parts that exist.
    NoPart(String),
    /// A change that may or may not have been made. Contains the failure.
    Doubtful(Box<ToolError>),
}

impl std::error::Error for ToolError {}

impl Display for ToolError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.what(f)?;
        f.write_str("; ")?;
        self.step(f)
    }
}

impl ToolError {
    /// Writes what happened.
    fn what(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTool(text) => f.write_str(text.rsplit_once("; ").map_or(text, |(what, _)| what)),
            Self::Confirmation(text) => f.write_str(text.rsplit_once("; ").map_or(text, |(what, _)| what)),
            Self::Arguments(problems) | Self::NoPart(problems) => f.write_str(problems),
            Self::InvalidRequest(why) => write!(f, "the request could not be built and nothing was sent: {why}"),
            Self::KeyMissing(_) => f.write_str("this tool needs a key that is not configured"),
            Self::BadArgument(message) => write!(f, "the API did not accept the arguments{message}"),
            Self::UnknownKeys { message, keys, .. } => write!(f, "the API did not accept the arguments{message}; {keys}"),
            Self::KeyRefused(_) => f.write_str("the API refused the key"),
            Self::RoleTooWeak(message) => write!(f, "the key's role does not allow this{message}"),
            Self::NotFound(message) => write!(f, "the API has nothing there{message}"),
            Self::Vanished => f.write_str(
                "the API has nothing there, but the connection broke before and the first attempt may have deleted it",
            ),
            Self::Conflict(message) => write!(f, "the API refused because of a conflict with what is there{message}"),
            Self::RateLimited { .. } => f.write_str("the API's rate limit is reached"),
            Self::Refused { status, message } => write!(f, "the API refused the request with status {status}{message}"),
            Self::Down { status, message } => write!(f, "the API failed with status {status}{message}"),
            Self::Unreachable(why) => write!(f, "the API cannot be reached ({why})"),
            Self::CutOff => f.write_str("the connection broke before the API's response was complete"),
            Self::Timeout { seconds } => write!(f, "the API did not answer within {seconds} s"),
            Self::TooLarge { limit } => write!(f, "the response is larger than {} MiB", limit >> 20),
            Self::TooManyValues => f.write_str("the response holds more values than fit into this server's memory"),
            Self::TooManyCalls => f.write_str("too many calls are in flight here, and this one was not sent"),
            Self::Busy => f.write_str("this server is busy with other large responses, and this one has to wait for them"),
            Self::NotJson => f.write_str("the API's response is not JSON"),
            Self::UnexpectedRedirect(to) => write!(f, "the API redirected to `{to}`, which is not followed"),
            Self::FileRefused(status) => {
                write!(f, "the file's storage answered with status {status}, and the link may have expired")
            }
            Self::Doubtful(failure) => {
                failure.what(f)?;
                f.write_str(", and the change may have been made all the same")
            }
        }
    }

    /// Writes the one next step.
    fn step(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTool(text) => {
                f.write_str(text.rsplit_once("; ").map_or("list the tools to see which there are", |(_, step)| step))
            }
            Self::Confirmation(text) => f.write_str(text.rsplit_once("; ").map_or("ask the user first", |(_, step)| step)),
            Self::NoPart(_) => f.write_str("set `part` to an existing one"),
            Self::Arguments(_) => f.write_str("nothing was sent, correct the arguments and call again"),
            Self::InvalidRequest(_) => f.write_str("correct the arguments and call again"),
            Self::KeyMissing(key) => write!(f, "ask the operator of this server to set `{key}`"),
            Self::BadArgument(_) => f.write_str("correct them and call again"),
            Self::UnknownKeys { lister, .. } => write!(f, "take the right key from `{lister}` and call again"),
            Self::KeyRefused(key) => {
                write!(f, "ask the operator of this server to check that `{key}` holds a current key")
            }
            Self::RoleTooWeak(_) => f.write_str("ask somebody whose role allows it"),
            Self::NotFound(_) => f.write_str("check the id, for example by listing or searching first"),
            Self::Vanished => f.write_str("read the current state to be sure"),
            Self::Conflict(_) => f.write_str("read the current state and decide again"),
            Self::RateLimited { seconds } => write!(f, "wait {seconds} s before calling this tool again"),
            Self::Refused { .. } => f.write_str("read the tool's description before calling again"),
            Self::Down { .. } => f.write_str("try again in a minute"),
            Self::Unreachable(_) => {
                f.write_str("ask the operator of this server to check the API's URL in its configuration, and the network")
            }
            Self::CutOff => f.write_str("try again"),
            Self::Timeout { .. } => f.write_str("try again, and ask for less where you can"),
            Self::TooLarge { .. } | Self::TooManyValues => {
                f.write_str("ask for less, for example fewer fields or a smaller page")
            }
            Self::TooManyCalls => f.write_str("call again in a few seconds"),
            Self::Busy => f.write_str("call again in a few seconds, or ask for less"),
            Self::NotJson => f.write_str("ask the operator of this server to check the API's URL in its configuration"),
            Self::UnexpectedRedirect(_) => {
                f.write_str("ask the operator of this server to check the API's URL in its configuration")
            }
            Self::FileRefused(_) => f.write_str("call the tool again"),
            Self::Doubtful(_) => f.write_str("read the current state before repeating it"),
        }
    }
}

/// The API's message about a failure, made safe to pass on. Its `Display` is `: message`, or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message(String);

impl Message {
    /// Extracts the API's message from the body of an error response.
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

impl Display for Message {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ": {}", self.0) }
    }
}

impl ToolError {
    /// The error for an unsuccessful status, except `429`, which has a waiting time.
    pub(crate) fn from_status(status: StatusCode, body: &[u8], variable: &str) -> Self {
        let message = Message::from_body(body);
        match status.as_u16() {
            400 | 422 => Self::BadArgument(message),
            401 => Self::KeyRefused(variable.to_owned()),
            403 => Self::RoleTooWeak(message),
            404 | 410 => Self::NotFound(message),
            409 | 412 => Self::Conflict(message),
            status @ 500.. => Self::Down { status, message },
            status => Self::Refused { status, message },
        }
    }

    /// The error for a request that failed without a response.
    pub(crate) fn from_transport(error: &reqwest::Error, seconds: u64) -> Self {
        if error.is_connect() {
            let mut cause: &dyn std::error::Error = error;
            while let Some(source) = cause.source() {
                cause = source;
            }
            Self::Unreachable(Message::new(&cause.to_string().to_lowercase()).0)
        } else if error.is_timeout() {
            Self::Timeout { seconds }
        } else if error.is_builder() {
            // The URL has been parsed before, so the only possible problem is its length.
            Self::InvalidRequest("its URL is too long; pass fewer or shorter arguments".to_owned())
        } else {
            Self::CutOff
        }
    }

    /// Whether a retry of the same request may help.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::CutOff | Self::Down { status: 502..=504, .. })
    }

    /// Wraps a failure in spite of which a change may have been made.
    #[must_use]
    pub(crate) fn of_a_change(self) -> Self {
        match self {
            Self::Timeout { .. }
            | Self::CutOff
            | Self::Down { .. }
            | Self::TooLarge { .. }
            | Self::TooManyValues
            | Self::Busy
            | Self::NotJson => Self::Doubtful(Box::new(self)),
            certain => certain,
        }
    }

    /// The name of the kind of error in the log.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::NoTool(_) => "no_tool",
            Self::Confirmation(_) => "confirmation",
            Self::Arguments(_) => "arguments",
            Self::InvalidRequest(_) => "invalid_request",
            Self::KeyMissing(_) => "key_missing",
            Self::BadArgument(_) | Self::UnknownKeys { .. } => "bad_argument",
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
            Self::TooManyValues => "too_many_values",
            Self::TooManyCalls => "too_many_calls",
            Self::Busy => "busy",
            Self::NotJson => "not_json",
            Self::UnexpectedRedirect(_) => "unexpected_redirect",
            Self::FileRefused(_) => "file_refused",
            Self::NoPart(_) => "no_part",
            Self::Doubtful(failure) => failure.word(),
        }
    }
}
