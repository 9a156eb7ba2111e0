//! The right answers, computed from whole lists that the API itself returned, without the tools, filters, sorting or totals.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, SystemTime},
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use torii_sample::{self as sample, FULL_ACCESS_KEY, Options, Organization, PREFIX, Size};

use super::{Name, list, moment};
use crate::support::mock_api::Here;

/// Noon on 2026-09-01, the sample's now.
pub(in crate::tools) const NOW: Duration = Duration::from_hours(24 * 20_697 + 12);

pub(super) fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// The rows in an order that depends on nothing but what they are.
pub(in crate::tools) fn sorted(mut rows: Vec<Value>) -> Value {
    rows.sort_by_key(Value::to_string);
    rows.into()
}

/// An organization behind an API that behaves as documented.
pub(in crate::tools) struct Truth {
    torii: Here,
    http: reqwest::Client,
    apps: Vec<Value>,
    contracts: Vec<Value>,
    runs: Vec<Value>,
    workflows: Vec<Value>,
    people: Vec<Value>,
    keys: BTreeMap<&'static str, String>,
}

impl Truth {
    pub(in crate::tools) async fn of(organization: Organization, size: Size) -> Self {
        let now = Arc::new(|| SystemTime::UNIX_EPOCH + NOW);
        let options = Options { now, rate_limits: false, size, organization, ..Options::default() };
        let http = reqwest::Client::builder().no_proxy().build().expect("a client is made");
        let mut truth = Self {
            torii: Here::serving(sample::router(options)),
            http,
            apps: Vec::new(),
            contracts: Vec::new(),
            runs: Vec::new(),
            workflows: Vec::new(),
            people: Vec::new(),
            keys: BTreeMap::new(),
        };
        for (kind, name) in [("contracts", "End date"), ("contracts", "Yearly Cost"), ("apps", "Annual budget")] {
            let key = truth.key(kind, name).await;
            truth.keys.insert(name, key);
        }
        let fields = format!("id,name,category,activeUsersCount,creationTime,{}", truth.keys["Annual budget"]);
        truth.apps = truth.all(&format!("/apps?includeLicenses=true&fields={fields}")).await;
        let fields = format!("id,idApp,name,status,amount,currency,{},{}", truth.keys["End date"], truth.keys["Yearly Cost"]);
        truth.contracts = truth.all(&format!("/contracts?fields={fields}")).await;
        truth.runs = truth.all("/workflows/actionExecutions?").await;
        truth.workflows = list(&truth.get("/workflows").await).to_vec();
        truth.people = truth.all("/users?view=allUsers").await;
        truth
    }

    pub(in crate::tools) async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{PREFIX}{path}", self.torii.url)).bearer_auth(FULL_ACCESS_KEY);
        let response = request.send().await.and_then(reqwest::Response::error_for_status).expect("the sample answers");
        serde_json::from_slice(&response.bytes().await.expect("it is whole")).expect("it is JSON")
    }

    /// Every item of a list.
    pub(in crate::tools) async fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("{path}&size=1000{cursor}")).await;
            items.extend_from_slice(list(&page));
            let Some(next) = page["nextCursor"].as_str() else { return items };
            cursor = format!("&cursor={}", next.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
        }
    }

    /// The key of the field that people see under this name.
    pub(in crate::tools) async fn key(&self, kind: &str, name: &str) -> String {
        let metadata = self.get(&format!("/{kind}/metadata")).await;
        let fields = metadata.as_object().expect("an object").values().filter_map(Value::as_array).flatten();
        let mut keys = fields.filter(|field| field["name"] == name).map(|field| field["systemKey"].as_str().expect("a key"));
        let key = keys.next().expect("there is such a field");
        assert!(keys.next().is_none(), "`{name}` of {kind} is there twice");
        key.to_owned()
    }

    /// The address of somebody who has a few apps; in the organization of the documentation, Maya Nguyen's.
    pub(in crate::tools) fn person(&self) -> &str {
        self.people[3]["email"].as_str().expect("an address")
    }

    /// Somebody whom the view of current employees does not have.
    pub(in crate::tools) fn somebody_from_outside(&self) -> &Value {
        self.people.iter().find(|user| user["isExternal"] == true).expect("there is one")
    }

    /// Somebody whom the view of current employees does not have, either.
    pub(in crate::tools) fn somebody_who_left(&self) -> &Value {
        self.people.iter().find(|user| user["isDeletedInIdentitySources"] == true).expect("there is one")
    }

    fn id_of_app(&self, name: &str) -> &Value {
        &super::named(&self.apps, name)["id"]
    }

    /// The right answer to a question.
    pub(in crate::tools) async fn answer(&self, name: Name) -> Value {
        let day = |days_ahead: i64| (Timestamp::UNIX_EPOCH + NOW + days(days_ahead)).strftime("%Y-%m-%d").to_string();
        let since = |past: i64| Some((Timestamp::UNIX_EPOCH + NOW - days(past)).as_millisecond());
        let end = |contract: &Value| contract[&self.keys["End date"]].clone();
        let ends = |contract: &&Value, days: i64| end(contract).as_str().is_some_and(|end| *day(0) <= *end && *end <= *day(days));
        match name {
            Name::PopularApps => {
                let popular = self.apps.iter().filter(|app| app["activeUsersCount"].as_u64() > Some(100));
                sorted(popular.map(|app| json!([app["name"], app["activeUsersCount"]])).collect())
            }
            Name::TopApps => {
                let mut apps: Vec<&Value> = self.apps.iter().collect();
                apps.sort_by_key(|app| std::cmp::Reverse(app["activeUsersCount"].as_u64()));
                sorted(apps.iter().take(10).map(|app| json!([app["name"], app["activeUsersCount"]])).collect())
            }
            Name::NextRenewals => {
                let open = self.contracts.iter().filter(|one| one["status"] == "active" || one["status"] == "inReview");
                sorted(open.filter(|one| ends(one, 60)).map(|one| json!([one["name"], end(one)])).collect())
            }
            Name::Renewals => {
                let active = self.contracts.iter().filter(|one| one["status"] == "active" && ends(one, 90));
                let cost = &self.keys["Yearly Cost"];
                sorted(active.map(|one| json!([one["name"], end(one), one["amount"], one["currency"], one[cost]])).collect())
            }
            Name::RecentWorkflows => {
                let ran = self.runs.iter().filter(|run| moment(&run["creationTime"]) >= since(7));
                let ids: BTreeSet<_> = ran.filter_map(|run| run["idWorkflow"].as_u64()).collect();
                let ran = self.workflows.iter().filter(|one| one["id"].as_u64().is_some_and(|id| ids.contains(&id)));
                sorted(ran.map(|one| one["name"].clone()).collect())
            }
            Name::UnusedLicenses => {
                let summary = &super::named(&self.apps, "Slack")["licenses"]["summary"];
                json!([
                    summary["inactiveAmount"],
                    summary["unassignedAmount"],
                    summary["potentialSavings"]["value"],
                    summary["potentialSavings"]["currency"]
                ])
            }
            Name::Budgets => {
                let mut budgets: BTreeMap<&str, u64> = BTreeMap::new();
                for app in &self.apps {
                    if let Some(category) = app["category"].as_str() {
                        *budgets.entry(category).or_default() += app[&self.keys["Annual budget"]].as_u64().unwrap_or_default();
                    }
                }
                sorted(budgets.into_iter().map(|(category, sum)| json!([category, sum])).collect())
            }
            Name::UsersOfAnApp => {
                let users = self.all(&format!("/apps/{}/users?", self.id_of_app("Tableau"))).await;
                let last = users.iter().filter_map(|user| moment(&user["lastVisitTime"])).max();
                json!([sorted(users.iter().map(|user| user["email"].clone()).collect()), last])
            }
            Name::AppsOfAPerson => {
                let id = &self.people[3]["id"];
                let apps = self.get(&format!("/users/{id}/apps?fields=name,lastUsageTime")).await;
                sorted(list(&apps).iter().map(|app| json!([app["name"], moment(&app["lastUsageTime"])])).collect())
            }
            Name::ContractsOfAnApp => {
                let of_app = self.contracts.iter().filter(|one| one["idApp"] == *self.id_of_app("Slack"));
                sorted(of_app.map(|one| json!([one["name"], one["amount"], one["currency"], end(one)])).collect())
            }
            Name::FailedActions => {
                let failed = self.runs.iter().filter(|run| !run["executionErrorType"].is_null());
                let recent = failed.filter(|run| moment(&run["creationTime"]) >= since(1));
                let name = |id: &Value| self.workflows.iter().find(|one| one["id"] == *id).map(|one| &one["name"]);
                sorted(recent.map(|run| json!([name(&run["idWorkflow"]), moment(&run["creationTime"])])).collect())
            }
            Name::NewApps => {
                let new = self.apps.iter().filter(|app| moment(&app["creationTime"]) >= moment(&json!("2026-08-01")));
                sorted(new.map(|app| json!([app["name"], moment(&app["creationTime"])])).collect())
            }
            Name::WhoDidWhat => {
                let log = self.all("/audit?").await;
                let recent = log.iter().filter(|entry| moment(&entry["creationTime"]) > moment(&json!("2026-08-31")));
                let row = |one: &Value| json!([one["performedByEmail"], one["type"], moment(&one["creationTime"])]);
                sorted(recent.map(row).collect())
            }
            Name::Outsiders => {
                let there = |user: &&Value| user["isExternal"] == true && user["isDeletedInIdentitySources"] == false;
                let mut counts: Vec<u64> =
                    self.people.iter().filter(there).filter_map(|user| user["activeAppsCount"].as_u64()).collect();
                counts.sort_unstable_by(|one, other| other.cmp(one));
                json!([counts.len(), counts.iter().take(10).collect::<Vec<_>>()])
            }
            Name::PaidLastMonth => {
                let paid = self.all(&format!("/transactions?idApp={}", self.id_of_app("Slack"))).await;
                let august =
                    paid.iter().filter(|one| one["transactionDate"].as_str().is_some_and(|day| day.starts_with("2026-08-")));
                sorted(august.map(|one| one["amount"].clone()).collect())
            }
        }
    }
}
