//! Ages and the clock as people read them, and when what is in sight changes next. Below a minute ages step by ten seconds,
//! then by minutes, all on one shared beat. Must not know where they stand.

use super::App;
use crate::base::{Now, clock};
use crate::wire::facts::Progress;
use jiff::Timestamp;
use std::time::Duration;

/// An age: `now`, `10s`, `4m`, `2h`.
pub fn age(since_ms: u64, now: Now) -> String {
    let ms = now.wall_ms.saturating_sub(since_ms);
    match ms / 1000 {
        0..10 => "now".to_owned(),
        s @ 10..60 => format!("{}s", s / 10 * 10),
        s => clock::short(Duration::from_secs(s)),
    }
}

/// `8m` for a time to go.
pub fn eta(seconds: u64) -> String {
    format!("~{}", clock::short(Duration::from_secs(if seconds < 60 { seconds.div_ceil(10) * 10 } else { seconds })))
}

/// The same as a range, `6-10m`, where the rates that were measured differ.
pub fn eta_of(p: &Progress) -> Option<String> {
    let seconds = p.eta_seconds?;
    let word = |s: u64| clock::short(Duration::from_secs(if s < 60 { s.div_ceil(10) * 10 } else { s }));
    match p.eta_range.map(|(low, high)| (word(low), word(high))) {
        Some((low, high)) if low != high => {
            // The unit is said once when both have it: `6-10m`.
            let unit = high.chars().next_back();
            let bare = low.strip_suffix(|c| Some(c) == unit).filter(|l| l.chars().all(|c| c.is_ascii_digit()));
            Some(format!("{}-{high}", bare.unwrap_or(&low)))
        }
        _ => Some(eta(seconds)),
    }
}

impl App {
    /// Hour and minute of a moment, by the clock of the person.
    pub fn hour_minute(&self, wall_ms: u64) -> String {
        self.local(wall_ms, "%H:%M")
    }

    /// The same with seconds.
    pub fn hour_minute_second(&self, wall_ms: u64) -> String {
        self.local(wall_ms, "%H:%M:%S")
    }

    /// Hour and minute of a moment written as RFC 3339.
    pub fn clock_of(&self, time: &str) -> String {
        time.parse::<Timestamp>().ok().and_then(|t| u64::try_from(t.as_millisecond()).ok()).map_or_else(String::new, |ms| self.hour_minute(ms))
    }

    fn local(&self, wall_ms: u64, format: &str) -> String {
        let at = i64::try_from(wall_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or(Timestamp::UNIX_EPOCH);
        at.to_zoned(self.setup.zone.clone()).strftime(format).to_string()
    }

    /// When an age or the clock in sight changes next, by the monotonic clock. Counted from what stands on the screen: a key or
    /// rows that come just before must not put it off.
    pub(super) fn next_age(&self) -> u64 {
        let young = |ms: u64| ms > 0 && self.aged.wall_ms.saturating_sub(ms) < 60_000;
        let beat = if self.mirror.sessions().iter().any(|s| young(s.state_ms) && !s.state.ended()) { 10_000 } else { 60_000 };
        self.aged.mono_ms + beat - self.aged.wall_ms % beat
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_step() {
        let now = Now { mono_ms: 0, wall_ms: 10_000_000 };
        for (ago, want) in [(0, "now"), (9, "now"), (19, "10s"), (59, "50s"), (60, "1m"), (119, "1m"), (7200, "2h")] {
            assert_eq!(age(10_000_000 - ago * 1000, now), want);
        }
        assert_eq!(age(20_000_000, now), "now");
        let range = |low, high| eta_of(&Progress { eta_seconds: Some(low), eta_range: Some((low, high)), ..Progress::default() });
        assert_eq!(range(360, 600).as_deref(), Some("6-10m"));
        assert_eq!(range(50, 600).as_deref(), Some("50s-10m"));
        assert_eq!(range(480, 481).as_deref(), Some("~8m"));
        assert_eq!((eta(41), eta(480)), ("~50s".to_owned(), "~8m".to_owned()));
    }
}
