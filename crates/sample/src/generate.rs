//! Generates the organization: the same people, apps and contracts every time, with dates relative to one moment.
//!
//! Random numbers come from a small seeded generator, so that nothing depends on the platform or on a crate's version.

mod activity;
mod apps;
mod names;
mod people;
mod possessions;
mod schemas;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use serde_json::{Map, Value, json};

use super::{cell::day_of, organization::Organization};

/// Ids of generated objects are lower than this, and ids of objects that callers create are higher.
const FIRST_NEW_ID: u32 = 1_000_000;

/// Builds the organization as it is at `now`.
pub(super) fn organization(now: Timestamp) -> Organization {
    let mut maker = Maker { random: Random(0x0074_6f72_6969), now, today: day_of(now) };
    let catalog = apps::catalog();
    let users = people::users(&mut maker);
    let mut organization = Organization {
        name: "Sample Industries",
        created_at: maker.days_ago(1500),
        apps: apps::apps(&catalog, &users, &mut maker),
        catalog,
        users,
        roles: people::roles(),
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
        schemas: schemas::schemas(),
        last_id: FIRST_NEW_ID,
    };
    apps::connect(&mut organization, &mut maker);
    possessions::contracts(&mut organization, &mut maker);
    possessions::transactions(&mut organization, &mut maker);
    possessions::files(&mut organization, &mut maker);
    activity::workflows(&mut organization, &mut maker);
    activity::executions(&mut organization, &mut maker);
    activity::audit(&mut organization, &mut maker);
    activity::policies(&mut organization, &mut maker);
    organization
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
}

impl Maker {
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
