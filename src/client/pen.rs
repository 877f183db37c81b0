//! The look the outer terminal writes with, and the sequences that change it. Only what the terminal is known to show is ever
//! sent: a kind of underline to one that does not know it would be read as other attributes. Must not know places.

use super::able::Able;
use crate::base::{Color, Underline};
use crate::config::reduce_color;
use crate::ui::Extra;
use ratatui::buffer::Cell;
use ratatui::style::{Color as Paint, Modifier};
use std::io::Write;

/// A look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
    underline: Underline,
    underline_color: Color,
    overline: bool,
}

/// How a terminal writes after `SGR 0`.
pub(super) const PLAIN: Pen = Pen {
    fg: Color::Default,
    bg: Color::Default,
    modifier: Modifier::empty(),
    underline: Underline::None,
    underline_color: Color::Default,
    overline: false,
};

impl Pen {
    /// How a cell looks on this terminal.
    pub fn of(cell: &Cell, extra: Extra, able: &Able) -> Pen {
        let lined = cell.modifier.contains(Modifier::UNDERLINED);
        let (underline, underline_color) = match extra.underline {
            _ if !lined => (Underline::None, Color::Default),
            kind if able.styled_underlines && kind != Underline::None => (kind, reduce_color(extra.underline_color, able.depth)),
            _ => (Underline::Single, Color::Default),
        };
        Pen {
            fg: reduce_color(color(cell.fg), able.depth),
            bg: reduce_color(color(cell.bg), able.depth),
            modifier: cell.modifier - Modifier::UNDERLINED,
            underline,
            underline_color,
            overline: extra.overline && able.overline,
        }
    }

    /// Whether it has every attribute of another look, so that none need be taken away.
    fn covers(&self, have: &Pen) -> bool {
        self.modifier.contains(have.modifier)
            && (self.overline || !have.overline)
            && (self.underline != Underline::None || have.underline == Underline::None)
    }

    /// Appends what makes this look out of another one; out of anything, when that is not known.
    pub fn write(&self, have: Option<Pen>, out: &mut Vec<u8>) {
        if have == Some(*self) {
            return;
        }
        let mut codes = String::new();
        let have = match have {
            // Attributes can be added one by one, but not all be taken away one by one.
            Some(have) if self.covers(&have) => have,
            _ => {
                codes.push('0');
                PLAIN
            }
        };
        for (bit, code) in [
            (Modifier::BOLD, "1"),
            (Modifier::DIM, "2"),
            (Modifier::ITALIC, "3"),
            (Modifier::SLOW_BLINK, "5"),
            (Modifier::RAPID_BLINK, "5"),
            (Modifier::REVERSED, "7"),
            (Modifier::HIDDEN, "8"),
            (Modifier::CROSSED_OUT, "9"),
        ] {
            if self.modifier.contains(bit) && !have.modifier.contains(bit) {
                push(&mut codes, code);
            }
        }
        if self.underline != have.underline {
            push(
                &mut codes,
                match self.underline {
                    Underline::None => "24",
                    Underline::Single => "4",
                    Underline::Double => "4:2",
                    Underline::Curly => "4:3",
                    Underline::Dotted => "4:4",
                    Underline::Dashed => "4:5",
                },
            );
        }
        if self.overline && !have.overline {
            push(&mut codes, "53");
        }
        if self.fg != have.fg {
            push(&mut codes, &sgr(self.fg, 30));
        }
        if self.bg != have.bg {
            push(&mut codes, &sgr(self.bg, 40));
        }
        if self.underline_color != have.underline_color {
            let code = match self.underline_color {
                Color::Default => "59".to_owned(),
                Color::Indexed(n) => format!("58:5:{n}"),
                Color::Rgb(r, g, b) => format!("58:2::{r}:{g}:{b}"),
            };
            push(&mut codes, &code);
        }
        let _ = match codes.as_str() {
            "" => Ok(()),
            "0" => out.write_all(b"\x1b[m"),
            codes => write!(out, "\x1b[{codes}m"), // writing to a Vec does not fail
        };
    }
}

fn push(codes: &mut String, code: &str) {
    if !codes.is_empty() {
        codes.push(';');
    }
    codes.push_str(code);
}

/// Parameters that set a colour; `base` is 30 for the foreground, 40 for the background.
fn sgr(color: Color, base: u8) -> String {
    match color {
        Color::Default => (base + 9).to_string(),
        Color::Indexed(n @ 0..8) => (base + n).to_string(),
        Color::Indexed(n @ 8..16) => (base + 60 + n - 8).to_string(),
        Color::Indexed(n) => format!("{};5;{n}", base + 8),
        Color::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
    }
}

fn color(paint: Paint) -> Color {
    Color::Indexed(match paint {
        Paint::Reset => return Color::Default,
        Paint::Rgb(r, g, b) => return Color::Rgb(r, g, b),
        Paint::Indexed(n) => n,
        Paint::Black => 0,
        Paint::Red => 1,
        Paint::Green => 2,
        Paint::Yellow => 3,
        Paint::Blue => 4,
        Paint::Magenta => 5,
        Paint::Cyan => 6,
        Paint::Gray => 7,
        Paint::DarkGray => 8,
        Paint::LightRed => 9,
        Paint::LightGreen => 10,
        Paint::LightYellow => 11,
        Paint::LightBlue => 12,
        Paint::LightMagenta => 13,
        Paint::LightCyan => 14,
        Paint::White => 15,
    })
}
