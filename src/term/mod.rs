//! Bytes in, grid and events out: the terminal engine, and the encoders for what goes back into a terminal program.
//!
//! [`Engine`] is all that the rest of the product sees; [`new_engine`] makes one and [`restore`] brings one back from a
//! snapshot. Two engines stand behind it: `native` (our own grid on the `vte` parser) and `simple` (an adapter over the
//! `vt100` crate, kept as the oracle). The only user of vte and vt100. Must not know processes, sockets or drawing, does no
//! IO and never blocks. Everything it is fed is untrusted.

mod anchor;
mod ansi;
mod api;
mod color;
mod event;
mod events;
mod explain;
mod guarded;
mod joined;
mod keys;
mod lines;
mod modes;
mod motion;
mod mouse;
mod osc;
mod paste;
mod replies;
mod search;
mod signs;
mod simple;
mod targets;
mod text;
mod width;

pub mod native;

pub use anchor::{Held, Starts};
pub use ansi::{write_ansi, write_screen};
pub use api::{Engine, EngineKind};
pub use color::{OuterColors, Palette, Rgb};
pub use event::{Clipboard, Event, Mark, MarkKind, Notice, NoticeSource, Progress, ProgressState};
pub use explain::explain;
pub use guarded::{Guarded, new_engine, restore};
pub use keys::{encode_focus, encode_key};
pub use lines::{LineMark, LogicalLine, lines_since};
pub use modes::{Cursor, CursorShape, Modes, MouseEncoding, MouseProtocol, SyncOutput};
pub use motion::{keyword_at, step};
pub use mouse::encode_mouse;
pub use paste::{Paste, PasteError, encode_paste, encode_typed};
pub use search::{Match, Pattern, PatternError, Piece, join, literal, search_back, search_on};
pub use signs::looks_like_error;
pub use targets::{Target, TargetKind, split_place, target_at, targets};
pub use text::{Point, SelectBy, Selected, selected_text, selection, text_cols, word_at};
