//! The operating system that SQLite sees while a statement runs: it has no files, a bounded amount of temporary storage, and the
//! clock of the caller.
//!
//! SQLite sorts and groups in caches of 2 MB each. What does not fit goes to temporary files, and those are memory here, which is
//! counted: a statement that wants more fails. A database file cannot be opened at all.
#![expect(unsafe_code, reason = "SQLite calls the functions of a VFS through C pointers; reviewed")]

use std::{
    cell::RefCell,
    ffi::{CStr, c_char, c_int, c_void},
    ptr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use rusqlite::ffi;

/// What SQLite knows it by.
pub(crate) const NAME: &CStr = c"openapi-mcp-query";

/// The unit in which temporary storage is taken.
const CHUNK: usize = 1 << 16;

/// Milliseconds between the beginning of Julian days and 1970.
const JULIAN_EPOCH: i64 = 210_866_760_000_000;

/// What a statement finds around it.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    /// Milliseconds since 1970.
    pub(crate) now: i64,
    /// How many bytes of temporary storage are left.
    pub(crate) temporary: Arc<AtomicUsize>,
}

thread_local! {
    static SURROUNDINGS: RefCell<Option<Surroundings>> = const { RefCell::new(None) };
}

/// Runs a function in these surroundings.
pub(crate) fn within<T>(surroundings: &Surroundings, work: impl FnOnce() -> T) -> T {
    /// Restores what was there, also after a panic.
    struct Restore(Option<Surroundings>);
    impl Drop for Restore {
        fn drop(&mut self) {
            SURROUNDINGS.set(self.0.take());
        }
    }
    let _restore = Restore(SURROUNDINGS.replace(Some(surroundings.clone())));
    work()
}

/// Makes the system known to SQLite, once.
pub(crate) fn register() -> rusqlite::Result<()> {
    static REGISTERED: OnceLock<c_int> = OnceLock::new();
    let code = *REGISTERED.get_or_init(|| {
        let vfs = ffi::sqlite3_vfs {
            iVersion: 2,
            #[expect(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "two pointers")]
            szOsFile: size_of::<File>() as c_int,
            mxPathname: 512,
            pNext: ptr::null_mut(),
            zName: NAME.as_ptr(),
            pAppData: ptr::null_mut(),
            xOpen: Some(open),
            xDelete: Some(delete),
            xAccess: Some(access),
            xFullPathname: Some(full_pathname),
            xDlOpen: None,
            xDlError: None,
            xDlSym: None,
            xDlClose: None,
            xRandomness: Some(randomness),
            xSleep: Some(sleep),
            xCurrentTime: Some(current_time),
            xGetLastError: Some(last_error),
            xCurrentTimeInt64: Some(current_time_int64),
            xSetSystemCall: None,
            xGetSystemCall: None,
            xNextSystemCall: None,
        };
        // SAFETY: SQLite keeps the pointer for ever, so the structure is never freed. The name is a constant. It does not become
        // the default, so that the databases of others are not affected.
        unsafe { ffi::sqlite3_vfs_register(Box::into_raw(Box::new(vfs)), 0) }
    });
    if code == ffi::SQLITE_OK { Ok(()) } else { Err(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)) }
}

/// A temporary file. SQLite provides its memory.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    content: *mut Content,
}

struct Content {
    chunks: Vec<Box<[u8]>>,
    len: usize,
    left: Arc<AtomicUsize>,
}

impl Content {
    fn write(&mut self, data: &[u8], at: usize) -> c_int {
        let Some(end) = at.checked_add(data.len()) else { return ffi::SQLITE_FULL };
        while self.chunks.len() * CHUNK < end {
            if self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(CHUNK)).is_err() {
                return ffi::SQLITE_FULL;
            }
            self.chunks.push(vec![0; CHUNK].into_boxed_slice());
        }
        let mut rest = data;
        let mut at = at;
        while !rest.is_empty() {
            let Some(room) = self.chunks.get_mut(at / CHUNK).and_then(|chunk| chunk.get_mut(at % CHUNK..)) else {
                return ffi::SQLITE_IOERR;
            };
            let (now, later) = rest.split_at(rest.len().min(room.len()));
            room.iter_mut().zip(now).for_each(|(to, from)| *to = *from);
            at += now.len();
            rest = later;
        }
        self.len = self.len.max(end);
        ffi::SQLITE_OK
    }

    fn read(&self, data: &mut [u8], at: usize) -> c_int {
        data.fill(0);
        let there = self.len.saturating_sub(at).min(data.len());
        let mut done = 0;
        while done < there {
            let (chunk, within) = ((at + done) / CHUNK, (at + done) % CHUNK);
            let Some(from) = self.chunks.get(chunk).and_then(|chunk| chunk.get(within..)) else { break };
            let Some(to) = data.get_mut(done..there) else { break };
            to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            done += from.len().min(there - done);
        }
        if there < data.len() { ffi::SQLITE_IOERR_SHORT_READ } else { ffi::SQLITE_OK }
    }

    fn truncate(&mut self, len: usize) {
        let keep = len.div_ceil(CHUNK).min(self.chunks.len());
        self.left.fetch_add((self.chunks.len() - keep) * CHUNK, Ordering::Relaxed);
        self.chunks.truncate(keep);
        // what is read beyond the end later must be zero
        if let Some(behind) = self.chunks.get_mut(len / CHUNK).and_then(|chunk| chunk.get_mut(len % CHUNK..)) {
            behind.fill(0);
        }
        self.len = self.len.min(len);
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        self.left.fetch_add(self.chunks.len() * CHUNK, Ordering::Relaxed);
    }
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(lock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

/// Opens a temporary file, which has no name; a name is refused.
unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let file = file.cast::<File>();
    // SAFETY: SQLite gives `szOsFile` bytes, and calls `xClose` only if the methods are set.
    unsafe { (*file).base.pMethods = ptr::null() };
    let left =
        SURROUNDINGS.with_borrow(|surroundings| surroundings.as_ref().map(|surroundings| Arc::clone(&surroundings.temporary)));
    let (true, Some(left)) = (name.is_null() && flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0, left) else {
        return ffi::SQLITE_CANTOPEN;
    };
    let content = Box::new(Content { chunks: Vec::new(), len: 0, left });
    // SAFETY: as above; `out_flags` may be null.
    unsafe {
        (*file).content = Box::into_raw(content);
        (*file).base.pMethods = &raw const METHODS;
        if !out_flags.is_null() {
            *out_flags = flags;
        }
    }
    ffi::SQLITE_OK
}

/// The content of an open file.
///
/// # Safety
/// The file must have been opened by [`open`] and not be closed yet, and SQLite must use it from one thread at a time, as it does.
unsafe fn content<'a>(file: *mut ffi::sqlite3_file) -> &'a mut Content {
    // SAFETY: `open` set the pointer, and `close` alone frees it.
    unsafe { &mut *(*file.cast::<File>()).content }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: SQLite closes a file once.
    unsafe { drop(Box::from_raw((*file.cast::<File>()).content)) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, data: *mut c_void, amount: c_int, at: ffi::sqlite3_int64) -> c_int {
    let (Ok(amount), Ok(at)) = (usize::try_from(amount), usize::try_from(at)) else { return ffi::SQLITE_IOERR_READ };
    // SAFETY: SQLite gives a buffer of `amount` bytes.
    unsafe { content(file).read(std::slice::from_raw_parts_mut(data.cast(), amount), at) }
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, data: *const c_void, amount: c_int, at: ffi::sqlite3_int64) -> c_int {
    let (Ok(amount), Ok(at)) = (usize::try_from(amount), usize::try_from(at)) else { return ffi::SQLITE_IOERR_WRITE };
    // SAFETY: SQLite gives a buffer of `amount` bytes.
    unsafe { content(file).write(std::slice::from_raw_parts(data.cast(), amount), at) }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    let Ok(size) = usize::try_from(size) else { return ffi::SQLITE_IOERR_TRUNCATE };
    // SAFETY: the file is open.
    unsafe { content(file).truncate(size) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, size: *mut ffi::sqlite3_int64) -> c_int {
    // SAFETY: the file is open, and SQLite gives a place for the size.
    unsafe { *size = ffi::sqlite3_int64::try_from(content(file).len).unwrap_or(ffi::sqlite3_int64::MAX) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn sync(_: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn lock(_: *mut ffi::sqlite3_file, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(_: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    // SAFETY: SQLite gives a place for the answer.
    unsafe { *out = 0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn file_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    4096
}

unsafe extern "C" fn device_characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    0
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, _: *const c_char, _: c_int) -> c_int {
    ffi::SQLITE_OK
}

unsafe extern "C" fn access(_: *mut ffi::sqlite3_vfs, _: *const c_char, _: c_int, out: *mut c_int) -> c_int {
    // SAFETY: SQLite gives a place for the answer.
    unsafe { *out = 0 };
    ffi::SQLITE_OK
}

unsafe extern "C" fn full_pathname(_: *mut ffi::sqlite3_vfs, _: *const c_char, _: c_int, _: *mut c_char) -> c_int {
    ffi::SQLITE_CANTOPEN
}

/// SQLite takes its seed from the default system, so this is not asked for anything that matters.
unsafe extern "C" fn randomness(_: *mut ffi::sqlite3_vfs, amount: c_int, out: *mut c_char) -> c_int {
    // SAFETY: SQLite gives a buffer of `amount` bytes.
    unsafe { ptr::write_bytes(out, 0, usize::try_from(amount).unwrap_or(0)) };
    amount
}

unsafe extern "C" fn sleep(_: *mut ffi::sqlite3_vfs, _: c_int) -> c_int {
    0
}

unsafe extern "C" fn last_error(_: *mut ffi::sqlite3_vfs, _: c_int, _: *mut c_char) -> c_int {
    0
}

unsafe extern "C" fn current_time_int64(_: *mut ffi::sqlite3_vfs, out: *mut ffi::sqlite3_int64) -> c_int {
    let Some(now) = SURROUNDINGS.with_borrow(|surroundings| surroundings.as_ref().map(|surroundings| surroundings.now)) else {
        return ffi::SQLITE_ERROR;
    };
    // SAFETY: SQLite gives a place for the time.
    unsafe { *out = JULIAN_EPOCH.saturating_add(now) };
    ffi::SQLITE_OK
}

unsafe extern "C" fn current_time(vfs: *mut ffi::sqlite3_vfs, out: *mut f64) -> c_int {
    let mut now = 0;
    // SAFETY: SQLite gives a place for the time.
    unsafe {
        let code = current_time_int64(vfs, &raw mut now);
        #[expect(clippy::cast_precision_loss, reason = "Julian days with a fraction are what is asked for")]
        if code == ffi::SQLITE_OK {
            *out = now as f64 / 86_400_000.0;
        }
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(left: usize) -> Content {
        Content { chunks: Vec::new(), len: 0, left: Arc::new(AtomicUsize::new(left)) }
    }

    #[test]
    fn a_temporary_file_reads_back_what_was_written_across_chunks() {
        let mut file = content(4 * CHUNK);
        let data: Vec<u8> = (0..CHUNK + 100).map(|at| u8::try_from(at % 251).unwrap()).collect();
        assert_eq!(file.write(&data, CHUNK - 50), ffi::SQLITE_OK);
        let mut read = vec![1; data.len()];
        assert_eq!(file.read(&mut read, CHUNK - 50), ffi::SQLITE_OK);
        assert!(read == data);
        assert_eq!(file.read(&mut [1; 60], 2 * CHUNK + 10), ffi::SQLITE_IOERR_SHORT_READ);
    }

    #[test]
    fn temporary_storage_ends_and_comes_back() {
        let mut file = content(2 * CHUNK);
        assert_eq!(file.write(&[1; 10], 2 * CHUNK - 10), ffi::SQLITE_OK);
        assert_eq!(file.write(&[1], 2 * CHUNK), ffi::SQLITE_FULL);
        file.truncate(5);
        assert_eq!(file.left.load(Ordering::Relaxed), CHUNK);
        let left = Arc::clone(&file.left);
        drop(file);
        assert_eq!(left.load(Ordering::Relaxed), 2 * CHUNK);
    }
}
