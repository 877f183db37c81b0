//! Making a worktree step by step, each step written down so that a failure takes back exactly what was made. Must not know
//! sessions.
//!
//! The layout of a linked worktree is git's documented one (gitrepository-layout, `worktrees/<id>/`): `gitdir`, `commondir` and
//! `HEAD` in the admin folder, a `.git` file in the worktree.

use super::discover::{clean, root};
use super::names::{check_branch, check_slug};
use super::undo::{FolderId, Made};
use super::worktree::{CLAIM, MARKER, Worktree};
use super::{GitError, open};
use crate::base::id::random_u64;
use crate::base::text::safe_line;
use git2::build::CheckoutBuilder;
use git2::{Commit, ErrorCode, Oid, Repository};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

/// Numbers tried for a free name, and how many of them may fail because git's files are busy.
const MAX_TRIES: u32 = 500;
const MAX_BUSY: u32 = 20;

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct CreateWorktree<'a> {
    /// A folder of the project; its HEAD is the default base.
    pub project: &'a Path,
    /// Last part of the folder's name and of the branch's.
    pub slug: &'a str,
    /// A branch by name: a new one, or one that exists and is not checked out. `None`: `agent/<slug>`, or the next free one.
    pub branch: Option<&'a str>,
    /// The commit to start from. `None`: what `project` has checked out.
    pub base: Option<&'a str>,
    /// The folder to put it in. `None`: beside the project.
    pub parent: Option<&'a Path>,
}

/// Why a step failed.
enum Stop {
    Taken,
    /// Somebody else is writing in the same place right now, or nobody may.
    Busy(&'static str, String),
    Failed(&'static str, String),
}

type Step<T> = Result<T, Stop>;

/// Makes a worktree at a fixed commit. An existing folder or branch is never reused or changed (unless the branch was named):
/// the next free `-2`, `-3` ... is taken.
///
/// # Errors
/// See [`GitError`]. After an error nothing of ours is left, or the error names it.
pub fn create_worktree(wanted: &CreateWorktree<'_>) -> Result<Worktree, GitError> {
    check_slug(wanted.slug)?;
    if let Some(branch) = wanted.branch {
        check_branch(branch)?;
    }
    let repo = open(wanted.project)?;
    let project = root(&repo)?;
    let existing = match wanted.branch {
        Some(name) => existing_branch(&repo, name, wanted.base)?,
        None => None,
    };
    let commit = match (existing, wanted.base) {
        (Some(oid), _) => repo.find_commit(oid)?,
        (None, Some(base)) => named_commit(&repo, base)?,
        (None, None) => head_commit(&repo, wanted.project)?,
    };
    let (folder, stem) = place(&project, wanted)?;
    let mut busy = 0;
    for n in 1..=MAX_TRIES {
        let suffix = if n == 1 { String::new() } else { format!("-{n}") };
        let names = Names {
            path: folder.join(format!("{stem}{suffix}")),
            admin: format!("{stem}{suffix}"),
            branch: wanted.branch.map_or_else(|| automatic_branch(&repo, wanted.slug, &suffix), str::to_owned),
            create_branch: existing.is_none(),
            automatic: wanted.branch.is_none(),
        };
        let mut made = Made::default();
        let stop = match make(&repo, &project, &commit, names, &mut made) {
            Ok(worktree) => return Ok(worktree),
            Err(stop) => stop,
        };
        let left = made.undo(&repo, &commit);
        match stop {
            Stop::Taken if left.is_empty() => {}
            Stop::Taken => return Err(GitError::Create { step: "taking a name", cause: "somebody took it meanwhile".into(), left }),
            Stop::Busy(..) if busy < MAX_BUSY && left.is_empty() => busy += 1,
            Stop::Busy(step, cause) | Stop::Failed(step, cause) => return Err(GitError::Create { step, cause, left }),
        }
    }
    Err(GitError::Create { step: "finding a free name", cause: format!("{MAX_TRIES} worktrees named {stem} exist"), left: Vec::new() })
}

struct Names {
    path: PathBuf,
    admin: String,
    branch: String,
    create_branch: bool,
    automatic: bool,
}

fn make(repo: &Repository, project: &Path, commit: &Commit<'_>, names: Names, made: &mut Made) -> Step<Worktree> {
    let admin = repo.commondir().join("worktrees").join(&names.admin);
    let full = format!("refs/heads/{}", names.branch);
    let claim = CLAIM.lock().unwrap_or_else(PoisonError::into_inner);
    let free = |p: &Path| std::fs::symlink_metadata(p).is_err();
    let branch_taken = names.create_branch && repo.find_reference(&full).is_ok();
    if !free(&names.path) || !free(&admin) || (branch_taken && names.automatic) {
        return Err(Stop::Taken);
    }

    if names.create_branch {
        match repo.reference(&full, commit.id(), false, "branch: created for a worktree by copilot-tui") {
            Ok(_) => made.branch = Some(full.clone()),
            Err(e) if e.code() == ErrorCode::Exists && names.automatic => return Err(Stop::Taken),
            Err(e) if names.automatic => return Err(Stop::Busy("making its branch", e.message().to_owned())),
            Err(e) => return Err(Stop::Failed("making its branch", e.message().to_owned())),
        }
    }

    let worktrees = repo.commondir().join("worktrees");
    match std::fs::create_dir(&worktrees) {
        Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(Stop::Failed("making git's folder for it", io_text(&worktrees, &e))),
        _ => {}
    }
    made.admin = Some(new_folder(&admin, "making git's folder for it")?);
    let marker = format!("{:016x}{:016x}", random_u64(), random_u64());
    let admin = std::fs::canonicalize(&admin).map_err(|e| Stop::Failed("making git's folder for it", io_text(&admin, &e)))?;
    // Locked first: a `git worktree prune` that runs now must not take it for a leftover.
    write(&admin.join("locked"), "being made by copilot-tui\n")?;
    write(&admin.join("HEAD"), &format!("ref: {full}\n"))?;
    write(&admin.join("commondir"), "../..\n")?;
    write(&admin.join(MARKER), &format!("id={marker}\nbase={}\n", commit.id()))?;

    made.folder = Some(new_folder(&names.path, "making its folder")?);
    drop(claim);
    let path = std::fs::canonicalize(&names.path).map_err(|e| Stop::Failed("making its folder", io_text(&names.path, &e)))?;
    let (Some(path_text), Some(admin_text)) = (path.to_str(), admin.to_str()) else {
        return Err(Stop::Failed("making its folder", "the path is not UTF-8".into()));
    };
    write(&admin.join("gitdir"), &format!("{path_text}/.git\n"))?;
    write(&path.join(".git"), &format!("gitdir: {admin_text}\n"))?;

    let linked = Repository::open(&path).map_err(|e| Stop::Failed("opening it", e.message().to_owned()))?;
    let mut how = CheckoutBuilder::new();
    how.safe().recreate_missing(true);
    let same = linked.find_commit(commit.id()).and_then(|c| linked.checkout_tree(c.as_object(), Some(&mut how)));
    same.map_err(|e| Stop::Failed("checking out its files", e.message().to_owned()))?;
    std::fs::remove_file(admin.join("locked")).map_err(|e| Stop::Failed("finishing it", io_text(&admin.join("locked"), &e)))?;
    Ok(Worktree {
        notes: notes(&linked, commit),
        path,
        project: project.to_owned(),
        branch: names.branch,
        branch_created: names.create_branch,
        base_commit: commit.id().to_string(),
        name: names.admin,
        marker,
    })
}

/// Makes a folder that nobody had, with the user's umask.
fn new_folder(path: &Path, step: &'static str) -> Step<FolderId> {
    match std::fs::create_dir(path) {
        Ok(()) => FolderId::of(path).map_err(|e| Stop::Failed(step, io_text(path, &e))),
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(Stop::Taken),
        Err(e) => Err(Stop::Failed(step, io_text(path, &e))),
    }
}

fn write(path: &Path, text: &str) -> Step<()> {
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).open(path);
    file.and_then(|mut f| io::Write::write_all(&mut f, text.as_bytes())).map_err(|e| Stop::Failed("writing git's files for it", io_text(path, &e)))
}

fn io_text(path: &Path, e: &io::Error) -> String {
    format!("{}: {e}", path.display())
}

/// The folder a worktree goes into, and the name before the number.
fn place(project: &Path, wanted: &CreateWorktree<'_>) -> Result<(PathBuf, String), GitError> {
    let name = project.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_else(|| "project".into());
    let name = name.strip_suffix(".git").filter(|n| !n.is_empty()).unwrap_or(&name);
    let stem = format!("{name}-{}", wanted.slug);
    let folder = match wanted.parent {
        Some(parent) => parent.to_owned(),
        None => outside(project),
    };
    // Git's name for it becomes part of a ref (`worktrees/<name>/HEAD`); names that cannot be one are replaced.
    let admin_ok = git2::Reference::is_valid_name(&format!("refs/worktrees/{stem}/x")) && !stem.starts_with(['-', '.']);
    let stem = if admin_ok { stem } else { wanted.slug.to_owned() };
    match std::fs::metadata(&folder) {
        Ok(m) if m.is_dir() => Ok((clean(&folder), stem)),
        Ok(_) => Err(GitError::Io { path: folder, source: io::ErrorKind::NotADirectory.into() }),
        Err(source) => Err(GitError::Io { path: folder, source }),
    }
}

/// Beside the project; beside the repository that has it as a submodule, so as not to lie in that one's work tree.
fn outside(project: &Path) -> PathBuf {
    let mut at = project.to_owned();
    while let Some(parent) = at.parent() {
        let Some(outer) = open(parent).ok().and_then(|r| r.workdir().map(|w| (clean(w), r.index().ok()))) else { break };
        let inside = at.strip_prefix(&outer.0).ok().map(Path::to_owned);
        match (inside, outer.1) {
            (Some(below), Some(index)) if index.get_path(&below, 0).is_some() && outer.0 != at => at = outer.0,
            _ => break,
        }
    }
    at.parent().unwrap_or(Path::new("/")).to_owned()
}

fn automatic_branch(repo: &Repository, slug: &str, suffix: &str) -> String {
    // A branch named `agent` leaves no room for `agent/...`.
    let group = if repo.find_reference("refs/heads/agent").is_ok() { "agent-" } else { "agent/" };
    format!("{group}{slug}{suffix}")
}

fn existing_branch(repo: &Repository, name: &str, base: Option<&str>) -> Result<Option<Oid>, GitError> {
    let Ok(branch) = repo.find_branch(name, git2::BranchType::Local) else { return Ok(None) };
    if base.is_some() {
        return Err(GitError::BranchHasBase(name.to_owned()));
    }
    if branch.is_head() || super::list::checked_out(repo, name).is_some() {
        let path = super::list::checked_out(repo, name).unwrap_or_else(|| repo.workdir().unwrap_or_else(|| repo.path()).to_owned());
        return Err(GitError::BranchInUse { branch: name.to_owned(), path });
    }
    Ok(branch.get().target())
}

fn named_commit<'r>(repo: &'r Repository, base: &str) -> Result<Commit<'r>, GitError> {
    let object = if base.starts_with('-') { None } else { repo.revparse_single(base).ok() };
    object.and_then(|o| o.peel_to_commit().ok()).ok_or_else(|| GitError::NoSuchCommit(safe_line(base, 60)))
}

fn head_commit<'r>(repo: &'r Repository, project: &Path) -> Result<Commit<'r>, GitError> {
    match repo.head() {
        Ok(head) => Ok(head.peel_to_commit()?),
        Err(e) if matches!(e.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => Err(GitError::Empty(project.to_owned())),
        Err(e) => Err(e.into()),
    }
}

/// What the new worktree lacks.
fn notes(repo: &Repository, commit: &Commit<'_>) -> Vec<String> {
    const MOST: usize = 100;
    let mut notes = Vec::new();
    let Ok(index) = repo.index() else { return notes };
    let mut filters = std::collections::BTreeSet::new();
    for entry in index.iter().filter(|e| e.path.ends_with(b".gitattributes")).take(MOST) {
        if let Ok(blob) = repo.find_blob(entry.id)
            && blob.size() < 1 << 20
        {
            let text = String::from_utf8_lossy(blob.content()).into_owned();
            let words = text.lines().filter(|l| !l.trim_start().starts_with('#')).flat_map(str::split_whitespace);
            filters.extend(words.filter_map(|w| w.strip_prefix("filter=")).map(|f| safe_line(f, 40)));
        }
    }
    if filters.remove("lfs") {
        notes.push("files kept in Git LFS are still pointers: run `git lfs pull` in the worktree".to_owned());
    }
    if !filters.is_empty() {
        let names: Vec<String> = filters.into_iter().collect();
        notes.push(format!("files with the filter {} are as they are stored: no filter of a repository is run", names.join(", ")));
    }
    if commit.tree().is_ok_and(|t| t.get_name(".gitmodules").is_some()) {
        notes.push("submodules are not filled: run `git submodule update --init` in the worktree when it needs them".to_owned());
    }
    notes
}
