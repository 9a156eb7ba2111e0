//! What only Torii has: its keys, its users and their roles, its scopes.

pub mod directory;

use mcp_http::{
    scope::{Access, ScopeDefinition},
    token::TokenPrefix,
};

use mcp_oauth_server::brand::{Brand, KeyField};

/// The credential of Torii's API: the name of its security scheme in the overlay.
pub const API_KEY: &str = "torii";
/// The credential of Torii's SCIM calls.
pub const SCIM_KEY: &str = "scim";

/// Torii's scopes, the least first.
#[must_use]
pub fn scopes() -> Vec<ScopeDefinition> {
    let define = |name: &str, title: &str, description: &str, implies: &[&str], access| ScopeDefinition {
        name: name.to_owned(),
        title: title.to_owned(),
        description: description.to_owned(),
        implies: implies.iter().map(|name| (*name).to_owned()).collect(),
        access,
        credential: None,
    };
    vec![
        define(
            "torii:read",
            "See your data",
            "Look up apps, users, contracts, costs, workflows and logs. Nothing changes.",
            &[],
            Access::Read,
        ),
        define(
            "torii:write",
            "Add and change data",
            "Create and edit apps, contracts, users and files, and start workflows.",
            &["torii:read"],
            Access::Write,
        ),
        define(
            "torii:destroy",
            "Delete data",
            "Remove things for good. What is deleted cannot be brought back.",
            &["torii:write"],
            Access::Destroy,
        ),
        ScopeDefinition {
            credential: Some(SCIM_KEY.to_owned()),
            ..define(
                "torii:scim",
                "Work with Torii members",
                "Reach the people who can sign in to Torii itself, and their roles, with your SCIM key.",
                &[],
                Access::Read,
            )
        },
    ]
}

/// What this server is called.
pub const BRAND: Brand = Brand { product: "Torii", server: "torii-mcp", tokens: TokenPrefix("toriimcp") };

/// The keys that a user signs in with.
#[must_use]
pub fn key_fields() -> Vec<KeyField> {
    let refused = "Torii does not accept this key. Copy it again from the Torii console, under Settings, API Access.";
    let field = |credential: &str, label: &str, help: &str, opens: Option<&str>| KeyField {
        credential: credential.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        refused: refused.to_owned(),
        opens: opens.map(str::to_owned),
    };
    vec![
        field(
            API_KEY,
            "Torii API key",
            "In Torii, keys are under Settings, API Access. Yours stays on this server, encrypted; no assistant ever sees it.",
            None,
        ),
        field(
            SCIM_KEY,
            "Torii SCIM key",
            "Only needed to work with the people who can sign in to Torii itself. SCIM has to be enabled in Torii under Settings, \
             Security; its key is made under Settings, API Access too.",
            Some("Manage Torii members as well"),
        ),
    ]
}
