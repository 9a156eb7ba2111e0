//! Files, plugins, and an account for syncs.

use serde_json::json;

use super::{Maker, nth};
use crate::{
    PLUGIN_ID, PLUGIN_UUID,
    files::{File, TYPES},
    integrations::Account,
    organization::Organization,
    plugins::Plugin,
    storage::Stored,
};

pub(super) const N_FILES: u32 = 24;

/// Files of every type, plugins, and an account for syncs.
pub(super) fn possessions(organization: &mut Organization, maker: &mut Maker) {
    let staff: Vec<u32> = organization.users.keys().take(20).copied().collect();
    let emails: Vec<_> = organization.users.values().take(3).map(|user| user.email.clone()).collect();
    for at in 0..N_FILES {
        let (id, type_) = (maker.plan.ids.file + at, nth(&TYPES, at));
        let days = maker.random.below(300);
        let created_at = maker.days_ago(days);
        let (name, content_type, bytes) = match type_ {
            "expenseReport" => (format!("expenses-{at}.csv"), "text/csv", expenses(maker)),
            "customIntegrationData" => {
                let users: Vec<_> = emails.iter().map(|email| json!({ "email": email })).collect();
                (format!("users-{at}.json"), "application/json", json!({ "users": users }).to_string())
            }
            "plugin" => (format!("plugin-{at}.zip"), "application/zip", "PK sample".to_owned()),
            _ => (format!("contract-{at}.pdf"), "application/pdf", "%PDF-1.4 sample".to_owned()),
        };
        let path = format!("{}/{name}", created_at.as_millisecond());
        let stored = Stored { content_type: content_type.to_owned(), bytes: Some(bytes.into_bytes()) };
        organization.stored.insert(path.clone(), stored);
        organization.files.insert(id, File { id, type_, name, path, created_at, id_user: Some(nth(&staff, at)) });
    }
    if let Some(id_app) = organization.apps.keys().next_back().copied() {
        organization.accounts.insert(maker.plan.ids.account, Account { id_app, synced_at: None });
    }
    organization.plugins = plugins(maker);
}

fn expenses(maker: &Maker) -> String {
    let row = |ahead: i64, what: &str, amount: &str| format!("{},{what},{amount}\n", maker.day(ahead));
    ["date,description,amount\n".to_owned(), row(-40, "SLACK", "120.50"), row(-35, "TAXI", "18.00"), row(-30, "ZOOM", "75")]
        .concat()
}

fn plugins(maker: &mut Maker) -> Vec<Plugin> {
    let mut plugin = |id, uuid: &str, name: &str, is_private| Plugin {
        id,
        uuid: uuid.to_owned(),
        name: name.to_owned(),
        is_private,
        version: 1,
        fields: vec![(id * 10 + 1, "accountId"), (id * 10 + 2, "region")],
        id_key: None,
        updated_at: maker.days_ago(90),
    };
    vec![
        plugin(PLUGIN_ID, PLUGIN_UUID, "Badge printer", true),
        plugin(PLUGIN_ID + 1, "7c1d9e34-58b2-4f0a-8d66-a0b1c2d3e4f5", "Desk booking", true),
        plugin(PLUGIN_ID + 2, "d4e5f6a7-1234-4abc-9def-0123456789ab", "Weather", false),
    ]
}
