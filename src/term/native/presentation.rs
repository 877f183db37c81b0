//! The state of cursor and tab stops as a report, and back (DECRQPSR, DECRSPS); styles put aside (XTPUSHSGR). Must not know
//! the parser.
//!
//! Source: VT510 manual (DECCIR, DECTABSR), xterm's control sequence document.

use super::cell::PROTECTED;
use super::charset::Charset;
use super::state::State;
use crate::base::{Attrs, Underline};
use crate::term::replies::MAX_REPLY;

/// Styles kept at most.
const MAX_STYLES: usize = 10;

impl State {
    /// XTPUSHSGR: the style is put aside; an eleventh is not kept, as in xterm.
    pub fn push_style(&mut self) {
        if self.styles.len() < MAX_STYLES {
            self.styles.push(self.pos.pen);
        }
    }

    /// XTPOPSGR. Protection and links are no part of a style.
    pub fn pop_style(&mut self) {
        let Some(mut style) = self.styles.pop() else { return };
        style.attr = style.attr & !PROTECTED | self.pos.pen.attr & PROTECTED;
        let link = self.tables.ext(self.pos.pen.ext).and_then(|e| e.link.clone());
        self.pos.pen = style;
        self.set_ext(|e| e.link = link);
    }

    /// DECRQDE: the whole page is shown.
    pub fn report_extent(&mut self) {
        self.reply(&format!("\x1b[{};{};1;1;1\"w", self.size.rows, self.size.cols));
    }

    /// DECRQPSR: 1 the cursor and what goes with it, 2 the tab stops.
    pub fn report_presentation(&mut self, what: u16) {
        let report = match what {
            1 => self.cursor_information(),
            2 => {
                let stops: Vec<String> = (1..).zip(&self.tabs).filter(|t| *t.1).map(|t: (usize, _)| t.0.to_string()).collect();
                stops.join("/")
            }
            _ => String::new(),
        };
        // Stops of a wide screen that do not fit are not told in part: restoring that would lose the others.
        if report.is_empty() && what != 2 || report.len() + 8 > MAX_REPLY {
            return self.reply("\x1bP0$u\x1b\\");
        }
        self.reply(&format!("\x1bP{what}$u{report}\x1b\\"));
    }

    fn cursor_information(&self) -> String {
        let pos = &self.pos;
        let bits = |flags: &[bool]| char::from(0x40 | flags.iter().rev().fold(0, |n, on| n << 1 | u8::from(*on)));
        let attrs = Attrs::from_bits_truncate(pos.pen.attr & 0xFF);
        let look = bits(&[
            attrs.contains(Attrs::BOLD),
            pos.pen.underline() != Underline::None,
            attrs.contains(Attrs::BLINK),
            attrs.contains(Attrs::REVERSE),
        ]);
        let protected = bits(&[pos.pen.attr & PROTECTED != 0]);
        let flags = bits(&[pos.origin, pos.charsets.single() == Some(2), pos.charsets.single() == Some(3), pos.pending]);
        let sets: Vec<Charset> = (0..4).map(|slot| pos.charsets.designated(slot)).collect();
        let sizes = bits(&sets.iter().map(|s| s.is_96()).collect::<Vec<_>>());
        let names: String = sets.iter().map(|s| s.name()).collect();
        let (row, col) = self.cursor_report();
        format!("{row};{col};1;{look};{protected};{flags};{};2;{sizes};{names}", pos.charsets.shifted())
    }

    /// DECRSPS: takes back what [`State::report_presentation`] told. What is damaged is left as it is.
    pub fn restore_presentation(&mut self, kind: u8, body: &[u8]) {
        let Ok(text) = std::str::from_utf8(body) else { return };
        if kind == b'2' {
            self.tabs.fill(false);
            for stop in text.split('/').filter_map(|n| n.parse::<usize>().ok()) {
                if let Some(tab) = stop.checked_sub(1).and_then(|i| self.tabs.get_mut(i)) {
                    *tab = true;
                }
            }
            return;
        }
        let fields: Vec<&str> = text.splitn(10, ';').collect();
        let [row, col, _, look, protected, flags, gl, _, sizes, names] = fields[..] else { return };
        let number = |text: &str| text.parse::<usize>().ok().filter(|n| *n > 0);
        let bit = |text: &str, i: u8| text.bytes().next().is_some_and(|b| b >> i & 1 == 1);
        let (Some(row), Some(col)) = (number(row), number(col)) else { return };
        let mut names = names.bytes().peekable();
        for slot in 0..4u8 {
            let Some(first) = names.next() else { break };
            let (inter, last) = if (0x20..0x30).contains(&first) { (first, names.next().unwrap_or(b'B')) } else { (0, first) };
            self.pos.charsets.designate(slot, Charset::named(bit(sizes, slot), inter, last));
        }
        self.pos.charsets.shift(gl.bytes().next().unwrap_or(b'0') & 3);
        let pen = &mut self.pos.pen;
        for (i, attr) in [(0, Attrs::BOLD), (2, Attrs::BLINK), (3, Attrs::REVERSE)] {
            pen.set(attr, bit(look, i));
        }
        pen.set_underline(u16::from(bit(look, 1)));
        pen.attr = if bit(protected, 0) { pen.attr | PROTECTED } else { pen.attr & !PROTECTED };
        self.pos.origin = bit(flags, 0);
        self.goto(row - 1, col - 1);
        self.pos.pending = bit(flags, 3) && self.pos.col + 1 == self.right_end();
    }
}
