//! Proof key for code exchange (RFC 7636), S256 only: no other method can be represented.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use mcp_http::token::TokenHash;

/// The challenge of the authorization request: the SHA-256 of the verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeChallenge([u8; 32]);

impl CodeChallenge {
    /// Parses `code_challenge` (RFC 7636, section 4.2).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// Wraps the bytes of a challenge.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes of the challenge.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the value for `code_challenge`.
    #[must_use]
    pub fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Computes the challenge of a verifier; `None` if the verifier is not 43 to 128 unreserved characters (RFC 7636, section
    /// 4.1).
    #[must_use]
    pub fn of(verifier: &str) -> Option<Self> {
        let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(is_unreserved) {
            return None;
        }
        TokenHash::of(verifier.as_bytes()).as_bytes().try_into().ok().map(Self)
    }

    /// Returns whether the challenge was computed from this `code_verifier` (RFC 7636, section 4.6), in constant time.
    #[must_use]
    pub fn is_met_by(&self, verifier: &str) -> bool {
        Self::of(verifier).is_some_and(|other| verify_slices_are_equal(&self.0, &other.0).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use crate::pkce::*;

    /// RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_rfc_holds() {
        let challenge = CodeChallenge::parse(CHALLENGE).unwrap();
        assert!(challenge.is_met_by(VERIFIER));
        assert_eq!(challenge.encode(), CHALLENGE);
        assert_eq!(CodeChallenge::of(VERIFIER), Some(challenge));
    }

    #[test]
    fn what_is_no_challenge_or_verifier_is_refused() {
        for text in
            ["", "plain", &CHALLENGE[1..], &format!("{CHALLENGE}="), &format!("{CHALLENGE}AA"), VERIFIER.get(..42).unwrap()]
        {
            assert_eq!(CodeChallenge::parse(text), None, "{text:?}");
        }
        let challenge = CodeChallenge::parse(CHALLENGE).unwrap();
        for text in ["", &VERIFIER[1..], &VERIFIER.to_lowercase(), &format!("{VERIFIER}\n"), CHALLENGE, &"a".repeat(129)] {
            assert!(!challenge.is_met_by(text), "{text:?}");
        }
    }
}
