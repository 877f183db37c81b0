//! Writing text at the cursor. Must not know sequences.
//!
//! Whole runs of ASCII go into a row at once. Widths: by code point as `wcwidth` has them; what has no width joins the cell
//! before it (a variation selector does not widen it). With mode 2027 a grapheme cluster takes one cell, and an emoji
//! presentation selector makes that cell wide when there is room, a text presentation selector narrow.

use super::cell::{Cell, Text};
use super::feed::{Decoded, decode};
use super::state::State;
use crate::term::width::{Width, width};
use unicode_segmentation::UnicodeSegmentation;

/// Bytes of one cluster; further marks are dropped.
const MAX_CLUSTER: usize = 48;

impl State {
    /// First column the cursor may wrap at: past the right margin, or past the screen when right of it.
    #[inline]
    pub fn right_end(&self) -> usize {
        if self.pos.col <= self.right { self.right + 1 } else { self.cols() }
    }

    /// Prints bytes 0x20 to 0x7E.
    #[inline]
    pub fn print_ascii(&mut self, mut bytes: &[u8]) {
        if let Some(last) = bytes.last() {
            if self.flags.insert || !self.pos.charsets.is_plain() {
                bytes.iter().for_each(|b| self.print_char(*b as char));
                return;
            }
            self.last_char = Some(*last as char);
        }
        self.dirty = true;
        while !bytes.is_empty() {
            if self.pos.pending {
                self.wrap();
            }
            let (col, end) = (self.pos.col, self.right_end());
            let n = bytes.len().min(end - col);
            let (head, rest) = bytes.split_at(n);
            let row = self.grid.at(self.pos.row);
            row.write_ascii(col, head, self.pos.pen);
            row.generation = self.stamp;
            if col + n < end {
                self.pos.col += n;
                return;
            }
            row.wrapped = false;
            self.pos.col = end - 1;
            if self.flags.autowrap {
                self.pos.pending = true;
                bytes = rest;
            } else {
                // Without autowrap everything else lands in the last column; only the last character stays.
                if let Some(last) = rest.last() {
                    row.write_ascii(end - 1, &[*last], self.pos.pen);
                }
                return;
            }
        }
    }

    /// Prints characters at the start of `bytes` that need no care: whole ones of one or two columns that fit before the last
    /// column, in an ordinary mode. Gives how many bytes that were; what stops it is for [`State::print_char`].
    #[inline]
    pub fn print_text(&mut self, bytes: &[u8]) -> usize {
        let plain = !self.flags.insert && !self.flags.graphemes && self.pos.charsets.is_plain();
        let (start, end) = (self.pos.col, self.right_end());
        if !plain || self.pos.pending || start + 2 >= end {
            return 0;
        }
        let (pen, mut used, mut last) = (self.pos.pen, 0, None);
        let row = self.grid.at(self.pos.row);
        let mut run = row.run(start);
        let mut room = end - start - 1;
        // A character of two columns must fit before the last one.
        while room > 1 {
            let rest = &bytes[used..];
            let (c, n) = match rest.first() {
                Some(b @ 0x20..=0x7E) => (char::from(*b), 1),
                Some(0x80..) => match decode(rest) {
                    Decoded::Char(c, n) => (c, n),
                    _ => break,
                },
                _ => break,
            };
            match width(c) {
                Width::One => {
                    run.push(pen.with_char(c, false));
                    room -= 1;
                }
                Width::Two => {
                    let cell = pen.with_char(c, true);
                    run.push(cell);
                    run.push(cell.spacer());
                    room -= 2;
                }
                Width::Zero | Width::Drop => break,
            }
            last = Some(c);
            used += n;
        }
        let col = run.end();
        if let Some(last) = last {
            row.generation = self.stamp;
            self.last_char = Some(last);
            self.pos.col = col;
            self.dirty = true;
        }
        used
    }

    /// Goes on in the next line.
    pub fn wrap(&mut self) {
        self.pos.pending = false;
        if !self.flags.autowrap {
            return;
        }
        if self.right_end() == self.cols() {
            let row = self.grid.at(self.pos.row);
            row.wrapped = true;
            row.generation = self.stamp;
        }
        self.pos.col = if self.pos.col >= self.left { self.left } else { 0 };
        self.index();
    }

    /// DEL: nothing, but the last character of a set of 96 (ECMA-35 6.3.1).
    pub fn delete(&mut self) {
        if self.pos.charsets.is_of_96() {
            self.print_char('\u{7F}');
        }
    }

    /// Prints one character.
    pub fn print_char(&mut self, c: char) {
        let c = if self.pos.charsets.is_plain() { c } else { self.pos.charsets.map(c) };
        let wide = match width(c) {
            Width::One => false,
            Width::Two => true,
            Width::Zero => return self.join(c),
            Width::Drop => return,
        };
        if self.flags.graphemes && !c.is_ascii() && self.extend_cluster(c) {
            return;
        }
        self.last_char = Some(c);
        self.dirty = true;
        if self.pos.pending {
            self.wrap();
        }
        let mut end = self.right_end();
        if wide && self.pos.col + 2 > end {
            if !self.flags.autowrap || end < self.left + 2 {
                // No room and no next line: it cannot be shown; a blank tells that something was there.
                if end - self.pos.col == 1 {
                    let pen = self.pos.pen;
                    self.put(pen.with_byte(b' '), end);
                }
                return;
            }
            let pad = self.pos.pen.pad();
            let (row, col) = (self.pos.row, self.pos.col);
            let line = self.grid.at(row);
            line.put(col, pad);
            line.generation = self.stamp;
            self.wrap();
            end = self.right_end();
            if self.pos.col + 2 > end {
                return;
            }
        }
        let cell = self.pos.pen.with_char(c, wide);
        self.put(cell, end);
    }

    #[inline]
    fn put(&mut self, cell: Cell, end: usize) {
        let (col, wide) = (self.pos.col, cell.is_wide());
        let step = if wide { 2 } else { 1 };
        let insert = self.flags.insert;
        let blank = self.pos.pen.blank();
        let row = self.grid.at(self.pos.row);
        if insert {
            row.insert(col, step, end, blank);
        }
        row.put(col, cell);
        row.generation = self.stamp;
        if col + step < end {
            self.pos.col += step;
        } else {
            row.wrapped = false;
            self.pos.col = end - 1;
            self.pos.pending = self.flags.autowrap;
        }
    }

    /// Where the cell before the cursor starts.
    fn previous(&self) -> Option<usize> {
        let col = if self.pos.pending { self.pos.col } else { self.pos.col.checked_sub(1)? };
        let row = self.grid.row(self.pos.row)?;
        if row.get(col).is_spacer() { col.checked_sub(1) } else { Some(col) }
    }

    /// The text of a cell, when it has one that marks may join.
    fn base_text(&self, cell: Cell) -> Option<String> {
        match cell.text() {
            Text::Char(c) => Some(c.to_string()),
            Text::Cluster(id) => Some(self.tables.cluster(id).to_owned()),
            Text::Blank | Text::Spacer | Text::Pad => None,
        }
    }

    /// Adds a character without width to the cell before the cursor; without a base it is dropped.
    fn join(&mut self, c: char) {
        if self.flags.graphemes && self.extend_cluster(c) {
            return;
        }
        let Some(col) = self.previous() else { return };
        let cell = self.grid.at(self.pos.row).get(col);
        if let Some(id) = self.tables.joined(cell, c) {
            return self.put_cluster(col, cell, id, cell.is_wide());
        }
        let Some(mut text) = self.base_text(cell) else { return };
        if text.len() + c.len_utf8() > MAX_CLUSTER {
            return;
        }
        text.push(c);
        if let Some(id) = self.tables.intern_cluster(&text) {
            self.tables.remember_joined(cell, c, id);
            self.put_cluster(col, cell, id, cell.is_wide());
        }
    }

    fn put_cluster(&mut self, col: usize, cell: Cell, id: u32, wide: bool) {
        let (row, stamp) = (self.pos.row, self.stamp);
        let line = self.grid.at(row);
        line.set(col, cell.with_cluster(id, wide));
        line.generation = stamp;
        self.dirty = true;
    }

    /// Mode 2027: whether `c` belongs to the cluster before the cursor; if so it is added and the cell widened as needed.
    fn extend_cluster(&mut self, c: char) -> bool {
        let Some(col) = self.previous() else { return false };
        let cell = self.grid.at(self.pos.row).get(col);
        let Some(mut text) = self.base_text(cell) else { return false };
        text.push(c);
        if text.graphemes(true).nth(1).is_some() {
            return false;
        }
        if text.len() > MAX_CLUSTER {
            return true;
        }
        let was_wide = cell.is_wide();
        if c == '\u{FE0E}' && was_wide && matches!(cell.text(), Text::Char('\u{231A}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}')) {
            // Asked for as text, an emoji is narrow; its right half comes free.
            self.grid.at(self.pos.row).put(col, cell.with_char(' ', false));
            if let Some(id) = self.tables.intern_cluster(&text) {
                self.put_cluster(col, cell, id, false);
            }
            (self.pos.col, self.pos.pending) = (col + 1, false);
            return true;
        }
        let wants_wide = was_wide || c == '\u{FE0F}' || width(c) == Width::Two || text.chars().all(|c| ('\u{1F1E6}'..='\u{1F1FF}').contains(&c));
        let end = self.right_end();
        let grows = wants_wide && !was_wide && col + 2 <= end && !self.pos.pending;
        if grows {
            // The other half takes the column the cursor stands in.
            let blank = self.pos.pen.blank();
            let insert = self.flags.insert;
            let line = self.grid.at(self.pos.row);
            if insert {
                line.insert(col + 1, 1, end, blank);
            }
            line.put(col, cell.with_char(' ', true));
            if col + 2 < end {
                self.pos.col = col + 2;
            } else {
                self.pos.col = end - 1;
                self.pos.pending = self.flags.autowrap;
            }
        }
        if let Some(id) = self.tables.intern_cluster(&text) {
            self.put_cluster(col, cell, id, was_wide || grows);
        }
        true
    }

    /// Prints the last character `n` times more (REP): at most four rows of it, or two where each one costs more than a store.
    /// No program repeats further, and a few bytes must not buy much work: a screenful of 500 rows each time was 0.4 s for 4 KiB.
    pub fn repeat(&mut self, n: usize) {
        let Some(c) = self.last_char else { return };
        let rows = if c.is_ascii() && !self.flags.insert { 4 } else { 2 };
        let n = n.min(rows * self.cols());
        if c.is_ascii() {
            let run = [c as u8; 256];
            let mut left = n;
            while left > 0 {
                let k = left.min(run.len());
                // The character was mapped when it was printed first.
                let charsets = std::mem::take(&mut self.pos.charsets);
                self.print_ascii(&run[..k]);
                self.pos.charsets = charsets;
                left -= k;
            }
        } else {
            (0..n).for_each(|_| self.print_char(c));
        }
    }
}
