//! What the endpoints of the authorization server share.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::Arc,
    time::Duration,
};

use mcp_http::{
    caller::{Key, Keys},
    clock::Clock,
    log,
    protected_resource::ProtectedResource,
    scope::{Scope, ScopeDefinitions, Scopes},
    token::{Kind, PlainToken, Random, RandomFailed},
};

use crate::{
    access::{Access, GroupNotChecked},
    brand::{Brand, KeyField},
    checked_tokens::Tokens,
    clients::{
        client::Client,
        lookup::{Clients, NotFound},
    },
    directory::{Directory, Membership},
    error::OAuthError,
    fetch::FetchBudget,
    identity::oidc::Provider,
    keyring::{self, EncryptedKey, Keyring},
    parameters::Parameters,
    settings::Embedded,
    store::{ApiKeySource, Grant, Store, User},
};

/// The authorization server, one for the process.
pub struct AuthorizationServer {
    pub(crate) resource: ProtectedResource,
    pub store: Arc<dyn Store>,
    pub(crate) keyring: Keyring,
    pub clock: Clock,
    pub(crate) random: Random,
    pub(crate) clients: Clients,
    pub(crate) sign_in: SignIn,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) brand: Brand,
    pub(crate) tools_behind: HashMap<Scope, usize>,
    pub(crate) tokens: Tokens,
    pub(crate) offers: AuthServerFeatures,
    pub(crate) access_ttl: Duration,
    pub(crate) refresh_ttl: Duration,
    pub(crate) session_ttl: Duration,
    keys: BTreeMap<String, Arc<Keys>>,
}

/// How users sign in.
pub(crate) enum SignIn {
    /// With keys of the API; the first is needed.
    Keys(Vec<KeyField>),
    /// With the company's identity provider.
    Oidc(Box<Provider>, Access),
}

/// What an authorization server stands on.
pub struct AuthServerDependencies {
    /// The resource that its tokens are for; it is the issuer.
    pub resource: ProtectedResource,
    /// Where grants and tokens are kept.
    pub store: Arc<dyn Store>,
    /// What encrypts the API's keys.
    pub keyring: Keyring,
    /// Clients that publish their metadata are found with it, and keys of those that sign.
    pub clients: Clients,
    /// The identity provider, where users sign in with one.
    pub provider: Option<Provider>,
    /// The API's records of keys and users.
    pub directory: Arc<dyn Directory>,
    /// What the server is called.
    pub brand: Brand,
    /// How many tools each scope opens that the ones before do not.
    pub tools_behind: HashMap<Scope, usize>,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
}

/// What the metadata of an authorization server depends on.
#[derive(Clone, Copy, Debug)]
pub struct AuthServerFeatures {
    /// Whether clients may register themselves.
    pub registration: bool,
    /// Whether a `client_id` may be the address of the client's metadata.
    pub client_metadata: bool,
    /// Whether some client may act for itself.
    pub client_credentials: bool,
}

/// Why a user has no rights, or it is not known whether they have.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// They have none.
    #[error("{0}")]
    Refused(String),
    /// The settings have changed so that they have to sign in again. Nothing is ended by that, and if the operator takes the
    /// change back, the connection goes on.
    #[error("{0}; sign in again")]
    Outdated(&'static str),
    /// It could not be found out; the same may work later.
    #[error("{0}")]
    Unknown(String),
}

impl From<GroupNotChecked> for GrantError {
    fn from(_: GroupNotChecked) -> Self {
        Self::Outdated("an access rule names a group that it did not name when you signed in")
    }
}

/// Keys that a user signed in with, by the names of their credentials, as they are encrypted.
type BroughtKeys = BTreeMap<String, Option<String>>;

impl fmt::Debug for AuthorizationServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationServer").field("resource", &self.resource).finish_non_exhaustive()
    }
}

impl AuthorizationServer {
    /// The server that the operator configured.
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
            client_metadata: settings.client_metadata,
            client_credentials: settings.clients.iter().any(|client| client.client_credentials.is_some()),
        };
        let AuthServerDependencies { resource, store, keyring, clients, directory, brand, tools_behind, clock, random, .. } =
            parts;
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
            tools_behind,
            tokens: Tokens::default(),
            offers,
            access_ttl: settings.access_token_ttl,
            refresh_ttl: settings.refresh_token_ttl,
            session_ttl: settings.session_ttl,
            keys: settings.keys.iter().map(|(name, keys)| (name.clone(), Arc::new(keys.clone()))).collect(),
        }
    }

    /// The issuer of its tokens.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.resource.issuer
    }

    /// What its scopes are.
    pub(crate) fn definitions(&self) -> &ScopeDefinitions {
        &self.resource.definitions
    }

    /// A new token.
    pub(crate) fn new_token(&self, kind: Kind) -> Result<PlainToken, RandomFailed> {
        PlainToken::new(self.brand.tokens, kind, self.random)
    }

    /// A text that has the form of a token of this server.
    pub(crate) fn parse_token(&self, kind: Kind, text: &str) -> Option<PlainToken> {
        PlainToken::parse(self.brand.tokens, kind, text)
    }

    /// The client of this id: configured, published, or registered, in this order.
    pub(crate) async fn client(&self, id: &str, budget: FetchBudget) -> Result<Client, NotFound> {
        self.clients.find(id, &*self.store, (self.clock.timestamp(), budget)).await
    }

    /// The client that a direct request is from (RFC 6749, section 2.3; RFC 7523, section 2.2).
    pub(crate) async fn authenticate(&self, parameters: &Parameters, budget: FetchBudget) -> Result<Client, OAuthError> {
        self.clients.authenticate(parameters, &*self.store, (self.clock.timestamp(), budget)).await
    }

    /// What can be granted at most.
    pub(crate) fn ceiling(&self) -> Scopes {
        self.resource.scopes
    }

    /// What a user of the identity provider may do at most, as the rules and the API say now.
    pub(crate) async fn member_scopes(&self, access: &Access, user: &User) -> Result<Scopes, GrantError> {
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
            _ => refused(match membership {
                Some(Membership::Left) => format!("`{name}` is leaving or has left the organization in {product}"),
                Some(Membership::Unknown) => format!("`{name}` is not a member of {product}"),
                Some(Membership::Member { role }) => format!("the role `{role}` of `{name}` in {product} allows nothing here"),
                None => format!("the access rule for `{name}` allows nothing here"),
            }),
        }
    }

    /// What the organization is called that a user of the identity provider works with; nothing when the API does not say.
    pub(crate) async fn organization(&self, access: &Access, user: &User) -> String {
        let keys = access.rule(user).ok().flatten().and_then(|rule| self.keys.get(&rule.key));
        let Some(keys) = keys.filter(|keys| !keys.is_empty()) else { return String::new() };
        match self.directory.organization(keys).await {
            Ok(organization) => organization.name,
            Err(error) => {
                log::error(&error);
                String::new()
            }
        }
    }

    /// What a grant allows at most at its next refresh; asks the API where roles are heeded.
    pub(crate) async fn renew(&self, grant: &Grant) -> Result<Scopes, GrantError> {
        match (&grant.key_source, &self.sign_in) {
            (ApiKeySource::Identity, SignIn::Oidc(_, access)) => self.member_scopes(access, &grant.user).await,
            _ => self.keys_of(grant).map(|(_, ceiling)| ceiling),
        }
    }

    /// The keys of the API behind a grant, and what they are good for here.
    pub(crate) fn keys_of(&self, grant: &Grant) -> Result<(Arc<Keys>, Scopes), GrantError> {
        let refused = |why: &str| GrantError::Refused(why.to_owned());
        match (&grant.key_source, &self.sign_in) {
            (ApiKeySource::User(encrypted), SignIn::Keys(_)) => {
                let keys = self.decrypt(&grant_row(&grant.id), encrypted).map_err(|error| match error {
                    keyring::Error::UnknownKey => {
                        GrantError::Outdated("the encryption key of this connection is not configured here")
                    }
                    error => GrantError::Refused(error.to_string()),
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
            _ => Err(refused("users sign in in another way now")),
        }
    }

    fn named(&self, name: &str) -> Option<Arc<Keys>> {
        self.keys.get(name).cloned()
    }

    fn decrypt(&self, row: &str, encrypted: &EncryptedKey) -> Result<Keys, keyring::Error> {
        let plain = self.keyring.decrypt(row, encrypted)?;
        let brought: BroughtKeys = serde_json::from_slice(&plain).map_err(|_| keyring::Error::Broken)?;
        let keys = brought.into_iter().filter_map(|(name, key)| Some((name, Key::new(&key?)?)));
        Ok(keys.collect())
    }

    /// Encrypts keys that a user brought, for the session of this cookie.
    pub(crate) fn encrypt_for_session(
        &self,
        cookie: &PlainToken,
        brought: &[(String, String)],
    ) -> Result<EncryptedKey, OAuthError> {
        let brought: BroughtKeys = brought.iter().map(|(name, key)| (name.clone(), Some(key.clone()))).collect();
        let plain = serde_json::to_vec(&brought).map_err(|_| OAuthError::Broken)?;
        self.keyring.encrypt(&session_row(cookie), &plain).map_err(|error| broken(&error))
    }

    /// Encrypts a session's keys for a grant.
    pub(crate) fn encrypt_for_grant(
        &self,
        cookie: &PlainToken,
        encrypted: &EncryptedKey,
        grant_id: &str,
    ) -> Result<EncryptedKey, OAuthError> {
        let plain = self.keyring.decrypt(&session_row(cookie), encrypted).map_err(|error| broken(&error))?;
        self.keyring.encrypt(&grant_row(grant_id), &plain).map_err(|error| broken(&error))
    }

    /// Whether it is known which access rule is for a user.
    pub(crate) fn knows(&self, user: &User) -> bool {
        match &self.sign_in {
            SignIn::Oidc(_, access) => access.rule(user).is_ok(),
            SignIn::Keys(_) => true,
        }
    }

    /// Whether a session's keys can be had.
    pub(crate) fn can_decrypt(&self, cookie: &PlainToken, encrypted: &EncryptedKey) -> bool {
        self.decrypt(&session_row(cookie), encrypted).is_ok()
    }

    /// What can be granted at most with a session's keys: nothing that needs a key which the user did not bring.
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

/// The name that a grant's key is encrypted for.
pub fn grant_row(id: &str) -> String {
    format!("grants {id}")
}

/// The name that a session's key is encrypted for.
fn session_row(cookie: &PlainToken) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    format!("sessions {}", BASE64_URL_SAFE_NO_PAD.encode(cookie.hash().as_bytes()))
}
