//! Rows of a pane on their way to a client, in postcard. Must not know engines or screens.

use crate::base::{Line, SessionId};
use serde::{Deserialize, Serialize};

/// Shape of a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum CursorShape {
    /// A block.
    #[default]
    Block,
    /// A line under the cell.
    Underline,
    /// A line left of the cell.
    Bar,
}

/// Where the cursor of a pane stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PaneCursor {
    /// Row of the screen, from 0.
    pub row: u16,
    /// Column, from 0.
    pub col: u16,
    /// It is to be shown.
    pub visible: bool,
    /// Its shape.
    pub shape: CursorShape,
    /// It blinks.
    pub blink: bool,
}

/// What a client must know of a pane's modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PaneModes {
    /// The program wants mouse events.
    pub mouse: bool,
    /// It wants motion without a button.
    pub mouse_motion: bool,
    /// It is on the alternate screen.
    pub alternate: bool,
    /// It takes bracketed pastes.
    pub bracketed_paste: bool,
    /// Colours are reversed as a whole (DECSCNM).
    pub reverse: bool,
    /// It is told of releases and repeats of keys (kitty's keyboard protocol).
    pub key_releases: bool,
}

/// The rows of one pane that a client does not have yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaneFrame {
    /// Number of this frame on this connection; to be acknowledged.
    pub seq: u64,
    /// Whose rows.
    pub session: SessionId,
    /// Columns of its terminal.
    pub cols: u16,
    /// Rows of its terminal.
    pub rows: u16,
    /// Forget all rows held of this session before applying.
    pub full: bool,
    /// Absolute number of the first row of the window sent: the screen's top, or the line looked back to.
    pub top: u64,
    /// Rows of the window.
    pub height: u16,
    /// Absolute number of the screen's first row.
    pub screen_top: u64,
    /// Absolute number of the oldest line kept.
    pub history_start: u64,
    /// Rows by absolute number.
    pub lines: Vec<(u64, Line)>,
    /// The cursor.
    pub cursor: PaneCursor,
    /// The modes.
    pub modes: PaneModes,
    /// This client does not size the terminal; another one does.
    pub foreign_size: bool,
}

impl PaneFrame {
    /// The frame as bytes.
    ///
    /// # Errors
    /// When postcard cannot write it.
    pub fn encode(&self) -> Result<Vec<u8>, postcard::Error> {
        postcard::to_stdvec(self)
    }

    /// A frame from bytes.
    ///
    /// # Errors
    /// When the bytes are not a frame of this version.
    pub fn decode(bytes: &[u8]) -> Result<PaneFrame, postcard::Error> {
        postcard::from_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn frames_round_trip() {
        let frame = PaneFrame {
            seq: 1,
            session: SessionId::random(),
            cols: 80,
            rows: 24,
            full: true,
            top: 100,
            height: 24,
            screen_top: 100,
            history_start: 3,
            lines: vec![(100, Line::plain("hello"))],
            cursor: PaneCursor::default(),
            modes: PaneModes::default(),
            foreign_size: false,
        };
        assert_eq!(PaneFrame::decode(&frame.encode().unwrap()).unwrap(), frame);
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = PaneFrame::decode(&bytes);
        }
    }
}
