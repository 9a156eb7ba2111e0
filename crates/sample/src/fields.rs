//! The calls `/fields` and `/metadata`, which list fields, and the app fields that a tenant adds.

use std::borrow::Cow;

use axum::extract::State;
use serde_json::{Value, json};

use super::{
    Sample,
    answer::{Answer, Failure, empty, json},
    audit::{self, CREATE_FIELD, DELETE_FIELD, UPDATE_FIELD},
    field::{Choice, Field, Place, Schema},
    organization::Organization,
    request::{Body, Parameters, PathId, missing},
};

const WRITABLE_TYPES: [&str; 9] = [
    "multiLine",
    "number",
    "datePicker",
    "dropdown",
    "dropdownMulti",
    "usersDropdown",
    "currency",
    "singleLine",
    "usersDropdownMulti",
];
const PROPERTIES: [&str; 5] = ["name", "formQuestion", "type", "idGroup", "options"];

pub(super) async fn list_of_apps(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&["includeDeletedOptions"])?;
    let with_deleted = parameters.boolean("includeDeletedOptions")?.unwrap_or(false);
    Ok(json(&shown(&sample.read().schemas.apps, with_deleted)))
}

pub(super) async fn list_of_contracts(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&[])?;
    Ok(json(&shown(&sample.read().schemas.contracts, false)))
}

fn shown(schema: &Schema, with_deleted_options: bool) -> Value {
    let fields: Vec<_> = schema.details().map(|field| field.show(with_deleted_options)).collect();
    json!({ "fields": fields })
}

/// The custom user fields, which come from integrations and have a different schema.
pub(super) async fn list_of_users(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&["q"])?;
    let q = parameters.text("q").unwrap_or_default().to_lowercase();
    let organization = sample.read();
    let fields: Vec<_> = organization
        .schemas
        .users
        .fields
        .iter()
        .filter(|field| field.place == Place::Custom)
        .filter(|field| field.name.to_lowercase().contains(&q) || field.key.to_lowercase().contains(&q))
        .map(|field| {
            json!({
                "id": field.id,
                "idOrg": organization.identity.id,
                "sourceIdApp": field.source_app,
                "name": field.name,
                "type": field.kind,
                "key": field.key,
                "isDeleted": field.is_deleted,
            })
        })
        .collect();
    Ok(json(&json!({ "fields": fields })))
}

pub(super) async fn metadata_of_apps(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    let organization = sample.read();
    metadata(&organization.schemas.apps, &organization, &parameters)
}

pub(super) async fn metadata_of_users(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    let organization = sample.read();
    metadata(&organization.schemas.users, &organization, &parameters)
}

pub(super) async fn metadata_of_contracts(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    let organization = sample.read();
    metadata(&organization.schemas.contracts, &organization, &parameters)
}

fn metadata(schema: &Schema, organization: &Organization, parameters: &Parameters) -> Answer {
    parameters.only(&["q"])?;
    Ok(json(&schema.metadata(parameters.text("q"), organization.identity.id)))
}

pub(super) async fn metadata_of_transactions(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&[])?;
    let organization = sample.read();
    let mut metadata = organization.schemas.transactions.metadata(None, organization.identity.id);
    // Transactions have no custom fields, and only the key for predefined fields is published.
    metadata.as_object_mut().and_then(|metadata| metadata.shift_remove("customFields"));
    Ok(json(&metadata))
}

pub(super) async fn create(State(sample): State<Sample>, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    body.only(&PROPERTIES)?;
    let name = body.required_text("name")?.to_owned();
    let kind = body.one_of("type", &WRITABLE_TYPES)?.ok_or_else(|| missing("type"))?.to_owned();
    let options = options(&body)?.unwrap_or_default();
    if kind.starts_with("dropdown") && options.is_empty() {
        return Err(missing("options"));
    }
    let id = organization.next_id();
    let key = free_key(&name, &organization.schemas.apps);
    let field = Field { options, kind: Cow::Owned(kind), key: Cow::Owned(key), ..Field::new(id, "", &name, "", Place::Custom) };
    let copy = field.clone();
    organization.schemas.apps.push(field);
    organization.schemas.user_apps.push(copy);
    audit::note(&mut organization, now, &CREATE_FIELD, id, json!({ "name": name }));
    Ok(empty())
}

/// Updates a field. The body is not published; the best guess is that of the creation with all properties optional.
pub(super) async fn update(State(sample): State<Sample>, PathId(id): PathId, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    body.only(&PROPERTIES)?;
    let name = body.text("name")?;
    let kind = body.one_of("type", &WRITABLE_TYPES)?;
    let options = options(&body)?;
    let schemas = &mut organization.schemas;
    for schema in [&mut schemas.apps, &mut schemas.user_apps] {
        let field = custom(schema, id)?;
        if kind.is_some_and(|kind| kind != field.kind) {
            return Err(Failure::invalid("the type of a field cannot change"));
        }
        if let Some(name) = name {
            name.clone_into(&mut field.name);
        }
        if let Some(options) = &options {
            let gone = field.options.iter().filter(|old| options.iter().all(|new| new.value != old.value));
            let gone: Vec<_> = gone.map(|old| Choice { is_deleted: true, ..old.clone() }).collect();
            field.options = options.iter().cloned().chain(gone).collect();
        }
    }
    audit::note(&mut organization, now, &UPDATE_FIELD, id, json!({ "name": name }));
    Ok(empty())
}

pub(super) async fn delete(State(sample): State<Sample>, PathId(id): PathId) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    let schemas = &mut organization.schemas;
    for schema in [&mut schemas.apps, &mut schemas.user_apps] {
        custom(schema, id)?.is_deleted = true;
    }
    audit::note(&mut organization, now, &DELETE_FIELD, id, json!({}));
    Ok(empty())
}

/// The custom field with this id: predefined fields cannot be changed.
fn custom(schema: &mut Schema, id: u32) -> Result<&mut Field, Failure> {
    let found = schema.fields.iter_mut().find(|field| field.id == id && !field.is_deleted);
    match found {
        Some(field) if field.place == Place::Custom => Ok(field),
        Some(_) => Err(Failure::forbidden(format!("a predefined field cannot change: {id}"))),
        None => Err(Failure::not_found("field", id)),
    }
}

fn options(body: &Body) -> Result<Option<Vec<Choice>>, Failure> {
    let Some(items) = body.array("options")? else {
        return Ok(None);
    };
    let read = |item: &Value| {
        let value = item.get("value").or_else(|| item.get("label")).and_then(Value::as_str);
        let label = item.get("label").or_else(|| item.get("value")).and_then(Value::as_str);
        match (value, label) {
            (Some(value), Some(label)) => Ok(Choice { value: value.to_owned(), label: label.to_owned(), is_deleted: false }),
            _ => Err(Failure::invalid(format!("an option must have a value or a label: {item}"))),
        }
    };
    items.iter().map(read).collect::<Result<_, _>>().map(Some)
}

/// Makes a key: `Is it audited?` becomes `c_isItAudited`, with a number appended if that key exists.
fn free_key(name: &str, schema: &Schema) -> String {
    let mut key = "c_".to_owned();
    for (at, word) in name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).enumerate() {
        let (first, rest) = word.split_at(1);
        key += &if at == 0 { first.to_lowercase() } else { first.to_uppercase() };
        key += &rest.to_lowercase();
    }
    let is_taken = |key: &str| schema.fields.iter().any(|field| field.key == key);
    if !is_taken(&key) {
        return key;
    }
    let numbered = (1_u32..).map(|number| format!("{key}_{number}"));
    numbered.into_iter().find(|key| !is_taken(key)).unwrap_or(key)
}
