//! The verdict on a session told with all that speaks for and against it. Must not know who asks.

use super::Record;
use super::record::rfc3339;
use crate::base::Now;
use crate::base::clock::short;
use crate::base::text::safe_line;
use crate::wire::explain::{Explanation, PastFact, ProgressFact, SignalFact};
use std::time::Duration;

impl Record {
    /// Why it is shown as it is.
    pub fn explain(&self, now: Now) -> Explanation {
        let age = |at: u64| now.wall_ms.saturating_sub(at);
        let words = |at: u64| short(Duration::from_millis(age(at)));
        let signals: Vec<SignalFact> = self
            .ledger
            .claims()
            .into_iter()
            .map(|c| SignalFact {
                source: c.signal.source.word().into(),
                title: c.signal.source.title().into(),
                state: c.signal.state,
                kind: c.signal.kind.clone(),
                text: c.signal.text.clone(),
                age_ms: age(c.signal.at_ms),
                confidence: c.signal.source.confidence(),
                won: c.lost_to.is_none(),
                lost_to: c.lost_to.map(|s| s.word().into()),
                differs: c.differs,
                contradicts: c.contradicts,
            })
            .collect();
        let state = self.facts.state;
        let verdict = self.ledger.verdict();
        let confidence = verdict.map_or(0.0, |v| v.confidence);
        let unsure = verdict.is_some_and(|v| v.unsure());
        let against = signals.iter().filter(|s| s.contradicts).count();
        let sentence = match &verdict {
            None => format!("{}: no source has spoken yet", state.word()),
            Some(v) => {
                let said = if v.signal.state == state { String::new() } else { format!(" (it said {})", v.signal.state.word()) };
                let doubt = match (against, unsure) {
                    (0, false) => String::new(),
                    (0, true) => "; nothing better has spoken, so this is a guess".into(),
                    (1, _) => "; one newer signal says something else".into(),
                    (n, _) => format!("; {n} newer signals say something else"),
                };
                format!(
                    "{}: {} said so {} ago{said}, {:.0}% sure{doubt}",
                    state.word(),
                    v.signal.source.title(),
                    words(v.signal.at_ms),
                    confidence * 100.0
                )
            }
        };
        let sentence = match &self.doubted {
            Some(other) => format!("{sentence}; a hook names another conversation, {}, which nothing confirms", safe_line(other, 80)),
            None => sentence,
        };
        Explanation {
            id: self.facts.id.clone(),
            number: self.facts.number,
            name: self.facts.name.clone(),
            state,
            verdict: sentence,
            confidence,
            unsure,
            signals,
            progress: self
                .said_progress
                .lines()
                .into_iter()
                .map(|(what, source, at)| ProgressFact { what, source: source.word().into(), age_ms: age(at) })
                .collect(),
            history: self
                .ledger
                .history()
                .map(|p| PastFact {
                    time: rfc3339(p.at_ms),
                    age_ms: age(p.at_ms),
                    state: p.state,
                    source: p.source.word().into(),
                    text: p.text.clone(),
                    confidence: f64::from(p.sure) / 100.0,
                })
                .collect(),
        }
    }
}
