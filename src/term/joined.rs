//! Lines that were broken only by the width, put together again, and the way back from a place in the text to its cells.
//! Must not know engines or what is looked for in the text.

use super::text::Point;
use crate::base::Line;
use std::ops::Range;
use std::sync::Arc;

/// One cell: where its text begins, where it stands, and the link it belongs to.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub offset: usize,
    pub line: u64,
    pub cols: Range<u16>,
    pub link: Option<Arc<str>>,
}

/// Several lines as one text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Joined {
    pub text: String,
    pub cells: Vec<Cell>,
}

impl Joined {
    /// Adds a line behind what is there.
    pub fn push(&mut self, id: u64, line: &Line) {
        self.push_from(id, line, 0);
    }

    /// Adds the cells of a line from a column on.
    pub fn push_from(&mut self, id: u64, line: &Line, from: usize) {
        line.for_each_cell(|col, width, text, span| {
            if col >= from {
                let cols = col as u16..(col + usize::from(width)) as u16;
                self.cells.push(Cell { offset: self.text.len(), line: id, cols, link: span.link.clone() });
                self.text.push_str(text);
            }
        });
    }

    /// Places of the cells that hold a range of the text.
    pub fn cell_range(&self, bytes: &Range<usize>) -> Range<usize> {
        let first = self.cells.partition_point(|c| c.offset <= bytes.start).saturating_sub(1);
        first..self.cells.partition_point(|c| c.offset < bytes.end).max(first)
    }

    /// Where some cells stand: one entry for each line, top to bottom.
    pub fn spans(&self, cells: Range<usize>) -> Vec<(u64, Range<u16>)> {
        let mut spans: Vec<(u64, Range<u16>)> = Vec::new();
        for cell in self.cells.get(cells).unwrap_or_default() {
            match spans.last_mut() {
                Some((last, cols)) if *last == cell.line => cols.end = cell.cols.end,
                _ => spans.push((cell.line, cell.cols.clone())),
            }
        }
        spans
    }

    /// The place in the text of a cell.
    pub fn offset_of(&self, at: Point) -> Option<usize> {
        self.cells.iter().find(|c| c.line == at.line && c.cols.contains(&at.col)).map(|c| c.offset)
    }
}

/// First and last line of the logical line that `at` belongs to, at most `most` lines each way.
pub(crate) fn extent(lines: &impl Fn(u64) -> Option<Line>, at: u64, most: u64) -> (u64, u64) {
    let goes_on = |id: u64| lines(id).is_some_and(|l| l.wrapped);
    let mut first = at;
    while first > at.saturating_sub(most) && first > 0 && goes_on(first - 1) {
        first -= 1;
    }
    let mut last = at;
    while last < at.saturating_add(most) && goes_on(last) && lines(last + 1).is_some() {
        last += 1;
    }
    (first, last)
}
