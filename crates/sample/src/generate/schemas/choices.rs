//! The choices of fields: values, which records hold, and labels, which people see.

use crate::{
    key::{
        APP_COST_CENTER, AUTO_RENEWAL, CONTRACT_COST_CENTER, CRITICALITY, DATA_CLASSES, DEPARTMENT, Key, NDA_SIGNED,
        PAYMENT_TERM, PLAN, same,
    },
    options::Organization,
};

type Choices = &'static [(&'static str, &'static str)];

/// The choices of each field, by its key. Departments come from another system, so their values are what people see.
const CHOICES: [(Key, Choices); 13] = [
    (
        same("state"),
        &[
            ("discovered", "Discovered"),
            ("inReview", "In Review"),
            ("evaluationPeriod", "Evaluation period"),
            ("sanctioned", "Sanctioned"),
            ("costOptimization", "Cost optimization"),
            ("needToClose", "Need to close"),
            ("closed", "Closed"),
        ],
    ),
    (same("status"), &[("pipeline", "Pipeline"), ("active", "Active"), ("inReview", "In-Review"), ("closed", "Closed")]),
    (same("lifecycleStatus"), &[("active", "Active"), ("offboarding", "Offboarding"), ("offboarded", "Offboarded")]),
    (
        same("mappingStatus"),
        &[("mapped", "Matched"), ("unknown", "Unmatched"), ("recommend_map", "Recommended"), ("archived", "Archived")],
    ),
    (AUTO_RENEWAL, &[("yes", "Yes"), ("no", "No")]),
    (PAYMENT_TERM, &[("monthly", "Monthly"), ("quarterly", "Quarterly"), ("annually", "Annual"), ("upfront", "Up front")]),
    (NDA_SIGNED, &[("Yes", "Yes"), ("No", "No")]),
    (PLAN, &[("free", "Free"), ("standard", "Standard"), ("enterprise", "Enterprise")]),
    (CRITICALITY, &[("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")]),
    (DATA_CLASSES, &[("public", "Public"), ("internal", "Internal"), ("personal", "Personal"), ("payment", "Payment")]),
    (DEPARTMENT, DEPARTMENTS),
    (APP_COST_CENTER, DEPARTMENTS),
    (CONTRACT_COST_CENTER, DEPARTMENTS),
];

const DEPARTMENTS: Choices = &[
    ("Engineering", "Engineering"),
    ("Sales", "Sales"),
    ("Marketing", "Marketing"),
    ("Finance", "Finance"),
    ("People", "People"),
    ("Support", "Support"),
    ("Legal", "Legal"),
    ("IT", "IT"),
    ("Product", "Product"),
    ("Operations", "Operations"),
];

/// The choices of the field with a key, with those that the organization added to Torii's own.
pub(super) fn choices(key: Key, which: Organization) -> impl Iterator<Item = (&'static str, &'static str)> {
    let known = CHOICES.iter().find(|(known, _)| *known == key).map_or(&[] as Choices, |(_, choices)| choices);
    let added = match (which, key == same("state")) {
        (Organization::First, true) => Some(("pendingLegal", "Pending legal")),
        (Organization::Second, true) => Some(("frozen", "On ice")),
        _ => None,
    };
    known.iter().copied().chain(added)
}
