//! What has the keys: a stack of layers over the panes. Must not know what the keys do.

use super::dialog::Dialog;
use super::input::Editor;
use super::labels::Labels;
use super::list_state::ListState;
use super::search_all::SearchAll;
use super::search_box::SearchBox;
use crate::base::SessionId;
use crate::base::text::width;
use crate::command::Scope;
use crate::wire::explain::Explanation;

/// Lines about a session, to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Which.
    pub session: SessionId,
    /// What it is.
    pub title: String,
    /// The lines; safe, but as long as they like.
    pub lines: Vec<String>,
    /// Scrolled down by so many rows.
    pub top: u16,
}

/// Lines in rows of so many columns, broken between words where that is possible.
pub fn wrapped(lines: &[String], cols: usize) -> Vec<String> {
    let cols = cols.max(8);
    let mut rows = Vec::new();
    for line in lines {
        let mut row = String::new();
        for word in line.split_inclusive(' ') {
            if !row.is_empty() && width(&row) + width(word.trim_end()) > cols {
                rows.push(std::mem::take(&mut row));
            }
            row.push_str(word);
        }
        rows.push(row);
    }
    rows
}

/// A layer over the panes. The one on top has the keys.
#[derive(Debug, Clone)]
pub enum Layer {
    /// The session tree.
    Tree,
    /// Looking back in the focused pane by keys.
    Scroll,
    /// The line a search is typed in.
    Search(SearchBox),
    /// The recording in the focused pane.
    Replay,
    /// The line a search in it is typed in.
    ReplayFind(Editor),
    /// The search in all sessions.
    SearchAll(Box<SearchAll>),
    /// Labels on what can be copied or opened.
    Labels(Labels),
    /// The follow-up box.
    FollowUp,
    /// Sessions that wait.
    Inbox(ListState),
    /// Errors of all sessions.
    Errors {
        /// The list.
        list: ListState,
        /// Everything known of the one under the cursor is shown.
        details: bool,
    },
    /// The log.
    Timeline {
        /// The list.
        list: ListState,
        /// Of this session; of all when none.
        session: Option<SessionId>,
    },
    /// All that is known of a session, scrolled down by so many lines.
    Card(SessionId, u16),
    /// Why a session has its state, as told last, scrolled down by so many lines.
    Explain(SessionId, Option<Box<Explanation>>, u16),
    /// What was done in a session, and what needs review.
    Summary(Box<Summary>),
    /// The command palette.
    Palette(ListState),
    /// The key help.
    Help(ListState),
    /// A dialog.
    Dialog(Box<Dialog>),
}

impl Layer {
    /// A panel over the panes.
    pub fn is_panel(&self) -> bool {
        matches!(
            self,
            Layer::Inbox(_)
                | Layer::Errors { .. }
                | Layer::Timeline { .. }
                | Layer::Card(..)
                | Layer::Explain(..)
                | Layer::Summary(_)
                | Layer::SearchAll(_)
        )
    }

    /// A window in the middle.
    pub fn is_window(&self) -> bool {
        matches!(self, Layer::Palette(_) | Layer::Help(_) | Layer::Dialog(_))
    }

    /// Sections of the keymap for it, the first that knows a key wins.
    pub fn scopes(&self) -> &'static [Scope] {
        match self {
            Layer::Tree => &[Scope::Tree, Scope::Global],
            Layer::Scroll => &[Scope::Scroll, Scope::Global],
            Layer::ReplayFind(_) => &[Scope::Dialog],
            Layer::Replay => &[Scope::Replay, Scope::Global],
            Layer::SearchAll(_) => &[Scope::SearchAll],
            Layer::Search(_) => &[Scope::Search, Scope::Dialog],
            Layer::Labels(_) => &[Scope::Labels],
            Layer::FollowUp => &[Scope::FollowUp, Scope::Global],
            Layer::Inbox(_) => &[Scope::Inbox, Scope::List, Scope::Global],
            Layer::Errors { .. } => &[Scope::Errors, Scope::List, Scope::Global],
            Layer::Timeline { .. } => &[Scope::Timeline, Scope::List, Scope::Global],
            Layer::Card(..) | Layer::Explain(..) | Layer::Summary(_) => &[Scope::Card, Scope::List, Scope::Global],
            Layer::Palette(_) => &[Scope::Palette],
            Layer::Help(_) => &[Scope::Help],
            Layer::Dialog(d) if d.lets_global_keys_through() => &[Scope::Dialog, Scope::Global],
            Layer::Dialog(_) => &[Scope::Dialog],
        }
    }

    /// The list of this layer.
    pub fn list(&self) -> Option<&ListState> {
        match self {
            Layer::Inbox(l) | Layer::Errors { list: l, .. } | Layer::Timeline { list: l, .. } | Layer::Palette(l) | Layer::Help(l) => Some(l),
            Layer::SearchAll(s) => Some(&s.list),
            Layer::Dialog(d) => d.list(),
            _ => None,
        }
    }

    /// The same, to change it.
    pub fn list_mut(&mut self) -> Option<&mut ListState> {
        match self {
            Layer::Inbox(l) | Layer::Errors { list: l, .. } | Layer::Timeline { list: l, .. } | Layer::Palette(l) | Layer::Help(l) => Some(l),
            Layer::SearchAll(s) => Some(&mut s.list),
            Layer::Dialog(d) => d.list_mut(),
            _ => None,
        }
    }

    /// What plain characters are typed into here, if anything.
    pub fn editor(&mut self) -> Option<&mut Editor> {
        match self {
            Layer::ReplayFind(e) => Some(e),
            Layer::SearchAll(s) => Some(&mut s.editor),
            Layer::Search(s) => Some(&mut s.editor),
            Layer::Palette(l) | Layer::Help(l) => Some(&mut l.filter),
            Layer::Inbox(l) | Layer::Errors { list: l, .. } | Layer::Timeline { list: l, .. } if l.filtering => Some(&mut l.filter),
            Layer::Dialog(d) => d.editor(),
            _ => None,
        }
    }

    /// The same for a key or a paste; one that types takes the place of what was kept from the last time.
    pub(super) fn editor_for(&mut self, types: bool) -> Option<&mut Editor> {
        if let Layer::SearchAll(s) = self {
            if types {
                s.typing();
            }
            s.kept = false;
        }
        self.editor()
    }
}
