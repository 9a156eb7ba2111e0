//! Users and roles.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Maker,
    names::{BOTS, DEPARTMENTS, FIRST_NAMES, JOBS, LAST_NAMES, WORLD},
    nth,
    plan::Plan,
};
use crate::{
    key::{DEPARTMENT, EMPLOYEE_NUMBER, FIRST_DAY, IS_CONTRACTOR, JOB_TITLE, SOFTWARE_BUDGET},
    options::Size,
    organization::{Role, User},
};

/// The number of staff. They are the first users, who have the roles and own apps and contracts.
pub(super) const N_STAFF: u32 = 70;
const N_NAMES: u32 = 4200;

/// The number of staff who have each role except the last, in the order of the staff.
const STAFF: [u32; 6] = [4, 8, 8, 8, 32, 10];
/// The position of the role of all others.
const EMPLOYEE: u32 = 6;

pub(super) fn roles(plan: &Plan) -> Vec<Role> {
    let role = |at: u32, key, name, description, is_admin| Role { id: plan.ids.role + at, key, name, description, is_admin };
    vec![
        role(0, "admin", "Admin", "May do everything", true),
        role(1, "itManager", "IT Manager", "Manages apps, users and workflows", false),
        role(2, "finance", "Finance", "Manages expenses and contracts", false),
        role(3, "procurement", "Procurement", "Manages contracts and renewals", false),
        role(4, "appOwner", "App Owner", "Manages the apps they own", false),
        role(5, "viewer", "Viewer", "Sees everything and changes nothing", false),
        role(EMPLOYEE, "employee", "Employee", "Uses the app catalog", false),
    ]
}

pub(super) fn users(maker: &mut Maker) -> BTreeMap<u32, User> {
    let first = maker.plan.ids.user;
    (0..maker.plan.amounts.users).map(|at| (first + at, user(at, maker))).collect()
}

fn user(at: u32, maker: &mut Maker) -> User {
    let is_staff = at < N_STAFF;
    // The kinds are distributed evenly and not at random, so that their numbers are round.
    let is_human = is_staff || at % 80 != 79;
    let is_external = is_human && !is_staff && at % 16 == 7;
    // 1013 has no common factor with the number of names, so every pair of names occurs once before the first repeats.
    let pair = at * 1013 % N_NAMES;
    let (first_name, last_name) = (nth(&FIRST_NAMES, pair % 60), nth(&LAST_NAMES, pair / 60));
    let (first_name, last_name) = if is_human { (first_name, last_name) } else { (nth(&BOTS, at / 80), "Bot") };
    let domain = maker.plan.identity.domain;
    let number = if at < N_NAMES { String::new() } else { (at / N_NAMES + 1).to_string() };
    let email = match (is_human, is_external) {
        (false, _) => format!("svc-{}-{at}@{domain}", first_name.to_lowercase()),
        (true, false) => format!("{first_name}.{last_name}{number}@{domain}").to_lowercase(),
        (true, true) => format!("{first_name}.{last_name}{number}@partner.{domain}").to_lowercase(),
    };
    let is_worldly = maker.plan.size == Size::Large && !is_staff && is_human && at % 12 == 1;
    let (first_name, last_name) = if is_worldly { nth(&WORLD, at / 12) } else { (first_name, last_name) };
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
        id: maker.plan.ids.user + at,
        first_name: first_name.into(),
        last_name: last_name.into(),
        email,
        additional_emails,
        created_at: maker.days_ago(days),
        id_role: is_member.then(|| maker.plan.ids.role + role_of(at)),
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
    for (role, count) in (0..).zip(STAFF) {
        if (first..first + count).contains(&at) {
            return role;
        }
        first += count;
    }
    EMPLOYEE
}

fn values(at: u32, is_human: bool, days: u32, maker: &mut Maker) -> Vec<(&'static str, Value)> {
    let which = maker.plan.identity.which;
    if !is_human {
        return vec![(DEPARTMENT.of(which), Value::from("IT"))];
    }
    let department = nth(&DEPARTMENTS, at * 7 / 3);
    let title = format!("{department} {}", maker.random.pick(&JOBS));
    let mut values = vec![
        (DEPARTMENT.of(which), Value::from(department)),
        (JOB_TITLE.of(which), Value::from(title)),
        (EMPLOYEE_NUMBER.of(which), Value::from(10_000 + at)),
        (IS_CONTRACTOR.of(which), Value::from(maker.random.chance(8))),
        (FIRST_DAY.of(which), maker.date(-i64::from(days))),
    ];
    // The field is null for people without a budget.
    if maker.random.chance(40) {
        values.push((SOFTWARE_BUDGET.of(which), Value::from(maker.random.between(2, 40) * 25_000)));
    }
    values
}
