//! Styles of cells in ratatui's words. Must not know themes.

use crate::base::{Attrs, Color, Style, Underline};
use ratatui::style::{Color as Out, Modifier, Style as OutStyle};

/// A colour in ratatui's words.
pub fn color(c: Color) -> Out {
    match c {
        Color::Default => Out::Reset,
        Color::Indexed(n) => Out::Indexed(n),
        Color::Rgb(r, g, b) => Out::Rgb(r, g, b),
    }
}

/// A style in ratatui's words. Kinds and colours of underlines become one straight line.
pub fn style(s: Style) -> OutStyle {
    OutStyle::reset().fg(color(s.fg)).bg(color(s.bg)).add_modifier(modifiers(s))
}

/// The same laid over what is there: default colours leave what was.
pub fn patch(s: Style) -> OutStyle {
    let mut out = OutStyle::new().add_modifier(modifiers(s));
    if s.fg != Color::Default {
        out = out.fg(color(s.fg));
    }
    if s.bg != Color::Default {
        out = out.bg(color(s.bg));
    }
    out
}

fn modifiers(s: Style) -> Modifier {
    const MAP: [(Attrs, Modifier); 7] = [
        (Attrs::BOLD, Modifier::BOLD),
        (Attrs::DIM, Modifier::DIM),
        (Attrs::ITALIC, Modifier::ITALIC),
        (Attrs::BLINK, Modifier::SLOW_BLINK),
        (Attrs::REVERSE, Modifier::REVERSED),
        (Attrs::HIDDEN, Modifier::HIDDEN),
        (Attrs::STRIKE, Modifier::CROSSED_OUT),
    ];
    let mut out = MAP.iter().filter(|(a, _)| s.attrs.contains(*a)).fold(Modifier::empty(), |m, (_, b)| m | *b);
    if s.underline != Underline::None {
        out |= Modifier::UNDERLINED;
    }
    out
}
