//! Lines of a terminal that something happened at: where follow-ups were typed, where errors were reported; and what every
//! watcher looks at. All of them keep their text when the width changes. Must not know the model.

use super::pane::Pane;
use crate::base::Size;
use crate::term::{Held, Point, Starts};
use crate::wire::ServerMsg;
use std::collections::VecDeque;
use std::rc::Rc;
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

    fn all_mut(&mut self) -> impl Iterator<Item = &mut u64> {
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

/// Gives the engine a new size; places that people and the product hold on to stay with their text.
pub fn resize(pane: &Rc<Pane>, size: Size) {
    if pane.engine(|e, _| e.size().cols) == size.cols {
        return pane.engine_mut(|e| e.resize(size));
    }
    let watchers = pane.watchers();
    let marks: Vec<Vec<(u64, u16)>> = watchers.iter().map(|c| c.watched(&pane.id).map(|w| w.marks).unwrap_or_default()).collect();
    let (own, theirs) = pane.engine(|e, _| {
        let starts = Starts::of(e);
        let hold = |(line, col): (u64, u16)| starts.hold(e, Point { line, col });
        let own: Vec<Held> = pane.anchors().borrow_mut().all_mut().map(|line| hold((*line, 0))).collect();
        let theirs: Vec<Vec<Held>> = marks.iter().map(|m| m.iter().copied().map(hold).collect()).collect();
        (own, theirs)
    });
    pane.engine_mut(|e| e.resize(size));
    let starts = pane.engine(|e, _| {
        let starts = Starts::of(e);
        for (line, held) in pane.anchors().borrow_mut().all_mut().zip(own) {
            *line = starts.place(e, held).line;
        }
        starts
    });
    // Told to those as well who hold on to nothing: what they take hold of before they hear of it is not what they mean.
    for (client, held) in watchers.iter().zip(theirs) {
        let marks: Vec<(u64, u16)> = pane.engine(|e, _| held.into_iter().map(|h| starts.place(e, h)).map(|p| (p.line, p.col)).collect());
        let mut moved = 0;
        for w in client.watch.borrow_mut().iter_mut().filter(|w| w.session == pane.id) {
            w.moved += 1;
            moved = w.moved;
            w.marks.clone_from(&marks);
        }
        client.push(&ServerMsg::Moved { session: pane.id.clone(), moved, marks });
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
