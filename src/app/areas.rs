//! Where the big parts of the screen are. The app must know it (panes have sizes, focus moves by geometry); `ui` draws into it.
//! Must not know what is drawn.

use super::hit::PaneId;
use super::modes::Layer;
use super::{App, asked};
use crate::base::Rect;
use crate::layout::Rects;

/// Columns from which the tree stands beside the panes.
pub const WIDE: u16 = 120;
/// Rows under which one pane has no title line of its own: the top line has it.
pub const LOW: u16 = 20;
/// Rows from which a line for follow-ups and errors is always there.
pub const TALL: u16 = 28;

/// The big parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Areas {
    /// Everything.
    pub screen: Rect,
    /// The line at the top.
    pub top: Rect,
    /// The docked tree, without its line. Empty when it is not there.
    pub tree: Rect,
    /// The line beside it.
    pub tree_line: Rect,
    /// The panes, lines between them included.
    pub panes: Rect,
    /// Each pane, its title included.
    pub rects: Rects<PaneId>,
    /// Each pane has a title line of its own.
    pub titles: bool,
    /// Panes whose last row is the time bar of a recording.
    pub bars: Vec<PaneId>,
    /// The follow-up box when it is open or always there. Empty when not.
    pub info: Rect,
    /// The status line.
    pub status: Rect,
    /// The panel over the panes, when one is open.
    pub panel: Option<Rect>,
}

/// Rows of the tree's heading: with a blank line below it where there is room.
pub fn tree_head(rect: Rect) -> u16 {
    if rect.h >= 24 { 2 } else { 1 }
}

impl Areas {
    /// The cells of a pane that belong to its terminal.
    pub fn content(&self, pane: PaneId) -> Option<Rect> {
        let rect = self.rects.of(pane)?;
        let rect = if self.titles { rect.take_top(1).1 } else { rect };
        Some(if self.bar(pane).is_some() { rect.take_bottom(1).1 } else { rect })
    }

    /// The time bar of a pane that shows a recording.
    pub fn bar(&self, pane: PaneId) -> Option<Rect> {
        let rect = self.rects.of(pane)?;
        let rect = if self.titles { rect.take_top(1).1 } else { rect };
        (self.bars.contains(&pane) && rect.h >= 2).then(|| rect.take_bottom(1).0)
    }
}

impl App {
    /// Where the big parts are now.
    pub fn areas(&self) -> Areas {
        let screen = Rect::new(0, 0, self.size.cols, self.size.rows);
        // A screen too low for both keeps the pane, then the status line.
        let (status, rest) = if screen.h >= 2 { screen.take_bottom(1) } else { (Rect { h: 0, ..screen }, screen) };
        let (top, rest) = if screen.h >= 5 { rest.take_top(1) } else { (Rect { h: 0, ..rest }, rest) };
        let roomy = screen.h >= TALL;
        let typing = self.has_layer(|l| matches!(l, Layer::FollowUp));
        let tall = if typing { self.follow_up.height((rest.h / 3).max(1)) } else { 1 };
        // Always there in a roomy window, so that opening it moves nothing; else it covers the last rows of the panes.
        let (fixed, body) = rest.take_bottom(u16::from(roomy));
        let info = match (typing, roomy) {
            (true, _) => rest.take_bottom(tall).0,
            (false, true) => fixed,
            (false, false) => Rect { h: 0, ..fixed },
        };
        let (tree, line, panes) = if self.tree_is_docked() {
            let (tree, rest) = body.take_left(self.config.options.tree_width.clamp(20, screen.w / 3));
            let (line, panes) = rest.take_left(1);
            (tree, line, panes)
        } else {
            let none = Rect { w: 0, ..body };
            (none, none, body)
        };
        let rects = self.tabs.rects(panes);
        let shown = rects.panes.iter().filter(|(_, r)| !r.is_empty()).count();
        let titles = shown > 1 || screen.h >= LOW;
        let panel = self.panel_rect(screen, panes, body);
        let bars = self.replays.keys().copied().collect();
        Areas { screen, top, tree, tree_line: line, panes, rects, titles, bars, info, status, panel }
    }

    fn panel_rect(&self, screen: Rect, panes: Rect, body: Rect) -> Option<Rect> {
        let layer = self.layers.iter().rev().find(|l| l.is_panel() || (matches!(l, Layer::Tree) && !self.tree_is_docked()))?;
        let low = screen.h < LOW;
        Some(match layer {
            Layer::Tree if screen.w < 60 => body,
            Layer::Tree => body.take_left(self.config.options.tree_width.max(44).min(body.w)).0,
            Layer::Card(..) | Layer::Explain(..) if panes.w < 100 => panes,
            Layer::Card(..) | Layer::Explain(..) => panes.take_right(68).0,
            _ if low => body,
            // Two heights alone, so that it does not grow line by line.
            layer if self.rows_wanted(layer) <= 8 => panes.take_bottom(9).0,
            _ => panes.take_bottom((panes.h * 3 / 5).max(9)).0,
        })
    }

    fn rows_wanted(&self, layer: &Layer) -> usize {
        match layer {
            Layer::Inbox(_) => {
                2 * self.mirror.waiting().len() + 2 + self.mirror.waiting().iter().map(|s| asked::rows_of_changes(s)).max().unwrap_or_default()
            }
            Layer::Errors { .. } => self.mirror.errors().len() + 5,
            _ => usize::MAX,
        }
    }

    /// The tree stands beside the panes now.
    pub fn tree_is_docked(&self) -> bool {
        self.tree_open && self.tree_docked && self.size.cols >= WIDE && self.size.rows >= 12
    }

    /// The tree could stand beside the panes.
    pub(super) fn tree_can_dock(&self) -> bool {
        self.tree_docked && self.size.cols >= WIDE && self.size.rows >= 12
    }

    /// Rows the tree has for its rows (its heading left out).
    pub(super) fn tree_height(&self) -> usize {
        let areas = self.areas();
        let rect = if self.tree_is_docked() { areas.tree } else { areas.panel.unwrap_or_default() };
        usize::from(rect.h.saturating_sub(tree_head(rect)))
    }
}
