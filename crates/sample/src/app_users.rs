//! Which users have which apps: the accounts of one app, the apps of one user, and the link between the two.

use axum::extract::State;
use serde::Serialize;
use serde_json::json;

use super::{
    Sample,
    answer::{Answer, Failure, json},
    audit::{self, UPDATE_USER},
    cell::{Cell, Record},
    filter::Filter,
    money::convert,
    organization::{App, License, Link, Organization, User},
    query::{Listing, Shown},
    request::{Body, Parameters, PathId, PathIds, missing},
};

const USER_PARAMETERS: [&str; 6] = ["sort", "q", "qFields", "status", "size", "cursor"];
const Q_FIELDS: [&str; 3] = ["email", "fullName", "role"];
const DEFAULT_FIELDS: [&str; 4] = ["id", "name", "isUserRemovedFromApp", "state"];

/// One account: a link with its app and its user.
#[derive(Clone, Copy)]
struct Account<'o> {
    link: &'o Link,
    user: &'o User,
    app: &'o App,
}

/// An account in the list of a user's apps.
struct UserApp<'o>(Account<'o>);

impl Account<'_> {
    fn license(&self) -> Option<&License> {
        self.link.license.and_then(|at| self.app.licenses.get(usize::from(at)))
    }

    /// What the account costs in a year, in the currency of its license; null without a license.
    fn annual_cost<'a>(&self) -> Cell<'a> {
        Cell::maybe(self.license(), |license| Cell::Integer(license.price.into()))
    }

    /// The same in the currency of the organization.
    fn annual_cost_converted<'a>(&self, organization: &Organization) -> Cell<'a> {
        let converted = |license: &License| convert(license.price.into(), license.currency, organization.identity.currency);
        Cell::maybe(self.license(), |license| Cell::Integer(converted(license)))
    }

    fn status(&self) -> &'static str {
        if self.link.is_removed { "deleted" } else { "active" }
    }
}

impl Record for Account<'_> {
    fn id(&self) -> u32 {
        self.user.id
    }

    fn cell<'a>(&'a self, key: &str, organization: &'a Organization) -> Cell<'a> {
        let Self { link, user, app } = self;
        match key {
            "idUser" => Cell::Integer(user.id.into()),
            "score" => Cell::Integer(link.score.into()),
            "creationTime" | "creationTimeInApp" => Cell::Time(link.created_at),
            "lastVisitTime" => Cell::maybe(link.last_visit_at, Cell::Time),
            "appName" => Cell::text(app.name()),
            "status" => Cell::text(self.status()),
            "idExternalUser" => Cell::Text(format!("{}-{}", app.id, user.id).into()),
            "sources" => Cell::json(json!([link.source])),
            "isUserRemovedFromApp" => Cell::Bool(link.is_removed),
            "isOwnerNotifiedToRemoveUser" | "isNewUserInApp" | "isOffboardingIgnored" | "ignoreAccount" => Cell::Bool(false),
            "role" => Cell::text(link.role),
            "externalStatus" => Cell::text(if link.is_removed { "Deactivated" } else { "Active" }),
            "numberOfInactiveLicenses" => Cell::Integer(i64::from(link.license.is_some() && link.is_idle(user))),
            "licenses" => Cell::json(
                link.license
                    .and_then(|at| app.licenses.get(usize::from(at)))
                    .map(|license| json!({ "name": license.name, "status": self.status() }))
                    .into_iter()
                    .collect(),
            ),
            "isSupportLastVisit" => Cell::Bool(true),
            "appAccountName" | "idAppAccount" => Cell::Null,
            "annualCost" => self.annual_cost(),
            "annualCostConverted" => self.annual_cost_converted(organization),
            key => user.cell(key, organization),
        }
    }
}

impl Record for UserApp<'_> {
    fn id(&self) -> u32 {
        self.0.app.id
    }

    fn cell<'a>(&'a self, key: &str, organization: &'a Organization) -> Cell<'a> {
        match key {
            "isUserRemovedFromApp" => Cell::Bool(self.0.link.is_removed),
            // In this list, people are ids.
            "primaryOwner" | "addedBy" => self.0.app.values.get(key).map_or(Cell::Null, Cell::from),
            "lastUsageTime" => Cell::maybe(self.0.link.last_visit_at, Cell::Time),
            "annualCost" => self.0.annual_cost(),
            "annualCostConverted" => self.0.annual_cost_converted(organization),
            "currency" => Cell::text(self.0.license().map_or(organization.identity.currency, |license| license.currency)),
            key => self.0.app.cell(key, organization),
        }
    }
}

/// The accounts of an app. Removed accounts are only listed for `status=deleted`, so that the list without `status` agrees
/// with `activeUsersCount`; what the service does without `status` is not published.
pub(super) async fn list(State(sample): State<Sample>, PathId(id): PathId, parameters: Parameters) -> Answer {
    parameters.only(&USER_PARAMETERS)?;
    let organization = sample.read();
    let schema = &organization.schemas.app_users;
    let app = organization.apps.get(&id).ok_or_else(|| Failure::not_found("app", id))?;
    let all: Vec<_> = schema.fields.iter().map(|field| field.key.as_ref()).collect();
    let listing = Listing::parse(&parameters, &USER_PARAMETERS, schema, &all, &sample)?;
    let status = parameters.one_of("status", &["deleted", "active", "managed"])?;
    let q = parameters.text("q").unwrap_or_default();
    let q_fields = parameters.list("qFields").unwrap_or_else(|| Q_FIELDS.to_vec());
    for key in &q_fields {
        schema.require(key)?;
    }
    let accounts = app
        .links
        .iter()
        .filter_map(|link| organization.users.get(&link.id_user).map(|user| Account { link, user, app }))
        .filter(|account| match status {
            Some("deleted") => account.link.is_removed,
            // Managed accounts are those that an identity provider knows.
            Some("managed") => !account.link.is_removed && account.link.source == "okta",
            _ => !account.link.is_removed,
        })
        .filter(|account| q.is_empty() || q_fields.iter().any(|key| account.cell(key, &organization).contains(q)));
    Ok(json(&listing.run("users", accounts, &organization)?))
}

pub(super) async fn list_apps(State(sample): State<Sample>, PathId(id): PathId, parameters: Parameters) -> Answer {
    let organization = sample.read();
    let schema = &organization.schemas.user_apps;
    let user = organization.users.get(&id).ok_or_else(|| Failure::not_found("user", id))?;
    let fields = schema.select(parameters.list("fields").as_deref(), &DEFAULT_FIELDS)?;
    parameters.boolean("isUserRemovedFromApp")?;
    let mut filters = Vec::new();
    for (key, value) in parameters.others(&["fields"]) {
        schema.require(key)?;
        filters.push(Filter::equals(key, value));
    }
    let apps: Vec<_> = user
        .apps
        .iter()
        .filter_map(|id_app| account(&organization, id, *id_app).ok().map(UserApp))
        .filter(|app| filters.iter().all(|filter| filter.accepts(app, &organization)))
        .collect();
    let apps: Vec<_> = apps.iter().map(|app| Shown::new(app, &fields, &organization)).collect();
    Ok(json(&Apps { apps }))
}

pub(super) async fn show(State(sample): State<Sample>, ids: PathIds, parameters: Parameters) -> Answer {
    parameters.only(&["fields"])?;
    let organization = sample.read();
    let app = UserApp(account(&organization, ids.0, ids.1)?);
    let fields = organization.schemas.user_apps.select(parameters.list("fields").as_deref(), &DEFAULT_FIELDS)?;
    Ok(json(&Enveloped { app: Shown::new(&app, &fields, &organization) }))
}

pub(super) async fn update(State(sample): State<Sample>, ids: PathIds, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    let PathIds(id_user, id_app) = ids;
    let old = account(&organization, id_user, id_app)?.link;
    body.only(&["isUserRemovedFromApp"])?;
    let is_removed = body.boolean("isUserRemovedFromApp")?.ok_or_else(|| missing("isUserRemovedFromApp"))?;
    let link = Link { is_removed, last_visit_at: old.last_visit_at, ..Link::fresh(id_user, now) };
    organization.link(id_app, link);
    let details = json!({ "idApp": id_app, "isUserRemovedFromApp": is_removed });
    audit::note(&mut organization, now, &UPDATE_USER, id_user, details);
    let app = UserApp(account(&organization, id_user, id_app)?);
    let fields = organization.schemas.user_apps.select(None, &DEFAULT_FIELDS)?;
    Ok(json(&Enveloped { app: Shown::new(&app, &fields, &organization) }))
}

fn account(organization: &Organization, id_user: u32, id_app: u32) -> Result<Account<'_>, Failure> {
    let user = organization.users.get(&id_user).ok_or_else(|| Failure::not_found("user", id_user))?;
    let app = organization.apps.get(&id_app).ok_or_else(|| Failure::not_found("app", id_app))?;
    let link = app.link(id_user).ok_or_else(|| Failure::not_found("app of the user", id_app))?;
    Ok(Account { link, user, app })
}

#[derive(Serialize)]
struct Apps<T> {
    apps: Vec<T>,
}

#[derive(Serialize)]
struct Enveloped<T> {
    app: T,
}

impl Link {
    /// An account that was just discovered.
    pub(super) fn fresh(id_user: u32, now: jiff::Timestamp) -> Self {
        Self {
            id_user,
            is_removed: false,
            role: "Member",
            source: "custom",
            created_at: now,
            last_visit_at: None,
            license: None,
            score: 1,
        }
    }
}
