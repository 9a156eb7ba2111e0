//! What only unsafe code can do in SQLite: a file system without files, virtual tables, and switching off optimizations. Nothing else
//! in this crate is unsafe.

pub(crate) mod bound_tables;
pub(crate) mod no_files;
pub(crate) mod rewriting;
