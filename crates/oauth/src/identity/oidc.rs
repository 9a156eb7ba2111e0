//! Sign-in with the organization's identity provider (OpenID Connect Core, authorization code flow with PKCE).
//!
//! No request is sent to the provider before a user signs in, so the server starts even if the provider is down.
//!
//! Invariants:
//! - A sign-in ends in the browser in which it began: the ID token contains its `nonce`, and the code cannot be redeemed
//!   without its PKCE verifier. The caller stores both for the browser, with the `state` that identifies the sign-in.
//! - The code and the client secret are sent to the token endpoint of the configured issuer only; the access token that it
//!   returns is sent to its userinfo endpoint and then dropped.
//! - Only a token that the provider signed identifies the user; userinfo adds claims and must be about the same user.

use std::sync::Arc;

use axum::http::StatusCode;
use base64::{Engine, prelude::BASE64_STANDARD};
use jsonwebtoken::Algorithm;
use mcp_http::{clock::Clock, sanitize::one_line, secret::Secret};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{
    RequestBuilder, Url,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use serde_json::Value;

use super::{
    issuer::{self, Issuer},
    user::{self, NoEmail, groups, user},
};
use crate::{
    fetch::{self, Cache, Fetch, Limits, Reply},
    identity::{LogoutEnds, Oidc},
    jose::{self, Claims, Expected, Jwks, KeySource},
    pkce::CodeChallenge,
    store::User,
};

#[cfg(test)]
mod tests;

/// What the identity provider is to require of a user who may be signed in already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reauthenticate {
    /// The user has to authenticate again.
    Login,
    /// The user has to select an account.
    SelectAccount,
}

impl Reauthenticate {
    /// Parses a `prompt`. If it contains both words, the result is [`Self::Login`], which includes the choice of an account.
    #[must_use]
    pub fn of(words: &str) -> Option<Self> {
        [Self::Login, Self::SelectAccount]
            .into_iter()
            .find(|again| words.split_ascii_whitespace().any(|word| word == again.word()))
    }

    /// Returns the word for `prompt`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::SelectAccount => "select_account",
        }
    }
}

/// The algorithms that an identity provider may sign with.
pub(super) const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// The maximum length of the provider's texts in the log, in characters.
const WORDS: usize = 200;

/// The characters to encode in Basic credentials (RFC 6749, section 2.3.1): as few as possible, for providers that do not
/// decode them.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a user could not be signed in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The provider does not respond at the moment.
    #[error("the identity provider cannot be asked just now: {0}; try again in a minute")]
    Unavailable(String),
    /// The provider and this server's settings do not match.
    #[error("the identity provider does not work with this server's settings: {0}; ask the operator of this server")]
    Misconfigured(String),
    /// The provider rejected the code.
    #[error("the identity provider did not confirm the sign-in: {0}; sign in again")]
    Refused(String),
    /// The provider's response is not valid.
    #[error("the identity provider's response is not valid: {0}; sign in again")]
    Invalid(String),
    /// The provider's response does not describe the user sufficiently.
    #[error("{0}")]
    User(user::Error),
}

/// The provider's authorization response (OpenID Connect Core, section 3.1.2.5).
#[derive(Clone, Copy)]
pub struct AuthorizationResponse<'a> {
    /// The authorization code.
    pub code: &'a str,
    /// The issuer, if the response contains it (RFC 9207).
    pub issuer: Option<&'a str>,
}

impl std::fmt::Debug for AuthorizationResponse<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthorizationResponse").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// An identity provider.
#[derive(Clone, Debug)]
pub struct Provider {
    pub(super) settings: Oidc,
    redirect_uri: String,
    fetch: Fetch,
    pub(super) jwks: Jwks,
    issuer: Arc<Cache<Issuer>>,
    pub(super) clock: Clock,
}

/// A user whom the provider signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The user.
    pub user: User,
    /// The session at the provider, if its ID token has a `sid` ([`crate::store::Session::provider_session`]).
    pub session: Option<String>,
    /// Why the user has no e-mail address, if they have none.
    pub without_email: Option<NoEmail>,
}

/// The response of the token endpoint.
struct Tokens {
    id: String,
    access: Option<Secret>,
}

impl Provider {
    /// A provider that redirects users back to `redirect_uri`. No request is sent to it yet.
    ///
    /// # Errors
    /// If the HTTP client cannot be set up.
    pub fn new(settings: &Oidc, redirect_uri: &str, clock: Clock) -> Result<Self, reqwest::Error> {
        let fetch = Fetch::for_operator(Limits::OPERATOR)?;
        Ok(Self {
            settings: settings.clone(),
            redirect_uri: redirect_uri.to_owned(),
            jwks: Jwks::new(fetch.clone(), clock.clone()),
            issuer: Arc::new(Cache::new(fetch.terms(), clock.clone())),
            fetch,
            clock,
        })
    }

    /// Returns the authorization request for a user, who may have to authenticate `again`. `nonce` and `verifier` are needed
    /// again when the user is redirected back.
    ///
    /// # Errors
    /// If the provider's metadata cannot be fetched, or has no authorization endpoint.
    pub async fn authorization_url(
        &self,
        state: &str,
        nonce: &str,
        verifier: &str,
        again: Option<Reauthenticate>,
    ) -> Result<Url, Error> {
        let issuer = self.issuer().await?;
        let mut url = issuer.authorization.clone().ok_or_else(|| misconfigured("it has no `authorization_endpoint`"))?;
        let challenge = CodeChallenge::of(verifier).ok_or_else(|| Error::Invalid("the sign-in is damaged".to_owned()))?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", &self.settings.scopes.join(" "))
            .append_pair("state", state)
            .append_pair("nonce", nonce)
            .append_pair("code_challenge", &challenge.encode())
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(again.map(|again| ("prompt", self.prompt(&issuer, again).word())));
        Ok(url)
    }

    /// The prompt that the provider supports, if its metadata lists them. Google, which does not list them, does not support
    /// `login`.
    fn prompt(&self, issuer: &Issuer, again: Reauthenticate) -> Reauthenticate {
        let is_known = match (&issuer.prompts, again) {
            (Some(known), again) => known.iter().any(|word| word == again.word()),
            (None, Reauthenticate::Login) => self.settings.issuer != user::GOOGLE,
            (None, Reauthenticate::SelectAccount) => true,
        };
        match again {
            Reauthenticate::Login if !is_known => Reauthenticate::SelectAccount,
            Reauthenticate::SelectAccount if !is_known => Reauthenticate::Login,
            again => again,
        }
    }

    /// Whether connections end when the provider signs their user out.
    pub(crate) fn ends_connections_at_logout(&self) -> bool {
        self.settings.logout_ends == LogoutEnds::Connections
    }

    /// Redeems the code of an authorization response, and returns the user.
    ///
    /// # Errors
    /// Why the user cannot be determined.
    pub async fn user(&self, response: &AuthorizationResponse<'_>, nonce: &str, verifier: &str) -> Result<SignedIn, Error> {
        let issuer = self.check_issuer(response.issuer).await?;
        if response.code.is_empty() {
            return Err(Error::Invalid("it holds no code".to_owned()));
        }
        let tokens = self.redeem(&issuer, response.code, verifier).await?;
        let claims = self.verify(&issuer, &tokens.id, nonce).await?;
        let name = &self.settings.issuer;
        let session = claims.text("sid").map(|sid| user::session(name, sid));
        let claims = self.complete(&issuer, claims, tokens.access).await?;
        let Oidc { groups_claim, email_claims, .. } = &self.settings;
        let (user, without_email) = user(name, &claims, groups_claim, email_claims).map_err(Error::User)?;
        Ok(SignedIn { user, session, without_email })
    }

    /// Checks that a response, even one without a code, is from this provider (RFC 9207, section 2.4).
    ///
    /// # Errors
    /// If it is from another provider, or that cannot be determined.
    pub(crate) async fn check_issuer(&self, name: Option<&str>) -> Result<Arc<Issuer>, Error> {
        let issuer = self.issuer().await?;
        let is_named = name.map_or(!issuer.sends_iss, |name| name == self.settings.issuer);
        if is_named { Ok(issuer) } else { Err(Error::Invalid("it comes from another issuer".to_owned())) }
    }

    pub(super) async fn issuer(&self) -> Result<Arc<Issuer>, Error> {
        let name = &self.settings.issuer;
        self.issuer
            .get(name, self.fetch.network_permit(), issuer::discover(&self.fetch, name))
            .await
            .map_err(|error| unfetched(&error))
    }

    /// Redeems the code (OpenID Connect Core, section 3.1.3).
    async fn redeem(&self, issuer: &Issuer, code: &str, verifier: &str) -> Result<Tokens, Error> {
        let url = issuer.token.as_ref().ok_or_else(|| misconfigured("it has no `token_endpoint`"))?;
        let form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", verifier),
        ];
        let request = self.authenticate(issuer, self.fetch.http(url).post(url.clone()), form)?;
        let reply = self.fetch.send(url, request).await.map_err(|error| unfetched(&error))?;
        let response = reply.json().unwrap_or_default();
        if reply.status != StatusCode::OK {
            return Err(refusal(&reply, &response));
        }
        let text = |name: &str| response.get(name).and_then(Value::as_str).map(str::to_owned);
        let id = text("id_token").ok_or_else(|| misconfigured("it returned no `id_token`; request the scope `openid`"))?;
        Ok(Tokens { id, access: text("access_token").map(Secret::new) })
    }

    /// Adds the client authentication, with a method that the provider supports.
    fn authenticate<'a>(
        &'a self,
        issuer: &Issuer,
        request: RequestBuilder,
        mut form: Vec<(&str, &'a str)>,
    ) -> Result<RequestBuilder, Error> {
        let (id, secret) = (self.settings.client_id.as_str(), self.settings.client_secret.expose());
        let takes = |method: &str| issuer.methods.iter().any(|known| known == method);
        let request = if issuer.methods.is_empty() || takes("client_secret_basic") {
            let encode = |text| utf8_percent_encode(text, RESERVED);
            let pair = BASE64_STANDARD.encode(format!("{}:{}", encode(id), encode(secret)));
            let mut value = HeaderValue::try_from(format!("Basic {pair}")).map_err(|_| misconfigured("its client id"))?;
            value.set_sensitive(true);
            request.header(AUTHORIZATION, value)
        } else if takes("client_secret_post") {
            form.extend([("client_id", id), ("client_secret", secret)]);
            request
        } else {
            return Err(misconfigured("it takes neither `client_secret_basic` nor `client_secret_post`"));
        };
        let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        Ok(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body))
    }

    /// Verifies the ID token and returns its claims (OpenID Connect Core, section 3.1.3.7).
    async fn verify(&self, issuer: &Issuer, token: &str, nonce: &str) -> Result<Claims, Error> {
        let expected = Expected { algorithms: &ALGORITHMS, types: &["jwt"] };
        let verified = self.jwks.verify(&KeySource::At(issuer.jwks.clone()), token, expected).await;
        let claims = verified.map_err(|error| match error {
            jose::Error::Keys(error) => unfetched(&error),
            error => Error::Invalid(error.to_string()),
        })?;
        let client_id = self.settings.client_id.as_str();
        let is_for_others = claims.texts("aud").is_some_and(|audiences| audiences.len() > 1);
        let party = claims.text("azp");
        let reason = if claims.text("iss") != Some(&self.settings.issuer) {
            "its `iss` is not the configured issuer".to_owned()
        } else if !claims.is_for(client_id) {
            "its `aud` is not this server".to_owned()
        } else if party != Some(client_id) && (claims.get("azp").is_some() || is_for_others) {
            "its `azp` is not this server".to_owned()
        } else if claims.text("nonce") != Some(nonce) {
            "its `nonce` belongs to another sign-in".to_owned()
        } else if claims.time("iat").is_none() {
            "it has no `iat`".to_owned()
        } else if let Err(error) = claims.valid_at(self.clock.timestamp()) {
            error.to_string()
        } else {
            return Ok(claims);
        };
        Err(Error::Invalid(reason))
    }

    /// Adds the claims of userinfo, if the ID token lacks the e-mail address or the groups (section 5.3).
    async fn complete(&self, issuer: &Issuer, claims: Claims, access: Option<Secret>) -> Result<Claims, Error> {
        let has_groups = groups(&claims, &self.settings.groups_claim).map_err(Error::User)?.is_some();
        let (Some(url), Some(access)) = (&issuer.userinfo, access) else {
            return Ok(claims);
        };
        let has_email = self.settings.email_claims.first().is_none_or(|name| claims.text(name).is_some());
        if has_groups && has_email {
            return Ok(claims);
        }
        let request = self.fetch.http(url).get(url.clone()).bearer_auth(access.expose());
        let reply = self.fetch.send(url, request).await.map_err(|error| unfetched(&error))?;
        let more = match reply.json() {
            Some(Value::Object(more)) if reply.status == StatusCode::OK => more,
            _ if reply.status.is_server_error() || reply.status == StatusCode::TOO_MANY_REQUESTS => {
                return Err(Error::Unavailable(format!("userinfo answered with status {}", reply.status.as_u16())));
            }
            _ => {
                tracing::warn!(status = reply.status.as_u16(), "the identity provider's userinfo cannot be used");
                return Ok(claims);
            }
        };
        if more.get("sub").and_then(Value::as_str) != claims.text("sub") {
            return Err(Error::Invalid("its userinfo is about somebody else".to_owned()));
        }
        Ok(claims.completed_by(more))
    }
}

fn misconfigured(reason: &str) -> Error {
    Error::Misconfigured(reason.to_owned())
}

/// Converts the failure of a request to the provider.
pub(super) fn unfetched(error: &fetch::Error) -> Error {
    if error.is_transient() { Error::Unavailable(error.to_string()) } else { Error::Misconfigured(error.to_string()) }
}

/// Converts an error response of the token endpoint (RFC 6749, section 5.2).
fn refusal(reply: &Reply, response: &Value) -> Error {
    let text = |name: &str| response.get(name).and_then(Value::as_str).map(|text| one_line(text, WORDS));
    let (code, description) = (text("error"), text("error_description"));
    if reply.status.is_server_error() || reply.status == StatusCode::TOO_MANY_REQUESTS {
        return Error::Unavailable(format!("it answered with status {}", reply.status.as_u16()));
    }
    match code.as_deref() {
        Some("invalid_grant") => Error::Refused("the code has expired or was used before".to_owned()),
        Some("temporarily_unavailable") => Error::Unavailable("it answered `temporarily_unavailable`".to_owned()),
        Some(code) => {
            // the operator needs the description, which may contain a log URL or an ID
            tracing::warn!(error = code, description, "the identity provider refused this server");
            Error::Misconfigured(format!("it answered `{code}`"))
        }
        None => Error::Misconfigured(format!("its token endpoint answered with status {}", reply.status.as_u16())),
    }
}
