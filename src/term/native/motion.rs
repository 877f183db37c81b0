//! Moving the cursor, scrolling, tab stops. Must not know sequences.

use super::cell::Cell;
use super::state::State;

impl State {
    /// Whether the cursor is between the left and right margins.
    fn inside_columns(&self) -> bool {
        (self.left..=self.right).contains(&self.pos.col)
    }

    /// Whether margins leave every column in.
    fn full_width(&self) -> bool {
        self.left == 0 && self.right + 1 == self.cols()
    }

    /// What scrolling and erasing leave behind.
    #[inline]
    pub fn blank(&self) -> Cell {
        self.pos.pen.blank()
    }

    /// Down one line, scrolling at the bottom margin (IND, LF).
    #[inline]
    pub fn index(&mut self) {
        self.dirty = true;
        if self.pos.row == self.bottom {
            if self.full_width() || self.inside_columns() {
                self.scroll_up(1);
            }
        } else if self.pos.row + 1 < self.rows() {
            self.pos.row += 1;
        }
    }

    /// Up one line, scrolling at the top margin (RI).
    pub fn reverse_index(&mut self) {
        self.pos.pending = false;
        self.dirty = true;
        if self.pos.row == self.top {
            if self.full_width() || self.inside_columns() {
                self.scroll_down(1);
            }
        } else {
            self.pos.row = self.pos.row.saturating_sub(1);
        }
    }

    /// LF, VT, FF.
    #[inline]
    pub fn line_feed(&mut self) {
        self.pos.pending = false;
        self.index();
        if self.flags.newline {
            self.carriage_return();
        }
    }

    /// So many of them at once: those that scroll between left and right margins move everything only once.
    pub fn line_feeds(&mut self, n: usize) {
        self.last_char = None;
        let mut left = n;
        while left > 0 {
            self.line_feed();
            left -= 1;
            if left > 1 && self.pos.row == self.bottom && !self.full_width() {
                if self.inside_columns() {
                    self.scroll_up(left - 1);
                }
                left = 1;
            }
        }
    }

    /// CR.
    #[inline]
    pub fn carriage_return(&mut self) {
        self.pos.pending = false;
        self.dirty = true;
        self.pos.col = if self.pos.col >= self.left || self.pos.origin { self.left } else { 0 };
    }

    /// BS; goes to the line above with reverse wrap.
    pub fn backspace(&mut self) {
        self.left_by(1);
    }

    /// The region moves up by `n`; at the top of the main screen lines go to history.
    pub fn scroll_up(&mut self, n: usize) {
        let (top, bottom, cols, blank) = (self.top, self.bottom, self.cols(), self.blank());
        self.dirty = true;
        if !self.full_width() {
            return self.shift_columns(top, bottom, n, true);
        }
        let n = n.min(bottom - top + 1);
        if self.alt || top > 0 {
            self.grid.shift_up(top, bottom, n, blank, cols);
            return self.touch(top, bottom);
        }
        if bottom + 1 == self.rows() {
            for _ in 0..n {
                if let Some(row) = self.grid.row(0) {
                    self.history.push(row, &self.tables);
                }
                self.grid.rotate(blank, cols, self.stamp);
            }
            return;
        }
        for i in 0..n {
            if let Some(row) = self.grid.row(i) {
                self.history.push(row, &self.tables);
            }
        }
        self.grid.shift_up(top, bottom, n, blank, cols);
        // Lines of the region keep their ids; what came in and what stands below got new ones.
        self.touch(bottom + 1 - n, self.rows() - 1);
    }

    /// The region moves down by `n`.
    pub fn scroll_down(&mut self, n: usize) {
        let (top, bottom, cols, blank) = (self.top, self.bottom, self.cols(), self.blank());
        if self.full_width() {
            self.grid.shift_down(top, bottom, n, blank, cols);
        } else {
            self.shift_columns(top, bottom, n, false);
        }
        self.touch(top, bottom);
    }

    /// Moves the part between left and right margins of rows `top..=bottom` by `n`.
    pub fn shift_columns(&mut self, top: usize, bottom: usize, n: usize, up: bool) {
        let columns = (self.left, self.right + 1);
        let blank = self.blank();
        self.grid.shift_columns((top, bottom), columns, n.min(bottom - top + 1), up, blank);
        self.touch(top, bottom);
    }

    /// Lines in at the cursor (IL) or out (DL).
    pub fn edit_lines(&mut self, n: usize, insert: bool) {
        self.pos.pending = false;
        let (row, bottom) = (self.pos.row, self.bottom);
        if row < self.top || row > bottom || !self.inside_columns() {
            return;
        }
        let (cols, blank) = (self.cols(), self.blank());
        if !self.full_width() {
            self.shift_columns(row, bottom, n, !insert);
        } else if insert {
            self.grid.shift_down(row, bottom, n, blank, cols);
        } else {
            self.grid.shift_up(row, bottom, n, blank, cols);
        }
        self.touch(row, bottom);
        self.pos.col = self.left;
    }

    /// Columns in at the cursor (DECIC) or out (DECDC), in all rows of the region.
    pub fn edit_columns(&mut self, n: usize, insert: bool) {
        if !(self.top..=self.bottom).contains(&self.pos.row) || !self.inside_columns() {
            return;
        }
        let (col, right, blank) = (self.pos.col, self.right + 1, self.blank());
        for row in self.top..=self.bottom {
            let line = self.grid.at(row);
            if insert {
                line.insert(col, n, right, blank);
            } else {
                line.delete(col, n, right, blank);
            }
        }
        self.touch(self.top, self.bottom);
    }

    /// Cells in at the cursor (ICH) or out (DCH).
    pub fn edit_cells(&mut self, n: usize, insert: bool) {
        self.pos.pending = false;
        if !self.inside_columns() {
            return;
        }
        let (row, col, right, blank) = (self.pos.row, self.pos.col, self.right + 1, self.blank());
        let line = self.grid.at(row);
        if insert {
            line.insert(col, n, right, blank);
        } else {
            line.delete(col, n, right, blank);
        }
        line.wrapped = false;
        self.touch(row, row);
    }

    /// To a row and column counted from 0, from the margins in origin mode.
    #[inline]
    pub fn goto(&mut self, row: usize, col: usize) {
        self.goto_row(row);
        self.goto_col(col);
    }

    /// To a row counted from 0, from the top margin in origin mode.
    #[inline]
    pub fn goto_row(&mut self, row: usize) {
        self.pos.pending = false;
        self.dirty = true;
        self.pos.row = if self.pos.origin { (self.top + row).min(self.bottom) } else { row.min(self.rows() - 1) };
    }

    /// To a column counted from 0, from the left margin in origin mode.
    #[inline]
    pub fn goto_col(&mut self, col: usize) {
        self.pos.pending = false;
        self.dirty = true;
        self.pos.col = if self.pos.origin { (self.left + col).min(self.right) } else { col.min(self.cols() - 1) };
    }

    /// Up, not past the top margin when below it.
    pub fn up(&mut self, n: usize) {
        self.pos.pending = false;
        self.dirty = true;
        let stop = if self.pos.row >= self.top { self.top } else { 0 };
        self.pos.row = self.pos.row.saturating_sub(n).max(stop);
    }

    /// Down, not past the bottom margin when above it.
    pub fn down(&mut self, n: usize) {
        self.pos.pending = false;
        self.dirty = true;
        let stop = if self.pos.row <= self.bottom { self.bottom } else { self.rows() - 1 };
        self.pos.row = (self.pos.row + n).min(stop);
    }

    /// Right, not past the right margin when left of it.
    pub fn right_by(&mut self, n: usize) {
        self.pos.pending = false;
        self.dirty = true;
        self.pos.col = (self.pos.col + n).min(self.right_end() - 1);
    }

    /// Right, whatever the margins are (HPR); in origin mode not past the right one.
    pub fn right_past(&mut self, n: usize) {
        let from = if self.pos.origin { self.left } else { 0 };
        self.goto_col((self.pos.col + n).saturating_sub(from));
    }

    /// Down, whatever the margins are (VPR); in origin mode not past the bottom one.
    pub fn down_past(&mut self, n: usize) {
        let from = if self.pos.origin { self.top } else { 0 };
        self.goto_row((self.pos.row + n).saturating_sub(from));
    }

    /// Left, whatever the margins are (HPB); in origin mode not past the left one.
    pub fn left_past(&mut self, n: usize) {
        let from = if self.pos.origin { self.left } else { 0 };
        self.goto_col(self.pos.col.saturating_sub(n.saturating_add(from)));
    }

    /// Up, whatever the margins are (VPB); in origin mode not past the top one.
    pub fn up_past(&mut self, n: usize) {
        let from = if self.pos.origin { self.top } else { 0 };
        self.goto_row(self.pos.row.saturating_sub(n.saturating_add(from)));
    }

    /// Left, not past the left margin when right of it. With reverse wrap on (and autowrap) it goes on in the line above: with
    /// mode 45 only where that line was wrapped into this one, with 1045 wherever it is, and from the top to the bottom.
    pub fn left_by(&mut self, n: usize) {
        let mut n = n;
        self.dirty = true;
        let (wrapped, anywhere) = (self.flags.reverse_wrap, self.flags.reverse_wrap_anywhere);
        if (wrapped || anywhere) && self.flags.autowrap {
            if self.pos.pending {
                self.pos.pending = false;
                n -= 1;
            }
            n = n.min(self.rows() * self.cols());
            while n > 0 {
                let left = if self.pos.col >= self.left { self.left } else { 0 };
                let step = n.min(self.pos.col - left);
                self.pos.col -= step;
                n -= step;
                if n > 0 {
                    let at_top = self.pos.row == self.top || self.pos.row == 0;
                    let goes_on = || self.pos.row.checked_sub(1).and_then(|above| self.grid.row(above)).is_some_and(|above| above.wrapped);
                    if !anywhere && (at_top || !goes_on()) {
                        return;
                    }
                    self.pos.row = if self.pos.row == self.top { self.bottom } else { self.pos.row.checked_sub(1).unwrap_or(self.rows() - 1) };
                    self.pos.col = self.right;
                    n -= 1;
                }
            }
            return;
        }
        self.pos.pending = false;
        let stop = if self.pos.col >= self.left { self.left } else { 0 };
        self.pos.col = self.pos.col.saturating_sub(n).max(stop);
    }

    /// To the next tab stop, `n` times.
    pub fn tab(&mut self, n: usize) {
        self.dirty = true;
        if self.pos.pending && self.flags.tab_wraps {
            self.wrap();
        }
        let last = self.right_end() - 1;
        for _ in 0..n.min(self.cols()) {
            let Some(next) = (self.pos.col + 1..last).find(|c| self.tabs.get(*c) == Some(&true)) else {
                self.pos.col = last;
                break;
            };
            self.pos.col = next;
        }
        // A tab in the last column goes nowhere, and does not forget that the column is full.
    }

    /// To the tab stop before, `n` times.
    pub fn back_tab(&mut self, n: usize) {
        self.pos.pending = false;
        self.dirty = true;
        let first = if self.pos.origin { self.left } else { 0 };
        for _ in 0..n.min(self.cols()) {
            let stop = (first + 1..self.pos.col).rev().find(|c| self.tabs.get(*c) == Some(&true));
            self.pos.col = stop.unwrap_or(first.min(self.pos.col));
        }
    }

    /// DECSC.
    pub fn save_cursor(&mut self) {
        self.saved[self.screen()] = Some(self.pos);
    }

    /// DECRC.
    pub fn restore_cursor(&mut self) {
        self.dirty = true;
        let saved = self.saved[self.screen()].unwrap_or_default();
        self.pos = saved;
        self.pos.row = self.pos.row.min(self.rows() - 1);
        self.pos.col = self.pos.col.min(self.cols() - 1);
        self.pos.pending &= self.pos.col + 1 == self.cols() || self.pos.col == self.right;
    }
}
