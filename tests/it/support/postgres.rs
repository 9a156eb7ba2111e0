//! A real PostgreSQL, started from the installed binaries in a folder of its own.
//!
//! A shell stands beside each server and waits for the end of its input, which comes when the test's process ends, however it
//! does; then it stops the server and removes its folder. Without binaries the tests are skipped, but never where `CI` is set.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpListener,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

/// The user of the server and of its databases, and their password.
const USER: &str = "torii";
pub(crate) const PASSWORD: &str = "torii-secret";

/// Its arguments: the folder of the binaries, the port, the user, the password.
const GUARD: &str = r#"
set -u
trap '' INT TERM HUP
folder=$(mktemp -d) || exit 1
trap '"$1/pg_ctl" stop -D "$folder/data" -m immediate >>"$folder/log" 2>&1; rm -rf "$folder"' EXIT
printf %s "$4" >"$folder/password"
"$1/initdb" -D "$folder/data" -U "$3" -A scram-sha-256 --pwfile="$folder/password" -E UTF8 --locale=C --no-sync \
  >>"$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
cat >>"$folder/data/postgresql.conf" <<END
port = $2
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder'
max_connections = 300
fsync = off
END
"$1/pg_ctl" start -D "$folder/data" -l "$folder/log" -w >/dev/null 2>&1 || { cat "$folder/log" >&2; exit 1; }
echo "$folder"
cat >/dev/null
"#;

/// A running server. It ends with this value.
pub(crate) struct Server {
    guard: Child,
    binaries: PathBuf,
    folder: PathBuf,
    port: u16,
    databases: AtomicUsize,
}

/// The server that the tests of this process share, or nothing where there are no binaries.
pub(crate) fn shared() -> Option<&'static Server> {
    static SHARED: OnceLock<Option<Server>> = OnceLock::new();
    SHARED.get_or_init(Server::start).as_ref()
}

impl Server {
    /// One of its own for a test that does harm to it.
    pub(crate) fn start() -> Option<Self> {
        let Some(binaries) = installed() else {
            assert!(env::var_os("CI").is_none(), "PostgreSQL is not installed");
            // written past the test harness, which keeps the output of tests that pass to itself
            let _ = writeln!(io::stderr(), "SKIPPED: PostgreSQL is not installed");
            return None;
        };
        // somebody else may take the port before the server does
        let mut complaints = Vec::new();
        while complaints.len() < 5 {
            match Self::start_from(&binaries) {
                Ok(server) => return Some(server),
                Err(complaint) => complaints.push(complaint),
            }
        }
        panic!("PostgreSQL does not start: {complaints:?}");
    }

    fn start_from(binaries: &Path) -> Result<Self, String> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port is free").port();
        let mut guard = plain("sh");
        guard.args(["-c", GUARD, "sh"]).arg(binaries).args([&port.to_string(), USER, PASSWORD]);
        let piped = guard.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut guard = piped.spawn().expect("there is a shell");
        let mut folder = String::new();
        let mut stdout = BufReader::new(guard.stdout.take().expect("its output is piped"));
        stdout.read_line(&mut folder).expect("the guard writes text");
        if folder.is_empty() {
            let mut complaint = String::new();
            let mut stderr = guard.stderr.take().expect("its errors are piped");
            stderr.read_to_string(&mut complaint).expect("the guard writes text");
            guard.wait().expect("the guard ends");
            return Err(complaint);
        }
        let folder = PathBuf::from(folder.trim_end());
        Ok(Self { guard, binaries: binaries.to_owned(), folder, port, databases: AtomicUsize::new(0) })
    }

    /// The address of a new, empty database.
    pub(crate) fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut command = plain(self.binaries.join("createdb"));
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", USER, &name]).env("PGPASSWORD", PASSWORD);
        finish(command);
        self.url(&name)
    }

    /// The address of a database, whether or not there is one.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/{name}", self.port)
    }

    /// Stops it as an operator does; those connected are thrown out.
    pub(crate) fn stop(&self) {
        self.control("stop");
    }

    /// Starts it again, with the same databases at the same address.
    pub(crate) fn start_again(&self) {
        self.control("start");
    }

    fn control(&self, action: &str) {
        let mut command = plain(self.binaries.join("pg_ctl"));
        command.args([action, "-w", "-D"]).arg(self.folder.join("data")).arg("-l").arg(self.folder.join("log"));
        if action == "stop" {
            command.args(["-m", "fast"]);
        }
        finish(command);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.guard.stdin = None;
        let _ = self.guard.wait();
    }
}

fn finish(mut command: Command) {
    // a server that is started keeps what it is given open
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let status = status.expect("the command starts");
    assert!(status.success(), "{command:?}: {status}");
}

/// A command with none of our environment, as a user who may run the server: it refuses to run as root.
fn plain(program: impl AsRef<Path>) -> Command {
    let is_root =
        tempfile::tempfile().and_then(|file| file.metadata()).expect("there is a folder for temporary files").uid() == 0;
    let mut command = if is_root {
        let user = if user_exists("postgres") { "postgres" } else { "nobody" };
        let mut command = Command::new("setpriv");
        command.args(["--reuid", user, "--regid", &group_of(user), "--clear-groups", "--"]).arg(program.as_ref());
        command
    } else {
        Command::new(program.as_ref())
    };
    command.current_dir("/").env_clear().env("LC_ALL", "C");
    command.envs(["PATH", "TMPDIR"].iter().filter_map(|name| Some((name, env::var_os(name)?))));
    command
}

fn user_exists(name: &str) -> bool {
    Command::new("id").arg(name).output().is_ok_and(|output| output.status.success())
}

fn group_of(user: &str) -> String {
    let output = Command::new("id").args(["-g", user]).output().expect("`id` runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The folder that holds the binaries.
fn installed() -> Option<PathBuf> {
    let told = Command::new("pg_config").arg("--bindir").output().ok().filter(|output| output.status.success());
    let told = told.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut debian: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    debian.sort();
    let path = env::var_os("PATH").unwrap_or_default();
    let is_complete =
        |folder: &PathBuf| ["initdb", "pg_ctl", "postgres", "createdb"].iter().all(|name| folder.join(name).exists());
    told.into_iter().chain(debian.into_iter().rev()).chain(env::split_paths(&path)).find(is_complete)
}
