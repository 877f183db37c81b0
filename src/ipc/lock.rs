//! One server per name: a file lock that dies with its holder, and the socket that is bound only under it. Must not know what
//! the server serves.

use super::paths::{Paths, fits_socket};
use rustix::fs::{FlockOperation, Mode, OFlags};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The lock of a living server. The kernel gives it up with the process, however that ends.
#[derive(Debug)]
pub struct ServerLock {
    // Held only for its lock.
    _file: File,
}

/// Why a socket could not be bound.
#[derive(Debug, Error)]
pub enum BindError {
    /// Somebody answers there.
    #[error("another process already listens on {}", .0.display())]
    InUse(PathBuf),
    /// Something that is not a socket is in the way; it is not ours to remove.
    #[error("{} is in the way and is not a socket: look at it and remove it", .0.display())]
    NotASocket(PathBuf),
    /// Longer than a socket path may be.
    #[error("{} is longer than a socket path may be (107 bytes)", .0.display())]
    TooLong(PathBuf),
    /// The system said no.
    #[error("cannot bind {}: {source}", path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl ServerLock {
    /// Takes the lock, or `None` when another process has it. The file holds our pid afterwards.
    ///
    /// # Errors
    /// When the file cannot be opened or locked.
    pub fn try_acquire(path: &Path) -> io::Result<Option<ServerLock>> {
        let mut file = open(path)?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
            Err(e) => return Err(e.into()),
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())?;
        Ok(Some(ServerLock { _file: file }))
    }

    /// Takes the lock, waiting for whoever has it.
    ///
    /// # Errors
    /// When the file cannot be opened or locked.
    pub fn acquire(path: &Path) -> io::Result<ServerLock> {
        let file = open(path)?;
        loop {
            match rustix::fs::flock(&file, FlockOperation::LockExclusive) {
                Ok(()) => return Ok(ServerLock { _file: file }),
                Err(rustix::io::Errno::INTR) => {}
                Err(e) => return Err(e.into()),
            }
        }
    }

    /// Binds a listening socket (0600) at `path`, in place of one that nobody listens on any more. It appears under its name
    /// only when connecting works.
    ///
    /// # Errors
    /// Somebody answers there, something else stands there, or the system says no.
    pub fn bind(&self, path: &Path) -> Result<UnixListener, BindError> {
        bind_socket(path)
    }

    /// The server's main socket.
    ///
    /// # Errors
    /// As [`ServerLock::bind`].
    pub fn bind_main(&self, paths: &Paths) -> Result<UnixListener, BindError> {
        self.bind(&paths.socket())
    }
}

/// The pid written in a lock file, when its lock is held. For people and for `doctor`; never signalled without a check.
pub fn holder_pid(path: &Path) -> Option<i32> {
    let file = File::open(path).ok()?;
    // A shared lock is refused exactly while the exclusive one is held.
    if rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared).is_ok() {
        return None;
    }
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?))
}

fn bind_socket(path: &Path) -> Result<UnixListener, BindError> {
    let fail = |source| BindError::Io { path: path.to_owned(), source };
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    if !fits_socket(&fresh) {
        return Err(BindError::TooLong(path.to_owned()));
    }
    clear(path)?;
    clear(&fresh)?;
    // Bound, closed to others and listening before it has its name: a client that sees the name can connect.
    let listener = UnixListener::bind(&fresh).map_err(fail)?;
    std::fs::set_permissions(&fresh, PermissionsExt::from_mode(0o600)).map_err(fail)?;
    std::fs::rename(&fresh, path).map_err(fail)?;
    Ok(listener)
}

/// Removes a socket that refuses connections; anything else stays.
fn clear(path: &Path) -> Result<(), BindError> {
    let fail = |source| BindError::Io { path: path.to_owned(), source };
    match std::fs::symlink_metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(fail(e)),
        Ok(m) if !m.file_type().is_socket() => return Err(BindError::NotASocket(path.to_owned())),
        Ok(_) => {}
    }
    match UnixStream::connect(path) {
        Ok(_) => Err(BindError::InUse(path.to_owned())),
        Err(e) if e.kind() == io::ErrorKind::ConnectionRefused => match std::fs::remove_file(path) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(fail(e)),
            _ => Ok(()),
        },
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(fail(e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_the_lock_and_says_who() {
        let tmp = tempfile::tempdir().unwrap();
        let path = tmp.path().join("lock");
        assert_eq!(holder_pid(&path), None);
        let lock = ServerLock::try_acquire(&path).unwrap().unwrap();
        assert!(ServerLock::try_acquire(&path).unwrap().is_none());
        assert_eq!(holder_pid(&path), Some(std::process::id() as i32));
        drop(lock);
        assert_eq!(holder_pid(&path), None);
        assert!(ServerLock::try_acquire(&path).unwrap().is_some());
    }

    #[test]
    fn only_a_dead_socket_is_replaced() {
        let tmp = tempfile::tempdir().unwrap();
        let lock = ServerLock::try_acquire(&tmp.path().join("lock")).unwrap().unwrap();
        let path = tmp.path().join("sock");
        let alive = lock.bind(&path).unwrap();
        assert!(matches!(lock.bind(&path), Err(BindError::InUse(_))));
        UnixStream::connect(&path).unwrap();
        drop(alive);
        let again = lock.bind(&path).unwrap();
        UnixStream::connect(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        drop(again);

        let file = tmp.path().join("file");
        std::fs::write(&file, "precious").unwrap();
        assert!(matches!(lock.bind(&file), Err(BindError::NotASocket(_))));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
        assert!(matches!(lock.bind(&tmp.path().join("x".repeat(110))), Err(BindError::TooLong(_))));
    }
}
