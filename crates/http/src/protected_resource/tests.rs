use super::*;
use crate::scope::{ScopeAccess, ScopeDefinition};

/// A resource whose tokens allow some of the scopes `read`, `write` and `staff`.
fn resource(scopes: &str) -> ProtectedResource {
    let definition = |name: &str, implies: &[&str], access| {
        let implies = implies.iter().map(|name| (*name).to_owned()).collect();
        let (title, description) = (String::new(), String::new());
        ScopeDefinition { name: name.to_owned(), title, description, implies, access, credential: None }
    };
    let definitions = ScopeDefinitions::new(vec![
        definition("read", &[], ScopeAccess::Read),
        definition("write", &["read"], ScopeAccess::Write),
        definition("staff", &[], ScopeAccess::Read),
    ])
    .unwrap();
    let scopes = definitions.parse(scopes);
    ProtectedResource::new("Pets", "https://t.example", "https://t.example", definitions, scopes)
        .with_toolsets(["apps", "contracts"])
}

#[test]
fn a_challenge_says_where_to_sign_in_and_for_what() {
    let resource = resource("write");
    let metadata = r#"resource_metadata="https://t.example/.well-known/oauth-protected-resource/mcp""#;
    assert_eq!(resource.challenge(MCP_PATH, Challenge::NoToken), format!(r#"Bearer {metadata}, scope="read""#));
    assert_eq!(
        resource.challenge(MCP_PATH, Challenge::InvalidToken),
        format!(r#"Bearer error="invalid_token", {metadata}, scope="read""#)
    );
    let wanted = Challenge::InsufficientScope(resource.definitions.parse("write"));
    assert_eq!(
        resource.challenge(MCP_PATH, wanted),
        format!(r#"Bearer error="insufficient_scope", {metadata}, scope="read write""#)
    );
}

#[test]
fn a_resource_is_called_by_the_address_that_the_client_knows() {
    let resource = resource("write staff");
    for (asked, suffix) in [
        ("/mcp", "/mcp"),
        ("/mcp?toolsets=apps,contracts", "/mcp?toolsets=apps,contracts"),
        ("/mcp?structured", "/mcp?structured"),
        ("/mcp?toolsets=apps&structured", "/mcp?toolsets=apps&structured"),
        ("/mcp?structured=secret", "/mcp"),
        ("/mcp?access_token=secret", "/mcp"),
        ("/mcp?toolsets=apps&access_token=secret", "/mcp"),
        ("/mcp/read-only?toolsets=apps", "/mcp/read-only?toolsets=apps"),
        ("/.well-known/oauth-protected-resource", "/mcp"),
        ("/.well-known/oauth-protected-resource/mcp/read-only", "/mcp/read-only"),
        // nothing that could end the quoted string of a challenge
        ("/mcp?toolsets={apps}", "/mcp"),
    ] {
        assert_eq!(crate::protected_resource::resource_suffix(&asked.parse().unwrap()), suffix, "{asked}");
    }
    assert_eq!(resource.metadata("/mcp?toolsets=apps")["resource"], "https://t.example/mcp?toolsets=apps");
    assert_eq!(resource.part("https://t.example/mcp?structured"), resource.part("https://t.example/mcp"));
    let challenge = resource.challenge("/mcp/read-only", Challenge::NoToken);
    assert_eq!(
        challenge,
        r#"Bearer resource_metadata="https://t.example/.well-known/oauth-protected-resource/mcp/read-only", scope="read""#
    );
}

#[test]
fn an_address_that_only_reads_has_no_scope_to_write() {
    let resource = resource("write staff");
    let ceiling = |tail: &str| resource.part(&format!("https://t.example{tail}")).map(|part| resource.ceiling(&part));
    assert_eq!(ceiling("/mcp?toolsets=apps"), Some(resource.scopes));
    assert_eq!(ceiling("/mcp/read-only"), Some(resource.definitions.parse("read staff")));
    assert_eq!(resource.metadata("/mcp/read-only")["scopes_supported"], json!(["read", "staff"]));
    for foreign in ["/mcp/", "/mcp/read-only/", "/mcp#x", "/mcp/read-only2", "", "/", ".evil.example/mcp"] {
        assert_eq!(ceiling(foreign), None, "{foreign}");
    }
    for foreign in [
        "https://evil.example/mcp",
        "https://t.example:8443/mcp",
        "http://t.example/mcp",
        "https://ada@t.example/mcp",
        "https://t.example/x/../mcp",
        "https://t.example/./mcp",
        "https://t.example\\x/mcp",
        "https://t.example\\/mcp",
        "https:\\\\t.example/mcp",
        "\thttps://t.example/mcp",
        " https://t.example/mcp",
        "https://t.example/mcp ",
        "https://t.example/m\ncp",
        "https://t.exam\tple/mcp",
        "https://t.example\\mcp",
        "https:t.example/mcp/",
    ] {
        assert_eq!(resource.part(foreign), None, "{foreign}");
    }
}

#[test]
fn an_address_in_capitals_is_the_same_resource() {
    let resource = resource("write staff");
    for same in ["HTTPS://t.example/mcp", "https://T.EXAMPLE/mcp", "https://t.example:443/mcp", "https://t.example/mcp?x=1"] {
        assert_eq!(resource.part(same), Some(ResourcePart::default()), "{same}");
    }
    assert_eq!(resource.part("https://t.example/MCP"), None, "paths are compared as they are written");
}

#[test]
fn a_part_has_one_url_and_parts_are_cut() {
    let resource = resource("write staff");
    let part = |tail: &str| resource.part(&format!("https://t.example{tail}")).unwrap();
    for (asked, url) in [
        ("/mcp", "/mcp"),
        ("/mcp/read-only", "/mcp/read-only"),
        ("/mcp?toolsets=contracts,apps", "/mcp?toolsets=apps,contracts"),
        ("/mcp/read-only?toolsets=apps&toolsets=apps", "/mcp/read-only?toolsets=apps"),
    ] {
        assert_eq!(resource.url(&part(asked)), format!("https://t.example{url}"), "{asked}");
        assert_eq!(part(url), part(asked), "{asked}");
    }
    assert_eq!(resource.part("https://t.example/mcp?toolsets=apps,none"), None, "no such toolset");
    assert_eq!(resource.part("https://t.example/mcp?toolset=apps"), None, "not everything");
    let (apps, both) = (part("/mcp/read-only?toolsets=apps"), part("/mcp?toolsets=apps,contracts"));
    assert_eq!((apps.and(&both), part("/mcp").and(&apps)), (apps.clone(), apps));
}
