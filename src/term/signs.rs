//! Lines that look like an error of a compiler, a test run or a program. A guess for jumping about, never a fact. Must not
//! know sessions.

use regex::RegexSet;
use std::sync::LazyLock;

/// Bytes of one line that are looked at.
const LONGEST: usize = 2000;

static SIGNS: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSet::new([
        // error: ..., error[E0308]: ..., fatal: ..., TypeError: ..., panic: ...
        r"(?i)(?:^|[\s│┃|>*•✗×✘]) ?(?:[\w.]*(?:error|exception)|fatal|panic|failure)(?:\[[\w-]+\])?(?: [\w]+)?: ",
        r"(?i)^\W{0,6}(?:error|fatal|panic(?:ked)?|failed|traceback|exception|unhandled|segmentation fault)\b",
        r"\bpanicked at\b|\bFAILED\b|\bERROR\b|\bERR!|^\W{0,6}FAIL\b|^\s*[✗✘×] ",
        // src/x.c:12:3: error, --> src/x.rs:1:2, at f (/a/b.js:1:2), File "x.py", line 3
        r"^\S+?\.\w{1,8}:\d+(?::\d+)?: (?i:fatal |internal )?(?i:error|panic)",
        r"^\s*--> \S+:\d+:\d+$",
        r"^\s+at .*[(/ ]\S+:\d+:\d+\)?$",
        r#"^\s*File ".+", line \d+"#,
    ])
    .ok()
});

/// Whether a line looks like an error, or like the place of one.
pub fn looks_like_error(line: &str) -> bool {
    let cut = (0..=LONGEST.min(line.len())).rev().find(|i| line.is_char_boundary(*i)).unwrap_or(0);
    SIGNS.as_ref().is_some_and(|s| line.get(..cut).is_some_and(|l| s.is_match(l)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_told_from_talk_about_errors() {
        for yes in [
            "error[E0308]: mismatched types",
            "  --> src/main.rs:12:5",
            "src/a.c:12:3: error: expected ';'",
            "TypeError: x is not a function",
            "    at processPayment (/srv/app/payment.js:45:11)",
            "  File \"app.py\", line 3, in <module>",
            "Traceback (most recent call last):",
            "thread 'main' panicked at src/x.rs:1:2:",
            "fatal: not a git repository",
            "npm ERR! code ELIFECYCLE",
            "--- FAIL: TestX (0.00s)",
            "test it_works ... FAILED",
            "│ Error: nothing there",
            "✗ converts the middleware",
        ] {
            assert!(looks_like_error(yes), "{yes}");
        }
        for no in ["0 errors, 12 passed", "converted the error middleware", "src/main.rs:12: fn main", "42 passed, 0 failed", "errors.rs", ""] {
            assert!(!looks_like_error(no), "{no}");
        }
    }
}
