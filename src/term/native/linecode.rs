//! A row as a few bytes: what history and snapshots are made of. Must not know where the bytes are kept.
//!
//! A head byte (bit 0 wrapped, bits 1-2 marks, bits 3-4 size), then UTF-8 text of narrow and wide characters by their usual width, with
//! control bytes between: they never are text of a cell.

use super::cell::{Cell, Text};
use super::row::Row;
use super::tables::Tables;
use crate::term::width::{Width, width};

const BLANK: u8 = 0;
const STYLE: u8 = 1;
const CLUSTER: u8 = 2;
const BLANKS: u8 = 3;
const PAD: u8 = 4;
/// The next character has the other width than usual.
const ODD: u8 = 5;
const REPEAT: u8 = 6;

/// One cell of a decoded row; its style comes in the cell that goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    Blank,
    Char(char, bool),
    Cluster(&'a str, bool),
    Pad,
}

fn number(mut n: usize, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn paint(value: u32, out: &mut Vec<u8>) {
    let [_, r, g, b] = value.to_be_bytes();
    match value >> 24 {
        0 => {}
        1 => out.push(b),
        _ => out.extend([r, g, b]),
    }
}

fn style(cell: Cell, out: &mut Vec<u8>) {
    let tag = |v: u32| (v >> 24).min(2) as u8;
    let mask = tag(cell.fg) | tag(cell.bg) << 2 | u8::from(cell.attr != 0) << 4 | u8::from(cell.ext != 0) << 5;
    out.extend([STYLE, mask]);
    paint(cell.fg, out);
    paint(cell.bg, out);
    if cell.attr != 0 {
        out.extend(cell.attr.to_le_bytes());
    }
    if cell.ext != 0 {
        out.extend(cell.ext.to_le_bytes());
    }
}

/// Appends a character. Arrays of a known length are stored, not copied by a call.
#[inline]
fn utf8(c: char, out: &mut Vec<u8>) {
    let code = c as u32;
    let tail = |shift: u32| 0x80 | (code >> shift & 0x3F) as u8;
    match code {
        0..0x80 => out.push(code as u8),
        0x80..0x800 => out.extend_from_slice(&[0xC0 | (code >> 6) as u8, tail(0)]),
        0x800..0x1_0000 => out.extend_from_slice(&[0xE0 | (code >> 12) as u8, tail(6), tail(0)]),
        _ => out.extend_from_slice(&[0xF0 | (code >> 18) as u8, tail(12), tail(6), tail(0)]),
    }
}

/// Appends the row. Calls `ext` for each side table number it names.
pub(crate) fn encode(row: &Row, tables: &Tables, out: &mut Vec<u8>, mut ext: impl FnMut(u16)) {
    let cells = row.trimmed();
    out.push(u8::from(row.wrapped) | (row.mark & 15) << 1);
    let mut look = Cell::default();
    let mut i = 0;
    while i < cells.len() {
        let cell = cells[i];
        if !cell.same_style(look) {
            look = cell;
            style(cell, out);
            if cell.ext != 0 {
                ext(cell.ext);
            }
        }
        // Plain text, the common case: as many bytes at once as there are of one look, each another one than the one before.
        let plain = cells[i..].windows(2).take_while(|w| w[0].is_plain() && w[0].same_style(look) && w[1] != w[0]).count();
        if plain > 0 {
            out.extend(cells[i..i + plain].iter().map(|c| c.text_key() as u8));
            i += plain;
            continue;
        }
        if let Some(byte) = cell.byte() {
            let same = if cells.get(i + 1) == Some(&cell) { cells[i..].iter().take_while(|c| **c == cell).count() } else { 1 };
            if same == 1 {
                out.push(byte);
                i += 1;
                continue;
            }
            if same >= 4 {
                if byte == 0 {
                    out.push(BLANKS);
                    number(same, out);
                } else {
                    out.push(REPEAT);
                    number(same, out);
                    out.push(byte);
                }
                i += same;
            } else {
                out.extend(std::iter::repeat_n(byte, same));
                i += same;
            }
            continue;
        }
        match cell.text() {
            Text::Blank | Text::Spacer => out.push(BLANK),
            Text::Pad => out.push(PAD),
            Text::Cluster(id) => {
                let text = tables.cluster(id);
                out.push(CLUSTER);
                number(text.len() << 1 | usize::from(cell.is_wide()), out);
                out.extend(text.as_bytes());
            }
            Text::Char(c) => {
                let wide = cell.is_wide();
                let step = if wide { 2 } else { 1 };
                let same = if wide || cells.get(i + 1) != Some(&cell) { 1 } else { cells[i..].iter().take_while(|c| **c == cell).count() };
                if same >= 3 {
                    out.push(REPEAT);
                    number(same, out);
                }
                if wide != (width(c) == Width::Two) {
                    out.push(ODD);
                }
                utf8(c, out);
                i += if same >= 3 { same } else { step };
                continue;
            }
        }
        i += if cell.is_wide() { 2 } else { 1 };
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    #[inline]
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<usize> {
        let mut n = 0;
        for shift in (0..28).step_by(7) {
            let b = self.byte()?;
            n |= usize::from(b & 0x7F) << shift;
            if b < 0x80 {
                return Some(n);
            }
        }
        None
    }

    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.bytes.split_at_checked(n)?;
        self.bytes = rest;
        Some(head)
    }

    fn paint(&mut self, tag: u8) -> Option<u32> {
        Some(match tag {
            0 => 0,
            1 => 1 << 24 | u32::from(self.byte()?),
            _ => match self.take(3)? {
                [r, g, b] => super::cell::rgb(*r, *g, *b),
                _ => return None,
            },
        })
    }

    fn half(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn style(&mut self) -> Option<Cell> {
        let mask = self.byte()?;
        let mut cell = Cell::look(self.paint(mask & 3)?, self.paint(mask >> 2 & 3)?, 0, 0);
        if mask & 0x10 != 0 {
            cell.attr = self.half()?;
        }
        if mask & 0x20 != 0 {
            cell.ext = self.half()?;
        }
        Some(cell)
    }

    fn char(&mut self) -> Option<char> {
        let len = match self.bytes.first()? {
            0..0x80 => 1,
            0xC0..0xE0 => 2,
            0xE0..0xF0 => 3,
            _ => 4,
        };
        std::str::from_utf8(self.take(len)?).ok()?.chars().next()
    }
}

/// Reads a row back, calling `f(style, token, count)` from left to right; gives (wrapped, marks), or `None` when the bytes are
/// damaged (what came before was told).
pub(crate) fn decode<'a>(bytes: &'a [u8], mut f: impl FnMut(Cell, Token<'a>, usize)) -> Option<(bool, u8)> {
    let mut r = Reader { bytes };
    let head = r.byte()?;
    let mut look = Cell::default();
    let mut count = 1;
    let mut odd = false;
    while let Some(first) = r.bytes.first() {
        match *first {
            BLANK => {
                r.byte();
                f(look, Token::Blank, 1);
            }
            STYLE => {
                r.byte();
                look = r.style()?;
            }
            CLUSTER => {
                r.byte();
                let n = r.number()?;
                let text = std::str::from_utf8(r.take(n >> 1)?).ok().filter(|t| !t.is_empty())?;
                f(look, Token::Cluster(text, n & 1 == 1), 1);
            }
            BLANKS => {
                r.byte();
                f(look, Token::Blank, r.number()?.min(4096));
            }
            PAD => {
                r.byte();
                f(look, Token::Pad, 1);
            }
            ODD => {
                r.byte();
                odd = true;
            }
            REPEAT => {
                r.byte();
                count = r.number()?.min(4096);
            }
            0x07..0x20 | 0x7F => return None,
            // Narrow, always: most of all text.
            byte @ 0x20..0x7F => {
                r.byte();
                f(look, Token::Char(char::from(byte), odd), count);
                (count, odd) = (1, false);
            }
            _ => {
                let c = r.char()?;
                f(look, Token::Char(c, (width(c) == Width::Two) != odd), count);
                (count, odd) = (1, false);
            }
        }
    }
    Some((head & 1 != 0, head >> 1 & 15))
}

/// The marks of a row, without reading the rest of it.
pub(crate) fn mark(bytes: &[u8]) -> Option<u8> {
    bytes.first().map(|head| head >> 1 & 15)
}

/// Whether a row goes on in the next one, without reading the rest of it.
pub(crate) fn wraps(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|head| head & 1 != 0)
}

/// Reads a row back as cells of at most `cols` columns.
pub(crate) fn decode_row(bytes: &[u8], tables: &mut Tables, cols: usize) -> Option<Row> {
    let mut cells: Vec<Cell> = Vec::new();
    let head = decode(bytes, |look, token, count| {
        for _ in 0..count {
            let (cell, wide) = match token {
                Token::Blank => (look.styled(), false),
                Token::Pad => (look.pad(), false),
                Token::Char(c, wide) => (look.with_char(c, wide), wide),
                Token::Cluster(text, wide) => match tables.intern_cluster(text) {
                    Some(id) => (look.with_cluster(id, wide), wide),
                    None => (look.with_char(text.chars().next().unwrap_or(' '), wide), wide),
                },
            };
            if cells.len() + 1 + usize::from(wide) > cols {
                return;
            }
            cells.push(cell);
            if wide {
                cells.push(cell.spacer());
            }
        }
    });
    let (wrapped, mark) = head?;
    let mut row = Row::from_cells(cells);
    (row.wrapped, row.mark) = (wrapped, mark);
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cells() -> impl Strategy<Value = Vec<(u32, u32, u16, u8, char)>> {
        prop::collection::vec(
            (
                prop_oneof![Just(0u32), (0u32..256).prop_map(|i| 1 << 24 | i), (0u32..0x100_0000).prop_map(|c| 2 << 24 | c)],
                prop_oneof![Just(0u32), Just(1 << 24 | 7)],
                prop_oneof![Just(0u16), 0u16..0x1000],
                0u8..6,
                prop::sample::select(vec!['a', ' ', 'é', '中', '─', '🚀', 'x', '─']),
            ),
            0..60,
        )
    }

    proptest! {
        #[test]
        fn rows_come_back_as_they_were(cells in cells(), wrapped: bool, mark in 0u8..16) {
            let mut tables = Tables::default();
            let mut row = Row::default();
            let mut col = 0;
            for (fg, bg, attr, kind, c) in cells {
                let pen = Cell::look(fg, bg, attr, 0);
                let cell = match kind {
                    0 => pen,
                    1 => pen.with_cluster(tables.intern_cluster(&format!("{c}\u{301}")).unwrap(), width(c) == Width::Two),
                    2 => pen.with_char(c, width(c) != Width::Two),
                    _ => pen.with_char(c, width(c) == Width::Two),
                };
                row.put(col, cell);
                col += if cell.is_wide() { 2 } else { 1 };
            }
            row = Row::from_cells(row.trimmed().to_vec());
            (row.wrapped, row.mark) = (wrapped, mark);
            let mut bytes = Vec::new();
            encode(&row, &tables, &mut bytes, |_| ());
            prop_assert_eq!(decode_row(&bytes, &mut tables, 1000), Some(row));
        }

        #[test]
        fn damaged_bytes_are_refused_not_believed(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Some(row) = decode_row(&bytes, &mut Tables::default(), 40) {
                prop_assert!(row.is_sound(40));
            }
        }
    }
}
