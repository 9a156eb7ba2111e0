//! HTTP Basic at the endpoints for clients (RFC 6749, section 2.3.1).
//!
//! This server issues no secrets, so a header with one is from a client that was given a secret elsewhere, and is told so. Some clients
//! send the header with an empty secret, which is the same as none: it names the client.

use axum::http::{HeaderMap, header::AUTHORIZATION};
use base64::{Engine, prelude::BASE64_STANDARD};
use percent_encoding::percent_decode_str;

use crate::error::OAuthError;

/// The `client_id` in the `Authorization` header, if there is one.
pub(super) fn client_id(headers: &HeaderMap) -> Result<Option<String>, OAuthError> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let malformed =
        || OAuthError::InvalidRequest("the `Authorization` header is malformed; send `client_id` in the body instead".to_owned());
    let (scheme, encoded) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        // some clients send their access token with every request
        return Ok(None);
    }
    let pair = BASE64_STANDARD.decode(encoded.trim()).ok().and_then(|pair| String::from_utf8(pair).ok()).ok_or_else(malformed)?;
    let (id, secret) = split(&pair).ok_or_else(malformed)?;
    if !secret.is_empty() {
        return Err(OAuthError::UnexpectedSecret(
            "this server issues no client secrets, and accepts none: remove the secret from the client's settings, and send `client_id` \
             alone (`token_endpoint_auth_method` is `none`)"
                .to_owned(),
        ));
    }
    let id = percent_decode_str(&id.replace('+', " ")).decode_utf8().map_err(|_| malformed())?.into_owned();
    if id.is_empty() { Err(malformed()) } else { Ok(Some(id)) }
}

/// The two parts of the pair. An ID that is a URL contains a colon, which not all clients encode.
fn split(pair: &str) -> Option<(&str, &str)> {
    if ["https://", "http://"].iter().any(|scheme| pair.starts_with(scheme)) {
        pair.rsplit_once(':')
    } else {
        pair.split_once(':')
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(value: &str) -> Result<Option<String>, OAuthError> {
        client_id(&HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(value).unwrap())]))
    }

    fn basic(pair: &str) -> Result<Option<String>, OAuthError> {
        of(&format!("Basic {}", BASE64_STANDARD.encode(pair)))
    }

    #[test]
    fn an_empty_secret_names_the_client() {
        assert_eq!(client_id(&HeaderMap::new()), Ok(None));
        for (pair, id) in [
            ("report-builder:", "report-builder"),
            ("https%3A%2F%2Fapp.example%2Fclient.json:", "https://app.example/client.json"),
            ("https://app.example/client.json:", "https://app.example/client.json"),
        ] {
            assert_eq!(basic(pair), Ok(Some(id.to_owned())), "{pair}");
        }
        assert_eq!(of(&format!("bAsIc {}", BASE64_STANDARD.encode("a:"))), Ok(Some("a".to_owned())));
    }

    #[test]
    fn a_secret_that_nobody_issued_is_told_as_one() {
        for pair in ["report-builder:hush", "https://app.example/client.json:hush", ":hush"] {
            let refused = basic(pair).unwrap_err();
            assert!(
                matches!(&refused, OAuthError::UnexpectedSecret(text) if text.contains("remove the secret") && !text.contains("hush")),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn a_malformed_header_is_told_what_to_send_and_another_scheme_is_ignored() {
        for value in ["Basic", "Basic !", "Basic YQ==", "Basic Og=="] {
            assert!(matches!(of(value), Err(OAuthError::InvalidRequest(_))), "{value}");
        }
        for value in ["Bearer abc", "Digest a=b"] {
            assert_eq!(of(value), Ok(None), "{value}");
        }
    }
}
