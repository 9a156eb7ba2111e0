//! The state and decisions that the endpoints of the authorization server share.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use axum::http::HeaderMap;
use mcp_http::{
    caller::{Key, Keys},
    clock::{Clock, Timestamp},
    log::{self, LineLimit},
    net::fair_semaphore::FairSemaphore,
    protected_resource::{ProtectedResource, ToolCounts},
    scope::{ScopeDefinitions, Scopes},
    token::{PlainToken, Random, RandomFailed, TokenKind},
};
use zeroize::Zeroizing;

use crate::{
    access::{AccessRules, GroupNotChecked},
    advertising::Advertising,
    brand::{Brand, KeyField},
    checked_tokens::CheckedTokens,
    clients::{
        client::Client,
        lookup::{ClientLookupError, Clients},
    },
    directory::{Directory, Membership},
    error::OAuthError,
    fetch::FetchBudget,
    identity::oidc::Provider,
    keyring::{self, EncryptedKey, Keyring},
    parameters::Parameters,
    settings::Embedded,
    store::{ApiKeySource, Grant, Session, Store, User},
    write_permits::{TooManyWrites, WritePermit, WritePermits, Writer},
};

/// How many lines about refused authorization requests are logged in a second.
const REFUSED_REQUESTS: u32 = 10;
/// How many pages of connections are made at once, at most one of each user: they read far more of the store than anything else.
const CONNECTION_PAGES: usize = 2;

/// The authorization server; the process has one.
pub struct AuthorizationServer {
    pub(crate) resource: ProtectedResource,
    pub store: Arc<dyn Store>,
    pub(crate) keyring: Arc<Keyring>,
    pub clock: Clock,
    pub(crate) random: Random,
    pub(crate) clients: Clients,
    pub(crate) sign_in: SignIn,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) brand: Brand,
    pub(crate) tools_by_scope: ToolCounts,
    pub(crate) tokens: CheckedTokens,
    pub(crate) writes: WritePermits,
    /// The lines about authorization requests that are refused: anybody can send as many as they like.
    pub(crate) refused_requests: LineLimit,
    /// Permits to make the page of a user's connections.
    pub(crate) connection_pages: FairSemaphore<String>,
    pub(crate) offers: AuthServerFeatures,
    pub(crate) advertising: Advertising,
    pub(crate) access_ttl: Duration,
    pub(crate) refresh_ttl: Duration,
    pub(crate) session_ttl: Duration,
    connection_max_age: Option<Duration>,
    keys: BTreeMap<String, Arc<Keys>>,
}

/// How users sign in.
pub(crate) enum SignIn {
    /// With keys of the API. The first one is required.
    Keys(Vec<KeyField>),
    /// With the organization's identity provider.
    Oidc(Box<Provider>, AccessRules),
}

/// The parts of an authorization server.
pub struct AuthServerDependencies {
    /// The resource that its tokens are for; it contains the issuer.
    pub resource: ProtectedResource,
    /// The store of grants and tokens.
    pub store: Arc<dyn Store>,
    /// The encryption keys for the API's keys.
    pub keyring: Arc<Keyring>,
    /// The lookup of clients and of their metadata and keys.
    pub clients: Clients,
    /// Whether client metadata documents are advertised.
    pub(crate) advertising: Advertising,
    /// The identity provider, if users sign in with one.
    pub provider: Option<Provider>,
    /// The API's lookup of keys and users.
    pub directory: Arc<dyn Directory>,
    /// The names that the server uses.
    pub brand: Brand,
    /// How many tools each scope allows in addition to those of the scopes before it.
    pub tools_by_scope: ToolCounts,
    /// The clock.
    pub clock: Clock,
    /// The source of random bytes.
    pub random: Random,
}

/// The optional features that the authorization server metadata lists.
#[derive(Clone, Copy, Debug)]
pub struct AuthServerFeatures {
    /// Whether dynamic client registration is enabled (RFC 7591).
    pub registration: bool,
    /// Whether a client may use the client credentials grant.
    pub client_credentials: bool,
}

/// Why a user may not do anything, or their rights are unknown.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The settings, or the user's role in the API, give no rights. The grant is not revoked.
    #[error("{0}")]
    Refused(String),
    /// The rights are gone for good: the API says that the user has left, or the keys were tampered with. The grant is revoked.
    #[error("{0}")]
    Ended(String),
    /// The settings have changed, and the user has to sign in again. The grant is not revoked: if the operator reverts the
    /// change, it is valid again.
    #[error("{0}; sign in again")]
    Outdated(&'static str),
    /// The rights could not be determined; a retry may succeed.
    #[error("{0}")]
    Unknown(String),
}

impl From<GroupNotChecked> for GrantError {
    fn from(_: GroupNotChecked) -> Self {
        Self::Outdated("an access rule names a group that it did not name when you signed in")
    }
}

/// Keys that a user signed in with, by the names of their credentials, in the form in which they are encrypted.
type UserKeys = BTreeMap<String, Option<Zeroizing<String>>>;

impl fmt::Debug for AuthorizationServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationServer").field("resource", &self.resource).finish_non_exhaustive()
    }
}

impl AuthorizationServer {
    /// Returns the server that the operator configured.
    #[must_use]
    pub fn new(settings: &Embedded, parts: AuthServerDependencies) -> Self {
        use crate::settings::SignIn as Configured;
        let sign_in = match (&settings.sign_in, parts.provider) {
            (Configured::Oidc(_, access), Some(provider)) => SignIn::Oidc(Box::new(provider), access.clone()),
            (Configured::Oidc(..), None) => SignIn::Keys(Vec::new()),
            (Configured::Keys(fields), _) => SignIn::Keys(fields.clone()),
        };
        let offers = AuthServerFeatures {
            registration: settings.registration,
            client_credentials: settings.clients.iter().any(|client| client.client_credentials.is_some()),
        };
        let AuthServerDependencies {
            resource,
            store,
            keyring,
            clients,
            advertising,
            directory,
            brand,
            tools_by_scope,
            clock,
            random,
            ..
        } = parts;
        Self {
            resource,
            store,
            keyring,
            clock,
            random,
            clients,
            sign_in,
            directory,
            brand,
            tools_by_scope,
            tokens: CheckedTokens::default(),
            writes: WritePermits::new(),
            refused_requests: LineLimit::new(REFUSED_REQUESTS),
            connection_pages: FairSemaphore::new(CONNECTION_PAGES, CONNECTION_PAGES),
            offers,
            advertising,
            access_ttl: settings.access_token_ttl,
            refresh_ttl: settings.refresh_token_ttl,
            session_ttl: settings.session_ttl,
            connection_max_age: settings.connection_max_age,
            keys: settings.keys.iter().map(|(name, keys)| (name.clone(), Arc::new(keys.clone()))).collect(),
        }
    }

    /// Waits until a user may write to the store. The permit is held until the write is done.
    pub(crate) async fn write_permit(&self, user_id: &str) -> Result<WritePermit, TooManyWrites> {
        self.writes.acquire(Writer::User(user_id.to_owned())).await
    }

    /// Returns the issuer of its tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.resource.issuer
    }

    /// Returns the definitions of its scopes.
    pub(crate) fn definitions(&self) -> &ScopeDefinitions {
        &self.resource.definitions
    }

    /// Generates a token.
    pub(crate) fn new_token(&self, kind: TokenKind) -> Result<PlainToken, RandomFailed> {
        PlainToken::new(self.brand.tokens, kind, self.random)
    }

    /// Parses a text that has the form of a token of this server.
    pub(crate) fn parse_token(&self, kind: TokenKind, text: &str) -> Option<PlainToken> {
        PlainToken::parse(self.brand.tokens, kind, text)
    }

    /// Finds the client with this ID: configured, then published, then registered.
    pub(crate) async fn client(&self, id: &str, budget: FetchBudget) -> Result<Client, ClientLookupError> {
        self.clients.find(id, &*self.store, (self.clock.timestamp(), budget)).await
    }

    /// Authenticates the client of a direct request (RFC 6749, section 2.3; RFC 7523, section 2.2).
    pub(crate) async fn authenticate(
        &self,
        request: (&HeaderMap, &Parameters),
        budget: FetchBudget,
    ) -> Result<Client, OAuthError> {
        self.clients.authenticate(request, (&*self.store, &self.writes), (self.clock.timestamp(), budget)).await
    }

    /// Returns all scopes that can be granted.
    pub(crate) fn ceiling(&self) -> Scopes {
        self.resource.scopes
    }

    /// Returns the scopes that the access rules and the API currently allow a user of the identity provider.
    pub(crate) async fn member_scopes(&self, access: &AccessRules, user: &User) -> Result<Scopes, GrantError> {
        let (name, product) = (&user.name, self.brand.product);
        let refused = |why: String| Err(GrantError::Refused(why));
        let Some(rule) = access.rule(user)? else {
            return refused(match user.email {
                Some(_) => format!("no access rule fits `{name}`"),
                None => format!("no access rule fits `{name}`, whose e-mail address the identity provider does not confirm"),
            });
        };
        let membership = match (&access.roles, &user.email) {
            (None, _) => None,
            (Some(_), None) => {
                return refused(format!(
                    "the identity provider confirms no e-mail address to look `{name}` up with in {product}"
                ));
            }
            (Some(_), Some(email)) => {
                let Some(keys) = self.keys.get(&rule.key).filter(|keys| !keys.is_empty()) else {
                    return refused(format!("there is no key of {product} to look `{name}` up with"));
                };
                let unknown = |error| GrantError::Unknown(format!("{product} could not be asked about `{name}`: {error}"));
                Some(self.directory.membership(keys, email).await.map_err(unknown)?)
            }
        };
        match access.decide(user, membership.as_ref()).map(|(_, ceiling)| ceiling & self.ceiling()) {
            Some(ceiling) if !ceiling.is_empty() => Ok(ceiling),
            _ if membership == Some(Membership::Left) => {
                Err(GrantError::Ended(format!("`{name}` is leaving or has left the organization in {product}")))
            }
            _ => refused(match membership {
                Some(Membership::Unknown) => format!("`{name}` is not a member of {product}"),
                Some(Membership::Member { role }) => format!("the role `{role}` of `{name}` in {product} allows nothing here"),
                Some(Membership::Left) | None => format!("the access rule for `{name}` allows nothing here"),
            }),
        }
    }

    /// Returns the name of the organization of a user of the identity provider; empty if the API does not provide it.
    pub(crate) async fn organization(&self, access: &AccessRules, user: &User) -> String {
        let keys = access.rule(user).ok().flatten().and_then(|rule| self.keys.get(&rule.key));
        let Some(keys) = keys.filter(|keys| !keys.is_empty()) else { return String::new() };
        match self.directory.organization(keys).await {
            Ok(organization) => organization.name().to_owned(),
            Err(error) => {
                log::error(&error);
                String::new()
            }
        }
    }

    /// Returns the scopes that a grant may have at its next refresh. Asks the API if the access rules depend on roles.
    pub(crate) async fn renew(&self, grant: &Grant) -> Result<Scopes, GrantError> {
        match (&grant.key_source, &self.sign_in) {
            (ApiKeySource::Identity, SignIn::Oidc(_, access)) => self.member_scopes(access, &grant.user).await,
            _ => self.keys_of(grant).map(|(_, ceiling)| ceiling),
        }
    }

    /// Returns when a grant ends at the latest, however often it is refreshed.
    pub(crate) fn ends_at(&self, grant: &Grant) -> Option<Timestamp> {
        let is_limited = grant.key_source != ApiKeySource::Client;
        self.connection_max_age.filter(|_| is_limited).map(|age| grant.created_at.after(age))
    }

    /// Returns whether a user signed in so long ago that connections of that time have ended: before the next one, they sign in again.
    pub(crate) fn is_too_old(&self, session: &Session) -> bool {
        self.connection_max_age.is_some_and(|age| session.opened_at.after(age) <= self.clock.timestamp())
    }

    /// Returns the API's keys of a grant, and the scopes that they allow here.
    pub(crate) fn keys_of(&self, grant: &Grant) -> Result<(Arc<Keys>, Scopes), GrantError> {
        let refused = |why: &str| GrantError::Refused(why.to_owned());
        match (&grant.key_source, &self.sign_in) {
            (ApiKeySource::User(encrypted), SignIn::Keys(_)) => {
                let keys = self.decrypt(&grant_row(&grant.id), encrypted).map_err(|error| match error {
                    keyring::Error::UnknownKey => {
                        GrantError::Outdated("the encryption key of this connection is not configured here")
                    }
                    error => GrantError::Ended(error.to_string()),
                })?;
                Ok((Arc::new(keys), self.ceiling()))
            }
            (ApiKeySource::Identity, SignIn::Oidc(_, access)) => {
                let rule = access.rule(&grant.user)?.ok_or_else(|| refused("no access rule fits any more"))?;
                let keys = self.named(&rule.key).ok_or_else(|| refused("the rule's key is gone"))?;
                Ok((keys, self.ceiling() & rule.scopes))
            }
            (ApiKeySource::Client, _) => {
                let own = self.clients.configured(&grant.client_id).and_then(|client| client.client_credentials.as_ref());
                let own = own.ok_or_else(|| refused("the client is not configured any more"))?;
                let keys = self.named(&own.key).ok_or_else(|| refused("the client's key is gone"))?;
                Ok((keys, self.ceiling() & own.scopes))
            }
            _ => Err(refused("the way users sign in has changed")),
        }
    }

    fn named(&self, name: &str) -> Option<Arc<Keys>> {
        self.keys.get(name).cloned()
    }

    fn decrypt(&self, row: &str, encrypted: &EncryptedKey) -> Result<Keys, keyring::Error> {
        let plain = self.keyring.decrypt(row, encrypted)?;
        let brought: UserKeys = serde_json::from_slice(&plain).map_err(|_| keyring::Error::Broken)?;
        let keys = brought.into_iter().filter_map(|(name, key)| Some((name, Key::new(&key?)?)));
        Ok(keys.collect())
    }

    /// Encrypts the keys that a user signed in with, for the session of this cookie.
    pub(crate) fn encrypt_for_session(
        &self,
        cookie: &PlainToken,
        brought: &[(String, Zeroizing<String>)],
    ) -> Result<EncryptedKey, OAuthError> {
        let brought: UserKeys = brought.iter().map(|(name, key)| (name.clone(), Some(key.clone()))).collect();
        let plain = Zeroizing::new(serde_json::to_vec(&brought).map_err(|_| OAuthError::Broken)?);
        self.keyring.encrypt(&session_row(cookie), &plain).map_err(|error| broken(&error))
    }

    /// Encrypts a session's keys again, for a grant.
    pub(crate) fn encrypt_for_grant(
        &self,
        cookie: &PlainToken,
        encrypted: &EncryptedKey,
        grant_id: &str,
    ) -> Result<EncryptedKey, OAuthError> {
        let plain = self.keyring.decrypt(&session_row(cookie), encrypted).map_err(|error| broken(&error))?;
        self.keyring.encrypt(&grant_row(grant_id), &plain).map_err(|error| broken(&error))
    }

    /// Returns whether the access rule of a user can be determined.
    pub(crate) fn knows(&self, user: &User) -> bool {
        match &self.sign_in {
            SignIn::Oidc(_, access) => access.rule(user).is_ok(),
            SignIn::Keys(_) => true,
        }
    }

    /// Returns whether a session's keys can be decrypted.
    pub(crate) fn can_decrypt(&self, cookie: &PlainToken, encrypted: &EncryptedKey) -> bool {
        self.decrypt(&session_row(cookie), encrypted).is_ok()
    }

    /// Returns the scopes that can be granted with a session's keys: none that needs a key which the user did not enter.
    pub(crate) fn ceiling_with(&self, cookie: &PlainToken, encrypted: &EncryptedKey) -> Scopes {
        let SignIn::Keys(fields) = &self.sign_in else { return Scopes::NONE };
        let keys = self.decrypt(&session_row(cookie), encrypted).unwrap_or_default();
        let lacking = fields.iter().filter(|field| keys.get(&field.credential).is_none());
        lacking.fold(self.ceiling(), |scopes, field| self.definitions().without_credential(scopes, &field.credential))
    }
}

fn broken(error: &keyring::Error) -> OAuthError {
    log::error(error);
    OAuthError::Broken
}

/// The row name for which a grant's keys are encrypted.
pub fn grant_row(id: &str) -> String {
    format!("grants {id}")
}

/// The row name for which a session's keys are encrypted.
fn session_row(cookie: &PlainToken) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    format!("sessions {}", BASE64_URL_SAFE_NO_PAD.encode(cookie.hash().as_bytes()))
}
