//! Sub-agents of a session: what its log and hooks told of them. Must not know who told it.

use super::{Outcome, World};
use crate::base::text::safe_line;
use crate::base::{Now, SessionId};
use crate::evidence::status::{Change, Status};
use crate::evidence::{Source, Step};
use crate::wire::facts::SubAgent;

/// Sub-agents of one session that are kept.
const CHILDREN: usize = 64;

/// A sub-agent whose texts may stand in our own chrome.
fn safe(mut child: SubAgent) -> SubAgent {
    child.id = safe_line(&child.id, 120);
    child.title = child.title.map(|t| safe_line(&t, 120)).filter(|t| !t.is_empty());
    child.text = child.text.map(|t| safe_line(&t, 300)).filter(|t| !t.is_empty());
    child.percent = child.percent.map(|p| p.clamp(0.0, 100.0));
    child
}

/// Whether `id` is `root` or below it.
fn below(id: &str, root: &str) -> bool {
    id.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl World {
    pub(super) fn child(&mut self, id: &SessionId, child: SubAgent, out: &mut Outcome) {
        let child = safe(child);
        if child.id.is_empty() {
            return;
        }
        self.change(id, out, |r| {
            let room = r.told_children.len() < CHILDREN;
            match r.told_children.iter_mut().find(|c| c.id == child.id) {
                Some(old) => {
                    // What it is called is mostly said only once.
                    let title = child.title.clone().or(old.title.take());
                    *old = SubAgent { title, ..child };
                }
                None if room => r.told_children.push(child),
                None => {}
            }
            r.show_children();
        });
    }

    pub(super) fn child_gone(&mut self, id: &SessionId, child: &str, out: &mut Outcome) {
        let child = safe_line(child, 120);
        self.change(id, out, |r| {
            r.told_children.retain(|c| !below(&c.id, &child));
            r.show_children();
        });
    }
}

impl World {
    /// A report of the status protocol; `said` is what a notification beside it said.
    pub(super) fn program_status(&mut self, id: &SessionId, payload: &str, said: Option<String>, now: Now, out: &mut Outcome) {
        let Some(mut change) = Change::parse(payload, now.wall_ms) else { return };
        if let Change::Set(r) = &mut change
            && r.id.is_empty()
        {
            if r.status == Status::Error {
                self.add_error(id, super::error::of_agent(r.text.clone(), Source::Osc7501), now, out);
            }
            if r.status == Status::Blocked && r.text.is_none() {
                r.text = said;
            }
            // Progress that a new report does not repeat is no longer said.
            let percent = r.percent.map(f64::from);
            if percent.is_some() || self.get(id).is_some_and(|r| r.status.root().is_some_and(|r| r.percent.is_some())) {
                self.steps(id, Source::Osc7501, vec![Step::Percent(percent)], now, out);
            }
        }
        self.change(id, out, |r| {
            r.status.apply(change);
            r.show_children();
        });
        self.follow_status(id, now, out);
    }

    /// A new shell prompt is there, or the program ended: what it had under way is not any more.
    pub(super) fn program_ended(&mut self, id: &SessionId, now: Now, out: &mut Outcome) {
        let mut dropped = false;
        if self.get(id).is_none_or(|r| r.status.root().is_none() && r.facts.children.is_empty()) {
            return;
        }
        self.change(id, out, |r| {
            dropped = r.status.program_ended();
            r.told_children.retain(|c| c.state.ended());
            r.show_children();
        });
        if dropped {
            self.follow_status(id, now, out);
        }
    }

    fn follow_status(&mut self, id: &SessionId, now: Now, out: &mut Outcome) {
        let Some(r) = self.get_mut(id) else { return };
        match r.status.signal() {
            Some(signal) if r.ledger.of(Source::Osc7501) != Some(&signal) => r.ledger.note(signal),
            Some(_) => return,
            None if !r.ledger.forget(Source::Osc7501) => return,
            None => {}
        }
        self.settle(id, now, out);
    }
}

impl super::Record {
    /// Makes the facts follow what is known of sub-agents.
    pub(super) fn show_children(&mut self) {
        let mut all: Vec<SubAgent> = self.status.children().collect();
        // Of what two sources tell the status protocol knows more.
        let told = self.told_children.iter().filter(|t| !all.iter().any(|c| c.id == t.id)).cloned();
        let told: Vec<SubAgent> = told.collect();
        all.extend(told);
        all.truncate(CHILDREN);
        self.facts.children = all;
    }
}
