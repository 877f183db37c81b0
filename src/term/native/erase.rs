//! Erasing and rectangles. Must not know sequences.

use super::cell::{Cell, GUARDED, PROTECTED, Text, UNDERLINE_MASK, UNDERLINE_SHIFT};
use super::state::State;
use crate::base::Attrs;
use crate::term::event::Event;

/// A rectangle of cells, ends inside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Area {
    pub top: usize,
    pub left: usize,
    pub bottom: usize,
    pub right: usize,
}

/// What attributes, one after the other, make of a cell. Put together before there are cells: a sequence of five bytes has
/// tens of thousands of them, so there is no choice to be made for each.
struct Restyle {
    keep: u16,
    turn: u16,
    /// Underline bits for what is underlined, and for what is not; none when those of the cell are kept.
    lined: u16,
    plain: u16,
}

impl Restyle {
    fn of(params: &[u16], reverse: bool) -> Restyle {
        let mut all = Restyle { keep: !0, turn: 0, lined: 0, plain: 0 };
        // Whether what is underlined is so afterwards, and what is not.
        let mut underline = None;
        for p in params {
            let bits = match p {
                0 if reverse => Attrs::BOLD | Attrs::BLINK | Attrs::REVERSE,
                0 => Attrs::BOLD | Attrs::BLINK | Attrs::REVERSE | Attrs::HIDDEN,
                1 | 22 => Attrs::BOLD,
                5 | 25 => Attrs::BLINK,
                7 | 27 => Attrs::REVERSE,
                8 | 28 => Attrs::HIDDEN,
                _ => Attrs::empty(),
            }
            .bits();
            let (was, was_not) = underline.unwrap_or((true, false));
            if !reverse {
                all.keep &= !bits;
                all.turn = if *p > 0 && *p < 20 { all.turn | bits } else { all.turn & !bits };
            } else if *p < 20 {
                all.turn ^= bits;
            }
            match (reverse, p) {
                (false, 0 | 24) => underline = Some((false, false)),
                (false, 4) => underline = Some((true, true)),
                (true, 0 | 4) => underline = Some((!was, !was_not)),
                _ => {}
            }
        }
        if let Some((was, was_not)) = underline {
            all.keep &= !UNDERLINE_MASK;
            (all.lined, all.plain) = (u16::from(was) << UNDERLINE_SHIFT, u16::from(was_not) << UNDERLINE_SHIFT);
        }
        all
    }

    #[inline]
    fn on(&self, cell: &mut Cell) {
        let line = if cell.attr & UNDERLINE_MASK == 0 { self.plain } else { self.lined };
        cell.attr = ((cell.attr & self.keep) ^ self.turn) | line;
    }
}

impl State {
    fn erase_span(&mut self, row: usize, from: usize, to: usize, selective: bool) {
        let (cols, blank, stamp, guarded) = (self.cols(), self.blank(), self.stamp, self.flags.guarded);
        let line = self.grid.at(row);
        if selective {
            line.erase_sparing(from, to, blank, PROTECTED, true);
        } else if guarded {
            line.erase_sparing(from, to, blank, GUARDED, false);
        } else if from == 0 && to >= cols {
            line.reset(blank, cols);
        } else {
            line.erase(from, to, blank);
        }
        if to >= cols {
            line.wrapped = false;
        }
        line.generation = stamp;
        self.dirty = true;
    }

    /// EL and DECSEL.
    pub fn erase_line(&mut self, how: u16, selective: bool) {
        let (row, col, cols) = (self.pos.row, self.pos.col, self.cols());
        match how {
            0 => self.erase_span(row, col, cols, selective),
            1 => self.erase_span(row, 0, col + 1, selective),
            2 => self.erase_span(row, 0, cols, selective),
            _ => return,
        }
        self.pos.pending = false;
    }

    /// ED and DECSED.
    pub fn erase_display(&mut self, how: u16, selective: bool) {
        let (row, col, rows, cols) = (self.pos.row, self.pos.col, self.rows(), self.cols());
        match how {
            0 => {
                self.erase_span(row, col, cols, selective);
                (row + 1..rows).for_each(|r| self.erase_span(r, 0, cols, selective));
            }
            1 => {
                (0..row).for_each(|r| self.erase_span(r, 0, cols, selective));
                self.erase_span(row, 0, col + 1, selective);
            }
            2 => (0..rows).for_each(|r| self.erase_span(r, 0, cols, selective)),
            3 if !selective => {
                if !self.alt {
                    self.history.clear();
                    self.events.push(Event::HistoryCleared);
                    self.dirty = true;
                }
                return;
            }
            _ => return,
        }
        self.pos.pending = false;
    }

    /// ECH.
    pub fn erase_cells(&mut self, n: usize) {
        let (row, col) = (self.pos.row, self.pos.col);
        let end = (col + n).min(self.cols());
        self.erase_span(row, col, end, false);
        self.pos.pending = false;
    }

    /// A screen full of `E`, margins and cursor at home (DECALN).
    pub fn alignment_pattern(&mut self) {
        let (rows, cols) = (self.rows(), self.cols());
        self.reset_margins();
        self.goto(0, 0);
        let line = vec![b'E'; cols];
        for row in 0..rows {
            let line_at = self.grid.at(row);
            line_at.reset(Cell::default(), cols);
            line_at.write_ascii(0, &line, Cell::default());
        }
        self.touch_all();
    }

    /// No margins.
    pub fn reset_margins(&mut self) {
        (self.top, self.bottom, self.left, self.right) = (0, self.rows() - 1, 0, self.cols() - 1);
    }

    /// A rectangle from parameters counted from 1 (0 or absent: to the edge); `None` when it is empty.
    pub fn area(&self, top: u16, left: u16, bottom: u16, right: u16) -> Option<Area> {
        let (rows, cols) = (self.rows(), self.cols());
        let (top_edge, left_edge, bottom_edge, right_edge) =
            if self.pos.origin { (self.top, self.left, self.bottom, self.right) } else { (0, 0, rows - 1, cols - 1) };
        let start = |v: u16, edge: usize| edge + usize::from(v.max(1)) - 1;
        let end = |v: u16, from: usize, edge: usize| if v == 0 { edge } else { (from + usize::from(v) - 1).min(edge) };
        let area = Area {
            top: start(top, top_edge),
            left: start(left, left_edge),
            bottom: end(bottom, top_edge, bottom_edge),
            right: end(right, left_edge, right_edge),
        };
        (area.top <= area.bottom && area.left <= area.right).then_some(area)
    }

    /// DECERA, DECSERA.
    pub fn erase_area(&mut self, area: Area, selective: bool) {
        (area.top..=area.bottom).for_each(|row| self.erase_span(row, area.left, area.right + 1, selective));
    }

    /// DECFRA.
    pub fn fill_area(&mut self, area: Area, c: char) {
        let cell = self.pos.pen.with_char(c, false);
        let cells = vec![cell; area.right - area.left + 1];
        for row in area.top..=area.bottom {
            self.grid.at(row).overwrite(area.left, &cells);
        }
        self.touch(area.top, area.bottom);
    }

    /// DECCRA: `area` goes to where its top left corner is at `(row, col)`, cut at the edges.
    pub fn copy_area(&mut self, area: Area, row: usize, col: usize) {
        let (rows, cols) = (self.rows(), self.cols());
        if row >= rows || col >= cols {
            return;
        }
        let width = (area.right - area.left + 1).min(cols - col);
        let lines: Vec<Vec<Cell>> =
            (area.top..=area.bottom).map(|r| self.grid.row(r).map(|l| l.range(area.left, area.left + width)).unwrap_or_default()).collect();
        for (i, cells) in lines.iter().enumerate().take(rows - row) {
            self.grid.at(row + i).overwrite(col, cells);
        }
        self.touch(row, row + lines.len() - 1);
    }

    /// DECCARA and DECRARA: applies the attributes `params` to an area, or turns them over.
    pub fn style_area(&mut self, area: Area, params: &[u16], reverse: bool) {
        let cols = self.cols();
        let change = Restyle::of(if params.is_empty() { &[0] } else { params }, reverse);
        for row in area.top..=area.bottom {
            let (from, to) = if self.flags.rect_extent == 2 {
                (area.left, area.right + 1)
            } else {
                // As a stream of text from the first corner to the last.
                (if row == area.top { area.left } else { 0 }, if row == area.bottom { area.right + 1 } else { cols })
            };
            self.grid.at(row).restyle(from, to, |cell| change.on(cell));
        }
        self.touch(area.top, area.bottom);
    }

    /// DECRQCRA: the checksum of an area, as xterm counts it after the VT520: characters and what bold, blinking, reverse and
    /// underline weigh. What was never written counts only in the first place.
    pub fn checksum(&self, area: Area) -> u16 {
        let mut sum: u32 = 0;
        for row in area.top..=area.bottom {
            let Some(line) = self.grid.row(row) else { break };
            for col in area.left..=area.right {
                let cell = line.get(col);
                sum = sum.wrapping_add(match cell.text() {
                    Text::Char(c) => c as u32,
                    Text::Cluster(id) => self.tables.cluster(id).chars().map(|c| c as u32).sum(),
                    Text::Blank | Text::Pad if (row, col) == (area.top, area.left) => u32::from(b' '),
                    Text::Blank | Text::Pad | Text::Spacer => 0,
                });
                let attrs = Attrs::from_bits_truncate(cell.attr);
                for (bit, weight) in [(Attrs::REVERSE, 0x20), (Attrs::BLINK, 0x40), (Attrs::BOLD, 0x80)] {
                    sum += if attrs.contains(bit) { weight } else { 0 };
                }
                sum += if cell.underline() != crate::base::Underline::None { 0x10 } else { 0 };
            }
        }
        (sum as u16).wrapping_neg()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Underline;
    use proptest::prelude::*;

    fn restyled(mut cell: Cell, params: &[u16], reverse: bool) -> Cell {
        Restyle::of(params, reverse).on(&mut cell);
        cell
    }

    #[test]
    fn attributes_of_an_area_are_set_cleared_and_turned() {
        let (mut plain, mut all) = (Cell::default(), Cell::default());
        all.set(Attrs::BOLD | Attrs::BLINK | Attrs::REVERSE | Attrs::HIDDEN | Attrs::ITALIC, true);
        all.attr |= PROTECTED;
        all.set_underline(3);
        plain.attr |= GUARDED;
        let told = |c: Cell| (Attrs::from_bits_truncate(c.attr & 0xFF), c.underline());
        let rest = Attrs::ITALIC;
        assert_eq!(told(restyled(all, &[0], false)), (rest, Underline::None));
        assert_eq!(restyled(all, &[0], false).attr & PROTECTED, PROTECTED);
        assert_eq!(told(restyled(plain, &[1, 4, 5, 7, 8], false)), (Attrs::BOLD | Attrs::BLINK | Attrs::REVERSE | Attrs::HIDDEN, Underline::Single));
        assert_eq!(told(restyled(all, &[22, 25], false)), (Attrs::REVERSE | Attrs::HIDDEN | rest, Underline::Curly));
        assert_eq!(told(restyled(all, &[24], false)).1, Underline::None);
        assert_eq!(told(restyled(all, &[0], true)), (Attrs::HIDDEN | rest, Underline::None));
        assert_eq!(told(restyled(plain, &[0], true)), (Attrs::BOLD | Attrs::BLINK | Attrs::REVERSE, Underline::Single));
        assert_eq!(told(restyled(plain, &[0, 7, 4, 22], true)), (Attrs::BOLD | Attrs::BLINK, Underline::None));
        assert_eq!(restyled(plain, &[2, 3, 9, 100, 65535], false), plain);
    }

    proptest! {
        #[test]
        fn several_are_as_one_after_the_other(params in prop::collection::vec(0u16..30, 0..8), reverse: bool, attr: u16, kind in 0u16..6) {
            let mut cell = Cell::default();
            cell.attr = attr;
            cell.set_underline(kind);
            let one_by_one = params.iter().fold(cell, |c, p| restyled(c, &[*p], reverse));
            // Turned over twice a curly line is a plain one.
            let look = |c: Cell| (c.underline() != Underline::None, { let mut c = c; c.set_underline(0); c });
            prop_assert_eq!(look(restyled(cell, &params, reverse)), look(one_by_one));
        }
    }
}
