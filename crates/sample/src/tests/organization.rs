//! The organization is large enough, consistent, and the same every time.

use std::collections::BTreeSet;

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, date},
};
use serde_json::{Value, json};

use super::{START, Torii, encode, rows};
use crate::{Choices, Organization, Size, generate};

fn generated() -> crate::organization::Organization {
    let now = Timestamp::from_second(START).unwrap();
    generate::organization(Organization::First, Size::Default, Choices::Values, now)
}

#[tokio::test]
async fn it_has_the_promised_size() {
    let torii = Torii::new();
    for (path, total) in [("/apps?size=1", 300), ("/users?size=1", 2000), ("/contracts?size=1", 200)] {
        assert_eq!(torii.get(path).await["total"], total, "{path}");
    }
    let all = torii.get("/transactions?size=1&mappingStatus=mapped,unknown,recommend_map").await;
    let organization = generated();
    let archived = organization.transactions.values().filter(|one| one.status == "archived").count();
    assert_eq!(all["total"].as_u64().unwrap() + archived as u64, 3000);
    assert_eq!(organization.audit.len(), 5000);
    assert_eq!(rows(&torii.get("/workflows").await, "workflows").len(), 40);
}

#[tokio::test]
async fn it_is_the_same_every_time() {
    let (one, two) = (Torii::new(), Torii::new());
    for path in ["/apps?fields=id,name,primaryOwner,lastVisitTime,c_nextReview", "/users", "/contracts", "/audit?size=1000"] {
        assert_eq!(one.get(path).await, two.get(path).await, "{path}");
    }
}

#[tokio::test]
async fn exactly_25_apps_have_more_than_100_active_users_and_their_lists_agree() {
    let torii = Torii::new();
    let filter = encode(r#"[{"key":"activeUsersCount","op":"gt","value":100}]"#);
    let apps = torii.get(&format!("/apps?fields=id,activeUsersCount&filters={filter}")).await;
    assert_eq!(apps["total"], 25);
    for app in rows(&apps, "apps") {
        let path = format!("/apps/{}/users?size=1", app["id"]);
        assert_eq!(torii.get(&path).await["total"], app["activeUsersCount"]);
        assert_eq!(torii.get(&format!("{path}&status=active")).await["total"], app["activeUsersCount"]);
    }
}

#[tokio::test]
async fn sixteen_contracts_renew_in_the_next_60_days() {
    let torii = Torii::new();
    let until = Timestamp::from_second(START).unwrap() + SignedDuration::from_hours(60 * 24);
    let end = torii.key("contracts", "End date").await;
    let filters = json!([
        { "key": end, "op": "dayOnOrAfter", "value": "2026-11-22" },
        { "key": end, "op": "dayOnOrBefore", "value": until.to_string() },
    ]);
    let path = format!("/contracts?fields=id,status,{end}&filters={}", encode(&filters.to_string()));
    let renewing = torii.get(&path).await;
    let with = |status: &str| rows(&renewing, "contracts").iter().filter(|contract| contract["status"] == status).count();
    assert_eq!((with("active"), with("inReview"), &renewing["total"]), (12, 4, &json!(16)));
    let relative = encode(&json!([{ "key": end, "op": "relativeDateLess", "value": 60 }]).to_string());
    assert_eq!(torii.get(&format!("/contracts?filters={relative}")).await["total"], 16);
}

/// Keys of contract fields, by their labels.
async fn keys<const N: usize>(torii: &Torii, labels: [&str; N]) -> [String; N] {
    let mut keys = labels.map(str::to_owned);
    for key in &mut keys {
        *key = torii.key("contracts", key).await;
    }
    keys
}

#[tokio::test]
async fn dates_decide_the_status_the_deadline_and_the_cost_of_a_contract() {
    let torii = Torii::new();
    let labels =
        ["Start date", "End date", "Cancellation Notice Period (days)", "Cancellation Deadline", "Yearly Cost", "Auto-Renewal"];
    let [start, end, notice, deadline, yearly, renewal] = keys(&torii, labels).await;
    let fields = format!("id,status,amount,{start},{end},{notice},{deadline},{yearly},{renewal}");
    let contracts = torii.get(&format!("/contracts?fields={fields}")).await;
    let mut seen = BTreeSet::new();
    let mut n_longer = 0;
    for contract in rows(&contracts, "contracts") {
        let day = |key: &str| contract[key].as_str().map(|day| day.parse::<Date>().unwrap());
        let (start, end, today) = (day(&start).unwrap(), day(&end).unwrap(), date(2026, 11, 22));
        let status = contract["status"].as_str().unwrap();
        let expected: &[_] = match (start > today, end < today) {
            (true, _) => &["pipeline"],
            (_, true) => &["closed"],
            _ => &["active", "inReview"],
        };
        assert!(expected.contains(&status), "{contract}");
        let until = contract[&notice].as_i64().map(|days| end.saturating_sub(days.days()));
        assert_eq!(day(&deadline), until, "{contract}");
        let (amount, days) = (contract["amount"].as_f64().unwrap(), f64::from((end - start).get_days()));
        let cost = contract[&yearly].as_f64().unwrap();
        assert!((cost - amount * 365.0 / days).abs() <= 1.0, "{contract}");
        n_longer += usize::from(days > 366.0 && cost < amount * 0.6);
        seen.insert(status.to_owned());
        seen.insert(contract[&renewal].to_string());
    }
    assert!(n_longer > 50, "{n_longer}");
    let all = ["\"no\"", "\"yes\"", "active", "closed", "inReview", "null", "pipeline"];
    assert_eq!(seen.iter().collect::<Vec<_>>(), all.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn contracts_that_follow_each_other_know_each_other() {
    let torii = Torii::new();
    let [previous, next, end, start] = keys(&torii, ["Previous contract", "Next contract", "End date", "Start date"]).await;
    let filters = encode(&json!([{ "key": next, "op": "isSet" }]).to_string());
    let earlier = torii.get(&format!("/contracts?fields=id,idApp,{next},{end}&filters={filters}")).await;
    assert!(rows(&earlier, "contracts").len() > 5);
    for contract in rows(&earlier, "contracts") {
        let later =
            torii.get(&format!("/contracts/{}?fields=idApp,{previous},{start}", contract[&next])).await["contract"].clone();
        assert_eq!((&later["idApp"], &later[&previous]), (&contract["idApp"], &contract["id"]));
        assert!(later[&start].as_str() > contract[&end].as_str());
    }
}

#[tokio::test]
async fn workflows_ran_in_the_last_week_and_before() {
    let torii = Torii::new();
    let runs = torii.get("/workflows/actionExecutions?size=1000").await;
    let runs = rows(&runs, "response");
    let week_ago = (Timestamp::from_second(START).unwrap() - SignedDuration::from_hours(7 * 24)).to_string();
    let is_recent = |run: &&Value| run["creationTime"].as_str().unwrap() > week_ago.as_str();
    let recent: BTreeSet<_> = runs.iter().filter(is_recent).map(|run| run["idWorkflow"].as_u64()).collect();
    let all: BTreeSet<_> = runs.iter().map(|run| run["idWorkflow"].as_u64()).collect();
    assert_eq!((recent.len(), all.len()), (28, 36));
}

#[test]
fn references_lead_somewhere_and_counts_are_right() {
    let organization = generated();
    for user in organization.users.values() {
        let links = user.apps.iter().map(|id| organization.apps[id].link(user.id).unwrap());
        assert_eq!(links.filter(|link| !link.is_removed).count(), user.n_active_apps as usize);
    }
    let mut emails = BTreeSet::new();
    assert!(organization.users.values().all(|user| emails.insert(&user.email)));
    for app in organization.apps.values() {
        assert!(app.links.is_sorted_by(|one, two| one.id_user < two.id_user));
        assert!(app.links.iter().all(|link| organization.users[&link.id_user].apps.contains(&app.id)));
        assert!(app.values["primaryOwner"].is_null() || organization.user_in(&app.values["primaryOwner"]).is_some());
    }
    assert!(organization.contracts.values().all(|contract| contract.app(&organization).is_some()));
    assert!(organization.audit.is_sorted_by_key(|entry| entry.at));
    assert!(organization.audit.iter().all(|entry| organization.users.contains_key(&entry.id_user)));
    for transaction in organization.transactions.values() {
        assert!(transaction.id_app.is_none_or(|id| organization.apps.contains_key(&id)));
        assert!(transaction.id_file.is_none_or(|id| organization.files.contains_key(&id)));
    }
}

#[tokio::test]
async fn roles_count_their_members() {
    let torii = Torii::new();
    let roles = torii.get("/roles").await;
    for role in rows(&roles, "roles") {
        let users = torii
            .get(&format!(
                "/users?size=1&filters={}",
                encode(&json!([{ "key": "idRole", "op": "equals", "value": role["id"] }]).to_string())
            ))
            .await;
        assert_eq!(users["total"], role["usersCount"]);
    }
    assert_eq!(roles["roles"][0]["usersCount"], 4);
}

#[test]
fn it_is_made_quickly() {
    let started = std::time::Instant::now();
    generated();
    assert!(started.elapsed().as_millis() < 2000, "{:?}", started.elapsed());
}
