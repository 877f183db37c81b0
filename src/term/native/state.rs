//! What a native engine remembers: screens, cursor, modes, colours. Must not know the parser or the sequences.

use super::cell::Cell;
use super::charset::Charsets;
use super::grid::Grid;
use super::history::History;
use super::tables::Tables;
use crate::base::{Now, Size};
use crate::term::color::{OuterColors, Palette, Rgb};
use crate::term::events::Events;
use crate::term::modes::{CursorShape, MouseEncoding, MouseProtocol};
use crate::term::osc::Pieces;
use crate::term::replies::Replies;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where the next character goes and how it will look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Pos {
    pub row: usize,
    pub col: usize,
    /// The last column was written; the next character wraps first.
    pub pending: bool,
    /// Coordinates count from the margins (DECOM).
    pub origin: bool,
    /// Style template of what is written.
    pub pen: Cell,
    pub charsets: Charsets,
}

/// Kitty keyboard flags of one screen; the last is in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KittyStack(pub Vec<u8>);

impl KittyStack {
    /// Entries at most; the oldest goes.
    const MAX: usize = 16;

    pub fn flags(&self) -> u8 {
        self.0.last().copied().unwrap_or(0)
    }

    pub fn push(&mut self, flags: u8) {
        if self.0.is_empty() {
            self.0.push(0);
        }
        if self.0.len() >= Self::MAX {
            self.0.remove(0);
        }
        self.0.push(flags & 31);
    }

    pub fn pop(&mut self, n: usize) {
        self.0.truncate(self.0.len().saturating_sub(n));
    }

    pub fn set(&mut self, flags: u8, how: u16) {
        if self.0.is_empty() {
            self.0.push(0);
        }
        if let Some(top) = self.0.last_mut() {
            let flags = flags & 31;
            *top = match how {
                2 => *top | flags,
                3 => *top & !flags,
                _ => flags,
            };
        }
    }
}

/// Modes that are plain switches, and the few that are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flags {
    pub app_cursor: bool,
    pub app_keypad: bool,
    pub reverse_screen: bool,
    pub autowrap: bool,
    pub reverse_wrap: bool,
    pub insert: bool,
    pub newline: bool,
    pub lr_margins: bool,
    pub column_mode_allowed: bool,
    pub column_mode: bool,
    pub backarrow_bs: bool,
    pub cursor_visible: bool,
    pub cursor_blink: bool,
    pub cursor_shape: CursorShape,
    pub mouse: MouseProtocol,
    pub mouse_encoding: MouseEncoding,
    pub focus: bool,
    pub alternate_scroll: bool,
    pub bracketed_paste: bool,
    pub sync_since: Option<u64>,
    pub graphemes: bool,
    pub scheme_updates: bool,
    pub in_band_resize: bool,
    pub modify_other_keys: u8,
    /// DECSACE: 2 when rectangles of attributes are true rectangles.
    pub rect_extent: u8,
    /// Reverse wrap also where no line was wrapped (1045).
    pub reverse_wrap_anywhere: bool,
    /// A tab after a full line goes on in the next one (41).
    pub tab_wraps: bool,
    /// Cells may be spared by SPA.
    pub guarded: bool,
    /// Level of conformance (DECSCL), 1 to 4.
    pub level: u8,
    /// Modes of devices that do not exist here; see `latent`.
    pub latent: u16,
}

impl Default for Flags {
    fn default() -> Self {
        Flags {
            app_cursor: false,
            app_keypad: false,
            reverse_screen: false,
            autowrap: true,
            reverse_wrap: false,
            insert: false,
            newline: false,
            lr_margins: false,
            column_mode_allowed: false,
            column_mode: false,
            backarrow_bs: false,
            cursor_visible: true,
            cursor_blink: false,
            cursor_shape: CursorShape::Default,
            mouse: MouseProtocol::Off,
            mouse_encoding: MouseEncoding::Default,
            focus: false,
            alternate_scroll: true,
            bracketed_paste: false,
            sync_since: None,
            graphemes: false,
            scheme_updates: false,
            in_band_resize: false,
            modify_other_keys: 0,
            rect_extent: 1,
            reverse_wrap_anywhere: false,
            tab_wraps: false,
            guarded: false,
            level: 4,
            latent: super::latent::LATENT_ON,
        }
    }
}

/// The whole of it.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub size: Size,
    /// The screen shown; `other` is the main one while `alt`.
    pub grid: Grid,
    pub other: Grid,
    pub alt: bool,
    pub history: History,
    pub tables: Tables,
    pub pos: Pos,
    /// Saved cursors: of the screen shown, of the other.
    pub saved: [Option<Pos>; 2],
    pub kitty: [KittyStack; 2],
    /// Margins, inclusive.
    pub top: usize,
    pub bottom: usize,
    pub left: usize,
    pub right: usize,
    pub flags: Flags,
    pub saved_modes: BTreeMap<u16, bool>,
    pub tabs: Vec<bool>,
    pub title: String,
    pub titles: Vec<String>,
    pub palette: Palette,
    /// Colours without a use here, by their OSC number (13 to 19), or 256 and the number OSC 5 gives them.
    pub spare_colors: BTreeMap<u16, Rgb>,
    /// Styles put aside (XTPUSHSGR).
    pub styles: Vec<Cell>,
    pub outer: OuterColors,
    pub cell_pixels: (u16, u16),
    /// The character printed just before, for REP: any control or sequence after it forgets it, as in xterm.
    pub last_char: Option<char>,
    /// Generation that changes get now.
    pub stamp: u64,
    /// Something visible changed since the stamp was set.
    pub dirty: bool,
    pub now: Now,
    pub events: Events,
    pub replies: Replies,
    pub pieces: Pieces,
    /// Sequences not understood that were told lately.
    pub unhandled: u32,
}

impl State {
    /// A fresh terminal.
    pub fn new(size: Size, history_limit: usize) -> State {
        let size = size.clamped();
        let (rows, cols) = (usize::from(size.rows), usize::from(size.cols));
        let mut state = State {
            size,
            grid: Grid::new(rows),
            other: Grid::new(rows),
            alt: false,
            history: History::new(history_limit, cols),
            tables: Tables::default(),
            pos: Pos::default(),
            saved: [None, None],
            kitty: Default::default(),
            top: 0,
            bottom: rows - 1,
            left: 0,
            right: cols - 1,
            flags: Flags::default(),
            saved_modes: BTreeMap::new(),
            tabs: default_tabs(cols),
            title: String::new(),
            titles: Vec::new(),
            palette: Palette::default(),
            spare_colors: BTreeMap::new(),
            styles: Vec::new(),
            outer: OuterColors::default(),
            cell_pixels: (8, 16),
            last_char: None,
            stamp: 1,
            dirty: true,
            now: Now::default(),
            events: Events::default(),
            replies: Replies::default(),
            pieces: Pieces::default(),
            unhandled: 0,
        };
        state.touch_all();
        state
    }

    /// Columns.
    #[inline]
    pub fn cols(&self) -> usize {
        usize::from(self.size.cols)
    }

    /// Rows.
    #[inline]
    pub fn rows(&self) -> usize {
        usize::from(self.size.rows)
    }

    /// Id of the top line of the screen.
    #[inline]
    pub fn screen_top(&self) -> u64 {
        self.history.end()
    }

    /// Lines that carry this mark of the shell integration, oldest first.
    pub fn marked(&self, bit: u8) -> Vec<u64> {
        let has = |mark: u8| mark & bit != 0;
        let old = (self.history.start()..self.history.end()).filter(|abs| self.history.line(*abs).and_then(super::linecode::mark).is_some_and(has));
        let shown = (self.screen_top()..).zip(self.grid.iter()).filter(|_| !self.alt).filter(|(_, row)| has(row.mark)).map(|(abs, _)| abs);
        old.chain(shown).collect()
    }

    /// Marks rows `from..=to` as changed.
    pub fn touch(&mut self, from: usize, to: usize) {
        self.dirty = true;
        for row in from..=to.min(self.rows() - 1) {
            self.grid.at(row).generation = self.stamp;
        }
    }

    /// Marks the whole screen as changed.
    pub fn touch_all(&mut self) {
        self.touch(0, self.rows() - 1);
    }

    /// Which of the two sets of per-screen things is in force.
    #[inline]
    pub fn screen(&self) -> usize {
        usize::from(self.alt)
    }

    /// Frees numbers of the side tables nothing uses any more, when it is time.
    pub fn sweep(&mut self) {
        if !self.tables.wants_sweep() {
            return;
        }
        let (grids, history, pens) = ([&self.grid, &self.other], &self.history, [Some(self.pos), self.saved[0], self.saved[1]]);
        let styles = &self.styles;
        self.tables.sweep(|used| {
            for cell in grids.into_iter().flat_map(Grid::iter).flat_map(|row| row.cells()) {
                used.ext(cell.ext);
                if let super::cell::Text::Cluster(id) = cell.text() {
                    used.cluster(id);
                }
            }
            pens.iter().flatten().for_each(|pos| used.ext(pos.pen.ext));
            styles.iter().for_each(|pen| used.ext(pen.ext));
            history.mark(used);
        });
    }
}

/// A stop every eight columns.
pub(crate) fn default_tabs(cols: usize) -> Vec<bool> {
    (0..cols).map(|c| c > 0 && c % 8 == 0).collect()
}
