//! Moving the lines between parts. Must not change the shape.

use super::arrange::{Divider, extent};
use super::tree::{Node, Tree};
use super::{Axis, Direction};
use crate::base::Rect;

impl<P: Copy + Eq> Tree<P> {
    /// Moves an edge of a pane by `cells` in that direction: the edge at its right (or bottom) where another part stands
    /// there, else the one at its left (or top). Stops where a neighbour has its minimal size. False when nothing moved.
    pub fn resize(&mut self, pane: P, direction: Direction, cells: u16, area: Rect, gap: u16) -> bool {
        let by = i32::from(cells) * if direction.forward() { 1 } else { -1 };
        self.edge(pane, direction.axis(), true, by, area, gap) || self.edge(pane, direction.axis(), false, by, area, gap)
    }

    /// Moves a line by `by` cells (right and down are positive). False when nothing moved.
    pub fn drag(&mut self, divider: &Divider, by: i32, area: Rect, gap: u16) -> bool {
        let mut node = &mut self.root;
        let mut area = area;
        for step in &divider.path {
            let sizes = node.sizes(area, gap, None);
            let Node::Split { axis, parts } = node else { return false };
            area = part_area(area, *axis, gap, &sizes, *step);
            let Some(part) = parts.get_mut(*step) else { return false };
            node = &mut part.node;
        }
        node.shift(divider.before, divider.after, by, area, gap)
    }

    /// Moves the edge after (or before) the innermost part of that axis that holds the pane and has such an edge.
    fn edge(&mut self, pane: P, axis: Axis, after: bool, by: i32, area: Rect, gap: u16) -> bool {
        let mut found: Option<(Vec<usize>, usize)> = None;
        let mut path = Vec::new();
        let mut node = &self.root;
        while let Node::Split { axis: own, parts } = node {
            let Some(i) = parts.iter().position(|p| p.node.contains(pane)) else { return false };
            let has = if after { i + 1 < parts.len() } else { i > 0 };
            if *own == axis && has {
                found = Some((path.clone(), if after { i } else { i - 1 }));
            }
            path.push(i);
            let Some(part) = parts.get(i) else { return false };
            node = &part.node;
        }
        let Some((path, before)) = found else { return false };
        let divider = Divider { rect: Rect::default(), axis, path, before, after: before + 1 };
        self.drag(&divider, by, area, gap)
    }
}

fn part_area(area: Rect, axis: Axis, gap: u16, sizes: &[u16], index: usize) -> Rect {
    let live = sizes.iter().take(index).filter(|s| **s > 0).count() as u16;
    let at: u16 = sizes.iter().take(index).sum::<u16>() + gap * live;
    let size = sizes.get(index).copied().unwrap_or(0);
    match axis {
        Axis::Row => Rect { x: area.x.saturating_add(at), w: size, ..area },
        Axis::Column => Rect { y: area.y.saturating_add(at), h: size, ..area },
    }
}

impl<P: Copy + Eq> Node<P> {
    fn shift(&mut self, before: usize, after: usize, by: i32, area: Rect, gap: u16) -> bool {
        let mut sizes = self.sizes(area, gap, None);
        let Node::Split { axis, parts } = self else { return false };
        if extent(area, *axis) == 0 {
            return false;
        }
        let min = |i: usize| parts.get(i).map_or(0, |p| i32::from(p.node.min(*axis, gap)));
        let (Some(a), Some(b)) = (sizes.get(before).copied(), sizes.get(after).copied()) else { return false };
        let (a, b) = (i32::from(a), i32::from(b));
        let by = by.clamp(-(a - min(before)).max(0), (b - min(after)).max(0));
        if by == 0 {
            return false;
        }
        if let Some(s) = sizes.get_mut(before) {
            *s = (a + by) as u16;
        }
        if let Some(s) = sizes.get_mut(after) {
            *s = (b - by) as u16;
        }
        for (part, size) in parts.iter_mut().zip(sizes) {
            part.weight = u32::from(size).max(1) << 8;
        }
        true
    }
}
