//! The `aggs` parameter: `{field, aggregationType, options, aggs}`, nested by the inner `aggs`.
//!
//! The options of a histogram are in `options.dateHistogramOptions`; an older text has them in `options`, which is read, too.
//! The ranges of `date_range` are in `options.ranges`. What its buckets are called is not published: Torii searches with
//! `OpenSearch`, whose keys are `from-to` with `*` for no bound, and whose ranges contain their first moment but not their last.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use serde_json::{Map, Value, json};

use super::{
    answer::Failure,
    cell::{Cell, Record, day_of, float, parse_time},
    field::Schema,
    organization::Organization,
};

const MAX_BUCKETS: usize = 100;
const DEFAULT_BUCKETS: usize = 10;

#[derive(Debug)]
pub(super) struct Aggregation {
    field: String,
    kind: Kind,
    inner: Option<Box<Aggregation>>,
}

#[derive(Debug)]
enum Kind {
    Metric(Function),
    GroupBy { function: Function, size: usize, order: Order },
    Histogram { period: Period, hard: Bounds, extended: Bounds },
    Ranges(Vec<Range>),
}

/// The days from the first to before the second.
#[derive(Debug)]
struct Range {
    key: String,
    from: Date,
    to: Option<Date>,
}

#[derive(Debug, Clone, Copy)]
enum Function {
    Total,
    Sum,
    Avg,
    Min,
    Max,
}

#[derive(Debug, Clone, Copy)]
enum Period {
    Weekly,
    Monthly,
    Quarterly,
    Yearly,
}

/// The value by which buckets are sorted.
#[derive(Debug)]
struct Order {
    by: OrderBy,
    descending: bool,
}

#[derive(Debug)]
enum OrderBy {
    Value,
    Key,
    Metric(Function, String),
}

/// First and last day; `None` means no bound.
type Bounds = (Option<Date>, Option<Date>);

impl Aggregation {
    pub(super) fn parse(json: &Value, schema: &Schema) -> Result<Self, Failure> {
        let Some(field) = json.get("field").and_then(Value::as_str) else {
            return Err(Failure::malformed("aggs must be a JSON object with field and aggregationType"));
        };
        schema.require(field)?;
        let empty = json!({});
        let options = json.get("options").unwrap_or(&empty);
        let kind = match json.get("aggregationType").and_then(Value::as_str) {
            Some("metric") => Kind::Metric(Function::parse(options.get("metricFunction"), Function::Sum)?),
            Some("groupBy") => Kind::GroupBy {
                function: Function::parse(options.get("metricFunction"), Function::Total)?,
                size: bucket_limit(options)?,
                order: Order::parse(options.get("sort"), field, schema)?,
            },
            Some("date_histogram") => {
                let options = options.get("dateHistogramOptions").unwrap_or(options);
                Kind::Histogram {
                    period: Period::parse(options.get("datePeriod"))?,
                    hard: bounds(options.get("hardBounds"))?,
                    extended: bounds(options.get("extendedBounds"))?,
                }
            }
            Some("date_range") => Kind::Ranges(ranges(options.get("ranges"))?),
            other => {
                let other = other.unwrap_or("nothing");
                return Err(Failure::malformed(format!(
                    "aggregationType must be metric, groupBy, date_range or date_histogram: {other}"
                )));
            }
        };
        let inner = match json.get("aggs") {
            None | Some(Value::Null) => None,
            Some(inner) => Some(Box::new(Self::parse(inner, schema)?)),
        };
        Ok(Self { field: field.to_owned(), kind, inner })
    }

    pub(super) fn run<R: Record>(&self, rows: &[&R], organization: &Organization) -> Value {
        match &self.kind {
            Kind::Metric(function) => function.over(&self.field, rows, organization),
            Kind::GroupBy { function, size, order } => {
                let mut buckets = self.group(*function, rows, organization);
                buckets.sort_by(|one, two| order.compare(one, two));
                if let OrderBy::Metric(function, field) = &order.by {
                    let rank = |bucket: &Bucket<R>| {
                        function.over(field, &bucket.rows, organization).as_f64().unwrap_or(f64::NEG_INFINITY)
                    };
                    let mut ranked: Vec<_> = buckets.into_iter().map(|bucket| (rank(&bucket), bucket)).collect();
                    ranked.sort_by(|(one, _), (two, _)| if order.descending { two.total_cmp(one) } else { one.total_cmp(two) });
                    buckets = ranked.into_iter().map(|(_, bucket)| bucket).collect();
                }
                buckets.truncate(*size);
                self.show(buckets, organization)
            }
            Kind::Histogram { period, hard, extended } => {
                self.show(self.histogram(*period, *hard, *extended, rows, organization), organization)
            }
            Kind::Ranges(ranges) => {
                let days: Vec<_> = rows.iter().map(|row| (row.cell(&self.field, organization).as_day(), *row)).collect();
                let bucket = |range: &Range| {
                    let rows: Vec<_> =
                        days.iter().filter(|(day, _)| day.is_some_and(|day| range.contains(day))).map(|(_, row)| *row).collect();
                    Bucket { key: Value::from(range.key.as_str()), value: Value::from(rows.len()), rows }
                };
                self.show(ranges.iter().map(bucket).collect(), organization)
            }
        }
    }

    fn group<'a, R: Record>(&self, function: Function, rows: &[&'a R], organization: &Organization) -> Vec<Bucket<'a, R>> {
        let mut groups: BTreeMap<String, (Value, Vec<&'a R>)> = BTreeMap::new();
        for row in rows {
            let cell = row.cell(&self.field, organization);
            // A record with several values, such as tags, is counted in the bucket of each of them.
            let keys = match cell.items() {
                Some(items) => items.iter().filter_map(|item| Cell::from(item).group_key()).collect(),
                None => Vec::from_iter(cell.group_key()),
            };
            for key in keys {
                groups.entry(key.to_string()).or_insert_with(|| (key, Vec::new())).1.push(*row);
            }
        }
        let value = |rows: &[&R]| match function {
            Function::Total => Value::from(rows.len()),
            function => function.over(&self.field, rows, organization),
        };
        groups.into_values().map(|(key, rows)| Bucket { key, value: value(&rows), rows }).collect()
    }

    fn histogram<'a, R: Record>(
        &self,
        period: Period,
        hard: Bounds,
        extended: Bounds,
        rows: &[&'a R],
        organization: &Organization,
    ) -> Vec<Bucket<'a, R>> {
        let mut groups: BTreeMap<Date, Vec<&'a R>> = BTreeMap::new();
        for row in rows {
            let Some(day) = row.cell(&self.field, organization).as_day() else {
                continue;
            };
            if hard.0.is_none_or(|first| day >= first) && hard.1.is_none_or(|last| day <= last) {
                groups.entry(period.start(day)).or_default().push(*row);
            }
        }
        for day in [extended.0, extended.1].into_iter().flatten() {
            groups.entry(period.start(day)).or_default();
        }
        // Periods without records are included, so that a chart has no gaps.
        if let (Some(&first), Some(&last)) = (groups.keys().next(), groups.keys().next_back()) {
            let mut day = first;
            while day < last && groups.len() < MAX_BUCKETS {
                groups.entry(day).or_default();
                day = period.next(day);
            }
        }
        groups
            .into_iter()
            .take(MAX_BUCKETS)
            .map(|(day, rows)| Bucket { key: Value::from(day.to_string()), value: Value::from(rows.len()), rows })
            .collect()
    }

    fn show<R: Record>(&self, buckets: Vec<Bucket<R>>, organization: &Organization) -> Value {
        let show = |bucket: Bucket<R>| {
            let mut shown = Map::new();
            shown.insert("key".to_owned(), bucket.key);
            shown.insert("value".to_owned(), bucket.value);
            shown.insert("groupCount".to_owned(), Value::from(bucket.rows.len()));
            if let Some(inner) = &self.inner {
                shown.insert("aggregations".to_owned(), inner.run(&bucket.rows, organization));
            }
            Value::Object(shown)
        };
        buckets.into_iter().map(show).collect()
    }
}

#[derive(Debug)]
struct Bucket<'a, R> {
    key: Value,
    value: Value,
    rows: Vec<&'a R>,
}

impl Function {
    fn parse(name: Option<&Value>, default: Self) -> Result<Self, Failure> {
        Ok(match name.and_then(Value::as_str) {
            None => default,
            Some("total") => Self::Total,
            Some("sum") => Self::Sum,
            Some("avg") => Self::Avg,
            Some("min") => Self::Min,
            Some("max") => Self::Max,
            Some(other) => {
                return Err(Failure::malformed(format!("metricFunction must be sum, avg, min or max: {other}")));
            }
        })
    }

    fn over<R: Record>(self, field: &str, rows: &[&R], organization: &Organization) -> Value {
        let numbers: Vec<f64> = rows.iter().filter_map(|row| row.cell(field, organization).as_number()).collect();
        let sum: f64 = numbers.iter().sum();
        match self {
            Self::Total => Value::from(rows.len()),
            Self::Sum => number(sum),
            Self::Avg if numbers.is_empty() => Value::Null,
            Self::Avg => number(sum / i64::try_from(numbers.len()).map_or(1.0, float)),
            Self::Min => numbers.into_iter().reduce(f64::min).map_or(Value::Null, number),
            Self::Max => numbers.into_iter().reduce(f64::max).map_or(Value::Null, number),
        }
    }
}

/// A float as JSON; whole numbers have no `.0`.
fn number(number: f64) -> Value {
    if number.fract() == 0.0 {
        format!("{number:.0}").parse::<i64>().map_or(Value::from(number), Value::from)
    } else {
        Value::from(number)
    }
}

impl Order {
    fn parse(sort: Option<&Value>, grouped: &str, schema: &Schema) -> Result<Self, Failure> {
        let Some(sort) = sort.filter(|sort| !sort.is_null()) else {
            return Ok(Self { by: OrderBy::Value, descending: true });
        };
        let descending = sort.get("order").and_then(Value::as_str) != Some("asc");
        let field = sort.get("field").and_then(Value::as_str);
        let function = sort.get("aggFunc").filter(|function| !function.is_null());
        let by = match (field, function) {
            (Some(field), Some(function)) => {
                schema.require(field)?;
                OrderBy::Metric(Function::parse(Some(function), Function::Total)?, field.to_owned())
            }
            (Some(field), None) if field == grouped || field == "key" => OrderBy::Key,
            _ => OrderBy::Value,
        };
        Ok(Self { by, descending })
    }

    fn compare<R>(&self, one: &Bucket<R>, two: &Bucket<R>) -> std::cmp::Ordering {
        let rank = |bucket: &Bucket<R>| match self.by {
            OrderBy::Key => Cell::from(&bucket.key).sort_key(),
            OrderBy::Value | OrderBy::Metric(..) => Cell::from(&bucket.value).sort_key(),
        };
        let order = rank(one).compare(&rank(two));
        if self.descending { order.reverse() } else { order }
    }
}

impl Period {
    fn parse(name: Option<&Value>) -> Result<Self, Failure> {
        Ok(match name.and_then(Value::as_str) {
            Some("weekly") => Self::Weekly,
            None | Some("monthly") => Self::Monthly,
            Some("quarterly") => Self::Quarterly,
            Some("yearly") => Self::Yearly,
            Some(other) => {
                return Err(Failure::malformed(format!("datePeriod must be weekly, monthly, quarterly or yearly: {other}")));
            }
        })
    }

    /// The first day of the period that contains a day.
    fn start(self, day: Date) -> Date {
        let month = match self {
            Self::Weekly => {
                let back = i64::from(day.weekday().to_monday_zero_offset());
                return day.saturating_sub(back.days());
            }
            Self::Monthly => day.month(),
            Self::Quarterly => (day.month() - 1) / 3 * 3 + 1,
            Self::Yearly => 1,
        };
        Date::new(day.year(), month, 1).unwrap_or(day)
    }

    fn next(self, day: Date) -> Date {
        day.saturating_add(match self {
            Self::Weekly => 1.week(),
            Self::Monthly => 1.month(),
            Self::Quarterly => 3.months(),
            Self::Yearly => 1.year(),
        })
    }
}

impl Range {
    fn contains(&self, day: Date) -> bool {
        day >= self.from && self.to.is_none_or(|to| day < to)
    }
}

fn ranges(ranges: Option<&Value>) -> Result<Vec<Range>, Failure> {
    let items = ranges.and_then(Value::as_array).filter(|items| (1..=MAX_BUCKETS).contains(&items.len()));
    let items = items.ok_or_else(|| Failure::malformed("options.ranges must be an array of {from, to}"))?;
    let day = |text: &str| {
        let time = parse_time(text).ok_or_else(|| Failure::malformed(format!("a range must have dates as from and to: {text}")));
        time.map(day_of)
    };
    let range = |item: &Value| {
        let from = item.get("from").and_then(Value::as_str);
        let from = from.ok_or_else(|| Failure::malformed(format!("a range must have a date as from: {item}")))?;
        let to = item.get("to").and_then(Value::as_str);
        Ok(Range { key: format!("{from}-{}", to.unwrap_or("*")), from: day(from)?, to: to.map(day).transpose()? })
    };
    items.iter().map(range).collect()
}

fn bucket_limit(options: &Value) -> Result<usize, Failure> {
    let Some(size) = options.get("size").filter(|size| !size.is_null()) else {
        return Ok(DEFAULT_BUCKETS);
    };
    let limit = size.as_u64().and_then(|size| usize::try_from(size).ok());
    limit
        .filter(|size| (1..=MAX_BUCKETS).contains(size))
        .ok_or_else(|| Failure::malformed(format!("options.size must be between 1 and {MAX_BUCKETS}: {size}")))
}

fn bounds(bounds: Option<&Value>) -> Result<Bounds, Failure> {
    let side = |name: &str| match bounds.and_then(|bounds| bounds.get(name)).and_then(Value::as_str) {
        None => Ok(None),
        Some(text) => match parse_time(text) {
            Some(time) => Ok(Some(day_of(time))),
            None => Err(Failure::malformed(format!("{name} of a bound must be a date: {text}"))),
        },
    };
    Ok((side("min")?, side("max")?))
}
