//! Redirect URIs (RFC 6749, section 3.1.2; RFC 8252, section 7.3).
//!
//! Invariants: https anywhere, http on a loopback address only, and of addresses that lead to another program only those in
//! [`PROGRAMS`]; compared byte for byte, but for the port of a loopback address, which clients choose when they start.

use mcp_http::net::LOOPBACK;
use reqwest::Url;

#[cfg(test)]
mod tests;

/// The addresses of programs on the client's own machine (RFC 8252, section 7.1). Any program there can claim such an
/// address, as it can a loopback port, and then has a code without its verifier. Cursor asks to be sent back here, also
/// where it has registered others. The names have a capital, so that no host is called the same.
const PROGRAMS: [(&str, &str); 1] = [("cursor://anysphere.cursor-mcp/oauth/callback", "Cursor")];

/// Where a client may have codes sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    url: Url,
}

/// Why a text is no redirect URI that can be used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is no absolute URI.
    #[error("it is not an absolute URI")]
    NotAbsolute,
    /// Codes sent there could be read on the way, or by another program.
    #[error("it must begin with `https://`, or with `http://` and a loopback address")]
    NotSafe,
    /// RFC 6749, section 3.1.2.
    #[error("it must not have a fragment")]
    Fragment,
    /// A name before the host is there to mislead users.
    #[error("it must not hold a user name or password")]
    UserInfo,
}

impl RedirectUri {
    /// Reads one.
    ///
    /// # Errors
    /// Why it cannot be used.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::NotAbsolute);
        }
        let url = Url::parse(text).map_err(|_| Error::NotAbsolute)?;
        let host = url.host_str().unwrap_or_default();
        let is_safe = url.scheme() == "https" || (url.scheme() == "http" && LOOPBACK.contains(&host)) || program(text).is_some();
        if !is_safe || host.is_empty() {
            return Err(Error::NotSafe);
        }
        if text.contains('#') {
            return Err(Error::Fragment);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::UserInfo);
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// As the client wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where codes are sent, for users to read: a host, or the name of a program.
    #[must_use]
    pub fn place(&self) -> &str {
        program(&self.text).or(self.url.host_str()).unwrap_or_default()
    }

    /// Whether it leads to the client's own machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_own_machine(self.place())
    }

    /// Whether a client that has registered this one may ask for `asked`.
    #[must_use]
    pub fn allows(&self, requested: &Self) -> bool {
        if self.text == requested.text {
            return true;
        }
        self.url.scheme() == "http" && self.is_loopback() && self.without_port() == requested.without_port()
    }

    fn without_port(&self) -> Url {
        let mut url = self.url.clone();
        // an address with a host takes it
        let _ = url.set_port(None);
        url
    }

    /// The address with these parameters added, each encoded (RFC 6749, section 4.1.2).
    #[must_use]
    pub fn with(&self, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.url.clone();
        url.query_pairs_mut().extend_pairs(parameters);
        url
    }
}

/// The program that an address belongs to.
fn program(text: &str) -> Option<&'static str> {
    PROGRAMS.iter().find(|(address, _)| *address == text).map(|(_, name)| *name)
}

/// Whether a place is a program on the client's own machine, and one whose name is known.
#[must_use]
pub fn is_program(place: &str) -> bool {
    PROGRAMS.iter().any(|(_, name)| *name == place)
}

/// Whether a place is on the client's own machine.
#[must_use]
pub fn is_own_machine(place: &str) -> bool {
    LOOPBACK.contains(&place) || is_program(place)
}
