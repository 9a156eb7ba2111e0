//! Which rewriting of a statement SQLite may do.
#![expect(unsafe_code, reason = "rusqlite has no safe function for `sqlite3_test_control`; reviewed")]

use std::ffi::c_uint;

use rusqlite::{Connection, ffi};

/// Flattening, and pushing conditions into subqueries: both copy the expression of a column for each use of it.
const COPYING: c_uint = 0x0001 | 0x1000;

/// From now on, SQLite keeps subqueries as they are. Results stay the same.
pub(crate) fn keep_subqueries(connection: &Connection) {
    // SAFETY: the connection is open as long as it is borrowed, and the operation takes it and a mask of 32 bits.
    unsafe { ffi::sqlite3_test_control(ffi::SQLITE_TESTCTRL_OPTIMIZATIONS, connection.handle(), COPYING) };
}
