//! Columns a character takes on the grid, and characters the grid never keeps. Must not know cells.
//!
//! Widths are those of `wcwidth` by code point (ambiguous ones are narrow), as xterm, tmux and VS Code count them: what a
//! program computed without asking for mode 2027. With 2027 clusters are counted as a whole (see `native::print`).

use unicode_width::UnicodeWidthChar;

/// What printing a character does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    /// Never drawn and never kept: controls, bidi, tags, invisible formats.
    Drop,
    /// Joins the cell before it, when there is one.
    Zero,
    /// One column.
    One,
    /// Two columns.
    Two,
}

/// The width of `c`.
#[inline]
pub(crate) fn width(c: char) -> Width {
    match c as u32 {
        0x20..=0x7E | 0xA1..=0xAC | 0xAE..=0x2FF | 0xA0 | 0xAD => Width::One,
        0..=0x1F | 0x7F..=0x9F => Width::Drop,
        0x2500..=0x259F | 0x2018..=0x201F | 0x2022..=0x2027 => Width::One,
        0x4E00..=0x9FFF | 0xAC00..=0xD7A3 => Width::Two,
        _ => slow(c),
    }
}

fn dropped(c: char) -> bool {
    matches!(c as u32,
        0x061C | 0x180E | 0x200B | 0x200E | 0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xFFF9..=0xFFFB
        | 0x1D173..=0x1D17A | 0xE0000..=0xE00FF | 0xE01F0..=0xE0FFF)
}

fn slow(c: char) -> Width {
    if dropped(c) {
        return Width::Drop;
    }
    match UnicodeWidthChar::width(c) {
        Some(1) => Width::One,
        Some(2) => Width::Two,
        // Unassigned noncharacters and the like have a width of one in most tables; a zero-width cell of their own is no cell.
        _ => Width::Zero,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_of_every_kind() {
        for (c, w) in [
            ('a', Width::One),
            ('é', Width::One),
            ('\u{301}', Width::Zero),
            ('中', Width::Two),
            ('🚀', Width::Two),
            ('─', Width::One),
            ('…', Width::One),
            ('⚠', Width::One),
            ('\u{fe0f}', Width::Zero),
            ('\u{200d}', Width::Zero),
            ('\u{202e}', Width::Drop),
            ('\u{e0041}', Width::Drop),
            ('\u{200b}', Width::Drop),
            ('\u{2028}', Width::Drop),
            ('\u{9b}', Width::Drop),
            ('\u{fffd}', Width::One),
        ] {
            assert_eq!(width(c), w, "{c:?}");
        }
    }

    #[test]
    fn the_shortcuts_agree_with_the_table() {
        for c in (0x20..0x3000u32).chain(0x4E00..0xA000).chain(0xAC00..0xD7A4).filter_map(char::from_u32) {
            let want = slow(c);
            if !matches!(width(c), Width::Drop) && c != '\u{AD}' {
                assert_eq!(width(c), want, "{:x}", c as u32);
            }
        }
    }
}
