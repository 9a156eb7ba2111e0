//! The apps of the organization.

use axum::extract::State;
use serde_json::{Value, json};

use super::{
    Sample,
    answer::{Answer, Failure, json},
    audit::{self, UPDATE_APP},
    field::Schema,
    organization::App,
    query::{Listing, Shown},
    request::{Body, Parameters, PathId},
};

const DEFAULT_FIELDS: [&str; 3] = ["id", "name", "primaryOwner"];
const LIST_PARAMETERS: [&str; 8] = ["fields", "aggs", "q", "sort", "filters", "size", "cursor", "includeLicenses"];

pub(super) async fn list(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    let organization = sample.read();
    let schema = &organization.schemas.apps;
    let mut listing = Listing::parse(&parameters, &LIST_PARAMETERS, schema, &DEFAULT_FIELDS, &sample)?;
    if parameters.boolean("includeLicenses")? == Some(true) {
        listing.fields.extend(schema.find("licenses"));
    }
    let q = parameters.text("q").unwrap_or_default().to_lowercase();
    let apps = organization.apps.values().filter(|app| q.is_empty() || app.is_about(&q));
    Ok(json(&listing.run("apps", apps, &organization)?))
}

pub(super) async fn show(State(sample): State<Sample>, PathId(id): PathId, parameters: Parameters) -> Answer {
    let organization = sample.read();
    let schema = &organization.schemas.apps;
    // The published example also sends exact-match parameters here. One app cannot be filtered, so only their names are checked.
    for (key, _) in parameters.others(&["fields", "includeLicenses"]) {
        schema.require(key)?;
    }
    let app = organization.apps.get(&id).ok_or_else(|| Failure::not_found("app", id))?;
    let mut fields = schema.select(parameters.list("fields").as_deref(), &DEFAULT_FIELDS)?;
    if parameters.boolean("includeLicenses")? == Some(true) {
        fields.extend(schema.find("licenses"));
    }
    Ok(json(&Enveloped { app: Shown::new(app, &fields, &organization) }))
}

pub(super) async fn update(State(sample): State<Sample>, PathId(id): PathId, mut body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    if !organization.apps.contains_key(&id) {
        return Err(Failure::not_found("app", id));
    }
    // `owner` is the older name of `primaryOwner`.
    if let Some(owner) = body.0.shift_remove("owner") {
        body.0.entry("primaryOwner").or_insert(owner);
    }
    let accepted = organization.schemas.apps.accept_all(&body.0, &organization)?;
    let names: Vec<_> = accepted.iter().map(|(key, _)| Value::from(key.as_str())).collect();
    if let Some(app) = organization.apps.get_mut(&id) {
        app.values.extend(accepted);
    }
    audit::note(&mut organization, now, &UPDATE_APP, id, json!({ "fields": names }));
    let app = organization.apps.get(&id).ok_or_else(|| Failure::not_found("app", id))?;
    Ok(json(&json!({ "app": payload(app, &organization.schemas.apps) })))
}

/// An app as write calls return it: every field that the tenant can set, except the owner.
pub(super) fn payload(app: &App, schema: &Schema) -> Value {
    let mut shown = serde_json::Map::new();
    shown.insert("id".to_owned(), Value::from(app.id));
    for field in &schema.fields {
        if let Some(value) = app.values.get(field.key.as_ref())
            && !field.is_deleted
        {
            shown.insert(field.key.clone().into_owned(), value.clone());
        }
    }
    Value::Object(shown)
}

#[derive(serde::Serialize)]
struct Enveloped<T> {
    app: T,
}
