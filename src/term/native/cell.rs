//! One cell in 16 bytes. Must not know rows.
//!
//! Text is a character or the number of a cluster; colours are packed; what is rare (links, underline colours) sits in a side
//! table and is named by `ext`.

use crate::base::{Attrs, Color, Style, Underline};

/// The text bits are a cluster number.
const CLUSTER: u32 = 1 << 31;
/// Left half of a wide cell.
const WIDE: u32 = 1 << 30;
/// Right half of a wide cell.
const SPACER: u32 = 1 << 29;
/// Empty last column, left because a wide cell did not fit; not text.
const PAD: u32 = 1 << 28;
const TEXT: u32 = 0x00FF_FFFF;

/// Attribute bit of DECSCA, above those of [`Attrs`] and the underline.
pub(crate) const PROTECTED: u16 = 1 << 11;
/// Attribute bit of SPA and EPA: ordinary erasing spares the cell.
pub(crate) const GUARDED: u16 = 1 << 12;
pub(super) const UNDERLINE_SHIFT: u16 = 8;
/// Attribute bits of the kind of underline.
pub(super) const UNDERLINE_MASK: u16 = 7 << UNDERLINE_SHIFT;

/// A cell. All zero is the blank cell in the default style.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cell {
    text: u32,
    pub fg: u32,
    pub bg: u32,
    pub attr: u16,
    pub ext: u16,
}

/// What a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text {
    /// Nothing was written here.
    Blank,
    /// A character.
    Char(char),
    /// A cluster of the table.
    Cluster(u32),
    /// Right half of the cell before it.
    Spacer,
    /// See [`Cell::pad`].
    Pad,
}

/// Packs a colour.
pub(crate) fn pack(color: Color) -> u32 {
    match color {
        Color::Default => 0,
        Color::Indexed(i) => 1 << 24 | u32::from(i),
        Color::Rgb(r, g, b) => rgb(r, g, b),
    }
}

/// Packs red, green, blue.
#[inline]
pub(crate) fn rgb(r: u8, g: u8, b: u8) -> u32 {
    2 << 24 | u32::from(r) << 16 | u32::from(g) << 8 | u32::from(b)
}

/// Reads a packed colour.
pub(crate) fn unpack(paint: u32) -> Color {
    let [tag, r, g, b] = paint.to_be_bytes();
    match tag {
        0 => Color::Default,
        1 => Color::Indexed(b),
        _ => Color::Rgb(r, g, b),
    }
}

impl Cell {
    /// A style with the text of nothing.
    #[inline]
    pub fn look(fg: u32, bg: u32, attr: u16, ext: u16) -> Cell {
        Cell { text: 0, fg, bg, attr, ext }
    }

    /// This style with the text of nothing.
    #[inline]
    pub fn styled(self) -> Cell {
        Cell { text: 0, ..self }
    }

    /// This style around an ASCII byte.
    #[inline]
    pub fn with_byte(self, byte: u8) -> Cell {
        Cell { text: u32::from(byte), ..self }
    }

    /// This style around a character.
    #[inline]
    pub fn with_char(self, c: char, wide: bool) -> Cell {
        Cell { text: c as u32 | if wide { WIDE } else { 0 }, ..self }
    }

    /// This style around a cluster.
    pub fn with_cluster(self, id: u32, wide: bool) -> Cell {
        Cell { text: id & TEXT | CLUSTER | if wide { WIDE } else { 0 }, ..self }
    }

    /// The right half that belongs to this wide cell.
    #[inline]
    pub fn spacer(self) -> Cell {
        Cell { text: SPACER, ..self }
    }

    /// The filler in the last column before a wide cell that went to the next line.
    pub fn pad(self) -> Cell {
        Cell { text: PAD, ..self }
    }

    /// What an erase leaves under this pen: its background alone.
    #[inline]
    pub fn blank(self) -> Cell {
        Cell { bg: self.bg, ..Cell::default() }
    }

    /// What it shows.
    #[inline]
    pub fn text(self) -> Text {
        match self.text {
            0 => Text::Blank,
            t if t & (CLUSTER | SPACER | PAD) == 0 => char::from_u32(t & TEXT).map_or(Text::Blank, Text::Char),
            t if t & CLUSTER != 0 => Text::Cluster(t & TEXT),
            t if t & SPACER != 0 => Text::Spacer,
            _ => Text::Pad,
        }
    }

    /// The raw text as one ASCII byte, when it is one (or 0 for blank).
    #[inline]
    pub fn byte(self) -> Option<u8> {
        (self.text < 0x80).then_some(self.text as u8)
    }

    /// Whether its text is one printable ASCII character.
    #[inline]
    pub fn is_plain(self) -> bool {
        self.text.wrapping_sub(0x20) < 0x5F
    }

    /// What tells its text from others: never 0 for a cell that has text.
    #[inline]
    pub fn text_key(self) -> u32 {
        self.text
    }

    /// Whether it is the left half of a wide cell.
    #[inline]
    pub fn is_wide(self) -> bool {
        self.text & WIDE != 0
    }

    /// Whether it is the right half of a wide cell.
    #[inline]
    pub fn is_spacer(self) -> bool {
        self.text & SPACER != 0
    }

    /// Whether two cells look the same but for their text.
    #[inline]
    pub fn same_style(self, other: Cell) -> bool {
        self.fg == other.fg && self.bg == other.bg && self.attr == other.attr && self.ext == other.ext
    }

    /// Turns attributes on or off.
    pub fn set(&mut self, attrs: Attrs, on: bool) {
        if on {
            self.attr |= attrs.bits();
        } else {
            self.attr &= !attrs.bits();
        }
    }

    /// The line below.
    pub fn underline(self) -> Underline {
        match (self.attr & UNDERLINE_MASK) >> UNDERLINE_SHIFT {
            1 => Underline::Single,
            2 => Underline::Double,
            3 => Underline::Curly,
            4 => Underline::Dotted,
            5 => Underline::Dashed,
            _ => Underline::None,
        }
    }

    /// Sets the line below, by the number SGR 4 uses.
    pub fn set_underline(&mut self, kind: u16) {
        self.attr = self.attr & !UNDERLINE_MASK | (kind.min(5) << UNDERLINE_SHIFT);
    }

    /// Its style; the colour of the underline comes from the side table.
    pub fn style(self, underline_color: u32) -> Style {
        Style {
            fg: unpack(self.fg),
            bg: unpack(self.bg),
            attrs: Attrs::from_bits_truncate(self.attr & 0xFF),
            underline: self.underline(),
            underline_color: unpack(underline_color),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_small_and_keeps_what_it_is_given() {
        assert_eq!(size_of::<Cell>(), 16);
        let mut pen = Cell { fg: rgb(1, 2, 3), bg: pack(Color::Indexed(200)), ..Cell::default() };
        pen.set(Attrs::BOLD | Attrs::STRIKE, true);
        pen.set_underline(3);
        let cell = pen.with_char('中', true);
        assert_eq!((cell.text(), cell.is_wide()), (Text::Char('中'), true));
        assert_eq!(cell.spacer().text(), Text::Spacer);
        assert_eq!(pen.with_cluster(77, false).text(), Text::Cluster(77));
        let style = cell.style(0);
        assert_eq!((style.fg, style.bg), (Color::Rgb(1, 2, 3), Color::Indexed(200)));
        assert_eq!((style.attrs, style.underline), (Attrs::BOLD | Attrs::STRIKE, Underline::Curly));
        assert_eq!(pen.blank(), Cell { bg: pen.bg, ..Cell::default() });
    }
}
