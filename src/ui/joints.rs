//! Where the lines between panes, and the one beside the tree, meet each other. Must not know what they part.

use super::sheet::{Ink, Sheet};
use crate::app::Areas;
use crate::base::Rect;
use crate::config::Role;
use crate::layout::Axis;

/// Draws each meeting over the lines themselves.
pub fn lay(areas: &Areas, sheet: &mut Sheet) {
    if sheet.plain {
        return;
    }
    let tree = (!areas.tree.is_empty()).then_some(areas.tree_line);
    let part = |axis: Axis| areas.rects.dividers.iter().filter(move |d| d.axis == axis).map(|d| d.rect);
    let uprights: Vec<Rect> = part(Axis::Row).chain(tree).collect();
    let levels: Vec<Rect> = part(Axis::Column).collect();
    for (x, y, arms) in meetings(&uprights, &levels) {
        sheet.ink(x, y, Ink::Joint(arms), Role::Border);
    }
}

/// Cells in which lines meet, with the arms they have there: up, down, left, right.
fn meetings(uprights: &[Rect], levels: &[Rect]) -> Vec<(u16, u16, [bool; 4])> {
    let on = |lines: &[Rect], x: Option<u16>, y: Option<u16>| matches!((x, y), (Some(x), Some(y)) if lines.iter().any(|l| l.contains(x, y)));
    let mut out = Vec::new();
    for l in levels.iter().filter(|l| !l.is_empty()) {
        // Beside its ends an upright line goes by.
        for (x, left) in [(l.x.checked_sub(1), false), (Some(l.right()), true)] {
            if let Some(x) = x.filter(|_| on(uprights, x, Some(l.y))) {
                let beyond = if left { x.checked_add(1) } else { x.checked_sub(1) };
                let through = on(levels, beyond, Some(l.y));
                out.push((x, l.y, [true, true, left || through, !left || through]));
            }
        }
        // Above and below it others end.
        for x in l.x..l.right() {
            let up = on(uprights, Some(x), l.y.checked_sub(1));
            let down = on(uprights, Some(x), l.y.checked_add(1));
            if up || down {
                out.push((x, l.y, [up, down, true, true]));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_touch_are_joined() {
        let (upright, level) = (|x, y, h| Rect::new(x, y, 1, h), |x, y, w| Rect::new(x, y, w, 1));
        // The tree at the left; a level line from it to the right edge, an upright one below it.
        let found = meetings(&[upright(10, 1, 20), upright(30, 12, 9)], &[level(11, 11, 50)]);
        assert_eq!(found, [(10, 11, [true, true, false, true]), (30, 11, [false, true, true, true])]);
        // Two level lines at one height end at the same upright one.
        let found = meetings(&[upright(20, 0, 9)], &[level(0, 4, 20), level(21, 4, 9)]);
        assert!(found.iter().all(|f| *f == (20, 4, [true; 4])) && found.len() == 2, "{found:?}");
        assert!(meetings(&[upright(5, 0, 3)], &[level(7, 1, 9)]).is_empty());
    }
}
