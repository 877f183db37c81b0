//! Select graphic rendition. Must not know the grid; underline colours go through the side table.

use super::args::Args;
use super::cell::{pack, rgb};
use super::state::State;
use super::tables::Ext;
use crate::base::{Attrs, Color};

/// Reads the colour after 38, 48 or 58 at `i`; gives it and the index after it.
fn color(args: &Args, i: usize) -> (Option<u32>, usize) {
    let byte = |i: usize| u8::try_from(args.get(i)).ok();
    if args.is_sub(i + 1) {
        let end = args.group_end(i);
        let found = match (args.get(i + 1), end - i) {
            (5, 3..) => byte(i + 2).map(|n| pack(Color::Indexed(n))),
            // 38:2:r:g:b, and 38:2:colour space:r:g:b with whatever follows.
            (2, 5) => byte(i + 2).zip(byte(i + 3)).zip(byte(i + 4)).map(|((r, g), b)| rgb(r, g, b)),
            (2, 6..) => byte(i + 3).zip(byte(i + 4)).zip(byte(i + 5)).map(|((r, g), b)| rgb(r, g, b)),
            _ => None,
        };
        return (found, end);
    }
    match args.get(i + 1) {
        5 => (byte(i + 2).map(|n| pack(Color::Indexed(n))), i + 3),
        2 => (byte(i + 2).zip(byte(i + 3)).zip(byte(i + 4)).map(|((r, g), b)| rgb(r, g, b)), i + 5),
        _ => (None, i + 2),
    }
}

impl State {
    /// SGR.
    pub fn sgr(&mut self, args: &Args) {
        let mut i = 0;
        let len = args.values().len();
        while i < len {
            let next = args.group_end(i);
            let pen = &mut self.pos.pen;
            match args.get(i) {
                0 => {
                    let (link, protected) = (pen.ext, pen.attr & super::cell::PROTECTED);
                    *pen = super::cell::Cell::look(0, 0, protected, 0);
                    if link != 0 {
                        self.pos.pen.ext = link;
                        self.set_ext(|e| e.underline = 0);
                    }
                }
                1 => pen.set(Attrs::BOLD, true),
                2 => pen.set(Attrs::DIM, true),
                3 => pen.set(Attrs::ITALIC, true),
                4 if args.is_sub(i + 1) => pen.set_underline(args.get(i + 1)),
                4 => pen.set_underline(1),
                5 | 6 => pen.set(Attrs::BLINK, true),
                7 => pen.set(Attrs::REVERSE, true),
                8 => pen.set(Attrs::HIDDEN, true),
                9 => pen.set(Attrs::STRIKE, true),
                21 => pen.set_underline(2),
                22 => pen.set(Attrs::BOLD | Attrs::DIM, false),
                23 => pen.set(Attrs::ITALIC, false),
                24 => pen.set_underline(0),
                25 => pen.set(Attrs::BLINK, false),
                27 => pen.set(Attrs::REVERSE, false),
                28 => pen.set(Attrs::HIDDEN, false),
                29 => pen.set(Attrs::STRIKE, false),
                n @ 30..=37 => pen.fg = 1 << 24 | u32::from(n - 30),
                n @ 40..=47 => pen.bg = 1 << 24 | u32::from(n - 40),
                n @ 90..=97 => pen.fg = 1 << 24 | u32::from(n - 82),
                n @ 100..=107 => pen.bg = 1 << 24 | u32::from(n - 92),
                39 => pen.fg = 0,
                49 => pen.bg = 0,
                53 => pen.set(Attrs::OVERLINE, true),
                55 => pen.set(Attrs::OVERLINE, false),
                n @ (38 | 48 | 58) => {
                    let (found, end) = color(args, i);
                    if let Some(found) = found {
                        match n {
                            38 => pen.fg = found,
                            48 => pen.bg = found,
                            _ => self.set_ext(|e| e.underline = found),
                        }
                    }
                    i = end;
                    continue;
                }
                59 => self.set_ext(|e| e.underline = 0),
                _ => {}
            }
            i = next;
        }
    }

    /// Changes what few cells have in the pen.
    pub fn set_ext(&mut self, change: impl FnOnce(&mut Ext)) {
        let mut ext = self.tables.ext(self.pos.pen.ext).cloned().unwrap_or_default();
        change(&mut ext);
        self.pos.pen.ext = self.tables.intern_ext(ext);
    }
}
