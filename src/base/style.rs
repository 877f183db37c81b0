//! How a cell looks. Must not know themes or escape sequences.

use bitflags::bitflags;
use serde::{Deserialize, Serialize};

/// A colour as a program asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Color {
    /// The terminal's own foreground or background.
    #[default]
    Default,
    /// One of the 256 palette colours (0-15 the named ones).
    Indexed(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// Red, green and blue of a palette entry as xterm has them: 16 named colours, a 6x6x6 cube, 24 greys.
pub fn palette(index: u8) -> (u8, u8, u8) {
    const NAMED: [(u8, u8, u8); 16] = [
        (0, 0, 0),
        (205, 0, 0),
        (0, 205, 0),
        (205, 205, 0),
        (0, 0, 238),
        (205, 0, 205),
        (0, 205, 205),
        (229, 229, 229),
        (127, 127, 127),
        (255, 0, 0),
        (0, 255, 0),
        (255, 255, 0),
        (92, 92, 255),
        (255, 0, 255),
        (0, 255, 255),
        (255, 255, 255),
    ];
    match index {
        0..16 => NAMED.get(usize::from(index)).copied().unwrap_or_default(),
        16..232 => {
            let level = |v: u8| if v == 0 { 0 } else { 55 + 40 * v };
            let i = index - 16;
            (level(i / 36), level(i / 6 % 6), level(i % 6))
        }
        232.. => {
            let grey = 8 + 10 * (index - 232);
            (grey, grey, grey)
        }
    }
}

bitflags! {
    /// Attributes that are on or off.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
    pub struct Attrs: u16 {
        /// Bold.
        const BOLD = 1;
        /// Dim (faint).
        const DIM = 1 << 1;
        /// Italic.
        const ITALIC = 1 << 2;
        /// Blinking.
        const BLINK = 1 << 3;
        /// Foreground and background exchanged.
        const REVERSE = 1 << 4;
        /// Not shown.
        const HIDDEN = 1 << 5;
        /// Struck through.
        const STRIKE = 1 << 6;
        /// A line above.
        const OVERLINE = 1 << 7;
    }
}

/// The kind of line under the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Underline {
    /// No line.
    #[default]
    None,
    /// One straight line.
    Single,
    /// Two lines.
    Double,
    /// A wave.
    Curly,
    /// Dots.
    Dotted,
    /// Dashes.
    Dashed,
}

/// Everything about a cell but its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Style {
    /// Foreground.
    pub fg: Color,
    /// Background.
    pub bg: Color,
    /// Attributes.
    pub attrs: Attrs,
    /// Line under the text.
    pub underline: Underline,
    /// Colour of that line; `Default` is the foreground.
    pub underline_color: Color,
}
