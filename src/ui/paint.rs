//! Painting the list: roles become colours, marks become glyphs. Must not decide what is where.

use super::extras::Extras;
use super::pane;
use super::sheet::{Ink, Item, Regions};
use super::style::{patch, style};
use crate::app::App;
use crate::base::{Rect, Style};
use crate::config::{Role, Theme};
use ratatui::Frame;
use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::{Position, Rect as Area};
use ratatui::style::Modifier;

/// Paints everything and puts the real cursor where it belongs. What ratatui's cells cannot carry is left out.
pub fn draw(app: &App, regions: &Regions, theme: &Theme, frame: &mut Frame<'_>) {
    let area = frame.area();
    let mut extras = Extras::new(area.width, area.height);
    paint(app, regions, theme, frame.buffer_mut(), &mut extras);
    if let Some((x, y)) = regions.cursor
        && area.contains(Position::new(x, y))
    {
        frame.set_cursor_position(Position::new(x, y));
    }
}

/// Paints into a buffer and the layer beside it; what does not fit is left out.
pub fn paint(app: &App, regions: &Regions, theme: &Theme, buf: &mut Buffer, extras: &mut Extras) {
    for item in &regions.items {
        match item {
            Item::Fill(rect, role) => {
                if let Some(area) = inside(*rect, buf) {
                    let look = style(theme.style(*role));
                    extras.clear(area);
                    uncover(area, buf);
                    for pos in area.positions() {
                        if let Some(cell) = buf.cell_mut(pos) {
                            cell.reset();
                            cell.set_style(look);
                        }
                    }
                }
            }
            Item::Tint(rect, role) => {
                if let Some(area) = inside(*rect, buf) {
                    buf.set_style(area, patch(theme.style(*role)));
                }
            }
            Item::Ink(x, y, ink, role) => put(*x, *y, ink, *role, theme, &mut Ground { buf, extras }),
            Item::Pane(pane, rect) => {
                if let Some(area) = inside(*rect, buf) {
                    pane::paint(app, *pane, *rect, area, theme, buf, extras);
                }
            }
        }
    }
}

fn inside(rect: Rect, buf: &Buffer) -> Option<Area> {
    let area = Area::new(rect.x, rect.y, rect.w, rect.h).intersection(buf.area);
    (!area.is_empty()).then_some(area)
}

/// A wide cell whose second half is drawn over now would come out over what is drawn there: it becomes blank.
fn uncover(area: Area, buf: &mut Buffer) {
    let Some(x) = area.x.checked_sub(1).filter(|x| *x >= buf.area.x) else { return };
    for y in area.y..area.bottom() {
        if let Some(cell) = buf.cell_mut((x, y))
            && cell.symbol().len() > 1
            && crate::base::text::width(cell.symbol()) > 1
        {
            cell.set_symbol(" ").set_diff_option(CellDiffOption::None);
        }
    }
}

/// What is painted on.
struct Ground<'a> {
    buf: &'a mut Buffer,
    extras: &'a mut Extras,
}

fn put(x: u16, y: u16, ink: &Ink, role: Role, theme: &Theme, on: &mut Ground<'_>) {
    let look = theme.style(role);
    let lines = theme.marks.lines();
    match ink {
        Ink::Text(t) => write(x, y, t, look, on),
        Ink::Mark(state) => write(x, y, &theme.marks.state(*state).to_string(), look, on),
        Ink::Bar(fraction, w) => {
            let (full, empty) = theme.marks.bar(*fraction, *w);
            let w = crate::base::text::width(&full) as u16;
            write(x, y, &full, theme.style(Role::ProgressFill), on);
            write(x + w, y, &empty, theme.style(Role::ProgressEmpty), on);
        }
        Ink::Spark(levels) => write(x, y, &theme.marks.spark(levels), look, on),
        Ink::Level(w) => write(x, y, &lines.horizontal.repeat(usize::from(*w)), look, on),
        Ink::Upright(h) => (0..*h).for_each(|i| write(x, y.saturating_add(i), lines.vertical, look, on)),
        Ink::Thumb(h) => {
            for y in y..y.saturating_add(*h) {
                let right_half = x.checked_sub(1).and_then(|x| on.buf.cell((x, y))).is_some_and(|c| crate::base::text::width(c.symbol()) > 1);
                match on.buf.cell_mut((x, y)) {
                    Some(cell) if right_half || cell.symbol() != " " => _ = cell.set_style(patch(look)),
                    _ => write(x, y, lines.vertical, look, on),
                }
            }
        }
        Ink::Branch(last) => write(x, y, if *last { lines.last } else { lines.branch }, look, on),
        Ink::Joint(arms) => write(x, y, lines.joint(*arms), look, on),
        Ink::Frame(w, h) => {
            if *w < 2 || *h < 2 {
                return;
            }
            let corners = if lines.vertical == "│" { ["╭", "╮", "╰", "╯"] } else { ["+", "+", "+", "+"] };
            let level = lines.horizontal.repeat(usize::from(*w - 2));
            let [a, b, c, d] = corners;
            write(x, y, &format!("{a}{level}{b}"), look, on);
            write(x, y + h - 1, &format!("{c}{level}{d}"), look, on);
            for i in 1..h - 1 {
                write(x, y + i, lines.vertical, look, on);
                write(x + w - 1, y + i, lines.vertical, look, on);
            }
        }
    }
}

/// Writes text over what is there. Default colours keep the ground they stand on.
fn write(x: u16, y: u16, text: &str, look: Style, on: &mut Ground<'_>) {
    let buf = &mut *on.buf;
    if y >= buf.area.bottom() || y < buf.area.y || x >= buf.area.right() {
        return;
    }
    // The ground gives its colour and, where there are no colours, its reversal; how the text looks is the text's own.
    let own = Modifier::all().difference(Modifier::REVERSED);
    let room = usize::from(buf.area.right() - x);
    let clear = ratatui::style::Style::new().fg(super::style::color(look.fg)).remove_modifier(own);
    let (end, _) = buf.set_stringn(x, y, text, room, clear);
    if end > x {
        let area = Area::new(x, y, end - x, 1);
        buf.set_style(area, patch(look));
        on.extras.clear(area);
    }
}
