//! Generates the organization: the same people, apps and contracts every time, with dates relative to one moment.
//!
//! Random numbers come from a small seeded generator, so that nothing depends on the platform or on a crate's version. Each
//! part has its own seed, so that a change of one part does not change the others.

mod activity;
mod apps;
mod contracts;
mod names;
mod people;
mod plan;
mod possessions;
mod schemas;
mod transactions;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use serde_json::{Map, Value, json};

use self::plan::Plan;
use super::{
    cell::day_of,
    field::Schema,
    key::Key,
    options::{self, Choices, Size},
    organization::Organization,
};

/// Ids of generated objects are lower than this, and ids of objects that callers create are higher.
const FIRST_NEW_ID: u32 = 1_000_000;

/// The distance between the seeds of two parts.
const SEED_STEP: u64 = 69;

/// Builds an organization as it is at `now`.
pub(super) fn organization(which: options::Organization, size: Size, choices: Choices, now: Timestamp) -> Organization {
    let plan = Plan::of(which, size);
    let mut maker = Maker { random: Random(plan.seed), now, today: day_of(now), plan };
    let catalog = apps::catalog(&maker.plan);
    let users = people::users(&mut maker);
    let mut organization = Organization {
        identity: maker.plan.identity,
        choices,
        created_at: maker.days_ago(1500),
        apps: apps::apps(&catalog, &users, &mut maker),
        catalog,
        users,
        roles: people::roles(&maker.plan),
        contracts: BTreeMap::new(),
        transactions: BTreeMap::new(),
        workflows: BTreeMap::new(),
        executions: Vec::new(),
        audit: Vec::new(),
        policies: BTreeMap::new(),
        files: BTreeMap::new(),
        stored: BTreeMap::new(),
        plugins: Vec::new(),
        accounts: BTreeMap::new(),
        parsings: BTreeMap::new(),
        extension: extension(),
        schemas: schemas::schemas(&maker.plan),
        last_id: FIRST_NEW_ID,
    };
    apps::connect(&mut organization, &mut maker);
    let parts: [fn(&mut Organization, &mut Maker); 7] = [
        contracts::contracts,
        transactions::transactions,
        possessions::possessions,
        activity::workflows,
        activity::executions,
        activity::audit,
        activity::policies,
    ];
    for (part, number) in parts.into_iter().zip(1_u64..) {
        maker.random = Random(maker.plan.seed.wrapping_add(number * SEED_STEP));
        part(&mut organization, &mut maker);
    }
    organization.count_expenses(maker.today);
    if choices == Choices::Labels {
        hold_labels(&mut organization);
    }
    organization
}

/// Replaces the values of choices in all records by their labels. The lifecycle status of users and the mapping status of
/// transactions are enums of Torii's document, so they stay.
fn hold_labels(organization: &mut Organization) {
    let Organization { apps, contracts, schemas, .. } = organization;
    for app in apps.values_mut() {
        label(&mut app.values, &schemas.apps);
    }
    for contract in contracts.values_mut() {
        label(&mut contract.values, &schemas.contracts);
    }
}

fn label(values: &mut Map<String, Value>, schema: &Schema) {
    for (key, value) in values {
        let Some(field) = schema.find(key).filter(|field| !field.options.is_empty()) else {
            continue;
        };
        let held = |value: &mut Value| {
            if let Some(text) = value.as_str() {
                *value = Value::from(field.held(text, Choices::Labels));
            }
        };
        match value {
            Value::Array(items) => items.iter_mut().for_each(held),
            value => held(value),
        }
    }
}

fn extension() -> Map<String, Value> {
    let settings = json!({
        "dlp": { "isEnabled": true, "rules": [{ "name": "Card numbers", "action": "warn" }] },
        "blockedSites": {
            "isEnabled": true,
            "sites": ["files.example.net", "paste.example.net", "games.example.org"],
        },
        "usersFilter": { "type": "all", "excluded": [] },
    });
    match settings {
        Value::Object(settings) => settings,
        _ => Map::new(),
    }
}

/// The state that the generating functions share.
struct Maker {
    random: Random,
    now: Timestamp,
    today: Date,
    plan: Plan,
}

impl Maker {
    /// The system key of a field in this organization.
    fn key(&self, key: Key) -> &'static str {
        key.of(self.plan.identity.which)
    }

    fn seconds_ago(&self, seconds: u32) -> Timestamp {
        self.now.checked_sub(SignedDuration::from_secs(seconds.into())).unwrap_or(self.now)
    }

    /// A moment this number of days ago, at a random time of day.
    fn days_ago(&mut self, days: u32) -> Timestamp {
        let seconds = days * 86_400 + self.random.below(80_000);
        self.seconds_ago(seconds)
    }

    /// The day `ahead` days in the future, or in the past if negative.
    fn day(&self, ahead: i64) -> Date {
        self.today.saturating_add(ahead.days())
    }

    fn date(&self, ahead: i64) -> Value {
        Value::from(self.day(ahead).to_string())
    }
}

/// The random number generator `SplitMix64`.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    fn below(&mut self, limit: u32) -> u32 {
        let drawn = self.next() % u64::from(limit.max(1));
        u32::try_from(drawn).unwrap_or_default()
    }

    fn between(&mut self, first: u32, last: u32) -> u32 {
        first + self.below(last - first + 1)
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of `items`; the type's default if there are none.
    fn pick<T: Copy + Default>(&mut self, items: &[T]) -> T {
        let at = self.below(u32::try_from(items.len()).unwrap_or_default());
        nth(items, at)
    }
}

/// The item at a position modulo the number of items.
fn nth<T: Copy + Default>(items: &[T], at: u32) -> T {
    let at = usize::try_from(at).unwrap_or_default() % items.len().max(1);
    items.get(at).copied().unwrap_or_default()
}

/// An instant in the form of stored JSON fields.
fn instant(time: Timestamp) -> Value {
    Value::from(format!("{time:.3}"))
}
