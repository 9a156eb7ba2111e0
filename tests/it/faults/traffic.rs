//! Clients that go on whatever happens, as real ones do: a response that is lost is asked for again, with the same token.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use reqwest::{Client, StatusCode, Url, header};
use serde_json::Value;
use tokio::sync::{Notify, watch};

use super::{READ, REDIRECT};
use crate::support::{
    app::{App, parameter},
    test_server::{Browser, client, field},
};

/// Where the server is just now, and how much it has answered.
pub(super) struct World {
    http: Client,
    origin: String,
    at: watch::Sender<String>,
    n_answers: AtomicUsize,
    answered: Notify,
    is_over: AtomicBool,
}

/// What a client gets at last.
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) refresh: String,
}

/// Why a client has no response.
#[derive(Debug)]
enum Without {
    /// The server died meanwhile.
    Broken,
    /// It said to come again.
    Later,
}

impl World {
    pub(super) fn new(origin: &str, at: &str) -> Arc<Self> {
        Arc::new(Self {
            http: client(),
            origin: origin.to_owned(),
            at: watch::Sender::new(at.to_owned()),
            n_answers: AtomicUsize::new(0),
            answered: Notify::new(),
            is_over: AtomicBool::new(false),
        })
    }

    /// The server is somewhere else now.
    pub(super) fn moved(&self, at: &str) {
        self.at.send_replace(at.to_owned());
    }

    /// Waits for so many more responses.
    pub(super) async fn answers(&self, more: usize) {
        let enough = self.n_answers.load(Ordering::SeqCst) + more;
        loop {
            let answered = self.answered.notified();
            if self.n_answers.load(Ordering::SeqCst) >= enough {
                return;
            }
            answered.await;
        }
    }

    /// Nobody begins anything new.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
    }

    fn at(&self) -> String {
        self.at.borrow().clone()
    }

    /// Waits until the server is not there any more, but somewhere else.
    async fn moves_from(&self, at: &str) {
        // the sender lives as long as this
        let _ = self.at.subscribe().wait_for(|now| now != at).await;
    }

    /// What comes back, or that nothing did.
    async fn send(&self, request: reqwest::RequestBuilder) -> Result<(StatusCode, header::HeaderMap, String), Without> {
        let response = request.send().await.map_err(|_| Without::Broken)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.map_err(|_| Without::Broken)?;
        self.n_answers.fetch_add(1, Ordering::SeqCst);
        self.answered.notify_waiters();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            assert!(headers.contains_key(header::RETRY_AFTER), "{text}");
            return Err(Without::Later);
        }
        Ok((status, headers, text))
    }

    /// Asks the token endpoint until it answers; whether a response was lost before.
    async fn token(&self, fields: &[(&str, &str)]) -> (bool, Result<Connected, Value>) {
        let mut is_repeated = false;
        loop {
            let at = self.at();
            match self.send(self.http.post(format!("{at}/oauth/token")).form(fields)).await {
                Ok((status, _, text)) => {
                    let response: Value = serde_json::from_str(&text).expect("it is JSON");
                    let refresh = response["refresh_token"].as_str().map(|refresh| Connected { refresh: refresh.to_owned() });
                    return (is_repeated, refresh.filter(|_| status == StatusCode::OK).ok_or(response));
                }
                Err(Without::Broken) => {
                    is_repeated = true;
                    self.moves_from(&at).await;
                }
                Err(Without::Later) => is_repeated = true,
            }
        }
    }

    /// Refreshes once.
    pub(super) async fn refresh(&self, client_id: &str, refresh: &str) -> Result<Connected, Value> {
        self.token(&[("grant_type", "refresh_token"), ("client_id", client_id), ("refresh_token", refresh)]).await.1
    }
}

/// Refreshes all the time; the last refresh token.
pub(super) async fn refreshes(world: Arc<World>, client_id: String, mut refresh: String, seed: u64) -> String {
    while !world.is_over.load(Ordering::SeqCst) {
        let next = world.refresh(&client_id, &refresh).await;
        refresh = next.unwrap_or_else(|error| panic!("the connection is lost (seed {seed}): {error}")).refresh;
    }
    refresh
}

/// Connects all the time in this browser; what it got for each code that counted.
pub(super) async fn connects(world: Arc<World>, client_id: String, browser: Browser, seed: u64) -> Vec<Connected> {
    let mut all = Vec::new();
    while !world.is_over.load(Ordering::SeqCst) {
        let at = world.at();
        let app = App::of(&at, &world.origin, &client_id, REDIRECT).over(&part(all.len() + 1));
        let (code, verifier) = match code(&world, &app, &browser, &at).await {
            Ok(code) => code,
            Err(Without::Later) => continue,
            Err(Without::Broken) => {
                world.moves_from(&at).await;
                continue;
            }
        };
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", &client_id),
            ("code", &code),
            ("code_verifier", &verifier),
            ("redirect_uri", REDIRECT),
        ];
        match world.token(&fields).await {
            (_, Ok(connected)) => all.push(connected),
            // it had been redeemed, nobody knows what for: then it counts for nothing
            (true, Err(error)) => assert_eq!(error["error"], "invalid_grant", "seed {seed}"),
            (false, Err(error)) => panic!("a good code was refused (seed {seed}): {error}"),
        }
    }
    all
}

/// The address of a part of the tools, another one for each number: a user has few connections of one app to the same part.
fn part(number: usize) -> String {
    let toolsets = torii_mcp::generated::catalog().expect("the catalog is whole").toolsets();
    let names: Vec<_> =
        toolsets.into_iter().enumerate().filter(|(bit, _)| number >> bit & 1 == 1).map(|(_, name)| name).collect();
    format!("/mcp?toolsets={}", names.join(","))
}

/// A code, if the server lives long enough.
async fn code(world: &World, app: &App, browser: &Browser, at: &str) -> Result<(String, String), Without> {
    let (url, verifier) = app.authorization_url(&READ.join(" "));
    let url = url.as_str().replacen(&world.origin, at, 1);
    let (status, _, page) = world.send(browser.with_cookies(world.http.get(url))).await?;
    assert_eq!(status, StatusCode::OK, "{page}");
    let (csrf, next) = (field(&page, "csrf"), field(&page, "next"));
    let form = [("csrf", csrf.as_str()), ("next", &next), ("decision", "allow"), ("scope", READ[0])];
    let request = world.http.post(format!("{at}/oauth/authorize")).header(header::ORIGIN, &world.origin).form(&form);
    let (status, headers, page) = world.send(browser.with_cookies(request)).await?;
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    let back = Url::parse(headers[header::LOCATION].to_str().expect("it is ASCII")).expect("it is an address");
    Ok((parameter(&back, "code").expect("a code"), verifier))
}
