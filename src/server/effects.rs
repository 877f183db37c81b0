//! What the model asks for, done. Long things become tasks; nothing here waits. Must not decide anything.

use super::hub::Hub;
use super::{deliver, git_watch, notify, start};
use crate::base::SessionId;
use crate::model::{Command, Effect, FollowUp};
use crate::pty::StopPlan;
use std::rc::Rc;

/// Carries out one effect.
pub fn run(hub: &Rc<Hub>, effect: Effect) {
    match effect {
        Effect::Start(id) => start::start(hub, id),
        Effect::Freeze(id) => {
            if let Some(pane) = hub.pane(&id) {
                pane.freeze();
            }
        }
        Effect::Thaw(id) => {
            if let Some(pane) = hub.pane(&id) {
                pane.thaw();
            }
        }
        Effect::Stop { id, force } => stop(hub, id, force),
        Effect::Deliver { id, follow_up } => deliver_to(hub, id, follow_up),
        Effect::Persist(id) => persist(hub, &id),
        Effect::Forget(id) => forget(hub, &id),
        Effect::Log(entry) => {
            super::recording::mark(hub, &entry);
            if entry.kind == "error"
                && let Some(pane) = hub.live_pane(&entry.session)
            {
                super::kept_anchors::note(hub, &pane, super::anchors::Anchor::Error);
            }
            if let Ok(text) = serde_json::to_string(&entry) {
                hub.store.append_event(&entry.session, entry.time_ms, text);
            }
        }
        Effect::Notice { level, id, title, text } => notify::noticed(hub, level, &id, title, text),
        Effect::KeepText { id, text } => super::kept::keep(hub, id, text),
        Effect::LookAtGit(id) => git_watch::look(hub, &id),
    }
}

fn persist(hub: &Rc<Hub>, id: &SessionId) {
    if let Some(pane) = hub.live_pane(id) {
        pane.record_changed();
    }
    let doc = hub.world(|w| w.get(id).map(|r| (r.facts.number, serde_json::to_string(r))));
    match doc {
        Some((number, Ok(json))) => hub.store.put_session(id, number, json),
        Some((_, Err(e))) => tracing::error!(session = %id, "cannot write its record: {e}"),
        None => {}
    }
}

fn forget(hub: &Rc<Hub>, id: &SessionId) {
    hub.drop_pane(id);
    hub.asks.forget(id);
    hub.store.delete_session(id);
    let dir = hub.paths.session_dir(id);
    tokio::task::spawn_blocking(move || {
        // Only our own screen and spill files are in there; worktrees are elsewhere and stay.
        if let Err(e) = std::fs::remove_dir_all(&dir)
            && e.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!("cannot remove {}: {e}", dir.display());
        }
    });
}

fn stop(hub: &Rc<Hub>, id: SessionId, force: bool) {
    let Some(pane) = hub.pane(&id) else { return };
    let task_hub = Rc::clone(hub);
    hub.spawn("stop", async move {
        if !force {
            deliver::ask_to_quit(&task_hub, &pane).await;
        }
        let plan = if force { StopPlan::FORCE } else { StopPlan::default() };
        pane.stop(plan);
    });
}

fn deliver_to(hub: &Rc<Hub>, id: SessionId, follow_up: FollowUp) {
    let Some(pane) = hub.pane(&id) else { return };
    let task_hub = Rc::clone(hub);
    pane.typing_begins();
    hub.spawn("follow-up", async move {
        let result = deliver::deliver(&task_hub, &pane, follow_up.clone()).await;
        pane.typing_ends(&result);
        task_hub.apply(Command::Typed { id, text: follow_up.text, why_not: result.err() });
    });
}
