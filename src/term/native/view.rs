//! Rows and history lines as the lines readers get. Must not change anything.

use super::cell::{Cell, Text};
use super::linecode::{self, Token};
use super::row::Row;
use super::tables::Tables;
use crate::base::{CellKind, Line, Span};

/// Puts cells together to spans.
struct Builder<'a> {
    tables: &'a Tables,
    line: Line,
    look: Cell,
    open: bool,
    blanks: usize,
}

impl Builder<'_> {
    fn push(&mut self, look: Cell, kind: CellKind, count: usize, text: &str) {
        if self.blanks > 0 {
            let blanks = " ".repeat(std::mem::take(&mut self.blanks));
            self.add(Cell::default(), CellKind::Narrow, 1, &blanks);
        }
        self.add(look, kind, count, text);
    }

    fn add(&mut self, look: Cell, kind: CellKind, count: usize, text: &str) {
        let cluster = matches!(kind, CellKind::Cluster(_));
        if self.open
            && !cluster
            && self.look.same_style(look)
            && let Some(last) = self.line.spans.last_mut()
            && last.cells == kind
        {
            (0..count).for_each(|_| last.text.push_str(text));
            return;
        }
        let ext = self.tables.ext(look.ext);
        let style = look.style(ext.map_or(0, |e| e.underline));
        let link = ext.and_then(|e| e.link.clone());
        // A cluster's span holds one cell.
        let times = if cluster { count } else { 1 };
        for _ in 0..times {
            let text = if cluster { text.to_owned() } else { text.repeat(count) };
            self.line.spans.push(Span { style, cells: kind, text, link: link.clone() });
        }
        (self.look, self.open) = (look, true);
    }

    fn blank(&mut self, look: Cell, count: usize) {
        if look == Cell::default() {
            self.blanks += count;
        } else {
            self.push(look, CellKind::Narrow, count, " ");
        }
    }
}

impl Builder<'_> {
    /// Text goes on in the next line: blanks at the end belong to it. `used` columns were read, a filler last; the filler before
    /// a wide character is no text, where it still stands in the last column.
    fn goes_on(mut self, used: usize, cols: usize, filler: bool) -> Line {
        if filler && used == cols {
            self.blanks = self.blanks.saturating_sub(1);
        } else {
            self.blanks += cols.saturating_sub(used);
        }
        if self.blanks > 0 {
            let blanks = " ".repeat(std::mem::take(&mut self.blanks));
            self.add(Cell::default(), CellKind::Narrow, 1, &blanks);
        }
        self.line.wrapped = true;
        self.line
    }
}

fn builder(tables: &Tables) -> Builder<'_> {
    Builder { tables, line: Line::default(), look: Cell::default(), open: false, blanks: 0 }
}

/// A row of the screen, `cols` columns wide.
pub(crate) fn of_row(row: &Row, tables: &Tables, cols: usize) -> Line {
    let mut out = builder(tables);
    // Of a line that goes on every cell counts.
    let cells = if row.wrapped { row.cells() } else { row.trimmed() };
    let mut filler = false;
    for cell in cells {
        let look = cell.styled();
        filler = false;
        match cell.text() {
            Text::Blank => out.blank(look, 1),
            Text::Pad => {
                filler = look == Cell::default();
                out.blank(look, 1);
            }
            Text::Spacer => {}
            Text::Char(c) => {
                let kind = if cell.is_wide() { CellKind::Wide } else { CellKind::Narrow };
                out.push(look, kind, 1, c.encode_utf8(&mut [0; 4]));
            }
            Text::Cluster(id) => out.push(look, CellKind::Cluster(1 + u8::from(cell.is_wide())), 1, tables.cluster(id)),
        }
    }
    if row.wrapped { out.goes_on(cells.len(), cols, filler) } else { out.line }
}

/// A line of history.
pub(crate) fn of_bytes(bytes: &[u8], tables: &Tables, cols: usize) -> Line {
    let mut out = builder(tables);
    let (mut used, mut filler) = (0, false);
    let head = linecode::decode(bytes, |look, token, count| {
        filler = false;
        match token {
            Token::Blank => {
                used += count;
                out.blank(look, count);
            }
            Token::Pad => {
                used += count;
                filler = look == Cell::default();
                out.blank(look, count);
            }
            Token::Char(c, wide) => {
                used += count * (1 + usize::from(wide));
                out.push(look, if wide { CellKind::Wide } else { CellKind::Narrow }, count, c.encode_utf8(&mut [0; 4]));
            }
            Token::Cluster(text, wide) => {
                used += count * (1 + usize::from(wide));
                out.push(look, CellKind::Cluster(1 + u8::from(wide)), count, text);
            }
        }
    });
    if head.is_some_and(|h| h.0) { out.goes_on(used, cols, filler) } else { out.line }
}
