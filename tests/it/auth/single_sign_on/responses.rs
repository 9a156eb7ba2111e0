//! Each response of the provider is for its own sign-in.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_the_provider_counts_for_its_own_sign_in_only() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    let connector = in_process(&provider, LogoutEnds::Sessions).await;
    let refused = async |browser: &Browser, url: &Url, what: &str| {
        let (status, page) = browser.get(url.as_str()).await.page();
        assert_eq!(status, StatusCode::BAD_REQUEST, "{what}: {page}");
        assert!(page.contains("You are not signed in") && page.contains("connect again"), "{what}: {page}");
        let again = browser.get(&format!("{}/connections", connector.origin)).await.elsewhere();
        assert!(again.as_str().starts_with(&provider.issuer), "{what}: somebody is signed in: {again}");
    };

    let (victim, there) = sent(&connector).await;
    let back = provider.sign_in(&there, "alice").await;
    refused(&connector.browser(), &back, "another browser").await;
    let (other, _) = sent(&connector).await;
    refused(&other, &back, "another sign-in's state").await;
    refused(&victim, &with(&back, "state", None), "no state").await;
    let (other, elsewhere) = sent(&connector).await;
    let theirs = parameter(&elsewhere, "state");
    refused(&other, &with(&back, "state", theirs.as_deref()), "another sign-in's code").await;

    let (other, elsewhere) = sent(&connector).await;
    let response = provider.sign_in(&with(&elsewhere, "nonce", Some("another")), "alice").await;
    refused(&other, &response, "another nonce").await;

    for issuer in [None, Some("https://login.elsewhere.example")] {
        let (other, elsewhere) = sent(&connector).await;
        let response = provider.sign_in(&elsewhere, "alice").await;
        refused(&other, &with(&response, "iss", issuer), "another issuer").await;
        let (other, elsewhere) = sent(&connector).await;
        let response = with(&provider.cancel(&elsewhere).await, "iss", issuer);
        let (_, page) = other.get(response.as_str()).await.page();
        assert!(page.contains("is not valid here"), "an error of another issuer: {page}");
    }

    let (late, elsewhere) = sent(&connector).await;
    let response = provider.sign_in(&elsewhere, "alice").await;
    connector.mock_clock.turn(601);
    refused(&late, &response, "too late").await;
    connector.mock_clock.turn(-601);

    let (browser, elsewhere) = sent(&connector).await;
    let response = provider.sign_in(&elsewhere, "alice").await;
    let login_state = browser.cookies.lock().expect("no test panics with it").clone();
    let (status, _) = browser.get(response.as_str()).await.page();
    assert_eq!(status, StatusCode::OK);
    *browser.cookies.lock().expect("no test panics with it") = login_state;
    refused(&browser, &response, "the second time").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_sign_in_at_once_and_more_than_a_few_push_out_the_oldest() {
    let Some(provider) = Provider::start(&accounts()) else { return };
    let connector = in_process(&provider, LogoutEnds::Sessions).await;
    let browser = connector.browser();
    let mut tabs = Vec::new();
    for _ in 0..5 {
        connector.mock_clock.turn(1);
        tabs.push(browser.get(&format!("{}/sign-in", connector.origin)).await.elsewhere());
    }
    let n_login_states =
        || browser.cookies.lock().expect("no test panics with it").keys().filter(|name| name.contains("-login-")).count();
    assert_eq!(n_login_states(), 4);
    let mut answers = Vec::new();
    for there in &tabs {
        answers.push(provider.sign_in(there, "alice").await);
    }
    let (status, _) = browser.get(answers[0].as_str()).await.page();
    assert_eq!(status, StatusCode::BAD_REQUEST, "the oldest was pushed out");
    for response in &answers[1..] {
        let (status, page) = browser.get(response.as_str()).await.page();
        assert!(status == StatusCode::OK && page.contains("Alice"), "{page}");
    }
    assert_eq!(n_login_states(), 0, "what is over is taken away");
}
