//! Errors of a session: added, counted up, completed, resolved. Must not know who found them.

use super::record::rfc3339;
use super::{Outcome, World};
use crate::base::text::safe_line;
use crate::base::{Now, SessionId};
use crate::evidence::text::place_of;
use crate::evidence::{Source, limit_ends};
use crate::wire::facts::ErrorReport;
use crate::wire::message::Level;

/// Errors kept of one session.
const ERRORS: usize = 50;

/// An error that the agent itself told of.
pub fn of_agent(issue: Option<String>, source: Source) -> ErrorReport {
    ErrorReport { title: "the agent reported an error".into(), issue, count: 1, source: source.word().into(), ..ErrorReport::default() }
}

/// Fills in what the texts say: place, whether it is over, when a limit ends.
fn complete(e: &mut ErrorReport, now: Now) {
    let texts = || [e.context.as_deref(), Some(e.title.as_str()), e.issue.as_deref()].into_iter().flatten();
    let places: Vec<_> = texts().map(place_of).collect();
    let until = texts().find_map(|t| limit_ends(t, now.wall_ms)).map(rfc3339);
    e.file = e.file.take().or_else(|| places.iter().find_map(|p| p.file.clone()));
    e.line = e.line.or_else(|| places.iter().find_map(|p| p.line)).filter(|l| *l > 0);
    e.function = e.function.take().or_else(|| places.iter().find_map(|p| p.function.clone()));
    e.until = e.until.take().or(until);
    let over = |s: &str| ["resolved", "fixed", "solved"].iter().any(|w| s.get(..w.len()).is_some_and(|t| t.eq_ignore_ascii_case(w)));
    e.resolved |= e.status.as_deref().is_some_and(over);
}

impl World {
    pub(super) fn add_error(&mut self, id: &SessionId, mut error: ErrorReport, now: Now, out: &mut Outcome) {
        error.time = rfc3339(now.wall_ms);
        error.count = error.count.max(1);
        complete(&mut error, now);
        let title = error.title.clone();
        let issue = error.issue.clone().unwrap_or_default();
        let resolved = error.resolved;
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
                let over = r.facts.errors.iter().position(|e| e.resolved).unwrap_or(0);
                r.facts.errors.remove(over);
            }
        });
        if !again {
            self.log(id, "error", if issue.is_empty() { title.clone() } else { format!("{title}: {issue}") }, now, out);
            if !resolved {
                self.notice(id, Level::Error, title, issue, out);
            }
        }
    }

    /// More is known of an error that was just told: it does not count up. A new one when there is none with its title.
    pub(super) fn more_of_error(&mut self, id: &SessionId, mut error: ErrorReport, now: Now, out: &mut Outcome) {
        complete(&mut error, now);
        let mut found = false;
        self.change(id, out, |r| {
            if let Some(e) = r.facts.errors.iter_mut().rev().find(|e| e.title == error.title && e.source == error.source) {
                found = true;
                let old = std::mem::take(e);
                *e = ErrorReport {
                    time: old.time,
                    count: old.count.max(1),
                    issue: error.issue.clone().or(old.issue),
                    context: error.context.clone().or(old.context),
                    file: error.file.clone().or(old.file),
                    line: error.line.or(old.line),
                    ..error.clone()
                };
            }
        });
        if !found {
            self.add_error(id, error, now, out);
        }
    }

    /// Errors for which `over` holds are over; `status` says why where they say nothing.
    pub(super) fn resolve_errors(&mut self, id: &SessionId, status: &str, over: impl Fn(&ErrorReport) -> bool, out: &mut Outcome) {
        if !self.get(id).is_some_and(|r| r.facts.errors.iter().any(|e| !e.resolved && over(e))) {
            return;
        }
        self.change(id, out, |r| {
            for e in r.facts.errors.iter_mut().filter(|e| !e.resolved && over(e)) {
                e.resolved = true;
                e.status = Some(e.status.take().unwrap_or_else(|| safe_line(status, 100)));
            }
        });
    }

    /// A turn ended well: what the agent told of in a turn before it is over.
    pub(super) fn turn_went_well(&mut self, id: &SessionId, began_ms: u64, out: &mut Outcome) {
        let began = rfc3339(began_ms);
        let of_agent = |e: &ErrorReport| [Source::Osc7501, Source::Log, Source::Hook].iter().any(|s| s.word() == e.source);
        self.resolve_errors(id, "resolved: the next turn went well", |e| of_agent(e) && e.time < began, out);
    }
}
