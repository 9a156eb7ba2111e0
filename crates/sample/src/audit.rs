//! The admin audit trail, and the edit history of workflows, which is part of it.

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    Sample,
    answer::{Answer, Failure, json},
    cell::{Cell, Record, parse_day, parse_time},
    options::AuditEntity,
    organization::Organization,
    query::{MAX_SIZE, Sort, page},
    request::Parameters,
};

/// A kind of entry: its published type, its area, its subject, and the call that causes it.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) entity: &'static str,
    subject: &'static str,
    method: &'static str,
    path: &'static str,
}

/// Declares kinds of entries and the list of all kinds.
macro_rules! kinds {
    ($($constant:ident = $name:literal $entity:literal $subject:literal $method:literal $path:literal;)*) => {
        $(pub(super) const $constant: Kind =
            Kind { name: $name, entity: $entity, subject: $subject, method: $method, path: $path };)*
        pub(super) static KINDS: &[Kind] = &[$($constant),*];
    };
}

kinds! {
    CREATE_CONTRACT = "create_contract" "contracts" "idContract" "POST" "/v1.0/contracts";
    UPDATE_CONTRACT = "update_contract" "contracts" "idContract" "PUT" "/v1.0/contracts/{id}";
    DELETE_CONTRACT = "delete_contract" "contracts" "idContract" "DELETE" "/v1.0/contracts/{id}";
    UPDATE_USER = "update_user" "users" "idUser" "PUT" "/v1.0/users/{id}/apps";
    UPDATE_USER_LIFECYCLE_STATUS = "update_user_lifecycle_status" "users" "idUser" "PUT" "/v1.0/users/{id}";
    SCIM_CREATE_USER = "scim_create_user" "users" "idUser" "POST" "/v1.0/scim/v2/Users";
    SCIM_UPDATE_USER = "scim_update_user" "users" "idUser" "PUT" "/v1.0/scim/v2/Users/{id}";
    SCIM_PATCH_USER = "scim_patch_user" "users" "idUser" "PATCH" "/v1.0/scim/v2/Users/{id}";
    SCIM_DELETE_USER = "scim_delete_user" "users" "idUser" "DELETE" "/v1.0/scim/v2/Users/{id}";
    ADD_APP = "add_app_from_catalog" "apps" "idApp" "POST" "/v1.0/apps";
    ADD_CUSTOM_APP = "add_custom_app" "apps" "idApp" "POST" "/v1.0/apps/custom";
    UPDATE_APP = "update_app_details" "apps" "idApp" "PUT" "/v1.0/apps/{id}";
    CREATE_FIELD = "create_field_in_group" "apps" "idField" "POST" "/v1.0/apps/fields";
    UPDATE_FIELD = "update_field_info" "apps" "idField" "PUT" "/v1.0/apps/fields/{id}";
    DELETE_FIELD = "delete_field" "apps" "idField" "DELETE" "/v1.0/apps/fields/{id}";
    PARSE_AUTOMATICALLY = "parse_existing_upload_for_expenses" "transactions" "idUpload" "PUT" "/v1.0/parsings/automatic";
    PARSE_MANUALLY = "parse_manually" "transactions" "idUpload" "PUT" "/v1.0/parsings/manual";
    UPDATE_TRANSACTION = "update_transaction" "transactions" "idTransaction" "PUT" "/v1.0/transactions/{id}";
    UPDATE_EXTENSION = "update_extension_settings" "orgs" "idOrg" "PUT" "/v1.0/extension/settings";
    CREATE_ACCOUNT = "update_app_account" "integrations" "idAppAccount" "POST" "/v1.0/services/custom";
    SYNC_CUSTOM = "sync_custom_integration" "integrations" "idAppAccount" "PUT" "/v1.0/services/sync/custom";
    SYNC_GLUU = "sync_gluu_custom_integration" "integrations" "idAppAccount" "PUT" "/v1.0/services/sync/gluu";
    UPLOAD = "create_upload" "files" "idUpload" "POST" "/v1.0/files";
    ANONYMIZE = "create_anonymize_request" "anonymizeUser" "idUser" "POST" "/v1.0/anonymizeRequest";
    REQUEST_ACCESS = "evaluate_access_policy_manually" "accessPolicies" "idAccessRequestPolicy" "POST" "/v1.0/appCatalog";
    CREATE_WORKFLOW = "create_workflow" "workflows" "idWorkflow" "POST" "/api/workflows";
    UPDATE_WORKFLOW = "update_workflow" "workflows" "idWorkflow" "PUT" "/api/workflows/{id}";
    DUPLICATE_WORKFLOW = "duplicate_workflow" "workflows" "idWorkflow" "POST" "/api/workflows/{id}/duplicate";
    RESTORE_WORKFLOW = "restore_workflow_version" "workflows" "idWorkflow" "POST" "/api/workflows/{id}/restore";
    TRIGGER_WORKFLOW = "workflow_triggered_manually" "workflows" "idWorkflow" "POST" "/v1.0/workflows/{id}/trigger";
}

/// One recorded action.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) id: u32,
    pub(super) at: Timestamp,
    pub(super) id_user: u32,
    pub(super) kind: &'static Kind,
    pub(super) subject: u32,
    pub(super) details: Option<Box<Value>>,
}

/// Records what a call did, with the admin who created the key as its author.
pub(super) fn note(organization: &mut Organization, at: Timestamp, kind: &'static Kind, subject: u32, details: Value) {
    let id_user = organization.admin().map_or(0, |admin| admin.id);
    let id = organization.next_id();
    organization.audit.push(Entry { id, at, id_user, kind, subject, details: Some(Box::new(details)) });
}

impl Entry {
    fn properties(&self) -> Value {
        let mut properties = Map::new();
        properties.insert(self.kind.subject.to_owned(), Value::from(self.subject));
        if let Some(details) = self.details.as_deref().and_then(Value::as_object) {
            properties.extend(details.clone());
        }
        Value::Object(properties)
    }

    fn show(&self, organization: &Organization) -> Value {
        let user = organization.users.get(&self.id_user);
        json!({
            "id": self.id,
            "performedBy": self.id_user,
            "performedByFirstName": user.map(|user| &user.first_name),
            "performedByLastName": user.map(|user| &user.last_name),
            "performedByEmail": user.map(|user| &user.email),
            "idTargetOrg": organization.identity.id,
            "creationTime": Cell::Time(self.at),
            "type": self.kind.name,
            "requestDetails": {
                "path": self.kind.path.replace("{id}", &self.subject.to_string()),
                "method": self.kind.method,
                "remoteAddress": format!("203.0.113.{}", self.id_user % 250 + 1),
            },
            "properties": self.properties(),
        })
    }

    /// The entry in the format of the edit history, in which the properties are a text and a sentence is added.
    fn show_edit(&self, organization: &Organization) -> Value {
        let user = organization.users.get(&self.id_user);
        let name = user.map(super::organization::User::full_name).unwrap_or_default();
        json!({
            "performedBy": self.id_user,
            "performedByFirstName": user.map(|user| &user.first_name),
            "performedByLastName": user.map(|user| &user.last_name),
            "performedByEmail": user.map(|user| &user.email),
            "idTargetOrg": organization.identity.id,
            "properties": self.properties().to_string(),
            "creationTime": Cell::Time(self.at),
            "type": self.kind.name,
            "message": format!("{name}: {} {} at {:.0}", self.kind.name.replace('_', " "), self.subject, self.at),
        })
    }
}

impl Record for Entry {
    fn id(&self) -> u32 {
        self.id
    }

    fn cell<'a>(&'a self, key: &str, _: &'a Organization) -> Cell<'a> {
        if key == "creationTime" { Cell::Time(self.at) } else { Cell::Null }
    }
}

pub(super) async fn list(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&["entity", "startTime", "endTime", "size", "cursor", "sort"])?;
    let organization = sample.read();
    let entity = parameters.text("entity");
    if let Some(entity) = entity.filter(|entity| !ENTITIES.contains(entity)) {
        return Err(Failure::malformed(format!("unknown entity: {entity}")).at("entity"));
    }
    if entity.is_none() && sample.behavior().audit_entity == AuditEntity::Required {
        return Err(Failure::malformed("\"entity\" is required").at("entity"));
    }
    let (start, end) = period(&parameters)?;
    let is_descending = parameters.one_of("sort", &["asc", "desc"])? != Some("asc");
    let size = parameters.integer("size", 1..=MAX_SIZE)?.unwrap_or(50);
    let entries = organization
        .audit
        .iter()
        .filter(|entry| entity.is_none_or(|entity| entry.kind.entity == entity))
        .filter(|entry| start.is_none_or(|start| entry.at > start) && end.is_none_or(|end| entry.at <= end))
        .collect();
    let sort = Sort::by("creationTime", is_descending);
    let page = page(entries, &sort, size, parameters.text("cursor"), &organization)?;
    let audit: Vec<_> = page.rows.iter().map(|entry| entry.show(&organization)).collect();
    let count = audit.len();
    Ok(json(&Trail { audit, next_cursor: page.next_cursor, count }))
}

pub(super) async fn list_of_workflows(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&["startTime", "endTime", "offset", "limit"])?;
    let organization = sample.read();
    let now = sample.now();
    let (start, end) = period(&parameters)?;
    let start = start.unwrap_or_else(|| now - SignedDuration::from_hours(30 * 24));
    let end = end.unwrap_or(now);
    let offset = parameters.integer("offset", 0..=u32::MAX)?.unwrap_or(0);
    let limit = parameters.integer("limit", 1..=MAX_SIZE)?.unwrap_or(50);
    let size = |number| usize::try_from(number).unwrap_or(usize::MAX);
    let audit: Vec<_> = organization
        .audit
        .iter()
        .rev()
        .filter(|entry| entry.kind.entity == "workflows" && entry.at > start && entry.at <= end)
        .skip(size(offset))
        .take(size(limit))
        .map(|entry| entry.show_edit(&organization))
        .collect();
    Ok(json(&json!({ "audit": audit })))
}

/// The requested period: `startTime` is exclusive and `endTime` inclusive; an `endTime` without a time includes the whole day.
fn period(parameters: &Parameters) -> Result<(Option<Timestamp>, Option<Timestamp>), Failure> {
    let time = |name: &str| match parameters.text(name) {
        None => Ok(None),
        Some(text) => match parse_time(text) {
            Some(time) => Ok(Some(time)),
            None => Err(Failure::malformed(format!("{name} must be a date or an instant: {text}")).at(name)),
        },
    };
    let mut end = time("endTime")?;
    if parameters.text("endTime").is_some_and(|text| parse_day(text).is_some()) {
        end = end.and_then(|end| end.checked_add(SignedDuration::from_millis(24 * 3_600_000 - 1)).ok());
    }
    Ok((time("startTime")?, end))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trail {
    audit: Vec<Value>,
    next_cursor: Option<String>,
    count: usize,
}

const ENTITIES: [&str; 20] = [
    "workflows",
    "tasks",
    "contracts",
    "users",
    "apps",
    "transactions",
    "orgs",
    "roles",
    "authentication",
    "access",
    "integrations",
    "licenses",
    "files",
    "features",
    "testConnection",
    "appCatalog",
    "anonymizeUser",
    "renewalForecast",
    "dashboards",
    "accessPolicies",
];
