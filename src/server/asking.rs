//! Prompts put up and taken down, and what the model is told of it: it shows the one in front. Must not know who may answer.

use super::asks::{Asks, Prompt, Way};
use super::hub::Hub;
use super::seeing;
use crate::base::id::random_u64;
use crate::base::{Now, SessionId};
use crate::evidence::{Signal, Source};
use crate::model::Command;
use crate::wire::State;
use crate::wire::facts::Waiting;
use std::rc::Rc;

/// Prompts of one session that may stand at once; more are left to the agent's own dialog.
const OPEN: usize = 16;

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
            self.seen.fronts(id, prompt, &w.text, held, seeing::fresh(hub, id, now), now.mono_ms);
        }
        hub.apply(Command::Ask { id: id.clone(), ask: front });
    }

    /// A key is about to be pressed for a dialog: the prompt is spent, and the dialog no prompt until [`Asks::seen`].
    pub fn press(&self, hub: &Rc<Hub>, id: &SessionId, prompt: &str, mark: &str) {
        self.pressed.borrow_mut().insert(id.clone(), mark.to_owned());
        self.take_as(hub, id, prompt, true);
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

    /// The dialog that asks this stands on the screen.
    pub fn stands(&self, hub: &Rc<Hub>, id: &SessionId, text: &str) {
        let Some(over) = self.comes_forward(id, text) else { return };
        for prompt in over {
            self.is_over(hub, id, &prompt);
        }
        self.show(hub, id);
    }

    /// What a prompt asked is known to be answered: it is taken down, and what looks like it is another one. A hook that holds it is
    /// told nothing.
    pub fn is_over(&self, hub: &Rc<Hub>, id: &SessionId, prompt: &str) {
        if let Some(Prompt { way: Way::Hook { reply, .. }, .. }) = self.take_answered(hub, id, prompt) {
            let _ = reply.send(None);
        }
    }

    /// Takes a prompt down; a hook that holds it is told nothing.
    pub fn let_go(&self, hub: &Rc<Hub>, id: &SessionId, prompt: &str) {
        if let Some(Prompt { way: Way::Hook { reply, .. }, .. }) = self.take(hub, id, prompt) {
            let _ = reply.send(None);
        }
    }
}

/// Whether a person has the session's terminal in front.
pub fn in_front(hub: &Hub, id: &SessionId) -> bool {
    hub.clients().iter().any(|c| c.is_screen() && !c.read_only.get() && c.watched(id).is_some_and(|w| w.focused))
}
