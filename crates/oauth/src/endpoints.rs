//! The endpoints of the authorization server, one file each: parse, decide, ask the store, respond.

pub mod authorize;
pub mod logout;
pub mod metadata;
pub mod register;
pub mod revoke;
pub mod sign_in;
pub mod token;
