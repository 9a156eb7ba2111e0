//! The large organization.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Torii, encode, rows};
use crate::{Options, Organization, Size};

/// Generous, because other programs may run at the same time.
const PATIENCE: Duration = Duration::from_secs(8);

fn large(organization: Organization) -> Torii {
    Torii::with(Options { organization, size: Size::Large, rate_limits: false, ..Options::default() })
}

fn all_fields(metadata: &Value) -> Vec<&Value> {
    ["predefinedFields", "customFields"].into_iter().flat_map(|name| rows(metadata, name)).collect()
}

#[tokio::test]
async fn it_has_the_size_of_a_real_one_and_starts_soon() {
    let started = Instant::now();
    let torii = large(Organization::First);
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    for (path, total) in [("/apps?size=1", 3000), ("/users?size=1", 20_000), ("/contracts?size=1", 1500)] {
        assert_eq!(torii.get(path).await["total"], total, "{path}");
    }
    let paid = torii.get("/transactions?size=1&mappingStatus=mapped,unknown,recommend_map").await["total"].as_u64();
    assert!(paid > Some(48_000) && paid < Some(50_000), "archived ones are never listed: {paid:?}");
    let mut kinds = BTreeSet::new();
    for (kind, count) in [("apps", 149), ("users", 68), ("contracts", 39)] {
        let metadata = torii.get(&format!("/{kind}/metadata")).await;
        let fields = all_fields(&metadata);
        assert_eq!(fields.len(), count, "{kind}");
        let keys: BTreeSet<_> = fields.iter().map(|field| field["systemKey"].as_str().unwrap()).collect();
        assert_eq!(keys.len(), count, "{kind}: keys are unique");
        let labels: BTreeSet<_> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
        assert!(kind == "contracts" || labels.len() < count, "{kind}: some labels occur twice");
        kinds.extend(fields.iter().map(|field| field["type"].as_str().unwrap().to_owned()));
    }
    for kind in [
        "dropdown",
        "singleLine",
        "multiLine",
        "usersDropdown",
        "datePicker",
        "currency",
        "number",
        "fileUpload",
        "dropdownMulti",
        "usersDropdownMulti",
        "cardNumber",
    ] {
        assert!(kinds.contains(kind), "{kind}");
    }
}

#[tokio::test]
async fn lists_with_all_fields_filters_and_totals_are_fast_enough() {
    let torii = large(Organization::Second);
    let aggs = json!({ "field": "category", "aggregationType": "groupBy",
        "options": { "size": 100, "sort": { "field": "expenses", "order": "desc", "aggFunc": "sum" } } });
    let mut paths = vec![
        "/transactions?sort=description:desc&size=1000".to_owned(),
        "/users?sort=lastName:asc,firstName:desc&size=1000".to_owned(),
        format!("/apps?size=1&aggs={}", encode(&aggs.to_string())),
        "/apps?includeLicenses=true&size=1000".to_owned(),
    ];
    for kind in ["apps", "contracts", "users"] {
        let metadata = torii.get(&format!("/{kind}/metadata")).await;
        let fields = all_fields(&metadata);
        let fields = fields.iter().filter(|field| field["isDeleted"] != true);
        let keys: Vec<_> = fields.map(|field| field["systemKey"].as_str().unwrap()).collect();
        paths.push(format!("/{kind}?size=1000&fields={}", keys.join(",")));
        let filter = json!([{ "key": keys.last().unwrap(), "op": "isSet" }]);
        paths.push(format!("/{kind}?size=1000&sort={}&filters={}", keys.last().unwrap(), encode(&filter.to_string())));
    }
    for path in paths {
        let started = Instant::now();
        torii.get(&path).await;
        assert!(started.elapsed() < PATIENCE, "{path:.80}: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn its_values_are_what_people_enter() {
    let torii = large(Organization::First);
    let metadata = torii.get("/apps/metadata").await;
    let keys: Vec<_> = all_fields(&metadata).iter().map(|field| field["systemKey"].as_str().unwrap()).collect();
    let apps = torii.get(&format!("/apps?size=1000&fields={}", keys.join(","))).await;
    let apps = rows(&apps, "apps");
    let text = serde_json::to_string(apps).unwrap();
    for sign in ['é', '長', 'ط', 'ת', '🚀', '\u{200d}'] {
        assert!(text.contains(sign), "{sign}");
    }
    let is_long = |value: &Value| value.as_str().is_some_and(|text| text.len() > 5000);
    assert!(apps.iter().any(|app| is_long(&app["description"])));
    // Besides the key and the flags, nearly every field is null somewhere.
    let mut nulls: BTreeMap<&str, usize> = BTreeMap::new();
    for (key, value) in apps.iter().flat_map(|app| app.as_object().unwrap()) {
        *nulls.entry(key.as_str()).or_default() += usize::from(value.is_null());
    }
    assert!(nulls.values().filter(|count| **count > 0).count() > 120, "{nulls:?}");
    let names: BTreeSet<_> = apps.iter().map(|app| app["name"].as_str().unwrap()).collect();
    assert!(names.len() < apps.len(), "some apps have the same name");
    assert!(apps.iter().any(|app| app["primaryOwner"]["isDeletedInIdentitySources"] == true), "some owners left");
    let contracts = torii.get("/contracts?size=1000&fields=currency,amount,name").await;
    let currencies: BTreeSet<_> = rows(&contracts, "contracts").iter().map(|contract| contract["currency"].as_str()).collect();
    assert!(currencies.len() >= 6, "{currencies:?}");
    let users = torii.get("/users?size=1&isDeletedInIdentitySources=true").await;
    assert!(users["total"].as_u64() > Some(1000));
}

#[tokio::test]
async fn filler_fields_can_be_written() {
    let torii = large(Organization::First);
    let metadata = torii.get("/apps/metadata").await;
    let card = rows(&metadata, "customFields").iter().find(|field| field["type"] == "cardNumber").unwrap();
    let key = card["systemKey"].as_str().unwrap();
    torii.write("PUT", "/apps/1001", json!({ key: "4242" })).await;
    assert_eq!(torii.get(&format!("/apps/1001?fields={key}")).await["app"][key], "4242");
    torii.refusal("PUT", "/apps/1001", Some(json!({ key: "4242 4242 4242 4242" })), 400).await;
    torii.write("PUT", "/apps/1001", json!({ key: null })).await;
    assert!(torii.get(&format!("/apps/1001?fields={key}")).await["app"][key].is_null());
}
