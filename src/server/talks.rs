//! Which conversation an agent is in, when a hook names another one than is known: whatever runs in a session can call its hooks,
//! and what is kept here is resumed one day. Only a log of the agent's own, beside the known one and of the same folder, confirms
//! it. Must not know what a conversation holds.

use super::hub::Hub;
use crate::agent::conversation::folder_of;
use crate::base::SessionId;
use crate::model::{Command, Conversation};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A hook names the conversation that begins.
pub fn named(hub: &Rc<Hub>, id: &SessionId, spoken: &str) {
    let known = hub.world(|w| w.get(id).and_then(|r| r.conversation.clone()));
    match known {
        None => _ = hub.apply(Command::Conversation { id: id.clone(), conversation: Conversation { id: spoken.to_owned(), log: None } }),
        Some(known) if known.id == spoken => {}
        Some(_) => {
            hub.apply(Command::Doubted { id: id.clone(), said: spoken.to_owned() });
            let (task_hub, id) = (Rc::clone(hub), id.clone());
            hub.spawn("conversation", async move { _ = confirm(&task_hub, &id).await });
        }
    }
}

/// Looks whether the agent has written what its hook named: then that is the conversation from now on, and its log.
pub async fn confirm(hub: &Rc<Hub>, id: &SessionId) -> Option<String> {
    let (said, known, cwd) = hub.world(|w| w.get(id).and_then(|r| Some((r.doubted.clone()?, r.conversation.clone()?, r.facts.cwd.clone()))))?;
    let log = beside(&known, &said)?;
    let found = log.clone();
    let confirmed = tokio::task::spawn_blocking(move || folder_of(&found).is_some_and(|f| same_folder(&f, &cwd))).await;
    let still = hub.world(|w| w.get(id).is_some_and(|r| r.doubted.as_deref() == Some(&said)));
    if !still || !matches!(confirmed, Ok(true)) {
        return None;
    }
    let log = log.to_string_lossy().into_owned();
    hub.apply(Command::Conversation { id: id.clone(), conversation: Conversation { id: said, log: Some(log.clone()) } });
    Some(log)
}

/// Where the log of another conversation of the same agent and folder would be.
fn beside(known: &Conversation, said: &str) -> Option<PathBuf> {
    let log = known.log.as_deref().filter(|l| l.matches(known.id.as_str()).count() == 1)?;
    Some(PathBuf::from(log.replace(&known.id, said)))
}

fn same_folder(a: &str, b: &str) -> bool {
    a == b || Path::new(a).canonicalize().ok().is_some_and(|a| Path::new(b).canonicalize().is_ok_and(|b| a == b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_log_is_looked_for_beside_the_known_one() {
        let known = |log: &str| Conversation { id: "a-1".into(), log: Some(log.into()) };
        assert_eq!(beside(&known("/h/.copilot/s/a-1/events.jsonl"), "b-2"), Some(PathBuf::from("/h/.copilot/s/b-2/events.jsonl")));
        assert_eq!(beside(&known("/h/a-1/a-1.jsonl"), "b-2"), None, "which of them names it is not known");
        assert_eq!(beside(&Conversation { id: "a-1".into(), log: None }, "b-2"), None);
        assert!(same_folder("/tmp/", "/tmp") && !same_folder("/tmp", "/"));
    }
}
