//! From weights to rectangles, and what stands beside what. Must not change the tree.
//!
//! Where an area is too small for all panes at their minimal size, whole parts of a split get nothing (an empty rectangle)
//! until the rest fits; the part with the pane to keep goes last. Rectangles never overlap and never leave the area.

use super::tree::{Node, Tree};
use super::{Axis, Direction, MIN_COLS, MIN_ROWS};
use crate::base::Rect;

/// A line between two parts of a split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Divider {
    /// The cells of the line.
    pub rect: Rect,
    /// Axis of the split: [`Axis::Row`] has vertical lines.
    pub axis: Axis,
    /// Where the split is in the tree: the part to take at each level.
    pub(super) path: Vec<usize>,
    /// The part before the line.
    pub(super) before: usize,
    /// The part after the line; more than `before + 1` where collapsed parts lie between.
    pub(super) after: usize,
}

/// Rectangles of a tree in an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rects<P> {
    /// Every pane in the order of [`Tree::panes`]; one that has no room has an empty rectangle.
    pub panes: Vec<(P, Rect)>,
    /// The lines between them.
    pub dividers: Vec<Divider>,
}

impl<P: Copy + Eq> Rects<P> {
    /// The rectangle of a pane, when it is there and has room.
    pub fn of(&self, pane: P) -> Option<Rect> {
        self.panes.iter().find(|(p, r)| *p == pane && !r.is_empty()).map(|(_, r)| *r)
    }

    /// The pane at a cell.
    pub fn at(&self, x: u16, y: u16) -> Option<P> {
        self.panes.iter().find(|(_, r)| r.contains(x, y)).map(|(p, _)| *p)
    }

    /// The divider at a cell.
    pub fn divider_at(&self, x: u16, y: u16) -> Option<&Divider> {
        self.dividers.iter().find(|d| d.rect.contains(x, y))
    }

    /// The pane one meets first from `pane` in that direction: of those beside it, the nearest, then the one that shares
    /// most of the edge. `None` at the edge of the area.
    pub fn neighbour(&self, pane: P, direction: Direction) -> Option<P> {
        let from = self.of(pane)?;
        let overlap = |a0: u16, a1: u16, b0: u16, b1: u16| a1.min(b1).saturating_sub(a0.max(b0));
        self.panes
            .iter()
            .filter(|(p, r)| *p != pane && !r.is_empty())
            .filter_map(|(p, r)| {
                let (distance, shared) = match direction {
                    Direction::Left => (from.x.checked_sub(r.right())?, overlap(from.y, from.bottom(), r.y, r.bottom())),
                    Direction::Right => (r.x.checked_sub(from.right())?, overlap(from.y, from.bottom(), r.y, r.bottom())),
                    Direction::Up => (from.y.checked_sub(r.bottom())?, overlap(from.x, from.right(), r.x, r.right())),
                    Direction::Down => (r.y.checked_sub(from.bottom())?, overlap(from.x, from.right(), r.x, r.right())),
                };
                (shared > 0).then_some((*p, distance, shared))
            })
            .min_by_key(|(_, distance, shared)| (*distance, u16::MAX - shared))
            .map(|(p, _, _)| p)
    }
}

impl<P: Copy + Eq> Tree<P> {
    /// The rectangles of all panes in `area`, with `gap` cells between parts for the lines. `keep` is the pane that must
    /// be seen when not all have room (the focused one).
    pub fn rects(&self, area: Rect, gap: u16, keep: Option<P>) -> Rects<P> {
        let mut out = Rects { panes: Vec::new(), dividers: Vec::new() };
        self.root.place(area, gap, keep, &mut Vec::new(), &mut out);
        out
    }
}

/// Cells of a rectangle along an axis.
pub(super) fn extent(area: Rect, axis: Axis) -> u16 {
    match axis {
        Axis::Row => area.w,
        Axis::Column => area.h,
    }
}

impl<P: Copy + Eq> Node<P> {
    fn place(&self, area: Rect, gap: u16, keep: Option<P>, path: &mut Vec<usize>, out: &mut Rects<P>) {
        let (axis, parts) = match self {
            Node::Pane(p) => {
                out.panes.push((*p, if area.is_empty() { Rect { w: 0, h: 0, ..area } } else { area }));
                return;
            }
            Node::Split { axis, parts } => (*axis, parts),
        };
        let sizes = self.sizes(area, gap, keep);
        let mut at = 0u16;
        let mut before: Option<usize> = None;
        for (i, (part, size)) in parts.iter().zip(&sizes).enumerate() {
            if *size > 0 {
                if let Some(before) = before {
                    if gap > 0 {
                        out.dividers.push(Divider { rect: slice(area, axis, at, gap), axis, path: path.clone(), before, after: i });
                    }
                    at += gap;
                }
                before = Some(i);
            }
            path.push(i);
            part.node.place(slice(area, axis, at, *size), gap, keep, path, out);
            path.pop();
            at += size;
        }
    }

    /// Cells of each part along the axis of this split; 0 for the parts that have no room. With the gaps between those
    /// that have, they fill the area.
    pub(super) fn sizes(&self, area: Rect, gap: u16, keep: Option<P>) -> Vec<u16> {
        let Node::Split { axis, parts } = self else { return Vec::new() };
        let room = extent(area, *axis);
        if area.is_empty() {
            return vec![0; parts.len()];
        }
        let least = leaf_min(*axis);
        let mut live: Vec<usize> = (0..parts.len()).collect();
        let mut mins: Vec<u16> = parts.iter().map(|p| p.node.min(*axis, gap)).collect();
        let needed = |live: &[usize], mins: &[u16]| {
            let gaps = usize::from(gap) * live.len().saturating_sub(1);
            live.iter().map(|i| mins.get(*i).map_or(0, |m| usize::from(*m))).sum::<usize>() + gaps
        };
        if needed(&live, &mins) > usize::from(room) {
            mins = vec![least; parts.len()]; // parts inside parts collapse before whole parts do
        }
        let kept = keep.and_then(|k| parts.iter().position(|p| p.node.contains(k)));
        while live.len() > 1 && needed(&live, &mins) > usize::from(room) {
            let victim = live.iter().rposition(|i| Some(*i) != kept).unwrap_or(0);
            live.remove(victim);
        }
        let space = room - (gap * (live.len() as u16 - 1)).min(room);
        let weights: Vec<u32> = live.iter().map(|i| parts.get(*i).map_or(1, |p| p.weight)).collect();
        let floors: Vec<u16> = live.iter().map(|i| mins.get(*i).copied().unwrap_or(least)).collect();
        let mut sizes = vec![0; parts.len()];
        for (i, size) in live.iter().zip(share(space, &weights, &floors)) {
            if let Some(s) = sizes.get_mut(*i) {
                *s = size;
            }
        }
        sizes
    }

    /// Fewest cells along `axis` at which every pane inside has its minimal size.
    pub(super) fn min(&self, axis: Axis, gap: u16) -> u16 {
        match self {
            Node::Pane(_) => leaf_min(axis),
            Node::Split { axis: own, parts } if *own == axis => {
                let gaps = gap.saturating_mul(parts.len().saturating_sub(1) as u16);
                parts.iter().fold(gaps, |sum, p| sum.saturating_add(p.node.min(axis, gap)))
            }
            Node::Split { parts, .. } => parts.iter().map(|p| p.node.min(axis, gap)).max().unwrap_or(0),
        }
    }
}

fn leaf_min(axis: Axis) -> u16 {
    match axis {
        Axis::Row => MIN_COLS,
        Axis::Column => MIN_ROWS,
    }
}

fn slice(area: Rect, axis: Axis, at: u16, size: u16) -> Rect {
    match axis {
        Axis::Row => Rect { x: area.x + at.min(area.w), w: size.min(area.w - at.min(area.w)), ..area },
        Axis::Column => Rect { y: area.y + at.min(area.h), h: size.min(area.h - at.min(area.h)), ..area },
    }
}

/// Shares `space` by weight with a floor each. The sum is always `space`; floors hold when they fit together.
fn share(space: u16, weights: &[u32], floors: &[u16]) -> Vec<u16> {
    let floor_sum: u32 = floors.iter().map(|f| u32::from(*f)).sum();
    let floors: Vec<u16> = if floor_sum > u32::from(space) { vec![0; weights.len()] } else { floors.to_vec() };
    // Parts whose fair share is under their floor get the floor; the others share the rest, until nothing changes.
    let mut fixed: Vec<bool> = vec![false; weights.len()];
    loop {
        let rest = u64::from(space) - fixed.iter().zip(&floors).filter(|(f, _)| **f).map(|(_, m)| u64::from(*m)).sum::<u64>();
        let total: u64 = fixed.iter().zip(weights).filter(|(f, _)| !**f).map(|(_, w)| u64::from(*w)).sum::<u64>().max(1);
        let mut changed = false;
        for ((f, w), m) in fixed.iter_mut().zip(weights).zip(&floors) {
            if !*f && u64::from(*w) * rest < u64::from(*m) * total {
                *f = true;
                changed = true;
            }
        }
        if changed {
            continue;
        }
        let mut out = Vec::with_capacity(weights.len());
        let (mut seen, mut given) = (0u64, 0u64);
        for ((f, w), m) in fixed.iter().zip(weights).zip(&floors) {
            if *f {
                out.push(*m);
            } else {
                // Cumulative rounding: the edges are where they would be if cells had no size, so growing the window by one
                // cell moves every edge by at most one.
                seen += u64::from(*w);
                let edge = (seen * rest * 2 + total) / (total * 2);
                out.push((edge - given) as u16);
                given = edge;
            }
        }
        // Rounding may take a part one cell under its floor; the largest gives one.
        for i in 0..out.len() {
            while let (Some(size), Some(floor)) = (out.get(i).copied(), floors.get(i).copied())
                && size < floor
                && let Some(big) = (0..out.len()).filter(|j| out.get(*j) > floors.get(*j)).max_by_key(|j| out.get(*j).copied())
            {
                if let Some(s) = out.get_mut(big) {
                    *s -= 1;
                }
                if let Some(s) = out.get_mut(i) {
                    *s += 1;
                }
            }
        }
        // All fixed cannot be with space left over: the sum of floors would be the space itself, or a part is not fixed.
        let sum: u16 = out.iter().sum();
        if let Some(last) = out.last_mut() {
            *last += space - sum.min(space);
        }
        return out;
    }
}
