//! A change of size: lines of the main screen and its history are broken anew, the alternate screen is cut or padded.
//! Must not know sequences.
//!
//! The cursor stays on its character. Content that reached the bottom stays there: a lower screen pushes lines to history, a
//! higher one pulls them back. A screen that was not full gets blank lines below instead, so that a cleared screen stays clear.
//! Rows below the cursor that no longer fit are cut, as every terminal does: the cursor must stay where the program left it.

use super::cell::{Cell, Text};
use super::grid::Grid;
use super::linecode;
use super::row::Row;
use super::state::{Pos, State, default_tabs};
use crate::base::Size;
use crate::term::event::Event;

/// A place in the rows before, and where it is after.
#[derive(Debug, Clone, Copy)]
struct Tracked {
    row: usize,
    col: usize,
    to: Option<(usize, usize)>,
}

/// Breaks logical lines at a width. A row is given out as soon as it is sure what stands in it: lines have no end.
struct Breaker {
    old_cols: usize,
    cols: usize,
    stamp: u64,
    /// What was not given out yet of the logical line.
    cells: Vec<Cell>,
    mark: u8,
    open: bool,
    /// Tracked places in these cells: index of the place, cell offset.
    here: Vec<(usize, usize)>,
}

impl Breaker {
    fn new(old_cols: usize, cols: usize, stamp: u64) -> Breaker {
        Breaker { old_cols, cols, stamp, cells: Vec::new(), mark: 0, open: false, here: Vec::new() }
    }

    /// Takes a row; `places` are the tracked places in it. Gives finished rows to `out(row)`, which returns the index it got.
    fn take(&mut self, row: &Row, places: impl Iterator<Item = (usize, usize)>, tracked: &mut [Tracked], out: &mut impl FnMut(Row) -> usize) {
        let start = self.cells.len();
        self.here.extend(places.map(|(place, col)| (place, start + col)));
        self.mark |= row.mark;
        self.open = true;
        if row.wrapped {
            let full = row.cells().iter().copied().chain(std::iter::repeat(Cell::default())).take(self.old_cols);
            self.cells.extend(full);
            // The filler before a wide character is no text.
            while matches!(self.cells.last().map(|c| c.text()), Some(Text::Pad)) && self.cells.len() > start {
                self.cells.pop();
            }
            self.pieces(tracked, out);
        } else {
            self.cells.extend_from_slice(row.trimmed());
            self.flush(tracked, out);
        }
    }

    /// Gives out all rows but the last one.
    fn pieces(&mut self, tracked: &mut [Tracked], out: &mut impl FnMut(Row) -> usize) {
        let mut at = 0;
        while self.cells.len() - at > self.cols {
            let mut end = at + self.cols;
            let split_wide = self.cells[end].is_spacer();
            if split_wide && end > at + 1 {
                end -= 1;
            }
            let mut piece = self.cells[at..end].to_vec();
            if split_wide && piece.len() < self.cols {
                piece.push(Cell::default().pad());
            }
            let index = self.give(piece, true, out);
            self.here.retain(|(place, offset)| {
                let here = (at..end).contains(offset);
                if here && let Some(t) = tracked.get_mut(*place) {
                    t.to = Some((index, offset - at));
                }
                !here
            });
            at = end;
        }
        if at > 0 {
            self.cells.drain(..at);
            self.here.iter_mut().for_each(|place| place.1 -= at);
        }
    }

    /// Gives out what is left of the line.
    fn flush(&mut self, tracked: &mut [Tracked], out: &mut impl FnMut(Row) -> usize) {
        if !self.open {
            return;
        }
        self.pieces(tracked, out);
        self.open = false;
        let last = self.cells.clone();
        self.cells.clear();
        let index = self.give(last, false, out);
        for (place, offset) in self.here.drain(..) {
            if let Some(t) = tracked.get_mut(place) {
                t.to = Some((index, offset));
            }
        }
    }

    fn give(&mut self, cells: Vec<Cell>, wrapped: bool, out: &mut impl FnMut(Row) -> usize) -> usize {
        let mut row = Row::from_cells(cells);
        (row.wrapped, row.mark, row.generation) = (wrapped, std::mem::take(&mut self.mark), self.stamp);
        out(row)
    }
}

impl State {
    /// Takes a new size. Nothing happens when it is the old one.
    pub fn resize(&mut self, size: Size) {
        let size = size.clamped();
        if size == self.size {
            return;
        }
        let (old_rows, old_cols) = (self.rows(), self.cols());
        let (rows, cols) = (usize::from(size.rows), usize::from(size.cols));
        let main_pos = if self.alt { self.saved[0] } else { Some(self.pos) };
        let saved_main = if self.alt { None } else { self.saved[0] };
        let (main, alt) = if self.alt { (&mut self.other, &mut self.grid) } else { (&mut self.grid, &mut self.other) };
        let main = std::mem::replace(main, Grid::new(0));
        let alt_rows = std::mem::replace(alt, Grid::new(0));

        let mut places = [main_pos, saved_main].map(|p| {
            let p = p.unwrap_or_default();
            // A cursor that waits to wrap stands after the last column.
            Tracked { row: p.row.min(old_rows - 1), col: p.col + usize::from(p.pending), to: None }
        });
        let mut lines = self.rebreak(main, old_cols, cols, &mut places);
        let content = lines.content;
        let full = content == old_rows || lines.rows.len() > old_rows;
        self.settle(&mut lines, rows, cols, full);

        let autowrap = self.flags.autowrap;
        let moved = |place: Tracked, pos: Pos| -> Pos {
            let (row, col) = place.to.unwrap_or((0, 0));
            // After the last character of a row that is full now: what comes next goes on in the next one.
            let pending = autowrap && col == cols && lines.rows.get(row).is_some_and(|r| r.cells().len() >= cols);
            Pos { row: row.min(rows - 1), col: col.min(cols - 1), pending, ..pos }
        };
        let new_pos = main_pos.map(|p| moved(lines.places[0], p));
        let new_saved = saved_main.map(|p| moved(lines.places[1], p));
        let main_grid = Grid::from_rows(lines.rows);
        let mut alt_pos = self.alt.then_some(self.pos);
        let alt_grid = cut_or_pad(alt_rows, rows, cols, alt_pos.as_mut(), self.stamp);
        for saved in [&mut self.saved[1]].into_iter().flatten() {
            (saved.row, saved.col, saved.pending) = (saved.row.min(rows - 1), saved.col.min(cols - 1), false);
        }
        match alt_pos {
            Some(pos) => {
                (self.grid, self.other) = (alt_grid, main_grid);
                self.pos = pos;
                self.saved[0] = new_pos;
            }
            None => {
                (self.grid, self.other) = (main_grid, alt_grid);
                self.pos = new_pos.unwrap_or_default();
                self.saved[0] = new_saved;
            }
        }
        self.size = size;
        self.reset_margins();
        let old_tabs = self.tabs.len();
        self.tabs.truncate(cols);
        self.tabs.extend(default_tabs(cols).into_iter().skip(old_tabs));
        self.touch_all();
        self.report_size_in_band();
        if cols != old_cols {
            self.events.push(Event::Reflow);
        }
    }

    /// Breaks history and screen at the new width. History that is broken as it should be stays as it is.
    fn rebreak(&mut self, main: Grid, old_cols: usize, cols: usize, places: &mut [Tracked; 2]) -> Lines {
        let content = main.iter().rposition(|r| !r.trimmed().is_empty() || r.wrapped).map_or(0, |i| i + 1);
        let used = content.max(places[0].row + 1).min(main.len());
        if cols == old_cols {
            for p in places.iter_mut() {
                p.to = Some((p.row, p.col));
            }
            let rows: Vec<Row> = main.iter().take(used).cloned().collect();
            return Lines { rows, places: *places, content: used };
        }
        let mut breaker = Breaker::new(old_cols, cols, self.stamp);
        let mut rows: Vec<Row> = Vec::new();
        if self.history.fits(cols) {
            self.history.set_cols(cols);
        } else {
            // A line that goes on from history into the screen is broken as a whole.
            let (old, history, tables) = (self.history.renew(cols), &mut self.history, &mut self.tables);
            old.read_out(|bytes| {
                let row = linecode::decode_row(bytes, tables, old_cols).unwrap_or_default();
                breaker.take(&row, std::iter::empty(), &mut [], &mut |row| {
                    history.keep(&row, tables);
                    0
                });
            });
        }
        for (i, row) in main.iter().take(used).enumerate() {
            let here: Vec<(usize, usize)> = places.iter().enumerate().filter(|(_, p)| p.row == i).map(|(n, p)| (n, p.col)).collect();
            breaker.take(row, here.into_iter(), places, &mut |row| {
                rows.push(row);
                rows.len() - 1
            });
        }
        breaker.flush(places, &mut |row| {
            rows.push(row);
            rows.len() - 1
        });
        // A last line that is wrapped goes on nowhere.
        if let Some(last) = rows.last_mut() {
            last.wrapped = false;
        }
        Lines { rows, places: *places, content: used }
    }

    /// Makes it exactly `rows` rows: into history what is too much, out of it (or blank) what is missing.
    fn settle(&mut self, lines: &mut Lines, rows: usize, cols: usize, full: bool) {
        let cursor = lines.places[0].to.map_or(0, |p| p.0);
        let over = lines.rows.len().saturating_sub(rows);
        // Lines that go up must leave the cursor on the screen.
        let up = over.min(cursor);
        for row in lines.rows.drain(..up) {
            self.history.keep(&row, &self.tables);
        }
        for place in &mut lines.places {
            if let Some(to) = &mut place.to {
                to.0 = to.0.saturating_sub(up);
            }
        }
        lines.rows.truncate(rows);
        if full {
            let mut back = Vec::new();
            while lines.rows.len() + back.len() < rows {
                let Some(mut row) = self.history.pop(&mut self.tables, cols) else { break };
                row.generation = self.stamp;
                back.push(row);
            }
            for place in &mut lines.places {
                if let Some(to) = &mut place.to {
                    to.0 += back.len();
                }
            }
            back.reverse();
            back.append(&mut lines.rows);
            lines.rows = back;
        }
        lines.rows.resize_with(rows, Row::default);
    }
}

/// Rows of the main screen on their way to a new size.
struct Lines {
    rows: Vec<Row>,
    places: [Tracked; 2],
    /// Rows that had content, or the cursor.
    content: usize,
}

/// The alternate screen at a new size: its program draws it anew.
fn cut_or_pad(mut grid: Grid, rows: usize, cols: usize, pos: Option<&mut Pos>, stamp: u64) -> Grid {
    let mut cursor = pos.as_ref().map_or(0, |p| p.row);
    while grid.len() > rows {
        if cursor >= rows {
            grid.pop_top();
            cursor -= 1;
        } else {
            grid.pop_bottom();
        }
    }
    while grid.len() < rows {
        grid.push_bottom(Row::default());
    }
    for row in grid.iter_mut() {
        row.cut(0, cols);
        row.shrink(cols);
        row.wrapped = false;
        row.generation = stamp;
        let last = row.get(cols - 1);
        if last.is_wide() {
            row.erase(cols - 1, cols, last.blank());
        }
    }
    if let Some(pos) = pos {
        (pos.row, pos.col, pos.pending) = (cursor.min(rows - 1), pos.col.min(cols - 1), false);
    }
    grid
}
