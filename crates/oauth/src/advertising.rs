//! Whether the server's metadata says that a `client_id` may be a URL: only while documents can be fetched from here.
//!
//! A client that reads so names itself by the URL of its metadata, and cannot be signed in to if that cannot be fetched, as behind a
//! firewall. If the metadata does not say so, the client registers itself. So some documents are fetched at the start, in the background,
//! and again at growing intervals until that succeeds. Documents that the operator keeps in files need no fetch.

use std::{sync::Arc, time::Duration};

use mcp_http::token::Random;
use tokio::{sync::watch, time};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    clients::{client::Client, metadata_document::Documents},
    settings::{ClientMetadata, Embedded},
};

#[cfg(test)]
mod tests;

/// The first pause after an attempt that failed, and the longest: each is twice the one before, and up to a quarter longer, so that
/// replicas do not try at the same moment.
const FIRST_PAUSE: Duration = Duration::from_mins(1);
const MAX_PAUSE: Duration = Duration::from_mins(30);

/// What is known of the documents that decide.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// Nothing is to be said of documents.
    Hidden,
    /// They are being fetched.
    Unknown,
    /// One of them cannot be fetched.
    Failing(String),
    /// All of them have been fetched.
    Works,
}

/// Whether client metadata documents are advertised.
#[derive(Debug)]
pub(crate) struct Advertising {
    settings: ClientMetadata,
    /// The documents that decide.
    probe: Vec<String>,
    /// Whether clients cannot do without.
    is_only_way: bool,
    state: Arc<watch::Sender<State>>,
    _attempts: Option<AbortOnDropHandle<()>>,
}

impl Advertising {
    /// Begins to fetch the documents that decide, if there are any. What a running server found of the same ones is taken over.
    pub(crate) fn start(settings: &Embedded, documents: Option<&Documents>, random: Random, running: Option<&Self>) -> Self {
        let is_pinned = |id: &String| settings.clients.iter().any(|client: &Client| client.id == *id);
        let probe: Vec<String> = match &settings.client_metadata {
            ClientMetadata::Advertised { probe } => probe.iter().filter(|id| !is_pinned(id)).cloned().collect(),
            _ => Vec::new(),
        };
        let is_same = |running: &&Self| running.settings == settings.client_metadata && running.probe == probe;
        let known = running.filter(is_same).map(|running| running.state.borrow().clone());
        let state = match (&settings.client_metadata, known) {
            (ClientMetadata::Advertised { .. }, _) if probe.is_empty() => State::Works,
            (ClientMetadata::Advertised { .. }, Some(known)) => known,
            (ClientMetadata::Advertised { .. }, None) => State::Unknown,
            (ClientMetadata::Refused | ClientMetadata::Accepted, _) => State::Hidden,
        };
        let is_open = matches!(state, State::Unknown | State::Failing(_));
        let state = Arc::new(watch::Sender::new(state));
        let attempts = documents.filter(|_| is_open).map(|documents| {
            let (documents, ids, state) = (documents.clone(), Arc::<[String]>::from(probe.as_slice()), Arc::clone(&state));
            let attempt = move || fetch_all(documents.clone(), Arc::clone(&ids));
            AbortOnDropHandle::new(tokio::spawn(try_until_it_works(attempt, random, state)))
        });
        Self {
            settings: settings.client_metadata.clone(),
            probe,
            is_only_way: !settings.registration,
            state,
            _attempts: attempts,
        }
    }

    /// Whether the server's metadata says that a `client_id` may be a URL.
    pub(crate) fn is_advertised(&self) -> bool {
        match *self.state.borrow() {
            State::Hidden => false,
            State::Unknown | State::Failing(_) => self.is_only_way,
            State::Works => true,
        }
    }

    /// What whoever runs the server should know, in words that anybody may read.
    pub(crate) fn note(&self) -> Option<String> {
        match &*self.state.borrow() {
            State::Failing(host) => Some(format!(
                "client metadata documents cannot be fetched from `{host}`{}; the log has the cause",
                if self.is_only_way { "" } else { " and are not advertised, so clients register themselves" }
            )),
            _ => None,
        }
    }
}

/// Why a document cannot be fetched.
struct Failed {
    url: String,
    why: String,
}

/// Makes attempts to fetch the documents until one succeeds.
async fn try_until_it_works<F>(attempt: impl Fn() -> F, random: Random, state: Arc<watch::Sender<State>>)
where
    F: Future<Output = Result<(), Failed>>,
{
    let mut pause = FIRST_PAUSE;
    let mut has_failed = matches!(*state.borrow(), State::Failing(_));
    while let Err(Failed { url, why }) = attempt().await {
        if !has_failed {
            tracing::warn!(
                url,
                why,
                "client metadata documents cannot be fetched; until they can, they are not advertised, and clients register themselves, \
                 if they may; let this server reach that host, name a proxy in `HTTPS_PROXY`, or keep the documents in files \
                 (`metadata_file` of `[[clients]]`); `auth.client_metadata.probe` says which are tried"
            );
            has_failed = true;
        }
        state.send_replace(State::Failing(url.split('/').nth(2).unwrap_or_default().to_owned()));
        let fraction = random.bytes::<1>().map_or(0.5, |[byte]| f64::from(byte) / 255.0);
        time::sleep(pause + pause.mul_f64(fraction / 4.0)).await;
        pause = MAX_PAUSE.min(2 * pause);
    }
    if has_failed {
        tracing::info!("client metadata documents can be fetched now, and are advertised");
    }
    state.send_replace(State::Works);
}

/// Fetches all documents, one after the other, until one cannot be.
async fn fetch_all(documents: Documents, ids: Arc<[String]>) -> Result<(), Failed> {
    for id in ids.iter() {
        documents.probe(id).await.map_err(|error| Failed { url: id.clone(), why: error.to_string() })?;
    }
    Ok(())
}
