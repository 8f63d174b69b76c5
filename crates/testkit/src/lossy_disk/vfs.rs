//! The shim below SQLite. A file is opened by the system's own VFS; then those of
//! its methods that change it are replaced by ones that tell the model first.
#![allow(
    unsafe_code,
    reason = "SQLite calls its VFS through C function pointers and gives it raw pointers to files"
)]

use std::collections::HashMap;
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, Weak};

use rusqlite::ffi;

use super::model::{Change, Inode, Kind, Model};
use super::{lock, parent};

const NAME: &CStr = c"lossy";

static SHIM: OnceLock<Option<Shim>> = OnceLock::new();
/// Which folders are kept by whom.
static DISKS: Mutex<Vec<(PathBuf, Weak<Mutex<Model>>)>> = Mutex::new(Vec::new());
/// The open files, by the address of SQLite's own object for each.
static FILES: LazyLock<Mutex<HashMap<usize, Arc<OpenFile>>>> = LazyLock::new(Mutex::default);

struct Shim {
    /// The system's own VFS.
    system: *mut ffi::sqlite3_vfs,
}

// SAFETY: the VFS object lives as long as the process and is not changed after
// its registration; SQLite itself calls it from every thread.
unsafe impl Send for Shim {}
// SAFETY: as above.
unsafe impl Sync for Shim {}

struct OpenFile {
    model: Arc<Mutex<Model>>,
    inode: Inode,
    kind: Kind,
    /// Of a journal, until its first sync.
    unsynced_folder: Mutex<Option<PathBuf>>,
    /// The methods of the system's VFS, and ours that SQLite is given.
    system: *const ffi::sqlite3_io_methods,
    ours: ffi::sqlite3_io_methods,
}

// SAFETY: `system` points to a constant of SQLite; `ours` is never changed.
unsafe impl Send for OpenFile {}
// SAFETY: as above.
unsafe impl Sync for OpenFile {}

/// Registers the shim as this process's default VFS, the first time, and lets
/// the model hear of the files below this folder.
pub(super) fn lay_below(folder: PathBuf, model: &Arc<Mutex<Model>>) -> io::Result<()> {
    if SHIM.get_or_init(register).is_none() {
        return Err(io::Error::other("SQLite did not take the VFS"));
    }
    let mut disks = lock(&DISKS);
    disks.retain(|(_, model)| model.strong_count() > 0);
    disks.push((folder, Arc::downgrade(model)));
    Ok(())
}

fn register() -> Option<Shim> {
    // SAFETY: a null name asks for the default VFS; what is answered is either
    // null or an object that lives as long as the process.
    let system = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
    // SAFETY: checked for null; nobody changes a registered VFS, so reading it
    // is sound.
    let mut ours = *unsafe { system.as_ref() }?;
    ours.pNext = ptr::null_mut();
    ours.zName = NAME.as_ptr();
    ours.xOpen = Some(open);
    ours.xDelete = Some(delete);
    // The other methods are the system's own: they ask nothing of the object but
    // `pAppData`, which is copied with it.
    let ours = Box::into_raw(Box::new(ours));
    // SAFETY: the object is never freed, as SQLite keeps the pointer.
    let taken = unsafe { ffi::sqlite3_vfs_register(ours, 1) };
    (taken == ffi::SQLITE_OK).then_some(Shim { system })
}

fn system_vfs() -> Option<*mut ffi::sqlite3_vfs> {
    SHIM.get()?.as_ref().map(|shim| shim.system)
}

/// The model that keeps this path.
fn keeper(path: &Path) -> Option<Arc<Mutex<Model>>> {
    let disks = lock(&DISKS);
    let (_, model) = disks.iter().find(|(folder, _)| path.starts_with(folder))?;
    model.upgrade()
}

/// SAFETY: `name` is null or a text that ends in NUL and lives during the call.
unsafe fn path_of<'a>(name: *const c_char) -> Option<&'a Path> {
    if name.is_null() {
        return None;
    }
    // SAFETY: as the caller grants.
    let name = unsafe { CStr::from_ptr(name) };
    Some(Path::new(OsStr::from_bytes(name.to_bytes())))
}

fn kind_of(flags: c_int) -> Option<Kind> {
    match flags {
        flags if flags & ffi::SQLITE_OPEN_MAIN_DB != 0 => Some(Kind::Database),
        flags if flags & ffi::SQLITE_OPEN_WAL != 0 => Some(Kind::Log),
        flags if flags & ffi::SQLITE_OPEN_MAIN_JOURNAL != 0 => Some(Kind::Journal),
        _ => None,
    }
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    let Some(system) = system_vfs() else {
        return ffi::SQLITE_CANTOPEN;
    };
    // SAFETY: `system` is a registered VFS, so it has this method; the arguments
    // are handed on as SQLite gave them, and `file` has the room it asks for,
    // as our `szOsFile` is a copy of its own.
    let opened = unsafe {
        match (*system).xOpen {
            Some(open) => open(system, name, file, flags, out_flags),
            None => ffi::SQLITE_CANTOPEN,
        }
    };
    // SAFETY: SQLite's names end in NUL and outlive the file.
    let path = unsafe { path_of(name) };
    let (Some(path), Some(kind)) = (path, kind_of(flags)) else {
        return opened;
    };
    if opened == ffi::SQLITE_OK
        && let Some(model) = keeper(path)
    {
        // SAFETY: the system's VFS has just opened this file.
        unsafe { take_over(file, path, kind, model) };
    }
    opened
}

/// SAFETY: `file` was opened by the system's VFS.
unsafe fn take_over(
    file: *mut ffi::sqlite3_file,
    path: &Path,
    kind: Kind,
    model: Arc<Mutex<Model>>,
) {
    // SAFETY: as the caller grants, the methods are set and constant.
    let system = unsafe { (*file).pMethods };
    // SAFETY: as above.
    let mut ours = unsafe { *system };
    // Without memory mapping all changes come through these methods.
    ours.iVersion = ours.iVersion.min(2);
    ours.xWrite = Some(write);
    ours.xTruncate = Some(truncate);
    ours.xSync = Some(sync);
    ours.xClose = Some(close);
    let inode = lock(&model).open(path);
    let unsynced_folder = (kind != Kind::Database).then(|| parent(path));
    let open = Arc::new(OpenFile {
        model,
        inode,
        kind,
        unsynced_folder: Mutex::new(unsynced_folder),
        system,
        ours,
    });
    // SAFETY: the methods live in the table of open files until `close` has put
    // the system's own back.
    unsafe { (*file).pMethods = &raw const open.ours };
    lock(&FILES).insert(file.addr(), open);
}

fn found(file: *mut ffi::sqlite3_file) -> Option<Arc<OpenFile>> {
    lock(&FILES).get(&file.addr()).cloned()
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    amount: c_int,
    at: ffi::sqlite3_int64,
) -> c_int {
    let (Some(open), Ok(length), Ok(offset)) =
        (found(file), usize::try_from(amount), u64::try_from(at))
    else {
        return ffi::SQLITE_IOERR_WRITE;
    };
    // SAFETY: SQLite gives `amount` readable bytes.
    let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), length) }.to_vec();
    let change = Change::Write { at: offset, bytes };
    if !lock(&open.model).change(open.inode, open.kind, change) {
        return ffi::SQLITE_FULL;
    }
    // SAFETY: the method is the one that the file was opened with.
    unsafe {
        match (*open.system).xWrite {
            Some(write) => write(file, from, amount, at),
            None => ffi::SQLITE_IOERR_WRITE,
        }
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    let (Some(open), Ok(length)) = (found(file), u64::try_from(size)) else {
        return ffi::SQLITE_IOERR_TRUNCATE;
    };
    if !lock(&open.model).change(open.inode, open.kind, Change::Truncate(length)) {
        return ffi::SQLITE_FULL;
    }
    // SAFETY: the method is the one that the file was opened with.
    unsafe {
        match (*open.system).xTruncate {
            Some(truncate) => truncate(file, size),
            None => ffi::SQLITE_IOERR_TRUNCATE,
        }
    }
}

/// The system is not asked to sync: nobody pulls its plug, and it takes its time.
unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    let Some(open) = found(file) else {
        return ffi::SQLITE_IOERR_FSYNC;
    };
    let mut folder = lock(&open.unsynced_folder);
    if lock(&open.model).sync(open.inode, open.kind, folder.as_deref()) {
        *folder = None;
        ffi::SQLITE_OK
    } else {
        ffi::SQLITE_IOERR_FSYNC
    }
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    let Some(open) = lock(&FILES).remove(&file.addr()) else {
        return ffi::SQLITE_IOERR_CLOSE;
    };
    // SAFETY: the file is given back to whom it was taken from, with the methods
    // that it was opened with; `open` lives until the end of this call.
    unsafe {
        (*file).pMethods = open.system;
        match (*open.system).xClose {
            Some(close) => close(file),
            None => ffi::SQLITE_IOERR_CLOSE,
        }
    }
}

unsafe extern "C" fn delete(
    _: *mut ffi::sqlite3_vfs,
    name: *const c_char,
    sync_folder: c_int,
) -> c_int {
    let Some(system) = system_vfs() else {
        return ffi::SQLITE_IOERR_DELETE;
    };
    // SAFETY: SQLite's names end in NUL and live during the call.
    if let Some(path) = unsafe { path_of(name) }
        && let Some(model) = keeper(path)
    {
        lock(&model).delete(path, sync_folder != 0);
    }
    // SAFETY: a registered VFS has this method, and takes what SQLite gave.
    unsafe {
        match (*system).xDelete {
            Some(delete) => delete(system, name, sync_folder),
            None => ffi::SQLITE_IOERR_DELETE,
        }
    }
}
