//! On Torii's keys at rest.

use std::{fs, os::unix::fs::PermissionsExt, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use mcp_http::secret::Secret;
use mcp_oauth_server::{keyring::KeyringSource, store::StoreAt};
use reqwest::StatusCode;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use torii_sample::{FULL_ACCESS_KEY, READ_ONLY_KEY};

use super::{READ, REDIRECT};
use crate::support::{
    postgres,
    spawned::{Deployment, ORIGIN},
    test_server::{Browser, Connector},
};

/// Exchanges what lies encrypted in the rows of a table.
async fn exchange(database: &std::path::Path, table: &str) {
    let mut connection: SqliteConnection =
        SqliteConnectOptions::new().filename(database).connect().await.expect("the file opens");
    let rows = connection.fetch_all(AssertSqlSafe(format!("SELECT rowid, sealed FROM {table}"))).await.expect("it answers");
    let kept: Vec<(i64, Vec<u8>)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let [(first, encrypted_first), (second, encrypted_second)] = kept.as_slice() else { panic!("{} rows", kept.len()) };
    for (row, encrypted) in [(first, encrypted_second), (second, encrypted_first)] {
        let update = AssertSqlSafe(format!("UPDATE {table} SET sealed = $1 WHERE rowid = $2"));
        sqlx::query(update).bind(encrypted).bind(row).execute(&mut connection).await.expect("it is written");
    }
}

#[tokio::test]
async fn an_encrypted_key_opens_in_its_own_row_only() {
    let connector = Connector::start().await;
    let app = connector.app(REDIRECT).await;
    let ann = app.connect(&connector.signed_in().await, READ).await;
    let browser = connector.browser();
    browser.sign_in(READ_ONLY_KEY, "").await;
    let bob = app.connect(&browser, READ).await;
    exchange(&connector.folder.path().join("torii-mcp.db"), "grants").await;
    for tokens in [&ann, &bob] {
        let response = app.list(&tokens.access).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert!(response.headers()["www-authenticate"].to_str().expect("it is ASCII").contains("invalid_token"));
    }
    for tokens in [ann, bob] {
        let error = app.refresh(&tokens.refresh).await.expect_err("it does not go on");
        assert_eq!(error["error"], "invalid_grant");
        let why = "the connection is ended: it was changed, or it belongs to another row";
        assert_eq!(error["error_description"], why);
    }
}

#[tokio::test]
async fn an_encrypted_key_does_not_move_to_another_browser() {
    let connector = Connector::public().await;
    let app = connector.app(REDIRECT).await;
    let (ann, bob) = (connector.signed_in().await, connector.browser());
    bob.sign_in(READ_ONLY_KEY, "").await;
    exchange(&connector.folder.path().join("torii-mcp.db"), "sessions").await;
    for browser in [ann, bob] {
        let (status, page) = browser.get(app.authorization_url("torii:read").0.as_str()).await.page();
        assert_eq!(status, StatusCode::OK);
        assert!(page.contains("name=\"key\"") && !page.contains("name=\"decision\""), "they sign in again: {page}");
    }
}

fn keyring_key(byte: u8) -> String {
    BASE64_STANDARD.encode([byte; 32])
}

#[tokio::test(flavor = "multi_thread")]
async fn encryption_keys_are_changed_without_losing_a_connection() {
    let mut deployment = Deployment::new().await;
    let (old, new) = (keyring_key(1), keyring_key(2));
    deployment.set("TORII_MCP_ENCRYPTION_KEY", &old);
    let shared = Arc::new(deployment);
    let mut running = shared.start().await;
    let app = running.app(REDIRECT).await;
    let browser = running.signed_in().await;
    let mut tokens = app.connect(&browser, READ).await;
    running.program.kill();
    let mut deployment = Arc::into_inner(shared).expect("nothing runs");

    deployment.set("TORII_MCP_ENCRYPTION_KEY", &new);
    let refused = deployment.refusal();
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.stderr);
    assert!(refused.stderr.contains("error: this store was encrypted with another key"), "{}", refused.stderr);

    for (keys, line) in [(format!("{new},{old}"), true), (new.clone(), false)] {
        deployment.set("TORII_MCP_ENCRYPTION_KEY", &keys);
        let shared = Arc::new(deployment);
        let running = shared.start().await;
        let app = app.at(&running.at);
        tokens = app.refresh(&tokens.refresh).await.expect("the connection is still there");
        assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK, "and its key opens");
        let later = Browser::of(&running.at, ORIGIN);
        later.cookies.lock().expect("it is free").clone_from(&browser.cookies.lock().expect("it is free"));
        let (status, page) = later.get(app.authorization_url("torii:read").0.as_str()).await.page();
        assert_eq!(status, StatusCode::OK, "{page}");
        assert_eq!(page.contains("name=\"key\""), !line, "who brought a key before signs in again once the old one is gone");
        let (_, stderr) = running.program.end();
        assert_eq!(
            stderr.contains("stored keys are encrypted with the first encryption key now reencrypted=1"),
            line,
            "{stderr}"
        );
        assert!(!stderr.contains(&old) && !stderr.contains(&new), "{stderr}");
        deployment = Arc::into_inner(shared).expect("nothing runs");
    }

    deployment.set("TORII_MCP_ENCRYPTION_KEY", &old);
    assert_eq!(deployment.refusal().code, 1, "the old one opens nothing any more");
}

/// A replica of one server, with these encryption keys. It does not know what another was started with.
async fn replica(store: &StoreAt, keys: &str) -> Connector {
    Connector::start_on(|setup| {
        setup.embedded.store = store.clone();
        setup.embedded.keyring = KeyringSource::Keys(Secret::new(keys.to_owned()));
        setup.origin = Some(ORIGIN.to_owned());
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_change_their_encryption_key_step_by_step_and_no_call_fails() {
    let Some(server) = postgres::shared() else { return };
    let store = StoreAt::Postgres(Secret::new(server.database()));
    let (old, new) = (keyring_key(1), keyring_key(2));
    let (old_first, new_first) = (format!("{old},{new}"), format!("{new},{old}"));
    let mut replicas = [replica(&store, &old).await, replica(&store, &old).await];
    let mut connections = Vec::new();
    for (restarted, keys) in [(0, &old), (0, &old_first), (1, &old_first), (0, &new_first), (1, &new_first), (0, &new), (1, &new)]
    {
        replicas[restarted] = replica(&store, keys).await;
        for replica in &replicas {
            let app = replica.app(&format!("{REDIRECT}/{}", connections.len())).await;
            let tokens = app.connect(&replica.signed_in().await, READ).await;
            connections.push((app, tokens));
        }
        for (number, (app, tokens)) in connections.iter_mut().enumerate() {
            for replica in &replicas {
                assert_eq!(app.at(&replica.at).list(&tokens.access).await.status(), StatusCode::OK, "{number}, {keys}");
            }
            let replica = &replicas[number % 2];
            *tokens = app.at(&replica.at).refresh(&tokens.refresh).await.expect("it goes on");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encryption_key_that_was_taken_away_too_early_ends_nothing() {
    let folder = tempfile::tempdir().expect("a folder is made");
    let store = StoreAt::Sqlite(folder.path().join("torii-mcp.db"));
    let (old, new) = (keyring_key(1), keyring_key(2));
    let late = replica(&store, &format!("{old},{new}")).await;
    let early = replica(&store, &format!("{new},{old}")).await;
    let app = early.app(REDIRECT).await;
    // encrypted with the old key after the other replica has encrypted everything anew
    let tokens = app.at(&late.at).connect(&late.signed_in().await, READ).await;
    drop((early, late));

    let hasty = replica(&store, &new).await;
    let app = app.at(&hasty.at);
    let response = app.list(&tokens.access).await;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(response.headers()["www-authenticate"].to_str().expect("it is ASCII").contains("invalid_token"));
    let error = app.refresh(&tokens.refresh).await.expect_err("its key does not open");
    assert_eq!(error["error"], "invalid_grant");
    assert_eq!(error["error_description"], "the encryption key of this connection is not configured here; sign in again");
    let again = app.connect(&hasty.signed_in().await, READ).await;
    assert_eq!(app.list(&again.access).await.status(), StatusCode::OK, "who signs in again goes on");
    drop(hasty);

    let repaired = replica(&store, &format!("{new},{old}")).await;
    let app = app.at(&repaired.at);
    for tokens in [&tokens, &again] {
        assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK);
        app.refresh(&tokens.refresh).await.expect("nothing was ended");
    }
    drop(repaired);
    let alone = replica(&store, &new).await;
    assert_eq!(app.at(&alone.at).list(&tokens.access).await.status(), StatusCode::OK, "it was encrypted anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encryption_key_that_is_made_is_its_owner_s_only_and_stays() {
    let deployment = Arc::new(Deployment::new().await);
    let mut running = deployment.start().await;
    let app = running.app(REDIRECT).await;
    let tokens = app.connect(&running.signed_in().await, READ).await;
    running.program.kill();
    let path = deployment.data().join("encryption.key");
    for (path, _) in deployment.files() {
        let mode = fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }
    let before = fs::read_to_string(&path).expect("it is there");
    let running = deployment.start().await;
    assert_eq!(app.at(&running.at).list(&tokens.access).await.status(), StatusCode::OK);
    assert_eq!(fs::read_to_string(&path).expect("it is there"), before);
    running.program.end();

    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("it is ours");
    let checked = deployment.run(&["config", "check"]);
    assert!(checked.stderr.contains("encryption.key") && checked.stderr.contains("600"), "{checked:?}");
    fs::remove_file(&path).expect("it is ours");
    let refused = deployment.refusal();
    assert_eq!(refused.code, 1, "a new key does not take the place of a lost one: {}", refused.stderr);
    assert!(refused.stderr.contains("is missing, and this store was encrypted with that key"), "{}", refused.stderr);
    assert!(!refused.stderr.contains(FULL_ACCESS_KEY), "{}", refused.stderr);
}
