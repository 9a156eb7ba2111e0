//! The fields of each kind of record, in the order of all responses.

use super::{apps::STATES, names::DEPARTMENTS};
use crate::{
    field::{Choice, Field, Place, Schema},
    organization::Schemas,
};

use Place::{Basic, Custom, Detail, Extra, Fixed};

/// A row of a table below: key, name, type and kind of a field.
type Row = (&'static str, &'static str, &'static str, Place);

const APPS: [Row; 29] = [
    ("id", "Id", "number", Fixed),
    ("name", "Name", "singleLine", Basic),
    ("primaryOwner", "Primary owner", "user", Basic),
    ("appOwners", "Owners", "usersDropdownMulti", Basic),
    ("state", "State", "dropdown", Basic),
    ("category", "Category", "singleLine", Basic),
    ("url", "Address", "singleLine", Basic),
    ("imageUrl", "Image", "singleLine", Fixed),
    ("description", "Description", "multiLine", Basic),
    ("tags", "Tags", "singleLine", Basic),
    ("score", "Score", "number", Fixed),
    ("isCustom", "Custom app", "bool", Fixed),
    ("addedBy", "Added by", "user", Fixed),
    ("creationTime", "Created", "datePicker", Fixed),
    ("isHidden", "Hidden", "bool", Basic),
    ("sources", "Sources", "multiValueString", Fixed),
    ("vendor", "Vendor", "singleLine", Basic),
    ("activeUsersCount", "Active users", "number", Fixed),
    ("lastVisitTime", "Last visit", "datePicker", Fixed),
    ("notes", "Notes", "multiLine", Detail),
    ("planName", "Plan", "dropdown", Detail),
    ("c_businessCriticality", "Business criticality", "dropdown", Custom),
    ("c_dataClasses", "Data classes", "dropdownMulti", Custom),
    ("c_ssoEnforced_1", "SSO enforced", "bool", Custom),
    ("c_purchasedSeats", "Purchased seats", "number", Custom),
    ("c_annualBudget", "Annual budget", "currency", Custom),
    ("c_nextReview", "Next review", "datePicker", Custom),
    ("c_costCenter", "Cost center", "dropdown", Custom),
    ("c_technicalContact", "Technical contact", "usersDropdown", Custom),
];

/// The fields that a user's app has in addition to those of an app.
const USER_APPS: [Row; 6] = [
    ("isUserRemovedFromApp", "Removed", "bool", Fixed),
    ("users", "Users", "number", Fixed),
    ("lastUsageTime", "Last usage", "datePicker", Fixed),
    ("annualCost", "Annual cost", "currency", Fixed),
    ("annualCostConverted", "Annual cost, converted", "currency", Fixed),
    ("currency", "Currency", "singleLine", Fixed),
];

const USERS: [Row; 21] = [
    ("id", "Id", "number", Fixed),
    ("idOrg", "Organization", "number", Fixed),
    ("firstName", "First name", "singleLine", Fixed),
    ("lastName", "Last name", "singleLine", Fixed),
    ("email", "E-mail", "email", Fixed),
    ("creationTime", "Created", "datePicker", Fixed),
    ("idRole", "Role id", "number", Fixed),
    ("role", "Role", "singleLine", Fixed),
    ("lifecycleStatus", "Lifecycle status", "dropdown", Fixed),
    ("isDeletedInIdentitySources", "Deleted in identity sources", "bool", Fixed),
    ("identitySourcesDeletionTime", "Deletion in identity sources", "datePicker", Fixed),
    ("isExternal", "External", "bool", Fixed),
    ("activeAppsCount", "Active apps", "number", Fixed),
    ("photoUrl", "Photo", "singleLine", Fixed),
    ("c_department", "Department", "dropdown", Custom),
    ("c_jobTitle", "Job title", "singleLine", Custom),
    ("c_employeeNumber", "Employee number", "number", Custom),
    ("c_isContractor", "Contractor", "bool", Custom),
    ("c_startDate", "Start date", "datePicker", Custom),
    ("c_softwareBudget", "Software budget", "currency", Custom),
    ("additionalEmails", "Further e-mails", "multiValueString", Fixed),
];

const CONTRACTS: [Row; 27] = [
    ("id", "Id", "number", Fixed),
    ("name", "Name", "singleLine", Basic),
    ("idApp", "App", "number", Basic),
    ("appName", "App name", "singleLine", Fixed),
    ("status", "Status", "dropdown", Basic),
    ("owner", "Owner", "user", Basic),
    ("createdBy", "Created by", "number", Fixed),
    ("creationTime", "Created", "datePicker", Fixed),
    ("source", "Source", "singleLine", Fixed),
    ("amount", "Amount", "currency", Detail),
    ("currency", "Currency", "singleLine", Fixed),
    ("startDate", "Start date", "datePicker", Detail),
    ("endDate", "End date", "datePicker", Detail),
    ("renewalDate", "Renewal date", "datePicker", Detail),
    ("isAutoRenew", "Renews by itself", "bool", Detail),
    ("noticePeriodDays", "Notice period in days", "number", Detail),
    ("billingFrequency", "Billing frequency", "dropdown", Detail),
    ("vendor", "Vendor", "singleLine", Detail),
    ("documents", "Documents", "fileUpload", Detail),
    ("notes", "Notes", "multiLine", Detail),
    ("c_isThereAnNdaSigned_1", "Is there an NDA signed?", "dropdown", Custom),
    ("c_costCenter", "Cost center", "dropdown", Custom),
    ("c_seats", "Seats", "number", Custom),
    ("c_dpaSigned", "DPA signed", "bool", Custom),
    ("c_committedSpend", "Committed spend", "currency", Custom),
    ("c_securityReviewDate", "Security review", "datePicker", Custom),
    ("ccf_poNumber", "Purchase order", "singleLine", Custom),
];

const TRANSACTIONS: [Row; 22] = [
    ("id", "Id", "number", Fixed),
    ("idApp", "App", "number", Fixed),
    ("appName", "App name", "singleLine", Fixed),
    ("idAppAccount", "App account", "number", Fixed),
    ("appAccountName", "App account name", "singleLine", Fixed),
    ("idUpload", "File", "number", Fixed),
    ("fileName", "File name", "singleLine", Fixed),
    ("transactionDate", "Date", "datePicker", Fixed),
    ("origTransactionDate", "Original date", "datePicker", Fixed),
    ("amount", "Amount", "currency", Fixed),
    ("source", "Source", "singleLine", Fixed),
    ("description", "Description", "singleLine", Fixed),
    ("extraInfo", "Further information", "multiLine", Fixed),
    ("department", "Department", "singleLine", Fixed),
    ("domain", "Domain", "singleLine", Fixed),
    ("externalAccountId", "External account", "singleLine", Fixed),
    ("externalAccountName", "External account name", "singleLine", Fixed),
    ("mappingStatus", "Mapping status", "dropdown", Fixed),
    ("mappingLogic", "Mapping logic", "singleLine", Fixed),
    ("reportedBy", "Reported by", "number", Fixed),
    ("reportedByFullName", "Reporter", "singleLine", Fixed),
    ("idExternalTransaction", "External transaction", "singleLine", Fixed),
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

pub(super) fn schemas() -> Schemas {
    let extra = Field::new(0, "licenses", "Licenses", "multiLine", Extra);
    let apps = table(100, &APPS);
    let mut user_apps = apps.clone();
    user_apps.extend(table(200, &USER_APPS));
    let mut users = table(300, &USERS);
    for field in users.iter_mut().filter(|field| field.place == Custom) {
        field.source_app = Some(1004);
    }
    let mut former = Field::new(399, "c_oldCostCenter", "Old cost center", "singleLine", Custom);
    former.is_deleted = true;
    users.push(former);
    Schemas {
        apps: Schema::new(apps.into_iter().chain([extra]).collect()),
        user_apps: Schema::new(user_apps),
        users: Schema::new(users),
        contracts: Schema::new(table(500, &CONTRACTS)),
        transactions: Schema::new(table(600, &TRANSACTIONS)),
        app_users: plain(&APP_USERS),
        policies: plain(&POLICIES),
    }
}

fn table(first_id: u32, rows: &[Row]) -> Vec<Field> {
    let field = |(id, (key, name, kind, place)): (u32, &Row)| Field::new(id, key, name, kind, *place).with_options(options(key));
    let mut fields: Vec<_> = (first_id..).zip(rows).map(field).collect();
    for field in &mut fields {
        // One option has been deleted, and records may still have it.
        if field.key == "planName" {
            let value = "Startup".to_owned();
            field.options.push(Choice { label: value.clone(), value, is_deleted: true });
        }
    }
    fields
}

fn plain(keys: &[&'static str]) -> Schema {
    Schema::new(keys.iter().map(|key| Field::new(0, key, key, "singleLine", Fixed)).collect())
}

fn options(key: &str) -> &'static [&'static str] {
    match key {
        "state" => &STATES,
        "planName" => &["Free", "Standard", "Enterprise"],
        "c_businessCriticality" => &["Low", "Medium", "High", "Critical"],
        "c_dataClasses" => &["Public", "Internal", "Personal", "Payment"],
        "c_costCenter" | "c_department" => &DEPARTMENTS,
        "lifecycleStatus" => &["active", "offboarding", "offboarded"],
        "status" => &["active", "pipeline", "closed"],
        "billingFrequency" => &["monthly", "quarterly", "yearly"],
        "c_isThereAnNdaSigned_1" => &["Yes", "No"],
        "mappingStatus" => &["mapped", "unknown", "recommend_map", "archived"],
        _ => &[],
    }
}
