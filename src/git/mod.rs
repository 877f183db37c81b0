//! Repositories and worktrees. The only user of git2. Must not know sessions.
//!
//! Nothing of a repository is ever run: git2 reads and writes, no hook, no filter, no file-system monitor, no `git` command.
//! Nothing that is not ours is ever removed.

mod carry;
mod create;
mod discover;
mod edit;
mod files;
mod list;
mod names;
mod status;
mod undo;
mod work;
mod worktree;

pub use carry::carry;
pub use create::{CreateWorktree, create_worktree};
pub use discover::{Repo, discover};
pub use edit::edit;
pub use files::files;
pub use list::{WorktreeInfo, list_worktrees};
pub use names::{check_branch, check_slug};
pub use status::{Changes, MAX_DIRTY, status};
pub use undo::discard_pristine;
pub use work::{Done, FileChange, Pushed, Uncommitted, done_since, pushed, uncommitted};
pub use worktree::Worktree;

use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why git could not do it. Every message says what to do where something can be done.
#[derive(Debug, Error)]
pub enum GitError {
    /// No repository there.
    #[error("{} is not in a git repository. `git init` makes one, or work without a worktree", .0.display())]
    NotARepository(PathBuf),
    /// A repository without a commit.
    #[error("{} has no commit yet, and a worktree needs one to start from. Make one: git -C {} commit --allow-empty -m start", .0.display(), .0.display())]
    Empty(PathBuf),
    /// git does not trust the owner of the folder.
    #[error("{} belongs to another user, so git does not read it. If you trust it: git config --global --add safe.directory {}", .0.display(), .0.display())]
    NotOwned(PathBuf),
    /// A name that cannot be used.
    #[error("`{name}` cannot be the name of a {what}: {why}")]
    Name {
        /// `branch` or `worktree`.
        what: &'static str,
        /// The name, made safe to show.
        name: String,
        /// Why not.
        why: &'static str,
    },
    /// No commit by that name.
    #[error("`{0}` is not a commit of this repository. `git log --oneline` shows some, `git branch -a` the branches")]
    NoSuchCommit(String),
    /// The branch is checked out elsewhere.
    #[error("the branch `{branch}` is checked out in {}. Use another branch, or work there", path.display())]
    BranchInUse {
        /// The branch.
        branch: String,
        /// Where.
        path: PathBuf,
    },
    /// An existing branch and another starting point were both asked for.
    #[error("the branch `{0}` exists already, so it starts where it stands: leave out the base, or name a new branch")]
    BranchHasBase(String),
    /// A step of making a worktree failed; what had been made was taken back, but for `left`.
    #[error("could not make the worktree ({step}): {cause}{}", left_text(left))]
    Create {
        /// What was being done.
        step: &'static str,
        /// What went wrong.
        cause: String,
        /// What could not be taken back.
        left: Vec<String>,
    },
    /// A worktree is not as it was made; nothing was removed.
    #[error("{} is kept: {why}", path.display())]
    NotPristine {
        /// The worktree.
        path: PathBuf,
        /// Why it is kept.
        why: String,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// git said no.
    #[error("git: {0}")]
    Git(String),
}

fn left_text(left: &[String]) -> String {
    if left.is_empty() { String::new() } else { format!(". Left behind: {}", left.join(", ")) }
}

impl From<git2::Error> for GitError {
    fn from(e: git2::Error) -> GitError {
        GitError::Git(e.message().to_owned())
    }
}

/// Opens the repository whose work tree or git folder is exactly `path` or above it.
fn open(path: &Path) -> Result<git2::Repository, GitError> {
    git2::Repository::discover(path).map_err(|e| match e.code() {
        git2::ErrorCode::NotFound => GitError::NotARepository(path.to_owned()),
        git2::ErrorCode::Owner => GitError::NotOwned(path.to_owned()),
        _ => e.into(),
    })
}
