//! The rows of one screen. Must not know the cursor, modes or history.

use super::cell::Cell;
use super::row::Row;
use std::collections::VecDeque;

/// A screen's rows, top to bottom.
#[derive(Debug, Clone)]
pub(crate) struct Grid {
    rows: VecDeque<Row>,
}

impl Grid {
    /// A blank screen.
    pub fn new(rows: usize) -> Grid {
        Grid { rows: (0..rows).map(|_| Row::default()).collect() }
    }

    /// A screen of these rows.
    pub fn from_rows(rows: Vec<Row>) -> Grid {
        Grid { rows: rows.into() }
    }

    /// Number of rows.
    #[inline]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// A row.
    #[inline]
    pub fn row(&self, i: usize) -> Option<&Row> {
        self.rows.get(i)
    }

    /// A row to change. Rows outside the screen do not exist for callers: they hold coordinates inside it.
    #[inline]
    pub fn at(&mut self, i: usize) -> &mut Row {
        let last = self.rows.len() - 1;
        &mut self.rows[i.min(last)]
    }

    /// All rows.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Row> + ExactSizeIterator {
        self.rows.iter()
    }

    /// All rows, to change.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Row> {
        self.rows.iter_mut()
    }

    /// The whole screen moves up by one: the top row is used again as the blank bottom one.
    #[inline]
    pub fn rotate(&mut self, blank: Cell, cols: usize, generation: u64) {
        if let Some(mut row) = self.rows.pop_front() {
            row.reset(blank, cols);
            row.generation = generation;
            self.rows.push_back(row);
        }
    }

    /// Rows `top..=bottom` move up by `n`, blank ones come in below.
    pub fn shift_up(&mut self, top: usize, bottom: usize, n: usize, blank: Cell, cols: usize) {
        let rows = self.rows.make_contiguous();
        let Some(region) = rows.get_mut(top..=bottom) else { return };
        let n = n.min(region.len());
        region.rotate_left(n);
        let kept = region.len() - n;
        region[kept..].iter_mut().for_each(|row| row.reset(blank, cols));
    }

    /// Rows `top..=bottom` move down by `n`, blank ones come in above.
    pub fn shift_down(&mut self, top: usize, bottom: usize, n: usize, blank: Cell, cols: usize) {
        let rows = self.rows.make_contiguous();
        let Some(region) = rows.get_mut(top..=bottom) else { return };
        let n = n.min(region.len());
        region.rotate_right(n);
        region[..n].iter_mut().for_each(|row| row.reset(blank, cols));
    }

    /// Moves the columns `left..right` of rows `top..=bottom` by `n` rows, up or down; blank ones come in.
    pub fn shift_columns(&mut self, (top, bottom): (usize, usize), (left, right): (usize, usize), n: usize, up: bool, blank: Cell) {
        let rows = self.rows.make_contiguous();
        let Some(region) = rows.get_mut(top..=bottom) else { return };
        let height = region.len();
        for i in 0..height {
            let to = if up { i } else { height - 1 - i };
            let from = if up { to.checked_add(n).filter(|from| *from < height) } else { to.checked_sub(n) };
            match from.filter(|from| *from != to) {
                Some(from) => {
                    let (head, tail) = region.split_at_mut(to.max(from));
                    let (to, from) = if up { (&mut head[to], &tail[0]) } else { (&mut tail[0], &head[from]) };
                    to.copy_columns(from, left, right);
                }
                None if n > 0 => region[to].erase(left, right, blank),
                None => {}
            }
            region[to].wrapped = false;
        }
    }

    /// Takes the top row off.
    pub fn pop_top(&mut self) -> Option<Row> {
        self.rows.pop_front()
    }

    /// Adds a row below.
    pub fn push_bottom(&mut self, row: Row) {
        self.rows.push_back(row);
    }

    /// Takes the bottom row off.
    pub fn pop_bottom(&mut self) -> Option<Row> {
        self.rows.pop_back()
    }
}
