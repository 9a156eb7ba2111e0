//! The second organization has the same default fields under other keys.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Torii, encode, rows};
use crate::{Options, Organization, key::KEYS};

fn second() -> Torii {
    Torii::with(Options { organization: Organization::Second, ..Options::default() })
}

/// The keys of the predefined fields of a kind of record, by their labels.
async fn predefined(torii: &Torii, kind: &str) -> BTreeMap<String, String> {
    let text = |field: &Value, name: &str| field[name].as_str().unwrap().to_owned();
    let metadata = torii.get(&format!("/{kind}/metadata")).await;
    rows(&metadata, "predefinedFields").iter().map(|field| (text(field, "name"), text(field, "systemKey"))).collect()
}

#[test]
fn keys_that_differ_are_unique_and_say_nothing() {
    for which in [Organization::First, Organization::Second] {
        let keys: BTreeSet<_> = KEYS.iter().map(|key| key.of(which)).collect();
        // The cost centers of apps and contracts have the same key in the first organization.
        assert_eq!(keys.len(), KEYS.len() - usize::from(which == Organization::First));
    }
    for key in KEYS {
        assert_ne!(key.of(Organization::First), key.of(Organization::Second));
        let code = key.of(Organization::Second).split_once('_').unwrap().1;
        assert!(code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_hexdigit()), "{code}");
    }
}

#[tokio::test]
async fn labels_are_the_same_and_only_keys_of_torii_s_own_are() {
    let (first, second) = (Torii::new(), second());
    for (kind, n_other) in [("apps", 2), ("users", 0), ("contracts", 12)] {
        let (first, second) = (predefined(&first, kind).await, predefined(&second, kind).await);
        assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>(), "{kind}");
        assert_eq!(first.iter().filter(|(label, key)| second[*label] != **key).count(), n_other, "{kind}");
    }
    let attested =
        ["id", "name", "idApp", "status", "owner", "createdBy", "creationTime", "source", "amount", "currency", "documents"];
    let keys: BTreeSet<_> = predefined(&second, "contracts").await.into_values().collect();
    assert!(attested.iter().all(|key| keys.contains(*key)), "{keys:?}");
}

#[tokio::test]
async fn ids_numbers_people_and_the_currency_are_others() {
    let (first, second) = (Torii::new(), second());
    let org = second.get("/orgs/my").await["org"].clone();
    assert_eq!((org["displayCurrency"].as_str(), org["domain"].as_str()), (Some("EUR"), Some("example.org")));
    for (path, name) in [
        ("/apps", "apps"),
        ("/users", "users"),
        ("/contracts", "contracts"),
        ("/transactions", "transactions"),
        ("/audit?size=1000", "audit"),
        ("/workflows", "workflows"),
        ("/workflows/actionExecutions?size=1000", "response"),
        ("/roles", "roles"),
    ] {
        let ids = |json: Value| -> BTreeSet<_> { rows(&json, name).iter().map(|row| row["id"].as_u64().unwrap()).collect() };
        assert!(ids(first.get(path).await).is_disjoint(&ids(second.get(path).await)), "{path}");
    }
    // its key in filters
    let end = second.key("contracts", "End date").await.replace("ccf_", "f_");
    let until = encode(&serde_json::json!([{ "key": end, "op": "relativeDateLess", "value": 60 }]).to_string());
    assert_eq!(second.get(&format!("/contracts?size=1&filters={until}")).await["total"], 16);
    let states = second.get("/apps?size=1000&fields=state").await;
    assert!(rows(&states, "apps").iter().any(|app| app["state"] == "frozen"));
    assert!(rows(&second.get("/appCatalog/accessRequestPolicies").await, "accessRequestPolicies").len() == 12);
}

#[tokio::test]
async fn keys_of_the_first_organization_are_unknown_in_the_second() {
    let torii = second();
    for key in KEYS {
        torii.refusal("GET", &format!("/contracts?fields={}", key.of(Organization::First)), None, 400).await;
    }
}

#[tokio::test]
async fn some_fields_have_other_keys_in_filters() {
    let second = second();
    let metadata = second.get("/contracts/metadata").await;
    let end = rows(&metadata, "predefinedFields").iter().find(|field| field["name"] == "End date").unwrap();
    let [key, filter_key] = ["systemKey", "filterSystemKey"].map(|name| end[name].as_str().unwrap());
    assert_ne!(key, filter_key);
    let filtered = |key: &str| format!("/contracts?size=1&filters={}", encode(&format!(r#"[{{"key":"{key}","op":"isSet"}}]"#)));
    assert!(second.get(&filtered(filter_key)).await["total"].as_u64() > Some(0));
    assert!(second.refusal("GET", &filtered(key), None, 400).await.contains(key));
    let apps = second.get("/apps/metadata").await;
    let owner = rows(&apps, "predefinedFields").iter().find(|field| field["systemKey"] == "primaryOwner").unwrap();
    assert_eq!(owner["filterSystemKey"], "primaryOwnerId");
}
