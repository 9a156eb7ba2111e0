//! Contracts, in the two versions of their read calls.
//!
//! Version 1.1 supports paging, search, sorting, filters and aggregations; 1.0 returns the whole list at once. The header
//! `X-API-Version` selects the version, and 1.1 is the default. The differences of single values are only partly published; here
//! 1.0 has fewer fields of the owner, and neither `creationTime` nor `source`.

use std::borrow::Cow;

use axum::{extract::State, http::HeaderMap};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    Sample,
    answer::{Answer, Failure, gone, json},
    audit::{self, CREATE_CONTRACT, DELETE_CONTRACT, UPDATE_CONTRACT},
    cell::{Cell, Record},
    field::Field,
    filter::Filter,
    key::{CONTRACT_NOTES, CONTRACT_VENDOR},
    organization::{Contract, Organization},
    query::{Listing, Shown},
    request::{Body, Parameters, PathId},
};

const DEFAULT_FIELDS: [&str; 4] = ["id", "name", "idApp", "owner"];
const WRITTEN_FIELDS: [&str; 5] = ["id", "name", "status", "idApp", "owner"];
const LIST_PARAMETERS: [&str; 7] = ["fields", "q", "sort", "size", "cursor", "aggs", "filters"];
const SINCE_1_1: [&str; 2] = ["creationTime", "source"];

#[derive(Clone, Copy, PartialEq)]
enum Version {
    V1_0,
    V1_1,
}

impl Version {
    fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        match headers.get("x-api-version").map(|value| value.to_str().unwrap_or("?")) {
            None | Some("1.1") => Ok(Self::V1_1),
            Some("1.0") => Ok(Self::V1_0),
            Some(other) => Err(Failure::malformed(format!("X-API-Version must be 1.0 or 1.1: {other}"))),
        }
    }

    fn fields<'a>(self, parameters: &Parameters, organization: &'a Organization) -> Result<Vec<&'a Field>, Failure> {
        let chosen = parameters.list("fields");
        if self == Self::V1_0
            && let Some(key) = chosen.iter().flatten().find(|key| SINCE_1_1.contains(key))
        {
            return Err(Failure::malformed(format!("unknown field: {key}")));
        }
        organization.schemas.contracts.select(chosen.as_deref(), &DEFAULT_FIELDS)
    }
}

/// A contract in the format of version 1.0.
struct Early<'o>(&'o Contract);

impl Record for Early<'_> {
    fn id(&self) -> u32 {
        self.0.id
    }

    fn cell<'a>(&'a self, key: &str, organization: &'a Organization) -> Cell<'a> {
        match self.0.cell(key, organization) {
            Cell::Person(user) => Cell::Json(Cow::Owned(json!({
                "id": user.id,
                "firstName": user.first_name,
                "lastName": user.last_name,
                "email": user.email,
            }))),
            cell => cell,
        }
    }
}

pub(super) async fn list(State(sample): State<Sample>, headers: HeaderMap, parameters: Parameters) -> Answer {
    let organization = sample.read();
    let version = Version::of(&headers)?;
    let fields = version.fields(&parameters, &organization)?;
    let schema = &organization.schemas.contracts;
    if version == Version::V1_0 {
        let mut filters = Vec::new();
        for (key, value) in parameters.others(&["fields"]) {
            schema.require(key)?;
            filters.push(Filter::equals(key, value));
        }
        let contracts: Vec<_> = organization
            .contracts
            .values()
            .map(Early)
            .filter(|contract| filters.iter().all(|filter| filter.accepts(contract, &organization)))
            .collect();
        let contracts = contracts.iter().map(|contract| Shown::new(contract, &fields, &organization)).collect();
        return Ok(json(&Whole { contracts }));
    }
    let listing = Listing::parse(&parameters, &LIST_PARAMETERS, schema, &DEFAULT_FIELDS, &sample)?;
    let q = parameters.text("q").unwrap_or_default().to_lowercase();
    let searched = ["name", organization.key(CONTRACT_VENDOR), organization.key(CONTRACT_NOTES)];
    let contracts = organization
        .contracts
        .values()
        .filter(|contract| q.is_empty() || searched.iter().any(|key| contract.cell(key, &organization).contains(&q)));
    Ok(json(&listing.run("contracts", contracts, &organization)?))
}

pub(super) async fn show(State(sample): State<Sample>, PathId(id): PathId, headers: HeaderMap, parameters: Parameters) -> Answer {
    parameters.only(&["fields"])?;
    let organization = sample.read();
    let version = Version::of(&headers)?;
    let fields = version.fields(&parameters, &organization)?;
    let contract = organization.contracts.get(&id).ok_or_else(|| Failure::not_found("contract", id))?;
    match version {
        Version::V1_0 => Ok(json(&Enveloped { contract: Shown::new(&Early(contract), &fields, &organization) })),
        Version::V1_1 => Ok(json(&Enveloped { contract: Shown::new(contract, &fields, &organization) })),
    }
}

pub(super) async fn create(State(sample): State<Sample>, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    for name in ["name", "status"] {
        body.required_text(name)?;
    }
    body.required_id("idApp")?;
    let values = accept(&body.0, &organization)?;
    let id = organization.next_id();
    let mut stored = Map::new();
    stored.insert("creationTime".to_owned(), Value::from(format!("{now:.3}")));
    stored.insert("source".to_owned(), Value::from("api"));
    stored.insert("createdBy".to_owned(), Value::from(organization.admin().map(|admin| admin.id)));
    stored.insert("currency".to_owned(), Value::from(organization.identity.currency));
    stored.extend(values);
    organization.contracts.insert(id, Contract { id, values: stored });
    audit::note(&mut organization, now, &CREATE_CONTRACT, id, json!({ "name": body.0.get("name") }));
    written(id, &organization)
}

pub(super) async fn update(State(sample): State<Sample>, PathId(id): PathId, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    if !organization.contracts.contains_key(&id) {
        return Err(Failure::not_found("contract", id));
    }
    let values = accept(&body.0, &organization)?;
    let names: Vec<_> = values.keys().map(|key| Value::from(key.as_str())).collect();
    if let Some(contract) = organization.contracts.get_mut(&id) {
        contract.values.extend(values);
    }
    audit::note(&mut organization, now, &UPDATE_CONTRACT, id, json!({ "fields": names }));
    written(id, &organization)
}

pub(super) async fn delete(State(sample): State<Sample>, PathId(id): PathId) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    organization.contracts.remove(&id).ok_or_else(|| Failure::not_found("contract", id))?;
    audit::note(&mut organization, now, &DELETE_CONTRACT, id, json!({}));
    Ok(gone())
}

fn written(id: u32, organization: &Organization) -> Answer {
    let contract = organization.contracts.get(&id).ok_or_else(|| Failure::not_found("contract", id))?;
    let fields = organization.schemas.contracts.select(None, &WRITTEN_FIELDS)?;
    Ok(json(&Enveloped { contract: Shown::new(contract, &fields, organization) }))
}

/// Checks the body of a write. An amount is a number in the currency of the organization or `{value, currency}`; all amounts of
/// a contract have the same currency.
fn accept(body: &Map<String, Value>, organization: &Organization) -> Result<Map<String, Value>, Failure> {
    let schema = &organization.schemas.contracts;
    let mut plain = body.clone();
    let mut currency = None;
    for (key, value) in &mut plain {
        if schema.find(key).is_none_or(|field| field.kind != "currency") {
            continue;
        }
        if let Some(amount) = value.as_object() {
            match (amount.get("value"), amount.get("currency").and_then(Value::as_str)) {
                (Some(number), Some(code)) if code.len() == 3 => {
                    currency = Some(code.to_owned());
                    *value = number.clone();
                }
                _ => {
                    return Err(Failure::invalid(format!("{key} must be a number or {{value, currency}}: {value}")));
                }
            }
        } else {
            currency.get_or_insert_with(|| organization.identity.currency.to_owned());
        }
    }
    if plain.contains_key("currency") {
        return Err(Failure::invalid("currency cannot be set on its own: send an amount as {value, currency}"));
    }
    if let Some(id) = plain.get("idApp") {
        let known = id.as_u64().and_then(|id| u32::try_from(id).ok());
        if !known.is_some_and(|id| organization.apps.contains_key(&id)) {
            return Err(Failure::invalid(format!("idApp must be the id of an app of the organization: {id}")));
        }
    }
    let mut values: Map<_, _> = schema.accept_all(&plain, organization)?.into_iter().collect();
    if let Some(currency) = currency {
        values.insert("currency".to_owned(), Value::from(currency));
    }
    Ok(values)
}

#[derive(Serialize)]
struct Whole<T> {
    contracts: Vec<T>,
}

#[derive(Serialize)]
struct Enveloped<T> {
    contract: T,
}
