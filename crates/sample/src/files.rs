//! Uploaded files. The storage host has their bytes; see [`super::storage`].

use axum::{
    extract::{
        Multipart, State,
        multipart::{MultipartError, MultipartRejection},
    },
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use jiff::Timestamp;
use serde_json::json;

use super::{
    Sample,
    answer::{Answer, Failure, json},
    audit::{self, UPLOAD},
    cell::Cell,
    organization::Organization,
    request::{Body, Parameters, PathId, missing},
    storage::{self, Stored},
};

pub(super) const TYPES: [&str; 4] = ["attachment", "expenseReport", "customIntegrationData", "plugin"];
const ENDINGS: [&str; 12] = ["csv", "xls", "xlsx", "pdf", "doc", "docx", "png", "jpg", "jpeg", "xml", "json", "zip"];
const MAX_UPLOAD: usize = 3 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct File {
    pub(super) id: u32,
    pub(super) type_: &'static str,
    pub(super) name: String,
    /// The path of the bytes on the storage host.
    pub(super) path: String,
    pub(super) created_at: Timestamp,
    pub(super) id_user: Option<u32>,
}

impl Organization {
    /// A file that a body names, with its bytes. It must have been uploaded as one of `types`.
    pub(super) fn bytes_of(&self, id: u32, types: &[&str]) -> Result<(&File, &[u8]), Failure> {
        let file = self.files.get(&id).filter(|file| types.contains(&file.type_));
        let file =
            file.ok_or_else(|| Failure::invalid(format!("idFile must be the id of a file of type {}: {id}", types.join(", "))))?;
        let stored = self.stored.get(&file.path).and_then(|stored| stored.bytes.as_deref());
        Ok((file, stored.unwrap_or_default()))
    }

    /// An unused path on the storage host.
    fn free_path(&mut self, name: &str, now: Timestamp) -> String {
        let id = self.next_id();
        format!("{}{id}/{name}", now.as_millisecond())
    }

    /// Registers the bytes at `path` as a file.
    fn register(&mut self, path: String, type_: &str, now: Timestamp) -> u32 {
        let id = self.next_id();
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        let type_ = TYPES.into_iter().find(|known| *known == type_).unwrap_or("attachment");
        let id_user = self.admin().map(|admin| admin.id);
        audit::note(self, now, &UPLOAD, id, json!({ "fileName": name }));
        self.files.insert(id, File { id, type_, name, path, created_at: now, id_user });
        id
    }
}

pub(super) async fn show(State(sample): State<Sample>, PathId(id): PathId, parameters: Parameters) -> Answer {
    parameters.only(&["type"])?;
    let organization = sample.read();
    // The type has a documented default, but the file is found without it; only an unknown type is rejected.
    parameters.one_of("type", &TYPES)?;
    let file = organization.files.get(&id).ok_or_else(|| Failure::not_found("file", id))?;
    let stored = organization.stored.get(&file.path).and_then(|stored| stored.bytes.as_ref());
    Ok(json(&json!({ "file": {
        "id": file.id,
        "type": file.type_,
        "fileName": file.name,
        "creationTime": Cell::Time(file.created_at),
        "uploadedBy": file.id_user,
        "size": stored.map(Vec::len),
        "deletionTime": null,
    }})))
}

pub(super) async fn download(
    State(sample): State<Sample>,
    PathId(id): PathId,
    headers: HeaderMap,
    parameters: Parameters,
) -> Answer {
    parameters.only(&[])?;
    let organization = sample.read();
    let file = organization.files.get(&id).ok_or_else(|| Failure::not_found("file", id))?;
    let url = storage::signed_url(&headers, &file.path, sample.now());
    Ok((StatusCode::FOUND, [(header::LOCATION, url)]).into_response())
}

pub(super) async fn upload_url(State(sample): State<Sample>, headers: HeaderMap, parameters: Parameters) -> Answer {
    parameters.only(&["name", "type"])?;
    let now = sample.now();
    let mut organization = sample.write();
    let name = safe_name(parameters.required("name")?);
    check_ending(&name).map_err(Failure::malformed)?;
    let content_type = parameters.required("type")?.to_owned();
    let path = organization.free_path(&name, now);
    let url = storage::signed_url(&headers, &path, now);
    organization.stored.insert(path.clone(), Stored { content_type, bytes: None });
    Ok(json(&json!({ "uploadFileParameters": { "url": url, "filePath": path } })))
}

pub(super) async fn register(State(sample): State<Sample>, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    body.only(&["path", "type"])?;
    let path = body.required_text("path")?;
    let type_ = body.one_of("type", &TYPES)?.ok_or_else(|| missing("type"))?;
    if organization.stored.get(path).is_none_or(|stored| stored.bytes.is_none()) {
        return Err(Failure::invalid(format!("nothing was uploaded to this path: {path}")));
    }
    let id = organization.register(path.to_owned(), type_, now);
    Ok(json(&json!({ "id": id })))
}

pub(super) async fn upload(State(sample): State<Sample>, multipart: Result<Multipart, MultipartRejection>) -> Answer {
    let mut multipart = multipart.map_err(|rejection| Failure::new(rejection.status(), rejection.body_text()))?;
    let mut file = None;
    let mut type_ = None;
    while let Some(part) = multipart.next_field().await.map_err(|error| unreadable(&error))? {
        match part.name() {
            Some("file") => {
                let name = part.file_name().map(safe_name);
                let name = name.ok_or_else(|| Failure::invalid("the part `file` must have a file name"))?;
                let content_type = part.content_type().unwrap_or("application/octet-stream").to_owned();
                file = Some((name, content_type, part.bytes().await.map_err(|error| unreadable(&error))?));
            }
            Some("type") => type_ = Some(part.text().await.map_err(|error| unreadable(&error))?),
            other => {
                return Err(Failure::invalid(format!("unknown part: {}", other.unwrap_or_default())));
            }
        }
    }
    let (name, content_type, bytes) = file.ok_or_else(|| missing("file"))?;
    let type_ = type_.ok_or_else(|| missing("type"))?;
    if !TYPES.contains(&type_.as_str()) {
        return Err(Failure::invalid(format!("type must be one of {}: {type_}", TYPES.join(", "))));
    }
    check_ending(&name).map_err(Failure::invalid)?;
    if bytes.len() > MAX_UPLOAD {
        return Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "a file may have at most 3 MB"));
    }
    let now = sample.now();
    let mut organization = sample.write();
    let path = organization.free_path(&name, now);
    organization.stored.insert(path.clone(), Stored { content_type, bytes: Some(bytes.into()) });
    let id = organization.register(path, &type_, now);
    Ok(json(&json!({ "id": id })))
}

fn unreadable(error: &MultipartError) -> Failure {
    Failure::new(error.status(), error.body_text())
}

/// The name without characters that have a meaning in a URL.
fn safe_name(name: &str) -> String {
    name.chars().map(|letter| if letter.is_ascii_alphanumeric() || ".-_".contains(letter) { letter } else { '_' }).collect()
}

fn check_ending(name: &str) -> Result<(), String> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    match ending {
        Some(ending) if ENDINGS.contains(&ending.as_str()) => Ok(()),
        _ => Err(format!("the file name must end in one of {}: {name}", ENDINGS.join(", "))),
    }
}
