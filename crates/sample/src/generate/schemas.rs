//! The fields of each kind of record, in the order of all responses.

mod choices;

use std::borrow::Cow;

use self::choices::choices;
use super::plan::Plan;
use crate::{
    field::{Choice, Field, Place, Schema},
    filler,
    key::{
        ANNUAL_BUDGET, APP_COST_CENTER, APP_NOTES, AUTO_RENEWAL, BILLING_EMAIL, CANCEL_UNTIL, COMMITTED_SPEND,
        CONTRACT_COST_CENTER, CONTRACT_NOTES, CONTRACT_VENDOR, CRITICALITY, DATA_CLASSES, DEPARTMENT, DPA_SIGNED,
        EMPLOYEE_NUMBER, END_DATE, FIRST_DAY, IS_CONTRACTOR, JOB_TITLE, Key, NDA_SIGNED, NEXT_CONTRACT, NEXT_REVIEW, NOTICE_DAYS,
        OLD_COST_CENTER, PAYMENT_TERM, PLAN, PREVIOUS_CONTRACT, PURCHASE_ORDER, PURCHASED_SEATS, SEATS, SECURITY_REVIEW,
        SOFTWARE_BUDGET, SSO_ENFORCED, START_DATE, TECHNICAL_CONTACT, YEARLY_COST, same,
    },
    options::Organization,
    organization::Schemas,
};

use Place::{Basic, Calculated, Custom, Detail, Extra, Fixed};

/// A row of a table below: key, name, type and kind of a field.
type Row = (Key, &'static str, &'static str, Place);

const APPS: [Row; 30] = [
    (same("id"), "Id", "number", Fixed),
    (same("name"), "Name", "singleLine", Basic),
    (same("primaryOwner"), "Primary owner", "user", Basic),
    (same("appOwners"), "Owners", "usersDropdownMulti", Basic),
    (same("state"), "State", "dropdown", Basic),
    (same("category"), "Category", "singleLine", Basic),
    (same("url"), "Address", "singleLine", Basic),
    (same("imageUrl"), "Image", "singleLine", Fixed),
    (same("description"), "Description", "multiLine", Basic),
    (same("tags"), "Tags", "singleLine", Basic),
    (same("score"), "Score", "number", Fixed),
    (same("isCustom"), "Custom app", "bool", Fixed),
    (same("addedBy"), "Added by", "user", Fixed),
    (same("creationTime"), "Created", "datePicker", Fixed),
    (same("isHidden"), "Hidden", "bool", Basic),
    (same("sources"), "Sources", "multiValueString", Fixed),
    (same("vendor"), "Vendor", "singleLine", Basic),
    (same("activeUsersCount"), "Active users", "number", Fixed),
    (same("lastVisitTime"), "Last visit", "datePicker", Fixed),
    (APP_NOTES, "Notes", "multiLine", Detail),
    (PLAN, "Plan", "dropdown", Detail),
    (CRITICALITY, "Business criticality", "dropdown", Custom),
    (DATA_CLASSES, "Data classes", "dropdownMulti", Custom),
    (SSO_ENFORCED, "SSO enforced", "bool", Custom),
    (PURCHASED_SEATS, "Purchased seats", "number", Custom),
    (ANNUAL_BUDGET, "Annual budget", "currency", Custom),
    (NEXT_REVIEW, "Next review", "datePicker", Custom),
    (APP_COST_CENTER, "Cost center", "dropdown", Custom),
    (TECHNICAL_CONTACT, "Technical contact", "usersDropdown", Custom),
    (same("expenses"), "Expenses", "currency", Fixed),
];

/// The fields that a user's app has in addition to those of an app.
const USER_APPS: [Row; 6] = [
    (same("isUserRemovedFromApp"), "Removed", "bool", Fixed),
    (same("users"), "Users", "number", Fixed),
    (same("lastUsageTime"), "Last usage", "datePicker", Fixed),
    (same("annualCost"), "Annual cost", "currency", Fixed),
    (same("annualCostConverted"), "Annual cost, converted", "currency", Fixed),
    (same("currency"), "Currency", "singleLine", Fixed),
];

const USERS: [Row; 21] = [
    (same("id"), "Id", "number", Fixed),
    (same("idOrg"), "Organization", "number", Fixed),
    (same("firstName"), "First name", "singleLine", Fixed),
    (same("lastName"), "Last name", "singleLine", Fixed),
    (same("email"), "E-mail", "email", Fixed),
    (same("creationTime"), "Created", "datePicker", Fixed),
    (same("idRole"), "Role id", "number", Fixed),
    (same("role"), "Role", "singleLine", Fixed),
    (same("lifecycleStatus"), "Lifecycle status", "dropdown", Fixed),
    (same("isDeletedInIdentitySources"), "Deleted in identity sources", "bool", Fixed),
    (same("identitySourcesDeletionTime"), "Deletion in identity sources", "datePicker", Fixed),
    (same("isExternal"), "External", "bool", Fixed),
    (same("activeAppsCount"), "Active apps", "number", Fixed),
    (same("photoUrl"), "Photo", "singleLine", Fixed),
    (DEPARTMENT, "Department", "dropdown", Custom),
    (JOB_TITLE, "Job title", "singleLine", Custom),
    (EMPLOYEE_NUMBER, "Employee number", "number", Custom),
    (IS_CONTRACTOR, "Contractor", "bool", Custom),
    (FIRST_DAY, "Start date", "datePicker", Custom),
    (SOFTWARE_BUDGET, "Software budget", "currency", Custom),
    (same("additionalEmails"), "Further e-mails", "multiValueString", Fixed),
];

const CONTRACTS: [Row; 30] = [
    (same("id"), "Contract ID", "number", Fixed),
    (same("name"), "Contract name", "singleLine", Basic),
    (same("idApp"), "Application", "number", Basic),
    (same("status"), "Status", "dropdown", Basic),
    (same("owner"), "Owner", "user", Basic),
    (same("createdBy"), "Created by", "number", Fixed),
    (same("creationTime"), "Creation time", "datePicker", Fixed),
    (same("source"), "Source", "singleLine", Fixed),
    (same("amount"), "Contract value", "currency", Detail),
    (same("currency"), "Contract currency", "singleLine", Fixed),
    (START_DATE, "Start date", "datePicker", Detail),
    (END_DATE, "End date", "datePicker", Detail),
    (AUTO_RENEWAL, "Auto-Renewal", "dropdown", Detail),
    (NOTICE_DAYS, "Cancellation Notice Period (days)", "number", Detail),
    (CANCEL_UNTIL, "Cancellation Deadline", "datePicker", Calculated),
    (YEARLY_COST, "Yearly Cost", "currency", Detail),
    (PAYMENT_TERM, "Payment term", "dropdown", Detail),
    (CONTRACT_VENDOR, "Vendor", "singleLine", Detail),
    (BILLING_EMAIL, "Billing email", "singleLine", Detail),
    (PREVIOUS_CONTRACT, "Previous contract", "number", Detail),
    (NEXT_CONTRACT, "Next contract", "number", Detail),
    (same("documents"), "Documents", "fileUpload", Detail),
    (CONTRACT_NOTES, "Notes", "multiLine", Detail),
    (NDA_SIGNED, "Is there an NDA signed?", "dropdown", Custom),
    (CONTRACT_COST_CENTER, "Cost center", "dropdown", Custom),
    (SEATS, "Seats", "number", Custom),
    (DPA_SIGNED, "DPA signed", "bool", Custom),
    (COMMITTED_SPEND, "Committed spend", "currency", Custom),
    (SECURITY_REVIEW, "Security review", "datePicker", Custom),
    (PURCHASE_ORDER, "Purchase order", "singleLine", Custom),
];

const TRANSACTIONS: [Row; 22] = [
    (same("id"), "Id", "number", Fixed),
    (same("idApp"), "App", "number", Fixed),
    (same("appName"), "App name", "singleLine", Fixed),
    (same("idAppAccount"), "App account", "number", Fixed),
    (same("appAccountName"), "App account name", "singleLine", Fixed),
    (same("idUpload"), "File", "number", Fixed),
    (same("fileName"), "File name", "singleLine", Fixed),
    (same("transactionDate"), "Date", "datePicker", Fixed),
    (same("origTransactionDate"), "Original date", "datePicker", Fixed),
    (same("amount"), "Amount", "currency", Fixed),
    (same("source"), "Source", "singleLine", Fixed),
    (same("description"), "Description", "singleLine", Fixed),
    (same("extraInfo"), "Further information", "multiLine", Fixed),
    (same("department"), "Department", "singleLine", Fixed),
    (same("domain"), "Domain", "singleLine", Fixed),
    (same("externalAccountId"), "External account", "singleLine", Fixed),
    (same("externalAccountName"), "External account name", "singleLine", Fixed),
    (same("mappingStatus"), "Mapping status", "dropdown", Fixed),
    (same("mappingLogic"), "Mapping logic", "singleLine", Fixed),
    (same("reportedBy"), "Reported by", "number", Fixed),
    (same("reportedByFullName"), "Reporter", "singleLine", Fixed),
    (same("idExternalTransaction"), "External transaction", "singleLine", Fixed),
];

/// The keys of one account in an app, in the order of the published response.
const APP_USERS: [&str; 32] = [
    "idUser",
    "score",
    "email",
    "creationTime",
    "lastVisitTime",
    "appName",
    "firstName",
    "lastName",
    "fullName",
    "status",
    "idExternalUser",
    "sources",
    "isUserRemovedFromApp",
    "isOwnerNotifiedToRemoveUser",
    "isNewUserInApp",
    "role",
    "externalStatus",
    "isExternal",
    "isDeletedInIdentitySources",
    "identitySourcesDeletionTime",
    "isOffboardingIgnored",
    "numberOfInactiveLicenses",
    "photoUrl",
    "licenses",
    "isSupportLastVisit",
    "ignoreAccount",
    "appAccountName",
    "idAppAccount",
    "creationTimeInApp",
    "lifecycleStatus",
    "annualCost",
    "annualCostConverted",
];

const POLICIES: [&str; 6] = ["id", "name", "app", "approvalFlow", "eligibilityGroups", "accessDurationsConfig"];

pub(super) fn schemas(plan: &Plan) -> Schemas {
    let id = plan.ids.field;
    let extra = Field::new(0, "licenses", "Licenses", "multiLine", Extra);
    let mut apps = table(id, &APPS, plan);
    fill(&mut apps, id + 1000, plan.amounts.app_fields, plan);
    let mut user_apps = apps.clone();
    user_apps.extend(table(id + 100, &USER_APPS, plan));
    let mut users = table(id + 200, &USERS, plan);
    for field in users.iter_mut().filter(|field| field.place == Custom) {
        field.source_app = Some(plan.ids.app + 3);
    }
    let old = Field::new(id + 299, OLD_COST_CENTER.of(plan.identity.which), "Old cost center", "singleLine", Custom);
    users.push(Field { is_deleted: true, ..old });
    fill(&mut users, id + 1200, plan.amounts.user_fields, plan);
    let mut contracts = table(id + 400, &CONTRACTS, plan);
    fill(&mut contracts, id + 1400, plan.amounts.contract_fields, plan);
    Schemas {
        apps: Schema::new(apps.into_iter().chain([extra]).collect()),
        user_apps: Schema::new(user_apps),
        users: Schema::new(users),
        contracts: Schema::new(contracts),
        transactions: Schema::new(table(id + 500, &TRANSACTIONS, plan)),
        app_users: plain(&APP_USERS),
        policies: plain(&POLICIES),
    }
}

fn table(first_id: u32, rows: &[Row], plan: &Plan) -> Vec<Field> {
    let which = plan.identity.which;
    let field = |(id, (key, name, kind, place)): (u32, &Row)| {
        let options: Vec<_> = choices(*key, which).collect();
        let field = Field::new(id, key.of(which), name, kind, *place).with_options(&options);
        Field { filter_key: filter_key(*key, *place, which).map(Cow::Owned), ..field }
    };
    let mut fields: Vec<_> = (first_id..).zip(rows).map(field).collect();
    for field in fields.iter_mut().filter(|field| field.key == PLAN.of(which)) {
        // One option has been deleted, and records may still have it.
        field.options.push(Choice { value: "startup".to_owned(), label: "Startup".to_owned(), is_deleted: true });
    }
    fields
}

/// The key of a field in filters, if it differs. The metadata has such a key for each predefined field, and nobody publishes when it is
/// another one: in the second organization it is, for the fields whose keys are not published, and for one of Torii's own.
fn filter_key(key: Key, place: Place, which: Organization) -> Option<String> {
    let own = key.of(which);
    match which {
        Organization::First => None,
        Organization::Second if place == Custom => None,
        Organization::Second if own == "primaryOwner" => Some("primaryOwnerId".to_owned()),
        Organization::Second => own.starts_with("ccf_").then(|| own.replace("ccf_", "f_")),
    }
}

/// Adds fields until there are `wanted`.
fn fill(fields: &mut Vec<Field>, first_id: u32, wanted: usize, plan: &Plan) {
    let missing = u32::try_from(wanted.saturating_sub(fields.len())).unwrap_or_default();
    fields.extend(filler::fields(first_id, missing, first_id / 200 % 100 + plan.identity.id));
}

fn plain(keys: &[&'static str]) -> Schema {
    Schema::new(keys.iter().map(|key| Field::new(0, key, key, "singleLine", Fixed)).collect())
}
