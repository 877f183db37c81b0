//! The text of a pane's history in blocks that workers can search, kept while searches go on. Must not know what is looked for,
//! nor where it is copied from.

use crate::past::{Found, Scan};
use std::sync::Arc;

/// Logical lines: their text, and the id of the line each begins in.
#[derive(Debug, Default)]
pub struct Block {
    pub(super) text: String,
    pub(super) lines: Vec<(u32, u64)>,
}

impl Block {
    /// One more line.
    pub(super) fn push(&mut self, text: &str, id: u64) {
        self.text.push_str(text.trim_end());
        self.lines.push((self.text.len() as u32, id));
    }

    /// The lines, oldest first.
    fn iter(&self) -> impl Iterator<Item = &str> {
        let mut from = 0;
        self.lines.iter().map(move |(end, _)| {
            let line = self.text.get(from..*end as usize).unwrap_or_default();
            from = *end as usize;
            line
        })
    }

    /// Every line that a scan finds, by id.
    pub fn scan(&self, scan: &Scan<'_>, found: &mut Found) {
        scan.lines(self.iter(), |i| self.lines.get(i).map_or(0, |l| l.1), found);
    }
}

/// What is kept of one pane.
#[derive(Debug, Default)]
pub struct Texts {
    pub(super) epoch: u64,
    /// Lines before this one are in the blocks.
    pub(super) upto: u64,
    pub(super) blocks: Vec<Arc<Block>>,
    pub(super) open: Block,
}
