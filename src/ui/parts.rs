//! Pieces that stand in several places: state words, change counts, progress, memory. Must not know where.

use super::sheet::{Ink, Row};
use crate::app::clock::{age, eta};
use crate::base::Now;
use crate::config::Role;
use crate::wire::facts::Progress;
use crate::wire::{Session, State};

/// Part done, 0 to 1, when something real is known of it.
pub fn fraction(p: &Progress) -> Option<f64> {
    match (p.done, p.total, p.percent) {
        (Some(d), Some(t), _) if t > 0 => Some(d as f64 / t as f64),
        (_, _, Some(percent)) => Some(percent / 100.0),
        _ => None,
    }
    .map(|f| f.clamp(0.0, 1.0))
}

/// `42/52`, else `80%`.
pub fn count(p: &Progress) -> Option<String> {
    match (p.done, p.total) {
        (Some(d), Some(t)) if t > 0 => Some(format!("{d}/{t}")),
        _ => fraction(p).map(|f| format!("{:.0}%", f * 100.0)),
    }
}

/// `+118` and `-40`, for what changed.
pub fn changes(s: &Session, row: &mut Row<'_>) {
    let Some(c) = s.changes.filter(|c| c.added > 0 || c.removed > 0) else { return };
    row.text(&format!("+{}", c.added), Role::Added).gap(1).text(&format!("-{}", c.removed), Role::Removed);
}

/// The state in words: `waiting 2m`, `done · 3 commits`, `failed · exit 1`.
pub fn state_words(s: &Session, now: Now) -> String {
    let word = s.state.word();
    let unsure = s.evidence.get("state").is_some_and(|e| e.confidence < 0.5);
    let word = if unsure { format!("{word}?") } else { word.to_owned() };
    match s.state {
        State::Done => match s.changes.map_or(0, |c| c.commits) {
            0 => word,
            1 => format!("{word} · 1 commit"),
            n => format!("{word} · {n} commits"),
        },
        State::Failed => match s.exit_status {
            Some(e) if e.signal.is_some() => format!("{word} · signal {}", e.signal.unwrap_or_default()),
            Some(e) => format!("{word} · exit {}", e.code.unwrap_or_default()),
            None => word,
        },
        State::Working | State::Waiting | State::Idle | State::Verifying if s.state_ms > 0 => format!("{word} {}", age(s.state_ms, now)),
        _ => word,
    }
}

/// The right end of a pane's title: state, percent, time to go.
pub fn standing(s: &Session, now: Now) -> Vec<(String, Role)> {
    let mut out = vec![(state_words(s, now), Role::of(s.state))];
    if s.queued > 0 {
        out.push((format!("  {} queued", s.queued), Role::Dim));
    }
    if let Some(p) = s.progress.as_ref().filter(|_| !s.state.ended()) {
        if let Some(f) = fraction(p) {
            out.push((format!("  {:.0}%", f * 100.0), Role::Text));
        }
        if let Some(t) = p.eta_seconds {
            out.push((format!("  {}", eta(t)), Role::Dim));
        }
    }
    out
}

/// `2.1G`, `340M`, `12K`.
pub fn bytes(n: u64) -> String {
    match n {
        0..1_048_576 => format!("{}K", n / 1024),
        1_048_576..1_073_741_824 => format!("{}M", n >> 20),
        _ => format!("{:.1}G", n as f64 / 1_073_741_824.0),
    }
}

/// State mark in its colour.
pub fn mark(state: State, row: &mut Row<'_>) {
    row.ink(Ink::Mark(state), Role::of(state));
}
