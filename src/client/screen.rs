//! Frames as bytes: what the terminal shows and what it is to show, cell by cell, and the fewest sequences from one to the
//! other. Only sequences known to be harmless ever leave here. Must not write to the terminal itself, nor know what the cells
//! show.
//!
//! Terminals disagree about the width of some clusters (see `width`). Around such a cell nothing is taken for granted: its
//! room is blanked first, the cursor is placed anew after it, and the cells to its right are drawn again. So is the cell to its
//! left, where its marks may have gone.

use super::able::Able;
use super::pen::{PLAIN, Pen};
use super::roll::{self, Roll};
use super::width::{Agreed, agreed, fitting, half_flag, leaks};
use crate::base::text::width;
use crate::ui::{Extra, Extras};
use crate::wire::pane::CursorShape;
use crossterm::cursor::{Hide, MoveTo, SetCursorStyle, Show};
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, ScrollDown, ScrollUp};
use crossterm::{Command, queue};
use ratatui::buffer::{Buffer, Cell, CellDiffOption};
use ratatui::layout::Rect as Area;
use ratatui::style::Color;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;

/// Cells to the right of a doubtful one that it may be drawn over.
const DOUBT: u16 = 4;
/// So many cells less to write are worth a scroll region.
const WORTH: usize = 40;
/// Stands for what the terminal shows when that is not known: no cell is ever to show it.
const UNKNOWN: &str = "\u{FFFF}";

/// What painting came to, besides the cells.
#[derive(Debug, Clone, Default)]
pub struct Painted {
    /// The cursor, if it is to be seen.
    pub cursor: Option<(u16, u16)>,
    /// Parts of the screen whose contents may have moved up or down as one.
    pub rolls: Vec<Area>,
}

#[derive(Debug)]
struct Canvas {
    cells: Buffer,
    extras: Extras,
}

impl Canvas {
    fn start(&mut self, area: Area) {
        if self.cells.area != area {
            self.cells.resize(area);
        }
        self.cells.reset();
        self.extras.start(&self.cells);
    }
}

/// Collects the bytes of a frame.
#[derive(Debug)]
pub struct Screen {
    area: Area,
    able: Able,
    /// What the terminal shows; nothing is known of it when `unknown`.
    have: Canvas,
    want: Canvas,
    unknown: bool,
    out: Vec<u8>,
    /// Drawing has begun in this frame.
    open: bool,
    /// Where the terminal's cursor is, when that is sure.
    at: Option<(u16, u16)>,
    /// Its look, when that is sure.
    pen: Option<Pen>,
    /// The hyperlink it writes; 0 for none.
    link: u64,
    shown: Option<bool>,
    shape: Option<(CursorShape, bool)>,
    want_shape: (CursorShape, bool),
}

impl Screen {
    /// For a terminal of this size, with nothing on it.
    pub fn new(cols: u16, rows: u16, able: Able) -> Screen {
        let area = Area::new(0, 0, cols, rows);
        let extras = Extras::new(cols, rows);
        let have = Canvas { cells: Buffer::empty(area), extras: extras.sibling() };
        Screen {
            area,
            able,
            have,
            want: Canvas { cells: Buffer::empty(area), extras },
            unknown: false,
            out: Vec::new(),
            open: false,
            at: None,
            pen: None,
            link: 0,
            shown: None,
            shape: None,
            want_shape: (CursorShape::Block, true),
        }
    }

    /// The terminal has this size now; what it shows is not known.
    pub fn resize(&mut self, cols: u16, rows: u16) {
        self.area = Area::new(0, 0, cols, rows);
        self.forget();
    }

    /// What the terminal turned out to do. What is on the screen is drawn again when that looks different now.
    pub fn learn(&mut self, able: Able) {
        let (colours, old) = (able.depth != self.able.depth, std::mem::replace(&mut self.able, able));
        if old == (Able { sync: old.sync, scroll: old.scroll, ..able }) {
            return;
        }
        for (i, cell) in self.have.cells.content.iter_mut().enumerate() {
            let coloured = colours && (cell.fg != Color::Reset || cell.bg != Color::Reset);
            if coloured || self.have.extras.nth(i) != Extra::default() || agreed(cell.symbol(), &able.widths) != Agreed::Yes {
                cell.set_symbol(UNKNOWN);
            }
        }
    }

    /// Nothing is known of the terminal's state any more.
    pub fn forget(&mut self) {
        self.unknown = true;
    }

    /// Shape of the cursor from the next frame on.
    pub fn cursor_shape(&mut self, shape: CursorShape, blink: bool) {
        self.want_shape = (shape, blink);
    }

    /// Has a frame painted and returns its bytes: none when nothing changed.
    pub fn frame(&mut self, paint: impl FnOnce(&mut Buffer, &mut Extras) -> Painted) -> Vec<u8> {
        self.want.start(self.area);
        let painted = paint(&mut self.want.cells, &mut self.want.extras);
        self.want.cells.content.iter_mut().for_each(disarm);
        if self.unknown {
            self.clear();
        }
        for part in painted.rolls {
            self.roll(part);
        }
        self.cells();
        self.end(painted.cursor.filter(|(x, y)| *x < self.area.width && *y < self.area.height));
        std::mem::swap(&mut self.have, &mut self.want);
        std::mem::take(&mut self.out)
    }

    /// The same when only these parts of rows are painted again, each of them whole; all else stays as it is. `None` when that
    /// does not do (nothing was drawn yet, or a cell there that terminals disagree about, or that may get into the one before
    /// it): then [`Screen::frame`] is to follow.
    pub fn part(&mut self, rows: &[Area], cursor: Option<(u16, u16)>, paint: impl FnOnce(&mut Buffer, &mut Extras)) -> Option<Vec<u8>> {
        if self.unknown || self.want.cells.area != self.area || self.have.cells.area != self.area {
            return None;
        }
        paint(&mut self.want.cells, &mut self.want.extras);
        for row in rows {
            let range = self.span(row);
            // What leaks has cells beside it drawn again, and those may be of an older frame here.
            let alone = |symbol: &str| agreed(symbol, &self.able.widths) == Agreed::Yes && !leaks(symbol);
            let sure = |cell: &Cell| cell.symbol().len() == 1 || alone(cell.symbol());
            if !self.have.cells.content.get(range.clone())?.iter().all(sure) {
                return None;
            }
            let new = self.want.cells.content.get_mut(range)?;
            new.iter_mut().for_each(disarm);
            if !new.iter().all(sure) {
                return None;
            }
        }
        for row in rows {
            self.row(row.y, row.x, row.right().min(self.area.width));
        }
        self.end(cursor.filter(|(x, y)| *x < self.area.width && *y < self.area.height));
        for row in rows {
            let range = self.span(row);
            self.have.cells.content.get_mut(range.clone())?.clone_from_slice(self.want.cells.content.get(range.clone())?);
            self.have.extras.cells_mut().get_mut(range.clone())?.copy_from_slice(self.want.extras.cells_mut().get(range)?);
        }
        Some(std::mem::take(&mut self.out))
    }

    /// Where a row of cells lies among all.
    fn span(&self, row: &Area) -> std::ops::Range<usize> {
        let first = usize::from(row.y) * usize::from(self.area.width);
        first + usize::from(row.x.min(self.area.width))..first + usize::from(row.right().min(self.area.width))
    }

    /// From whatever state: everything blank.
    fn clear(&mut self) {
        self.unknown = false;
        (self.at, self.pen, self.shown, self.shape) = (None, None, None, None);
        self.begin();
        if self.able.links {
            self.out.extend(b"\x1b]8;;\x1b\\");
        }
        self.link = 0;
        self.out.extend(b"\x1b[r\x1b[m");
        self.say(Clear(ClearType::All));
        self.pen = Some(PLAIN);
        self.have.start(self.area);
    }

    /// Has the terminal move rows that only stand elsewhere now: those of one part of the screen, which may have other things
    /// beside it. They move too, and are written again, when that is cheaper.
    fn roll(&mut self, part: Area) {
        let part = part.intersection(self.area);
        // What stands beside must not be seen moving.
        if !self.able.scroll || part.is_empty() || (part.width < self.area.width && !self.able.sync) {
            return;
        }
        let w = usize::from(self.area.width);
        let row = |y: u16| usize::from(y) * w + usize::from(part.x)..usize::from(y) * w + usize::from(part.right());
        let same = |y: &u16| self.have.cells.content.get(row(*y)) == self.want.cells.content.get(row(*y));
        // A key changes a row or two: that is seen without hashing.
        if (part.y..part.bottom()).filter(|y| !same(y)).take(3).count() < 3 {
            return;
        }
        let hash = |cells: Option<&[Cell]>| {
            let mut hasher = DefaultHasher::new();
            cells.into_iter().flatten().for_each(|c| (c.symbol(), c.fg, c.bg, c.modifier).hash(&mut hasher));
            hasher.finish()
        };
        let of = |canvas: &Canvas, y| if y < part.y { 0 } else { hash(canvas.cells.content.get(row(y))) };
        let all = |canvas: &Canvas| (0..part.bottom()).map(|y| of(canvas, y)).collect::<Vec<_>>();
        let blank = hash(Some(&vec![Cell::EMPTY; usize::from(part.width)]));
        let Some(roll) = roll::find(&all(&self.have), &all(&self.want), part.y, part.bottom(), blank) else { return };
        if self.left_to_write(roll) + WORTH >= self.left_to_write(Roll { by: 0, ..roll }) {
            return;
        }
        let Roll { top, end, by } = roll;
        self.begin();
        self.unlink();
        PLAIN.write(self.pen, &mut self.out); // rows that come in are blank in the look of the pen
        self.pen = Some(PLAIN);
        let _ = write!(self.out, "\x1b[{};{}r", top + 1, end);
        let rows = u16::try_from(by.unsigned_abs()).unwrap_or(u16::MAX);
        if by > 0 {
            self.say(ScrollUp(rows))
        } else {
            self.say(ScrollDown(rows))
        }
        self.out.extend(b"\x1b[r");
        self.at = Some((0, 0)); // setting a region goes there
        let rows = usize::from(top) * w..usize::from(end) * w;
        let (by, up) = (by.unsigned_abs() as usize * w, by > 0);
        if let Some(rows) = self.have.cells.content.get_mut(rows.clone()) {
            shift(rows, by, up, &Cell::EMPTY);
        }
        if let Some(rows) = self.have.extras.cells_mut().get_mut(rows) {
            shift(rows, by, up, &Extra::default());
        }
    }

    /// Cells of these rows that are still to be written when they have been moved.
    fn left_to_write(&self, Roll { top, end, by }: Roll) -> usize {
        let w = usize::from(self.area.width);
        (top..end)
            .map(|y| {
                let from = i32::from(y) + by;
                let want = self.want.cells.content.iter().skip(usize::from(y) * w).take(w);
                let inside = (i32::from(top)..i32::from(end)).contains(&from);
                let have = inside.then(|| usize::try_from(from).ok()).flatten().and_then(|y| self.have.cells.content.get(y * w..(y + 1) * w));
                match have {
                    Some(have) => want.zip(have).filter(|(a, b)| a != b).count(),
                    None => want.filter(|c| **c != Cell::EMPTY).count(),
                }
            })
            .sum()
    }

    /// Writes every cell that differs.
    fn cells(&mut self) {
        for y in 0..self.area.height {
            self.row(y, 0, self.area.width);
        }
    }

    /// Writes the cells of a row that differ, from column `x` up to, not with, `end`.
    fn row(&mut self, y: u16, mut x: u16, end: u16) {
        let w = usize::from(self.area.width);
        // Cells before this column are drawn in any case; from `run` on all before `x` have been drawn just now.
        let (mut until, mut run) = (0u16, x);
        while x < end {
            let i = usize::from(y) * w + usize::from(x);
            let (Some(new), Some(old)) = (self.want.cells.content.get(i), self.have.cells.content.get(i)) else { return };
            let (extra, old_extra) = (self.want.extras.nth(i), self.have.extras.nth(i));
            let cols = columns(new).min(end - x);
            if x < until || new != old || extra != old_extra {
                let widths = &self.able.widths;
                let doubt = |c: &Cell| if agreed(c.symbol(), widths) == Agreed::No { DOUBT } else { 0 };
                // What stood here may have covered more; so may what its last column covers now.
                let behind = self.have.cells.content.get(i + usize::from(cols) - 1).map_or(0, |c| cols - 1 + columns(c));
                until = until.max(x + cols.max(columns(old) + doubt(old)).max(behind).max(cols + doubt(new)));
                if leaks(old.symbol()) || leaks(new.symbol()) {
                    let from = self.stained(y, x);
                    if from < run {
                        (x, run) = (from, from);
                        continue;
                    }
                }
                self.put(x, y, i, cols);
                self.mend(x, y);
                x += cols;
            } else {
                x += cols;
                run = x;
            }
        }
    }

    /// The column of the cell before column `x`.
    fn before(&self, x: u16, y: u16) -> Option<u16> {
        let i = usize::from(y) * usize::from(self.area.width) + usize::from(x);
        let wide = x > 1 && self.want.cells.content.get(i - 2).is_some_and(|c| columns(c) == 2);
        x.checked_sub(if wide { 2 } else { 1 })
    }

    fn sure(&self, x: u16, y: u16) -> bool {
        let cell = self.want.cells.content.get(usize::from(y) * usize::from(self.area.width) + usize::from(x));
        cell.is_some_and(|c| agreed(c.symbol(), &self.able.widths) == Agreed::Yes)
    }

    /// Where drawing is to begin so that what leaks out of the cell at `x` leaves nothing behind, and comes only once: cells before
    /// it that are in doubt themselves are blanked and drawn again. Those that are not are mended later.
    fn stained(&self, y: u16, x: u16) -> u16 {
        let mut from = x;
        while let Some(x) = self.before(from, y).filter(|x| !self.sure(*x, y)) {
            from = x;
            let i = usize::from(y) * usize::from(self.area.width) + usize::from(x);
            if !self.want.cells.content.get(i).is_some_and(|c| leaks(c.symbol())) {
                break;
            }
        }
        from
    }

    /// Draws the cell before one that may have leaked into it once more.
    fn mend(&mut self, x: u16, y: u16) {
        let w = usize::from(self.area.width);
        let leaked = self.want.cells.content.get(usize::from(y) * w + usize::from(x)).is_some_and(|c| leaks(c.symbol()));
        if let Some(before) = self.before(x, y).filter(|before| leaked && self.sure(*before, y)) {
            self.put(before, y, usize::from(y) * w + usize::from(before), x - before);
        }
    }

    /// Writes one cell.
    fn put(&mut self, x: u16, y: u16, i: usize, cols: u16) {
        self.begin();
        self.go(x, y);
        let Screen { want, able, pen, out, link, at, .. } = self;
        let Some(cell) = want.cells.content.get(i) else { return };
        let extra = want.extras.nth(i);
        let look = Pen::of(cell, extra, able);
        look.write(*pen, out);
        *pen = Some(look);
        if able.links && extra.link != *link {
            *link = match want.extras.link(extra.link) {
                Some(target) => {
                    let _ = write!(out, "\x1b]8;id={:x};{target}\x1b\\", extra.link);
                    extra.link
                }
                None => {
                    if *link != 0 {
                        out.extend(b"\x1b]8;;\x1b\\");
                    }
                    0
                }
            };
        }
        let symbol = fitting(cell.symbol(), cols, &able.widths);
        let placed = (x + cols < want.cells.area.width).then_some((x + cols, y));
        match agreed(symbol, &able.widths) {
            Agreed::Yes if (symbol.len() == 1 && cols == 1) || width(symbol) == usize::from(cols) => {
                out.extend(symbol.as_bytes());
                // At the edge the cursor stays or waits to wrap, as terminals please.
                *at = placed;
            }
            Agreed::Known(w) if u16::from(w) == cols => {
                out.extend(symbol.as_bytes());
                *at = placed;
            }
            Agreed::Yes | Agreed::Known(_) | Agreed::No => {
                // The second letter of a flag comes with the first: apart, a terminal that draws flags draws neither.
                let row = i - usize::from(x);
                let first = half_flag(symbol).then(|| want.cells.content.get(row..i)).flatten().and_then(first_of_flag);
                let from = x - u16::from(first.is_some());
                if from < x {
                    let _ = queue!(out, MoveTo(from, y));
                }
                // Also one column: the terminal may draw nothing, and what stood there would stay.
                out.extend(std::iter::repeat_n(b' ', usize::from(x + cols - from)));
                let _ = queue!(out, MoveTo(from, y));
                out.extend(first.unwrap_or_default().as_bytes());
                out.extend(symbol.as_bytes());
                *at = None;
            }
        }
    }

    fn begin(&mut self) {
        if !self.open {
            self.open = true;
            if self.able.sync {
                self.say(BeginSynchronizedUpdate);
            }
            // No cursor running over the screen.
            if self.shown != Some(false) {
                self.say(Hide);
                self.shown = Some(false);
            }
        }
    }

    /// Appends a sequence.
    fn say(&mut self, command: impl Command) {
        let _ = queue!(self.out, command); // writing to a Vec does not fail
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
            _ => queue!(self.out, MoveTo(x, y)),
        };
        self.at = Some((x, y));
    }

    fn unlink(&mut self) {
        if self.link != 0 {
            self.out.extend(b"\x1b]8;;\x1b\\");
            self.link = 0;
        }
    }

    /// Ends the frame.
    fn end(&mut self, cursor: Option<(u16, u16)>) {
        self.unlink(); // nothing that is drawn later falls into it
        if let Some((x, y)) = cursor {
            self.go(x, y);
            if self.shape != Some(self.want_shape) {
                let (shape, blink) = self.want_shape;
                self.say(match (shape, blink) {
                    (CursorShape::Block, true) => SetCursorStyle::BlinkingBlock,
                    (CursorShape::Block, false) => SetCursorStyle::SteadyBlock,
                    (CursorShape::Underline, true) => SetCursorStyle::BlinkingUnderScore,
                    (CursorShape::Underline, false) => SetCursorStyle::SteadyUnderScore,
                    (CursorShape::Bar, true) => SetCursorStyle::BlinkingBar,
                    (CursorShape::Bar, false) => SetCursorStyle::SteadyBar,
                });
                self.shape = Some(self.want_shape);
            }
            if self.shown != Some(true) {
                self.say(Show);
                self.shown = Some(true);
            }
        } else if self.shown != Some(false) {
            self.say(Hide);
            self.shown = Some(false);
        }
        if self.open {
            self.open = false;
            if self.able.sync {
                self.say(EndSynchronizedUpdate);
            }
        }
    }
}

/// Columns a cell takes: as it was told, else as it is measured.
fn columns(cell: &Cell) -> u16 {
    match cell.diff_option {
        CellDiffOption::ForcedWidth(w) => w.get().min(2),
        _ if cell.symbol().len() == 1 => 1,
        _ => width(cell.symbol()).clamp(1, 2) as u16,
    }
}

/// The first letter of the flag that goes on behind these cells: they end in an odd number of such letters.
fn first_of_flag(before: &[Cell]) -> Option<&str> {
    let letters = before.iter().rev().take_while(|c| half_flag(c.symbol())).count();
    before.last().map(Cell::symbol).filter(|_| letters % 2 == 1)
}

/// No control character in a cell, whoever drew it.
fn disarm(cell: &mut Cell) {
    let symbol = cell.symbol();
    if symbol.len() == 1 && !symbol.starts_with(char::is_control) {
        return; // nearly all of them
    }
    if symbol.is_empty() {
        cell.set_symbol(" ");
    } else if symbol.starts_with(|c: char| c.is_control() || unseen(c)) {
        cell.set_symbol("\u{FFFD}");
        cell.set_diff_option(CellDiffOption::None);
    } else if symbol.chars().any(|c| c.is_control() || unseen(c)) {
        // A letter stays one when something unseen hangs on it.
        let kept: String = symbol.chars().filter(|c| !c.is_control() && !unseen(*c)).collect();
        cell.set_symbol(&kept);
    }
}

/// It turns text around, hides it or carries something that is not seen; or stands for what is not known.
fn unseen(c: char) -> bool {
    matches!(c as u32,
        0x061C | 0x180E | 0x200B | 0x200E | 0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xFFF9..=0xFFFB | 0xFFFF | 0xE0000..=0xE0FFF)
}

/// Moves the elements of a slice by so many places, to its front (`up`) or its end; blank ones come in.
fn shift<T: Clone>(rows: &mut [T], by: usize, up: bool, blank: &T) {
    let by = by.min(rows.len());
    let kept = rows.len() - by;
    let came = if up {
        rows.rotate_left(by);
        rows.get_mut(kept..)
    } else {
        rows.rotate_right(by);
        rows.get_mut(..by)
    };
    came.into_iter().flatten().for_each(|cell| *cell = blank.clone());
}
