//! What makers of assistants publish, and what their assistants sign.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use axum::{
    Router,
    http::{HeaderMap, StatusCode, Uri, header},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, JwkSet},
};
use mcp_http::json::Json;
use mcp_oauth_server::fetch::{Fetch, Limits};
use serde_json::{Value, json};

use crate::support::untrusted_host::{INTERNET, UntrustedHost};

/// The site of a maker of assistants.
pub(crate) struct Site {
    /// Its name, and the port that it has here.
    pub(crate) origin: String,
    /// What finds it there.
    pub(crate) fetch: Fetch,
}

impl Site {
    /// A site of this name, with what `documents` makes of its origin: paths and what is there.
    pub(crate) async fn start(
        name: &str,
        documents: impl Fn(&str) -> Vec<(&'static str, Value)> + Clone + Send + Sync + 'static,
    ) -> Self {
        let router = Router::new().fallback(async move |headers: HeaderMap, uri: Uri| {
            let origin = format!("https://{}", headers[header::HOST].to_str().expect("it is ASCII"));
            let found = documents(&origin).into_iter().find(|(path, _)| *path == uri.path());
            found.map(|(_, document)| Json(document)).ok_or(StatusCode::NOT_FOUND)
        });
        let UntrustedHost { port, fetch } =
            UntrustedHost::start_within(router, &[(name, &[INTERNET])], Limits::UNTRUSTED.total).await;
        Self { origin: format!("https://{name}:{port}"), fetch }
    }
}

/// One who signs, with RS256.
pub(crate) struct Signer {
    key: EncodingKey,
    kid: &'static str,
}

impl Signer {
    pub(crate) fn new(kid: &'static str) -> Self {
        let pair = KeyPair::generate(KeySize::Rsa2048).expect("a key is made");
        let der: Pkcs8V1Der<'_> = pair.as_der().expect("it is written");
        let text = BASE64_STANDARD.encode(der.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        Self { key: EncodingKey::from_rsa_pem(pem.as_bytes()).expect("it is a key"), kid }
    }

    /// The public keys.
    pub(crate) fn set(&self) -> JwkSet {
        let mut key = Jwk::from_encoding_key(&self.key, Algorithm::RS256).expect("it has a public half");
        key.common.key_id = Some(self.kid.to_owned());
        JwkSet { keys: vec![key] }
    }

    /// The form fields that prove that a client asks: a new assertion for `audience`, with these claims changed.
    pub(crate) fn proof(&self, client_id: &str, audience: &str, now: i64, changes: &Value) -> [(&'static str, String); 2] {
        let id = format!("{:x}", fastrand::u128(..));
        let mut claims = json!({ "iss": client_id, "sub": client_id, "aud": audience, "iat": now, "exp": now + 300, "jti": id });
        for (name, value) in changes.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.kid.to_owned());
        let assertion = jsonwebtoken::encode(&header, &claims, &self.key).expect("it is signed");
        let type_ = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned();
        [("client_assertion_type", type_), ("client_assertion", assertion)]
    }
}

/// Fields as a form takes them.
pub(crate) fn borrowed<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
}
