//! The kinds of errors of a call.

/// The kinds of errors: one for each thing that a reader can do something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// There is no such tool, or none that fits.
    NoTool,
    /// Nobody confirmed this call; nothing was sent.
    Confirmation,
    /// The idempotency key belongs to another call, or to one whose result is not known; nothing was sent.
    IdempotencyKey,
    /// The arguments do not match the tool's schema; nothing was sent.
    Arguments,
    /// The request could not be built; nothing was sent.
    InvalidRequest,
    /// The caller has no key for this kind of call; nothing was sent.
    KeyMissing,
    /// The API rejected an argument (400, 422).
    BadArgument,
    /// The API rejected the key (401).
    KeyRefused,
    /// The key's role does not allow the call (403).
    RoleTooWeak,
    /// The API found nothing (404, 410).
    NotFound,
    /// What was to be deleted was not there when the call was repeated after an error.
    Vanished,
    /// The change conflicts with the current state (409, 412).
    Conflict,
    /// Too many calls (429), or more than the rate that the API documents.
    RateLimited {
        /// How long to wait, in seconds.
        seconds: u64,
    },
    /// Any other response that says the request is wrong.
    Refused,
    /// The API itself failed (5xx).
    ServerError {
        /// The API's status.
        status: u16,
    },
    /// No connection could be opened.
    Unreachable,
    /// The connection broke before the response was complete.
    ConnectionLost,
    /// The response did not come in time.
    Timeout,
    /// The response has more bytes than are read.
    TooLarge,
    /// The response has more values than fit into memory.
    TooManyValues,
    /// Other calls use all permits for calls in flight; nothing was sent.
    TooManyCalls,
    /// Other large responses use all the memory that is reserved for them.
    Busy,
    /// The response is not the JSON that it should be.
    NotJson,
    /// Something in between, such as a proxy or a firewall, answered with a page for people.
    Intermediary {
        /// Its status.
        status: u16,
    },
    /// The API redirected where no redirect is expected, or to a URL that must not be followed.
    UnexpectedRedirect,
    /// The host that a download redirects to did not send the file.
    FileRefused,
    /// The response has no such part.
    NoPart,
    /// The API ignored a filter.
    FilterIgnored,
}

impl ErrorKind {
    /// Whether a change may have been made although the call failed.
    pub(crate) fn leaves_open(self) -> bool {
        matches!(
            self,
            Self::Timeout
                | Self::ConnectionLost
                | Self::ServerError { .. }
                | Self::TooLarge
                | Self::TooManyValues
                | Self::Busy
                | Self::Intermediary { status: 200..=299 | 500.. }
                | Self::NotJson
        )
    }

    /// Whether sending the same request again may help.
    pub(crate) fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Unreachable
                | Self::ConnectionLost
                | Self::ServerError { status: 502..=504 }
                | Self::Intermediary { status: 502..=504 }
        )
    }

    /// The name in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NoTool => "no_tool",
            Self::Confirmation => "confirmation",
            Self::IdempotencyKey => "idempotency_key",
            Self::Arguments => "arguments",
            Self::InvalidRequest => "invalid_request",
            Self::KeyMissing => "key_missing",
            Self::BadArgument => "bad_argument",
            Self::KeyRefused => "key_refused",
            Self::RoleTooWeak => "role_too_weak",
            Self::NotFound => "not_found",
            Self::Vanished => "vanished",
            Self::Conflict => "conflict",
            Self::RateLimited { .. } => "rate_limited",
            Self::Refused => "refused",
            Self::ServerError { .. } => "server_error",
            Self::Unreachable => "unreachable",
            Self::ConnectionLost => "connection_lost",
            Self::Timeout => "timeout",
            Self::TooLarge => "too_large",
            Self::TooManyValues => "too_many_values",
            Self::TooManyCalls => "too_many_calls",
            Self::Busy => "busy",
            Self::NotJson => "not_json",
            Self::Intermediary { .. } => "intermediary",
            Self::UnexpectedRedirect => "unexpected_redirect",
            Self::FileRefused => "file_refused",
            Self::NoPart => "no_part",
            Self::FilterIgnored => "filter_ignored",
        }
    }
}
