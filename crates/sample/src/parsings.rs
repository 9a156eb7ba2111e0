//! Expense files: reads the transactions from an uploaded table.
//!
//! Only CSV files are supported; others end as `parsing_failed`, which callers have to handle anyway.

use axum::extract::State;
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde_json::{Value, json};

use super::{
    Sample,
    answer::{Answer, Failure, json},
    audit::{self, PARSE_AUTOMATICALLY, PARSE_MANUALLY},
    cell::day_of,
    organization::Organization,
    request::{Body, Parameters, PathId, missing},
    transactions::Transaction,
};

/// How long a parsing is reported as in progress.
const DURATION: SignedDuration = SignedDuration::from_secs(2);

const FORMATS: [&str; 21] = [
    "DD/MM/YYYY",
    "MM/DD/YYYY",
    "DD/MM/YY",
    "MM/DD/YY",
    "YYYY/MM/DD",
    "DD.MM.YYYY",
    "MM.DD.YYYY",
    "DD.MM.YY",
    "MM.DD.YY",
    "YYYY.MM.DD",
    "DD-MM-YYYY",
    "MM-DD-YYYY",
    "DD-MM-YY",
    "MM-DD-YY",
    "YYYY-MM-DD",
    "YYYY-MM-DD[Z]",
    "M/D/YYYY",
    "D/M/YYYY",
    "M/D/YY",
    "D/M/YY",
    "YYYYMMDD",
];

#[derive(Debug)]
pub(super) struct Parsing {
    started_at: Timestamp,
    is_successful: bool,
    n_matched: u32,
    n_total: u32,
}

/// The names of the columns to read.
struct Columns<'a> {
    date: &'a str,
    description: &'a str,
    amount: &'a str,
    format: &'a str,
}

pub(super) async fn automatic(State(sample): State<Sample>, body: Body) -> Answer {
    body.only(&["idFile"])?;
    let id_file = body.required_id("idFile")?;
    let columns = Columns { date: "date", description: "description", amount: "amount", format: "YYYY-MM-DD" };
    parse(&sample, id_file, &columns, &PARSE_AUTOMATICALLY)
}

pub(super) async fn manual(State(sample): State<Sample>, mut body: Body) -> Answer {
    body.only(&["parseConfig"])?;
    let Some(Value::Object(config)) = body.0.shift_remove("parseConfig") else {
        return Err(missing("parseConfig"));
    };
    let config = Body(config);
    config.only(&[
        "transactionDateColumn",
        "descriptionColumn",
        "amountColumn",
        "dateFormat",
        "currencyColumn",
        "reportingUserColumn",
        "currency",
        "idFile",
    ])?;
    let columns = Columns {
        date: config.required_text("transactionDateColumn")?,
        description: config.required_text("descriptionColumn")?,
        amount: config.required_text("amountColumn")?,
        format: config.one_of("dateFormat", &FORMATS)?.ok_or_else(|| missing("dateFormat"))?,
    };
    if config.text("currency")?.is_some() && config.text("currencyColumn")?.is_some() {
        return Err(Failure::invalid("send either currency or currencyColumn"));
    }
    parse(&sample, config.required_id("idFile")?, &columns, &PARSE_MANUALLY)
}

pub(super) async fn show(State(sample): State<Sample>, PathId(id): PathId, parameters: Parameters) -> Answer {
    parameters.only(&[])?;
    let organization = sample.read();
    let parsing = organization.parsings.get(&id).ok_or_else(|| Failure::not_found("parsing", id))?;
    let is_running = sample.now().duration_since(parsing.started_at) < DURATION;
    let status = match (is_running, parsing.is_successful) {
        (true, _) => "parsing_in_progress",
        (false, true) => "parsed_successfully",
        (false, false) => "parsing_failed",
    };
    let count = |count: u32| if is_running { 0 } else { count };
    Ok(json(&json!({ "parse": {
        "id": id,
        "status": status,
        "matchedTransactions": count(parsing.n_matched),
        "totalTransactions": count(parsing.n_total),
    }})))
}

fn parse(sample: &Sample, id_file: u32, columns: &Columns, kind: &'static audit::Kind) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    let (_, bytes) = organization.bytes_of(id_file, &["expenseReport"])?;
    let rows = read(&String::from_utf8_lossy(bytes), columns);
    let id = organization.next_id();
    let mut parsing = Parsing { started_at: now, is_successful: rows.is_some(), n_matched: 0, n_total: 0 };
    for row in rows.unwrap_or_default() {
        parsing.n_total += 1;
        parsing.n_matched += u32::from(store(&mut organization, row, id_file, now));
    }
    organization.parsings.insert(id, parsing);
    organization.count_expenses(day_of(now));
    audit::note(&mut organization, now, kind, id_file, json!({ "idParsing": id }));
    Ok(json(&json!({ "id": id })))
}

/// One line of a file.
struct Row {
    day: Option<Date>,
    description: String,
    amount: i64,
}

/// The rows of a CSV text; `None` if it lacks one of the columns. Quoted commas are not supported.
fn read(text: &str, columns: &Columns) -> Option<Vec<Row>> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let cells = |line: &str| -> Vec<String> { line.split(',').map(|cell| cell.trim().trim_matches('"').to_owned()).collect() };
    let header = cells(lines.next()?);
    let column = |name: &str| header.iter().position(|cell| cell.eq_ignore_ascii_case(name));
    let (date, description, amount) = (column(columns.date)?, column(columns.description)?, column(columns.amount)?);
    let rows = lines.filter_map(|line| {
        let cells = cells(line);
        Some(Row {
            day: read_day(cells.get(date)?, columns.format),
            description: cells.get(description)?.clone(),
            amount: read_amount(cells.get(amount)?)?,
        })
    });
    Some(rows.collect())
}

/// `12.5` is 1250 minor units.
fn read_amount(text: &str) -> Option<i64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let cents: i64 = format!("{rest:0<2}").get(..2)?.parse().ok()?;
    let whole: i64 = whole.parse().ok()?;
    whole.checked_mul(100)?.checked_add(if whole < 0 { -cents } else { cents })
}

fn read_day(text: &str, format: &str) -> Option<Date> {
    let place = |letter: char| format.find(letter);
    let mut parts: Vec<_> = text.split(|letter: char| !letter.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let compact = [text.get(..4), text.get(4..6), text.get(6..)];
    if format == "YYYYMMDD" {
        parts = compact.into_iter().flatten().collect();
    }
    // The numbers in the text have the order of the letters in the format.
    let mut places = [place('Y')?, place('M')?, place('D')?];
    places.sort_unstable();
    let part = |letter| parts.get(places.iter().position(|at| Some(*at) == place(letter))?).copied();
    let year: i16 = part('Y')?.parse().ok()?;
    let year = if year < 100 { year + 2000 } else { year };
    Date::new(year, part('M')?.parse().ok()?, part('D')?.parse().ok()?).ok()
}

/// Stores a row as a transaction; returns whether an app was recognized by its name.
fn store(organization: &mut Organization, row: Row, id_file: u32, now: Timestamp) -> bool {
    let description = row.description.to_lowercase();
    let app = organization.apps.values().find(|app| description.contains(&app.name().to_lowercase()));
    let id_app = app.map(|app| app.id);
    let day = row.day.unwrap_or_else(|| day_of(now));
    let id = organization.next_id();
    organization.transactions.insert(
        id,
        Transaction {
            id,
            id_app,
            day,
            original_day: day,
            amount: row.amount,
            currency: organization.identity.currency,
            converted: row.amount,
            source: "upload",
            description: row.description,
            department: None,
            status: if id_app.is_some() { "mapped" } else { "unknown" },
            id_reporter: None,
            id_file: Some(id_file),
        },
    );
    id_app.is_some()
}
