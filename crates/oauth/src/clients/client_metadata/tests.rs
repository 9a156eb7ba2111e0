use serde_json::json;

use crate::clients::client_metadata::*;

fn parse(value: &Value) -> Result<Metadata, Error> {
    Metadata::parse(value.to_string().as_bytes())
}

fn uris(metadata: &Metadata) -> Vec<&str> {
    metadata.redirect_uris.iter().map(RedirectUri::as_str).collect()
}

/// A public key of P-256 (RFC 7515, appendix A.3).
fn public_key() -> Value {
    json!({ "kty": "EC", "crv": "P-256", "kid": "1", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0" })
}

#[test]
fn what_known_clients_register_is_accepted() {
    let vs_code =
        ["https://insiders.vscode.dev/redirect", "https://vscode.dev/redirect", "http://127.0.0.1/", "http://127.0.0.1:33418/"];
    let cursor = [
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "http://localhost:8787/callback",
        "https://www.cursor.com/agents/mcp/oauth/callback",
    ];
    for (name, given, accepted) in [
        ("VS Code", &vs_code[..], &vs_code[..]),
        ("Cursor", &cursor, &cursor),
        ("Cursor, of old", &["cursor://anysphere.cursor-retrieval/oauth/x", cursor[1]], &cursor[1..2]),
        ("Claude", &["https://claude.ai/api/mcp/auth_callback"], &["https://claude.ai/api/mcp/auth_callback"]),
        ("Inspector", &["http://localhost:6274/oauth/callback"], &["http://localhost:6274/oauth/callback"]),
        ("OpenCode", &["http://127.0.0.1:19876/mcp/oauth/callback"], &["http://127.0.0.1:19876/mcp/oauth/callback"]),
    ] {
        let metadata = parse(&json!({
            "client_name": name,
            "redirect_uris": given,
            "grant_types": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
            "application_type": "native",
            "logo_uri": null,
            "scope": "api:read",
        }));
        let metadata = metadata.unwrap();
        assert_eq!(uris(&metadata), accepted, "{name}");
        let client = metadata.client("id".to_owned(), Origin::Registered);
        assert_eq!((client.name.as_str(), client.client_credentials.is_none()), (name, true));
    }
}

#[test]
fn a_client_that_wants_a_shared_secret_becomes_a_public_one() {
    for method in
        [Value::Null, "none".into(), "client_secret_basic".into(), "client_secret_post".into(), "client_secret_jwt".into()]
    {
        let metadata =
            parse(&json!({ "redirect_uris": ["https://a.example/cb"], "token_endpoint_auth_method": method })).unwrap();
        assert!(matches!(metadata.authentication, Authentication::None), "{method}");
        assert_eq!(metadata.response("id", Timestamp(1))["token_endpoint_auth_method"], "none");
    }
}

#[test]
fn refusals_say_what_is_wrong() {
    let long = format!("https://a.example/{}", "x".repeat(URI_BYTES));
    let with = |name: &str, value: Value| {
        let mut metadata = json!({ "redirect_uris": ["https://a.example/cb"] });
        metadata[name] = value;
        metadata
    };
    let key_with = |name: &str, value: &str| {
        let mut key = public_key();
        key[name] = value.into();
        json!({ "redirect_uris": ["https://a.example/cb"], "token_endpoint_auth_method": "private_key_jwt", "jwks": { "keys": [key] } })
    };
    let jwt = |name: &str, value: Value| {
        let mut metadata = with("token_endpoint_auth_method", "private_key_jwt".into());
        metadata[name] = value;
        metadata
    };
    for (given, code, words) in [
        (json!([]), "invalid_client_metadata", "must be a JSON object"),
        (json!({}), "invalid_redirect_uri", "must be a list of URIs"),
        (with("redirect_uris", json!([])), "invalid_redirect_uri", "it is empty"),
        (with("redirect_uris", "https://a.example/cb".into()), "invalid_redirect_uri", "must be a list"),
        (with("redirect_uris", json!([1])), "invalid_redirect_uri", "must be a list"),
        (with("redirect_uris", json!(["cursor://x/y"])), "invalid_redirect_uri", "must begin with `https://`"),
        (with("redirect_uris", json!(["https://a.example/#x"])), "invalid_redirect_uri", "fragment"),
        (with("redirect_uris", json!([long])), "invalid_redirect_uri", "longer than 2048"),
        (with("redirect_uris", json!(vec!["https://a.example/"; 33])), "invalid_redirect_uri", "more than 32"),
        (with("client_name", json!(["a"])), "invalid_client_metadata", "`client_name` must be a string"),
        (with("client_name", "x".repeat(201).into()), "invalid_client_metadata", "200 characters"),
        (with("grant_types", json!(["client_credentials"])), "invalid_client_metadata", "must hold `authorization_code`"),
        (with("response_types", json!(["token"])), "invalid_client_metadata", "must hold `code`"),
        (with("token_endpoint_auth_method", "tls_client_auth".into()), "invalid_client_metadata", "must be `none`"),
        (with("token_endpoint_auth_method", "private_key_jwt".into()), "invalid_client_metadata", "public keys"),
        (jwt("jwks_uri", "http://a.example/jwks".into()), "invalid_client_metadata", "`jwks_uri` must begin with `https://`"),
        (jwt("jwks", json!({ "keys": [] })), "invalid_client_metadata", "no signing key"),
        (jwt("jwks", json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0" }] })), "invalid_client_metadata", "public keys only"),
        (key_with("d", "secret"), "invalid_client_metadata", "public keys only"),
        (key_with("use", "enc"), "invalid_client_metadata", "no signing key"),
        (key_with("crv", "secp256k1"), "invalid_client_metadata", "no signing key"),
    ] {
        let error = parse(&given).map(|metadata| metadata.to_json()).unwrap_err();
        assert!(error.code() == code && error.to_string().contains(words), "{given}: {error:?}");
    }
    let mut both = jwt("jwks", json!({ "keys": [public_key()] }));
    both["jwks_uri"] = "https://a.example/jwks".into();
    assert!(parse(&both).unwrap_err().to_string().contains("must not both be given"));
    let large = with("client_name", "x".repeat(BYTES).into());
    assert!(parse(&large).unwrap_err().to_string().contains("64 KiB"));
}

#[test]
fn what_was_accepted_is_accepted_again_and_nothing_else_is_answered() {
    let keys = json!({ "keys": [public_key(), { "kty": "unheard-of" }] });
    for (given, names) in [
        (json!({ "redirect_uris": ["https://a.example/cb", "https://a.example/cb"], "client_uri": "https://a.example" }), 4),
        (
            json!({ "redirect_uris": ["https://a.example/cb"], "client_name": "A", "jwks": keys, "token_endpoint_auth_method": "private_key_jwt" }),
            6,
        ),
        (
            json!({ "redirect_uris": ["https://a.example/cb"], "jwks_uri": "https://a.example/k", "token_endpoint_auth_method": "private_key_jwt" }),
            5,
        ),
    ] {
        let metadata = parse(&given).unwrap();
        let again = Metadata::parse(metadata.to_json().as_bytes()).unwrap();
        assert_eq!((again.to_json(), again.digest()), (metadata.to_json(), metadata.digest()));
        let response = metadata.response("id", Timestamp(5));
        let members = response.as_object().unwrap();
        assert_eq!(members.len(), names + 2, "{response}");
        assert!(members.values().all(|value| !value.is_null()), "{response}");
        assert_eq!((&response["client_id"], &response["client_id_issued_at"]), (&"id".into(), &5.into()));
        assert_eq!(response["redirect_uris"], json!(["https://a.example/cb"]));
    }
}

#[test]
fn the_same_client_has_the_same_digest() {
    let digest = |name: &str, uris: Value| parse(&json!({ "client_name": name, "redirect_uris": uris })).unwrap().digest();
    let one = digest("A", json!(["http://localhost:1/cb", "https://a.example/"]));
    for same in [
        json!(["https://a.example/", "http://localhost:1/cb"]),
        json!(["https://a.example/", "http://localhost:2/cb", "x://y"]),
        json!(["https://a.example/", "http://localhost/cb", "http://localhost:2/cb"]),
    ] {
        assert_eq!(digest("A", same.clone()), one, "{same}");
    }
    for other in [json!(["https://a.example/"]), json!(["http://localhost:1/cb", "https://a.example:8443/"])] {
        assert_ne!(digest("A", other.clone()), one, "{other}");
    }
    assert_ne!(digest("B", json!(["http://localhost:1/cb", "https://a.example/"])), one);
}

#[test]
fn a_name_is_one_line_of_visible_signs() {
    for (given, name) in [
        ("  Claude \r\n Code ", "Claude Code"),
        ("\u{202e}edualC", "edualC"),
        ("Cl\u{200b}aude\u{feff}", "Claude"),
        ("<b>Claude</b>", "<b>Claude</b>"),
        ("\u{2066}\u{2069}", "a.example"),
        ("", "a.example"),
    ] {
        let metadata = parse(&json!({ "client_name": given, "redirect_uris": ["https://a.example/"] })).unwrap();
        assert_eq!(metadata.client("id".to_owned(), Origin::Registered).name, name);
    }
}
