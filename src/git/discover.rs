//! Which project a folder belongs to. Reads only. Must not know what for.

use super::{GitError, open};
use std::path::{Path, PathBuf};

/// A repository, as seen from one folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repo {
    /// The main worktree (of a bare repository its git folder): one project, however many worktrees.
    pub root: PathBuf,
    /// The worktree the folder is in; `None` in a bare repository.
    pub workdir: Option<PathBuf>,
    /// The project's name: the last part of `root`, without `.git`.
    pub name: String,
    /// The branch checked out in `workdir`; `None` when detached.
    pub branch: Option<String>,
    /// The commit checked out there, in hex; `None` before the first commit.
    pub head: Option<String>,
    /// Whether it is bare.
    pub bare: bool,
}

/// The repository that holds `cwd`, or `None`. The environment (`GIT_DIR` ...) has no say.
///
/// # Errors
/// There is one, but git cannot or will not read it.
pub fn discover(cwd: &Path) -> Result<Option<Repo>, GitError> {
    match open(cwd) {
        Ok(repo) => describe(&repo).map(Some),
        Err(GitError::NotARepository(_)) => Ok(None),
        Err(e) => Err(e),
    }
}

pub(super) fn describe(repo: &git2::Repository) -> Result<Repo, GitError> {
    let root = root(repo)?;
    let name = root.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let name = name.strip_suffix(".git").filter(|n| !n.is_empty()).unwrap_or(&name).to_owned();
    let head = repo.head().ok();
    let branch = match &head {
        Some(h) if h.is_branch() => short_branch(h.name_bytes()),
        Some(_) => None,
        // Before the first commit HEAD names a branch that is not there yet.
        None => repo.find_reference("HEAD").ok().and_then(|h| h.symbolic_target_bytes().and_then(short_branch)),
    };
    let head = head.and_then(|h| h.target()).map(|oid| oid.to_string());
    Ok(Repo { root, workdir: repo.workdir().map(clean), name, branch, head, bare: repo.is_bare() })
}

fn short_branch(full: &[u8]) -> Option<String> {
    full.strip_prefix(b"refs/heads/").map(|n| String::from_utf8_lossy(n).into_owned())
}

/// The main worktree, or the git folder of a bare repository.
pub(super) fn root(repo: &git2::Repository) -> Result<PathBuf, GitError> {
    if !repo.is_worktree() {
        return Ok(clean(repo.workdir().unwrap_or_else(|| repo.path())));
    }
    let main = git2::Repository::open(repo.commondir())?;
    Ok(clean(main.workdir().unwrap_or_else(|| main.path())))
}

/// Without the slash git puts at the end.
pub(super) fn clean(path: &Path) -> PathBuf {
    path.components().collect()
}
