//! From settings to an authorization server that is ready to answer.
//!
//! Invariant: what is wrong is found here, before the first request: a store that cannot be opened, an encryption key that is not the
//! store's.

use std::{
    collections::HashMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use mcp_http::{
    clock::Clock,
    log,
    protected_resource::ProtectedResource,
    scope::Scope,
    token::{Random, RandomFailed},
};
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::{
    brand::Brand,
    browser::sign_in::CALLBACK,
    clients::{assertion::Assertions, lookup::Clients, metadata_document::Documents},
    directory::Directory,
    endpoints::register::MOST_UNUSED,
    fetch::{Fetch, Limits},
    identity::oidc::Provider,
    jose::Jwks,
    keyring::{self, EncryptedKey, Keyring, KeyringSource},
    paths::TOKEN,
    server::{AuthServerDependencies, AuthorizationServer, grant_row},
    settings::{Embedded, SignIn},
    store::{self, Store},
};

/// How often what is void is forgotten.
const CLEANING: Duration = Duration::from_mins(10);
/// The name under which the store keeps what tells its encryption key.
const KEY_CHECK: &str = "seal check";

/// Why an authorization server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The encryption keys.
    #[error("the encryption key cannot be used: {0}; see `encryption` in the configuration")]
    Keyring(#[from] keyring::Error),
    /// The store's keys were encrypted with another key.
    #[error("this store was encrypted with another key; configure that one, too, after the new one, or start with a new store")]
    WrongEncryptionKey,
    /// The file of the encryption key.
    #[error("the encryption key's file `{}` cannot be {what}: {source}", path.display())]
    EncryptionKeyFile {
        /// The file.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] RandomFailed),
    /// The HTTP client.
    #[error("the http client cannot be set up: {0}")]
    Http(#[from] reqwest::Error),
}

/// What an authorization server stands on, besides its settings.
pub struct StartDependencies {
    /// The resource that its tokens are for; its issuer is the URL of this server.
    pub resource: ProtectedResource,
    /// The API's records of keys and users.
    pub directory: Arc<dyn Directory>,
    /// What the server is called.
    pub brand: Brand,
    /// How many tools each scope opens that the ones before do not.
    pub tools_behind: HashMap<Scope, usize>,
    /// Fetches what clients publish about themselves.
    pub untrusted: Fetch,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
}

/// Opens the store, and starts an authorization server that forgets what is void until `stop`.
///
/// # Errors
/// Whatever would keep it from answering.
pub async fn start(
    settings: &Embedded,
    on: StartDependencies,
    stop: CancellationToken,
) -> Result<Arc<AuthorizationServer>, StartError> {
    let StartDependencies { resource, directory, brand, tools_behind, untrusted, clock, random } = on;
    let origin = resource.issuer.clone();
    let store = store::open(&settings.store, resource.definitions.clone()).await?;
    let keyring = open_keyring(&settings.keyring, brand.server, random)?;
    check_keyring(&keyring, &*store).await?;
    reencrypt(&keyring, &*store).await?;
    let provider = match &settings.sign_in {
        SignIn::Keys(_) => None,
        SignIn::Oidc(oidc, _) => Some(Provider::new(oidc, &format!("{origin}{CALLBACK}"), clock.clone())?),
    };
    let documents = settings.client_metadata.then(|| Documents::new(untrusted.clone(), clock.clone()));
    let jwks = |fetch| Jwks::new(fetch, clock.clone());
    let operator = Fetch::for_operator(Limits::OPERATOR)?;
    let assertions = Assertions::new(jwks(untrusted), jwks(operator), origin.clone(), format!("{origin}{TOKEN}"));
    let clients = Clients::new(&settings.clients, documents, assertions);
    let parts =
        AuthServerDependencies { resource, store, keyring, clients, provider, directory, brand, tools_behind, clock, random };
    let server = Arc::new(AuthorizationServer::new(settings, parts));
    tokio::spawn(stop.run_until_cancelled_owned(clean(Arc::clone(&server))));
    Ok(server)
}

/// The encryption keys: as configured, or from a file, which is made if it is not there.
fn open_keyring(from: &KeyringSource, server: &str, random: Random) -> Result<Keyring, StartError> {
    match from {
        KeyringSource::Keys(keys) => Ok(Keyring::parse(keys.expose(), server)?),
        KeyringSource::File(path) => {
            let failed = |what| move |source| StartError::EncryptionKeyFile { path: path.clone(), what, source };
            match create(path, &Keyring::new_key(random)?) {
                Ok(()) => {
                    tracing::info!(path = %path.display(), "made an encryption key; keep a copy of it, without it stored keys are lost");
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed("made")(error)),
            }
            Ok(Keyring::parse(&fs::read_to_string(path).map_err(failed("read"))?, server)?)
        }
    }
}

/// Makes a file that only its owner can read, unless there is one.
fn create(path: &Path, text: &str) -> io::Result<()> {
    if path.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    // written beside it and linked, so that nobody ever reads half a key
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(draft, "{text}")?;
    draft.as_file().sync_all()?;
    draft.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}

/// Whether the store's keys can be opened with these encryption keys.
async fn check_keyring(keyring: &Keyring, store: &dyn Store) -> Result<(), StartError> {
    let ours = keyring.encrypt(KEY_CHECK, b"checked")?;
    let kept = EncryptedKey::from_bytes(store.get_or_insert(KEY_CHECK, ours.as_bytes()).await?);
    keyring.decrypt(KEY_CHECK, &kept).map_err(|_| StartError::WrongEncryptionKey)?;
    if !keyring.is_current(&kept) {
        store.compare_and_swap(KEY_CHECK, kept.as_bytes(), ours.as_bytes()).await?;
    }
    Ok(())
}

/// Encrypts with the first key what was encrypted with another, so that the other can be taken away.
async fn reencrypt(keyring: &Keyring, store: &dyn Store) -> Result<(), StartError> {
    let (mut after, mut reencrypted) = (String::new(), 0);
    loop {
        let some = store.encrypted(&after).await?;
        let Some((last, _)) = some.last() else { break };
        after.clone_from(last);
        for (id, old) in some.iter().filter(|(_, encrypted)| !keyring.is_current(encrypted)) {
            let row = grant_row(id);
            match keyring.decrypt(&row, old) {
                Ok(plain) => {
                    store.reencrypt(id, old, &keyring.encrypt(&row, &plain)?).await?;
                    reencrypted += 1;
                }
                Err(error) => {
                    tracing::warn!(connection = id, %error, "a stored key cannot be opened; its user has to connect again, unless its encryption key is given back");
                }
            }
        }
    }
    if reencrypted > 0 {
        tracing::info!(reencrypted, "stored keys are encrypted with the first encryption key now");
    }
    Ok(())
}

/// Forgets what is void, from time to time.
async fn clean(server: Arc<AuthorizationServer>) {
    let mut turn = time::interval(CLEANING);
    loop {
        turn.tick().await;
        match server.store.clean(server.clock.timestamp(), MOST_UNUSED).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "forgot what is void"),
            Err(error) => log::error(&error),
        }
    }
}
