//! The means of a terminal that a frame is drawn with. Must not know how they were found out.

use super::caps::TermCaps;
use super::width::Widths;
use crate::config::Depth;

/// What of a frame's means this terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Able {
    /// Colours.
    pub depth: Depth,
    /// Frames may stand between the marks of mode 2026.
    pub sync: bool,
    /// Underlines of five kinds, with a colour of their own.
    pub styled_underlines: bool,
    /// A line above the text.
    pub overline: bool,
    /// Hyperlinks (OSC 8).
    pub links: bool,
    /// Scroll regions.
    pub scroll: bool,
    /// How wide it draws what is not agreed on.
    pub widths: Widths,
}

impl From<&TermCaps> for Able {
    fn from(caps: &TermCaps) -> Able {
        Able {
            depth: caps.depth,
            sync: caps.sync,
            styled_underlines: caps.styled_underlines,
            overline: caps.overline,
            links: caps.links,
            scroll: !caps.dumb,
            widths: caps.widths,
        }
    }
}
