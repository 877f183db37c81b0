//! Where a holder's socket and files are, and how to reach a socket whose path is longer than the kernel takes.
//! Must not know what is said over the sockets.

use crate::base::SessionId;
use rustix::fs::{Mode, OFlags};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Longest socket path the kernel takes, without the closing NUL. Longer ones go by the folder's descriptor.
const SUN_PATH: usize = 107;

/// The folders of one server, and the program that is its holder.
#[derive(Clone, Debug)]
pub struct HolderDirs {
    /// The server's runtime folder, absolute (`$XDG_RUNTIME_DIR/copilot-tui/<server>`); sockets lie in `holders/` below it.
    pub runtime: PathBuf,
    /// The server's state folder, absolute; the spill file is `sessions/<id>/spill` below it.
    pub state: PathBuf,
    /// The program that holders are started from. Holders start their exec step from the same file, also after it was replaced.
    pub exe: PathBuf,
    /// Soft limit of open files that agents get; `None` passes on the one of the server.
    pub nofile: Option<u64>,
}

impl HolderDirs {
    /// The folders of a server, with this program as the holder.
    pub fn new(runtime: impl Into<PathBuf>, state: impl Into<PathBuf>) -> HolderDirs {
        HolderDirs { runtime: runtime.into(), state: state.into(), exe: own_exe(), nofile: None }
    }

    /// The folder of the sockets.
    pub fn holders(&self) -> PathBuf {
        self.runtime.join("holders")
    }

    /// The session's folder.
    pub fn session(&self, id: &SessionId) -> PathBuf {
        self.state.join("sessions").join(id.as_str())
    }

    /// The session's spill file.
    pub fn spill(&self, id: &SessionId) -> PathBuf {
        self.session(id).join("spill")
    }
}

/// This program's file. By the link of the kernel on Linux, which names it even when another file lies in its place or none.
pub fn own_exe() -> PathBuf {
    if cfg!(target_os = "linux") { PathBuf::from("/proc/self/exe") } else { std::env::current_exe().unwrap_or_default() }
}

/// File name of the control socket.
pub fn socket_name(id: &SessionId) -> String {
    format!("{id}.sock")
}

/// The name the control socket has until it listens. Whoever sees `<id>.sock` refuse a connection may remove it, so that
/// name must never belong to a socket that is about to listen.
pub fn socket_name_new(id: &SessionId) -> String {
    format!("{id}.new")
}

/// File name of the private socket of the exec step; exists only during a launch.
pub fn exec_name(id: &SessionId) -> String {
    format!("{id}.exec")
}

/// A socket address short enough for the kernel; keep it alive while the path is used.
pub struct Address {
    /// The path to bind or connect to.
    pub path: PathBuf,
    _folder: Option<OwnedFd>,
}

/// The address of socket `name` in `folder`.
///
/// # Errors
/// The folder's, when it has to be opened; `InvalidInput` when the path is too long and the system has no other way.
pub fn address(folder: &Path, name: &str) -> io::Result<Address> {
    let path = folder.join(name);
    if path.as_os_str().len() <= SUN_PATH {
        return Ok(Address { path, _folder: None });
    }
    if !cfg!(target_os = "linux") {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("socket path longer than {SUN_PATH} bytes: {}", path.display())));
    }
    let fd = rustix::fs::open(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    Ok(Address { path: PathBuf::from(format!("/proc/self/fd/{}", fd.as_raw_fd())).join(name), _folder: Some(fd) })
}

/// Makes `folder` and what is missing above it, mode 0700, and checks that it is a folder of ours that nobody else can enter.
///
/// # Errors
/// The system's, or `PermissionDenied` with the reason.
pub fn ensure_private(folder: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    check_private(folder)
}

/// Checks that `folder` is a folder (no link), ours, and closed to everybody else.
///
/// # Errors
/// The system's, or `PermissionDenied` with the reason.
pub fn check_private(folder: &Path) -> io::Result<()> {
    let meta = std::fs::symlink_metadata(folder)?;
    let refuse = |why: &str| Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("{} {why}", folder.display())));
    if !meta.is_dir() {
        return refuse("is not a folder");
    }
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return refuse("belongs to another user");
    }
    if meta.mode() & 0o077 != 0 {
        return refuse("is open to other users (its mode must be 0700)");
    }
    Ok(())
}

/// Sessions whose control socket is present; some may belong to holders that died. Sorted.
///
/// # Errors
/// The folder's. A missing folder is an empty list.
pub fn list_holders(dirs: &HolderDirs) -> io::Result<Vec<SessionId>> {
    let entries = match std::fs::read_dir(dirs.holders()) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut ids = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        if let Some(id) = name.to_str().and_then(|n| n.strip_suffix(".sock")).and_then(|n| n.parse().ok()) {
            ids.push(id);
        }
    }
    ids.sort();
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::{UnixListener, UnixStream};

    #[test]
    fn long_paths_are_reached_by_descriptor() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("x".repeat(120));
        std::fs::create_dir(&deep).unwrap();
        let a = address(&deep, "a.sock").unwrap();
        assert!(a.path.as_os_str().len() <= SUN_PATH);
        let listener = UnixListener::bind(&a.path).unwrap();
        assert!(deep.join("a.sock").exists());
        UnixStream::connect(&address(&deep, "a.sock").unwrap().path).unwrap();
        listener.accept().unwrap();
    }

    #[test]
    fn open_or_linked_folders_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let ours = dir.path().join("a/b");
        ensure_private(&ours).unwrap();
        std::fs::set_permissions(&ours, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert!(ensure_private(&ours).unwrap_err().to_string().contains("open to other users"));
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(dir.path(), &link).unwrap();
        assert!(check_private(&link).unwrap_err().to_string().contains("not a folder"));
    }

    #[test]
    fn only_sockets_with_an_id_are_listed() {
        let dir = tempfile::tempdir().unwrap();
        let dirs = HolderDirs::new(dir.path(), dir.path());
        assert_eq!(list_holders(&dirs).unwrap(), []);
        std::fs::create_dir(dirs.holders()).unwrap();
        for name in ["abcdefghi1.sock", "abcdefghi0.sock", "abcdefghi2.new", "no.sock", "abcdefghi3.exec"] {
            std::fs::write(dirs.holders().join(name), "").unwrap();
        }
        let ids: Vec<String> = list_holders(&dirs).unwrap().iter().map(|i| i.to_string()).collect();
        assert_eq!(ids, ["abcdefghi0", "abcdefghi1"]);
    }
}
