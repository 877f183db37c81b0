//! Places that keep their text when a change of width breaks all lines anew. Must not know who keeps them.
//!
//! A place is held as so many logical lines above (or below) the one with the cursor, which stays on its character; on the
//! alternate screen, whose rows have no past, from the oldest line on. Reflow neither makes nor joins logical lines, so it is
//! the same text that is found again.

use super::api::Engine;
use super::text::Point;

/// A place that does not depend on the width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Logical lines above the cursor's (negative: below), and cells into it.
    FromCursor(i64, usize),
    /// Logical lines below the oldest one, and cells into it.
    FromOldest(u64, usize),
    /// A row of the alternate screen and a column.
    OfScreen(u16, u16),
}

fn start_of(e: &dyn Engine, mut line: u64) -> u64 {
    while line > e.history_start() && e.wraps(line - 1) {
        line -= 1;
    }
    line
}

/// Logical lines that begin in `from..to`.
fn count(e: &dyn Engine, from: u64, to: u64) -> u64 {
    (from..to).filter(|l| *l == e.history_start() || !e.wraps(l - 1)).count() as u64
}

/// Holds a place of the moment.
pub fn hold(e: &dyn Engine, at: Point) -> Held {
    let line = at.line.clamp(e.history_start(), e.screen_top() + u64::from(e.size().rows) - 1);
    let alternate = e.modes().alt_screen;
    if alternate && line >= e.screen_top() {
        return Held::OfScreen((line - e.screen_top()) as u16, at.col);
    }
    let start = start_of(e, line);
    let into = (start..line).map(|l| e.row(l).map_or(0, |r| r.cols())).sum::<usize>() + usize::from(at.col);
    if alternate {
        return Held::FromOldest(count(e, e.history_start(), start), into);
    }
    let cursor = start_of(e, e.screen_top() + u64::from(e.cursor().row));
    let above = if start <= cursor { count(e, start, cursor) as i64 } else { -(count(e, cursor, start) as i64) };
    Held::FromCursor(above, into)
}

/// Where a held place is now.
pub fn place(e: &dyn Engine, held: Held) -> Point {
    let (oldest, end) = (e.history_start(), e.screen_top() + u64::from(e.size().rows));
    let last = end.saturating_sub(1);
    let down = |mut line: u64, mut n: u64| {
        while n > 0 && line < last {
            n -= u64::from(!e.wraps(line));
            line += 1;
        }
        line
    };
    let (start, into) = match held {
        Held::OfScreen(row, col) => return Point { line: (e.screen_top() + u64::from(row)).min(last), col },
        Held::FromOldest(n, into) => (down(oldest, n), into),
        Held::FromCursor(above, into) => {
            let mut line = start_of(e, e.screen_top() + u64::from(e.cursor().row));
            for _ in 0..above.max(0) {
                if line == oldest {
                    // What it was in has been forgotten.
                    return Point { line: oldest, col: 0 };
                }
                line = start_of(e, line - 1);
            }
            (down(line, above.min(0).unsigned_abs()), into)
        }
    };
    let (mut line, mut into) = (start, into);
    while e.wraps(line) && line < last {
        let cols = e.row(line).map_or(0, |r| r.cols());
        if into < cols {
            break;
        }
        into -= cols;
        line += 1;
    }
    Point { line, col: into.min(usize::from(e.size().cols) - 1) as u16 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Now, Size};
    use crate::term::{EngineKind, new_engine};
    use proptest::prelude::*;

    fn char_at(e: &dyn Engine, p: Point) -> String {
        let mut found = String::new();
        if let Some(line) = e.row(p.line) {
            line.for_each_cell(|col, w, text, _| {
                if (col..col + usize::from(w)).contains(&usize::from(p.col)) {
                    found = text.to_owned();
                }
            });
        }
        found
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn a_place_keeps_its_character_through_every_width(
            lines in prop::collection::vec("[a-z中 ]{0,60}[a-z]", 1..40), widths in prop::collection::vec(4u16..70, 1..6), pick in any::<(usize, usize)>(),
        ) {
            let mut e = new_engine(EngineKind::Native, Size::new(20, 6), 10_000);
            e.feed(lines.join("\r\n").as_bytes(), Now::default());
            let marked: Vec<Point> = (e.history_start()..e.screen_top() + 6).flat_map(|l| {
                let mut cells = Vec::new();
                if let Some(r) = e.row(l) { r.for_each_cell(|col, _, _, _| cells.push(Point { line: l, col: col as u16 })) }
                cells
            }).collect();
            let mut at = marked[pick.0 % marked.len()];
            let (before, mut now) = (char_at(e.as_ref(), at), at);
            for (i, w) in widths.into_iter().enumerate() {
                let held = hold(e.as_ref(), now);
                e.resize(Size::new(w, 3 + (i as u16 * 5) % 9));
                now = place(e.as_ref(), held);
                prop_assert_eq!(char_at(e.as_ref(), now), before.clone(), "{} columns, was {:?}, is {:?}", w, at, now);
                at = now;
            }
        }
    }

    #[test]
    fn what_is_forgotten_becomes_the_oldest_line() {
        let mut e = new_engine(EngineKind::Native, Size::new(40, 4), 5);
        e.feed((0..30).map(|n| format!("line {n} {}\r\n", "x".repeat(30))).collect::<String>().as_bytes(), Now::default());
        let held = hold(e.as_ref(), Point { line: e.history_start(), col: 3 });
        e.resize(Size::new(10, 4));
        assert_eq!(place(e.as_ref(), held).line, e.history_start());
    }
}
