//! One value of one field, borrowed from the organization.
//!
//! Filters, sorting, aggregations and projection read records through cells, so a listing of two thousand users copies
//! none of them.

use std::{borrow::Cow, cmp::Ordering};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::organization::{Organization, User};

/// A record with fields.
pub(super) trait Record {
    fn id(&self) -> u32;

    /// The value of a field. Callers check keys against the schema first, so an unknown key gives an empty cell.
    fn cell<'a>(&'a self, key: &str, organization: &'a Organization) -> Cell<'a>;
}

impl<R: Record> Record for &R {
    fn id(&self) -> u32 {
        (**self).id()
    }

    fn cell<'a>(&'a self, key: &str, organization: &'a Organization) -> Cell<'a> {
        (**self).cell(key, organization)
    }
}

/// The value of a field.
#[derive(Debug, Clone)]
pub(super) enum Cell<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    Text(Cow<'a, str>),
    Time(Timestamp),
    /// A user inside another object, for example the owner of an app.
    Person(&'a User),
    Json(Cow<'a, Value>),
}

/// The sort key of a cell. It can be written to a cursor and read from it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum SortKey {
    Missing,
    Number(f64),
    Text(String),
}

impl<'a> Cell<'a> {
    pub(super) fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    pub(super) fn json(value: Value) -> Self {
        Self::Json(Cow::Owned(value))
    }

    pub(super) fn count(count: usize) -> Self {
        i64::try_from(count).map_or(Self::Null, Self::Integer)
    }

    /// A value that may be missing.
    pub(super) fn maybe<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Null, cell)
    }

    pub(super) fn is_set(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Text(text) => !text.is_empty(),
            Self::Json(value) => match value.as_ref() {
                Value::Array(items) => !items.is_empty(),
                value => !value.is_null(),
            },
            _ => true,
        }
    }

    /// The items of a list, for the operators that apply to items.
    pub(super) fn items(&self) -> Option<&[Value]> {
        match self {
            Self::Json(value) => value.as_array().map(Vec::as_slice),
            _ => None,
        }
    }

    pub(super) fn equals(&self, operand: &Value) -> bool {
        match self {
            Self::Null => operand.is_null(),
            Self::Bool(value) => {
                operand.as_bool() == Some(*value) || operand.as_str() == Some(if *value { "true" } else { "false" })
            }
            Self::Integer(value) => number(operand) == Some(float(*value)),
            // Torii's own example asks for `state=discovered` where the value is `Discovered`.
            Self::Text(text) => match operand {
                Value::String(operand) => text.eq_ignore_ascii_case(operand),
                Value::Number(operand) => text.as_ref() == operand.to_string(),
                _ => false,
            },
            Self::Time(time) => operand.as_str().is_some_and(|text| match parse_day(text) {
                Some(day) => day == day_of(*time),
                None => parse_time(text) == Some(*time),
            }),
            Self::Person(user) => match operand {
                Value::String(text) => {
                    text.eq_ignore_ascii_case(&user.email)
                        || text.eq_ignore_ascii_case(&user.full_name())
                        || text.parse() == Ok(user.id)
                }
                operand => operand.as_u64() == Some(u64::from(user.id)),
            },
            Self::Json(value) => match value.as_ref() {
                Value::Array(items) => items.iter().any(|item| Cell::from(item).equals(operand)),
                Value::Object(object) => ["id", "value", "email", "name"]
                    .iter()
                    .filter_map(|key| object.get(*key))
                    .any(|inner| Cell::from(inner).equals(operand)),
                value => value == operand || number(operand).is_some_and(|n| value.as_f64() == Some(n)),
            },
        }
    }

    pub(super) fn contains(&self, operand: &str) -> bool {
        let holds = |text: &str| text.to_lowercase().contains(&operand.to_lowercase());
        match self {
            Self::Null => false,
            Self::Text(text) => holds(text),
            Self::Person(user) => holds(&user.email) || holds(&user.full_name()),
            Self::Json(value) => match value.as_ref() {
                Value::Array(items) => items.iter().any(|item| Cell::from(item).contains(operand)),
                value => holds(&value.to_string()),
            },
            Self::Bool(value) => holds(if *value { "true" } else { "false" }),
            Self::Integer(value) => holds(&value.to_string()),
            Self::Time(time) => holds(&format!("{time:.3}")),
        }
    }

    /// Compares the cell with an operand; `None` if they cannot be compared.
    pub(super) fn compare(&self, operand: &Value) -> Option<Ordering> {
        if let Some(time) = self.as_time() {
            return operand.as_str().and_then(parse_time).map(|operand| time.cmp(&operand));
        }
        self.as_number()?.partial_cmp(&number(operand)?)
    }

    pub(super) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => Some(float(*value)),
            Self::Json(value) => value.as_f64().or_else(|| value.get("value")?.as_f64()),
            _ => None,
        }
    }

    pub(super) fn as_time(&self) -> Option<Timestamp> {
        match self {
            Self::Time(time) => Some(*time),
            Self::Text(text) => parse_time(text),
            _ => None,
        }
    }

    pub(super) fn as_day(&self) -> Option<Date> {
        self.as_time().map(day_of)
    }

    pub(super) fn sort_key(&self) -> SortKey {
        match self {
            Self::Null => SortKey::Missing,
            Self::Bool(value) => SortKey::Number(f64::from(u8::from(*value))),
            Self::Text(text) => SortKey::Text(text.to_lowercase()),
            Self::Time(time) => SortKey::Number(float(time.as_millisecond())),
            Self::Person(user) => SortKey::Text(user.full_name().to_lowercase()),
            Self::Integer(_) | Self::Json(_) => match self.as_number() {
                Some(number) => SortKey::Number(number),
                None if self.is_set() => SortKey::Text(serde_json::to_string(self).unwrap_or_default()),
                None => SortKey::Missing,
            },
        }
    }

    /// The string or number by which `groupBy` groups the cell.
    pub(super) fn group_key(&self) -> Option<Value> {
        match self {
            Self::Null => None,
            Self::Bool(value) => Some(Value::from(value.to_string())),
            Self::Person(user) => Some(Value::from(user.id)),
            Self::Json(value) => match value.as_ref() {
                Value::Number(_) => Some(value.clone().into_owned()),
                Value::Object(object) => object.get("name").or_else(|| object.get("value")).cloned(),
                _ => None,
            },
            cell => serde_json::to_value(cell).ok(),
        }
    }
}

impl SortKey {
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(one), Self::Number(two)) => one.total_cmp(two),
            (Self::Text(one), Self::Text(two)) => one.cmp(two),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Number(_) => 0,
            Self::Text(_) => 1,
            Self::Missing => 2,
        }
    }
}

impl<'a> From<&'a Value> for Cell<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::String(text) => Self::text(text),
            Value::Number(number) => match number.as_i64() {
                Some(integer) => Self::Integer(integer),
                None => Self::Json(Cow::Borrowed(value)),
            },
            value => Self::Json(Cow::Borrowed(value)),
        }
    }
}

impl Serialize for Cell<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Time(time) => serializer.collect_str(&format_args!("{time:.3}")),
            Self::Person(user) => json!({
                "id": user.id,
                "firstName": user.first_name,
                "lastName": user.last_name,
                "fullName": user.full_name(),
                "email": user.email,
                "photoUrl": user.photo_url(),
                "status": if user.is_member { "active" } else { "reporting" },
                "lifecycleStatus": user.lifecycle_status,
                "isDeletedInIdentitySources": user.is_deleted_in_identity_sources(),
                "idRole": user.id_role,
            })
            .serialize(serializer),
            Self::Json(value) => value.serialize(serializer),
        }
    }
}

/// An instant, or the first moment of a day.
pub(super) fn parse_time(text: &str) -> Option<Timestamp> {
    match parse_day(text) {
        Some(day) => day.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp()),
        // Other text is not parsed, because most cells do not contain a time.
        None if text.starts_with(|first: char| first.is_ascii_digit()) => text.parse().ok(),
        None => None,
    }
}

/// A date without a time of day.
pub(super) fn parse_day(text: &str) -> Option<Date> {
    if text.len() == 10 && text.starts_with(|first: char| first.is_ascii_digit()) { text.parse().ok() } else { None }
}

pub(super) fn day_of(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// A number, even if it was sent as text.
fn number(operand: &Value) -> Option<f64> {
    match operand {
        Value::String(text) => text.parse().ok(),
        operand => operand.as_f64(),
    }
}

/// The nearest float; the conversion uses the number type of JSON.
pub(super) fn float(integer: i64) -> f64 {
    serde_json::Number::from(integer).as_f64().unwrap_or_default()
}
