//! Rate limits in the words of an error: whether it is one, and when it ends. Must not know who said it.

use super::text::seconds_in;
use jiff::Timestamp;

const WORDS: [&str; 6] = ["rate limit", "rate-limit", "usage limit", "too many requests", "quota exceeded", "429"];

/// Whether a text speaks of a limit that will pass.
pub fn is_limit(text: &str) -> bool {
    let low = text.to_lowercase();
    WORDS.iter().any(|w| low.contains(w))
}

/// When the limit a text speaks of ends, milliseconds since the Unix epoch: after `in 20s`, `in 2 hours 5 minutes`, or at a time
/// written as RFC 3339. Nothing when it is no limit or says no time.
pub fn limit_ends(text: &str, now_ms: u64) -> Option<u64> {
    if !is_limit(text) {
        return None;
    }
    let time = text.split_whitespace().find_map(|w| w.trim_end_matches(['.', ',', ')']).parse::<Timestamp>().ok());
    if let Some(t) = time {
        return u64::try_from(t.as_millisecond()).ok();
    }
    let low = text.to_lowercase();
    let after = ["again in ", "retry in ", "retry after ", "resets in ", "reset in ", "wait "].iter().find_map(|w| low.split_once(w))?.1;
    let span = after.get(..after.char_indices().nth(40).map_or(after.len(), |(i, _)| i))?;
    Some(now_ms.saturating_add(seconds_in(span)?.saturating_mul(1000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_limit_is_read_from_its_words() {
        for (text, want) in [
            ("Rate limit reached. Please try again in 20s.", Some(1_020_000)),
            ("429 Too Many Requests: retry after 2 minutes", Some(1_120_000)),
            ("usage limit: resets at 2026-11-21T06:00:00Z.", Some(1_795_240_800_000)),
            ("Rate limit reached", None),
            ("try again in 20s", None),
        ] {
            assert_eq!(limit_ends(text, 1_000_000), want, "{text}");
        }
    }
}
