//! The keys of the API: what the sign-in page asks for, and whether the API accepts it.

use std::time::Duration;

use async_trait::async_trait;
use mcp_http::{
    caller::{Key, Keys},
    web_page::WebPage,
};
use mcp_oauth_server::{
    brand::KeyField,
    directory::{Directory, DirectoryError, Membership, Organization},
};
use openapi_mcp::{
    catalog::{Catalog, CredentialDefinition, Method, Tool},
    upstream::credential_header,
};
use reqwest::{Client, StatusCode, Url};
use serde_json::Value;

/// The path of an operation that is called to find out whether a key is valid: one without parameters, which every user may call
/// and nobody without a key. `None` accepts every key, and the API refuses the calls with a wrong one.
const CHECK: Option<&str> = Some("/shop");
/// How long the API may take to respond.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The fields of the sign-in page, one for each key that tools need. Everybody needs the first key.
pub(crate) fn fields(catalog: &Catalog) -> Vec<KeyField> {
    let is_needed = |name: &str| catalog.tools().iter().any(|tool| tool.credential.as_ref().is_some_and(|key| key.name == name));
    let product = &catalog.product().name;
    let needed = catalog.credentials().iter().filter(|credential| is_needed(&credential.name));
    let field = |(index, credential): (usize, &CredentialDefinition)| KeyField {
        opens: (index > 0).then(|| format!("the tools that need the {}", credential.title)),
        ..KeyField::new(
            &credential.name,
            &credential.title,
            &credential.description,
            &format!("{product} does not accept this key. Check that you copied all of it."),
        )
    };
    needed.enumerate().map(field).collect()
}

/// A client of the API that checks keys.
#[derive(Debug)]
pub(crate) struct Api {
    url: Url,
    catalog: &'static Catalog,
    http: Client,
}

impl Api {
    pub(crate) fn new(url: Url, catalog: &'static Catalog) -> Self {
        Self { url, catalog, http: Client::new() }
    }

    /// The credential whose keys [`CHECK`] tells about: that of its tool, or else the first. Of another, the API says nothing there.
    fn checked(&self) -> Option<&CredentialDefinition> {
        let is_check = |tool: &&Tool| tool.method == Method::Get && CHECK == Some(&*tool.path);
        let tool = self.catalog.tools().iter().find(is_check);
        tool.and_then(|tool| tool.credential.as_ref()).or_else(|| self.catalog.credentials().first())
    }

    /// The response to [`CHECK`] with this key; `None` if the key is not checked there, or the response has no body that says anything.
    async fn check(&self, credential: &str, key: &Key) -> Result<Option<Value>, DirectoryError> {
        let (Some(path), Some(definition)) = (CHECK, self.checked().filter(|checked| checked.name == credential)) else {
            return Ok(None);
        };
        let unavailable = |why: String| DirectoryError::Unavailable(format!("the API does not answer: {why}"));
        let url = format!("{}{path}", self.url.as_str().trim_end_matches('/'));
        let (name, value) = credential_header(&definition.scheme, key);
        let sent = self.http.get(url).header(name, value).timeout(TIMEOUT).send().await;
        let response = sent.map_err(|error| unavailable(error.without_url().to_string()))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.map_err(|error| unavailable(error.without_url().to_string()))?;
        if let Some(page) = WebPage::read(status, &headers, &body, || key.is_in(&body)) {
            return Err(DirectoryError::Intermediary(page.to_string()));
        }
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(DirectoryError::Refused("the API does not accept this key".to_owned()))
            }
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => Err(unavailable(status.to_string())),
            _ => Ok(serde_json::from_slice(&body).ok()),
        }
    }
}

#[async_trait]
impl Directory for Api {
    /// The organization is what [`CHECK`] returns as `id` and `name`, or else the API itself.
    async fn organization(&self, keys: &Keys) -> Result<Organization, DirectoryError> {
        let mut known = self.checked().into_iter().chain(self.catalog.credentials());
        let found = known.find_map(|credential| Some((&credential.name, keys.get(&credential.name)?)));
        let Some((name, key)) = found else {
            return Err(DirectoryError::Refused("there is no key to ask with".to_owned()));
        };
        let response = self.check(name, key).await?.unwrap_or_default();
        let member = |name: &str| match response.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let id = member("id").or_else(|| self.url.host_str().map(str::to_owned)).unwrap_or_default();
        Organization::new(id, &member("name").unwrap_or_else(|| self.catalog.product().name.clone()))
    }

    async fn accepts(&self, credential: &str, key: &Key) -> Result<(), DirectoryError> {
        self.check(credential, key).await.map(drop)
    }

    /// Never called, because nobody signs in here with an identity provider.
    async fn membership(&self, _: &Keys, _: &str) -> Result<Membership, DirectoryError> {
        Ok(Membership::Unknown)
    }
}
