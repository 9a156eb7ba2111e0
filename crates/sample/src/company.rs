//! The organization itself: its name, its roles, its browser extension, and anonymizing a user.

use axum::extract::State;
use serde_json::{Value, json};

use super::{
    Sample,
    answer::{Answer, Failure, json},
    audit::{self, ANONYMIZE, UPDATE_EXTENSION},
    cell::Cell,
    request::{Body, Parameters},
};

const SECTIONS: [&str; 3] = ["dlp", "blockedSites", "usersFilter"];
const MAX_SITES: usize = 5000;

pub(super) async fn show(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&[])?;
    let organization = sample.read();
    Ok(json(&json!({ "org": {
        "id": organization.identity.id,
        "companyName": organization.identity.name,
        "domain": organization.identity.domain,
        "creationTime": Cell::Time(organization.created_at),
        "displayCurrency": organization.identity.currency,
        "parentOrg": null,
    }})))
}

pub(super) async fn roles(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&[])?;
    let organization = sample.read();
    let roles: Vec<_> = organization
        .roles
        .iter()
        .map(|role| {
            json!({
                "id": role.id,
                "systemKey": role.key,
                "name": role.name,
                "description": role.description,
                "isAdmin": role.is_admin,
                "usersCount": organization.users.values().filter(|user| user.id_role == Some(role.id)).count(),
                "isCustom": false,
            })
        })
        .collect();
    Ok(json(&json!({ "roles": roles })))
}

pub(super) async fn extension(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&[])?;
    Ok(json(&sample.read().extension))
}

/// Replaces each section that is sent completely.
pub(super) async fn update_extension(State(sample): State<Sample>, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    body.only(&SECTIONS)?;
    for name in ["dlp", "blockedSites"] {
        if let Some(section) = body.0.get(name).filter(|section| !section.is_object()) {
            return Err(Failure::invalid(format!("{name} must be an object: {section}")));
        }
    }
    match body.0.get("blockedSites").and_then(|section| section.get("sites")) {
        None => {}
        Some(Value::Array(sites)) if sites.len() <= MAX_SITES => {}
        Some(Value::Array(_)) => {
            return Err(Failure::invalid(format!("sites takes at most {MAX_SITES} entries")));
        }
        Some(other) => return Err(Failure::invalid(format!("sites must be an array: {other}"))),
    }
    let names: Vec<_> = body.0.keys().cloned().collect();
    organization.extension.extend(body.0);
    let id = organization.identity.id;
    audit::note(&mut organization, now, &UPDATE_EXTENSION, id, json!({ "sections": names }));
    Ok(json(&organization.extension))
}

/// Replaces what identifies a person. The real service does this later; the sample does it before it responds.
pub(super) async fn anonymize(State(sample): State<Sample>, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    body.only(&["email", "fields"])?;
    let email = body.required_text("email")?;
    let fields: Option<Vec<_>> = body.array("fields")?.map(|fields| fields.iter().filter_map(Value::as_str).collect());
    let id = organization.user_by_email(email).ok_or_else(|| Failure::not_found("user", email))?.id;
    let is_meant = |name: &str| fields.as_ref().is_none_or(|fields| fields.contains(&name));
    if let Some(user) = organization.users.get_mut(&id) {
        if is_meant("firstName") {
            user.first_name = "Anonymous".into();
        }
        if is_meant("lastName") {
            user.last_name = format!("User {id}").into();
        }
        if is_meant("email") {
            user.email = format!("anonymous-{id}@example.com");
            user.additional_emails.clear();
        }
    }
    // The audit trail must not contain the values that were just removed.
    audit::note(&mut organization, now, &ANONYMIZE, id, json!({ "fields": fields }));
    let request = organization.next_id();
    Ok(json(&json!({ "id": request, "status": "inProgress" })))
}
