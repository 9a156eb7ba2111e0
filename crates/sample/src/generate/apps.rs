//! The catalog, the apps of the organization, and their accounts.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    Maker, instant,
    names::{DEPARTMENTS, KNOWN_APPS, MADE_UP, PRODUCTS},
    nth,
    people::N_STAFF,
};
use crate::organization::{App, CURRENCY, CatalogApp, License, Link, Organization, User};

const FIRST_APP: u32 = 1001;
/// One app in six of the catalog is not in use.
const UNUSED: u32 = 6;
/// The number of accounts in the most used apps. Even without the removed accounts, each has more than 100 active users.
const LARGE: [u32; 25] = [
    1400, 1150, 900, 700, 560, 480, 420, 380, 350, 320, 300, 280, 260, 245, 230, 220, 210, 200, 190, 185, 180, 175, 170, 165, 160,
];
/// No other app has more accounts than this.
const SMALL: u32 = 40;

pub(super) const STATES: [&str; 5] = ["Discovered", "In Review", "Sanctioned", "Restricted", "Closed"];
const TIERS: [&str; 3] = ["Free", "Standard", "Enterprise"];

pub(super) fn catalog() -> BTreeMap<u32, CatalogApp> {
    let known = KNOWN_APPS.iter().map(|(name, host, category)| ((*name).into(), *category, format!("https://{host}")));
    let made_up = PRODUCTS.iter().flat_map(|(product, category)| {
        MADE_UP.iter().map(move |prefix| {
            let url = format!("https://{}{}.example", prefix.to_lowercase(), product.to_lowercase());
            (format!("{prefix} {product}").into(), *category, url)
        })
    });
    (FIRST_APP..)
        .zip(known.chain(made_up))
        .map(|(id, (name, category, url))| (id, CatalogApp { id, name, category, url }))
        .collect()
}

pub(super) fn apps(catalog: &BTreeMap<u32, CatalogApp>, users: &BTreeMap<u32, User>, maker: &mut Maker) -> BTreeMap<u32, App> {
    let staff: Vec<u32> = users.keys().take(usize::try_from(N_STAFF).unwrap_or_default()).copied().collect();
    catalog
        .values()
        .filter(|known| (known.id - FIRST_APP) % UNUSED != UNUSED - 1)
        .map(|known| {
            let app = App { id: known.id, values: values(known, &staff, maker), links: Vec::new(), licenses: Vec::new() };
            (known.id, app)
        })
        .collect()
}

fn values(known: &CatalogApp, staff: &[u32], maker: &mut Maker) -> Map<String, Value> {
    let random = &mut maker.random;
    // The apps that everybody uses are managed. Apps that were only discovered often have no owner.
    let is_core = known.id < FIRST_APP + 40;
    let drawn = nth(&STATES, random.pick(&[0, 0, 0, 1, 2, 2, 2, 2, 3, 4]));
    let state = if is_core { "Sanctioned" } else { drawn };
    let is_orphan = state == "Discovered" && random.chance(50);
    let owner = (!is_orphan).then(|| random.pick(staff));
    let owners: Vec<u32> = owner.into_iter().chain(random.chance(30).then(|| random.pick(staff))).collect();
    let tag = random.pick(&["Core", "Trial", "Department", "Legacy"]);
    let created = random.between(5, 1400);
    let mut values = Map::new();
    let mut set = |key: &str, value: Value| values.insert(key.to_owned(), value);
    set("name", Value::from(known.name.as_ref()));
    set("state", Value::from(state));
    set("category", Value::from(known.category));
    set("url", Value::from(known.url.as_str()));
    set("description", Value::from(format!("{} for {}", known.name, known.category.to_lowercase())));
    set("tags", if random.chance(60) { Value::from(format!("{tag},{}", known.category)) } else { Value::Null });
    set("isHidden", Value::from(random.chance(4)));
    set("isCustom", Value::from(false));
    set("primaryOwner", Value::from(owner));
    set("appOwners", Value::from(owners));
    set("addedBy", Value::from(staff.first().copied()));
    set("score", Value::from(random.below(100)));
    set("vendor", Value::from(known.name.split(' ').next()));
    set("sources", json!([random.pick(&["okta", "googleWorkspace", "browserExtension", "expenses"])]));
    set("notes", Value::Null);
    set("planName", if random.chance(50) { Value::from(random.pick(&TIERS)) } else { Value::Null });
    set("c_businessCriticality", Value::from(random.pick(&["Low", "Medium", "High", "Critical"])));
    set("c_dataClasses", json!([random.pick(&["Public", "Internal", "Personal", "Payment"])]));
    set("c_ssoEnforced_1", Value::from(random.chance(45)));
    set("c_purchasedSeats", if random.chance(70) { Value::from(random.between(5, 500)) } else { Value::Null });
    set("c_annualBudget", if random.chance(70) { Value::from(random.between(1, 400) * 50_000) } else { Value::Null });
    set("c_costCenter", Value::from(random.pick(&DEPARTMENTS)));
    set("c_technicalContact", Value::from(random.pick(staff)));
    let review = i64::from(random.below(500)) - 250;
    values.insert("c_nextReview".to_owned(), maker.date(review));
    values.insert("creationTime".to_owned(), instant(maker.days_ago(created)));
    values
}

/// Gives every app its accounts and licenses.
pub(super) fn connect(organization: &mut Organization, maker: &mut Maker) {
    let ids: Vec<u32> = organization.users.keys().copied().collect();
    let Organization { apps, users, .. } = organization;
    for (at, app) in (0_u32..).zip(apps.values_mut()) {
        let wanted = usize::try_from(at).ok().and_then(|at| LARGE.get(at)).copied();
        let n_accounts = wanted.unwrap_or_else(|| maker.random.below(SMALL).saturating_sub(4));
        // A stride without a common factor with the number of users visits each user once.
        let stride = maker.random.pick(&[7, 11, 13, 101, 333, 777, 1001, 1301]);
        let start = maker.random.below(2000);
        let mut chosen: Vec<u32> = (0..n_accounts).map(|step| nth(&ids, start + step * stride)).collect();
        chosen.sort_unstable();
        let n_types = maker.random.below(3);
        app.links.reserve_exact(chosen.len());
        for id_user in chosen {
            let Some(user) = users.get_mut(&id_user) else {
                continue;
            };
            let link = link(user, n_types, maker);
            user.apps.push(app.id);
            user.n_active_apps += u32::from(!link.is_removed);
            app.links.push(link);
        }
        app.licenses = licenses(n_types, &app.links, maker);
    }
}

fn link(user: &User, n_types: u32, maker: &mut Maker) -> Link {
    let random = &mut maker.random;
    let is_removed = random.chance(if user.lifecycle_status == "offboarded" { 90 } else { 3 });
    let license = (n_types > 0 && random.chance(85)).then(|| random.below(n_types));
    let days = random.between(1, 900);
    let visit = random.below(120).min(days);
    let has_visited = random.chance(90);
    Link {
        id_user: user.id,
        is_removed,
        role: random.pick(&["Member", "Member", "Member", "Admin", "Guest"]),
        source: random.pick(&["okta", "okta", "googleWorkspace", "browserExtension"]),
        score: u8::try_from(random.below(100)).unwrap_or_default(),
        license: license.and_then(|license| u8::try_from(license).ok()),
        created_at: maker.seconds_ago(days * 86_400),
        last_visit_at: has_visited.then(|| maker.seconds_ago(visit * 86_400 + 3600)),
    }
}

fn licenses(n_types: u32, links: &[Link], maker: &mut Maker) -> Vec<License> {
    let license = |at: u32| {
        let held = || links.iter().filter(|link| link.license.map(u32::from) == Some(at));
        let count = |count: usize| u32::try_from(count).unwrap_or_default();
        let n_active = count(held().filter(|link| !link.is_removed && link.last_visit_at.is_some()).count());
        let n_inactive = count(held().count()) - n_active;
        License {
            name: nth(&["Standard", "Enterprise"], at),
            n_total: n_active + n_inactive + maker.random.below(20),
            n_active,
            n_inactive,
            price: maker.random.between(4, 90) * 1200,
            currency: CURRENCY,
        }
    };
    (0..n_types).map(license).collect()
}
