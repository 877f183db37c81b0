//! Signals in, one state with source, age and confidence out. Pure; must not know drawing, sockets or processes.
//!
//! Every source keeps its newest signal. The newest signal of the highest authority that is still live wins; what contradicts
//! it stays in the ledger and can be shown.

mod osc;
mod rules;

pub use osc::{parse_program_status, program_error, progress_signal};
pub use rules::{Heard, LogAct, LogReader, LogRule, TitleRule, title_signal};

use crate::wire::State;
use serde::{Deserialize, Serialize};

/// Where a signal came from, highest authority first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The leader's exit status.
    Exit,
    /// A person paused or stopped it.
    Person,
    /// An explicit report of the session.
    Report,
    /// The program status protocol, OSC 7501.
    Osc7501,
    /// The agent's own log.
    Log,
    /// A hook of the agent.
    Hook,
    /// OSC 9;4 progress.
    Osc,
    /// The title of its terminal.
    Title,
    /// What the kernel says of its processes.
    Process,
    /// Output, or the lack of it.
    Silence,
}

impl Source {
    /// The word for it in the JSON contract.
    pub fn word(self) -> &'static str {
        match self {
            Source::Exit => "exit",
            Source::Person => "person",
            Source::Report => "report",
            Source::Osc7501 => "osc7501",
            Source::Log => "log",
            Source::Hook => "hook",
            Source::Osc => "osc",
            Source::Title => "title",
            Source::Process => "process",
            Source::Silence => "silence",
        }
    }

    /// How sure a state from this source is, 0 to 1.
    pub fn confidence(self) -> f64 {
        match self {
            Source::Exit | Source::Person => 1.0,
            Source::Report | Source::Osc7501 => 0.95,
            Source::Log => 0.9,
            Source::Hook => 0.85,
            Source::Osc => 0.8,
            Source::Title => 0.75,
            Source::Process => 0.7,
            Source::Silence => 0.4,
        }
    }
}

/// One thing that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Where it came from.
    pub source: Source,
    /// The state it speaks for.
    pub state: State,
    /// What is waited for, or why; made safe by who shows it.
    pub text: Option<String>,
    /// `permission`, `question`, `auth` of a waiting state.
    pub kind: Option<String>,
    /// When, milliseconds since the Unix epoch.
    pub at_ms: u64,
}

/// What the ledger makes of its signals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict<'a> {
    /// The signal that won.
    pub signal: &'a Signal,
    /// 0 to 1; lower when another live source of nearly the same authority is newer and disagrees.
    pub confidence: f64,
}

/// The newest signal of every source of one session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    signals: Vec<Signal>,
}

impl Ledger {
    /// Notes a signal; the one before it from the same source is forgotten.
    pub fn note(&mut self, signal: Signal) {
        self.forget(signal.source);
        self.signals.push(signal);
        self.signals.sort_by_key(|s| s.source);
    }

    /// Takes back what a source said.
    pub fn forget(&mut self, source: Source) {
        self.signals.retain(|s| s.source != source);
    }

    /// A new turn begins: what the session and its terminal said of the turn before no longer speaks for now.
    pub fn new_turn(&mut self) {
        self.signals.retain(|s| matches!(s.source, Source::Exit | Source::Person | Source::Process));
    }

    /// The state, or nothing while no source has spoken.
    pub fn verdict(&self) -> Option<Verdict<'_>> {
        let signal = self.signals.first()?;
        // A turn that waits goes on, and its progress is told all the while: that is no contradiction.
        let agrees = |s: &Signal| s.state == signal.state || (s.source == Source::Osc && s.state == State::Working && signal.state == State::Waiting);
        let contradicted = self.signals.iter().any(|s| !agrees(s) && s.at_ms > signal.at_ms + 2000 && s.source < Source::Process);
        let confidence = if contradicted && signal.source > Source::Person { signal.source.confidence() * 0.6 } else { signal.source.confidence() };
        Some(Verdict { signal, confidence })
    }

    /// All live signals, highest authority first.
    pub fn signals(&self) -> &[Signal] {
        &self.signals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(source: Source, state: State, at_ms: u64) -> Signal {
        Signal { source, state, text: None, kind: None, at_ms }
    }

    #[test]
    fn the_highest_authority_wins_and_the_rest_is_kept() {
        let mut l = Ledger::default();
        assert_eq!(l.verdict(), None);
        l.note(signal(Source::Silence, State::Idle, 10));
        l.note(signal(Source::Osc7501, State::Waiting, 5));
        assert_eq!(l.verdict().unwrap().signal.state, State::Waiting);
        l.note(signal(Source::Person, State::Paused, 20));
        assert_eq!(l.verdict().unwrap().signal.state, State::Paused);
        l.forget(Source::Person);
        assert_eq!(l.verdict().unwrap().signal.state, State::Waiting);
        assert_eq!(l.signals().len(), 2);
    }

    #[test]
    fn a_newer_contradiction_lowers_the_confidence() {
        let mut l = Ledger::default();
        l.note(signal(Source::Report, State::Working, 1_000));
        let sure = l.verdict().unwrap().confidence;
        l.note(signal(Source::Osc7501, State::Waiting, 60_000));
        let v = l.verdict().unwrap();
        assert_eq!(v.signal.state, State::Working);
        assert!(v.confidence < sure);
    }

    #[test]
    fn a_new_turn_forgets_the_old_one() {
        let mut l = Ledger::default();
        l.note(signal(Source::Osc7501, State::Done, 1));
        l.note(signal(Source::Process, State::Working, 1));
        l.new_turn();
        assert_eq!(l.verdict().unwrap().signal.source, Source::Process);
    }
}
