//! Which prompt each terminal was shown last, and whether an answer from there that names none can mean the one that stands.
//! Must not know how prompts are found or answered.

use crate::base::SessionId;
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};

/// Nobody reads a prompt in less, milliseconds.
const READ: u64 = 1500;
/// What has stood for so long is what a person means who was shown nothing in this terminal, milliseconds: a notification of it may
/// come 5 s late.
const STOOD: u64 = 10_000;
/// Terminals remembered for a session.
const TERMINALS: usize = 16;

/// A terminal: its device, and the process session on it (a number of a device is used again).
pub type Terminal = (i32, i32);

/// What stood in front last, and stands there while it is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Front {
    id: String,
    text: String,
    /// A hook holds it.
    held: bool,
    /// The same question as it was known before, by another way.
    was: Option<String>,
    /// What stood there before it.
    before: Option<String>,
    /// Nothing was asked in the session before.
    first: bool,
    /// Since when, by the monotonic clock.
    since: u64,
}

impl Front {
    fn is(&self, id: &str) -> bool {
        self.id == id || self.was.as_deref() == Some(id)
    }
}

/// What a terminal was shown, or answered.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    terminal: Terminal,
    prompt: String,
    /// It was answered from there.
    answered: bool,
    /// Only from then on it counts as read, by the monotonic clock.
    from: u64,
}

/// What is known of one session.
#[derive(Debug, Default)]
struct OfSession {
    front: Option<Front>,
    answered: Option<String>,
    /// When, by the monotonic clock.
    answered_at: Option<u64>,
    shown: VecDeque<Shown>,
}

/// What each terminal was shown, by session.
#[derive(Debug, Default)]
pub struct Seen(RefCell<HashMap<SessionId, OfSession>>);

impl Seen {
    /// A prompt stands in front. `held`: a hook holds it. `fresh`: whatever was asked in this session before is known here.
    pub fn fronts(&self, id: &SessionId, prompt: &str, text: &str, held: bool, fresh: bool, now_ms: u64) {
        let mut all = self.0.borrow_mut();
        let s = all.entry(id.clone()).or_default();
        let front = Front { id: prompt.to_owned(), text: text.to_owned(), held, first: fresh, since: now_ms, ..Front::default() };
        s.front = Some(match s.front.take() {
            Some(old) if old.id == prompt => Front { held, ..old },
            // The agent's own dialog asks what its hook let go of.
            Some(old) if old.held && !held && old.text == text && s.answered.as_ref() != Some(&old.id) => {
                Front { id: front.id, held, was: Some(old.id), ..old }
            }
            Some(old) => Front { before: Some(old.id), first: false, ..front },
            None => front,
        });
    }

    /// A prompt was answered; by whom it may not be known.
    pub fn answered(&self, id: &SessionId, prompt: &str, now_ms: u64) {
        let mut all = self.0.borrow_mut();
        let Some(s) = all.get_mut(id) else { return };
        (s.answered, s.answered_at) = (Some(prompt.to_owned()), Some(now_ms));
    }

    /// A terminal answered a prompt.
    pub fn answers(&self, id: &SessionId, terminal: Terminal, prompt: &str) {
        self.note(id, Shown { terminal, prompt: prompt.to_owned(), answered: true, from: 0 });
    }

    /// A terminal was shown a prompt.
    pub fn shows(&self, id: &SessionId, terminal: Terminal, prompt: &str) {
        let mut from = 0;
        if let Some(old) = self.last(id, terminal).filter(|l| l.prompt == prompt) {
            if old.answered {
                return;
            }
            from = old.from;
        }
        self.note(id, Shown { terminal, prompt: prompt.to_owned(), answered: false, from });
    }

    /// Of a session that is over since nothing is noted: only what comes in front of one that goes on makes its entry.
    fn note(&self, id: &SessionId, shown: Shown) {
        let mut all = self.0.borrow_mut();
        let Some(list) = all.get_mut(id).map(|s| &mut s.shown) else { return };
        list.retain(|s| s.terminal != shown.terminal);
        if list.len() >= TERMINALS {
            list.pop_front();
        }
        list.push_back(shown);
    }

    fn last(&self, id: &SessionId, terminal: Terminal) -> Option<Shown> {
        self.0.borrow().get(id)?.shown.iter().find(|s| s.terminal == terminal).cloned()
    }

    /// Whether a terminal that names no prompt can mean the one in front. When not, that one is to be shown there, and counts as
    /// read a moment later.
    pub fn means(&self, id: &SessionId, terminal: Terminal, now_ms: u64) -> bool {
        let Some(front) = self.0.borrow().get(id).and_then(|s| s.front.clone()) else { return true };
        let stood = now_ms.saturating_sub(front.since);
        let fine = match self.last(id, terminal) {
            Some(l) if front.is(&l.prompt) => now_ms >= l.from,
            Some(l) if !l.answered => false,
            // Whoever answered the one before can only mean a later one.
            Some(l) if front.before.as_ref() == Some(&l.prompt) => stood >= READ,
            _ => front.first || stood >= STOOD,
        };
        if !fine {
            self.note(id, Shown { terminal, prompt: front.id, answered: false, from: now_ms + READ });
        }
        fine
    }

    /// When the last answer was given, by the monotonic clock.
    pub fn answered_at(&self, id: &SessionId) -> Option<u64> {
        self.0.borrow().get(id)?.answered_at
    }

    /// The session is over.
    pub fn forget(&self, id: &SessionId) {
        self.0.borrow_mut().remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Terminal = (1, 10);
    const THERE: Terminal = (2, 20);

    fn with_first() -> (Seen, SessionId) {
        let (seen, id) = (Seen::default(), SessionId::random());
        seen.fronts(&id, "a", "rm a", true, true, 0);
        (seen, id)
    }

    #[test]
    fn the_first_prompt_can_be_meant_at_once_and_another_one_not() {
        let (seen, id) = with_first();
        assert!(seen.means(&id, HERE, 1));
        seen.answers(&id, HERE, "a");
        seen.answered(&id, "a", 50);
        seen.fronts(&id, "b", "rm b", true, true, 100);
        // A second Enter, and a third.
        assert!(!seen.means(&id, HERE, 200) && !seen.means(&id, HERE, 1600));
        assert!(!seen.means(&id, HERE, 3000), "asked again too soon after it was shown");
        assert!(seen.means(&id, HERE, 4501));
        // Whoever answered the one before means the next, once there was time to see it.
        let (seen, id) = with_first();
        seen.answers(&id, HERE, "a");
        seen.fronts(&id, "b", "rm b", true, true, 100);
        assert!(seen.means(&id, HERE, 1600));
        // Where nothing was shown, what has stood long is meant.
        assert!(!seen.means(&id, THERE, 5000) && seen.means(&id, (3, 30), 10_100));
    }

    #[test]
    fn who_was_shown_one_does_not_answer_another() {
        let (seen, id) = with_first();
        seen.shows(&id, HERE, "a");
        seen.fronts(&id, "b", "rm b", true, true, 100);
        assert!(!seen.means(&id, HERE, 60_000), "however long it has stood");
        assert!(!seen.means(&id, HERE, 60_100));
        assert!(seen.means(&id, HERE, 61_600), "it was told what is asked now");
        // Shown by a list it can be meant at once.
        seen.fronts(&id, "c", "rm c", true, true, 62_000);
        seen.shows(&id, HERE, "c");
        assert!(seen.means(&id, HERE, 62_001));
        // A list right after a refusal does not make it read any sooner.
        seen.fronts(&id, "d", "rm d", true, true, 63_000);
        assert!(!seen.means(&id, HERE, 63_001));
        seen.shows(&id, HERE, "d");
        assert!(!seen.means(&id, HERE, 63_002));
    }

    #[test]
    fn a_question_passed_on_to_the_agents_dialog_stays_the_same() {
        let (seen, id) = with_first();
        seen.shows(&id, HERE, "a");
        seen.fronts(&id, "k", "rm a", false, true, 500);
        assert!(seen.means(&id, HERE, 501));
        // The same words after it was answered are another question.
        let (seen, id) = with_first();
        seen.shows(&id, HERE, "a");
        seen.answered(&id, "a", 50);
        seen.fronts(&id, "k", "rm a", false, true, 500);
        assert!(!seen.means(&id, HERE, 501));
        let (seen, id) = with_first();
        seen.shows(&id, HERE, "a");
        seen.fronts(&id, "h", "rm a", true, true, 500);
        assert!(!seen.means(&id, HERE, 501), "another hook is another question");
    }

    #[test]
    fn what_was_asked_before_this_server_came_is_not_known() {
        let (seen, id) = (Seen::default(), SessionId::random());
        seen.fronts(&id, "a", "rm a", true, false, 0);
        assert!(!seen.means(&id, HERE, 1) && seen.means(&id, THERE, STOOD));
        for n in 0..100 {
            seen.shows(&id, (n, n), "a");
        }
        assert_eq!(seen.0.borrow()[&id].shown.len(), TERMINALS);
        seen.forget(&id);
        assert!(seen.0.borrow().is_empty());
        // An answer that was under way when it ended.
        seen.answers(&id, HERE, "a");
        seen.answered(&id, "a", 9);
        seen.shows(&id, THERE, "a");
        assert!(seen.0.borrow().is_empty());
    }
}
