//! Who a person is, and with what they may act: the company's identity provider, another authorization server, Torii.

pub mod external;
pub mod oidc;
pub mod torii;
