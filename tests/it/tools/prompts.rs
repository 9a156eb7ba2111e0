//! The prompts, followed call by call in every mode of the sample: what an assistant gets is right, or an error says that the API
//! ignored a filter. Right is what whole lists of the API show, without filters and totals.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use torii_sample::{Filters, Options, Organization, Size};

use super::{
    everyday::{
        list, moment,
        truth::{Truth, sorted},
    },
    questions::hard_modes,
    sample_modes::{modes, options, serve},
};
use crate::support::assistant::{Era, Server};

/// How many pages of a list are read.
const MAX_PAGES: usize = 40;

/// The calls in a prompt: each block of JSON, with the tool that the text names last before it.
fn calls(text: &str) -> Vec<(String, Value)> {
    let catalog = torii_mcp::generated::catalog().expect("it is what was compiled in");
    let mut parts = text.split("```");
    let mut calls = Vec::new();
    while let (Some(before), Some(block)) = (parts.next(), parts.next()) {
        let named = before.split('`').skip(1).step_by(2).filter(|name| *name == "query" || catalog.find(name).is_some()).last();
        let json = block.strip_prefix("json\n").expect("a block is JSON");
        calls.push((named.expect("a block has a tool").to_owned(), serde_json::from_str(json).expect(json)));
    }
    calls
}

/// The arguments with ids of the organization in the places of `<id of …>`.
fn filled(arguments: &Value, user: &Value, app: &Value) -> Value {
    match arguments {
        Value::String(text) if text.starts_with("<id of the user") => user.clone(),
        Value::String(text) if text.starts_with("<id of the app") => app.clone(),
        Value::Array(items) => items.iter().map(|item| filled(item, user, app)).collect(),
        Value::Object(members) => members.iter().map(|(name, member)| (name.clone(), filled(member, user, app))).collect(),
        other => other.clone(),
    }
}

/// What one call returned, with the pages that follow.
struct Followed {
    first: Value,
    items: Vec<Value>,
}

/// Calls a tool and reads its list to the end, as prompts say; the error is that of the first page.
async fn follow(server: &Server, tool: &str, mut arguments: Value) -> Result<Followed, String> {
    let mut followed: Option<Followed> = None;
    for _ in 0..MAX_PAGES {
        let called = server.call(Era::Legacy, tool, arguments.clone()).await;
        if called.is_error {
            return Err(called.text);
        }
        let page = called.ok();
        let lists = page.as_object().expect("an object").iter().filter(|(name, _)| *name != "aggregations");
        let items = lists.filter_map(|(_, member)| member.as_array()).flatten().cloned().collect::<Vec<_>>();
        let cursor = page["nextCursor"].clone();
        match &mut followed {
            Some(followed) => followed.items.extend(items),
            None => followed = Some(Followed { first: page, items }),
        }
        // where only the totals are asked for, one item is enough
        if cursor.is_null() || arguments.get("aggs").is_some() {
            return Ok(followed.expect("a page was read"));
        }
        arguments["cursor"] = cursor;
    }
    panic!("{tool} goes on for more than {MAX_PAGES} pages")
}

/// What the prompts have to find, from the organization's whole lists.
struct Right<'a> {
    truth: &'a Truth,
    apps: Vec<Value>,
    contracts: Vec<Value>,
    /// Somebody who owns apps and contracts.
    owner: Value,
    /// An app with licenses.
    licensed: Value,
}

fn id(person: &Value) -> &Value {
    if person.is_object() { &person["id"] } else { person }
}

fn ids<'a>(items: impl IntoIterator<Item = &'a Value>) -> Value {
    let ids: BTreeSet<u64> = items.into_iter().filter_map(|item| item["id"].as_u64()).collect();
    json!(ids)
}

/// The runs of actions, each with its workflow, its time and whether it failed, as the prompt tells that.
fn runs(items: &[Value]) -> Value {
    let failed = |run: &Value| {
        let is_told = |name: &str| !run[name].is_null();
        is_told("errorTime") || is_told("executionErrorType") || is_told("errorMessage") || run["status"] == "failed"
    };
    sorted(items.iter().map(|run| json!([run["idWorkflow"], moment(&run["creationTime"]), failed(run)])).collect())
}

impl<'a> Right<'a> {
    async fn of(truth: &'a Truth) -> Self {
        let apps = truth.all("/apps?includeLicenses=true&fields=id,category,activeUsersCount,primaryOwner,expenses").await;
        let (end, cost) = (truth.key("contracts", "End date").await, truth.key("contracts", "Yearly Cost").await);
        let mut contracts = truth.all(&format!("/contracts?fields=id,idApp,owner,status,currency,{end},{cost}")).await;
        for contract in &mut contracts {
            (contract["end"], contract["cost"]) = (contract[&end].take(), contract[&cost].take());
        }
        let owners: Vec<&Value> = apps.iter().map(|app| id(&app["primaryOwner"])).collect();
        let mut of_contracts = contracts.iter().map(|contract| id(&contract["owner"]));
        let owner = of_contracts.find(|owner| owner.is_u64() && owners.contains(owner)).expect("somebody owns both").clone();
        let licensed = apps.iter().find(|app| app["licenses"]["summary"].is_object()).expect("there is one")["id"].clone();
        let people = truth.all("/users?view=allUsers").await;
        let owner = people.into_iter().find(|user| user["id"] == owner).expect("the owner is a user");
        Self { truth, apps, contracts, owner, licensed }
    }

    /// Checks the rows of a statement at this place of a prompt.
    async fn check_rows(&self, place: (&str, usize), rows: &[Value]) {
        let column = |at: usize| rows.iter().map(|row| row[at].clone()).collect::<Vec<_>>();
        match place {
            ("spend_review", 2) => {
                let under_contract: BTreeSet<_> = self.contracts.iter().filter_map(|one| one["idApp"].as_u64()).collect();
                let id = |app: &Value| app["id"].as_u64().expect("it has an id");
                let without = self.apps.iter().filter(|app| !under_contract.contains(&id(app)));
                let mut paid: Vec<u64> = without.filter_map(|app| app["expenses"].as_u64()).filter(|paid| *paid > 0).collect();
                paid.sort_unstable_by(|one, other| other.cmp(one));
                paid.truncate(15);
                let found: Vec<u64> = column(3)
                    .iter()
                    .map(|paid| format!("{:.0}", paid.as_f64().unwrap_or_default() * 100.0).parse().expect("it is a number"))
                    .collect();
                assert_eq!(found, paid);
            }
            ("leavers_access", 0) => {
                let people = self.truth.all("/users?view=allUsers").await;
                let has_left = |user: &&Value| user["isDeletedInIdentitySources"] == true && user["isExternal"] != true;
                let mut apps: Vec<u64> = people
                    .iter()
                    .filter(has_left)
                    .filter_map(|user| user["activeAppsCount"].as_u64())
                    .filter(|apps| *apps > 0)
                    .collect();
                apps.sort_unstable_by(|one, other| other.cmp(one));
                apps.truncate(20);
                assert_eq!(json!(column(3)), json!(apps));
            }
            ("leavers_access", 2) => {}
            _ => assert!(!rows.is_empty(), "{place:?}"),
        }
    }

    /// What the call at this place of a prompt has to find.
    async fn of_call(&self, prompt: &str, at: usize, arguments: &Value) -> Value {
        let owner = &self.owner["id"];
        match (prompt, at) {
            ("renewals", 0) => {
                // the server counts the days from the real today
                let [first, last] = [0, 1].map(|at| arguments["filters"][at]["value"].as_str().expect("it is a day"));
                let soon = |end: &str| (first..=last).contains(&end);
                ids(self.contracts.iter().filter(|one| one["end"].as_str().is_some_and(soon)))
            }
            ("popular_apps", 0) => ids(self.apps.iter().filter(|app| app["activeUsersCount"].as_u64() > Some(100))),
            ("unused_licenses", 0) => json!(self.apps.iter().filter_map(summary).collect::<BTreeMap<_, _>>()),
            ("unused_licenses", 1) => json!(self.truth.all(&format!("/apps/{}/users?", self.licensed)).await.len()),
            ("offboarding_check", 0) => json!([owner]),
            ("offboarding_check", 1) => {
                ids(list(&self.truth.get(&format!("/users/{owner}/apps?isUserRemovedFromApp=false")).await))
            }
            ("offboarding_check", 2) => ids(self.apps.iter().filter(|app| id(&app["primaryOwner"]) == owner)),
            ("offboarding_check", 3) => ids(self.contracts.iter().filter(|one| id(&one["owner"]) == owner)),
            ("workflow_failures", 0) => runs(&self.truth.all("/workflows/actionExecutions?").await),
            ("workflow_failures", 1) => ids(list(&self.truth.get("/workflows").await)),
            ("spend_by_category", 0) => {
                let mut paid: BTreeMap<String, u64> = BTreeMap::new();
                for app in &self.apps {
                    *paid.entry(app["category"].to_string()).or_default() += app["expenses"].as_u64().unwrap_or_default();
                }
                json!(paid)
            }
            ("spend_by_category", 1) => {
                let mut costs: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
                for one in self.contracts.iter().filter(|one| one["status"] == "active") {
                    let of_currency = costs.entry(one["currency"].to_string()).or_default();
                    *of_currency.entry(one["idApp"].to_string()).or_default() += one["cost"].as_u64().unwrap_or_default();
                }
                json!(costs)
            }
            ("spend_by_category", 2) => ids(&self.apps),
            other => panic!("nobody said what {other:?} finds"),
        }
    }
}

/// The id of an app with its licenses, if it has any: how many there are and are not used, and what dropping these would save.
fn summary(app: &Value) -> Option<(String, Value)> {
    let summary = app["licenses"].get("summary").filter(|summary| summary["totalAmount"] != 0)?;
    let savings = &summary["potentialSavings"];
    // the API says the currency with each amount, a result once
    let (savings, currency) =
        if savings.is_object() { (&savings["value"], &savings["currency"]) } else { (savings, &summary["currency"]) };
    let counts = ["totalAmount", "activeAmount", "inactiveAmount", "unassignedAmount"].map(|name| &summary[name]);
    Some((app["id"].to_string(), json!([counts, savings, currency])))
}

/// The buckets of an aggregation, each with what `inner` makes of what is in it.
fn buckets(aggregations: &Value, inner: impl Fn(&Value) -> Value) -> Value {
    let buckets = aggregations.as_array().expect("there are buckets").iter();
    buckets.map(|bucket| (bucket["key"].to_string(), inner(&bucket["aggregations"]))).collect::<serde_json::Map<_, _>>().into()
}

/// What a call found, in the form of [`Right::of_call`].
fn found(prompt: &str, at: usize, followed: &Followed) -> Value {
    match (prompt, at) {
        ("unused_licenses", 0) => json!(followed.items.iter().filter_map(summary).collect::<BTreeMap<_, _>>()),
        ("unused_licenses", 1) => json!(followed.items.len()),
        ("workflow_failures", 0) => runs(&followed.items),
        ("spend_by_category", 0) => buckets(&followed.first["aggregations"], Value::clone),
        ("spend_by_category", 1) => buckets(&followed.first["aggregations"], |apps| buckets(apps, Value::clone)),
        _ => ids(&followed.items),
    }
}

/// Follows every prompt; how many calls were answered rightly, and which were refused since the API ignored their filter.
async fn follow_all(mode: &str, server: &Server, right: &Right<'_>) -> (usize, Vec<String>) {
    let (mut answered, mut refused) = (0, Vec::new());
    let (_, listed) = server.ask(Era::Modern, "prompts/list", json!({})).await;
    for prompt in listed["result"]["prompts"].as_array().expect("there are prompts") {
        let name = prompt["name"].as_str().expect("it has a name");
        let given = if name == "offboarding_check" { json!({ "user": right.owner["email"] }) } else { json!({}) };
        let (_, got) = server.ask(Era::Modern, "prompts/get", json!({ "name": name, "arguments": given })).await;
        let text = got["result"]["messages"][0]["content"]["text"].as_str().expect("it is a text");
        for (at, (tool, arguments)) in calls(text).into_iter().enumerate() {
            let arguments = filled(&arguments, &right.owner["id"], &right.licensed);
            if tool == "query" {
                let rows = server.call(Era::Legacy, &tool, arguments.clone()).await;
                // large pages of expenses fail there, and so do whole tables of them
                if rows.text.contains("`transactions` could not be loaded: the API failed with status 504") {
                    assert_eq!((mode, name), ("errors of a gateway", "spend_review"));
                    answered += 1;
                    continue;
                }
                assert!(!rows.is_error, "{mode}, {name} {at}: {arguments}: {}", rows.text);
                let rows = rows.ok()["rows"].as_array().cloned().expect("there are rows");
                right.check_rows((name, at), &rows).await;
                answered += 1;
                continue;
            }
            match follow(server, &tool, arguments.clone()).await {
                Ok(followed) => {
                    let (found, expected) = (found(name, at, &followed), right.of_call(name, at, &arguments).await);
                    assert_eq!(found, expected, "{mode}, {name} {at}: {tool} {arguments}");
                    answered += 1;
                }
                Err(error) if error.contains("the API ignored the filter") => refused.push(format!("{name} {at}")),
                Err(error) => panic!("{mode}, {name} {at}: {tool} {arguments}: {error}"),
            }
        }
    }
    (answered, refused)
}

#[tokio::test]
async fn every_call_of_every_prompt_finds_what_is_right_or_says_that_filters_are_ignored() {
    let truths = [Truth::of(Organization::First, Size::Default).await, Truth::of(Organization::Second, Size::Default).await];
    let rights = [Right::of(&truths[0]).await, Right::of(&truths[1]).await];
    let mut ignoring = Options { organization: Organization::Second, ..options() };
    ignoring.behavior.filters = Filters::Ignored;
    let mut wrapped = ignoring.clone();
    wrapped.behavior.filters = Filters::Wrapped;
    let more =
        [("the second organization ignores filters", ignoring), ("the second organization wants wrapped filters", wrapped)];
    for (mode, options) in modes().into_iter().chain(hard_modes()).chain(more) {
        let right = if options.organization == Organization::Second { &rights[1] } else { &rights[0] };
        let ignores = options.behavior.filters == Filters::Ignored;
        let (_torii, server) = serve(options);
        let (answered, refused) = follow_all(mode, &server, right).await;
        let filtered = ["renewals 0", "popular_apps 0", "offboarding_check 2", "offboarding_check 3", "spend_by_category 1"];
        assert_eq!(refused, if ignores { &filtered[..] } else { &[] }, "{mode}");
        assert_eq!(answered + refused.len(), 20, "{mode}");
    }
}
