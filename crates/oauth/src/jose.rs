//! JSON Web Key Sets and the verification of signed tokens (RFC 7517, RFC 7519).
//!
//! Invariants:
//! - Only signatures with a private key are accepted: neither `none` nor a shared secret, whatever the token or the settings
//!   specify.
//! - A token never determines where its key is fetched (`jku`, `x5u` and `jwk` are not read).
//! - Keys are fetched again if a token names an unknown key, but not immediately again: after a minute for untrusted hosts,
//!   after ten seconds for URLs that the operator configured.
//! - Claims are available only after the signature was verified, except through [`Claims::unverified`].

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, Header, Validation,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse},
};
use mcp_http::clock::Clock;
use reqwest::Url;
use serde_json::Value;

use crate::fetch::{self, Cache, Fetch, FetchBudget, Fetched, MemorySize};

mod claims;

pub use claims::{Claims, TimeError};

#[cfg(test)]
pub(crate) mod tests;

/// The maximum length of a token, in bytes.
const TOKEN_BYTES: usize = 32 << 10;
/// The maximum number of keys in a set.
const KEYS: usize = 100;
/// How many keys are tried for one token: a signer names its key, or has the old and the new one while it changes them.
const TRIED: usize = 2;
/// The longest modulus and the largest exponent of an RSA key, in bytes and as a number: longer ones take a hundred times as long to
/// verify a signature, and nobody uses them.
const RSA_MODULUS_BYTES: usize = 512;
const RSA_EXPONENT: u32 = 65_537;

/// The source of a signer's public keys.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// The key set itself.
    Inline(JwkSet),
    /// The URL of the key set.
    At(Url),
}

/// Why a token is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is not a signed JWT.
    #[error("it is not a signed JWT")]
    Malformed,
    /// Its `typ` is that of another kind of token.
    #[error("its `typ` is that of another kind of token")]
    Type,
    /// Its algorithm is not accepted.
    #[error("its `alg` is not accepted")]
    Algorithm,
    /// Its signer has no key of this ID or algorithm.
    #[error("it names a key that its signer does not publish")]
    UnknownKey,
    /// It was changed, or signed with another key.
    #[error("its signature is wrong")]
    Signature,
    /// The signer's keys cannot be fetched.
    #[error("the keys of its signer cannot be fetched: {0}")]
    Keys(fetch::Error),
}

/// The expected kind of token.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The accepted algorithms.
    pub algorithms: &'a [Algorithm],
    /// The accepted values of `typ`, in lower case and without `application/`; it may always be absent.
    pub types: &'a [&'a str],
}

impl MemorySize for Vec<Jwk> {
    fn memory_size(&self) -> usize {
        3 * serde_json::to_string(self).map_or(0, |text| text.len())
    }
}

/// JWK sets, fetched when they are needed.
#[derive(Clone, Debug)]
pub struct Jwks {
    fetch: Fetch,
    sets: Arc<Cache<Vec<Jwk>>>,
}

impl Jwks {
    /// Returns an empty cache of key sets, which are fetched with `fetch`.
    #[must_use]
    pub fn new(fetch: Fetch, clock: Clock) -> Self {
        Self { sets: Arc::new(Cache::new(fetch.terms(), clock)), fetch }
    }

    /// Returns the same cache, limited to the budget of one request.
    #[must_use]
    pub fn on(&self, budget: FetchBudget) -> Self {
        Self { fetch: self.fetch.on(budget), sets: Arc::clone(&self.sets) }
    }

    /// Keeps the keys at a URL for a user, where those of others cannot evict them.
    pub(crate) async fn keep(&self, url: &Url, user: &str) {
        self.sets.keep(url.as_str(), user).await;
    }

    /// Verifies the signature of a token, and returns its claims.
    ///
    /// # Errors
    /// Why the token is not accepted.
    pub async fn verify(&self, source: &KeySource, token: &str, expected: Expected<'_>) -> Result<Claims, Error> {
        let header = header(token, expected)?;
        let url = match source {
            KeySource::Inline(set) => return check(&set.keys, token, &header),
            KeySource::At(url) => url,
        };
        let keys = self
            .fetch
            .within(url, self.sets.get(url.as_str(), self.fetch.network_permit(), self.set(url)))
            .await
            .map_err(Error::Keys)?;
        let outcome = check(&keys, token, &header);
        let may_be_new = match &outcome {
            Err(Error::UnknownKey) => true,
            // without a `kid`, the right key may be a new one
            Err(Error::Signature) => header.kid.is_none(),
            _ => false,
        };
        if !may_be_new {
            return outcome;
        }
        let keys = self
            .fetch
            .within(url, self.sets.renew(url.as_str(), self.fetch.network_permit(), self.set(url)))
            .await
            .map_err(Error::Keys)?;
        check(&keys, token, &header)
    }

    async fn set(&self, url: &Url) -> Fetched<Vec<Jwk>> {
        let (value, reply) = self.fetch.json(url).await?;
        let keys = read(&value).map_err(|reason| fetch::Error::Unusable { host: fetch::host(url), reason: reason.to_owned() })?;
        Ok((keys.into_iter().filter_map(Result::ok).collect(), reply.lifetime()))
    }
}

/// Why a client's key set is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// It is not a key set, or too large.
    #[error("{0}")]
    NotASet(&'static str),
    /// It contains a private or shared key.
    #[error("it must hold public keys only")]
    Secret,
    /// None of its keys is of a supported type.
    #[error(
        "it holds no signing key of a known type (RSA of at most 4096 bits with an exponent of at most 65537, P-256, P-384, Ed25519)"
    )]
    Useless,
}

/// Parses the key set of a client: public keys only, and at least one of a supported type.
pub fn parse(set: &Value) -> Result<Vec<Jwk>, SetError> {
    let mut keys = Vec::new();
    for key in read(set).map_err(SetError::NotASet)? {
        match key {
            Ok(key) => keys.push(key),
            Err(Unusable::Secret) => return Err(SetError::Secret),
            Err(Unusable::Unknown) => {}
        }
    }
    if keys.is_empty() { Err(SetError::Useless) } else { Ok(keys) }
}

enum Unusable {
    /// It is a private or shared key.
    Secret,
    /// It is of an unsupported type, or not for signatures.
    Unknown,
}

fn read(set: &Value) -> Result<Vec<Result<Jwk, Unusable>>, &'static str> {
    let keys = set.get("keys").and_then(Value::as_array).ok_or("it has no list `keys`")?;
    if keys.len() > KEYS {
        return Err("it holds too many keys");
    }
    Ok(keys.iter().map(key).collect())
}

fn key(value: &Value) -> Result<Jwk, Unusable> {
    if ["d", "k", "p", "q", "dp", "dq", "qi", "oth"].iter().any(|secret| value.get(secret).is_some()) {
        return Err(Unusable::Secret);
    }
    // only these members are needed, and certificates are long
    let members = ["kty", "use", "alg", "kid", "crv", "x", "y", "n", "e"];
    let needed = members.iter().filter_map(|name| Some(((*name).to_owned(), value.get(name)?.clone()))).collect();
    let key: Jwk = serde_json::from_value(Value::Object(needed)).map_err(|_| Unusable::Unknown)?;
    let is_for_signing = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    if is_for_signing && family(&key).is_some() { Ok(key) } else { Err(Unusable::Unknown) }
}

fn family(key: &Jwk) -> Option<AlgorithmFamily> {
    match &key.algorithm {
        AlgorithmParameters::RSA(key) => is_quick(&key.n, &key.e).then_some(AlgorithmFamily::Rsa),
        AlgorithmParameters::EllipticCurve(key) if matches!(key.curve, EllipticCurve::P256 | EllipticCurve::P384) => {
            Some(AlgorithmFamily::Ec)
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => Some(AlgorithmFamily::Ed),
        _ => None,
    }
}

/// Whether an RSA key verifies a signature quickly; modulus and exponent are in base64url (RFC 7518, section 6.3.1).
fn is_quick(modulus: &str, exponent: &str) -> bool {
    let number = |text: &str| {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        bytes.get(zeros..).map(<[u8]>::to_vec)
    };
    let is_small =
        |bytes: Vec<u8>| bytes.len() <= 4 && bytes.iter().fold(0, |sum: u32, byte| sum << 8 | u32::from(*byte)) <= RSA_EXPONENT;
    number(modulus).is_some_and(|bytes| bytes.len() <= RSA_MODULUS_BYTES) && number(exponent).is_some_and(is_small)
}

/// Parses the header, and checks it before the signature is verified.
fn header(token: &str, expected: Expected<'_>) -> Result<Header, Error> {
    if token.len() > TOKEN_BYTES {
        return Err(Error::Malformed);
    }
    let unsigned = "none HS256 HS384 HS512";
    let header = jsonwebtoken::decode_header(token).map_err(|_| match raw_algorithm(token) {
        Some(name) if unsigned.split(' ').any(|word| word.eq_ignore_ascii_case(&name)) => Error::Algorithm,
        _ => Error::Malformed,
    })?;
    // no extension is supported that must be understood (RFC 7515, section 4.1.11)
    if header.crit.is_some() {
        return Err(Error::Malformed);
    }
    if header.alg.family() == AlgorithmFamily::Hmac || !expected.algorithms.contains(&header.alg) {
        return Err(Error::Algorithm);
    }
    let type_ = header.typ.as_deref().map(str::to_ascii_lowercase);
    let is_expected = type_.is_none_or(|type_| expected.types.contains(&type_.strip_prefix("application/").unwrap_or(&type_)));
    if is_expected { Ok(header) } else { Err(Error::Type) }
}

/// The name of an algorithm that the library does not know.
fn raw_algorithm(token: &str) -> Option<String> {
    let header = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    let header: Value = serde_json::from_slice(&header).ok()?;
    Some(header.get("alg")?.as_str()?.to_owned())
}

fn check(keys: &[Jwk], token: &str, header: &Header) -> Result<Claims, Error> {
    let mut validation = Validation::new(header.alg);
    // the caller checks times and audience, with its own clock and expectations
    (validation.validate_exp, validation.validate_nbf, validation.validate_aud) = (false, false, false);
    validation.required_spec_claims.clear();
    let mut problem = Error::UnknownKey;
    for key in keys.iter().filter(|key| fits(key, header)).take(TRIED) {
        problem = Error::Signature;
        let Ok(key) = DecodingKey::from_jwk(key) else { continue };
        if let Ok(data) = jsonwebtoken::decode(token, &key, &validation) {
            return Ok(Claims::new(data.claims));
        }
    }
    Err(problem)
}

fn fits(key: &Jwk, header: &Header) -> bool {
    let is_named = header.kid.is_none() || header.kid == key.common.key_id;
    let is_for_this = key.common.key_algorithm.is_none_or(|algorithm| algorithm_of(algorithm) == Some(header.alg));
    is_named && is_for_this && family(key) == Some(header.alg.family())
}

fn algorithm_of(name: KeyAlgorithm) -> Option<Algorithm> {
    name.to_string().parse().ok()
}
