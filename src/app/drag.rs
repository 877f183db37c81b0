//! A button of the mouse that is held down: what it does, how many clicks came before, and a view that goes on under it. Must not
//! know what a click means.

use super::hit::PaneId;
use crate::layout::Divider;

/// What the button that is held down does.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Held {
    /// Nothing of ours.
    #[default]
    None,
    /// Moves a line between panes.
    Divider(Divider, u16, u16),
    /// Moves the edge of the tree.
    TreeEdge,
    /// Selects in a pane; true when it has moved.
    Select(PaneId, bool),
    /// Is the program's in this pane.
    Program(PaneId),
    /// Scrubs the recording of a pane.
    Time(PaneId),
}

/// A view that goes on because the pointer is held beyond its edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    /// Lines at each step; negative is back.
    pub by: i64,
    /// Column the selection goes to.
    pub col: u16,
    /// When the next step is due.
    pub due: u64,
}

/// The button held down and the clicks before.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Drag {
    pub held: Held,
    pub last: Option<(u64, u16, u16)>,
    pub clicks: u8,
    pub edge: Option<Edge>,
}
