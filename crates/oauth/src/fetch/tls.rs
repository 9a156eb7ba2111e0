//! TLS with untrusted hosts: the system's certificates decide, and the chain that a host sends is short.
//!
//! Invariant: no chain costs more than a few milliseconds. A search for a path through many certificates of the same name takes most
//! of a second, and any host may send some hundreds.

use std::sync::Arc;

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use rustls_platform_verifier::Verifier;

/// How many certificates a host may send besides its own. Public authorities need one to three.
const MAX_INTERMEDIATES: usize = 5;

/// The configuration for untrusted hosts. `roots` are trusted in addition to the system's certificates.
pub(super) fn config(roots: Vec<CertificateDer<'static>>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let has_roots = !roots.is_empty();
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider));
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let verifier = match verifier {
        Ok(verifier) => verifier,
        // without certificate authorities no host is trusted, and the rest of the program works
        Err(_) if !has_roots => return Ok(config.with_root_certificates(RootCertStore::empty()).with_no_client_auth()),
        Err(error) => return Err(error),
    };
    Ok(config.dangerous().with_custom_certificate_verifier(Arc::new(ShortChains(verifier))).with_no_client_auth())
}

/// The system's verifier, which is only asked about short chains.
#[derive(Debug)]
struct ShortChains(Verifier);

impl ServerCertVerifier for ShortChains {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if intermediates.len() > MAX_INTERMEDIATES {
            return Err(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        }
        self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
