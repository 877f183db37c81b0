//! One row of cells, stored only as far as something was written. Must not know its neighbours.
//!
//! Cells past the stored end are blank in the default style. A wide cell is always followed by its right half; whatever
//! overwrites one half blanks the other.

use super::cell::{Cell, Text};

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Row {
    cells: Vec<Cell>,
    /// Generation of its last change.
    pub generation: u64,
    /// The text goes on in the next row.
    pub wrapped: bool,
    /// Holds, or held, something other than narrow single characters.
    fancy: bool,
    /// Shell integration marks: bit 0 a prompt, bit 1 output begins here. Bits 2 and 3: the line's size (DECSWL, DECDWL, DECDHL).
    pub mark: u8,
}

impl Row {
    /// A row of these cells.
    pub fn from_cells(cells: Vec<Cell>) -> Row {
        let fancy = cells.iter().any(|c| c.byte().is_none());
        Row { cells, fancy, ..Row::default() }
    }

    /// The stored cells.
    #[inline]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cell at `col`, blank past the end.
    #[inline]
    pub fn get(&self, col: usize) -> Cell {
        self.cells.get(col).copied().unwrap_or_default()
    }

    /// Stored cells without blank ones in the default style at the end.
    pub fn trimmed(&self) -> &[Cell] {
        let blank = Cell::default();
        let len = self.cells.iter().rposition(|c| *c != blank).map_or(0, |i| i + 1);
        &self.cells[..len]
    }

    /// Makes it a fresh row of `blank` cells, keeping its memory.
    #[inline]
    pub fn reset(&mut self, blank: Cell, cols: usize) {
        self.cells.clear();
        self.wrapped = false;
        self.fancy = false;
        self.mark = 0;
        if blank != Cell::default() {
            self.cells.resize(cols, blank);
        }
    }

    /// Room for many columns is given back when a row was much wider before.
    pub fn shrink(&mut self, cols: usize) {
        self.cells.truncate(cols);
        if self.cells.capacity() > 2 * cols + 16 {
            self.cells.shrink_to(cols);
        }
    }

    #[inline]
    fn fill_to(&mut self, col: usize) {
        if self.cells.len() < col {
            self.cells.resize(col, Cell::default());
        }
    }

    /// Before `from..to` changes: a wide cell cut by either edge loses its other half.
    #[inline]
    pub fn cut(&mut self, from: usize, to: usize) {
        if !self.fancy {
            return;
        }
        if from > 0 && self.get(from).is_spacer() {
            let lead = &mut self.cells[from - 1];
            *lead = lead.styled();
        }
        if let Some(cell) = self.cells.get_mut(to)
            && cell.is_spacer()
        {
            *cell = cell.styled();
        }
    }

    /// Writes printable ASCII from `col` on.
    #[inline]
    pub fn write_ascii(&mut self, col: usize, bytes: &[u8], pen: Cell) {
        let end = col + bytes.len();
        self.cut(col, end);
        self.fill_to(col);
        let over = self.cells.len().min(end) - col;
        let (inside, beyond) = bytes.split_at(over);
        for (cell, byte) in self.cells[col..col + over].iter_mut().zip(inside) {
            *cell = pen.with_byte(*byte);
        }
        self.cells.extend(beyond.iter().map(|b| pen.with_byte(*b)));
    }

    /// Writes one cell, and its right half when it is wide.
    #[inline]
    pub fn put(&mut self, col: usize, cell: Cell) {
        let width = if cell.is_wide() { 2 } else { 1 };
        self.cut(col, col + width);
        self.fill_to(col + width);
        self.cells[col] = cell;
        if width == 2 {
            self.cells[col + 1] = cell.spacer();
        }
        self.fancy |= cell.byte().is_none();
    }

    /// Starts writing cells one after the other from `col` on, all of them whole characters; [`Run::end`] must follow.
    #[inline]
    pub fn run(&mut self, col: usize) -> Run<'_> {
        self.fill_to(col);
        let halves = self.fancy;
        // Until something comes, the wide cell that begins before stays whole.
        let cuts = if halves && self.get(col).is_spacer() { col } else { 0 };
        self.fancy = true;
        Run { cells: &mut self.cells, col, cuts, halves }
    }

    /// Replaces the text of a cell that is there already (it grew by a combining mark).
    pub fn set(&mut self, col: usize, cell: Cell) {
        self.fill_to(col + 1);
        self.cells[col] = cell;
        self.fancy = true;
    }

    /// Blanks `from..to`.
    pub fn erase(&mut self, from: usize, to: usize, blank: Cell) {
        if from >= to {
            return;
        }
        self.cut(from, to);
        if blank == Cell::default() && to >= self.cells.len() {
            self.cells.truncate(from);
            return;
        }
        self.fill_to(to);
        self.cells[from..to].fill(blank);
    }

    /// Sets the line's size: 0 single, 1 double width, 2 and 3 top and bottom half of double height.
    pub fn set_size(&mut self, size: u8) {
        self.mark = self.mark & 3 | (size & 3) << 2;
    }

    /// Blanks the cells of `from..to` that do not have the attribute bit `spared`; `text_alone` leaves blank ones as they are.
    pub fn erase_sparing(&mut self, from: usize, to: usize, blank: Cell, spared: u16, text_alone: bool) {
        for col in from..to {
            let cell = self.get(col);
            if cell.attr & spared == 0 && !(text_alone && cell.text() == Text::Blank) {
                self.erase(col, col + 1, blank);
            }
        }
    }

    /// Moves `col..right` to the right by `n`, blanks come in.
    pub fn insert(&mut self, col: usize, n: usize, right: usize, blank: Cell) {
        let n = n.min(right.saturating_sub(col));
        if n == 0 {
            return;
        }
        for edge in [col, right - n, right] {
            self.fancy_cut_at(edge);
        }
        self.fill_to(right);
        self.cells.copy_within(col..right - n, col + n);
        self.cells[col..col + n].fill(blank);
    }

    /// Moves what is right of `col + n` (up to `right`) to the left by `n`, blanks come in at `right`.
    pub fn delete(&mut self, col: usize, n: usize, right: usize, blank: Cell) {
        let n = n.min(right.saturating_sub(col));
        if n == 0 {
            return;
        }
        for edge in [col, col + n, right] {
            self.fancy_cut_at(edge);
        }
        self.fill_to(right);
        self.cells.copy_within(col + n..right, col);
        self.cells[right - n..right].fill(blank);
    }

    /// Blanks both halves of a wide cell that straddles `col`.
    fn fancy_cut_at(&mut self, col: usize) {
        if self.fancy && col > 0 && self.get(col).is_spacer() {
            self.cells[col - 1] = self.cells[col - 1].styled();
            self.cells[col] = self.cells[col].styled();
        }
    }

    /// Overwrites `at..` with these cells (a rectangle's row); halves of wide cells at the edges become blanks.
    pub fn overwrite(&mut self, at: usize, cells: &[Cell]) {
        let end = at + cells.len();
        self.cut(at, end);
        self.fill_to(end);
        self.cells[at..end].copy_from_slice(cells);
        if cells.is_empty() {
            return;
        }
        self.fancy = true;
        let (first, last) = (self.cells[at], self.cells[end - 1]);
        if first.is_spacer() {
            self.cells[at] = first.styled();
        }
        if last.is_wide() {
            self.cells[end - 1] = last.styled();
        }
    }

    /// Takes over the columns `left..right` of another row.
    pub fn copy_columns(&mut self, from: &Row, left: usize, right: usize) {
        // What both store only in part is not made longer than it must be.
        let end = from.cells.len().clamp(left, right);
        if self.cells.len() <= left && end <= left {
            return;
        }
        if end < right {
            self.erase(end, right, Cell::default());
        }
        if end > left {
            self.overwrite(left, &from.cells[left..end]);
        }
    }

    /// The cells `from..to`, blanks included.
    pub fn range(&self, from: usize, to: usize) -> Vec<Cell> {
        (from..to).map(|c| self.get(c)).collect()
    }

    /// Changes the style of `from..to` cell by cell. The halves of a wide cell look alike, also when one lies outside: it is the
    /// left one that counts, and history and snapshots keep no other.
    pub fn restyle(&mut self, from: usize, to: usize, mut f: impl FnMut(&mut Cell)) {
        self.fill_to(to);
        let cells = &mut self.cells[from..to];
        if !self.fancy {
            cells.iter_mut().for_each(f);
        } else {
            cells.iter_mut().filter(|cell| !cell.is_spacer()).for_each(&mut f);
            for i in from.max(1)..self.cells.len().min(to + 1) {
                if self.cells[i].is_spacer() {
                    self.cells[i] = self.cells[i - 1].spacer();
                }
            }
        }
    }

    #[cfg(test)]
    /// Whether every wide cell has its other half, which looks as it does, and nothing lies past `cols`.
    pub fn is_sound(&self, cols: usize) -> bool {
        let halves = self
            .cells
            .iter()
            .enumerate()
            .all(|(i, c)| (!c.is_wide() || self.get(i + 1) == c.spacer()) && (!c.is_spacer() || i > 0 && self.cells[i - 1].is_wide()));
        halves && self.cells.len() <= cols
    }
}

/// Cells on their way into a row.
pub(crate) struct Run<'a> {
    cells: &'a mut Vec<Cell>,
    col: usize,
    /// Where the run begins, when that is the right half of a wide cell; else 0.
    cuts: usize,
    /// There may be wide cells after the run.
    halves: bool,
}

impl Run<'_> {
    /// Adds a cell.
    #[inline]
    pub fn push(&mut self, cell: Cell) {
        match self.cells.get_mut(self.col) {
            Some(place) => *place = cell,
            None => self.cells.push(cell),
        }
        self.col += 1;
    }

    /// The column after what was added; wide cells that lost a half before or after it are blanked.
    #[inline]
    pub fn end(self) -> usize {
        if self.cuts > 0
            && self.col > self.cuts
            && let Some(lead) = self.cells.get_mut(self.cuts - 1)
        {
            *lead = lead.styled();
        }
        if self.halves
            && self.col > self.cuts
            && let Some(cell) = self.cells.get_mut(self.col)
            && cell.is_spacer()
        {
            *cell = cell.styled();
        }
        self.col
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(row: &Row) -> String {
        row.cells().iter().map(|c| if let Text::Char(c) = c.text() { c } else { '.' }).collect()
    }

    #[test]
    fn halves_of_wide_cells_go_together() {
        let mut row = Row::default();
        row.put(2, Cell::default().with_char('中', true));
        row.write_ascii(3, b"x", Cell::default());
        assert_eq!(text(&row), "...x");
        row.put(2, Cell::default().with_char('中', true));
        row.write_ascii(2, b"y", Cell::default());
        assert_eq!(text(&row), "..y.");
    }

    #[derive(Debug, Clone)]
    enum Op {
        Ascii(usize, usize),
        Wide(usize),
        Erase(usize, usize),
        Insert(usize, usize, usize),
        Delete(usize, usize, usize),
        Overwrite(usize, usize),
        Restyle(usize, usize),
    }

    fn ops() -> impl Strategy<Value = Vec<Op>> {
        let at = 0usize..20;
        prop::collection::vec(
            prop_oneof![
                (at.clone(), 0usize..8).prop_map(|(a, n)| Op::Ascii(a, n)),
                at.clone().prop_map(Op::Wide),
                (at.clone(), at.clone()).prop_map(|(a, b)| Op::Erase(a, b)),
                (at.clone(), 0usize..9, at.clone()).prop_map(|(a, n, r)| Op::Insert(a, n, r)),
                (at.clone(), 0usize..9, at.clone()).prop_map(|(a, n, r)| Op::Delete(a, n, r)),
                (at.clone(), 1usize..6).prop_map(|(a, n)| Op::Overwrite(a, n)),
                (at.clone(), at).prop_map(|(a, b)| Op::Restyle(a.min(b), a.max(b))),
            ],
            0..40,
        )
    }

    proptest! {
        #[test]
        fn no_edit_leaves_half_a_character(ops in ops(), bg in 0u32..2) {
            const COLS: usize = 20;
            let mut row = Row::default();
            let blank = Cell::look(0, bg, 0, 0);
            for op in ops {
                match op {
                    Op::Ascii(a, n) => row.write_ascii(a, &b"abcdefgh"[..n.min(COLS - a)], Cell::default()),
                    Op::Wide(a) => row.put(a.min(COLS - 2), Cell::default().with_char('中', true)),
                    Op::Erase(a, b) => row.erase(a, b, blank),
                    Op::Insert(a, n, r) => row.insert(a, n, r + 1, blank),
                    Op::Delete(a, n, r) => row.delete(a, n, r + 1, blank),
                    Op::Overwrite(a, n) => {
                        let cells = row.range(COLS - n, COLS);
                        row.overwrite(a.min(COLS - n), &cells);
                    }
                    Op::Restyle(a, b) => row.restyle(a, b, |cell| cell.attr ^= 1),
                }
                prop_assert!(row.is_sound(COLS), "{:?}", row);
            }
        }
    }
}
