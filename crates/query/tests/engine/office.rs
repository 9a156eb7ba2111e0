//! An invented office with apps, users, contracts and transactions, and its loader.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use jiff::Timestamp;
use openapi_mcp_query::{
    Answer, Bounds, Cell, Column, Extent, Kind, Load, LoadError, Loaded, Operator, QueryError, Question, Reference, Request,
    Schema, Table, answer,
};
use serde_json::{Value, json};

pub(crate) const NOW: &str = "2026-11-28T10:00:00Z";

/// A loader that applies no condition unless `exact` is set, and records its requests.
pub(crate) struct Office {
    pub(crate) schema: Arc<Schema>,
    items: BTreeMap<&'static str, Vec<Value>>,
    pub(crate) requests: Mutex<Vec<Request>>,
    /// Equality conditions are applied, as an API does.
    pub(crate) exact: bool,
    /// Only so many rows of each table are loaded.
    pub(crate) cap: Option<usize>,
    pub(crate) bounds: Bounds,
    pub(crate) partial: bool,
    pub(crate) characters: usize,
}

fn column(name: &str, kind: Kind) -> Column {
    Column { name: name.to_owned(), path: name.split('_').map(str::to_owned).collect(), kind, ..Column::default() }
}

fn table(name: &str, columns: Vec<Column>) -> Table {
    Table { name: name.to_owned(), note: format!("all {name}"), columns, required: Vec::new() }
}

pub(crate) fn schema() -> Schema {
    let all = vec![Operator::Equal, Operator::In, Operator::AtMost, Operator::AtLeast, Operator::Less, Operator::Greater];
    let whole = Column { name: "json".to_owned(), kind: Kind::Json, ..Column::default() };
    Schema::new([
        table(
            "apps",
            vec![
                Column { sorts: true, ..column("id", Kind::Integer) },
                Column { sorts: true, ..column("name", Kind::Text) },
                Column {
                    choices: vec!["managed".to_owned(), "discovered".to_owned(), "closed".to_owned()],
                    pushed: vec![Operator::Equal, Operator::In],
                    ..column("state", Kind::Text)
                },
                column("owner_email", Kind::Text),
                column("tags", Kind::Json),
                whole.clone(),
            ],
        ),
        table(
            "users",
            vec![
                column("idUser", Kind::Integer),
                column("email", Kind::Text),
                column("isExternal", Kind::Boolean),
                Column { pushed: all.clone(), ..column("created", Kind::Time) },
                column("team", Kind::Text),
            ],
        ),
        table(
            "contracts",
            vec![
                column("id", Kind::Integer),
                Column {
                    references: Some(Reference { table: "apps".to_owned(), column: "id".to_owned() }),
                    pushed: all.clone(),
                    ..column("idApp", Kind::Integer)
                },
                Column {
                    currency: Some("currency".to_owned()),
                    converted: Some("usd".to_owned()),
                    note: "minor units".to_owned(),
                    ..column("amount", Kind::Integer)
                },
                Column { pushed: all.clone(), ..column("currency", Kind::Text) },
                column("usd", Kind::Integer),
                Column { pushed: all.clone(), ..column("ends", Kind::Time) },
                Column { pushed: all, ..column("status", Kind::Text) },
                whole.clone(),
            ],
        ),
        table(
            "transactions",
            vec![
                column("id", Kind::Integer),
                column("idUser", Kind::Integer),
                Column { currency: Some("currency".to_owned()), ..column("amount", Kind::Integer) },
                column("currency", Kind::Text),
                column("paid", Kind::Time),
            ],
        ),
        Table {
            required: vec!["idApp".to_owned()],
            ..table(
                "app_users",
                vec![
                    column("idApp", Kind::Integer),
                    column("idUser", Kind::Integer),
                    column("status", Kind::Text),
                    column("seen", Kind::Time),
                ],
            )
        },
    ])
}

impl Office {
    pub(crate) fn new() -> Self {
        let apps = [("Slack", "managed"), ("Zoom", "managed"), ("Figma", "discovered"), ("Miro", "closed")];
        let apps = (1..).zip(apps).map(|(id, (name, state))| json!({"id": id, "name": name, "state": state, "owner": {"email": format!("{name}@x.org")}, "tags": ["a", id]}));
        let users = (1..=20).map(|id| {
            let created = 1_760_000_000_000_i64 + i64::from(id) * 86_400_000;
            json!({"idUser": id, "email": format!("u{id}@x.org"), "isExternal": id % 4 == 0, "created": created, "team": if id % 2 == 0 { "Sales" } else { "IT" }})
        });
        let contracts = [
            (1, 100, "USD", 100, "active"),
            (1, 50, "USD", 50, "closed"),
            (2, 70, "EUR", 80, "active"),
            (3, 0, "GBP", 0, "active"),
            (4, 10, "EUR", 11, "closed"),
        ];
        let contracts = (1..).zip(contracts).map(|(id, (app, amount, currency, usd, status))| {
            json!({"id": id, "idApp": app, "amount": amount, "currency": currency, "usd": usd, "status": status, "ends": format!("2026-12-{:02}T00:00:00.000Z", id * 3)})
        });
        let transactions = (1..=30).map(|id| {
            json!({"id": id, "idUser": id % 20 + 1, "amount": id * 10, "currency": if id % 3 == 0 { "EUR" } else { "USD" }, "paid": format!("2026-{:02}-01T12:00:00+02:00", id % 11 + 1)})
        });
        let app_users = (1..=4).flat_map(|app| {
            (1..=app * 2).map(move |user| json!({"idApp": app, "idUser": user, "status": "active", "seen": 1_790_000_000}))
        });
        let items = BTreeMap::from([
            ("apps", apps.collect::<Vec<_>>()),
            ("users", users.collect()),
            ("contracts", contracts.collect()),
            ("transactions", transactions.collect()),
            ("app_users", app_users.collect()),
        ]);
        Self {
            schema: Arc::new(schema()),
            items,
            requests: Mutex::default(),
            exact: false,
            cap: None,
            bounds: Bounds::default(),
            partial: false,
            characters: 20_000,
        }
    }

    /// Leaves one contract without a currency.
    pub(crate) fn forget_currency_of(&mut self, contract: usize) {
        self.items.get_mut("contracts").unwrap()[contract - 1]["currency"] = Value::Null;
    }

    /// Has the items of a table so many times.
    pub(crate) fn repeat(&mut self, table: &str, times: usize) {
        let items = self.items.get_mut(table).unwrap();
        *items = items.iter().cycle().take(items.len() * times).cloned().collect();
    }

    pub(crate) fn question(&self, sql: &str) -> Question {
        Question { sql: sql.to_owned(), now: NOW.parse().unwrap(), partial: self.partial, characters: self.characters }
    }

    pub(crate) async fn ask(&self, sql: &str) -> Result<Answer, QueryError> {
        answer(&self.schema, self, &self.question(sql), &self.bounds).await
    }

    /// The rows of a statement that must be answered.
    pub(crate) async fn rows(&self, sql: &str) -> Value {
        json!(self.ask(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}")).rows)
    }

    /// The text of the error of a statement that must not be answered.
    pub(crate) async fn refusal(&self, sql: &str) -> String {
        match self.ask(sql).await {
            Ok(answer) => panic!("{sql}: {} rows", answer.total),
            Err(error) => error.to_string(),
        }
    }

    /// The conditions that one table was loaded with.
    pub(crate) fn pushed(&self, table: &str) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        let of_table = requests.iter().filter(|request| request.table == table);
        of_table.flat_map(|request| request.conditions.iter().map(ToString::to_string)).collect()
    }

    pub(crate) fn calls(&self, table: &str) -> usize {
        self.requests.lock().unwrap().iter().filter(|request| request.table == table).count()
    }

    pub(crate) fn take_requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

#[async_trait::async_trait]
impl Load for Office {
    async fn load(&self, request: &Request) -> Result<Loaded, LoadError> {
        self.requests.lock().unwrap().push(request.clone());
        let Some(table) = self.schema.table(&request.table) else { return Err(LoadError("no such table".into())) };
        let cell = |item: &Value, column: &str| match item.get(column) {
            Some(Value::Number(number)) => number.as_i64().map_or(Cell::Null, Cell::Integer),
            Some(Value::String(text)) => Cell::text(text.as_str()),
            _ => Cell::Null,
        };
        let meets = |item: &&Value| {
            let is_bound = request.bound.iter().all(|(column, value)| cell(item, column) == *value);
            let mut equalities =
                request.conditions.iter().filter(|condition| matches!(condition.operator, Operator::Equal | Operator::In));
            is_bound && (!self.exact || equalities.all(|condition| condition.values.contains(&cell(item, &condition.column))))
        };
        let items: Vec<&Value> = self.items[request.table.as_str()].iter().filter(meets).collect();
        let cap = self.cap.unwrap_or(usize::MAX);
        let extent = if items.len() > cap {
            Extent::Partial { why: format!("the limit of {cap} rows was reached") }
        } else {
            Extent::Whole
        };
        let rows = table.rows(items.into_iter().take(cap), &request.columns);
        let as_of: Timestamp = NOW.parse().unwrap();
        Ok(Loaded { rows: Arc::new(rows), as_of, extent })
    }
}
