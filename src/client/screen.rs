//! Frames as bytes: a ratatui backend that writes only what changed, with the fewest sequences, and only ones we know to be
//! harmless. Must not write to the terminal itself, nor know what the cells show.
//!
//! Terminals disagree about the width of some clusters (VS16, ZWJ, skin tones, emoji newer than Unicode 11). Around such a
//! cell nothing is taken for granted: its room is blanked first, the cursor is placed anew after it, and [`mend`] has the
//! cells to its right drawn with every frame.

use crate::base::Color;
use crate::base::text::width;
use crate::config::{Depth, reduce_color};
use crate::wire::pane::CursorShape;
use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Buffer, Cell, CellDiffOption};
use ratatui::layout::{Position, Size};
use ratatui::style::{Color as Paint, Modifier};
use std::convert::Infallible;
use std::io::Write;
use std::num::NonZeroU16;

/// Cells to the right of a doubtful one that it may be drawn over.
const DOUBT: usize = 4;

/// The look the terminal writes with now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const PLAIN: Pen = Pen { fg: Color::Default, bg: Color::Default, modifier: Modifier::empty() };

/// Collects the bytes of a frame.
#[derive(Debug)]
pub struct Screen {
    size: Size,
    depth: Depth,
    sync: bool,
    out: Vec<u8>,
    /// Drawing has begun in this frame.
    open: bool,
    /// Where the terminal's cursor is, when that is sure.
    at: Option<(u16, u16)>,
    /// Its look, when that is sure.
    pen: Option<Pen>,
    /// The cursor to be shown at the end of the frame.
    want_cursor: Option<(u16, u16)>,
    shown: Option<bool>,
    shape: Option<(CursorShape, bool)>,
    want_shape: (CursorShape, bool),
}

impl Screen {
    /// For a terminal of this size.
    pub fn new(cols: u16, rows: u16, depth: Depth) -> Screen {
        Screen {
            size: Size { width: cols, height: rows },
            depth,
            sync: false,
            out: Vec::new(),
            open: false,
            at: None,
            pen: None,
            want_cursor: None,
            shown: None,
            shape: None,
            want_shape: (CursorShape::Block, true),
        }
    }

    /// The terminal has this size now.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.size = Size { width: cols, height: rows };
    }

    /// What the terminal turned out to do: colours, and whether frames may stand between the marks of mode 2026.
    pub fn learn(&mut self, depth: Depth, sync: bool) {
        self.depth = depth;
        self.sync = sync;
    }

    /// Nothing is known of the terminal's state any more.
    pub fn forget(&mut self) {
        self.at = None;
        self.pen = None;
        self.shown = None;
        self.shape = None;
    }

    /// Shape of the cursor from the next frame on.
    pub fn cursor_shape(&mut self, shape: CursorShape, blink: bool) {
        self.want_shape = (shape, blink);
    }

    /// The bytes of the frame; empty when nothing changed.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    fn begin(&mut self) {
        if !self.open {
            self.open = true;
            if self.sync {
                self.out.extend(b"\x1b[?2026h");
            }
            // No cursor running over the screen.
            if self.shown != Some(false) {
                self.out.extend(b"\x1b[?25l");
                self.shown = Some(false);
            }
        }
    }

    fn go(&mut self, x: u16, y: u16) {
        if self.at == Some((x, y)) {
            return;
        }
        let _ = match self.at {
            Some((0, cy)) if x == 0 && y == cy + 1 => self.out.write_all(b"\n"), // raw mode: a line down
            Some((_, cy)) if x == 0 && y == cy + 1 => self.out.write_all(b"\r\n"),
            Some((cx, cy)) if y == cy && x > cx && x - cx < 100 => match x - cx {
                1 => self.out.write_all(b"\x1b[C"),
                n => write!(self.out, "\x1b[{n}C"),
            },
            _ => write!(self.out, "\x1b[{};{}H", y + 1, x + 1),
        };
        self.at = Some((x, y));
    }

    fn pen(&mut self, cell: &Cell) {
        let want = Pen { fg: reduce_color(color(cell.fg), self.depth), bg: reduce_color(color(cell.bg), self.depth), modifier: cell.modifier };
        if self.pen == Some(want) {
            return;
        }
        let mut codes = String::new();
        let have = match self.pen {
            // Attributes can be added one by one, but not all be taken away one by one.
            Some(have) if want.modifier.contains(have.modifier) => have,
            _ => {
                codes.push('0');
                PLAIN
            }
        };
        for (bit, code) in [
            (Modifier::BOLD, 1),
            (Modifier::DIM, 2),
            (Modifier::ITALIC, 3),
            (Modifier::UNDERLINED, 4),
            (Modifier::SLOW_BLINK, 5),
            (Modifier::RAPID_BLINK, 5),
            (Modifier::REVERSED, 7),
            (Modifier::HIDDEN, 8),
            (Modifier::CROSSED_OUT, 9),
        ] {
            if want.modifier.contains(bit) && !have.modifier.contains(bit) {
                push(&mut codes, &code.to_string());
            }
        }
        if want.fg != have.fg {
            push(&mut codes, &sgr(want.fg, 30));
        }
        if want.bg != have.bg {
            push(&mut codes, &sgr(want.bg, 40));
        }
        let _ = match codes.as_str() {
            "" => Ok(()),
            "0" => self.out.write_all(b"\x1b[m"),
            codes => write!(self.out, "\x1b[{codes}m"),
        };
        self.pen = Some(want);
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

/// Whether terminals disagree about the width of this cluster.
fn doubtful(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    let Some(first) = chars.next() else { return false };
    if first.is_ascii() && chars.as_str().is_empty() {
        return false;
    }
    // More than one character: VS16, ZWJ, skin tone, combining marks. Flags are two wide everywhere.
    let flag = ('\u{1F1E6}'..='\u{1F1FF}').contains(&first);
    (!chars.as_str().is_empty() && !flag)
        || matches!(first as u32,
            0x1F6D5..=0x1F6DF | 0x1F6FA..=0x1F6FF | 0x1F7E0..=0x1F7FF | 0x1F90C..=0x1F90F | 0x1F93F | 0x1F971..=0x1F972
            | 0x1F977..=0x1F97B | 0x1F9A3..=0x1F9AF | 0x1F9BA..=0x1F9BF | 0x1F9C3..=0x1F9CF | 0x1FA60..=0x1FBFF)
}

/// Makes a finished buffer fit to be compared and written: no control characters in it whoever drew it, doubtful cells as
/// wide as they were meant, and the cells to their right drawn with every frame.
pub fn mend(buffer: &mut Buffer) {
    let row = usize::from(buffer.area.width).max(1);
    let mut doubts: Vec<(usize, u16)> = Vec::new();
    for (i, cell) in buffer.content.iter_mut().enumerate() {
        let symbol = cell.symbol();
        if symbol.len() == 1 && !symbol.starts_with(char::is_control) {
            continue; // nearly all of them
        }
        if symbol.chars().any(char::is_control) {
            cell.set_symbol("\u{FFFD}");
        } else if doubtful(symbol) {
            let cols = match cell.diff_option {
                CellDiffOption::ForcedWidth(w) => w,
                _ => NonZeroU16::new(width(symbol).clamp(1, 2) as u16).unwrap_or(NonZeroU16::MIN),
            };
            cell.set_diff_option(CellDiffOption::ForcedWidth(cols));
            doubts.push((i, cols.get()));
        }
    }
    for (i, cols) in doubts {
        let end = (i / row + 1) * row;
        for cell in buffer.content.iter_mut().take(end).skip(i + usize::from(cols)).take(DOUBT) {
            if cell.diff_option == CellDiffOption::None {
                cell.diff_option = CellDiffOption::AlwaysUpdate;
            }
        }
    }
}

impl Backend for Screen {
    type Error = Infallible;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), Infallible>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        for (x, y, cell) in content {
            if x >= self.size.width || y >= self.size.height {
                continue;
            }
            self.begin();
            self.go(x, y);
            self.pen(cell);
            let symbol = cell.symbol();
            // Whatever got into a cell: no control character ever leaves here.
            if symbol.is_empty() || symbol.chars().any(char::is_control) {
                self.out.push(if symbol.is_empty() { b' ' } else { b'?' });
                self.at = Some((x + 1, y));
                continue;
            }
            let cols = match cell.diff_option {
                CellDiffOption::ForcedWidth(w) => w.get(),
                _ => width(symbol).clamp(1, 2) as u16,
            };
            if doubtful(symbol) {
                if cols > 1 {
                    self.out.extend(std::iter::repeat_n(b' ', usize::from(cols)));
                    self.at = None;
                    self.go(x, y);
                }
                self.out.extend(symbol.as_bytes());
                self.at = None;
            } else {
                self.out.extend(symbol.as_bytes());
                // At the edge the cursor stays or waits to wrap, as terminals please.
                self.at = (x + cols < self.size.width).then_some((x + cols, y));
            }
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> Result<(), Infallible> {
        self.want_cursor = None;
        Ok(())
    }

    fn show_cursor(&mut self) -> Result<(), Infallible> {
        Ok(()) // its position follows, and that shows it
    }

    fn get_cursor_position(&mut self) -> Result<Position, Infallible> {
        let (x, y) = self.want_cursor.unwrap_or_default();
        Ok(Position { x, y })
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), Infallible> {
        let p = position.into();
        self.want_cursor = (p.x < self.size.width && p.y < self.size.height).then_some((p.x, p.y));
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Infallible> {
        self.begin();
        self.out.extend(b"\x1b[m\x1b[2J");
        self.pen = Some(PLAIN);
        self.at = None;
        Ok(())
    }

    fn clear_region(&mut self, _: ClearType) -> Result<(), Infallible> {
        self.clear() // a full-screen app clears everything or nothing
    }

    fn size(&self) -> Result<Size, Infallible> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> Result<WindowSize, Infallible> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size { width: 0, height: 0 } })
    }

    /// Ends the frame.
    fn flush(&mut self) -> Result<(), Infallible> {
        if let Some((x, y)) = self.want_cursor {
            self.go(x, y);
            if self.shape != Some(self.want_shape) {
                let (shape, blink) = self.want_shape;
                let code = match shape {
                    CursorShape::Block => 1,
                    CursorShape::Underline => 3,
                    CursorShape::Bar => 5,
                } + u8::from(!blink);
                let _ = write!(self.out, "\x1b[{code} q");
                self.shape = Some(self.want_shape);
            }
            if self.shown != Some(true) {
                self.out.extend(b"\x1b[?25h");
                self.shown = Some(true);
            }
        } else if self.shown != Some(false) {
            self.out.extend(b"\x1b[?25l");
            self.shown = Some(false);
        }
        if self.open {
            self.open = false;
            if self.sync {
                self.out.extend(b"\x1b[?2026l");
            }
        }
        Ok(())
    }
}
