//! The catalog, the apps of the organization, and their accounts.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    Maker, instant,
    names::{DEPARTMENTS, ENDINGS, KNOWN_APPS, MADE_UP, PRODUCTS},
    nth,
    people::N_STAFF,
    plan::Plan,
};
use crate::{
    key::{
        ANNUAL_BUDGET, APP_COST_CENTER, APP_NOTES, CRITICALITY, DATA_CLASSES, NEXT_REVIEW, PLAN, PURCHASED_SEATS, SSO_ENFORCED,
        TECHNICAL_CONTACT,
    },
    options::{self, Size},
    organization::{App, CatalogApp, License, Link, Organization, User},
};

/// One app in six of the catalog is not in use.
const UNUSED: u32 = 6;
/// The number of accounts in the most used apps. Even without the removed accounts, each has more than 100 active users.
const LARGE: [u32; 25] = [
    1400, 1150, 900, 700, 560, 480, 420, 380, 350, 320, 300, 280, 260, 245, 230, 220, 210, 200, 190, 185, 180, 175, 170, 165, 160,
];
/// No other app has more accounts than this.
const SMALL: u32 = 40;

const TIERS: [&str; 3] = ["free", "standard", "enterprise"];

pub(super) fn catalog(plan: &Plan) -> BTreeMap<u32, CatalogApp> {
    let known = KNOWN_APPS.iter().map(|(name, host, category)| ((*name).into(), *category, format!("https://{host}")));
    let made_up = PRODUCTS.iter().flat_map(|(product, category)| {
        MADE_UP.iter().map(move |prefix| {
            let url = format!("https://{}{}.example", prefix.to_lowercase(), product.to_lowercase());
            (format!("{prefix} {product}").into(), *category, url)
        })
    });
    let further = (0_u32..).map(|at| {
        let (prefix, (product, category)) = (nth(&MADE_UP, at / 10), nth(&PRODUCTS, at));
        let url = format!("https://{}{}-{at}.example", prefix.to_lowercase(), product.to_lowercase());
        // Several apps have the same name.
        (format!("{prefix} {product} {}", nth(&ENDINGS, at / 250)).into(), category, url)
    });
    (plan.ids.app..)
        .zip(known.chain(made_up).chain(further).take(plan.amounts.catalog))
        .map(|(id, (name, category, url))| (id, CatalogApp { id, name, category, url }))
        .collect()
}

pub(super) fn apps(catalog: &BTreeMap<u32, CatalogApp>, users: &BTreeMap<u32, User>, maker: &mut Maker) -> BTreeMap<u32, App> {
    let staff: Vec<u32> = users.keys().take(usize::try_from(N_STAFF).unwrap_or_default()).copied().collect();
    let first = maker.plan.ids.app;
    let mut apps = BTreeMap::new();
    for known in catalog.values().filter(|known| (known.id - first) % UNUSED != UNUSED - 1) {
        let mut values = values(known, &staff, maker);
        if maker.plan.size == Size::Large {
            distort(&mut values, known.id - first, users);
        }
        let (links, licenses) = (Vec::new(), Vec::new());
        apps.insert(known.id, App { id: known.id, values, links, licenses, expenses: 0 });
    }
    apps
}

/// What happens to the values of apps in large organizations over time.
fn distort(values: &mut Map<String, Value>, at: u32, users: &BTreeMap<u32, User>) {
    let mut set = |key: &str, value: Value| values.insert(key.to_owned(), value);
    match at % 50 {
        3 => drop(set("description", Value::from("Très long – 長い – طويل 😀 ".repeat(300)))),
        7 | 19 => drop(set("category", Value::Null)),
        11 => drop(set("url", Value::Null)),
        23 => drop(set("state", Value::Null)),
        31 => drop(set("description", Value::from(""))),
        // An owner who left.
        37 => drop(set("primaryOwner", Value::from(users.values().find(|user| user.is_past()).map(|user| user.id)))),
        _ => {}
    }
}

/// The state of an app. The organizations added one state each to those of Torii.
fn state(drawn: u32, at: u32, maker: &Maker) -> &'static str {
    match (drawn, at % 3) {
        (0..3, _) => "discovered",
        (3, _) => "inReview",
        (4..7, _) => "sanctioned",
        (7, _) => "evaluationPeriod",
        (8, 0) => match maker.plan.identity.which {
            options::Organization::First => "pendingLegal",
            options::Organization::Second => "frozen",
        },
        (8, _) => "costOptimization",
        (_, 0) => "needToClose",
        _ => "closed",
    }
}

fn values(known: &CatalogApp, staff: &[u32], maker: &mut Maker) -> Map<String, Value> {
    // The apps that everybody uses are managed. Apps that were only discovered often have no owner.
    let at = known.id - maker.plan.ids.app;
    let drawn = maker.random.below(10);
    let state = if at < 40 { "sanctioned" } else { state(drawn, at, maker) };
    let which = maker.plan.identity.which;
    let random = &mut maker.random;
    let is_orphan = state == "discovered" && random.chance(50);
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
    set(APP_NOTES.of(which), Value::Null);
    set(PLAN.of(which), if random.chance(50) { Value::from(random.pick(&TIERS)) } else { Value::Null });
    set(CRITICALITY.of(which), Value::from(random.pick(&["low", "medium", "high", "critical"])));
    set(DATA_CLASSES.of(which), json!([random.pick(&["public", "internal", "personal", "payment"])]));
    set(SSO_ENFORCED.of(which), Value::from(random.chance(45)));
    set(PURCHASED_SEATS.of(which), if random.chance(70) { Value::from(random.between(5, 500)) } else { Value::Null });
    set(ANNUAL_BUDGET.of(which), if random.chance(70) { Value::from(random.between(1, 400) * 50_000) } else { Value::Null });
    set(APP_COST_CENTER.of(which), Value::from(random.pick(&DEPARTMENTS)));
    set(TECHNICAL_CONTACT.of(which), Value::from(random.pick(staff)));
    let review = i64::from(random.below(500)) - 250;
    values.insert(NEXT_REVIEW.of(which).to_owned(), maker.date(review));
    values.insert("creationTime".to_owned(), instant(maker.days_ago(created)));
    values
}

/// Gives every app its accounts and licenses.
pub(super) fn connect(organization: &mut Organization, maker: &mut Maker) {
    let ids: Vec<u32> = organization.users.keys().copied().collect();
    let Organization { apps, users, .. } = organization;
    for (at, app) in (0_u32..).zip(apps.values_mut()) {
        let wanted = usize::try_from(at).ok().and_then(|at| LARGE.get(at)).map(|wanted| wanted * maker.plan.amounts.crowd);
        let n_accounts = wanted.unwrap_or_else(|| maker.random.below(SMALL).saturating_sub(4));
        // A stride without a common factor with the number of users visits each user once.
        let stride = maker.random.pick(&[7, 11, 13, 101, 333, 777, 1001, 1301]);
        let start = maker.random.below(maker.plan.amounts.users);
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
        app.licenses = licenses(n_types, app, users, maker);
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

fn licenses(n_types: u32, app: &App, users: &BTreeMap<u32, User>, maker: &mut Maker) -> Vec<License> {
    // One app in four does not tell how many licenses nobody has.
    let tells = (app.id - maker.plan.ids.app) % 4 != 3;
    let license = |at: u32| {
        let held = || app.links.iter().filter(|link| link.license.map(u32::from) == Some(at));
        let is_idle = |link: &&Link| users.get(&link.id_user).is_some_and(|user| link.is_idle(user));
        let count = |count: usize| u32::try_from(count).unwrap_or_default();
        let n_inactive = count(held().filter(is_idle).count());
        let n_unassigned = maker.random.below(20);
        License {
            name: nth(&["Standard", "Enterprise"], at),
            n_active: count(held().count()) - n_inactive,
            n_inactive,
            n_unassigned: tells.then_some(n_unassigned),
            price: maker.random.between(4, 90) * 1200,
            currency: nth(maker.plan.currencies, app.id - maker.plan.ids.app + at),
        }
    };
    (0..n_types).map(license).collect()
}
