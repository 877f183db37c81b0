//! A worktree that we made, and what tells it from others. Must not know how it is made.

use std::path::PathBuf;
use std::sync::Mutex;

/// Name of the file in a worktree's admin folder that says we made it.
pub(super) const MARKER: &str = "copilot-tui";

/// One of us claims names at a time; others, and the user's git, are met by taking the next number.
pub(super) static CLAIM: Mutex<()> = Mutex::new(());

/// A worktree we made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worktree {
    /// Its folder.
    pub path: PathBuf,
    /// The project it belongs to.
    pub project: PathBuf,
    /// Its branch.
    pub branch: String,
    /// Whether the branch was made with it.
    pub branch_created: bool,
    /// The commit it started from, in hex.
    pub base_commit: String,
    /// Its name in git's own list.
    pub name: String,
    /// Random id, also written in git's admin folder: what says that it is ours.
    pub marker: String,
    /// What a person should know: files that a filter would have to fill, submodules that are not there.
    pub notes: Vec<String>,
}
