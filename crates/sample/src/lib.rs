//! A sample of the service: a small HTTP server that behaves like Torii's REST API, with a fictional organization.
//!
//! **This is not Torii.** Nothing here comes from Torii's code or from anyone's data. It follows what is published about
//! the API, guesses where nothing is published, and exists so that the product can be tried and tested without an account.
//! `facts.md` says for each part what it rests on.
//!
//! The organization is generated when the server is built. It is the same every time, except that its dates are relative
//! to the clock: there are always contracts that renew in the next 60 days and workflows that ran in the last seven days.
//! Writes change it until the process ends.
//!
//! Where sources contradict each other or say nothing, [`Behavior`] decides what the sample does; the defaults are what is
//! most likely. [`Organization::Second`] has the same default fields under other keys, and [`Size::Large`] is as large as the
//! organizations of large customers.
//!
//! The path of a call: [`gate`] checks the key and the rate limit, a handler in the module of its area reads the request
//! ([`request`]), works on the [`organization`] under one lock, and responds ([`answer`]); [`shape`] gives the response its final format. Lists use [`query`],
//! which reads records as [`cell`]s and therefore copies nothing.

mod access;
mod aggregate;
mod answer;
mod app_users;
mod apps;
mod audit;
mod catalog;
mod cell;
mod company;
mod contracts;
mod field;
mod fields;
mod files;
mod filler;
mod filter;
mod gate;
mod generate;
mod integrations;
mod key;
mod limits;
mod money;
mod options;
mod organization;
mod parsings;
mod plugins;
mod query;
mod request;
mod scim;
mod shape;
mod storage;
#[cfg(test)]
mod tests;
mod transactions;
mod users;
mod workflows;

use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::{StatusCode, Uri},
    middleware,
    routing::{get, post, put},
};
use jiff::Timestamp;

pub use self::options::{
    AuditEntity, Behavior, Choices, Errors, Executions, Filters, InvalidBodies, Now, Options, Organization, People, Size, Times,
};
use self::{answer::Failure, gate::Key, limits::Windows};

/// The key that permits all calls except SCIM.
pub const FULL_ACCESS_KEY: &str = "sample-full-access";
/// The key that permits only reads.
pub const READ_ONLY_KEY: &str = "sample-read-only";
/// The key that permits only SCIM calls.
pub const SCIM_KEY: &str = "sample-scim";
/// The key that permits only calls for apps, and `GET /orgs/my`; other calls miss a scope.
pub const APPS_ONLY_KEY: &str = "sample-apps-only";
/// A private plugin of the organization. No call lists plugins, so callers have to know its UUID.
pub const PLUGIN_UUID: &str = "0b5f8a52-6d1e-4c8b-9a37-1f2e3d4c5b6a";
/// The id of the same plugin, for the call that takes a number.
pub const PLUGIN_ID: u32 = 9001;

/// The largest body the server reads.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// The path that all operations share.
pub const PREFIX: &str = "/v1.0";

/// The whole API under `/v1.0` and the storage host under `/storage`, with a new organization.
pub fn router(options: Options) -> Router {
    let sample = Sample::new(options);
    let api = Router::new()
        .merge(data_routes())
        .merge(action_routes())
        .merge(scim_routes())
        .route_layer(middleware::from_fn_with_state(sample.clone(), gate::admit));
    Router::new()
        .merge(api)
        .route("/storage/{*path}", get(storage::fetch).put(storage::store))
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(sample.clone(), shape::shape))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(sample)
}

fn data_routes() -> Router<Sample> {
    Router::new()
        .route("/v1.0/apps", get(apps::list).post(catalog::add))
        .route("/v1.0/apps/custom", post(catalog::create))
        .route("/v1.0/apps/match", post(catalog::match_names))
        .route("/v1.0/apps/search", get(catalog::search))
        .route("/v1.0/apps/similar", get(catalog::similar))
        .route("/v1.0/apps/fields", get(fields::list_of_apps).post(fields::create))
        .route("/v1.0/apps/fields/{idField}", put(fields::update).delete(fields::delete))
        .route("/v1.0/apps/metadata", get(fields::metadata_of_apps))
        .route("/v1.0/apps/{idApp}", get(apps::show).put(apps::update))
        .route("/v1.0/apps/{idApp}/users", get(app_users::list))
        .route("/v1.0/contracts", get(contracts::list).post(contracts::create))
        .route("/v1.0/contracts/fields", get(fields::list_of_contracts))
        .route("/v1.0/contracts/metadata", get(fields::metadata_of_contracts))
        .route("/v1.0/contracts/{idContract}", get(contracts::show).put(contracts::update).delete(contracts::delete))
        .route("/v1.0/users", get(users::list))
        .route("/v1.0/users/fields", get(fields::list_of_users))
        .route("/v1.0/users/metadata", get(fields::metadata_of_users))
        .route("/v1.0/users/{idUser}", get(users::show).put(users::update))
        .route("/v1.0/users/{idUser}/apps", get(app_users::list_apps))
        .route("/v1.0/users/{idUser}/apps/{idApp}", get(app_users::show).put(app_users::update))
        .route("/v1.0/transactions", get(transactions::list))
        .route("/v1.0/transactions/metadata", get(fields::metadata_of_transactions))
        .route("/v1.0/transactions/{idTransaction}", put(transactions::update))
        .route("/v1.0/orgs/my", get(company::show))
        .route("/v1.0/roles", get(company::roles))
        .route("/v1.0/extension/settings", get(company::extension).put(company::update_extension))
        .route("/v1.0/anonymizeRequest", post(company::anonymize))
        .route("/v1.0/audit", get(audit::list))
}

fn action_routes() -> Router<Sample> {
    Router::new()
        .route("/v1.0/appCatalog/accessRequestPolicies", get(access::list))
        .route("/v1.0/appCatalog/accessRequestPolicies/eligible", get(access::eligible))
        .route("/v1.0/appCatalog/accessRequestPolicies/trigger", post(access::request_many))
        .route("/v1.0/appCatalog/accessRequestPolicies/{idAccessRequestPolicy}/trigger", post(access::request))
        .route("/v1.0/appCatalog/triggerAppAccessRequestPolicy", post(access::request_app))
        .route("/v1.0/files", post(files::register))
        .route("/v1.0/files/upload", post(files::upload))
        .route("/v1.0/files/url", get(files::upload_url))
        .route("/v1.0/files/{id}", get(files::show))
        .route("/v1.0/files/{id}/download", get(files::download))
        .route("/v1.0/services/custom", post(integrations::create))
        .route("/v1.0/services/sync/custom", put(integrations::sync_json))
        .route("/v1.0/services/sync/gluu", put(integrations::sync_csv))
        .route("/v1.0/parsings/automatic", put(parsings::automatic))
        .route("/v1.0/parsings/manual", put(parsings::manual))
        .route("/v1.0/parsings/{id}", get(parsings::show))
        .route("/v1.0/plugins", post(plugins::create))
        // This segment is an id for one call and a UUID for the others; the router requires one name for it.
        .route("/v1.0/plugins/{uuidPlugin}/fields", get(plugins::fields))
        .route("/v1.0/plugins/{uuidPlugin}", put(plugins::publish).delete(plugins::delete))
        .route("/v1.0/plugins/{uuidPlugin}/apikey", post(plugins::create_key))
        .route("/v1.0/workflows", get(workflows::list))
        .route("/v1.0/workflows/actionExecutions", get(workflows::executions))
        .route("/v1.0/workflows/audit", get(audit::list_of_workflows))
        .route("/v1.0/workflows/{idWorkflow}", get(workflows::show))
        .route("/v1.0/workflows/{idWorkflow}/trigger", post(workflows::trigger))
}

fn scim_routes() -> Router<Sample> {
    Router::new()
        .route("/v1.0/scim/v2/ResourceTypes", get(scim::discovery::resource_types))
        .route("/v1.0/scim/v2/Schemas", get(scim::discovery::schemas))
        .route("/v1.0/scim/v2/ServiceProviderConfig", get(scim::discovery::service_provider_config))
        .route("/v1.0/scim/v2/Users", get(scim::list).post(scim::create))
        .route("/v1.0/scim/v2/Users/{idUser}", get(scim::show).put(scim::replace).patch(scim::patch).delete(scim::delete))
}

async fn unknown_path(uri: Uri) -> Failure {
    Failure::not_found("path", uri.path())
}

async fn wrong_method() -> Failure {
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "the method does not exist on this path")
}

/// The time to the millisecond, as responses show it, so that a caller can send the same moment back. A time that cannot be
/// represented becomes the Unix epoch.
fn timestamp(now: &Now) -> Timestamp {
    let now = Timestamp::try_from(now()).unwrap_or_default();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or_default()
}

/// The state that all handlers share.
#[derive(Clone)]
struct Sample(Arc<Shared>);

struct Shared {
    now: Now,
    windows: Option<Mutex<Windows>>,
    behavior: Behavior,
    organization: RwLock<organization::Organization>,
}

impl Sample {
    fn new(options: Options) -> Self {
        let Options { now, rate_limits, size, organization, behavior } = options;
        let organization = generate::organization(organization, size, behavior.choices, timestamp(&now));
        Self(Arc::new(Shared {
            now,
            windows: rate_limits.then(Mutex::default),
            behavior,
            organization: RwLock::new(organization),
        }))
    }

    fn now(&self) -> Timestamp {
        timestamp(&self.0.now)
    }

    fn behavior(&self) -> Behavior {
        self.0.behavior
    }

    // A handler that panicked may have left an incomplete write, which is acceptable in a sample.
    fn read(&self) -> RwLockReadGuard<'_, organization::Organization> {
        self.0.organization.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, organization::Organization> {
        self.0.organization.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, operation: usize, key: Key) -> Result<(), u64> {
        match &self.0.windows {
            Some(windows) => windows.lock().unwrap_or_else(PoisonError::into_inner).count(operation, key, self.now()),
            None => Ok(()),
        }
    }
}
