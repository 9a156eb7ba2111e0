//! The built program, run as its users run it: arguments and environment in; standard output, standard error and an exit
//! code out.

use std::{
    env,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How long anything may take here before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Environment for the program.
pub(crate) type Variables<'a> = &'a [(&'a str, &'a str)];

/// Where the program would keep files of the user who runs the tests.
const USER_DATA: [&str; 3] = ["HOME", "XDG_DATA_HOME", "LOCALAPPDATA"];

/// The program, with no other settings than these, and no place for files unless they name one.
pub(crate) fn command(arguments: &[&str], variables: Variables<'_>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_torii-mcp"));
    for (name, _) in env::vars_os() {
        let plain = name.to_string_lossy().to_uppercase();
        if plain.starts_with("TORII_") || plain.ends_with("_PROXY") || USER_DATA.contains(&plain.as_str()) {
            command.env_remove(name);
        }
    }
    command.args(arguments).envs(variables.iter().copied());
    command
}

/// How a run of the program ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the program to its end.
pub(crate) fn run(arguments: &[&str], variables: Variables<'_>) -> Ran {
    finish(command(arguments, variables))
}

/// Runs a command to its end.
pub(crate) fn finish(mut command: Command) -> Ran {
    let output = command.stdin(Stdio::null()).output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
    Ran { code: output.status.code().unwrap_or(-1), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The program while it runs. It ends with this value.
pub(crate) struct Program {
    child: Child,
    input: Option<ChildStdin>,
    pub(crate) stdout: Output,
    pub(crate) stderr: Output,
}

impl Program {
    pub(crate) fn start(arguments: &[&str], variables: Variables<'_>) -> Self {
        Self::spawn(command(arguments, variables))
    }

    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let stdout = Output::of(child.stdout.take().expect("standard output is piped"));
        let stderr = Output::of(child.stderr.take().expect("standard error is piped"));
        Self { input: child.stdin.take(), child, stdout, stderr }
    }

    /// Writes a line to its standard input.
    pub(crate) fn tell(&mut self, line: &str) {
        let input = self.input.as_mut().expect("standard input is open");
        writeln!(input, "{line}").expect("the program reads its input");
    }

    /// Closes its standard input and waits for its end; its exit code.
    pub(crate) fn hang_up(&mut self) -> i32 {
        self.input = None;
        self.stdout.wait_for(|_, is_closed| is_closed.then_some(()));
        self.child.wait().expect("the program ends").code().unwrap_or(-1)
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, as an operator's system does.
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Tells it that its terminal is gone, or, as a service, to read its configuration again.
    pub(crate) fn send_hang_up(&self) {
        self.signal("-HUP");
    }

    fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.id().to_string()]).status().expect("`kill` is there");
        assert!(status.success());
    }

    /// Waits for its end; its exit code.
    pub(crate) fn wait(&mut self) -> i32 {
        self.stderr.wait_for(|_, is_closed| is_closed.then_some(()));
        self.child.wait().expect("the program ends").code().unwrap_or(-1)
    }

    /// Ends it, and gives everything it wrote.
    pub(crate) fn end(mut self) -> (String, String) {
        self.kill();
        (self.stdout.rest(), self.stderr.rest())
    }

    /// Ends it at once, wherever it is.
    pub(crate) fn kill(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What a running program has written so far.
pub(crate) struct Output {
    shared: Arc<Shared>,
    reader: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    written: Mutex<Written>,
    changed: Condvar,
}

#[derive(Default)]
struct Written {
    text: String,
    is_closed: bool,
}

impl Shared {
    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().expect("no reader panics")
    }
}

impl Output {
    fn of(stream: impl Read + Send + 'static) -> Self {
        let shared = Arc::new(Shared::default());
        let writer = Arc::clone(&shared);
        let reader = thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            let mut line = String::new();
            while stream.read_line(&mut line).is_ok_and(|length| length > 0) {
                writer.written().text.push_str(&line);
                writer.changed.notify_all();
                line.clear();
            }
            writer.written().is_closed = true;
            writer.changed.notify_all();
        });
        Self { shared, reader: Some(reader) }
    }

    /// Waits until the text, or its end, is what `found` looks for.
    pub(crate) fn wait_for<T>(&self, found: impl Fn(&str, bool) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut written = self.shared.written();
        loop {
            if let Some(found) = found(&written.text, written.is_closed) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!written.is_closed && !left.is_zero(), "not in the output: {}", written.text);
            written = self.shared.changed.wait_timeout(written, left).expect("no reader panics").0;
        }
    }

    /// Waits for the address that the program listens on.
    pub(crate) fn address(&self) -> String {
        self.wait_for(|text, _| {
            let (_, address) = text.split_once("http://127.0.0.1:")?;
            let (port, _) = address.split_once(|c: char| !c.is_ascii_digit())?;
            Some(format!("http://127.0.0.1:{port}"))
        })
    }

    /// Everything, once the program has ended.
    fn rest(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().expect("no reader panics");
        }
        self.shared.written().text.clone()
    }
}
