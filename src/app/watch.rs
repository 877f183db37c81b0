//! Telling the server which panes are in sight, exactly when that changes. Must not know what is in them.

use super::App;
use super::io::Effect;
use super::modes::Layer;
use crate::wire::ClientMsg;
use crate::wire::message::PaneWatch;

impl App {
    /// The panes in sight. A session in several panes is watched once: for the focused pane, else the largest.
    pub fn in_sight(&self) -> Vec<PaneWatch> {
        let areas = self.areas();
        let focus = self.tabs.focus();
        let mut all: Vec<PaneWatch> = Vec::new();
        for (pane, _) in &areas.rects.panes {
            let Some(session) = self.tabs.session(*pane).filter(|id| self.mirror.get(id).is_some()) else { continue };
            let session = self.rows_of(*pane).unwrap_or(session);
            let Some(rect) = areas.content(*pane).filter(|r| !r.is_empty()) else { continue };
            let look = self.looks.get(pane);
            let top = look.and_then(|l| l.top);
            let margin = if look.is_some_and(|l| l.keys || l.top.is_some()) { rect.h } else { 0 };
            let (marks, moved) = (self.marks_of(session), self.moved.get(session).copied().unwrap_or(0));
            let new = PaneWatch { session: session.clone(), cols: rect.w, rows: rect.h, top, focused: *pane == focus, margin, marks, moved };
            let size = |w: &PaneWatch| (w.focused, u32::from(w.cols) * u32::from(w.rows));
            match all.iter_mut().find(|w| w.session == new.session) {
                Some(old) if size(&new) > size(old) => *old = new,
                Some(_) => {}
                None => all.push(new),
            }
        }
        all
    }

    /// Places of a session that looks hold on to, pane by pane.
    fn marks_of(&self, id: &crate::base::SessionId) -> Vec<(u64, u16)> {
        let mut looks: Vec<_> = self.looks.iter().filter(|(_, l)| l.session.as_ref() == Some(id)).collect();
        looks.sort_by_key(|(pane, _)| **pane);
        looks.into_iter().flat_map(|(_, l)| l.points()).collect()
    }

    /// The server broke all lines of a session anew: every look goes on at the same text.
    pub(super) fn moved(&mut self, id: crate::base::SessionId, moved: u64, marks: Vec<(u64, u16)>, out: &mut Vec<Effect>) {
        let mut panes: Vec<_> = self.looks.iter().filter(|(_, l)| l.session.as_ref() == Some(&id)).map(|(p, _)| *p).collect();
        panes.sort_unstable();
        if self.marks_of(&id).len() == marks.len() {
            let mut marks = marks.into_iter();
            for pane in &panes {
                if let Some(look) = self.looks.get_mut(pane) {
                    look.set_points(&mut marks);
                }
            }
        } else {
            // Something was taken hold of while the lines were being broken anew: where that is now, nobody knows. To begin again
            // is better than another text.
            for pane in &panes {
                let cursor = self.mirror.pane(&id).map(|rows| (rows.screen_top + u64::from(rows.cursor.row), rows.cursor.col));
                if let (Some(look), Some(cursor)) = (self.looks.get_mut(pane), cursor) {
                    look.begin_again(cursor);
                }
            }
        }
        self.moved.insert(id, moved);
        for pane in panes {
            self.search_again(pane, out);
        }
    }

    pub(super) fn watch(&mut self, out: &mut Vec<Effect>) {
        if self.link != super::Link::Up || !self.mirror.loaded {
            return;
        }
        let figures = (self.size.cols >= super::areas::WIDE && self.size.rows >= 5) || self.has_layer(|l| matches!(l, Layer::Card(..)));
        let now = (self.in_sight(), figures);
        if self.watched.as_ref() != Some(&now) {
            out.push(Effect::Send(ClientMsg::Watch { panes: now.0.clone(), figures }));
            self.watched = Some(now);
        }
    }
}
