//! A new size for a terminal: lines that something happened at, and what every watcher looks at, keep their text when the width
//! changes. Must not know who asks for it.

use super::pane::Pane;
use crate::base::Size;
use crate::term::{Held, Point, Starts};
use crate::wire::ServerMsg;
use std::rc::Rc;

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
