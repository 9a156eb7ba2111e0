//! Several replicas behind nginx, with the configuration that operators are given.

use std::{
    env, fs,
    io::{self, Write},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use reqwest::StatusCode;
use tempfile::TempDir;

use super::{READ, REDIRECT};
use crate::support::{
    app::App,
    spawned::{Deployment, ORIGIN},
    test_server::client,
};

const N_KILLS: usize = 7;
/// How many requests follow on each kill: more than there are replicas.
const N_REQUESTS: usize = 10;

/// The configuration of `deploy/`, with these servers, listening here without TLS.
fn configuration(folder: &Path, listen: &str, servers: &[String]) -> String {
    let given = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/nginx.conf")).expect("it is there");
    let line = "    server 127.0.0.1:8080 max_fails=1 fail_timeout=1s;\n";
    assert!(given.contains(line), "{given}");
    let servers: String = servers.iter().map(|server| line.replace("127.0.0.1:8080", server)).collect();
    let lines = given.replace(line, &servers);
    let lines = lines.lines().filter(|line| !line.contains("ssl_") && !line.contains("listen [::]"));
    let site = lines.collect::<Vec<_>>().join("\n").replace("listen 443 ssl http2;", &format!("listen {listen};"));
    let folder = folder.display();
    let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path {folder}/{kind};"));
    format!(
        "daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; events {{}}\nhttp {{ log_format answered $upstream_addr; {}\n{} }}\n",
        paths.join(" "),
        // so that the test sees which replica answered
        site.replace("/var/log/nginx/torii-mcp.log combined", &format!("{folder}/access.log answered")),
    )
}

/// nginx, which ends with this value.
struct Nginx {
    child: Child,
    at: String,
    folder: TempDir,
}

impl Nginx {
    fn start(servers: &[String]) -> Option<Self> {
        let Some(program) =
            ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx"].iter().find(|path| Path::new(path).exists())
        else {
            assert!(env::var_os("CI").is_none(), "nginx is not installed");
            let _ = writeln!(io::stderr(), "SKIPPED: nginx is not installed");
            return None;
        };
        let folder = TempDir::new().expect("a folder is made");
        let address = free_address();
        let file = folder.path().join("nginx.conf");
        fs::write(&file, configuration(folder.path(), &address, servers)).expect("the file is written");
        let log = folder.path().join("error.log");
        let command = |arguments: &[&str]| {
            let mut command = Command::new(program);
            command.arg("-c").arg(&file).arg("-e").arg(&log).args(arguments).stdout(Stdio::null());
            command
        };
        let checked = command(&["-t"]).output().expect("it starts");
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
        let child = command(&[]).spawn().expect("it starts");
        Some(Self { child, at: format!("http://{address}"), folder })
    }

    /// Whether this replica has answered the last request.
    fn was_answered_by(&self, address: &str) -> bool {
        let log = fs::read_to_string(self.folder.path().join("access.log")).expect("it is there");
        log.lines().next_back().is_some_and(|last| last.ends_with(address))
    }

    /// Waits until it listens.
    async fn listens(&self) {
        let listens = async {
            while client().get(format!("{}/health/live", self.at)).send().await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(crate::support::process::PATIENCE, listens).await.expect("it listens");
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // so that its worker ends, too
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it listens").to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_is_killed_costs_no_request_that_follows() {
    let addresses = [free_address(), free_address()];
    // two processes may share one file on one machine
    let deployment = Arc::new(Deployment::new().await);
    let mut replicas = [deployment.start_at(&addresses[0]).await, deployment.start_at(&addresses[1]).await];
    // afterwards, since it remembers for a second who did not answer
    let Some(nginx) = Nginx::start(&addresses) else { return };
    nginx.listens().await;
    let app = replicas[0].app(REDIRECT).await;
    let tokens = app.connect(&replicas[0].signed_in().await, READ).await;
    let app = App::of(&nginx.at, ORIGIN, &app.id, REDIRECT);
    for round in 0..N_KILLS {
        let killed = round % replicas.len();
        replicas[killed].program.kill();
        for number in 0..N_REQUESTS {
            assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK, "kill {round}, request {number}");
        }
        replicas[killed] = deployment.start_at(&addresses[killed]).await;
        // the next one is killed when this one gets its share again
        while !nginx.was_answered_by(&addresses[killed]) {
            assert_eq!(app.list(&tokens.access).await.status(), StatusCode::OK, "after kill {round}");
        }
    }
}
