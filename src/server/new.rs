//! From what `new` asks for to a recipe the model can take: names resolved, folders checked, nothing started yet.
//! Must not know clients.

use super::agents;
use super::hub::{Hub, wire_error};
use crate::base::text::{safe_line, slug};
use crate::base::{SessionId, Size};
use crate::git;
use crate::model::Recipe;
use crate::task;
use crate::wire::Kind;
use crate::wire::message::WireError;
use crate::wire::op::NewSession;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

/// Longest wait for a folder and its repository.
const LOOK_AT_MOST: Duration = Duration::from_secs(5);
/// Longest task text, in bytes.
const MAX_TASK: usize = 256 * 1024;

/// The recipe for a new session.
///
/// # Errors
/// What is wrong with the request and what to do.
pub async fn recipe(hub: &Rc<Hub>, new: NewSession) -> Result<Recipe, WireError> {
    let cwd = PathBuf::from(&new.cwd);
    if new.task.as_ref().is_some_and(|t| t.len() > MAX_TASK) {
        return Err(wire_error("usage", format!("the task is longer than {} KiB", MAX_TASK >> 10), "put it in a file and name the file in the task"));
    }
    if new.brief.as_ref().is_some_and(|b| b.len() > MAX_TASK) {
        return Err(wire_error("usage", format!("the brief is longer than {} KiB", MAX_TASK >> 10), "leave some of its files or standards out"));
    }
    let parent = match &new.parent {
        Some(p) => Some(hub.world(|w| w.find(p)).map_err(super::targets::target_error)?),
        None => None,
    };
    if new.branch.is_some() && new.worktree.is_none() && new.kind != Kind::Isolated {
        return Err(wire_error("usage", "--branch names the branch of a worktree, and this session has none", "add --kind isolated"));
    }
    if new.changes_from.is_some() && new.worktree.is_none() && new.kind != Kind::Isolated {
        return Err(wire_error("usage", "uncommitted changes are carried over into a worktree, and this session has none", "add --kind isolated"));
    }
    let mut kind = new.kind;
    if new.worktree.is_some() && kind == Kind::Primary {
        kind = Kind::Isolated;
    }
    let repo = look_at(cwd.clone()).await?;
    let project = repo.as_ref().map_or_else(|| cwd.clone(), |r| r.root.clone());
    if kind.watches() {
        return watching(hub, kind, parent, new, &project);
    }
    if kind == Kind::Isolated && repo.is_none() {
        let hint = "run it inside a git repository (git init && git commit), or without --kind isolated";
        return Err(wire_error("failed", format!("{} is not in a git repository; a worktree needs one", cwd.display()), hint));
    }
    if let Some(branch) = &new.branch {
        git::check_branch(branch).map_err(|e| wire_error("usage", e, ""))?;
    }
    let (agent, counts, interactive) = if !new.command.is_empty() {
        if new.agent.is_some() {
            return Err(wire_error("usage", "--agent and a command line exclude each other", "leave one of them out"));
        }
        ("command".to_owned(), false, false)
    } else {
        let wanted = new.agent.clone().or_else(|| hub.settings().default_agent);
        let path = new.client_env.iter().find(|(k, _)| k == "PATH").map(|(_, v)| v.clone()).unwrap_or_default();
        let chosen = agents::choose(hub, wanted.as_deref(), &path)?;
        (chosen.name, chosen.counts, chosen.interactive)
    };
    if let Some(n) = [&new.name, &new.worktree].into_iter().flatten().find(|n| slug(n).is_empty()) {
        return Err(wire_error("usage", format!("`{}` has no letter or digit to make a name of", safe_line(n, 60)), "use a-z, 0-9, . _ -"));
    }
    let name = match (&new.worktree, &new.name, &new.task) {
        (Some(n), _, _) | (None, Some(n), _) => slug(n),
        (None, None, Some(t)) => task::name_of(t),
        _ => new.command.first().map(|c| slug(Path::new(c).file_name().and_then(|f| f.to_str()).unwrap_or("command"))).unwrap_or_default(),
    };
    let name = if name.is_empty() { agent.clone() } else { name };
    let mut env = new.client_env;
    for (k, v) in &new.env {
        env.retain(|(name, _)| name != k);
        env.push((k.clone(), v.clone()));
    }
    Ok(Recipe {
        delegated: new.brief.is_some(),
        record: new.record,
        task: new.task,
        kind,
        agent,
        name,
        project: project.to_string_lossy().into_owned(),
        cwd: new.cwd,
        parent,
        priority: new.priority,
        branch: new.branch,
        worktree: new.worktree.as_deref().map(slug),
        command: new.command,
        brief: new.brief,
        base: new.base,
        changes_from: new.changes_from,
        env_names: env.iter().map(|e| e.0.clone()).collect(),
        env,
        umask: new.umask.unwrap_or(0o022),
        size: (new.cols > 0 && new.rows > 0).then(|| Size::new(new.cols, new.rows).clamped()),
        counts,
        interactive,
    })
}

fn watching(hub: &Rc<Hub>, kind: Kind, parent: Option<SessionId>, new: NewSession, project: &Path) -> Result<Recipe, WireError> {
    let Some(parent) = parent else {
        return Err(wire_error("usage", format!("a {} session needs the session it watches", kind.word()), "name it: --parent S"));
    };
    let (number, cwd, parent_project) = hub
        .world(|w| w.get(&parent).map(|r| (r.facts.number, r.facts.cwd.clone(), r.facts.project.clone())))
        .unwrap_or((0, new.cwd.clone(), String::new()));
    let exe = crate::ipc::daemon::own_exe();
    let flag = format!("--{}", kind.word());
    Ok(Recipe {
        task: new.task,
        kind,
        agent: kind.word().into(),
        name: new.name.as_deref().map(slug).filter(|n| !n.is_empty()).unwrap_or_else(|| format!("{}-{number}", kind.word())),
        project: if parent_project.is_empty() { project.to_string_lossy().into_owned() } else { parent_project },
        cwd: if Path::new(&cwd).is_dir() { cwd } else { new.cwd },
        parent: Some(parent),
        priority: new.priority,
        command: vec![exe.to_string_lossy().into_owned(), "--server".into(), hub.paths.server.clone(), "sessions".into(), flag, number.to_string()],
        env_names: Vec::new(),
        env: new.client_env,
        umask: new.umask.unwrap_or(0o022),
        size: (new.cols > 0 && new.rows > 0).then(|| Size::new(new.cols, new.rows).clamped()),
        ..Recipe::default()
    })
}

/// The repository of a folder. Looked up on a worker: a disk that hangs must not keep the server.
async fn look_at(cwd: PathBuf) -> Result<Option<git::Repo>, WireError> {
    let shown = safe_line(&cwd.to_string_lossy(), 300);
    let looked = tokio::task::spawn_blocking(move || {
        check_folder(&cwd)?;
        git::discover(&cwd).map_err(|e| wire_error("failed", e, ""))
    });
    match tokio::time::timeout(LOOK_AT_MOST, looked).await {
        Ok(Ok(result)) => result,
        Ok(Err(e)) => Err(wire_error("failed", format!("looking at {shown} failed: {e}"), "")),
        Err(_) => Err(wire_error(
            "timeout",
            format!("{shown} does not answer within {} s", LOOK_AT_MOST.as_secs()),
            "is its disk there, and is .git/config a plain file?",
        )),
    }
}

fn check_folder(cwd: &Path) -> Result<(), WireError> {
    let shown = safe_line(&cwd.to_string_lossy(), 300);
    if !cwd.is_absolute() {
        return Err(wire_error("usage", format!("{shown} is not an absolute path"), ""));
    }
    match std::fs::metadata(cwd) {
        Ok(m) if m.is_dir() => Ok(()),
        Ok(_) => Err(wire_error("failed", format!("{shown} is not a folder"), "name the folder the session should run in")),
        Err(e) => Err(wire_error("failed", format!("{shown}: {e}"), "name a folder that exists")),
    }
}
