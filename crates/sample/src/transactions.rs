//! Expense transactions: what was paid, and which app it was mapped to.

use axum::extract::State;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{
    Sample,
    answer::{Answer, Failure, json},
    audit::{self, UPDATE_TRANSACTION},
    cell::{Cell, Record, day_of, parse_day, parse_time},
    filter::Filter,
    organization::Organization,
    query::Listing,
    request::{Body, Parameters, PathId},
};

const PARAMETERS: [&str; 8] = ["idApp", "source", "q", "mappingStatus", "sort", "size", "cursor", "fields"];
const DEFAULT_FIELDS: [&str; 7] = ["id", "idApp", "transactionDate", "amount", "source", "description", "mappingStatus"];
const STATUSES: [&str; 4] = ["mapped", "unknown", "recommend_map", "archived"];
const MAX_QUERY: usize = 800;

#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) id: u32,
    pub(super) id_app: Option<u32>,
    pub(super) day: Date,
    pub(super) original_day: Date,
    /// In minor units of the currency.
    pub(super) amount: i64,
    pub(super) currency: &'static str,
    /// In minor units of the currency of the organization.
    pub(super) converted: i64,
    pub(super) source: &'static str,
    pub(super) description: String,
    pub(super) department: Option<&'static str>,
    pub(super) status: &'static str,
    pub(super) id_reporter: Option<u32>,
    /// The expense file that it came from.
    pub(super) id_file: Option<u32>,
}

impl Record for Transaction {
    fn id(&self) -> u32 {
        self.id
    }

    fn cell<'a>(&'a self, key: &str, organization: &'a Organization) -> Cell<'a> {
        let app = self.id_app.and_then(|id| organization.apps.get(&id));
        match key {
            "id" => Cell::Integer(self.id.into()),
            "idApp" => Cell::maybe(self.id_app, |id| Cell::Integer(id.into())),
            "appName" => Cell::maybe(app, |app| Cell::text(app.name())),
            "transactionDate" => Cell::Text(self.day.to_string().into()),
            "origTransactionDate" => Cell::Text(self.original_day.to_string().into()),
            "amount" => Cell::json(json!({
                "value": self.amount,
                "currency": self.currency,
                "convertedValue": self.converted,
            })),
            "source" => Cell::text(self.source),
            "description" => Cell::text(&self.description),
            "department" => Cell::maybe(self.department, Cell::text),
            "domain" => Cell::maybe(app, |app| Cell::text(app.text("url").trim_start_matches("https://"))),
            "externalAccountId" => Cell::Text(format!("card-{}", self.id % 7).into()),
            "externalAccountName" => Cell::text(if self.id.is_multiple_of(7) { "Corporate card" } else { "Team card" }),
            "mappingStatus" => Cell::text(self.status),
            "mappingLogic" => Cell::text(if self.status == "mapped" { "description" } else { "none" }),
            "reportedBy" => Cell::maybe(self.id_reporter, |id| Cell::Integer(id.into())),
            "reportedByFullName" => {
                let user = self.id_reporter.and_then(|id| organization.users.get(&id));
                Cell::maybe(user, |user| Cell::Text(user.full_name().into()))
            }
            "idUpload" => Cell::maybe(self.id_file, |id| Cell::Integer(id.into())),
            "fileName" => {
                let file = self.id_file.and_then(|id| organization.files.get(&id));
                Cell::maybe(file, |file| Cell::text(&file.name))
            }
            "idExternalTransaction" => Cell::Text(format!("tx-{:08}", self.id).into()),
            // The organization has no integrations that fill these.
            _ => Cell::Null,
        }
    }
}

pub(super) async fn list(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&PARAMETERS)?;
    let organization = sample.read();
    let schema = &organization.schemas.transactions;
    let mut listing = Listing::parse(&parameters, &PARAMETERS, schema, &DEFAULT_FIELDS, &sample)?;
    if let Some(source) = parameters.text("source") {
        listing.require(Filter::equals("source", source));
    }
    let app = parameters.id("idApp")?;
    let statuses = parameters.list("mappingStatus").unwrap_or_else(|| vec!["mapped"]);
    if let Some(status) = statuses.iter().find(|status| !STATUSES.contains(status)) {
        return Err(Failure::malformed(format!("mappingStatus must be one of {}: {status}", STATUSES.join(", "))));
    }
    let q = parameters.text("q").unwrap_or_default().to_lowercase();
    if q.len() > MAX_QUERY {
        return Err(Failure::malformed(format!("q takes at most {MAX_QUERY} characters")));
    }
    let transactions = organization.transactions.values().filter(|transaction| {
        // Archived transactions are never returned, even if they are requested.
        transaction.status != "archived"
            && statuses.contains(&transaction.status)
            && app.is_none_or(|app| transaction.id_app == Some(app))
            && (q.is_empty()
                || transaction.description.to_lowercase().contains(&q)
                || transaction.cell("appName", &organization).contains(&q))
    });
    Ok(json(&listing.run("transactions", transactions, &organization)?))
}

pub(super) async fn update(State(sample): State<Sample>, PathId(id): PathId, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    if !organization.transactions.contains_key(&id) {
        return Err(Failure::not_found("transaction", id));
    }
    body.only(&["idApp", "mappingStatus", "amount", "transactionDate"])?;
    let id_app = body.id("idApp")?;
    if let Some(id) = id_app.filter(|id| !organization.apps.contains_key(id)) {
        return Err(Failure::invalid(format!("idApp must be the id of an app: {id}")));
    }
    let is_untied = body.0.get("idApp").is_some_and(Value::is_null);
    let status = body.one_of("mappingStatus", &["mapped", "unknown", "archived"])?;
    let amount = match body.0.get("amount") {
        None => None,
        Some(amount) => match amount.get("value").and_then(Value::as_i64) {
            Some(value) => Some(value),
            None => {
                return Err(Failure::invalid(format!("amount must be {{value}} in minor units: {amount}")));
            }
        },
    };
    let day = match body.text("transactionDate")? {
        None => None,
        Some(text) => match parse_day(text).or_else(|| parse_time(text).map(day_of)) {
            Some(day) => Some(day),
            None => {
                return Err(Failure::invalid(format!("transactionDate must be a date: {text}")));
            }
        },
    };
    let transaction = organization.transactions.get_mut(&id).ok_or_else(|| Failure::not_found("transaction", id))?;
    if is_untied {
        transaction.id_app = None;
    } else if id_app.is_some() {
        transaction.id_app = id_app;
        transaction.status = "mapped";
    }
    if let Some(status) = STATUSES.into_iter().find(|known| Some(*known) == status) {
        transaction.status = status;
    }
    if let Some(amount) = amount {
        // The exchange rate of the transaction stays what it was.
        let converted = i128::from(transaction.converted) * i128::from(amount);
        transaction.converted = converted
            .checked_div(i128::from(transaction.amount))
            .and_then(|converted| i64::try_from(converted).ok())
            .unwrap_or(amount);
        transaction.amount = amount;
    }
    if let Some(day) = day {
        transaction.day = day;
    }
    let answer = json!({ "transaction": {
        "id": id,
        "idApp": transaction.id_app,
        "mappingStatus": transaction.status,
        "transactionDate": transaction.day.to_string(),
    }});
    organization.count_expenses(day_of(now));
    audit::note(&mut organization, now, &UPDATE_TRANSACTION, id, Value::Object(body.0));
    Ok(json(&answer))
}
