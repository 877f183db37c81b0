//! Reports and errors become facts. Must not know who sent them.

use super::progress::sum_up;
use super::record::rfc3339;
use super::{Effect, Outcome, World};
use crate::base::text::safe_line;
use crate::base::{Now, SessionId};
use crate::evidence::{Signal, Source};
use crate::wire::facts::{ErrorReport, Phase, Progress, ProgressItem};
use crate::wire::message::Level;
use crate::wire::report::Report;

/// Errors kept of one session.
const ERRORS: usize = 50;
/// Items of one progress tree.
const ITEMS: usize = 64;
/// Steps of one plan.
const STEPS: usize = 200;

fn line(text: &str) -> String {
    safe_line(text, 300)
}

impl World {
    pub(super) fn report(&mut self, id: &SessionId, report: Report, now: Now, out: &mut Outcome) {
        let Some(r) = self.get(id) else { return };
        if r.facts.state.ended() {
            out.refused = Some(format!("#{} has ended", r.facts.number));
            return;
        }
        match report {
            Report::Progress { done, total, item, current } => {
                if done > total {
                    out.refused = Some(format!("progress {done}/{total}: more is done than there is"));
                    return;
                }
                self.progress(id, done, total, item.as_deref().map(line), current.as_deref().map(line), now, out);
            }
            Report::Phase { number, text } => {
                let text = line(&text);
                self.change(id, out, |r| {
                    r.facts.phase = Some(Phase { number, text: text.clone() });
                    r.facts.unread = true;
                });
                self.log(id, "phase", format!("Phase {number}: {text}"), now, out);
                self.notice(id, Level::Info, format!("phase {number}: {text}"), String::new(), out);
            }
            Report::Plan { mut steps } => {
                steps.truncate(STEPS);
                for s in &mut steps {
                    s.text = line(&s.text);
                    s.state = line(&s.state);
                }
                self.log(id, "note", format!("plan of {} steps", steps.len()), now, out);
                self.change(id, out, |r| r.facts.plan = steps);
            }
            Report::Error { title, issue, context, suggestion, action, status } => {
                let f = |t: Option<String>| t.as_deref().map(line);
                let error = ErrorReport {
                    title: line(&title),
                    issue: f(issue),
                    context: f(context),
                    suggestion: f(suggestion),
                    action: f(action),
                    status: f(status),
                    time: String::new(),
                    count: 1,
                    source: "report".into(),
                    ..ErrorReport::default()
                };
                self.add_error(id, error, now, out);
            }
            Report::Note { text } => {
                let text = line(&text);
                self.log(id, "note", text.clone(), now, out);
                self.change(id, out, |r| r.facts.note = Some(text));
            }
            Report::State { state, text } => {
                let signal = Signal { source: Source::Report, state, text: text.as_deref().map(line), kind: None, at_ms: now.wall_ms };
                self.signal(id, signal, now, out);
            }
            Report::Handoff { text } => {
                for (i, l) in text.lines().filter(|l| !l.trim().is_empty()).take(20).enumerate() {
                    self.log(id, "note", if i == 0 { format!("hand-off: {}", line(l)) } else { line(l) }, now, out);
                }
                self.change(id, out, |r| {
                    r.facts.note = Some(line(&text));
                    r.facts.unread = true;
                });
                self.notice(id, Level::Attention, "hand-off".into(), line(&text), out);
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn progress(&mut self, id: &SessionId, done: u64, total: u64, item: Option<String>, current: Option<String>, now: Now, out: &mut Outcome) {
        let mut finished = None;
        self.change(id, out, |r| {
            let p = r.facts.progress.get_or_insert_with(Progress::default);
            let whole = match &item {
                None => {
                    p.current = current.clone().or(p.current.take());
                    Some((done, total))
                }
                Some(name) => {
                    let state = if done >= total { "done" } else { "working" };
                    let known = p.items.iter().position(|i| i.name == *name);
                    let entry =
                        ProgressItem { name: name.clone(), done, total, current: current.clone(), state: state.into(), source: "report".into() };
                    let room = p.items.len() < ITEMS;
                    match known.and_then(|i| p.items.get_mut(i)) {
                        Some(i) => {
                            if i.state != "done" && state == "done" {
                                finished = Some(format!("{name} {done}/{total}"));
                            }
                            *i = entry;
                        }
                        None if room => {
                            if state == "done" && total > 0 {
                                finished = Some(format!("{name} {done}/{total}"));
                            }
                            p.items.push(entry);
                        }
                        None => {}
                    }
                    None
                }
            };
            let counted = sum_up(p, whole, item.as_deref());
            let paused = r.facts.paused_ms;
            let worked = now.wall_ms.saturating_sub(r.facts.started_ms).saturating_sub(paused);
            let (d, t) = (p.done.unwrap_or(0), p.total.unwrap_or(0));
            r.rate.note(counted.as_deref(), d, worked);
            p.per_minute = r.rate.per_minute().map(|v| (v * 10.0).round() / 10.0);
            p.eta_seconds = if d < t { r.rate.eta_seconds(t - d) } else { None };
            r.progress_ms = now.wall_ms;
        });
        if let Some(text) = finished {
            self.log(id, "progress", text, now, out);
        }
    }

    pub(super) fn percent(&mut self, id: &SessionId, percent: Option<u8>, now: Now, _out: &mut Outcome) {
        self.change_quietly(id, |r| {
            let has_counts = r.facts.progress.as_ref().is_some_and(|p| p.total.is_some());
            if has_counts {
                return; // a report says more than a percentage
            }
            r.facts.progress = percent.map(|p| Progress { percent: Some(f64::from(p.min(100))), ..Progress::default() });
            r.progress_ms = now.wall_ms;
        });
    }

    pub(super) fn add_error(&mut self, id: &SessionId, mut error: ErrorReport, now: Now, out: &mut Outcome) {
        error.time = rfc3339(now.wall_ms);
        let title = error.title.clone();
        let issue = error.issue.clone().unwrap_or_default();
        let mut again = false;
        self.change(id, out, |r| {
            r.facts.unread = true;
            let same = r.facts.errors.iter().position(|e| e.title == error.title && e.issue == error.issue && e.context == error.context);
            if let Some(i) = same {
                let old = r.facts.errors.remove(i);
                again = true;
                error.count = old.count.saturating_add(1);
            }
            r.facts.errors.push(error);
            if r.facts.errors.len() > ERRORS {
                r.facts.errors.remove(0);
            }
        });
        if !again {
            self.log(id, "error", if issue.is_empty() { title.clone() } else { format!("{title}: {issue}") }, now, out);
            self.notice(id, Level::Error, title, issue, out);
        }
    }

    pub(super) fn notice(&mut self, id: &SessionId, level: Level, title: String, text: String, out: &mut Outcome) {
        let Some(r) = self.get(id) else { return };
        if r.facts.kind.watches() {
            return;
        }
        let title = format!("#{} {} {title}", r.facts.number, r.facts.name);
        out.effects.push(Effect::Notice { level, id: id.clone(), title, text });
    }
}
