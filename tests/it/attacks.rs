//! Attacks on the connector, each of which works where its defence is missing.

use crate::test_server::{App, Browser, Ended};

// by holding connections
mod connections;
// by guessing, by flooding, by never ending
mod floods;
// on codes and where they are sent
mod codes;
// on what users see and answer
mod pages;
// on Torii's keys at rest
mod encryption;
// on what must stay secret, in all that is written
mod secrets;
// by what an untrusted host makes the server fetch
mod untrusted_hosts;
// on tokens
mod tokens;

const REDIRECT: &str = "http://127.0.0.1:7777/callback";
const READ: &[&str] = &["torii:read"];

/// Opens the authorization endpoint with one parameter changed, or taken away.
pub(crate) async fn ask_with(app: &App, browser: &Browser, name: &str, value: Option<&str>) -> Ended {
    let (mut url, _) = app.authorization_url("torii:read");
    let kept: Vec<(String, String)> = url.query_pairs().into_owned().filter(|(key, _)| key != name).collect();
    url.query_pairs_mut().clear().extend_pairs(kept);
    if let Some(value) = value {
        url.query_pairs_mut().append_pair(name, value);
    }
    browser.get(url.as_str()).await
}

/// The same work, so many times at once.
pub(crate) async fn futures<T>(count: usize, work: impl AsyncFn() -> T) -> Vec<T> {
    let mut all: Vec<_> = (0..count).map(|_| Box::pin(work())).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        all.retain_mut(|one| match one.as_mut().poll(context) {
            std::task::Poll::Ready(value) => {
                done.push(value);
                false
            }
            std::task::Poll::Pending => true,
        });
        if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}
