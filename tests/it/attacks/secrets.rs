//! On what must stay secret, in all that is written: logs, responses, the configuration as printed, the database, `Debug`.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use mcp_http::{
    caller::{Key, Keys},
    secret::Secret,
    token::{PlainToken, Random, TokenHash, TokenKind},
};
use mcp_oauth_server::{keyring::Keyring, parameters::Parameters, store::StoreAt};
use reqwest::StatusCode;
use serde_json::json;
use torii_sample::{FULL_ACCESS_KEY, READ_ONLY_KEY, SCIM_KEY};

use super::REDIRECT;
use crate::support::{
    app::parameter,
    mock_api::Wire,
    postgres,
    process::Program,
    spawned::{Deployment, ORIGIN, Running},
    test_server::{Browser, Ended, client, field},
};

const WRONG_KEY: &str = "a-key-that-torii-does-not-know";
const WITH_SCIM: &[&str] = &["torii:read", "torii:scim"];

/// What was secret, and what somebody could read meanwhile.
#[derive(Default)]
struct Walk {
    secrets: Vec<(&'static str, String)>,
    seen: Vec<(&'static str, String)>,
}

impl Walk {
    fn knows(&mut self, what: &'static str, secret: &str) {
        assert!(secret.len() >= 8, "{what}: `{secret}` is found anywhere");
        self.secrets.push((what, secret.to_owned()));
    }

    fn saw(&mut self, what: &'static str, text: impl Into<String>) {
        self.seen.push((what, text.into()));
    }

    /// A page whose forms may hold what proves that they are its own.
    fn saw_form(&mut self, what: &'static str, page: &str) {
        self.saw(what, page.replace(&field(page, "csrf"), ""));
    }

    fn keeps_its_cookies(&mut self, browser: &Browser) {
        for value in browser.cookies.lock().expect("it is free").values() {
            self.secrets.push(("a cookie", value.clone()));
        }
    }

    /// That none of the secrets is in this, as it is or as one writes it in addresses.
    #[track_caller]
    fn is_not_in(&self, place: &str, bytes: &[u8]) {
        for (what, secret) in &self.secrets {
            for form in [secret.clone(), secret.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D")] {
                let found = bytes.windows(form.len()).position(|window| window == form.as_bytes());
                let around = found.map(|at| &bytes[at.saturating_sub(300)..(at + form.len() + 100).min(bytes.len())]);
                let around = around.map(|around| String::from_utf8_lossy(around).into_owned());
                assert!(around.is_none(), "{what} is in {place}: {}", around.unwrap_or_default());
            }
        }
    }

    #[track_caller]
    fn ends(self, program: Program) {
        for (place, text) in &self.seen {
            self.is_not_in(place, text.as_bytes());
        }
        let (stdout, stderr) = program.end();
        assert!(stderr.contains("TRACE") && stderr.contains("connected"), "the log is what it should be: {stderr}");
        self.is_not_in("standard output", stdout.as_bytes());
        self.is_not_in("the log", stderr.as_bytes());
    }
}

/// Everything that a user and an app do, and much that goes wrong.
async fn walk(running: &Running) -> Walk {
    let mut walk = Walk::default();
    for (what, secret) in
        [("a key", FULL_ACCESS_KEY), ("a key", READ_ONLY_KEY), ("the SCIM key", SCIM_KEY), ("a wrong key", WRONG_KEY)]
    {
        walk.knows(what, secret);
    }
    let app = running.app(REDIRECT).await;
    let browser = Browser::of(&running.at, ORIGIN);
    let (_, page) = browser.get(&format!("{ORIGIN}/sign-in")).await.page();
    let csrf = field(&page, "csrf");
    walk.keeps_its_cookies(&browser);
    walk.secrets.push(("a csrf token", csrf.clone()));
    for key in [WRONG_KEY, "a key, with blanks"] {
        let form = [("key", key), ("scim_key", SCIM_KEY), ("csrf", &csrf), ("next", "")];
        walk.saw_form("the page of a wrong key", &browser.post("/sign-in", &form).await.page().1);
    }
    let form = [("key", FULL_ACCESS_KEY), ("scim_key", SCIM_KEY), ("csrf", &csrf), ("next", "")];
    walk.saw_form("the connections", &browser.post("/sign-in", &form).await.page().1);
    walk.keeps_its_cookies(&browser);

    let (url, verifier) = app.authorization_url(&WITH_SCIM.join(" "));
    let (_, page) = browser.get(url.as_str()).await.page();
    let csrf = field(&page, "csrf");
    walk.saw_form("the consent page", &page);
    walk.knows("a csrf token", &csrf);
    let (status, text) = browser.post("/oauth/authorize", &[("csrf", "wrong"), ("decision", "allow")]).await.page();
    assert_eq!(status, StatusCode::FORBIDDEN);
    walk.saw("the page of a foreign form", text);
    let back = browser.decide(&page, "allow", WITH_SCIM).await.elsewhere();
    let code = parameter(&back, "code").expect("a code");
    walk.knows("a code", &code);
    walk.knows("a verifier", &verifier);
    for (code, verifier) in [(&code, "a-wrong-verifier-a-wrong-verifier-a-wrong-verifier"), (&verifier, &*verifier)] {
        walk.saw("an error of the token endpoint", app.redeem(code, verifier).await.expect_err("it is wrong").to_string());
    }
    let first = app.redeem(&code, &verifier).await.expect("it counts");
    let second = app.refresh(&first.refresh).await.expect("it counts");
    for (what, token) in [
        ("an access token", &first.access),
        ("a refresh token", &first.refresh),
        ("an access token", &second.access),
        ("a refresh token", &second.refresh),
    ] {
        walk.knows(what, token);
    }
    for (tool, arguments) in [
        ("get_app", json!({ "idApp": 1001 })),
        ("get_app", json!({ "idApp": "nonsense" })),
        ("get_scim_config", json!({})),
        ("update_app", json!({ "idApp": 1001 })),
    ] {
        walk.saw("a call", app.call(&second.access, tool, arguments).await.text().await.expect("it is text"));
    }
    // the wrong token in the right place, and the right one in the wrong place
    for token in [&first.refresh, &code] {
        walk.saw("a refusal", app.list(token).await.text().await.expect("it is text"));
        let form = [("token", token.as_str()), ("client_id", "unknown")];
        let response = client().post(format!("{}/oauth/revoke", running.at)).form(&form).send().await.expect("it answers");
        walk.saw("a refusal", response.text().await.expect("it is text"));
    }
    let url = format!("{}/mcp?access_token={}", running.at, second.access);
    walk.saw("a refusal", client().post(url).send().await.expect("it answers").text().await.expect("it is text"));
    walk
}

/// What goes wrong when the store is gone.
async fn without_a_store(walk: &mut Walk, running: &Running) {
    let browser = Browser::of(&running.at, ORIGIN);
    let ask = async |what: &str| {
        let token = walk.secrets.iter().find(|(kind, _)| *kind == what).map(|(_, token)| token.clone()).expect("there is one");
        let form = [("grant_type", "refresh_token"), ("refresh_token", &token), ("token", &token), ("client_id", "x")]
            .map(|(name, value)| (name, value.to_owned()));
        let http = client();
        let post = |path: &str| http.post(format!("{}{path}", running.at)).form(&form).send();
        let (a, b, c) = tokio::join!(
            post("/oauth/token"),
            post("/oauth/revoke"),
            http.post(format!("{}/mcp", running.at)).bearer_auth(&token).send()
        );
        let mut told = String::new();
        for response in [a, b, c] {
            told.push_str(&response.expect("it answers").text().await.expect("it is text"));
        }
        told
    };
    let ready = client().get(format!("{}/health/ready", running.at)).send();
    let (signed_in, a, b, ready) =
        tokio::join!(browser.sign_in(READ_ONLY_KEY, ""), ask("an access token"), ask("a refresh token"), ready);
    let Ended::Page { status, text, .. } = signed_in else { panic!("it leads away") };
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{text}");
    let ready = ready.expect("it answers");
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    let ready = ready.text().await.expect("it is text");
    walk.keeps_its_cookies(&browser);
    for (what, text) in [("the page of a failure", text), ("a failure", a), ("a failure", b), ("the readiness", ready)] {
        walk.saw(what, text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_in_the_log_the_answers_or_the_files_of_sqlite() {
    let mut deployment = Deployment::new().await;
    let encryption = BASE64_STANDARD.encode([250; 32]);
    deployment.set("TORII_MCP_ENCRYPTION_KEY", &encryption);
    deployment.set("TORII_API_KEY", "a-key-of-the-operator-s-own");
    let deployment = Arc::new(deployment);
    let running = deployment.start_bounded("trace").await;
    let mut walk = walk(&running).await;
    walk.knows("the encryption key", &encryption);
    walk.knows("the operator's key", "a-key-of-the-operator-s-own");
    for (path, bytes) in deployment.files() {
        walk.is_not_in(&path.display().to_string(), &bytes);
    }
    // the random part of a token alone would do, too
    let random: Vec<_> =
        walk.secrets.iter().filter_map(|(what, secret)| Some((*what, secret.strip_prefix("toriimcp_")?))).collect();
    let random = Walk { secrets: random.iter().map(|(what, rest)| (*what, rest[3..].to_owned())).collect(), seen: Vec::new() };
    for (path, bytes) in deployment.files() {
        random.is_not_in(&path.display().to_string(), &bytes);
    }
    let printed = deployment.run(&["config", "print"]);
    walk.is_not_in("`config print`", format!("{printed:?}").as_bytes());
    let listed = deployment.run(&["connections", "list", "--json"]);
    assert!(listed.stdout.contains(REDIRECT.trim_start_matches("http://").split(':').next().unwrap_or_default()), "{listed:?}");
    walk.is_not_in("`connections list`", format!("{listed:?}").as_bytes());
    walk.ends(running.program);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_secret_is_in_the_log_or_the_answers_when_postgresql_goes_away() {
    let Some(server) = postgres::Server::start() else { return };
    let mut deployment = Deployment::new().await;
    deployment.set("TORII_MCP_STORE_URL", &server.database());
    let deployment = Arc::new(deployment);
    let running = deployment.start_bounded("trace").await;
    let mut walk = walk(&running).await;
    walk.knows("the password of the database", postgres::PASSWORD);
    let server = tokio::task::spawn_blocking(move || {
        server.stop();
        server
    });
    let server = server.await.expect("it stops");
    without_a_store(&mut walk, &running).await;
    walk.is_not_in("`config print`", format!("{:?}", deployment.run(&["config", "print"])).as_bytes());
    walk.is_not_in("the error of a start without a database", format!("{:?}", deployment.refusal()).as_bytes());
    walk.ends(running.program);
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torii_that_repeats_the_key_does_not_bring_it_into_a_page_or_the_log() {
    let mut deployment = Deployment::new().await;
    let bad = format!("HTTP/1.1 400 Bearer {FULL_ACCESS_KEY}\r\ncontent-type: text/plain\r\nx-echo: {FULL_ACCESS_KEY}\r\n");
    let torii = Wire::saying(format!("{bad}content-length: {}\r\n\r\n{FULL_ACCESS_KEY}", FULL_ACCESS_KEY.len()));
    deployment.set("TORII_API_URL", &torii.url);
    let running = Arc::new(deployment).start_bounded("trace").await;
    let browser = Browser::of(&running.at, ORIGIN);
    let (status, page) = browser.sign_in(FULL_ACCESS_KEY, "").await.page();
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(torii.n_asked() > 0);
    let (stdout, stderr) = running.program.end();
    for (place, text) in [("the page", page), ("the log", stderr), ("the output", stdout)] {
        assert!(!text.contains(FULL_ACCESS_KEY), "{place}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_of_the_identity_provider_stays_in_the_process() {
    const SECRET: &str = "the-secret-of-the-identity-provider";
    let mut deployment = Deployment::new().await;
    let provider = Wire::saying("HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n");
    let config = format!(
        "[auth]\nmode = \"oidc\"\n[auth.oidc]\nissuer = \"{}\"\nclient_id = \"us\"\n[[access.rules]]\ndomain = \"example.com\"\n\
         key = \"team\"\nscopes = [\"torii:read\"]\n[keys.team]\n",
        provider.url
    );
    let path = deployment.folder.path().join("config.toml");
    std::fs::write(&path, config).expect("it is written");
    deployment.set("TORII_MCP_CONFIG", &path.display().to_string());
    deployment.set("TORII_MCP_AUTH_OIDC_CLIENT_SECRET", SECRET);
    deployment.set("TORII_MCP_KEYS_TEAM_TORII_KEY", FULL_ACCESS_KEY);
    let printed = deployment.run(&["config", "print"]);
    assert_eq!(printed.code, 0, "{printed:?}");
    let running = Arc::new(deployment).start_bounded("trace").await;
    let browser = Browser::of(&running.at, ORIGIN);
    let (status, page) = browser.get(&format!("{ORIGIN}/sign-in")).await.page();
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{page}");
    let (stdout, stderr) = running.program.end();
    let printed = format!("{printed:?}");
    for (place, text) in [("`config print`", printed), ("the page", page), ("the log", stderr), ("the output", stdout)] {
        for secret in [SECRET, FULL_ACCESS_KEY, &BASE64_STANDARD.encode(format!("us:{SECRET}"))] {
            assert!(!text.contains(secret), "{place}: {text}");
        }
    }
}

#[test]
fn what_holds_a_secret_does_not_print_it() {
    const SECRET: &str = "sample-secret-to-be-seen-nowhere";
    let key = Key::new(SECRET).expect("it is a key");
    let token =
        PlainToken::new(torii_mcp::torii::BRAND.tokens, TokenKind::Refresh, Random::system()).expect("there are random bytes");
    let encryption = BASE64_STANDARD.encode([97; 32]);
    let keyring = Keyring::parse(&encryption, torii_mcp::torii::BRAND.server).expect("it is an encryption key");
    let encrypted = keyring.encrypt("row", SECRET.as_bytes()).expect("it is encrypted");
    let printed = [
        format!("{key:?} {:?}", ["torii", "scim"].map(|name| (name.to_owned(), key.clone())).into_iter().collect::<Keys>()),
        format!("{:?} {:#?}", Secret::new(SECRET.to_owned()), StoreAt::Postgres(Secret::new(SECRET.to_owned()))),
        format!("{:?}", Parameters::parse(format!("code={SECRET}&csrf={SECRET}"))),
        format!("{token:?} {keyring:?} {encrypted:?} {:?}", TokenHash::of(SECRET.as_bytes())),
    ];
    let hash = TokenHash::of(SECRET.as_bytes()).as_bytes().iter().fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"));
    for text in printed {
        for secret in [SECRET, token.expose(), &encryption, &"a".repeat(32), &hash, "97, 97, 97"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
