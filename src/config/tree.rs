//! What was typed, from all sources together, as one tree of JSON that remembers where each value comes from.

use std::{
    collections::BTreeMap,
    fmt::Write,
    path::{Path, PathBuf},
};

use mcp_http::secret::Secret;
use serde_json::{Map, Value};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// How much of a name that somebody typed is repeated.
const QUOTED: usize = 60;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Default,
    /// A line of the file.
    Line(usize),
    Variable(String),
    Flag(&'static str),
}

/// The tree. Places in it are JSON pointers.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) root: Value,
    origins: BTreeMap<String, Origin>,
    /// The secrets of the environment, each with its variable. They never are in the tree.
    pub(super) secrets: BTreeMap<String, (Secret, String)>,
    /// The file, if there is one.
    pub(super) file: Option<PathBuf>,
    /// Places whose value was told to be wrong and taken out: what follows from their being empty is not told.
    faulty: Vec<String>,
}

impl Tree {
    pub(super) fn new() -> Self {
        Self { root: Value::Object(Map::new()), ..Self::default() }
    }

    /// Sets one value in place of whatever is there.
    pub(super) fn set(&mut self, path: &[&str], value: Value, origin: Origin) {
        let Some((last, sections)) = path.split_last() else {
            return;
        };
        let mut section = Some(&mut self.root);
        for step in sections {
            let object = section.and_then(Value::as_object_mut);
            section = object.map(|object| object.entry(*step).or_insert_with(|| Value::Object(Map::new())));
        }
        // a section that is none is told by the check of the tree's form
        if let Some(object) = section.and_then(Value::as_object_mut) {
            object.insert((*last).to_owned(), value);
            let place = pointer(path);
            self.forget(&place);
            self.origins.insert(place, origin);
        }
    }

    /// Takes a value out, if it is there.
    pub(super) fn remove(&mut self, path: &[&str]) {
        if let Some((last, sections)) = path.split_last()
            && let Some(Value::Object(section)) = self.root.pointer_mut(&pointer(sections))
        {
            section.shift_remove(*last);
            self.forget(&pointer(path));
        }
    }

    /// Takes out a value that was told to be wrong; what is said about its place from now on is nothing new.
    pub(super) fn fault(&mut self, path: &[&str]) {
        self.remove(path);
        self.faulty.push(pointer(path));
    }

    /// Whether something was taken out at a place, around it, or in it.
    pub(super) fn is_faulty(&self, place: &str) -> bool {
        let holds =
            |outer: &str, inner: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.faulty.iter().any(|faulty| holds(faulty, place) || holds(place, faulty))
    }

    fn forget(&mut self, place: &str) {
        let inside = format!("{place}/");
        self.origins.retain(|known, _| known != place && !known.starts_with(&inside));
    }

    /// Puts a file over what is there.
    pub(super) fn add_file(&mut self, text: &str, table: &DeTable<'_>) {
        let starts = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        Merge { origins: &mut self.origins, starts }.table(&mut self.root, table, "");
    }

    /// Where the value at a place comes from, or what is around it: the origin, and whether it is the value's own.
    pub(super) fn origin(&self, place: &str) -> Option<(&Origin, bool)> {
        let mut around = place;
        loop {
            if let Some(origin) = self.origins.get(around) {
                return Some((origin, around == place));
            }
            around = around.rsplit_once('/')?.0;
        }
    }

    /// What a place is called in messages: its key and line, or its variable, or its flag.
    pub(super) fn name(&self, place: &str) -> String {
        let key = key(place);
        match self.origin(place) {
            Some((Origin::Line(line), _)) => format!("`{key}` ({}:{line})", self.file_name()),
            Some((Origin::Variable(variable), true)) => format!("`{variable}`"),
            Some((Origin::Variable(variable), false)) => format!("`{variable}` (`{key}`)"),
            Some((Origin::Flag(flag), _)) => format!("`{flag}`"),
            Some((Origin::Default, _)) | None => format!("`{key}`"),
        }
    }

    pub(super) fn file_name(&self) -> String {
        self.file.as_deref().unwrap_or(Path::new("")).display().to_string()
    }

    /// A path as typed at a place: in the file it starts from the file's folder.
    pub(super) fn path(&self, place: &str, typed: &str) -> PathBuf {
        match (self.origin(place), self.file.as_deref().and_then(Path::parent)) {
            (Some((Origin::Line(_), _)), Some(folder)) => folder.join(typed),
            _ => PathBuf::from(typed),
        }
    }
}

/// The pointer of a path.
pub(super) fn pointer(path: &[&str]) -> String {
    path.iter().fold(String::new(), |pointer, step| inside(&pointer, step))
}

/// The pointer of something in a place.
pub(super) fn inside(place: &str, step: &str) -> String {
    format!("{place}/{}", step.replace('~', "~0").replace('/', "~1"))
}

/// The steps of a pointer.
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

/// Which line an offset is on.
pub(super) fn line(starts: &[usize], offset: usize) -> usize {
    1 + starts.partition_point(|start| *start <= offset)
}

struct Merge<'a> {
    origins: &'a mut BTreeMap<String, Origin>,
    starts: Vec<usize>,
}

impl Merge<'_> {
    fn table(&mut self, target: &mut Value, table: &DeTable<'_>, place: &str) {
        if !target.is_object() {
            *target = Value::Object(Map::new());
        }
        let Some(object) = target.as_object_mut() else {
            return;
        };
        for (key, value) in table {
            let place = inside(place, key.get_ref());
            self.origins.insert(place.clone(), Origin::Line(line(&self.starts, key.span().start)));
            let target = object.entry(key.get_ref().as_ref()).or_insert(Value::Null);
            self.value(target, value, &place);
        }
    }

    fn value(&mut self, target: &mut Value, value: &Spanned<DeValue<'_>>, place: &str) {
        match value.get_ref() {
            DeValue::Table(table) => self.table(target, table, place),
            DeValue::Array(items) => {
                let mut list = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    let place = format!("{place}/{index}");
                    self.origins.insert(place.clone(), Origin::Line(line(&self.starts, item.span().start)));
                    let mut value = Value::Null;
                    self.value(&mut value, item, &place);
                    list.push(value);
                }
                *target = Value::Array(list);
            }
            plain => *target = scalar(plain),
        }
    }
}

/// A value without parts. What JSON cannot hold stays a text, for the check of the form to refuse.
fn scalar(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Boolean(value) => (*value).into(),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).map_or_else(|_| number.as_str().into(), Value::from)
        }
        DeValue::Float(number) => {
            let parsed = number.as_str().parse().ok().and_then(serde_json::Number::from_f64);
            parsed.map_or_else(|| number.as_str().into(), Value::Number)
        }
        DeValue::Datetime(time) => time.to_string().into(),
        DeValue::Array(_) | DeValue::Table(_) => Value::Null,
    }
}
