//! Pieces that stand in several places: state words, change counts, progress, memory. Must not know where.

use super::sheet::{Ink, Row};
use crate::app::clock::{age, eta_of};
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

/// Ended with 0, and no gate has looked at it.
const DONE: &str = "done, not verified";

/// What it wrote in the last spans of ten seconds, up to now, as levels 0 to 8; nothing when it wrote nothing.
pub fn activity(s: &Session, now: Now, cells: usize) -> Option<Vec<u8>> {
    let silent = (now.wall_ms.saturating_sub(s.activity_ms) / 10_000).min(cells as u64) as usize;
    let spans = s.activity.iter().copied().chain(std::iter::repeat_n(0, silent.saturating_sub(1)));
    let spans: Vec<u32> = spans.collect();
    let spans = spans.get(spans.len().saturating_sub(cells)..)?;
    // Output differs by powers: a screen drawn anew is a thousand times a line.
    let level = |n: &u32| if *n == 0 { 0 } else { (n.ilog2() / 2).clamp(1, 8) as u8 };
    let levels: Vec<u8> = spans.iter().map(level).collect();
    levels.iter().any(|l| *l > 0).then_some(levels)
}

/// The state in words: `waiting 2m`, `done · 3 commits`, `failed · exit 1`.
pub fn state_words(s: &Session, now: Now) -> String {
    let word = s.state.word();
    let unsure = s.evidence.get("state").is_some_and(|e| e.confidence < 0.5);
    let word = if unsure { format!("{word}?") } else { word.to_owned() };
    let word = if s.state == State::Done { DONE.to_owned() } else { word };
    match s.state {
        // No gate has looked at it.
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

/// The same in so many columns: of a state that has more to say than there is room for the most important words.
pub fn state_words_in(s: &Session, now: Now, cols: u16) -> String {
    let words = state_words(s, now);
    let fits = |w: &str| crate::base::text::width(w) <= usize::from(cols);
    if s.state != State::Done || fits(&words) {
        return words;
    }
    [DONE, "not verified"].into_iter().find(|w| fits(w)).unwrap_or("done").to_owned()
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
        if let Some(t) = eta_of(p) {
            out.push((format!("  {t}"), Role::Dim));
        }
    }
    out
}

/// `950`, `12k`, `1.4M`, for tokens.
pub fn thousands(n: u64) -> String {
    match n {
        0..1_000 => n.to_string(),
        1_000..1_000_000 => format!("{}k", n / 1000),
        _ => format!("{:.1}M", n as f64 / 1_000_000.0),
    }
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
