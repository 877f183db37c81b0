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
        self.put_blanks();
        self.add(look, kind, count, text);
    }

    /// Narrow cells of one look, as most are.
    fn run(&mut self, look: Cell, cells: &[Cell]) {
        self.put_blanks();
        self.add(look, CellKind::Narrow, 0, "");
        if let Some(span) = self.line.spans.last_mut() {
            span.text.reserve(cells.len());
            span.text.extend(cells.iter().filter_map(narrow));
        }
    }

    fn put_blanks(&mut self) {
        if self.blanks > 0 {
            let blanks = " ".repeat(std::mem::take(&mut self.blanks));
            self.add(Cell::default(), CellKind::Narrow, 1, &blanks);
        }
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
        self.put_blanks();
        self.line.wrapped = true;
        self.line
    }
}

fn builder(tables: &Tables) -> Builder<'_> {
    Builder { tables, line: Line::default(), look: Cell::default(), open: false, blanks: 0 }
}

/// What stands in a cell one column wide, if that is one character or nothing.
fn narrow(cell: &Cell) -> Option<char> {
    match cell.text() {
        Text::Char(c) if !cell.is_wide() => Some(c),
        Text::Blank => Some(' '),
        _ => None,
    }
}

/// How many cells from the first on are narrow and of its look; neither the first nor the last is blank (blanks may be the end
/// of the line).
fn run(cells: &[Cell]) -> usize {
    let blank = |c: &Cell| matches!(c.text(), Text::Blank);
    let Some(first) = cells.first().filter(|c| !blank(c)) else { return 0 };
    let look = first.styled();
    let alike = cells.iter().take_while(|c| narrow(c).is_some() && c.styled() == look);
    let (mut length, mut behind) = (0, 0);
    for cell in alike {
        behind += 1;
        if !blank(cell) {
            length = behind;
        }
    }
    length
}

/// A row of the screen, `cols` columns wide.
pub(crate) fn of_row(row: &Row, tables: &Tables, cols: usize) -> Line {
    let mut out = builder(tables);
    // Of a line that goes on every cell counts.
    let cells = if row.wrapped { row.cells() } else { row.trimmed() };
    let mut filler = false;
    let mut rest = cells;
    while let Some((cell, after)) = rest.split_first() {
        let look = cell.styled();
        filler = false;
        if let Some((cells, after)) = rest.split_at_checked(run(rest)).filter(|(cells, _)| !cells.is_empty()) {
            out.run(look, cells);
            rest = after;
            continue;
        }
        rest = after;
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
