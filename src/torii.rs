//! What is specific to Torii: its credentials, users, roles and fields.

pub mod directory;
pub mod fields;
pub mod filters;
mod lookups;
pub mod prompts;

use mcp_http::token::TokenPrefix;
use mcp_oauth_server::brand::{Brand, KeyField};
use openapi_mcp::mcp::ServerDescription;

use crate::generated;

/// The credential of Torii's API: the name of its security scheme in the OpenAPI document.
pub const API_KEY: &str = "torii";
/// The credential of Torii's SCIM calls.
pub const SCIM_KEY: &str = "scim";

/// The names of the product and of this server, and its token prefix.
pub const BRAND: Brand = Brand { product: "Torii", server: "torii-mcp", tokens: TokenPrefix("toriimcp") };

/// The fields of the sign-in form for Torii's API keys.
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
            "Only needed to work with the users who can sign in to Torii itself. SCIM has to be enabled in Torii under Settings, \
             Security; its key is made under Settings, API Access, too.",
            Some("Manage Torii members as well"),
        ),
    ]
}

/// The `User-Agent` of requests to Torii.
pub const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// The icon, a small torii gate. Spaces are percent-encoded as well, for clients that validate URIs strictly (RFC 3986).
const ICON: &str = "data:image/svg+xml,%3Csvg%20xmlns='http://www.w3.org/2000/svg'%20viewBox='0%200%2024%2024'%20fill='%23d9482b'%3E\
%3Cpath%20d='M2%204q10%203%2020%200v3H2zM4%2010h16v2H4zM6%207h2v14H6zM16%207h2v14h-2z'/%3E%3C/svg%3E";

/// The description of this server, in addition to the overlay.
#[must_use]
pub fn description() -> ServerDescription {
    ServerDescription {
        version: env!("CARGO_PKG_VERSION"),
        icon: Some(ICON),
        coverage: generated::COVERAGE_JSON,
        prompts: prompts::prompts().into(),
        read_field: fields::read,
        other_filters: Some(filters::wrapped),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icon_is_a_uri_with_nothing_left_to_escape() {
        let (scheme, rest) = ICON.split_once(':').unwrap();
        assert_eq!(scheme, "data");
        for character in rest.chars() {
            assert!(character.is_ascii_alphanumeric() || "-._~:/?@!$&'()*+,;=%".contains(character), "{character:?}");
        }
    }

    #[test]
    fn the_product_and_its_overlay_name_the_same_credentials() {
        let catalog = generated::catalog().unwrap();
        let names: Vec<&str> = catalog.credentials().iter().map(|credential| credential.name.as_str()).collect();
        assert_eq!(names, [API_KEY, SCIM_KEY]);
        assert_eq!(catalog.product().name, BRAND.product);
        assert_eq!(catalog.product().server_name, BRAND.server);
    }
}
