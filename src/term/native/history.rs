//! Lines that scrolled off, in compact blocks. Must not know the screen.
//!
//! Rows are numbered by absolute id. They are counted as the lines they are parts of: a run of wrapped rows is one, so the width
//! has nothing to do with how much is kept. Three bounds, the oldest goes first:
//! - lines: output keeps `limit` of them. A change of size drops none; what a smaller screen pushes up may be there on top, up
//!   to a screenful;
//! - columns: [`LINE_COLS`] for each line on average, so that breaking all of it anew costs no more than it ever can;
//! - bytes: 1 KiB for each line on average. What rows cost beyond their text is allowed for as often again.

use super::linecode;
use super::row::Row;
use super::tables::{Tables, Used};
use std::collections::VecDeque;

/// A block is closed at this many lines ...
const BLOCK_LINES: usize = 256;
/// ... or bytes.
const BLOCK_BYTES: usize = 32 * 1024;

/// Lines that may be there beyond the limit: the rows of the highest screen.
const OVER: usize = 500;
/// Columns of a line on average; one longer line may have those of others.
const LINE_COLS: usize = 1000;
/// Bytes a wrapped row may cost beyond its text: its entry, its head, its style said again.
const ROW_COST: usize = 16;
/// In [`Entry::end`]: the text goes on in the next row.
const GOES_ON: u32 = 1 << 31;

#[derive(Debug, Clone, Copy)]
struct Entry {
    /// Where its bytes end in the block's, and [`GOES_ON`].
    end: u32,
    /// From the block's generation; below it for a line that did not change for long.
    generation: i32,
}

impl Entry {
    #[inline]
    fn end(self) -> usize {
        (self.end & !GOES_ON) as usize
    }

    /// Whether a line ends with it.
    #[inline]
    fn ends(self) -> bool {
        self.end & GOES_ON == 0
    }
}

#[derive(Debug, Clone)]
struct Block {
    first: u64,
    generation: u64,
    data: Vec<u8>,
    entries: Vec<Entry>,
    exts: Vec<u16>,
    wrapped: bool,
    widest: u16,
}

impl Block {
    fn line(&self, i: usize) -> Option<&[u8]> {
        let end = self.entries.get(i)?.end();
        let start = if i == 0 { 0 } else { self.entries.get(i - 1)?.end() };
        self.data.get(start..end)
    }

    fn bytes(&self) -> usize {
        self.data.capacity() + self.entries.capacity() * size_of::<Entry>() + self.exts.capacity() * 2 + size_of::<Block>()
    }
}

/// Rows that so many lines of [`LINE_COLS`] columns make, and one more for each.
fn most_rows(limit: usize, cols: usize) -> usize {
    limit.saturating_add(limit.saturating_mul(LINE_COLS) / cols.max(1))
}

/// The history of a main screen.
#[derive(Debug, Clone)]
pub(crate) struct History {
    blocks: VecDeque<Block>,
    /// Id of the oldest row, which is in the first block.
    start: u64,
    end: u64,
    limit: usize,
    /// Lines that end in it.
    lines: usize,
    /// Columns of the screen: every wrapped row is as long.
    cols: usize,
    /// Rows at most, by the columns that lines may have.
    most_rows: usize,
    /// Bytes of all blocks but the last.
    bytes: usize,
}

impl History {
    /// An empty history for at most `limit` lines, of a screen of `cols` columns.
    pub fn new(limit: usize, cols: usize) -> History {
        History { blocks: VecDeque::new(), start: 0, end: 0, limit, lines: 0, cols, most_rows: OVER.saturating_add(most_rows(limit, cols)), bytes: 0 }
    }

    /// Id of the oldest row kept.
    #[inline]
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Id after the newest row: that of the top of the screen.
    #[inline]
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Rows kept.
    #[inline]
    pub fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.bytes + self.blocks.back().map_or(0, Block::bytes)
    }

    /// Changes how many lines are kept. What falls out now does not come back with a higher limit.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
        self.set_cols(self.cols);
        if limit == 0 {
            return self.clear();
        }
        self.trim_lines(limit);
        self.trim_rows();
        self.trim_bytes();
    }

    /// The screen has so many columns now; what is here must [fit](History::fits).
    pub fn set_cols(&mut self, cols: usize) {
        (self.cols, self.most_rows) = (cols, OVER.saturating_add(most_rows(self.limit, cols)));
    }

    /// Forgets everything; ids go on.
    pub fn clear(&mut self) {
        self.restart(self.end);
    }

    /// Forgets everything and numbers on from `id`.
    pub fn restart(&mut self, id: u64) {
        self.blocks.clear();
        (self.start, self.end, self.lines, self.bytes) = (id, id, 0, 0);
    }

    /// Takes everything out, to be broken anew at `cols` columns; ids begin again where they began.
    pub fn renew(&mut self, cols: usize) -> History {
        let mut fresh = History::new(self.limit, cols);
        fresh.restart(self.start);
        std::mem::replace(self, fresh)
    }

    /// All rows as bytes, oldest first; each block goes as soon as it was read.
    pub fn read_out(mut self, mut f: impl FnMut(&[u8])) {
        while let Some(block) = self.blocks.pop_front() {
            let from = self.start.saturating_sub(block.first) as usize;
            (from..block.entries.len()).filter_map(|i| block.line(i)).for_each(&mut f);
        }
    }

    /// Id of the row that the newest `lines` lines begin with, cut where they have too many columns; with the limit or more it is
    /// all there is.
    pub fn newest(&self, lines: usize) -> u64 {
        if lines >= self.limit {
            return self.start;
        }
        let least = self.start.max(self.end.saturating_sub(most_rows(lines, self.cols) as u64));
        let mut id = self.end;
        let mut ends = 0;
        for entry in self.blocks.iter().rev().flat_map(|b| b.entries.iter().rev()) {
            ends += usize::from(entry.ends());
            if ends > lines || id <= least {
                break;
            }
            id -= 1;
        }
        id
    }

    fn most_bytes(&self) -> usize {
        let text = self.limit.saturating_mul(1024).saturating_add(1 << 20);
        text.saturating_add(self.len().saturating_sub(self.lines).saturating_mul(ROW_COST).min(text))
    }

    /// Forgets the oldest row.
    #[inline]
    fn forget(&mut self) {
        let Some(front) = self.blocks.front() else { return };
        let i = (self.start - front.first) as usize;
        self.lines -= usize::from(front.entries.get(i).is_some_and(|e| e.ends()));
        self.start += 1;
        if i + 1 >= front.entries.len() {
            self.drop_block();
        }
    }

    /// Drops the first block, whose rows are no longer counted.
    fn drop_block(&mut self) {
        // The open block is not counted in `bytes`.
        if let Some(gone) = self.blocks.pop_front()
            && !self.blocks.is_empty()
        {
            self.bytes = self.bytes.saturating_sub(gone.bytes());
        }
    }

    /// Forgets whole lines until there are no more than `most`.
    #[inline]
    fn trim_lines(&mut self, most: usize) {
        while self.lines > most {
            self.forget();
        }
    }

    #[inline]
    fn trim_rows(&mut self) {
        while self.len() > self.most_rows {
            self.forget();
        }
    }

    fn trim_bytes(&mut self) {
        while self.blocks.len() > 1 && self.bytes > self.most_bytes() {
            let Some(front) = self.blocks.front() else { return };
            let from = (self.start - front.first) as usize;
            self.lines -= front.entries.iter().skip(from).filter(|e| e.ends()).count();
            self.start = front.first + front.entries.len() as u64;
            self.drop_block();
        }
    }

    /// Takes a row that output pushed off the screen.
    #[inline]
    pub fn push(&mut self, row: &Row, tables: &Tables) {
        self.keep(row, tables);
        self.trim_lines(self.limit);
    }

    /// Takes a row without making room for its line: a change of size moved it, or it was here before.
    pub fn keep(&mut self, row: &Row, tables: &Tables) {
        if self.limit == 0 {
            self.end += 1;
            self.start = self.end;
            return;
        }
        let open = self.blocks.back().is_some_and(|b| b.entries.len() < BLOCK_LINES && b.data.len() < BLOCK_BYTES);
        if !open {
            // As much as the last block took: growing copies.
            let room = self.blocks.back().map_or(4096, |last| last.data.len() + 1024);
            if let Some(last) = self.blocks.back_mut() {
                last.data.shrink_to_fit();
                last.entries.shrink_to_fit();
                last.exts.shrink_to_fit();
                self.bytes += last.bytes();
            }
            self.blocks.push_back(Block {
                first: self.end,
                generation: row.generation,
                data: Vec::with_capacity(room),
                entries: Vec::with_capacity(BLOCK_LINES),
                exts: Vec::new(),
                wrapped: false,
                widest: 0,
            });
            self.trim_bytes();
        }
        let Some(block) = self.blocks.back_mut() else { return };
        let exts = &mut block.exts;
        linecode::encode(row, tables, &mut block.data, |id| {
            if exts.last() != Some(&id) {
                exts.push(id);
            }
        });
        if exts.len() > 64 {
            exts.sort_unstable();
            exts.dedup();
        }
        block.wrapped |= row.wrapped;
        block.widest = block.widest.max(row.cells().len() as u16);
        let apart = row.generation.wrapping_sub(block.generation) as i64;
        // Out of reach it counts as newer than it is, never as older.
        let generation = i32::try_from(apart.max(i32::MIN.into())).unwrap_or(i32::MAX);
        let goes_on = if row.wrapped { GOES_ON } else { 0 };
        block.entries.push(Entry { end: block.data.len() as u32 | goes_on, generation });
        self.end += 1;
        self.lines += usize::from(!row.wrapped);
        self.trim_rows();
        self.trim_lines(self.limit.saturating_add(OVER));
    }

    fn find(&self, abs: u64) -> Option<(&Block, usize)> {
        if abs < self.start() || abs >= self.end {
            return None;
        }
        let at = self.blocks.partition_point(|b| b.first <= abs).checked_sub(1)?;
        let block = self.blocks.get(at)?;
        Some((block, usize::try_from(abs - block.first).ok()?))
    }

    /// The bytes of a line.
    pub fn line(&self, abs: u64) -> Option<&[u8]> {
        let (block, i) = self.find(abs)?;
        block.line(i)
    }

    /// When a line last changed, or later.
    pub fn generation(&self, abs: u64) -> Option<u64> {
        let (block, i) = self.find(abs)?;
        Some(block.generation.saturating_add_signed(block.entries.get(i)?.generation.into()))
    }

    /// Gives the newest line back (the screen grew).
    pub fn pop(&mut self, tables: &mut Tables, cols: usize) -> Option<Row> {
        if self.len() == 0 {
            return None;
        }
        let block = self.blocks.back_mut()?;
        let i = block.entries.len().checked_sub(1)?;
        let row = linecode::decode_row(block.line(i)?, tables, cols).unwrap_or_default();
        self.lines -= usize::from(block.entries.pop().is_some_and(Entry::ends));
        block.data.truncate(block.entries.last().map_or(0, |e| e.end()));
        if block.entries.is_empty() {
            self.blocks.pop_back();
            // The one before becomes the open one again.
            if let Some(last) = self.blocks.back() {
                self.bytes = self.bytes.saturating_sub(last.bytes());
            }
        }
        self.end -= 1;
        Some(row)
    }

    /// Whether no line would be broken or joined at a width of `cols`.
    pub fn fits(&self, cols: usize) -> bool {
        self.blocks.iter().all(|b| !b.wrapped && usize::from(b.widest) <= cols)
    }

    /// Marks the side table numbers it names.
    pub fn mark(&self, used: &mut Used) {
        self.blocks.iter().flat_map(|b| &b.exts).for_each(|id| used.ext(*id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::term::native::cell::Cell;

    fn row(n: u64) -> Row {
        let mut row = Row::default();
        row.generation = n;
        row.write_ascii(0, format!("line {n}").as_bytes(), Cell::default());
        row
    }

    #[test]
    fn lines_are_found_by_id_and_bounded() {
        let mut tables = Tables::default();
        let mut history = History::new(1000, 80);
        for n in 0..5000 {
            history.push(&row(n), &tables);
        }
        assert_eq!((history.start(), history.end(), history.len()), (4000, 5000, 1000));
        assert!(history.line(3999).is_none() && history.line(5000).is_none());
        for n in [4000, 4255, 4256, 4999] {
            let got = linecode::decode_row(history.line(n).unwrap(), &mut tables, 80).unwrap();
            assert_eq!(got.cells(), row(n).cells());
            assert!(history.generation(n).unwrap() >= n);
        }
        assert!(history.bytes() < 1300 * 40, "{}", history.bytes());
        for n in (4000..5000).rev() {
            assert_eq!(history.pop(&mut tables, 80).map(|r| r.cells().to_vec()), Some(row(n).cells().to_vec()));
        }
        assert!(history.pop(&mut tables, 80).is_none());
        history.set_limit(10);
        for n in 0..600 {
            history.push(&row(n), &tables);
        }
        assert_eq!(history.len(), 10);
        history.clear();
        assert_eq!((history.len(), history.start()), (0, history.end()));
    }

    #[test]
    fn wrapped_rows_count_as_the_line_they_are_parts_of() {
        let mut tables = Tables::default();
        let mut history = History::new(100, 20);
        // Lines of three rows.
        for n in 0..900 {
            let mut row = row(n);
            row.wrapped = n % 3 != 2;
            history.push(&row, &tables);
        }
        assert_eq!((history.start(), history.end()), (600, 900));
        assert_eq!([1, 10, 99, 100, 5000].map(|n| history.newest(n)), [897, 870, 603, 600, 600]);
        // A head without its end comes on top.
        for n in 0..2 {
            let mut row = row(n);
            row.wrapped = true;
            history.push(&row, &tables);
        }
        assert_eq!((history.start(), history.newest(1)), (600, 897));
        for _ in 0..3 {
            history.pop(&mut tables, 20);
        }
        // What goes back to the screen makes room.
        history.push(&row(0), &tables);
        assert_eq!(history.start(), 600);
        history.push(&row(0), &tables);
        assert_eq!(history.start(), 603);
        history.set_limit(10);
        assert_eq!((history.start(), history.lines), (873, 10));
        let mut read = 0;
        history.renew(40).read_out(|_| read += 1);
        assert_eq!((read, history.len(), history.start(), history.end()), (28, 0, 873, 873));
    }

    #[test]
    fn a_change_of_size_pushes_nothing_out_and_a_line_without_end_is_bounded() {
        let tables = Tables::default();
        let mut history = History::new(100, 20);
        for n in 0..250 {
            history.keep(&row(n), &tables);
        }
        assert_eq!(history.len(), 250);
        history.push(&row(250), &tables);
        assert_eq!(history.len(), 100);
        for n in 0..1000 {
            history.keep(&row(n), &tables);
        }
        assert_eq!(history.len(), 100 + OVER);
        let mut endless = row(1);
        endless.wrapped = true;
        for _ in 0..20_000 {
            history.push(&endless, &tables);
        }
        assert_eq!(history.len(), 100 + OVER + 100 * LINE_COLS / 20);
        assert!(history.newest(1) >= history.end() - 51 && history.newest(0) == history.end());
    }

    #[test]
    fn bytes_are_bounded_too() {
        let tables = Tables::default();
        let mut history = History::new(100, 1000);
        let mut wild = Row::default();
        for col in 0..1000 {
            wild.put(col, Cell::look((2 << 24) | col as u32, (2 << 24) | (7 * col as u32), 0, 0).with_char('x', false));
        }
        for _ in 0..2000 {
            history.push(&wild, &tables);
        }
        assert!(history.bytes() < 1300 * 1024, "{}", history.bytes());
        assert!(history.len() > 10);
    }
}
