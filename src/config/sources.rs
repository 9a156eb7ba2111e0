//! The sources of the configuration, and how they are merged: defaults, file, environment, flags.

use std::{
    collections::BTreeMap,
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use openapi_mcp::nearest::nearest;
use serde_json::Value;
use toml::de::DeTable;

use super::{
    ConfigErrors,
    keys::{self, Variable},
    tree::{Origin, Tree, line, line_starts},
};

/// The default name of the configuration file.
pub const FILE: &str = "torii-mcp.toml";
/// The variable that names the file.
pub const FILE_VARIABLE: &str = "TORII_MCP_CONFIG";
/// The largest configuration file, in bytes.
const FILE_BYTES: u64 = 1 << 20;
/// Variables that correspond to no key of the file: those of other commands, and the one that names the file.
const OTHERS: [&str; 2] = [FILE_VARIABLE, "TORII_MCP_SAMPLE_LISTEN"];
const PREFIX: &str = "TORII_MCP_";

/// The sources.
#[derive(Default)]
pub struct Sources {
    /// The environment, without blank variables.
    variables: BTreeMap<String, String>,
    /// The specified file, and the one that is used if it exists.
    file: Option<PathBuf>,
    fallback: Option<PathBuf>,
    /// The flags: the place, the flag, the value.
    flags: Vec<(String, &'static str, String)>,
}

impl Sources {
    /// The environment alone, with the file that it names. A blank variable is ignored.
    #[must_use]
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let variables: BTreeMap<_, _> = variables.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect();
        let file = variables.get(FILE_VARIABLE).map(PathBuf::from);
        Self { variables, file, ..Self::default() }
    }

    /// The environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        // invalid Unicode is replaced, and rejected when the value is checked
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Self::new(std::env::vars_os().map(|(name, value)| (text(name), text(value))))
    }

    /// Adds the configuration file, if one is given.
    #[must_use]
    pub fn with_file(mut self, file: Option<PathBuf>) -> Self {
        self.file = file.filter(|file| !file.as_os_str().is_empty()).or(self.file);
        self
    }

    /// Uses `torii-mcp.toml` in this directory if no file is named. Only for a server: other commands run in any directory, and
    /// must not read the URL that their API key is sent to from a file there.
    #[must_use]
    pub fn or_file_in(mut self, folder: &Path) -> Self {
        self.fallback = Some(folder.join(FILE));
        self
    }

    /// Adds a flag, if it was given. A flag with the same value as its variable is attributed to the variable.
    #[must_use]
    pub fn with_flag(mut self, key: &str, flag: &'static str, value: Option<String>) -> Self {
        let place = format!("/{}", key.replace('.', "/"));
        let variable = self.variables.get(&keys::variable(&place));
        if let Some(value) = value.filter(|value| !value.trim().is_empty() && Some(value) != variable) {
            self.flags.push((place, flag, value));
        }
        self
    }

    /// The value of a variable.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Merges all sources.
    ///
    /// # Errors
    /// When the file cannot be read, since no later result could be trusted.
    pub(super) fn merge(&self) -> Result<Merged, ConfigErrors> {
        let file = self.file_tree();
        let is_read = file.is_ok();
        let (mut tree, mut problems) = file.map_or_else(|problems| (Tree::new(), problems), |tree| (tree, Vec::new()));
        let mut warnings = Vec::new();
        for (name, typed) in self.variables.iter().filter(|(name, _)| name.starts_with("TORII_")) {
            match keys::find(name) {
                Some(variable) => problems.extend(add_variable(&mut tree, variable, name, typed)),
                None if is_unknown(name) => warnings.push(unknown(name)),
                None => {}
            }
        }
        for (place, flag, value) in &self.flags {
            tree.set(place, value.as_str().into(), Origin::Named((*flag).to_owned()));
        }
        if is_read { Ok(Merged { tree, problems, warnings }) } else { Err(ConfigErrors(problems)) }
    }

    /// The tree of the file, if there is one.
    fn file_tree(&self) -> Result<Tree, Vec<String>> {
        let Some(file) = self.file.as_ref().or(self.fallback.as_ref().filter(|file| file.exists())) else {
            return Ok(Tree::new());
        };
        let shown = file.display();
        let text = read(file).map_err(|reason| vec![format!("`{shown}` cannot be read: {reason}")])?;
        let (table, errors) = DeTable::parse_recoverable(&text);
        if errors.is_empty() {
            return Ok(Tree::of_file(file, &text, table.get_ref()));
        }
        let starts = line_starts(&text);
        let place = |error: &toml::de::Error| line(&starts, error.span().map_or(0, |span| span.start));
        Err(errors.iter().map(|error| format!("{shown}:{}: {}", place(error), error.message())).collect())
    }
}

/// All sources, merged.
pub(super) struct Merged {
    pub(super) tree: Tree,
    /// What is wrong.
    pub(super) problems: Vec<String>,
    /// What may not be intended.
    pub(super) warnings: Vec<String>,
}

/// Sets a variable's value in the tree. Returns the problem, if there is one.
fn add_variable(tree: &mut Tree, variable: Variable, name: &str, typed: &str) -> Option<String> {
    match variable {
        Variable::Secret(place) => tree.set_secret(&place, typed, name),
        Variable::Value(leaf, place) => {
            // the variable of a secret is processed before the one of its file, since its name is shorter
            if let Some(secret) = place.strip_suffix("_file") {
                if tree.secrets.contains_key(secret) {
                    tree.fault(secret);
                    tree.fault(&place);
                    return Some(format!("`{}` and `{name}` are both set; keep one of them", keys::variable(secret)));
                }
                tree.remove(secret);
            }
            tree.set(&place, value(leaf.schema, typed), Origin::Named(name.to_owned()));
        }
    }
    None
}

/// Whether an unknown variable looks like one of this server. Those that Kubernetes sets for a service called `torii-mcp` do not.
fn is_unknown(name: &str) -> bool {
    let made = ["PORT_", "SERVICE_HOST", "SERVICE_PORT"];
    let rest = name.strip_prefix(PREFIX).filter(|_| !OTHERS.contains(&name));
    rest.is_some_and(|rest| rest != "PORT" && !made.iter().any(|made| rest.starts_with(made)))
}

fn unknown(name: &str) -> String {
    let known: Vec<_> = keys::variables().collect();
    let candidates = known.iter().map(String::as_str).chain(OTHERS).filter_map(|known| known.strip_prefix(PREFIX));
    let hint = match nearest(name.strip_prefix(PREFIX).unwrap_or(name), candidates) {
        Some(near) => format!("did you mean `{PREFIX}{near}`?"),
        None => "`torii-mcp config print` lists all variables".to_owned(),
    };
    format!("`{}` is not a variable of torii-mcp, and is ignored; {hint}", name.escape_debug())
}

/// The text of a variable, converted to the type in its schema. If it does not fit, it stays a text, which the validation
/// rejects.
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

/// The text of a file, unless it is too large.
pub(super) fn read(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > FILE_BYTES) {
        return Err(format!("it is larger than {} KiB", FILE_BYTES >> 10));
    }
    String::from_utf8(bytes).map_err(|_| "it is not text in UTF-8".to_owned())
}
