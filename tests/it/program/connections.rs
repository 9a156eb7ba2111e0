//! What the operator's commands read: the store of the server, or none.

use std::fs;

use sqlx::{ConnectOptions, Executor, sqlite::SqliteConnectOptions};

use crate::support::{
    postgres,
    process::{self, Ran},
};

/// Runs each command that reads the store, with this variable.
fn run(name: &str, value: &str) -> Vec<Ran> {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let all: [&[&str]; 2] = [&["connections", "list"], &["connections", "revoke", "--all"]];
    let run = |arguments: &[&str]| {
        let mut command = process::command(arguments, &[(name, value)]);
        // no file there counts
        command.current_dir(folder.path()).env("HOME", folder.path()).env_remove("XDG_DATA_HOME");
        process::finish(command)
    };
    all.map(run).into()
}

#[test]
fn commands_make_no_store_and_say_where_none_is() {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let data = folder.path().join("data");
    let path = data.join("store.sqlite");
    for ran in run("TORII_MCP_DATA_DIR", data.to_str().expect("it is text")) {
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{}", ran.stderr);
        let shown = format!("error: there is no store: `{}` does not exist; run this command with", path.display());
        assert!(ran.stderr.starts_with(&shown), "{}", ran.stderr);
        assert!(!data.exists(), "nothing is made");
    }
    fs::create_dir(&data).expect("a folder is made");
    fs::write(&path, "").expect("a file is made");
    for ran in run("TORII_MCP_STORE_URL", &format!("sqlite:{}", path.display())) {
        assert_eq!(ran.code, 1, "{}", ran.stdout);
        assert!(ran.stderr.contains("has no tables of a server"), "{}", ran.stderr);
        assert_eq!(fs::read(&path).expect("it is there"), b"", "nothing is written");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_make_no_tables() {
    let Some(server) = postgres::shared() else { return };
    for ran in run("TORII_MCP_STORE_URL", &server.database()) {
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("there is no store: the PostgreSQL database `test_"), "{}", ran.stderr);
        assert!(!ran.stderr.contains(postgres::PASSWORD), "{}", ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_answer_is_reported_with_the_cause() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port is free");
    let url = format!("postgres://torii:hush@{port}/torii");
    let mut deployment = crate::support::spawned::Deployment::new().await;
    deployment.set("TORII_MCP_STORE_URL", &url);
    for arguments in [&["connections", "list"][..], &["config", "check"], &["serve"]] {
        let ran = deployment.run(arguments);
        assert_eq!(ran.code, 1, "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("Connection refused") && ran.stderr.contains("see whether it runs"), "{}", ran.stderr);
        assert!(!ran.stderr.contains("hush"), "{}", ran.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_say_which_store_they_read_and_change_no_old_one() {
    let deployment = std::sync::Arc::new(crate::support::spawned::Deployment::new().await);
    deployment.start().await.program.kill();
    let path = deployment.data().join("store.sqlite");
    let listed = deployment.run(&["connections", "list"]);
    assert_eq!((listed.code, listed.stdout.as_str()), (0, "nobody has connected anything yet\n"), "{}", listed.stderr);
    assert_eq!(listed.stderr, format!("the connections in the SQLite file `{}`\n", path.display()));

    let mut connection = SqliteConnectOptions::new().filename(&path).connect().await.expect("the file opens");
    for (change, says) in [
        ("DELETE FROM _sqlx_migrations WHERE version > 1", "start the server in this version"),
        ("UPDATE _sqlx_migrations SET version = 999", "a newer version of this program wrote it"),
    ] {
        connection.execute(change).await.expect("the statement is right");
        let listed = deployment.run(&["connections", "list"]);
        assert!(listed.code == 1 && listed.stderr.contains(says), "{listed:?}");
    }
}
