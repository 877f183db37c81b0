//! What changed in a worktree, in figures. Reads only: no index is refreshed, no filter run. Must not know who asks.

use super::{GitError, open};
use crate::base::text::safe_line;
use git2::{Delta, DiffOptions, Oid, Patch, Repository, Status, StatusOptions};
use std::path::Path;
use std::time::Instant;

/// Most uncommitted files that are named.
pub const MAX_DIRTY: usize = 200;

/// Files above this size are not compared line by line, in bytes.
const MAX_FILE: i64 = 1 << 20;

/// What changed since the base.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// The branch; `None` when detached.
    pub branch: Option<String>,
    /// The commit checked out, in hex.
    pub head: Option<String>,
    /// Files that differ from the base, new ones included, committed or not.
    pub files_modified: usize,
    /// Those of them that are new.
    pub files_created: usize,
    /// Those that are gone.
    pub files_deleted: usize,
    /// Lines added since the base.
    pub added_lines: usize,
    /// Lines removed since the base.
    pub removed_lines: usize,
    /// Files git does not track (ignored ones do not count).
    pub untracked: usize,
    /// Commits that are here and not in the base.
    pub commits_ahead: usize,
    /// Files with uncommitted changes, new ones included.
    pub dirty: usize,
    /// Their names, made safe to show; at most [`MAX_DIRTY`].
    pub dirty_files: Vec<String>,
    /// False when the deadline came first: the figures are lower bounds.
    pub complete: bool,
}

/// Looks at the worktree that holds `workdir`. `base` is a commit (its id, as [`super::Worktree::base_commit`]); without one the
/// checked-out commit counts, so that only what is uncommitted shows. After `deadline` no further file is compared.
///
/// # Errors
/// No repository, a bare one, or git cannot read it.
pub fn status(workdir: &Path, base: Option<&str>, deadline: Instant) -> Result<Changes, GitError> {
    let repo = open(workdir)?;
    if repo.is_bare() {
        return Err(GitError::Git(format!("{} is a bare repository and has no files", workdir.display())));
    }
    let about = super::discover::describe(&repo)?;
    let mut out = Changes { branch: about.branch, head: about.head, complete: true, ..Changes::default() };
    uncommitted(&repo, &mut out)?;
    let head = repo.head().ok().and_then(|h| h.target());
    let base = match base {
        Some(text) => Some(Oid::from_str(text).map_err(|_| GitError::NoSuchCommit(safe_line(text, 60)))?),
        None => head,
    };
    if let (Some(head), Some(base)) = (head, base)
        && head != base
    {
        // A base that is gone (a shallow fetch, a pruned clone) leaves the count at zero.
        out.commits_ahead = repo.graph_ahead_behind(head, base).map_or(0, |(ahead, _)| ahead);
    }
    if Instant::now() >= deadline {
        out.complete = false;
        return Ok(out);
    }
    compare(&repo, base, deadline, &mut out)?;
    Ok(out)
}

fn uncommitted(repo: &Repository, out: &mut Changes) -> Result<(), GitError> {
    let mut options = StatusOptions::new();
    options.include_untracked(true).recurse_untracked_dirs(true).include_ignored(false);
    for entry in repo.statuses(Some(&mut options))?.iter() {
        out.dirty += 1;
        if entry.status().contains(Status::WT_NEW) {
            out.untracked += 1;
        }
        if out.dirty_files.len() < MAX_DIRTY {
            out.dirty_files.push(safe_line(&String::from_utf8_lossy(entry.path_bytes()), 400));
        }
    }
    Ok(())
}

fn compare(repo: &Repository, base: Option<Oid>, deadline: Instant, out: &mut Changes) -> Result<(), GitError> {
    let tree = match base {
        Some(oid) => Some(repo.find_commit(oid).and_then(|c| c.tree()).map_err(|_| GitError::NoSuchCommit(oid.to_string()))?),
        None => None, // before the first commit everything is new
    };
    let mut options = DiffOptions::new();
    options.include_untracked(true).recurse_untracked_dirs(true).show_untracked_content(true).ignore_submodules(true);
    options.context_lines(0).max_size(MAX_FILE);
    let diff = repo.diff_tree_to_workdir_with_index(tree.as_ref(), Some(&mut options))?;
    for (index, delta) in diff.deltas().enumerate() {
        if matches!(delta.status(), Delta::Unmodified | Delta::Ignored) {
            continue;
        }
        out.files_modified += 1;
        match delta.status() {
            Delta::Added | Delta::Untracked | Delta::Copied => out.files_created += 1,
            Delta::Deleted => out.files_deleted += 1,
            _ => {}
        }
        if Instant::now() >= deadline {
            out.complete = false;
            continue;
        }
        // A file that changes or goes while it is read counts as a file without lines.
        if let Ok(Some(patch)) = Patch::from_diff(&diff, index)
            && let Ok((_, added, removed)) = patch.line_stats()
        {
            out.added_lines += added;
            out.removed_lines += removed;
        }
    }
    Ok(())
}
