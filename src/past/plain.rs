//! Opening files that something else of the same user may have planted: plain ones only, so that no reader waits for a pipe.
//! Must not know what they hold.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens a plain file for reading; no link is followed at its end.
///
/// # Errors
/// The system's, or `InvalidInput` for anything but a plain file.
pub fn open_plain(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::new(io::ErrorKind::InvalidInput, "not a plain file")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipes_links_and_folders_are_refused_at_once() {
        let tmp = tempfile::tempdir().unwrap();
        let (plain, link, pipe) = (tmp.path().join("plain"), tmp.path().join("link"), tmp.path().join("pipe"));
        std::fs::write(&plain, "x").unwrap();
        std::os::unix::fs::symlink(&plain, &link).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(open_plain(&plain).is_ok());
        for bad in [link.as_path(), pipe.as_path(), tmp.path()] {
            assert!(open_plain(bad).is_err(), "{}", bad.display());
        }
    }
}
