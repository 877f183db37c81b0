//! `sessions explain` as text: the verdict, every live signal, what was thought before. Must not know the server.

use crate::base::clock::short;
use crate::base::text::{cut_end, fit, safe_line};
use crate::wire::explain::{Explanation, SignalFact};
use std::fmt::Write as _;
use std::time::Duration;

fn age(ms: u64) -> String {
    short(Duration::from_millis(ms))
}

/// What a signal is to the verdict.
fn part(s: &SignalFact) -> String {
    match &s.lost_to {
        None => "decides".into(),
        Some(source) if s.contradicts => format!("CONTRADICTS {source}, and is newer"),
        Some(source) if s.differs => format!("lost to {source}"),
        Some(source) => format!("agrees with {source}"),
    }
}

/// The whole explanation.
pub fn text(e: &Explanation) -> String {
    let mut out = format!("#{} {}\n{}{}\n", e.number, safe_line(&e.name, 60), safe_line(&e.verdict, 300), if e.unsure { "  [unsure]" } else { "" });
    if !e.signals.is_empty() {
        let _ = writeln!(out, "\n{}  {}  {:>5}  {:>4}  WHAT OF IT", fit("SOURCE", 8), fit("SAYS", 9), "AGE", "SURE");
        for s in &e.signals {
            let said = s.text.as_deref().map(|t| format!("  \"{}\"", cut_end(&safe_line(t, 200), 80))).unwrap_or_default();
            let sure = format!("{:.0}%", s.confidence * 100.0);
            let _ = writeln!(out, "{}  {}  {:>5}  {sure:>4}  {}{said}", fit(&s.source, 8), fit(s.state.word(), 9), age(s.age_ms), part(s));
        }
    }
    if !e.progress.is_empty() {
        let _ = writeln!(out, "\nPROGRESS");
        for p in &e.progress {
            let _ = writeln!(out, "{}  {:>5}  {}", fit(&p.source, 8), age(p.age_ms), cut_end(&safe_line(&p.what, 200), 100));
        }
    }
    if !e.history.is_empty() {
        let _ = writeln!(out, "\nBEFORE, the newest last");
        for p in &e.history {
            let said = p.text.as_deref().map(|t| format!("  \"{}\"", cut_end(&safe_line(t, 200), 60))).unwrap_or_default();
            let time = p.time.get(11..19).unwrap_or_default();
            let _ = writeln!(out, "{time}  {}  {}  {:.0}%{said}", fit(p.state.word(), 9), fit(&p.source, 8), p.confidence * 100.0);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::SessionId;
    use crate::wire::State;

    #[test]
    fn a_contradiction_is_said_in_words() {
        let signal = |source: &str, state, lost: Option<&str>, contradicts| SignalFact {
            source: source.into(),
            title: String::new(),
            state,
            kind: None,
            text: Some("run\u{1b}[2J ls".into()),
            age_ms: 3000,
            confidence: 0.95,
            won: lost.is_none(),
            lost_to: lost.map(Into::into),
            differs: contradicts,
            contradicts,
        };
        let e = Explanation {
            id: SessionId::random(),
            number: 3,
            name: "a".into(),
            state: State::Working,
            verdict: "working".into(),
            confidence: 0.57,
            unsure: false,
            signals: vec![signal("report", State::Working, None, false), signal("osc7501", State::Waiting, Some("report"), true)],
            progress: Vec::new(),
            history: Vec::new(),
        };
        let t = text(&e);
        assert!(t.contains("CONTRADICTS report, and is newer") && t.contains("decides") && !t.contains('\u{1b}'), "{t}");
    }
}
