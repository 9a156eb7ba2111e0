//! Brings arguments into the form that the schema takes, before they are validated.
//!
//! Assistants and shells write one value in many ways. Two rules hold for every argument, and for every value inside of one that
//! the schema describes:
//!
//! - `null` and `""` mean that an argument is not given, so it is left out, and so does `{}` for an object of known members.
//!   Models that have to give all arguments write them for those they leave alone. An empty text stays where the schema lists it as a
//!   choice.
//! - A text is converted where the schema takes no text, if nothing is lost by that: `"2"`, `"true"`, `"name,id"`, or JSON for an
//!   object or a list. A number becomes text where the schema takes text and no number.

use mcp_http::sanitize::one_line;
use serde_json::{Map, Number, Value};

use crate::{
    catalog::Tool,
    json_limits::{BeyondLimits, JsonCounter, JsonLimits},
    tool_error::ToolError,
};

#[cfg(test)]
mod tests;

/// The fraction of a request's values that may be in strings: one in this many.
const VALUES_IN_STRINGS: usize = 5;
/// How many arguments a note names.
const TOLD: usize = 24;
/// How much of the name of an argument is quoted, in characters.
const QUOTED: usize = 60;

/// The arguments that were left out because they were `null` or empty, as users write their places: `filters[0].value`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Skipped {
    places: Vec<String>,
    n_more: usize,
}

impl Skipped {
    /// The names of the skipped arguments, without those inside of others.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.places.iter().map(String::as_str).filter(|place| !place.contains(['.', '[']))
    }

    /// Tells what was left out of a call, and how the tool empties fields if it can; `None` if nothing was left out.
    pub(crate) fn note(&self, tool: &Tool) -> Option<String> {
        let is_own = |name: &str| tool.is_server_argument(name);
        let can_clear = is_own("clear") && self.names().any(|name| !is_own(name));
        let how = if can_clear { " To empty a field, name it in `clear`." } else { "" };
        Some(self.text()? + how)
    }

    /// Tells what was left out; `None` if nothing was.
    pub(crate) fn text(&self) -> Option<String> {
        let names: Vec<_> = self.places.iter().map(|place| format!("`{place}`")).collect();
        let more = if self.n_more == 0 { String::new() } else { format!(" and {} more", self.n_more) };
        (!names.is_empty()).then(|| format!("Not given, since null or empty: {}{more}.", names.join(", ")))
    }

    pub(super) fn add_argument(&mut self, name: &str) {
        self.add(&Place::Member(&Place::Arguments, name));
    }

    fn add(&mut self, place: &Place<'_>) {
        if self.places.len() < TOLD {
            self.places.push(place.text());
        } else {
            self.n_more += 1;
        }
    }
}

/// Normalizes arguments in place.
///
/// # Errors
/// When texts contain more values than the limits allow.
pub(crate) fn normalize(
    schema: &Map<String, Value>,
    limits: JsonLimits,
    given: &mut Map<String, Value>,
) -> Result<Skipped, ToolError> {
    // No permits are held for these values, so all of them together are limited to a part of what a request may hold.
    let limits = JsonLimits { values: limits.values / VALUES_IN_STRINGS, ..limits };
    let mut normalizer = Normalizer { limits, values: 0, skipped: Skipped::default() };
    normalizer.members(&alternatives(schema), &Place::Arguments, given)?;
    Ok(normalizer.skipped)
}

/// The place of a value among the arguments.
enum Place<'a> {
    Arguments,
    Member(&'a Self, &'a str),
    Item(&'a Self, usize),
}

impl Place<'_> {
    fn text(&self) -> String {
        match self {
            Self::Arguments => String::new(),
            Self::Member(Self::Arguments, name) => one_line(name, QUOTED),
            Self::Member(outer, name) => format!("{}.{}", outer.text(), one_line(name, QUOTED)),
            Self::Item(outer, index) => format!("{}[{index}]", outer.text()),
        }
    }
}

struct Normalizer {
    limits: JsonLimits,
    /// How many values the texts contained that were converted.
    values: usize,
    skipped: Skipped,
}

/// The alternatives of which a value may have any.
type Forms<'a> = Vec<&'a Map<String, Value>>;

impl Normalizer {
    fn members(&mut self, forms: &Forms<'_>, place: &Place<'_>, members: &mut Map<String, Value>) -> Result<(), ToolError> {
        let mut failed = Ok(());
        // what an object takes beside its properties are the names of its owner, whose values may well be empty
        let is_open = matches!(place, Place::Arguments) && forms.iter().any(|form| is_open(form));
        members.retain(|name, value| {
            let place = Place::Member(place, name);
            let property = property(forms, name);
            if failed.is_ok() && !property.is_empty() {
                failed = self.value(&property, &place, value);
            }
            let is_skipped = (is_open || !property.is_empty()) && says_nothing(&property, value);
            if is_skipped {
                self.skipped.add(&place);
            }
            !is_skipped
        });
        failed
    }

    fn value(&mut self, forms: &Forms<'_>, place: &Place<'_>, value: &mut Value) -> Result<(), ToolError> {
        if let Some(converted) = self.convert(forms, place, value)? {
            *value = converted;
        }
        match value {
            Value::Object(members) => self.members(forms, place, members),
            Value::Array(items) => {
                let forms = items_of(forms);
                let mut items = items.iter_mut().enumerate().filter(|_| !forms.is_empty());
                items.try_for_each(|(index, item)| self.value(&forms, &Place::Item(place, index), item))
            }
            _ => Ok(()),
        }
    }

    /// The value in a form that the schema takes; `None` if it is in one already, or in none that can be converted.
    fn convert(&mut self, forms: &Forms<'_>, place: &Place<'_>, value: &Value) -> Result<Option<Value>, ToolError> {
        let takes = |kind| takes(forms, kind);
        match value {
            Value::String(text) if !takes("string") => self.of_text(forms, place, text.trim()),
            Value::Number(number) if takes("integer") => Ok(whole(number).map(Value::from)),
            Value::Number(number) if takes("string") && !takes("number") => {
                Ok(Some(whole(number).map_or_else(|| number.to_string(), |whole| whole.to_string()).into()))
            }
            _ => Ok(None),
        }
    }

    fn of_text(&mut self, forms: &Forms<'_>, place: &Place<'_>, text: &str) -> Result<Option<Value>, ToolError> {
        let takes = |kind| takes(forms, kind);
        if takes("object") && text.starts_with('{') || takes("array") && text.starts_with('[') {
            let counter = JsonCounter::of(text.as_bytes());
            self.count(counter.values(), "JSON", place)?;
            counter.check(self.limits).map_err(|beyond| refused("JSON", place, beyond))?;
            return Ok(serde_json::from_str(text).ok());
        }
        if takes("boolean") && matches!(text, "true" | "false") {
            return Ok(Some((text == "true").into()));
        }
        if (takes("integer") || takes("number"))
            && let Some(number) = exact(text)
        {
            let whole = whole(&number).filter(|_| takes("integer")).map(Number::from);
            let is_taken = takes("number") || number.as_f64().is_some_and(|number| number.fract() == 0.0);
            return Ok(Some(whole.unwrap_or(number)).filter(|_| is_taken).map(Value::Number));
        }
        if takes("array") { self.list(&items_of(forms), place, text) } else { Ok(None) }
    }

    /// The items of a list that is written with commas, unless they are objects or lists themselves.
    fn list(&mut self, forms: &Forms<'_>, place: &Place<'_>, text: &str) -> Result<Option<Value>, ToolError> {
        let is_plain = ["string", "integer", "number"].into_iter().any(|kind| takes(forms, kind));
        if !is_plain || text.starts_with(['[', '{']) || text.split(',').any(|piece| piece.trim().is_empty()) {
            return Ok(None);
        }
        self.count(text.split(',').count(), "a list", place)?;
        Ok(Some(text.split(',').map(|piece| Value::from(piece.trim())).collect()))
    }

    fn count(&mut self, values: usize, what: &str, place: &Place<'_>) -> Result<(), ToolError> {
        self.values += values;
        let limit = self.limits.values;
        if self.values > limit { Err(refused(what, place, BeyondLimits::Values(limit))) } else { Ok(()) }
    }
}

fn refused(what: &str, place: &Place<'_>, beyond: BeyondLimits) -> ToolError {
    ToolError::arguments(format!("`{}` is {what} in a string, which {beyond}", place.text()))
}

/// Whether a value says that its argument is not given.
fn says_nothing(forms: &Forms<'_>, value: &Value) -> bool {
    let is_choice = |form: &&Map<String, Value>| {
        form.get("const") == Some(value) || form.get("enum").and_then(Value::as_array).is_some_and(|all| all.contains(value))
    };
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty() && !forms.iter().any(is_choice),
        Value::Object(members) => members.is_empty() && takes(forms, "object") && !forms.iter().any(|form| takes_any(form)),
        _ => false,
    }
}

/// Schemas with the alternatives of each.
fn forms<'a>(schemas: impl IntoIterator<Item = &'a Value>) -> Forms<'a> {
    schemas.into_iter().filter_map(Value::as_object).flat_map(alternatives).collect()
}

/// A schema with its alternatives.
fn alternatives(schema: &Map<String, Value>) -> Forms<'_> {
    let lists = ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| schema.get(*key)?.as_array());
    let mut all = vec![schema];
    all.extend(forms(lists.flatten()));
    all
}

/// What a member of an object may be; empty if no alternative describes it.
fn property<'a>(forms: &Forms<'a>, name: &str) -> Forms<'a> {
    self::forms(forms.iter().filter_map(|form| form.get("properties")?.get(name)))
}

fn items_of<'a>(forms: &Forms<'a>) -> Forms<'a> {
    self::forms(forms.iter().filter_map(|form| form.get("items")))
}

/// Whether an object takes members beside its properties.
fn is_open(form: &Map<String, Value>) -> bool {
    form.get("additionalProperties") != Some(&Value::Bool(false))
}

/// Whether an object of this form may have members with any names, so that an empty one says something.
fn takes_any(form: &Map<String, Value>) -> bool {
    form.get("type").is_some_and(|name| name == "object") && is_open(form)
}

/// Whether one of the alternatives takes values of this type.
fn takes(forms: &Forms<'_>, wanted: &str) -> bool {
    forms.iter().any(|form| match form.get("type") {
        Some(Value::String(name)) => name == wanted,
        Some(Value::Array(names)) => names.iter().any(|name| name == wanted),
        _ => false,
    })
}

/// From here on no floating-point number is an `i64`. Writing out the largest ones, of 309 digits, takes a long time.
const BEYOND: f64 = 9.3e18;

/// The integer of a floating-point number without a fractional part.
fn whole(number: &Number) -> Option<i64> {
    let number = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() < BEYOND)?;
    format!("{number:.0}").parse().ok()
}

/// The number that a text is, in JSON's notation, if it has all of its digits: no `007`, which may be more than a number, no
/// `1e400`, and none with more digits than are kept.
fn exact(text: &str) -> Option<Number> {
    let number: Number = serde_json::from_str(text).ok()?;
    match number.as_f64().filter(|_| number.is_f64()) {
        Some(float) => (decimal(text)? == decimal(&format!("{float:e}"))?).then_some(number),
        None => Some(number),
    }
}

/// The significant digits of a number, and the power of ten of the last one.
fn decimal(text: &str) -> Option<(String, i64)> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().ok()?;
    let (units, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = [units.trim_start_matches('-'), fraction].concat();
    let digits = all.trim_end_matches('0');
    let dropped = i64::try_from(all.len() - digits.len()).ok()?;
    let significant = digits.trim_start_matches('0');
    let exponent = if significant.is_empty() { 0 } else { exponent.checked_sub(i64::try_from(fraction.len()).ok()?)? + dropped };
    Some((significant.to_owned(), exponent))
}
