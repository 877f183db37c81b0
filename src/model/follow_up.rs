//! Follow-ups: now or at the end of the turn. Must not know how text gets into a terminal.

use super::record::{FollowUp, QUEUE, Record};
use super::{Effect, Outcome, World};
use crate::base::text::safe_line;
use crate::base::{Now, SessionId};
use crate::evidence::Source;
use crate::wire::State;

impl World {
    pub(super) fn follow_up(&mut self, id: &SessionId, follow_up: FollowUp, queue: bool, now: Now, out: &mut Outcome) {
        let Some(r) = self.get(id) else { return };
        let (number, state) = (r.facts.number, r.facts.state);
        if state.ended() {
            out.refused = Some(format!("#{number} has ended ({}); nothing reads what is sent to it", state.word()));
            return;
        }
        let busy = matches!(state, State::Working | State::Waiting | State::Queued | State::Starting | State::Paused);
        let must_wait = matches!(state, State::Queued | State::Starting);
        if must_wait || (queue && busy) {
            if r.queue.len() >= QUEUE {
                out.refused = Some(format!("#{number} has {QUEUE} follow-ups waiting already"));
                return;
            }
            let text = safe_line(&follow_up.text, 200);
            self.change(id, out, |r| {
                r.queue.push_back(follow_up);
                r.facts.queued = r.queue.len() as u32;
            });
            self.log(id, "follow-up", format!("queued: {text}"), now, out);
            return;
        }
        if state == State::Paused {
            out.refused = Some(format!("#{number} is paused; resume it first, or queue the follow-up"));
            return;
        }
        // Enter would answer what an agent asks in a dialog of its own: with whatever is preselected, which mostly is yes.
        let dialog = |r: &Record| state == State::Waiting && r.ledger.verdict().is_some_and(|v| v.signal.source > Source::Report);
        if follow_up.submit && !follow_up.interrupt && self.get(id).is_some_and(dialog) {
            out.refused =
                Some(format!("#{number} asks something; Enter would answer it. Answer in its pane, or queue the follow-up, or interrupt first"));
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

    /// Sends the next queued follow-up when the turn is over.
    pub(super) fn next_queued(&mut self, id: &SessionId, now: Now, out: &mut Outcome) {
        let mut next = None;
        if self.get(id).is_some_and(|r| r.facts.state == State::Idle && !r.queue.is_empty()) {
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
        out.effects.push(Effect::Deliver { id: id.clone(), follow_up });
    }
}
