//! Redirect URIs (RFC 6749, section 3.1.2; RFC 8252, section 7.3).
//!
//! Invariants: the scheme is https, or http with a loopback host, or the URI is one of [`PROGRAMS`]. A URI is in its normal form, so
//! that what is shown, compared and sent is what the client wrote, byte for byte. URIs are compared byte for byte, except for the port
//! of a loopback URI, which clients choose when they start.

use mcp_http::net::{LOOPBACK, parse_url};
use reqwest::Url;

#[cfg(test)]
mod tests;

/// Private-use redirect URIs of programs on the client's machine (RFC 8252, section 7.1). Any program there can claim such a
/// URI, as it can a loopback port, and then receives a code without its verifier. Cursor requests this redirect URI even if it
/// has registered others. The names begin with a capital letter, so that no host has the same name.
const PROGRAMS: [(&str, &str); 1] = [("cursor://anysphere.cursor-mcp/oauth/callback", "Cursor")];

/// A redirect URI to which codes may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    url: Url,
}

/// Why a text is not an accepted redirect URI.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It is not an absolute URI.
    #[error("it is not an absolute URI")]
    NotAbsolute,
    /// Codes that are sent there could be read in transit, or by another program.
    #[error("it must begin with `https://`, or with `http://` and a loopback address")]
    NotSafe,
    /// It has a fragment (RFC 6749, section 3.1.2).
    #[error("it must not have a fragment")]
    Fragment,
    /// It has a user name or password, which serves only to mislead users.
    #[error("it must not hold a user name or password")]
    UserInfo,
    /// It can be read in two ways, for example as it has dot segments, backslashes or capitals in its host.
    #[error("it is not in its normal form; write `{0}`")]
    NotNormal(String),
}

impl RedirectUri {
    /// Parses a redirect URI.
    ///
    /// # Errors
    /// Why the text is not accepted.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::NotAbsolute);
        }
        let url = parse_url(text).ok_or(Error::NotAbsolute)?;
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
        // an origin without a path is in its normal form, too
        let normal = url.as_str();
        if text != normal && normal.strip_suffix('/') != Some(text) {
            return Err(Error::NotNormal(normal.to_owned()));
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// Returns the URI as the client wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns where codes are sent, for users to read: a host, or the name of a program.
    #[must_use]
    pub fn place(&self) -> &str {
        program(&self.text).or(self.url.host_str()).unwrap_or_default()
    }

    /// Returns the name of the known program whose private scheme the URI has.
    #[must_use]
    pub fn program(&self) -> Option<&'static str> {
        program(&self.text)
    }

    /// Returns whether the URI is on the client's own machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_own_machine(self.place())
    }

    /// Returns whether a client that has registered this URI may request `requested`.
    #[must_use]
    pub fn allows(&self, requested: &Self) -> bool {
        if self.text == requested.text {
            return true;
        }
        self.url.scheme() == "http" && self.without_loopback_port() == requested.without_loopback_port()
    }

    /// Returns the URI without the port of a loopback host, so that two requests of one program have the same.
    #[must_use]
    pub fn without_loopback_port(&self) -> String {
        if self.url.scheme() != "http" {
            return self.text.clone();
        }
        let mut url = self.url.clone();
        // this fails only for URLs without a host
        let _ = url.set_port(None);
        url.into()
    }

    /// Returns the URI, as the client wrote it, with these parameters added, each encoded (RFC 6749, section 4.1.2).
    #[must_use]
    pub fn with(&self, parameters: &[(&str, &str)]) -> String {
        let separator = match self.url.query() {
            None => "?",
            Some("") => "",
            Some(_) => "&",
        };
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        format!("{}{separator}{query}", self.text)
    }
}

/// The name of the program that a URI belongs to.
fn program(text: &str) -> Option<&'static str> {
    PROGRAMS.iter().find(|(address, _)| *address == text).map(|(_, name)| *name)
}

/// Returns whether a place is the name of a known program on the client's own machine.
#[must_use]
pub fn is_program(place: &str) -> bool {
    PROGRAMS.iter().any(|(_, name)| *name == place)
}

/// Returns whether a place is on the client's own machine.
#[must_use]
pub fn is_own_machine(place: &str) -> bool {
    LOOPBACK.contains(&place) || is_program(place)
}
