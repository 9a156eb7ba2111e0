//! Access request policies: who may request which app, and requests for other users.

use axum::extract::State;
use serde_json::{Value, json};

use super::{
    Sample,
    answer::{Answer, Failure, json},
    audit::{self, REQUEST_ACCESS},
    cell::{Cell, Record},
    key::DEPARTMENT,
    organization::{Organization, User},
    query::Shown,
    request::{Body, Parameters, PathId},
};

const ALL_FIELDS: [&str; 6] = ["id", "name", "app", "approvalFlow", "eligibilityGroups", "accessDurationsConfig"];

#[derive(Debug)]
pub(super) struct Policy {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) id_app: u32,
    /// The only department that is eligible, or everyone.
    pub(super) department: Option<&'static str>,
    pub(super) max_days: Option<u32>,
}

impl Policy {
    fn covers(&self, user: &User, organization: &Organization) -> bool {
        user.lifecycle_status == "active"
            && self
                .department
                .is_none_or(|department| user.cell(organization.key(DEPARTMENT), organization).equals(&Value::from(department)))
    }
}

impl Record for Policy {
    fn id(&self) -> u32 {
        self.id
    }

    fn cell<'a>(&'a self, key: &str, organization: &'a Organization) -> Cell<'a> {
        match key {
            "id" => Cell::Integer(self.id.into()),
            "name" => Cell::text(&self.name),
            "app" => {
                let app = organization.apps.get(&self.id_app);
                Cell::maybe(app, |app| Cell::json(json!({ "id": app.id, "name": app.name() })))
            }
            "approvalFlow" => Cell::json(json!({ "type": "sequential", "approvers": ["manager", "appOwner"] })),
            "eligibilityGroups" => Cell::json(match self.department {
                Some(department) => json!([{ "type": "department", "value": department }]),
                None => json!([{ "type": "everyone" }]),
            }),
            "accessDurationsConfig" => Cell::json(json!({
                "isTimeBound": self.max_days.is_some(),
                "maxDays": self.max_days,
            })),
            _ => Cell::Null,
        }
    }
}

pub(super) async fn list(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&["fields"])?;
    let organization = sample.read();
    let fields = organization.schemas.policies.select(parameters.list("fields").as_deref(), &ALL_FIELDS)?;
    let policies: Vec<_> = organization.policies.values().map(|policy| Shown::new(policy, &fields, &organization)).collect();
    Ok(json(&Policies { policies }))
}

pub(super) async fn eligible(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&["userEmail", "idApp"])?;
    let organization = sample.read();
    let email = parameters.required("userEmail")?;
    parameters.required("idApp")?;
    let app = parameters.id("idApp")?.unwrap_or_default();
    let user = organization.user_by_email(email).ok_or_else(|| Failure::not_found("user", email))?;
    if !organization.apps.contains_key(&app) {
        return Err(Failure::not_found("app", app));
    }
    let fields = organization.schemas.policies.select(None, &ALL_FIELDS)?;
    let policies: Vec<_> = organization
        .policies
        .values()
        .filter(|policy| policy.id_app == app && policy.covers(user, &organization))
        .map(|policy| Shown::new(policy, &fields, &organization))
        .collect();
    Ok(json(&Policies { policies }))
}

pub(super) async fn request(State(sample): State<Sample>, PathId(id): PathId, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    let policy = organization.policies.get(&id).ok_or_else(|| Failure::not_found("access request policy", id))?;
    body.only(&["userEmail", "description"])?;
    let user = user(body.required_text("userEmail")?, &organization)?;
    body.text("description")?;
    if !policy.covers(user, &organization) {
        return Err(Failure::malformed("NOT_ELIGIBLE_FOR_POLICY"));
    }
    audit::note(&mut organization, now, &REQUEST_ACCESS, id, Value::Object(body.0));
    Ok(json(&json!({ "success": true })))
}

/// Several requests at once; each succeeds or fails independently. How failures are reported is not published.
pub(super) async fn request_many(State(sample): State<Sample>, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    body.only(&["userEmail", "policies"])?;
    let email = body.required_text("userEmail")?;
    let id_user = user(email, &organization)?.id;
    let policies = body.array("policies")?.filter(|policies| !policies.is_empty());
    let policies = policies.ok_or_else(|| Failure::invalid("policies must name at least one policy"))?;
    let mut results = Vec::new();
    for item in policies {
        let id = item.get("idAccessRequestPolicy").and_then(Value::as_u64).and_then(|id| u32::try_from(id).ok());
        let id = id.ok_or_else(|| Failure::invalid(format!("idAccessRequestPolicy must be an integer: {item}")))?;
        let user = organization.users.get(&id_user);
        let error = match (organization.policies.get(&id), user) {
            (Some(policy), Some(user)) if policy.covers(user, &organization) => None,
            (Some(_), _) => Some("NOT_ELIGIBLE_FOR_POLICY"),
            (None, _) => Some("POLICY_NOT_FOUND"),
        };
        results.push(json!({ "idAccessRequestPolicy": id, "success": error.is_none(), "error": error }));
        if error.is_none() {
            audit::note(&mut organization, now, &REQUEST_ACCESS, id, json!({ "userEmail": email }));
        }
    }
    Ok(json(&json!({ "results": results })))
}

/// The older call: it names the app, and the policy of that app applies, or else a default policy.
pub(super) async fn request_app(State(sample): State<Sample>, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    body.only(&["triggerAppId", "triggerUserEmail", "description"])?;
    let app = body.required_id("triggerAppId")?;
    if !organization.apps.contains_key(&app) {
        return Err(Failure::invalid(format!("triggerAppId must be the id of an app: {app}")));
    }
    user(body.required_text("triggerUserEmail")?, &organization)?;
    body.text("description")?;
    let policy = organization.policies.values().find(|policy| policy.id_app == app).map_or(0, |policy| policy.id);
    audit::note(&mut organization, now, &REQUEST_ACCESS, policy, Value::Object(body.0));
    Ok(json(&json!({ "success": true })))
}

fn user<'a>(email: &str, organization: &'a Organization) -> Result<&'a User, Failure> {
    organization
        .user_by_email(email)
        .ok_or_else(|| Failure::invalid(format!("the e-mail address must belong to a user: {email}")))
}

#[derive(serde::Serialize)]
struct Policies<T> {
    #[serde(rename = "accessRequestPolicies")]
    policies: Vec<T>,
}
