//! Lists records: selects fields, searches, filters, sorts, selects a page, and makes the cursor of the next page.
//!
//! A cursor contains the sort values and the id of the last row of a page, not a position. So records that are added or removed
//! between two calls cause no other record to be repeated or skipped.

use std::cmp::Ordering;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

use super::{
    Sample,
    aggregate::Aggregation,
    answer::Failure,
    cell::{Record, SortKey},
    field::{Field, Schema},
    filter::Filter,
    organization::Organization,
    request::Parameters,
};

/// The largest page of all listings.
pub(super) const MAX_SIZE: u32 = 1000;

/// The order of a listing: keys, with `true` for descending order, and finally the id.
#[derive(Debug, Default)]
pub(super) struct Sort(Vec<(String, bool)>);

impl Sort {
    /// Reads `field:asc,other:desc`.
    pub(super) fn parse(parts: Option<Vec<&str>>, schema: &Schema) -> Result<Self, Failure> {
        let mut keys = Vec::new();
        for part in parts.unwrap_or_default() {
            let (key, direction) = part.split_once(':').unwrap_or((part, "asc"));
            schema.require(key)?;
            let descending = match direction {
                "asc" => false,
                "desc" => true,
                other => {
                    return Err(Failure::malformed(format!("sort direction must be asc or desc: {other}")).at("sort"));
                }
            };
            keys.push((key.to_owned(), descending));
        }
        Ok(Self(keys))
    }

    pub(super) fn by(key: &str, descending: bool) -> Self {
        Self(vec![(key.to_owned(), descending)])
    }

    fn keys(&self, record: &impl Record, organization: &Organization) -> Vec<SortKey> {
        self.0.iter().map(|(key, _)| record.cell(key, organization).sort_key()).collect()
    }

    /// Missing values are last in both directions. Ids have the direction of the first key, so that "newest first" is total.
    fn compare(&self, one: &(Vec<SortKey>, u32), two: &(Vec<SortKey>, u32)) -> Ordering {
        for ((a, b), (_, descending)) in one.0.iter().zip(&two.0).zip(&self.0) {
            let missing = *a == SortKey::Missing || *b == SortKey::Missing;
            let order = if *descending && !missing { b.compare(a) } else { a.compare(b) };
            if order.is_ne() {
                return order;
            }
        }
        let descending = self.0.first().is_some_and(|(_, descending)| *descending);
        if descending { two.1.cmp(&one.1) } else { one.1.cmp(&two.1) }
    }
}

/// Part of a listing.
#[derive(Debug)]
pub(super) struct Page<R> {
    pub(super) rows: Vec<R>,
    pub(super) total: usize,
    pub(super) next_cursor: Option<String>,
}

/// Sorts `rows`, which are in the order of their ids, and selects the page after `cursor`.
pub(super) fn page<R: Record>(
    rows: Vec<R>,
    sort: &Sort,
    size: u32,
    cursor: Option<&str>,
    organization: &Organization,
) -> Result<Page<R>, Failure> {
    let total = rows.len();
    let mut keyed: Vec<_> = rows.into_iter().map(|row| ((sort.keys(&row, organization), row.id()), row)).collect();
    if !sort.0.is_empty() {
        keyed.sort_by(|(one, _), (two, _)| sort.compare(one, two));
    }
    let start = match cursor {
        None => 0,
        Some(cursor) => {
            let last = decode(cursor, sort.0.len())?;
            keyed.partition_point(|(position, _)| sort.compare(position, &last).is_le())
        }
    };
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let more = total - start > size;
    let mut last = None;
    let rows = keyed
        .into_iter()
        .skip(start)
        .take(size)
        .map(|(position, row)| {
            last = Some(position);
            row
        })
        .collect();
    let next_cursor = if more { last.map(|(keys, id)| encode(&keys, id)) } else { None };
    Ok(Page { rows, total, next_cursor })
}

fn encode(keys: &[SortKey], id: u32) -> String {
    let mut parts: Vec<Value> = keys
        .iter()
        .map(|key| match key {
            SortKey::Missing => Value::Null,
            SortKey::Number(number) => Value::from(*number),
            SortKey::Text(text) => Value::from(text.as_str()),
        })
        .collect();
    parts.push(Value::from(id));
    STANDARD.encode(Value::Array(parts).to_string())
}

fn decode(cursor: &str, n_keys: usize) -> Result<(Vec<SortKey>, u32), Failure> {
    let parse = || {
        let mut parts: Vec<Value> = serde_json::from_slice(&STANDARD.decode(cursor).ok()?).ok()?;
        let id = u32::try_from(parts.pop()?.as_u64()?).ok()?;
        let keys = parts.into_iter().map(|part| match part {
            Value::Null => Some(SortKey::Missing),
            Value::Number(number) => number.as_f64().map(SortKey::Number),
            Value::String(text) => Some(SortKey::Text(text)),
            _ => None,
        });
        let keys: Vec<_> = keys.collect::<Option<_>>()?;
        (keys.len() == n_keys).then_some((keys, id))
    };
    parse().ok_or_else(|| Failure::malformed(format!("cursor does not come from this listing: {cursor}")).at("cursor"))
}

/// All options of a listing.
#[derive(Debug)]
pub(super) struct Listing<'a> {
    pub(super) fields: Vec<&'a Field>,
    filters: Vec<Filter>,
    sort: Sort,
    size: u32,
    cursor: Option<&'a str>,
    aggregation: Option<Aggregation>,
}

impl<'a> Listing<'a> {
    /// Reads `fields`, `filters`, `sort`, `size`, `cursor` and `aggs`; parameters that are not `known` match fields exactly.
    pub(super) fn parse(
        parameters: &'a Parameters,
        known: &[&str],
        schema: &'a Schema,
        default_fields: &[&str],
        sample: &Sample,
    ) -> Result<Self, Failure> {
        let mut filters = Vec::new();
        if let Some(json) = parameters.json("filters")? {
            filters.push(Filter::parse(&json, schema, sample.behavior().filters, sample.now())?);
        }
        for (key, value) in parameters.others(known) {
            schema.require(key)?;
            filters.push(Filter::equals(key, value));
        }
        Ok(Self {
            fields: schema.select(parameters.list("fields").as_deref(), default_fields)?,
            filters,
            sort: Sort::parse(parameters.list("sort"), schema)?,
            size: parameters.integer("size", 1..=MAX_SIZE)?.unwrap_or(MAX_SIZE),
            cursor: parameters.text("cursor"),
            aggregation: match parameters.json("aggs")? {
                Some(json) => Some(Aggregation::parse(&json, schema).map_err(|failure| failure.at("aggs"))?),
                None => None,
            },
        })
    }

    pub(super) fn require(&mut self, filter: Filter) {
        self.filters.push(filter);
    }

    pub(super) fn accepts(&self, record: &impl Record, organization: &Organization) -> bool {
        self.filters.iter().all(|filter| filter.accepts(record, organization))
    }

    /// Runs the listing on records to which the caller has already applied the search.
    pub(super) fn run<R: Record>(
        &'a self,
        name: &'static str,
        rows: impl Iterator<Item = R>,
        organization: &'a Organization,
    ) -> Result<Envelope<'a, R>, Failure> {
        let rows: Vec<R> = rows.filter(|row| self.accepts(row, organization)).collect();
        let aggregations = self.aggregation.as_ref().map(|aggregation| {
            let all: Vec<&R> = rows.iter().collect();
            aggregation.run(&all, organization)
        });
        let page = page(rows, &self.sort, self.size, self.cursor, organization)?;
        Ok(Envelope { name, fields: &self.fields, aggregations, page, organization })
    }
}

/// The response of a listing: named rows, then counts and the cursor.
pub(super) struct Envelope<'a, R> {
    name: &'static str,
    fields: &'a [&'a Field],
    aggregations: Option<Value>,
    page: Page<R>,
    organization: &'a Organization,
}

impl<R: Record> Serialize for Envelope<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows: Vec<_> = self.page.rows.iter().map(|record| Shown::new(record, self.fields, self.organization)).collect();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(self.name, &rows)?;
        if let Some(aggregations) = &self.aggregations {
            map.serialize_entry("aggregations", aggregations)?;
        }
        map.serialize_entry("count", &rows.len())?;
        map.serialize_entry("total", &self.page.total)?;
        map.serialize_entry("nextCursor", &self.page.next_cursor)?;
        map.end()
    }
}

/// One record with the selected fields.
pub(super) struct Shown<'a, R> {
    record: &'a R,
    fields: &'a [&'a Field],
    organization: &'a Organization,
}

impl<'a, R: Record> Shown<'a, R> {
    pub(super) fn new(record: &'a R, fields: &'a [&'a Field], organization: &'a Organization) -> Self {
        Self { record, fields, organization }
    }
}

impl<R: Record> Serialize for Shown<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for field in self.fields {
            map.serialize_entry(&field.key, &self.record.cell(&field.key, self.organization))?;
        }
        map.end()
    }
}
