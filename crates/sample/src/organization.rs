//! The organization that the sample serves: plain data, and the few rules that keep it consistent.
//!
//! Invariants:
//! - Every id in an object is that of an existing object.
//! - `App::links` is sorted by user and contains a user at most once, and `User::apps` contains the apps of the same links.
//! - `User::n_active_apps` is the number of the user's active links.
//! - `App::expenses` is what was paid for the app in the twelve months before the last write.
//! - `audit` and `executions` are sorted by time.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::{Timestamp, ToSpan, civil::Date};
use serde_json::{Map, Value, json};

use super::{
    cell::{Cell, Record, parse_day},
    field::Schema,
    key::{CANCEL_UNTIL, END_DATE, Key, NOTICE_DAYS},
    money::convert,
    options::{self, Choices},
};

/// What tells one organization from the other.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) which: options::Organization,
    pub(super) id: u32,
    pub(super) name: &'static str,
    pub(super) domain: &'static str,
    /// The currency of amounts without a currency.
    pub(super) currency: &'static str,
}

#[derive(Debug)]
pub(super) struct Organization {
    pub(super) identity: &'static Identity,
    /// What records hold in fields with choices.
    pub(super) choices: Choices,
    pub(super) created_at: Timestamp,
    pub(super) apps: BTreeMap<u32, App>,
    /// All apps that the vendor knows, whether or not the organization uses them.
    pub(super) catalog: BTreeMap<u32, CatalogApp>,
    pub(super) users: BTreeMap<u32, User>,
    pub(super) roles: Vec<Role>,
    pub(super) contracts: BTreeMap<u32, Contract>,
    pub(super) transactions: BTreeMap<u32, super::transactions::Transaction>,
    pub(super) workflows: BTreeMap<u32, super::workflows::Workflow>,
    pub(super) executions: Vec<super::workflows::Execution>,
    pub(super) audit: Vec<super::audit::Entry>,
    pub(super) policies: BTreeMap<u32, super::access::Policy>,
    pub(super) files: BTreeMap<u32, super::files::File>,
    /// The content of the storage host, by path.
    pub(super) stored: BTreeMap<String, super::storage::Stored>,
    pub(super) plugins: Vec<super::plugins::Plugin>,
    pub(super) accounts: BTreeMap<u32, super::integrations::Account>,
    pub(super) parsings: BTreeMap<u32, super::parsings::Parsing>,
    pub(super) extension: Map<String, Value>,
    pub(super) schemas: Schemas,
    /// The highest id assigned so far; new objects get the ids after it.
    pub(super) last_id: u32,
}

/// The fields of each kind of record.
#[derive(Debug)]
pub(super) struct Schemas {
    pub(super) apps: Schema,
    pub(super) users: Schema,
    pub(super) contracts: Schema,
    pub(super) transactions: Schema,
    pub(super) app_users: Schema,
    pub(super) user_apps: Schema,
    pub(super) policies: Schema,
}

#[derive(Debug)]
pub(super) struct CatalogApp {
    pub(super) id: u32,
    pub(super) name: Cow<'static, str>,
    pub(super) category: &'static str,
    pub(super) url: String,
}

#[derive(Debug)]
pub(super) struct App {
    pub(super) id: u32,
    /// Stored fields by key, without computed fields.
    pub(super) values: Map<String, Value>,
    pub(super) links: Vec<Link>,
    pub(super) licenses: Vec<License>,
    /// In minor units of the organization's currency.
    pub(super) expenses: i64,
}

/// One user's account in one app.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) id_user: u32,
    pub(super) is_removed: bool,
    pub(super) role: &'static str,
    pub(super) source: &'static str,
    pub(super) created_at: Timestamp,
    pub(super) last_visit_at: Option<Timestamp>,
    /// Index of the license type in the app's list.
    pub(super) license: Option<u8>,
    pub(super) score: u8,
}

#[derive(Debug)]
pub(super) struct License {
    pub(super) name: &'static str,
    /// Licenses of people who use the app.
    pub(super) n_active: u32,
    /// Licenses that are assigned and can be reclaimed.
    pub(super) n_inactive: u32,
    /// Licenses that nobody has; only some apps tell.
    pub(super) n_unassigned: Option<u32>,
    /// The price of one license for one year, in minor units.
    pub(super) price: u32,
    pub(super) currency: &'static str,
}

#[derive(Debug)]
pub(super) struct User {
    pub(super) id: u32,
    pub(super) first_name: Cow<'static, str>,
    pub(super) last_name: Cow<'static, str>,
    pub(super) email: String,
    pub(super) additional_emails: Vec<String>,
    pub(super) created_at: Timestamp,
    pub(super) id_role: Option<u32>,
    /// Whether the user can sign in to Torii; SCIM manages these users.
    pub(super) is_member: bool,
    pub(super) lifecycle_status: &'static str,
    pub(super) deleted_in_identity_sources_at: Option<Timestamp>,
    pub(super) is_external: bool,
    pub(super) is_human: bool,
    /// Ids of the apps in which the user has or had an account, sorted.
    pub(super) apps: Vec<u32>,
    pub(super) n_active_apps: u32,
    pub(super) values: Vec<(&'static str, Value)>,
}

#[derive(Debug)]
pub(super) struct Role {
    pub(super) id: u32,
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) is_admin: bool,
}

#[derive(Debug)]
pub(super) struct Contract {
    pub(super) id: u32,
    pub(super) values: Map<String, Value>,
}

impl Organization {
    /// The system key of a field in this organization.
    pub(super) fn key(&self, key: Key) -> &'static str {
        key.of(self.identity.which)
    }

    /// Counts what was paid for each app in the last twelve months.
    pub(super) fn count_expenses(&mut self, today: Date) {
        let since = today.saturating_sub(12.months());
        for app in self.apps.values_mut() {
            app.expenses = 0;
        }
        for transaction in self.transactions.values().filter(|paid| paid.day > since && paid.day <= today) {
            if let Some(app) = transaction.id_app.and_then(|id| self.apps.get_mut(&id)) {
                app.expenses += transaction.converted;
            }
        }
    }

    pub(super) fn next_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    /// The user whose id is the value.
    pub(super) fn user_in(&self, value: &Value) -> Option<&User> {
        self.users.get(&u32::try_from(value.as_u64()?).ok()?)
    }

    pub(super) fn file_in(&self, value: Option<&Value>) -> Option<&super::files::File> {
        self.files.get(&u32::try_from(value?.as_u64()?).ok()?)
    }

    pub(super) fn user_by_email(&self, email: &str) -> Option<&User> {
        self.users.values().find(|user| {
            user.email.eq_ignore_ascii_case(email) || user.additional_emails.iter().any(|other| other.eq_ignore_ascii_case(email))
        })
    }

    pub(super) fn role(&self, id: Option<u32>) -> Option<&Role> {
        self.roles.iter().find(|role| Some(role.id) == id)
    }

    pub(super) fn role_by_name(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name.eq_ignore_ascii_case(name))
    }

    pub(super) fn admin(&self) -> Option<&User> {
        self.users.values().find(|user| user.is_member && self.role(user.id_role).is_some_and(|role| role.is_admin))
    }

    /// Adds the link or updates whether it is removed, and updates the number of active apps.
    pub(super) fn link(&mut self, id_app: u32, link: Link) {
        let (Some(app), Some(user)) = (self.apps.get_mut(&id_app), self.users.get_mut(&link.id_user)) else {
            return;
        };
        let is_active = !link.is_removed;
        let was_active = match app.links.binary_search_by_key(&link.id_user, |link| link.id_user) {
            Ok(at) => app.links.get_mut(at).is_some_and(|old| {
                let was_active = !old.is_removed;
                old.is_removed = link.is_removed;
                was_active
            }),
            Err(at) => {
                app.links.insert(at, link);
                if let Err(at) = user.apps.binary_search(&id_app) {
                    user.apps.insert(at, id_app);
                }
                false
            }
        };
        match (was_active, is_active) {
            (false, true) => user.n_active_apps += 1,
            (true, false) => user.n_active_apps -= 1,
            _ => {}
        }
    }
}

impl Link {
    /// Whether a license of this account could be reclaimed.
    pub(super) fn is_idle(&self, user: &User) -> bool {
        self.is_removed || self.last_visit_at.is_none() || user.is_past()
    }
}

impl App {
    pub(super) fn text(&self, key: &str) -> &str {
        self.values.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn name(&self) -> &str {
        self.text("name")
    }

    pub(super) fn link(&self, id_user: u32) -> Option<&Link> {
        let at = self.links.binary_search_by_key(&id_user, |link| link.id_user).ok()?;
        self.links.get(at)
    }

    pub(super) fn n_active_users(&self) -> usize {
        self.links.iter().filter(|link| !link.is_removed).count()
    }

    /// What `q` searches.
    pub(super) fn is_about(&self, q: &str) -> bool {
        ["name", "category", "description", "tags", "vendor"].iter().any(|key| self.text(key).to_lowercase().contains(q))
    }

    /// License summary in the format of `includeLicenses`; `currency` is that of the organization.
    pub(super) fn show_licenses(&self, currency: &str) -> Value {
        let sum = |count: fn(&License) -> u32| self.licenses.iter().map(count).sum::<u32>();
        let money = |value: i64, currency: &str| json!({ "value": value, "currency": currency });
        let cost = |amount: u32, license: &License| i64::from(amount) * i64::from(license.price);
        let converted = |value: i64, license: &License| money(convert(value, license.currency, currency), currency);
        let total = |count: fn(&License) -> u32| {
            self.licenses.iter().map(|one| convert(cost(count(one), one), one.currency, currency)).sum::<i64>()
        };
        let unassigned: Vec<u32> = self.licenses.iter().filter_map(|license| license.n_unassigned).collect();
        let types: Vec<_> = self
            .licenses
            .iter()
            .map(|license| {
                json!({
                    "name": license.name,
                    "totalAmount": license.n_total(),
                    "activeAmount": license.n_active,
                    "inactiveAmount": license.n_inactive,
                    "unassignedAmount": license.n_unassigned,
                    "pricePerLicense": money(license.price.into(), license.currency),
                    "annualCost": money(cost(license.n_total(), license), license.currency),
                    "potentialSavings": money(cost(license.n_idle(), license), license.currency),
                    "pricePerLicenseInOrgCurrency": converted(license.price.into(), license),
                    "annualCostInOrgCurrency": converted(cost(license.n_total(), license), license),
                    "potentialSavingsInOrgCurrency": converted(cost(license.n_idle(), license), license),
                })
            })
            .collect();
        json!({
            "summary": {
                "totalAmount": sum(License::n_total),
                "activeAmount": sum(|license| license.n_active),
                "inactiveAmount": sum(|license| license.n_inactive),
                "unassignedAmount": (!unassigned.is_empty()).then(|| unassigned.iter().sum::<u32>()),
                "pricePerLicense": null,
                "annualCost": money(total(License::n_total), currency),
                "potentialSavings": money(total(License::n_idle), currency),
            },
            "types": types,
        })
    }
}

impl License {
    pub(super) fn n_total(&self) -> u32 {
        self.n_active + self.n_idle()
    }

    /// The number of licenses that are paid for and not used.
    pub(super) fn n_idle(&self) -> u32 {
        self.n_inactive + self.n_unassigned.unwrap_or_default()
    }
}

impl Record for App {
    fn id(&self) -> u32 {
        self.id
    }

    fn cell<'a>(&'a self, key: &str, organization: &'a Organization) -> Cell<'a> {
        match key {
            "id" => Cell::Integer(self.id.into()),
            "primaryOwner" | "addedBy" => {
                self.values.get(key).and_then(|id| organization.user_in(id)).map_or(Cell::Null, Cell::Person)
            }
            "appOwners" => {
                let owners = self.values.get("appOwners").and_then(Value::as_array);
                let owners = owners.into_iter().flatten().filter_map(|id| organization.user_in(id));
                Cell::json(owners.map(|user| json!({ "id": user.id, "email": user.email })).collect())
            }
            "activeUsersCount" | "users" => Cell::count(self.n_active_users()),
            "lastVisitTime" => Cell::maybe(self.links.iter().filter_map(|link| link.last_visit_at).max(), Cell::Time),
            "licenses" => Cell::json(self.show_licenses(organization.identity.currency)),
            "expenses" => Cell::Integer(self.expenses),
            "imageUrl" => Cell::Text(format!("https://images.example.com/apps/{}.png", self.id).into()),
            key => self.values.get(key).map_or_else(|| organization.schemas.apps.filled(key, self.id, organization), Cell::from),
        }
    }
}

impl Record for Contract {
    fn id(&self) -> u32 {
        self.id
    }

    fn cell<'a>(&'a self, key: &str, organization: &'a Organization) -> Cell<'a> {
        match key {
            "id" => Cell::Integer(self.id.into()),
            "owner" => self.values.get(key).and_then(|id| organization.user_in(id)).map_or(Cell::Null, Cell::Person),
            key if key == organization.key(CANCEL_UNTIL) => {
                Cell::maybe(self.cancel_until(organization), |day| Cell::Text(day.to_string().into()))
            }
            key => {
                self.values.get(key).map_or_else(|| organization.schemas.contracts.filled(key, self.id, organization), Cell::from)
            }
        }
    }
}

impl Contract {
    pub(super) fn app<'a>(&self, organization: &'a Organization) -> Option<&'a App> {
        let id = self.values.get("idApp")?.as_u64()?;
        organization.apps.get(&u32::try_from(id).ok()?)
    }

    /// The last day on which the contract can be cancelled.
    fn cancel_until(&self, organization: &Organization) -> Option<Date> {
        let end = parse_day(self.values.get(organization.key(END_DATE))?.as_str()?)?;
        let notice = self.values.get(organization.key(NOTICE_DAYS))?.as_i64()?;
        end.checked_sub(notice.days()).ok()
    }
}

impl User {
    pub(super) fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }

    pub(super) fn photo_url(&self) -> String {
        format!("https://images.example.com/people/{}.png", self.id)
    }

    pub(super) fn is_deleted_in_identity_sources(&self) -> bool {
        self.deleted_in_identity_sources_at.is_some()
    }

    /// Whether the user left.
    pub(super) fn is_past(&self) -> bool {
        self.lifecycle_status == "offboarded" || self.is_deleted_in_identity_sources()
    }

    /// What `q` searches.
    pub(super) fn is_about(&self, q: &str) -> bool {
        self.email.to_lowercase().contains(q) || self.full_name().to_lowercase().contains(q)
    }
}

impl Record for User {
    fn id(&self) -> u32 {
        self.id
    }

    fn cell<'a>(&'a self, key: &str, organization: &'a Organization) -> Cell<'a> {
        match key {
            "id" => Cell::Integer(self.id.into()),
            "idOrg" => Cell::Integer(organization.identity.id.into()),
            "firstName" => Cell::text(&self.first_name),
            "lastName" => Cell::text(&self.last_name),
            "fullName" => Cell::Text(self.full_name().into()),
            "email" => Cell::text(&self.email),
            "creationTime" => Cell::Time(self.created_at),
            "idRole" => Cell::maybe(self.id_role, |id| Cell::Integer(id.into())),
            "role" => Cell::maybe(organization.role(self.id_role), |role| Cell::text(role.name)),
            "lifecycleStatus" => Cell::text(self.lifecycle_status),
            "isDeletedInIdentitySources" => Cell::Bool(self.is_deleted_in_identity_sources()),
            "identitySourcesDeletionTime" => Cell::maybe(self.deleted_in_identity_sources_at, Cell::Time),
            "isExternal" => Cell::Bool(self.is_external),
            "activeAppsCount" => Cell::Integer(self.n_active_apps.into()),
            "additionalEmails" => Cell::json(self.additional_emails.clone().into()),
            "photoUrl" => Cell::Text(self.photo_url().into()),
            key => match self.values.iter().find(|(name, _)| *name == key) {
                Some((_, value)) => value.into(),
                None => organization.schemas.users.filled(key, self.id, organization),
            },
        }
    }
}
