//! What the pointer can be on. `ui` finds it, `client` passes it on, [`super::App`] acts on it. Must not know coordinates of
//! the screen.

use crate::base::SessionId;
use crate::command::Cmd;
use crate::layout::Divider;
use serde::{Deserialize, Serialize};

/// Name of a pane, unique in this client and its saved view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PaneId(pub u32);

/// What lies under the pointer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Hit {
    /// Nothing that can be acted on.
    #[default]
    None,
    /// The terminal in a pane.
    Pane {
        /// Which pane.
        pane: PaneId,
        /// Column of the session's terminal.
        col: u16,
        /// Row of the window shown (0 is its top).
        row: u16,
        /// Absolute number of the line there.
        line: u64,
    },
    /// The title line of a pane, or the inside of an empty one.
    Title(PaneId),
    /// The time bar of the recording in a pane.
    Time {
        /// Which pane.
        pane: PaneId,
        /// Milliseconds from the beginning there.
        at: u64,
    },
    /// The line between two parts of a split.
    Divider(Divider),
    /// A row of the session tree.
    TreeRow {
        /// Its place in the list of rows shown.
        index: usize,
        /// On its state mark, which folds and unfolds.
        mark: bool,
    },
    /// The session tree, but no row of it.
    Tree,
    /// The line beside a docked tree.
    TreeEdge,
    /// A tab, counted from 0.
    Tab(usize),
    /// A key shown somewhere, with the command it stands for.
    Key(Cmd),
    /// A session named somewhere, to be shown.
    Session(SessionId),
    /// A toast, by its number.
    Toast(u64),
    /// A row of the panel or dialog on top, counted from 0.
    Item(usize),
    /// A field of the dialog on top.
    Field(usize),
    /// A choice of a field of the dialog on top.
    Choice {
        /// The field.
        field: usize,
        /// The choice.
        choice: usize,
    },
    /// A button of the dialog on top.
    Button(usize),
    /// The panel or dialog on top, but nothing of it that acts.
    Panel,
    /// Beside the panel or dialog on top.
    Outside,
    /// A label on something in a pane, counted from 0.
    Label(usize),
    /// The follow-up box.
    FollowUp,
}
