//! A line as text with SGR sequences, for readers that want colours. Must not know where it goes; only SGR is ever written.

use crate::base::{Attrs, Color, Line, Style, Underline};
use std::fmt::Write;

/// Appends a line with its colours and attributes; ends in the default style.
pub fn write_ansi(line: &Line, out: &mut String) {
    let mut last = Style::default();
    for span in &line.spans {
        if span.style != last {
            sgr(&span.style, out);
            last = span.style;
        }
        out.extend(span.text.chars().filter(|c| !c.is_control()));
    }
    if last != Style::default() {
        out.push_str("\x1b[0m");
    }
}

fn sgr(style: &Style, out: &mut String) {
    out.push_str("\x1b[0");
    let codes = [
        (Attrs::BOLD, 1),
        (Attrs::DIM, 2),
        (Attrs::ITALIC, 3),
        (Attrs::BLINK, 5),
        (Attrs::REVERSE, 7),
        (Attrs::HIDDEN, 8),
        (Attrs::STRIKE, 9),
        (Attrs::OVERLINE, 53),
    ];
    for (attr, code) in codes {
        if style.attrs.contains(attr) {
            let _ = write!(out, ";{code}");
        }
    }
    let line = match style.underline {
        Underline::None => "",
        Underline::Single => ";4",
        Underline::Double => ";4:2",
        Underline::Curly => ";4:3",
        Underline::Dotted => ";4:4",
        Underline::Dashed => ";4:5",
    };
    out.push_str(line);
    color(style.fg, 30, out);
    color(style.bg, 40, out);
    let _ = match style.underline_color {
        Color::Default => Ok(()),
        Color::Indexed(n) => write!(out, ";58:5:{n}"),
        Color::Rgb(r, g, b) => write!(out, ";58:2::{r}:{g}:{b}"),
    };
    out.push('m');
}

fn color(c: Color, base: u32, out: &mut String) {
    let _ = match c {
        Color::Default => Ok(()),
        Color::Indexed(n @ 0..8) => write!(out, ";{}", base + u32::from(n)),
        Color::Indexed(n @ 8..16) => write!(out, ";{}", base + 52 + u32::from(n)),
        Color::Indexed(n) => write!(out, ";{};5;{n}", base + 8),
        Color::Rgb(r, g, b) => write!(out, ";{};2;{r};{g};{b}", base + 8),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{CellKind, Span};

    #[test]
    fn colours_open_and_close() {
        let style = Style { fg: Color::Indexed(9), bg: Color::Rgb(1, 2, 3), attrs: Attrs::BOLD, ..Style::default() };
        let span = |style, text: &str| Span { style, cells: CellKind::Narrow, text: text.into(), link: None };
        let line = Line { spans: vec![span(Style::default(), "a"), span(style, "b")], wrapped: false };
        let mut out = String::new();
        write_ansi(&line, &mut out);
        assert_eq!(out, "a\x1b[0;1;91;48;2;1;2;3mb\x1b[0m");
    }
}
