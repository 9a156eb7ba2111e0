//! Why a call did not succeed.
//!
//! Invariants:
//! - The message is lower case and says what happened; the next step says the one thing to do then.
//! - What the API wrote is data: it is truncated, stripped of control characters and never interpreted.
//! - No text holds a key, a URL with its query, or an argument that the assistant did not send itself.

use std::{
    borrow::Cow,
    fmt::{self, Display, Formatter},
};

use mcp_http::{
    net::outbound::ConnectFailure,
    sanitize::{one_line, unmarked},
};
use reqwest::StatusCode;

mod api_message;
mod kind;
mod page;

use api_message::ApiMessage;
pub use kind::ErrorKind;

#[cfg(test)]
mod tests;

/// The longest message of the API that is passed on, in characters.
const MESSAGE_CHARACTERS: usize = 500;
/// The longest message, in characters, whatever it repeats of a call.
const LONGEST: usize = 20_000;
/// How much of a field's key is quoted, in characters.
const KEY_CHARACTERS: usize = 60;
/// How many arguments that a validation names are passed on.
const KEYS: usize = 5;
/// How many values of an argument an error lists.
const CHOICES: usize = 24;
const CORRECT_THEM: &str = "correct them and call again";
const CHECK_ID: &str = "check the id, for example by listing or searching first";
const ASK_FOR_LESS: &str = "ask for less, for example fewer fields or a smaller page";
const CHECK_URL: &str = "ask the operator of this server to check the API's URL in its configuration";

/// Why a call did not succeed. Prints as `message; next_step`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolError {
    /// What kind of error it is, for decisions and for the log.
    pub kind: ErrorKind,
    /// What happened, for the assistant.
    pub message: String,
    /// The one thing that the assistant can do about it.
    pub next_step: Cow<'static, str>,
}

impl std::error::Error for ToolError {}

impl Display for ToolError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message, self.next_step)
    }
}

impl ToolError {
    fn new(kind: ErrorKind, message: impl Into<String>, next_step: impl Into<Cow<'static, str>>) -> Self {
        let mut message = message.into();
        if let Some((end, _)) = message.char_indices().nth(LONGEST) {
            message.truncate(end);
            message.push('…');
        }
        Self { kind, message, next_step: next_step.into() }
    }

    /// There is no such tool, or none that fits.
    pub fn no_tool(message: impl Into<String>, next_step: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::NoTool, message, next_step)
    }

    /// Nobody confirmed the call.
    pub(crate) fn confirmation(message: &str, next_step: &'static str) -> Self {
        Self::new(ErrorKind::Confirmation, message, next_step)
    }

    /// A call with the same idempotency key was made before.
    pub(crate) fn idempotency_key(message: String, next_step: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::IdempotencyKey, message, next_step)
    }

    /// `aggs` cannot be computed.
    pub(crate) fn aggregation(message: String, next_step: String) -> Self {
        Self::new(ErrorKind::Arguments, message, next_step)
    }

    /// A statement cannot be answered.
    pub fn statement(message: impl Into<String>, next_step: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Arguments, message, next_step)
    }

    /// There is no such table.
    pub fn no_table(name: &str) -> Self {
        Self::no_tool(format!("there is no table `{}`", one_line(name, KEY_CHARACTERS)), "list them with `tables`")
    }

    /// The same error of a call that loads a table.
    #[must_use]
    pub fn of_table(self, table: &str) -> Self {
        Self { message: format!("`{table}` could not be loaded: {}", self.message), ..self }
    }

    /// The arguments do not match the tool's schema.
    pub fn arguments(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Arguments, message, "nothing was sent, correct the arguments and call again")
    }

    /// An edit that would change nothing. `left_out` are the arguments that were null or empty; `clear` are those of them that can
    /// be emptied, if the tool can empty any.
    pub(crate) fn no_change(left_out: &str, clear: Option<&[&str]>) -> Self {
        let why = if left_out.is_empty() { "no field is given" } else { "what is null or empty counts as not given, here" };
        let message = format!("nothing would change, since {why} {left_out}");
        let next_step = match clear {
            Some([]) => "nothing was sent, call again with what is to change, or name in `clear` what is to be empty".to_owned(),
            Some(names) => format!("nothing was sent, call again with a value, or with `clear: {names:?}` to empty it"),
            None => "nothing was sent, call again with what is to change".to_owned(),
        };
        Self::new(ErrorKind::Arguments, message.trim_end(), next_step)
    }

    /// The request could not be built.
    pub fn invalid_request(reason: impl Display) -> Self {
        let message = format!("the request could not be built and nothing was sent: {reason}");
        Self::new(ErrorKind::InvalidRequest, message, "correct the arguments and call again")
    }

    /// The caller has no key; `variable` is what the operator sets it with.
    pub(crate) fn key_missing(variable: &str) -> Self {
        let next_step = format!("ask the operator of this server to set `{variable}`");
        Self::new(ErrorKind::KeyMissing, "this tool needs a key that is not configured", next_step)
    }

    /// There is no such record; `reader` is the tool that looked for it.
    pub(crate) fn no_record(kind: &str, argument: &str, value: &str, reader: &str) -> Self {
        let message = format!("there is no {kind} with `{argument}` `{}`, and nothing was sent", unmarked(value, KEY_CHARACTERS));
        Self::new(ErrorKind::NotFound, message, format!("find it with `{reader}`, and call again"))
    }

    /// What was to be deleted was gone when the call was repeated.
    pub(crate) fn vanished() -> Self {
        let message = "the API has nothing there, but the connection broke before and the first attempt may have deleted it";
        Self::new(ErrorKind::Vanished, message, "read the current state to be sure")
    }

    /// The API returned items that a filter by this field excludes.
    pub(crate) fn filter_ignored(key: &str) -> Self {
        Self::ignored(key, "it returned items that do not meet it")
    }

    /// A control call showed that the API ignores filters by this field.
    pub(crate) fn filter_without_effect(key: &str) -> Self {
        Self::ignored(key, "a control call with filters by it that nothing can meet found as many items")
    }

    fn ignored(key: &str, why: &str) -> Self {
        let message = format!("the API ignored the filter by `{}`: {why}", one_line(key, KEY_CHARACTERS));
        Self::new(ErrorKind::FilterIgnored, message, "call again without that filter, and compare the items yourself")
    }

    /// The rate limit is reached for this many seconds.
    pub(crate) fn rate_limited(seconds: u64) -> Self {
        // also if the API says that there is nothing to wait for
        let seconds = seconds.max(1);
        let next_step = format!("wait {seconds} s before calling this tool again");
        Self::new(ErrorKind::RateLimited { seconds }, "the API's rate limit is reached", next_step)
    }

    fn unreachable(failure: &ConnectFailure) -> Self {
        let message = format!("the API cannot be reached ({})", shortened(&failure.to_string()));
        let next_step = failure.next_step().map(|next_step| format!("ask the operator of this server to {next_step}"));
        Self::new(ErrorKind::Unreachable, message, next_step.unwrap_or_else(|| format!("{CHECK_URL}, and the network")))
    }

    pub(crate) fn connection_lost() -> Self {
        let message = "the connection broke before the API's response was complete";
        Self::new(ErrorKind::ConnectionLost, message, "try again")
    }

    /// No response came within this many seconds.
    pub(crate) fn timeout(seconds: u64) -> Self {
        let message = format!("the API did not answer within {seconds} s");
        Self::new(ErrorKind::Timeout, message, "try again, and ask for less where you can")
    }

    /// The response has more bytes than `limit`.
    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(ErrorKind::TooLarge, format!("the response is larger than {} MiB", limit >> 20), ASK_FOR_LESS)
    }

    pub(crate) fn too_many_pieces(limit: usize) -> Self {
        Self::new(ErrorKind::TooLarge, format!("the response arrived in more than {limit} pieces"), ASK_FOR_LESS)
    }

    pub(crate) fn too_many_values() -> Self {
        let message = "the response holds more values than fit into this server's memory";
        Self::new(ErrorKind::TooManyValues, message, ASK_FOR_LESS)
    }

    pub(crate) fn too_many_calls() -> Self {
        let message = "too many calls are in flight here, and this one was not sent";
        Self::new(ErrorKind::TooManyCalls, message, "call again in a few seconds")
    }

    pub(crate) fn busy() -> Self {
        let message = "this server is busy with other large responses, and this one has to wait for them";
        Self::new(ErrorKind::Busy, message, "call again in a few seconds, or ask for less")
    }

    pub(crate) fn not_json() -> Self {
        Self::new(ErrorKind::NotJson, "the API's response is not JSON", CHECK_URL)
    }

    /// A redirect to this host was not followed.
    pub(crate) fn unexpected_redirect(host: &str) -> Self {
        let message = format!("the API redirected to `{host}`, which is not followed");
        Self::new(ErrorKind::UnexpectedRedirect, message, CHECK_URL)
    }

    /// The host of a file has no public address, or cannot be looked up from here.
    pub(crate) fn file_host_not_public(host: &str) -> Self {
        let message = format!("the file is at `{host}`, which has no public address that can be looked up from here");
        let hint = "whoever runs this server can let it resolve public names, also if it uses a proxy";
        Self::new(ErrorKind::UnexpectedRedirect, message, hint)
    }

    /// The host of a file sent this status instead of the file.
    pub(crate) fn file_refused(status: u16) -> Self {
        let message = format!("the file's storage answered with status {status}, and the link may have expired");
        Self::new(ErrorKind::FileRefused, message, "call the tool again")
    }

    /// The response has no such part; `message` says which parts it has.
    pub(crate) fn no_part(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NoPart, message, "set `part` to an existing one")
    }

    /// What an unsuccessful status means. `429` is not among them: it carries a time. `variable` is what the operator sets the
    /// key with.
    pub(crate) fn from_status(status: StatusCode, body: &[u8], variable: &str) -> Self {
        let said = ApiMessage::from_body(body);
        match status.as_u16() {
            400 | 422 => {
                let message = format!("the API did not accept the arguments{said}");
                Self::new(ErrorKind::BadArgument, message, CORRECT_THEM)
            }
            401 => {
                let next_step = format!("ask the operator of this server to check that `{variable}` holds a current key");
                Self::new(ErrorKind::KeyRefused, "the API refused the key", next_step)
            }
            403 if said.names_permission() => {
                let message = format!("the key lacks a permission for this{said}");
                Self::new(ErrorKind::RoleTooWeak, message, "ask for a key that has it")
            }
            403 => {
                let message = format!("the key's role does not allow this{said}");
                Self::new(ErrorKind::RoleTooWeak, message, "ask somebody whose role allows it")
            }
            404 | 410 => Self::new(ErrorKind::NotFound, format!("the API has nothing there{said}"), CHECK_ID),
            409 | 412 => {
                let message = format!("the API refused because of a conflict with what is there{said}");
                Self::new(ErrorKind::Conflict, message, "read the current state and decide again")
            }
            status @ 500.. => {
                let message = format!("the API failed with status {status}{said}");
                // gateways give up on responses that take too long or are too large
                let next_step = if matches!(status, 502 | 504) {
                    "try again in a minute, for less at once, such as a smaller `size`"
                } else {
                    "try again in a minute"
                };
                Self::new(ErrorKind::ServerError { status }, message, next_step)
            }
            status => {
                let message = format!("the API refused the request with status {status}{said}");
                Self::new(ErrorKind::Refused, message, "read the tool's description before calling again")
            }
        }
    }

    /// The error for a failed exchange whose time limit was `seconds`.
    pub(crate) fn from_transport(error: &reqwest::Error, seconds: u64) -> Self {
        if error.is_connect() {
            Self::unreachable(&ConnectFailure::of(error))
        } else if error.is_timeout() {
            Self::timeout(seconds)
        } else if error.is_builder() {
            // The URL was parsed before, so the only thing that can be wrong with it is its length.
            Self::invalid_request("its URL is too long; pass fewer or shorter arguments")
        } else {
            Self::connection_lost()
        }
    }

    /// Names in `fields` that nothing has; `source` is where the right ones are.
    pub(crate) fn unknown_fields(fields: &str, source: &str) -> Self {
        Self::new(ErrorKind::Arguments, fields, next_key(source))
    }

    /// Adds which field keys the organization does not have, and the tool that lists those that it has.
    #[must_use]
    pub(crate) fn with_unknown_keys(self, keys: &str, source: &str) -> Self {
        let next_step = next_key(source);
        Self::new(self.kind, format!("{}; {keys}", self.message), next_step)
    }

    /// Adds what to set an optional argument to that was not given, and that this error says is required. `choices` are the values
    /// that it takes, if they are known.
    #[must_use]
    pub(crate) fn with_missing_argument(self, name: &str, choices: &[&str]) -> Self {
        let choices: Vec<String> = choices.iter().take(CHOICES).map(|choice| format!("`{choice}`")).collect();
        let next_step = match choices.as_slice() {
            [] => format!("set `{name}` and call again"),
            choices => format!("set `{name}` to one of {} and call again", choices.join(", ")),
        };
        Self::new(self.kind, self.message, next_step)
    }

    /// Whether its next step is as general as its status is.
    pub(crate) fn is_general(&self) -> bool {
        [CORRECT_THEM, CHECK_ID].contains(&&*self.next_step)
    }

    /// The same with a remark before its next step.
    #[must_use]
    pub(crate) fn with_remark(self, remark: &str) -> Self {
        Self { message: format!("{}; {remark}", self.message), ..self }
    }

    /// The same with another next step.
    #[must_use]
    pub(crate) fn leading_to(self, next_step: String) -> Self {
        Self { next_step: next_step.into(), ..self }
    }

    /// Whether the API's message, or its validation, says that this argument is required.
    pub(crate) fn demands(&self, argument: &str) -> bool {
        let mut words = self.message.split(|sign: char| !sign.is_alphanumeric() && sign != '_');
        let is_demand = ["required", "missing"].iter().any(|word| self.message.to_lowercase().contains(word));
        let is_validated = || self.message.ends_with(&format!("(`{argument}`)"));
        self.kind == ErrorKind::BadArgument && (is_validated() || is_demand && words.any(|word| word == argument))
    }

    /// Whether the key of a filter may be the reason.
    pub(crate) fn may_be_of_a_filter(&self) -> bool {
        matches!(self.kind, ErrorKind::BadArgument | ErrorKind::FilterIgnored)
    }

    /// Adds that a change may have been made, if this error leaves that open.
    #[must_use]
    pub(crate) fn of_a_change(self) -> Self {
        if !self.kind.leaves_open() {
            return self;
        }
        let message = format!("{}, and the change may have been made all the same", self.message);
        Self::new(self.kind, message, "read the current state before repeating it")
    }
}

/// A text of somebody else in one line, of at most [`MESSAGE_CHARACTERS`].
fn shortened(text: &str) -> String {
    let mut line = one_line(text, usize::MAX);
    if let Some((end, _)) = line.char_indices().nth(MESSAGE_CHARACTERS) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// What to do about a key that nothing has.
fn next_key(source: &str) -> String {
    format!("use a key from {source}, or leave it out, and call again")
}
