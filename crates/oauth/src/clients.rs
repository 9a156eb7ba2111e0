//! OAuth clients: their metadata and their authentication (RFC 6749, section 2).

pub mod assertion;
mod basic;
pub mod client;
pub mod client_metadata;
pub mod lookup;
pub mod metadata_document;
