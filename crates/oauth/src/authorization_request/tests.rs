use crate::{
    authorization_request::*,
    clients::client::{Authentication, Origin},
    identity::Reauthenticate,
    testing::{self, definitions},
};

const ISSUER: &str = "https://t.example";
const RESOURCE: &str = "https://t.example/mcp";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn client(redirect_uris: &[&str]) -> Client {
    Client {
        id: "client".to_owned(),
        name: "A client".to_owned(),
        origin: Origin::Registered,
        redirect_uris: redirect_uris.iter().map(|uri| RedirectUri::parse(uri).unwrap()).collect(),
        authentication: Authentication::None,
        client_credentials: None,
    }
}

fn reply(query: &str) -> Result<Reply, UnverifiedClient> {
    Reply::of(&Parameters::parse(query), &client(&["https://c.example/cb", "http://localhost/cb"]), ISSUER)
}

fn resource(scopes: Scopes) -> ProtectedResource {
    ProtectedResource::new("API", RESOURCE.trim_end_matches("/mcp"), RESOURCE.trim_end_matches("/mcp"), definitions(), scopes)
}

fn examine(query: &str) -> Result<Request, AuthorizationError> {
    let query = format!("redirect_uri=https://c.example/cb&{query}");
    Request::examine(&Parameters::parse(&query), reply(&query).unwrap(), &resource(testing::scopes("api:write api:staff")))
}

/// A valid request, with further parameters appended.
fn good(rest: &str) -> Result<Request, AuthorizationError> {
    examine(&format!("response_type=code&code_challenge={CHALLENGE}&code_challenge_method=S256{rest}"))
}

#[test]
fn nothing_is_sent_to_an_address_that_is_not_registered() {
    for requested in [
        "https://evil.example/cb",
        "https://c.example/cb/..",
        "https://c.example/cb%2F",
        "https://c.example@evil.example/cb",
        "https://c.example.evil.example/cb",
        "//c.example/cb",
        "javascript:alert(1)",
        "http://c.example/cb",
        "http://localhost.evil.example/cb",
    ] {
        let query = format!("redirect_uri={}", form_urlencoded::byte_serialize(requested.as_bytes()).collect::<String>());
        assert_eq!(reply(&query).err(), Some(UnverifiedClient::UnregisteredRedirectUri), "{requested}");
    }
    assert_eq!(reply("").err(), Some(UnverifiedClient::NoRedirect));
    assert!(matches!(
        reply("redirect_uri=https://c.example/cb&redirect_uri=https://evil.example").err(),
        Some(UnverifiedClient::RepeatedParameter(_))
    ));
    assert_eq!(reply("redirect_uri=http://localhost:5000/cb").unwrap().redirect_uri.as_str(), "http://localhost:5000/cb");
    let only = Reply::of(&Parameters::default(), &client(&["https://c.example/cb"]), ISSUER).unwrap();
    assert_eq!(only.redirect_uri.as_str(), "https://c.example/cb");
}

#[test]
fn without_s256_no_request_passes() {
    let start = "response_type=code";
    for query in [
        start.to_owned(),
        format!("{start}&code_challenge={CHALLENGE}"),
        format!("{start}&code_challenge={CHALLENGE}&code_challenge_method=plain"),
        format!("{start}&code_challenge={CHALLENGE}&code_challenge_method=s256"),
        format!("{start}&code_challenge=short&code_challenge_method=S256"),
        format!("{start}&code_challenge_method=S256"),
        format!("{start}&code_challenge={CHALLENGE}&code_challenge={CHALLENGE}&code_challenge_method=S256"),
    ] {
        assert_eq!(examine(&query).unwrap_err().error, "invalid_request", "{query}");
    }
    assert!(good("").is_ok());
}

#[test]
fn each_mistake_has_the_error_of_the_rfc() {
    let rest = format!("&code_challenge={CHALLENGE}&code_challenge_method=S256");
    for (query, error) in [
        (format!("a=b{rest}"), "invalid_request"),
        (format!("response_type=token{rest}"), "unsupported_response_type"),
        (format!("response_type=code%20id_token{rest}"), "unsupported_response_type"),
        (format!("response_type=code&response_mode=fragment{rest}"), "invalid_request"),
        (format!("response_type=code&request=x{rest}"), "request_not_supported"),
        (format!("response_type=code&request_uri=https://e.example{rest}"), "request_uri_not_supported"),
        (format!("response_type=code&resource=https://evil.example/mcp{rest}"), "invalid_target"),
        (format!("response_type=code&resource={RESOURCE}&resource=https://evil.example/mcp{rest}"), "invalid_target"),
        (format!("response_type=code&resource={RESOURCE}/{rest}"), "invalid_target"),
        (format!("response_type=code&scope=api:staff&prompt=none%20login{rest}"), "invalid_request"),
        (format!("response_type=code&state=a&scope=a&scope=b{rest}"), "invalid_request"),
    ] {
        assert_eq!(examine(&query).unwrap_err().error, error, "{query}");
    }
}

#[test]
fn what_is_asked_for_is_cut_to_what_there_is() {
    for (requested, expected) in [
        ("", "api:read"),
        ("&scope=openid%20offline_access", "api:read"),
        ("&scope=api:write%20offline_access", "api:read api:write"),
        ("&scope=api:destroy", "api:read api:write"),
        ("&scope=api:staff", "api:staff"),
    ] {
        assert_eq!(definitions().text(good(requested).unwrap().scopes), expected, "{requested}");
    }
    let query = format!("response_type=code&code_challenge={CHALLENGE}&code_challenge_method=S256&scope=api:staff");
    let reply = reply("redirect_uri=https://c.example/cb").unwrap();
    let refused = Request::examine(&Parameters::parse(&query), reply, &resource(testing::scopes("api:read")));
    assert_eq!(refused.unwrap_err().error, "invalid_scope");
}

#[test]
fn answers_carry_state_and_issuer_whether_good_or_bad() {
    let reply = reply("redirect_uri=https://c.example/cb&state=a%20%26b%0d%0a").unwrap();
    assert_eq!(reply.with_code("c").as_str(), "https://c.example/cb?code=c&state=a+%26b%0D%0A&iss=https%3A%2F%2Ft.example");
    let error = reply.with_error(&AuthorizationError::denied());
    assert!(error.as_str().starts_with("https://c.example/cb?error=access_denied&"), "{error}");
    assert!(error.as_str().ends_with("&state=a+%26b%0D%0A&iss=https%3A%2F%2Ft.example"), "{error}");
}

#[test]
fn a_prompt_is_heeded() {
    for (prompt, expected) in [
        ("", Prompt::AsNeeded),
        ("&prompt=", Prompt::AsNeeded),
        ("&prompt=consent", Prompt::Always),
        ("&prompt=login%20consent", Prompt::SignIn(Reauthenticate::Login)),
        ("&prompt=select_account", Prompt::SignIn(Reauthenticate::SelectAccount)),
        ("&prompt=select_account%20login", Prompt::SignIn(Reauthenticate::Login)),
        ("&prompt=none", Prompt::Never),
        ("&prompt=create", Prompt::AsNeeded),
    ] {
        assert_eq!(good(prompt).unwrap().prompt, expected, "{prompt}");
    }
}

#[test]
fn who_has_signed_in_again_is_asked_for_consent_and_not_to_sign_in() {
    for (query, after) in [
        ("prompt=login", "prompt=consent"),
        ("a=1&prompt=login%20consent&state=x%26prompt%3Dlogin", "a=1&state=x%26prompt%3Dlogin&prompt=consent"),
        ("a=1&%70rompt=login&prompts=login", "a=1&prompts=login&prompt=consent"),
    ] {
        assert_eq!(after_signing_in_again(query), after);
    }
}
