//! A queue of log lines, which a separate thread writes to standard error.
//!
//! Logging never blocks the caller: writing to standard error blocks if it is a pipe that nobody reads, and a server that logs
//! each call would then stop responding.
//!
//! Invariants:
//! - The queue is limited in lines and in bytes. A line that does not fit is dropped and counted, and the count is written as a
//!   line of its own as soon as standard error accepts lines again.
//! - At the end of the process, the wait for the queue has a time limit.

use std::{
    collections::VecDeque,
    io::{self, Write},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tracing_subscriber::fmt::MakeWriter;

#[cfg(test)]
mod tests;

/// How many lines may be queued, and how many bytes they may have together.
const MAX_LINES: usize = 8192;
const MAX_BYTES: usize = 4 << 20;
/// The minimum time between two lines about dropped lines, unless all other lines have been written.
const BETWEEN_REPORTS: Duration = Duration::from_secs(1);

/// How long lines are gathered before they are written.
const GATHERING: Duration = Duration::from_millis(5);

/// A queue of log lines. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct LogQueue(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Is notified when a line is queued.
    has_lines: Condvar,
    /// Is notified when everything has been written.
    is_idle: Condvar,
}

#[derive(Default)]
struct State {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    /// How many lines were dropped and not yet reported.
    dropped: u64,
    /// Whether a line has been removed from the queue and is not yet written.
    is_writing: bool,
}

impl State {
    fn is_idle(&self) -> bool {
        self.lines.is_empty() && !self.is_writing
    }

    fn push(&mut self, line: Vec<u8>) {
        self.bytes += line.len();
        self.lines.push_back(line);
    }
}

impl LogQueue {
    /// Starts the thread that writes what is queued to `output`, which may block.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(super) fn start(output: impl Write + Send + 'static) -> io::Result<Self> {
        let queue = Self::default();
        let lines = queue.clone();
        thread::Builder::new().name("log".to_owned()).spawn(move || lines.write_to(output))?;
        Ok(queue)
    }

    /// Queues a line, or drops and counts it if there is no room.
    pub(super) fn push(&self, line: &[u8]) {
        let mut state = self.state();
        if state.lines.len() >= MAX_LINES || state.bytes + line.len() > MAX_BYTES {
            state.dropped += 1;
            return;
        }
        self.add(state, line.to_vec());
    }

    /// Queues a line even if the queue is full. Only for lines that occur once.
    pub(super) fn push_always(&self, line: Vec<u8>) {
        self.add(self.state(), line);
    }

    /// Adds a line, and wakes the thread if it may be waiting for one.
    fn add(&self, mut state: MutexGuard<'_, State>, line: Vec<u8>) {
        let is_first = state.lines.is_empty();
        state.push(line);
        if is_first {
            self.0.has_lines.notify_one();
        }
    }

    /// Waits until everything has been written, but no longer than `longest`.
    pub(super) fn flush(&self, longest: Duration) {
        // a timeout needs no handling, since the process ends
        let _ = self.0.is_idle.wait_timeout_while(self.state(), longest, |state| !state.is_idle());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes lines forever.
    fn write_to(&self, mut output: impl Write) {
        let mut reported_at: Option<Instant> = None;
        loop {
            let line = self.next_line();
            let is_written = write_line(&mut output, &line);
            let mut state = self.state();
            if !is_written {
                state.dropped += 1;
            }
            let is_due = state.lines.is_empty() || reported_at.is_none_or(|at| at.elapsed() >= BETWEEN_REPORTS);
            let dropped = state.dropped;
            if is_written && is_due && dropped > 0 {
                drop(state);
                let report = format!("torii-mcp: {dropped} log lines were dropped because standard error was not read\n");
                let is_reported = write_line(&mut output, report.as_bytes());
                reported_at = Some(Instant::now());
                state = self.state();
                if is_reported {
                    state.dropped -= dropped;
                }
            }
            state.is_writing = false;
            if state.is_idle() {
                self.0.is_idle.notify_all();
            }
        }
    }

    /// Waits for a line and removes it from the queue.
    fn next_line(&self) -> Vec<u8> {
        let mut state = self.state();
        loop {
            if let Some(line) = state.lines.pop_front() {
                state.bytes -= line.len();
                state.is_writing = true;
                return line;
            }
            drop(self.0.has_lines.wait(state).unwrap_or_else(PoisonError::into_inner));
            // waking the thread for each line would cost more than writing it
            thread::sleep(GATHERING);
            state = self.state();
        }
    }
}

/// Writes a line. Returns whether all of it was written.
fn write_line(output: &mut impl Write, line: &[u8]) -> bool {
    output.write_all(line).and_then(|()| output.flush()).is_ok()
}

impl Write for &LogQueue {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogQueue {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}
