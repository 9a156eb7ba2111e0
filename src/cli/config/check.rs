//! Tries what the configuration names: the store, the encryption key, the issuer, and the keys of Torii.

use std::time::Duration;

use mcp_http::{caller::Keys, clock::Clock, log::with_causes};
use mcp_oauth_server::{
    directory::Directory,
    identity::check_issuer,
    settings::{Embedded, SignIn},
    start::{StorePart, check_store},
};
use openapi_mcp::catalog::Catalog;
use reqwest::Url;

use crate::{
    config::settings::Auth,
    torii::{API_KEY, BRAND, SCIM_KEY, directory::Torii},
};

/// What does not work, each with the key of the configuration that it concerns.
pub(super) async fn problems(catalog: &Catalog, torii: &Url, auth: &Auth) -> Vec<String> {
    let (store, issuer, keys) = tokio::join!(store(catalog, auth), issuer(auth), keys(torii, auth));
    store.into_iter().chain(issuer).chain(keys).collect()
}

async fn store(catalog: &Catalog, auth: &Auth) -> Option<String> {
    let Auth::Embedded(embedded) = auth else { return None };
    let (part, error) = check_store(embedded, catalog.scopes().clone(), BRAND.server).await.err()?;
    let key = match part {
        StorePart::Store => "store",
        StorePart::EncryptionKeys => "encryption",
    };
    Some(format!("`{key}`: {}", with_causes(&error)))
}

async fn issuer(auth: &Auth) -> Option<String> {
    let (key, issuer, jwks) = match auth {
        Auth::Embedded(Embedded { sign_in: SignIn::Oidc(oidc, _), .. }) => ("auth.oidc.issuer", &oidc.issuer, None),
        Auth::External(external) => ("auth.external.issuer", &external.issuer, external.jwks_url.as_ref()),
        Auth::Embedded(_) | Auth::None(_) => return None,
    };
    let why = check_issuer(issuer, jwks).await.err()?;
    Some(format!("`{key}`: the issuer `{issuer}` cannot be used: {why}"))
}

async fn keys(torii: &Url, auth: &Auth) -> Vec<String> {
    let directory = match Torii::new(torii, Duration::ZERO, Clock::system()) {
        Ok(directory) => directory,
        Err(error) => return vec![format!("`torii.api_url`: {error}")],
    };
    let mut problems = Vec::new();
    for (section, keys) in named(auth) {
        for (credential, name) in [(API_KEY, if section == "torii" { "api_key" } else { "torii_key" }), (SCIM_KEY, "scim_key")] {
            let Some(key) = keys.get(credential) else { continue };
            if let Err(error) = directory.accepts(credential, key).await {
                problems.push(format!("`{section}.{name}`: {error}"));
            }
        }
    }
    problems
}

/// The keys of Torii that the configuration contains, with their sections.
fn named(auth: &Auth) -> Vec<(String, &Keys)> {
    let named = match auth {
        Auth::None(keys) => return vec![("torii".to_owned(), keys)],
        Auth::Embedded(embedded) => &embedded.keys,
        Auth::External(external) => &external.keys,
    };
    named.iter().map(|(name, keys)| (format!("keys.{name}"), keys)).collect()
}
