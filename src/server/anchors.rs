//! Lines of a terminal that something happened at: where follow-ups were typed, where errors were reported. Must not know the
//! model, nor terminals.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// Lines remembered of each sort in one session; the oldest goes.
const MOST: usize = 500;
/// Places of one client that are followed.
pub const MARKS: usize = 64;

/// What happened at a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Anchor {
    /// A follow-up was typed.
    FollowUp,
    /// An error was made known.
    Error,
}

/// A line, and what happened there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// What.
    pub which: Anchor,
    /// Its number now.
    pub line: u64,
    /// Bytes of output there had been.
    pub offset: u64,
}

/// The lines of one terminal, in the order they came.
#[derive(Debug, Default)]
pub struct Anchors {
    all: VecDeque<At>,
    writes: u64,
    written: Arc<Mutex<u64>>,
}

impl Anchors {
    /// Lines of one sort that are still kept, top to bottom.
    pub fn lines(&self, which: Anchor, oldest: u64) -> Vec<u64> {
        let mut lines: Vec<u64> = self.all.iter().filter(|a| a.which == which && a.line >= oldest).map(|a| a.line).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = At> {
        self.all.iter().copied()
    }

    /// Remembers a line.
    pub fn put(&mut self, which: Anchor, line: u64, offset: u64) {
        let same = || self.all.iter().filter(|a| a.which == which);
        if same().next_back().is_some_and(|a| a.line == line) {
            return;
        }
        if same().count() >= MOST
            && let Some(i) = self.all.iter().position(|a| a.which == which)
        {
            self.all.remove(i);
        }
        self.all.push_back(At { which, line, offset });
    }

    /// Their numbers, to change them.
    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut u64> {
        self.all.iter_mut().map(|a| &mut a.line)
    }

    /// A number for the next list that is written, higher than all before.
    pub fn next_write(&mut self) -> u64 {
        self.writes += 1;
        self.writes
    }

    /// The number of the list that was written last.
    pub fn written(&self) -> Arc<Mutex<u64>> {
        Arc::clone(&self.written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_sort_the_newest_are_kept() {
        let mut anchors = Anchors::default();
        anchors.put(Anchor::Error, 7, 0);
        (0..2000).for_each(|line| anchors.put(Anchor::FollowUp, line, line));
        anchors.put(Anchor::FollowUp, 1999, 2000);
        let kept = anchors.lines(Anchor::FollowUp, 0);
        assert_eq!((kept.len(), kept.first(), kept.last()), (MOST, Some(&1500), Some(&1999)));
        assert_eq!(anchors.lines(Anchor::Error, 0), [7]);
    }
}
