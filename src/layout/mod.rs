//! Layer 1: split trees to rectangles; pure geometry. Must not know sessions, focus or drawing.
//!
//! A [`Tree`] holds panes of any small copyable name. Its shape changes by editing ([`Tree::split`], [`Tree::close`],
//! [`Tree::swap`], [`Tree::resize`], [`Tree::preset`]) and becomes rectangles by [`Tree::rects`]. Sizes are weights, so that
//! the same tree fits any area.

mod arrange;
mod edit;
mod preset;
mod resize;
mod tree;

pub use arrange::{Divider, Rects};
pub use preset::Preset;
pub use tree::{BadTree, Tree};

use serde::{Deserialize, Serialize};

/// Fewest columns a pane is given while there is room for all.
pub const MIN_COLS: u16 = 10;
/// Fewest rows a pane is given while there is room for all: a title and one line.
pub const MIN_ROWS: u16 = 2;
/// Most panes a tree read from a file may hold.
pub const MAX_PANES: usize = 256;

/// How the parts of a split stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    /// Side by side, parted by vertical lines.
    Row,
    /// One below the other, parted by horizontal lines.
    Column,
}

/// A direction on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// To the left.
    Left,
    /// To the right.
    Right,
    /// Up.
    Up,
    /// Down.
    Down,
}

impl Direction {
    /// The axis it runs along.
    pub fn axis(self) -> Axis {
        match self {
            Direction::Left | Direction::Right => Axis::Row,
            Direction::Up | Direction::Down => Axis::Column,
        }
    }

    /// Towards growing columns or rows.
    pub fn forward(self) -> bool {
        matches!(self, Direction::Right | Direction::Down)
    }
}
