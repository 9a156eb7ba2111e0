//! Error pages: what went wrong, and the next step.

use std::time::Duration;

use axum::{
    Extension,
    extract::{Request, State},
    http::{StatusCode, header::RETRY_AFTER},
    middleware::Next,
    response::{IntoResponse, Response},
};
use mcp_http::{
    log::{self, SharedRecurring},
    net::rate_limit::{FORGIVEN, TooManyAttempts},
    request_context::RequestId,
    token::RandomFailed,
};
use tokio::time::timeout;

use crate::{
    error::{Description, OAuthError},
    pages::{self, FormAction},
    server::GrantError,
    store,
    write_permits::TooManyWrites,
};

#[cfg(test)]
mod tests;

/// How long the request for a page may take, with all requests that it makes. Requests may take longer elsewhere, but their
/// response is not a page.
const MAX_PAGE_TIME: Duration = Duration::from_secs(25);

/// The content of an error page.
#[derive(Clone, Debug)]
pub(crate) struct PageError {
    status: StatusCode,
    title: &'static str,
    what: String,
    next_step: &'static str,
    /// After how many seconds to try again, if that is known better than from the status.
    retry_after: Option<u64>,
}

impl PageError {
    /// The request is invalid.
    pub(crate) fn request(what: impl Into<String>, next_step: &'static str) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            title: "This link does not work",
            what: what.into(),
            next_step,
            retry_after: None,
        }
    }

    /// The form is not from a page that this browser was shown, or it is too old.
    pub(crate) fn csrf_failure(issuer: &str) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            title: "This form cannot be accepted",
            what: format!(
                "It does not come from a page that this server showed in this browser at {issuer}, which is its only URL, or it \
                 is too old."
            ),
            next_step: "If your browser shows another URL, open the one above. Otherwise go back to your assistant and connect \
                        again, and if that does not help, allow cookies for this site.",
            retry_after: None,
        }
    }

    /// There were too many attempts to sign in.
    pub(crate) fn too_many(refused: TooManyAttempts) -> Self {
        let (what, seconds) = match refused {
            TooManyAttempts::OfKey(seconds) => ("This key, or one that begins like it, was refused too often.", seconds),
            TooManyAttempts::OfNetwork(seconds) => ("There were too many attempts to sign in from your network.", seconds),
            TooManyAttempts::Busy(seconds) => ("Very many people sign in at the moment.", seconds),
        };
        let wait = match seconds {
            0..=90 => format!("{seconds} seconds"),
            seconds => format!("{} minutes", seconds.div_ceil(60)),
        };
        let next_step = match refused {
            TooManyAttempts::OfKey(_) => "Copy the key anew from where it was made. Another key can be used at once.",
            TooManyAttempts::OfNetwork(_) => {
                "Wait that long, then try again. Whoever runs this server can allow more (`limits.failed_sign_ins`)."
            }
            TooManyAttempts::Busy(_) => "Wait that long, then try again.",
        };
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            title: "Too many attempts",
            what: format!("{what} The next attempt is possible in {wait}."),
            next_step,
            retry_after: Some(seconds),
        }
    }

    /// An error whose description is meant for programs.
    fn described(status: StatusCode, Description(text): &Description) -> Self {
        let next_step = "Go back to your assistant and connect again.";
        Self { status, title: "This does not work", what: sentence(text), next_step, retry_after: None }
    }

    /// The user has no access.
    pub(crate) fn not_allowed(what: impl Into<String>) -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            title: "You may not use this server",
            what: what.into(),
            next_step: "Ask whoever runs this server for access, then connect again. If you have another account, sign out of \
                        this one on your company's sign-in page first.",
            retry_after: None,
        }
    }

    /// No user was signed in; another attempt may succeed.
    pub(crate) fn not_signed_in(what: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            title: "You are not signed in",
            what: what.into(),
            next_step: "Go back to your assistant and connect again. If that does not help, tell whoever runs this server.",
            retry_after: None,
        }
    }

    /// A fault that only the operator can correct.
    pub(crate) fn misconfigured(what: impl Into<String>) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            title: "Sign-in is not configured correctly",
            what: what.into(),
            next_step: "Tell whoever runs this server; its logs contain the details. Trying again does not help until then.",
            retry_after: None,
        }
    }

    /// Something that the server depends on does not respond.
    pub(crate) fn unavailable(what: impl Into<String>) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            title: "This does not work at the moment",
            what: what.into(),
            next_step: "Try again in a minute. If this continues, tell whoever runs this server.",
            retry_after: None,
        }
    }
}

/// Converts an error's text to a sentence.
pub(crate) fn sentence(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str())
}

impl From<store::Error> for PageError {
    fn from(error: store::Error) -> Self {
        log::error(&error);
        Self::unavailable("The server cannot reach its store.")
    }
}

impl From<RandomFailed> for PageError {
    fn from(error: RandomFailed) -> Self {
        log::error(&error);
        Self::unavailable("The server has no random numbers.")
    }
}

impl From<TooManyWrites> for PageError {
    fn from(error: TooManyWrites) -> Self {
        Self::unavailable(sentence(&error))
    }
}

impl From<OAuthError> for PageError {
    fn from(_: OAuthError) -> Self {
        Self::unavailable("Something in the server is broken.")
    }
}

impl From<GrantError> for PageError {
    fn from(lost: GrantError) -> Self {
        match lost {
            GrantError::Refused(why) | GrantError::Ended(why) => {
                tracing::warn!(why, "a user was refused");
                Self::not_allowed(sentence(&why))
            }
            lost @ GrantError::Outdated(_) => Self::not_allowed(sentence(&lost.to_string())),
            GrantError::Unknown(why) => {
                tracing::error!(why, "a user's rights cannot be determined");
                Self::unavailable(sentence(&why))
            }
        }
    }
}

impl IntoResponse for PageError {
    /// Passes the page to [`show`], which knows the request ID.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.headers_mut().extend(self.retry_after.map(|seconds| (RETRY_AFTER, seconds.into())));
        response.extensions_mut().insert(self);
        response
    }
}

/// The number of seconds until a retry may succeed, if it may.
fn retry_after(status: StatusCode) -> Option<u64> {
    match status {
        StatusCode::SERVICE_UNAVAILABLE => Some(30),
        StatusCode::TOO_MANY_REQUESTS => Some(FORGIVEN.as_secs()),
        _ => None,
    }
}

/// Ends requests that take too long, for example if the identity provider or the API does not respond.
pub(crate) async fn in_time(State(late): State<SharedRecurring>, request: Request, next: Next) -> Response {
    timeout(MAX_PAGE_TIME, next.run(request)).await.unwrap_or_else(|_| {
        if let Some(count) = late.note() {
            tracing::warn!(count, "pages took too long");
        }
        PageError::unavailable("A service that this page depends on does not respond in time.").into_response()
    })
}

/// Renders failures as pages, and sets `retry-after`.
pub(crate) async fn show(
    State(product): State<&'static str>,
    Extension(RequestId(id)): Extension<RequestId>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let seconds = response.headers_mut().remove(RETRY_AFTER);
    let (status, extensions) = (response.status(), response.extensions_mut());
    let described = extensions.remove::<Description>().map(|description| PageError::described(status, &description));
    if let Some(failure) = extensions.remove::<PageError>().or(described) {
        response = page(failure, product, &id);
    }
    if let Some(seconds) = seconds {
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    if let Some(seconds) = retry_after(response.status()) {
        response.headers_mut().entry(RETRY_AFTER).or_insert_with(|| seconds.into());
    }
    response
}

fn page(failure: PageError, product: &'static str, id: &str) -> Response {
    let page = pages::ErrorPage {
        product,
        title: failure.title.to_owned(),
        what: failure.what,
        next_step: failure.next_step.to_owned(),
        request_id: id.into(),
    };
    pages::respond(failure.status, &page, FormAction::Here)
}
