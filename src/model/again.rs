//! An ended or lost session started again: the same task, folder, worktree and arguments, and the agent's own conversation.
//! Must not know how it is started.

use super::record::{Intent, Record};
use super::{Outcome, World};
use crate::base::{Now, SessionId};
use crate::evidence::Ledger;
use crate::wire::State;

impl World {
    /// Starts an ended session again. `env` are the values of its variables now; only their names were kept.
    pub(super) fn again(&mut self, id: &SessionId, env: Vec<(String, String)>, now: Now, out: &mut Outcome) {
        let Some(r) = self.get(id) else { return };
        if !r.facts.state.ended() {
            out.refused = Some(format!("#{} has not ended", r.facts.number));
            return;
        }
        if r.facts.kind.watches() {
            out.refused = Some(format!("#{} only watched another session; start a new one", r.facts.number));
            return;
        }
        let resumes = r.conversation.is_some();
        self.change(id, out, |r| {
            reset(r, now);
            r.recipe.env = env;
            r.again = true;
        });
        let how = if resumes { "started again, with its conversation" } else { "started again" };
        self.log(id, "action", how, now, out);
        self.set_state(id, State::Queued, now, out);
    }
}

/// As before its first start; what it made stays: worktree, branch, errors, plan, conversation.
fn reset(r: &mut Record, now: Now) {
    r.facts.pid = None;
    r.facts.ended = None;
    r.facts.ended_ms = 0;
    r.facts.exit_status = None;
    r.facts.note = None;
    r.facts.waiting_for = None;
    r.facts.started_ms = now.wall_ms;
    r.facts.started = super::record::rfc3339(now.wall_ms);
    r.facts.paused_ms = 0;
    r.ledger = Ledger::default();
    r.ask = None;
    r.doubted = None;
    r.intent = Intent::None;
    r.paused_since_ms = None;
}
