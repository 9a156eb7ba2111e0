//! Attacks on the connector, each of which works where its defence is missing.

use crate::support::{
    app::App,
    test_server::{Browser, Ended},
};

// by holding connections
mod connections;
// by guessing, by flooding, by never ending
mod floods;
// on codes and where they are sent
mod codes;
// on what users see and answer
mod pages;
// on what they allowed
mod consents;
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
