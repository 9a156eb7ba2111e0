//! The authorization endpoint: asks a user for consent to the request of a client (OAuth 2.1, section 4.1.1).
//!
//! Invariants: the request is parsed again at each step, so nothing of it is stored before the user has consented. Consent is
//! stored per user, client, redirect URI and part of the resource. The consent page is never skipped if the response goes to the user's own machine, where any
//! program could have sent the request.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use mcp_http::{
    log::Line,
    net::client_ip::ClientIp,
    scope::{ScopeAccess, Scopes},
    token::TokenKind,
};

use crate::{
    authorization_request::{self, AuthorizationError, Prompt, Reply, Request},
    browser::{
        self, BrowserSession, Next,
        page_error::{PageError, sentence},
    },
    clients::{
        client::{Client, Origin},
        lookup::ClientLookupError,
    },
    fetch::FetchBudget,
    identity::Reauthenticate,
    pages::{self, FormAction, ScopeChoice, Withheld},
    parameters::{Form, Parameters},
    server::{AuthorizationServer, SignIn},
    store::{self, ApiKeySource, Approval, Code, ConsentKey, Grant},
};

/// How long a code is valid.
const CODE_TTL: std::time::Duration = std::time::Duration::from_mins(1);
/// The next step where a client's document cannot be fetched.
const DOCUMENT_NOT_FETCHED: &str = "Connect again in a minute. If this happens again, tell whoever runs this server: it has to reach that \
                                    host, if need be through a proxy (HTTPS_PROXY), or have the app's document in a file (metadata_file of \
                                    [[clients]] in its configuration).";
const CONNECT_AGAIN: &str = "Go back to your assistant and connect again; if this happens again, tell the developer of the app.";

/// A valid authorization request and its client.
struct Authorization {
    client: Client,
    request: Request,
    query: String,
}

pub(crate) async fn get(
    State(server): State<Arc<AuthorizationServer>>,
    Extension(ip): Extension<ClientIp>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let browser = server.browser_session(&headers).await?;
    respond(&server, browser, query.unwrap_or_default(), ip).await
}

/// Responds to a request in a browser, in which somebody may be signed in.
pub(super) async fn respond(
    server: &AuthorizationServer,
    browser: Option<BrowserSession>,
    query: String,
    ip: ClientIp,
) -> Result<Response, PageError> {
    let authorization = match validate(server, query, ip).await? {
        Ok(authorization) => authorization,
        Err(refused) => return refused.response(server, browser.as_ref()).await,
    };
    let prompt = authorization.request.prompt;
    if let Prompt::SignIn(again) = prompt {
        let next = Next::Authorize(authorization_request::after_signing_in_again(&authorization.query));
        return crate::browser::sign_in::begin(&next, Some(again));
    }
    let Some(browser) = browser else { return sign_in(server, None, authorization).await };
    if server.is_too_old(&browser.session) {
        return sign_in(server, Some(&browser), authorization).await;
    }
    let possible = possible(server, &browser, &authorization).await?;
    let before = authorization.consent(server, &browser).await?.unwrap_or_default() & possible;
    match prompt {
        Prompt::AsNeeded | Prompt::Never if authorization.is_covered_by(server, before) => {
            approve(server, &browser, authorization, before).await
        }
        Prompt::Never => authorization.rejected(AuthorizationError::consent_required()).response(server, Some(&browser)).await,
        _ => Ok(ask(server, &browser, &authorization, possible)),
    }
}

pub(crate) async fn post(
    State(server): State<Arc<AuthorizationServer>>,
    Extension(ip): Extension<ClientIp>,
    headers: HeaderMap,
    Form(parameters): Form,
) -> Result<Response, PageError> {
    let browser = server.session_of_form(&headers, &parameters).await?;
    let Next::Authorize(query) = Next::parse(parameters.one("next").ok().flatten().unwrap_or_default()) else {
        return Err(PageError::csrf_failure(server.issuer()));
    };
    let authorization = match validate(&server, query, ip).await? {
        Ok(authorization) => authorization,
        Err(refused) => return refused.response(&server, Some(&browser)).await,
    };
    if server.is_too_old(&browser.session) {
        return sign_in(&server, Some(&browser), authorization).await;
    }
    if parameters.one("decision").ok().flatten() != Some("allow") {
        tracing::info!(client = authorization.client.id, "a user refused");
        server.forget(browser.token.hash()).await;
        return Ok(refuse(&server, &authorization.request.reply, &AuthorizationError::denied()));
    }
    let ticked: Scopes = parameters.all("scope").filter_map(|name| server.definitions().get(name)).collect();
    let granted = ticked & possible(&server, &browser, &authorization).await?;
    if granted.is_empty() {
        server.forget(browser.token.hash()).await;
        return Ok(refuse(&server, &authorization.request.reply, &AuthorizationError::denied()));
    }
    approve(&server, &browser, authorization, granted).await
}

/// A rejected request, and the redirect URI for the error.
struct RejectedRequest {
    client: Client,
    reply: Reply,
    refusal: AuthorizationError,
}

impl RejectedRequest {
    /// Redirects to the client, unless that can be abused: a client that anybody can register or publish must not make this server an
    /// open redirector, so its redirect URI is used only for a user who has a connection there (RFC 9700, section 4.11.2).
    async fn response(self, server: &AuthorizationServer, browser: Option<&BrowserSession>) -> Result<Response, PageError> {
        let Self { client, reply, refusal } = self;
        let is_trusted = client.origin == Origin::Configured
            || reply.redirect_uri.is_loopback()
            || match browser {
                Some(browser) => {
                    let uri = reply.redirect_uri.without_loopback_port();
                    server.store.has_consented(&browser.session.user.id, &client.id, &uri).await?
                }
                None => false,
            };
        if is_trusted {
            return Ok(refuse(server, &reply, &refusal));
        }
        Err(PageError::request(sentence(&refusal.description), CONNECT_AGAIN))
    }
}

impl Authorization {
    fn rejected(self, refusal: AuthorizationError) -> RejectedRequest {
        RejectedRequest { client: self.client, reply: self.request.reply, refusal }
    }

    /// The scopes that the user has allowed this client before, for the same redirect URI and part of the resource.
    async fn consent(&self, server: &AuthorizationServer, browser: &BrowserSession) -> store::Result<Option<Scopes>> {
        let (redirect_uri, resource) =
            (self.request.reply.redirect_uri.without_loopback_port(), server.resource.url(&self.request.part));
        let (user_id, client_id) = (&browser.session.user.id, &self.client.id);
        server.store.consent(ConsentKey { user_id, client_id, redirect_uri: &redirect_uri, resource: &resource }).await
    }

    /// Returns whether the request is for exactly the scopes that the user has allowed before. It is not if one of them is
    /// destructive, if the redirect URI is on the user's own machine, or if the client registered itself.
    fn is_covered_by(&self, server: &AuthorizationServer, before: Scopes) -> bool {
        let Request { reply, scopes, .. } = &self.request;
        let destroys = server.definitions().iter(before).any(|(definition, _)| definition.access == ScopeAccess::Destroy);
        let is_certain = self.client.origin != Origin::Registered && !reply.redirect_uri.is_loopback();
        is_certain && *scopes == before && !destroys
    }
}

/// Validates a request: the outer error is shown to the user, the inner one is sent to the client.
async fn validate(
    server: &AuthorizationServer,
    query: String,
    ip: ClientIp,
) -> Result<Result<Authorization, RejectedRequest>, PageError> {
    let parameters = Parameters::parse(&query);
    let untrusted = |error: &dyn std::fmt::Display| PageError::request(sentence(error), CONNECT_AGAIN);
    let id = parameters.one("client_id").map_err(|error| untrusted(&error))?;
    let id = id.ok_or_else(|| untrusted(&crate::authorization_request::UnverifiedClient::NoClient))?;
    let client = server.client(id, FetchBudget::from(ip)).await.map_err(|error| match error {
        ClientLookupError::Store(error) => error.into(),
        // the document was not fetched because too many fetches wait: the client may be valid
        ClientLookupError::Document(cause) if cause.is_busy() => PageError::unavailable(sentence(&cause)),
        ClientLookupError::Document(cause) if cause.is_of_network() => PageError::request(sentence(&cause), DOCUMENT_NOT_FETCHED),
        // the same text whatever the cause, so that it does not reveal which hosts can be reached from here
        error => untrusted(&error),
    })?;
    let reply = Reply::of(&parameters, &client, server.issuer()).map_err(|error| untrusted(&error))?;
    Ok(match Request::examine(&parameters, reply.clone(), &server.resource) {
        Ok(request) => Ok(Authorization { client, request, query }),
        Err(refusal) => {
            match server.refused_requests.note(std::time::Instant::now()) {
                Line::Logged => tracing::info!(client = client.id, error = refusal.error, "a request was refused"),
                Line::Dropped(Some(count)) => tracing::info!(count, "further requests were refused"),
                Line::Dropped(None) => {}
            }
            Err(RejectedRequest { client, reply, refusal })
        }
    })
}

fn refuse(server: &AuthorizationServer, reply: &Reply, refusal: &AuthorizationError) -> Response {
    send(server, reply, reply.with_error(refusal), false)
}

/// Sends the browser to the client with a response. A program is opened from a page that says so: after a redirect to a private scheme the
/// browser would still show the page before, with buttons that can be pressed again.
fn send(server: &AuthorizationServer, reply: &Reply, url: String, is_allowed: bool) -> Response {
    match reply.redirect_uri.program() {
        Some(program) => {
            let page = pages::HandedOver { product: server.brand.product, program, url, is_allowed };
            pages::respond(StatusCode::OK, &page, FormAction::None)
        }
        None => Redirect::to(&url).into_response(),
    }
}

/// Asks the user to sign in before anything else, again if they are signed in, unless the request forbids it.
async fn sign_in(
    server: &AuthorizationServer,
    signed_in: Option<&BrowserSession>,
    authorization: Authorization,
) -> Result<Response, PageError> {
    if authorization.request.prompt == Prompt::Never {
        return authorization.rejected(AuthorizationError::login_required()).response(server, signed_in).await;
    }
    browser::sign_in::begin(&Next::Authorize(authorization.query), signed_in.map(|_| Reauthenticate::Login))
}

/// The scopes that this user can allow for the requested resource.
async fn possible(
    server: &AuthorizationServer,
    browser: &BrowserSession,
    authorization: &Authorization,
) -> Result<Scopes, PageError> {
    let ceiling = match (&server.sign_in, &browser.session.encrypted) {
        (SignIn::Oidc(_, access), None) => server.member_scopes(access, &browser.session.user).await?,
        (SignIn::Keys(_), Some(encrypted)) => server.ceiling_with(&browser.token, encrypted),
        // the user signed in in a way that is no longer configured
        _ => return Err(PageError::csrf_failure(server.issuer())),
    };
    Ok(ceiling & authorization.request.ceiling)
}

/// The requested scopes that this user cannot allow.
fn withheld(
    server: &AuthorizationServer,
    browser: &BrowserSession,
    authorization: &Authorization,
    possible: Scopes,
) -> Option<Withheld> {
    let asked_for = server.definitions().iter(authorization.request.scopes);
    let titles: Vec<String> =
        asked_for.filter(|(_, scope)| !possible.has(*scope)).map(|(definition, _)| definition.title.clone()).collect();
    if titles.is_empty() {
        return None;
    }
    let next = Next::Authorize(authorization.query.clone());
    // a user who signed in with a key may sign in again with the missing one
    let sign_in = browser.session.encrypted.as_ref().map(|_| crate::browser::sign_in::path(&next, Some(Reauthenticate::Login)));
    Some(match sign_in {
        Some(sign_in) => Withheld::WithoutKey { titles, sign_in },
        None => Withheld::ByRule(titles),
    })
}

/// The consent page. Requested scopes are ticked, except destructive ones. What the client did not request is granted only if the user
/// ticks it, also if they did so before.
fn ask(server: &AuthorizationServer, browser: &BrowserSession, authorization: &Authorization, possible: Scopes) -> Response {
    let uri = &authorization.request.reply.redirect_uri;
    let wanted = authorization.request.scopes;
    let tools = (server.tools_by_scope)(&authorization.request.part);
    let scopes = server.definitions().iter(possible).map(|(definition, scope)| ScopeChoice {
        name: definition.name.clone(),
        title: definition.title.clone(),
        description: definition.description.clone(),
        tools: tools.get(&scope).copied().unwrap_or_default(),
        is_ticked: wanted.has(scope) && definition.access != ScopeAccess::Destroy,
    });
    let page = pages::Consent {
        product: server.brand.product,
        client_view: browser::client_view(&authorization.client, uri),
        user: browser.session.user.name.as_str().into(),
        organization: browser.session.user.organization.as_str().into(),
        scopes: scopes.collect(),
        withheld: withheld(server, browser, authorization, possible),
        csrf: server.form_token(browser),
        next: Next::Authorize(authorization.query.clone()).path(),
    };
    pages::respond(StatusCode::OK, &page, FormAction::Onward)
}

/// Stores the grant, and sends the code to the client.
async fn approve(
    server: &AuthorizationServer,
    browser: &BrowserSession,
    authorization: Authorization,
    scopes: Scopes,
) -> Result<Response, PageError> {
    let _permit = server.write_permit(&browser.session.user.id).await?;
    let now = server.clock.timestamp();
    let id = server.random.id()?;
    let key_source = match &browser.session.encrypted {
        Some(encrypted) => ApiKeySource::User(server.encrypt_for_grant(&browser.token, encrypted, &id)?),
        None => ApiKeySource::Identity,
    };
    let uri = &authorization.request.reply.redirect_uri;
    let grant = Grant {
        id: id.clone(),
        user: browser.session.user.clone(),
        key_source,
        client_id: authorization.client.id.clone(),
        client_name: authorization.client.name.clone(),
        redirect_uri: uri.without_loopback_port(),
        redirect_host: uri.place().to_owned(),
        scopes,
        requested_scopes: authorization.request.requested_scopes.clone(),
        resource: server.resource.url(&authorization.request.part),
        provider_session: browser.session.provider_session.clone(),
        created_at: now,
    };
    let plain = server.new_token(TokenKind::Code)?;
    let code = Code {
        hash: plain.hash(),
        grant_id: id,
        client_id: authorization.client.id.clone(),
        redirect_uri: uri.as_str().to_owned(),
        challenge: authorization.request.challenge,
        expires_at: now.after(CODE_TTL),
    };
    let client_expires_at = (authorization.client.origin == Origin::Registered).then(|| now.after(store::APPROVED_REGISTRATION));
    match server.store.approve(&grant, &code, browser.session.hash, client_expires_at).await? {
        Approval::Stored => {}
        Approval::SignedOut => return sign_in(server, None, authorization).await,
        Approval::UnknownClient => return Err(PageError::request(sentence(&ClientLookupError::Unknown), CONNECT_AGAIN)),
    }
    server.forget(browser.token.hash()).await;
    server.clients.keep(&authorization.client, &grant.user.id).await;
    tracing::info!(connection = grant.id, client = grant.client_id, scopes = server.definitions().text(scopes), "allowed");
    let reply = &authorization.request.reply;
    Ok(send(server, reply, reply.with_code(plain.expose()), true))
}
