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

/// Where the logical lines of a terminal begin, found in one pass: places are many, and so are lines.
#[derive(Debug)]
pub struct Starts(Vec<u64>);

impl Starts {
    /// Those of the moment; a change of size makes others.
    pub fn of(e: &dyn Engine) -> Starts {
        let oldest = e.history_start();
        let end = e.screen_top() + u64::from(e.size().rows);
        Starts((oldest..end).filter(|l| *l == oldest || !e.wraps(l - 1)).collect())
    }

    /// Logical lines above the one with this row.
    fn above(&self, line: u64) -> usize {
        self.0.partition_point(|start| *start <= line).saturating_sub(1)
    }

    fn cursor(&self, e: &dyn Engine) -> usize {
        self.above(e.screen_top() + u64::from(e.cursor().row))
    }

    /// Holds a place of the moment.
    pub fn hold(&self, e: &dyn Engine, at: Point) -> Held {
        let line = at.line.clamp(e.history_start(), e.screen_top() + u64::from(e.size().rows) - 1);
        let alternate = e.modes().alt_screen;
        if alternate && line >= e.screen_top() {
            return Held::OfScreen((line - e.screen_top()) as u16, at.col);
        }
        let above = self.above(line);
        let start = self.0.get(above).copied().unwrap_or(line);
        let into = (start..line).map(|l| e.row(l).map_or(0, |r| r.cols())).sum::<usize>() + usize::from(at.col);
        if alternate {
            return Held::FromOldest(above as u64, into);
        }
        Held::FromCursor(self.cursor(e) as i64 - above as i64, into)
    }

    /// Where a held place is now.
    pub fn place(&self, e: &dyn Engine, held: Held) -> Point {
        let last = (e.screen_top() + u64::from(e.size().rows)).saturating_sub(1);
        let (index, mut into) = match held {
            Held::OfScreen(row, col) => return Point { line: (e.screen_top() + u64::from(row)).min(last), col },
            Held::FromOldest(n, into) => (n as i64, into),
            Held::FromCursor(above, into) => (self.cursor(e) as i64 - above, into),
        };
        let Ok(index) = usize::try_from(index) else {
            // What it was in has been forgotten.
            return Point { line: e.history_start(), col: 0 };
        };
        let mut line = self.0.get(index).copied().unwrap_or(last);
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
                let held = Starts::of(e.as_ref()).hold(e.as_ref(), now);
                e.resize(Size::new(w, 3 + (i as u16 * 5) % 9));
                now = Starts::of(e.as_ref()).place(e.as_ref(), held);
                prop_assert_eq!(char_at(e.as_ref(), now), before.clone(), "{} columns, was {:?}, is {:?}", w, at, now);
                at = now;
            }
        }
    }

    #[test]
    fn what_is_forgotten_becomes_the_oldest_line() {
        let mut e = new_engine(EngineKind::Native, Size::new(40, 4), 5);
        e.feed((0..30).map(|n| format!("line {n} {}\r\n", "x".repeat(30))).collect::<String>().as_bytes(), Now::default());
        let held = Starts::of(e.as_ref()).hold(e.as_ref(), Point { line: e.history_start(), col: 3 });
        e.resize(Size::new(10, 4));
        assert_eq!(Starts::of(e.as_ref()).place(e.as_ref(), held).line, e.history_start());
    }

    #[test]
    fn a_thousand_places_in_a_long_history_are_moved_at_once() {
        let mut e = new_engine(EngineKind::Native, Size::new(40, 4), 50_000);
        e.feed((0..50_000).map(|n| format!("{n}\r\n")).collect::<String>().as_bytes(), Now::default());
        let places: Vec<Point> = (0..1000).map(|i| Point { line: e.history_start() + i * 40, col: 0 }).collect();
        let began = std::time::Instant::now();
        let starts = Starts::of(e.as_ref());
        let held: Vec<Held> = places.iter().map(|p| starts.hold(e.as_ref(), *p)).collect();
        e.resize(Size::new(3, 4));
        let starts = Starts::of(e.as_ref());
        for (before, held) in places.iter().zip(held) {
            let line = starts.place(e.as_ref(), held).line;
            let want = (before.line / 40 * 40).to_string();
            assert_eq!(e.row(line).unwrap().text().trim_end(), want.get(..want.len().min(3)).unwrap());
        }
        // Counting from each place to the cursor takes minutes.
        assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
    }
}
