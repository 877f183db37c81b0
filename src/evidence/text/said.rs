//! What a rule about text found: a piece of progress, an error, a hand-off. Must not know rules or who applies it.

use crate::wire::facts::{ErrorReport, Handoff, ProgressItem};
use std::fmt;

/// One thing that a program said in its text.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// What it works at.
    Task(String),
    /// Percent of the whole.
    Percent(f64),
    /// A part of the work.
    Item(ProgressItem),
    /// So many of so many are done, and this one is in work.
    Step {
        /// Done before it.
        done: u64,
        /// Of how many.
        total: u64,
        /// What is in work.
        current: Option<String>,
    },
    /// What it works on now.
    Current(String),
    /// Seconds to go, as it says.
    Eta(u64),
    /// A phase begins or is done.
    Phase {
        /// Counted from 1.
        number: u32,
        /// What it is about.
        text: String,
        /// It is over.
        done: bool,
    },
    /// A line of its log.
    Log(String),
    /// Something failed.
    Error {
        /// What.
        error: Box<ErrorReport>,
        /// A shorter form of the same block was told before.
        more: bool,
    },
    /// The task is finished.
    Done {
        /// The task, when named.
        task: Option<String>,
        /// What it says of it: `Files Created: 12`.
        facts: Vec<String>,
        /// What to do next.
        next: Option<String>,
    },
    /// It needs somebody, for this error.
    Attention {
        /// The error.
        error: Box<ErrorReport>,
        /// A shorter form of the same block was told before.
        more: bool,
    },
    /// It hands over, or offers to.
    Handoff(Handoff),
    /// Results of tests over all suites.
    Tests {
        /// Passed.
        passed: u64,
        /// Failed.
        failed: u64,
        /// Of how many, as far as known.
        total: u64,
    },
    /// A test failed; told again when more is known of it.
    TestFailed {
        /// Its name.
        name: String,
        /// What went wrong.
        issue: Option<String>,
        /// Where: `file:line`.
        place: Option<(String, u64)>,
        /// It had failed in an earlier run, too.
        again: bool,
    },
    /// A test that had failed passes.
    TestPassed(String),
}

fn join(f: &mut fmt::Formatter<'_>, parts: &[(&str, &Option<String>)]) -> fmt::Result {
    parts.iter().filter_map(|(n, v)| v.as_ref().map(|v| (n, v))).try_for_each(|(n, v)| write!(f, " | {n}: {v}"))
}

fn error(f: &mut fmt::Formatter<'_>, word: &str, e: &ErrorReport) -> fmt::Result {
    write!(f, "{word}: {}", e.title)?;
    let parts = [("issue", &e.issue), ("context", &e.context), ("suggestion", &e.suggestion), ("action", &e.action), ("status", &e.status)];
    join(f, &parts)
}

/// As samples of rules write it.
impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Said::Task(t) => write!(f, "task: {t}"),
            Said::Percent(p) => write!(f, "percent: {p}"),
            Said::Item(i) => {
                write!(f, "item: {}", i.name)?;
                if i.total > 0 {
                    write!(f, " {}/{}", i.done, i.total)?;
                }
                if let Some(c) = &i.current {
                    write!(f, " ({c})")?;
                }
                if i.state == "done" { write!(f, " done") } else { Ok(()) }
            }
            Said::Step { done, total, current } => {
                write!(f, "step: {done}/{total}")?;
                current.as_ref().map_or(Ok(()), |c| write!(f, " ({c})"))
            }
            Said::Current(c) => write!(f, "current: {c}"),
            Said::Eta(s) => write!(f, "eta: {s}"),
            Said::Phase { number, text, done } => write!(f, "phase: {number} {text}{}", if *done { " done" } else { "" }),
            Said::Log(t) => write!(f, "log: {t}"),
            Said::Error { error: e, .. } => error(f, "error", e),
            Said::Attention { error: e, .. } => error(f, "attention", e),
            Said::Done { task, facts, next } => {
                write!(f, "done: {}", task.as_deref().unwrap_or_default())?;
                facts.iter().try_for_each(|x| write!(f, " | {x}"))?;
                join(f, &[("next", next)])
            }
            Said::Handoff(h) => {
                write!(f, "{}: {}", h.kind, h.text)?;
                h.points.iter().try_for_each(|p| write!(f, " | {p}"))
            }
            Said::Tests { passed, failed, total } => write!(f, "tests: {passed}/{total}, {failed} failed"),
            Said::TestFailed { name, issue, place, .. } => {
                write!(f, "test failed: {name}")?;
                join(f, &[("issue", issue), ("at", &place.as_ref().map(|(p, l)| format!("{p}:{l}")))])
            }
            Said::TestPassed(n) => write!(f, "test passed: {n}"),
        }
    }
}
