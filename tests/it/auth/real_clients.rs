//! Assistants that users use, exactly as they register, or publish themselves, and ask.

use reqwest::{StatusCode, Url};
use serde_json::{Value, json};

use crate::support::{
    app::{App, Tokens, parameter},
    client_documents::{Signer, Site, borrowed},
    test_server::{Browser, Connector, client, field},
};

const READ: &str = "torii:read";
/// What Cursor and others ask for: everything that there is.
const EVERYTHING: &str = "torii:read torii:write torii:destroy torii:scim offline_access";

/// An assistant that registers itself.
struct Registers {
    name: &'static str,
    /// What it sends, besides its name.
    metadata: Value,
    /// Where it asks to be sent back to, one connection each.
    returns: &'static [&'static str],
    scope: &'static str,
}

fn assistants() -> Vec<Registers> {
    let redirects = |method: Value, redirects: &[&str]| {
        json!({
            "redirect_uris": redirects,
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": method,
        })
    };
    let claude = ["https://claude.ai/api/mcp/auth_callback"];
    let vs_code =
        ["https://insiders.vscode.dev/redirect", "https://vscode.dev/redirect", "http://127.0.0.1/", "http://127.0.0.1:33418/"];
    let cursor = [
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "https://www.cursor.com/agents/mcp/oauth/callback",
        "http://localhost:8787/callback",
    ];
    let chatgpt = ["https://chatgpt.com/connector_platform_oauth_redirect"];
    let one_of_chatgpt = ["https://chatgpt.com/connector/oauth/6f1d2c3b4a59"];
    let mut with_nulls = redirects("none".into(), &["http://localhost:6274/oauth/callback"]);
    for name in ["application_type", "client_uri", "contacts", "jwks", "jwks_uri", "logo_uri", "policy_uri", "scope", "tos_uri"] {
        with_nulls[name] = Value::Null;
    }
    let mut bare = redirects(Value::Null, &["http://127.0.0.1:19876/mcp/oauth/callback"]);
    bare.as_object_mut().expect("it is an object").retain(|_, value| !value.is_null());
    let mut native = redirects("none".into(), &["http://localhost:54545/callback"]);
    native["application_type"] = "native".into();
    native["scope"] = READ.into();
    vec![
        Registers {
            name: "Claude",
            metadata: redirects("client_secret_post".into(), &claude),
            returns: &["https://claude.ai/api/mcp/auth_callback"],
            scope: "torii:read offline_access",
        },
        Registers {
            name: "Claude, at its other name",
            metadata: redirects("none".into(), &["https://claude.com/api/mcp/auth_callback"]),
            returns: &["https://claude.com/api/mcp/auth_callback"],
            scope: "",
        },
        Registers {
            name: "Claude Code",
            metadata: native,
            returns: &["http://localhost:54545/callback", "http://localhost:3118/callback", "http://localhost/callback"],
            scope: READ,
        },
        Registers {
            name: "ChatGPT",
            metadata: redirects("client_secret_basic".into(), &chatgpt),
            returns: &["https://chatgpt.com/connector_platform_oauth_redirect"],
            scope: "torii:read offline_access",
        },
        Registers {
            name: "ChatGPT, for one of its apps",
            metadata: redirects("none".into(), &one_of_chatgpt),
            returns: &["https://chatgpt.com/connector/oauth/6f1d2c3b4a59"],
            scope: EVERYTHING,
        },
        Registers {
            name: "Cursor",
            metadata: redirects("none".into(), &cursor),
            returns: &[
                "cursor://anysphere.cursor-mcp/oauth/callback",
                "https://www.cursor.com/agents/mcp/oauth/callback",
                "http://localhost:8787/callback",
            ],
            scope: EVERYTHING,
        },
        Registers {
            name: "Visual Studio Code",
            metadata: redirects("none".into(), &vs_code),
            returns: &[
                "https://vscode.dev/redirect",
                "https://insiders.vscode.dev/redirect",
                "http://127.0.0.1:33418/",
                "http://127.0.0.1:50123/",
                "http://127.0.0.1/",
            ],
            scope: "torii:read torii:write",
        },
        Registers {
            name: "MCP Inspector",
            metadata: with_nulls,
            returns: &["http://localhost:6274/oauth/callback"],
            scope: EVERYTHING,
        },
        Registers {
            name: "MCP Inspector, on the command line",
            metadata: redirects("none".into(), &["http://127.0.0.1:6276/oauth/callback"]),
            returns: &["http://127.0.0.1:6276/oauth/callback", "http://127.0.0.1:40001/oauth/callback"],
            scope: EVERYTHING,
        },
        Registers { name: "OpenCode", metadata: bare, returns: &["http://127.0.0.1:19876/mcp/oauth/callback"], scope: READ },
    ]
}

/// A state as long as those of `ChatGPT`, with everything that such texts hold.
fn state() -> String {
    format!("{}.{}+/=&%20 #?~", "oauth_s_".repeat(60), "eyJhIjoiYiJ9")
}

/// The user is sent there by the assistant, and allows what is ticked; the code and its verifier.
async fn allow(app: &App, browser: &Browser, scope: &str) -> (String, String) {
    let (mut url, verifier) = app.authorization_url(scope);
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .into_owned()
        .filter(|(name, value)| name != "state" && !(name == "scope" && value.is_empty()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(kept).append_pair("state", &state());
    let (status, page) = browser.get(url.as_str()).await.page();
    assert_eq!(status, StatusCode::OK, "{url}: {page}");
    let ticked = page.split("<input").filter_map(|input| {
        let input = input.split('>').next()?;
        let value = input.split("value=\"").nth(1)?.split('"').next()?;
        (input.contains("name=\"scope\"") && input.contains(" checked")).then_some(value)
    });
    let back = browser.decide(&page, "allow", &ticked.collect::<Vec<_>>()).await.elsewhere();
    let asked = Url::parse(&app.redirect_uri).expect("it is an address");
    assert_eq!(
        (back.scheme(), back.host(), back.port(), back.path()),
        (asked.scheme(), asked.host(), asked.port(), asked.path())
    );
    assert_eq!(parameter(&back, "state"), Some(state()), "{back}");
    assert_eq!(parameter(&back, "iss"), Some(app.origin.clone()), "{back}");
    (parameter(&back, "code").unwrap_or_else(|| panic!("no code in {back}")), verifier)
}

/// Redeems a code as assistants do, with the resource as it was published.
async fn redeem(app: &App, (code, verifier): (String, String), proof: &[(&'static str, String)]) -> Result<Tokens, Value> {
    let metadata = format!("{}/.well-known/oauth-protected-resource/mcp", app.origin);
    let metadata: Value = client().get(metadata).send().await.expect("it answers").json().await.expect("it is JSON");
    let resource = metadata["resource"].as_str().expect("it has one");
    let fields =
        [("code", code.as_str()), ("code_verifier", &verifier), ("redirect_uri", &app.redirect_uri), ("resource", resource)];
    app.token("authorization_code", &[&fields[..], &borrowed(proof)].concat()).await
}

/// Whether there is a `null` in it anywhere: strict clients take one for a value of the wrong type.
fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.iter().any(has_null),
        Value::Object(members) => members.values().any(has_null),
        _ => false,
    }
}

#[tokio::test]
async fn known_assistants_register_and_connect_with_each_of_their_redirects() {
    let connector = Connector::start().await;
    let browser = connector.signed_in().await;
    for Registers { name, mut metadata, returns, scope } in assistants() {
        metadata["client_name"] = name.into();
        let response = connector.register(&metadata).await;
        assert!(!has_null(&response), "{name}: {response}");
        assert_eq!(response["redirect_uris"], metadata["redirect_uris"], "{name}");
        assert_eq!(response["token_endpoint_auth_method"], "none", "{name}");
        assert_eq!(response.get("client_secret"), None, "{name}");
        assert_eq!(connector.register(&metadata).await["client_id"], response["client_id"], "{name}: once is enough");
        let id = response["client_id"].as_str().expect("it is text");
        for redirect_uri in returns {
            let app = connector.configured(id, redirect_uri);
            let tokens = redeem(&app, allow(&app, &browser, scope).await, &[]).await;
            let tokens = tokens.unwrap_or_else(|refused| panic!("{name} at {redirect_uri}: {refused}"));
            let expected = if scope == EVERYTHING || scope.contains("write") { "torii:read torii:write" } else { READ };
            assert_eq!(tokens.scope, expected, "{name} at {redirect_uri}");
            assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK, "{name} at {redirect_uri}");
            let tokens = app.refresh(&tokens.refresh).await.expect("it counts");
            assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK, "{name} at {redirect_uri}");
        }
    }
}

#[tokio::test]
async fn after_cursor_was_allowed_the_page_is_no_longer_live() {
    let connector = Connector::public().await;
    let uri = "cursor://anysphere.cursor-mcp/oauth/callback";
    let (app, browser) = (connector.app(uri).await, connector.signed_in().await);
    let (url, verifier) = app.authorization_url(READ);
    let (_, consent) = browser.get(url.as_str()).await.page();
    let (csrf, next) = (field(&consent, "csrf"), field(&consent, "next"));
    for (decision, title, answer) in
        [("refuse", "Cursor was not connected", "error=access_denied"), ("allow", "You allowed Cursor", "code=")]
    {
        let fields = [("csrf", csrf.as_str()), ("next", next.as_str()), ("decision", decision), ("scope", READ)];
        let request =
            client().post(format!("{}/oauth/authorize", connector.at)).header("origin", &connector.origin).form(&fields);
        let response = browser.with_cookies(request).send().await.expect("it answers");
        assert!(response.status() == StatusCode::OK && response.headers()["cache-control"] == "no-store");
        let page = response.text().await.expect("it is text");
        assert!(page.contains(title) && page.contains("close this page") && page.contains(answer), "{page}");
        assert!(!page.contains("<form") && page.contains(&format!("href=\"{uri}?")), "{page}");
    }
    // submitted again, as by reloading that page: the program gets another code, and there is one connection in the end
    let code = |back: Url| parameter(&back, "code").expect("there is a code");
    code(browser.decide(&consent, "allow", &[READ]).await.elsewhere());
    let last = code(browser.decide(&consent, "allow", &[READ]).await.elsewhere());
    app.redeem(&last, &verifier).await.expect("the last code counts");
    connector.mock_clock.turn(120);
    let (_, page) = browser.get(&format!("{}/connections", connector.origin)).await.page();
    assert_eq!(page.matches("Connected</dt>").count(), 1, "{page}");
}

#[tokio::test]
async fn claude_code_publishes_redirects_without_a_port_and_comes_with_any() {
    let path = "/oauth/claude-code-client-metadata";
    let site = Site::start("claude.ai", move |origin| {
        let document = json!({
            "client_id": format!("{origin}{path}"),
            "client_name": "Claude Code",
            "client_uri": "https://claude.ai",
            "redirect_uris": ["http://localhost/callback", "http://127.0.0.1/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "none",
        });
        vec![(path, document)]
    })
    .await;
    let connector = Connector::start_on(|setup| setup.untrusted = site.fetch.clone()).await;
    let browser = connector.signed_in().await;
    for redirect_uri in ["http://localhost:49152/callback", "http://127.0.0.1:3118/callback", "http://localhost/callback"] {
        let app = connector.configured(&format!("{}{path}", site.origin), redirect_uri);
        let tokens = redeem(&app, allow(&app, &browser, READ).await, &[]).await.expect("the code counts");
        let tokens = app.refresh(&tokens.refresh).await.expect("it counts");
        assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK, "{redirect_uri}");
    }
    for redirect_uri in ["http://localhost:49152/other", "http://[::1]/callback", "https://localhost/callback"] {
        let app = connector.configured(&format!("{}{path}", site.origin), redirect_uri);
        let (status, page) = browser.get(app.authorization_url(READ).0.as_str()).await.page();
        assert_eq!(status, StatusCode::BAD_REQUEST, "{redirect_uri}: {page}");
    }
}

#[tokio::test]
async fn chatgpt_publishes_its_keys_and_signs_each_request() {
    let (path, keys) = ("/oauth/client.json", "/oauth/jwks.json");
    let (signer, thief) = (Signer::new("chatgpt-1"), Signer::new("chatgpt-1"));
    let set = serde_json::to_value(signer.set()).expect("keys are JSON");
    let site = Site::start("chatgpt.com", move |origin| {
        let document = json!({
            "client_id": format!("{origin}{path}"),
            "client_name": "ChatGPT",
            "client_uri": "https://chatgpt.com",
            "redirect_uris": ["https://chatgpt.com/connector_platform_oauth_redirect"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            "token_endpoint_auth_method": "private_key_jwt",
            "token_endpoint_auth_signing_alg": "RS256",
            "jwks_uri": format!("{origin}{keys}"),
        });
        vec![(path, document), (keys, set.clone())]
    })
    .await;
    let connector = Connector::start_on(|setup| setup.untrusted = site.fetch.clone()).await;
    let app = connector.configured(&format!("{}{path}", site.origin), "https://chatgpt.com/connector_platform_oauth_redirect");
    let sign =
        |signer: &Signer| signer.proof(&app.id, &format!("{}/oauth/token", app.origin), connector.mock_clock.now(), &json!({}));
    let code = allow(&app, &connector.signed_in().await, "torii:read offline_access").await;
    for proof in [&[][..], &sign(&thief)] {
        assert_eq!(redeem(&app, code.clone(), proof).await.expect_err("it proves nothing")["error"], "invalid_client");
    }
    let proof = sign(&signer);
    let tokens = redeem(&app, code, &proof).await.expect("it signed");
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK);
    let refresh = async |proof: &[(&'static str, String)]| {
        app.token("refresh_token", &[&[("refresh_token", tokens.refresh.as_str())][..], &borrowed(proof)].concat()).await
    };
    assert_eq!(refresh(&proof).await.expect_err("it was used")["error"], "invalid_client");
    let tokens = refresh(&sign(&signer)).await.expect("it signed again");
    assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_assistant_that_was_forgotten_hears_so_and_registers_again() {
    let connector = Connector::start().await;
    let (redirect, browser) = ("https://claude.ai/api/mcp/auth_callback", connector.signed_in().await);
    let app = connector.app(redirect).await;
    app.connect(&browser, &[READ]).await;
    let gone = connector.configured("forgotten", redirect);
    // the status and the word that tell it to
    let form = [("grant_type", "refresh_token"), ("refresh_token", "toriimcp_rt_x"), ("client_id", "forgotten")];
    let refused = client().post(format!("{}/oauth/token", connector.origin)).form(&form).send().await.expect("it answers");
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(refused.json::<Value>().await.expect("it is JSON")["error"], "invalid_client");
    // nobody is sent anywhere in the name of nobody
    let (status, page) = browser.get(gone.authorization_url(READ).0.as_str()).await.page();
    assert!(status.is_client_error() && page.contains("connect again"), "{status}: {page}");
    let again = connector.app(redirect).await;
    let tokens = again.connect(&browser, &[READ]).await;
    assert_eq!(again.list(&tokens.access).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_same_metadata_gets_the_same_id_also_from_a_server_that_forgot_it() {
    let [first, second] = [Connector::start().await, Connector::start().await];
    let metadata = |name: &str| json!({ "client_name": name, "redirect_uris": ["https://app.example/callback"] });
    let id = async |connector: &Connector, name: &str| connector.register(&metadata(name)).await["client_id"].clone();
    assert_eq!(id(&first, "An app").await, id(&second, "An app").await);
    assert_ne!(id(&first, "An app").await, id(&second, "Another app").await);
    // it asked for a secret, which nobody gets: there is none that another one could receive with the same ID
    let asks = json!({ "client_name": "An app", "redirect_uris": ["https://app.example/callback"], "token_endpoint_auth_method": "client_secret_basic" });
    let given = first.register(&asks).await;
    assert_eq!((given.get("client_secret"), &given["token_endpoint_auth_method"]), (None, &json!("none")));
}

#[tokio::test]
async fn metadata_lets_each_assistant_choose_its_best_way() {
    let connector = Connector::start().await;
    let get = async |path: &str| {
        let response = client().get(format!("{}{path}", connector.origin)).send().await.expect("it answers");
        response.json::<Value>().await.expect("it is JSON")
    };
    let server = get("/.well-known/oauth-authorization-server").await;
    let resource = get("/.well-known/oauth-protected-resource/mcp").await;
    assert!(!has_null(&server) && !has_null(&resource), "{server} {resource}");
    let holds = |name: &str, word: &str| server[name].as_array().is_some_and(|list| list.contains(&word.into()));
    // claude.ai publishes itself only where both are said, and otherwise registers anew for each connection
    assert_eq!(server["client_id_metadata_document_supported"], true);
    assert_eq!(server["token_endpoint_auth_methods_supported"][0], "none");
    // ChatGPT: keys, its one stable redirect, and a login that lasts
    assert!(holds("token_endpoint_auth_methods_supported", "private_key_jwt"));
    assert!(holds("token_endpoint_auth_signing_alg_values_supported", "RS256"));
    assert_eq!(server["authorization_response_iss_parameter_supported"], true);
    assert!(holds("scopes_supported", "offline_access") && holds("grant_types_supported", "refresh_token"));
    // every one of them gives up without this
    assert_eq!(server["code_challenge_methods_supported"], json!(["S256"]));
    // VS Code compares with the address that was typed; Cursor asks for all that is here
    assert_eq!(resource["resource"], connector.resource());
    assert_eq!(resource["scopes_supported"], json!(["torii:read", "torii:write", "torii:destroy", "torii:scim"]));
}
