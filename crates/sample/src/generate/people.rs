//! Users and roles.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Maker,
    names::{BOTS, DEPARTMENTS, FIRST_NAMES, JOBS, LAST_NAMES},
    nth,
};
use crate::organization::{Role, User};

const FIRST_USER: u32 = 20_001;
const N_USERS: u32 = 2000;
/// The number of staff. They are the first users, who have the roles and own apps and contracts.
pub(super) const N_STAFF: u32 = 70;
const N_NAMES: u32 = 4200;

/// Role ids with the number of staff who have them, in the order of the staff.
const STAFF: [(u32, u32); 6] = [(1, 4), (2, 8), (3, 8), (4, 8), (5, 32), (6, 10)];
const EMPLOYEE: u32 = 7;

pub(super) fn roles() -> Vec<Role> {
    let role = |id, key, name, description, is_admin| Role { id, key, name, description, is_admin };
    vec![
        role(1, "admin", "Admin", "May do everything", true),
        role(2, "itManager", "IT Manager", "Manages apps, users and workflows", false),
        role(3, "finance", "Finance", "Manages expenses and contracts", false),
        role(4, "procurement", "Procurement", "Manages contracts and renewals", false),
        role(5, "appOwner", "App Owner", "Manages the apps they own", false),
        role(6, "viewer", "Viewer", "Sees everything and changes nothing", false),
        role(EMPLOYEE, "employee", "Employee", "Uses the app catalog", false),
    ]
}

pub(super) fn users(maker: &mut Maker) -> BTreeMap<u32, User> {
    (0..N_USERS).map(|at| (FIRST_USER + at, user(at, maker))).collect()
}

fn user(at: u32, maker: &mut Maker) -> User {
    let is_staff = at < N_STAFF;
    // The kinds are distributed evenly and not at random, so that their numbers are round.
    let is_human = is_staff || at % 80 != 79;
    let is_external = is_human && !is_staff && at % 16 == 7;
    // 1013 has no common factor with the number of names, so every pair of names occurs once.
    let pair = at * 1013 % N_NAMES;
    let (first_name, last_name) = (nth(&FIRST_NAMES, pair % 60), nth(&LAST_NAMES, pair / 60));
    let (first_name, last_name) = if is_human { (first_name, last_name) } else { (nth(&BOTS, at / 80), "Bot") };
    let email = match (is_human, is_external) {
        (false, _) => format!("svc-{}-{at}@example.com", first_name.to_lowercase()),
        (true, false) => format!("{first_name}.{last_name}@example.com").to_lowercase(),
        (true, true) => format!("{first_name}.{last_name}@partner.example.com").to_lowercase(),
    };
    let lifecycle_status = match maker.random.below(100) {
        _ if is_staff => "active",
        0..88 => "active",
        88..91 => "offboarding",
        _ => "offboarded",
    };
    let is_deleted = lifecycle_status == "offboarded" && maker.random.chance(80);
    let is_member = is_human && !is_external && lifecycle_status == "active";
    let additional_emails = if at % 9 == 4 && is_human { vec![email.replace('@', "+old@")] } else { Vec::new() };
    let days = maker.random.between(20, 1400);
    User {
        id: FIRST_USER + at,
        first_name: first_name.into(),
        last_name: last_name.into(),
        email,
        additional_emails,
        created_at: maker.days_ago(days),
        id_role: is_member.then(|| role_of(at)),
        is_member,
        lifecycle_status,
        deleted_in_identity_sources_at: is_deleted.then(|| maker.days_ago(days / 3)),
        is_external,
        is_human,
        apps: Vec::new(),
        n_active_apps: 0,
        values: values(at, is_human, days, maker),
    }
}

fn role_of(at: u32) -> u32 {
    let mut first = 0;
    for (role, count) in STAFF {
        if (first..first + count).contains(&at) {
            return role;
        }
        first += count;
    }
    EMPLOYEE
}

fn values(at: u32, is_human: bool, days: u32, maker: &mut Maker) -> Vec<(&'static str, Value)> {
    if !is_human {
        return vec![("c_department", Value::from("IT"))];
    }
    let department = nth(&DEPARTMENTS, at * 7 / 3);
    let title = format!("{department} {}", maker.random.pick(&JOBS));
    let mut values = vec![
        ("c_department", Value::from(department)),
        ("c_jobTitle", Value::from(title)),
        ("c_employeeNumber", Value::from(10_000 + at)),
        ("c_isContractor", Value::from(maker.random.chance(8))),
        ("c_startDate", maker.date(-i64::from(days))),
    ];
    // The field is null for people without a budget.
    if maker.random.chance(40) {
        values.push(("c_softwareBudget", Value::from(maker.random.between(2, 40) * 25_000)));
    }
    values
}
