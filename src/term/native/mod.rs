//! The native engine: our own grid on the `vte` parser.

use super::api::{Engine, EngineKind};
use super::color::{OuterColors, Palette};
use super::event::Event;
use super::modes::{Cursor, Modes};
use super::simple::Simple;
use crate::base::{Line, Now, Size};

/// Answer to the query of OSC 7501.
pub(crate) const STATUS_REPLY: &str = "\x1b]7501;?:states=idle,working,done,blocked,error:kinds=permission,question,auth\x1b\\";
/// Answer to XTVERSION.
pub(crate) const XTVERSION_REPLY: &str = concat!("\x1bP>|copilot-tui(", env!("CARGO_PKG_VERSION"), ")\x1b\\");

/// Stands on the simple engine until its own grid is in place.
pub struct Native(Simple);

impl Native {
    /// A new engine.
    pub fn new(size: Size, history_limit: usize) -> Native {
        Native(Simple::new(size, history_limit))
    }

    pub(crate) fn restore(bytes: &[u8], history_limit: usize) -> Option<Native> {
        Simple::restore(bytes, history_limit).map(Native)
    }
}

impl Engine for Native {
    fn feed(&mut self, bytes: &[u8], now: Now) {
        self.0.feed(bytes, now);
    }
    fn resize(&mut self, size: Size) {
        self.0.resize(size);
    }
    fn size(&self) -> Size {
        self.0.size()
    }
    fn take_replies(&mut self, out: &mut Vec<u8>) {
        self.0.take_replies(out);
    }
    fn take_events(&mut self) -> Vec<Event> {
        self.0.take_events()
    }
    fn generation(&self) -> u64 {
        self.0.generation()
    }
    fn row(&self, abs: u64) -> Option<Line> {
        self.0.row(abs)
    }
    fn row_generation(&self, abs: u64) -> u64 {
        self.0.row_generation(abs)
    }
    fn screen_top(&self) -> u64 {
        self.0.screen_top()
    }
    fn history_start(&self) -> u64 {
        self.0.history_start()
    }
    fn cursor(&self) -> Cursor {
        self.0.cursor()
    }
    fn modes(&self) -> Modes {
        self.0.modes()
    }
    fn title(&self) -> &str {
        self.0.title()
    }
    fn palette(&self) -> &Palette {
        self.0.palette()
    }
    fn set_outer(&mut self, colors: OuterColors) {
        self.0.set_outer(colors);
    }
    fn set_cell_pixels(&mut self, width: u16, height: u16) {
        self.0.set_cell_pixels(width, height);
    }
    fn set_history_limit(&mut self, lines: usize) {
        self.0.set_history_limit(lines);
    }
    fn clear_history(&mut self) {
        self.0.clear_history();
    }
    fn history_bytes(&self) -> usize {
        self.0.history_bytes()
    }
    fn snapshot(&self, history_lines: usize) -> Vec<u8> {
        self.0.snapshot(history_lines)
    }
    fn kind(&self) -> EngineKind {
        EngineKind::Native
    }
}
