//! States that a program's own escape sequences tell: OSC 9;4 progress, OSC 133 marks, and notifications whose words are known.
//! Must not know terminals; it is handed what they read.

use super::rules::NoticeRule;
use super::{Signal, Source};
use crate::wire::State;

/// What OSC 9;4 says of the state: 0 removes progress (the turn is over), 1 and 3 work; 2 (failed) and 4 (paused or a warning)
/// speak of the progress alone.
pub fn progress_signal(state: u8, at_ms: u64) -> Option<Signal> {
    let state = match state {
        0 => State::Idle,
        1 | 3 => State::Working,
        _ => return None,
    };
    Some(Signal { source: Source::Osc, state, text: None, kind: None, at_ms })
}

/// What OSC 9;4 says of the progress itself.
pub fn progress_word(state: u8) -> Option<&'static str> {
    match state {
        2 => Some("error"),
        4 => Some("paused"),
        _ => None,
    }
}

/// What a shell's mark says: a prompt is there, or a command runs.
pub fn mark_signal(at_prompt: bool, at_ms: u64) -> Signal {
    let state = if at_prompt { State::Idle } else { State::Working };
    Signal { source: Source::Osc, state, text: None, kind: None, at_ms }
}

/// What a notification says, by the first rule that knows its words.
pub fn notice_signal(rules: &[NoticeRule], said: &str, at_ms: u64) -> Option<Signal> {
    let rule = rules.iter().find(|r| r.pattern.is_match(said))?;
    let waits = rule.state == State::Waiting;
    let kind = waits.then(|| rule.kind.clone()).flatten();
    Some(Signal { source: Source::Notice, state: rule.state, text: waits.then(|| said.to_owned()), kind, at_ms })
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    #[test]
    fn known_words_of_a_notification_are_a_state() {
        let rules = [NoticeRule { pattern: Regex::new("^Needs permission").unwrap(), state: State::Waiting, kind: Some("permission".into()) }];
        let s = notice_signal(&rules, "Needs permission: Run a shell command", 3).unwrap();
        assert_eq!((s.source, s.state, s.kind.as_deref()), (Source::Notice, State::Waiting, Some("permission")));
        assert_eq!(notice_signal(&rules, "hello", 3), None);
        assert_eq!((progress_signal(2, 1), progress_word(2), progress_word(1)), (None, Some("error"), None));
        assert_eq!(mark_signal(true, 1).state, State::Idle);
    }
}
