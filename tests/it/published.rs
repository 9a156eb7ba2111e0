//! What makers of assistants publish, served over TLS on this machine, and what they sign.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use axum::{Json, Router, routing::get, serve::Listener};
use base64::{Engine, prelude::BASE64_STANDARD};
use jsonwebtoken::{
    Algorithm, EncodingKey, Header,
    jwk::{Jwk, JwkSet},
};
use reqwest::Certificate;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs::default_provider,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
    server::TlsStream,
};
use torii_mcp::{
    fetch::{Fetch, Limits},
    public::Names,
};

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Every name leads to this machine, and nothing else may be reached.
#[derive(Debug)]
struct Here;

#[async_trait]
impl Names for Here {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec![LOCALHOST])
    }

    fn may_reach(&self, ip: IpAddr) -> bool {
        ip == LOCALHOST
    }
}

struct Tls(TcpListener, TlsAcceptor);

impl Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, address)) = self.0.accept().await else { continue };
            if let Ok(stream) = self.1.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

/// The site of a maker of assistants.
pub(crate) struct Site {
    /// Its name, and the port that it has here.
    pub(crate) origin: String,
    /// What finds it there.
    pub(crate) fetch: Fetch,
}

impl Site {
    /// A site of this name, with what `documents` makes of its origin: paths and what is there.
    pub(crate) async fn start(name: &str, documents: impl FnOnce(&str) -> Vec<(&'static str, Value)>) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).expect("a certificate is made");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key))
            .expect("the certificate is good");
        let listener = TcpListener::bind((LOCALHOST, 0)).await.expect("a port is free");
        let origin = format!("https://{name}:{}", listener.local_addr().expect("it listens").port());
        let router = documents(&origin)
            .into_iter()
            .fold(Router::new(), |router, (path, document)| router.route(path, get(async || Json(document))));
        let tls = Tls(listener, TlsAcceptor::from(Arc::new(config)));
        tokio::spawn(async move { axum::serve(tls, router).await });
        let root = Certificate::from_der(made.cert.der()).expect("it is a certificate");
        let fetch = Fetch::for_strangers(Arc::new(Here), vec![root], Limits::STRANGER).expect("a client is made");
        Self { origin, fetch }
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
    pub(crate) fn proof(&self, client_id: &str, audience: &str, now: i64, changes: Value) -> [(&'static str, String); 2] {
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
