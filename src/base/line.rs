//! A line of styled cells, as it goes from an engine to whoever shows it. Must not know engines or screens.

use super::style::Style;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// How the text of a span fills cells. It is told, not measured again, so that a line looks the same wherever it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CellKind {
    /// Each `char` is a cell one column wide.
    Narrow,
    /// Each `char` is a cell two columns wide.
    Wide,
    /// The whole text is one grapheme cluster in one cell of this many columns (1 or 2).
    Cluster(u8),
}

/// A run of cells of one style.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// How the cells look.
    pub style: Style,
    /// How the text fills them.
    pub cells: CellKind,
    /// The text; never empty, no control characters.
    pub text: String,
    /// Target of a hyperlink (OSC 8), unchecked.
    pub link: Option<Arc<str>>,
}

impl Span {
    /// Columns it covers.
    pub fn cols(&self) -> usize {
        match self.cells {
            CellKind::Narrow => self.text.chars().count(),
            CellKind::Wide => 2 * self.text.chars().count(),
            CellKind::Cluster(w) => w as usize,
        }
    }

    /// Columns of the cells at one end that are the same in another run, whose texts are given from that end on.
    fn alike(&self, other: &Span, texts: impl Iterator<Item = (char, char)>) -> usize {
        let width = match self.cells {
            CellKind::Narrow => 1,
            CellKind::Wide => 2,
            CellKind::Cluster(_) => 0,
        };
        let look = self.style == other.style && self.cells == other.cells && self.link == other.link;
        if look { width * texts.take_while(|(a, b)| a == b).count() } else { 0 }
    }
}

/// A line: spans from column 0 on. Cells after the last span are blank in the default style.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Line {
    /// The runs, left to right.
    pub spans: Vec<Span>,
    /// The text goes on in the next line (it was broken only because the terminal was not wider).
    pub wrapped: bool,
}

impl Line {
    /// A line of plain narrow text.
    pub fn plain(text: &str) -> Line {
        let spans = match text {
            "" => Vec::new(),
            _ => vec![Span { style: Style::default(), cells: CellKind::Narrow, text: text.to_owned(), link: None }],
        };
        Line { spans, wrapped: false }
    }

    /// The text alone, blanks at the end included as stored.
    pub fn text(&self) -> String {
        self.spans.iter().map(|s| s.text.as_str()).collect()
    }

    /// Columns its spans cover.
    pub fn cols(&self) -> usize {
        self.spans.iter().map(Span::cols).sum()
    }

    /// Calls `f(column, width, text, span)` for each cell, left to right.
    pub fn for_each_cell(&self, mut f: impl FnMut(usize, u8, &str, &Span)) {
        let mut col = 0;
        for span in &self.spans {
            let width = match span.cells {
                CellKind::Narrow => 1,
                CellKind::Wide => 2,
                CellKind::Cluster(w) => {
                    f(col, w, &span.text, span);
                    col += w as usize;
                    continue;
                }
            };
            for (i, c) in span.text.char_indices() {
                f(col, width, &span.text[i..i + c.len_utf8()], span);
                col += width as usize;
            }
        }
    }

    /// The columns whose cells are not the same in another line, from the first to behind the last. It may be more than they are,
    /// where equal cells lie in other runs.
    pub fn changed(&self, other: &Line) -> Range<usize> {
        let pairs = self.spans.iter().zip(&other.spans);
        let same = pairs.clone().take_while(|(a, b)| a == b).count();
        let mut from: usize = self.spans.iter().take(same).map(Span::cols).sum();
        if let (Some(a), Some(b)) = (self.spans.get(same), other.spans.get(same)) {
            from += a.alike(b, a.text.chars().zip(b.text.chars()));
        }
        let (cols, others) = (self.cols(), other.cols());
        if cols != others {
            return from..cols.max(others);
        }
        let pairs = self.spans.iter().rev().zip(other.spans.iter().rev());
        let same = pairs.clone().take_while(|(a, b)| a == b).count();
        let mut behind: usize = self.spans.iter().rev().take(same).map(Span::cols).sum();
        if let Some((a, b)) = pairs.clone().nth(same) {
            behind += a.alike(b, a.text.chars().rev().zip(b.text.chars().rev()));
        }
        from..cols.saturating_sub(behind).max(from)
    }

    /// The text of columns `from..to`; a wide cell counts where it starts.
    pub fn slice(&self, from: usize, to: usize) -> String {
        let mut out = String::new();
        self.for_each_cell(|col, _, text, _| {
            if col >= from && col < to {
                out.push_str(text);
            }
        });
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(cells: CellKind, text: &str) -> Span {
        Span { style: Style::default(), cells, text: text.into(), link: None }
    }

    /// Each column's width, text and look.
    fn cells(line: &Line) -> Vec<(u8, String, Style)> {
        let mut all = Vec::new();
        line.for_each_cell(|_, w, text, span| {
            all.push((w, text.to_owned(), span.style));
            all.extend((1..w).map(|_| (0, String::new(), span.style)));
        });
        all
    }

    #[test]
    fn a_key_changes_the_column_it_was_typed_in() {
        assert_eq!(Line::plain("$ ls").changed(&Line::plain("$ ls ")), 4..5);
        assert_eq!(Line::plain("$ ls -l").changed(&Line::plain("$ lx -l")), 3..4);
        assert_eq!(Line::plain("same").changed(&Line::plain("same")), 4..4);
        assert_eq!(Line::plain("aa").changed(&Line::plain("aaa")), 2..3);
    }

    proptest::proptest! {
        #[test]
        fn what_is_not_named_as_changed_is_the_same(
            a in proptest::collection::vec((0u8..3, 0u8..3, "[ab中é]{1,4}"), 0..6),
            edit in (0usize..6, 0u8..3, 0u8..3, "[ab中é]{1,4}"),
        ) {
            let line = |parts: &[(u8, u8, String)]| Line {
                spans: parts.iter().map(|(kind, look, text)| Span {
                    style: Style { fg: crate::base::Color::Indexed(*look), ..Style::default() },
                    ..span([CellKind::Narrow, CellKind::Wide, CellKind::Cluster(2)][usize::from(*kind)], text)
                }).collect(),
                wrapped: false,
            };
            let mut b = a.clone();
            let new = (edit.1, edit.2, edit.3);
            if edit.0 < b.len() { b[edit.0] = new } else { b.push(new) }
            let (old, new) = (line(&a), line(&b));
            let (from, to) = { let r = old.changed(&new); (r.start, r.end) };
            let (old, new) = (cells(&old), cells(&new));
            proptest::prop_assert!(from <= to && to <= old.len().max(new.len()));
            proptest::prop_assert_eq!(&old[..from], &new[..from]);
            if to < old.len().max(new.len()) {
                proptest::prop_assert_eq!(&old[to..], &new[to..]);
            }
        }
    }

    #[test]
    fn columns_follow_the_kind_of_cells() {
        let line = Line {
            spans: vec![span(CellKind::Narrow, "ab"), span(CellKind::Wide, "中文"), span(CellKind::Cluster(2), "👨‍👩‍👧")], wrapped: false
        };
        assert_eq!(line.cols(), 8);
        assert_eq!(line.slice(1, 4), "b中");
        assert_eq!(line.slice(6, 8), "👨‍👩‍👧");
        let mut cols = Vec::new();
        line.for_each_cell(|c, w, _, _| cols.push((c, w)));
        assert_eq!(cols, [(0, 1), (1, 1), (2, 2), (4, 2), (6, 2)]);
    }
}
