//! Selecting with the mouse: by characters, words, lines and blocks, on beyond the edge of a pane, and more of it with Shift.
//! Must not know what else the mouse does.

use super::App;
use super::drag::{Edge, Held};
use super::hit::{Hit, PaneId};
use super::io::Effect;
use super::look::{Select, word_at};
use super::mirror::Spot;
use super::requests::Take;
use crate::base::{Mods, MouseEvent};
use crate::wire::op::SelectShape;

/// Milliseconds between two lines while the pointer is held beyond the edge.
const EDGE_MS: u64 = 40;

impl App {
    pub(super) fn begin_select(&mut self, pane: PaneId, spot: Spot, clicks: u8, mods: Mods) {
        self.drag.edge = None;
        let looking = self.looks.get(&pane).is_some_and(|l| l.keys);
        if mods.contains(Mods::SHIFT) && self.extend_select(pane, spot) {
            return;
        }
        if let Some(look) = self.looks.get_mut(&pane) {
            look.select = None;
            if look.is_idle() {
                self.looks.remove(&pane);
            }
        }
        self.drag.held = Held::Select(pane, false);
        let Some(id) = self.begin_look(pane) else { return };
        let height = self.pane_height(pane);
        let (Some(look), Some(rows)) = (self.looks.get_mut(&pane), self.mirror.pane(&id)) else { return };
        let spot = look.on_cell(rows, spot);
        if looking {
            look.cursor_to(rows, height, spot);
        } else {
            // What is under the pointer stays there while the button is held.
            look.freeze(rows);
        }
        if clicks < 2 {
            // Shown and copied only when it is dragged.
            let shape = if mods.contains(Mods::ALT) { SelectShape::Block } else { SelectShape::Char };
            look.select = Some(Select::at(spot, shape));
            return;
        }
        let (at, shape) = if clicks == 2 { (word_at(look, rows, spot), SelectShape::Char) } else { ((spot, spot), SelectShape::Line) };
        look.select = Some(Select { anchor: at, head: at, shape, before: false });
        self.drag.held = Held::Select(pane, true);
    }

    /// Shift and a click: what is selected goes up to here. False when nothing is.
    fn extend_select(&mut self, pane: PaneId, spot: Spot) -> bool {
        let Some(select) = self.looks.get_mut(&pane).and_then(|l| l.select.as_mut()) else { return false };
        let (from, to) = select.ends();
        if select.shape == SelectShape::Char {
            // It grows on the side that is clicked.
            let anchor = if spot < from { to } else { from };
            select.anchor = (anchor, anchor);
        }
        select.head = (spot, spot);
        select.before = false;
        self.drag.held = Held::Select(pane, true);
        true
    }

    /// The pointer moved with the button held.
    pub(super) fn drag_select(&mut self, pane: PaneId, event: MouseEvent, hit: &Hit) {
        let Some(rect) = self.areas().content(pane) else { return };
        let spot = match *hit {
            Hit::Pane { pane: over, col, line, .. } if over == pane => (line, col),
            _ => match self.nearest(pane, event) {
                Some(spot) => spot,
                None => return,
            },
        };
        // Terminals may tell of a drag that leaves no cell.
        let stays = self.looks.get(&pane).and_then(|l| l.select).is_some_and(|s| s.anchor == (spot, spot));
        if stays && self.drag.held == Held::Select(pane, false) {
            return;
        }
        if event.mods.contains(Mods::ALT)
            && let Some(s) = self.looks.get_mut(&pane).and_then(|l| l.select.as_mut())
        {
            s.shape = SelectShape::Block;
        }
        self.select_to(pane, spot);
        self.drag.held = Held::Select(pane, true);
        // Farther out goes faster.
        let above = i64::from(rect.y) - i64::from(event.row);
        let below = i64::from(event.row) + 1 - i64::from(rect.bottom());
        let by = match (above, below) {
            (a, _) if a > 0 => -a,
            (_, b) if b > 0 => b,
            // Where nothing is beyond the edge, the edge itself.
            _ if event.row == 0 => -1,
            _ if event.row + 1 >= self.size.rows => 1,
            _ => 0,
        };
        self.drag.edge = (by != 0).then(|| Edge { by: by.clamp(-8, 8), col: spot.1, due: self.now.mono_ms });
        self.drag_on();
    }

    /// The cell of a pane that is nearest to the pointer.
    fn nearest(&mut self, pane: PaneId, event: MouseEvent) -> Option<Spot> {
        let rect = self.areas().content(pane)?;
        let (id, height) = (self.begin_look(pane)?, rect.h.max(1));
        let (look, rows) = (self.looks.get(&pane)?, self.mirror.pane(&id)?);
        let row = event.row.clamp(rect.y, rect.bottom().max(rect.y + 1) - 1) - rect.y;
        let col = event.col.clamp(rect.x, rect.right().max(rect.x + 1) - 1) - rect.x;
        Some((look.window_top(rows, height) + u64::from(row), col))
    }

    /// The wheel was turned with the button held: what is under the pointer now is the end.
    pub(super) fn wheel_select(&mut self, pane: PaneId, event: MouseEvent) {
        if matches!(self.drag.held, Held::Select(held, _) if held == pane)
            && let Some(spot) = self.nearest(pane, event)
        {
            self.select_to(pane, spot);
            self.drag.held = Held::Select(pane, true);
        }
    }

    fn select_to(&mut self, pane: PaneId, spot: Spot) {
        let by_word = self.drag.clicks == 2;
        let Some(id) = self.begin_look(pane) else { return };
        let (Some(look), Some(rows)) = (self.looks.get_mut(&pane), self.mirror.pane(&id)) else { return };
        let spot = look.on_cell(rows, spot);
        let head = match look.select.map(|s| s.shape) {
            Some(SelectShape::Char) if by_word => word_at(look, rows, spot),
            _ => (spot, spot),
        };
        if look.keys {
            look.cursor = Some(spot);
        }
        if let Some(s) = &mut look.select {
            s.head = head;
        }
    }

    /// When the view goes on under a pointer that is held beyond the edge.
    pub(super) fn next_edge(&self) -> Option<u64> {
        self.drag.edge.map(|e| e.due)
    }

    /// The view goes on, when it is time.
    pub(super) fn drag_on(&mut self) {
        let (Some(edge), Held::Select(pane, true)) = (self.drag.edge, self.drag.held.clone()) else { return };
        if edge.due > self.now.mono_ms {
            return;
        }
        let height = self.pane_height(pane);
        let Some(id) = self.begin_look(pane) else { return };
        let mut line = None;
        if let (Some(look), Some(rows)) = (self.looks.get_mut(&pane), self.mirror.pane(&id)) {
            let before = look.window_top(rows, height);
            look.scroll(rows, height, edge.by);
            let top = look.window_top(rows, height);
            if top != before {
                line = Some(if edge.by < 0 { top } else { top + u64::from(height) - 1 });
            }
        }
        match line {
            Some(line) => {
                self.select_to(pane, (line, edge.col));
                self.drag.edge = Some(Edge { due: self.now.mono_ms + EDGE_MS, ..edge });
            }
            // There is no more.
            None => self.drag.edge = None,
        }
    }

    /// The button was let go: what is selected is copied.
    pub(super) fn end_select(&mut self, pane: PaneId, moved: bool, out: &mut Vec<Effect>) {
        self.drag.edge = None;
        let Some(look) = self.looks.get_mut(&pane) else { return };
        let id = look.session.clone();
        if !moved {
            look.select = None;
        } else if let Some(id) = id {
            self.take_selection(pane, id, Take::Copy, out);
        }
        if let Some(look) = self.looks.get_mut(&pane) {
            if !look.keys {
                look.thaw();
            }
            if look.is_idle() {
                self.looks.remove(&pane);
            }
        }
    }
}
