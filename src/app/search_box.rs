//! The line a search in a pane is typed in. Must not know who searches.

use super::input::Editor;
use super::look::Select;
use super::mirror::Spot;

/// The line a search is typed in.
#[derive(Debug, Clone)]
pub struct SearchBox {
    /// What is typed.
    pub editor: Editor,
    /// It goes up.
    pub up: bool,
    /// What is wrong with it.
    pub error: Option<String>,
    /// Where it began: cursor, window and what was selected.
    pub(super) from: (Option<Spot>, Option<u64>, Option<Select>),
    /// Looking back began with it.
    pub(super) own: bool,
    /// The wheel had the window here before.
    pub(super) was: Option<u64>,
}
