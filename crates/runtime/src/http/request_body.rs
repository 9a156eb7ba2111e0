//! Reads the body of a request to the MCP endpoint within limits, before anything parses it.
//!
//! Invariants:
//! - The values in a body and their depth are counted while it arrives. A body beyond [`JsonLimits::REQUEST`] or [`USUAL_BYTES`]
//!   is accepted only if it calls a tool whose annotation `max_request_bytes` allows more.
//! - Bodies that need much memory share a budget until their calls end, and must arrive at a minimum rate, which is higher while
//!   others wait for it.
//! - What a response repeats of a request is short.

use std::{future::poll_fn, net::Ipv4Addr, pin::Pin, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{
        StatusCode,
        header::{CONNECTION, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use hyper::body::Frame;
use mcp_http::{caller::Caller, holding_body::HoldingFrames, net::client_ip::ClientIp};
use tokio::time::{Instant, timeout_at};

use super::in_flight::{InFlightOf, RequestsInFlight};
use crate::{
    catalog::{Catalog, Tool},
    json_limits::{BeyondLimits, JsonCounter, JsonLimits},
    json_text::{self, Members},
    mcp::runs_others,
    memory_budget::{BudgetExhausted, MemoryBudget, Reservation, Sizes, UNCOUNTED_BYTES},
};

#[cfg(test)]
mod tests;

/// How large a body may be for any tool, in bytes.
const USUAL_BYTES: usize = 1 << 20;
/// The most memory that a value takes while its call is validated and sent, in bytes: about 440 were measured for empty lists.
const VALUE_BYTES: usize = 512;
/// How many copies of a body are in memory: as received, as arguments, as the request to the API, and its copy for a retry.
const COPIES: usize = 4;
/// What requests take in memory: a medium one as much as a text of 1 MiB, a large one as much as 5 MiB with 50,000 values.
const SIZES: Sizes = Sizes { medium: 4 << 20, large: 48 << 20 };

/// While a body counts towards the budget, [`WINDOW_BYTES`] of it must arrive in each window of this length.
const WINDOW: Duration = Duration::from_secs(5);
const WINDOW_BYTES: usize = 256 << 10;
/// While somebody who holds less waits for the memory that a body holds, it must have arrived at this rate, in bytes per second, since
/// it counts; and how often that is checked.
const RATE_IF_WANTED: usize = 512 << 10;
const CHECK: Duration = Duration::from_secs(1);
/// What responses repeat of a message, and how many bytes of JSON each may have.
const REPEATED: [(&[&str], usize); 8] = [
    (&["id"], 256),
    (&["method"], 128),
    (&["params", "protocolVersion"], 64),
    (&["params", "name"], 512),
    (&["params", "uri"], 8 << 10),
    (&["params", "taskId"], 512),
    (&["params", "_meta", "progressToken"], 512),
    (&["params", "_meta", "io.modelcontextprotocol/protocolVersion"], 64),
];

/// What reading bodies needs.
#[derive(Clone, Debug)]
pub(super) struct RequestBodies {
    catalog: &'static Catalog,
    memory: MemoryBudget,
    in_flight: RequestsInFlight,
    largest: usize,
}

/// Why a body is rejected.
#[derive(Debug, thiserror::Error)]
enum BodyError {
    #[error("the body could not be read: {0}; send the request again")]
    Broken(axum::Error),
    #[error("a request may have at most {} MiB; send less at once", .0 >> 20)]
    TooLarge(usize),
    #[error("the body {beyond}; {step}", beyond = .0, step = next_step(*.0))]
    BeyondLimits(#[from] BeyondLimits),
    #[error("{0}; send the request again in a few seconds")]
    Busy(#[from] BudgetExhausted),
    #[error("the request's body arrived too slowly; send less at once, or over a faster connection")]
    TooSlow,
    #[error("`{}` may have at most {most} bytes; send a shorter one", path.join("."))]
    TooLong { path: &'static [&'static str], most: usize },
}

fn next_step(beyond: BeyondLimits) -> &'static str {
    match beyond {
        BeyondLimits::Values(_) => "send less at once",
        BeyondLimits::Depth(_) => "send it less deeply nested",
    }
}

/// The response to a request that is larger than this many bytes.
pub(super) fn too_large(limit: usize) -> Response {
    BodyError::TooLarge(limit).into_response()
}

impl IntoResponse for BodyError {
    fn into_response(self) -> Response {
        let text = self.to_string();
        match self {
            Self::Broken(_) | Self::TooLong { .. } => (StatusCode::BAD_REQUEST, text).into_response(),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, [(CONNECTION, "close")], text).into_response(),
            Self::TooLarge(_) | Self::BeyondLimits(_) => (StatusCode::PAYLOAD_TOO_LARGE, text).into_response(),
            Self::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "5")], text).into_response(),
        }
    }
}

impl RequestBodies {
    pub(super) fn new(catalog: &'static Catalog, memory: usize) -> Self {
        Self { catalog, memory: MemoryBudget::new(memory, SIZES), in_flight: RequestsInFlight::new(), largest: largest(catalog) }
    }

    async fn read(&self, mut body: Body, caller: &Caller) -> Result<(Bytes, Reservation), BodyError> {
        let mut reservation = self.memory.begin(caller.user());
        let mut arrival: Option<Arrival> = None;
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
        let (mut bytes, mut counter) = (Vec::with_capacity(announced.min(UNCOUNTED_BYTES)), JsonCounter::default());
        loop {
            let frame = if bytes.len() > UNCOUNTED_BYTES {
                let arrival = arrival.get_or_insert_with(|| Arrival::begin(bytes.len()));
                next_in_time(&mut body, arrival, bytes.len(), &reservation).await?
            } else {
                next_frame(&mut body).await
            };
            let Some(frame) = frame else { break };
            let Ok(piece) = frame.map_err(BodyError::Broken)?.into_data() else { continue };
            if bytes.len() + piece.len() > self.largest {
                return Err(BodyError::TooLarge(self.largest));
            }
            counter.add(&piece);
            // no tool accepts more
            counter.check(JsonLimits::LARGE_REQUEST)?;
            let asked_at = Instant::now();
            reservation.grow(bytes.len() + piece.len()).await?;
            if let Some(arrival) = &mut arrival {
                arrival.leave_out(asked_at.elapsed());
            }
            bytes.extend_from_slice(&piece);
        }
        if bytes.len() > USUAL_BYTES || counter.check(JsonLimits::REQUEST).is_err() {
            self.check_large(&bytes, &counter)?;
        }
        check_repeated(&bytes)?;
        reservation.grow(COPIES * bytes.len() + VALUE_BYTES * counter.values()).await?;
        Ok((bytes.into(), reservation))
    }

    /// Checks that the tool that a large body calls accepts it.
    fn check_large(&self, bytes: &[u8], counter: &JsonCounter) -> Result<(), BodyError> {
        let tool = called_tool(bytes, self.catalog);
        let largest = tool.and_then(|tool| tool.max_request_bytes).unwrap_or(USUAL_BYTES);
        if bytes.len() > largest {
            return Err(BodyError::TooLarge(largest));
        }
        Ok(counter.check(tool.map_or(JsonLimits::REQUEST, Tool::json_limits))?)
    }
}

async fn next_frame(body: &mut Body) -> Option<Result<Frame<Bytes>, axum::Error>> {
    poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await
}

/// The next frame of a body that counts and of which `arrived` bytes are there, unless it arrives too slowly.
async fn next_in_time(
    body: &mut Body,
    arrival: &mut Arrival,
    arrived: usize,
    reservation: &Reservation,
) -> Result<Option<Result<Frame<Bytes>, axum::Error>>, BodyError> {
    loop {
        let now = Instant::now();
        if arrival.is_too_slow(arrived, now, || reservation.is_wanted()) {
            return Err(BodyError::TooSlow);
        }
        if let Ok(frame) = timeout_at(arrival.window_ends.min(now + CHECK), next_frame(body)).await {
            return Ok(frame);
        }
    }
}

/// How a body arrives since it counts towards the budget.
#[derive(Debug)]
struct Arrival {
    begun_at: Instant,
    /// How many bytes were there then.
    begun_with: usize,
    window_ends: Instant,
    /// How many bytes were there when the window began.
    window_with: usize,
}

impl Arrival {
    fn begin(arrived: usize) -> Self {
        let begun_at = Instant::now();
        Self { begun_at, begun_with: arrived, window_ends: begun_at + WINDOW, window_with: arrived }
    }

    /// Leaves out a time during which the server read nothing.
    fn leave_out(&mut self, waited: Duration) {
        self.begun_at += waited;
        self.window_ends += waited;
    }

    fn is_too_slow(&mut self, arrived: usize, now: Instant, is_wanted: impl FnOnce() -> bool) -> bool {
        if arrived >= self.window_with + WINDOW_BYTES {
            (self.window_ends, self.window_with) = (now + WINDOW, arrived);
        }
        let seconds = usize::try_from(now.saturating_duration_since(self.begun_at).as_secs()).unwrap_or(usize::MAX);
        now >= self.window_ends || (arrived - self.begun_with < seconds.saturating_mul(RATE_IF_WANTED) && is_wanted())
    }
}

/// The members of a member; none if it is not an object.
fn inside<'a>(members: &Members<'a>, name: &str) -> Members<'a> {
    members.get(name).and_then(|value| json_text::members(value)).unwrap_or_default()
}

/// Checks that the members of a message that responses repeat are short. Invalid messages are rejected later.
fn check_repeated(message: &[u8]) -> Result<(), BodyError> {
    let Some(message) = str::from_utf8(message).ok().and_then(json_text::members) else { return Ok(()) };
    let params = inside(&message, "params");
    let meta = inside(&params, "_meta");
    for (path, most) in REPEATED {
        let value = match path {
            ["params", "_meta", name] => meta.get(*name),
            ["params", name] => params.get(*name),
            [name] => message.get(*name),
            _ => None,
        };
        if value.is_some_and(|value| value.len() > most) {
            return Err(BodyError::TooLong { path, most });
        }
    }
    Ok(())
}

/// The size of the largest request that any tool accepts, in bytes.
pub(super) fn largest(catalog: &Catalog) -> usize {
    catalog.tools().iter().filter_map(|tool| tool.max_request_bytes).fold(USUAL_BYTES, usize::max)
}

/// The tool that a message calls, directly or through a meta-tool that runs others. Its arguments are not parsed into values.
fn called_tool<'a>(message: &[u8], catalog: &'a Catalog) -> Option<&'a Tool> {
    let message = json_text::members(str::from_utf8(message).ok()?)?;
    let text = |members: &Members<'_>, name: &str| serde_json::from_str::<String>(members.get(name)?).ok();
    if text(&message, "method")? != "tools/call" {
        return None;
    }
    let params = inside(&message, "params");
    let name = text(&params, "name")?;
    let arguments = inside(&params, "arguments");
    catalog.find(&if runs_others(&name) { text(&arguments, "tool")? } else { name })
}

/// Reads the body, and keeps its memory reserved until the call ends: what handles the call keeps the request's extensions. The
/// request is in flight until its response was written, so that one user does not fill the memory with responses that nobody reads.
pub(super) async fn read(bodies: &RequestBodies, request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(caller) = parts.extensions.get::<Caller>().cloned() else { return StatusCode::UNAUTHORIZED.into_response() };
    let user = match (caller.user(), parts.extensions.get::<ClientIp>()) {
        (Some(user), _) => InFlightOf::User(Arc::clone(user)),
        (None, Some(ip)) => InFlightOf::Network(ip.customer()),
        (None, None) => InFlightOf::Network(Ipv4Addr::UNSPECIFIED.into()),
    };
    let Some(in_flight) = bodies.in_flight.begin(&user) else { return too_many() };
    let (bytes, reservation) = match bodies.read(body, &caller).await {
        Ok(read) => read,
        Err(error) => return error.into_response(),
    };
    let in_flight = Arc::new(in_flight);
    // a call that its client has abandoned may continue, and is counted until it ends
    parts.extensions.insert(Arc::new((reservation, Arc::clone(&in_flight))));
    let response = next(Request::from_parts(parts, bytes.into())).await;
    match bodies.in_flight.begin_response(user, response.body().size_hint().lower()).await {
        Ok(place) => response.map(|body| Body::new(HoldingFrames::new(body, (in_flight, place)))),
        Err(error) => {
            let text = format!("{error}; the request was processed, but its response is lost: check before repeating a change");
            (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "5")], text).into_response()
        }
    }
}

/// The response to a user or network with too many requests in flight.
fn too_many() -> Response {
    let text = format!(
        "too many requests in flight (the limit is {} for a user); send the next one when a response has arrived",
        RequestsInFlight::OF_USER
    );
    (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "1")], text).into_response()
}
