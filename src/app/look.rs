//! Looking back in a pane: where the window stands, the cursor, the selection and the matches of a search. Lines are counted by
//! their absolute number, so nothing moves when output goes on. Must not know where the pane is on the screen.

use super::mirror::PaneRows;
use crate::base::SessionId;
use crate::wire::op::SelectShape;

/// A place in a pane: absolute line and column.
pub type Spot = (u64, u16);

/// A selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Select {
    /// Where it began, the first cell of the word or line.
    pub anchor: (Spot, Spot),
    /// Where it ends now.
    pub head: (Spot, Spot),
    /// Its shape.
    pub shape: SelectShape,
}

impl Select {
    /// A selection of one cell.
    pub fn at(spot: Spot, shape: SelectShape) -> Select {
        Select { anchor: (spot, spot), head: (spot, spot), shape }
    }

    /// First and last cell, inclusive. For a block the corners.
    pub fn ends(&self) -> (Spot, Spot) {
        let from = self.anchor.0.min(self.head.0);
        let to = self.anchor.1.max(self.head.1);
        match self.shape {
            SelectShape::Char => (from, to),
            SelectShape::Line => ((from.0, 0), (to.0, u16::MAX)),
            SelectShape::Block => {
                let (a, b) = (self.anchor.0, self.head.0);
                ((a.0.min(b.0), a.1.min(b.1)), (a.0.max(b.0), a.1.max(b.1)))
            }
        }
    }

    /// Whether a cell is in it.
    pub fn contains(&self, line: u64, col: u16) -> bool {
        let (a, b) = self.ends();
        match self.shape {
            SelectShape::Block => (a.0..=b.0).contains(&line) && (a.1..=b.1).contains(&col),
            _ => (line, col) >= a && (line, col) <= b,
        }
    }
}

/// A match of a search: line, first and last column, inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match {
    /// Absolute line.
    pub line: u64,
    /// First column.
    pub from: u16,
    /// Column behind the last.
    pub to: u16,
}

/// Looking back in one pane.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Look {
    /// The session looked at.
    pub session: Option<SessionId>,
    /// First line of the window; the live screen when none.
    pub top: Option<u64>,
    /// Cursor of the keys.
    pub cursor: Option<Spot>,
    /// What is selected.
    pub select: Option<Select>,
    /// What was searched for.
    pub pattern: String,
    /// Its matches, by line.
    pub matches: Vec<Match>,
    /// The one the view stands at.
    pub current: Option<usize>,
}

impl Look {
    /// First line of the window of `height` rows, and how far it may go.
    pub fn window_top(&self, rows: &PaneRows, height: u16) -> u64 {
        let live = live_top(rows, height);
        self.top.map_or(live, |t| t.clamp(rows.history_start.min(live), live))
    }

    /// Moves the window by lines (negative is back). At the live screen it follows it again.
    pub fn scroll(&mut self, rows: &PaneRows, height: u16, by: i64) {
        let live = live_top(rows, height);
        let to = self.window_top(rows, height).saturating_add_signed(by).clamp(rows.history_start.min(live), live);
        self.top = (to < live).then_some(to);
    }

    /// Moves the window so that a line is in it, in the middle when it was not.
    pub fn reveal(&mut self, rows: &PaneRows, height: u16, line: u64) {
        let top = self.window_top(rows, height);
        if line < top || line >= top + u64::from(height) {
            let want = line.saturating_sub(u64::from(height / 2));
            self.scroll(rows, height, want as i64 - top as i64);
        }
    }

    /// Moves the cursor, the window with it, and the end of a selection.
    pub fn cursor_to(&mut self, rows: &PaneRows, height: u16, spot: Spot) {
        let line = spot.0.clamp(rows.history_start, rows.end().saturating_sub(1).max(rows.history_start));
        let spot = (line, spot.1.min(rows.cols.saturating_sub(1)));
        let top = self.window_top(rows, height);
        let low = top + u64::from(height.max(1)) - 1;
        if line < top {
            self.scroll(rows, height, -((top - line) as i64));
        } else if line > low {
            self.scroll(rows, height, (line - low) as i64);
        }
        self.cursor = Some(spot);
        if let Some(s) = &mut self.select {
            s.head = (spot, spot);
        }
    }

    /// Goes to the next match upwards (or downwards), from the cursor or the bottom of the window.
    pub fn step_match(&mut self, rows: &PaneRows, height: u16, up: bool) {
        if self.matches.is_empty() {
            return;
        }
        let n = self.matches.len();
        let to = match (self.current, up) {
            (Some(i), true) => (i + n - 1) % n,
            (Some(i), false) => (i + 1) % n,
            (None, _) => {
                let below = self.window_top(rows, height) + u64::from(height);
                self.matches.iter().rposition(|m| m.line < below).unwrap_or(n - 1)
            }
        };
        self.current = Some(to);
        if let Some(m) = self.matches.get(to).copied() {
            self.reveal(rows, height, m.line);
            self.cursor = Some((m.line, m.from));
            if let Some(s) = &mut self.select {
                s.head = ((m.line, m.from), (m.line, m.from));
            }
        }
    }

    /// Nothing of it is in use: the live screen, nothing selected.
    pub fn is_idle(&self) -> bool {
        self.top.is_none() && self.cursor.is_none() && self.select.is_none() && self.matches.is_empty()
    }
}

/// First line shown of the live screen in a window of `height` rows. A terminal that is taller than the window is shown around
/// its cursor.
pub fn live_top(rows: &PaneRows, height: u16) -> u64 {
    let over = rows.rows.saturating_sub(height);
    if over == 0 {
        return rows.screen_top;
    }
    let want = rows.cursor.row.saturating_sub(height.saturating_sub(1));
    rows.screen_top + u64::from(want.min(over))
}

/// First and last cell of the word at a spot.
pub fn word_at(rows: &PaneRows, spot: Spot) -> (Spot, Spot) {
    let mut kinds: Vec<u8> = Vec::new();
    if let Some(line) = rows.line(spot.0) {
        line.for_each_cell(|col, width, text, _| {
            let kind = match text.chars().next() {
                Some(c) if c.is_alphanumeric() || "_-./~:@%+#?&=".contains(c) => 2,
                Some(c) if c.is_whitespace() => 0,
                _ => 1,
            };
            kinds.resize(col + width as usize, kind);
        });
    }
    let at = usize::from(spot.1);
    let kind = kinds.get(at).copied().unwrap_or(0);
    let same = |i: usize| kinds.get(i).copied().unwrap_or(0) == kind;
    if kind == 0 || kind == 1 {
        return (spot, spot);
    }
    let mut from = at;
    while from > 0 && same(from - 1) {
        from -= 1;
    }
    let mut to = at;
    while to + 1 < kinds.len() && same(to + 1) {
        to += 1;
    }
    ((spot.0, from as u16), (spot.0, to as u16))
}
