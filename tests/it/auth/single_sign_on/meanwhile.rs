//! What happens while a sign-in is completed.

use axum::{Router, routing::get};
use tokio::sync::{Semaphore, mpsc};

use super::*;

/// A Torii that says who a user is once it may, and when it is asked.
async fn slow_torii() -> (String, Arc<Semaphore>, mpsc::UnboundedReceiver<()>) {
    let (gate, (asked, asks)) = (Arc::new(Semaphore::new(0)), mpsc::unbounded_channel());
    let users = {
        let gate = Arc::clone(&gate);
        async move || {
            asked.send(()).expect("the test waits");
            gate.acquire().await.expect("it stays open").forget();
            json!({ "users": [{ "email": "alice@example.com", "role": "Admin", "lifecycleStatus": "active" }] }).to_string()
        }
    };
    let organization = async || json!({ "org": { "id": 1, "companyName": "Slow" } }).to_string();
    let router = Router::new().route("/v1.0/users", get(users)).route("/v1.0/orgs/my", get(organization));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it listens");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}"), gate, asks)
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_provider_signs_out_while_they_sign_in_is_not_signed_in() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    let (torii, gate, mut asks) = slow_torii().await;
    let admins = Rule { scopes: scopes("torii:write"), ..read("admins") };
    let connector = Connector::start_on(|setup| {
        setup.origin = Some(COMPANY.to_owned());
        setup.torii = Some(torii);
        setup.embedded.keys = BTreeMap::from([("full".to_owned(), api_keys(FULL_ACCESS_KEY))]);
        let mut sign_in = signs_in(&provider, vec![admins], LogoutEnds::Sessions);
        if let SignIn::Oidc(_, access) = &mut sign_in {
            access.roles = Some(BTreeMap::from([("admin".to_owned(), scopes("torii:write"))]));
        }
        setup.embedded.sign_in = sign_in;
    })
    .await;
    connector.mock_clock.turn_to_now();
    let now = connector.mock_clock.now();
    let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let claims = json!({ "iss": provider.issuer, "aud": CLIENT_ID, "sub": "alice", "iat": now, "exp": now + 120, "jti": "1", "events": event });
    let token = provider.sign("RS256", &claims);

    let (browser, there) = sent(&connector).await;
    let back = provider.sign_in(&there, "alice").await;
    let signing_out = async {
        asks.recv().await.expect("torii is asked");
        let url = format!("{}/oauth/back-channel-logout", connector.at);
        let signed_out = client().post(url).form(&[("logout_token", token)]).send().await.expect("it answers");
        assert_eq!(signed_out.status(), StatusCode::OK);
        gate.add_permits(1);
    };
    let (ended, ()) = tokio::join!(browser.get(back.as_str()), signing_out);
    let (status, page) = ended.page();
    assert!(status == StatusCode::BAD_REQUEST && page.contains("signed you out"), "{status}: {page}");
    assert!(!browser.cookies.lock().expect("it is free").keys().any(|name| name.contains("session")));

    // whoever begins later is somebody who came back
    connector.mock_clock.turn(1);
    let (browser, there) = sent(&connector).await;
    let (status, page) = browser.get(provider.sign_in(&there, "alice").await.as_str()).await.page();
    assert_eq!(status, StatusCode::OK, "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_the_provider_signs_out_on_their_way_back_is_not_signed_in() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    let connector = Connector::start_on(|setup| {
        setup.origin = Some(COMPANY.to_owned());
        setup.embedded.keys = BTreeMap::from([("full".to_owned(), api_keys(FULL_ACCESS_KEY))]);
        setup.embedded.sign_in = signs_in(&provider, vec![read("admins")], LogoutEnds::Sessions);
    })
    .await;
    connector.mock_clock.turn_to_now();
    let (browser, there) = sent(&connector).await;
    let back = provider.sign_in(&there, "alice").await;
    connector.mock_clock.turn(1);
    let now = connector.mock_clock.now();
    let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let claims = json!({ "iss": provider.issuer, "aud": CLIENT_ID, "sub": "alice", "iat": now, "exp": now + 120, "jti": "1", "events": event });
    let token = provider.sign("RS256", &claims);
    let url = format!("{}/oauth/back-channel-logout", connector.at);
    let signed_out = client().post(url).form(&[("logout_token", token)]).send().await.expect("it answers");
    assert_eq!(signed_out.status(), StatusCode::OK);
    connector.mock_clock.turn(1);
    let (status, page) = browser.get(back.as_str()).await.page();
    assert!(status == StatusCode::BAD_REQUEST && page.contains("signed you out"), "{status}: {page}");
}
