//! How wide the outer terminal draws what terminals disagree on: emoji with VS16, families joined by ZWJ, skin tones, emoji
//! newer than Unicode 11. Must not know frames or escape sequences.

use crate::base::text::width;

/// What the terminal turned out to do; `None` where it did not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Widths {
    /// Columns of an emoji with VS16: 1 or 2.
    pub vs16: Option<u8>,
    /// Emoji joined by ZWJ are drawn as one.
    pub joined: Option<bool>,
    /// A skin tone joins the emoji before it.
    pub toned: Option<bool>,
    /// It puts marks into the next cell (st): they are not sent.
    pub bare: bool,
}

impl Widths {
    /// The column the cursor stood in (from 1) after the samples of the probe, in their order.
    pub fn measured(columns: &[u32]) -> Widths {
        let wide = |i: usize| columns.get(i).map(|c| c.saturating_sub(1));
        Widths {
            vs16: wide(0).and_then(|w| u8::try_from(w).ok()).filter(|w| (1..=2).contains(w)),
            joined: wide(1).map(|w| w <= 2),
            toned: wide(2).map(|w| w <= 2),
            bare: false,
        }
    }
}

/// How far a cell's width is agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreed {
    /// By all terminals.
    Yes,
    /// This terminal draws it so wide.
    Known(u8),
    /// Nobody knows.
    No,
}

/// Whether the width of a cell's text is agreed on, by what it is made of.
pub fn agreed(symbol: &str, widths: &Widths) -> Agreed {
    let mut chars = symbol.chars();
    let Some(first) = chars.next() else { return Agreed::Yes };
    if first == ' ' {
        return Agreed::Yes;
    }
    if chars.as_str().is_empty() {
        return if everywhere(first) && !newer(first) && !tone(first) { Agreed::Yes } else { Agreed::No };
    }
    let sum = || symbol.chars().map(|c| width(c.encode_utf8(&mut [0; 4])) as u8).fold(0u8, u8::saturating_add);
    let known = |w: Option<u8>| w.map_or(Agreed::No, Agreed::Known);
    // What was measured is measured of emoji: of what may be drawn as nothing, or in a column of its own, it says nothing.
    let measured = |c: char| everywhere(c) || flag(c) || matches!(c, '\u{200d}' | '\u{fe0f}' | '\u{20e3}');
    if symbol.chars().any(newer) || !symbol.chars().all(measured) {
        Agreed::No
    } else if symbol.contains('\u{200d}') {
        known(widths.joined.map(|j| if j { 2 } else { sum() }))
    } else if symbol.chars().any(tone) {
        known(widths.toned.map(|t| if t { 2 } else { sum() }))
    } else if symbol.contains('\u{fe0f}') {
        known(widths.vs16)
    } else if flag(first) && chars.next().is_some_and(flag) && chars.next().is_none() {
        Agreed::Yes
    } else {
        Agreed::No
    }
}

/// Whether what a cell is made of may get into the cell before it: a terminal that draws nothing for its first character (a mark,
/// or one it does not know) gives the marks after it to whatever stands there.
pub fn leaks(symbol: &str) -> bool {
    symbol.len() > 1 && symbol.chars().next().is_some_and(|first| !everywhere(first) || newer(first))
}

/// What of a cell's text fits `cols` columns of this terminal: all of it, or its beginning. A joiner that joins nothing goes, with
/// the marks on it: it would pull the next cell over, also in a terminal that draws none of the marks.
pub fn fitting<'a>(symbol: &'a str, cols: u16, widths: &Widths) -> &'a str {
    let joins = |rest: &str| rest.trim_start_matches('\u{200d}').chars().next().is_some_and(|c| width(c.encode_utf8(&mut [0; 4])) > 0);
    let end = symbol.match_indices('\u{200d}').find(|(i, _)| !symbol.get(*i..).is_some_and(joins)).map_or(symbol.len(), |(i, _)| i);
    let symbol = symbol.get(..end).unwrap_or(symbol);
    let mark = |(_, c): &(usize, char)| widths.bare && width(c.encode_utf8(&mut [0; 4])) == 0;
    let end = symbol.char_indices().skip(1).find(mark).map_or(symbol.len(), |(i, _)| i);
    let symbol = symbol.get(..end).unwrap_or(symbol);
    // A tone in a cell of its own would be drawn on the emoji before it, again with every frame.
    if symbol.chars().all(tone) && widths.toned != Some(false) {
        return if cols > 1 { "  " } else { " " };
    }
    match agreed(symbol, widths) {
        Agreed::Known(w) if u16::from(w) > cols => {
            let end = symbol.char_indices().nth(1).map_or(symbol.len(), |(i, _)| i);
            symbol.get(..end).unwrap_or(symbol)
        }
        _ => symbol,
    }
}

/// Characters of which every terminal has the width in its tables. Of the rest (marks, format characters, what is not
/// assigned or newly so) some draw nothing: tmux drops what its C library does not know.
fn everywhere(c: char) -> bool {
    matches!(c as u32,
        0x20..=0x7E | 0xA0..=0xAC | 0xAE..=0x2FF                             // Latin; not the soft hyphen
        | 0x370..=0x377 | 0x37A..=0x37F | 0x384..=0x38A | 0x38C | 0x38E..=0x3A1 | 0x3A3..=0x482 | 0x48A..=0x52F // Greek, Cyrillic
        | 0x531..=0x556 | 0x561..=0x587 | 0x5D0..=0x5EA | 0x621..=0x64A | 0x660..=0x66F | 0x671..=0x6D3 // Armenian, Hebrew, Arabic
        | 0x904..=0x939 | 0xE01..=0xE30 | 0xE32..=0xE33 | 0xE3F..=0xE46 | 0xE4F..=0xE5B | 0x10D0..=0x10FA // Devanagari, Thai, Georgian
        | 0x1E00..=0x1EFF | 0x2010..=0x2027 | 0x2030..=0x205E | 0x2070..=0x2071 | 0x2074..=0x208E | 0x20A0..=0x20BF // Latin, signs
        // Arrows, lines, shapes, braille; not trigrams and monograms, which Unicode 16 made wide.
        | 0x2100..=0x218B | 0x2190..=0x2426 | 0x2440..=0x244A | 0x2460..=0x262F | 0x2638..=0x2689 | 0x2690..=0x2B73
        | 0x2E80..=0x2E99 | 0x2E9B..=0x2EF3 | 0x2F00..=0x2FD5 | 0x3000..=0x3029 | 0x3030..=0x303E | 0x3041..=0x3096
        | 0x309B..=0x30FF | 0x3105..=0x312F | 0x3131..=0x3163 | 0x3165..=0x318E | 0x3190..=0x31BA | 0x31F0..=0x321E | 0x3220..=0x4DBF
        | 0x4E00..=0x9FEF | 0xA000..=0xA48C | 0xAC00..=0xD7A3 // Han, Kana, Yi, Hangul
        | 0xE000..=0xF8FF | 0xF900..=0xFA6D | 0xFB00..=0xFB06 | 0xFF01..=0xFF9F | 0xFFE0..=0xFFE6 | 0xFFFD
        | 0x1F300..=0x1F64F | 0x1F680..=0x1F6D4 | 0x1F6E0..=0x1F6EC | 0x1F6F0..=0x1F6F9 | 0x1F910..=0x1F9FF | 0x20000..=0x2A6D6)
}

fn tone(c: char) -> bool {
    ('\u{1F3FB}'..='\u{1F3FF}').contains(&c)
}

/// One of the two letters of a flag, in a cell of its own.
pub fn half_flag(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    chars.next().is_some_and(flag) && chars.next().is_none()
}

fn flag(c: char) -> bool {
    ('\u{1F1E6}'..='\u{1F1FF}').contains(&c)
}

/// Emoji that terminals with tables of Unicode 11 (VS Code) take for narrow.
fn newer(c: char) -> bool {
    matches!(c as u32,
        0x1F6D5..=0x1F6DF | 0x1F6FA..=0x1F6FF | 0x1F7E0..=0x1F7FF | 0x1F90C..=0x1F90F | 0x1F93F | 0x1F971..=0x1F972
        | 0x1F977..=0x1F97B | 0x1F9A3..=0x1F9AF | 0x1F9BA..=0x1F9BF | 0x1F9C3..=0x1F9CF | 0x1FA60..=0x1FBFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VSCODE: Widths = Widths { vs16: Some(1), joined: Some(false), toned: Some(false), bare: false };
    const KITTY: Widths = Widths { vs16: Some(2), joined: Some(true), toned: Some(true), bare: false };

    #[test]
    fn measured_widths_decide() {
        assert_eq!(Widths::measured(&[2, 7, 5]), VSCODE);
        assert_eq!(Widths::measured(&[3, 3, 3]), KITTY);
        assert_eq!(Widths::measured(&[]), Widths::default());
        assert_eq!(agreed("a", &VSCODE), Agreed::Yes);
        assert_eq!(agreed("中", &VSCODE), Agreed::Yes);
        assert_eq!(agreed("❤\u{fe0f}", &VSCODE), Agreed::Known(1));
        assert_eq!(agreed("❤\u{fe0f}", &KITTY), Agreed::Known(2));
        assert_eq!(agreed("❤\u{fe0f}", &Widths::default()), Agreed::No);
        assert_eq!(agreed("👩\u{200d}👩\u{200d}👧", &VSCODE), Agreed::Known(6));
        assert_eq!(agreed("👍🏽", &KITTY), Agreed::Known(2));
        assert_eq!(agreed("🫠", &KITTY), Agreed::No);
        assert_eq!(agreed("🇩🇪", &VSCODE), Agreed::Yes);
        for sure in ["é", "я", "─", "⠋", "✓", "한", "ｱ", "\u{e0b0}", "\u{fffd}", "👍"] {
            assert_eq!(agreed(sure, &VSCODE), Agreed::Yes, "{sure}");
        }
        for unsure in ["\u{ad}", "\u{301}", "\u{378}", "\u{600}", "\u{7bf}", "\u{200e}", "\u{2632}", "\u{268d}", "\u{e0001}", "\u{1f1f7}\u{70f}"] {
            assert_eq!(agreed(unsure, &VSCODE), Agreed::No, "{unsure:?}");
        }
    }

    #[test]
    fn what_a_terminal_may_draw_nothing_for_leaks() {
        for sure in [" ", "a", "é", "e\u{301}", "中", "👍", "👍🏽", "─\u{338}"] {
            assert!(!leaks(sure), "{sure}");
        }
        for unsure in ["\u{301}", "\u{378}\u{316}", "\u{113d}", "🫠\u{fe0f}", "\u{600}", "🇩🇪"] {
            assert!(leaks(unsure), "{unsure:?}");
        }
    }

    #[test]
    fn only_what_fits_is_written() {
        assert_eq!(fitting("👩\u{200d}👩\u{200d}👧", 2, &VSCODE), "👩");
        assert_eq!(fitting("👩\u{200d}👩\u{200d}👧", 2, &KITTY), "👩\u{200d}👩\u{200d}👧");
        assert_eq!(fitting("❤\u{fe0f}", 1, &KITTY), "❤");
        assert_eq!(fitting("❤\u{fe0f}", 2, &KITTY), "❤\u{fe0f}");
        assert_eq!(fitting("👩\u{200d}", 2, &VSCODE), "👩");
        assert_eq!((fitting("a\u{301}\u{200d}\u{349}", 1, &KITTY), fitting("क\u{94d}\u{200d}ष", 2, &KITTY)), ("a\u{301}", "क\u{94d}\u{200d}ष"));
        assert_eq!((fitting("\u{1f3fd}", 2, &KITTY), fitting("\u{1f3fd}", 2, &VSCODE)), ("  ", "\u{1f3fd}"));
        assert_eq!(fitting("e\u{301}", 1, &VSCODE), "e\u{301}");
        let st = Widths { bare: true, ..VSCODE };
        assert_eq!((fitting("e\u{301}", 1, &st), fitting("1\u{fe0f}\u{20e3}", 2, &st), fitting("👍🏽", 2, &st)), ("e", "1", "👍"));
    }
}
