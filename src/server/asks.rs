//! The prompts that stand open, by session: who asked, and by which way an answer gets there. One stands in front, the oldest.
//! Each appearance of a prompt has a name of its own, also when it looks like the one before. Must not know who may
//! answer, nor who hears of it.

use super::seen::Seen;
use crate::agent::bridge::HookRule;
use crate::agent::dialog::DialogRule;
use crate::base::{Now, SessionId};
use crate::wire::facts::Waiting;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use tokio::sync::oneshot;

/// How an answer gets to an agent.
pub enum Way {
    /// A hook holds its call open; what is sent is printed, nothing leaves the agent's own dialog to answer.
    Hook {
        /// Its rule.
        rule: HookRule,
        /// Who waits.
        reply: oneshot::Sender<Option<String>>,
    },
    /// The agent's own server takes it.
    Http {
        /// Its rule.
        rule: HookRule,
        /// The agent's name for the prompt.
        key: String,
    },
    /// Keys, once the screen shows the very dialog.
    Keys {
        /// Its rule.
        rule: DialogRule,
        /// Which dialog.
        mark: String,
    },
}

impl Way {
    /// Its word on the wire.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Way::Hook { .. } => "hook",
            Way::Http { .. } => "http",
            Way::Keys { .. } => "keys",
        }
    }
}

/// A prompt that stands open.
pub struct Prompt {
    /// What all see of it; its `id` is set.
    pub waiting: Waiting,
    /// How an answer gets there.
    pub way: Way,
    /// The question as it was asked, and what of the event an answer needs (JSON).
    pub raw: (String, String),
    /// Since when, milliseconds by the monotonic clock.
    pub since: u64,
    /// Since when the session had been in its state when this came up, milliseconds since the Unix epoch.
    pub state_since: u64,
}

/// A hook may come so long after the dialog it is about, milliseconds.
const NEW: u64 = 3000;

/// All of them.
#[derive(Default)]
pub struct Asks {
    pub(super) open: RefCell<HashMap<SessionId, Vec<Prompt>>>,
    /// Which of them each terminal was shown.
    pub seen: Seen,
    /// Dialogs that a key was pressed for: until it is seen what came of it, what stands there can be the same one, or the next.
    pub(super) pressed: RefCell<HashMap<SessionId, String>>,
    /// Sessions whose dialog stands in the terminal though its hook was answered.
    fading: RefCell<HashSet<SessionId>>,
    /// Sessions whose hook let go of a prompt unanswered: the agent's own dialog has it from there.
    passed_on: RefCell<HashSet<SessionId>>,
}

impl Asks {
    /// The name of the prompt in front, when this is the same one by a better way: its dialog came up before its hook did.
    pub(super) fn known_as(&self, id: &SessionId, waiting: &Waiting, way: &Way) -> Option<String> {
        let all = self.open.borrow();
        let front = all.get(id)?.first().filter(|p| matches!((&p.way, way), (Way::Keys { .. }, Way::Hook { .. })))?;
        let new = Now::read().mono_ms.saturating_sub(front.since) < NEW;
        (new && (&front.raw.0, &front.waiting.kind) == (&waiting.text, &waiting.kind)).then(|| front.waiting.id.clone()).flatten()
    }

    /// The id of the prompt in front, and whether it is answered by keys.
    pub fn front(&self, id: &SessionId) -> Option<(String, Option<String>)> {
        let all = self.open.borrow();
        let p = all.get(id)?.first()?;
        let mark = match &p.way {
            Way::Keys { mark, .. } => Some(mark.clone()),
            _ => None,
        };
        Some((p.waiting.id.clone()?, mark))
    }

    /// Whether the prompt that the agent's server calls so stands already.
    pub fn is_open(&self, id: &SessionId, name: &str) -> bool {
        let same = |p: &Prompt| matches!(&p.way, Way::Http { key, .. } if key == name);
        self.open.borrow().get(id).is_some_and(|p| p.iter().any(same))
    }

    /// A hook is answered whose dialog stands on the screen, too, or is about to: none there is a prompt until [`Asks::faded`].
    pub fn fades(&self, id: &SessionId) {
        self.fading.borrow_mut().insert(id.clone());
    }

    /// It is seen what came of that.
    pub fn faded(&self, id: &SessionId) {
        self.fading.borrow_mut().remove(id);
    }

    /// It was seen what came of the key, or nobody waits any longer: a dialog that stands now is a prompt of its own.
    pub fn seen(&self, id: &SessionId) {
        self.pressed.borrow_mut().remove(id);
    }

    /// Whether this dialog was answered and nobody knows yet what came of it.
    pub fn is_spent(&self, id: &SessionId, mark: &str) -> bool {
        self.fading.borrow().contains(id) || self.pressed.borrow().get(id).is_some_and(|m| m == mark)
    }

    /// A hook let go of its prompt unanswered.
    pub fn pass_on(&self, id: &SessionId) {
        self.passed_on.borrow_mut().insert(id.clone());
    }

    /// Whether a hook let go of a prompt, and nothing is known of it since.
    pub fn is_passed_on(&self, id: &SessionId) -> bool {
        self.passed_on.borrow().contains(id)
    }

    /// What a hook said no longer matters.
    pub fn passed(&self, id: &SessionId) -> bool {
        self.passed_on.borrow_mut().remove(id)
    }

    /// Reads a prompt.
    pub fn look<T>(&self, id: &SessionId, prompt: &str, f: impl FnOnce(&Prompt) -> T) -> Option<T> {
        let all = self.open.borrow();
        all.get(id)?.iter().find(|p| p.waiting.id.as_deref() == Some(prompt)).map(f)
    }

    /// The prompts that hooks have held since before a moment, milliseconds by the monotonic clock.
    pub fn held_before(&self, id: &SessionId, mono_ms: u64) -> Vec<String> {
        let all = self.open.borrow();
        let old = |p: &&Prompt| matches!(p.way, Way::Hook { .. }) && p.since < mono_ms;
        all.get(id).into_iter().flatten().filter(old).filter_map(|p| p.waiting.id.clone()).collect()
    }

    /// The dialog of one of the prompts stands on the screen: that one comes to the front. Hooks that were called together may come
    /// in any order; those that came long before it hold what was asked and answered before. None when nothing has changed.
    pub(super) fn comes_forward(&self, id: &SessionId, text: &str) -> Option<Vec<String>> {
        let mut all = self.open.borrow_mut();
        let prompts = all.get_mut(id)?;
        let at = prompts.iter().position(|p| p.raw.0 == text).filter(|at| *at > 0)?;
        let shown = prompts.remove(at);
        let old = |p: &&Prompt| matches!(p.way, Way::Hook { .. }) && p.since + NEW < shown.since;
        let over = prompts.iter().take(at).filter(old).filter_map(|p| p.waiting.id.clone()).collect();
        prompts.insert(0, shown);
        Some(over)
    }

    /// The session is over: nobody waits for an answer any more.
    pub fn forget(&self, id: &SessionId) {
        self.open.borrow_mut().remove(id);
        self.seen.forget(id);
        self.pressed.borrow_mut().remove(id);
        self.fading.borrow_mut().remove(id);
        self.passed_on.borrow_mut().remove(id);
    }
}
