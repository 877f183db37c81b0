//! Text out of lines: what a selection copies. Must not know engines or panes: lines come through a function by id.
//!
//! Lines that were broken only because the terminal was not wider are joined again, blanks at the end of lines go, and a
//! frame around the text (as agents draw it) goes when every line has it.

use crate::base::Line;

/// A place: line id and column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// Line id.
    pub line: u64,
    /// Column, from 0.
    pub col: u16,
}

/// How a selection grows from where it began to where it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SelectBy {
    /// By character.
    #[default]
    Char,
    /// By word.
    Word,
    /// By whole lines (as far as they go on).
    Line,
    /// A rectangle.
    Block,
}

/// Rows at most of one selection, and those that one by whole lines grows by each way. Whoever has more reads it in slices.
const MAX_LINES: u64 = 200_000;

/// Characters that end a word for a double click: blanks, quotes, brackets and the like; paths and URLs stay whole.
fn is_word(c: char) -> bool {
    !c.is_whitespace() && !"\"'`()[]{}<>|│┃║,;".contains(c)
}

/// The cells of a line: (column, width, first character).
fn cells(line: &Line) -> Vec<(usize, u8, char)> {
    let mut out = Vec::new();
    line.for_each_cell(|col, width, text, _| out.push((col, width, text.chars().next().unwrap_or(' '))));
    out
}

/// Columns of a line up to the end of its text.
pub fn text_cols(line: &Line) -> usize {
    let mut end = 0;
    line.for_each_cell(|col, width, text, _| {
        if !text.trim().is_empty() {
            end = col + usize::from(width);
        }
    });
    end
}

/// The first and last place of the word at `at`; `at` itself when there is none. Goes on over wrapped lines.
pub fn word_at(lines: impl Fn(u64) -> Option<Line>, at: Point) -> (Point, Point) {
    let word_cell = |line: &Line, col: usize| cells(line).into_iter().find(|c| c.0 <= col && col < c.0 + usize::from(c.1)).filter(|c| is_word(c.2));
    let Some(line) = lines(at.line) else { return (at, at) };
    let Some(cell) = word_cell(&line, usize::from(at.col)) else { return (at, at) };
    let (mut first, mut last) =
        (Point { line: at.line, col: cell.0 as u16 }, Point { line: at.line, col: (cell.0 + usize::from(cell.1) - 1) as u16 });
    let mut here = line.clone();
    for _ in 0..4096 {
        if let Some(before) = first.col.checked_sub(1) {
            let Some(cell) = word_cell(&here, usize::from(before)) else { break };
            first.col = cell.0 as u16;
        } else {
            let Some(above) = first.line.checked_sub(1).and_then(&lines).filter(|l| l.wrapped) else { break };
            let Some(cell) = above.cols().checked_sub(1).and_then(|c| word_cell(&above, c)) else { break };
            first = Point { line: first.line - 1, col: cell.0 as u16 };
            here = above;
        }
    }
    let mut here = line;
    for _ in 0..4096 {
        if let Some(cell) = word_cell(&here, usize::from(last.col) + 1) {
            last.col = (cell.0 + usize::from(cell.1) - 1) as u16;
        } else if here.wrapped && usize::from(last.col) + 1 >= here.cols() {
            let Some(below) = lines(last.line + 1) else { break };
            let Some(cell) = word_cell(&below, 0) else { break };
            last = Point { line: last.line + 1, col: cell.1 as u16 - 1 };
            here = below;
        } else {
            break;
        }
    }
    (first, last)
}

/// The first and last place a selection from `a` to `b` covers, in order.
pub fn selection(lines: impl Fn(u64) -> Option<Line>, by: SelectBy, a: Point, b: Point) -> (Point, Point) {
    let (mut from, mut to) = if a <= b { (a, b) } else { (b, a) };
    match by {
        SelectBy::Char => {}
        SelectBy::Word => {
            from = word_at(&lines, from).0;
            to = word_at(&lines, to).1;
        }
        SelectBy::Line => {
            from.col = 0;
            to.col = u16::MAX;
            let (least, most) = (from.line.saturating_sub(MAX_LINES), to.line.saturating_add(MAX_LINES));
            while let Some(above) = from.line.checked_sub(1).filter(|l| *l >= least && lines(*l).is_some_and(|l| l.wrapped)) {
                from.line = above;
            }
            while to.line < most && lines(to.line).is_some_and(|l| l.wrapped) && lines(to.line + 1).is_some() {
                to.line += 1;
            }
        }
        SelectBy::Block => {
            (from.col, to.col) = (a.col.min(b.col), a.col.max(b.col));
        }
    }
    (from, to)
}

/// The text of a selection from `a` to `b`, both inside it.
pub fn selected_text(lines: impl Fn(u64) -> Option<Line>, by: SelectBy, a: Point, b: Point) -> String {
    let (from, to) = selection(&lines, by, a, b);
    let mut text = Selected::new(by, from, to);
    let last = to.line.min(from.line.saturating_add(MAX_LINES));
    (from.line..=last).filter_map(|id| Some((id, lines(id)?))).for_each(|(id, line)| text.push(id, &line));
    text.finish()
}

/// Text of a selection that is put together line by line, for who reads the lines in slices.
#[derive(Debug)]
pub struct Selected {
    by: SelectBy,
    from: Point,
    to: Point,
    out: Vec<String>,
    /// The next line goes on in the same one.
    joins: bool,
    bytes: usize,
}

impl Selected {
    /// Nothing yet of a selection, its ends in order and as [`selection`] has them.
    pub fn new(by: SelectBy, from: Point, to: Point) -> Selected {
        Selected { by, from, to, out: Vec::new(), joins: false, bytes: 0 }
    }

    /// Takes the next line of it.
    pub fn push(&mut self, id: u64, line: &Line) {
        let block = self.by == SelectBy::Block;
        let start = if id == self.from.line || block { whole(line, usize::from(self.from.col)) } else { 0 };
        let end = if id == self.to.line || block { usize::from(self.to.col) + 1 } else { usize::MAX };
        let text = line.slice(start, end);
        self.bytes += text.len() + usize::from(!self.joins);
        match self.out.last_mut() {
            Some(last) if self.joins => last.push_str(&text),
            _ => self.out.push(text),
        }
        self.joins = line.wrapped && !block && id != self.to.line;
        // A blank at the end of what was selected, with text behind it, was selected; one behind the text is padding.
        let inside = id == self.to.line
            && !block
            && (line.wrapped || !line.slice(end, usize::MAX).trim_matches(|c: char| c.is_whitespace() || SIDES.contains(&c)).is_empty());
        if !self.joins
            && !inside
            && let Some(last) = self.out.last_mut()
        {
            last.truncate(last.trim_end_matches(' ').len());
        }
    }

    /// Bytes of it so far, about: blanks and frames that go are counted.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// All of it.
    pub fn finish(mut self) -> String {
        without_frame(&mut self.out);
        self.out.join("\n")
    }
}

/// First column of the cell that covers a column: the second half of a wide one stands for the whole.
fn whole(line: &Line, col: usize) -> usize {
    let mut start = col;
    line.for_each_cell(|at, width, _, _| {
        if at < col && col < at + usize::from(width) {
            start = at;
        }
    });
    start
}

const SIDES: [char; 6] = ['│', '┃', '║', '▌', '▐', '╎'];

/// A line of a box: its upper or lower edge, or a line through it.
fn is_rule(line: &str) -> bool {
    let text = line.trim();
    let drawn = |c: char| matches!(c, '\u{2500}'..='\u{257f}') && !SIDES.contains(&c);
    text.chars().count() > 1 && text.chars().all(|c| drawn(c) || SIDES.contains(&c)) && text.contains(drawn)
}

/// Takes a frame off when every line is part of one: its sides, and the lines that are nothing but frame. The first line may
/// have been begun behind the side.
fn without_frame(lines: &mut Vec<String>) {
    let framed = |l: &String| l.is_empty() || l.trim_start().starts_with(SIDES) || is_rule(l);
    let (Some(first), Some(rest)) = (lines.first(), lines.get(1..)) else { return };
    if !rest.iter().all(framed) || !rest.iter().any(|l| l.trim_start().starts_with(SIDES)) {
        return;
    }
    let cut = !framed(first) && !first.trim_end().ends_with(SIDES);
    let edges = |l: &String| is_rule(l) && !(cut && std::ptr::eq(l, first));
    let keep: Vec<bool> = lines.iter().map(|l| !edges(l)).collect();
    let mut keep = keep.into_iter();
    lines.retain(|_| keep.next().unwrap_or(true));
    for line in lines {
        let rest = line.trim_start();
        if let Some(inner) = rest.strip_prefix(SIDES) {
            let inner = inner.strip_prefix(' ').unwrap_or(inner);
            *line = inner.trim_end().trim_end_matches(SIDES).trim_end().to_owned();
        } else {
            *line = line.trim_end().trim_end_matches(SIDES).trim_end().to_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Now, Size};
    use crate::term::{Engine, EngineKind, new_engine};

    fn fed(text: &str) -> Box<dyn Engine> {
        let mut e = new_engine(EngineKind::Native, Size::new(10, 6), 100);
        e.feed(text.as_bytes(), Now::default());
        e
    }

    fn p(line: u64, col: u16) -> Point {
        Point { line, col }
    }

    #[test]
    fn selections_of_every_kind() {
        let e = fed("src/main.rs:12 is long\r\nnext   \r\n中文 x");
        let get = |by, a, b| selected_text(|id| e.row(id), by, a, b);
        assert_eq!(get(SelectBy::Char, p(0, 4), p(1, 3)), "main.rs:12");
        assert_eq!(get(SelectBy::Word, p(0, 2), p(0, 2)), "src/main.rs:12");
        assert_eq!(get(SelectBy::Word, p(1, 1), p(1, 1)), "src/main.rs:12");
        assert_eq!(get(SelectBy::Line, p(1, 3), p(1, 3)), "src/main.rs:12 is long");
        assert_eq!(get(SelectBy::Char, p(4, 3), p(3, 0)), "next\n中文");
        assert_eq!(get(SelectBy::Block, p(3, 1), p(0, 0)), "sr\ns:\nng\nne");
        assert_eq!(get(SelectBy::Char, p(90, 0), p(99, 0)), "");
        assert_eq!(get(SelectBy::Char, p(4, 0), p(4, 4)), "中文 ", "a blank before text is text");
        assert_eq!(get(SelectBy::Char, p(3, 0), p(3, 6)), "next", "one behind it is not");
        assert_eq!(get(SelectBy::Block, p(4, 0), p(4, 4)), "中文", "nor is one in a column of a table");
    }

    #[test]
    fn a_box_leaves_only_what_is_in_it() {
        let e = fed("╭────────╮\r\n│ a b    │\r\n├────────┤\r\n│   c    │\r\n╰────────╯");
        let get = |a, b| selected_text(|id| e.row(id), SelectBy::Char, a, b);
        assert_eq!(get(p(0, 0), p(4, 9)), "a b\n  c");
        assert_eq!(get(p(1, 4), p(3, 9)), "b\n  c");
        assert_eq!(get(p(1, 2), p(1, 7)), "a b", "what fills a box up to its side is padding");
        assert_eq!(get(p(2, 0), p(2, 9)), "├────────┤", "what is selected alone is wanted");
    }

    #[test]
    fn text_broken_by_the_width_keeps_its_blanks_and_its_wide_characters() {
        let e = fed("1234567   890 234567中文");
        let get = |a, b| selected_text(|id| e.row(id), SelectBy::Char, a, b);
        assert_eq!(get(p(0, 0), p(2, 9)), "1234567   890 234567中文");
        let e = fed("123456789中文 x");
        assert_eq!(selected_text(|id| e.row(id), SelectBy::Char, p(0, 0), p(1, 9)), "123456789中文 x");
        assert_eq!(selected_text(|id| e.row(id), SelectBy::Char, p(1, 1), p(1, 2)), "中文", "half a character is the whole");
    }

    proptest::proptest! {
        #[test]
        fn a_selection_of_everything_is_what_was_printed(lines in proptest::collection::vec("[ a-z中文é]{0,40}", 1..8), cols in 4u16..30) {
            let mut e = new_engine(EngineKind::Native, Size::new(cols, 4), 1000);
            e.feed(lines.join("\r\n").as_bytes(), Now::default());
            let end = e.screen_top() + 3;
            let got = selected_text(|id| e.row(id), SelectBy::Char, p(e.history_start(), 0), p(end, cols - 1));
            let want: Vec<&str> = lines.iter().map(|l| l.trim_end_matches(' ')).collect();
            let want = want.join("\n");
            proptest::prop_assert_eq!(got.trim_end_matches('\n'), want.trim_end_matches('\n'));
        }
    }

    #[test]
    fn frames_and_padding_go() {
        let e = fed("│ a      │\r\n│ b  c   │\r\n│        │");
        assert_eq!(selected_text(|id| e.row(id), SelectBy::Char, p(0, 0), p(2, 9)), "a\nb  c\n");
    }
}
