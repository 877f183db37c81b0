//! What the facts themselves make worth telling: a session waits, waits for something else, a quarter of a long task is done.
//! Remembers a little of each session to see the difference. Must not know what is done with it.

use super::text::{News, quarter, waiting};
use crate::base::SessionId;
use crate::model::{Record, World};
use crate::wire::State;
use crate::wire::facts::Phase;
use std::collections::HashMap;

/// A task of which so much is known to last is long, seconds.
const LONG: u64 = 120;

/// What was known of a session at the last look.
#[derive(Debug, Clone, Default)]
struct Seen {
    question: Option<String>,
    quarter: u8,
    phase: Option<Phase>,
}

/// Looks at the facts as they change.
#[derive(Debug, Default)]
pub struct Watch {
    rev: u64,
    seen: HashMap<SessionId, Seen>,
}

impl Watch {
    /// Takes everything as known already: what an earlier server told is not told again.
    pub fn take_as_known(&mut self, world: &World) {
        self.look(world);
    }

    /// What is new since the last look. Cheap when nothing is.
    pub fn look(&mut self, world: &World) -> Vec<News> {
        if world.rev() == self.rev {
            return Vec::new();
        }
        let mut out = Vec::new();
        for r in world.changed_since(self.rev).filter(|r| !r.facts.kind.watches()) {
            let seen = self.seen.entry(r.facts.id.clone()).or_default();
            let question = asked(r);
            if question != seen.question {
                out.extend(waiting(r));
                seen.question = question;
            }
            let now = quarter_of(r);
            if now > seen.quarter {
                seen.quarter = now;
                if long(r) {
                    out.push(quarter(r, now * 25));
                }
            }
        }
        self.rev = world.rev();
        if self.seen.len() > 2 * world.sessions().count() + 16 {
            self.seen.retain(|id, _| world.get(id).is_some());
        }
        out
    }

    /// The phase a session was in when this was asked last; from now on it is the present one.
    pub fn phase_before(&mut self, r: &Record) -> Option<Phase> {
        let seen = self.seen.entry(r.facts.id.clone()).or_default();
        std::mem::replace(&mut seen.phase, r.facts.phase.clone())
    }
}

/// What a session waits for now.
fn asked(r: &Record) -> Option<String> {
    r.facts.waiting_for.as_ref().filter(|_| r.facts.state == State::Waiting).map(|w| format!("{} {}", w.kind, w.text))
}

fn quarter_of(r: &Record) -> u8 {
    let percent = r.facts.progress.as_ref().and_then(|p| p.percent).filter(|p| p.is_finite()).unwrap_or_default();
    // The last quarter is the end, which is told as such.
    ((percent.clamp(0.0, 99.0) / 25.0) as u8).min(3)
}

/// The time gone by and the time to go, as far as known, make a long task.
fn long(r: &Record) -> bool {
    let gone = r.facts.progress.as_ref().map_or(0, |_| r.progress_ms.saturating_sub(r.facts.started_ms) / 1000);
    let left = r.facts.progress.as_ref().and_then(|p| p.eta_seconds).unwrap_or_default();
    gone.saturating_add(left) >= LONG
}
