//! The `filters` parameter: a JSON array of `{key, op, value}`, joined by AND. In the wrapped form, key and operator are
//! objects: `{"key": {"value": …}, "op": {"value": …}, "value": …}`. Torii's own client passes `value` on unchanged, so filters inside
//! of a wrapped one are `{key, op, value}`.
//!
//! The values of `or`, `and`, `nested` and of relative dates are not published. Here the first three take an array of filters
//! as `value`, and a relative date takes a number of days: positive for the future, negative for the past.

use std::cmp::Ordering;

use jiff::{Timestamp, ToSpan, civil::Date};
use serde_json::Value;

use super::{
    answer::Failure,
    cell::{Cell, Record, day_of, parse_time},
    field::Schema,
    options::Filters,
    organization::Organization,
};

/// A condition on a record.
#[derive(Debug)]
pub(super) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Nested { key: String, filters: Vec<Filter> },
    Field { key: String, test: Test },
}

/// A condition on a cell.
#[derive(Debug)]
pub(super) enum Test {
    Equals(Value),
    Contains(String),
    AnyOf(Vec<Value>),
    AllOf(Vec<Value>),
    IsExactly(Vec<Value>),
    IsSet,
    Compare(Value, fn(Ordering) -> bool),
    Day(Date, fn(Ordering) -> bool),
    /// Days from the first bound to the second; `None` means no bound.
    Between(Option<Date>, Option<Date>),
    Not(Box<Test>),
}

impl Filter {
    /// Reads the parameter in the accepted form; relative dates are relative to `now`.
    pub(super) fn parse(filters: &Value, schema: &Schema, form: Filters, now: Timestamp) -> Result<Self, Failure> {
        if form == Filters::Ignored {
            return Ok(Self::All(Vec::new()));
        }
        let reader = Reader { find: &|key| Ok(schema.require_in_filters(key)?.key.to_string()), form, now };
        reader.list(filters).map(Self::All).map_err(|failure| failure.at("filters"))
    }

    /// The condition of an exact-match query parameter.
    pub(super) fn equals(key: &str, value: &str) -> Self {
        let value = Value::from(value);
        Self::Field { key: key.to_owned(), test: Test::Equals(value) }
    }

    pub(super) fn accepts(&self, record: &impl Record, organization: &Organization) -> bool {
        self.holds(&|key| record.cell(key, organization))
    }

    fn holds<'a>(&self, cell: &dyn Fn(&str) -> Cell<'a>) -> bool {
        match self {
            Self::All(filters) => filters.iter().all(|filter| filter.holds(cell)),
            Self::Any(filters) => filters.iter().any(|filter| filter.holds(cell)),
            Self::Field { key, test } => test.holds(&resolve(cell, key)),
            Self::Nested { key, filters } => {
                let within = |object: &Value| {
                    let inner = |key: &str| Cell::json(object.get(key).cloned().unwrap_or_default());
                    filters.iter().all(|filter| filter.holds(&|key| plain(inner(key))))
                };
                match resolve(cell, key) {
                    Cell::Json(value) => match value.as_ref() {
                        Value::Array(items) => items.iter().any(within),
                        value => within(value),
                    },
                    cell => serde_json::to_value(&cell).is_ok_and(|value| within(&value)),
                }
            }
        }
    }
}

/// The cell of a key; `primaryOwner.email` is a member of an object.
fn resolve<'a>(cell: &dyn Fn(&str) -> Cell<'a>, key: &str) -> Cell<'a> {
    match key.split_once('.') {
        None => cell(key),
        Some((outer, path)) => {
            let object = serde_json::to_value(cell(outer)).unwrap_or_default();
            plain(Cell::json(object.pointer(&format!("/{}", path.replace('.', "/"))).cloned().unwrap_or_default()))
        }
    }
}

/// The cell for a JSON scalar.
fn plain(cell: Cell<'_>) -> Cell<'_> {
    match cell {
        Cell::Json(value) => match value.into_owned() {
            Value::Null => Cell::Null,
            Value::Bool(value) => Cell::Bool(value),
            Value::String(text) => Cell::Text(text.into()),
            value => Cell::json(value),
        },
        cell => cell,
    }
}

/// Reads filters.
#[derive(Clone, Copy)]
struct Reader<'a> {
    /// The key of the field that a key in a filter means.
    find: &'a dyn Fn(&str) -> Result<String, Failure>,
    form: Filters,
    now: Timestamp,
}

impl Reader<'_> {
    fn list(self, filters: &Value) -> Result<Vec<Filter>, Failure> {
        let Some(items) = filters.as_array() else {
            return Err(Failure::malformed("filters must be a JSON array of {key, op, value}"));
        };
        items.iter().map(|item| self.one(item)).collect()
    }

    fn one(self, item: &Value) -> Result<Filter, Failure> {
        let Some(op) = self.member(item, "op") else {
            return Err(Failure::malformed(format!("a filter must have an op: {item}")));
        };
        let value = item.get("value").unwrap_or(&Value::Null);
        match op {
            "and" => return self.inner().list(value).map(Filter::All),
            "or" => return self.inner().list(value).map(Filter::Any),
            _ => {}
        }
        let Some(key) = self.member(item, "key") else {
            return Err(Failure::malformed(format!("a filter must have a key: {item}")));
        };
        let key = match key.split_once('.') {
            Some((outer, path)) => format!("{}.{path}", (self.find)(outer)?),
            None => (self.find)(key)?,
        };
        if op == "nested" {
            let inner = Reader { find: &|key| Ok(key.to_owned()), ..self.inner() };
            return inner.list(value).map(|filters| Filter::Nested { key, filters });
        }
        Ok(Filter::Field { key, test: Test::parse(op, value, self.now)? })
    }

    /// A reader of filters inside of a filter.
    fn inner(self) -> Self {
        let form = if self.form == Filters::Wrapped { Filters::Flat } else { self.form };
        Self { form, ..self }
    }

    /// The text of a member in an accepted form.
    fn member<'v>(self, item: &'v Value, name: &str) -> Option<&'v str> {
        let member = item.get(name)?;
        let flat = member.as_str().filter(|_| self.form != Filters::Wrapped);
        let wrapped = member.get("value").and_then(Value::as_str).filter(|_| self.form != Filters::Flat);
        flat.or(wrapped)
    }
}

impl Test {
    fn parse(op: &str, value: &Value, now: Timestamp) -> Result<Self, Failure> {
        let today = day_of(now);
        let not = |test| Self::Not(Box::new(test));
        Ok(match op {
            "equals" => Self::Equals(some(op, value)?),
            "notEquals" => not(Self::Equals(some(op, value)?)),
            "contains" => Self::Contains(text(op, value)?),
            "notContains" => not(Self::Contains(text(op, value)?)),
            "anyOf" => Self::AnyOf(list(op, value)?),
            "noneOf" => not(Self::AnyOf(list(op, value)?)),
            "allOf" => Self::AllOf(list(op, value)?),
            "isExactly" => Self::IsExactly(list(op, value)?),
            "isSet" | "exists" => Self::IsSet,
            "isNotSet" | "notExists" => not(Self::IsSet),
            "gt" => Self::Compare(some(op, value)?, Ordering::is_gt),
            "gte" => Self::Compare(some(op, value)?, Ordering::is_ge),
            "lt" => Self::Compare(some(op, value)?, Ordering::is_lt),
            "lte" => Self::Compare(some(op, value)?, Ordering::is_le),
            "dayAfter" => Self::Day(day(op, value)?, Ordering::is_gt),
            "dayOnOrAfter" => Self::Day(day(op, value)?, Ordering::is_ge),
            "dayBefore" => Self::Day(day(op, value)?, Ordering::is_lt),
            "dayOnOrBefore" => Self::Day(day(op, value)?, Ordering::is_le),
            "relativeDateToday" => Self::Day(today, Ordering::is_eq),
            "relativeDateOn" => Self::Day(relative(op, value, today)?.0, Ordering::is_eq),
            "relativeDateLess" => match relative(op, value, today)? {
                (then, true) => Self::Between(Some(today), Some(then)),
                (then, false) => Self::Between(Some(then), Some(today)),
            },
            "relativeDateMore" => match relative(op, value, today)? {
                (then, true) => Self::Between(Some(then), None),
                (then, false) => Self::Between(None, Some(then)),
            },
            other => {
                return Err(Failure::malformed(format!("unknown filter operator: {other}")));
            }
        })
    }

    fn holds(&self, cell: &Cell) -> bool {
        match self {
            Self::Equals(operand) => cell.equals(operand),
            Self::Contains(operand) => cell.contains(operand),
            Self::AnyOf(operands) => operands.iter().any(|operand| cell.equals(operand)),
            Self::AllOf(operands) => operands.iter().all(|operand| cell.equals(operand)),
            Self::IsExactly(operands) => {
                operands.iter().all(|operand| cell.equals(operand)) && cell.items().map_or(1, <[Value]>::len) == operands.len()
            }
            Self::IsSet => cell.is_set(),
            Self::Compare(operand, accepts) => cell.compare(operand).is_some_and(accepts),
            Self::Day(operand, accepts) => cell.as_day().is_some_and(|day| accepts(day.cmp(operand))),
            Self::Between(from, to) => {
                cell.as_day().is_some_and(|day| from.is_none_or(|from| day >= from) && to.is_none_or(|to| day <= to))
            }
            Self::Not(test) => !test.holds(cell),
        }
    }
}

fn some(op: &str, value: &Value) -> Result<Value, Failure> {
    if value.is_null() { Err(Failure::malformed(format!("{op} needs a value"))) } else { Ok(value.clone()) }
}

fn text(op: &str, value: &Value) -> Result<String, Failure> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        other => Err(Failure::malformed(format!("{op} needs a text as value: {other}"))),
    }
}

fn list(op: &str, value: &Value) -> Result<Vec<Value>, Failure> {
    match value {
        Value::Array(items) => Ok(items.clone()),
        other => Err(Failure::malformed(format!("{op} needs an array as value: {other}"))),
    }
}

fn day(op: &str, value: &Value) -> Result<Date, Failure> {
    let time = value.as_str().and_then(parse_time);
    time.map(day_of).ok_or_else(|| Failure::malformed(format!("{op} needs a date as value: {value}")))
}

/// The day at a distance of `value` days, and whether it is in the future.
fn relative(op: &str, value: &Value, today: Date) -> Result<(Date, bool), Failure> {
    let days = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let then = days
        .filter(|days| days.abs() <= 36_500)
        .and_then(|days| today.checked_add(days.days()).ok().map(|then| (then, days >= 0)));
    then.ok_or_else(|| Failure::malformed(format!("{op} needs a number of days as value: {value}")))
}
