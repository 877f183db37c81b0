//! Colours within what a terminal can show. Pure. Must not know themes.

use crate::base::style::palette;
use crate::base::{Color, Style};

/// How many colours there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Depth {
    /// None: attributes alone.
    None,
    /// The 16 named ones.
    Ansi16,
    /// The palette of 256.
    Palette256,
    /// 24 bits.
    #[default]
    True,
}

/// A style within a depth: each colour becomes the nearest one there is.
pub fn reduce(style: Style, depth: Depth) -> Style {
    Style {
        fg: reduce_color(style.fg, depth),
        bg: reduce_color(style.bg, depth),
        underline_color: reduce_color(style.underline_color, depth),
        ..style
    }
}

/// A colour within a depth.
pub fn reduce_color(color: Color, depth: Depth) -> Color {
    match (color, depth) {
        (Color::Default, _) | (_, Depth::True) => color,
        (_, Depth::None) => Color::Default,
        (Color::Indexed(n), Depth::Ansi16) if n >= 16 => {
            let (r, g, b) = palette(n);
            Color::Indexed(nearest16(r, g, b))
        }
        (Color::Indexed(_), _) => color,
        (Color::Rgb(r, g, b), Depth::Palette256) => Color::Indexed(nearest256(r, g, b)),
        (Color::Rgb(r, g, b), Depth::Ansi16) => Color::Indexed(nearest16(r, g, b)),
    }
}

/// Distance as the eye sees it, roughly: green counts most, blue least.
fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> u32 {
    let d = |x: u8, y: u8| u32::from(x.abs_diff(y)).pow(2);
    3 * d(a.0, b.0) + 4 * d(a.1, b.1) + 2 * d(a.2, b.2)
}

fn nearest256(r: u8, g: u8, b: u8) -> u8 {
    // 0-15 are left out: people change them.
    (16..=255u8).min_by_key(|n| distance(palette(*n), (r, g, b))).unwrap_or(16)
}

fn nearest16(r: u8, g: u8, b: u8) -> u8 {
    let (max, min) = (r.max(g).max(b), r.min(g).min(b));
    if max - min < 40 {
        // Greys: by lightness alone, so that a tinted grey never turns into a colour.
        return match max {
            0..50 => 0,
            50..150 => 8,
            150..235 => 7,
            235.. => 15,
        };
    }
    // Colours: which of the three stand out gives the hue, the strongest the brightness.
    let on = |v: u8| u8::from(u16::from(v - min) * 2 >= u16::from(max - min));
    let hue = on(r) | on(g) << 1 | on(b) << 2;
    if max > 200 { hue + 8 } else { hue }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hues_survive() {
        for (rgb, want) in
            [((0x7a, 0xa2, 0xf7), 12), ((0xe0, 0xaf, 0x68), 11), ((0xf7, 0x76, 0x8e), 9), ((0x50, 0x90, 0x40), 2), ((0x60, 0x60, 0x68), 8)]
        {
            assert_eq!(reduce_color(Color::Rgb(rgb.0, rgb.1, rgb.2), Depth::Ansi16), Color::Indexed(want), "{rgb:?}");
        }
        assert_eq!(reduce_color(Color::Rgb(255, 0, 0), Depth::Palette256), Color::Indexed(196));
    }

    proptest! {
        #[test]
        fn nothing_is_deeper_than_asked(r: u8, g: u8, b: u8) {
            let c = Color::Rgb(r, g, b);
            prop_assert!(matches!(reduce_color(c, Depth::Palette256), Color::Indexed(16..)));
            prop_assert!(matches!(reduce_color(c, Depth::Ansi16), Color::Indexed(0..16)));
            prop_assert_eq!(reduce_color(c, Depth::None), Color::Default);
        }

        #[test]
        fn palette_colours_map_to_themselves(n in 16u8..) {
            let (r, g, b) = palette(n);
            let Color::Indexed(m) = reduce_color(Color::Rgb(r, g, b), Depth::Palette256) else { return Err(TestCaseError::fail("not indexed")) };
            prop_assert_eq!(palette(m), palette(n));
        }
    }
}
