//! SCIM 2.0: the members of the organization, which are the users who can sign in.

mod condition;
pub(super) mod discovery;

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use self::condition::Condition;
use super::{
    Sample,
    answer::{Answer, Failure, empty, gone, json, json_with},
    audit::{self, SCIM_CREATE_USER, SCIM_DELETE_USER, SCIM_PATCH_USER, SCIM_UPDATE_USER},
    cell::Cell,
    organization::{Organization, User},
    request::{Body, Parameters, PathId, missing},
};

const USER_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const DEFAULT_ROLE: &str = "Employee";
const PROPERTIES: [&str; 6] = ["schemas", "id", "name", "userName", "userType", "active"];
const MAX_COUNT: u32 = 200;

pub(super) async fn list(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&["filter", "sortBy", "sortOrder", "startIndex", "count"])?;
    let organization = sample.read();
    let filter = parameters.text("filter").map(Condition::parse).transpose()?;
    let sort_by = parameters.text("sortBy").unwrap_or("id");
    let is_descending = parameters.one_of("sortOrder", &["ascending", "descending"])? == Some("descending");
    let start = parameters.integer("startIndex", 0..=u32::MAX)?.unwrap_or(1).max(1);
    // SCIM servers reduce a `count` that is too large instead of rejecting it.
    let count = parameters.integer("count", 0..=u32::MAX)?.unwrap_or(100).min(MAX_COUNT);
    let mut members = Vec::new();
    for user in organization.users.values().filter(|user| user.is_member) {
        if filter.as_ref().is_none_or(|filter| filter.accepts(user)) {
            members.push((sort_key(user, sort_by, &organization)?, user));
        }
    }
    members.sort_by(|(one, _), (two, _)| if is_descending { two.cmp(one) } else { one.cmp(two) });
    let total = members.len();
    let size = |number| usize::try_from(number).unwrap_or(usize::MAX);
    let resources: Vec<_> =
        members.iter().skip(size(start - 1)).take(size(count)).map(|(_, user)| resource(user, &organization)).collect();
    Ok(json(&json!({
        "schemas": [USER_SCHEMA],
        "totalResults": total,
        "itemsPerPage": resources.len(),
        "startIndex": start,
        "Resources": resources,
    })))
}

fn sort_key(user: &User, key: &str, organization: &Organization) -> Result<(String, u32), Failure> {
    let text = match key {
        "id" | "active" => String::new(),
        "userName" | "emails" | "emails.value" => user.email.to_lowercase(),
        "name.givenName" => user.first_name.to_lowercase(),
        "name.familyName" | "name" => user.last_name.to_lowercase(),
        "userType" => organization.role(user.id_role).map(|role| role.name.to_lowercase()).unwrap_or_default(),
        "meta.created" => format!("{:020}", user.created_at.as_millisecond()),
        other => {
            return Err(Failure::malformed(format!("unknown attribute to sort by: {other}")));
        }
    };
    Ok((text, user.id))
}

fn resource(user: &User, organization: &Organization) -> Value {
    json!({
        "schemas": [USER_SCHEMA],
        "id": user.id.to_string(),
        "userName": user.email,
        "name": { "familyName": user.last_name, "givenName": user.first_name },
        "active": user.is_member,
        "emails": [{ "primary": true, "value": user.email }],
        "userType": organization.role(user.id_role).map(|role| role.name),
        "meta": { "resourceType": "User", "created": Cell::Time(user.created_at) },
    })
}

pub(super) async fn show(State(sample): State<Sample>, PathId(id): PathId, parameters: Parameters) -> Answer {
    parameters.only(&[])?;
    let organization = sample.read();
    Ok(json(&resource(member(id, &organization)?, &organization)))
}

pub(super) async fn create(State(sample): State<Sample>, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    body.only(&PROPERTIES)?;
    let email = body.required_text("userName")?;
    if !email.contains('@') {
        return Err(Failure::invalid(format!("userName must be an e-mail address: {email}")));
    }
    let change = Change::of(&body, &organization)?;
    let known = organization.user_by_email(email).map(|user| (user.id, user.is_member));
    let id = match known {
        Some((_, true)) => {
            return Err(Failure::conflict(format!("the member exists already: {email}")));
        }
        Some((id, false)) => id,
        None => {
            let id = organization.next_id();
            organization.users.insert(id, newcomer(id, email, now));
            id
        }
    };
    let employee = organization.role_by_name(DEFAULT_ROLE).map(|role| role.id);
    if let Some(user) = organization.users.get_mut(&id) {
        user.is_member = true;
        user.id_role = employee;
        change.apply(user);
    }
    audit::note(&mut organization, now, &SCIM_CREATE_USER, id, json!({ "userName": email }));
    let user = organization.users.get(&id).ok_or_else(|| Failure::not_found("member", id))?;
    Ok(json_with(StatusCode::CREATED, &resource(user, &organization)))
}

fn newcomer(id: u32, email: &str, now: Timestamp) -> User {
    User {
        id,
        first_name: email.split('@').next().unwrap_or_default().to_owned().into(),
        last_name: String::new().into(),
        email: email.to_lowercase(),
        additional_emails: Vec::new(),
        created_at: now,
        id_role: None,
        is_member: true,
        lifecycle_status: "active",
        deleted_in_identity_sources_at: None,
        is_external: false,
        is_human: true,
        apps: Vec::new(),
        n_active_apps: 0,
        values: Vec::new(),
    }
}

pub(super) async fn replace(State(sample): State<Sample>, PathId(id): PathId, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    let user = member(id, &organization)?;
    body.only(&PROPERTIES)?;
    let email = body.required_text("userName")?;
    if !email.eq_ignore_ascii_case(&user.email) {
        return Err(Failure::malformed("userName cannot change"));
    }
    let change = Change::of(&body, &organization)?;
    let answer = apply(id, change, &mut organization)?;
    audit::note(&mut organization, now, &SCIM_UPDATE_USER, id, json!({ "userName": email }));
    Ok(json(&answer))
}

pub(super) async fn patch(State(sample): State<Sample>, PathId(id): PathId, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    member(id, &organization)?;
    body.only(&["schemas", "Operations"])?;
    let mut merged = Body::default();
    for operation in body.array("Operations")?.ok_or_else(|| missing("Operations"))? {
        merge(operation, &mut merged)?;
    }
    if merged.0.contains_key("userName") {
        return Err(Failure::malformed("userName cannot change"));
    }
    let change = Change::of(&merged, &organization)?;
    apply(id, change, &mut organization)?;
    audit::note(&mut organization, now, &SCIM_PATCH_USER, id, Value::Object(merged.0));
    Ok(empty())
}

/// Merges one patch operation into the body of an equivalent update.
fn merge(operation: &Value, merged: &mut Body) -> Result<(), Failure> {
    let value = operation.get("value").cloned().unwrap_or_default();
    match operation.get("op").and_then(Value::as_str).map(str::to_lowercase).as_deref() {
        Some("add" | "replace") => {}
        Some("remove") => {
            return Err(Failure::malformed("no attribute of a member can be removed"));
        }
        _ => {
            return Err(Failure::invalid(format!("op must be add, remove or replace: {operation}")));
        }
    }
    match (operation.get("path").and_then(Value::as_str), value) {
        (None | Some(""), Value::Object(values)) => merged.0.extend(values),
        (Some(path), value) => match path.split_once('.') {
            Some(("name", part)) => {
                let name = merged.0.entry("name").or_insert_with(|| json!({}));
                if let Some(name) = name.as_object_mut() {
                    name.insert(part.to_owned(), value);
                }
            }
            _ if PROPERTIES.contains(&path) => {
                merged.0.insert(path.to_owned(), value);
            }
            _ => return Err(Failure::malformed(format!("unknown path: {path}"))),
        },
        (None, _) => {
            return Err(Failure::invalid("an operation without a path needs an object as value"));
        }
    }
    Ok(())
}

pub(super) async fn delete(State(sample): State<Sample>, PathId(id): PathId) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    member(id, &organization)?;
    apply(id, Change { is_active: Some(false), ..Change::default() }, &mut organization)?;
    audit::note(&mut organization, now, &SCIM_DELETE_USER, id, json!({}));
    Ok(gone())
}

/// The changes that a write makes to a member.
#[derive(Default)]
struct Change {
    given_name: Option<String>,
    family_name: Option<String>,
    id_role: Option<u32>,
    is_active: Option<bool>,
}

impl Change {
    fn of(body: &Body, organization: &Organization) -> Result<Self, Failure> {
        let name = match body.0.get("name") {
            None | Some(Value::Null) => Body::default(),
            Some(Value::Object(name)) => Body(name.clone()),
            Some(other) => {
                return Err(Failure::invalid(format!("name must be an object: {other}")));
            }
        };
        let id_role = match body.text("userType")? {
            None => None,
            Some(role) => match organization.role_by_name(role) {
                Some(role) => Some(role.id),
                None => {
                    return Err(Failure::invalid(format!("userType must be the name of a role: {role}")));
                }
            },
        };
        Ok(Self {
            given_name: name.text("givenName")?.map(str::to_owned),
            family_name: name.text("familyName")?.map(str::to_owned),
            id_role,
            is_active: body.boolean("active")?,
        })
    }

    fn apply(self, user: &mut User) {
        if let Some(name) = self.given_name {
            user.first_name = name.into();
        }
        if let Some(name) = self.family_name {
            user.last_name = name.into();
        }
        if self.id_role.is_some() {
            user.id_role = self.id_role;
        }
        if self.is_active == Some(false) {
            user.is_member = false;
            user.id_role = None;
        }
    }
}

/// Applies a change unless it would leave the organization without an admin, and returns the changed member.
fn apply(id: u32, change: Change, organization: &mut Organization) -> Result<Value, Failure> {
    let is_admin = |id_role: Option<u32>| organization.role(id_role).is_some_and(|role| role.is_admin);
    let admins = organization.users.values().filter(|user| user.is_member && is_admin(user.id_role));
    let is_last_admin = admins.clone().any(|user| user.id == id) && admins.count() == 1;
    let loses_role = change.is_active == Some(false) || (change.id_role.is_some() && !is_admin(change.id_role));
    if is_last_admin && loses_role {
        return Err(Failure::conflict("the last admin cannot leave or lose the role"));
    }
    if let Some(user) = organization.users.get_mut(&id) {
        change.apply(user);
    }
    let user = organization.users.get(&id).ok_or_else(|| Failure::not_found("member", id))?;
    Ok(resource(user, organization))
}

fn member(id: u32, organization: &Organization) -> Result<&User, Failure> {
    organization.users.get(&id).filter(|user| user.is_member).ok_or_else(|| Failure::not_found("member", id))
}
