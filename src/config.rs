//! Configuration, from the environment.
//!
//! Invariants: all problems are reported at once, each with the name of its variable; a secret's
//! value is in none of them.

use std::{fmt, fs};

use reqwest::Url;

use crate::{
    caller::{Credential, Key, Keys},
    upstream::is_loopback,
};

pub mod settings;

#[cfg(test)]
mod tests;

/// The variable that says where Torii is.
pub const API_URL: &str = "TORII_API_URL";

/// The variable that says whether calls keep to the documented rates.
pub const PACE: &str = "TORII_MCP_PACE";

/// What the program runs with.
#[derive(Debug)]
pub struct Config {
    /// Where Torii is, with the path that all operations share.
    pub upstream: Url,
    /// The keys from the environment.
    pub keys: Keys,
    /// Whether calls keep to the rate that is documented for their operation.
    pub is_paced: bool,
}

/// Everything that is wrong with the configuration.
#[derive(Debug, PartialEq, Eq)]
pub struct Problems(Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Problems {}

impl Config {
    /// Reads the environment. `server` is the address that Torii's document names.
    ///
    /// # Errors
    /// Tells all problems at once.
    pub fn load(env: impl Fn(&str) -> Option<String>, server: &str) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let env = |name: &str| env(name).filter(|value| !value.trim().is_empty());
        let upstream = keep(&mut problems, upstream(env(API_URL).as_deref(), server));
        let torii = keep(&mut problems, key(&env, Credential::ToriiKey));
        let scim = keep(&mut problems, key(&env, Credential::ScimKey));
        let is_paced = keep(&mut problems, pace(env(PACE).as_deref()));
        match (upstream, torii, scim, is_paced) {
            (Some(upstream), Some(torii), Some(scim), Some(is_paced)) => {
                let keys = Keys { torii, scim };
                Ok(Self { upstream, keys, is_paced })
            }
            _ => Err(Problems(problems)),
        }
    }
}

/// The value, or its problem put with the others.
fn keep<T>(problems: &mut Vec<String>, result: Result<T, String>) -> Option<T> {
    result.map_err(|problem| problems.push(problem)).ok()
}

fn upstream(typed: Option<&str>, server: &str) -> Result<Url, String> {
    let parse = |text: &str| Url::parse(text).map_err(|error| format!("`{API_URL}` is not an address: {error}"));
    let document = parse(server)?;
    let Some(typed) = typed else {
        return Ok(document);
    };
    let mut url = parse(typed.trim())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("`{API_URL}` must begin with `https://` or `http://`"));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(format!("`{API_URL}` must begin with `https://`: over `http` the key would travel in the open"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("`{API_URL}` must not hold a user name or password; put the key into `TORII_API_KEY`"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("`{API_URL}` must end with its path, without `?` or `#`"));
    }
    if url.path() == "/" {
        url.set_path(document.path());
    }
    Ok(url)
}

fn pace(typed: Option<&str>) -> Result<bool, String> {
    match typed.map(str::trim) {
        None | Some("documented") => Ok(true),
        Some("none") => Ok(false),
        Some(other) => Err(format!("`{PACE}` must be `documented` or `none`, not `{other}`")),
    }
}

/// A key, from its variable or from the file that `…_FILE` names.
fn key(env: &impl Fn(&str) -> Option<String>, credential: Credential) -> Result<Option<Key>, String> {
    let name = credential.variable();
    let file = format!("{name}_FILE");
    let (plain, source) = match (env(name), env(&file)) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(format!("`{name}` and `{file}` are both set; keep one of them"));
        }
        (Some(plain), None) => (plain, name),
        (None, Some(path)) => match fs::read_to_string(&path) {
            Ok(plain) => (plain, file.as_str()),
            Err(error) => return Err(format!("`{file}` cannot be read: {path}: {error}")),
        },
    };
    match Key::new(&plain) {
        Some(key) => Ok(Some(key)),
        None => Err(format!("`{source}` does not hold a key: expected one word of printable characters")),
    }
}
