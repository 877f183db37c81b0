//! The prompts that stand open, by session: who asked, and by which way an answer gets there. One stands in front, the oldest.
//! Each appearance of a prompt has a name of its own, also when it looks like the one before. Must not know who may answer.

use super::hub::Hub;
use crate::agent::bridge::HookRule;
use crate::agent::dialog::DialogRule;
use crate::base::id::random_u64;
use crate::base::{Now, SessionId};
use crate::evidence::{Signal, Source};
use crate::model::Command;
use crate::wire::State;
use crate::wire::facts::Waiting;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use tokio::sync::oneshot;

/// Prompts of one session that may stand at once; more are left to the agent's own dialog.
const OPEN: usize = 16;

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
    fn word(&self) -> &'static str {
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
    open: RefCell<HashMap<SessionId, Vec<Prompt>>>,
    /// Which of them each terminal was shown.
    pub seen: super::seen::Seen,
    /// Dialogs that a key was pressed for: until it is seen what came of it, what stands there can be the same one, or the next.
    pressed: RefCell<HashMap<SessionId, String>>,
    /// Sessions whose dialog stands in the terminal though its hook was answered.
    fading: RefCell<HashSet<SessionId>>,
    /// Sessions whose hook let go of a prompt unanswered: the agent's own dialog has it from there.
    passed_on: RefCell<HashSet<SessionId>>,
}

impl Asks {
    /// Puts a prompt up and shows the one in front. Gives its id; nothing when too many stand already, or
    /// when it is too long to be shown whole.
    pub fn open(&self, hub: &Rc<Hub>, id: &SessionId, mut waiting: Waiting, input: String, way: Way, source: Option<Source>) -> Option<String> {
        let name = self.known_as(id, &waiting, &way).unwrap_or_else(|| format!("{:012x}", random_u64() >> 16));
        let now = Now::read();
        waiting.id = Some(name.clone());
        waiting.since = crate::model::rfc3339(now.wall_ms);
        waiting.via = Some(way.word().to_owned());
        // Nobody says yes to what nobody can read: that is left to the agent's own dialog.
        if !crate::model::shown_whole(&waiting.text) {
            self.tell(hub, id, &waiting, source);
            return None;
        }
        // It may have ended while its question was read: nobody would take that down again.
        let state_since = hub.world(|w| w.get(id).filter(|r| !r.facts.state.ended()).map(|r| r.facts.state_ms))?;
        {
            let mut all = self.open.borrow_mut();
            let prompts = all.entry(id.clone()).or_default();
            // A dialog on the screen is that of the prompt known by a better way.
            if prompts.len() >= OPEN || (matches!(way, Way::Keys { .. }) && !prompts.is_empty()) {
                return None;
            }
            prompts.retain(|p| !matches!(p.way, Way::Keys { .. }));
            prompts.push(Prompt { raw: (waiting.text.clone(), input), waiting: waiting.clone(), way, since: now.mono_ms, state_since });
        }
        self.show(hub, id);
        self.tell(hub, id, &waiting, source);
        Some(name)
    }

    /// The name of the prompt in front, when this is the same one by a better way: its dialog came up before its hook did.
    fn known_as(&self, id: &SessionId, waiting: &Waiting, way: &Way) -> Option<String> {
        let all = self.open.borrow();
        let front = all.get(id)?.first().filter(|p| matches!((&p.way, way), (Way::Keys { .. }, Way::Hook { .. })))?;
        let new = Now::read().mono_ms.saturating_sub(front.since) < NEW;
        (new && (&front.raw.0, &front.waiting.kind) == (&waiting.text, &waiting.kind)).then(|| front.waiting.id.clone()).flatten()
    }

    /// Says that something is asked, and nothing of how it can be answered.
    pub fn tell(&self, hub: &Rc<Hub>, id: &SessionId, waiting: &Waiting, source: Option<Source>) {
        let Some(source) = source else { return };
        let (text, kind) = (Some(waiting.text.clone()), Some(waiting.kind.clone()));
        let signal = Signal { source, state: State::Waiting, text, kind, at_ms: Now::read().wall_ms };
        hub.apply(Command::Signal { id: id.clone(), signal });
    }

    /// Has the model show the prompt in front.
    fn show(&self, hub: &Rc<Hub>, id: &SessionId) {
        let (front, held) = match self.open.borrow().get(id).and_then(|p| p.first()) {
            Some(p) => (Some(Box::new(p.waiting.clone())), matches!(p.way, Way::Hook { .. })),
            None => (None, false),
        };
        if let Some((w, prompt)) = front.as_ref().and_then(|w| Some((w, w.id.as_ref()?))) {
            let now = Now::read();
            self.seen.fronts(id, prompt, &w.text, held, super::seen::fresh(hub, id, now), now.mono_ms);
        }
        hub.apply(Command::Ask { id: id.clone(), ask: front });
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

    /// A key is about to be pressed for a dialog: the prompt is spent, and the dialog no prompt until [`Asks::seen`].
    pub fn press(&self, hub: &Rc<Hub>, id: &SessionId, prompt: &str, mark: &str) {
        self.pressed.borrow_mut().insert(id.clone(), mark.to_owned());
        self.take_as(hub, id, prompt, true);
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

    /// Takes a prompt down; the next one stands in front.
    pub fn take(&self, hub: &Rc<Hub>, id: &SessionId, prompt: &str) -> Option<Prompt> {
        self.take_as(hub, id, prompt, false)
    }

    /// Takes down a prompt that somebody answers.
    pub fn take_answered(&self, hub: &Rc<Hub>, id: &SessionId, prompt: &str) -> Option<Prompt> {
        self.take_as(hub, id, prompt, true)
    }

    fn take_as(&self, hub: &Rc<Hub>, id: &SessionId, prompt: &str, answered: bool) -> Option<Prompt> {
        let taken = {
            let mut all = self.open.borrow_mut();
            let prompts = all.get_mut(id)?;
            let at = prompts.iter().position(|p| p.waiting.id.as_deref() == Some(prompt))?;
            let taken = prompts.remove(at);
            if answered {
                self.seen.answered(id, prompt, Now::read().mono_ms);
            }
            if prompts.is_empty() {
                all.remove(id);
            }
            taken
        };
        self.show(hub, id);
        Some(taken)
    }

    /// The prompt that the agent calls so was answered elsewhere; all of them when it names none.
    pub fn answered(&self, hub: &Rc<Hub>, id: &SessionId, key: Option<&str>) {
        let gone: Vec<String> = {
            let all = self.open.borrow();
            let fits = |p: &&Prompt| match (&p.way, key) {
                (_, None) => true,
                (Way::Http { key: k, .. }, Some(key)) => k == key,
                _ => false,
            };
            all.get(id).into_iter().flatten().filter(fits).filter_map(|p| p.waiting.id.clone()).collect()
        };
        for prompt in gone {
            self.take_as(hub, id, &prompt, key.is_some());
        }
    }

    /// Somebody looks at the session's terminal: a held hook that hides the agent's own dialog lets go of it.
    pub fn looked_at(&self, hub: &Rc<Hub>, id: &SessionId) {
        let hidden: Vec<String> = {
            let all = self.open.borrow();
            let hides = |p: &&Prompt| matches!(&p.way, Way::Hook { rule, .. } if rule.hides_dialog);
            all.get(id).into_iter().flatten().filter(hides).filter_map(|p| p.waiting.id.clone()).collect()
        };
        for prompt in hidden {
            self.let_go(hub, id, &prompt);
        }
    }

    /// The prompts that hooks have held since before a moment, milliseconds since the Unix epoch.
    pub fn held_before(&self, id: &SessionId, wall_ms: u64) -> Vec<String> {
        let now = Now::read();
        let age = now.wall_ms.saturating_sub(wall_ms);
        let all = self.open.borrow();
        let old = |p: &&Prompt| matches!(p.way, Way::Hook { .. }) && now.mono_ms.saturating_sub(p.since) > age;
        all.get(id).into_iter().flatten().filter(old).filter_map(|p| p.waiting.id.clone()).collect()
    }

    /// The prompts that hooks hold and that came before the one that asks this; none when the first of all asks it, or no one.
    pub fn held_ahead_of(&self, id: &SessionId, text: &str) -> Vec<String> {
        let all = self.open.borrow();
        let Some(prompts) = all.get(id) else { return Vec::new() };
        let at = prompts.iter().position(|p| p.raw.0 == text).unwrap_or_default();
        prompts.iter().take(at).filter(|p| matches!(p.way, Way::Hook { .. })).filter_map(|p| p.waiting.id.clone()).collect()
    }

    /// Takes a prompt down; a hook that holds it is told nothing.
    pub fn let_go(&self, hub: &Rc<Hub>, id: &SessionId, prompt: &str) {
        if let Some(Prompt { way: Way::Hook { reply, .. }, .. }) = self.take(hub, id, prompt) {
            let _ = reply.send(None);
        }
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

/// Whether a person has the session's terminal in front.
pub fn in_front(hub: &Hub, id: &SessionId) -> bool {
    hub.clients().iter().any(|c| c.is_screen() && !c.read_only.get() && c.watched(id).is_some_and(|w| w.focused))
}
