//! A line as text with SGR sequences, for readers that want colours. Must not know where it goes; only SGR is ever written.

use super::api::Engine;
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

/// Appends what draws an engine's screen in a fresh terminal of the same size: rows, cursor, the alternate screen.
pub fn write_screen(engine: &dyn Engine, out: &mut String) {
    out.push_str("\x1bc");
    if engine.modes().alt_screen {
        out.push_str("\x1b[?1049h");
    }
    for row in 0..engine.size().rows {
        if let Some(line) = engine.row(engine.screen_top() + u64::from(row)).filter(|l| !l.spans.is_empty()) {
            let _ = write!(out, "\x1b[{};1H", row + 1);
            write_ansi(&line, out);
        }
    }
    let cursor = engine.cursor();
    let _ = write!(out, "\x1b[{};{}H\x1b[?25{}", cursor.row + 1, cursor.col + 1, if cursor.visible { 'h' } else { 'l' });
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

    #[test]
    fn a_screen_drawn_anew_is_the_same() {
        let size = crate::base::Size::new(20, 5);
        let make = |bytes: &str| {
            let mut e = crate::term::new_engine(crate::term::EngineKind::Native, size, 10);
            e.feed(bytes.as_bytes(), crate::base::Now::default());
            e
        };
        let old = make("main\x1b[?1049h\x1b[2;3H\x1b[31mred \u{4e2d}\x1b[0m\x1b[5;1Hlast\x1b[?25l");
        let mut text = String::new();
        write_screen(old.as_ref(), &mut text);
        let new = make(&text);
        let rows = |e: &dyn Engine| (0..5).map(|i| e.row(e.screen_top() + i)).collect::<Vec<_>>();
        assert_eq!(rows(new.as_ref()), rows(old.as_ref()));
        assert_eq!((new.cursor(), new.modes().alt_screen), (old.cursor(), true));
    }
}
