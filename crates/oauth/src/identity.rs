//! Users' identities and rights: the organization's identity provider, or another authorization server.

pub mod external;
mod issuer;
pub(crate) mod logout;
pub mod oidc;
mod settings;
mod user;

pub use issuer::check as check_issuer;
pub use oidc::Reauthenticate;
pub use settings::{External, LogoutEnds, Oidc};
