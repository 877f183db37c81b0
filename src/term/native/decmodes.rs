//! Setting, resetting, saving and reporting modes. Must not know the parser.

use super::grid::Grid;
use super::latent::{LATENT_ON, latent};
use super::state::State;
use crate::term::event::Event;
use crate::term::modes::{CursorShape, Modes, MouseEncoding, MouseProtocol, SyncOutput};

/// Modes that XTSAVE keeps at most.
const MAX_SAVED: usize = 64;

impl State {
    /// The modes readers need.
    pub fn modes(&self) -> Modes {
        let f = &self.flags;
        Modes {
            app_cursor: f.app_cursor,
            app_keypad: f.app_keypad,
            bracketed_paste: f.bracketed_paste,
            focus: f.focus,
            mouse: f.mouse,
            mouse_encoding: f.mouse_encoding,
            alt_screen: self.alt,
            alternate_scroll: f.alternate_scroll,
            kitty_flags: self.kitty[self.screen()].flags(),
            modify_other_keys: f.modify_other_keys,
            sync: f.sync_since.map(|since_ms| SyncOutput { since_ms }),
            newline: f.newline,
            backarrow_bs: f.backarrow_bs,
            reverse_screen: f.reverse_screen,
            grapheme_clusters: f.graphemes,
            color_scheme_updates: f.scheme_updates,
            in_band_resize: f.in_band_resize,
        }
    }

    /// SM, RM.
    pub fn set_ansi_mode(&mut self, mode: u16, on: bool) {
        match mode {
            4 => self.flags.insert = on,
            20 => self.flags.newline = on,
            _ => self.set_latent(mode.saturating_add(1000), on),
        }
    }

    fn set_latent(&mut self, mode: u16, on: bool) {
        if let Some(bit) = latent(mode) {
            self.flags.latent = if on { self.flags.latent | bit } else { self.flags.latent & !bit };
        }
    }

    /// DECSET, DECRST.
    pub fn set_mode(&mut self, mode: u16, on: bool) {
        self.dirty = true;
        let f = &mut self.flags;
        let mouse = |now: MouseProtocol, it: MouseProtocol| match (on, now == it) {
            (true, _) => it,
            (false, true) => MouseProtocol::Off,
            (false, false) => now,
        };
        let encoding = |now: MouseEncoding, it: MouseEncoding| match (on, now == it) {
            (true, _) => it,
            (false, true) => MouseEncoding::Default,
            (false, false) => now,
        };
        match mode {
            1 => f.app_cursor = on,
            3 => self.column_mode(on),
            5 => {
                f.reverse_screen = on;
                self.touch_all();
            }
            6 => {
                self.pos.origin = on;
                self.goto(0, 0);
            }
            7 => {
                f.autowrap = on;
                self.pos.pending &= on;
            }
            9 => f.mouse = mouse(f.mouse, MouseProtocol::X10),
            12 => f.cursor_blink = on,
            25 => f.cursor_visible = on,
            40 => f.column_mode_allowed = on,
            41 => f.tab_wraps = on,
            45 => f.reverse_wrap = on,
            47 => self.alternate(on, false, false),
            66 => f.app_keypad = on,
            67 => f.backarrow_bs = on,
            69 if f.level > 3 => {
                f.lr_margins = on;
                (self.left, self.right) = (0, self.cols() - 1);
            }
            1000 => f.mouse = mouse(f.mouse, MouseProtocol::Normal),
            1002 => f.mouse = mouse(f.mouse, MouseProtocol::ButtonMotion),
            1003 => f.mouse = mouse(f.mouse, MouseProtocol::AnyMotion),
            1004 => f.focus = on,
            1005 => f.mouse_encoding = encoding(f.mouse_encoding, MouseEncoding::Utf8),
            1006 => f.mouse_encoding = encoding(f.mouse_encoding, MouseEncoding::Sgr),
            1007 => f.alternate_scroll = on,
            1015 => f.mouse_encoding = encoding(f.mouse_encoding, MouseEncoding::Urxvt),
            1016 => f.mouse_encoding = encoding(f.mouse_encoding, MouseEncoding::SgrPixels),
            1045 => f.reverse_wrap_anywhere = on,
            1047 => self.alternate(on, false, true),
            1048 if on => self.save_cursor(),
            1048 => self.restore_cursor(),
            1049 => self.alternate(on, true, true),
            2004 => f.bracketed_paste = on,
            2026 => f.sync_since = on.then(|| f.sync_since.unwrap_or(self.now.mono_ms)),
            2027 => f.graphemes = on,
            2031 => f.scheme_updates = on,
            2048 => {
                f.in_band_resize = on;
                self.report_size_in_band();
            }
            _ if mode < 1000 => self.set_latent(mode, on),
            _ => {}
        }
    }

    /// How a DEC mode stands, as DECRQM tells it: 0 unknown, 1 set, 2 reset, 3 and 4 the same for good.
    pub fn mode_state(&self, mode: u16) -> u8 {
        let f = &self.flags;
        let on = match mode {
            1 => f.app_cursor,
            3 => f.column_mode,
            5 => f.reverse_screen,
            6 => self.pos.origin,
            7 => f.autowrap,
            9 => f.mouse == MouseProtocol::X10,
            12 => f.cursor_blink,
            25 => f.cursor_visible,
            40 => f.column_mode_allowed,
            41 => f.tab_wraps,
            45 => f.reverse_wrap,
            47 | 1047 | 1049 => self.alt,
            66 => f.app_keypad,
            67 => f.backarrow_bs,
            69 => f.lr_margins,
            1000 => f.mouse == MouseProtocol::Normal,
            1002 => f.mouse == MouseProtocol::ButtonMotion,
            1003 => f.mouse == MouseProtocol::AnyMotion,
            1004 => f.focus,
            1005 => f.mouse_encoding == MouseEncoding::Utf8,
            1006 => f.mouse_encoding == MouseEncoding::Sgr,
            1007 => f.alternate_scroll,
            1015 => f.mouse_encoding == MouseEncoding::Urxvt,
            1016 => f.mouse_encoding == MouseEncoding::SgrPixels,
            1045 => f.reverse_wrap_anywhere,
            1048 => self.saved[self.screen()].is_some(),
            2004 => f.bracketed_paste,
            2026 => f.sync_since.is_some(),
            2027 => f.graphemes,
            2031 => f.scheme_updates,
            2048 => f.in_band_resize,
            // Known, and not to be had here: horizontal cursor coupling, highlight tracking, meta, scroll-to-bottom and bell switches.
            60 | 1001 | 1010 | 1011 | 1034..=1037 | 1039 | 1042 | 1043 => return 4,
            // ANSI, never VT52.
            2 => return 3,
            _ => match latent(mode).filter(|_| mode < 1000) {
                Some(bit) => f.latent & bit != 0,
                None => return 0,
            },
        };
        if on { 1 } else { 2 }
    }

    /// How an ANSI mode stands.
    pub fn ansi_mode_state(&self, mode: u16) -> u8 {
        match mode {
            4 => 2 - u8::from(self.flags.insert),
            20 => 2 - u8::from(self.flags.newline),
            1 | 3 | 5 | 7 | 10 | 11 | 13..=19 => 4,
            _ => latent(mode.saturating_add(1000)).map_or(0, |bit| if self.flags.latent & bit != 0 { 1 } else { 2 }),
        }
    }

    /// XTSAVE.
    pub fn save_mode(&mut self, mode: u16) {
        let state = self.mode_state(mode);
        if matches!(state, 1 | 2) && (self.saved_modes.len() < MAX_SAVED || self.saved_modes.contains_key(&mode)) {
            self.saved_modes.insert(mode, state == 1);
        }
    }

    /// XTRESTORE.
    pub fn restore_mode(&mut self, mode: u16) {
        if let Some(on) = self.saved_modes.get(&mode).copied() {
            self.set_mode(mode, on);
        }
    }

    /// DECCOLM: the width is the window's, so it only does what comes with it: clear, home, no margins.
    fn column_mode(&mut self, on: bool) {
        if !self.flags.column_mode_allowed {
            return;
        }
        self.flags.column_mode = on;
        self.reset_margins();
        self.pos.origin = false;
        self.goto(0, 0);
        // Not clearing (DECNCSM) is a VT510's.
        self.erase_display(2, false);
    }

    /// Enters or leaves the alternate screen. 1049 saves the cursor on the way in and restores it on the way out, and enters a
    /// clear screen; 1047 clears when it leaves.
    fn alternate(&mut self, on: bool, cursor: bool, clear: bool) {
        if on == self.alt {
            // A program that says it again, or leaves twice, must not lose its screen or its cursor. (xterm clears and restores
            // here, tmux restores; xterm.js, kitty and alacritty do neither.)
            return;
        }
        if on && cursor {
            self.save_cursor();
        }
        if !on && clear && !cursor {
            self.wipe();
        }
        std::mem::swap(&mut self.grid, &mut self.other);
        self.alt = on;
        if on && clear && cursor {
            self.wipe();
        }
        if !on && cursor {
            self.restore_cursor();
        }
        if !on && clear {
            // What is not seen again needs no memory.
            self.other = Grid::new(self.rows());
        }
        self.touch_all();
        self.events.push(Event::AltScreen(on));
    }

    fn wipe(&mut self) {
        let (blank, cols, stamp) = (self.blank(), self.cols(), self.stamp);
        for row in self.grid.iter_mut() {
            row.reset(blank, cols);
            row.generation = stamp;
        }
        self.dirty = true;
    }

    /// DECSCUSR.
    pub fn cursor_style(&mut self, n: u16) {
        let (shape, blink) = match n {
            0 => (CursorShape::Default, false),
            1 => (CursorShape::Block, true),
            2 => (CursorShape::Block, false),
            3 => (CursorShape::Underline, true),
            4 => (CursorShape::Underline, false),
            5 => (CursorShape::Bar, true),
            6 => (CursorShape::Bar, false),
            _ => return,
        };
        (self.flags.cursor_shape, self.flags.cursor_blink) = (shape, blink);
        self.dirty = true;
    }

    /// DECSTR: modes and margins as at start; text stays.
    pub fn soft_reset(&mut self) {
        self.dirty = true;
        let f = &mut self.flags;
        f.cursor_visible = true;
        f.autowrap = true;
        f.insert = false;
        f.app_cursor = false;
        f.app_keypad = false;
        f.lr_margins = false;
        f.reverse_wrap = false;
        f.reverse_wrap_anywhere = false;
        f.guarded = false;
        f.latent = LATENT_ON;
        self.reset_margins();
        self.pos.origin = false;
        self.pos.pending = false;
        self.pos.pen = Default::default();
        self.pos.charsets = Default::default();
        self.saved[self.screen()] = None;
    }

    /// DECSCL: the level of conformance, with a soft reset. What a level does not have is then not obeyed: reports of modes
    /// (3), left and right margins (4).
    pub fn conformance(&mut self, level: u16) {
        if let 61..=64 = level {
            self.soft_reset();
            self.flags.level = (level - 60) as u8;
        }
    }

    /// RIS: as at start, but history stays: nobody's lines are lost by a reset.
    pub fn full_reset(&mut self) {
        let was_alt = self.alt;
        if self.alt {
            std::mem::swap(&mut self.grid, &mut self.other);
            self.alt = false;
        }
        self.flags = Default::default();
        self.pos = Default::default();
        self.saved = [None, None];
        self.kitty = Default::default();
        self.saved_modes.clear();
        self.tabs = super::state::default_tabs(self.cols());
        self.reset_margins();
        self.palette = Default::default();
        self.spare_colors.clear();
        self.styles.clear();
        self.titles.clear();
        self.last_char = None;
        self.wipe();
        self.other = Grid::new(self.rows());
        if was_alt {
            self.events.push(Event::AltScreen(false));
        }
        self.events.push(Event::Reset);
    }
}
