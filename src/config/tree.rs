//! The typed configuration: all sources merged into one tree of JSON, which remembers where each value comes from.
//!
//! Places in the tree are JSON pointers.

use std::{
    collections::BTreeMap,
    fmt::Write,
    path::{Path, PathBuf},
};

use mcp_http::secret::Secret;
use serde_json::{Map, Number, Value};
use toml::de::{DeTable, DeValue};

/// How much of a typed name a message repeats, in characters.
const QUOTED: usize = 60;

/// Where a value comes from; a default has no origin.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// A line of the file.
    Line(usize),
    /// A variable or a flag.
    Named(String),
}

/// The tree.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) root: Value,
    origins: BTreeMap<String, Origin>,
    /// The secrets from the environment. They are never in the tree.
    pub(super) secrets: BTreeMap<String, Secret>,
    /// The file, if there is one.
    file: Option<PathBuf>,
    /// The places whose values were reported and removed. Problems that follow from their absence are not reported.
    faulty: Vec<String>,
}

impl Tree {
    /// An empty tree.
    pub(super) fn new() -> Self {
        let root = Value::Object(Map::new());
        Self { root, origins: BTreeMap::new(), secrets: BTreeMap::new(), file: None, faulty: Vec::new() }
    }

    /// The tree of a file.
    pub(super) fn of_file(file: &Path, text: &str, table: &DeTable<'_>) -> Self {
        let starts = line_starts(text);
        let mut tree = Self { file: Some(file.to_owned()), ..Self::new() };
        let mut note = |place: &str, offset: usize| {
            tree.origins.insert(place.to_owned(), Origin::Line(line(&starts, offset)));
        };
        tree.root = section(table, "", &mut note);
        tree
    }

    /// Sets a value, replacing any other.
    pub(super) fn set(&mut self, place: &str, value: Value, origin: Origin) {
        self.remove(place);
        self.put(place, value);
        self.origins.insert(place.to_owned(), origin);
    }

    /// Sets a secret, replacing any other. Its section exists from then on, even if it contains nothing else.
    pub(super) fn set_secret(&mut self, place: &str, secret: &str, variable: &str) {
        self.put(place, Value::Null);
        self.remove(place);
        self.remove(&format!("{place}_file"));
        self.secrets.insert(place.to_owned(), Secret::new(secret.to_owned()));
        self.origins.insert(place.to_owned(), Origin::Named(variable.to_owned()));
    }

    /// Sets a default, if there is no value.
    pub(super) fn set_default(&mut self, place: &str, default: Value) {
        if self.root.pointer(place).is_none() {
            self.put(place, default);
        }
    }

    /// Puts a value into its section, which is created if it does not exist. The validation reports a section that is not a
    /// table.
    fn put(&mut self, place: &str, value: Value) {
        let mut steps: Vec<_> = steps(place).collect();
        let Some(last) = steps.pop() else {
            return;
        };
        let section = steps.into_iter().try_fold(&mut self.root, |section, step| {
            Some(section.as_object_mut()?.entry(step).or_insert_with(|| Value::Object(Map::new())))
        });
        if let Some(section) = section.and_then(Value::as_object_mut) {
            section.insert(last, value);
        }
    }

    /// Removes a value, if it exists.
    pub(super) fn remove(&mut self, place: &str) {
        if let (Some((section, _)), Some(last)) = (place.rsplit_once('/'), steps(place).last())
            && let Some(Value::Object(section)) = self.root.pointer_mut(section)
        {
            section.shift_remove(&last);
        }
        self.origins.retain(|known, _| !holds(place, known));
        self.secrets.retain(|known, _| !holds(place, known));
    }

    /// Removes an invalid value, with the list that contains it. Later problems at its place are not reported.
    pub(super) fn fault(&mut self, place: &str) {
        let is_item = |outer: &&str| self.root.pointer(outer).is_some_and(Value::is_array);
        let mut ends = place.match_indices('/').map(|(at, _)| place.split_at(at).0);
        let place = ends.find(is_item).unwrap_or(place).to_owned();
        self.remove(&place);
        self.faulty.push(place);
    }

    /// Whether a value was removed at a place, around it, or inside it.
    pub(super) fn is_faulty(&self, place: &str) -> bool {
        self.faulty.iter().any(|faulty| holds(faulty, place) || holds(place, faulty))
    }

    /// Whether a value was set at a place or inside it; for a secret: the secret or its file.
    pub(super) fn is_set(&self, place: &str) -> bool {
        let file = format!("{place}_file");
        self.origins.keys().any(|known| holds(place, known) || *known == file)
    }

    /// The line of the file that a place is on.
    pub(super) fn line(&self, place: &str) -> Option<usize> {
        match self.origin(place) {
            Some((Origin::Line(line), _)) => Some(*line),
            _ => None,
        }
    }

    /// The origin of the value at a place, or else of the nearest enclosing value, and whether it is the value's own.
    fn origin(&self, place: &str) -> Option<(&Origin, bool)> {
        let mut around = std::iter::successors(Some(place), |place| Some(place.rsplit_once('/')?.0));
        around.find_map(|around| Some((self.origins.get(around)?, around == place)))
    }

    /// The name of a place in messages: its key and line, its variable, or its flag.
    pub(super) fn name(&self, place: &str) -> String {
        let key = key(place);
        match self.origin(place) {
            Some((Origin::Line(line), _)) => format!("`{key}` ({}:{line})", self.file_name()),
            Some((Origin::Named(name), true)) => format!("`{name}`"),
            Some((Origin::Named(name), false)) => format!("`{name}` (`{key}`)"),
            None => format!("`{key}`"),
        }
    }

    /// The source of a value, for a list of all values.
    pub(super) fn source(&self, place: &str) -> String {
        match self.origins.get(place) {
            Some(Origin::Line(line)) => format!("{}:{line}", self.file_name()),
            Some(Origin::Named(name)) => name.clone(),
            None => "default".to_owned(),
        }
    }

    fn file_name(&self) -> String {
        self.file.as_deref().unwrap_or(Path::new("")).display().to_string()
    }

    /// A path that was typed at a place. In the file, it is relative to the file's directory.
    pub(super) fn path(&self, place: &str, typed: &str) -> PathBuf {
        match (self.line(place), self.file.as_deref().and_then(Path::parent)) {
            (Some(_), Some(folder)) => folder.join(typed),
            _ => PathBuf::from(typed),
        }
    }
}

/// Whether one place is another, or inside it.
fn holds(outer: &str, inner: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The place of a member or an item.
pub(super) fn inside(place: &str, step: &str) -> String {
    format!("{place}/{}", step.replace('~', "~0").replace('/', "~1"))
}

/// The steps of a place.
pub(super) fn steps(place: &str) -> impl Iterator<Item = String> {
    place.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"))
}

/// A place as it is written in the file: `access.rules[0].key`.
pub(super) fn key(place: &str) -> String {
    let mut key = String::new();
    for step in steps(place) {
        let is_bare = !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
        // writing to memory does not fail
        let _ = match step.parse::<usize>() {
            Ok(index) if !key.is_empty() => write!(key, "[{index}]"),
            _ if is_bare && step.len() <= QUOTED => write!(key, ".{step}"),
            _ => write!(key, ".{:?}", step.chars().take(QUOTED).collect::<String>()),
        };
    }
    key.trim_start_matches('.').to_owned()
}

/// The offsets at which the lines of a text start, except the first.
pub(super) fn line_starts(text: &str) -> Vec<usize> {
    text.match_indices('\n').map(|(at, _)| at + 1).collect()
}

/// The line of an offset.
pub(super) fn line(starts: &[usize], offset: usize) -> usize {
    1 + starts.partition_point(|start| *start <= offset)
}

/// Converts a table of the file to JSON. `note` receives the place and the offset of everything in it.
fn section(table: &DeTable<'_>, place: &str, note: &mut impl FnMut(&str, usize)) -> Value {
    let keys = table.iter().map(|(key, value)| {
        let place = inside(place, key.get_ref());
        note(&place, key.span().start);
        (key.get_ref().to_string(), json(value.get_ref(), &place, note))
    });
    keys.collect()
}

/// Converts a value of the file to JSON. A value that JSON cannot represent becomes a text, which the validation rejects.
fn json(value: &DeValue<'_>, place: &str, note: &mut impl FnMut(&str, usize)) -> Value {
    match value {
        DeValue::Table(table) => section(table, place, note),
        DeValue::Array(items) => {
            let items = items.iter().enumerate().map(|(index, item)| {
                let place = format!("{place}/{index}");
                note(&place, item.span().start);
                json(item.get_ref(), &place, note)
            });
            items.collect()
        }
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Boolean(value) => (*value).into(),
        DeValue::Datetime(time) => time.to_string().into(),
        DeValue::Integer(number) => {
            let parsed = i64::from_str_radix(number.as_str(), number.radix());
            parsed.map_or_else(|_| number.as_str().into(), Value::from)
        }
        DeValue::Float(number) => {
            let parsed = number.as_str().parse().ok().and_then(Number::from_f64);
            parsed.map_or_else(|| number.as_str().into(), Value::Number)
        }
    }
}
