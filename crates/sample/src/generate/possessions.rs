//! Contracts, transactions, files and plugins.

use serde_json::{Map, Value, json};

use super::{Maker, instant, names::DEPARTMENTS, nth};
use crate::{
    PLUGIN_ID, PLUGIN_UUID,
    files::{File, TYPES},
    integrations::Account,
    organization::{Contract, Organization},
    plugins::Plugin,
    storage::Stored,
    transactions::Transaction,
};

const FIRST_CONTRACT: u32 = 5001;
const N_CONTRACTS: u32 = 200;
/// The number of contracts that end in the next 60 days, spread over these days.
const N_RENEWING: u32 = 16;
const FIRST_TRANSACTION: u32 = 60_001;
const N_TRANSACTIONS: u32 = 3000;
const FIRST_FILE: u32 = 8001;
const N_FILES: u32 = 24;
const ACCOUNT: u32 = 7001;

pub(super) fn contracts(organization: &mut Organization, maker: &mut Maker) {
    let ids: Vec<u32> = organization.apps.keys().copied().collect();
    let staff: Vec<u32> = organization.users.keys().take(60).copied().collect();
    for at in 0..N_CONTRACTS {
        let id = FIRST_CONTRACT + at;
        // Renewing contracts are not the first ones of the list, so that nobody finds them by chance.
        let id_app = nth(&ids, at * 7);
        let name = organization.apps.get(&id_app).map(|app| app.name().to_owned()).unwrap_or_default();
        let values = contract(at, id_app, &name, &staff, maker);
        organization.contracts.insert(id, Contract { id, values });
    }
}

fn contract(at: u32, id_app: u32, app: &str, staff: &[u32], maker: &mut Maker) -> Map<String, Value> {
    let is_renewing = at % 12 == 5 && at / 12 < N_RENEWING;
    let (status, ends_in) = match maker.random.below(10) {
        _ if is_renewing => ("active", i64::from(at / 12 * 59 / (N_RENEWING - 1) + 1)),
        0..6 => ("active", i64::from(maker.random.between(70, 700))),
        6..8 => ("closed", -i64::from(maker.random.between(10, 600))),
        _ => ("pipeline", i64::from(maker.random.between(400, 800))),
    };
    let term = i64::from(maker.random.pick(&[365_u32, 365, 730, 1095]));
    let random = &mut maker.random;
    let currency = random.pick(&["USD", "USD", "USD", "EUR", "GBP"]);
    let seats = random.between(5, 400);
    let amount = u64::from(seats) * u64::from(random.between(4, 60)) * 1200;
    let notice = random.pick(&[30_u32, 60, 90]);
    let flags = [random.chance(60), random.chance(50), random.chance(30)];
    let [is_auto_renew, is_dpa_signed, has_notes] = flags;
    let billing = random.pick(&["yearly", "monthly", "quarterly"]);
    let nda = random.pick(&["Yes", "No"]);
    let (owner, creator) = (random.pick(staff), nth(staff, at % 4));
    let center = random.pick(&DEPARTMENTS);
    let created = maker.days_ago(u32::try_from((term - ends_in).max(3)).unwrap_or(3));
    let year = maker.day(ends_in - term).year();
    let fields = [
        ("name", Value::from(format!("{app} {year}"))),
        ("idApp", Value::from(id_app)),
        ("status", Value::from(status)),
        ("owner", Value::from(owner)),
        ("createdBy", Value::from(creator)),
        ("creationTime", instant(created)),
        ("source", Value::from("manual")),
        ("amount", Value::from(amount)),
        ("currency", Value::from(currency)),
        ("startDate", maker.date(ends_in - term)),
        ("endDate", maker.date(ends_in)),
        ("renewalDate", if status == "closed" { Value::Null } else { maker.date(ends_in) }),
        ("isAutoRenew", Value::from(is_auto_renew)),
        ("noticePeriodDays", Value::from(notice)),
        ("billingFrequency", Value::from(billing)),
        ("vendor", Value::from(app.split(' ').next())),
        ("documents", json!([])),
        ("notes", if has_notes { Value::from("Ask for a discount before it renews") } else { Value::Null }),
        ("c_isThereAnNdaSigned_1", Value::from(nda)),
        ("c_costCenter", Value::from(center)),
        ("c_seats", Value::from(seats)),
        ("c_dpaSigned", Value::from(is_dpa_signed)),
        ("c_committedSpend", if has_notes { Value::from(amount / 2) } else { Value::Null }),
        ("c_securityReviewDate", maker.date(ends_in - term + 20)),
        ("ccf_poNumber", Value::from(format!("PO-{:05}", at * 37 + 100))),
    ];
    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

pub(super) fn transactions(organization: &mut Organization, maker: &mut Maker) {
    let apps: Vec<(u32, String)> = organization.apps.values().map(|app| (app.id, app.name().to_uppercase())).collect();
    let staff: Vec<u32> = organization.users.keys().take(400).copied().collect();
    for at in 0..N_TRANSACTIONS {
        let id = FIRST_TRANSACTION + at;
        let random = &mut maker.random;
        let status = match random.below(100) {
            0..78 => "mapped",
            78..93 => "unknown",
            93..98 => "recommend_map",
            _ => "archived",
        };
        // Large apps have transactions more often than small ones.
        let limit = if random.chance(50) { 40 } else { apps.len() };
        let drawn = random.below(u32::try_from(limit).unwrap_or(1));
        let app = usize::try_from(drawn).ok().and_then(|drawn| apps.get(drawn));
        let amount = i64::from(random.between(9, 4000)) * 100 + i64::from(random.below(100));
        let (currency, percent) = random.pick(&[("USD", 100), ("USD", 100), ("EUR", 110), ("GBP", 130)]);
        let reporter = random.pick(&staff);
        let department = random.chance(70).then(|| random.pick(&DEPARTMENTS));
        let days = random.below(540);
        let day = maker.day(-i64::from(days));
        let is_known = status == "mapped";
        let id_app = if is_known { app.map(|app| app.0) } else { None };
        let description = match app {
            Some((_, name)) if is_known => format!("{name} SUBSCRIPTION {at:04}"),
            _ => format!("CARD PAYMENT {:06}", at * 97),
        };
        let transaction = Transaction {
            id,
            id_app,
            day,
            original_day: day,
            amount,
            currency,
            converted: amount * percent / 100,
            source: nth(&["expensify", "netsuite", "upload", "creditCard"], at),
            description,
            department,
            status,
            id_reporter: department.map(|_| reporter),
            id_file: (at % 4 == 2).then_some(FIRST_FILE + at % 4 * 4 % N_FILES + 1),
        };
        organization.transactions.insert(id, transaction);
    }
}

/// Files of every type, plugins, and an account for syncs.
pub(super) fn files(organization: &mut Organization, maker: &mut Maker) {
    let staff: Vec<u32> = organization.users.keys().take(20).copied().collect();
    let emails: Vec<_> = organization.users.values().take(3).map(|user| user.email.clone()).collect();
    for at in 0..N_FILES {
        let (id, type_) = (FIRST_FILE + at, nth(&TYPES, at));
        let days = maker.random.below(300);
        let created_at = maker.days_ago(days);
        let (name, content_type, bytes) = match type_ {
            "expenseReport" => (format!("expenses-{at}.csv"), "text/csv", expenses(maker)),
            "customIntegrationData" => {
                let users: Vec<_> = emails.iter().map(|email| json!({ "email": email })).collect();
                (format!("users-{at}.json"), "application/json", json!({ "users": users }).to_string())
            }
            "plugin" => (format!("plugin-{at}.zip"), "application/zip", "PK sample".to_owned()),
            _ => (format!("contract-{at}.pdf"), "application/pdf", "%PDF-1.4 sample".to_owned()),
        };
        let path = format!("{}/{name}", created_at.as_millisecond());
        let stored = Stored { content_type: content_type.to_owned(), bytes: Some(bytes.into_bytes()) };
        organization.stored.insert(path.clone(), stored);
        organization.files.insert(id, File { id, type_, name, path, created_at, id_user: Some(nth(&staff, at)) });
    }
    if let Some(id_app) = organization.apps.keys().next_back().copied() {
        organization.accounts.insert(ACCOUNT, Account { id_app, synced_at: None });
    }
    organization.plugins = plugins(maker);
}

fn expenses(maker: &Maker) -> String {
    let row = |ahead: i64, what: &str, amount: &str| format!("{},{what},{amount}\n", maker.day(ahead));
    ["date,description,amount\n".to_owned(), row(-40, "SLACK", "120.50"), row(-35, "TAXI", "18.00"), row(-30, "ZOOM", "75")]
        .concat()
}

fn plugins(maker: &mut Maker) -> Vec<Plugin> {
    let mut plugin = |id, uuid: &str, name: &str, is_private| Plugin {
        id,
        uuid: uuid.to_owned(),
        name: name.to_owned(),
        is_private,
        version: 1,
        fields: vec![(id * 10 + 1, "accountId"), (id * 10 + 2, "region")],
        id_key: None,
        updated_at: maker.days_ago(90),
    };
    vec![
        plugin(PLUGIN_ID, PLUGIN_UUID, "Badge printer", true),
        plugin(PLUGIN_ID + 1, "7c1d9e34-58b2-4f0a-8d66-a0b1c2d3e4f5", "Desk booking", true),
        plugin(PLUGIN_ID + 2, "d4e5f6a7-1234-4abc-9def-0123456789ab", "Weather", false),
    ]
}
