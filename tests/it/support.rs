//! What the suites share: servers, hosts, databases and browsers, real ones where there are.

// an app with its tokens
pub(crate) mod app;
// an assistant's side of MCP: both eras over HTTP, and stdio
pub(crate) mod assistant;
// the browser for the user's side
pub(crate) mod browser;
// what makers of assistants publish, and what they sign
pub(crate) mod client_documents;
// the form of error texts
pub(crate) mod error_style;
// a Torii that does what a test says, and records its requests
pub(crate) mod mock_api;
// a real PostgreSQL, started for the tests
pub(crate) mod postgres;
// the built program, as its users run it
pub(crate) mod process;
// a real identity provider
pub(crate) mod provider;
// scopes and credentials by their names
pub(crate) mod rights;
// the built program with sign-in, as an operator runs it
pub(crate) mod spawned;
// the server with sign-in, in this process
pub(crate) mod test_server;
// a host that means no good, and what it should not reach
pub(crate) mod untrusted_host;

/// The same work, so many times at once.
pub(crate) async fn futures<T>(count: usize, work: impl AsyncFn() -> T) -> Vec<T> {
    let mut all: Vec<_> = (0..count).map(|_| Box::pin(work())).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        all.retain_mut(|one| match one.as_mut().poll(context) {
            std::task::Poll::Ready(value) => {
                done.push(value);
                false
            }
            std::task::Poll::Pending => true,
        });
        if all.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}
