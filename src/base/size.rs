//! Sizes and rectangles in terminal cells. Must not know what is drawn in them.

use serde::{Deserialize, Serialize};

/// Size of a terminal, in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Size {
    /// Columns.
    pub cols: u16,
    /// Rows.
    pub rows: u16,
}

impl Size {
    /// The size of a terminal nobody has looked at yet.
    pub const DEFAULT: Size = Size { cols: 80, rows: 24 };

    /// A size as given.
    pub const fn new(cols: u16, rows: u16) -> Size {
        Size { cols, rows }
    }

    /// The nearest size an engine may have: 2 to 1000 columns, 1 to 500 rows.
    pub fn clamped(self) -> Size {
        Size { cols: self.cols.clamp(2, 1000), rows: self.rows.clamp(1, 500) }
    }
}

/// A rectangle of cells; the right and bottom edges are outside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Rect {
    /// Left column.
    pub x: u16,
    /// Top row.
    pub y: u16,
    /// Width in columns.
    pub w: u16,
    /// Height in rows.
    pub h: u16,
}

impl Rect {
    /// A rectangle as given.
    pub const fn new(x: u16, y: u16, w: u16, h: u16) -> Rect {
        Rect { x, y, w, h }
    }

    /// First column to the right of it.
    pub const fn right(self) -> u16 {
        self.x.saturating_add(self.w)
    }

    /// First row below it.
    pub const fn bottom(self) -> u16 {
        self.y.saturating_add(self.h)
    }

    /// Whether it holds no cell.
    pub const fn is_empty(self) -> bool {
        self.w == 0 || self.h == 0
    }

    /// Whether the cell at `(x, y)` lies inside.
    pub const fn contains(self, x: u16, y: u16) -> bool {
        x >= self.x && x < self.right() && y >= self.y && y < self.bottom()
    }

    /// Its size.
    pub const fn size(self) -> Size {
        Size { cols: self.w, rows: self.h }
    }

    /// Splits off at most `n` rows at the top: (top, rest).
    pub fn take_top(self, n: u16) -> (Rect, Rect) {
        let n = n.min(self.h);
        (Rect { h: n, ..self }, Rect { y: self.y + n, h: self.h - n, ..self })
    }

    /// Splits off at most `n` rows at the bottom: (bottom, rest).
    pub fn take_bottom(self, n: u16) -> (Rect, Rect) {
        let n = n.min(self.h);
        (Rect { y: self.y + self.h - n, h: n, ..self }, Rect { h: self.h - n, ..self })
    }

    /// Splits off at most `n` columns at the left: (left, rest).
    pub fn take_left(self, n: u16) -> (Rect, Rect) {
        let n = n.min(self.w);
        (Rect { w: n, ..self }, Rect { x: self.x + n, w: self.w - n, ..self })
    }

    /// Splits off at most `n` columns at the right: (right, rest).
    pub fn take_right(self, n: u16) -> (Rect, Rect) {
        let n = n.min(self.w);
        (Rect { x: self.x + self.w - n, w: n, ..self }, Rect { w: self.w - n, ..self })
    }

    /// Smaller by `n` cells on each side.
    pub fn inset(self, n: u16) -> Rect {
        let (w, h) = (self.w.saturating_sub(2 * n), self.h.saturating_sub(2 * n));
        Rect { x: self.x + n.min(self.w), y: self.y + n.min(self.h), w, h }
    }

    /// A rectangle of at most `w` x `h` in its middle.
    pub fn centered(self, w: u16, h: u16) -> Rect {
        let (w, h) = (w.min(self.w), h.min(self.h));
        Rect { x: self.x + (self.w - w) / 2, y: self.y + (self.h - h) / 2, w, h }
    }
}
