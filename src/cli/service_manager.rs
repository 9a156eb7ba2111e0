//! Tells a service manager what `serve` does, as `sd_notify` describes it
//! (<https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html>).

/// The variable that names the socket of the service manager.
#[cfg(unix)]
const SOCKET: &str = "NOTIFY_SOCKET";

/// What the server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It serves.
    Ready,
    /// It reads its configuration again; [`State::Ready`] follows.
    #[cfg(unix)]
    Reloading,
    /// It is going to stop.
    Stopping,
}

impl State {
    #[cfg(unix)]
    fn message(self) -> String {
        match self {
            Self::Ready => "READY=1".to_owned(),
            Self::Reloading => {
                let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
                format!("RELOADING=1\nMONOTONIC_USEC={}", now.tv_sec * 1_000_000 + now.tv_nsec / 1_000)
            }
            Self::Stopping => "STOPPING=1".to_owned(),
        }
    }
}

/// Tells the service manager, if there is one. What it does not receive is logged and changes nothing.
#[cfg(unix)]
pub(super) fn notify(state: State) {
    let Some(socket) = std::env::var_os(SOCKET).filter(|socket| !socket.is_empty()) else { return };
    if let Err(error) = send(&socket, &state.message()) {
        tracing::warn!(%error, "the service manager at `NOTIFY_SOCKET` cannot be told that this server is {state:?}");
    }
}

#[cfg(not(unix))]
pub(super) fn notify(_: State) {}

#[cfg(unix)]
fn send(socket: &std::ffi::OsStr, message: &str) -> std::io::Result<()> {
    use std::os::unix::{
        ffi::OsStrExt,
        net::{SocketAddr, UnixDatagram},
    };
    let address = match socket.as_bytes().strip_prefix(b"@") {
        #[cfg(target_os = "linux")]
        Some(name) => <SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(socket)?,
    };
    UnixDatagram::unbound()?.send_to_addr(message.as_bytes(), &address)?;
    Ok(())
}
