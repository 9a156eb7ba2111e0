use crate::redirect::*;

#[test]
fn only_https_and_the_own_machine_are_taken() {
    let cursor = RedirectUri::parse("cursor://anysphere.cursor-mcp/oauth/callback").unwrap();
    assert_eq!((cursor.place(), cursor.is_loopback()), ("Cursor", true));
    let host = RedirectUri::parse("https://cursor/callback").unwrap();
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
fn what_could_be_read_in_two_ways_is_refused_with_its_normal_form() {
    for (text, normal) in [
        ("https:///cb", "https://cb/"),
        ("https:client.example/cb", "https://client.example/cb"),
        ("https:/client.example/cb", "https://client.example/cb"),
        ("https:\\\\client.example\\cb", "https://client.example/cb"),
        ("https://client.example\\cb", "https://client.example/cb"),
        ("https://client.example/a/../cb", "https://client.example/cb"),
        ("https://client.example/a/%2e%2e/cb", "https://client.example/cb"),
        ("https://client.example/./cb", "https://client.example/cb"),
        ("https://Client.example/cb", "https://client.example/cb"),
        ("HTTPS://client.example/cb", "https://client.example/cb"),
        ("https://client.example:443/cb", "https://client.example/cb"),
        ("https://client.example:0443/cb", "https://client.example/cb"),
        ("https://client%2eexample/cb", "https://client.example/cb"),
        ("https://client.example?a=1", "https://client.example/?a=1"),
        ("http://0x7f.1/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1:080/cb", "http://127.0.0.1/cb"),
        ("https://client.example/cb?a='", "https://client.example/cb?a=%27"),
    ] {
        assert_eq!(RedirectUri::parse(text), Err(Error::NotNormal(normal.to_owned())), "{text}");
        assert!(RedirectUri::parse(normal).is_ok(), "{normal}");
    }
}

#[test]
fn what_is_sent_is_what_was_registered() {
    for text in
        ["https://c.example", "https://c.example/", "https://c.example/cb", "http://localhost:5000", "https://c.example/%7Ea"]
    {
        let uri = RedirectUri::parse(text).unwrap();
        assert_eq!((uri.as_str(), uri.with(&[("code", "a")])), (text, format!("{text}?code=a")));
    }
    let uri = RedirectUri::parse("https://c.example/cb?").unwrap();
    assert_eq!(uri.with(&[("code", "a")]), "https://c.example/cb?code=a");
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
    assert_eq!(url, "https://c.example/cb?a=1&code=x+y&state=%26%0D%0A%3C");
}
