//! What only unsafe code can do in SQLite: bounding its memory, a file system without files, and virtual tables. Nothing else in this
//! crate is unsafe.

pub(crate) mod bound_tables;
pub(crate) mod memory;
pub(crate) mod no_files;
