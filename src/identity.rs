//! Who a person is, and with what they may act: the company's identity provider, another authorization server, Torii.

pub mod external;
mod issuer;
pub mod oidc;
mod person;
mod settings;
pub mod torii;

pub use oidc::Reauthenticate;
pub use settings::{External, Oidc};
