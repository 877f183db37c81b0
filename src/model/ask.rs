//! What a session asks: the prompt that stands, who it is and how it can be answered. Must not know how answers travel.

use super::record::{Conversation, Record, rfc3339};
use super::{Outcome, World};
use crate::base::text::safe_line;
use crate::base::{Now, SessionId};
use crate::evidence::Signal;
use crate::wire::facts::Waiting;

/// Longest text of a prompt that is shown, in columns.
const TEXT: usize = 4000;
/// Most lines of it, and columns of one.
const LINES: usize = 200;
const LINE: usize = 1000;

impl World {
    /// Another prompt stands, or none.
    pub(super) fn ask(&mut self, id: &SessionId, ask: Option<Waiting>, now: Now, out: &mut Outcome) {
        let ask = ask.map(made_safe);
        if let Some(r) = self.get_mut(id) {
            r.ask = ask;
        }
        self.settle(id, now, out);
    }

    /// The agent goes by this name for its conversation.
    pub(super) fn conversation(&mut self, id: &SessionId, conversation: Conversation, now: Now, out: &mut Outcome) {
        let Some(known) = self.get(id).map(|r| r.conversation.clone()) else { return };
        if !is_conversation(&conversation.id) {
            return;
        }
        if known.as_ref().is_some_and(|k| k.id == conversation.id && (k.log == conversation.log || conversation.log.is_none())) {
            return;
        }
        self.log(id, "note", format!("conversation {}", safe_line(&conversation.id, 80)), now, out);
        self.change(id, out, |r| {
            r.doubted = None;
            r.conversation = Some(conversation);
        });
    }

    /// A hook names another conversation, and nothing confirms it: whatever runs in a session can call its hooks.
    pub(super) fn doubted(&mut self, id: &SessionId, said: &str, now: Now, out: &mut Outcome) {
        let Some(known) = self.get(id).filter(|r| r.doubted.as_deref() != Some(said)).and_then(|r| r.conversation.clone()) else { return };
        if !is_conversation(said) {
            return;
        }
        let words =
            format!("contradiction: a hook names the conversation {}, which no log of this folder confirms; {} stays", safe_line(said, 80), known.id);
        self.log(id, "note", words, now, out);
        self.change(id, out, |r| r.doubted = Some(said.to_owned()));
    }
}

/// Whether all of a prompt can be shown: something is asked, and nothing of it would be cut.
pub fn shown_whole(text: &str) -> bool {
    let wide = |l: &str| crate::base::text::width(l);
    let lines = text.lines().count();
    !text.trim().is_empty() && lines <= LINES && text.lines().all(|l| wide(l) <= LINE) && wide(text) + 3 * lines <= TEXT
}

/// Whether a word can name a conversation: it stands in command lines, where it must be no option, and in paths of logs, where it
/// must lead nowhere else. Whatever runs in a session can send one.
fn is_conversation(id: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    id.len() <= 200 && id.bytes().all(plain) && id.starts_with(|c: char| c.is_ascii_alphanumeric()) && !id.contains("..")
}

/// What is waited for: what the winning evidence says, and of the prompt that stands the exact words.
pub(super) fn waiting(r: &Record, signal: &Signal) -> Waiting {
    let base = Waiting {
        kind: signal.kind.clone().unwrap_or_else(|| "unknown".into()),
        text: signal.text.clone().unwrap_or_default(),
        since: rfc3339(signal.at_ms),
        ..Waiting::default()
    };
    match &r.ask {
        Some(ask) => Waiting {
            text: if ask.text.is_empty() { base.text } else { ask.text.clone() },
            since: if ask.since.is_empty() { base.since } else { ask.since.clone() },
            ..ask.clone()
        },
        None => base,
    }
}

/// A prompt as it is shown.
pub fn made_safe(mut ask: Waiting) -> Waiting {
    // Lines are kept apart by a mark: a command of several lines must not look like one.
    ask.text = ask.text.lines().take(LINES).map(|l| safe_line(l, LINE)).collect::<Vec<_>>().join(" ⏎ ");
    ask.text = safe_line(&ask.text, TEXT);
    ask.kind = safe_line(&ask.kind, 32);
    let left_out = ask.changes_left_out;
    let changes = std::mem::take(&mut ask.changes);
    ask.show_changes(changes);
    ask.changes_left_out = ask.changes_left_out.saturating_add(left_out);
    ask.tool = ask.tool.map(|t| safe_line(&t, 60));
    ask.cwd = ask.cwd.map(|t| safe_line(&t, 300));
    ask.options = ask.options.into_iter().take(9).map(|o| safe_line(&o, 200)).collect();
    ask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_cut_is_not_shown_whole() {
        assert!(shown_whole("echo hi > x") && shown_whole(&"echo\n".repeat(150)));
        let mut long = "a ".repeat(450);
        assert!(shown_whole(&long));
        long.push_str(&" ".repeat(200));
        long.push_str("; rm -rf /");
        for bad in ["", " \n ", &long, &"x\n".repeat(201), &format!("{}\n", "y".repeat(900)).repeat(5)] {
            assert!(!shown_whole(bad), "{} bytes", bad.len());
        }
    }

    #[test]
    fn an_edit_is_safe_to_show_and_bounded() {
        let mut w = Waiting { changes: vec!["+\u{1b}]0;t\u{7}a\u{202e}\tb".into(), "-x".repeat(400)], ..Waiting::default() };
        w.changes.resize(250, " same".into());
        let w = made_safe(w);
        assert_eq!((w.changes.len(), w.changes_left_out, w.changes[0].as_str()), (200, 50, "+]0;ta\u{FFFD} b"));
        assert!(w.changes[1].ends_with("[cut]") && crate::base::text::width(&w.changes[1]) <= 300);
        assert_eq!(made_safe(w.clone()), w, "what is left out stays counted");
        // A letter may carry any number of marks, which take no column: else one prompt is more than a message holds.
        let mut w = Waiting::default();
        w.show_changes(vec![format!("+a{}", "\u{301}".repeat(20_000)); 40]);
        assert!(w.changes.iter().map(String::len).sum::<usize>() <= 16 * 1024 && w.changes[0].ends_with("[cut]"));
        assert_eq!(w.changes.len() + w.changes_left_out as usize, 40);
        assert_eq!(made_safe(w.clone()), w);
    }

    #[test]
    fn another_conversation_that_nothing_confirms_is_a_contradiction_and_no_more() {
        use crate::model::{Command, Limits};
        let (mut w, now) = (World::new(1, Limits::default()), Now { mono_ms: 1, wall_ms: 1 });
        let id = w.apply(Command::Create(Box::default()), now).created.unwrap();
        let known = |w: &World| w.get(&id).and_then(|r| r.conversation.as_ref().map(|c| c.id.clone()));
        w.apply(Command::Doubted { id: id.clone(), said: "b-2".into() }, now);
        assert_eq!(w.get(&id).unwrap().doubted, None, "there is none it could contradict");
        let own = Conversation { id: "a-1".into(), log: None };
        w.apply(Command::Conversation { id: id.clone(), conversation: own }, now);
        for _ in 0..3 {
            w.apply(Command::Doubted { id: id.clone(), said: "b-2".into() }, now);
        }
        assert_eq!(known(&w).as_deref(), Some("a-1"));
        assert_eq!(w.timeline_since(0).filter(|e| e.text.contains("contradiction")).count(), 1, "said once");
        assert!(w.get(&id).unwrap().explain(now).verdict.contains("b-2"));
        w.apply(Command::Conversation { id: id.clone(), conversation: Conversation { id: "b-2".into(), log: Some("/l".into()) } }, now);
        assert_eq!((known(&w).as_deref(), w.get(&id).unwrap().doubted.clone()), (Some("b-2"), None), "a log confirmed it");
    }

    #[test]
    fn a_conversation_is_named_by_a_word_that_is_no_option_and_no_path() {
        for good in ["f0e1d2c3-0000-4000-8000-0123456789ab", "ses_6f1a", "2026-11-21T07.jsonl"] {
            assert!(is_conversation(good), "{good}");
        }
        for bad in ["", "--dangerously-skip-permissions", "-c", "../../x", "a/../b", "a b", "a\n", ".hidden", "a..b", &"x".repeat(201)] {
            assert!(!is_conversation(bad), "{bad:?}");
        }
    }
}
