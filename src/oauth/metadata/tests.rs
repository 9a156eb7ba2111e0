use super::*;

#[test]
fn resource_and_issuer_are_the_same_bytes_everywhere() {
    let resource = Resource::new("https://t.example", "https://t.example", Scopes::ALL);
    let metadata = resource.metadata(MCP_PATH);
    assert_eq!(metadata["resource"], "https://t.example/mcp");
    let server =
        server("https://t.example", Scopes::ALL, Offers { registration: true, client_metadata: true, client_credentials: true });
    assert_eq!(metadata["authorization_servers"], json!([server["issuer"]]));
    for endpoint in ["authorization_endpoint", "token_endpoint", "registration_endpoint", "revocation_endpoint"] {
        assert!(server[endpoint].as_str().unwrap().starts_with("https://t.example/oauth/"), "{endpoint}");
    }
}

#[test]
fn a_challenge_says_where_to_sign_in_and_for_what() {
    let resource = Resource::new("https://t.example", "https://t.example", Scopes::from(Scope::Write));
    let metadata = r#"resource_metadata="https://t.example/.well-known/oauth-protected-resource/mcp""#;
    assert_eq!(resource.challenge(MCP_PATH, Challenge::NoToken), format!(r#"Bearer {metadata}, scope="torii:read""#));
    assert_eq!(
        resource.challenge(MCP_PATH, Challenge::InvalidToken),
        format!(r#"Bearer error="invalid_token", {metadata}, scope="torii:read""#)
    );
    let wanted = Challenge::InsufficientScope(Scopes::from(Scope::Write));
    assert_eq!(
        resource.challenge(MCP_PATH, wanted),
        format!(r#"Bearer error="insufficient_scope", {metadata}, scope="torii:read torii:write""#)
    );
}

#[test]
fn only_s256_and_codes_are_offered_and_none_comes_first() {
    let offers = Offers { registration: false, client_metadata: true, client_credentials: false };
    let server = server("https://t.example", Scopes::from(Scope::Read), offers);
    assert_eq!(server["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(server["response_types_supported"], json!(["code"]));
    assert_eq!(server["token_endpoint_auth_methods_supported"][0], "none");
    assert_eq!(server["scopes_supported"], json!(["torii:read", "offline_access"]));
    assert_eq!(server["grant_types_supported"], json!(["authorization_code", "refresh_token"]));
    assert!(server.get("registration_endpoint").is_none());
}

#[test]
fn a_resource_is_called_by_the_address_that_the_client_knows() {
    let resource = Resource::new("https://t.example", "https://t.example", Scopes::ALL);
    for (asked, tail) in [
        ("/mcp", "/mcp"),
        ("/mcp?toolsets=apps,contracts", "/mcp?toolsets=apps,contracts"),
        ("/mcp?access_token=secret", "/mcp"),
        ("/mcp?toolsets=apps&access_token=secret", "/mcp"),
        ("/mcp/read-only?toolsets=apps", "/mcp/read-only?toolsets=apps"),
        ("/.well-known/oauth-protected-resource", "/mcp"),
        ("/.well-known/oauth-protected-resource/mcp/read-only", "/mcp/read-only"),
        // nothing that could end the quotes of a challenge
        ("/mcp?toolsets={apps}", "/mcp"),
    ] {
        assert_eq!(super::tail(&asked.parse().unwrap()), tail, "{asked}");
    }
    assert_eq!(resource.metadata("/mcp?toolsets=apps")["resource"], "https://t.example/mcp?toolsets=apps");
    let challenge = resource.challenge("/mcp/read-only", Challenge::NoToken);
    assert_eq!(
        challenge,
        r#"Bearer resource_metadata="https://t.example/.well-known/oauth-protected-resource/mcp/read-only", scope="torii:read""#
    );
}

#[test]
fn an_address_that_only_reads_has_no_scope_to_write() {
    let resource = Resource::new("https://t.example", "https://t.example", Scopes::ALL.without(Scope::Destroy));
    let ceiling = |tail: &str| resource.ceiling(&format!("https://t.example{tail}"));
    assert_eq!(ceiling("/mcp?toolsets=apps"), Some(resource.scopes));
    assert_eq!(ceiling("/mcp/read-only"), Some(Scopes::READING));
    assert_eq!(resource.metadata("/mcp/read-only")["scopes_supported"], json!(["torii:read", "torii:scim"]));
    for foreign in ["/mcp/", "/mcp/read-only/", "/mcp#x", "/mcp/read-only2", "", "/", ".evil.example/mcp"] {
        assert_eq!(ceiling(foreign), None, "{foreign}");
    }
    assert_eq!(resource.ceiling("https://evil.example/mcp"), None);
}
