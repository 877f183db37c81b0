//! What was said in a conversation, one turn after the other, and how much of it is handed on. Must not know any agent's log.

use super::redact::redact;

/// Longest text of one turn that is kept, in bytes.
const TURN: usize = 8 * 1024;

/// Who spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The person.
    Person,
    /// The agent.
    Agent,
    /// A tool that the agent ran: only what was asked of it.
    Tool,
}

/// Something said or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// By whom.
    pub who: Who,
    /// What.
    pub text: String,
}

impl Turn {
    /// A turn, without what is secret in it and not longer than it may be. Nothing when nothing is left.
    pub fn new(who: Who, text: &str) -> Option<Turn> {
        let text = text.trim();
        (!text.is_empty()).then(|| Turn { who, text: cut(&redact(text), TURN) })
    }
}

/// The newest turns that fit into so many bytes, and how many older ones do not.
pub fn newest(turns: Vec<Turn>, most: usize) -> (Vec<Turn>, usize) {
    let mut room = most;
    let from = turns.iter().rposition(|t| match room.checked_sub(t.text.len() + 16) {
        Some(rest) => {
            room = rest;
            false
        }
        None => true,
    });
    let dropped = from.map_or(0, |i| i + 1);
    (turns.into_iter().skip(dropped).collect(), dropped)
}

/// A text of at most so many bytes (and a few words): its start and its end, the middle left out.
pub fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let head = (0..=most * 2 / 3).rev().find(|i| text.is_char_boundary(*i)).unwrap_or_default();
    let tail = (text.len() - most / 3..=text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(text.len());
    let (start, end) = (text.get(..head).unwrap_or_default(), text.get(tail..).unwrap_or_default());
    format!("{start}\n[... {} bytes left out ...]\n{end}", tail - head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_newest_turns_are_kept() {
        let turns: Vec<Turn> = (0..10).map(|n| Turn { who: Who::Person, text: format!("{n}{}", "x".repeat(83)) }).collect();
        let (kept, dropped) = newest(turns.clone(), 350);
        assert_eq!((kept.len(), dropped), (3, 7));
        assert!(kept[0].text.starts_with('7'));
        assert_eq!(newest(turns, 10_000).1, 0);
        assert_eq!(Turn::new(Who::Agent, " \n"), None);
    }

    proptest! {
        #[test]
        fn cuts_keep_both_ends(text in "\\PC{0,300}", most in 0usize..100) {
            let got = cut(&text, most);
            prop_assert!(got.len() <= most + 60 || got == text);
        }
    }
}
