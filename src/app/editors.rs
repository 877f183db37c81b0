//! Editors that were started to open a file: their panes go when they end well, and the pane that the file was opened from has
//! the keys again. The session stays with the ended ones. Must not know how an editor is chosen or started.

use super::App;
use super::hit::PaneId;
use super::modes::Layer;
use crate::base::SessionId;
use crate::wire::State;

/// Most editors that are remembered; of older ones the pane stays.
const MOST: usize = 64;

/// An editor in a pane, and the pane it was opened from.
#[derive(Debug, Clone)]
pub(super) struct Editing {
    session: SessionId,
    from: PaneId,
}

impl App {
    /// An editor was started.
    pub(super) fn edits(&mut self, session: SessionId, from: PaneId) {
        self.editors.push(Editing { session, from });
        self.editors.drain(..self.editors.len().saturating_sub(MOST));
        self.close_editors();
    }

    /// Closes the panes of editors that ended well. What failed stays and can be read.
    pub(super) fn close_editors(&mut self) {
        if self.editors.is_empty() {
            return;
        }
        let ended = |e: &Editing| self.mirror.get(&e.session).is_none_or(|s| s.state.ended());
        let (over, going): (Vec<Editing>, Vec<Editing>) = std::mem::take(&mut self.editors).into_iter().partition(ended);
        self.editors = going;
        for e in over {
            let focused = self.tabs.focused_session() == Some(&e.session);
            // Whoever looks back in it is reading it.
            let read = focused && self.has_layer(|l| matches!(l, Layer::Scroll));
            if read || self.mirror.get(&e.session).is_none_or(|s| s.state != State::Done) {
                continue;
            }
            if self.tabs.session(e.from) == Some(&e.session) {
                // It was opened from an empty pane and is shown there: that is empty again.
                self.looks.remove(&e.from);
                self.tabs.forget(&e.session);
                continue;
            }
            for pane in self.tabs.take_out(&e.session) {
                self.looks.remove(&pane);
            }
            if focused {
                self.tabs.go_to_pane(e.from);
            }
        }
    }
}
