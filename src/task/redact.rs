//! Secrets taken out of text that is handed on. Must not know where the text comes from.
//!
//! A name that speaks of a secret loses its value; known shapes of tokens go wherever they stand. Names such as `key` and `token`
//! are also words of plain code, so there the value must look like one: quoted, with a digit, or of a variable in capitals.

use regex::{Captures, Regex};
use std::sync::LazyLock;

/// What stands in place of a secret.
pub const REDACTED: &str = "[redacted]";

fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// Tokens by their shape, and private keys in their armour.
static SHAPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?s)\b(?:gh[pousr]_[A-Za-z0-9]{8,}|github_pat_[A-Za-z0-9_]{8,}|sk-[A-Za-z0-9_-]{8,}|AKIA[A-Z0-9]{12,}|xox[abprs]-[A-Za-z0-9-]{8,})|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)",
    )
});
/// `name = value`, `"name": "value"`, `NAME=value`, `Authorization: Bearer value`.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r#"(?i)([\w.-]*(token|secret|key|passw|authorization)[\w-]*["']?\s*(?::|=)\s*(?:Bearer\s+|Basic\s+)?)("[^"\n]{4,}"|'[^'\n]{4,}'|[^\s"',;(){}<>]{4,})"#,
    )
});
/// A user's password in an address.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"([a-z][a-z0-9+.-]*://[^\s/:@]+:)[^\s/@]+(@)"));

fn is_value(name: &str, word: &str, value: &str) -> bool {
    let always = word.eq_ignore_ascii_case("passw") || word.eq_ignore_ascii_case("authorization");
    let variable = name.chars().take_while(|c| !matches!(c, '=' | ':')).all(|c| !c.is_lowercase());
    always || value.starts_with(['"', '\'']) || value.contains(|c: char| c.is_ascii_digit()) || variable
}

/// The text without its secrets.
pub fn redact(text: &str) -> String {
    let (Some(shapes), Some(named), Some(address)) = (&*SHAPES, &*NAMED, &*ADDRESS) else { return REDACTED.to_owned() };
    let text = shapes.replace_all(text, REDACTED);
    let text = address.replace_all(&text, format!("${{1}}{REDACTED}${{2}}"));
    let text = named.replace_all(&text, |c: &Captures<'_>| {
        let part = |i| c.get(i).map_or("", |m| m.as_str());
        let (name, word, value) = (part(1), part(2), part(3));
        match value.chars().next() {
            _ if value.contains(REDACTED) || !is_value(name, word, value) => format!("{name}{value}"),
            Some(quote @ ('"' | '\'')) => format!("{name}{quote}{REDACTED}{quote}"),
            _ => format!("{name}{REDACTED}"),
        }
    });
    text.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_and_code_stays() {
        for (text, want) in [
            ("GITHUB_TOKEN=abcdef", "GITHUB_TOKEN=[redacted]"),
            ("password: correcthorse", "password: [redacted]"),
            (r#"{"api_key": "qwertyui", "n": 1}"#, r#"{"api_key": "[redacted]", "n": 1}"#),
            ("Authorization: Bearer abc.def.ghi", "Authorization: Bearer [redacted]"),
            ("use ghp_0123456789abcdef now", "use [redacted] now"),
            ("sk-ant-api03-xxxxxxxx", "[redacted]"),
            ("AKIAIOSFODNN7EXAMPLE", "[redacted]"),
            ("postgres://me:hunter@host/db", "postgres://me:[redacted]@host/db"),
            ("a\n-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nb", "a\n[redacted]\nb"),
            ("fn key(token: String) -> Key { secret: Option<Key> }", "fn key(token: String) -> Key { secret: Option<Key> }"),
            ("keyboard: qwerty", "keyboard: qwerty"),
            ("the token is bad", "the token is bad"),
        ] {
            assert_eq!(redact(text), want);
            assert_eq!(redact(want), want, "once is enough");
        }
    }
}
