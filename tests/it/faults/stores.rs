//! The store goes away, is full, or can only be read.

use std::{fs, path::Path, process::Command, sync::Arc};

use mcp_http::secret::Secret;
use mcp_oauth_server::store::StoreAt;
use reqwest::{StatusCode, header};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, sqlite::SqliteConnectOptions};
use torii_sample::FULL_ACCESS_KEY;

use super::{
    READ, REDIRECT,
    traffic::{World, connects, refreshes},
};
use crate::support::{
    app::{App, Tokens},
    postgres,
    spawned::{Deployment, ORIGIN, Running},
    test_server::{Browser, Connector, Ended, client, field},
};

const N_RESTARTS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_restarted_under_load_loses_nothing() {
    let Some(server) = postgres::Server::start() else { return };
    let server = Arc::new(server);
    let url = server.database();
    let connector = Connector::public_with(|settings| settings.store = StoreAt::Postgres(Secret::new(url))).await;
    let (app, browser) = (connector.app(REDIRECT).await, connector.signed_in().await);
    let world = World::new(&connector.origin, &connector.at);
    let mut refreshing = Vec::new();
    for _ in 0..3 {
        let tokens = app.connect(&browser, READ).await;
        refreshing.push(tokio::spawn(refreshes(Arc::clone(&world), app.id.clone(), tokens.refresh, 0)));
    }
    let spare = app.connect(&browser, READ).await;
    let connecting = tokio::spawn(connects(Arc::clone(&world), app.id.clone(), connector.signed_in().await, 0));
    for round in 0..N_RESTARTS {
        world.answers(20).await;
        let stopped = Arc::clone(&server);
        tokio::task::spawn_blocking(move || stopped.stop()).await.expect("it stops");
        let ready = client().get(format!("{}/health/ready", connector.at)).send().await.expect("it answers");
        assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE, "{round}");
        for token in ["toriimcp_at_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &spare.access] {
            let began = std::time::Instant::now();
            let response = app.list(token).await;
            later("a call", response.status(), response.headers());
            assert!(began.elapsed() < std::time::Duration::from_secs(1), "{round}: {:?}", began.elapsed());
        }
        let live = client().get(format!("{}/health/live", connector.at)).send().await.expect("it answers");
        assert_eq!(live.status(), StatusCode::OK, "{round}");
        let started = Arc::clone(&server);
        tokio::task::spawn_blocking(move || started.start_again()).await.expect("it starts");
    }
    world.answers(20).await;
    world.end();
    let mut left = Vec::new();
    for client in refreshing {
        left.push(client.await.expect("it is still connected"));
    }
    left.extend(connecting.await.expect("it is still signed in").into_iter().map(|connected| connected.refresh));
    assert!(left.len() > 3, "some codes were redeemed");
    for refresh in &left {
        assert!(world.refresh(&app.id, refresh).await.is_ok(), "a connection is lost");
    }
    let (_, page) = browser.get(&format!("{}/connections", connector.origin)).await.page();
    assert_eq!(page.matches("<dt>Connected</dt>").count(), left.len() + 1, "{page}");
    let ready = client().get(format!("{}/health/ready", connector.at)).send().await.expect("it answers");
    assert_eq!(ready.status(), StatusCode::OK);
}

#[track_caller]
fn later(what: &str, status: StatusCode, headers: &header::HeaderMap) {
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{what}");
    assert!(headers.contains_key(header::RETRY_AFTER), "{what}: {headers:?}");
}

/// Neither is what is so small that it fits on a disk that is all but full.
async fn does_not_write_a_little(running: &Running, browser: &Browser) {
    let (_, page) = browser.get(&format!("{ORIGIN}/connections")).await.page();
    let form = [("id", field(&page, "id")), ("csrf", field(&page, "csrf"))];
    let form = form.each_ref().map(|(name, value)| (*name, value.as_str()));
    let Ended::Page { status, headers, .. } = browser.post("/connections/end", &form).await else { panic!("it leads away") };
    later("ending a connection", status, &headers);
    let metadata = serde_json::json!({ "client_name": "Another", "redirect_uris": ["https://another.example/cb"] });
    let response = client().post(format!("{}/oauth/register", running.at)).json(&metadata).send().await.expect("it answers");
    later("registration", response.status(), response.headers());
}

/// Calls go on; nothing that would have to be kept is done, and each response says when to try again.
async fn goes_on_without_writing(running: &Running, app: &App, browser: &Browser, tokens: &Tokens) {
    for _ in 0..3 {
        assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK, "calls go on");
        let form = [("grant_type", "refresh_token"), ("client_id", app.id.as_str()), ("refresh_token", &tokens.refresh)];
        let response = client().post(format!("{}/oauth/token", running.at)).form(&form).send().await.expect("it answers");
        later("refresh", response.status(), response.headers());
        assert!(response.text().await.expect("it is text").contains("temporarily_unavailable"));
        let untrusted_host = Browser::of(&running.at, ORIGIN);
        let Ended::Page { status, headers, .. } = untrusted_host.sign_in(FULL_ACCESS_KEY, "").await else {
            panic!("it leads away")
        };
        later("sign-in", status, &headers);
        assert!(
            !untrusted_host.cookies.lock().expect("it is free").keys().any(|name| name.contains("session")),
            "nobody is signed in"
        );
        let (_, page) = browser.get(app.authorization_url("torii:read").0.as_str()).await.page();
        let Ended::Page { status, headers, .. } = browser.decide(&page, "allow", READ).await else { panic!("it leads away") };
        later("consent", status, &headers);
    }
    for path in ["/health/live", "/health/ready"] {
        let response = client().get(format!("{}{path}", running.at)).send().await.expect("it answers");
        assert_eq!(response.status(), StatusCode::OK, "{path}: another replica could do no better, and calls go on");
    }
}

fn limit_files(process: u32, size: &str) {
    let limit = format!("--fsize={size}:");
    let status = Command::new("prlimit").args(["--pid", &process.to_string(), &limit]).status();
    assert!(status.expect("`prlimit` is there").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_what_has_to_be_kept_and_nothing_else() {
    let deployment = Arc::new(Deployment::new().await);
    let running = deployment.start_bounded("info").await;
    let (app, browser) = (running.app(REDIRECT).await, running.signed_in().await);
    let kept = app.connect(&browser, READ).await;
    let mut last = app.connect(&browser, READ).await;
    // what is used later is not counted as used for the first time then
    assert_eq!(app.list(&kept.access).await.status(), StatusCode::OK);
    let log = fs::metadata(deployment.data().join("store.sqlite-wal")).expect("it is there").len();
    limit_files(running.program.id(), &(log + 60_000).to_string());
    let mut n_written = 0;
    let refused = loop {
        match app.refresh(&last.refresh).await {
            Ok(next) => last = next,
            Err(error) => break error,
        }
        n_written += 1;
        assert!(n_written < 1000, "the limit holds");
    };
    assert_eq!(refused["error"], "temporarily_unavailable", "{refused}");
    // what is smaller may still fit
    while running.signed_in().await.cookies.lock().expect("it is free").keys().any(|name| name.contains("session")) {
        n_written += 1;
        assert!(n_written < 1000, "the limit holds");
    }
    goes_on_without_writing(&running, &app, &browser, &kept).await;
    limit_files(running.program.id(), "unlimited");
    app.refresh(&kept.refresh).await.expect("nothing is lost");
    app.refresh(&last.refresh).await.expect("nothing is lost");
    app.connect(&browser, READ).await;
}

/// Sets the version for writing of the file's format to one that nobody knows yet: such a file can only be read.
fn make_read_only(path: &Path) {
    let mut bytes = fs::read(path).expect("the file is there");
    bytes[18] = 3;
    fs::write(path, bytes).expect("the file is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_can_only_be_read_stops_what_has_to_be_kept_and_nothing_else() {
    let deployment = Arc::new(Deployment::new().await);
    let mut running = deployment.start().await;
    let app = running.app(REDIRECT).await;
    let before = running.signed_in().await;
    let tokens = app.connect(&before, READ).await;
    running.program.kill();
    let path = deployment.data().join("store.sqlite");
    let copy = path.with_file_name("copy");
    let mut connection = SqliteConnectOptions::new().filename(&path).connect().await.expect("the file opens");
    let sql = AssertSqlSafe(format!("VACUUM INTO '{}'", copy.display()));
    connection.execute(sql).await.expect("it is copied");
    sqlx::Connection::close(connection).await.expect("it closes");
    for name in ["store.sqlite-wal", "store.sqlite-shm"] {
        // they go with the last connection, unless it was killed
        let _ = fs::remove_file(path.with_file_name(name));
    }
    fs::rename(&copy, &path).expect("it is ours");
    set_log_ahead(&path);
    make_read_only(&path);
    let running = deployment.start().await;
    let browser = Browser::of(&running.at, ORIGIN);
    browser.cookies.lock().expect("it is free").clone_from(&before.cookies.lock().expect("it is free"));
    goes_on_without_writing(&running, &app.at(&running.at), &browser, &tokens).await;
    does_not_write_a_little(&running, &browser).await;
}

/// A copy has no log ahead of writing; this gives it one.
fn set_log_ahead(path: &Path) {
    let mut bytes = fs::read(path).expect("the file is there");
    bytes[18..20].copy_from_slice(&[2, 2]);
    fs::write(path, bytes).expect("the file is written");
}
