//! The state that the checks of values share: the typed configuration, the problems and the warnings. It also reads secrets.

use std::{fmt::Display, mem, path::Path};

use mcp_http::{
    caller::{Key, Keys},
    scope::Scopes,
    secret::Secret,
};

use super::{
    CompiledIn, ConfigErrors, check, keys,
    raw::{RawConfig, RawScope},
    sources::{Merged, Sources, read},
    tree::{Tree, key},
};
use crate::torii::{API_KEY, SCIM_KEY};

/// The typed configuration while it is checked.
pub(super) struct ConfigReader<'a> {
    pub(super) sources: &'a Sources,
    pub(super) known: &'a CompiledIn<'a>,
    pub(super) tree: Tree,
    problems: Vec<String>,
    pub(super) warnings: Vec<String>,
}

impl<'a> ConfigReader<'a> {
    /// Reads the sources, and validates them against the schema. Invalid values are removed.
    pub(super) fn read(sources: &'a Sources, known: &'a CompiledIn<'a>) -> Result<(Self, RawConfig), ConfigErrors> {
        let broken = |reason: String| vec![format!("the configuration cannot be understood: {reason}")];
        let Merged { mut tree, mut problems, warnings } = sources.merge()?;
        let found = check::check(&mut tree, known.scopes);
        problems.extend(found.unwrap_or_else(|error| broken(error.to_string())));
        for leaf in keys::leaves() {
            if let Some(default) = leaf.default() {
                tree.set_default(&leaf.place, default.clone());
            }
        }
        tree.set_default("/auth/scopes", known.scopes.names(known.scopes.all()).into());
        match serde_json::from_value(tree.root.clone()) {
            Ok(raw) => Ok((Self { sources, known, tree, problems, warnings }, raw)),
            // the removed values may cause further errors, which are not reported
            Err(_) if !problems.is_empty() => Err(ConfigErrors(problems)),
            Err(error) => Err(ConfigErrors(broken(error.to_string()))),
        }
    }

    /// Returns the value if there are no problems.
    pub(super) fn finish<T>(&mut self, value: Option<T>) -> Result<T, ConfigErrors> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(ConfigErrors(mem::take(&mut self.problems))),
        }
    }

    /// Reports a problem of the value at a place.
    pub(super) fn problem(&mut self, place: &str, what: impl Display) {
        if !self.tree.is_faulty(place) {
            self.problems.push(format!("{} {what}", self.tree.name(place)));
        }
    }

    /// Reports a problem that concerns no key.
    pub(super) fn report(&mut self, problem: String) {
        self.problems.push(problem);
    }

    /// Returns a parsed value, or reports the problem.
    pub(super) fn checked<T>(&mut self, place: &str, meaning: Result<T, impl Display>) -> Option<T> {
        meaning.map_err(|what| self.problem(place, what)).ok()
    }

    /// Returns the parsed values of a list, or reports the problems.
    pub(super) fn all_checked<T, E: Display>(
        &mut self,
        place: &str,
        texts: &[String],
        meaning: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let texts = texts.iter().enumerate();
        texts.filter_map(|(index, text)| self.checked(&format!("{place}/{index}"), meaning(text))).collect()
    }

    /// Returns the value, or reports that it is missing and why it is needed.
    pub(super) fn needed<T>(&mut self, place: &str, value: Option<T>, why: &str) -> Option<T> {
        if value.is_none() && !self.tree.is_faulty(place) {
            self.add(format!("`{}` (`{}`) is not set: {why}", key(place), keys::variable(place)));
        }
        value
    }

    /// Adds a problem, unless it is known: several keys may need the same one.
    fn add(&mut self, problem: String) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// A secret from its variable or from its file, and the place that it comes from.
    pub(super) fn secret(&mut self, place: &str, file: Option<&String>) -> Option<(Secret, String)> {
        if let Some(secret) = self.tree.secrets.get(place) {
            return Some((secret.clone(), place.to_owned()));
        }
        let place = format!("{place}_file");
        let path = self.tree.path(&place, file?);
        let text = read(&path).map_err(|reason| format!("cannot be read: {}: {reason}", path.display()));
        let text = self.checked(&place, text)?;
        self.warn_if_open(&place, &path);
        Some((Secret::new(text.trim().to_owned()), place))
    }

    /// Warns if everyone on the machine can read a file with a secret.
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

    /// Torii's API keys, each from its place.
    pub(super) fn api_keys(&mut self, api: (&str, Option<&String>), scim: (&str, Option<&String>)) -> Keys {
        let keys = [(API_KEY, self.api_key(api)), (SCIM_KEY, self.api_key(scim))];
        keys.into_iter().filter_map(|(name, key)| Some((name.to_owned(), key?))).collect()
    }

    fn api_key(&mut self, (place, file): (&str, Option<&String>)) -> Option<Key> {
        let (secret, source) = self.secret(place, file)?;
        let key = Key::new(secret.expose());
        self.checked(&source, key.ok_or("does not contain a key: expected one word of printable characters"))
    }

    /// The set of these scopes.
    pub(super) fn scopes(&self, typed: &[RawScope]) -> Scopes {
        typed.iter().filter_map(|scope| self.known.scopes.get(&scope.0)).collect()
    }
}
