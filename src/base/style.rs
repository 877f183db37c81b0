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
