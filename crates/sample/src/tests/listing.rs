//! Paging, fields, filters, sorting, searching and aggregations.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Torii, encode, rows};

async fn filtered(torii: &Torii, list: &str, filters: Value) -> u64 {
    let path = format!("/{list}?size=1&filters={}", encode(&filters.to_string()));
    torii.get(&path).await["total"].as_u64().unwrap()
}

async fn aggregated(torii: &Torii, list: &str, aggs: Value) -> Value {
    let path = format!("/{list}?size=1&aggs={}", encode(&aggs.to_string()));
    torii.get(&path).await["aggregations"].clone()
}

/// Follows the cursors of a list to its end and returns the ids of all pages.
async fn walk(torii: &Torii, path: &str, name: &str, id: &str) -> Vec<u64> {
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = torii.get(&format!("{path}{cursor}")).await;
        assert_eq!(page["count"], rows(&page, name).len());
        ids.extend(rows(&page, name).iter().map(|row| row[id].as_u64().unwrap()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", encode(next)),
            None => return ids,
        }
    }
}

#[tokio::test]
async fn walking_by_cursor_sees_each_user_once() {
    let torii = Torii::new();
    for path in
        ["/users?size=73", "/users?size=999&sort=lastName:desc,c_department", "/users?size=300&sort=c_softwareBudget:desc"]
    {
        let ids = walk(&torii, path, "users", "id").await;
        assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (2000, 2000), "{path}");
    }
}

#[tokio::test]
async fn every_other_paged_list_can_be_walked_too() {
    let torii = Torii::new();
    for (path, name, id, total) in [
        ("/apps?size=7", "apps", "id", 300),
        ("/contracts?size=30&sort=ccf_4f1c:asc", "contracts", "id", 200),
        ("/audit?size=1000", "audit", "id", 5000),
        ("/audit?size=1000&sort=asc", "audit", "id", 5000),
    ] {
        let ids = walk(&torii, path, name, id).await;
        assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (total, total), "{path}");
    }
    let users = walk(&torii, "/apps/1001/users?size=100&sort=lastVisitTime:desc", "users", "idUser").await;
    assert_eq!(users.len() as u64, torii.get("/apps/1001/users?size=1").await["total"].as_u64().unwrap());
    let runs = walk(&torii, "/workflows/actionExecutions?size=500", "response", "id").await;
    assert!(runs.windows(2).all(|pair| pair[0] > pair[1]), "newest first");
}

#[tokio::test]
async fn a_contract_deleted_between_two_pages_hides_no_other() {
    let torii = Torii::new();
    let first = torii.get("/contracts?size=10&sort=name").await;
    let seen: Vec<_> = rows(&first, "contracts").iter().map(|row| row["id"].as_u64().unwrap()).collect();
    torii.write("DELETE", &format!("/contracts/{}", seen[3]), json!(null)).await;
    let cursor = encode(first["nextCursor"].as_str().unwrap());
    let rest = walk(&torii, &format!("/contracts?size=1000&sort=name&cursor={cursor}"), "contracts", "id").await;
    let all: BTreeSet<_> = seen.iter().chain(&rest).collect();
    assert_eq!((rest.len(), all.len()), (190, 200));
}

#[tokio::test]
async fn sizes_have_the_documented_defaults() {
    let torii = Torii::new();
    for (path, name, count) in [
        ("/users", "users", 1000),
        ("/apps", "apps", 300),
        ("/contracts", "contracts", 200),
        ("/audit", "audit", 50),
        ("/workflows/actionExecutions", "response", 50),
        ("/workflows/audit", "audit", 50),
        ("/scim/v2/Users", "Resources", 100),
        ("/scim/v2/Users?count=500", "Resources", 200),
    ] {
        assert_eq!(rows(&torii.get(path).await, name).len(), count, "{path}");
    }
}

#[tokio::test]
async fn fields_choose_what_comes_back_in_an_order_that_does_not_depend_on_the_caller() {
    let torii = Torii::new();
    let keys = |row: &Value| row.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let plain = torii.get("/apps/1001").await;
    assert_eq!(keys(&plain["app"]), ["id", "name", "primaryOwner"]);
    let chosen = torii.get("/apps?size=1&fields=c_ssoEnforced_1,activeUsersCount,name").await;
    assert_eq!(keys(&chosen["apps"][0]), ["name", "activeUsersCount", "c_ssoEnforced_1"]);
    let user = torii.get("/users?size=1&fields=email").await;
    assert_eq!(keys(&user["users"][0]), ["id", "email", "additionalEmails"]);
    let licenses = torii.get("/apps/1002?fields=id&includeLicenses=true").await;
    assert_eq!(keys(&licenses["app"]), ["id", "licenses"]);
    assert!(licenses["app"]["licenses"]["summary"]["pricePerLicense"].is_null());
}

#[tokio::test]
async fn filters_join_with_and_and_each_operator_does_what_its_name_says() {
    let torii = Torii::new();
    let count = |list: &'static str, filters: Value| filtered(&torii, list, filters);
    let one = |key: &str, op: &str, value: Value| json!([{ "key": key, "op": op, "value": value }]);
    assert_eq!(count("apps", one("name", "equals", json!("Slack"))).await, 1);
    assert_eq!(count("apps", one("name", "notEquals", json!("slack"))).await, 299);
    let holding = count("apps", one("name", "contains", json!("desk"))).await;
    assert!(holding > 5);
    assert_eq!(count("apps", one("name", "notContains", json!("desk"))).await, 300 - holding);
    let states = count("apps", one("state", "anyOf", json!(["sanctioned", "closed"]))).await;
    assert_eq!(count("apps", one("state", "noneOf", json!(["sanctioned", "closed"]))).await, 300 - states);
    let owned = count("apps", one("primaryOwner", "isSet", json!(null))).await;
    assert!(owned > 0 && owned < 300);
    assert_eq!(count("apps", one("primaryOwner", "isNotSet", json!(null))).await, 300 - owned);
    assert_eq!(count("apps", one("primaryOwner", "exists", json!(null))).await, owned);
    assert_eq!(count("apps", one("primaryOwner.email", "isSet", json!(null))).await, owned);
    let many = count("apps", one("c_purchasedSeats", "gte", json!(200))).await;
    let few = count("apps", one("c_purchasedSeats", "lt", json!(200))).await;
    assert_eq!(many + few, count("apps", one("c_purchasedSeats", "isSet", json!(null))).await);
    assert_eq!(
        count("apps", one("c_dataClasses", "isExactly", json!(["personal"]))).await,
        count("apps", one("c_dataClasses", "allOf", json!(["personal"]))).await
    );
    let after = count("users", one("creationTime", "dayAfter", json!("2025-06-01"))).await;
    let until = count("users", one("creationTime", "dayOnOrBefore", json!("2025-06-01"))).await;
    assert!(after > 0 && until > 0 && after + until == 2000);
    let end = torii.key("contracts", "End date").await;
    let soon = count("contracts", one(&end, "relativeDateLess", json!(60))).await;
    let later = count("contracts", one(&end, "relativeDateMore", json!(61))).await;
    let past = count("contracts", one(&end, "dayBefore", json!("2026-11-22"))).await;
    assert_eq!(soon + later + past, 200);
    assert_eq!(count("contracts", one(&end, "relativeDateToday", json!(null))).await, 0);
    let both = json!([
        { "key": "isExternal", "op": "equals", "value": false },
        { "op": "or", "value": [
            { "key": "c_department", "op": "equals", "value": "Legal" },
            { "op": "and", "value": [{ "key": "c_department", "op": "equals", "value": "Sales" }] },
        ]},
    ]);
    let legal = count("users", json!([{ "key": "c_department", "op": "equals", "value": "Legal" }, { "key": "isExternal", "op": "equals", "value": false }])).await;
    assert!(count("users", both).await > legal && legal > 0);
}

#[tokio::test]
async fn field_parameters_match_exactly() {
    let torii = Torii::new();
    let sanctioned = torii.get("/apps?state=Sanctioned&size=1").await["total"].clone();
    let filters = json!([{ "key": "state", "op": "equals", "value": "sanctioned" }]);
    assert_eq!(sanctioned, filtered(&torii, "apps", filters).await);
    assert_eq!(torii.get("/contracts?id=5007").await["total"], 1);
    assert_eq!(torii.get("/users?email=aaliyah.abdi%40example.com").await["users"][0]["id"], 20_001);
    assert_eq!(torii.get("/users?idUsers=20001,20005").await["total"], 2);
    let removed = torii.get("/users/20010/apps?isUserRemovedFromApp=true").await;
    assert!(rows(&removed, "apps").iter().all(|app| app["isUserRemovedFromApp"] == true));
}

#[tokio::test]
async fn sorting_follows_several_keys_and_puts_missing_values_last() {
    let torii = Torii::new();
    let apps = torii.get("/apps?fields=state,name&sort=state:desc,name:asc").await;
    let keys: Vec<_> =
        rows(&apps, "apps").iter().map(|app| (app["state"].as_str(), app["name"].as_str().map(str::to_lowercase))).collect();
    assert!(keys.windows(2).all(|pair| pair[0].0 > pair[1].0 || (pair[0].0 == pair[1].0 && pair[0].1 <= pair[1].1)));
    for direction in ["asc", "desc"] {
        let users = torii.get(&format!("/users?sort=c_softwareBudget:{direction}&fields=c_softwareBudget")).await;
        assert!(!users["users"][0]["c_softwareBudget"].is_null(), "{direction}");
    }
}

#[tokio::test]
async fn searching_looks_at_names() {
    let torii = Torii::new();
    assert_eq!(torii.get("/apps?q=slack").await["total"], 1);
    assert_eq!(torii.get("/users?q=aaliyah.abdi").await["total"], 1);
    let admins = torii.get("/apps/1001/users?q=admin&qFields=role&size=5").await;
    assert!(rows(&admins, "users").iter().all(|user| user["role"] == "Admin"));
    assert_eq!(torii.get("/contracts/metadata?q=nda").await["customFields"][0]["systemKey"], "c_isThereAnNdaSigned_1");
}

#[tokio::test]
async fn aggregations_count_sum_and_nest() {
    let torii = Torii::new();
    let metric =
        |function: &str| json!({ "field": "amount", "aggregationType": "metric", "options": { "metricFunction": function } });
    let sum = aggregated(&torii, "contracts", metric("sum")).await.as_f64().unwrap();
    let average = aggregated(&torii, "contracts", metric("avg")).await.as_f64().unwrap();
    assert!((average * 200.0 - sum).abs() < 1.0);
    let least = aggregated(&torii, "contracts", metric("min")).await;
    assert!(least.as_i64() < aggregated(&torii, "contracts", metric("max")).await.as_i64());
    let by_state = json!({
        "field": "state",
        "aggregationType": "groupBy",
        "options": { "size": 100 },
        "aggs": { "field": "activeUsersCount", "aggregationType": "metric", "options": { "metricFunction": "max" } },
    });
    let buckets = aggregated(&torii, "apps", by_state).await;
    let buckets = buckets.as_array().unwrap();
    assert_eq!(buckets.iter().map(|bucket| bucket["groupCount"].as_u64().unwrap()).sum::<u64>(), 300);
    assert!(buckets.windows(2).all(|pair| pair[0]["value"].as_u64() >= pair[1]["value"].as_u64()));
    assert!(buckets.iter().all(|bucket| bucket["aggregations"].is_number()));
    for options in [json!({ "datePeriod": "yearly" }), json!({ "dateHistogramOptions": { "datePeriod": "yearly" } })] {
        let histogram = json!({ "field": "creationTime", "aggregationType": "date_histogram", "options": options });
        let years = aggregated(&torii, "users", histogram).await;
        assert_eq!(years.as_array().unwrap().last().unwrap()["key"], "2026-01-01");
        assert_eq!(years.as_array().unwrap().iter().map(|year| year["value"].as_u64().unwrap()).sum::<u64>(), 2000);
    }
}

#[tokio::test]
async fn ranges_of_dates_are_counted_apart() {
    let torii = Torii::new();
    let ranges = json!([{ "from": "2024-01-01", "to": "2025-06-02" }, { "from": "2025-06-02" }]);
    let aggs = json!({ "field": "creationTime", "aggregationType": "date_range", "options": { "ranges": ranges } });
    let buckets = aggregated(&torii, "users", aggs).await;
    assert_eq!((&buckets[0]["key"], &buckets[1]["key"]), (&json!("2024-01-01-2025-06-02"), &json!("2025-06-02-*")));
    let until = json!([
        { "key": "creationTime", "op": "dayOnOrAfter", "value": "2024-01-01" },
        { "key": "creationTime", "op": "dayBefore", "value": "2025-06-02" },
    ]);
    let after = json!([{ "key": "creationTime", "op": "dayOnOrAfter", "value": "2025-06-02" }]);
    assert_eq!(buckets[0]["value"], filtered(&torii, "users", until).await);
    assert_eq!(buckets[1]["value"], filtered(&torii, "users", after).await);
    for ranges in [json!(null), json!([]), json!([{ "to": "2025-01-01" }]), json!([{ "from": "soon" }])] {
        let aggs = json!({ "field": "creationTime", "aggregationType": "date_range", "options": { "ranges": ranges } });
        torii.refusal("GET", &format!("/users?aggs={}", encode(&aggs.to_string())), None, 400).await;
    }
}

#[tokio::test]
async fn expenses_of_apps_are_what_was_paid_in_twelve_months() {
    let torii = Torii::new();
    let by_category = json!({
        "field": "category",
        "aggregationType": "groupBy",
        "options": { "size": 100, "sort": { "field": "expenses", "order": "desc", "aggFunc": "sum" } },
        "aggs": { "field": "expenses", "aggregationType": "metric", "options": { "metricFunction": "sum" } },
    });
    let buckets = aggregated(&torii, "apps", by_category).await;
    let sums: Vec<_> = buckets.as_array().unwrap().iter().map(|bucket| bucket["aggregations"].as_i64().unwrap()).collect();
    assert!(sums.is_sorted_by(|one, two| one >= two) && sums[0] > 0, "{sums:?}");
    let paid = async || {
        let paid = torii.get("/transactions?idApp=1001&size=1000").await;
        let recent =
            |one: &&Value| one["transactionDate"].as_str().is_some_and(|day| ("2025-11-23".."2026-11-23").contains(&day));
        rows(&paid, "transactions")
            .iter()
            .filter(recent)
            .map(|one| one["amount"]["convertedValue"].as_i64().unwrap())
            .sum::<i64>()
    };
    let expenses = async || torii.get("/apps/1001?fields=expenses").await["app"]["expenses"].as_i64().unwrap();
    assert_eq!(expenses().await, paid().await);
    let before = expenses().await;
    let unknown = torii.get("/transactions?mappingStatus=unknown&size=1&sort=transactionDate:desc").await;
    torii.write("PUT", &format!("/transactions/{}", unknown["transactions"][0]["id"]), json!({ "idApp": 1001 })).await;
    assert_eq!(expenses().await, paid().await);
    assert_ne!(expenses().await, before);
}
