use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

/// How long a test waits before it fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// An output that accepts a line each time the test allows it, and reports what it accepted.
struct Pipe {
    turns: Receiver<()>,
    written: Sender<String>,
}

impl Write for Pipe {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // after the end of the test, all lines are accepted
        let _ = self.turns.recv();
        let _ = self.written.send(String::from_utf8_lossy(line).into_owned());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn pipe() -> (LogQueue, Sender<()>, Receiver<String>) {
    let ((turn, turns), (written, lines)) = (channel(), channel());
    (LogQueue::start(Pipe { turns, written }).unwrap(), turn, lines)
}

#[test]
fn nobody_waits_for_an_output_that_blocks_and_what_is_dropped_is_counted() {
    let (queue, turn, lines) = pipe();
    queue.push(b"first\n");
    // wait until the thread has taken the line and blocks on the output
    while !queue.state().lines.is_empty() {
        thread::yield_now();
    }
    for number in 0..MAX_LINES + 7 {
        queue.push(format!("{number}\n").as_bytes());
    }
    assert_eq!(queue.state().lines.len(), MAX_LINES);
    drop(turn);
    assert_eq!(lines.recv_timeout(PATIENCE).unwrap(), "first\n");
    let report = "torii-mcp: 7 log lines were dropped because standard error was not read\n";
    assert_eq!(lines.recv_timeout(PATIENCE).unwrap(), report);
    for number in 0..MAX_LINES {
        assert_eq!(lines.recv_timeout(PATIENCE).unwrap(), format!("{number}\n"));
    }
    queue.flush(PATIENCE);
    assert!(lines.try_recv().is_err());
}

#[test]
fn the_queue_is_bounded_in_bytes_too() {
    let (queue, _turn, _lines) = pipe();
    let line = vec![b'x'; MAX_BYTES / 4];
    for _ in 0..10 {
        queue.push(&line);
    }
    let state = queue.state();
    assert!(state.bytes <= MAX_BYTES && (5..=6).contains(&state.dropped), "{} {}", state.bytes, state.dropped);
}

#[test]
fn the_end_does_not_wait_for_ever_and_what_is_said_last_finds_room() {
    let (queue, turn, lines) = pipe();
    for number in 0..2 * MAX_LINES {
        queue.push(format!("{number}\n").as_bytes());
    }
    queue.push_always(b"error: the last\n".to_vec());
    queue.flush(Duration::from_millis(10));
    drop(turn);
    queue.flush(PATIENCE);
    assert!(lines.iter().take_while(|line| line != "error: the last\n").count() > MAX_LINES);
}

#[test]
fn a_line_that_could_not_be_written_is_counted() {
    struct Full(Arc<Mutex<(usize, String)>>);
    impl Write for Full {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            let mut state = self.0.lock().unwrap();
            if state.0 > 0 {
                state.0 -= 1;
                return Err(io::ErrorKind::WouldBlock.into());
            }
            state.1.push_str(&String::from_utf8_lossy(line));
            Ok(line.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let written = Arc::new(Mutex::new((2, String::new())));
    let queue = LogQueue::start(Full(Arc::clone(&written))).unwrap();
    for line in ["a\n", "b\n", "c\n"] {
        queue.push(line.as_bytes());
        queue.flush(PATIENCE);
    }
    let expected = "c\ntorii-mcp: 2 log lines were dropped because standard error was not read\n";
    assert_eq!(written.lock().unwrap().1, expected);
}
