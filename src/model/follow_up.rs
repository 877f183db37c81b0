//! Follow-ups: now or at the end of the turn. Must not know how text gets into a terminal.

use super::record::{FollowUp, QUEUE, Record};
use super::{Effect, Outcome, World, typeable};
use crate::base::text::safe_line;
use crate::base::{Now, SessionId};
use crate::evidence::Source;
use crate::wire::State;
use crate::wire::facts::ErrorReport;

impl World {
    /// Why a follow-up would not be taken; nothing when it would.
    pub fn follow_up_refusal(&self, id: &SessionId, follow_up: &FollowUp, queue: bool) -> Option<String> {
        let r = self.get(id)?;
        let (number, state) = (r.facts.number, r.facts.state);
        if state.ended() {
            return Some(format!("#{number} has ended ({}); nothing reads what is sent to it", state.word()));
        }
        if follow_up.submit
            && r.recipe.counts
            && let Some(why) = typeable::refusal(&follow_up.text)
        {
            return Some(format!("#{number} {why}"));
        }
        if waits(state, queue) {
            // Only what has turns can end one: an agent, or a program that reports its states.
            let has_turns = r.recipe.interactive || r.ledger.signals().iter().any(|s| s.source == Source::Report);
            if !has_turns {
                return Some(format!("#{number} is a plain command and has no turns; a queued follow-up would never be sent"));
            }
            return (r.queue.len() >= QUEUE).then(|| format!("#{number} has {QUEUE} follow-ups waiting already"));
        }
        if state == State::Paused {
            return Some(format!("#{number} is paused; resume it first, or queue the follow-up"));
        }
        // Enter would answer what an agent asks in a dialog of its own: with whatever is preselected, which mostly is yes.
        let dialog = |r: &Record| state == State::Waiting && r.ledger.verdict().is_some_and(|v| v.signal.source > Source::Report);
        if follow_up.submit && !follow_up.interrupt && dialog(r) {
            return Some(format!("#{number} asks something; Enter would answer it. Answer in its pane, or queue the follow-up, or interrupt first"));
        }
        None
    }

    pub(super) fn follow_up(&mut self, id: &SessionId, follow_up: FollowUp, queue: bool, now: Now, out: &mut Outcome) {
        let Some(state) = self.get(id).map(|r| r.facts.state) else { return };
        out.refused = self.follow_up_refusal(id, &follow_up, queue);
        if out.refused.is_some() {
            return;
        }
        if waits(state, queue) {
            let text = safe_line(&follow_up.text, 200);
            self.change(id, out, |r| {
                r.queue.push_back(follow_up);
                r.facts.queued = r.queue.len() as u32;
            });
            self.log(id, "follow-up", format!("queued: {text}"), now, out);
            return;
        }
        self.deliver(id, follow_up, now, out);
    }

    pub(super) fn unqueue(&mut self, id: &SessionId, out: &mut Outcome) {
        let mut texts = Vec::new();
        self.change(id, out, |r| {
            texts = r.queue.drain(..).map(|f| f.text).collect();
            r.facts.queued = 0;
        });
        out.text = texts;
    }

    /// A follow-up was typed and taken, or why not.
    pub(super) fn typed(&mut self, id: &SessionId, text: &str, why_not: Option<String>, now: Now, out: &mut Outcome) {
        self.change(id, out, |r| {
            if let Some(at) = r.typing.iter().position(|f| f.text == text) {
                r.typing.remove(at);
            }
        });
        if let Some(why) = why_not {
            let error = ErrorReport {
                title: "follow-up not delivered".into(),
                issue: Some(safe_line(&why, 300)),
                context: Some(kept(text)),
                suggestion: Some("the text is kept here: look at the session's terminal and send it again".into()),
                ..ErrorReport::default()
            };
            self.add_error(id, error, now, out);
            keep_whole(id, text, out);
        } else if self.get(id).is_some_and(|r| r.facts.state == State::Waiting && !r.ledger.signals().iter().any(|s| s.state == State::Waiting)) {
            // It was what a program had asked for in words of its own, and nothing says any more that it waits.
            self.settle(id, now, out);
        }
    }

    /// A server ended while something was typed: whether it arrived is not known, so it is not typed a second time.
    pub(super) fn half_typed(&mut self, id: &SessionId, now: Now, out: &mut Outcome) {
        let mut texts = Vec::new();
        if self.get(id).is_some_and(|r| !r.typing.is_empty()) {
            self.change(id, out, |r| texts = r.typing.drain(..).map(|f| f.text).collect());
        }
        for text in texts {
            let error = ErrorReport {
                title: "follow-up may not have arrived".into(),
                issue: Some("the server ended while it was typed".into()),
                context: Some(kept(&text)),
                suggestion: Some("look at the session's terminal; send it again if it is not there".into()),
                ..ErrorReport::default()
            };
            self.add_error(id, error, now, out);
            keep_whole(id, &text, out);
        }
    }

    /// Sends the next queued follow-up when the turn is over.
    pub(super) fn next_queued(&mut self, id: &SessionId, now: Now, out: &mut Outcome) {
        let mut next = None;
        if self.get(id).is_some_and(|r| r.facts.state == State::Idle && !r.queue.is_empty() && r.typing.is_empty()) {
            self.change(id, out, |r| {
                next = r.queue.pop_front();
                r.facts.queued = r.queue.len() as u32;
            });
        }
        if let Some(follow_up) = next {
            self.deliver(id, follow_up, now, out);
        }
    }

    fn deliver(&mut self, id: &SessionId, follow_up: FollowUp, now: Now, out: &mut Outcome) {
        self.log(id, "follow-up", format!("sent: {}", safe_line(&follow_up.text, 200)), now, out);
        if follow_up.submit
            && let Some(r) = self.get_mut(id)
            && r.facts.state != State::Working
        {
            // What was said of the turn before no longer speaks; the state stays as it is until something new is seen. A turn that
            // goes on is only steered, and its agent will not say again that it works.
            r.ledger.new_turn();
        }
        // Kept until it is seen to be taken: a server that ends meanwhile leaves it in the record.
        self.change(id, out, |r| r.typing.push(follow_up.clone()));
        out.effects.push(Effect::Deliver { id: id.clone(), follow_up });
    }
}

/// What an error would cut or bend is kept beside it.
pub(super) fn keep_whole(id: &SessionId, text: &str, out: &mut Outcome) {
    if kept(text) != text {
        out.effects.push(Effect::KeepText { id: id.clone(), text: text.to_owned() });
    }
}

/// A text as an error keeps it: its lines parted by a mark.
fn kept(text: &str) -> String {
    safe_line(&text.lines().collect::<Vec<_>>().join(" ⏎ "), 2000)
}

/// Whether a follow-up waits for a later moment.
fn waits(state: State, queue: bool) -> bool {
    let busy = matches!(state, State::Working | State::Waiting | State::Paused);
    matches!(state, State::Queued | State::Starting) || (queue && busy)
}
