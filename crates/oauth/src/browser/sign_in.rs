//! Sign-in with a key of the API, or with the organization's identity provider.
//!
//! Invariants: a key is accepted only after the API has accepted it, and is never shown again; a response of the identity
//! provider is valid only in the browser that was redirected there, once, and within [`LOGIN_STATE_TTL`].

use std::sync::Arc;

use axum::{
    Extension,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_http::{
    caller::Key,
    log,
    net::{client_ip::ClientIp, rate_limit::Attempts},
    scope::Scopes,
    token::{PlainToken, TokenHash, TokenKind},
};
use zeroize::Zeroizing;

use super::{
    BrowserSession, CookieName, MAX_PATH_BYTES, Next,
    login_state::{self, LOGIN_STATE_TTL, LoginState},
    page_error::PageError,
};
use crate::{
    authorization_request::Reply,
    brand::KeyField,
    directory::DirectoryError,
    fetch::FetchBudget,
    identity::{Reauthenticate, oidc},
    keyring::EncryptedKey,
    pages::{self, ClientView, FormAction},
    parameters::{Form, Parameters},
    server::{AuthorizationServer, GrantError, SignIn},
    store::{Session, User},
};

/// The sign-in page.
pub const PATH: &str = "/sign-in";
/// The redirect URI of the identity provider's responses.
pub const CALLBACK: &str = "/sign-in/callback";
/// The endpoint that signs a user out.
pub const SIGN_OUT: &str = "/sign-out";
/// The maximum length of a cookie's value, in bytes; browsers discard longer ones.
const MAX_COOKIE_BYTES: usize = 3800;
/// The maximum length of a key, in bytes.
const MAX_KEY_BYTES: usize = 4096;
/// The text for a response of the identity provider that matches no sign-in of the browser.
const NOT_BEGUN: &str = "This sign-in was not begun in this browser, took longer than ten minutes, or is over already.";
/// What follows a sign-in.
pub(crate) enum Outcome {
    /// This response: the user is not signed in, or the browser's cookie says that they are.
    Response(Response),
    /// The next page, with the session in its forms, and the cookies that are over.
    Page(Box<BrowserSession>, Next, SetCookie),
}

/// The header that sets or deletes a cookie.
type SetCookie = (HeaderName, HeaderValue);

/// Sends a browser to sign in; again, even if somebody is signed in there.
///
/// # Errors
/// When the URL would be longer than a server reads: it repeats the client's query, percent-encoded.
pub(crate) fn begin(next: &Next, again: Option<Reauthenticate>) -> Result<Response, PageError> {
    let path = path(next, again);
    if path.len() > MAX_PATH_BYTES {
        let next_step = "Go back to your assistant and connect again; if this happens again, tell the developer of the app.";
        return Err(PageError::request("The app's request is too long to sign in with.", next_step));
    }
    Ok(Redirect::to(&path).into_response())
}

/// The path to which [`begin`] redirects.
pub(crate) fn path(next: &Next, again: Option<Reauthenticate>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(again.map(|again| ("prompt", again.word()))).append_pair("next", &next.path());
    format!("{PATH}?{}", query.finish())
}

pub(crate) async fn get(
    State(server): State<Arc<AuthorizationServer>>,
    Extension(ip): Extension<ClientIp>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, PageError> {
    let parameters = Parameters::parse(query.unwrap_or_default());
    let next = Next::parse(parameters.one("next").ok().flatten().unwrap_or_default());
    let again = parameters.one("prompt").ok().flatten().and_then(Reauthenticate::of);
    if again.is_none() && server.browser_session(&headers).await?.is_some() {
        return Ok(Redirect::to(&next.path()).into_response());
    }
    match &server.sign_in {
        SignIn::Keys(_) => show(&server, (&headers, ip), &next, StatusCode::OK, None).await,
        SignIn::Oidc(provider, _) => send_away(&server, &headers, provider, &next, again).await,
    }
}

/// The sign-in form for keys.
async fn show(
    server: &AuthorizationServer,
    (headers, ip): (&HeaderMap, ClientIp),
    next: &Next,
    status: StatusCode,
    refusal: Option<SignInRefusal>,
) -> Result<Response, PageError> {
    let pre_session = server.pre_session(headers)?;
    let SignIn::Keys(fields) = &server.sign_in else { return Err(PageError::csrf_failure(server.issuer())) };
    let (client, asked) = client_view(server, next, ip).await.unzip();
    let asked = asked.unwrap_or_default();
    let is_wanted = |field: &KeyField| server.definitions().without_credential(asked, &field.credential) != asked;
    let wrong = refusal.as_ref().and_then(|refusal| refusal.field);
    let input = |(index, field): (usize, &KeyField)| pages::KeyInput {
        name: field.name(index),
        is_required: index == 0,
        is_wanted: is_wanted(field),
        is_wrong: wrong == Some(index),
        field: field.clone(),
    };
    let fields = fields.iter().enumerate().map(input).collect();
    let refusal = refusal.map(|refusal| pages::SignInError { text: refusal.text });
    let page = pages::SignIn {
        product: server.brand.product,
        client,
        refusal,
        fields,
        csrf: server.csrf(&pre_session),
        next: next.path(),
    };
    let cookie = server.set_cookie(CookieName::PreSession, Some(pre_session.expose()));
    // a user who has allowed this client before is redirected to it at once
    let forms = if page.client.is_some() { FormAction::Onward } else { FormAction::Here };
    Ok((AppendHeaders([cookie]), pages::respond(status, &page, forms)).into_response())
}

/// The client that requested the sign-in, if it is known, and the requested scopes.
async fn client_view(server: &AuthorizationServer, next: &Next, ip: ClientIp) -> Option<(ClientView, Scopes)> {
    let Next::Authorize(query) = next else { return None };
    let parameters = Parameters::parse(query);
    let client = server.client(parameters.one("client_id").ok()??, FetchBudget::from(ip)).await.ok()?;
    let reply = Reply::of(&parameters, &client, server.issuer()).ok()?;
    let scopes = parameters.one("scope").ok().flatten().map(|names| server.definitions().parse(names)).unwrap_or_default();
    let client_view = super::client_view(&client, &reply.redirect_uri);
    Some((client_view, scopes))
}

pub(crate) async fn post(
    State(server): State<Arc<AuthorizationServer>>,
    Extension(attempts): Extension<Arc<Attempts>>,
    Extension(ip): Extension<ClientIp>,
    headers: HeaderMap,
    Form(parameters): Form,
) -> Result<Outcome, PageError> {
    let pre_session =
        server.cookie(&headers, CookieName::PreSession).and_then(|text| server.parse_token(TokenKind::Session, &text));
    let is_ours = pre_session.is_some_and(|pre_session| server.is_ours(&headers, &parameters, &server.csrf(&pre_session)));
    let SignIn::Keys(fields) = &server.sign_in else { return Err(PageError::csrf_failure(server.issuer())) };
    if !is_ours {
        return Err(PageError::csrf_failure(server.issuer()));
    }
    let next = Next::parse(parameters.one("next").ok().flatten().unwrap_or_default());
    let text = |name: &str| {
        let text = parameters.one(name).ok().flatten().map(str::trim).filter(|text| !text.is_empty());
        text.map(|text| Zeroizing::new(text.to_owned()))
    };
    let typed: Vec<_> = fields.iter().enumerate().map(|(index, field)| text(&field.name(index))).collect();
    let keys: Vec<&str> = typed.iter().flatten().map(|key| key.as_str()).collect();
    let turn = attempts.turn(ip.0, &keys).await.map_err(PageError::too_many)?;
    match check(&server, fields, &typed).await {
        Ok((user, keys)) => {
            let token = server.new_token(TokenKind::Session)?;
            let encrypted = server.encrypt_for_session(&token, &keys)?;
            let signed_in = oidc::SignedIn { user, session: None, without_email: None };
            enter(&server, &headers, token, signed_in, Some(encrypted), (next, CookieName::PreSession)).await
        }
        Err(refusal) => {
            // the page may need the metadata of the client, and others do not wait for that
            match refusal.field.and_then(|field| typed.get(field)?.as_ref()) {
                Some(key) => {
                    turn.fail(key);
                    tracing::info!(ip = %ip.0, "a key was refused at sign-in");
                }
                None => drop(turn),
            }
            let status = if refusal.field.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::SERVICE_UNAVAILABLE };
            show(&server, (&headers, ip), &next, status, Some(refusal)).await.map(Outcome::Response)
        }
    }
}

/// Why a user could not sign in with keys.
struct SignInRefusal {
    /// The index of the field that the user has to change, if the fault is in what they entered.
    field: Option<usize>,
    text: String,
}

/// Asks the API which organization the keys belong to. The first key is required and identifies the user.
async fn check(
    server: &AuthorizationServer,
    fields: &[KeyField],
    typed: &[Option<Zeroizing<String>>],
) -> Result<(User, Vec<(String, Zeroizing<String>)>), SignInRefusal> {
    let product = server.brand.product;
    let wrong = |index, text: String| SignInRefusal { field: Some(index), text };
    let mut keys = Vec::new();
    for (index, (field, plain)) in fields.iter().zip(typed).enumerate() {
        let Some(plain) = plain else {
            if index == 0 {
                return Err(wrong(index, format!("Paste a key of {product}'s API to sign in.")));
            }
            continue;
        };
        let malformed = || {
            let text = "This does not look like a key: it has to be one word of plain characters, as";
            wrong(index, format!("{text} {product} shows it."))
        };
        let key = Key::new(plain).filter(|_| plain.len() <= MAX_KEY_BYTES).ok_or_else(malformed)?;
        keys.push((index, field, plain, key));
    }
    let api = keys.iter().map(|(_, field, _, key)| (field.credential.clone(), key.clone())).collect();
    let refused = |index, field: &KeyField, error| refusal(server, index, field, &error);
    let mut user = None;
    for (index, field, plain, key) in &keys {
        if user.is_some() {
            server.directory.accepts(&field.credential, key).await.map_err(|error| refused(*index, field, error))?;
            continue;
        }
        let organization = server.directory.check(&api).await.map_err(|error| refused(*index, field, error))?;
        // A key is as long and random as a token, so its hash can identify its holder without revealing the key.
        let holder = Zeroizing::new(format!("{} holder {} {}", server.brand.server, organization.id(), plain.as_str()));
        let holder = TokenHash::of(holder.as_bytes());
        let id = BASE64_URL_SAFE_NO_PAD.encode(holder.as_bytes());
        let name = holder_name(plain, &id);
        let (id, organization) = (format!("key:{id}"), organization.name().to_owned());
        user = Some(User { id, name, email: None, groups: Vec::new(), outside: None, organization });
    }
    let missing = || wrong(0, format!("Paste a key of {product}'s API to sign in."));
    let brought = keys.iter().map(|(_, field, plain, _)| (field.credential.clone(), (*plain).clone())).collect();
    Ok((user.ok_or_else(missing)?, brought))
}

/// The name of the holder of a key: as consoles of APIs show keys, by their end, which is no help to guess the rest of a long one.
fn holder_name(key: &str, id: &str) -> String {
    const LONG: usize = 16;
    const END: usize = 4;
    match key.char_indices().rev().nth(END - 1).and_then(|(start, _)| key.get(start..)) {
        Some(end) if key.chars().count() >= LONG => format!("Holder of the key that ends in {end}"),
        _ => format!("Holder of key {}", id.get(..6).unwrap_or_default()),
    }
}

fn refusal(server: &AuthorizationServer, index: usize, field: &KeyField, error: &DirectoryError) -> SignInRefusal {
    if matches!(error, DirectoryError::Refused(_)) {
        return SignInRefusal { field: Some(index), text: field.refused.clone() };
    }
    log::error(error);
    let product = server.brand.product;
    if let DirectoryError::Intermediary(what) = error {
        let text = format!(
            "The key could not be checked, because not {product} answered, but something in between, such as a proxy or a firewall: \
             {what}. Ask whoever runs this server to let its requests through to {product}."
        );
        return SignInRefusal { field: None, text };
    }
    let text = format!("The key could not be checked, because {product} does not answer as it should. Try again in a minute.");
    SignInRefusal { field: None, text }
}

/// Creates a new session, ends the previous one, deletes the cookie `over`, and leads the browser to `next`.
async fn enter(
    server: &AuthorizationServer,
    headers: &HeaderMap,
    token: PlainToken,
    oidc::SignedIn { user, session: provider_session, .. }: oidc::SignedIn,
    encrypted: Option<EncryptedKey>,
    (next, over): (Next, CookieName<'_>),
) -> Result<Outcome, PageError> {
    let _permit = server.write_permit(&user.id).await?;
    if let Some(before) = server.browser_session(headers).await? {
        server.store.close_session(before.token.hash()).await?;
    }
    let now = server.clock.timestamp();
    let expires_at = now.after(server.session_ttl);
    let session = Session { hash: token.hash(), user, encrypted, provider_session, opened_at: now, expires_at };
    server.store.open_session(&session).await?;
    tracing::info!(user = session.user.id, "signed in");
    let over = server.set_cookie(over, None);
    if !server.remembers_browsers() {
        return Ok(Outcome::Page(Box::new(BrowserSession { token, session }), next, over));
    }
    let cookies = [server.set_cookie(CookieName::Session, Some(token.expose())), over];
    Ok(Outcome::Response((AppendHeaders(cookies), Redirect::to(&next.path())).into_response()))
}

/// Redirects a browser to the identity provider, and stores the login state in an encrypted cookie.
async fn send_away(
    server: &AuthorizationServer,
    headers: &HeaderMap,
    provider: &oidc::Provider,
    next: &Next,
    again: Option<Reauthenticate>,
) -> Result<Response, PageError> {
    let (state, nonce) = (server.random.id()?, server.random.id()?);
    let verifier = server.new_token(TokenKind::Code)?.expose().to_owned();
    let login_state =
        LoginState { state, nonce, verifier, next: next.path(), expires_at: server.clock.timestamp().after(LOGIN_STATE_TTL).0 };
    let url = provider.authorization_url(&login_state.state, &login_state.nonce, &login_state.verifier, again).await;
    let url = url.map_err(|error| failed(&error))?;
    let value = login_state.encrypt(server)?;
    if value.len() > MAX_COOKIE_BYTES {
        return Err(PageError::request("The app's request is too long.", "Tell whoever makes the app."));
    }
    let mut cookies = vec![server.set_cookie(login_state.cookie_name(), Some(&value))];
    cookies.extend(
        login_state::too_many(server, headers, value.len())
            .iter()
            .map(|name| server.set_cookie(CookieName::LoginState(name), None)),
    );
    Ok((AppendHeaders(cookies), Redirect::to(url.as_str())).into_response())
}

/// Handles the response of the identity provider (OpenID Connect Core, section 3.1.2.5).
pub(crate) async fn callback(
    State(server): State<Arc<AuthorizationServer>>,
    Extension(ip): Extension<ClientIp>,
    Extension(attempts): Extension<Arc<Attempts>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Outcome, PageError> {
    let SignIn::Oidc(provider, access) = &server.sign_in else { return Err(PageError::csrf_failure(server.issuer())) };
    let parameters = Parameters::parse(query.unwrap_or_default());
    let parameter = |name: &str| parameters.one(name).ok().flatten();
    let login_state = parameter("state").and_then(|state| login_state::of_response(&server, &headers, state));
    let login_state = login_state.ok_or_else(|| PageError::not_signed_in(NOT_BEGUN))?;
    if !login_state::consume(&server, &login_state, ip).await? {
        return Err(PageError::not_signed_in(NOT_BEGUN));
    }
    if let Some(error) = parameter("error") {
        provider.check_issuer(parameter("iss")).await.map_err(|error| failed(&error))?;
        return Err(ended(error, parameter("error_description").unwrap_or_default()));
    }
    let response = oidc::AuthorizationResponse { code: parameter("code").unwrap_or_default(), issuer: parameter("iss") };
    // each code costs a request to the identity provider, which has a rate of its own
    attempts.check(ip.0).map_err(PageError::too_many)?;
    let signed_in = provider.user(&response, &login_state.nonce, &login_state.verifier).await.map_err(|error| {
        if matches!(error, oidc::Error::Refused(_) | oidc::Error::Invalid(_)) {
            attempts.fail(ip.0);
        }
        failed(&error)
    })?;
    let oidc::SignedIn { mut user, session, without_email } = signed_in;
    server.member_scopes(access, &user).await.map_err(|error| match (error, without_email) {
        (GrantError::Refused(why), Some(reason)) => GrantError::Refused(format!("{why}: {reason}")),
        (error, _) => error,
    })?;
    user.organization = server.organization(access, &user).await;
    let signed_in = oidc::SignedIn { user: access.fitted(user), session, without_email: None };
    let token = server.new_token(TokenKind::Session)?;
    let (user_id, hash) = (signed_in.user.id.clone(), token.hash());
    let provider_session = signed_in.session.clone();
    let outcome =
        enter(&server, &headers, token, signed_in, None, (Next::parse(&login_state.next), login_state.cookie_name())).await?;
    if server.store.was_signed_out(&user_id, provider_session.as_deref(), login_state.began_at()).await? {
        server.store.close_session(hash).await?;
        return Err(PageError::not_signed_in("Your company signed you out while you signed in here."));
    }
    Ok(outcome)
}

/// The page for a failed request to the identity provider, or an invalid response.
fn failed(error: &oidc::Error) -> PageError {
    match error {
        oidc::Error::Unavailable(_) => {
            log::error(error);
            PageError::unavailable("Your company's sign-in page cannot be reached at the moment.")
        }
        oidc::Error::Misconfigured(_) => {
            log::error(error);
            PageError::misconfigured("Your company's sign-in page does not work with this server's settings.")
        }
        oidc::Error::User(user) => {
            log::error(error);
            PageError::misconfigured(format!("Your company's sign-in page does not say enough about you: {user}."))
        }
        oidc::Error::Refused(_) => {
            tracing::info!(%error, "a sign-in was not confirmed");
            PageError::not_signed_in(
                "Your company's sign-in page did not confirm the sign-in: it took too long, or was used before.",
            )
        }
        oidc::Error::Invalid(_) => {
            tracing::warn!(%error, "a sign-in was refused");
            PageError::not_signed_in("The response of your company's sign-in page is not valid here.")
        }
    }
}

/// The page for an error response of the identity provider (OpenID Connect Core, section 3.1.2.6).
fn ended(error: &str, description: &str) -> PageError {
    let plain = |text: &str, most| -> String { text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(most).collect() };
    let error = plain(error, 60);
    tracing::warn!(error, description = plain(description, 200), "the identity provider sent a user back without a sign-in");
    match error.as_str() {
        "access_denied" => PageError::not_signed_in(
            "Your company's sign-in page did not let you through: you cancelled there, or this application is not open to you.",
        ),
        "login_required" | "interaction_required" | "account_selection_required" | "consent_required" => {
            PageError::not_signed_in("The sign-in on your company's page was not completed.")
        }
        "server_error" | "temporarily_unavailable" => {
            PageError::unavailable("Your company's sign-in page does not work at the moment.")
        }
        error => PageError::misconfigured(format!("Your company's sign-in page rejected this server's request: `{error}`.")),
    }
}

pub(crate) async fn sign_out(
    State(server): State<Arc<AuthorizationServer>>,
    headers: HeaderMap,
    Form(parameters): Form,
) -> Result<Response, PageError> {
    if let Some(browser) = server.session_if_any(&headers, &parameters).await? {
        let _permit = server.write_permit(&browser.session.user.id).await?;
        server.store.close_session(browser.token.hash()).await?;
    }
    let cookies = [CookieName::Session, CookieName::Ended].map(|name| server.set_cookie(name, None));
    if let Next::Authorize(query) = Next::parse(parameters.one("next").ok().flatten().unwrap_or_default()) {
        // otherwise the identity provider would sign the same user in again without asking
        let next = begin(&Next::Authorize(query), Some(Reauthenticate::Login))?;
        return Ok((AppendHeaders(cookies), next).into_response());
    }
    Ok((
        AppendHeaders(cookies),
        pages::respond(StatusCode::OK, &pages::SignedOut { product: server.brand.product }, FormAction::Here),
    )
        .into_response())
}
