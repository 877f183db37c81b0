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
            let Some(rect) = areas.content(*pane).filter(|r| !r.is_empty()) else { continue };
            let top = self.looks.get(pane).and_then(|l| l.top);
            let new = PaneWatch {
                session: session.clone(),
                cols: rect.w,
                rows: rect.h,
                top,
                focused: *pane == focus,
                margin: 0,
                marks: Vec::new(),
                moved: 0,
            };
            let size = |w: &PaneWatch| (w.focused, u32::from(w.cols) * u32::from(w.rows));
            match all.iter_mut().find(|w| w.session == new.session) {
                Some(old) if size(&new) > size(old) => *old = new,
                Some(_) => {}
                None => all.push(new),
            }
        }
        all
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
