//! Asks the petstore whether a key is valid.

use async_trait::async_trait;
use mcp_http::caller::{Key, Keys};
use mcp_oauth_server::directory::{Directory, DirectoryError, Membership, Organization};
use reqwest::{Client, StatusCode, Url, header::AUTHORIZATION};

/// The name of the security scheme in the document.
pub(crate) const PETSTORE_KEY: &str = "petstoreKey";

/// A client of the petstore that checks keys.
#[derive(Debug)]
pub(crate) struct Shop {
    api: Url,
    http: Client,
}

impl Shop {
    pub(crate) fn new(api: Url) -> Self {
        Self { api, http: Client::new() }
    }

    async fn shop(&self, key: &Key) -> Result<Organization, DirectoryError> {
        let unavailable = |error: reqwest::Error| DirectoryError::Unavailable(format!("the petstore does not answer: {error}"));
        let url = format!("{}/shop", self.api.as_str().trim_end_matches('/'));
        let response = self.http.get(url).header(AUTHORIZATION, key.bearer()).send().await.map_err(unavailable)?;
        if response.status() == StatusCode::UNAUTHORIZED {
            return Err(DirectoryError::Refused("the petstore does not know this key".to_owned()));
        }
        let shop: serde_json::Value = response.error_for_status().map_err(unavailable)?.json().await.map_err(unavailable)?;
        let text = |name: &str| shop.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        Ok(Organization { id: text("id"), name: text("name") })
    }
}

#[async_trait]
impl Directory for Shop {
    async fn organization(&self, keys: &Keys) -> Result<Organization, DirectoryError> {
        match keys.get(PETSTORE_KEY) {
            Some(key) => self.shop(key).await,
            None => Err(DirectoryError::Refused("there is no key to ask with".to_owned())),
        }
    }

    async fn accepts(&self, _: &str, key: &Key) -> Result<(), DirectoryError> {
        self.shop(key).await.map(drop)
    }

    /// Never called, because nobody signs in here with an identity provider.
    async fn membership(&self, _: &Keys, _: &str) -> Result<Membership, DirectoryError> {
        Ok(Membership::Unknown)
    }
}
