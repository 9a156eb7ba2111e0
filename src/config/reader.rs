//! What the checks of meaning share: names for places, a list of problems and one of warnings, secrets, addresses, durations.

use std::{path::Path, time::Duration};

use mcp_http::{
    caller::{Key, Keys},
    net::is_loopback,
    scope::{ScopeDefinitions, Scopes},
    secret::Secret,
};
use reqwest::Url;

use super::{
    duration, keys,
    raw::Word,
    sources::read,
    tree::{Origin, Tree, steps},
};
use crate::torii::{API_KEY, SCIM_KEY};

/// A tree that is being understood.
pub(super) struct Reader<'a> {
    pub(super) tree: &'a Tree,
    pub(super) problems: Vec<String>,
    pub(super) warnings: Vec<String>,
    pub(super) scopes: ScopeDefinitions,
}

impl<'a> Reader<'a> {
    /// `problems` were found before.
    pub(super) fn new(tree: &'a Tree, problems: Vec<String>, scopes: ScopeDefinitions) -> Self {
        Self { tree, problems, warnings: Vec::new(), scopes }
    }

    /// Notes what is wrong with the value at a place.
    pub(super) fn problem(&mut self, place: &str, what: impl AsRef<str>) {
        if !self.tree.is_faulty(place) {
            self.problems.push(format!("{} {}", self.tree.name(place), what.as_ref()));
        }
    }

    /// The value, or a problem: it is missing, and why it is needed.
    pub(super) fn needed<T>(&mut self, place: &str, value: Option<T>, why: &str) -> Option<T> {
        if value.is_none() && !self.tree.is_faulty(place) {
            let path: Vec<_> = steps(place).collect();
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            self.problems.push(format!("`{}` (`{}`) is not set: {why}", path.join("."), keys::variable(&path)));
        }
        value
    }

    /// The secret of a section, from its variable or from its file, and the name of the one it comes from.
    pub(super) fn secret(&mut self, section: &str, name: &str) -> Option<(Secret, String)> {
        let place = format!("{section}/{name}");
        let path: Vec<_> = steps(&place).collect();
        if let Some((secret, variable)) = self.tree.secrets.get(&path.join(".")) {
            return Some((secret.clone(), format!("`{variable}`")));
        }
        let place = format!("{place}_file");
        let file = self.tree.root.pointer(&place)?.as_str()?;
        let path = self.tree.path(&place, file);
        match read(&path) {
            Ok(text) => {
                self.warn_if_open(&place, &path);
                Some((Secret::new(text.trim().to_owned()), self.tree.name(&place)))
            }
            Err(reason) => {
                self.problem(&place, format!("cannot be read: {}: {reason}", path.display()));
                None
            }
        }
    }

    /// Warns of a file with a secret that everyone on the machine can read.
    pub(super) fn warn_if_open(&mut self, place: &str, path: &Path) {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let is_open = std::fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o004 != 0);
            if is_open {
                let name = self.tree.name(place);
                let path = path.display();
                self.warnings.push(format!("{name} names a file that everyone on this machine can read; `chmod 600 {path}`"));
            }
        }
        #[cfg(not(unix))]
        let _ = (place, path);
    }

    /// One of Torii's keys.
    pub(super) fn key(&mut self, section: &str, name: &str) -> Option<Key> {
        let (secret, source) = self.secret(section, name)?;
        let key = Key::new(secret.expose());
        if key.is_none() {
            self.problems.push(format!("{source} does not hold a key: expected one word of printable characters"));
        }
        key
    }

    /// The keys of a section.
    pub(super) fn keys(&mut self, section: &str, torii: &str, scim: &str) -> Keys {
        let keys = [(API_KEY, self.key(section, torii)), (SCIM_KEY, self.key(section, scim))];
        keys.into_iter().filter_map(|(name, key)| Some((name.to_owned(), key?))).collect()
    }

    /// An address that starts with https, or with http on this machine; what is in it is not repeated.
    pub(super) fn address(&mut self, place: &str, typed: &str) -> Option<Url> {
        let problem = match Url::parse(typed.trim()) {
            Err(error) => format!("is not an address: {error}"),
            Ok(url) if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none_or(str::is_empty) => {
                "must begin with `https://`".to_owned()
            }
            Ok(url) if url.scheme() == "http" && !is_loopback(&url) => {
                "must begin with `https://`: over `http` it could be read and changed on the way".to_owned()
            }
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                "must not hold a user name or password".to_owned()
            }
            Ok(url) if url.fragment().is_some() => "must not hold `#`".to_owned(),
            Ok(url) => return Some(url),
        };
        self.problem(place, problem);
        None
    }

    /// An issuer, byte for byte as it was typed: that is how it is compared.
    pub(super) fn issuer(&mut self, place: &str, typed: &str) -> Option<String> {
        let typed = typed.trim();
        let url = self.address(place, typed)?;
        if url.query().is_some() {
            self.problem(place, "must not hold `?`");
            return None;
        }
        Some(typed.to_owned())
    }

    /// A duration within bounds.
    pub(super) fn duration(&mut self, place: &str, typed: Option<&str>, [least, most]: [&str; 2]) -> Option<Duration> {
        let typed = self.needed(place, typed, "it has no default")?;
        let bound = |text: &str| duration::parse(text).unwrap_or_default();
        let duration = duration::parse(typed).filter(|duration| (bound(least)..=bound(most)).contains(duration));
        if duration.is_none() {
            self.problem(place, format!("must be between `{least}` and `{most}`, not `{typed}`"));
        }
        duration
    }

    /// Mebibytes, which the schema has bounded, as bytes.
    pub(super) fn mebibytes(&mut self, place: &str, typed: Option<usize>) -> Option<usize> {
        self.needed(place, typed, "it has no default").map(|mebibytes| mebibytes << 20)
    }

    /// Whether anything was typed at a place, or inside it.
    pub(super) fn is_set(&self, place: &str) -> bool {
        let has_secret = || {
            let path: Vec<_> = steps(place).collect();
            let path = path.join(".");
            self.tree.secrets.keys().any(|secret| secret.strip_prefix(&path).is_some_and(|rest| rest.starts_with('.')))
        };
        self.tree.root.pointer(place).is_some_and(|value| self.is_typed(place, value)) || has_secret()
    }

    fn is_typed(&self, place: &str, value: &serde_json::Value) -> bool {
        match value {
            serde_json::Value::Object(section) if !section.is_empty() => {
                section.iter().any(|(key, value)| self.is_typed(&super::tree::inside(place, key), value))
            }
            _ => !matches!(self.tree.origin(place), Some((Origin::Default, true)) | None),
        }
    }
}

/// The set of some words.
pub(super) fn scopes(words: &[Word], definitions: &ScopeDefinitions) -> Scopes {
    words.iter().filter_map(|word| definitions.get(word.name())).collect()
}
