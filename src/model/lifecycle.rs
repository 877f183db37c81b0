//! A session's life: created, admitted, started, its state settled from evidence, paused, stopped, ended, forgotten.
//! Must not know processes.

use super::record::{Intent, Recipe, Record, rfc3339};
use super::{Effect, Outcome, World};
use crate::base::clock::short;
use crate::base::text::safe_line;
use crate::base::{Now, SessionId, Size};
use crate::evidence::{Ledger, Signal, Source};
use crate::wire::facts::{ErrorReport, ExitStatus};
use crate::wire::message::Level;
use crate::wire::{Session, State};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

impl World {
    pub(super) fn create(&mut self, mut recipe: Recipe, now: Now, out: &mut Outcome) {
        if self.sessions.len() >= self.limits.max_sessions {
            out.refused = Some(format!("there are {} sessions already; dismiss ended ones first", self.sessions.len()));
            return;
        }
        let number = self.next_number.max(self.sessions.keys().next_back().map_or(1, |n| n + 1));
        self.next_number = number + 1;
        recipe.name = self.free_name(&recipe.name);
        let id = SessionId::random();
        let task = recipe.task.clone().unwrap_or_else(|| recipe.command.join(" "));
        let facts = Session {
            id: id.clone(),
            number,
            name: recipe.name.clone(),
            kind: recipe.kind,
            state: State::Queued,
            agent: recipe.agent.clone(),
            task: safe_line(&task, 500),
            project: recipe.project.clone(),
            cwd: recipe.cwd.clone(),
            branch: None,
            worktree: None,
            parent: recipe.parent.clone(),
            pid: None,
            started: rfc3339(now.wall_ms),
            ended: None,
            exit_status: None,
            progress: None,
            waiting_for: None,
            errors: Vec::new(),
            unread: false,
            cpu_percent: None,
            memory_bytes: None,
            evidence: BTreeMap::new(),
            started_ms: now.wall_ms,
            ended_ms: 0,
            state_ms: now.wall_ms,
            paused_ms: 0,
            title: String::new(),
            command: recipe.command.clone(),
            priority: recipe.priority,
            size: recipe.size.unwrap_or(Size::DEFAULT),
            queued: 0,
            phase: None,
            plan: Vec::new(),
            note: None,
            changes: None,
            base: None,
            processes: None,
            pinned: false,
            muted: false,
            children: Vec::new(),
            phases: Vec::new(),
            handoffs: Vec::new(),
            usage: None,
            activity: Vec::new(),
            activity_ms: 0,
            shortened: false,
        };
        self.rev += 1;
        let record = Record {
            facts,
            recipe,
            ledger: Ledger::default(),
            queue: VecDeque::new(),
            typing: Vec::new(),
            ask: None,
            again: false,
            offered: false,
            rate: Default::default(),
            intent: Intent::None,
            paused_since_ms: None,
            conversation: None,
            doubted: None,
            tasked: false,
            said_progress: Default::default(),
            status: Default::default(),
            told_children: Vec::new(),
            progress_ms: 0,
            version: 0,
            rev: self.rev,
        };
        self.numbers.insert(id.clone(), number);
        self.sessions.insert(number, record);
        out.effects.push(Effect::Persist(id.clone()));
        self.log(&id, "action", format!("created: {}", safe_line(&task, 200)), now, out);
        out.created = Some(id);
    }

    /// Puts a session of an earlier server back, as it was.
    pub fn restore(&mut self, mut record: Record) {
        self.rev += 1;
        record.rev = self.rev;
        let (id, number) = (record.facts.id.clone(), record.facts.number);
        self.next_number = self.next_number.max(number + 1);
        self.numbers.insert(id, number);
        self.sessions.insert(number, record);
    }

    /// Starts what is queued while there is room: higher priority first, then by number.
    pub(super) fn admit(&mut self, now: Now, out: &mut Outcome) {
        let busy = |r: &Record| r.recipe.counts && matches!(r.facts.state, State::Starting | State::Working | State::Verifying);
        let mut room = self.limits.max_working.saturating_sub(self.sessions.values().filter(|r| busy(r)).count());
        let mut queued: Vec<_> = self.sessions.values().filter(|r| r.facts.state == State::Queued).collect();
        queued.sort_by_key(|r| (std::cmp::Reverse(r.facts.priority), r.facts.number));
        let mut starting = Vec::new();
        for r in queued {
            if r.recipe.counts {
                if room == 0 {
                    continue;
                }
                room -= 1;
            }
            starting.push(r.facts.id.clone());
        }
        for id in starting {
            self.set_state(&id, State::Starting, now, out);
            out.effects.push(Effect::Start(id));
        }
    }

    pub(super) fn started(&mut self, id: &SessionId, pid: i32, now: Now, out: &mut Outcome) {
        self.change(id, out, |r| {
            r.facts.pid = Some(pid);
            if r.facts.state == State::Starting && r.ledger.verdict().is_none() {
                // Of an interactive program only its silence or its own words tell when a turn ends.
                let (source, state) = match (r.recipe.interactive, r.recipe.task.is_some() && !r.again) {
                    (true, false) => (Source::Silence, State::Idle),
                    (true, true) => (Source::Silence, State::Working),
                    _ => (Source::Process, State::Working),
                };
                r.ledger.note(Signal { source, state, text: None, kind: None, at_ms: now.wall_ms });
            }
            r.again = false;
        });
        self.settle(id, now, out);
        out.effects.push(Effect::LookAtGit(id.clone()));
        self.resume_intent(id, out);
    }

    pub(super) fn start_failed(&mut self, id: &SessionId, message: &str, now: Now, out: &mut Outcome) {
        let message = safe_line(message, 400);
        self.change(id, out, |r| {
            r.facts.note = Some(message.clone());
            end(r, now);
        });
        self.set_state(id, State::Failed, now, out);
        let error = ErrorReport { title: "could not start".into(), issue: Some(message), ..ErrorReport::default() };
        self.add_error(id, error, now, out);
    }

    pub(super) fn signal(&mut self, id: &SessionId, signal: Signal, now: Now, out: &mut Outcome) {
        if let Some(r) = self.get_mut(id) {
            r.ledger.note(signal);
        }
        self.settle(id, now, out);
    }

    /// Makes the state follow the evidence, while the session runs.
    pub(super) fn settle(&mut self, id: &SessionId, now: Now, out: &mut Outcome) {
        let Some(r) = self.get(id) else { return };
        if r.facts.state.ended() || r.facts.state == State::Queued || r.facts.pid.is_none() {
            return;
        }
        if let Some(r) = self.get_mut(id) {
            r.ledger.remember();
        }
        let Some(r) = self.get(id) else { return };
        let Some(verdict) = r.ledger.verdict() else { return };
        let mut state = verdict.signal.state;
        // Only an exit or a person ends a session; an agent that says it is done is ready for a follow-up.
        if state.ended() && verdict.signal.source > Source::Person {
            state = State::Idle;
        }
        let waiting = (state == State::Waiting).then(|| super::ask::waiting(r, verdict.signal));
        if waiting != r.facts.waiting_for {
            self.change(id, out, |r| r.facts.waiting_for = waiting);
        }
        self.set_state(id, state, now, out);
    }

    pub(super) fn set_state(&mut self, id: &SessionId, state: State, now: Now, out: &mut Outcome) {
        let Some(r) = self.get(id) else { return };
        let before = r.facts.state;
        if before == state {
            return;
        }
        let lasted = Duration::from_millis(now.wall_ms.saturating_sub(r.facts.state_ms));
        let waiting = r.facts.waiting_for.as_ref().map(|w| w.text.clone()).unwrap_or_default();
        let (interactive, began) = (r.recipe.interactive, r.facts.state_ms);
        self.change(id, out, |r| {
            r.facts.state = state;
            if let Some(p) = r.facts.progress.as_mut().filter(|_| state == State::Paused) {
                // Nobody knows how long a pause lasts.
                (p.eta_seconds, p.eta_range, p.eta_told) = (None, None, false);
            }
            r.facts.state_ms = now.wall_ms;
            if matches!(state, State::Waiting | State::Done | State::Failed | State::Lost) || (state == State::Idle && before == State::Working) {
                r.facts.unread = true;
            }
            if state != State::Waiting {
                r.facts.waiting_for = None;
            }
        });
        let mut text = state.word().to_owned();
        if !waiting.is_empty() && state == State::Waiting {
            text = format!("waiting: {waiting}");
        } else if matches!(before, State::Working | State::Waiting | State::Paused) {
            text = format!("{} after {} {}", state.word(), short(lasted), before.word());
        }
        self.log(id, "state", text, now, out);
        if state == State::Idle && before == State::Working {
            self.turn_went_well(id, began, out);
        }
        match state {
            State::Waiting => self.notice(id, Level::Attention, "needs you".into(), waiting, out),
            State::Done => self.notice(id, Level::Success, "is done".into(), String::new(), out),
            State::Idle if before == State::Working && interactive => {
                self.notice(id, Level::Info, "finished its turn".into(), String::new(), out);
            }
            _ => {}
        }
        if matches!(state, State::Idle | State::Done | State::Failed | State::Cancelled) {
            out.effects.push(Effect::LookAtGit(id.clone()));
        }
        if state == State::Idle {
            self.next_queued(id, now, out);
        }
    }

    pub(super) fn pause(&mut self, id: &SessionId, now: Now, out: &mut Outcome) {
        let Some(r) = self.get(id) else { return };
        let (number, state) = (r.facts.number, r.facts.state);
        match state {
            State::Paused => return,
            s if s.ended() => {
                out.refused = Some(format!("#{number} has ended ({})", s.word()));
                return;
            }
            State::Queued => {
                out.refused = Some(format!("#{number} has not started yet; stop it to take it out of the queue"));
                return;
            }
            _ => {}
        }
        self.change(id, out, |r| {
            r.intent = Intent::Paused;
            r.paused_since_ms = Some(now.wall_ms);
        });
        out.effects.push(Effect::Freeze(id.clone()));
        self.signal(id, Signal { source: Source::Person, state: State::Paused, text: None, kind: None, at_ms: now.wall_ms }, now, out);
    }

    pub(super) fn resume(&mut self, id: &SessionId, now: Now, out: &mut Outcome) {
        let Some(r) = self.get(id) else { return };
        if r.facts.state != State::Paused {
            out.refused = Some(format!("#{} is {}, not paused", r.facts.number, r.facts.state.word()));
            return;
        }
        self.change(id, out, |r| {
            r.intent = Intent::None;
            let since = r.paused_since_ms.take().unwrap_or(now.wall_ms);
            r.facts.paused_ms += now.wall_ms.saturating_sub(since);
            r.ledger.forget(Source::Person);
            if r.ledger.verdict().is_none() {
                r.ledger.note(Signal { source: Source::Silence, state: State::Working, text: None, kind: None, at_ms: now.wall_ms });
            }
        });
        out.effects.push(Effect::Thaw(id.clone()));
        self.settle(id, now, out);
    }

    pub(super) fn pause_failed(&mut self, id: &SessionId, why: &str, now: Now, out: &mut Outcome) {
        if self.get(id).is_some_and(|r| r.facts.state == State::Paused) {
            self.resume(id, now, out);
            let error = ErrorReport { title: "could not be paused".into(), issue: Some(safe_line(why, 300)), ..ErrorReport::default() };
            self.add_error(id, error, now, out);
        }
    }

    pub(super) fn stop(&mut self, id: &SessionId, force: bool, now: Now, out: &mut Outcome) {
        let Some(r) = self.get(id) else { return };
        match r.facts.state {
            s if s.ended() => return,
            State::Queued => {
                self.change(id, out, |r| end(r, now));
                self.set_state(id, State::Cancelled, now, out);
                return;
            }
            _ => {}
        }
        let first = r.intent != Intent::Stopping;
        self.change(id, out, |r| r.intent = Intent::Stopping);
        if first {
            self.log(id, "action", if force { "stopped by force" } else { "stopped" }, now, out);
        }
        // Asked again, it is hurried: the agent's own polite way was not enough, or was lost with a server.
        out.effects.push(Effect::Stop { id: id.clone(), force: force || !first });
    }

    pub(super) fn survivors(&mut self, id: &SessionId, names: &[String], now: Now, out: &mut Outcome) {
        if names.is_empty() {
            return;
        }
        let list = safe_line(&names.join(", "), 250);
        let error = ErrorReport {
            title: "some processes could not be stopped".into(),
            issue: Some(list),
            suggestion: Some("they belong to another user or wait for the disk; end them by hand".into()),
            ..ErrorReport::default()
        };
        self.add_error(id, error, now, out);
    }

    /// Follow-ups that nobody will read any more are named, with what they said.
    fn undelivered(&mut self, id: &SessionId, now: Now, out: &mut Outcome) {
        let mut texts = Vec::new();
        self.change(id, out, |r| {
            texts = r.queue.drain(..).map(|f| f.text).collect();
            r.facts.queued = 0;
        });
        for text in texts {
            let error = ErrorReport {
                title: "queued follow-up not delivered".into(),
                issue: Some("the session ended before its turn was over".into()),
                context: Some(safe_line(&text, 2000)),
                ..ErrorReport::default()
            };
            self.add_error(id, error, now, out);
            super::follow_up::keep_whole(id, &text, out);
        }
    }

    /// What a person decided before the server ended, carried on by the next one.
    pub(super) fn resume_intent(&mut self, id: &SessionId, out: &mut Outcome) {
        match self.get(id).map(|r| r.intent) {
            Some(Intent::Paused) => out.effects.push(Effect::Freeze(id.clone())),
            Some(Intent::Stopping) => out.effects.push(Effect::Stop { id: id.clone(), force: true }),
            _ => {}
        }
    }

    pub(super) fn exited(&mut self, id: &SessionId, status: ExitStatus, tail: &str, now: Now, out: &mut Outcome) {
        let Some(r) = self.get(id) else { return };
        if r.facts.state.ended() {
            return;
        }
        let stopped = r.intent == Intent::Stopping;
        let state = match status {
            _ if stopped => State::Cancelled,
            ExitStatus { code: Some(0), .. } => State::Done,
            _ => State::Failed,
        };
        let (agent, number) = (r.facts.agent.clone(), r.facts.number);
        self.change(id, out, |r| {
            r.facts.exit_status = Some(status);
            r.ledger.note(Signal { source: Source::Exit, state, text: None, kind: None, at_ms: now.wall_ms });
            end(r, now);
        });
        self.program_ended(id, now, out);
        self.set_state(id, state, now, out);
        self.undelivered(id, now, out);
        if state == State::Failed {
            let how = match status {
                ExitStatus { signal: Some(s), .. } => format!("was ended by signal {s}"),
                ExitStatus { code, .. } => format!("exited with {}", code.unwrap_or(-1)),
            };
            let last = safe_line(tail.trim(), 300);
            let error = ErrorReport {
                title: format!("{agent} {how}"),
                issue: (!last.is_empty()).then_some(last),
                source: Source::Exit.word().into(),
                suggestion: Some(format!("read its last lines: copilot-tui read {number}")),
                ..ErrorReport::default()
            };
            self.add_error(id, error, now, out);
        }
    }

    pub(super) fn lost(&mut self, id: &SessionId, why: &str, now: Now, out: &mut Outcome) {
        let Some(r) = self.get(id) else { return };
        if r.facts.state.ended() {
            return;
        }
        if r.intent == Intent::Stopping {
            self.change(id, out, |r| end(r, now));
            self.set_state(id, State::Cancelled, now, out);
            return;
        }
        self.change(id, out, |r| {
            r.facts.note = Some(safe_line(why, 300));
            end(r, now);
        });
        self.set_state(id, State::Lost, now, out);
        let error = ErrorReport {
            title: "session lost".into(),
            issue: Some(safe_line(why, 300)),
            status: Some("its folder and everything in it are untouched".into()),
            ..ErrorReport::default()
        };
        self.add_error(id, error, now, out);
    }

    pub(super) fn dismiss(&mut self, id: &SessionId, out: &mut Outcome) {
        let Some(r) = self.get(id) else { return };
        let number = r.facts.number;
        if !r.facts.state.ended() {
            out.refused = Some(format!("#{number} is {}; stop it before dismissing it", r.facts.state.word()));
            return;
        }
        self.sessions.remove(&number);
        self.numbers.remove(id);
        self.rev += 1;
        self.removed.push_back((self.rev, id.clone()));
        if self.removed.len() > Self::REMOVED {
            self.removed.pop_front();
        }
        out.effects.push(Effect::Forget(id.clone()));
    }
}

/// Marks the end of a session: nothing runs, nothing is measured.
fn end(r: &mut Record, now: Now) {
    r.facts.ended = Some(rfc3339(now.wall_ms));
    r.facts.ended_ms = now.wall_ms;
    r.facts.cpu_percent = None;
    r.facts.memory_bytes = None;
    r.facts.processes = None;
    if let Some(since) = r.paused_since_ms.take() {
        r.facts.paused_ms += now.wall_ms.saturating_sub(since);
    }
    if let Some(p) = &mut r.facts.progress {
        (p.eta_seconds, p.eta_range, p.eta_told) = (None, None, false);
    }
}
