//! Uncommitted changes carried from one work tree into another that stands at the same commit: file by file, byte by byte, so
//! that nothing can fail to apply. Nothing is changed where they come from. Must not know why.

use super::work::{diff_of, path_of};
use super::{GitError, open};
use git2::{Delta, FileMode};
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

/// Most files and bytes that are carried.
const MAX_FILES: usize = 5000;
const MAX_BYTES: u64 = 256 << 20;

/// Carries what is uncommitted in the work tree that holds `from` into the work tree `to`; how many files it were. `to` must have
/// been made just now, at the commit that `from` has checked out: its files are overwritten.
///
/// # Errors
/// The two do not stand at the same commit, there is too much, or a file cannot be read or written. What was carried until then
/// stands in `to`.
pub fn carry(from: &Path, to: &Path) -> Result<usize, GitError> {
    let (source, target) = (open(from)?, open(to)?);
    let head = |r: &git2::Repository| r.head().ok().and_then(|h| h.target());
    if head(&source) != head(&target) {
        return Err(GitError::Git(format!("{} and {} do not stand at the same commit", from.display(), to.display())));
    }
    let bare = || GitError::Git("a bare repository has no files".into());
    let (old, new) = (source.workdir().ok_or_else(bare)?.to_owned(), target.workdir().ok_or_else(bare)?.to_owned());
    let tree = source.head().ok().and_then(|h| h.peel_to_tree().ok());
    let diff = diff_of(&source, tree.as_ref(), 0)?;
    let mut changes: Vec<(Delta, PathBuf)> = Vec::new();
    let mut bytes = 0u64;
    for delta in diff.deltas() {
        let submodule = delta.new_file().mode() == FileMode::Commit || delta.old_file().mode() == FileMode::Commit;
        if submodule || matches!(delta.status(), Delta::Unmodified | Delta::Ignored) {
            continue;
        }
        let path = PathBuf::from(OsStr::from_bytes(&path_of(&delta)));
        bytes += fs::symlink_metadata(old.join(&path)).map_or(0, |m| m.len());
        changes.push((delta.status(), path));
        if changes.len() > MAX_FILES || bytes > MAX_BYTES {
            let limit = format!("more than {MAX_FILES} files or {} MiB are uncommitted; commit some of them first", MAX_BYTES >> 20);
            return Err(GitError::Git(limit));
        }
    }
    // What is gone makes room for what is new.
    changes.sort_by_key(|(status, _)| *status != Delta::Deleted);
    for (status, path) in &changes {
        let done = match status {
            Delta::Deleted => remove(&new, path),
            _ => copy(&old, &new, path),
        };
        done.map_err(|source| GitError::Io { path: new.join(path), source })?;
    }
    Ok(changes.len())
}

/// The place of `path` below `root`. No part of it above the last may be a link: a checkout must not lead out of itself.
fn place(root: &Path, path: &Path, make: bool) -> io::Result<PathBuf> {
    let mut at = root.to_owned();
    let mut parts = path.components().peekable();
    while let Some(part) = parts.next() {
        let Component::Normal(name) = part else { return Err(io::ErrorKind::InvalidInput.into()) };
        at.push(name);
        if parts.peek().is_some() {
            match fs::symlink_metadata(&at) {
                Ok(m) if m.is_dir() => {}
                Ok(_) => return Err(io::ErrorKind::NotADirectory.into()),
                Err(e) if e.kind() == io::ErrorKind::NotFound && make => fs::create_dir(&at)?,
                Err(e) => return Err(e),
            }
        }
    }
    Ok(at)
}

fn remove(root: &Path, path: &Path) -> io::Result<()> {
    match place(root, path, false).and_then(fs::remove_file) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

fn copy(old: &Path, new: &Path, path: &Path) -> io::Result<()> {
    let (from, to) = (place(old, path, false)?, place(new, path, true)?);
    let about = fs::symlink_metadata(&from)?;
    match fs::symlink_metadata(&to) {
        Ok(m) if m.is_dir() => fs::remove_dir(&to)?,
        Ok(_) => fs::remove_file(&to)?,
        Err(_) => {}
    }
    if about.is_symlink() {
        return std::os::unix::fs::symlink(fs::read_link(&from)?, &to);
    }
    if !about.is_file() {
        return Ok(()); // sockets and pipes are no work
    }
    fs::write(&to, fs::read(&from)?)?;
    let mode = fs::metadata(&to)?.permissions().mode();
    // Only whether it can be run is git's matter.
    let mode = if about.permissions().mode() & 0o100 != 0 { mode | ((mode & 0o444) >> 2) } else { mode & !0o111 };
    fs::set_permissions(&to, fs::Permissions::from_mode(mode))
}
