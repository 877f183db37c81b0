//! Changing the shape: split, close, swap, replace, even out. Must not know rectangles.

use super::tree::{Node, Part, Tree, WEIGHT};
use super::{Direction, MAX_PANES};

impl<P: Copy + Eq> Tree<P> {
    /// Puts `new` beside `pane`, in that direction, with half of its room. False when `pane` is not there, `new` already is,
    /// or the tree is full.
    pub fn split(&mut self, pane: P, direction: Direction, new: P) -> bool {
        if !self.contains(pane) || self.contains(new) || self.len() >= MAX_PANES {
            return false;
        }
        self.root.split(pane, direction, new);
        self.root.tidy();
        true
    }

    /// Takes a pane out; the pane beside it that takes its room is returned. `None`, and nothing changes, when it is not
    /// there or is the only one.
    pub fn close(&mut self, pane: P) -> Option<P> {
        let panes = self.panes();
        let at = panes.iter().position(|p| *p == pane)?;
        if panes.len() < 2 {
            return None;
        }
        let heir = self.root.remove(pane);
        self.root.tidy();
        heir.or_else(|| panes.get(if at == 0 { 1 } else { at - 1 }).copied())
    }

    /// Two panes change places. False when one is not there.
    pub fn swap(&mut self, a: P, b: P) -> bool {
        if !self.contains(a) || !self.contains(b) {
            return false;
        }
        self.root.each(&mut |p| {
            if *p == a {
                *p = b;
            } else if *p == b {
                *p = a;
            }
        });
        true
    }

    /// `new` takes the place of `old`. False when `old` is not there or `new` already is.
    pub fn replace(&mut self, old: P, new: P) -> bool {
        if !self.contains(old) || self.contains(new) {
            return false;
        }
        self.root.each(&mut |p| {
            if *p == old {
                *p = new;
            }
        });
        true
    }

    /// Gives the parts of every split the same room.
    pub fn even_out(&mut self) {
        self.root.even_out();
    }
}

impl<P: Copy + Eq> Node<P> {
    fn each(&mut self, f: &mut impl FnMut(&mut P)) {
        match self {
            Node::Pane(p) => f(p),
            Node::Split { parts, .. } => parts.iter_mut().for_each(|p| p.node.each(f)),
        }
    }

    fn even_out(&mut self) {
        if let Node::Split { parts, .. } = self {
            for part in parts {
                part.weight = WEIGHT;
                part.node.even_out();
            }
        }
    }

    fn split(&mut self, pane: P, direction: Direction, new: P) {
        match self {
            Node::Pane(p) if *p == pane => {
                let old = Part { weight: WEIGHT, node: Node::Pane(pane) };
                let new = Part { weight: WEIGHT, node: Node::Pane(new) };
                let parts = if direction.forward() { vec![old, new] } else { vec![new, old] };
                *self = Node::Split { axis: direction.axis(), parts };
            }
            Node::Pane(_) => {}
            Node::Split { parts, .. } => parts.iter_mut().for_each(|p| p.node.split(pane, direction, new)),
        }
    }

    /// Removes the pane below this node; the first pane of the part that gets its room.
    fn remove(&mut self, pane: P) -> Option<P> {
        let Node::Split { parts, .. } = self else { return None };
        if let Some(i) = parts.iter().position(|p| p.node == Node::Pane(pane)) {
            let gone = parts.remove(i);
            let heir = parts.get_mut(i.saturating_sub(1))?;
            heir.weight = heir.weight.saturating_add(gone.weight);
            return Some(if i == 0 { heir.node.first() } else { heir.node.last() }).flatten();
        }
        parts.iter_mut().find(|p| p.node.contains(pane)).and_then(|p| p.node.remove(pane))
    }

    fn first(&self) -> Option<P> {
        match self {
            Node::Pane(p) => Some(*p),
            Node::Split { parts, .. } => parts.first().and_then(|p| p.node.first()),
        }
    }

    fn last(&self) -> Option<P> {
        match self {
            Node::Pane(p) => Some(*p),
            Node::Split { parts, .. } => parts.last().and_then(|p| p.node.last()),
        }
    }
}
