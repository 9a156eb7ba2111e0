//! Plugins of the organization.

use axum::extract::{Path, State};
use jiff::Timestamp;
use serde_json::json;

use super::{
    Sample,
    answer::{Answer, Failure, empty, json},
    organization::Organization,
    request::{Body, Parameters, PathId},
};

const MAX_NAME: usize = 100;

#[derive(Debug)]
pub(super) struct Plugin {
    pub(super) id: u32,
    pub(super) uuid: String,
    pub(super) name: String,
    /// Only private plugins have keys.
    pub(super) is_private: bool,
    pub(super) version: u32,
    /// Ids and keys of the fields that belong to the plugin.
    pub(super) fields: Vec<(u32, &'static str)>,
    /// The id of the only valid key.
    pub(super) id_key: Option<u32>,
    pub(super) updated_at: Timestamp,
}

impl Organization {
    fn plugin(&mut self, uuid: &str) -> Result<&mut Plugin, Failure> {
        let plugin = self.plugins.iter_mut().find(|plugin| plugin.uuid.eq_ignore_ascii_case(uuid));
        plugin.ok_or_else(|| Failure::not_found("plugin", uuid))
    }
}

/// Creates a plugin. The published response has no schema; the sample returns the new plugin, since no other call lists it.
pub(super) async fn create(State(sample): State<Sample>, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    body.only(&["name"])?;
    let name = body.required_text("name")?;
    if name.chars().count() > MAX_NAME {
        return Err(Failure::invalid(format!("name takes at most {MAX_NAME} characters")));
    }
    let id = organization.next_id();
    let plugin = Plugin {
        id,
        uuid: format!("00000000-0000-4000-8000-{id:012}"),
        name: name.to_owned(),
        is_private: true,
        version: 0,
        fields: Vec::new(),
        id_key: None,
        updated_at: now,
    };
    let answer = json!({ "idPlugin": id, "uuidPlugin": plugin.uuid, "name": plugin.name });
    organization.plugins.push(plugin);
    Ok(json(&answer))
}

pub(super) async fn fields(State(sample): State<Sample>, PathId(id): PathId, parameters: Parameters) -> Answer {
    parameters.only(&[])?;
    let organization = sample.read();
    let plugin = organization.plugins.iter().find(|plugin| plugin.id == id);
    let plugin = plugin.ok_or_else(|| Failure::not_found("plugin", id))?;
    let fields: Vec<_> = plugin.fields.iter().map(|(id, key)| json!({ "idField": id, "systemKey": key })).collect();
    Ok(json(&json!({ "plugin": { "idOrg": organization.identity.id, "idPlugin": id, "fields": fields } })))
}

pub(super) async fn publish(State(sample): State<Sample>, Path(uuid): Path<String>, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    organization.plugin(&uuid)?;
    body.only(&["idUpload"])?;
    let id_upload = body.required_id("idUpload")?;
    if organization.files.get(&id_upload).is_none_or(|file| file.type_ != "plugin") {
        return Err(Failure::invalid(format!("idUpload must be the id of a file of type plugin: {id_upload}")));
    }
    let plugin = organization.plugin(&uuid)?;
    plugin.version += 1;
    plugin.updated_at = now;
    Ok(empty())
}

pub(super) async fn delete(State(sample): State<Sample>, Path(uuid): Path<String>) -> Answer {
    let mut organization = sample.write();
    let id = organization.plugin(&uuid)?.id;
    organization.plugins.retain(|plugin| plugin.id != id);
    Ok(empty())
}

/// Creates a key, which revokes the previous one.
pub(super) async fn create_key(State(sample): State<Sample>, Path(uuid): Path<String>) -> Answer {
    let mut organization = sample.write();
    let created_by = organization.admin().map(|admin| admin.id);
    if !organization.plugin(&uuid)?.is_private {
        return Err(Failure::malformed("only private plugins have API keys"));
    }
    let id = organization.next_id();
    organization.plugin(&uuid)?.id_key = Some(id);
    let token = format!("sample-plugin-{id:08}");
    Ok(json(&json!({ "id": id, "idOrg": organization.identity.id, "createdBy": created_by, "token": token })))
}
