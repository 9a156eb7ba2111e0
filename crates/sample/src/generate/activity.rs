//! The activity of the organization: workflows, their runs, the audit trail, and access request policies.

use serde_json::{Value, json};

use super::{Maker, names::DEPARTMENTS, nth};
use crate::{
    access::Policy,
    audit::{Entry, KINDS},
    organization::Organization,
    workflows::{Execution, Outcome, Trigger, Workflow},
};

const N_ENTRIES: u32 = 5000;
const N_POLICIES: u32 = 12;
const DAY: u32 = 86_400;

/// Name, trigger and action of ten kinds of workflows; each exists in four variants.
const TEMPLATES: [(&str, Trigger, &str); 10] = [
    ("Offboard leavers", Trigger::UserLeft, "removeUserFromApp"),
    ("Onboard joiners", Trigger::UserJoins, "createUserInApp"),
    ("Review new apps", Trigger::NewApp, "sendForm"),
    ("Warn before renewal", Trigger::Contract, "sendEmail"),
    ("Reclaim idle licenses", Trigger::LicenseNotInUse, "removeLicense"),
    ("Report shadow apps", Trigger::Custom, "sendSlackMessage"),
    ("Ask owners for usage", Trigger::AppMeetsCriteria, "sendEmail"),
    ("Approve contracts", Trigger::Contract, "createTicket"),
    ("Remove former contractors", Trigger::UserMeetsCriteria, "suspendUserInApp"),
    ("Sync cost centers", Trigger::Custom, "updateField"),
];
const VARIANTS: [&str; 4] = ["", " in Europe", " for executives", " (test)"];

pub(super) fn workflows(organization: &mut Organization, maker: &mut Maker) {
    let apps: Vec<u32> = organization.apps.keys().take(40).copied().collect();
    for (at, variant) in (0_u32..).zip(VARIANTS.into_iter().flat_map(|variant| [variant; 10])) {
        let Some((name, trigger, action)) = usize::try_from(at % 10).ok().and_then(|at| TEMPLATES.get(at)).copied() else {
            continue;
        };
        let id = maker.plan.ids.workflow + at;
        let days = maker.random.between(130, 700);
        let workflow = Workflow {
            id,
            name: format!("{name}{variant}"),
            version: nth(&["2.0", "2.0", "1.0"], at),
            trigger: match (at, trigger) {
                // The remaining kinds of triggers occur once each.
                (14, _) => Trigger::LicenseCount,
                (15, _) => Trigger::ClosedAppInUse,
                (16, _) => Trigger::AppEvent,
                (_, trigger) => trigger,
            },
            action,
            id_action_app: Some(nth(&apps, at)),
            is_active: at % 7 != 6,
            created_at: maker.days_ago(days),
        };
        organization.workflows.insert(id, workflow);
    }
}

/// Three of four workflows ran in the last week, and one in ten never ran at all.
pub(super) fn executions(organization: &mut Organization, maker: &mut Maker) {
    let users: Vec<u32> = organization.users.keys().copied().collect();
    let mut runs = Vec::new();
    for workflow in organization.workflows.values() {
        let at = workflow.id - maker.plan.ids.workflow;
        if at % 10 == 9 {
            continue;
        }
        let n_recent = if at % 4 == 3 { 0 } else { maker.random.between(6, 20) };
        let n_older = maker.random.between(15, 35);
        for run in 0..n_recent + n_older {
            let seconds =
                if run < n_recent { maker.random.between(60, 7 * DAY - 3600) } else { maker.random.between(8 * DAY, 120 * DAY) };
            let outcome = match maker.random.below(20) {
                0 => Outcome::Failed,
                1 => Outcome::Ignored,
                2 if seconds < 7200 => Outcome::Running,
                _ => Outcome::Completed,
            };
            let id_user = workflow.trigger.is_about_users().then(|| maker.random.pick(&users));
            runs.push(Execution {
                id: 0,
                id_workflow: workflow.id,
                id_run: 0,
                id_app: workflow.id_action_app,
                id_user,
                action: workflow.action,
                started_at: maker.seconds_ago(seconds),
                outcome,
            });
        }
    }
    runs.sort_by_key(|run| run.started_at);
    for (run, at) in runs.iter_mut().zip(0_u32..) {
        run.id = maker.plan.ids.execution + at;
        run.id_run = maker.plan.ids.run + at;
    }
    organization.executions = runs;
}

/// Entries for half a year, spread so evenly that every day has some.
pub(super) fn audit(organization: &mut Organization, maker: &mut Maker) {
    let step = 180 * DAY / N_ENTRIES;
    let staff: Vec<u32> = organization.users.keys().take(20).copied().collect();
    let pools: [(&str, Vec<u32>); 5] = [
        ("contracts", organization.contracts.keys().copied().collect()),
        ("users", organization.users.keys().copied().collect()),
        ("apps", organization.apps.keys().copied().collect()),
        ("transactions", organization.transactions.keys().copied().collect()),
        ("workflows", organization.workflows.keys().copied().collect()),
    ];
    let pool = |entity: &str| pools.iter().find(|(name, _)| *name == entity).map(|(_, ids)| ids.as_slice());
    organization.audit.reserve(usize::try_from(N_ENTRIES).unwrap_or_default());
    for at in 0..N_ENTRIES {
        let drawn = maker.random.below(u32::try_from(KINDS.len()).unwrap_or(1));
        let Some(kind) = usize::try_from(drawn).ok().and_then(|drawn| KINDS.get(drawn)) else {
            continue;
        };
        let subject = match pool(kind.entity) {
            Some(ids) => maker.random.pick(ids),
            None => maker.random.between(1, 9000),
        };
        let ago = (N_ENTRIES - at) * step - maker.random.below(step - 60);
        let details = (kind.name == "update_workflow").then(|| json!({ "isActive": at % 2 == 0 }));
        organization.audit.push(Entry {
            id: maker.plan.ids.entry + at,
            at: maker.seconds_ago(ago),
            id_user: maker.random.pick(&staff),
            kind,
            subject,
            details: details.map(Box::<Value>::new),
        });
    }
}

pub(super) fn policies(organization: &mut Organization, maker: &mut Maker) {
    let apps: Vec<(u32, String)> = organization.apps.values().map(|app| (app.id, app.name().to_owned())).take(24).collect();
    for (at, (id_app, app)) in (0..N_POLICIES).zip(apps.into_iter().step_by(2)) {
        // Every third policy is open to everyone.
        let department = (at % 3 != 0).then(|| nth(&DEPARTMENTS, at));
        let name = match department {
            Some(department) => format!("{app} for {department}"),
            None => format!("{app} for everyone"),
        };
        let max_days = maker.random.chance(50).then(|| maker.random.pick(&[30, 90, 180]));
        let id = maker.plan.ids.policy + at;
        organization.policies.insert(id, Policy { id, name, id_app, department, max_days });
    }
}
