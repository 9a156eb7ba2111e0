//! The validation of an authorization request (OAuth 2.1, section 4.1.1), without HTTP, store or clock.
//!
//! Invariants: nothing is sent to a redirect URI that the client has not registered; every valid request has a PKCE challenge,
//! and its code can only be redeemed with the verifier; error and success responses contain `iss` (RFC 9207).

use mcp_http::{
    protected_resource::{ProtectedResource, ResourcePart},
    scope::{ScopeDefinitions, Scopes},
};

use crate::{
    clients::client::Client,
    identity::Reauthenticate,
    parameters::{Parameters, RepeatedParameter},
    pkce::CodeChallenge,
    redirect::RedirectUri,
};

#[cfg(test)]
mod tests;

/// A valid authorization request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Where the response is sent.
    pub reply: Reply,
    /// The PKCE code challenge.
    pub challenge: CodeChallenge,
    /// The requested scopes, as far as they can be granted.
    pub scopes: Scopes,
    /// The names that the client requested, as it wrote them.
    pub requested_scopes: String,
    /// The part of the resource that is requested.
    pub part: ResourcePart,
    /// The scopes that can be granted for it.
    pub ceiling: Scopes,
    /// Whether the user is asked for consent.
    pub prompt: Prompt,
}

/// Whether the user is asked for consent (OpenID Connect Core, section 3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prompt {
    /// If necessary.
    AsNeeded,
    /// Always.
    Always,
    /// Always, after the user has signed in again.
    SignIn(Reauthenticate),
    /// Never; if consent is necessary, the request fails.
    Never,
}

/// The query of the same request after the user has signed in again: its `prompt` requires consent, but not another sign-in.
#[must_use]
pub(crate) fn after_signing_in_again(query: &str) -> String {
    let is_prompt = |pair: &str| form_urlencoded::parse(pair.as_bytes()).next().is_some_and(|(name, _)| name == "prompt");
    query.split('&').filter(|pair| !is_prompt(pair)).chain(["prompt=consent"]).collect::<Vec<_>>().join("&")
}

/// Where a response is sent: a redirect URI of the client, and the parameters to return with it.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// The redirect URI.
    pub redirect_uri: RedirectUri,
    state: Option<String>,
    issuer: String,
}

/// Why a request is rejected without a redirect to the client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UnverifiedClient {
    /// A parameter is repeated.
    #[error(transparent)]
    RepeatedParameter(#[from] RepeatedParameter),
    /// `client_id` is missing.
    #[error("the app did not say who it is: `client_id` is missing")]
    NoClient,
    /// `redirect_uri` is missing, and the client has not registered exactly one.
    #[error("the app did not say where to return to: `redirect_uri` is missing")]
    NoRedirect,
    /// The client has not registered the redirect URI.
    #[error("the app requests a redirect URI that it has not registered")]
    UnregisteredRedirectUri,
}

/// An error response to the client (RFC 6749, section 4.1.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AuthorizationError {
    /// The error code.
    pub error: &'static str,
    /// The description, with the next step.
    pub description: String,
}

impl AuthorizationError {
    fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { error, description: description.into() }
    }

    /// The user denied the request.
    #[must_use]
    pub(crate) fn denied() -> Self {
        Self::new("access_denied", "the user did not allow it")
    }

    /// `prompt=none`, and no user is signed in.
    #[must_use]
    pub(crate) fn login_required() -> Self {
        Self::new("login_required", "nobody is signed in")
    }

    /// `prompt=none`, and the user has not allowed this before.
    #[must_use]
    pub(crate) fn consent_required() -> Self {
        Self::new("consent_required", "the user has not allowed this before")
    }
}

impl From<RepeatedParameter> for AuthorizationError {
    fn from(repeated: RepeatedParameter) -> Self {
        Self::new("invalid_request", repeated.to_string())
    }
}

impl Reply {
    /// Determines where the response to a request is sent.
    ///
    /// # Errors
    /// If there is no redirect URI that the client has registered.
    pub(crate) fn of(parameters: &Parameters, client: &Client, issuer: &str) -> Result<Self, UnverifiedClient> {
        let requested = parameters.one("redirect_uri")?;
        let redirect_uri = match (requested, client.redirect_uris.as_slice()) {
            (None, [only]) => only.clone(),
            (None, _) => return Err(UnverifiedClient::NoRedirect),
            (Some(requested), registered) => {
                let requested = RedirectUri::parse(requested).map_err(|_| UnverifiedClient::UnregisteredRedirectUri)?;
                if !registered.iter().any(|registered| registered.allows(&requested)) {
                    return Err(UnverifiedClient::UnregisteredRedirectUri);
                }
                requested
            }
        };
        let state = parameters.one("state")?.map(str::to_owned);
        Ok(Self { redirect_uri, state, issuer: issuer.to_owned() })
    }

    /// Returns the redirect URI with a code.
    #[must_use]
    pub(crate) fn with_code(&self, code: &str) -> String {
        self.with(&[("code", code)])
    }

    /// Returns the redirect URI with an error.
    #[must_use]
    pub(crate) fn with_error(&self, refusal: &AuthorizationError) -> String {
        self.with(&[("error", refusal.error), ("error_description", &refusal.description)])
    }

    fn with(&self, parameters: &[(&str, &str)]) -> String {
        let state = self.state.as_deref().map(|state| ("state", state));
        let all: Vec<_> = parameters.iter().copied().chain(state).chain([("iss", self.issuer.as_str())]).collect();
        self.redirect_uri.with(&all)
    }
}

impl Request {
    /// Validates the rest of a request. Tokens are issued for `resource` only.
    ///
    /// # Errors
    /// The error response for the client.
    pub(crate) fn examine(
        parameters: &Parameters,
        reply: Reply,
        resource: &ProtectedResource,
    ) -> Result<Self, AuthorizationError> {
        match parameters.one("response_type")? {
            Some("code") => {}
            None => return Err(AuthorizationError::new("invalid_request", "`response_type` is missing; send `code`")),
            Some(_) => return Err(AuthorizationError::new("unsupported_response_type", "`response_type` must be `code`")),
        }
        if !matches!(parameters.one("response_mode")?, None | Some("query")) {
            return Err(AuthorizationError::new("invalid_request", "`response_mode` must be `query`"));
        }
        for (name, error) in [("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")] {
            if parameters.one(name)?.is_some() {
                return Err(AuthorizationError::new(error, format!("`{name}` is not supported; send plain parameters")));
            }
        }
        let challenge = challenge(parameters)?;
        let part = requested_part(parameters, resource, &ResourcePart::default())
            .map_err(|text| AuthorizationError::new("invalid_target", text))?;
        let ceiling = resource.ceiling(&part);
        Ok(Self {
            challenge,
            scopes: scopes(parameters, &resource.definitions, ceiling)?,
            requested_scopes: parameters.one("scope")?.unwrap_or_default().to_owned(),
            part,
            ceiling,
            prompt: prompt(parameters)?,
            reply,
        })
    }
}

/// The intersection of the part `of` with the parts that the values of the parameter `resource` name (RFC 8707, section 2).
///
/// # Errors
/// If one of them is not a URL of the resource, or the intersection is empty. The text names a valid URL.
pub(crate) fn requested_part(
    parameters: &Parameters,
    resource: &ProtectedResource,
    of: &ResourcePart,
) -> Result<ResourcePart, String> {
    let mut part = of.clone();
    for requested in parameters.all("resource") {
        let shown = || requested.chars().filter(char::is_ascii_graphic).take(200).collect::<String>();
        let other = resource.part(requested);
        let other = other.ok_or_else(|| match requested.split_once('?').map(|(plain, _)| resource.part(plain)) {
            Some(Some(_)) => format!("`{}` selects a toolset that does not exist here", shown()),
            _ => format!("tokens are for `{}` only, not for `{}`", resource.id, shown()),
        })?;
        part = part.and(&other);
        if part.is_empty() {
            return Err(format!("tokens are for a part of `{}` here, which has nothing of `{}`", resource.url(of), shown()));
        }
    }
    Ok(part)
}

/// Reads the PKCE challenge. The method has to be `S256`; if it is missing, it would be `plain` (RFC 7636, section 4.3).
fn challenge(parameters: &Parameters) -> Result<CodeChallenge, AuthorizationError> {
    let invalid = |text: &str| AuthorizationError::new("invalid_request", text);
    let text = parameters.one("code_challenge")?;
    let method = parameters.one("code_challenge_method")?;
    let text = text.ok_or_else(|| invalid("`code_challenge` is missing; PKCE is required"))?;
    if method != Some("S256") {
        return Err(invalid("`code_challenge_method` must be `S256`"));
    }
    CodeChallenge::parse(text)
        .ok_or_else(|| invalid("`code_challenge` must be the SHA-256 of the verifier in base64url, 43 characters"))
}

/// The requested scopes that can be granted. If the request contains no known scope, the least one is used.
fn scopes(parameters: &Parameters, definitions: &ScopeDefinitions, ceiling: Scopes) -> Result<Scopes, AuthorizationError> {
    let requested = parameters.one("scope")?.map(|names| definitions.parse(names)).unwrap_or_default();
    let requested = if requested.is_empty() { definitions.least() } else { requested };
    let possible = requested & ceiling;
    if possible.is_empty() {
        return Err(AuthorizationError::new(
            "invalid_scope",
            format!("none of the requested scopes can be granted; request `{}`", definitions.text(ceiling)),
        ));
    }
    Ok(possible)
}

fn prompt(parameters: &Parameters) -> Result<Prompt, AuthorizationError> {
    let prompt = parameters.one("prompt")?.unwrap_or_default();
    let words: Vec<&str> = prompt.split_ascii_whitespace().collect();
    match (words.as_slice(), Reauthenticate::of(prompt)) {
        (["none"], _) => Ok(Prompt::Never),
        (words, _) if words.contains(&"none") => Err(AuthorizationError::new("invalid_request", "`prompt=none` stands alone")),
        (_, Some(again)) => Ok(Prompt::SignIn(again)),
        (words, None) if words.contains(&"consent") => Ok(Prompt::Always),
        _ => Ok(Prompt::AsNeeded),
    }
}
