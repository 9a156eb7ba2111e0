//! Where configuration comes from, and how the sources are put over each other: defaults, file, environment, flags.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use mcp_http::secret::Secret;
use openapi_mcp::nearest::nearest;
use serde_json::Value;
use toml::de::DeTable;

use super::{
    Problems,
    keys::{self, Leaf, NAME},
    tree::{Origin, Tree, line},
};

/// The file's name where none is given.
pub const FILE: &str = "torii-mcp.toml";
/// The variable that names the file.
pub const FILE_VARIABLE: &str = "TORII_MCP_CONFIG";
/// The largest file.
const FILE_BYTES: u64 = 1 << 20;
/// Variables that are no keys of the file: of other commands, or for the loading itself.
const OTHERS: [&str; 2] = [FILE_VARIABLE, "TORII_MCP_SAMPLE_LISTEN"];
const PREFIX: &str = "TORII_MCP_";

/// The sources.
#[derive(Default)]
pub struct Sources {
    /// The environment, without what is blank.
    variables: BTreeMap<String, String>,
    /// The file that was asked for, and the one that is taken if it is there.
    file: Option<PathBuf>,
    fallback: Option<PathBuf>,
    /// What flags say, by key.
    flags: Vec<(&'static str, &'static str, String)>,
}

impl Sources {
    /// The environment alone, with the file that it names. A blank variable is none.
    #[must_use]
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let variables: BTreeMap<_, _> = variables.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect();
        let file = variables.get(FILE_VARIABLE).map(PathBuf::from);
        Self { variables, file, ..Self::default() }
    }

    /// The environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        // what is not Unicode is shown as such, and refused as what it is
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Self::new(std::env::vars_os().map(|(name, value)| (text(name), text(value))))
    }

    /// With this file, if one is given.
    #[must_use]
    pub fn with_file(mut self, file: Option<PathBuf>) -> Self {
        self.file = file.filter(|file| !file.as_os_str().is_empty()).or(self.file);
        self
    }

    /// With `torii-mcp.toml` of this folder where no file is named. Only for a server: what is called in any folder must not
    /// take the address that its key is sent to from whatever lies there.
    #[must_use]
    pub fn or_file_in(mut self, folder: &Path) -> Self {
        self.fallback = Some(folder.join(FILE));
        self
    }

    /// With a flag, if it was given. One that repeats its variable is taken for the variable.
    #[must_use]
    pub fn with_flag(mut self, key: &'static str, flag: &'static str, value: Option<String>) -> Self {
        let path: Vec<_> = key.split('.').collect();
        let variable = self.variables.get(&keys::variable(&path));
        if let Some(value) = value.filter(|value| !value.trim().is_empty() && Some(value) != variable) {
            self.flags.push((key, flag, value));
        }
        self
    }

    /// The value of a variable.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// All of them put over each other, and what is wrong with them.
    ///
    /// # Errors
    /// When the file cannot be read, since nothing that follows could be trusted.
    pub(super) fn merge(&self) -> Result<(Tree, Vec<String>), Problems> {
        let mut tree = Tree::new();
        let mut problems = Vec::new();
        for leaf in keys::leaves() {
            if let Some(default) = leaf.default() {
                tree.set(&leaf.path, default.clone(), Origin::Default);
            }
        }
        let is_read = self.add_file(&mut tree).map_err(|found| problems.extend(found)).is_ok();
        let mut known: BTreeSet<String> = OTHERS.map(str::to_owned).into();
        for leaf in keys::leaves() {
            for path in self.paths(leaf) {
                let path: Vec<_> = path.iter().map(String::as_str).collect();
                self.add(&mut tree, leaf, &path, &mut known, &mut problems);
            }
        }
        problems.extend(self.unknown(&known));
        for (key, flag, value) in &self.flags {
            let path: Vec<_> = key.split('.').collect();
            tree.set(&path, value.as_str().into(), Origin::Flag(flag));
        }
        if is_read { Ok((tree, problems)) } else { Err(Problems(problems)) }
    }

    fn add_file(&self, tree: &mut Tree) -> Result<(), Vec<String>> {
        let Some(file) = self.file.as_ref().or(self.fallback.as_ref().filter(|file| file.exists())) else {
            return Ok(());
        };
        let shown = file.display();
        let text = read(file).map_err(|reason| vec![format!("`{shown}` cannot be read: {reason}")])?;
        let (table, errors) = DeTable::parse_recoverable(&text);
        if !errors.is_empty() {
            let starts: Vec<_> = text.match_indices('\n').map(|(at, _)| at + 1).collect();
            let place = |error: &toml::de::Error| line(&starts, error.span().map_or(0, |span| span.start));
            return Err(errors.iter().map(|error| format!("{shown}:{}: {}", place(error), error.message())).collect());
        }
        tree.file = Some(file.clone());
        tree.add_file(&text, table.get_ref());
        Ok(())
    }

    /// The paths of a key; one for each name that the environment gives, where the operator names things.
    fn paths(&self, leaf: &Leaf) -> Vec<Vec<String>> {
        let own = |name: &str| leaf.path.iter().map(|step| if *step == NAME { name } else { step }.to_owned()).collect();
        if !leaf.is_named() {
            return vec![own(NAME)];
        }
        let file = leaf.variable();
        let secret = leaf.secret().map(|path| keys::variable(&path));
        let names: BTreeSet<_> = [Some(file), secret].into_iter().flatten().flat_map(|pattern| self.names(&pattern)).collect();
        names.iter().map(|name| own(name)).collect()
    }

    /// What stands where a variable's pattern has the name, in all variables that fit.
    fn names(&self, pattern: &str) -> Vec<String> {
        let Some((before, after)) = pattern.split_once(NAME) else {
            return Vec::new();
        };
        let fits = |variable: &String| {
            variable.strip_prefix(before)?.strip_suffix(after).filter(|name| !name.is_empty()).map(str::to_lowercase)
        };
        self.variables.keys().filter_map(fits).collect()
    }

    /// Puts the variables of one key over the tree: a secret itself, or the file that holds it, or a plain value.
    fn add(&self, tree: &mut Tree, leaf: &Leaf, path: &[&str], known: &mut BTreeSet<String>, problems: &mut Vec<String>) {
        let name = keys::variable(path);
        let typed = self.variable(&name);
        known.insert(name.clone());
        if leaf.schema.get("x-secret").is_none() {
            let is_secret = keys::leaves().iter().any(|other| other.secret().is_some_and(|path| path == leaf.path));
            if let Some(typed) = typed.filter(|_| !is_secret) {
                tree.set(path, value(leaf.schema, typed), Origin::Variable(name));
            }
            return;
        }
        let plain: Vec<_> =
            path.iter().map(|step| step.strip_suffix("_file").filter(|_| path.last() == Some(step)).unwrap_or(step)).collect();
        let plain_name = keys::variable(&plain);
        known.insert(plain_name.clone());
        match (self.variable(&plain_name), typed) {
            (Some(_), Some(_)) => {
                problems.push(format!("`{plain_name}` and `{name}` are both set; keep one of them"));
                tree.fault(&plain);
                tree.fault(path);
            }
            (Some(secret), None) => {
                // makes the section, and takes out what the file says there
                tree.set(path, Value::Null, Origin::Variable(plain_name.clone()));
                tree.remove(path);
                tree.remove(&plain);
                tree.secrets.insert(plain.join("."), (Secret::new(secret.to_owned()), plain_name));
            }
            (None, Some(file)) => {
                tree.remove(&plain);
                tree.set(path, file.trim().into(), Origin::Variable(name));
            }
            (None, None) => {}
        }
    }

    /// Variables that look like ours and are not. Those that Kubernetes makes for a service called `torii-mcp` do not count.
    fn unknown(&self, known: &BTreeSet<String>) -> impl Iterator<Item = String> {
        let ours = self.variables.keys().filter(|name| !known.contains(*name));
        ours.filter_map(|name| {
            let rest = name.strip_prefix(PREFIX)?;
            let is_of_kubernetes =
                rest == "PORT" || ["PORT_", "SERVICE_HOST", "SERVICE_PORT"].iter().any(|made| rest.starts_with(made));
            let candidates = known.iter().filter_map(|known| known.strip_prefix(PREFIX));
            let hint = match nearest(rest, candidates) {
                Some(near) => format!("did you mean `{PREFIX}{near}`?"),
                None => "`torii-mcp config print` lists those there are".to_owned(),
            };
            (!is_of_kubernetes).then(|| format!("`{}` is not a variable of torii-mcp; {hint}", name.escape_debug()))
        })
    }
}

/// A text of the environment as its schema wants it. What does not fit stays a text, for the check of the form to refuse.
fn value(schema: &Value, typed: &str) -> Value {
    let typed = typed.trim();
    let wanted = schema.get("type").and_then(Value::as_str).unwrap_or_default();
    let items = schema.get("items").and_then(|items| items.get("type")).and_then(Value::as_str);
    match (wanted, items) {
        ("array", Some("string")) if !typed.starts_with('[') => {
            typed.split([',', ' ']).filter(|word| !word.is_empty()).map(Value::from).collect()
        }
        ("string", _) => typed.into(),
        _ => serde_json::from_str(typed).unwrap_or_else(|_| typed.into()),
    }
}

/// A file's text, unless it is too long for what it should be.
pub(super) fn read(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > FILE_BYTES) {
        return Err(format!("it is larger than {} KiB", FILE_BYTES >> 10));
    }
    String::from_utf8(bytes).map_err(|_| "it is not text in UTF-8".to_owned())
}
