//! The users of the organization, some of which are not people.

use axum::extract::State;
use serde_json::json;

use super::{
    Sample,
    answer::{Answer, Failure, json},
    audit::{self, UPDATE_USER_LIFECYCLE_STATUS},
    field::{Field, Place},
    filter::Filter,
    organization::{Organization, User},
    query::{Listing, Shown},
    request::{Body, Parameters, PathId, missing},
};

const DEFAULT_FIELDS: [&str; 13] = [
    "id",
    "idOrg",
    "firstName",
    "lastName",
    "email",
    "creationTime",
    "idRole",
    "lifecycleStatus",
    "isDeletedInIdentitySources",
    "isExternal",
    "activeAppsCount",
    "role",
    "additionalEmails",
];

const PARAMETERS: [&str; 15] = [
    "email",
    "lifecycleStatus",
    "isDeletedInIdentitySources",
    "isExternal",
    "firstName",
    "lastName",
    "idUsers",
    "sort",
    "size",
    "cursor",
    "aggs",
    "fields",
    "q",
    "view",
    "filters",
];

const VIEWS: [&str; 10] = [
    "currentEmployees",
    "pastEmployees",
    "allEmployees",
    "currentUsers",
    "pastUsers",
    "allUsers",
    "currentNonHumanUsers",
    "pastNonHumanUsers",
    "allNonHumanUsers",
    "externalUsers",
];

const LIFECYCLE: [&str; 3] = ["active", "offboarding", "offboarded"];
const MAX_IDS: usize = 50;

pub(super) async fn list(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&PARAMETERS)?;
    let organization = sample.read();
    let schema = &organization.schemas.users;
    let mut listing = Listing::parse(&parameters, &PARAMETERS, schema, &DEFAULT_FIELDS, &sample)?;
    // These two fields are always returned, whichever fields are requested.
    for (at, key) in ["id", "additionalEmails"].into_iter().enumerate() {
        if !listing.fields.iter().any(|field| field.key == key) {
            let at = if at == 0 { 0 } else { listing.fields.len() };
            listing.fields.insert(at, schema.require(key)?);
        }
    }
    parameters.one_of("lifecycleStatus", &LIFECYCLE)?;
    for key in ["isDeletedInIdentitySources", "isExternal"] {
        parameters.boolean(key)?;
    }
    for key in ["email", "lifecycleStatus", "isDeletedInIdentitySources", "isExternal", "firstName", "lastName"] {
        if let Some(value) = parameters.text(key) {
            listing.require(Filter::equals(key, value));
        }
    }
    let view = parameters.one_of("view", &VIEWS)?;
    let ids = ids(&parameters)?;
    let q = parameters.text("q").unwrap_or_default().to_lowercase();
    let users = organization.users.values().filter(|user| {
        (q.is_empty() || user.is_about(&q))
            && ids.as_ref().is_none_or(|ids| ids.contains(&user.id))
            && view.is_none_or(|view| belongs_to(user, view))
    });
    Ok(json(&listing.run("users", users, &organization)?))
}

fn ids(parameters: &Parameters) -> Result<Option<Vec<u32>>, Failure> {
    let Some(list) = parameters.list("idUsers") else {
        return Ok(None);
    };
    if list.len() > MAX_IDS {
        return Err(Failure::malformed(format!("idUsers takes at most {MAX_IDS} ids")));
    }
    let ids: Result<_, _> = list
        .into_iter()
        .map(|id| id.parse().map_err(|_| Failure::malformed(format!("idUsers must be integers: {id}"))))
        .collect();
    ids.map(Some)
}

fn belongs_to(user: &User, view: &str) -> bool {
    let is_current = user.lifecycle_status != "offboarded" && !user.is_deleted_in_identity_sources();
    let is_employee = user.is_human && !user.is_external;
    match view {
        "currentEmployees" => is_employee && is_current,
        "pastEmployees" => is_employee && !is_current,
        "allEmployees" => is_employee,
        "currentUsers" => is_current,
        "pastUsers" => !is_current,
        "currentNonHumanUsers" => !user.is_human && is_current,
        "pastNonHumanUsers" => !user.is_human && !is_current,
        "allNonHumanUsers" => !user.is_human,
        "externalUsers" => user.is_external,
        _ => true,
    }
}

pub(super) async fn show(State(sample): State<Sample>, PathId(id): PathId, parameters: Parameters) -> Answer {
    parameters.only(&[])?;
    let organization = sample.read();
    envelope(id, &organization)
}

pub(super) async fn update(State(sample): State<Sample>, PathId(id): PathId, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    let user = organization.users.get_mut(&id).ok_or_else(|| Failure::not_found("user", id))?;
    body.only(&["lifecycleStatus"])?;
    let status = body.one_of("lifecycleStatus", &LIFECYCLE)?.ok_or_else(|| missing("lifecycleStatus"))?;
    user.lifecycle_status = LIFECYCLE.into_iter().find(|known| *known == status).unwrap_or("active");
    audit::note(&mut organization, now, &UPDATE_USER_LIFECYCLE_STATUS, id, json!({ "lifecycleStatus": status }));
    envelope(id, &organization)
}

/// One user with the default fields of the list, and with fields that the document does not mention.
fn envelope(id: u32, organization: &Organization) -> Answer {
    let user = organization.users.get(&id).ok_or_else(|| Failure::not_found("user", id))?;
    let is_shown =
        |field: &&Field| DEFAULT_FIELDS.contains(&field.key.as_ref()) || field.place == Place::Custom || field.key == "photoUrl";
    let fields: Vec<_> = organization.schemas.users.fields.iter().filter(|field| !field.is_deleted).filter(is_shown).collect();
    Ok(json(&Enveloped { user: Shown::new(user, &fields, organization) }))
}

#[derive(serde::Serialize)]
struct Enveloped<T> {
    user: T,
}
