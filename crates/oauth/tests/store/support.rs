//! What the tests need besides the store.

// a real PostgreSQL, started for the tests
#[path = "../../../../tests/it/support/postgres.rs"]
pub(crate) mod postgres;
// scopes by their names
pub(crate) mod rights;
