//! The lookup of a client by its `client_id`, and its authentication.

use std::collections::HashMap;

use axum::http::HeaderMap;
use mcp_http::clock::Timestamp;

use crate::{
    clients::{
        assertion::{self, Assertions},
        basic,
        client::{Authentication, Client, Origin},
        client_metadata::Metadata,
        metadata_document::{self, Documents},
    },
    error::OAuthError,
    fetch::FetchBudget,
    parameters::{Parameters, RepeatedParameter},
    store::{self, Store},
    write_permits::WritePermits,
};

/// The sources of clients.
#[derive(Debug)]
pub struct Clients {
    configured: HashMap<String, Client>,
    documents: Option<Documents>,
    assertions: Assertions,
}

/// Why no client was found.
#[derive(Debug, thiserror::Error)]
pub enum ClientLookupError {
    /// No client has this ID.
    #[error("the client is not known here; it has to register again")]
    Unknown,
    /// The client's metadata document cannot be used.
    #[error(transparent)]
    Document(#[from] metadata_document::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Clients {
    /// The clients that the operator configured and, with `documents`, those that publish their metadata.
    #[must_use]
    pub fn new(configured: &[Client], documents: Option<Documents>, assertions: Assertions) -> Self {
        let configured = configured.iter().map(|client| (client.id.clone(), client.clone())).collect();
        Self { configured, documents, assertions }
    }

    /// The documents of clients that publish their metadata, as far as they were fetched.
    pub(crate) fn documents(&self) -> Option<&Documents> {
        self.documents.as_ref()
    }

    /// What verifies the assertions of clients, with the keys that were fetched.
    pub(crate) fn assertions(&self) -> &Assertions {
        &self.assertions
    }

    /// Returns a client that the operator configured.
    #[must_use]
    pub fn configured(&self, id: &str) -> Option<&Client> {
        self.configured.get(id)
    }
}

impl Clients {
    /// Finds the client with this ID: configured, then published, then registered.
    pub(crate) async fn find(
        &self,
        id: &str,
        store: &dyn Store,
        (now, budget): (Timestamp, FetchBudget),
    ) -> Result<Client, ClientLookupError> {
        if let Some(client) = self.configured(id) {
            return Ok(client.clone());
        }
        if let Some(documents) = self.documents.as_ref().filter(|_| metadata_document::is_url(id)) {
            return Ok(documents.client(id, budget).await?);
        }
        let registration = store.registration(id, now).await?.ok_or(ClientLookupError::Unknown)?;
        let metadata = Metadata::parse(registration.metadata.as_bytes()).map_err(|_| ClientLookupError::Unknown)?;
        Ok(metadata.client(registration.id, Origin::Registered))
    }

    /// Keeps what is known of a client that a user has allowed something: its metadata document, and its keys.
    pub(crate) async fn keep(&self, client: &Client, user: &str) {
        if let (Origin::Document, Some(documents)) = (client.origin, &self.documents) {
            documents.keep(&client.id, user).await;
        }
        self.assertions.keep(client, user).await;
    }

    /// Authenticates the client of a direct request (RFC 6749, section 2.3; RFC 7523, section 2.2).
    pub(crate) async fn authenticate(
        &self,
        (headers, parameters): (&HeaderMap, &Parameters),
        (store, writes): (&dyn Store, &WritePermits),
        at: (Timestamp, FetchBudget),
    ) -> Result<Client, OAuthError> {
        let assertion = parameters.one("client_assertion")?;
        let of_header = basic::client_id(headers)?;
        let id = match (parameters.one("client_id")?.map(str::to_owned).or_else(|| of_header.clone()), assertion) {
            (Some(id), _) => id,
            (None, Some(assertion)) => assertion::unverified_client_id(assertion).ok_or_else(no_client)?,
            (None, None) => return Err(no_client()),
        };
        if of_header.is_some_and(|other| other != id) {
            let text = "`Authorization` and the body name different clients; send `client_id` in the body alone";
            return Err(OAuthError::InvalidRequest(text.to_owned()));
        }
        let client = self.find(&id, store, at).await.map_err(OAuthError::from)?;
        if !matches!(client.authentication, Authentication::PrivateKeyJwt(_)) {
            return Ok(client);
        }
        let missing =
            || OAuthError::InvalidClient("this client signs its requests: send `client_assertion` (RFC 7523)".to_owned());
        let assertion = assertion.ok_or_else(missing)?;
        let type_ = parameters.one("client_assertion_type")?.unwrap_or_default();
        self.assertions.verify(&client, type_, assertion, (store, writes), at).await?;
        Ok(client)
    }
}

fn no_client() -> OAuthError {
    OAuthError::InvalidRequest("`client_id` is missing".to_owned())
}

impl From<ClientLookupError> for OAuthError {
    fn from(error: ClientLookupError) -> Self {
        match error {
            ClientLookupError::Document(ref cause) if cause.is_transient() => Self::Unavailable(error.to_string(), 30),
            ClientLookupError::Document(_) | ClientLookupError::Unknown => Self::InvalidClient(error.to_string()),
            ClientLookupError::Store(error) => error.into(),
        }
    }
}

impl From<assertion::Error> for OAuthError {
    fn from(error: assertion::Error) -> Self {
        match error {
            assertion::Error::Invalid(_) => Self::InvalidClient(error.to_string()),
            assertion::Error::Keys(_) => Self::Unavailable(error.to_string(), 30),
            assertion::Error::Store(error) => error.into(),
            assertion::Error::Writes(error) => error.into(),
        }
    }
}

impl From<RepeatedParameter> for OAuthError {
    fn from(repeated: RepeatedParameter) -> Self {
        Self::InvalidRequest(repeated.to_string())
    }
}
