//! Clients that nobody here wrote, against the built program over HTTP and over stdio.
//!
//! The checks are in the language of each client, in `tests/clients`. `tests/clients/install` brings
//! the clients; without it these tests are skipped, but never where `CI` is set.

use std::{
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
};

// forty questions, with recorded calls and with a model
mod eval;
// programs and libraries, each by its own commands
mod others;
// from nothing to a connection and its end, by each client's own way through OAuth
mod sign_in;
// what an assistant can count on, without sign-in
mod tools;

/// What belongs to a client in `tests/clients`.
fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(name)
}

/// Where `tests/clients/install` put the client, if it is the edition that `lock` asks for.
fn installed(client: &str, lock: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("clients").join(client);
    let wanted = fs::read(source(client).join(lock)).expect("the client's lock is there");
    if fs::read(folder.join("installed")).is_ok_and(|installed| installed == wanted) {
        return Some(folder);
    }
    assert!(env::var_os("CI").is_none(), "{client} is not installed; run tests/clients/install");
    // Written past the test harness, which keeps the output of tests that pass to itself.
    let _ = writeln!(io::stderr(), "SKIPPED: {client} is not installed; run tests/clients/install");
    None
}

/// Scripts of ours, put beside the packages that they import, the last of them to be run. No two tests may share one.
fn scripts(client: &str, scripts: &[&str]) -> Option<Command> {
    let folder = installed(client, "package-lock.json")?;
    let own = folder.join("node_modules/node/bin/node");
    let mut command = Command::new(if own.exists() { own } else { "node".into() });
    for script in scripts {
        let into = folder.join(Path::new(script).file_name().expect("a script has a name"));
        fs::copy(source(script), &into).expect("the script is copied");
        if scripts.last() == Some(script) {
            command.arg(into);
        }
    }
    Some(command)
}

/// Runs a client's checks, all of which have to pass.
fn check(command: &mut Command) {
    let output = command.env("NO_PROXY", "127.0.0.1").output().expect("the client runs");
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains(" 0 failed"), "{said}\n{complained}");
}
