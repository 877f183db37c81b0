//! Taking back a worktree that was just made: only what we made, only while it is as we made it. Must not know why.

use super::worktree::{CLAIM, MARKER, Worktree};
use super::{GitError, open};
use git2::{Commit, ObjectType, Oid, Repository, StatusOptions, Tree};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A folder, by more than its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FolderId {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl FolderId {
    pub(super) fn of(path: &Path) -> io::Result<FolderId> {
        let m = std::fs::symlink_metadata(path)?;
        if !m.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(FolderId { path: path.to_owned(), device: m.dev(), inode: m.ino() })
    }

    fn is_still_there(&self) -> bool {
        FolderId::of(&self.path).is_ok_and(|now| now == *self)
    }
}

/// What was made so far, in the order it was made.
#[derive(Debug, Default)]
pub(super) struct Made {
    /// Full name of a branch.
    pub branch: Option<String>,
    /// The admin folder.
    pub admin: Option<FolderId>,
    /// The worktree.
    pub folder: Option<FolderId>,
}

impl Made {
    /// Takes it back in reverse. What could not be taken back is named.
    pub(super) fn undo(self, repo: &Repository, commit: &Commit<'_>) -> Vec<String> {
        let _claim = CLAIM.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut left = Vec::new();
        if let Some(folder) = self.folder {
            if folder.is_still_there() {
                if let Ok(tree) = commit.tree() {
                    remove_tree_files(repo, &tree, &folder.path);
                }
                remove_if_file(&folder.path.join(".git"));
                let _ = std::fs::remove_dir(&folder.path);
            }
            if std::fs::symlink_metadata(&folder.path).is_ok() {
                left.push(folder.path.display().to_string());
                // With files of somebody's in it, it stays a worktree that git knows.
                if self.admin.is_some() && folder.path.join(".git").exists() {
                    return left;
                }
            }
        }
        if let Some(admin) = self.admin {
            // Made by us with a name nobody had, and below git's own folder: all that is in it is ours and git's.
            if admin.is_still_there() && std::fs::remove_dir_all(&admin.path).is_err() {
                left.push(admin.path.display().to_string());
            }
            if let Some(parent) = admin.path.parent() {
                let _ = std::fs::remove_dir(parent); // only when it is empty, as git does
            }
        }
        if let Some(branch) = self.branch
            && !delete_branch(repo, &branch, commit.id())
        {
            left.push(branch);
        }
        left
    }
}

/// Deletes a branch that still stands where we made it stand (git2 compares again under the ref's lock).
fn delete_branch(repo: &Repository, full: &str, at: Oid) -> bool {
    match repo.find_reference(full) {
        Ok(mut reference) => reference.target() == Some(at) && reference.delete().is_ok(),
        Err(_) => true,
    }
}

/// Removes the files that a tree has, where they are plain files or links, and the folders that are empty then. Anything else
/// in the folder stays.
fn remove_tree_files(repo: &Repository, tree: &Tree<'_>, folder: &Path) {
    for entry in tree {
        use std::os::unix::ffi::OsStrExt;
        let name = entry.name_bytes();
        if name.is_empty() || name == b"." || name == b".." || name.contains(&b'/') {
            continue;
        }
        let path = folder.join(std::ffi::OsStr::from_bytes(name));
        match entry.kind() {
            Some(ObjectType::Tree) => {
                // Not through a link that took the folder's place.
                if std::fs::symlink_metadata(&path).is_ok_and(|m| m.is_dir())
                    && let Ok(below) = repo.find_tree(entry.id())
                {
                    remove_tree_files(repo, &below, &path);
                    let _ = std::fs::remove_dir(&path);
                }
            }
            Some(ObjectType::Commit) => drop(std::fs::remove_dir(&path)), // a submodule's empty folder
            _ => remove_if_file(&path),
        }
    }
}

fn remove_if_file(path: &Path) {
    if std::fs::symlink_metadata(path).is_ok_and(|m| !m.is_dir()) {
        let _ = std::fs::remove_file(path);
    }
}

/// Takes back a worktree that was made but never used (its session could not be started). Only while it is exactly as made: our
/// marker, the same branch at the same commit, no change, no file that git does not track, ignored ones included.
///
/// # Errors
/// [`GitError::NotPristine`] when anything differs; nothing is removed then.
pub fn discard_pristine(worktree: &Worktree) -> Result<(), GitError> {
    let keep = |why: &str| GitError::NotPristine { path: worktree.path.clone(), why: why.to_owned() };
    let repo = open(&worktree.project)?;
    let admin = repo.commondir().join("worktrees").join(&worktree.name);
    let marker = std::fs::read_to_string(admin.join(MARKER)).map_err(|_| keep("it is not one that copilot-tui made"))?;
    if !marker.lines().any(|l| l.strip_prefix("id=") == Some(worktree.marker.as_str())) {
        return Err(keep("it is not the one that was made"));
    }
    if admin.join("locked").exists() {
        return Err(keep("it is locked"));
    }
    let linked = Repository::open(&worktree.path)?;
    if std::fs::canonicalize(linked.path()).ok() != std::fs::canonicalize(&admin).ok() {
        return Err(keep("its folder belongs to another repository"));
    }
    let head = linked.head()?;
    if head.name_bytes() != format!("refs/heads/{}", worktree.branch).as_bytes()
        || head.target().map(|o| o.to_string()).as_deref() != Some(worktree.base_commit.as_str())
    {
        return Err(keep("it has commits, or another branch checked out"));
    }
    // `assume-unchanged` and `skip-worktree` hide edits from every status.
    let index = linked.index()?;
    let hidden = index.iter().any(|e| e.flags & 0x8000 != 0 || e.flags_extended & 0x4000 != 0);
    let mut options = StatusOptions::new();
    options.include_untracked(true).include_ignored(true).recurse_untracked_dirs(true).recurse_ignored_dirs(true);
    if hidden || linked.state() != git2::RepositoryState::Clean || !linked.statuses(Some(&mut options))?.is_empty() {
        return Err(keep("it has changes or new files"));
    }
    let commit = head.peel_to_commit()?;
    let io_error = |source| GitError::Io { path: worktree.path.clone(), source };
    let made = Made {
        branch: worktree.branch_created.then(|| format!("refs/heads/{}", worktree.branch)),
        admin: Some(FolderId::of(&admin).map_err(io_error)?),
        folder: Some(FolderId::of(&worktree.path).map_err(io_error)?),
    };
    let left = made.undo(&repo, &repo.find_commit(commit.id())?);
    if left.is_empty() { Ok(()) } else { Err(keep(&format!("these are left: {}", left.join(", ")))) }
}
