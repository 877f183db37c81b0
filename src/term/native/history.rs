//! Lines that scrolled off, in compact blocks. Must not know the screen.
//!
//! Bounded in lines and in bytes. Lines are numbered by absolute id, oldest dropped first; a block goes when its last line
//! does.

use super::linecode;
use super::row::Row;
use super::tables::{Tables, Used};
use std::collections::VecDeque;

/// A block is closed at this many lines ...
const BLOCK_LINES: usize = 256;
/// ... or bytes.
const BLOCK_BYTES: usize = 32 * 1024;

#[derive(Debug, Clone, Copy)]
struct Entry {
    end: u32,
    /// From the block's generation; below it for a line that did not change for long.
    generation: i32,
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
        let end = self.entries.get(i)?.end as usize;
        let start = if i == 0 { 0 } else { self.entries.get(i - 1)?.end as usize };
        self.data.get(start..end)
    }

    fn bytes(&self) -> usize {
        self.data.capacity() + self.entries.capacity() * size_of::<Entry>() + self.exts.capacity() * 2 + size_of::<Block>()
    }
}

/// The history of a main screen.
#[derive(Debug, Clone)]
pub(crate) struct History {
    blocks: VecDeque<Block>,
    end: u64,
    limit: usize,
    bytes: usize,
    floor: u64,
}

impl History {
    /// An empty history for at most `limit` lines.
    pub fn new(limit: usize) -> History {
        History { blocks: VecDeque::new(), end: 0, limit, bytes: 0, floor: 0 }
    }

    /// Id of the oldest line kept.
    pub fn start(&self) -> u64 {
        let first = self.blocks.front().map_or(self.end, |b| b.first);
        first.max(self.end.saturating_sub(self.limit as u64)).max(self.floor).min(self.end)
    }

    /// Id after the newest line: that of the top of the screen.
    #[inline]
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Lines kept.
    pub fn len(&self) -> usize {
        (self.end - self.start()) as usize
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.bytes + self.blocks.back().map_or(0, Block::bytes)
    }

    /// Changes how many lines are kept.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
        // What falls out now does not come back with a higher limit.
        self.floor = self.start();
        self.trim();
    }

    /// Forgets everything; ids go on.
    pub fn clear(&mut self) {
        self.blocks.clear();
        self.bytes = 0;
        self.floor = self.end;
    }

    /// Forgets everything and numbers on from `id` (reflow).
    pub fn restart(&mut self, id: u64) {
        self.blocks.clear();
        self.bytes = 0;
        self.end = id;
        self.floor = id;
    }

    fn max_bytes(&self) -> usize {
        self.limit.saturating_mul(1024).saturating_add(1 << 20)
    }

    fn trim(&mut self) {
        let keep_from = self.end.saturating_sub(self.limit as u64);
        while let Some(front) = self.blocks.front() {
            let gone = !front.entries.is_empty() && front.first + front.entries.len() as u64 <= keep_from;
            if !gone && (self.bytes <= self.max_bytes() || self.blocks.len() < 2) {
                break;
            }
            // The open block is not counted in `bytes` yet.
            if self.blocks.len() > 1 {
                self.bytes = self.bytes.saturating_sub(front.bytes());
            }
            self.blocks.pop_front();
        }
    }

    /// Takes a row that left the screen.
    pub fn push(&mut self, row: &Row, tables: &Tables) {
        if self.limit == 0 {
            self.end += 1;
            self.floor = self.end;
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
            self.trim();
        }
        self.end += 1;
        // What fell out of the limit once does not come back when lines are given back.
        self.floor = self.floor.max(self.end.saturating_sub(self.limit as u64));
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
        block.entries.push(Entry { end: block.data.len() as u32, generation });
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
        block.entries.pop();
        block.data.truncate(block.entries.last().map_or(0, |e| e.end as usize));
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

    /// The lines `from..`, oldest first, as bytes.
    pub fn lines_from(&self, from: u64) -> impl Iterator<Item = &[u8]> {
        (from.max(self.start())..self.end).filter_map(|abs| self.line(abs))
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
        let mut history = History::new(1000);
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
    fn bytes_are_bounded_too() {
        let tables = Tables::default();
        let mut history = History::new(100);
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
