//! Every worktree of a project. Reads only. Must not know which session works where.

use super::discover::{clean, describe, root};
use super::worktree::MARKER;
use super::{GitError, open};
use git2::Repository;
use std::path::{Path, PathBuf};

/// One worktree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorktreeInfo {
    /// Git's name for it; `None` for the main worktree.
    pub name: Option<String>,
    /// Its folder.
    pub path: PathBuf,
    /// Its branch; `None` when detached or unreadable.
    pub branch: Option<String>,
    /// Its commit, in hex.
    pub head: Option<String>,
    /// Why it is locked, when it is.
    pub locked: Option<String>,
    /// False when its folder is gone.
    pub exists: bool,
    /// The id we gave it, when we made it.
    pub marker: Option<String>,
    /// The commit it started from, when we made it.
    pub base_commit: Option<String>,
}

/// The worktrees of the project that holds `project`: the main one first, then by name.
///
/// # Errors
/// No repository, or git cannot read it. A worktree that cannot be read is listed with what is known.
pub fn list_worktrees(project: &Path) -> Result<Vec<WorktreeInfo>, GitError> {
    let repo = open(project)?;
    let main = Repository::open(repo.commondir())?;
    let about = describe(&main)?;
    let mut out = vec![WorktreeInfo {
        name: None,
        path: root(&repo)?,
        branch: about.branch,
        head: about.head,
        locked: None,
        exists: true,
        marker: None,
        base_commit: None,
    }];
    let names = main.worktrees()?;
    let mut linked: Vec<WorktreeInfo> = (0..names.len()).filter_map(|i| names.get(i).ok().flatten()).filter_map(|n| linked(&main, n)).collect();
    linked.sort_by(|a, b| a.name.cmp(&b.name));
    out.extend(linked);
    Ok(out)
}

fn linked(main: &Repository, name: &str) -> Option<WorktreeInfo> {
    let worktree = main.find_worktree(name).ok()?;
    let path = clean(worktree.path());
    let about = Repository::open(&path).ok().and_then(|r| describe(&r).ok());
    let marker = std::fs::read_to_string(main.commondir().join("worktrees").join(name).join(MARKER)).unwrap_or_default();
    let field = |key: &str| marker.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix('=')).map(str::to_owned);
    let locked = match worktree.is_locked() {
        Ok(git2::WorktreeLockStatus::Locked(reason)) => Some(reason.unwrap_or_default()),
        _ => None,
    };
    Some(WorktreeInfo {
        name: Some(name.to_owned()),
        exists: path.is_dir(),
        path,
        branch: about.as_ref().and_then(|a| a.branch.clone()),
        head: about.and_then(|a| a.head),
        locked,
        marker: field("id"),
        base_commit: field("base"),
    })
}

/// Where a branch is checked out.
pub(super) fn checked_out(repo: &Repository, branch: &str) -> Option<PathBuf> {
    let list = list_worktrees(repo.path()).ok()?;
    list.into_iter().find(|w| w.branch.as_deref() == Some(branch)).map(|w| w.path)
}
