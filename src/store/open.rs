//! Opening a database file that may be missing, empty, cut, garbage, of another version or in a folder that cannot be written.
//! Must not know what is in it.

use super::{StoreError, schema, unwritable};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::File;
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What opening found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// The damaged file, where it lies now, when a new one had to be made.
    pub recovered_from: Option<PathBuf>,
}

/// The two ways to write: coalesced commits, and commits that have reached the disk.
#[derive(Debug)]
pub(super) struct Connections {
    pub normal: Connection,
    /// Made when it is needed first: most starts need none.
    full: Option<Connection>,
    /// `None` in memory, where both are the same.
    path: Option<PathBuf>,
    /// A file that was just made has not been waited for yet.
    unsettled: bool,
}

impl Connections {
    /// The one whose commits have reached the disk.
    ///
    /// # Errors
    /// SQLite's, when it cannot be opened.
    pub fn durable(&mut self) -> rusqlite::Result<&Connection> {
        self.settle();
        if let (None, Some(path)) = (&self.full, &self.path) {
            self.full = Some(raw(path, "FULL")?);
        }
        Ok(self.full.as_ref().unwrap_or(&self.normal))
    }

    /// Has a file that was just made reach the disk. To be called before the first commit that must: what that writes to the
    /// journal is worth nothing beside a file that is empty after a crash.
    pub fn settle(&mut self) {
        if !std::mem::take(&mut self.unsettled) {
            return;
        }
        // By SQLite itself: locks belong to a process, and to close another descriptor of the file would give back all that it has
        // on it. What keeps it from the disk keeps the commits as well, and they say so.
        let _ = self.normal.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        let folder = self.path.as_deref().and_then(Path::parent);
        let _ = folder.map(|folder| File::open(folder).and_then(|folder| folder.sync_all()));
    }
}

pub(super) fn memory() -> Result<Connections, StoreError> {
    let mut normal = Connection::open_in_memory()?;
    schema::migrate(&mut normal, 0)?;
    Ok(Connections { normal, full: None, path: None, unsettled: false })
}

pub(super) fn open(path: &Path) -> Result<(Connections, Opened), StoreError> {
    let mut opened = Opened::default();
    match std::fs::symlink_metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(e) => return Err(unwritable(path, &e)),
        Ok(m) if !m.is_file() => return Err(StoreError::Unwritable { path: path.to_owned(), message: "it is not a plain file".into() }),
        // We never leave an empty one: its content was cut off.
        Ok(m) if m.len() == 0 => opened.recovered_from = Some(set_aside(path)?),
        Ok(_) => {}
    }
    match connect(path) {
        Ok(connections) => Ok((connections, opened)),
        Err(Trouble::Damaged) => {
            opened.recovered_from = Some(set_aside(path)?);
            match connect(path) {
                Ok(connections) => Ok((connections, opened)),
                Err(Trouble::Other(e)) => Err(e),
                Err(Trouble::Damaged) => Err(StoreError::Sql(format!("{} is damaged again right after it was made", path.display()))),
            }
        }
        Err(Trouble::Other(e)) => Err(e),
    }
}

enum Trouble {
    /// Not a database, or a broken one.
    Damaged,
    Other(StoreError),
}

fn connect(path: &Path) -> Result<Connections, Trouble> {
    // Made by us so that it never was readable by others; its journals take over the mode.
    let file = File::options().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = file.map_err(|e| Trouble::Other(unwritable(path, &e)))?;
    file.set_permissions(PermissionsExt::from_mode(0o600)).map_err(|e| Trouble::Other(unwritable(path, &e)))?;
    // Making one would wait for the disk six times, and a first start with it.
    let new = file.metadata().is_ok_and(|m| m.len() == 0);
    drop(file);
    let sorted = |e: rusqlite::Error| sort(path, e);
    let mut normal = raw(path, if new { "OFF" } else { "NORMAL" }).map_err(sorted)?;
    let sound: String = normal.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(sorted)?;
    if sound != "ok" {
        return Err(Trouble::Damaged);
    }
    let found = schema::version(&normal).map_err(sorted)?;
    if found > schema::KNOWN {
        return Err(Trouble::Other(StoreError::TooNew { path: path.to_owned(), found, known: schema::KNOWN }));
    }
    schema::migrate(&mut normal, found).map_err(sorted)?;
    if schema::check(&normal).is_err() {
        return Err(Trouble::Damaged);
    }
    normal.pragma_update(None, "synchronous", "NORMAL").map_err(sorted)?;
    Ok(Connections { normal, full: None, path: Some(path.to_owned()), unsettled: new })
}

fn raw(path: &Path, synchronous: &str) -> rusqlite::Result<Connection> {
    let db =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW)?;
    db.busy_timeout(Duration::from_secs(5))?;
    db.pragma_update(None, "synchronous", synchronous)?;
    // Where shared memory does not work (some network file systems) SQLite keeps its old journal: slower, as safe.
    db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // In KiB. It is written far more than read.
    db.pragma_update(None, "cache_size", -128)?;
    db.pragma_update_and_check(None, "journal_size_limit", 4 << 20, |_| Ok(()))?;
    Ok(db)
}

fn sort(path: &Path, e: rusqlite::Error) -> Trouble {
    let other = |message: String| Trouble::Other(StoreError::Unwritable { path: path.to_owned(), message });
    match e.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Trouble::Damaged,
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::PermissionDenied) => {
            other(e.to_string())
        }
        // A table that a migration wants to make is there already, or one it needs is not: nobody but us writes here.
        Some(ErrorCode::Unknown) => Trouble::Damaged,
        _ => Trouble::Other(e.into()),
    }
}

/// Renames a damaged database, with its journals (a new database must never meet an old journal).
fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let named = |n: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(if n == 1 { format!(".corrupt-{seconds}") } else { format!(".corrupt-{seconds}-{n}") });
        PathBuf::from(name)
    };
    let Some(aside) = (1..100).map(named).find(|p| std::fs::symlink_metadata(p).is_err()) else {
        return Err(StoreError::Unwritable { path: path.to_owned(), message: "too many damaged copies lie beside it".into() });
    };
    for journal in ["-wal", "-shm"] {
        let with = |base: &Path| {
            let mut name = base.as_os_str().to_owned();
            name.push(journal);
            PathBuf::from(name)
        };
        match std::fs::rename(with(path), with(&aside)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(unwritable(path, &e)),
            _ => {}
        }
    }
    std::fs::rename(path, &aside).map_err(|e| unwritable(path, &e))?;
    Ok(aside)
}

/// Everything SQLite finds wrong with a file; empty when it is sound. Reads only; for `doctor`.
///
/// # Errors
/// The file cannot be read or is no database.
pub fn integrity(path: &Path) -> Result<Vec<String>, StoreError> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(Duration::from_secs(5))?;
    let mut query = db.prepare("PRAGMA integrity_check(20)")?;
    let lines: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(lines.into_iter().filter(|l| l != "ok").collect())
}
