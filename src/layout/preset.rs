//! Ready-made arrangements. Must not know rectangles.

use super::Axis;
use super::tree::{Node, Part, Tree, WEIGHT};
use serde::{Deserialize, Serialize};

/// A ready-made arrangement of all panes of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Side by side.
    EvenHorizontal,
    /// One below the other.
    EvenVertical,
    /// One large pane at the left, the others stacked at the right.
    MainLeft,
    /// A grid.
    Tiled,
}

impl Preset {
    /// All of them, in the order a key goes round.
    pub const ALL: [Preset; 4] = [Preset::EvenHorizontal, Preset::EvenVertical, Preset::MainLeft, Preset::Tiled];

    /// The one after this.
    pub fn next(self) -> Preset {
        match self {
            Preset::EvenHorizontal => Preset::EvenVertical,
            Preset::EvenVertical => Preset::MainLeft,
            Preset::MainLeft => Preset::Tiled,
            Preset::Tiled => Preset::EvenHorizontal,
        }
    }
}

impl<P: Copy + Eq> Tree<P> {
    /// Arranges all panes anew, in their order; `main` comes first where one pane is the main one.
    pub fn preset(&mut self, preset: Preset, main: P) {
        let mut panes = self.panes();
        self.root = match preset {
            Preset::EvenHorizontal => line(Axis::Row, panes),
            Preset::EvenVertical => line(Axis::Column, panes),
            Preset::MainLeft => {
                if let Some(i) = panes.iter().position(|p| *p == main) {
                    panes.remove(i);
                    panes.insert(0, main);
                }
                let rest = panes.split_off(1.min(panes.len()));
                match rest.is_empty() {
                    true => line(Axis::Row, panes),
                    false => Node::Split {
                        axis: Axis::Row,
                        parts: vec![
                            Part { weight: WEIGHT * 3 / 2, node: line(Axis::Column, panes) },
                            Part { weight: WEIGHT, node: line(Axis::Column, rest) },
                        ],
                    },
                }
            }
            Preset::Tiled => {
                let rows = (panes.len() as f64).sqrt().round().max(1.0) as usize;
                let per_row = panes.len().div_ceil(rows).max(1);
                let parts = panes.chunks(per_row).map(|c| Part { weight: WEIGHT, node: line(Axis::Row, c.to_vec()) }).collect();
                Node::Split { axis: Axis::Column, parts }
            }
        };
        self.root.tidy();
    }
}

fn line<P: Copy + Eq>(axis: Axis, panes: Vec<P>) -> Node<P> {
    let mut parts: Vec<Part<P>> = panes.into_iter().map(|p| Part { weight: WEIGHT, node: Node::Pane(p) }).collect();
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only.node,
        (_, last) => {
            parts.extend(last);
            Node::Split { axis, parts }
        }
    }
}
