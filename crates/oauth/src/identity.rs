//! Who a user is, and with what they may act: the company's identity provider, another authorization server, the API itself.

pub mod external;
mod issuer;
pub mod oidc;
mod settings;
mod user;

pub use oidc::Reauthenticate;
pub use settings::{External, Oidc};
