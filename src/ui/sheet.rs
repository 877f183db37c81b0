//! The list of things to draw, back to front, and what a click on them means. Must not know colours or glyphs: both come with
//! the theme when the list is painted.

use crate::app::{App, Areas, Hit, PaneId};
use crate::base::{Rect, text};
use crate::config::Role;
use crate::wire::State;
use ratatui::layout::Rect as Area;

/// Something to paint.
#[derive(Debug, Clone, PartialEq)]
pub enum Ink {
    /// Text; already safe and cut.
    Text(String),
    /// The mark of a state.
    Mark(State),
    /// A progress bar of so many cells.
    Bar(f64, u16),
    /// Levels from 0 to 8, a cell each.
    Spark(Vec<u8>),
    /// A level line of so many cells.
    Level(u16),
    /// An upright line of so many cells.
    Upright(u16),
    /// The same over text: where there is some, it stays, and has the colour.
    Thumb(u16),
    /// Before a child in a tree; the last one or not.
    Branch(bool),
    /// Corners and sides of a box.
    Frame(u16, u16),
    /// Where lines meet: arms up, down, left and right.
    Joint([bool; 4]),
}

/// A thing to draw.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// Blank cells in this look.
    Fill(Rect, Role),
    /// This look over what is there.
    Tint(Rect, Role),
    /// Something at a place.
    Ink(u16, u16, Ink, Role),
    /// The rows of a pane.
    Pane(PaneId, Rect),
}

/// Everything on the screen.
#[derive(Debug, Clone)]
pub struct Regions {
    /// The big parts.
    pub areas: Areas,
    /// What to draw, back to front.
    pub(super) items: Vec<Item>,
    /// What a click means, back to front.
    pub(super) hits: Vec<(Rect, Hit)>,
    /// Where the real cursor stands.
    pub cursor: Option<(u16, u16)>,
    /// The screen there is room for.
    pub area: Rect,
    panes: Vec<(PaneId, Rect, u64, u16)>,
}

impl Regions {
    /// What lies at a cell.
    pub fn hit(&self, x: u16, y: u16) -> Hit {
        let hit = self.hits.iter().rev().find(|(r, _)| r.contains(x, y)).map(|(_, h)| h.clone()).unwrap_or_default();
        match hit {
            Hit::Pane { pane, .. } => match self.panes.iter().find(|p| p.0 == pane && p.1.contains(x, y)) {
                Some((_, rect, top, left)) => {
                    let row = y - rect.y;
                    Hit::Pane { pane, col: x - rect.x + left, row, line: top + u64::from(row) }
                }
                None => Hit::None,
            },
            hit => hit,
        }
    }

    /// Where the rows of panes stand.
    pub fn panes(&self) -> impl Iterator<Item = Rect> {
        self.panes.iter().map(|p| p.1)
    }

    /// The same with the pane, its first line and its first column.
    pub(super) fn rows(&self) -> impl Iterator<Item = (PaneId, Rect, u64, u16)> {
        self.panes.iter().copied()
    }

    /// Whether a toast lies over some of these cells.
    pub(super) fn toasted(&self, area: Area) -> bool {
        let over = |r: &Rect| Area::new(r.x, r.y, r.w, r.h).intersects(area);
        self.hits.iter().any(|(r, hit)| matches!(hit, Hit::Toast(_)) && over(r))
    }

    /// All cells with this meaning, for tests and pointers.
    pub fn find(&self, f: impl Fn(&Hit) -> bool) -> Option<(u16, u16)> {
        self.hits.iter().rev().find(|(r, h)| !r.is_empty() && f(h)).map(|(r, _)| (r.x, r.y))
    }
}

/// The list in the making.
pub struct Sheet {
    items: Vec<Item>,
    hits: Vec<(Rect, Hit)>,
    panes: Vec<(PaneId, Rect, u64, u16)>,
    /// Where the real cursor stands.
    pub cursor: Option<(u16, u16)>,
    /// No boxes, no lines.
    pub plain: bool,
}

impl Sheet {
    pub(super) fn new(app: &App) -> Sheet {
        Sheet { items: Vec::new(), hits: Vec::new(), panes: Vec::new(), cursor: None, plain: app.config.options.screen_reader }
    }

    pub(super) fn finish(self, areas: Areas, area: Rect) -> Regions {
        Regions { areas, items: self.items, hits: self.hits, cursor: self.cursor, area, panes: self.panes }
    }

    pub(super) fn fill(&mut self, rect: Rect, role: Role) {
        self.items.push(Item::Fill(rect, role));
    }

    pub(super) fn tint(&mut self, rect: Rect, role: Role) {
        self.items.push(Item::Tint(rect, role));
    }

    pub(super) fn ink(&mut self, x: u16, y: u16, ink: Ink, role: Role) {
        self.items.push(Item::Ink(x, y, ink, role));
    }

    pub(super) fn hit(&mut self, rect: Rect, hit: Hit) {
        self.hits.push((rect, hit));
    }

    pub(super) fn pane(&mut self, pane: PaneId, rect: Rect, top: u64, left: u16) {
        self.items.push(Item::Pane(pane, rect));
        self.panes.push((pane, rect, top, left));
        self.hit(rect, Hit::Pane { pane, col: 0, row: 0, line: 0 });
    }

    /// Room for a panel over the panes: clicks on it mean nothing, clicks beside it leave it.
    pub(super) fn cover(&mut self, rect: Rect, around: Rect) {
        self.hit(around, Hit::Outside);
        self.hit(rect, Hit::Panel);
        self.fill(rect, Role::Dialog);
    }

    /// A line of text being laid from the left and from the right.
    pub(super) fn row(&mut self, x: u16, y: u16, w: u16) -> Row<'_> {
        Row { sheet: self, x, y, right: x.saturating_add(w), gap: 0 }
    }
}

/// A line that fills from both sides and never leaves its room.
pub struct Row<'s> {
    sheet: &'s mut Sheet,
    x: u16,
    y: u16,
    right: u16,
    /// Columns that text leaves free before what stands at the right end.
    gap: u16,
}

impl Row<'_> {
    /// Columns still free.
    pub fn room(&self) -> u16 {
        self.right.saturating_sub(self.x)
    }

    /// Where the next piece goes.
    pub fn x(&self) -> u16 {
        self.x
    }

    /// The line on the screen.
    pub fn y(&self) -> u16 {
        self.y
    }

    /// Leaves columns free.
    pub fn gap(&mut self, n: u16) -> &mut Self {
        self.x = self.x.saturating_add(n).min(self.right);
        self
    }

    /// Goes on at a column, when that is further right.
    pub fn to(&mut self, x: u16) -> &mut Self {
        self.x = self.x.max(x).min(self.right);
        self
    }

    /// Text, cut at the end.
    pub fn text(&mut self, t: &str, role: Role) -> &mut Self {
        let cut = text::cut_end(t, usize::from(self.room().saturating_sub(self.gap)));
        let w = text::width(&cut) as u16;
        if w > 0 {
            self.sheet.ink(self.x, self.y, Ink::Text(cut), role);
            self.x += w;
        }
        self
    }

    /// Text from an agent, a repository or a file name: made safe, cut at the end.
    pub fn safe(&mut self, t: &str, role: Role) -> &mut Self {
        let line = text::safe_line(t, usize::from(self.room()));
        self.text(&line, role)
    }

    /// The same in at most so many columns.
    pub fn safe_in(&mut self, t: &str, cols: u16, role: Role) -> &mut Self {
        let line = text::safe_line(t, usize::from(cols.min(self.room())));
        self.text(&line, role)
    }

    /// Text that can be clicked.
    pub fn link(&mut self, t: &str, role: Role, hit: Hit) -> &mut Self {
        let from = self.x;
        self.text(t, role);
        let rect = Rect::new(from, self.y, self.x - from, 1);
        self.sheet.hit(rect, hit);
        self
    }

    /// A mark, a bar, a branch.
    pub fn ink(&mut self, ink: Ink, role: Role) -> &mut Self {
        let w = match &ink {
            Ink::Text(t) => text::width(t) as u16,
            Ink::Mark(_) => 1,
            Ink::Bar(_, w) | Ink::Level(w) => *w,
            Ink::Spark(levels) => levels.len() as u16,
            Ink::Upright(_) | Ink::Thumb(_) | Ink::Joint(_) => 1,
            Ink::Branch(_) => 2,
            Ink::Frame(w, _) => *w,
        };
        if w <= self.room() {
            self.sheet.ink(self.x, self.y, ink, role);
            self.x += w;
        }
        self
    }

    /// Pieces at the right end, in reading order; left out as a whole when there is no room for them and `keep` columns.
    pub fn right(&mut self, pieces: &[(String, Role)], keep: u16) -> &mut Self {
        let w: u16 = pieces.iter().map(|p| text::width(&p.0) as u16).sum();
        if w == 0 || self.room() < w.saturating_add(keep) {
            return self;
        }
        let mut x = self.right - w;
        self.right = x;
        self.gap = u16::from(pieces.first().is_some_and(|p| !p.0.starts_with(' ')));
        for (t, role) in pieces {
            self.sheet.ink(x, self.y, Ink::Text(t.clone()), *role);
            x += text::width(t) as u16;
        }
        self
    }

    /// Takes columns from the right end for something laid by hand; its left column, when there is room.
    pub fn take_right(&mut self, w: u16, keep: u16) -> Option<u16> {
        if w == 0 || self.room() < w.saturating_add(keep) {
            return None;
        }
        self.right -= w;
        Some(self.right)
    }

    /// The list it is laid in.
    pub fn sheet(&mut self) -> &mut Sheet {
        self.sheet
    }
}
