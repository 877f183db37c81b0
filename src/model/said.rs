//! What the text of a program says becomes facts. Must not know rules or terminals.

use super::{Outcome, World};
use crate::base::text::safe_line;
use crate::base::{Now, SessionId};
use crate::evidence::text::Said;
use crate::evidence::{Signal, Source, Step};
use crate::wire::State;
use crate::wire::facts::{ErrorReport, Phase, ProgressItem};
use crate::wire::message::Level;

/// Lines of a program's log that are taken at once; of more the newest.
const LOG_LINES: usize = 20;
/// Phases kept.
const PHASES: usize = 20;

impl World {
    pub(super) fn said(&mut self, id: &SessionId, said: Vec<Said>, now: Now, out: &mut Outcome) {
        let Some(r) = self.get(id) else { return };
        if r.facts.state.ended() {
            return;
        }
        let mut skip = said.iter().filter(|s| matches!(s, Said::Log(_))).count().saturating_sub(LOG_LINES);
        let mut steps = Vec::new();
        for s in said {
            // What it goes on to say means that it waits no more.
            let goes_on = matches!(s, Said::Percent(_) | Said::Item(_) | Said::Step { .. } | Said::Log(_) | Said::Phase { .. } | Said::Done { .. });
            if goes_on {
                self.forget_waiting(id, Source::Screen, now, out);
            }
            match s {
                Said::Task(text) => self.told_task(id, &text, out),
                Said::Percent(p) => steps.push(Step::Percent(Some(p))),
                Said::Item(item) => steps.push(Step::Item(item)),
                Said::Step { done, total, current } => {
                    // Where the parts are told of, a running number says only what is in work.
                    let parts = steps.iter().any(|s| matches!(s, Step::Item(_))) || self.get(id).is_some_and(|r| r.said_progress.has_parts());
                    if !parts {
                        steps.push(Step::Count(done, total));
                    }
                    steps.extend(current.map(Step::Current));
                }
                Said::Current(text) => steps.push(Step::Current(text)),
                Said::Eta(seconds) => steps.push(Step::Eta(seconds)),
                Said::Phase { number, text, done } => self.phase(id, number, text, done, now, out),
                Said::Log(_) if skip > 0 => skip -= 1,
                Said::Log(text) => self.log(id, "log", text, now, out),
                Said::Error { error, more: false } => self.add_error(id, *error, now, out),
                Said::Error { error, more: true } => self.more_of_error(id, *error, now, out),
                Said::Attention { error, more } => self.attention(id, *error, more, now, out),
                Said::Done { task, facts, next } => {
                    let text = facts.join(", ");
                    let title = task.map_or_else(|| "says it is done".to_owned(), |t| format!("completed: {t}"));
                    let note = next.map(|n| format!("ready for review: {n}"));
                    self.log(id, "note", if text.is_empty() { title.clone() } else { format!("{title} ({text})") }, now, out);
                    self.change(id, out, |r| {
                        r.facts.unread = true;
                        r.facts.note = note.clone().or(r.facts.note.take());
                    });
                    self.notice(id, Level::Success, title, note.unwrap_or(text), out);
                }
                Said::Handoff(h) => self.hand_off(id, h, now, out),
                Said::Tests { passed, failed, total } => {
                    let state = if failed == 0 && passed >= total { "done" } else { "working" };
                    let current = (failed > 0).then(|| format!("{failed} failed"));
                    let item =
                        ProgressItem { name: "Tests Passing".into(), done: passed, total, current, state: state.into(), ..ProgressItem::default() };
                    steps.push(Step::Item(item));
                }
                Said::TestFailed { name, issue, place, again } => {
                    let title = format!("test failed: {name}");
                    let (file, line) = place.map_or((None, None), |(f, l)| (Some(f), Some(l)));
                    let status = Some("failed".to_owned());
                    let source = Source::Screen.word().into();
                    let context = file.clone().map(|f| line.filter(|l| *l > 0).map_or(f.clone(), |l| format!("{f}:{l}")));
                    let error = ErrorReport { title, issue, context, file, line, status, source, ..ErrorReport::default() };
                    self.test_failed(id, error, again, now, out);
                }
                Said::TestPassed(name) => {
                    let title = format!("test failed: {name}");
                    self.change(id, out, |r| {
                        for e in r.facts.errors.iter_mut().filter(|e| e.title == title) {
                            (e.resolved, e.status) = (true, Some("resolved: it passes now".into()));
                        }
                    });
                }
            }
        }
        if !steps.is_empty() {
            self.steps(id, Source::Screen, steps, now, out);
        }
    }

    /// A test that fails in a later run counts up; more words about the same failure do not.
    fn test_failed(&mut self, id: &SessionId, error: ErrorReport, again: bool, now: Now, out: &mut Outcome) {
        let known = self.get(id).is_some_and(|r| r.facts.errors.iter().any(|e| e.title == error.title));
        if !known {
            return self.add_error(id, error, now, out);
        }
        let title = error.title.clone();
        self.more_of_error(id, error, now, out);
        if again {
            self.change(id, out, |r| {
                if let Some(e) = r.facts.errors.iter_mut().find(|e| e.title == title) {
                    e.count = e.count.saturating_add(1);
                    e.time = super::rfc3339(now.wall_ms);
                }
            });
        }
    }

    fn told_task(&mut self, id: &SessionId, text: &str, out: &mut Outcome) {
        // A command line says less than the program in it; what a person asked for stands.
        if self.get(id).is_some_and(|r| r.recipe.task.is_none() && r.facts.task != text) {
            self.change(id, out, |r| r.facts.task = safe_line(text, 300));
        }
    }

    fn attention(&mut self, id: &SessionId, error: ErrorReport, more: bool, now: Now, out: &mut Outcome) {
        let what: Vec<&str> = [&error.issue, &error.action].into_iter().filter_map(|t| t.as_deref()).collect();
        let text = Some(what.join(": ")).filter(|t| !t.is_empty());
        if more {
            self.more_of_error(id, error, now, out);
        } else {
            self.add_error(id, error, now, out);
        }
        let signal = Signal { source: Source::Screen, state: State::Waiting, text, kind: Some("question".into()), at_ms: now.wall_ms };
        self.signal(id, signal, now, out);
    }

    /// A source that said the session waits no longer says so.
    pub(super) fn forget_waiting(&mut self, id: &SessionId, source: Source, now: Now, out: &mut Outcome) {
        let waits = |r: &mut super::Record| r.ledger.of(source).is_some_and(|s| s.state == State::Waiting) && r.ledger.forget(source);
        if self.get_mut(id).is_some_and(waits) {
            self.settle(id, now, out);
        }
    }

    pub(super) fn phase(&mut self, id: &SessionId, number: u32, text: String, done: bool, now: Now, out: &mut Outcome) {
        let phase = Phase { number, text: text.clone(), done };
        let known = self.get(id).is_some_and(|r| r.facts.phases.contains(&phase));
        self.change(id, out, |r| {
            if !done {
                // A phase that begins ends those before it.
                r.facts.phases.iter_mut().filter(|p| p.number < number).for_each(|p| p.done = true);
            }
            let room = r.facts.phases.len() < PHASES;
            match r.facts.phases.iter_mut().find(|p| p.number == number) {
                Some(p) => *p = phase.clone(),
                None if room => r.facts.phases.push(phase.clone()),
                None => {}
            }
            r.facts.phases.sort_by_key(|p| p.number);
            if !done || r.facts.phase.as_ref().is_none_or(|p| p.number <= number) {
                r.facts.phase = Some(phase);
            }
            r.facts.unread |= !known;
        });
        if known {
            return;
        }
        let word = if done { "complete" } else { "starting" };
        self.log(id, "phase", format!("Phase {number}{}: {text}", if done { " complete" } else { "" }), now, out);
        let how_far = self.get(id).and_then(|r| r.facts.progress.as_ref()?.percent).map(|p| format!("{p:.0}% complete")).unwrap_or_default();
        self.notice(id, Level::Info, format!("phase {number} {word}: {text}"), how_far, out);
    }

    /// Something new of the progress.
    pub(super) fn steps(&mut self, id: &SessionId, source: Source, steps: Vec<Step>, now: Now, out: &mut Outcome) {
        let mut finished = Vec::new();
        let take = |r: &mut super::Record| {
            for s in steps {
                finished.extend(r.said_progress.note(source, s, now.wall_ms));
            }
            r.show_progress(now);
        };
        // Percentages in escape sequences come often and are told again; they are not worth a write of their own.
        if source == Source::Osc {
            self.change_quietly(id, take)
        } else {
            self.change(id, out, take)
        }
        for text in finished {
            self.log(id, "progress", text, now, out);
        }
    }
}

impl super::Record {
    /// Makes the facts follow what was said of the progress, with the rate that was measured.
    pub(super) fn show_progress(&mut self, now: Now) {
        let Some((mut p, counted)) = self.said_progress.tree() else {
            self.facts.progress = None;
            return;
        };
        let worked = now.wall_ms.saturating_sub(self.facts.started_ms).saturating_sub(self.facts.paused_ms);
        let percent = p.percent.map(|p| (p.round() as u64, 100)).filter(|_| p.total.is_none());
        if let Some((done, total)) = p.done.zip(p.total).or(percent) {
            self.rate.note(counted.as_deref(), done, worked);
            // A speed in percents says nothing.
            p.per_minute = self.rate.per_minute().filter(|_| percent.is_none()).map(|v| (v * 10.0).round() / 10.0);
            let left = total.saturating_sub(done);
            if left == 0 {
                (p.eta_seconds, p.eta_told) = (None, false);
            } else if let Some(eta) = self.rate.eta_seconds(left) {
                (p.eta_seconds, p.eta_told, p.eta_range) = (Some(eta), false, self.rate.eta_range(left));
            }
        }
        if self.facts.state == State::Paused || self.facts.state.ended() {
            (p.eta_seconds, p.eta_range, p.eta_told) = (None, None, false);
        }
        self.facts.progress = Some(p);
        self.progress_ms = now.wall_ms;
    }
}
