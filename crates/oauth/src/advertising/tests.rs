use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{Router, http::StatusCode, response::IntoResponse, routing::get};
use mcp_http::json::Json;
use serde_json::json;
use tokio::time::Instant;

use crate::{
    advertising::*,
    fetch::tests::{LOCALHOST, MockClock, Scripted, Server},
    keyring::KeyringSource,
    settings::SignIn,
    store::StoreAt,
};

/// A site that is unavailable for the first `failures` requests, and has a document then.
async fn site(failures: usize) -> (Server, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&requests);
    let document = move |headers: axum::http::HeaderMap| async move {
        let host = headers["host"].to_str().unwrap().to_owned();
        if count.fetch_add(1, Ordering::SeqCst) < failures {
            return StatusCode::BAD_GATEWAY.into_response();
        }
        let id = format!("https://{host}/client.json");
        Json(json!({ "client_id": id, "redirect_uris": ["http://localhost/callback"] })).into_response()
    };
    (Server::start("client.example", Router::new().route("/client.json", get(document))).await, requests)
}

fn documents(site: &Server) -> Documents {
    Documents::new(site.fetch(Scripted::new(&[LOCALHOST])), MockClock::new().1)
}

fn settings(site: &Server) -> Embedded {
    let mut settings =
        Embedded::new(SignIn::Keys(Vec::new()), StoreAt::Sqlite("unused".into()), KeyringSource::File("unused".into()));
    settings.client_metadata = ClientMetadata::Advertised { probe: vec![site.url("/client.json").into()] };
    settings
}

fn start(settings: &Embedded, site: &Server, running: Option<&Advertising>) -> Advertising {
    Advertising::start(settings, Some(&documents(site)), Random::system(), running)
}

async fn next(states: &mut watch::Receiver<State>) -> State {
    states.changed().await.unwrap();
    states.borrow_and_update().clone()
}

#[tokio::test]
async fn documents_are_advertised_once_they_were_fetched() {
    let (site, _) = site(0).await;
    let advertising = start(&settings(&site), &site, None);
    let mut states = advertising.state.subscribe();
    assert!(!advertising.is_advertised(), "nobody knows yet");
    assert_eq!(next(&mut states).await, State::Works);
    assert!(advertising.is_advertised() && advertising.note().is_none());
}

#[tokio::test]
async fn while_they_cannot_be_fetched_that_is_said() {
    let (site, _) = site(usize::MAX).await;
    let advertising = start(&settings(&site), &site, None);
    let mut states = advertising.state.subscribe();
    assert_eq!(next(&mut states).await, State::Failing(site.url("/").authority().to_owned()));
    assert!(!advertising.is_advertised());
    assert!(advertising.note().is_some_and(|note| note.contains("client.example") && note.contains("register")));
}

#[tokio::test(start_paused = true)]
async fn they_are_tried_later_and_later_until_there_is_a_way_out() {
    let (began, tries) = (Instant::now(), std::sync::Mutex::new(Vec::new()));
    let state = Arc::new(watch::Sender::new(State::Unknown));
    let without_egress = || {
        let mut tries = tries.lock().unwrap();
        tries.push(began.elapsed());
        let is_open = tries.len() == 8;
        let closed = Failed { url: "https://client.example/a".to_owned(), why: "closed".to_owned() };
        std::future::ready(if is_open { Ok(()) } else { Err(closed) })
    };
    try_until_it_works(without_egress, Random::system(), Arc::clone(&state)).await;
    assert_eq!(*state.borrow(), State::Works);
    let tries = tries.into_inner().unwrap();
    let pauses = tries.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
    for (pause, minutes) in pauses.zip([1, 2, 4, 8, 16, 30, 30]) {
        let least = Duration::from_mins(minutes);
        assert!((least..=least.mul_f64(1.26)).contains(&pause), "{minutes} minutes and a bit: {pause:?}");
    }
}

#[tokio::test]
async fn where_clients_cannot_register_documents_are_advertised_anyway() {
    let (site, _) = site(usize::MAX).await;
    let advertising = start(&Embedded { registration: false, ..settings(&site) }, &site, None);
    let mut states = advertising.state.subscribe();
    assert!(matches!(next(&mut states).await, State::Failing(_)));
    assert!(advertising.is_advertised() && advertising.note().is_some_and(|note| !note.contains("register")));
}

#[tokio::test]
async fn a_document_that_the_operator_keeps_is_not_fetched() {
    let (site, requests) = site(usize::MAX).await;
    let id = String::from(site.url("/client.json"));
    let document = json!({ "client_id": id, "redirect_uris": ["http://localhost/callback"] }).to_string();
    let client = crate::clients::metadata_document::pinned(&id, &document).unwrap();
    let advertising = start(&Embedded { clients: vec![client], ..settings(&site) }, &site, None);
    assert!(advertising.is_advertised());
    assert_eq!(requests.load(Ordering::SeqCst), 0);
    // once it is not kept any more, it is fetched before it is advertised
    let reloaded = start(&settings(&site), &site, Some(&advertising));
    assert!(!reloaded.is_advertised());
}

#[tokio::test]
async fn a_reload_keeps_what_was_found_unless_the_settings_have_changed() {
    let (site, requests) = site(0).await;
    let before = start(&settings(&site), &site, None);
    assert_eq!(next(&mut before.state.subscribe()).await, State::Works);
    assert!(start(&settings(&site), &site, Some(&before)).is_advertised());
    assert_eq!(requests.load(Ordering::SeqCst), 1, "it was not fetched again");
    let other = ClientMetadata::Advertised { probe: vec![site.url("/other.json").into()] };
    assert!(!start(&Embedded { client_metadata: other, ..settings(&site) }, &site, Some(&before)).is_advertised());
    for hidden in [ClientMetadata::Accepted, ClientMetadata::Refused] {
        assert!(!start(&Embedded { client_metadata: hidden, ..settings(&site) }, &site, Some(&before)).is_advertised());
    }
}
