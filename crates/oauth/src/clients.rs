//! The applications that ask for access: who they are, and whether they are who they say (RFC 6749, section 2).

pub mod assertion;
pub mod client;
pub mod client_metadata;
pub mod lookup;
pub mod metadata_document;
