//! Time as plain values. Reads the clock only in [`Now::read`], which the shells of the program call; pure code is handed a
//! [`Now`]. Must not know what the times are for.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// One moment, by both clocks. Timeouts and ages use `mono_ms` (a jump of the wall clock never fires them); what people read
/// uses `wall_ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Now {
    /// Milliseconds since this process first read the clock.
    pub mono_ms: u64,
    /// Milliseconds since the Unix epoch.
    pub wall_ms: u64,
}

impl Now {
    /// Reads both clocks.
    pub fn read() -> Now {
        static START: OnceLock<Instant> = OnceLock::new();
        let mono = START.get_or_init(Instant::now).elapsed();
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now { mono_ms: mono.as_millis() as u64, wall_ms: wall.as_millis() as u64 }
    }
}

/// `12s`, `4m`, `2h`, `3d`: an age or duration in one short word.
pub fn short(d: Duration) -> String {
    let s = d.as_secs();
    match s {
        0..60 => format!("{s}s"),
        60..3600 => format!("{}m", s / 60),
        3600..86_400 => format!("{}h", s / 3600),
        _ => format!("{}d", s / 86_400),
    }
}

/// Parses `500ms`, `10s`, `10m`, `2h`, `1d`, or a plain number of seconds.
///
/// # Errors
/// The text, when it is not such a duration or is longer than 365 days.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let t = text.trim();
    let split = t.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(t.len());
    let (number, unit) = t.split_at(split);
    let n: f64 = number.parse().map_err(|_| format!("`{text}` is not a duration (try 30s, 10m, 2h)"))?;
    let seconds = match unit {
        "ms" => n / 1000.0,
        "" | "s" => n,
        "m" => n * 60.0,
        "h" => n * 3600.0,
        "d" => n * 86_400.0,
        _ => return Err(format!("`{text}` has an unknown unit `{unit}` (ms, s, m, h or d)")),
    };
    if !(0.0..=31_536_000.0).contains(&seconds) {
        return Err(format!("`{text}` is out of range (0 to 365d)"));
    }
    Ok(Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_words() {
        for (s, want) in [(0, "0s"), (59, "59s"), (60, "1m"), (3599, "59m"), (7200, "2h"), (200_000, "2d")] {
            assert_eq!(short(Duration::from_secs(s)), want);
        }
    }

    #[test]
    fn durations_parse_or_say_why() {
        assert_eq!(parse_duration("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("7"), Ok(Duration::from_secs(7)));
        assert!(parse_duration("soon").is_err());
        assert!(parse_duration("1y").unwrap_err().contains("unknown unit"));
        assert!(parse_duration("99999999999d").unwrap_err().contains("range"));
    }
}
