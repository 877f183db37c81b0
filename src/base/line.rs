//! A line of styled cells, as it goes from an engine to whoever shows it. Must not know engines or screens.

use super::style::Style;
use serde::{Deserialize, Serialize};
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
