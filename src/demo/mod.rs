//! `copilot-tui demo`: a scratch project and the scripts that do real jobs in it, so that there is something true to look at
//! with no agent installed. Must not know how sessions are started.
//!
//! Nothing is pretended: the scripts convert 52 files, run the project's checks, commit, ask and fail for real. They need a
//! POSIX shell, awk and git. The pace is only a pause between files, for people who watch.

mod project;

use crate::base::id::random_u64;
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use thiserror::Error;

/// Environment variable with the pause between files, in milliseconds.
pub const PACE_VARIABLE: &str = "COPILOT_TUI_DEMO_PACE";

/// Pause between files when nobody says otherwise, in milliseconds.
pub const DEFAULT_PACE_MS: u64 = 150;

const SCRIPTS: &[(&str, &str)] = &[
    ("common.sh", include_str!("agents/common.sh")),
    ("convert.sh", include_str!("agents/convert.sh")),
    ("convert.awk", include_str!("agents/convert.awk")),
    ("interface.awk", include_str!("agents/interface.awk")),
    ("infer.awk", include_str!("agents/infer.awk")),
    ("docs.sh", include_str!("agents/docs.sh")),
    ("cleanup.sh", include_str!("agents/cleanup.sh")),
    ("rename.sh", include_str!("agents/rename.sh")),
];

/// Why there is no demo.
#[derive(Debug, Error)]
pub enum DemoError {
    /// The folder is not empty; it is not ours to change.
    #[error("{} is not empty: give a folder that does not exist yet, or none at all", .0.display())]
    NotEmpty(PathBuf),
    /// A file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// git is missing or failed.
    #[error("the demo needs git: {0}")]
    Git(String),
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoFiles {
    /// The folder with all of it; worktrees come beside the repository, in here. To be deleted by whoever is done with it.
    pub root: PathBuf,
    /// The repository, one commit on `main`.
    pub repo: PathBuf,
    /// The folder of the scripts.
    pub scripts: PathBuf,
}

/// A session to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoSession {
    /// Name of the session, and of the worktree when it is isolated.
    pub name: &'static str,
    /// Its task.
    pub task: &'static str,
    /// Whether it gets a worktree of its own.
    pub isolated: bool,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// What will become of it, for the person who watches.
    pub outcome: &'static str,
}

/// A new folder for a demo, below the system's folder for temporary files.
///
/// # Errors
/// It cannot be made.
pub fn scratch_dir() -> Result<PathBuf, DemoError> {
    let path = std::env::temp_dir().join(format!("copilot-tui-demo-{:08x}", random_u64() as u32));
    match std::fs::DirBuilder::new().mode(0o700).create(&path) {
        Ok(()) => Ok(path),
        Err(source) => Err(DemoError::Io { path, source }),
    }
}

/// Puts the project and the scripts into `dir`, which is made, or must be empty.
///
/// # Errors
/// The folder is in use, a file cannot be written, or git is missing.
pub fn prepare(dir: &Path) -> Result<DemoFiles, DemoError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| DemoError::Io { path, source }
    };
    std::fs::create_dir_all(dir).map_err(at(dir))?;
    if std::fs::read_dir(dir).map_err(at(dir))?.next().is_some() {
        return Err(DemoError::NotEmpty(dir.to_owned()));
    }
    let root = dir.canonicalize().map_err(at(dir))?;
    let repo = root.join("shop-api");
    let scripts = root.join("agents");
    let files = project::files().into_iter().map(|(name, text)| (repo.join(name), text));
    let files = files.chain(SCRIPTS.iter().map(|(name, text)| (scripts.join(name), (*text).to_owned())));
    for (path, text) in files {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(at(parent))?;
        }
        let mode = if path.extension().is_some_and(|e| e == "sh") { 0o755 } else { 0o644 };
        let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&path);
        file.and_then(|mut f| io::Write::write_all(&mut f, text.as_bytes())).map_err(at(&path))?;
    }
    git(&repo, &["init", "-q"])?;
    git(&repo, &["symbolic-ref", "HEAD", "refs/heads/main"])?; // `init -b` needs git 2.28
    // The demo's commits are the demo's, whoever runs it, and also where git knows no name.
    for (key, value) in [("user.name", "copilot-tui demo"), ("user.email", "demo@localhost"), ("commit.gpgsign", "false")] {
        git(&repo, &["config", key, value])?;
    }
    git(&repo, &["add", "-A"])?;
    git(&repo, &["commit", "-q", "-m", "shop-api: 52 endpoints in JavaScript"])?;
    Ok(DemoFiles { root, repo, scripts })
}

fn git(repo: &Path, arguments: &[&str]) -> Result<(), DemoError> {
    let mut command = Command::new("git");
    // Ours alone: no template, hook or setting of the machine has a say in a scratch project.
    command.args(["-c", "core.hooksPath=/dev/null", "-c", "init.templateDir="]).args(arguments).current_dir(repo).stdin(Stdio::null());
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"] {
        command.env_remove(name);
    }
    let out = command.output().map_err(|e| DemoError::Git(format!("{e}. Install git first")))?;
    if out.status.success() {
        return Ok(());
    }
    let text = crate::base::text::safe_text(String::from_utf8_lossy(&out.stderr).trim());
    Err(DemoError::Git(format!("`git {}` failed: {text}", arguments.join(" "))))
}

/// The pace that the environment asks for.
pub fn pace_ms() -> u64 {
    std::env::var(PACE_VARIABLE).ok().and_then(|v| v.trim().parse().ok()).unwrap_or(DEFAULT_PACE_MS).min(60_000)
}

/// The sessions of the demo, in the order to start them. `tool` is the program that takes reports (copilot-tui itself).
pub fn sessions(files: &DemoFiles, tool: &Path, pace_ms: u64) -> Vec<DemoSession> {
    let argv = |script: &str| {
        let path = |p: &Path| p.to_string_lossy().into_owned();
        vec!["sh".into(), path(&files.scripts.join(script)), "--tool".into(), path(tool), "--pace".into(), pace_ms.to_string()]
    };
    vec![
        DemoSession {
            name: "api-typescript",
            task: "API TypeScript conversion",
            isolated: true,
            argv: argv("convert.sh"),
            outcome: "converts 52 endpoints, checks and commits them, then waits for a follow-up (help, status, test, quit)",
        },
        DemoSession {
            name: "api-docs",
            task: "Write the API documentation",
            isolated: true,
            argv: argv("docs.sh"),
            outcome: "documents every endpoint, commits, and is done",
        },
        DemoSession {
            name: "legacy-cleanup",
            task: "Delete legacy files that nothing uses",
            isolated: false,
            argv: argv("cleanup.sh"),
            outcome: "asks before it deletes: answer y or n",
        },
        DemoSession {
            name: "quick-rename",
            task: "Rename endpoints to .ts",
            isolated: true,
            argv: argv("rename.sh"),
            outcome: "fails its tests, and says why",
        },
    ]
}

#[cfg(test)]
mod tests;
