//! The three questions of README.md and the twelve of `tests/fitness/questions.toml`, asked as an assistant asks: ids come from
//! what was returned before, fields are called by their names, and lists are followed as far as the question needs. What comes
//! back is compared with [`truth`], whatever the organization and however the sample behaves.

pub(super) mod truth;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::support::assistant::{Era, Server};

/// No question needs as many pages.
const MAX_PAGES: usize = 60;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Questions {
    /// The three of README.md.
    pub(super) first: Vec<Question>,
    /// The twelve.
    pub(super) question: Vec<Question>,
}

#[derive(Deserialize)]
pub(super) struct Question {
    pub(super) name: Name,
    pub(super) ask: String,
    pub(super) calls: Vec<Call>,
    /// Words of the right answer in the organization of the documentation, and how often they stand in the results.
    #[serde(default)]
    pub(super) answer: BTreeMap<String, usize>,
}

/// What a question is about.
#[derive(Debug, Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Name {
    PopularApps,
    NextRenewals,
    RecentWorkflows,
    Renewals,
    TopApps,
    UnusedLicenses,
    Budgets,
    UsersOfAnApp,
    AppsOfAPerson,
    ContractsOfAnApp,
    FailedActions,
    NewApps,
    WhoDidWhat,
    Outsiders,
    PaidLastMonth,
}

#[derive(Clone, Deserialize)]
pub(super) struct Call {
    pub(super) tool: String,
    pub(super) arguments: Map<String, Value>,
    #[serde(default)]
    follow: Follow,
}

/// How far a list is read.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Follow {
    /// The first page is enough.
    #[default]
    First,
    All,
    /// The newest come first, and the question ends at this time.
    Since {
        by: String,
        time: String,
    },
}

/// What the calls of a question returned.
pub(super) struct Asked {
    pub(super) results: Vec<Results>,
    /// Everything that the assistant read.
    pub(super) read: String,
    pub(super) calls: usize,
}

/// What one call returned, with the items of the pages that followed.
pub(super) struct Results {
    /// The arguments of the first page.
    pub(super) sent: Map<String, Value>,
    pub(super) body: Value,
    pub(super) items: Vec<Value>,
    /// The keys of fields that were called by their names.
    keys: BTreeMap<String, String>,
}

impl Results {
    /// The value of a field that was called by its name.
    fn value<'a>(&self, item: &'a Value, name: &str) -> &'a Value {
        &item[self.keys.get(name).map_or(name, String::as_str)]
    }
}

pub(super) fn questions() -> Questions {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fitness/questions.toml");
    toml::from_str(&fs::read_to_string(file).expect("it is read")).expect("it is TOML of that form")
}

/// A moment, as text or in milliseconds since 1970.
pub(super) fn moment(value: &Value) -> Option<i64> {
    let parsed = |text: &str| text.parse::<Timestamp>().or_else(|_| format!("{text}T00:00:00Z").parse());
    value.as_i64().or_else(|| value.as_str().and_then(|text| parsed(text).ok()).map(Timestamp::as_millisecond))
}

/// Asks a question about the person with this address. A call that fails ends it with the words of the failure.
pub(super) async fn ask(server: &Server, question: &Question, person: &str) -> Result<Asked, String> {
    let mut asked = Asked { results: Vec::new(), read: String::new(), calls: 0 };
    for call in &question.calls {
        let arguments = filled(&call.arguments, &asked.results, person);
        let results = match read(server, call, arguments.clone(), &mut asked).await {
            // The log may have to be read for one area at a time.
            Err(failure) if failure.contains("set `entity` to one of ") => {
                let (_, areas) = failure.split_once("set `entity` to one of ").unwrap_or_default();
                let mut all = Results { sent: arguments.clone(), body: json!({}), items: Vec::new(), keys: BTreeMap::new() };
                for area in areas.split('`').skip(1).step_by(2) {
                    let mut arguments = arguments.clone();
                    arguments.insert("entity".to_owned(), area.into());
                    all.items.extend(read(server, call, arguments, &mut asked).await?.items);
                }
                all
            }
            results => results?,
        };
        asked.results.push(results);
    }
    Ok(asked)
}

/// Reads a list as far as the question needs it.
async fn read(server: &Server, call: &Call, mut arguments: Map<String, Value>, asked: &mut Asked) -> Result<Results, String> {
    let mut results: Option<Results> = None;
    for _ in 0..MAX_PAGES {
        let (_, answer) = server.ask(Era::Modern, "tools/call", json!({ "name": call.tool, "arguments": arguments })).await;
        asked.calls += 1;
        let blocks = answer["result"]["content"].as_array().unwrap_or_else(|| panic!("{}: {answer}", call.tool));
        let texts: Vec<&str> = blocks.iter().map(|block| block["text"].as_str().expect("it is a text")).collect();
        asked.read.extend(texts.iter().map(|text| (*text).to_owned() + "\n"));
        if answer["result"]["isError"] != false {
            return Err(texts.join("\n"));
        }
        let body: Value = serde_json::from_str(texts[0]).expect("it is JSON");
        let items = list(&body).to_vec();
        let (last, cursor) = (items.last().cloned(), body["nextCursor"].clone());
        match &mut results {
            Some(results) => results.items.extend(items),
            None => results = Some(Results { sent: arguments.clone(), body, items, keys: keys(&texts[1..].join("\n")) }),
        }
        let goes_on = match &call.follow {
            Follow::First => false,
            Follow::All => true,
            Follow::Since { by, time } => last.is_some_and(|last| moment(&last[by]) >= moment(&json!(time))),
        };
        if !goes_on || cursor.is_null() {
            return Ok(results.expect("a page was read"));
        }
        arguments.insert("cursor".to_owned(), cursor);
    }
    panic!("{} goes on for more than {MAX_PAGES} pages", call.tool)
}

/// The list of a response: `aggregations` are none.
pub(super) fn list(body: &Value) -> &[Value] {
    let members = body.as_object().into_iter().flatten();
    members.filter(|(name, _)| *name != "aggregations").find_map(|(_, member)| member.as_array()).map_or(&[], Vec::as_slice)
}

/// The keys in the note about fields that were called by their names.
pub(super) fn keys(note: &str) -> BTreeMap<String, String> {
    let parts: Vec<&str> = note.split('`').collect();
    let pairs = parts.windows(4).skip(1).step_by(4);
    // a field may have another key in filters than in items
    let of_items = pairs.filter(|pair| !pair[3].starts_with(" in filters"));
    of_items.map(|pair| (pair[0].to_owned(), pair[2].to_owned())).collect()
}

/// The arguments with what they stand for: the person, or an id from the call before.
fn filled(arguments: &Map<String, Value>, before: &[Results], person: &str) -> Map<String, Value> {
    let filled = |value: &Value| match value.as_str() {
        Some("<the person>") => json!(person),
        Some("<id of the person>") => before[0].items[0]["id"].clone(),
        Some(text) if text.starts_with("<id of ") => {
            let name = text.trim_start_matches("<id of ").trim_end_matches('>');
            named(&before[0].items, name)["id"].clone()
        }
        _ => value.clone(),
    };
    arguments.iter().map(|(name, value)| (name.clone(), filled(value))).collect()
}

/// The item with this name.
fn named<'a>(items: &'a [Value], name: &str) -> &'a Value {
    items.iter().find(|item| item["name"] == name).unwrap_or_else(|| panic!("no `{name}` in {items:?}"))
}

/// What an assistant answers after having read the results, in a form that does not depend on how values are written.
pub(super) fn answer(name: Name, results: &[Results]) -> Value {
    let all = |at: usize| results[at].items.iter();
    let sorted = |rows: Vec<Value>| truth::sorted(rows);
    match name {
        Name::PopularApps | Name::TopApps => sorted(all(0).map(|app| json!([app["name"], app["activeUsersCount"]])).collect()),
        Name::NextRenewals => sorted(all(0).map(|one| json!([one["name"], results[0].value(one, "End date")])).collect()),
        Name::Renewals => {
            let row = |one: &Value| {
                let [end, cost] = ["End date", "Yearly Cost"].map(|name| results[0].value(one, name));
                json!([one["name"], end, one["amount"], one["currency"], cost])
            };
            sorted(all(0).map(row).collect())
        }
        Name::RecentWorkflows => {
            let after = Timestamp::UNIX_EPOCH + truth::NOW - truth::days(7);
            let ran = all(0).filter(|run| moment(&run["creationTime"]) >= Some(after.as_millisecond()));
            let ids: BTreeSet<_> = ran.filter_map(|run| run["idWorkflow"].as_u64()).collect();
            let ran = all(1).filter(|one| one["id"].as_u64().is_some_and(|id| ids.contains(&id)));
            sorted(ran.map(|one| one["name"].clone()).collect())
        }
        Name::UnusedLicenses => {
            let summary = &named(&results[0].items, "Slack")["licenses"]["summary"];
            json!([summary["inactiveAmount"], summary["unassignedAmount"], summary["potentialSavings"], summary["currency"]])
        }
        Name::Budgets => {
            let buckets = results[1].body["aggregations"].as_array().expect("there are buckets");
            sorted(buckets.iter().map(|bucket| json!([bucket["key"], bucket["aggregations"]])).collect())
        }
        Name::UsersOfAnApp => {
            let last = all(1).next().expect("there is one");
            let emails = sorted(all(1).map(|user| user["email"].clone()).collect());
            json!([emails, moment(&last["lastVisitTime"])])
        }
        Name::AppsOfAPerson => sorted(all(1).map(|app| json!([app["name"], moment(&app["lastUsageTime"])])).collect()),
        Name::ContractsOfAnApp => {
            let row = |one: &Value| json!([one["name"], one["amount"], one["currency"], results[1].value(one, "End date")]);
            sorted(all(1).map(row).collect())
        }
        Name::FailedActions => {
            let after = (Timestamp::UNIX_EPOCH + truth::NOW - truth::days(1)).as_millisecond();
            let failed = all(0).filter(|run| !run["executionErrorType"].is_null() || run["status"] == "failed");
            let recent = failed.filter(|run| moment(&run["creationTime"]) >= Some(after));
            let name = |id: &Value| all(1).find(|workflow| workflow["id"] == *id).map(|workflow| &workflow["name"]);
            sorted(recent.map(|run| json!([name(&run["idWorkflow"]), moment(&run["creationTime"])])).collect())
        }
        Name::NewApps => sorted(all(0).map(|app| json!([app["name"], moment(&app["creationTime"])])).collect()),
        Name::WhoDidWhat => sorted(
            all(0).map(|entry| json!([entry["performedByEmail"], entry["type"], moment(&entry["creationTime"])])).collect(),
        ),
        Name::Outsiders => {
            let counts: Vec<&Value> = all(0).map(|user| &user["activeAppsCount"]).collect();
            json!([results[0].body["total"], counts])
        }
        Name::PaidLastMonth => {
            let august = all(1).filter(|paid| paid["transactionDate"].as_str().is_some_and(|day| day.starts_with("2026-08-")));
            sorted(august.map(|paid| paid["amount"].clone()).collect())
        }
    }
}
