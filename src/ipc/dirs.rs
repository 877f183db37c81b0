//! Folders that only we may enter: made 0700, checked through a descriptor that followed no link. Must not know what they are
//! for.

use super::error::PathsError;
use rustix::fs::{FileType, Mode, OFlags};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::Path;

/// What to do with a folder of ours that group or others can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    /// Say no: somebody may have looked or planted something.
    Refuse,
    /// Take the bits away: it lies in our home, where only we could have set them.
    Tighten,
}

/// Makes `path` (not its parents) as a folder only we may enter, or checks that it is one: a folder, no link, ours, no bits for
/// group and others.
pub(super) fn private(path: &Path, existing: Existing, variable: &'static str) -> Result<(), PathsError> {
    let io_error = |source: io::Error| PathsError::Io { path: path.to_owned(), variable, source };
    let made = match std::fs::DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => true,
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => false,
        Err(e) => return Err(io_error(e)),
    };
    let refuse = |found: String, hint: String| Err(PathsError::Unsafe { path: path.to_owned(), found, hint });
    let remove = format!("Look at it, remove it, and try again; or set {variable} to a folder of your own");
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let dir = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(dir) => dir,
        Err(e) => {
            return match std::fs::symlink_metadata(path) {
                Ok(m) if m.file_type().is_symlink() => refuse("it is a symbolic link".into(), remove),
                Ok(m) if !m.is_dir() => refuse("it is not a folder".into(), remove),
                Ok(m) if m.uid() != rustix::process::geteuid().as_raw() => refuse(format!("it belongs to user id {}", m.uid()), remove),
                _ => Err(io_error(e.into())),
            };
        }
    };
    let stat = rustix::fs::fstat(&dir).map_err(|e| io_error(e.into()))?;
    if !FileType::from_raw_mode(stat.st_mode).is_dir() {
        return refuse("it is not a folder".into(), remove);
    }
    if stat.st_uid != rustix::process::geteuid().as_raw() {
        return refuse(format!("it belongs to user id {}", stat.st_uid), remove);
    }
    let mode = stat.st_mode & 0o7777;
    if mode & 0o077 != 0 && existing == Existing::Refuse && !made {
        return refuse(
            format!("its mode is {mode:04o}, so that others can reach into it"),
            format!("Run `chmod 700 {}` if it is yours", path.display()),
        );
    }
    if mode & 0o777 != 0o700 && (made || existing == Existing::Tighten) {
        rustix::fs::fchmod(&dir, Mode::RWXU).map_err(|e| io_error(e.into()))?;
    }
    Ok(())
}

/// Makes the parents of `path` as the XDG specification asks (0700 for what is missing).
pub(super) fn make_parents(path: &Path, variable: &'static str) -> Result<(), PathsError> {
    let Some(parent) = path.parent() else { return Ok(()) };
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(|source| PathsError::Io {
        path: parent.to_owned(),
        variable,
        source,
    })
}

/// Whether a value of `XDG_RUNTIME_DIR` can be trusted: an absolute path of a folder that is ours and that nobody else can
/// write to. The answer says what is wrong, to stand after the path.
pub(super) fn usable_runtime(dir: &Path) -> Result<(), String> {
    if !dir.is_absolute() {
        return Err("is not an absolute path".into());
    }
    let meta = std::fs::metadata(dir).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => "does not exist".to_owned(),
        _ => format!("cannot be read ({e})"),
    })?;
    if !meta.is_dir() {
        return Err("is not a folder".into());
    }
    if meta.uid() != rustix::process::geteuid().as_raw() {
        return Err(format!("belongs to user id {}", meta.uid()));
    }
    if meta.permissions().mode() & 0o022 != 0 {
        return Err(format!("can be written to by others (mode {:04o})", meta.permissions().mode() & 0o7777));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(r: Result<(), PathsError>) -> String {
        match r {
            Err(PathsError::Unsafe { found, .. }) => found,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn made_folders_are_closed_and_pass_again() {
        let tmp = tempfile::tempdir().unwrap();
        let dir = tmp.path().join("d");
        for _ in 0..2 {
            private(&dir, Existing::Refuse, "X").unwrap();
            assert_eq!(std::fs::metadata(&dir).unwrap().permissions().mode() & 0o7777, 0o700);
        }
    }

    #[test]
    fn open_folders_links_and_files_are_refused() {
        let tmp = tempfile::tempdir().unwrap();
        let dir = tmp.path().join("d");
        std::fs::create_dir(&dir).unwrap();
        std::fs::set_permissions(&dir, PermissionsExt::from_mode(0o755)).unwrap();
        assert!(found(private(&dir, Existing::Refuse, "X")).contains("0755"));
        let link = tmp.path().join("l");
        std::os::unix::fs::symlink(&dir, &link).unwrap();
        assert!(found(private(&link, Existing::Tighten, "X")).contains("link"));
        let file = tmp.path().join("f");
        std::fs::write(&file, "").unwrap();
        assert!(found(private(&file, Existing::Tighten, "X")).contains("not a folder"));
        private(&dir, Existing::Tighten, "X").unwrap();
        assert_eq!(std::fs::metadata(&dir).unwrap().permissions().mode() & 0o7777, 0o700);
    }
}
