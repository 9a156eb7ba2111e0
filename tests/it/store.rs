//! Stores of older servers. The contract of a store is tested with the library, in `crates/oauth/tests/store`.

// a database for a test
#[path = "../../crates/oauth/tests/store/place.rs"]
mod place;

mod old_stores;
