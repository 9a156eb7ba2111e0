//! What only Torii has: its keys, its users and their roles, its scopes.

pub mod directory;

use mcp_http::token::TokenPrefix;

use mcp_oauth_server::brand::{Brand, KeyField};

/// The credential of Torii's API: the name of its security scheme in the overlay.
pub const API_KEY: &str = "torii";
/// The credential of Torii's SCIM calls.
pub const SCIM_KEY: &str = "scim";

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
