//! What a program tells its terminal besides text. Must not know what the product makes of it.
//!
//! All text in here comes from the program: it is cut to its limit and free of control characters, but still has to go
//! through `base::text::safe_line` before it stands in our own chrome.

use serde::{Deserialize, Serialize};

/// One thing that happened in the stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The window title changed (OSC 0, 2); at most 256 characters.
    Title(String),
    /// BEL.
    Bell,
    /// The working folder, percent-decoded, absolute (OSC 7, OSC 9;9, OSC 633;P;Cwd, OSC 1337;CurrentDir).
    Cwd(String),
    /// Progress (OSC 9;4).
    Progress(Progress),
    /// A notification (OSC 9, 99, 777).
    Notify(Notice),
    /// The program wants to write the clipboard (OSC 52); reading it is never answered.
    Clipboard(Clipboard),
    /// A mark of the shell integration (OSC 133, 633).
    Prompt(Mark),
    /// The payload of OSC 7501 as sent, without the number; at most 4 KiB.
    Status(String),
    /// The alternate screen was entered or left.
    AltScreen(bool),
    /// The screen was reset by the program (RIS).
    Reset,
    /// The display was rebuilt after a fault of the engine: show `[display reset]`.
    Rebuilt,
    /// The width changed and lines were numbered anew.
    Reflow,
    /// The scrollback was erased by the program (ED 3).
    HistoryCleared,
    /// A sequence this engine does not know, in readable words, for debugging; rate limited.
    Unhandled(String),
    /// So many events came on top of what is kept.
    Dropped(u64),
}

/// State of OSC 9;4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProgressState {
    /// No progress is shown (0).
    None,
    /// Running (1).
    Normal,
    /// Failed (2).
    Error,
    /// Running, amount unknown (3).
    Indeterminate,
    /// Paused or warning (4).
    Paused,
}

/// Progress as reported by OSC 9;4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Progress {
    /// The state.
    pub state: ProgressState,
    /// Percent, 0 to 100, when given.
    pub percent: Option<u8>,
}

/// Which sequence brought a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum NoticeSource {
    /// OSC 9.
    Osc9,
    /// OSC 99.
    Osc99,
    /// OSC 777.
    Osc777,
}

/// A notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Where it came from.
    pub source: NoticeSource,
    /// Its title, or empty; at most 200 characters.
    pub title: String,
    /// Its text; at most 200 characters.
    pub body: String,
}

/// A wish to write the clipboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clipboard {
    /// Which clipboards (`c`, `p`, ...), letters and digits only; `c` when none was named.
    pub selection: String,
    /// The decoded bytes, at most 100 KiB.
    pub data: Vec<u8>,
}

/// What a shell integration mark stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MarkKind {
    /// A prompt begins (A).
    PromptStart,
    /// What the user types begins (B).
    InputStart,
    /// Output of a command begins (C).
    OutputStart,
    /// The command ended (D), with its exit status when told.
    CommandEnd(Option<i32>),
    /// The command line itself (633;E).
    CommandLine(String),
}

/// A mark at a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// What begins or ended.
    pub kind: MarkKind,
    /// Id of the line it stands in.
    pub line: u64,
}
