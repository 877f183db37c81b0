//! Starting a session: worktree, agent, holder, terminal. Each step undoes only what it made. Must not know clients.

use super::agents;
use super::hub::Hub;
use super::pane::Pane;
use super::pump;
use crate::agent::{self, LaunchPlan};
use crate::base::{SessionId, Size};
use crate::git::{self, CreateWorktree};
use crate::model::{Command, Conversation, Recipe, Record};
use crate::pty::{self, LaunchSpec};
use crate::term;
use crate::wire::Kind;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// Starts a session in the background; the model hears how it went.
pub fn start(hub: &Rc<Hub>, id: SessionId) {
    let found = hub.world(|w| w.get(&id).map(|r| (r.recipe.clone(), r.facts.number, Before::of(r))));
    let Some((recipe, number, before)) = found else { return };
    let task_hub = Rc::clone(hub);
    hub.spawn("start", async move {
        if let Err(message) = try_start(&task_hub, &id, number, recipe, before).await {
            tracing::warn!(session = %id, "not started: {message}");
            task_hub.apply(Command::StartFailed { id, message });
        }
    });
}

/// What an earlier run of the same session left; nothing at its first start.
#[derive(Default)]
struct Before {
    again: bool,
    conversation: Option<Conversation>,
    worktree: Option<String>,
    branch: Option<String>,
    base: Option<String>,
    cwd: String,
}

impl Before {
    fn of(r: &Record) -> Before {
        if !r.again {
            return Before::default();
        }
        let f = &r.facts;
        Before {
            again: true,
            conversation: r.conversation.clone(),
            worktree: f.worktree.clone(),
            branch: f.branch.clone(),
            base: f.base.clone(),
            cwd: f.cwd.clone(),
        }
    }
}

/// Longest wait for the repository of a folder.
const LOOK_AT_MOST: Duration = Duration::from_secs(5);

/// Under which name the making of a session's worktree is written down.
fn intent_key(id: &SessionId) -> String {
    format!("worktree-{id}")
}

async fn try_start(hub: &Rc<Hub>, id: &SessionId, number: u32, recipe: Recipe, before: Before) -> Result<(), String> {
    hub.paths.ensure_session_dir(id).map_err(|e| e.to_string())?;
    let mut cwd = PathBuf::from(&recipe.cwd);
    let (mut worktree, mut branch, mut base) = (None, None, None);
    let makes = recipe.kind == Kind::Isolated && before.worktree.is_none();
    if let Some(old) = &before.worktree {
        // Started again it goes on where it was; a worktree that is gone is not made anew behind its back.
        if !PathBuf::from(old).is_dir() {
            return Err(format!("its worktree {old} is gone; start a new session"));
        }
        cwd = PathBuf::from(&before.cwd);
        (worktree, branch, base) = (Some(old.clone()), before.branch.clone(), before.base.clone());
    } else if makes {
        let slug = recipe.worktree.clone().unwrap_or_else(|| recipe.name.clone());
        let (root, wanted, start) = (PathBuf::from(&recipe.project), recipe.branch.clone(), recipe.base.clone());
        let changes = recipe.changes_from.clone();
        let parent = hub.settings().worktree_root;
        // What is being made is written down first: a crash in between is found and said by the next server.
        let intent = serde_json::json!({"intent": "worktree", "session": id, "project": root, "slug": slug}).to_string();
        let store = hub.store.clone();
        let key = intent_key(id);
        let made = tokio::task::spawn_blocking(move || {
            store.put_intent(&key, intent).map_err(|e| e.to_string())?;
            let wanted = CreateWorktree { project: &root, slug: &slug, branch: wanted.as_deref(), base: start.as_deref(), parent: parent.as_deref() };
            let made = git::create_worktree(&wanted).map_err(|e| e.to_string())?;
            if let Some(from) = changes {
                let failed =
                    |e| format!("the uncommitted changes of {from} could not be carried over: {e}. The worktree {} stays", made.path.display());
                git::carry(std::path::Path::new(&from), &made.path).map_err(failed)?;
            }
            Ok::<_, String>(made)
        })
        .await
        .map_err(|e| format!("making the worktree failed: {e}"))??;
        // Stay in the same folder below the new root.
        let below = cwd.strip_prefix(&recipe.project).map(PathBuf::from).unwrap_or_default();
        // An empty rest would leave a slash at the end, and agents know trusted folders by their exact name.
        cwd.clone_from(&made.path);
        if !below.as_os_str().is_empty() && made.path.join(&below).is_dir() {
            cwd.push(below);
        }
        worktree = Some(made.path.to_string_lossy().into_owned());
        branch = Some(made.branch);
        base = Some(made.base_commit);
    } else {
        let here = cwd.clone();
        let looked = tokio::task::spawn_blocking(move || git::discover(&here));
        if let Ok(Ok(Ok(Some(repo)))) = tokio::time::timeout(LOOK_AT_MOST, looked).await {
            branch = repo.branch;
            base = repo.head;
        }
    }

    let mut env = recipe.env.clone();
    if env.is_empty() {
        env = crate::ipc::cleaned_env(std::env::vars_os());
    }
    let plan = match recipe.command.as_slice() {
        [] => {
            let old = before.conversation.as_ref().map(|c| c.id.as_str());
            // A conversation that goes on knows its task.
            let told = super::brief::told(hub, id, &recipe, worktree.as_deref().zip(branch.as_deref()))?;
            let task = told.as_deref().filter(|_| old.is_none());
            let launch = agents::Launch { agent: &recipe.agent, task, cwd: &cwd, conversation: old };
            agents::plan(hub, id, &launch, &env)?
        }
        argv => agent::plan_command(argv),
    };
    let LaunchPlan { argv, type_after, .. } = plan;
    let log = plan.log;
    let conversation = plan.conversation.map(|id| Conversation { id, log });
    let conversation = match (conversation, before.conversation) {
        (Some(new), Some(old)) if new.id == old.id && new.log.is_none() => Some(old),
        (new, _) => new,
    };
    if before.again {
        // The screen of the run before is history.
        let _ = std::fs::remove_file(hub.screen_file(id));
    }
    env.retain(|(k, _)| !plan.env_unset.contains(k));
    for (k, v) in plan.env_set.into_iter().chain(own_env(hub, number)) {
        env.retain(|(name, _)| *name != k);
        env.push((k, v));
    }
    hub.apply(Command::Prepared {
        id: id.clone(),
        worktree,
        branch,
        base,
        cwd: cwd.to_string_lossy().into_owned(),
        argv: argv.clone(),
        agent: recipe.agent.clone(),
        conversation,
        task_to_type: type_after,
    });
    // Before anything runs the database knows of it, and of its worktree: from here on no crash makes either unknown.
    let store = hub.store.clone();
    let key = makes.then(|| intent_key(id));
    let kept = tokio::task::spawn_blocking(move || store.flush().and_then(|()| key.map_or(Ok(()), |k| store.done_intent(&k)))).await;
    if let Ok(Err(e)) = kept {
        return Err(format!("the session cannot be written down: {e}"));
    }

    let size = recipe.size.unwrap_or(Size::DEFAULT);
    let spec = LaunchSpec { id: id.clone(), argv, cwd, env, size, umask: recipe.umask };
    let launching = hub.launching();
    let leased = pty::launch(&spec, &hub.holder_dirs()).await.map_err(|e| e.to_string())?;
    let settings = hub.settings();
    let engine = term::new_engine(settings.engine, size, settings.history_lines);
    let pid = leased.agent_pid;
    if let Some(meta) = hub.meta(id)
        && let Err(e) = leased.control.set_meta(&meta).await
    {
        tracing::warn!(session = %id, "its holder keeps no copy of its record: {e}");
    }
    let pane = Pane::new(id.clone(), engine, Some(size));
    hub.set_pane(Rc::clone(&pane));
    pump::run(hub, &pane, leased, None);
    drop(launching);
    hub.apply(Command::Started { id: id.clone(), pid });
    // Clients may show it already; now there is something to size and draw.
    for client in hub.clients() {
        if client.watched(id).is_some() {
            pane.watch(client.id, &client);
        }
    }
    super::sizes::settle(hub, &pane);
    hub.wake_all();
    Ok(())
}

/// What tells a program in a session where it is. It only preselects; rights come from the process tree.
fn own_env(hub: &Hub, number: u32) -> [(String, String); 2] {
    [("COPILOT_TUI_SERVER".into(), hub.paths.server.clone()), ("COPILOT_TUI_NUMBER".into(), number.to_string())]
}
