//! The follow-up box: what is typed, for whom, and what was sent before. Must not know how it is delivered.

use super::input::Editor;
use super::mirror::Mirror;
use crate::base::SessionId;

/// Texts kept for coming back to.
pub const HISTORY: usize = 100;

/// The box.
#[derive(Debug, Clone)]
pub struct FollowUp {
    /// The text.
    pub editor: Editor,
    /// Who gets it; one or several.
    pub targets: Vec<SessionId>,
    history: Vec<String>,
    at: Option<usize>,
    draft: String,
}

impl Default for FollowUp {
    fn default() -> FollowUp {
        FollowUp { editor: Editor::text_area(), targets: Vec::new(), history: Vec::new(), at: None, draft: String::new() }
    }
}

impl FollowUp {
    /// Takes the text for sending, and remembers it. `None` when there is none.
    pub fn take(&mut self) -> Option<String> {
        let text = self.editor.text();
        if text.trim().is_empty() {
            return None;
        }
        self.history.retain(|h| *h != text);
        self.history.push(text.clone());
        let over = self.history.len().saturating_sub(HISTORY);
        self.history.drain(..over);
        self.editor.clear();
        self.at = None;
        Some(text)
    }

    /// Brings back an older (or newer) text; past the newest comes what was being typed.
    pub fn recall(&mut self, older: bool) {
        let to = match (self.at, older) {
            (None, true) => self.history.len().checked_sub(1),
            (None, false) => return,
            (Some(i), true) => Some(i.saturating_sub(1)),
            (Some(i), false) => Some(i + 1).filter(|i| *i < self.history.len()),
        };
        if self.at.is_none() {
            if to.is_none() {
                return;
            }
            self.draft = self.editor.text();
        }
        self.at = to;
        let text = to.and_then(|i| self.history.get(i)).unwrap_or(&self.draft).clone();
        self.editor.set(&text);
    }

    /// The next target: the selected sessions together, then each session that can take text, by number.
    pub fn next_target(&mut self, mirror: &Mirror, selected: &[SessionId]) {
        let mut all: Vec<Vec<SessionId>> = Vec::new();
        if selected.len() > 1 {
            all.push(selected.to_vec());
        }
        all.extend(mirror.sessions().into_iter().filter(|s| !s.state.ended() && !s.kind.watches()).map(|s| vec![s.id.clone()]));
        let at = all.iter().position(|t| *t == self.targets);
        if let Some(next) = all.get(at.map_or(0, |i| (i + 1) % all.len().max(1))) {
            self.targets = next.clone();
        }
    }

    /// Rows the box wants, at most `most`.
    pub fn height(&self, most: u16) -> u16 {
        (self.editor.lines().len() as u16).clamp(1, most.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_goes_back_and_returns_to_the_draft() {
        let mut f = FollowUp::default();
        for t in ["one", "two", "one"] {
            f.editor.set(t);
            assert_eq!(f.take().as_deref(), Some(t));
        }
        f.editor.set("draft");
        f.recall(true);
        assert_eq!(f.editor.text(), "one");
        f.recall(true);
        assert_eq!(f.editor.text(), "two");
        f.recall(true);
        assert_eq!(f.editor.text(), "two");
        f.recall(false);
        f.recall(false);
        assert_eq!(f.editor.text(), "draft");
        f.editor.set("  \n ");
        assert_eq!(f.take(), None);
    }
}
