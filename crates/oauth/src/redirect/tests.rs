use crate::redirect::*;

#[test]
fn only_https_and_the_own_machine_are_taken() {
    let cursor = RedirectUri::parse("cursor://anysphere.cursor-mcp/oauth/callback").unwrap();
    assert_eq!((cursor.place(), cursor.is_loopback()), ("Cursor", true));
    let host = RedirectUri::parse("https://Cursor/callback").unwrap();
    assert_eq!((host.place(), host.is_loopback()), ("cursor", false));
    for text in [
        "https://claude.ai/api/mcp/auth_callback",
        "https://chatgpt.com/connector/oauth/a-b_c?x=1",
        "http://localhost/callback",
        "http://127.0.0.1:33418/",
        "http://[::1]:5000/callback",
        "cursor://anysphere.cursor-mcp/oauth/callback",
    ] {
        assert!(RedirectUri::parse(text).is_ok(), "{text}");
    }
    for (text, error) in [
        ("", Error::NotAbsolute),
        ("/callback", Error::NotAbsolute),
        ("https://claude.ai/a b", Error::NotAbsolute),
        ("https://claude.ai/\r\nset-cookie:a", Error::NotAbsolute),
        ("http://claude.ai/callback", Error::NotSafe),
        ("http://127.0.0.1.evil.example/", Error::NotSafe),
        ("http://localhost.evil.example/", Error::NotSafe),
        ("cursor://anysphere.cursor-mcp/oauth/callback2", Error::NotSafe),
        ("cursor://anysphere.cursor-mcp/oauth/callback?x=1", Error::NotSafe),
        ("vscode://anysphere.cursor-mcp/oauth/callback", Error::NotSafe),
        ("javascript:alert(1)", Error::NotSafe),
        ("data:text/html,x", Error::NotSafe),
        ("https://claude.ai/#", Error::Fragment),
        ("https://claude.ai@evil.example/", Error::UserInfo),
    ] {
        assert_eq!(RedirectUri::parse(text), Err(error), "{text}");
    }
}

#[test]
fn a_redirect_is_the_registered_one_but_for_a_loopback_port() {
    let allows =
        |registered: &str, asked: &str| RedirectUri::parse(registered).unwrap().allows(&RedirectUri::parse(asked).unwrap());
    for (registered, asked) in [
        ("https://claude.ai/cb", "https://claude.ai/cb"),
        ("http://localhost/callback", "http://localhost:51234/callback"),
        ("http://127.0.0.1:33418/", "http://127.0.0.1:60000/"),
        ("http://127.0.0.1/", "http://127.0.0.1:60000/"),
        ("http://[::1]/cb", "http://[::1]:60000/cb"),
    ] {
        assert!(allows(registered, asked), "{registered} {asked}");
    }
    for (registered, asked) in [
        ("https://claude.ai/cb", "https://claude.ai/cb/"),
        ("https://claude.ai/cb", "https://claude.ai/cb?x=1"),
        ("https://claude.ai/cb", "https://claude.ai:8443/cb"),
        ("https://claude.ai/cb", "https://claude.ai/CB"),
        ("https://claude.ai/cb", "https://evil.example/cb"),
        ("https://claude.ai/cb", "https://claude.ai/x/../cb"),
        ("http://localhost/callback", "http://127.0.0.1:51234/callback"),
        ("http://localhost/callback", "https://localhost:51234/callback"),
        ("http://localhost/callback", "http://localhost:51234/other"),
        ("https://localhost/callback", "https://localhost:51234/callback"),
    ] {
        assert!(!allows(registered, asked), "{registered} {asked}");
    }
}

#[test]
fn parameters_join_those_that_are_there() {
    let uri = RedirectUri::parse("https://c.example/cb?a=1").unwrap();
    let url = uri.with(&[("code", "x y"), ("state", "&\r\n<")]);
    assert_eq!(url.as_str(), "https://c.example/cb?a=1&code=x+y&state=%26%0D%0A%3C");
}
