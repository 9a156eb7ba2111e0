//! Names of members that public sources have: to tell them says nothing about a tenant.

use std::{collections::HashSet, sync::LazyLock};

use super::all_documented;

/// Names that Torii's pages, its own public code, the models of its data warehouse or a customer's plugin have, and its document
/// does not have in that place.
const ATTESTED: [&str; 33] = [
    "actionExecutions",
    "additionalEmails",
    "annualCost",
    "calculatedRuntimeInfo",
    "category",
    "errorMessage",
    "executionErrorType",
    "expenses",
    "filterSystemKey",
    "formQuestion",
    "idActionApp",
    "idActionUser",
    "idGroup",
    "isActive",
    "isCalculated",
    "isCore",
    "isDeleted",
    "isHidden",
    "isHiddenForCustomers",
    "isPaid",
    "isReadonly",
    "isValid",
    "lastActivationTime",
    "lastTriggeredTime",
    "position",
    "properties",
    "runtimeError",
    "score",
    "status",
    "triggerConfiguration",
    "triggerIdApp",
    "triggerIdAppAccount",
    "triggerType",
];

/// Whether a name is in a public source: the document has it in some response, or another source does.
pub(super) fn is_public(name: &str) -> bool {
    static DOCUMENTED: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let places = all_documented().values().flat_map(|types| types.keys());
        places.flat_map(|place| place.split('/')).filter(|name| !name.is_empty() && *name != "[]").collect()
    });
    ATTESTED.contains(&name) || DOCUMENTED.contains(name)
}
