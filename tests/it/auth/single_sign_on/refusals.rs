//! Who has to sign in again, errors of the provider, and invented responses of it.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn who_is_to_sign_in_again_does_at_the_provider() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    let connector = in_process(&provider, LogoutEnds::Sessions).await;
    let (browser, there) = sent(&connector).await;
    assert_eq!(parameter(&there, "prompt"), None);
    browser.get(provider.sign_in(&there, "alice").await.as_str()).await.page();
    let mut url = connector.app(REDIRECT).await.authorization_url("torii:read").0;
    url.query_pairs_mut().append_pair("prompt", "login");
    let there = browser.get(url.as_str()).await.elsewhere();
    assert!(there.as_str().starts_with(&provider.issuer), "{there}");
    assert_eq!(parameter(&there, "prompt").as_deref(), Some("login"));
    let (status, page) = browser.get(provider.sign_in(&there, "alice").await.as_str()).await.page();
    assert!(status == StatusCode::OK && page.contains("name=\"decision\""), "{page}");

    let fields = [("csrf", field(&page, "csrf")), ("next", field(&page, "next"))];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let there = browser.post("/sign-out", &fields).await.elsewhere();
    assert_eq!(parameter(&there, "prompt").as_deref(), Some("login"), "or the provider lets the same user through: {there}");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_the_provider_become_pages_that_fit() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    let connector = in_process(&provider, LogoutEnds::Sessions).await;
    for (error, expected, words) in [
        ("access_denied", StatusCode::BAD_REQUEST, "not open to you"),
        ("login_required", StatusCode::BAD_REQUEST, "not completed"),
        ("temporarily_unavailable", StatusCode::SERVICE_UNAVAILABLE, "Try again in a minute"),
        ("invalid_scope", StatusCode::INTERNAL_SERVER_ERROR, "Tell whoever runs this server"),
        ("<script>alert(1)</script>", StatusCode::INTERNAL_SERVER_ERROR, "Tell whoever runs this server"),
    ] {
        let (browser, there) = sent(&connector).await;
        let state = parameter(&there, "state").expect("it has a state");
        let parameters = [("error", error), ("state", &state), ("iss", &provider.issuer)];
        let callback = Url::parse_with_params(&format!("{}/sign-in/callback", connector.origin), parameters);
        let (status, page) = browser.get(callback.expect("it is an address").as_str()).await.page();
        assert!(status == expected && page.contains(words) && !page.contains("<script"), "{error}: {status} {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invented_codes_do_not_use_up_the_rate_of_the_provider() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    let connector = Connector::start_on(|setup| {
        setup.failed_sign_ins = 3;
        setup.embedded.sign_in = signs_in(&provider, Vec::new(), LogoutEnds::Sessions);
    })
    .await;
    connector.mock_clock.turn_to_now();
    for number in 0..5 {
        let (browser, there) = sent(&connector).await;
        let state = parameter(&there, "state").expect("it has a state");
        let parameters = [("code", "invented"), ("state", &state), ("iss", &provider.issuer)];
        let callback = Url::parse_with_params(&format!("{}/sign-in/callback", connector.origin), parameters);
        let (status, page) = browser.get(callback.expect("it is an address").as_str()).await.page();
        let (expected, words) = match number {
            0..3 => (StatusCode::BAD_REQUEST, "did not confirm the sign-in"),
            _ => (StatusCode::TOO_MANY_REQUESTS, "too many attempts to sign in from your network"),
        };
        assert!(status == expected && page.contains(words), "{number}: {status} {page}");
    }
}
