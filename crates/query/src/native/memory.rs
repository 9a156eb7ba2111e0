//! How much memory SQLite may take for one statement.
//!
//! SQLite's own limit is one for the whole process, and a store in the same process would meet it. So SQLite's allocator is wrapped
//! for the whole process, and counts only while a thread works on a statement: beyond its budget an allocation fails, and SQLite ends the
//! statement with [`ffi::SQLITE_NOMEM`]. This holds wherever SQLite looks at no other limit, as when it reads a statement.
//!
//! The same ends a statement whose time is over while it computes with long texts: SQLite looks at the clock where its program jumps,
//! and a thousand calls of functions in a row may take a minute.
#![expect(unsafe_code, reason = "SQLite calls its allocator through C pointers; reviewed")]

use std::{
    cell::Cell,
    ffi::{c_int, c_void},
    mem::MaybeUninit,
    ptr,
    sync::OnceLock,
    time::Instant,
};

use rusqlite::ffi::{self, sqlite3_mem_methods};

/// SQLite's own allocator; `None` if SQLite was in use before it could be wrapped.
static OWN: OnceLock<Option<Own>> = OnceLock::new();

#[derive(Clone, Copy)]
struct Own {
    allocate: unsafe extern "C" fn(c_int) -> *mut c_void,
    release: unsafe extern "C" fn(*mut c_void),
    resize: unsafe extern "C" fn(*mut c_void, c_int) -> *mut c_void,
    size: unsafe extern "C" fn(*mut c_void) -> c_int,
}

/// Where SQLite converts a value and finds no memory, it gives a text without an address, which `rusqlite` takes for a fault and panics.
/// So before values are read there has to be room for some texts of full length.
const MARGIN: i64 = 5 << 20;

/// The memory of the statement that a thread works on, in bytes.
#[derive(Clone, Copy)]
struct Budget {
    left: i64,
    /// What it began with. SQLite's connections share pages, so a thread may give back what another one took; that adds nothing.
    most: i64,
}

/// Allocations of so many bytes are work on long texts.
const LONG: c_int = 1 << 10;

thread_local! {
    /// `None` while this thread works on no statement.
    static BUDGET: Cell<Option<Budget>> = const { Cell::new(None) };
    /// When its time is over.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
    /// SQLite runs the statement, and none of our functions.
    static RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// Sets whether SQLite runs the statement, until it is dropped.
pub(crate) struct Running(bool);

impl Running {
    fn set(now: bool) -> Self {
        Self(RUNNING.replace(now))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.set(self.0);
    }
}

/// Lets SQLite run the statement: once its time is over, it finds no memory for long texts.
pub(crate) fn run<T>(work: impl FnOnce() -> T) -> T {
    let _running = Running::set(true);
    work()
}

/// Begins a function of ours that SQLite calls, until what it returns is dropped: what it reads must not fail.
#[must_use]
pub(crate) fn pause() -> Running {
    Running::set(false)
}

/// Whether the time is over for the running statement.
fn is_over(bytes: c_int) -> bool {
    bytes >= LONG && RUNNING.get() && DEADLINE.get().is_some_and(|deadline| Instant::now() >= deadline)
}

/// Wraps SQLite's allocator, so that the memory of statements is bounded. That is possible only before anything in the process has used
/// SQLite. Returns whether it is wrapped; calling it again does nothing.
pub fn bound_memory() -> bool {
    OWN.get_or_init(wrap).is_some()
}

fn wrap() -> Option<Own> {
    let mut own = MaybeUninit::<sqlite3_mem_methods>::zeroed();
    // SAFETY: this operation takes a pointer to the methods, which it fills in, and does nothing but fail once SQLite is in use. All
    // members may be zero.
    let methods = unsafe {
        if ffi::sqlite3_config(ffi::SQLITE_CONFIG_GETMALLOC, own.as_mut_ptr()) != ffi::SQLITE_OK {
            return None;
        }
        own.assume_init()
    };
    let sqlite3_mem_methods {
        xMalloc: Some(allocate_own),
        xFree: Some(release_own),
        xRealloc: Some(resize_own),
        xSize: Some(size),
        ..
    } = methods
    else {
        return None;
    };
    let wrapped = sqlite3_mem_methods { xMalloc: Some(allocate), xFree: Some(release), xRealloc: Some(resize), ..methods };
    // SAFETY: this operation takes a pointer to the methods, and copies them.
    let done = unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MALLOC, &raw const wrapped) };
    (done == ffi::SQLITE_OK).then_some(Own { allocate: allocate_own, release: release_own, resize: resize_own, size })
}

/// Checks that values can be read.
///
/// # Errors
/// When too little memory is left for that.
pub(crate) fn check() -> rusqlite::Result<()> {
    match BUDGET.get() {
        Some(budget) if budget.left < MARGIN => Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_NOMEM), None)),
        _ => Ok(()),
    }
}

/// Does `work` while this thread may take at most `left` bytes for SQLite, and gives back what is left. After `deadline`, what is run in
/// it ends.
pub(crate) fn within<T>(left: &Cell<i64>, deadline: Option<Instant>, work: impl FnOnce() -> T) -> T {
    /// Restores what held before, also if the work panics.
    struct Restored<'a>(&'a Cell<i64>, Option<Budget>, Option<Instant>);
    impl Drop for Restored<'_> {
        fn drop(&mut self) {
            DEADLINE.set(self.2);
            if let Some(budget) = BUDGET.replace(self.1) {
                self.0.set(budget.left);
            }
        }
    }
    let (left, most) = (left, left.get());
    let _restored = Restored(left, BUDGET.replace(Some(Budget { left: most, most })), DEADLINE.replace(deadline));
    work()
}

/// Takes bytes from the budget; `false` if it has too few.
fn take(bytes: i64) -> bool {
    match BUDGET.get() {
        Some(Budget { left, .. }) if left < bytes => false,
        Some(Budget { left, most }) => {
            BUDGET.set(Some(Budget { left: (left - bytes).min(most), most }));
            true
        }
        None => true,
    }
}

/// SQLite's own allocator, which is known once SQLite calls ours.
fn own() -> Option<Own> {
    OWN.get().copied().flatten()
}

unsafe extern "C" fn allocate(bytes: c_int) -> *mut c_void {
    let Some(own) = own() else { return ptr::null_mut() };
    if is_over(bytes) || !take(bytes.into()) {
        return ptr::null_mut();
    }
    // SAFETY: SQLite asks for a size that its own allocator takes.
    unsafe { (own.allocate)(bytes) }
}

unsafe extern "C" fn release(memory: *mut c_void) {
    let Some(own) = own() else { return };
    // SAFETY: SQLite gives back what its own allocator gave.
    unsafe {
        take(-i64::from((own.size)(memory)));
        (own.release)(memory);
    }
}

unsafe extern "C" fn resize(memory: *mut c_void, bytes: c_int) -> *mut c_void {
    let Some(own) = own() else { return ptr::null_mut() };
    // SAFETY: SQLite gives what its own allocator gave, and a size that this takes.
    unsafe {
        if is_over(bytes) || !take(i64::from(bytes) - i64::from((own.size)(memory))) {
            return ptr::null_mut();
        }
        (own.resize)(memory, bytes)
    }
}
