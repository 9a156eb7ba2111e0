//! An OAuth 2.1 authorization server in front of an MCP endpoint.

pub mod access;
pub mod browser;
pub mod fetch;
pub mod identity;
pub mod jose;
pub mod keyring;
pub mod oauth;
pub mod pages;
pub mod pkce;
pub mod store;
#[cfg(test)]
mod testing;
