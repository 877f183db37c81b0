//! The work in a folder, as text for the next who takes it over: uncommitted changes as a patch, commits and files since a
//! base. Reads only. Must not know who takes it over.

use super::{GitError, open};
use crate::base::text::safe_line;
use git2::{Delta, Diff, DiffFormat, DiffOptions, Oid, Patch, Repository, Tree};
use std::path::Path;

/// Files above this size are named without their lines, in bytes.
const MAX_FILE: i64 = 1 << 20;
/// Most commits and files that are listed.
const MAX_LISTED: usize = 200;

/// A file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Its path in the repository, made safe to show.
    pub path: String,
    /// `added`, `modified`, `deleted`, `renamed` or `changed`.
    pub how: &'static str,
    /// Lines added.
    pub added: usize,
    /// Lines removed.
    pub removed: usize,
}

/// Uncommitted changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Uncommitted {
    /// The commit checked out, shortened, and its subject.
    pub head: Option<String>,
    /// Files with changes, made safe to show.
    pub files: Vec<String>,
    /// The changes as a patch, new files included.
    pub patch: String,
    /// The patch ends before its end.
    pub cut: bool,
}

/// What was done since a commit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Done {
    /// Commits, newest first: shortened id and subject.
    pub commits: Vec<(String, String)>,
    /// Files that differ, uncommitted ones included.
    pub files: Vec<FileChange>,
}

/// What differs between `tree` (nothing: everything is new) and the files on the disk.
pub(super) fn diff_of<'r>(repo: &'r Repository, tree: Option<&Tree<'_>>, context: u32) -> Result<Diff<'r>, GitError> {
    let mut options = DiffOptions::new();
    options.include_untracked(true).recurse_untracked_dirs(true).show_untracked_content(true).ignore_submodules(true);
    options.context_lines(context).max_size(MAX_FILE);
    Ok(repo.diff_tree_to_workdir_with_index(tree, Some(&mut options))?)
}

pub(super) fn path_of(delta: &git2::DiffDelta<'_>) -> Vec<u8> {
    delta.new_file().path_bytes().or_else(|| delta.old_file().path_bytes()).unwrap_or_default().to_vec()
}

fn shown(path: &[u8]) -> String {
    safe_line(&String::from_utf8_lossy(path), 400)
}

/// The uncommitted changes of the work tree that holds `workdir`, at most so many bytes of them as a patch.
///
/// # Errors
/// No repository, or git cannot read it.
pub fn uncommitted(workdir: &Path, most: usize) -> Result<Uncommitted, GitError> {
    let repo = open(workdir)?;
    let head = repo.head().ok().and_then(|h| h.peel_to_commit().ok());
    let tree = head.as_ref().and_then(|c| c.tree().ok());
    let diff = diff_of(&repo, tree.as_ref(), 3)?;
    let mut out = Uncommitted { head: head.as_ref().map(|c| describe(c.id(), c.summary_bytes())), ..Uncommitted::default() };
    let changed = |d: &git2::DiffDelta<'_>| !matches!(d.status(), Delta::Unmodified | Delta::Ignored);
    out.files = diff.deltas().filter(changed).take(MAX_LISTED).map(|d| shown(&path_of(&d))).collect();
    let mut patch = Vec::new();
    let printed = diff.print(DiffFormat::Patch, |_, _, line| {
        if matches!(line.origin(), '+' | '-' | ' ') {
            patch.push(line.origin() as u8);
        }
        patch.extend_from_slice(line.content());
        patch.len() <= most
    });
    out.cut = patch.len() > most;
    if let Err(e) = printed
        && !out.cut
    {
        return Err(e.into());
    }
    if out.cut {
        // Whole lines only.
        let end = patch.iter().take(most).rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        patch.truncate(end);
    }
    out.patch = String::from_utf8_lossy(&patch).into_owned();
    Ok(out)
}

fn describe(id: Oid, subject: Option<&[u8]>) -> String {
    let short: String = id.to_string().chars().take(10).collect();
    let subject = subject.map(|s| safe_line(&String::from_utf8_lossy(s), 100)).unwrap_or_default();
    format!("{short} {subject}").trim_end().to_owned()
}

/// What was done in the work tree that holds `workdir` since the commit `base`.
///
/// # Errors
/// No repository, no such commit, or git cannot read it.
pub fn done_since(workdir: &Path, base: &str) -> Result<Done, GitError> {
    let repo = open(workdir)?;
    let no_commit = |_| GitError::NoSuchCommit(safe_line(base, 60));
    let base_commit = repo.find_commit(Oid::from_str(base).map_err(no_commit)?).map_err(no_commit)?;
    let mut out = Done::default();
    if let Some(head) = repo.head().ok().and_then(|h| h.target()) {
        let mut walk = repo.revwalk()?;
        walk.push(head)?;
        walk.hide(base_commit.id())?;
        for id in walk.take(MAX_LISTED) {
            let commit = repo.find_commit(id?)?;
            let text = describe(commit.id(), commit.summary_bytes());
            let (short, subject) = text.split_once(' ').unwrap_or((&text, ""));
            out.commits.push((short.to_owned(), subject.to_owned()));
        }
    }
    let tree = base_commit.tree()?;
    let diff = diff_of(&repo, Some(&tree), 0)?;
    for (index, delta) in diff.deltas().enumerate() {
        let how = match delta.status() {
            Delta::Unmodified | Delta::Ignored => continue,
            Delta::Added | Delta::Untracked | Delta::Copied => "added",
            Delta::Deleted => "deleted",
            Delta::Modified => "modified",
            Delta::Renamed => "renamed",
            _ => "changed",
        };
        if out.files.len() >= MAX_LISTED {
            break;
        }
        let lines = Patch::from_diff(&diff, index).ok().flatten().and_then(|p| p.line_stats().ok());
        let (_, added, removed) = lines.unwrap_or_default();
        out.files.push(FileChange { path: shown(&path_of(&delta)), how, added, removed });
    }
    Ok(out)
}

/// How a branch stands on a remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// There is no remote.
    NoRemote,
    /// The remote of this name does not have the branch, or an older commit of it, as far as is known here.
    Behind(String),
    /// The remote of this name has it as it is here, as far as is known here.
    Same(String),
}

/// Whether the branch that is checked out in `workdir` is on its remote; nothing is fetched.
///
/// # Errors
/// No repository, or git cannot read it.
pub fn pushed(workdir: &Path, branch: &str) -> Result<Pushed, GitError> {
    let repo = open(workdir)?;
    let remotes = repo.remotes()?;
    let names: Vec<String> = remotes.iter().filter_map(|n| n.ok().flatten().map(str::to_owned)).collect();
    let configured = repo.branch_upstream_remote(&format!("refs/heads/{branch}")).ok().and_then(|b| b.as_str().ok().map(str::to_owned));
    let Some(remote) = configured.or_else(|| names.iter().find(|n| *n == "origin").or(names.first()).cloned()) else { return Ok(Pushed::NoRemote) };
    let here = repo.refname_to_id(&format!("refs/heads/{branch}")).ok();
    let there = repo.refname_to_id(&format!("refs/remotes/{remote}/{branch}")).ok();
    Ok(if here.is_some() && here == there { Pushed::Same(remote) } else { Pushed::Behind(remote) })
}
