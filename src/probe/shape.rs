//! The types of the members of a response, and how they differ from the documented ones.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Display, Formatter},
};

use serde_json::Value;

/// How many places of one response are kept.
const MAX_PLACES: usize = 5000;
/// How many items of a list are looked at.
const MAX_ITEMS: usize = 100;
/// The depth to which a response is looked at.
const MAX_DEPTH: usize = 8;
/// Times in milliseconds since 1970 lie between 2001 and 2286.
const MILLISECONDS: std::ops::Range<f64> = 1e12..1e13;

/// The type of a value, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Type {
    Null,
    Boolean,
    Integer,
    Number,
    /// An integer that looks like milliseconds since 1970.
    Milliseconds,
    Text,
    /// A text like 2026-02-03.
    Date,
    /// A text like 2026-02-03T10:00:00Z.
    Time,
    /// A text that is a number.
    NumberInText,
    List,
    Object,
}

impl Display for Type {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Milliseconds => "milliseconds",
            Self::Text => "text",
            Self::Date => "date",
            Self::Time => "time",
            Self::NumberInText => "number in a text",
            Self::List => "list",
            Self::Object => "object",
        })
    }
}

impl Type {
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if number.is_f64() => Self::Number,
            Value::Number(number) if number.as_f64().is_some_and(|number| MILLISECONDS.contains(&number)) => Self::Milliseconds,
            Value::Number(_) => Self::Integer,
            Value::String(text) if text.parse::<jiff::civil::Date>().is_ok() && text.len() == 10 => Self::Date,
            Value::String(text) if text.parse::<jiff::Timestamp>().is_ok() => Self::Time,
            Value::String(text) if text.len() <= 20 && text.parse::<f64>().is_ok() => Self::NumberInText,
            Value::String(_) => Self::Text,
            Value::Array(_) => Self::List,
            Value::Object(_) => Self::Object,
        }
    }

    /// Whether a documented type, such as `integer | null`, allows it.
    fn is_allowed(self, documented: &str) -> bool {
        documented.split(" | ").any(|one| match one {
            "any" => true,
            "null" => self == Self::Null,
            "boolean" => self == Self::Boolean,
            "integer" => matches!(self, Self::Integer | Self::Milliseconds),
            "number" => matches!(self, Self::Integer | Self::Number | Self::Milliseconds),
            "string of date-time" => matches!(self, Self::Time | Self::Date),
            "string of date" => self == Self::Date,
            "array" => self == Self::List,
            "object" => self == Self::Object,
            text if text.starts_with("string") || text.starts_with('\'') => {
                matches!(self, Self::Text | Self::Date | Self::Time | Self::NumberInText)
            }
            _ => true,
        })
    }
}

/// The types at each place of a response, such as `/apps/[]/id`.
#[derive(Debug, Default)]
pub(super) struct Shapes(BTreeMap<String, BTreeSet<Type>>);

/// A difference between a response and its documentation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Difference {
    /// A member has a type that is not documented.
    OtherType { place: String, documented: String, types: String },
    /// A documented member is in no item.
    Missing { place: String },
    /// Members that are not documented; `place` is that of what holds them.
    Undocumented { place: String, names: Vec<String>, types: String },
}

impl Shapes {
    pub(super) fn of(body: &Value) -> Self {
        let mut shapes = Self::default();
        shapes.add("", body, 0);
        shapes
    }

    fn add(&mut self, place: &str, value: &Value, depth: usize) {
        if depth > MAX_DEPTH || self.0.len() >= MAX_PLACES {
            return;
        }
        if depth > 0 {
            self.0.entry(place.to_owned()).or_default().insert(Type::of(value));
        }
        match value {
            Value::Array(items) => {
                items.iter().take(MAX_ITEMS).for_each(|item| self.add(&format!("{place}/[]"), item, depth + 1));
            }
            Value::Object(members) => {
                members.iter().for_each(|(name, member)| self.add(&format!("{place}/{}", escaped(name)), member, depth + 1));
            }
            _ => {}
        }
    }

    /// Moves a list to the place where the document has it.
    pub(super) fn rename(&mut self, list: &str, documented: &str) {
        let (from, to) = (format!("/{}", escaped(list)), format!("/{documented}"));
        let moved =
            |place: &str| place.strip_prefix(&from).filter(|rest| rest.is_empty() || rest.starts_with('/')).map(str::to_owned);
        let renamed = |place: String| moved(&place).map_or(place, |rest| format!("{to}{rest}"));
        self.0 = std::mem::take(&mut self.0).into_iter().map(|(place, types)| (renamed(place), types)).collect();
    }

    /// The types of the items of a list, as text.
    pub(super) fn items(&self) -> String {
        let types = self.0.get("/[]").into_iter().flatten();
        let types = types.map(ToString::to_string).collect::<Vec<_>>().join(", ");
        if types.is_empty() { "absent".to_owned() } else { types }
    }

    /// How this differs from the documented types. `is_optional` says whether a member may be missing.
    pub(super) fn differences(
        &self,
        documented: &BTreeMap<String, String>,
        is_optional: impl Fn(&str) -> bool,
    ) -> Vec<Difference> {
        let mut found: Vec<Difference> = Vec::new();
        for (place, types) in &self.0 {
            let Some(documented) = documented.get(place) else { continue };
            let other: Vec<String> = types.iter().filter(|one| !one.is_allowed(documented)).map(ToString::to_string).collect();
            if !other.is_empty() {
                found.push(Difference::OtherType {
                    place: place.clone(),
                    documented: documented.clone(),
                    types: other.join(", "),
                });
            }
        }
        for place in documented.keys() {
            // what is null or of another type has no members to miss
            let is_there = |place: &str| place.is_empty() || self.0.get(place).is_some_and(|types| types.contains(&Type::Object));
            if !self.0.contains_key(place) && is_there(parent(place)) && !place.ends_with("/[]") && !is_optional(place) {
                found.push(Difference::Missing { place: place.clone() });
            }
        }
        let mut undocumented: BTreeMap<&str, (Vec<String>, BTreeSet<Type>)> = BTreeMap::new();
        let is_described = |place: &str| place.is_empty() || documented.contains_key(place) || has_members(documented, place);
        let is_open = |place: &str| documented.get(place).is_some_and(|types| types.contains("any"));
        for (place, types) in self.0.iter().filter(|(place, _)| !is_described(place) && !place.ends_with("/[]")) {
            if is_described(parent(place)) && !is_open(parent(place)) {
                let (names, all) = undocumented.entry(parent(place)).or_default();
                names.push(place.rsplit('/').next().unwrap_or_default().to_owned());
                all.extend(types);
            }
        }
        found.extend(undocumented.into_iter().map(|(place, (names, types))| {
            let types = types.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            Difference::Undocumented { place: place.to_owned(), names, types }
        }));
        found
    }
}

/// Whether the document describes something inside of a place.
fn has_members(documented: &BTreeMap<String, String>, place: &str) -> bool {
    let inside = format!("{place}/");
    documented.range(inside.clone()..).next().is_some_and(|(next, _)| next.starts_with(&inside))
}

fn parent(place: &str) -> &str {
    place.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// A name as one step of a place (RFC 6901, section 3).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
