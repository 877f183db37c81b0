//! The signals of one session weighed against each other: one state, what it lost against, what contradicts it, and what was
//! thought before. Must not know what a state does.

use super::source::{Order, Source};
use crate::wire::State;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Verdicts remembered.
const HISTORY: usize = 32;
/// Below this a state is shown as unsure.
const SURE: f64 = 0.5;
/// A disagreement that is newer by less is the same moment seen twice, milliseconds.
const SAME_MOMENT_MS: u64 = 2000;

/// The kind of what a source says once, when an agent starts.
pub const START: &str = "start";

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
    /// 0 to 1; lower when another live source is newer and disagrees.
    pub confidence: f64,
}

impl Verdict<'_> {
    /// It is a guess more than a fact.
    pub fn unsure(&self) -> bool {
        self.confidence < SURE
    }
}

/// One live signal beside the one that won.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Claim<'a> {
    /// The signal.
    pub signal: &'a Signal,
    /// The source it lost against; none for the one that won.
    pub lost_to: Option<Source>,
    /// It says something else than the one that won.
    pub differs: bool,
    /// It differs, is newer, and comes from a source that counts: the verdict is less sure for it.
    pub contradicts: bool,
}

/// A verdict of before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// Since when it was held, milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// The state.
    pub state: State,
    /// The source that said so.
    pub source: Source,
    /// What was waited for, or why.
    #[serde(default)]
    pub text: Option<String>,
    /// Percent of confidence.
    #[serde(default)]
    pub sure: u8,
}

/// The newest signal of every source of one session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    signals: Vec<Signal>,
    #[serde(default)]
    order: Order,
    #[serde(default)]
    history: VecDeque<Past>,
}

impl Ledger {
    /// Notes a signal; the one before it from the same source is forgotten.
    ///
    /// What the start of an agent says of its state ([`START`]) counts until the agent itself says more.
    pub fn note(&mut self, signal: Signal) {
        let says = |s: &Signal| (Source::Osc7501..=Source::Title).contains(&s.source) && s.kind.as_deref() != Some(START);
        if says(&signal) {
            self.signals.retain(|s| s.kind.as_deref() != Some(START));
        } else if signal.kind.as_deref() == Some(START) && self.signals.iter().any(says) {
            return;
        }
        self.forget(signal.source);
        self.signals.push(signal);
        self.sort();
    }

    /// Takes back what a source said. True when it had said something.
    pub fn forget(&mut self, source: Source) -> bool {
        let before = self.signals.len();
        self.signals.retain(|s| s.source != source);
        self.signals.len() < before
    }

    /// The agent's own order of authority.
    pub fn set_order(&mut self, order: Order) {
        self.order = order;
        self.sort();
    }

    fn sort(&mut self) {
        let order = &self.order;
        self.signals.sort_by_key(|s| order.rank(s.source));
    }

    /// A new turn begins: what the session and its terminal said of the turn before no longer speaks for now.
    pub fn new_turn(&mut self) {
        self.signals.retain(|s| matches!(s.source, Source::Exit | Source::Person | Source::Process));
    }

    /// The newest signal of a source.
    pub fn of(&self, source: Source) -> Option<&Signal> {
        self.signals.iter().find(|s| s.source == source)
    }

    /// The state, or nothing while no source has spoken.
    pub fn verdict(&self) -> Option<Verdict<'_>> {
        let signal = self.signals.first()?;
        let full = signal.source.confidence();
        let doubted = signal.source > Source::Person && self.signals.iter().any(|s| contradicts(s, signal));
        Some(Verdict { signal, confidence: if doubted { full * 0.6 } else { full } })
    }

    /// Every live signal beside the one that won, which comes first.
    pub fn claims(&self) -> Vec<Claim<'_>> {
        let Some(won) = self.signals.first() else { return Vec::new() };
        let claim = |(i, s)| Claim {
            signal: s,
            lost_to: (i > 0).then_some(won.source),
            differs: !agrees(s, won),
            contradicts: won.source > Source::Person && contradicts(s, won),
        };
        self.signals.iter().enumerate().map(claim).collect()
    }

    /// All live signals, highest authority first.
    pub fn signals(&self) -> &[Signal] {
        &self.signals
    }

    /// Remembers the verdict as it stands, when it is another state or comes from another source than the last.
    pub fn remember(&mut self) {
        let Some(v) = self.verdict() else { return };
        if self.history.back().is_some_and(|p| (p.state, p.source) == (v.signal.state, v.signal.source)) {
            return;
        }
        let text = v.signal.text.as_deref().map(|t| t.chars().take(120).collect());
        let sure = (v.confidence * 100.0).round() as u8;
        let past = Past { at_ms: v.signal.at_ms, state: v.signal.state, source: v.signal.source, text, sure };
        self.history.push_back(past);
        if self.history.len() > HISTORY {
            self.history.pop_front();
        }
    }

    /// What was thought, oldest first.
    pub fn history(&self) -> impl DoubleEndedIterator<Item = &Past> {
        self.history.iter()
    }
}

fn agrees(s: &Signal, won: &Signal) -> bool {
    // A turn that waits goes on, and its progress is told all the while: that is no contradiction.
    s.state == won.state || (matches!(s.source, Source::Osc | Source::Title) && s.state == State::Working && won.state == State::Waiting)
}

fn contradicts(s: &Signal, won: &Signal) -> bool {
    !agrees(s, won) && s.at_ms > won.at_ms + SAME_MOMENT_MS && s.source < Source::Bell
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
        assert!(l.verdict().unwrap().unsure(), "silence alone is a guess");
        l.note(signal(Source::Osc7501, State::Waiting, 5));
        assert_eq!(l.verdict().unwrap().signal.state, State::Waiting);
        l.note(signal(Source::Person, State::Paused, 20));
        assert_eq!(l.verdict().unwrap().signal.state, State::Paused);
        assert!(l.forget(Source::Person) && !l.forget(Source::Person));
        assert_eq!(l.verdict().unwrap().signal.state, State::Waiting);
        assert_eq!(l.signals().len(), 2);
    }

    #[test]
    fn a_newer_contradiction_lowers_the_confidence_and_is_named() {
        let mut l = Ledger::default();
        l.note(signal(Source::Report, State::Working, 1_000));
        let sure = l.verdict().unwrap().confidence;
        l.note(signal(Source::Osc7501, State::Waiting, 60_000));
        l.note(signal(Source::Silence, State::Idle, 60_000));
        let v = l.verdict().unwrap();
        assert_eq!(v.signal.state, State::Working);
        assert!(v.confidence < sure);
        let claims: Vec<_> = l.claims().iter().map(|c| (c.signal.source, c.lost_to, c.differs, c.contradicts)).collect();
        let report = Some(Source::Report);
        assert_eq!(
            claims,
            [(Source::Report, None, false, false), (Source::Osc7501, report, true, true), (Source::Silence, report, true, false)],
            "silence differs, but is no reason to doubt"
        );
    }

    #[test]
    fn an_agents_file_may_put_its_own_sources_in_another_order() {
        let mut l = Ledger::default();
        l.note(signal(Source::Log, State::Working, 1));
        l.note(signal(Source::Hook, State::Waiting, 1));
        assert_eq!(l.verdict().unwrap().signal.source, Source::Log);
        l.set_order(Order::new([Source::Hook, Source::Log]));
        assert_eq!(l.verdict().unwrap().signal.source, Source::Hook);
    }

    #[test]
    fn a_new_turn_forgets_the_old_one() {
        let mut l = Ledger::default();
        l.note(signal(Source::Osc7501, State::Done, 1));
        l.note(signal(Source::Process, State::Working, 1));
        l.new_turn();
        assert_eq!(l.verdict().unwrap().signal.source, Source::Process);
    }

    #[test]
    fn a_start_counts_until_the_agent_says_more() {
        let start = |state| Signal { kind: Some(START.into()), ..signal(Source::Hook, state, 5) };
        let mut l = Ledger::default();
        l.note(signal(Source::Silence, State::Idle, 1));
        l.note(start(State::Working));
        assert_eq!(l.verdict().unwrap().signal.source, Source::Hook);
        l.note(signal(Source::Silence, State::Idle, 9));
        assert_eq!(l.verdict().unwrap().signal.state, State::Working, "silence is less");
        l.note(signal(Source::Osc, State::Idle, 10));
        assert_eq!((l.verdict().unwrap().signal.source, l.of(Source::Hook)), (Source::Osc, None));
        l.note(start(State::Working));
        assert_eq!(l.of(Source::Hook), None, "an old news");
    }

    #[test]
    fn what_was_thought_is_remembered_and_bounded() {
        let mut l = Ledger::default();
        for i in 0..100 {
            l.note(signal(Source::Log, if i % 2 == 0 { State::Working } else { State::Waiting }, i));
            l.remember();
            l.remember();
        }
        assert_eq!((l.history().count(), l.history().next_back().map(|p| p.at_ms)), (HISTORY, Some(99)));
    }
}
