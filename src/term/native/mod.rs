//! The native engine: our own grid on the `vte` parser.
//!
//! | file | idea |
//! | --- | --- |
//! | `feed` | bytes to actions: text runs, sequences, strings |
//! | `args`, `csi`, `sgr`, `escape`, `decmodes`, `latent` | what sequences do |
//! | `print`, `motion`, `erase` | what actions do to the screen |
//! | `report`, `presentation`, `colors` | answers |
//! | `state`, `charset` | everything remembered |
//! | `cell`, `row`, `grid`, `tables` | the screen |
//! | `linecode`, `history` | lines as a few bytes |
//! | `pieces` | a stream cut up for people |
//! | `reflow`, `snapshot`, `view` | new sizes, other processes, readers |
//!
//! Where terminals differ, xterm is followed: a region homes the cursor to its own top in origin mode, inserting and deleting
//! lines goes to the left margin, erasing and editing forget that the last column waits to wrap (and so count from it), 1049
//! and DECSC share one saved cursor per screen. It is left on purpose in four points: entering or leaving the alternate screen
//! twice does nothing, a full reset keeps history, C1 controls are not obeyed in any form, and what cannot be told safely
//! (titles, clipboard, answerback) is not told.
//!
//! Must not know who reads it or what a session is.

mod args;
mod cell;
mod charset;
mod colors;
mod csi;
mod decmodes;
mod erase;
mod escape;
mod feed;
mod grid;
mod history;
mod latent;
mod linecode;
mod motion;
mod pieces;
mod presentation;
mod print;
mod reflow;
mod report;
mod row;
mod sgr;
mod snapshot;
mod state;
mod tables;
mod view;

use super::api::{Engine, EngineKind};
use super::color::{OuterColors, Palette};
use super::event::Event;
use super::modes::{Cursor, Modes};
use crate::base::{Line, Now, Size};
pub(crate) use pieces::{Piece, pieces};

use feed::Reader;
use state::State;

/// Answer to the query of OSC 7501.
pub(crate) const STATUS_REPLY: &str = "\x1b]7501;?:states=idle,working,done,blocked,error:kinds=permission,question,auth\x1b\\";
/// Answer to XTVERSION.
pub(crate) const XTVERSION_REPLY: &str = concat!("\x1bP>|copilot-tui(", env!("CARGO_PKG_VERSION"), ")\x1b\\");

/// Bytes between two looks at the side tables.
const SLICE: usize = 64 * 1024;

/// The engine with our own grid.
pub struct Native {
    state: State,
    reader: Reader,
    generation: u64,
    /// The second in which unknown sequences are counted.
    second: u64,
}

impl Native {
    /// A new engine; `history_limit` in lines.
    pub fn new(size: Size, history_limit: usize) -> Native {
        Native { state: State::new(size, history_limit), reader: Reader::default(), generation: 1, second: 0 }
    }

    pub(crate) fn restore(bytes: &[u8], history_limit: usize) -> Option<Native> {
        Native::load(bytes, history_limit)
    }

    /// Runs a change; the generation rises when something visible changed.
    fn change(&mut self, act: impl FnOnce(&mut State, &mut Reader)) {
        self.state.stamp = self.generation + 1;
        self.state.dirty = false;
        act(&mut self.state, &mut self.reader);
        if self.state.dirty {
            self.generation = self.state.stamp;
        }
    }
}

impl Engine for Native {
    fn feed(&mut self, bytes: &[u8], now: Now) {
        self.state.now = now;
        self.state.replies.tick(now);
        if now.mono_ms / 1000 != self.second {
            self.second = now.mono_ms / 1000;
            self.state.unhandled = 0;
        }
        self.change(|state, reader| {
            for slice in bytes.chunks(SLICE) {
                state.sweep();
                reader.feed(slice, state);
            }
        });
    }

    fn resize(&mut self, size: Size) {
        self.change(|state, _| state.resize(size));
    }

    fn size(&self) -> Size {
        self.state.size
    }

    fn take_replies(&mut self, out: &mut Vec<u8>) {
        self.state.replies.take(out);
    }

    fn take_events(&mut self) -> Vec<Event> {
        self.state.events.take()
    }

    fn generation(&self) -> u64 {
        self.generation
    }

    fn row(&self, abs: u64) -> Option<Line> {
        let s = &self.state;
        match abs.checked_sub(s.screen_top()) {
            Some(i) => s.grid.row(usize::try_from(i).ok()?).map(|row| view::of_row(row, &s.tables, s.cols())),
            None => s.history.line(abs).map(|bytes| view::of_bytes(bytes, &s.tables, s.cols())),
        }
    }

    fn row_generation(&self, abs: u64) -> u64 {
        let s = &self.state;
        match abs.checked_sub(s.screen_top()) {
            Some(i) => usize::try_from(i).ok().and_then(|i| s.grid.row(i)).map_or(0, |row| row.generation),
            None => s.history.generation(abs).unwrap_or(0),
        }
    }

    fn screen_top(&self) -> u64 {
        self.state.screen_top()
    }

    fn history_start(&self) -> u64 {
        self.state.history.start()
    }

    fn cursor(&self) -> Cursor {
        let (pos, flags) = (&self.state.pos, &self.state.flags);
        Cursor { row: pos.row as u16, col: pos.col as u16, visible: flags.cursor_visible, shape: flags.cursor_shape, blink: flags.cursor_blink }
    }

    fn modes(&self) -> Modes {
        self.state.modes()
    }

    fn title(&self) -> &str {
        &self.state.title
    }

    fn palette(&self) -> &Palette {
        &self.state.palette
    }

    fn set_outer(&mut self, colors: OuterColors) {
        let turned = colors.dark != self.state.outer.dark;
        self.state.outer = colors;
        if turned && self.state.flags.scheme_updates {
            self.state.report_scheme();
        }
    }

    fn set_cell_pixels(&mut self, width: u16, height: u16) {
        self.state.cell_pixels = (width.clamp(1, 255), height.clamp(1, 255));
    }

    fn set_history_limit(&mut self, lines: usize) {
        self.state.history.set_limit(lines);
    }

    fn clear_history(&mut self) {
        self.change(|state, _| {
            state.history.clear();
            state.dirty = true;
        });
    }

    fn history_bytes(&self) -> usize {
        self.state.history.bytes()
    }

    fn snapshot(&self, history_lines: usize) -> Vec<u8> {
        self.save(history_lines)
    }

    fn prompts(&self) -> Vec<u64> {
        self.state.marked(1)
    }

    fn outputs(&self) -> Vec<u64> {
        self.state.marked(2)
    }

    fn wraps(&self, abs: u64) -> bool {
        let s = &self.state;
        match abs.checked_sub(s.screen_top()) {
            Some(i) => usize::try_from(i).ok().and_then(|i| s.grid.row(i)).is_some_and(|row| row.wrapped),
            None => s.history.line(abs).is_some_and(linecode::wraps),
        }
    }

    fn kind(&self) -> EngineKind {
        EngineKind::Native
    }
}
