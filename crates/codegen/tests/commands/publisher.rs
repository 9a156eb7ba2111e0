//! A publisher of documents, on this machine.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// The response for a path.
#[derive(Clone)]
pub(crate) enum Answer {
    /// media type and text
    Document(&'static str, Vec<u8>),
    Redirect(String),
    Missing,
    /// requires a name and a password, and accepts none
    Locked,
    /// announces this length
    Announced(u64),
    /// sends as long as the client reads
    Endless,
    /// sends nothing, and waits until the client disconnects
    Silent,
}

pub(crate) struct Publisher {
    pub(crate) origin: String,
    answers: Arc<Mutex<HashMap<String, Answer>>>,
}

impl Publisher {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
        let origin = format!("http://{}", listener.local_addr().expect("it has an address"));
        let answers = Arc::<Mutex<HashMap<String, Answer>>>::default();
        let known = Arc::clone(&answers);
        // the thread ends with the process
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let known = Arc::clone(&known);
                // errors are ignored: some tests make the client disconnect early
                thread::spawn(move || drop(serve(stream, &known)));
            }
        });
        Self { origin, answers }
    }

    /// Sets the response for the path, and returns its URL.
    pub(crate) fn at(&self, path: &str, response: Answer) -> String {
        self.answers.lock().expect("nobody panics").insert(path.to_owned(), response);
        format!("{}{path}", self.origin)
    }

    /// Publishes a document in JSON, and returns its URL.
    pub(crate) fn publish(&self, document: &str) -> String {
        self.at("/document.json", Answer::Document("application/json", document.as_bytes().to_vec()))
    }
}

fn serve(mut stream: TcpStream, known: &Mutex<HashMap<String, Answer>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let response = known.lock().expect("nobody panics").get(path).cloned().unwrap_or(Answer::Missing);
    let json = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n";
    match response {
        Answer::Document(type_, text) => {
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: {type_}\r\nContent-Length: {}\r\n\r\n",
                text.len()
            )?;
            stream.write_all(&text)
        }
        Answer::Redirect(to) => {
            write!(stream, "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
        }
        Answer::Missing => {
            write!(
                stream,
                "HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\nnone"
            )
        }
        Answer::Locked => {
            write!(
                stream,
                "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nWWW-Authenticate: Basic realm=\"here\"\r\nContent-Length: 0\r\n\r\n"
            )
        }
        Answer::Announced(length) => write!(stream, "{json}Content-Length: {length}\r\n\r\n"),
        Answer::Endless => {
            write!(stream, "{json}\r\n")?;
            loop {
                stream.write_all(&[b' '; 1 << 14])?;
            }
        }
        Answer::Silent => reader.read_line(&mut line).map(drop),
    }
}
