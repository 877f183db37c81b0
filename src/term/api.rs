//! The face of an engine. Must not know how any engine works.

use super::color::{OuterColors, Palette};
use super::event::Event;
use super::modes::{Cursor, Modes};
use crate::base::{Line, Now, Size};
use serde::{Deserialize, Serialize};

/// Which engine runs a pane (`terminal.engine`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// Our own grid: complete, fast, small.
    #[default]
    Native,
    /// The simple one, over the `vt100` crate.
    Vt100,
}

/// A terminal without a window: it is fed what a program writes, and holds what a person would see.
///
/// **Line ids.** Every line has an absolute id: history is `history_start()..screen_top()`, the screen is
/// `screen_top()..screen_top() + size().rows`. When a line scrolls into history its id stays; `screen_top` grows instead.
/// Ids are stable within one width. A change of width reflows: lines are numbered anew from `history_start` on, each gets a
/// new generation, and [`Event::Reflow`] tells of it. On the alternate screen the ids of the screen name its rows (the main
/// screen's are hidden), history stays readable.
///
/// **Generations.** Each change stamps the rows it touches; a reader that shows generation `g` needs exactly the rows whose
/// `row_generation` is greater than `g`, and then shows `generation()`.
///
/// **Bounds.** No input makes an engine panic, hang or grow without limit; sizes are clamped ([`Size::clamped`]).
pub trait Engine: Send {
    /// Takes what the program wrote. `now` is for the age of mode 2026 and for rate limits.
    fn feed(&mut self, bytes: &[u8], now: Now);

    /// Changes the size, clamped. The main screen and its history reflow when the width changes (native engine); a change of
    /// height pushes lines to history or pulls them back.
    fn resize(&mut self, size: Size);

    /// The size in force.
    fn size(&self) -> Size;

    /// Moves the answers to the program's queries, in stream order, to the end of `out`. At most 64 KiB wait; more are dropped.
    fn take_replies(&mut self, out: &mut Vec<u8>);

    /// What happened besides drawing, oldest first. At most 1024 wait; what came on top is told as [`Event::Dropped`].
    fn take_events(&mut self) -> Vec<Event>;

    /// Rises with every visible change (cells, cursor, modes, title, colours).
    fn generation(&self) -> u64;

    /// The line with this id; `None` outside `history_start()..screen_top() + rows`.
    fn row(&self, abs: u64) -> Option<Line>;

    /// Generation of the last change of that line; 0 when there is no such line.
    fn row_generation(&self, abs: u64) -> u64;

    /// Id of the top line of the screen.
    fn screen_top(&self) -> u64;

    /// Id of the oldest line kept.
    fn history_start(&self) -> u64;

    /// The cursor, in screen coordinates.
    fn cursor(&self) -> Cursor;

    /// Modes that decide how input is encoded and frames are held.
    fn modes(&self) -> Modes;

    /// The window title, one safe line; empty when none was set.
    fn title(&self) -> &str;

    /// Colours the program set for itself (OSC 4, 10, 11, 12).
    fn palette(&self) -> &Palette;

    /// Tells what the outer terminal looks like: what colour queries answer. Tells the program too, when it asked (mode 2031).
    fn set_outer(&mut self, colors: OuterColors);

    /// Size of a cell in pixels (width, height), for size reports; 8 x 16 until told.
    fn set_cell_pixels(&mut self, width: u16, height: u16);

    /// Lines of history to keep at most; cuts at once. A run of wrapped rows is one line (native engine).
    fn set_history_limit(&mut self, lines: usize);

    /// Forgets the history.
    fn clear_history(&mut self);

    /// Bytes held by history, about.
    fn history_bytes(&self) -> usize;

    /// Everything needed to go on elsewhere: screens, the last `history_lines` lines of history, modes, cursor, colours, and the
    /// bytes of a sequence that is not complete yet. Versioned, not checksummed. Replies and events are not in it.
    fn snapshot(&self, history_lines: usize) -> Vec<u8>;

    /// Ids of the lines a shell prompt begins in (OSC 133 and 633), oldest first; they move with their lines. Empty in the
    /// simple engine.
    fn prompts(&self) -> Vec<u64>;

    /// Ids of the lines the output of a command begins in (OSC 133 and 633 C), oldest first; as [`Engine::prompts`].
    fn outputs(&self) -> Vec<u64> {
        Vec::new()
    }

    /// Whether the text of a line goes on in the next one; cheaper than its [`Engine::row`].
    fn wraps(&self, abs: u64) -> bool {
        self.row(abs).is_some_and(|line| line.wrapped)
    }

    /// Which engine this is.
    fn kind(&self) -> EngineKind;
}
