use mcp_http::{endpoints::MCP_PATH, protected_resource::ProtectedResource};

use crate::{
    endpoints::metadata::*,
    testing::{definitions, scopes},
};

#[test]
fn resource_and_issuer_are_the_same_bytes_everywhere() {
    let resource =
        ProtectedResource::new("API", "https://t.example", "https://t.example", definitions(), scopes("api:destroy api:staff"));
    let metadata = resource.metadata(MCP_PATH);
    assert_eq!(metadata["resource"], "https://t.example/mcp");
    let server =
        server("https://t.example", Vec::new(), AuthServerFeatures { registration: true, client_credentials: true }, true);
    assert_eq!(metadata["authorization_servers"], json!([server["issuer"]]));
    for endpoint in ["authorization_endpoint", "token_endpoint", "registration_endpoint", "revocation_endpoint"] {
        assert!(server[endpoint].as_str().unwrap().starts_with("https://t.example/oauth/"), "{endpoint}");
    }
}

#[test]
fn only_s256_and_codes_are_offered_and_none_comes_first() {
    let offers = AuthServerFeatures { registration: false, client_credentials: false };
    let server = server("https://t.example", vec!["api:read"], offers, true);
    assert_eq!(server["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(server["response_types_supported"], json!(["code"]));
    assert_eq!(server["token_endpoint_auth_methods_supported"][0], "none");
    assert_eq!(server["scopes_supported"], json!(["api:read", "offline_access"]));
    assert_eq!(server["grant_types_supported"], json!(["authorization_code", "refresh_token"]));
    assert!(server.get("registration_endpoint").is_none());
}
