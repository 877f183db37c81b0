//! Layer 0: the words every other module speaks in.
//!
//! Ids, sizes, keys and chords, mouse events, styles, lines of styled cells, width-aware text, safe one-line labels, clock
//! values. Must not know anything else of the product: no IO, no async, no sessions.

pub mod clock;
pub mod id;
pub mod key;
pub mod line;
pub mod motion;
pub mod mouse;
pub mod size;
pub mod style;
pub mod text;

pub use clock::Now;
pub use id::SessionId;
pub use key::{Chord, Key, KeyCode, KeyKind, Mods};
pub use line::{CellKind, Line, Span};
pub use motion::Motion;
pub use mouse::{MouseButton, MouseEvent, MouseKind};
pub use size::{Rect, Size};
pub use style::{Attrs, Color, Style, Underline};
