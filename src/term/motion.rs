//! Moving through text as vi does: by word, paragraph, bracket, along the line. Must not know engines or panes: lines come
//! through a function by id. Lines that were broken only by the width count as one.

use super::text::Point;
use crate::base::{Line, Motion};
use regex::Regex;
use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use std::sync::LazyLock;

/// Lines one motion looks at, at most; it stops there. A long one counts as several, one more for each [`LONG`] columns.
const FAR: usize = 20_000;
/// See [`FAR`].
const LONG: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Blank,
    Word,
    Other,
}

fn class(c: char, big: bool) -> Class {
    match c {
        c if c.is_whitespace() => Class::Blank,
        _ if big => Class::Word,
        c if c.is_alphanumeric() || c == '_' => Class::Word,
        _ => Class::Other,
    }
}

/// The cells of one line: column, first character and width, blanks at the end left out.
struct Row {
    cells: Vec<(u16, char, u8)>,
    wrapped: bool,
}

/// A place: line and index of a cell in it.
type Spot = (u64, usize);

struct Text<'l, F> {
    lines: &'l F,
    range: Range<u64>,
    kept: RefCell<Vec<(u64, Rc<Row>)>>,
    left: RefCell<usize>,
}

impl<F: Fn(u64) -> Option<Line>> Text<'_, F> {
    fn row(&self, id: u64) -> Rc<Row> {
        let mut kept = self.kept.borrow_mut();
        if let Some((_, row)) = kept.iter().find(|(n, _)| *n == id) {
            return Rc::clone(row);
        }
        let line = (self.lines)(id).unwrap_or_default();
        let mut cells = Vec::new();
        line.for_each_cell(|col, width, text, _| cells.push((col as u16, text.chars().next().unwrap_or(' '), width)));
        let mut left = self.left.borrow_mut();
        *left = left.saturating_sub(1 + cells.len() / LONG);
        if !line.wrapped {
            let text = cells.iter().rposition(|c| !c.1.is_whitespace()).map_or(0, |i| i + 1);
            cells.truncate(text);
        }
        let row = Rc::new(Row { cells, wrapped: line.wrapped });
        kept.push((id, Rc::clone(&row)));
        if kept.len() > 3 {
            kept.remove(0);
        }
        row
    }

    fn spent(&self) -> bool {
        *self.left.borrow() == 0
    }

    fn class(&self, at: Spot, big: bool) -> Class {
        self.row(at.0).cells.get(at.1).map_or(Class::Blank, |c| class(c.1, big))
    }

    fn empty(&self, line: u64) -> bool {
        self.row(line).cells.is_empty()
    }

    /// The next cell, and whether a line ended between.
    fn next(&self, at: Spot) -> Option<(Spot, bool)> {
        let row = self.row(at.0);
        if at.1 + 1 < row.cells.len() {
            return Some(((at.0, at.1 + 1), false));
        }
        let below = at.0 + 1;
        (below < self.range.end && !self.spent()).then_some(((below, 0), !row.wrapped))
    }

    fn previous(&self, at: Spot) -> Option<(Spot, bool)> {
        if at.1 > 0 {
            return Some(((at.0, at.1 - 1), false));
        }
        let above = at.0.checked_sub(1).filter(|l| *l >= self.range.start && !self.spent())?;
        let row = self.row(above);
        Some(((above, row.cells.len().saturating_sub(1)), !row.wrapped))
    }

    fn spot(&self, at: Point) -> Spot {
        let row = self.row(at.line);
        // A cell that is two columns wide has both.
        let i = row.cells.partition_point(|c| c.0 <= at.col).saturating_sub(1);
        (at.line, i)
    }

    fn point(&self, at: Spot) -> Point {
        Point { line: at.0, col: self.row(at.0).cells.get(at.1).map_or(0, |c| c.0) }
    }

    /// The cell at a place, or the one that would come behind the last: places between characters can be there.
    fn gap(&self, at: Point) -> Spot {
        let row = self.row(at.line);
        (at.line, row.cells.partition_point(|c| c.0 + u16::from(c.2) <= at.col))
    }

    fn behind(&self, at: Spot) -> Point {
        Point { line: at.0, col: self.row(at.0).cells.get(at.1).map_or(0, |c| c.0 + u16::from(c.2)) }
    }

    fn word_after(&self, from: Point) -> Point {
        let mut here = self.gap(from);
        if here.1 >= self.row(here.0).cells.len() {
            here = (here.0 + 1, 0);
            if here.0 >= self.range.end {
                return from;
            }
        }
        while self.class(here, false) != Class::Word {
            let Some((to, _)) = self.next(here) else { return self.behind(here).max(from) };
            here = to;
        }
        while let Some((to, false)) = self.next(here)
            && self.class(to, false) == Class::Word
        {
            here = to;
        }
        self.behind(here)
    }

    fn word_before(&self, from: Point) -> Point {
        let gap = self.gap(from);
        let Some((mut here, _)) = self.previous(gap) else { return from };
        while self.class(here, false) != Class::Word {
            let Some((to, _)) = self.previous(here) else { return self.point(here) };
            here = to;
        }
        while let Some((to, false)) = self.previous(here)
            && self.class(to, false) == Class::Word
        {
            here = to;
        }
        self.point(here)
    }

    fn word_next(&self, at: Spot, big: bool) -> Spot {
        let (mut here, first) = (at, self.class(at, big));
        if first != Class::Blank {
            loop {
                let Some((to, broke)) = self.next(here) else { return self.end_of(here) };
                here = to;
                if broke || self.class(here, big) != first {
                    break;
                }
            }
        }
        while self.class(here, big) == Class::Blank && !(self.empty(here.0) && here != at) {
            let Some((to, _)) = self.next(here) else { return self.end_of(here) };
            here = to;
        }
        here
    }

    fn end_of(&self, at: Spot) -> Spot {
        (at.0, self.row(at.0).cells.len().saturating_sub(1))
    }

    fn word_previous(&self, at: Spot, big: bool) -> Spot {
        let Some((mut here, _)) = self.previous(at) else { return at };
        while self.class(here, big) == Class::Blank && !self.empty(here.0) {
            let Some((to, _)) = self.previous(here) else { return here };
            here = to;
        }
        let kind = self.class(here, big);
        while kind != Class::Blank
            && let Some((to, broke)) = self.previous(here)
            && !broke
            && self.class(to, big) == kind
        {
            here = to;
        }
        here
    }

    fn word_end(&self, at: Spot, big: bool) -> Spot {
        let Some((mut here, _)) = self.next(at) else { return at };
        while self.class(here, big) == Class::Blank {
            let Some((to, _)) = self.next(here) else { return here };
            here = to;
        }
        let kind = self.class(here, big);
        while let Some((to, broke)) = self.next(here)
            && !broke
            && self.class(to, big) == kind
        {
            here = to;
        }
        here
    }

    fn paragraph(&self, at: Spot, back: bool) -> Spot {
        let blank = |line: u64| !self.row(line).cells.iter().any(|c| !c.1.is_whitespace());
        let step =
            |line: u64| if back { line.checked_sub(1).filter(|l| *l >= self.range.start) } else { Some(line + 1).filter(|l| *l < self.range.end) };
        let (mut line, mut text) = (at.0, !blank(at.0));
        while let Some(to) = step(line).filter(|_| !self.spent()) {
            line = to;
            let is_blank = blank(line);
            if is_blank && text {
                return (line, 0);
            }
            text |= !is_blank;
        }
        if back { (line, 0) } else { self.end_of((line, 0)) }
    }

    fn bracket(&self, at: Spot) -> Option<Spot> {
        const PAIRS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('{', '}')];
        let char_at = |s: Spot| self.row(s.0).cells.get(s.1).map(|c| c.1);
        let row = self.row(at.0);
        let found = (at.1..row.cells.len()).find_map(|i| {
            let c = row.cells.get(i)?.1;
            PAIRS.iter().find(|(a, b)| c == *a || c == *b).map(|p| ((at.0, i), c, *p))
        });
        let (mut here, own, (open, close)) = found?;
        let other = if own == open { close } else { open };
        let mut depth = 0usize;
        loop {
            here = if own == open { self.next(here)?.0 } else { self.previous(here)?.0 };
            match char_at(here) {
                Some(c) if c == own => depth += 1,
                Some(c) if c == other && depth == 0 => return Some(here),
                Some(c) if c == other => depth -= 1,
                _ => {}
            }
        }
    }

    /// First and last line of what is one line but for the width.
    fn logical(&self, line: u64) -> (u64, u64) {
        let (mut first, mut last) = (line, line);
        while first > self.range.start && self.row(first - 1).wrapped && !self.spent() {
            first -= 1;
        }
        while self.row(last).wrapped && last + 1 < self.range.end && !self.spent() {
            last += 1;
        }
        (first, last)
    }
}

/// Where a motion leads from a place; `None` when it leads nowhere, or is a jump that text alone does not tell. `range` are
/// the lines there are.
pub fn step(lines: impl Fn(u64) -> Option<Line>, range: Range<u64>, motion: Motion, from: Point) -> Option<Point> {
    let text = Text { lines: &lines, range, kept: RefCell::default(), left: RefCell::new(FAR) };
    let at = text.spot(from);
    let to = match motion {
        Motion::WordNext => text.word_next(at, false),
        Motion::BigWordNext => text.word_next(at, true),
        Motion::WordPrevious => text.word_previous(at, false),
        Motion::BigWordPrevious => text.word_previous(at, true),
        Motion::WordEnd => text.word_end(at, false),
        Motion::BigWordEnd => text.word_end(at, true),
        Motion::ParagraphPrevious => text.paragraph(at, true),
        Motion::ParagraphNext => text.paragraph(at, false),
        Motion::Bracket => text.bracket(at)?,
        Motion::LineStart => (text.logical(at.0).0, 0),
        Motion::LineFirst => {
            let (first, last) = text.logical(at.0);
            let has_text = |l: u64| text.row(l).cells.iter().position(|c| !c.1.is_whitespace()).map(|i| (l, i));
            (first..=last).find_map(has_text).unwrap_or((first, 0))
        }
        Motion::LineEnd => text.end_of((text.logical(at.0).1, 0)),
        Motion::LineAfter => return Some(text.behind(text.end_of((text.logical(at.0).1, 0)))),
        Motion::WordAfter => return Some(text.word_after(from)),
        Motion::WordBefore => return Some(text.word_before(from)),
        _ => return None,
    };
    Some(text.point(to))
}

/// The word of letters, digits and underscores at a place, or the first one behind it on its line; and where it begins.
pub fn keyword_at(lines: impl Fn(u64) -> Option<Line>, at: Point) -> Option<(String, Point)> {
    let (first, last) = super::joined::extent(&lines, at.line, 16);
    let mut joined = super::joined::Joined::default();
    for id in first..=last {
        joined.push(id, &lines(id)?);
    }
    let at = joined.offset_of(at).unwrap_or(joined.text.len());
    // What the search takes for a word, so that it finds it: combining marks are part of it.
    static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\w+").ok());
    let found = WORD.as_ref()?.find_iter(&joined.text).find(|m| m.end() > at)?;
    let (word, start) = (found.as_str(), found.start());
    let cell = joined.cells.get(joined.cell_range(&(start..start + word.len())).start)?;
    Some((word.to_owned(), Point { line: cell.line, col: cell.cols.start }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: [&str; 8] = ["fn main() {", "  let a_b = foo(1, [2]);", "}", "", "see src/x.rs:12", "   ", "last wo", "rd here"];

    fn line(n: u64) -> Option<Line> {
        let mut line = Line::plain(TEXT.get(n as usize)?);
        line.wrapped = n == 6;
        Some(line)
    }

    fn go(motion: Motion, at: (u64, u16)) -> (u64, u16) {
        let to = step(line, 0..8, motion, Point { line: at.0, col: at.1 }).unwrap();
        (to.line, to.col)
    }

    /// Where each of so many steps leads.
    fn walk(motion: Motion, from: (u64, u16), n: usize) -> Vec<(u64, u16)> {
        std::iter::successors(Some(from), |at| Some(go(motion, *at))).skip(1).take(n).collect()
    }

    #[test]
    fn words_are_vis_words() {
        use Motion::*;
        assert_eq!(walk(WordNext, (0, 0), 5), [(0, 3), (0, 7), (0, 10), (1, 2), (1, 6)]);
        assert_eq!(walk(WordNext, (2, 0), 3), [(3, 0), (4, 0), (4, 4)], "an empty line is a word");
        assert_eq!(walk(WordEnd, (4, 0), 3), [(4, 2), (4, 6), (4, 7)]);
        assert_eq!(walk(WordPrevious, (4, 4), 3), [(4, 0), (3, 0), (2, 0)]);
        assert_eq!(walk(BigWordNext, (1, 12), 3), [(1, 19), (2, 0), (3, 0)]);
        assert_eq!(walk(BigWordEnd, (4, 0), 3), [(4, 2), (4, 14), (6, 3)]);
        assert_eq!(go(WordEnd, (6, 3)), (7, 1), "a word goes on over the width");
        assert_eq!(go(WordPrevious, (7, 1)), (6, 5));
        assert_eq!(go(WordNext, (7, 4)), (7, 6), "at the end it stays at the last text");
        assert_eq!(go(WordPrevious, (0, 0)), (0, 0));
    }

    #[test]
    fn places_between_characters_are_emacss() {
        use Motion::*;
        assert_eq!(walk(WordAfter, (0, 0), 4), [(0, 2), (0, 7), (1, 5), (1, 9)], "behind the word; brackets are none");
        assert_eq!(walk(WordAfter, (4, 0), 6), [(4, 3), (4, 7), (4, 9), (4, 12), (4, 15), (6, 4)]);
        assert_eq!(walk(WordBefore, (4, 12), 5), [(4, 10), (4, 8), (4, 4), (4, 0), (1, 20)]);
        assert_eq!(go(WordAfter, (6, 4)), (7, 2), "a word goes on over the width");
        assert_eq!(go(WordBefore, (7, 2)), (6, 5));
        assert_eq!(walk(WordAfter, (7, 3), 2), [(7, 7), (7, 7)], "at the end it stays");
        assert_eq!(go(WordBefore, (0, 0)), (0, 0));
        assert_eq!((go(LineAfter, (0, 3)), go(LineAfter, (3, 0)), go(LineAfter, (6, 0))), ((0, 11), (3, 0), (7, 7)));
    }

    #[test]
    fn paragraphs_brackets_and_lines() {
        use Motion::*;
        assert_eq!(go(ParagraphNext, (0, 3)), (3, 0));
        assert_eq!(go(ParagraphNext, (3, 0)), (5, 0));
        assert_eq!(go(ParagraphPrevious, (4, 3)), (3, 0));
        assert_eq!(go(ParagraphPrevious, (2, 0)), (0, 0));
        assert_eq!(go(Bracket, (0, 10)), (2, 0));
        assert_eq!(go(Bracket, (2, 0)), (0, 10));
        assert_eq!(go(Bracket, (1, 2)), (1, 22), "the first bracket behind counts");
        assert_eq!(step(line, 0..8, Bracket, Point { line: 4, col: 0 }), None);
        assert_eq!((go(LineStart, (7, 4)), go(LineFirst, (1, 9)), go(LineEnd, (6, 0))), ((6, 0), (1, 2), (7, 6)));
        assert_eq!(keyword_at(line, Point { line: 1, col: 8 }), Some(("a_b".to_owned(), Point { line: 1, col: 6 })));
        assert_eq!(keyword_at(line, Point { line: 6, col: 6 }), Some(("word".to_owned(), Point { line: 6, col: 5 })));
        assert_eq!(keyword_at(line, Point { line: 1, col: 0 }), Some(("let".to_owned(), Point { line: 1, col: 2 })));
        assert_eq!(keyword_at(line, Point { line: 3, col: 0 }), None);
    }

    #[test]
    fn a_word_has_its_marks_and_is_found_again() {
        let span =
            |text: &str| crate::base::Span { style: Default::default(), link: None, text: text.to_owned(), cells: crate::base::CellKind::Narrow };
        let mut of_marks = span("e\u{301}");
        of_marks.cells = crate::base::CellKind::Cluster(1);
        let line = Line { spans: vec![span("a caf"), of_marks, span(" b")], wrapped: false };
        let get = |n: u64| (n == 0).then(|| line.clone());
        for col in [1, 2, 5] {
            let (word, at) = keyword_at(get, Point { line: 0, col }).unwrap();
            assert_eq!((word.as_str(), at), ("cafe\u{301}", Point { line: 0, col: 2 }), "{col}");
            assert!(Regex::new(&format!(r"\b{word}\b")).unwrap().is_match(&line.text()));
        }
    }

    proptest! {
        #[test]
        fn every_motion_stays_on_the_text(rows in prop::collection::vec("[ a-c(){}中_.]{0,12}", 1..12), wraps in any::<u16>(), at in any::<(u8, u8)>()) {
            use Motion::*;
            let lines = |n: u64| rows.get(n as usize).map(|r| {
                let mut l = Line { spans: r.chars().map(|c| crate::base::Span {
                    style: Default::default(), link: None, text: c.to_string(),
                    cells: if c == '中' { crate::base::CellKind::Wide } else { crate::base::CellKind::Narrow },
                }).collect(), wrapped: false };
                l.wrapped = wraps & 1 << n != 0 && (n as usize) + 1 < rows.len();
                l
            });
            let from = Point { line: u64::from(at.0) % rows.len() as u64, col: u16::from(at.1) % 16 };
            for m in [WordNext, WordPrevious, WordEnd, BigWordNext, BigWordPrevious, BigWordEnd, ParagraphPrevious, ParagraphNext, Bracket, LineStart, LineFirst, LineEnd] {
                let Some(to) = step(lines, 0..rows.len() as u64, m, from) else { continue };
                let line = lines(to.line).unwrap();
                prop_assert!(usize::from(to.col) < line.cols().max(1), "{m:?} {from:?} {to:?}");
                if matches!(m, WordNext | WordEnd | BigWordNext | BigWordEnd) && usize::from(from.col) < lines(from.line).unwrap().cols() {
                    prop_assert!(to.line > from.line || to.col + 1 >= from.col || line.text().trim_end().is_empty() || usize::from(to.col) + 2 >= line.text().trim_end().chars().count());
                }
            }
            for m in [WordAfter, WordBefore, LineAfter] {
                let to = step(lines, 0..rows.len() as u64, m, from).unwrap();
                prop_assert!(usize::from(to.col) <= lines(to.line).unwrap().cols() || to == from, "{m:?} {from:?} {to:?}");
                prop_assert!(if m == WordAfter { to >= from } else { to <= from || m == LineAfter }, "{m:?} {from:?} {to:?}");
            }
        }
    }
}
