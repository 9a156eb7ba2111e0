//! The catalog of known apps, and adding its apps to the organization.

use axum::extract::State;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    Sample,
    answer::{Answer, Failure, json},
    apps::payload,
    audit::{self, ADD_APP, ADD_CUSTOM_APP},
    organization::{App, CatalogApp, Organization},
    request::{Body, Parameters},
};

const CUSTOM_PROPERTIES: [&str; 6] = ["name", "state", "url", "category", "description", "tags"];
const MAX_NAMES: usize = 1000;

pub(super) async fn search(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&["q", "limit"])?;
    let organization = sample.read();
    let q = parameters.required("q")?.to_lowercase();
    let limit = parameters.integer("limit", 1..=50)?.unwrap_or(5);
    let apps: Vec<_> = organization
        .catalog
        .values()
        .filter(|app| app.name.to_lowercase().contains(&q))
        .take(usize::try_from(limit).unwrap_or(usize::MAX))
        .map(|app| show(app, &organization))
        .collect();
    Ok(json(&json!({ "apps": apps })))
}

fn show(app: &CatalogApp, organization: &Organization) -> Value {
    let mut shown = json!({
        "id": app.id,
        "name": app.name,
        "category": app.category,
        "imageUrl": format!("https://images.example.com/apps/{}.png", app.id),
        "url": app.url,
    });
    let is_hidden = organization.apps.get(&app.id).and_then(|app| app.values.get("isHidden"));
    if let (Some(shown), Some(is_hidden)) = (shown.as_object_mut(), is_hidden) {
        shown.insert("isHidden".to_owned(), is_hidden.clone());
    }
    shown
}

pub(super) async fn match_names(State(sample): State<Sample>, body: Body) -> Answer {
    let organization = sample.read();
    body.only(&["apps"])?;
    let wanted = body.array("apps")?.ok_or_else(|| Failure::invalid("missing property: apps"))?;
    if wanted.is_empty() || wanted.len() > MAX_NAMES {
        return Err(Failure::invalid(format!("apps must hold 1 to {MAX_NAMES} names")));
    }
    let mut apps = Vec::new();
    for item in wanted {
        let name = item.get("name").and_then(Value::as_str);
        let name = name.ok_or_else(|| Failure::invalid(format!("an app must have a name: {item}")))?;
        apps.push(match best(name, &organization) {
            Some(app) => {
                json!({ "idApp": app.id, "name": app.name, "url": app.url, "searchedBy": name })
            }
            None => json!({ "searchedBy": name }),
        });
    }
    Ok(json(&json!({ "apps": apps })))
}

/// The app with this name, or else one whose name has the same beginning.
fn best<'a>(name: &str, organization: &'a Organization) -> Option<&'a CatalogApp> {
    let plain =
        |text: &str| -> String { text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let wanted = plain(name);
    let mut near = None;
    for app in organization.catalog.values() {
        let known = plain(&app.name);
        if known == wanted {
            return Some(app);
        }
        let is_near = wanted.len() >= 4 && known.len() >= 4;
        if near.is_none() && is_near && (known.starts_with(&wanted) || wanted.starts_with(&known)) {
            near = Some(app);
        }
    }
    near
}

/// Apps of the organization in the same category; the schema of an item is not published.
pub(super) async fn similar(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&["idApp"])?;
    let organization = sample.read();
    parameters.required("idApp")?;
    let id = parameters.id("idApp")?.unwrap_or_default();
    let app = organization.apps.get(&id).ok_or_else(|| Failure::not_found("app", id))?;
    let similar: Vec<_> = organization
        .apps
        .values()
        .filter(|other| other.id != id && other.text("category") == app.text("category"))
        .map(|other| {
            json!({
                "id": other.id,
                "name": other.name(),
                "category": other.text("category"),
                "state": other.text("state"),
                "activeUsersCount": other.n_active_users(),
            })
        })
        .collect();
    Ok(json(&json!({ "similarApps": similar })))
}

/// Adds an app of the catalog to the organization; an app that it already has is returned unchanged.
pub(super) async fn add(State(sample): State<Sample>, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    body.only(&["idApp"])?;
    let id = body.required_id("idApp")?;
    let known = organization.catalog.get(&id).ok_or_else(|| Failure::not_found("app in the catalog", id))?;
    if !organization.apps.contains_key(&id) {
        let mut values = Map::new();
        values.insert("name".to_owned(), Value::from(known.name.as_ref()));
        values.insert("url".to_owned(), Value::from(known.url.as_str()));
        values.insert("category".to_owned(), Value::from(known.category));
        insert(&mut organization, now, id, false, values);
        audit::note(&mut organization, now, &ADD_APP, id, json!({}));
    }
    answer(id, &organization)
}

pub(super) async fn create(State(sample): State<Sample>, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    body.only(&CUSTOM_PROPERTIES)?;
    let mut values: Map<_, _> = organization.schemas.apps.accept_all(&body.0, &organization)?.into_iter().collect();
    let id = organization.next_id();
    if !values.contains_key("name") {
        // The document requires no property, so an app without a name gets one.
        values.insert("name".to_owned(), Value::from(format!("Custom app {id}")));
    }
    insert(&mut organization, now, id, true, values);
    audit::note(&mut organization, now, &ADD_CUSTOM_APP, id, Value::Object(body.0));
    answer(id, &organization)
}

fn insert(organization: &mut Organization, now: Timestamp, id: u32, is_custom: bool, values: Map<String, Value>) {
    let admin = organization.admin().map(|admin| admin.id);
    let state =
        organization.schemas.apps.find("state").map_or("discovered", |field| field.held("discovered", organization.choices));
    let mut stored = Map::new();
    for (key, value) in [
        ("isHidden", Value::from(false)),
        ("state", Value::from(state)),
        ("isCustom", Value::from(is_custom)),
        ("addedBy", Value::from(admin)),
        ("primaryOwner", Value::from(admin)),
        ("creationTime", Value::from(format!("{now:.3}"))),
        ("sources", json!(["api"])),
    ] {
        stored.insert(key.to_owned(), value);
    }
    stored.extend(values);
    organization.apps.insert(id, App { id, values: stored, links: Vec::new(), licenses: Vec::new(), expenses: 0 });
}

fn answer(id: u32, organization: &Organization) -> Answer {
    let app = organization.apps.get(&id).ok_or_else(|| Failure::not_found("app", id))?;
    Ok(json(&json!({ "app": payload(app, &organization.schemas.apps) })))
}
