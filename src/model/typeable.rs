//! What a text would do in an agent's box besides standing there: what is refused for it, and what is put behind it. Pure; true
//! of every agent known. Must not know boxes, keys or terminals.

/// Why a follow-up is not for an agent; nothing when it is.
pub fn refusal(text: &str) -> Option<&'static str> {
    if text.trim().is_empty() {
        return Some("takes no empty follow-up");
    }
    if text.starts_with('!') {
        return Some("would run this as a shell command, because it begins with `!`; put a space before it to send it as text");
    }
    // Some keep only the first line, some join them; the rest of the text would be lost.
    if is_command(text) && text.trim().contains(['\n', '\r', '\u{2028}', '\u{2029}']) {
        return Some("would take the first line for a command of its own, because it begins with `/`, and lose the others; begin with another word");
    }
    None
}

/// Whether agents take a text for one of their own commands (`/compact`), not for words: its first word is `/` and a name. A
/// path has another `/`.
pub fn is_command(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    first.strip_prefix('/').is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()) && !name.contains('/'))
}

/// The text as it is pasted into an agent's box: with a space behind it where Enter would else choose a completion (`@file`,
/// `$skill`, `:smile`), or be taken for a new line (`\`).
pub fn settled(text: &str) -> String {
    let last = text.rsplit(char::is_whitespace).next().unwrap_or_default();
    let offers = last.starts_with(['@', '$', ':', '#']) || text.ends_with('\\') || (last.starts_with('/') && !is_command(text));
    if offers { format!("{text} ") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_agent_would_run_is_no_follow_up() {
        for text in ["!touch x", "!", "  \n", "", "/compact\nthen go on", "  /clear \r\n x"] {
            assert!(refusal(text).is_some(), "{text:?}");
        }
        for text in [" !touch x", "a\n!touch x", "/compact", "/usr/bin/env\nis where?", "/ \n x", "wait! what?"] {
            assert_eq!(refusal(text), None, "{text:?}");
        }
    }

    #[test]
    fn enter_sends_and_chooses_nothing() {
        for text in ["see @src/ma", "use $imag", "smile :sm", "ends with \\", "see\n@", "look at /et"] {
            assert_eq!(settled(text), format!("{text} "));
        }
        for text in ["plain", "see @src/main.rs ", "mail a@b", "/compact", "costs 5$"] {
            assert_eq!(settled(text), text);
        }
    }
}
