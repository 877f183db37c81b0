//! Values inside texts: counts, times, places in files. Must not know where the texts stand.

use regex::Regex;
use std::sync::LazyLock;

/// A pattern of our own; a bad one fails in the first test that runs.
pub(super) fn regex(p: &str) -> Regex {
    #[allow(clippy::expect_used)]
    Regex::new(&super::pattern::narrow(p)).expect("a pattern of ours")
}

static COUNT: LazyLock<Regex> = LazyLock::new(|| regex(r"^(\d{1,9})\s?/\s?(\d{1,9})(?:\s+(.*))?$"));
static SPAN: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)(\d{1,6})\s*(hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)\b"));
static FILE: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?:^|[\s("'`\[])([\w@+~./-]*[\w-]\.[A-Za-z][A-Za-z0-9]{0,5})(?::(\d{1,7}))?(?:[\s,)"'`:\];]|$)"#));
static LINE: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\bline\s+(\d{1,7})\b"));
static FUNCTION: LazyLock<Regex> = LazyLock::new(|| regex(r"(?:\b(?:function|fn|func|method|def)\s+([\w:.$]{1,100})|\b([\w:.$]{1,100})\(\))"));

/// `42`, `52` and `user-settings.js` of `42/52 (⏳ user-settings.js)`.
pub(super) fn count_of(text: &str) -> Option<(u64, u64, Option<&str>)> {
    let c = COUNT.captures(text.trim())?;
    let (done, total) = (c.get(1)?.as_str().parse().ok()?, c.get(2)?.as_str().parse().ok()?);
    let rest = c.get(3).map(|m| m.as_str().trim_matches(|c: char| c.is_whitespace() || "()[]✓✔⏳…".contains(c) || c == '\u{fe0f}'));
    Some((done, total, rest.filter(|r| r.chars().any(char::is_alphanumeric))))
}

/// Seconds of `8 minutes`, `2 hours 15 minutes`, `1h 5m`; the later end of `6-10m`.
pub fn seconds_in(text: &str) -> Option<u64> {
    let mut all = None;
    for c in SPAN.captures_iter(text).take(4) {
        let n: u64 = c.get(1)?.as_str().parse().ok()?;
        let unit = match c.get(2)?.as_str().to_ascii_lowercase().chars().next()? {
            'h' => 3600,
            'm' => 60,
            _ => 1,
        };
        all = Some(all.unwrap_or(0u64).saturating_add(n.saturating_mul(unit)));
    }
    all
}

/// Where something is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// File, as it is named.
    pub file: Option<String>,
    /// Line.
    pub line: Option<u64>,
    /// Function.
    pub function: Option<String>,
}

/// The place a text names: `Line 45, function processPayment()`, `src/api.rs:12:3`, `user-auth.ts (line 127)`.
pub fn place_of(text: &str) -> Place {
    let text = text.get(..text.char_indices().nth(500).map_or(text.len(), |(i, _)| i)).unwrap_or_default();
    let file = FILE.captures(text).filter(|c| !c.get(1).is_some_and(|m| m.as_str().starts_with("www.")));
    let number = |m: Option<regex::Match<'_>>| m.and_then(|m| m.as_str().parse().ok());
    let function = FUNCTION.captures(text).and_then(|c| c.get(1).or(c.get(2)).map(|m| m.as_str().to_owned()));
    Place {
        line: file.as_ref().and_then(|c| number(c.get(2))).or_else(|| number(LINE.captures(text).and_then(|c| c.get(1)))),
        file: file.and_then(|c| c.get(1).map(|m| m.as_str().to_owned())),
        function,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_times_and_places_are_read() {
        assert_eq!(count_of("42/52 (⏳ user-settings.js)"), Some((42, 52, Some("user-settings.js"))));
        assert_eq!(count_of("52/52 ✓"), Some((52, 52, None)));
        assert_eq!(count_of("44/52"), Some((44, 52, None)));
        assert_eq!(count_of("All passing"), None);
        for (text, want) in
            [("8 minutes", Some(480)), ("2 hours 15 minutes", Some(8100)), ("7 minutes remaining", Some(420)), ("1h 5m", Some(3900)), ("soon", None)]
        {
            assert_eq!(seconds_in(text), want, "{text}");
        }
        let place = |t: &str| {
            let p = place_of(t);
            (p.file.unwrap_or_default(), p.line, p.function.unwrap_or_default())
        };
        assert_eq!(place("Line 45, function processPayment()"), (String::new(), Some(45), "processPayment".into()));
        assert_eq!(place("Conversion failed for payment-gateway.js"), ("payment-gateway.js".into(), None, String::new()));
        assert_eq!(place("Complex type inference in user-auth.ts (line 127)"), ("user-auth.ts".into(), Some(127), String::new()));
        assert_eq!(place("at src/api/mod.rs:12:3"), ("src/api/mod.rs".into(), None.or(Some(12)), String::new()));
        assert_eq!(place("it failed"), (String::new(), None, String::new()));
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_readers(text in "\\PC{0,200}") {
            count_of(&text);
            seconds_in(&text);
            place_of(&text);
        }
    }
}
