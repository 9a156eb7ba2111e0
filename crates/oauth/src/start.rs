//! Starts an authorization server from its settings.
//!
//! Invariant: faults are found here, before the first request: a store that cannot be opened, or an encryption key other than
//! the store's.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use mcp_http::{
    clock::Clock,
    log,
    protected_resource::{ProtectedResource, ToolCounts},
    replicas::Replicas,
    token::{Random, RandomFailed},
};
use tokio::time;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    advertising::Advertising,
    brand::Brand,
    browser::sign_in::CALLBACK,
    clients::{assertion::Assertions, lookup::Clients, metadata_document::Documents},
    directory::Directory,
    endpoints::register::MAX_UNUSED,
    fetch::{Fetch, Limits},
    identity::oidc::Provider,
    jose::Jwks,
    keyring::{self, EncryptedKey, Keyring, KeyringSource},
    paths::TOKEN,
    server::{AuthServerDependencies, AuthorizationServer, grant_row},
    settings::{ClientMetadata, Embedded, SignIn},
    store::{self, Store, StoreAt},
};

mod check;
mod heartbeat;

pub use check::{StorePart, check_store};
use heartbeat::Heartbeat;

/// The interval of the store's cleanup.
const CLEANING: Duration = Duration::from_mins(10);
/// The name of the stored value by which the encryption key is checked.
const KEY_CHECK: &str = "seal check";

/// Why an authorization server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// An encryption key is invalid.
    #[error("the encryption key cannot be used: {0}; see `encryption` in the configuration")]
    Keyring(#[from] keyring::Error),
    /// The keys in the store were encrypted with another key.
    #[error("this store was encrypted with another key; configure that one, too, after the new one, or start with a new store")]
    WrongEncryptionKey,
    /// The store has keys, and the file of the key that they were encrypted with is missing.
    #[error(
        "the encryption key's file `{}` is missing, and this store was encrypted with that key; restore the file, or start with a new store",
        .0.display()
    )]
    MissingEncryptionKey(PathBuf),
    /// The file of the encryption key cannot be created or read.
    #[error("the encryption key's file `{}` cannot be {what}: {source}", path.display())]
    EncryptionKeyFile {
        /// The path of the file.
        path: PathBuf,
        /// The operation that failed.
        what: &'static str,
        /// The cause.
        source: io::Error,
    },
    /// The system provides no random bytes.
    #[error(transparent)]
    Random(#[from] RandomFailed),
    /// The HTTP client cannot be set up.
    #[error("the http client cannot be set up: {0}")]
    Http(#[from] reqwest::Error),
}

/// The parts of an authorization server that do not come from its settings.
pub struct StartDependencies {
    /// The resource that its tokens are for; its issuer is the URL of this server.
    pub resource: ProtectedResource,
    /// The API's lookup of keys and users.
    pub directory: Arc<dyn Directory>,
    /// The names that the server uses.
    pub brand: Brand,
    /// The numbers of tools for the consent page.
    pub tools_by_scope: ToolCounts,
    /// Fetches the documents that clients publish.
    pub untrusted: Fetch,
    /// Is told how many replicas run.
    pub replicas: Replicas,
    /// What runs in the background and must end in order. Whoever stops the server waits for it.
    pub tasks: TaskTracker,
    /// The clock.
    pub clock: Clock,
    /// The source of random bytes.
    pub random: Random,
}

/// Opens the store and starts an authorization server. Invalid rows are deleted regularly until `stop` is cancelled.
///
/// # Errors
/// Whatever would prevent the server from responding.
pub async fn start(
    settings: &Embedded,
    on: StartDependencies,
    stop: CancellationToken,
) -> Result<Arc<AuthorizationServer>, StartError> {
    let store = store::open(&settings.store, on.resource.definitions.clone()).await?;
    if let KeyringSource::File(path) = &settings.keyring
        && !path.exists()
        && store.get(KEY_CHECK).await?.is_some()
    {
        return Err(StartError::MissingEncryptionKey(path.clone()));
    }
    let keyring = open_keyring(&settings.keyring, on.brand.server, on.random)?;
    check_keyring(&keyring, &*store).await?;
    reencrypt(&keyring, &*store).await?;
    // with SQLite there is one server, which would count itself after it was killed and started again
    let heartbeat = match settings.store {
        StoreAt::Postgres(_) => Some(Heartbeat::new(Arc::clone(&store), on.random.id()?, on.replicas.clone())),
        StoreAt::Sqlite(_) => None,
    };
    let tasks = on.tasks.clone();
    let server = with_store(settings, on, store, Arc::new(keyring), None)?;
    tokio::spawn(stop.clone().run_until_cancelled_owned(clean(Arc::clone(&server))));
    if let Some(heartbeat) = heartbeat {
        heartbeat.start(stop, &tasks).await;
    }
    Ok(server)
}

/// Returns a server with other settings and the store and encryption keys of a running one, which are not opened again, and with what it
/// has fetched of clients. The running one may end the requests that it has begun.
///
/// # Errors
/// When the HTTP client cannot be set up.
pub fn reload(
    settings: &Embedded,
    on: StartDependencies,
    running: &AuthorizationServer,
) -> Result<Arc<AuthorizationServer>, StartError> {
    with_store(settings, on, Arc::clone(&running.store), Arc::clone(&running.keyring), Some(running))
}

fn with_store(
    settings: &Embedded,
    on: StartDependencies,
    store: Arc<dyn Store>,
    keyring: Arc<Keyring>,
    running: Option<&AuthorizationServer>,
) -> Result<Arc<AuthorizationServer>, StartError> {
    let StartDependencies { resource, directory, brand, tools_by_scope, untrusted, clock, random, .. } = on;
    let origin = resource.issuer.clone();
    let provider = match &settings.sign_in {
        SignIn::Keys(_) => None,
        SignIn::Oidc(oidc, _) => Some(Provider::new(oidc, &format!("{origin}{CALLBACK}"), clock.clone())?),
    };
    let new_documents = || Documents::new(untrusted.clone(), clock.clone());
    let documents = running.and_then(|running| running.clients.documents().cloned());
    let is_accepted = settings.client_metadata != ClientMetadata::Refused;
    let documents = is_accepted.then(|| documents.unwrap_or_else(new_documents));
    let running_advertising = running.map(|running| &running.advertising);
    let advertising = Advertising::start(settings, documents.as_ref(), random, running_advertising);
    let jwks = |fetch| Jwks::new(fetch, clock.clone());
    let operator = Fetch::for_operator(Limits::OPERATOR)?;
    let new_assertions = || Assertions::new(jwks(untrusted.clone()), jwks(operator), origin.clone(), format!("{origin}{TOKEN}"));
    let assertions = running.map_or_else(new_assertions, |running| running.clients.assertions().clone());
    let clients = Clients::new(&settings.clients, documents, assertions);
    let dependencies = AuthServerDependencies {
        resource,
        store,
        keyring,
        clients,
        advertising,
        provider,
        directory,
        brand,
        tools_by_scope,
        clock,
        random,
    };
    Ok(Arc::new(AuthorizationServer::new(settings, dependencies)))
}

/// The encryption keys, from the configuration or from a file, which is created if it does not exist.
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

/// Creates a file that only its owner can read. Fails with [`io::ErrorKind::AlreadyExists`] if it exists.
fn create(path: &Path, text: &str) -> io::Result<()> {
    if path.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    // written to a temporary file that is then linked, so that no process ever reads half a key
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(draft, "{text}")?;
    draft.as_file().sync_all()?;
    draft.persist_noclobber(path).map_err(|error| error.error)?;
    Ok(())
}

/// Checks that these encryption keys can decrypt the keys in the store.
async fn check_keyring(keyring: &Keyring, store: &dyn Store) -> Result<(), StartError> {
    let ours = keyring.encrypt(KEY_CHECK, b"checked")?;
    let kept = EncryptedKey::from_bytes(store.get_or_insert(KEY_CHECK, ours.as_bytes()).await?);
    keyring.decrypt(KEY_CHECK, &kept).map_err(|_| StartError::WrongEncryptionKey)?;
    if !keyring.is_current(&kept) {
        store.compare_and_swap(KEY_CHECK, kept.as_bytes(), ours.as_bytes()).await?;
    }
    Ok(())
}

/// Encrypts the stored keys that were encrypted with another key with the first one, so that the other key can be removed.
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
                    tracing::warn!(connection = id, %error, "a stored key cannot be decrypted; its user has to connect again, unless its encryption key is configured again");
                }
            }
        }
    }
    if reencrypted > 0 {
        tracing::info!(reencrypted, "stored keys are encrypted with the first encryption key now");
    }
    Ok(())
}

/// Deletes invalid rows of the store at regular intervals.
async fn clean(server: Arc<AuthorizationServer>) {
    let mut turn = time::interval(CLEANING);
    loop {
        turn.tick().await;
        match server.store.clean(server.clock.timestamp(), MAX_UNUSED).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "deleted invalid rows"),
            Err(error) => log::error(&error),
        }
    }
}
