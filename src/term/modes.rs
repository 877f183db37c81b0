//! Modes and the cursor as readers see them. Must not know the sequences that set them.

use serde::{Deserialize, Serialize};

/// Which mouse events the program asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum MouseProtocol {
    /// None.
    #[default]
    Off,
    /// Presses only (9).
    X10,
    /// Presses and releases (1000).
    Normal,
    /// And motion while a button is held (1002).
    ButtonMotion,
    /// And all motion (1003).
    AnyMotion,
}

/// How mouse events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum MouseEncoding {
    /// One byte each.
    #[default]
    Default,
    /// UTF-8 (1005).
    Utf8,
    /// SGR (1006).
    Sgr,
    /// urxvt (1015).
    Urxvt,
    /// SGR with pixels (1016).
    SgrPixels,
}

/// Synchronised output (mode 2026) in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SyncOutput {
    /// `Now::mono_ms` of the feed that turned it on.
    pub since_ms: u64,
}

/// Modes that input encoders and frame holders need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Modes {
    /// Cursor keys send SS3 (DECCKM).
    pub app_cursor: bool,
    /// The keypad sends application codes (DECKPAM).
    pub app_keypad: bool,
    /// Pastes are bracketed (2004).
    pub bracketed_paste: bool,
    /// Focus changes are reported (1004).
    pub focus: bool,
    /// Mouse events asked for.
    pub mouse: MouseProtocol,
    /// How they are written.
    pub mouse_encoding: MouseEncoding,
    /// The alternate screen is shown.
    pub alt_screen: bool,
    /// The wheel sends arrow keys on the alternate screen (1007); on by default.
    pub alternate_scroll: bool,
    /// Kitty keyboard flags in force on this screen (0 = legacy).
    pub kitty_flags: u8,
    /// Level of xterm's modifyOtherKeys (0 to 2).
    pub modify_other_keys: u8,
    /// Synchronised output, when active: hold frames back (not longer than 150 ms).
    pub sync: Option<SyncOutput>,
    /// Enter sends CR LF (LNM).
    pub newline: bool,
    /// Backspace sends BS instead of DEL (DECBKM).
    pub backarrow_bs: bool,
    /// The whole screen is shown in reverse (DECSCNM).
    pub reverse_screen: bool,
    /// Grapheme clusters take one cell (2027).
    pub grapheme_clusters: bool,
    /// The program wants to know when the colour scheme changes (2031).
    pub color_scheme_updates: bool,
    /// The program wants size changes in band (2048).
    pub in_band_resize: bool,
}

/// Shape of the cursor (DECSCUSR).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum CursorShape {
    /// What the user chose.
    #[default]
    Default,
    /// A block.
    Block,
    /// A line below.
    Underline,
    /// A line to the left.
    Bar,
}

/// The cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Cursor {
    /// Row of the screen, from 0.
    pub row: u16,
    /// Column, from 0, always inside the screen.
    pub col: u16,
    /// Whether it is shown (25).
    pub visible: bool,
    /// Its shape.
    pub shape: CursorShape,
    /// Whether it blinks.
    pub blink: bool,
}
