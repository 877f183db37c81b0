//! All shared facts and how commands change them: `apply(&mut World, Command, Now) -> Outcome`. No IO, no clock, no async.
//!
//! What the outside has to do comes out as effects; who sees what changed is the server's matter (every record carries the
//! revision at which it last changed).

mod again;
mod ask;
mod children;
mod command;
mod error;
mod explain;
mod follow_up;
mod handoff;
mod lifecycle;
pub mod notices;
mod offer;
mod progress;
mod record;
mod report;
mod said;
mod target;
pub mod typeable;
mod usage;

pub use ask::{made_safe, shown_whole};
pub use command::{Command, Effect, Outcome};
pub use offer::{OFFER, Offers};
pub use progress::Rate;
pub use record::{Conversation, FollowUp, Intent, Recipe, Record, rfc3339};
pub use target::{TargetError, parse_number};

use crate::base::{Now, SessionId};
use crate::evidence::{Source, Step};
use crate::wire::facts::TimelineEntry;
use std::collections::{BTreeMap, VecDeque};

/// Timeline entries kept in memory over all sessions.
pub const TIMELINE: usize = 2000;

/// Limits on how much runs at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Agents that may work at once; more wait as `queued`.
    pub max_working: usize,
    /// Sessions that may exist at once, ended ones included.
    pub max_sessions: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { max_working: 2, max_sessions: 1000 }
    }
}

/// Everything the server knows.
#[derive(Debug, Default)]
pub struct World {
    /// Sessions by number.
    sessions: BTreeMap<u32, Record>,
    /// Numbers by id.
    numbers: BTreeMap<SessionId, u32>,
    next_number: u32,
    /// Rises with every change of a fact.
    rev: u64,
    /// Sessions forgotten, with the revision.
    removed: VecDeque<(u64, SessionId)>,
    timeline: VecDeque<TimelineEntry>,
    timeline_seq: u64,
    /// Limits in force.
    pub limits: Limits,
    /// When going on in the background is offered.
    pub offers: Offers,
}

impl World {
    /// An empty world that gives numbers from `next_number` on.
    pub fn new(next_number: u32, limits: Limits) -> World {
        World { next_number: next_number.max(1), limits, ..World::default() }
    }

    /// Applies one command.
    pub fn apply(&mut self, command: Command, now: Now) -> Outcome {
        let mut out = Outcome::default();
        match command {
            Command::Create(recipe) => self.create(*recipe, now, &mut out),
            Command::Prepared { id, worktree, branch, base, cwd, argv, agent, conversation, task_to_type } => {
                self.change(&id, &mut out, |r| {
                    r.facts.cwd = cwd;
                    r.facts.worktree = worktree;
                    r.facts.branch = branch;
                    r.facts.base = base;
                    r.facts.agent = agent;
                    r.facts.command = argv;
                    let goes_on = r.again && r.conversation.is_some();
                    r.tasked = r.recipe.task.is_some() && !goes_on && task_to_type.is_none();
                    r.conversation = conversation.or(r.conversation.take());
                    if let Some(text) = task_to_type {
                        // As a follow-up it survives a crash, waits for the prompt, and is named when it cannot be typed.
                        r.queue.push_front(FollowUp { text, submit: true, interrupt: false });
                        r.facts.queued = r.queue.len() as u32;
                    }
                });
            }
            Command::Started { id, pid } => self.started(&id, pid, now, &mut out),
            Command::TakenOver(id) => {
                self.half_typed(&id, now, &mut out);
                self.resume_intent(&id, &mut out);
            }
            Command::PauseFailed { id, why } => self.pause_failed(&id, &why, now, &mut out),
            Command::StartFailed { id, message } => self.start_failed(&id, &message, now, &mut out),
            Command::Signal { id, signal } => self.signal(&id, signal, now, &mut out),
            Command::ForgetSignal { id, source } => {
                if let Some(r) = self.get_mut(&id) {
                    r.ledger.forget(source);
                }
                self.settle(&id, now, &mut out);
            }
            Command::Report { id, report } => self.report(&id, report, now, &mut out),
            Command::Percent { id, percent } => self.steps(&id, Source::Osc, vec![Step::Percent(percent.map(f64::from))], now, &mut out),
            Command::ProgramStatus { id, payload, said } => self.program_status(&id, &payload, said, now, &mut out),
            Command::NewPrompt(id) => self.program_ended(&id, now, &mut out),
            Command::Steps { id, source, steps } => self.steps(&id, source, steps, now, &mut out),
            Command::Said { id, said } => self.said(&id, said, now, &mut out),
            Command::Activity { id, spans, until_ms } => self.change_quietly(&id, |r| {
                (r.facts.activity, r.facts.activity_ms) = (spans, until_ms);
            }),
            Command::Usage { id, usage } => self.usage(&id, *usage, now, &mut out),
            Command::Order { id, order } => {
                if let Some(r) = self.get_mut(&id) {
                    r.ledger.set_order(order);
                }
                self.settle(&id, now, &mut out);
            }
            Command::Child { id, child } => self.child(&id, child, &mut out),
            Command::ChildGone { id, child } => self.child_gone(&id, &child, &mut out),
            Command::Failure { id, error } => self.add_error(&id, error, now, &mut out),
            Command::Exited { id, status, tail } => self.exited(&id, status, &tail, now, &mut out),
            Command::Lost { id, why } => self.lost(&id, &why, now, &mut out),
            Command::Pause(id) => self.pause(&id, now, &mut out),
            Command::Resume(id) => self.resume(&id, now, &mut out),
            Command::Stop { id, force } => self.stop(&id, force, now, &mut out),
            Command::Survivors { id, names } => self.survivors(&id, &names, now, &mut out),
            Command::FollowUp { id, follow_up, queue } => self.follow_up(&id, follow_up, queue, now, &mut out),
            Command::Unqueue(id) => self.unqueue(&id, &mut out),
            Command::Dismiss(id) => self.dismiss(&id, &mut out),
            Command::Rename { id, name } => self.change(&id, &mut out, |r| r.facts.name = name),
            Command::Mute { id, on } => self.change(&id, &mut out, |r| r.facts.muted = on),
            Command::Pin { id, on } => self.change(&id, &mut out, |r| r.facts.pinned = on),
            Command::Seen(id) => self.change(&id, &mut out, |r| {
                r.facts.unread = false;
                r.facts.handoffs.iter_mut().for_each(|h| h.open = false);
            }),
            Command::Title { id, title } => self.change_quietly(&id, |r| r.facts.title = title),
            Command::Resized { id, size } => self.change_quietly(&id, |r| r.facts.size = size),
            Command::Figures { id, cpu_percent, memory_bytes, processes } => self.change_quietly(&id, |r| {
                r.facts.cpu_percent = cpu_percent;
                r.facts.memory_bytes = memory_bytes;
                r.facts.processes = processes;
            }),
            Command::Changed { id, changes, branch } => self.change_quietly(&id, |r| {
                r.facts.changes = changes;
                if branch.is_some() {
                    r.facts.branch = branch;
                }
            }),
            Command::Limits(limits) => self.limits = limits,
            Command::Offers(offers) => self.offers = offers,
            Command::OffersDue => {}
            Command::Ask { id, ask } => self.ask(&id, ask.map(|a| *a), now, &mut out),
            Command::Conversation { id, conversation } => self.conversation(&id, conversation, now, &mut out),
            Command::Doubted { id, said } => self.doubted(&id, &said, now, &mut out),
            Command::Again { id, env } => self.again(&id, env, now, &mut out),
            Command::Typed { id, text, why_not } => self.typed(&id, &text, why_not, now, &mut out),
        }
        self.make_offers(now, &mut out);
        self.admit(now, &mut out);
        out
    }

    /// The revision of the newest change.
    pub fn rev(&self) -> u64 {
        self.rev
    }

    /// All sessions by number.
    pub fn sessions(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.sessions.values()
    }

    /// Sessions that changed after `rev`.
    pub fn changed_since(&self, rev: u64) -> impl Iterator<Item = &Record> {
        self.sessions.values().filter(move |r| r.rev > rev)
    }

    /// Sessions forgotten after `rev`; nothing when that is too long ago to know.
    pub fn removed_since(&self, rev: u64) -> Option<Vec<SessionId>> {
        if self.removed.len() == Self::REMOVED && self.removed.front().is_some_and(|r| r.0 > rev + 1) {
            return None;
        }
        Some(self.removed.iter().filter(|r| r.0 > rev).map(|r| r.1.clone()).collect())
    }

    /// Timeline entries after `seq`, oldest first.
    pub fn timeline_since(&self, seq: u64) -> impl DoubleEndedIterator<Item = &TimelineEntry> {
        self.timeline.iter().filter(move |e| e.seq > seq)
    }

    /// Number of the newest timeline entry.
    pub fn timeline_seq(&self) -> u64 {
        self.timeline_seq
    }

    /// A session by id.
    pub fn get(&self, id: &SessionId) -> Option<&Record> {
        self.sessions.get(self.numbers.get(id)?)
    }

    /// How many sessions run, monitors and debuggers left out.
    pub fn running(&self) -> usize {
        self.sessions.values().filter(|r| !r.facts.state.ended() && !r.facts.kind.watches()).count()
    }

    const REMOVED: usize = 512;

    fn get_mut(&mut self, id: &SessionId) -> Option<&mut Record> {
        self.sessions.get_mut(self.numbers.get(id)?)
    }

    /// Changes a record, marks it and has it kept.
    fn change(&mut self, id: &SessionId, out: &mut Outcome, f: impl FnOnce(&mut Record)) {
        self.change_quietly(id, f);
        if self.numbers.contains_key(id) {
            out.effects.push(Effect::Persist(id.clone()));
        }
    }

    /// Changes a record and marks it, when something really changed; it is not worth a write of its own.
    fn change_quietly(&mut self, id: &SessionId, f: impl FnOnce(&mut Record)) {
        let rev = self.rev + 1;
        if let Some(r) = self.get_mut(id) {
            let before = r.facts.clone();
            f(r);
            r.version += 1;
            if r.facts != before {
                r.rev = rev;
                self.rev = rev;
            }
        }
    }

    fn log(&mut self, id: &SessionId, kind: &str, text: impl Into<String>, now: Now, out: &mut Outcome) {
        let Some(number) = self.numbers.get(id).copied() else { return };
        self.timeline_seq += 1;
        let entry =
            TimelineEntry { seq: self.timeline_seq, session: id.clone(), number, time_ms: now.wall_ms, kind: kind.to_owned(), text: text.into() };
        out.effects.push(Effect::Log(entry.clone()));
        self.timeline.push_back(entry);
        if self.timeline.len() > TIMELINE {
            self.timeline.pop_front();
        }
        self.rev += 1;
    }

    /// Puts timeline entries of an earlier server back.
    pub fn restore_timeline(&mut self, entries: impl IntoIterator<Item = TimelineEntry>) {
        for mut entry in entries {
            self.timeline_seq += 1;
            entry.seq = self.timeline_seq;
            self.timeline.push_back(entry);
        }
        while self.timeline.len() > TIMELINE {
            self.timeline.pop_front();
        }
    }
}

#[cfg(test)]
mod tests;
