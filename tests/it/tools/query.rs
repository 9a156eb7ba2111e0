//! `query`: one statement over whole lists, with the caller's own rights.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use axum::{
    extract::Request,
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use mcp_http::json::Json;
use serde_json::{Value, json};
use torii_sample::{self as sample, APPS_ONLY_KEY, FULL_ACCESS_KEY, PREFIX};

use super::sample_modes::options;
use crate::support::{
    app::{App, Tokens},
    assistant::{Called, Era, Server, content},
    error_style::leads_on,
    mock_api::{Here, Torii},
    process::run,
    test_server::Connector,
};

const REDIRECT: &str = "https://assistant.example/callback";

/// A sample that counts what it is asked.
struct Counted {
    here: Here,
    paths: Arc<Mutex<Vec<String>>>,
}

impl Counted {
    fn sample() -> Self {
        let paths = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&paths);
        let note = move |request: Request, next: Next| {
            noted.lock().expect("nobody failed").push(request.uri().path().trim_start_matches(PREFIX).to_owned());
            next.run(request)
        };
        Self { here: Here::serving(sample::router(options()).layer(middleware::from_fn(note))), paths }
    }

    /// How often a list was asked for.
    fn n_asked(&self, path: &str) -> usize {
        self.paths.lock().expect("nobody failed").iter().filter(|asked| *asked == path).count()
    }

    fn server(&self, key: &str, others: &[(&str, &str)]) -> Server {
        let url = format!("{}{PREFIX}", self.here.url);
        let variables = [("TORII_API_URL", url.as_str()), ("TORII_API_KEY", key), ("TORII_MCP_TOOLS_CONFIRM", "never")];
        Server::with(&[&variables[..], others].concat())
    }

    /// A list as the sample itself returns it.
    async fn list(&self, path: &str, name: &str) -> Vec<Value> {
        let client = reqwest::Client::builder().no_proxy().build().expect("a client is made");
        let request = client.get(format!("{}{PREFIX}{path}", self.here.url)).bearer_auth(FULL_ACCESS_KEY);
        let response: Value = request.send().await.expect("it answers").json().await.expect("it is JSON");
        response[name].as_array().unwrap_or_else(|| panic!("no list: {response}")).clone()
    }
}

async fn ask(server: &Server, sql: &str) -> Called {
    server.call(Era::Modern, "query", json!({ "sql": sql })).await
}

async fn answer(server: &Server, sql: &str) -> Value {
    ask(server, sql).await.ok()
}

async fn failure(server: &Server, sql: &str) -> String {
    let text = ask(server, sql).await.failure();
    leads_on(&text);
    text
}

fn lines(described: &Value, of: &str) -> Vec<String> {
    let lines = described[of].as_array().unwrap_or_else(|| panic!("no `{of}`: {described}"));
    lines.iter().map(|line| line.as_str().expect("a line is text").to_owned()).collect()
}

/// The names at the beginnings of lines.
fn names(described: &Value, of: &str) -> Vec<String> {
    let name = |line: String| line.split([' ', ':']).next().unwrap_or_default().to_owned();
    lines(described, of).into_iter().map(name).collect()
}

#[tokio::test]
async fn a_join_counts_and_adds_up_what_two_lists_hold() {
    let sample = Counted::sample();
    let server = sample.server(FULL_ACCESS_KEY, &[]);
    let apps = sample.list("/apps?size=1000&fields=id,name", "apps").await;
    let named: BTreeMap<i64, &str> = apps.iter().filter_map(|app| Some((app["id"].as_i64()?, app["name"].as_str()?))).collect();
    let mut expected: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    for contract in sample.list("/contracts?size=1000&fields=idApp,amount,currency", "contracts").await {
        let Some(name) = contract["idApp"].as_i64().and_then(|id| named.get(&id)) else { continue };
        let key = ((*name).to_owned(), contract["currency"].as_str().expect("it has a currency").to_owned());
        let (count, sum) = expected.entry(key).or_default();
        *count += 1;
        *sum += contract["amount"].as_i64().unwrap_or_default();
    }
    let sql = "SELECT a.name, c.currency, count(*), sum(c.amount) FROM contracts c JOIN apps a ON a.id = c.idApp
               GROUP BY a.name, c.currency ORDER BY a.name, c.currency";
    let answer = answer(&server, sql).await;
    let rows: Vec<Value> =
        expected.into_iter().map(|((name, currency), (count, sum))| json!([name, currency, count, sum])).collect();
    assert!(rows.len() > 100, "{} rows", rows.len());
    assert_eq!((&answer["rows"], &answer["total"], &answer["more"]), (&json!(rows), &json!(rows.len()), &json!(false)));
    let read: Vec<&Value> = answer["tables"].as_array().expect("they are named").iter().map(|table| &table["rows"]).collect();
    assert_eq!(read, [300, 200]);
    assert!(answer["tables"][0]["asOf"].as_str().is_some_and(|at| at.len() == "2026-11-28T10:00:00Z".len()), "{answer}");
}

#[tokio::test]
async fn a_list_below_another_needs_to_know_of_which_and_learns_it_from_a_join() {
    let sample = Counted::sample();
    let server = sample.server(FULL_ACCESS_KEY, &[]);
    let unbound = failure(&server, "SELECT count(*) FROM app_users").await;
    assert!(unbound.starts_with("`app_users` needs `app_users.idApp`; bind it"), "{unbound}");
    assert!(unbound.contains("by `idApp IN (SELECT id FROM apps WHERE …)`"), "{unbound}");
    assert_eq!(sample.n_asked("/apps/1001/users"), 0);

    let sql = "SELECT idApp, count(*) FROM app_users WHERE idApp IN (1001, 1002) GROUP BY idApp ORDER BY idApp";
    let bound = answer(&server, sql).await["rows"].clone();
    let joined =
        "SELECT u.idApp, count(*) FROM apps a JOIN app_users u ON u.idApp = a.id WHERE a.id < 1003 GROUP BY 1 ORDER BY 1";
    assert_eq!(answer(&server, joined).await["rows"], bound);
    assert_eq!((bound[0][0].as_i64(), bound[1][0].as_i64()), (Some(1001), Some(1002)), "{bound}");
    let every = failure(&server, "SELECT count(*) FROM apps a JOIN app_users u ON u.idApp = a.id").await;
    assert!(every.contains("300 values of `idApp`") && every.contains("50 are allowed"), "{every}");
}

#[tokio::test]
async fn fields_of_the_organization_are_columns_by_their_names() {
    let server = Server::demo();
    let columns = answer(&server, "columns contracts").await;
    assert!(lines(&columns, "columns").contains(&"end_date time: End date, `ccf_4f1c` in tools".to_owned()), "{columns}");
    let sql = "SELECT count(*) FROM contracts WHERE end_date >= date('now')";
    let n_running = answer(&server, sql).await["rows"][0][0].as_i64().expect("it is a number");
    assert!((1..200).contains(&n_running), "{n_running}");
    // what the overlay hides does not come back as a field of the organization
    let columns = names(&answer(&server, "columns users").await, "columns");
    assert!(columns.contains(&"department".to_owned()) && !columns.contains(&"organization".to_owned()), "{columns:?}");
}

#[tokio::test]
async fn amounts_of_several_currencies_are_not_added_up() {
    let server = Server::demo();
    let refused = failure(&server, "SELECT sum(amount) FROM contracts").await;
    assert!(refused.contains("in several currencies: `EUR`, `GBP`, `USD`; add `currency` to `GROUP BY`"), "{refused}");
    let refused = failure(&server, "SELECT sum(yearly_cost) FROM contracts").await;
    assert!(refused.contains("in several currencies"), "{refused}");
    let grouped = answer(&server, "SELECT currency, sum(amount) FROM contracts GROUP BY currency ORDER BY 1").await;
    let currencies: Vec<&Value> = grouped["rows"].as_array().expect("there are rows").iter().map(|row| &row[0]).collect();
    assert_eq!(currencies, ["EUR", "GBP", "USD"]);
    answer(&server, "SELECT sum(amount) FROM contracts WHERE currency = 'EUR'").await;
}

#[tokio::test]
async fn tables_and_columns_are_told_in_a_line_each() {
    let server = Server::demo();
    let tables = answer(&server, "tables").await;
    let lines_of_tables = lines(&tables, "tables");
    for line in ["apps: discovered apps", "app_users (needs idApp = …): who uses an app", "roles: roles", "contracts: contracts"]
    {
        assert!(lines_of_tables.contains(&line.to_owned()), "{line}: {tables}");
    }
    assert!(!tables.to_string().contains("List "), "{tables}");
    let columns = answer(&server, "columns contracts;").await;
    assert_eq!(columns["table"], "contracts: contracts");
    let amount = "amount integer, in the currency of currency: cents, over the whole term".to_owned();
    assert!(lines(&columns, "columns").contains(&amount), "{columns}");
    for table in names(&tables, "tables") {
        let columns = answer(&server, &format!("columns {table}")).await;
        assert!(names(&columns, "columns").contains(&"json".to_owned()), "{table}: {columns}");
        assert!(!columns.to_string().to_lowercase().contains("photourl"), "{table}: {columns}");
    }
    let unknown = failure(&server, "columns contarcts").await;
    assert!(unknown.starts_with("there is no table `contarcts`; similar: `contracts`"), "{unknown}");
}

#[tokio::test]
async fn every_column_of_every_table_can_be_selected() {
    let server = Server::demo();
    for table in names(&answer(&server, "tables").await, "tables") {
        let columns = names(&answer(&server, &format!("columns {table}")).await, "columns");
        let bound = match table.as_str() {
            "app_users" => "WHERE idApp = 1001",
            "user_apps" => "WHERE idUser = 20001",
            _ => "",
        };
        let sql = format!("SELECT \"{}\" FROM {table} {bound} LIMIT 1", columns.join("\", \""));
        let answer = answer(&server, &sql).await;
        assert_eq!(answer["columns"], json!(columns), "{table}");
        assert_eq!(answer["total"], 1, "{table}: {answer}");
        assert!(answer["rows"][0].as_array().is_none_or(|row| !row.iter().all(Value::is_null)), "{table}: {answer}");
    }
}

#[tokio::test]
async fn an_organization_s_fields_are_looked_up_for_the_tables_that_are_named() {
    let sample = Counted::sample();
    let server = sample.server(FULL_ACCESS_KEY, &[]);
    let asked = |path: &str| sample.n_asked(&format!("/{path}/metadata"));
    for (sql, [apps, users, contracts]) in [
        ("tables", [0, 0, 0]),
        ("SELECT count(*) FROM workflows", [0, 0, 0]),
        ("columns CONTRACTS", [0, 0, 1]),
        ("SELECT count(*) FROM \"Users\"", [0, 1, 1]),
    ] {
        server.call(Era::Legacy, "query", json!({ "sql": sql })).await.ok();
        assert_eq!([asked("apps"), asked("users"), asked("contracts")], [apps, users, contracts], "{sql}");
    }
}

#[tokio::test]
async fn errors_say_what_to_write_instead() {
    let server = Server::demo();
    for (sql, told) in [
        ("SELEC 1", "the statement cannot be read: syntax error at `SELEC`; correct it"),
        ("", "`sql`"),
        ("SELECT 1; SELECT 2", "there are several statements; give exactly one `SELECT`"),
        ("DELETE FROM apps", "give exactly one `SELECT`"),
        ("SELECT nme FROM apps", "there is no column `nme`"),
        ("SELECT * FROM apss", "there is no table `apss`; similar: `apps`"),
        ("SELECT nope(1)", "there is no function `nope`; this is SQLite"),
        ("SELECT year(now())", "there is no function `now`; write `datetime('now')`"),
        ("SELECT * FROM sqlite_master", "`sqlite_master`"),
        ("SELECT abs(-9223372036854775808)", "the statement was stopped: integer overflow"),
    ] {
        let text = failure(&server, sql).await;
        assert!(text.contains(told), "{sql}: {text}");
    }
    let unknown = server.call(Era::Legacy, "query", json!({ "sql": "tables", "limit": 5 })).await.failure();
    assert!(unknown.contains("`limit`"), "{unknown}");
}

#[tokio::test]
async fn a_question_that_follows_asks_torii_for_nothing() {
    let sample = Counted::sample();
    let server = sample.server(FULL_ACCESS_KEY, &[]);
    let sql = "SELECT count(*), max(amount_convertedValue) FROM transactions";
    let first = answer(&server, sql).await;
    let asked = sample.n_asked("/transactions");
    assert!(asked >= 3, "{asked} pages");
    assert_eq!(answer(&server, sql).await, first);
    assert_eq!(sample.n_asked("/transactions"), asked);
    // columns that were not loaded are
    answer(&server, "SELECT count(description) FROM transactions").await;
    assert_eq!(sample.n_asked("/transactions"), 2 * asked);
}

#[tokio::test]
async fn what_a_user_changes_is_in_their_next_question() {
    let sample = Counted::sample();
    let server = sample.server(FULL_ACCESS_KEY, &[]);
    let sql = "SELECT name FROM contracts WHERE id = 5001";
    let before = answer(&server, sql).await["rows"][0][0].clone();
    assert_ne!(before, "Renamed just now");
    let change = json!({ "idContract": 5001, "name": "Renamed just now" });
    server.call(Era::Modern, "run_write_tool", json!({ "tool": "update_contract", "arguments": change })).await.ok();
    assert_eq!(answer(&server, sql).await["rows"], json!([["Renamed just now"]]));
    let dry = json!({ "idContract": 5001, "name": "Never", "dry_run": true });
    let asked = sample.n_asked("/contracts");
    server.call(Era::Modern, "run_write_tool", json!({ "tool": "update_contract", "arguments": dry })).await.ok();
    answer(&server, sql).await;
    assert_eq!(sample.n_asked("/contracts"), asked, "a dry run changes nothing");
}

/// An app at an address that ends like this, connected for reading.
async fn connected(connector: &Connector, tail: &str) -> (App, Tokens) {
    let app = connector.app(REDIRECT).await.over(tail);
    let tokens = app.connect(&connector.signed_in().await, &["torii:read"]).await;
    (app, tokens)
}

async fn called((app, tokens): &(App, Tokens), sql: &str) -> Called {
    let response = app.call(&tokens.access, "query", json!({ "sql": sql })).await;
    assert_eq!(response.status(), StatusCode::OK);
    Called::from_answer("query", &response.json().await.expect("it answers JSON"))
}

#[tokio::test]
async fn what_one_connection_loaded_is_not_for_another() {
    let sample = Counted::sample();
    let connector = Connector::start_on(|setup| setup.torii = Some(sample.here.url.clone())).await;
    let (one, other) = (connected(&connector, "/mcp").await, connected(&connector, "/mcp").await);
    let sql = "SELECT count(*) FROM workflows";
    let answers = [called(&one, sql).await.ok()["rows"].clone(), called(&other, sql).await.ok()["rows"].clone()];
    assert_eq!(answers[0], answers[1]);
    assert_eq!(sample.n_asked("/workflows"), 2);
    called(&one, sql).await.ok();
    called(&other, sql).await.ok();
    assert_eq!(sample.n_asked("/workflows"), 2);
}

#[tokio::test]
async fn tables_are_those_that_scopes_and_addresses_allow() {
    let connector = Connector::start().await;
    let whole = names(&called(&connected(&connector, "/mcp").await, "tables").await.ok(), "tables");
    assert!(whole.contains(&"users".to_owned()) && !whole.contains(&"members".to_owned()), "{whole:?}");
    let reading = connected(&connector, "/mcp/read-only").await;
    assert_eq!(names(&called(&reading, "tables").await.ok(), "tables"), whole);
    let members = called(&reading, "SELECT * FROM members").await.failure();
    leads_on(&members);
    assert!(members.starts_with("the table `members` needs more than the user has allowed"), "{members}");

    let contracts = connected(&connector, "/mcp?toolsets=contracts").await;
    assert_eq!(names(&called(&contracts, "tables").await.ok(), "tables"), ["contracts"]);
    let users = called(&contracts, "SELECT count(*) FROM users").await.failure();
    leads_on(&users);
    assert!(users.starts_with("there is no table `users`"), "{users}");
    let columns = called(&contracts, "columns users").await.failure();
    assert!(columns.starts_with("there is no table `users`"), "{columns}");
    called(&contracts, "SELECT count(*) FROM contracts").await.ok();

    // a connection without any list has no `query`
    let files = connected(&connector, "/mcp?toolsets=files").await;
    let listed = files.0.list(&files.1.access).await.text().await.expect("it is text");
    assert!(!listed.contains("\"query\""), "{listed}");
}

#[tokio::test]
async fn a_key_that_may_read_apps_loads_apps_and_nothing_else() {
    let sample = Counted::sample();
    let server = sample.server(APPS_ONLY_KEY, &[]);
    assert_eq!(answer(&server, "SELECT count(*) FROM apps").await["rows"], json!([[300]]));
    let refused = failure(&server, "SELECT count(*) FROM apps a JOIN users u ON u.id = a.primaryOwner_id").await;
    assert!(refused.starts_with("`users` could not be loaded: the key lacks a permission"), "{refused}");
    let partial = json!({ "sql": "SELECT count(*) FROM users", "partial": true });
    let refused = server.call(Era::Modern, "query", partial).await.failure();
    assert!(refused.starts_with("`users` could not be loaded"), "{refused}");
}

/// A list of people whose second page is this.
fn with_second_page(second: impl Fn() -> Response + Send + Sync + 'static) -> (Torii, Server) {
    let torii = Torii::answering(move |_, asked| {
        if !asked.line.contains("/users?") {
            return Json(json!({ "fields": [] })).into_response();
        }
        if asked.line.contains("cursor=") {
            return second();
        }
        Json(json!({ "users": [{ "id": 1, "email": "a@example.com" }], "nextCursor": "2" })).into_response()
    });
    let server = Server::before(&torii);
    (torii, server)
}

#[tokio::test]
async fn a_list_that_fails_in_its_middle_is_no_answer_unless_a_part_is_asked_for() {
    let again = || Json(json!({ "users": [{ "id": 2 }], "nextCursor": "2" })).into_response();
    let broken = || (StatusCode::INTERNAL_SERVER_ERROR, "{}").into_response();
    let second: [fn() -> Response; 2] = [again, broken];
    let told = [("2 rows were, then the same page came again", 2), ("1 rows were, then the API failed with status 500", 1)];
    for (second, (why, rows)) in second.into_iter().zip(told) {
        let (_torii, server) = with_second_page(second);
        let sql = "SELECT count(*) FROM users";
        let text = failure(&server, sql).await;
        assert!(text.starts_with("`users` could not be loaded whole: ") && text.contains(why), "{text}");
        assert!(text.contains("set `partial`"), "{text}");
        let called = server.call(Era::Modern, "query", json!({ "sql": sql, "partial": true })).await;
        assert!(called.text.starts_with("{\"partial\":[\"`users` is not whole: "), "{}", called.text);
        assert_eq!(called.ok()["rows"], json!([[rows]]));
    }
}

#[tokio::test]
async fn the_rate_of_a_list_is_one_for_its_tool_and_its_table() {
    const RATE: usize = 60;
    let sample = Counted::sample();
    let server = sample.server(FULL_ACCESS_KEY, &[]);
    let tool = json!({ "tool": "list_access_request_policies" });
    for _ in 0..RATE {
        server.call(Era::Modern, "run_read_tool", tool.clone()).await.ok();
    }
    let refused = failure(&server, "SELECT count(*) FROM access_policies").await;
    assert!(refused.starts_with("`access_policies` could not be loaded: the API's rate limit is reached; wait"), "{refused}");
    assert_eq!(sample.n_asked("/appCatalog/accessRequestPolicies"), RATE);
}

#[tokio::test]
async fn an_answer_is_structured_where_the_address_asks_for_that() {
    let mut server = Server::demo();
    server.url += "?structured";
    let params = json!({ "name": "query", "arguments": { "sql": "SELECT count(*) AS n FROM apps" } });
    let (_, answer) = server.ask(Era::Modern, "tools/call", params).await;
    let result = &answer["result"];
    assert_eq!(result["structuredContent"], content(result));
    assert_eq!((&result["structuredContent"]["columns"], &result["structuredContent"]["rows"]), (&json!(["n"]), &json!([[300]])));
}

#[tokio::test]
async fn whoever_asks_for_progress_is_told_of_each_page() {
    let server = Server::demo();
    let params = json!({
        "name": "query", "arguments": { "sql": "SELECT count(*) FROM transactions" }, "_meta": { "progressToken": "load-1" },
    });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let request = server.post().header("mcp-protocol-version", "2025-11-25").json(&body);
    let stream = request.send().await.expect("it answers").text().await.expect("the stream ends");
    let messages = stream.lines().filter_map(|line| line.strip_prefix("data:")).filter(|data| !data.trim().is_empty());
    let messages: Vec<Value> = messages.map(|data| serde_json::from_str(data).expect("an event is a message")).collect();
    let told: Vec<f64> = messages.iter().filter_map(|message| message["params"]["progress"].as_f64()).collect();
    let answer = content(&messages.last().expect("there is an answer")["result"]);
    let rows = answer["tables"][0]["rows"].as_f64().expect("it is a number");
    assert_eq!(told, [1000.0, 2000.0, rows], "{stream}");
}

#[tokio::test]
async fn an_answer_that_is_too_long_says_how_much_there_is() {
    let server = Server::demo();
    let called = ask(&server, "SELECT * FROM users").await;
    assert!(called.text.len() < 25_000, "{} characters", called.text.len());
    let answer = called.ok();
    let (rows, total) = (answer["rows"].as_array().map_or(0, Vec::len), answer["total"].as_u64().expect("it is a number"));
    assert_eq!(answer["more"], true);
    assert!(rows > 10 && total > 1000, "{rows} of {total}");
}

#[tokio::test]
async fn the_examples_of_the_documentation_find_something() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/query.md");
    let page = fs::read_to_string(page).expect("the page is read");
    let examples: Vec<&str> =
        page.split("```sql\n").skip(1).map(|rest| rest.split_once("```").expect("the block ends").0).collect();
    assert!(examples.len() >= 10, "{} examples", examples.len());
    let server = Server::demo();
    for sql in examples {
        let answer = answer(&server, sql).await;
        assert!(answer["total"].as_u64().is_some_and(|total| total > 0), "{sql}: {answer}");
        assert!(answer.get("notes").is_none(), "{sql}: {answer}");
    }
}

#[test]
fn the_shell_asks_as_assistants_do() {
    let sample = Counted::sample();
    let url = format!("{}{PREFIX}", sample.here.url);
    let variables = [("TORII_API_URL", url.as_str()), ("TORII_API_KEY", FULL_ACCESS_KEY)];
    let ran = run(&["query", "SELECT count(*) AS n FROM apps"], &variables);
    let answer: Value = serde_json::from_str(&ran.stdout).expect("it prints JSON");
    assert_eq!((ran.code, &answer["columns"], &answer["rows"]), (0, &json!(["n"]), &json!([[300]])));
    let ran = run(&["query", "SELECT idUser FROM app_users"], &variables);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("error: `app_users` needs `app_users.idApp`; bind it"), "{}", ran.stderr);
}
