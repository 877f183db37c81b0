//! The tree itself: what it holds, in which order, and how it is read back from a file. Must not know rectangles.

use super::{Axis, MAX_PANES};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Weight of a part nobody has resized.
pub(super) const WEIGHT: u32 = 1 << 16;

/// A pane, or parts along an axis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Node<P> {
    /// One pane.
    Pane(P),
    /// Two parts or more.
    Split {
        /// How they stand.
        axis: Axis,
        /// The parts, left to right or top to bottom.
        parts: Vec<Part<P>>,
    },
}

/// A part of a split and its share of the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part<P> {
    /// Share of the room, against the weights beside it. At least 1.
    pub weight: u32,
    /// What stands there.
    pub node: Node<P>,
}

/// A tree of splits over panes. Never empty; no pane twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Raw<P>", bound(deserialize = "P: Deserialize<'de> + Copy + Eq"))]
pub struct Tree<P> {
    pub(super) root: Node<P>,
}

#[derive(Deserialize)]
struct Raw<P> {
    root: Node<P>,
}

/// Why a tree read from a file is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadTree {
    /// A split without parts.
    #[error("a split has no parts")]
    Empty,
    /// The same pane stands in two places.
    #[error("a pane stands in two places")]
    Twice,
    /// More than [`MAX_PANES`] panes.
    #[error("more than {MAX_PANES} panes")]
    TooMany,
}

impl<P: Copy + Eq> TryFrom<Raw<P>> for Tree<P> {
    type Error = BadTree;

    fn try_from(raw: Raw<P>) -> Result<Tree<P>, BadTree> {
        let mut tree = Tree { root: raw.root };
        if tree.root.has_empty() {
            return Err(BadTree::Empty);
        }
        let panes = tree.panes();
        if panes.len() > MAX_PANES {
            return Err(BadTree::TooMany);
        }
        if panes.iter().enumerate().any(|(i, p)| panes.iter().skip(i + 1).any(|q| q == p)) {
            return Err(BadTree::Twice);
        }
        tree.root.tidy();
        Ok(tree)
    }
}

impl<P: Copy + Eq> Tree<P> {
    /// A tree of one pane.
    pub fn new(pane: P) -> Tree<P> {
        Tree { root: Node::Pane(pane) }
    }

    /// All panes, left to right and top to bottom within each split.
    pub fn panes(&self) -> Vec<P> {
        let mut out = Vec::new();
        self.root.collect(&mut out);
        out
    }

    /// How many panes there are; at least 1.
    #[allow(clippy::len_without_is_empty)] // never empty
    pub fn len(&self) -> usize {
        self.panes().len()
    }

    /// Whether this pane is in it.
    pub fn contains(&self, pane: P) -> bool {
        self.root.contains(pane)
    }

    /// The pane after this one in the order of [`Tree::panes`], from the last on to the first; itself when alone.
    pub fn next(&self, pane: P) -> P {
        self.step(pane, 1)
    }

    /// The pane before this one, from the first on to the last.
    pub fn previous(&self, pane: P) -> P {
        self.step(pane, self.len() - 1)
    }

    fn step(&self, pane: P, by: usize) -> P {
        let panes = self.panes();
        let at = panes.iter().position(|p| *p == pane).unwrap_or(0);
        panes.get((at + by) % panes.len().max(1)).copied().unwrap_or(pane)
    }
}

impl<P: Copy + Eq> Node<P> {
    pub(super) fn contains(&self, pane: P) -> bool {
        match self {
            Node::Pane(p) => *p == pane,
            Node::Split { parts, .. } => parts.iter().any(|p| p.node.contains(pane)),
        }
    }

    fn collect(&self, out: &mut Vec<P>) {
        match self {
            Node::Pane(p) => out.push(*p),
            Node::Split { parts, .. } => parts.iter().for_each(|p| p.node.collect(out)),
        }
    }

    fn has_empty(&self) -> bool {
        match self {
            Node::Pane(_) => false,
            Node::Split { parts, .. } => parts.is_empty() || parts.iter().any(|p| p.node.has_empty()),
        }
    }

    /// Makes the shape canonical: no split of one part, no split inside a split of the same axis, weights at least 1 and
    /// small enough to add up.
    pub(super) fn tidy(&mut self) {
        let Node::Split { axis, parts } = self else { return };
        let axis = *axis;
        let mut flat = Vec::with_capacity(parts.len());
        for mut part in std::mem::take(parts) {
            part.weight = part.weight.clamp(1, 1 << 24);
            part.node.tidy();
            match part.node {
                Node::Split { axis: inner, parts: inner_parts } if inner == axis => {
                    let total: u64 = inner_parts.iter().map(|p| u64::from(p.weight)).sum::<u64>().max(1);
                    for p in inner_parts {
                        let weight = (u64::from(part.weight) * u64::from(p.weight) / total).max(1) as u32;
                        flat.push(Part { weight, node: p.node });
                    }
                }
                node => flat.push(Part { weight: part.weight, node }),
            }
        }
        if flat.len() == 1 {
            if let Some(only) = flat.pop() {
                *self = only.node;
            }
        } else {
            *parts = flat;
        }
    }
}
