//! Connections to other hosts: the certificate authorities and the proxy that the environment names, and why a connection fails.
//!
//! The HTTP client reads `SSL_CERT_FILE`, `SSL_CERT_DIR`, `HTTPS_PROXY` and their like by itself. Without authorities it cannot be built,
//! and it ignores a proxy that it does not understand; so both are checked here.

use std::{
    env,
    error::Error,
    fmt, fs,
    io::Read,
    sync::{Arc, OnceLock},
};

use axum::http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Client, ClientBuilder, Proxy, Url};

use super::is_loopback;

#[cfg(test)]
mod tests;

/// The variables that name proxies, for `https`, `http` and both, each in both forms.
pub const PROXY_VARIABLES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
/// The variables that name certificate authorities.
pub const AUTHORITY_VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
/// How a certificate begins in a PEM file (RFC 7468), and how much of a file is searched for one, in bytes.
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";
const AUTHORITY_BYTES: u64 = 16 << 20;
/// How much of a cause is told, in characters.
const CAUSE_CHARACTERS: usize = 200;

/// Builds an HTTP client. If there are no certificate authorities, it trusts none: URLs without TLS work all the same.
///
/// # Errors
/// When the client cannot be set up for another reason.
pub fn client(builder: impl Fn() -> ClientBuilder) -> reqwest::Result<Client> {
    builder().build().or_else(|_| builder().tls_certs_only([]).build())
}

/// Checks that there are certificate authorities, without which nothing can be reached over https, and that those that a variable names can
/// be used. The result is that of the first call.
///
/// # Errors
/// What is wrong, with the variable and the file, and the next step.
pub fn check_authorities() -> Result<(), String> {
    static CHECKED: OnceLock<Result<(), String>> = OnceLock::new();
    let check = || {
        let [file, folder] = AUTHORITY_VARIABLES.map(|name| env::var_os(name).map(|value| value.to_string_lossy().into_owned()));
        file.as_deref().map_or(Ok(()), check_file)?;
        Client::builder().no_proxy().build().map(drop).map_err(|_| why_none(folder.as_deref()))
    };
    CHECKED.get_or_init(check).clone()
}

/// Checks the file that `SSL_CERT_FILE` names. What follows the largest file that is read is not searched.
fn check_file(file: &str) -> Result<(), String> {
    let mut text = Vec::new();
    let read = fs::File::open(file).and_then(|file| file.take(AUTHORITY_BYTES).read_to_end(&mut text));
    let what = match read {
        Err(error) => format!("cannot be read ({})", error.to_string().to_lowercase()),
        Ok(_) if !text.windows(CERTIFICATE.len()).any(|part| part == CERTIFICATE) => {
            "holds no certificate in PEM form".to_owned()
        }
        Ok(_) => return Ok(()),
    };
    Err(format!(
        "`SSL_CERT_FILE` names `{file}`, which {what}; name a PEM file with all authorities there, or unset it to use those of this \
         machine"
    ))
}

/// Why there are no certificate authorities, where `SSL_CERT_DIR` has this value.
fn why_none(folder: Option<&str>) -> String {
    match folder {
        Some(folder) => {
            format!(
                "`SSL_CERT_DIR` names `{folder}`, in which there is no certificate; correct it, or unset it to use those of this machine"
            )
        }
        None => {
            "this machine has no certificate authorities; install them (the package `ca-certificates`), or name a PEM file with \
                 them in `SSL_CERT_FILE`"
                .to_owned()
        }
    }
}

/// Checks the value of one of [`PROXY_VARIABLES`]. It may contain a password, so no text repeats it.
///
/// # Errors
/// What is wrong with it, and the next step.
pub fn check_proxy(value: &str) -> Result<(), &'static str> {
    const NEXT: &str = "is not the URL of a proxy; write it like `http://proxy.example.com:3128`, or unset it";
    let matcher = Matcher::builder().all(value.trim().to_owned()).build();
    let proxy = matcher.intercept(&Uri::from_static("https://host.invalid/")).ok_or(NEXT)?;
    match proxy.uri().scheme_str() {
        Some("http" | "https") if value.trim() == value && Url::parse(&proxy.uri().to_string()).is_ok() => Ok(()),
        Some("http" | "https") => Err(NEXT),
        _ => Err(
            "names a proxy of a kind that is not supported; name an HTTP proxy, like `http://proxy.example.com:3128`, or unset it",
        ),
    }
}

/// Which URLs are reached through which proxy, for what must know that before it connects. The HTTP client decides by the same rules.
#[derive(Clone)]
pub struct Proxies(Arc<Matcher>);

impl Proxies {
    /// Those that the environment names in [`PROXY_VARIABLES`], with the exceptions of `NO_PROXY`.
    #[must_use]
    pub fn from_env() -> Self {
        Self(Arc::new(Matcher::from_env()))
    }

    /// This proxy for all `https` URLs, except for hosts that `exceptions` lists in the form of `NO_PROXY`.
    #[must_use]
    pub fn for_https(proxy: &str, exceptions: &str) -> Self {
        Self(Arc::new(Matcher::builder().https(proxy.to_owned()).no(exceptions.to_owned()).build()))
    }

    /// No proxy for any URL.
    #[must_use]
    pub fn none() -> Self {
        Self(Arc::new(Matcher::builder().build()))
    }

    /// The proxy through which a URL is reached, if any.
    #[must_use]
    pub fn of(&self, url: &Url) -> Option<Proxy> {
        let found = self.0.intercept(&url.as_str().parse().ok()?)?;
        let proxy = Proxy::all(found.uri().to_string()).ok()?;
        Some(match found.basic_auth() {
            Some(credentials) => proxy.custom_http_auth(credentials.clone()),
            None => proxy,
        })
    }
}

impl fmt::Debug for Proxies {
    /// Without the URLs, which may contain passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies").finish_non_exhaustive()
    }
}

/// Why a connection failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectFailure {
    /// The proxy that a variable names does not answer, or does not connect to the host.
    Proxy {
        /// The variable.
        variable: &'static str,
        /// The cause.
        cause: String,
    },
    /// The host's certificate is of an authority that is not trusted here.
    UnknownAuthority,
    /// Anything else.
    Other(String),
}

impl ConnectFailure {
    /// Why a request failed that could not connect.
    #[must_use]
    pub fn of(error: &reqwest::Error) -> Self {
        let cause = cause(error);
        if cause.contains("unknownissuer") {
            return Self::UnknownAuthority;
        }
        let url = error.url().filter(|url| !is_loopback(url)).and_then(|url| url.as_str().parse::<Uri>().ok());
        match url.filter(|url| Matcher::from_env().intercept(url).is_some()) {
            Some(url) => Self::Proxy {
                variable: proxy_variable(url.scheme_str() == Some("https"), |name| env::var_os(name).is_some()),
                cause,
            },
            None => Self::Other(cause),
        }
    }

    /// The next step for whoever runs the program.
    #[must_use]
    pub fn next_step(&self) -> Option<String> {
        match self {
            Self::Proxy { variable, .. } => Some(format!("check the proxy in `{variable}`, or add the host to `NO_PROXY`")),
            Self::UnknownAuthority => Some(
                "add the authority that signed it to those of this machine, or name a PEM file with all authorities in `SSL_CERT_FILE`"
                    .to_owned(),
            ),
            Self::Other(_) => None,
        }
    }
}

impl fmt::Display for ConnectFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proxy { variable, cause } => write!(f, "through the proxy of `{variable}`: {cause}"),
            Self::UnknownAuthority => f.write_str("its certificate is of an authority that is not trusted here"),
            Self::Other(cause) => f.write_str(cause),
        }
    }
}

/// The variable that names the proxy of a URL: the first that is set, in the order in which the HTTP client reads them.
fn proxy_variable(is_https: bool, is_set: impl Fn(&str) -> bool) -> &'static str {
    let own = if is_https { ["HTTPS_PROXY", "https_proxy"] } else { ["HTTP_PROXY", "http_proxy"] };
    own.into_iter().chain(["ALL_PROXY", "all_proxy"]).find(|name| is_set(name)).unwrap_or(own[0])
}

/// The innermost cause, which never contains the URL; the outer ones might.
#[must_use]
pub fn cause(error: &dyn Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    let cause: String =
        innermost.to_string().to_lowercase().chars().filter(|sign| !sign.is_control()).take(CAUSE_CHARACTERS).collect();
    if cause.contains("://") { "the connection broke".to_owned() } else { cause }
}
