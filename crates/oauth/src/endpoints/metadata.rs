//! The metadata of the authorization server (RFC 8414, OpenID Connect Discovery 1.0).
//!
//! Invariants: the issuer is the public URL, byte for byte the same everywhere.

use serde_json::{Value, json};

use crate::{
    clients::assertion::ALGORITHMS,
    paths::{AUTHORIZE, JWKS, REGISTER, REVOKE, TOKEN},
    server::AuthServerFeatures,
};

#[cfg(test)]
mod tests;

/// The metadata of the authorization server (RFC 8414, section 2). `client_metadata`: whether a `client_id` may be the URL of the client's
/// metadata document.
#[must_use]
pub fn server(issuer: &str, mut scopes: Vec<&str>, offers: AuthServerFeatures, client_metadata: bool) -> Value {
    let at = |path: &str| format!("{issuer}{path}");
    let mut grants = vec!["authorization_code", "refresh_token"];
    if offers.client_credentials {
        grants.push("client_credentials");
    }
    scopes.push("offline_access");
    let methods = ["none", "private_key_jwt"];
    let mut metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": at(AUTHORIZE),
        "token_endpoint": at(TOKEN),
        "revocation_endpoint": at(REVOKE),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": grants,
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "authorization_response_iss_parameter_supported": true,
        "client_id_metadata_document_supported": client_metadata,
    });
    if let Some(metadata) = metadata.as_object_mut().filter(|_| offers.registration) {
        metadata.insert("registration_endpoint".to_owned(), at(REGISTER).into());
    }
    metadata
}

/// The same metadata with the members that OpenID Connect Discovery requires (section 3), because some clients check for them.
/// No ID tokens are issued, so the key set is empty.
#[must_use]
pub fn openid(server: &Value) -> Value {
    let mut metadata = server.clone();
    if let Some((metadata, issuer)) = metadata.as_object_mut().zip(server.get("issuer").and_then(Value::as_str)) {
        metadata.insert("jwks_uri".to_owned(), format!("{issuer}{JWKS}").into());
        metadata.insert("subject_types_supported".to_owned(), json!(["public"]));
        // the list must contain `RS256`
        metadata.insert("id_token_signing_alg_values_supported".to_owned(), json!(["RS256"]));
    }
    metadata
}

/// The empty key set.
#[must_use]
pub fn jwks() -> Value {
    json!({ "keys": [] })
}
