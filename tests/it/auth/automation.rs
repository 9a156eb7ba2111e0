//! Clients that act for themselves, without a user: configured by the operator, and proving who they are.

use std::collections::BTreeMap;

use mcp_oauth_server::{
    clients::client::{Authentication, Client, ClientCredentialsGrant, Origin},
    jose::KeySource,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use torii_sample::FULL_ACCESS_KEY;

use crate::support::{
    app::{App, Tokens},
    assistant::content,
    client_documents::{Signer, borrowed},
    rights::{api_keys, scopes},
    test_server::Connector,
};

/// A server with a client `nightly` that may read by itself, and one `other` with the same key.
async fn with_clients(signer: &Signer) -> Connector {
    Connector::start_with(|settings| {
        settings.connection_max_age = Some(std::time::Duration::from_hours(90 * 24));
        settings.keys = BTreeMap::from([("reports".to_owned(), api_keys(FULL_ACCESS_KEY))]);
        settings.clients = ["nightly", "other"]
            .map(|id| Client {
                id: id.to_owned(),
                name: id.to_owned(),
                origin: Origin::Configured,
                redirect_uris: Vec::new(),
                authentication: Authentication::PrivateKeyJwt(KeySource::Inline(signer.set())),
                client_credentials: Some(ClientCredentialsGrant { key: "reports".to_owned(), scopes: scopes("torii:read") }),
            })
            .to_vec();
    })
    .await
}

/// Asks for a token with these fields.
async fn ask(app: &App, proof: &[(&'static str, String)], more: &[(&str, &str)]) -> Result<Tokens, Value> {
    app.token("client_credentials", &[&borrowed(proof), more].concat()).await
}

#[tokio::test]
async fn a_configured_client_that_signs_gets_a_token_and_calls_a_tool() {
    let signer = Signer::new("1");
    let connector = with_clients(&signer).await;
    let app = connector.configured("nightly", "");
    for audience in [connector.origin.clone(), format!("{}/oauth/token", connector.origin)] {
        let proof = signer.proof("nightly", &audience, connector.mock_clock.now(), &json!({}));
        let resource = connector.resource();
        let tokens = ask(&app, &proof, &[("resource", &resource), ("scope", "torii:read")]).await.expect("it is the client");
        assert_eq!((tokens.scope.as_str(), tokens.refresh.as_str()), ("torii:read", ""), "no refresh token: it can sign again");
        let response: Value = app.call(&tokens.access, "get_app", json!({ "idApp": 1001 })).await.json().await.expect("JSON");
        assert_eq!(content(&response["result"])["app"]["id"], 1001, "{response}");
        let refused = app.call(&tokens.access, "update_app", json!({ "idApp": 1001 })).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        connector.mock_clock.turn(3601);
        assert_eq!(app.list(&tokens.access).await.status(), StatusCode::UNAUTHORIZED, "an hour is over");
    }
}

#[tokio::test]
async fn tokens_of_one_client_for_different_parts_do_not_change_each_other_and_do_not_age() {
    let signer = Signer::new("1");
    let connector = with_clients(&signer).await;
    let app = connector.configured("nightly", "");
    let get = async |tail: &str| {
        let resource = format!("{}{tail}", connector.origin);
        let proof = signer.proof("nightly", &connector.origin, connector.mock_clock.now(), &json!({}));
        ask(&app, &proof, &[("resource", resource.as_str())]).await.expect("it is the client").access
    };
    let tokens = [get("/mcp?toolsets=apps").await, get("/mcp?toolsets=contracts").await, get("/mcp").await];
    let expected = [(true, false), (false, true), (true, true)];
    for (token, expected) in tokens.iter().zip(expected) {
        let may = async |tool: &str, arguments: Value| {
            let response: Value = app.call(token, tool, arguments).await.json().await.expect("it is JSON");
            response["result"]["isError"] != true
        };
        let found = (may("get_app", json!({ "idApp": 1001 })).await, may("list_contracts", json!({})).await);
        assert_eq!(found, expected);
    }
    // those who act on their own behalf are asked for nothing again, however old their connection is
    connector.mock_clock.turn(200 * 24 * 3600);
    let later = get("/mcp").await;
    assert_eq!(app.list(&later).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_assertion_that_is_wrong_late_or_used_gives_nothing() {
    let (signer, thief) = (Signer::new("1"), Signer::new("1"));
    let connector = with_clients(&signer).await;
    let app = connector.configured("nightly", "");
    let now = connector.mock_clock.now();
    let sign = |changes: Value| signer.proof("nightly", &connector.origin, now, &changes);
    let type_ = |type_: &str| [("client_assertion_type", type_.to_owned()), sign(json!({}))[1].clone()];
    for (proof, why) in [
        (Vec::new(), "send `client_assertion`"),
        (vec![("client_secret", "secret".to_owned())], "send `client_assertion`"),
        (thief.proof("nightly", &connector.origin, now, &json!({})).to_vec(), "signature"),
        (signer.proof("other", &connector.origin, now, &json!({})).to_vec(), "`iss` and `sub`"),
        (signer.proof("nightly", "https://other.example", now, &json!({})).to_vec(), "`aud`"),
        (sign(json!({ "exp": now - 120 })).to_vec(), "expired"),
        (sign(json!({ "exp": now + 3600 })).to_vec(), "ten minutes"),
        (sign(json!({ "jti": null })).to_vec(), "`jti`"),
        (type_("").to_vec(), "`client_assertion_type`"),
        (type_("urn:ietf:params:oauth:client-assertion-type:saml2-bearer").to_vec(), "`client_assertion_type`"),
    ] {
        let refused = ask(&app, &proof, &[]).await.expect_err(why);
        let text = refused["error_description"].as_str().unwrap_or_default();
        assert!(refused["error"] == "invalid_client" && text.contains(why), "{why}: {refused}");
    }
    let proof = sign(json!({}));
    let later = sign(json!({}));
    ask(&app, &proof, &[]).await.expect("the first time it counts");
    let refused = ask(&app, &proof, &[]).await.expect_err("the second time it does not");
    assert!(refused["error"] == "invalid_client" && refused.to_string().contains("used before"), "{refused}");
    connector.mock_clock.turn(300 + 121);
    for proof in [&proof, &later] {
        let refused = ask(&app, proof, &[]).await.expect_err("it is too late");
        assert!(refused["error"] == "invalid_client" && refused.to_string().contains("expired"), "{refused}");
    }
}

#[tokio::test]
async fn a_client_gets_no_more_than_its_operator_allows() {
    let signer = Signer::new("1");
    let connector = with_clients(&signer).await;
    let app = connector.configured("nightly", "");
    let sign = || signer.proof("nightly", &connector.origin, connector.mock_clock.now(), &json!({}));
    for (more, error) in [
        ([("scope", "torii:read torii:write")], "invalid_scope"),
        ([("scope", "api:read unknown")], "invalid_scope"),
        ([("resource", "https://other.example/mcp")], "invalid_target"),
    ] {
        assert_eq!(ask(&app, &sign(), &more).await.expect_err(error)["error"], error);
    }
    let known = ask(&app, &sign(), &[("scope", "torii:read unknown")]).await.expect("one of them is known");
    assert_eq!(known.scope, "torii:read");
    let refused = ask(&app, &sign(), &[("scope", "unknown")]).await.expect_err("none is known");
    assert_eq!(refused["error_description"], "request at most `torii:read`");
    let anybody = connector.app("http://127.0.0.1/callback").await;
    assert_eq!(ask(&anybody, &[], &[]).await.expect_err("it proves nothing")["error"], "unauthorized_client");
}
