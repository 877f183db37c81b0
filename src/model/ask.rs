//! What a session asks: the prompt that stands, who it is and how it can be answered. Must not know how answers travel.

use super::record::{Conversation, Record, rfc3339};
use super::{Outcome, World};
use crate::base::text::safe_line;
use crate::base::{Now, SessionId};
use crate::evidence::Signal;
use crate::wire::facts::Waiting;

/// Longest text of a prompt that is shown, in columns.
const TEXT: usize = 4000;

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
        if known.as_ref().is_some_and(|k| k.id == conversation.id && (k.log == conversation.log || conversation.log.is_none())) {
            return;
        }
        self.log(id, "note", format!("conversation {}", safe_line(&conversation.id, 80)), now, out);
        self.change(id, out, |r| r.conversation = Some(conversation));
    }
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

fn made_safe(mut ask: Waiting) -> Waiting {
    // Lines are kept apart by a mark: a command of several lines must not look like one.
    ask.text = ask.text.lines().take(200).map(|l| safe_line(l, 1000)).collect::<Vec<_>>().join(" ⏎ ");
    ask.text = safe_line(&ask.text, TEXT);
    ask.kind = safe_line(&ask.kind, 32);
    ask.tool = ask.tool.map(|t| safe_line(&t, 60));
    ask.cwd = ask.cwd.map(|t| safe_line(&t, 300));
    ask.options = ask.options.into_iter().take(9).map(|o| safe_line(&o, 200)).collect();
    ask
}
