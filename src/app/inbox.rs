//! Answering from the inbox: yes, no, a number, words. An answer counts only for what has stood under the cursor unchanged, and it
//! names the prompt that was shown. Must not know how an answer reaches an agent.

use super::App;
use super::asked::handoff_line;
use super::dialog::{Ask, Dialog, STANDS_MS};
use super::input::Editor;
use super::io::Effect;
use super::list_state::ListState;
use super::mirror::open_handoff;
use super::modes::Layer;
use super::requests::Purpose;
use crate::base::SessionId;
use crate::wire::facts::Waiting;
use crate::wire::message::Level;
use crate::wire::op::Answer;
use crate::wire::{Op, State};

/// What stands under the cursor of the inbox, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    session: SessionId,
    /// The prompt, by its id and its words.
    prompt: (Option<String>, String),
    /// By the monotonic clock, milliseconds.
    since: u64,
}

/// How a question can be answered from here, beside the numbers of its options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Questioned {
    /// A list in its terminal: it can be left, and takes no words.
    List,
    /// Its channel takes words, and nothing that would be a no.
    Words,
}

fn questioned(w: &Waiting) -> Option<Questioned> {
    let by_keys = w.via.as_deref() == Some("keys");
    (w.kind == "question").then_some(if by_keys { Questioned::List } else { Questioned::Words })
}

impl App {
    /// Opens the inbox with the cursor on the one that waits longest; it stays on it.
    pub(super) fn open_inbox(&mut self) {
        let mut list = ListState::default();
        let keys: Vec<String> = self.inbox(&list).iter().map(|s| s.id.to_string()).collect();
        list.go(&keys, 0);
        self.standing = None;
        self.open(Layer::Inbox(list));
    }

    /// Notes what stands under the cursor now. A question typed at counts as the one it was opened for.
    pub(super) fn note_standing(&mut self) {
        let Some(Layer::Inbox(list)) = self.layers.last() else {
            self.standing = None;
            return;
        };
        let now = self.inbox_at(list).and_then(|id| {
            let s = self.mirror.get(&id)?;
            let offered = || Waiting { text: open_handoff(s).map(handoff_line).unwrap_or_default(), ..Waiting::default() };
            let w = s.waiting_for.clone().unwrap_or_else(offered);
            Some((id, (w.id, w.text)))
        });
        match (now, &self.standing) {
            (None, _) => self.standing = None,
            (Some((session, prompt)), Some(old)) if old.session == session && old.prompt == prompt => {}
            (Some((session, prompt)), _) => self.standing = Some(Standing { session, prompt, since: self.now.mono_ms }),
        }
    }

    /// When what stands under the cursor may be answered, by the monotonic clock in milliseconds.
    pub fn answerable_at(&self) -> Option<u64> {
        self.standing.as_ref().map(|s| s.since + STANDS_MS)
    }

    /// What stands under the cursor can be answered from here at all.
    pub(super) fn inbox_can_answer(&self, list: &ListState) -> bool {
        let session = self.inbox_at(list).and_then(|id| self.mirror.get(&id));
        session.and_then(|s| s.waiting_for.as_ref()).is_some_and(|w| w.id.is_some())
    }

    /// What stands under the cursor is a question, and answered so.
    pub(super) fn inbox_question(&self, list: &ListState) -> Option<Questioned> {
        let session = self.inbox_at(list).and_then(|id| self.mirror.get(&id));
        questioned(session.and_then(|s| s.waiting_for.as_ref())?)
    }

    /// What may be answered now: it stands under the cursor of the inbox, and has for long enough.
    fn answerable(&mut self) -> Option<(SessionId, Waiting, u32)> {
        if self.setup.read_only {
            self.note(Level::Info, "read-only: nothing is answered here", "");
            return None;
        }
        let standing = self.standing.clone()?;
        if self.now.mono_ms < standing.since + STANDS_MS {
            return None;
        }
        let s = self.mirror.get(&standing.session).filter(|s| s.state == State::Waiting)?;
        let (waiting, number) = (s.waiting_for.clone()?, s.number);
        if (waiting.id.clone(), waiting.text.clone()) != standing.prompt {
            return None;
        }
        Some((standing.session, waiting, number))
    }

    /// The session under the cursor, when it offers to go on in the background.
    pub(super) fn inbox_offer(&self, list: &ListState) -> Option<SessionId> {
        let s = self.inbox_at(list).and_then(|id| self.mirror.get(&id))?;
        (s.state != State::Waiting && open_handoff(s).is_some_and(|h| h.kind == "delegation")).then(|| s.id.clone())
    }

    /// The offer to go on in the background: yes opens the dialog for it, no leaves the task where it is. False: what stands under
    /// the cursor is no such offer.
    fn answer_offer(&mut self, answer: &Answer, out: &mut Vec<Effect>) -> bool {
        let Some(Layer::Inbox(list)) = self.layers.last() else { return false };
        let Some(session) = self.inbox_offer(list) else { return false };
        let stands = self.standing.as_ref().is_some_and(|s| s.session == session && self.now.mono_ms >= s.since + STANDS_MS);
        if !stands || self.refuse_read_only() {
            return true;
        }
        match answer {
            Answer::Allow => {
                self.open_delegate(out);
                self.close_layer(|l| matches!(l, Layer::Inbox(_)));
                self.request(Op::Seen { session }, Purpose::Quiet(""), out);
            }
            Answer::Deny { .. } => {
                self.request(Op::Seen { session }, Purpose::Quiet(""), out);
                self.note(Level::Info, "it goes on here", "it is not offered again for this task");
            }
            _ => {}
        }
        true
    }

    /// Says yes, no or a number to what stands under the cursor.
    pub(super) fn inbox_answer(&mut self, answer: Answer, out: &mut Vec<Effect>) {
        if self.answer_offer(&answer, out) {
            return;
        }
        let Some((session, waiting, number)) = self.answerable() else { return };
        let why_not = match (questioned(&waiting).filter(|_| waiting.id.is_some()), &answer) {
            (Some(_), Answer::Allow) => Some("a question has no yes: its numbers answer it"),
            (Some(Questioned::Words), Answer::Deny { .. }) => Some("a question has no no: its numbers or words answer it"),
            _ => None,
        };
        if let Some(why) = why_not {
            return self.note(Level::Info, why, "Enter goes to its terminal");
        }
        if !matches!(answer, Answer::Deny { .. }) && waiting.id.is_some() && !self.seen_whole(&session, &waiting) {
            return;
        }
        let Some(prompt) = waiting.id else {
            return self.note(Level::Info, &format!("#{number} can only be answered in its terminal"), "Enter goes there");
        };
        if let Answer::Choose { number: n } = &answer
            && (*n == 0 || *n as usize > waiting.options.len())
        {
            return;
        }
        self.request(Op::Answer { session: session.to_string(), prompt: Some(prompt), unseen: false, answer }, Purpose::Quiet("answering"), out);
    }

    /// Asks for words: an answer to a question, or why something is refused. What cannot be told so gets the follow-up box.
    pub(super) fn inbox_words(&mut self) {
        let Some((session, waiting, _)) = self.answerable() else { return };
        if waiting.id.is_some() && questioned(&waiting) == Some(Questioned::List) {
            return self.note(Level::Info, "words for this are written in its terminal", "Enter goes there; its numbers answer it from here");
        }
        match waiting.id {
            Some(prompt) => {
                let what = Ask::Answer { session, prompt, refuses: waiting.kind != "question" };
                self.open(Layer::Dialog(Box::new(Dialog::Ask { what, editor: Editor::line() })));
            }
            None => self.open_follow_up(vec![session]),
        }
    }

    /// The words are there.
    pub(super) fn inbox_said(&mut self, session: SessionId, prompt: String, refuses: bool, text: String, out: &mut Vec<Effect>) {
        if text.is_empty() {
            return;
        }
        let answer = if refuses { Answer::Deny { reason: Some(text) } } else { Answer::Text { text } };
        self.request(Op::Answer { session: session.to_string(), prompt: Some(prompt), unseen: false, answer }, Purpose::Quiet("answering"), out);
    }
}
