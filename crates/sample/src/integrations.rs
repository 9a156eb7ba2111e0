//! Custom integrations: accounts for apps, and syncs of uploaded data into them.

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    Sample,
    answer::{Answer, Failure, json},
    audit::{self, CREATE_ACCOUNT, Kind, SYNC_CUSTOM, SYNC_GLUU},
    organization::{Link, Organization},
    request::Body,
};

/// How long a sync blocks the next one on the same account.
const SYNC_DURATION: SignedDuration = SignedDuration::from_secs(60);

#[derive(Debug)]
pub(super) struct Account {
    pub(super) id_app: u32,
    pub(super) synced_at: Option<Timestamp>,
}

pub(super) async fn create(State(sample): State<Sample>, body: Body) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    body.only(&["idApp", "name"])?;
    let id_app = body.required_id("idApp")?;
    body.text("name")?;
    if !organization.apps.contains_key(&id_app) {
        return Err(Failure::invalid(format!("idApp must be the id of an app of the organization: {id_app}")));
    }
    let id = organization.next_id();
    organization.accounts.insert(id, Account { id_app, synced_at: None });
    audit::note(&mut organization, now, &CREATE_ACCOUNT, id, json!({ "idApp": id_app }));
    Ok(json(&json!({ "id": id })))
}

pub(super) async fn sync_json(State(sample): State<Sample>, body: Body) -> Answer {
    sync(&sample, &body, &SYNC_CUSTOM, |bytes| {
        let file: Value =
            serde_json::from_slice(bytes).map_err(|error| Failure::invalid(format!("the file is not valid JSON: {error}")))?;
        let users = file.get("users").and_then(Value::as_array);
        let users = users.ok_or_else(|| Failure::invalid("the file must hold an array `users`"))?;
        let read = |user: &Value| {
            let is_removed = user.get("status").and_then(Value::as_str) == Some("deleted");
            user.get("email").and_then(Value::as_str).map(|email| (email.to_owned(), is_removed))
        };
        Ok(users.iter().filter_map(read).collect())
    })
}

pub(super) async fn sync_csv(State(sample): State<Sample>, body: Body) -> Answer {
    sync(&sample, &body, &SYNC_GLUU, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let email = |line: &str| {
            let cell = line.split(',').map(|cell| cell.trim().trim_matches('"')).find(|cell| cell.contains('@'));
            cell.map(|email| (email.to_owned(), false))
        };
        Ok(text.lines().filter_map(email).collect())
    })
}

/// Links the known users in an uploaded file to the app of the account; `read` returns their email addresses and whether each
/// was removed.
fn sync(
    sample: &Sample,
    body: &Body,
    kind: &'static Kind,
    read: impl Fn(&[u8]) -> Result<Vec<(String, bool)>, Failure>,
) -> Answer {
    let now = sample.now();
    let mut organization = sample.write();
    body.only(&["idFile", "idAppAccount"])?;
    let id_file = body.required_id("idFile")?;
    let id_account = body.required_id("idAppAccount")?;
    let account = organization
        .accounts
        .get(&id_account)
        .ok_or_else(|| Failure::invalid(format!("idAppAccount must be the id of a custom integration account: {id_account}")))?;
    let id_app = account.id_app;
    if account.synced_at.is_some_and(|started_at| now.duration_since(started_at) < SYNC_DURATION) {
        return Err(Failure::conflict("a sync of this account is running"));
    }
    let people = read(organization.bytes_of(id_file, &["customIntegrationData"])?.1)?;
    if people.is_empty() {
        return Err(Failure::invalid("the file must hold at least one user with an e-mail address"));
    }
    for (email, is_removed) in people {
        link(&mut organization, id_app, &email, is_removed, now);
    }
    if let Some(account) = organization.accounts.get_mut(&id_account) {
        account.synced_at = Some(now);
    }
    audit::note(&mut organization, now, kind, id_account, json!({ "idUpload": id_file }));
    Ok(json(&json!({ "success": true })))
}

fn link(organization: &mut Organization, id_app: u32, email: &str, is_removed: bool, now: Timestamp) {
    if let Some(id_user) = organization.user_by_email(email).map(|user| user.id) {
        organization.link(id_app, Link { is_removed, ..Link::fresh(id_user, now) });
    }
}
