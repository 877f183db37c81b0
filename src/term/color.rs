//! Colours as values: what a program sets, what the outer terminal has, how queries write them. Must not know cells.

use crate::base::style::palette;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Red, green, blue.
pub type Rgb = (u8, u8, u8);

/// What the outer terminal (or the theme) looks like; answers to colour queries come from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OuterColors {
    /// Foreground.
    pub fg: Rgb,
    /// Background.
    pub bg: Rgb,
    /// Cursor, when known; else the foreground.
    pub cursor: Option<Rgb>,
    /// Whether it is a dark scheme.
    pub dark: bool,
    /// The first colours of the palette, as many as are known; the rest is xterm's.
    pub palette: Vec<Rgb>,
}

impl Default for OuterColors {
    fn default() -> Self {
        OuterColors { fg: (0xd0, 0xd0, 0xd0), bg: (0, 0, 0), cursor: None, dark: true, palette: Vec::new() }
    }
}

impl OuterColors {
    /// Palette colour `index`.
    pub fn indexed(&self, index: u8) -> Rgb {
        self.palette.get(index as usize).copied().unwrap_or_else(|| palette(index))
    }
}

/// Colours a program set for its own pane; they never leave it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Palette {
    /// Palette entries (OSC 4).
    pub indexed: BTreeMap<u8, Rgb>,
    /// Foreground (OSC 10).
    pub fg: Option<Rgb>,
    /// Background (OSC 11).
    pub bg: Option<Rgb>,
    /// Cursor (OSC 12).
    pub cursor: Option<Rgb>,
}

impl Palette {
    /// Whether nothing is overridden.
    pub fn is_empty(&self) -> bool {
        self.indexed.is_empty() && self.fg.is_none() && self.bg.is_none() && self.cursor.is_none()
    }
}

/// `rgb:ffff/8080/0000`, the form of every colour answer.
pub(crate) fn spec((r, g, b): Rgb) -> String {
    format!("rgb:{r:02x}{r:02x}/{g:02x}{g:02x}/{b:02x}{b:02x}")
}

/// Parses `#rgb`, `#rrggbb`, `#rrrgggbbb`, `#rrrrggggbbbb`, `rgb:r/g/b` and `rgba:r/g/b/a` with 1 to 4 digits each.
pub(crate) fn parse_spec(text: &[u8]) -> Option<Rgb> {
    let text = std::str::from_utf8(text).ok()?;
    fn scaled(digits: &str) -> Option<u8> {
        if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let value = u32::from_str_radix(digits, 16).ok()?;
        let max = (1u32 << (4 * digits.len() as u32)) - 1;
        u8::try_from((value * 255 + max / 2) / max).ok()
    }
    if let Some(rest) = text.strip_prefix("rgb:").or_else(|| text.strip_prefix("rgba:")) {
        let mut parts = rest.split('/');
        let rgb = (scaled(parts.next()?)?, scaled(parts.next()?)?, scaled(parts.next()?)?);
        return Some(rgb);
    }
    let hex = text.strip_prefix('#')?;
    if !hex.is_ascii() || hex.len() % 3 != 0 || hex.is_empty() || hex.len() > 12 {
        return None;
    }
    let n = hex.len() / 3;
    // Digits after `#` are the highest ones, so one alone is padded with a zero (XParseColor); after `rgb:` they are scaled.
    let high = |digits: &str| u32::from_str_radix(digits, 16).ok().map(|v| (v << 16 >> (4 * digits.len()) >> 8) as u8);
    if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    Some((high(&hex[..n])?, high(&hex[n..2 * n])?, high(&hex[2 * n..])?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn specs_read_back() {
        assert_eq!(parse_spec(b"rgb:ff/80/00"), Some((255, 128, 0)));
        assert_eq!(parse_spec(b"rgb:ffff/8080/0000"), Some((255, 128, 0)));
        assert_eq!(parse_spec(b"#ff8000"), Some((255, 128, 0)));
        assert_eq!(parse_spec(b"#f80"), Some((240, 128, 0)));
        assert_eq!(parse_spec(b"#f00f00f00"), Some((240, 240, 240)));
        assert_eq!(parse_spec(b"#fedcba987654"), Some((0xfe, 0xba, 0x76)));
        assert_eq!(parse_spec(spec((1, 2, 3)).as_bytes()), Some((1, 2, 3)));
        for bad in ["", "#", "#12", "rgb:", "rgb:1/2", "rgb:12345/0/0", "red", "#ééé", "rgb:+1/0/0"] {
            assert_eq!(parse_spec(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn the_palette_is_xterms() {
        assert_eq!(palette(16), (0, 0, 0));
        assert_eq!(palette(231), (255, 255, 255));
        assert_eq!(palette(208), (255, 135, 0));
        assert_eq!(palette(255), (238, 238, 238));
    }
}
