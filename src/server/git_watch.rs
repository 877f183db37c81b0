//! What changed in a session's work tree: looked up on a worker thread, one look at a time for each session.
//! Must not know why it is wanted.

use super::hub::Hub;
use crate::base::SessionId;
use crate::git;
use crate::model::Command;
use crate::model::notices::Figures;
use crate::wire::facts::Changes;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// A look that takes longer gives up; the counts of the last one stay.
const DEADLINE: Duration = Duration::from_secs(5);

/// Looks at a session's work tree and notes what changed.
pub fn look(hub: &Rc<Hub>, id: &SessionId) {
    let Some((cwd, base, kind)) = hub.world(|w| w.get(id).map(|r| (r.facts.cwd.clone(), r.facts.base.clone(), r.facts.kind))) else { return };
    if kind.watches() || !hub.looking.borrow_mut().insert(id.clone()) {
        return;
    }
    let (task_hub, id) = (Rc::clone(hub), id.clone());
    hub.spawn("git status", async move {
        let _turn = task_hub.look_turn.lock().await;
        let found = tokio::task::spawn_blocking(move || git::status(&PathBuf::from(cwd), base.as_deref(), Instant::now() + DEADLINE)).await;
        task_hub.looking.borrow_mut().remove(&id);
        task_hub.tidy.soon();
        match found {
            Ok(Ok(c)) => {
                let changes = Changes {
                    files: c.files_modified as u32,
                    added: c.added_lines as u32,
                    removed: c.removed_lines as u32,
                    commits: c.commits_ahead as u32,
                    uncommitted: c.dirty as u32,
                };
                task_hub.apply(Command::Changed { id, changes: Some(changes), branch: c.branch });
            }
            Ok(Err(e)) => tracing::debug!(session = %id, "git status: {e}"),
            Err(e) => tracing::warn!(session = %id, "git status failed: {e}"),
        }
    });
}

/// What a session changed since its base, looked up now. None without a base, or when git cannot tell all of it.
pub async fn figures(hub: &Rc<Hub>, id: &SessionId) -> Option<Figures> {
    let (cwd, base) = hub.world(|w| w.get(id).map(|r| (r.facts.cwd.clone(), r.facts.base.clone())))?;
    let base = base?;
    let found = tokio::task::spawn_blocking(move || git::status(&PathBuf::from(cwd), Some(&base), Instant::now() + DEADLINE)).await;
    let c = found.ok()?.ok().filter(|c| c.complete)?;
    let modified = c.files_modified.saturating_sub(c.files_created + c.files_deleted);
    Some(Figures { created: c.files_created, modified, commits: c.commits_ahead })
}
