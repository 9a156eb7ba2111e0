//! Workflows, their runs, and the call that starts one.

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    Sample,
    answer::{Answer, Failure, json},
    audit::{self, TRIGGER_WORKFLOW},
    cell::{Cell, Record},
    options::Executions,
    organization::Organization,
    query::{MAX_SIZE, Sort, page},
    request::{Body, Parameters, PathId, missing},
};

#[derive(Debug)]
pub(super) struct Workflow {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) version: &'static str,
    pub(super) trigger: Trigger,
    pub(super) action: &'static str,
    pub(super) id_action_app: Option<u32>,
    pub(super) is_active: bool,
    pub(super) created_at: Timestamp,
}

/// What triggers a workflow, which determines what a manual start has to name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Trigger {
    UserMeetsCriteria,
    UserJoins,
    UserLeft,
    AppMeetsCriteria,
    NewApp,
    ClosedAppInUse,
    LicenseNotInUse,
    LicenseCount,
    Contract,
    AppEvent,
    /// A call of the workflow's own address.
    Custom,
}

/// One action of one run.
#[derive(Debug)]
pub(super) struct Execution {
    pub(super) id: u32,
    pub(super) id_workflow: u32,
    pub(super) id_run: u32,
    pub(super) id_app: Option<u32>,
    pub(super) id_user: Option<u32>,
    pub(super) action: &'static str,
    pub(super) started_at: Timestamp,
    pub(super) outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Outcome {
    Running,
    Completed,
    Failed,
    Ignored,
}

impl Trigger {
    /// The kinds of triggers are published, but not their names in responses.
    fn name(self) -> &'static str {
        match self {
            Self::UserMeetsCriteria => "userMeetsCriteria",
            Self::UserJoins => "userJoins",
            Self::UserLeft => "userLeft",
            Self::AppMeetsCriteria => "appMeetsCriteria",
            Self::NewApp => "newAppDiscovered",
            Self::ClosedAppInUse => "closedAppInUse",
            Self::LicenseNotInUse => "licenseNotInUse",
            Self::LicenseCount => "licenseCountThreshold",
            Self::Contract => "contractMeetsCriteria",
            Self::AppEvent => "appEvent",
            Self::Custom => "customTrigger",
        }
    }

    /// What a manual start has to name.
    fn needs(self) -> &'static [&'static str] {
        match self {
            Self::UserMeetsCriteria | Self::UserJoins | Self::UserLeft | Self::AppEvent => &["triggerUserEmail"],
            Self::AppMeetsCriteria | Self::NewApp => &["triggerAppId"],
            Self::ClosedAppInUse => &["triggerUserEmail", "triggerAppId"],
            Self::LicenseNotInUse => &["triggerUserEmail", "triggerLicenseName", "triggerLicenseAppId"],
            Self::Contract => &["triggerContractId"],
            Self::LicenseCount | Self::Custom => &[],
        }
    }

    pub(super) fn is_about_users(self) -> bool {
        self.needs().contains(&"triggerUserEmail")
    }
}

impl Workflow {
    fn show(&self, organization: &Organization) -> Value {
        let last = organization.executions.iter().rev().find(|run| run.id_workflow == self.id);
        json!({
            "id": self.id,
            "name": self.name,
            "type": "regular",
            "version": self.version,
            "isActive": self.is_active,
            "triggerType": self.trigger.name(),
            "creationTime": Cell::Time(self.created_at),
            "lastTriggeredTime": last.map(|run| Cell::Time(run.started_at)),
        })
    }
}

impl Execution {
    /// The run in the format of Torii's guide, which names the outcome.
    fn show_status(&self) -> Value {
        let (status, error) = match self.outcome {
            Outcome::Running => ("running", None),
            Outcome::Completed => ("completed", None),
            Outcome::Failed => ("failed", Some("The integration did not accept the action")),
            Outcome::Ignored => ("ignored", None),
        };
        json!({
            "id": self.id,
            "idWorkflow": self.id_workflow,
            "idWorkflowExecution": self.id_run,
            "actionType": self.action,
            "idActionApp": self.id_app,
            "idActionUser": self.id_user,
            "status": status,
            "errorMessage": error,
            "creationTime": Cell::Time(self.started_at),
        })
    }

    fn show(&self, organization: &Organization) -> Value {
        let ended_at = Cell::Time(self.started_at + SignedDuration::from_secs(i64::from(self.id % 50) + 2));
        let at = |outcome| {
            if self.outcome == outcome { ended_at.clone() } else { Cell::Null }
        };
        json!({
            "id": self.id,
            "idOrg": organization.identity.id,
            "idApp": self.id_app,
            "idWorkflow": self.id_workflow,
            "idWorkflowExecution": self.id_run,
            "idAction": format!("action-{}", self.id_workflow),
            "actionType": self.action,
            "runtimeInfo": { "idUser": self.id_user, "idApp": self.id_app },
            "isRun": self.outcome == Outcome::Running,
            "runTime": Cell::Time(self.started_at),
            "isCompleted": self.outcome == Outcome::Completed,
            "completionTime": at(Outcome::Completed),
            "continueOnError": self.id_workflow.is_multiple_of(2),
            "isIgnored": self.outcome == Outcome::Ignored,
            "ignoredTime": at(Outcome::Ignored),
            "details": { "attempts": if self.outcome == Outcome::Failed { 3 } else { 1 } },
            "executionErrorType": (self.outcome == Outcome::Failed).then_some("integrationError"),
            "errorTime": at(Outcome::Failed),
            "creationTime": Cell::Time(self.started_at),
            "updateTime": if self.outcome == Outcome::Running { Cell::Time(self.started_at) } else { ended_at.clone() },
            "idActionUser": self.id_user,
        })
    }
}

impl Record for Execution {
    fn id(&self) -> u32 {
        self.id
    }

    fn cell<'a>(&'a self, key: &str, _: &'a Organization) -> Cell<'a> {
        if key == "creationTime" { Cell::Time(self.started_at) } else { Cell::Null }
    }
}

pub(super) async fn list(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&["type"])?;
    let organization = sample.read();
    // Only regular workflows are published, so there are none of another type.
    let is_known = parameters.text("type").is_none_or(|type_| type_ == "regular");
    let workflows: Vec<_> =
        organization.workflows.values().filter(|_| is_known).map(|workflow| workflow.show(&organization)).collect();
    Ok(json(&json!({ "workflows": workflows })))
}

pub(super) async fn show(State(sample): State<Sample>, PathId(id): PathId, parameters: Parameters) -> Answer {
    parameters.only(&[])?;
    let organization = sample.read();
    let workflow = organization.workflows.get(&id).ok_or_else(|| Failure::not_found("workflow", id))?;
    Ok(json(&json!({ "workflow": workflow.show(&organization) })))
}

pub(super) async fn executions(State(sample): State<Sample>, parameters: Parameters) -> Answer {
    parameters.only(&["idApp", "idActionApp", "idUser", "idActionUser", "cursor", "size"])?;
    let organization = sample.read();
    // The shorter names are the older ones.
    let app = parameters.id("idActionApp")?.or(parameters.id("idApp")?);
    let user = parameters.id("idActionUser")?.or(parameters.id("idUser")?);
    let size = parameters.integer("size", 1..=MAX_SIZE)?.unwrap_or(50);
    let runs = organization
        .executions
        .iter()
        .filter(|run| app.is_none_or(|app| run.id_app == Some(app)))
        .filter(|run| user.is_none_or(|user| run.id_user == Some(user)))
        .collect();
    let page = page(runs, &Sort::by("creationTime", true), size, parameters.text("cursor"), &organization)?;
    let (name, runs): (_, Vec<_>) = match sample.behavior().executions {
        Executions::Response => ("response", page.rows.iter().map(|run| run.show(&organization)).collect()),
        Executions::ActionExecutions => ("actionExecutions", page.rows.iter().map(|run| run.show_status()).collect()),
    };
    let count = runs.len();
    Ok(json(&json!({ (name): runs, "nextCursor": page.next_cursor, "count": count, "total": page.total })))
}

pub(super) async fn trigger(State(sample): State<Sample>, PathId(id): PathId, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    let workflow = organization.workflows.get(&id).ok_or_else(|| Failure::not_found("workflow", id))?;
    body.only(&["triggerAppId", "triggerUserEmail", "triggerContractId", "triggerLicenseName", "triggerLicenseAppId"])?;
    let cause = Cause::of(workflow.trigger, &body, &organization)?;
    let (action, id_action_app) = (workflow.action, workflow.id_action_app);
    let (id_execution, id_run) = (organization.next_id(), organization.next_id());
    organization.executions.push(Execution {
        id: id_execution,
        id_workflow: id,
        id_run,
        id_app: cause.id_app.or(id_action_app),
        id_user: cause.id_user,
        action,
        started_at: now,
        outcome: Outcome::Running,
    });
    audit::note(&mut organization, now, &TRIGGER_WORKFLOW, id, Value::Object(body.0));
    Ok(json(&json!({ "success": true })))
}

/// The app and the user of a manual start.
struct Cause {
    id_app: Option<u32>,
    id_user: Option<u32>,
}

impl Cause {
    fn of(trigger: Trigger, body: &Body, organization: &Organization) -> Result<Self, Failure> {
        let app = |name: &str| match body.id(name)? {
            Some(id) if !organization.apps.contains_key(&id) => {
                Err(Failure::invalid(format!("{name} must be the id of an app: {id}")))
            }
            other => Ok(other),
        };
        let email = body.text("triggerUserEmail")?;
        let user = match email {
            None => None,
            Some(email) => Some(
                organization
                    .user_by_email(email)
                    .ok_or_else(|| Failure::invalid(format!("triggerUserEmail must belong to a user: {email}")))?,
            ),
        };
        let (id_app, id_license_app) = (app("triggerAppId")?, app("triggerLicenseAppId")?);
        let contract = match body.id("triggerContractId")? {
            None => None,
            Some(id) => Some(
                organization
                    .contracts
                    .get(&id)
                    .ok_or_else(|| Failure::invalid(format!("triggerContractId must be the id of a contract: {id}")))?,
            ),
        };
        body.text("triggerLicenseName")?;
        if let Some(name) = trigger.needs().iter().find(|name| body.0.get(**name).is_none_or(Value::is_null)) {
            return Err(missing(name));
        }
        let of_contract = contract.and_then(|contract| contract.app(organization)).map(|app| app.id);
        Ok(Self { id_app: id_app.or(id_license_app).or(of_contract), id_user: user.map(|user| user.id) })
    }
}
