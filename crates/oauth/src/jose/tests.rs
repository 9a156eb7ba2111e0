//! Keys that are generated for the test, and tokens that are signed with them.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
    },
};
use axum::{Router, routing::get};
use base64::prelude::BASE64_STANDARD;
use jsonwebtoken::{EncodingKey, jwk::JwkSet};
use mcp_http::{clock::Timestamp, json::Json};
use serde_json::{Map, json};

use crate::{
    fetch::tests::{LOCALHOST, MockClock, Scripted, Server},
    jose::*,
};

/// A signer.
pub(crate) struct Signer {
    pub(crate) algorithm: Algorithm,
    key: EncodingKey,
    kid: String,
}

impl Signer {
    pub(crate) fn new(algorithm: Algorithm, kid: &str) -> Self {
        let random = aws_lc_rs::rand::SystemRandom::new();
        let ec = |curve: &'static EcdsaSigningAlgorithm| {
            EncodingKey::from_ec_der(EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap().as_ref())
        };
        let key = match algorithm {
            Algorithm::ES256 => ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
            Algorithm::ES384 => ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
            Algorithm::EdDSA => EncodingKey::from_ed_der(Ed25519KeyPair::generate_pkcs8v1(&random).unwrap().as_ref()),
            _ => {
                let der: Pkcs8V1Der<'_> = KeyPair::generate(KeySize::Rsa2048).unwrap().as_der().unwrap();
                let (begin, end) = ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----");
                let lines: Vec<u8> = BASE64_STANDARD.encode(der.as_ref()).into_bytes();
                let lines: Vec<&str> = lines.chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
                EncodingKey::from_rsa_pem(format!("{begin}\n{}\n{end}\n", lines.join("\n")).as_bytes()).unwrap()
            }
        };
        Self { algorithm, key, kid: kid.to_owned() }
    }

    /// The public key.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&self.key, self.algorithm).unwrap()).unwrap();
        jwk["kid"] = self.kid.as_str().into();
        jwk
    }

    pub(crate) fn set(&self) -> Value {
        json!({ "keys": [self.jwk()] })
    }

    pub(crate) fn inline(&self) -> KeySource {
        KeySource::Inline(JwkSet { keys: parse(&self.set()).unwrap() })
    }

    pub(crate) fn header(&self) -> Header {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.kid.clone());
        header
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        self.sign_with(&self.header(), claims)
    }

    pub(crate) fn sign_with(&self, header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &self.key).unwrap()
    }
}

/// A token with this header and these claims, and an invalid signature.
pub(crate) fn forged(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.", part(header), part(claims))
}

const ALL: [Algorithm; 5] = [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::ES384, Algorithm::EdDSA];
const EXPECTED: Expected<'static> = Expected { algorithms: &ALL, types: &["jwt"] };

fn jwks() -> Jwks {
    Jwks::new(Fetch::for_operator(fetch::Limits::OPERATOR).unwrap(), MockClock::new().1)
}

async fn verify(source: &KeySource, token: &str) -> Result<Claims, Error> {
    jwks().verify(source, token, EXPECTED).await
}

#[tokio::test]
async fn a_signature_of_each_algorithm_counts_and_a_changed_one_does_not() {
    for algorithm in ALL {
        let signer = Signer::new(algorithm, "1");
        let token = signer.sign(&json!({ "sub": "ada" }));
        let claims = verify(&signer.inline(), &token).await.unwrap();
        assert_eq!(claims.text("sub"), Some("ada"), "{algorithm:?}");
        let (head, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = head.split_once('.').unwrap();
        let changed = BASE64_URL_SAFE_NO_PAD.encode(json!({ "sub": "eve" }).to_string());
        for wrong in [format!("{header}.{changed}.{signature}"), format!("{head}."), format!("{head}.AAAA")] {
            assert_eq!(verify(&signer.inline(), &wrong).await.unwrap_err(), Error::Signature, "{algorithm:?}");
        }
        let other = Signer::new(algorithm, "1").sign(&json!({}));
        assert_eq!(verify(&signer.inline(), &other).await.unwrap_err(), Error::Signature, "{algorithm:?}");
    }
}

#[tokio::test]
async fn no_token_without_a_signature_of_a_public_key_counts() {
    let signer = Signer::new(Algorithm::RS256, "1");
    let claims = json!({ "sub": "ada" });
    for alg in ["none", "None", "NONE"] {
        let token = forged(&json!({ "alg": alg, "kid": "1" }), &claims);
        assert_eq!(verify(&signer.inline(), &token).await.unwrap_err(), Error::Algorithm, "{alg}");
    }
    // the public key is used as a shared secret
    let secret = EncodingKey::from_secret(signer.jwk()["n"].as_str().unwrap().as_bytes());
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &secret).unwrap();
    let lax = Expected { algorithms: &[Algorithm::HS256, Algorithm::RS256], types: &["jwt"] };
    assert_eq!(jwks().verify(&signer.inline(), &token, lax).await.unwrap_err(), Error::Algorithm);
    let strict = Expected { algorithms: &[Algorithm::ES256], types: &["jwt"] };
    assert_eq!(jwks().verify(&signer.inline(), &signer.sign(&claims), strict).await.unwrap_err(), Error::Algorithm);
}

#[tokio::test]
async fn a_key_in_the_token_itself_is_not_looked_at() {
    let (signer, thief) = (Signer::new(Algorithm::ES256, "1"), Signer::new(Algorithm::ES256, "1"));
    let mut header = thief.header();
    header.jwk = Some(serde_json::from_value(thief.jwk()).unwrap());
    header.jku = Some("https://thief.example/".to_owned());
    assert_eq!(verify(&signer.inline(), &thief.sign_with(&header, &json!({}))).await.unwrap_err(), Error::Signature);
}

#[tokio::test]
async fn what_is_no_such_token_is_refused() {
    let signer = Signer::new(Algorithm::ES256, "1");
    let good = signer.sign(&json!({}));
    let mut critical = signer.header();
    critical.crit = Some(vec!["b64".to_owned()]);
    let mut nameless = signer.header();
    nameless.kid = Some("2".to_owned());
    let mut other = signer.header();
    other.typ = Some("logout+jwt".to_owned());
    let long = signer.sign(&json!({ "a": "x".repeat(TOKEN_BYTES) }));
    for (token, expected) in [
        (String::new(), Error::Malformed),
        ("a.b".to_owned(), Error::Malformed),
        ("...".to_owned(), Error::Malformed),
        (good.replacen('.', "", 1), Error::Malformed),
        (format!("{good}.a.b"), Error::Malformed),
        (long, Error::Malformed),
        (signer.sign_with(&critical, &json!({})), Error::Malformed),
        (signer.sign_with(&other, &json!({})), Error::Type),
        (signer.sign_with(&nameless, &json!({})), Error::UnknownKey),
    ] {
        assert_eq!(verify(&signer.inline(), &token).await.unwrap_err(), expected, "{token}");
    }
    let mut typed = signer.header();
    for type_ in [None, Some("JWT"), Some("application/jwt")] {
        typed.typ = type_.map(str::to_owned);
        assert!(verify(&signer.inline(), &signer.sign_with(&typed, &json!({}))).await.is_ok(), "{type_:?}");
    }
}

#[tokio::test]
async fn a_key_for_another_purpose_does_not_count() {
    let signer = Signer::new(Algorithm::RS256, "1");
    let mut key = signer.jwk();
    key["alg"] = "PS256".into();
    let set = KeySource::Inline(JwkSet { keys: parse(&json!({ "keys": [key] })).unwrap() });
    assert_eq!(verify(&set, &signer.sign(&json!({}))).await.unwrap_err(), Error::UnknownKey);
}

/// A signer's key set at a URL; a test can replace it.
pub(crate) struct Published {
    pub(crate) source: KeySource,
    pub(crate) jwks: Jwks,
    pub(crate) fetches: Arc<AtomicUsize>,
    pub(crate) mock_clock: MockClock,
    set: Arc<Mutex<Value>>,
}

impl Published {
    pub(crate) async fn new(set: Value) -> Self {
        let (fetches, set) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(set)));
        let (count, shown) = (Arc::clone(&fetches), Arc::clone(&set));
        let handler = move || async move {
            count.fetch_add(1, Ordering::SeqCst);
            Json(shown.lock().unwrap().clone())
        };
        let server = Server::start("keys.example", Router::new().route("/jwks", get(handler))).await;
        let (mock_clock, clock) = MockClock::new();
        let jwks = Jwks::new(server.fetch(Scripted::new(&[LOCALHOST])), clock);
        Self { source: KeySource::At(server.url("/jwks")), jwks, fetches, mock_clock, set }
    }

    fn publish(&self, set: Value) {
        *self.set.lock().unwrap() = set;
    }

    async fn verify(&self, token: &str) -> Result<Claims, Error> {
        self.jwks.verify(&self.source, token, EXPECTED).await
    }
}

#[tokio::test]
async fn a_new_key_counts_as_soon_as_it_is_used_and_an_old_one_no_longer() {
    let (old, new) = (Signer::new(Algorithm::ES256, "1"), Signer::new(Algorithm::ES256, "2"));
    let published = Published::new(old.set()).await;
    let (old_token, new_token) = (old.sign(&json!({})), new.sign(&json!({})));
    assert!(published.verify(&old_token).await.is_ok());
    published.publish(new.set());
    published.mock_clock.turn(std::time::Duration::from_mins(2));
    assert!(published.verify(&new_token).await.is_ok());
    assert_eq!(published.verify(&old_token).await.unwrap_err(), Error::UnknownKey);
}

#[tokio::test]
async fn made_up_key_names_do_not_cause_a_flood_of_fetches() {
    let signer = Signer::new(Algorithm::ES256, "1");
    let published = Published::new(signer.set()).await;
    for kid in 0..20 {
        let mut header = signer.header();
        header.kid = Some(format!("made-up-{kid}"));
        let refused = published.verify(&signer.sign_with(&header, &json!({}))).await.unwrap_err();
        assert_eq!(refused, Error::UnknownKey);
    }
    assert_eq!(published.fetches.load(Ordering::SeqCst), 1);
    published.mock_clock.turn(std::time::Duration::from_mins(1));
    assert!(published.verify(&signer.sign(&json!({}))).await.is_ok());
    assert_eq!(published.fetches.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_set_with_keys_of_other_kinds_still_serves() {
    let signer = Signer::new(Algorithm::ES256, "1");
    let odd = [
        json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "1" }),
        json!({ "kty": "AKP" }),
        json!(7),
        json!({ "kty": "RSA", "n": 1 }),
    ];
    let mut keys = odd.to_vec();
    keys.push(signer.jwk());
    let published = Published::new(json!({ "keys": keys })).await;
    assert!(published.verify(&signer.sign(&json!({}))).await.is_ok());
}

#[tokio::test]
async fn a_place_without_keys_is_told_from_a_wrong_signature() {
    let signer = Signer::new(Algorithm::ES256, "1");
    for set in [json!({}), json!([]), json!({ "keys": vec![signer.jwk(); KEYS + 1] })] {
        let published = Published::new(set).await;
        let refused = published.verify(&signer.sign(&json!({}))).await.unwrap_err();
        assert!(matches!(refused, Error::Keys(fetch::Error::Unusable { .. })), "{refused}");
    }
}

#[test]
fn claims_are_read_as_they_are_written() {
    let claims =
        json!({ "aud": ["a", "b"], "one": "a", "mixed": ["a", 1], "time": 5, "part": 5.9, "far": 1e30, "no": null, "text": "5" });
    let claims = Claims::new(claims.as_object().cloned().unwrap_or_default());
    assert!(claims.is_for("b") && !claims.is_for("c"));
    assert_eq!((claims.texts("one"), claims.texts("mixed")), (Some(vec!["a"]), None));
    let times = ["time", "part", "far", "no", "text"].map(|name| claims.time(name));
    assert_eq!(times, [Some(Timestamp(5)), Some(Timestamp(5)), None, None, None]);
}

#[test]
fn a_token_counts_between_its_times() {
    let now = Timestamp(1_000_000);
    for (claims, expected) in [
        (json!({ "exp": 1_000_100 }), Ok(Timestamp(1_000_100))),
        (json!({ "exp": 999_950 }), Ok(Timestamp(999_950))),
        (json!({ "exp": 999_940 }), Err(TimeError::Expired)),
        (json!({ "exp": i64::MIN }), Err(TimeError::Expired)),
        (json!({}), Err(TimeError::Endless)),
        (json!({ "exp": "1000100" }), Err(TimeError::Endless)),
        (json!({ "exp": 1_000_100, "nbf": 1_000_060 }), Ok(Timestamp(1_000_100))),
        (json!({ "exp": 1_000_100, "nbf": 1_000_061 }), Err(TimeError::Early)),
        (json!({ "exp": 1_000_100, "nbf": "soon" }), Err(TimeError::Early)),
        (json!({ "exp": 1_000_100, "iat": 1_000_061 }), Err(TimeError::Early)),
        (json!({ "exp": 1_000_100, "iat": null }), Ok(Timestamp(1_000_100))),
    ] {
        let map: Map<String, Value> = claims.as_object().cloned().unwrap_or_default();
        assert_eq!(Claims::new(map).valid_at(now), expected, "{claims}");
    }
}

#[tokio::test]
async fn few_keys_are_tried_for_a_token_that_fits_many() {
    let signer = Signer::new(Algorithm::ES256, "1");
    let token = signer.sign(&json!({ "sub": "ada" }));
    let behind = async |others: usize| {
        let keys = (0..others).map(|_| Signer::new(Algorithm::ES256, "1").jwk()).chain([signer.jwk()]);
        let set = parse(&json!({ "keys": keys.collect::<Vec<_>>() })).unwrap();
        verify(&KeySource::Inline(JwkSet { keys: set }), &token).await.map(drop)
    };
    assert_eq!(behind(TRIED - 1).await, Ok(()));
    assert_eq!(behind(TRIED).await, Err(Error::Signature));
}

#[test]
fn rsa_keys_that_take_long_to_verify_are_no_keys() {
    let rsa = |bytes: usize, exponent: &[u8]| {
        let mut modulus = vec![0xff; bytes];
        modulus.insert(0, 0);
        let [n, e] = [&modulus[..], exponent].map(|number| BASE64_URL_SAFE_NO_PAD.encode(number));
        parse(&json!({ "keys": [{ "kty": "RSA", "n": n, "e": e }] }))
    };
    for exponent in [&[3][..], &[1, 0, 1], &[0, 0, 1, 0, 1]] {
        assert!(rsa(256, exponent).is_ok() && rsa(512, exponent).is_ok(), "{exponent:?}");
    }
    for (bytes, exponent) in [(513, &[1, 0, 1][..]), (1024, &[3]), (256, &[1, 0, 2]), (256, &[1, 0xff, 0xff, 0xff, 0xff])] {
        assert_eq!(rsa(bytes, exponent).unwrap_err(), SetError::Useless, "{bytes} {exponent:?}");
    }
}
