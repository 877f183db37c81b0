//! The terminals in their panes: where they stand, and their rows cell by cell. Must not know what runs in them.

use super::extras::{Extra, Extras};
use super::link;
use super::sheet::{Regions, Sheet};
use super::style::{patch, style};
use super::title;
use crate::app::hints::EMPTY_PANE;
use crate::app::labels::Labels;
use crate::app::look::live_top;
use crate::app::mirror::PaneRows;
use crate::app::modes::Layer;
use crate::app::{App, Areas, Hit, PaneId};
use crate::base::{Attrs, Rect, SessionId};
use crate::config::{Role, Theme};
use crate::layout::Axis;
use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::Rect as Area;
use ratatui::style::Modifier;
use std::ops::Range;
use std::path::Path;

/// So many changed rows are painted alone; more come with the whole screen.
const FEW: usize = 4;

/// Lays out all panes of the shown tab: titles, rows, lines between them.
pub fn lay(app: &App, areas: &Areas, sheet: &mut Sheet) {
    for (pane, rect) in &areas.rects.panes {
        if rect.is_empty() {
            continue;
        }
        if areas.titles {
            title::lay(app, *pane, rect.take_top(1).0, sheet);
        }
        let Some(content) = areas.content(*pane).filter(|r| !r.is_empty()) else { continue };
        match app.tabs.session(*pane).and_then(|id| app.mirror.get(id)) {
            Some(_) => rows(app, *pane, content, sheet),
            None => empty(app, *pane, content, sheet),
        }
        if let (Some(bar), Some(replay)) = (areas.bar(*pane), app.replays.get(pane)) {
            super::replay::lay(app, *pane, replay, bar, sheet);
        }
    }
    for d in &areas.rects.dividers {
        if !sheet.plain {
            match d.axis {
                Axis::Row => sheet.ink(d.rect.x, d.rect.y, super::sheet::Ink::Upright(d.rect.h), Role::Border),
                Axis::Column => sheet.ink(d.rect.x, d.rect.y, super::sheet::Ink::Level(d.rect.w), Role::Border),
            }
        }
        sheet.hit(d.rect, Hit::Divider(d.clone()));
    }
}

fn rows(app: &App, pane: PaneId, rect: Rect, sheet: &mut Sheet) {
    let Some(data) = app.rows_of(pane).and_then(|id| app.mirror.pane(id)) else {
        sheet.pane(pane, rect, 0, 0);
        return;
    };
    let top = first_row(app, pane, data, rect.h);
    let left = first_col(app, pane, data, rect.w);
    sheet.pane(pane, rect, top, left);
    if app.looks.get(&pane).is_some_and(|l| l.top.is_some()) && rect.h > 2 && !sheet.plain {
        // Where the window stands among all lines, on the last column.
        let all = data.end().saturating_sub(data.history_start).max(1);
        let thumb = (u64::from(rect.h) * u64::from(rect.h) / all).clamp(1, u64::from(rect.h)) as u16;
        let room = all.saturating_sub(u64::from(rect.h)).max(1);
        let at = (top.saturating_sub(data.history_start) * u64::from(rect.h - thumb) / room).min(u64::from(rect.h - thumb)) as u16;
        sheet.ink(rect.right() - 1, rect.y + at, super::sheet::Ink::Thumb(thumb), Role::Accent);
    }
    if pane != app.tabs.focus() {
        return;
    }
    if let Some(spot) = cursor(app, pane, rect, data, (top, left)) {
        sheet.cursor = Some(spot);
    }
}

/// Where the real cursor stands when this pane has the keys and is shown from line `from.0` and column `from.1` on.
fn cursor(app: &App, pane: PaneId, rect: Rect, data: &PaneRows, from: (u64, u16)) -> Option<(u16, u16)> {
    // Nobody reads keys where the program has ended: no cursor invites them.
    let ended = app.tabs.session(pane).and_then(|id| app.mirror.get(id)).is_some_and(|s| s.state.ended());
    let look = app.looks.get(&pane);
    let keys = matches!(app.layers.last(), Some(Layer::Scroll));
    let (line, col) = match look.and_then(|l| l.cursor).filter(|_| keys) {
        // Behind the last column there is no cell to stand on.
        Some((line, col)) => (line, col.min(data.cols.saturating_sub(1))),
        None if app.layers.is_empty() && look.is_none_or(|l| l.top.is_none()) && data.cursor.visible && !ended => {
            (data.screen_top + u64::from(data.cursor.row), data.cursor.col)
        }
        None => return None,
    };
    let y = line.checked_sub(from.0).and_then(|y| u16::try_from(y).ok()).filter(|y| *y < rect.h)?;
    let x = col.checked_sub(from.1).filter(|x| *x < rect.w)?;
    Some((rect.x + x, rect.y + y))
}

/// Rows of a screen that stands which are to be painted again.
pub struct Touched {
    /// Parts of rows, each in its pane.
    pub rows: Vec<(PaneId, Rect, Area)>,
    /// Where the real cursor stands then.
    pub cursor: Option<(u16, u16)>,
}

/// What changes on a painted screen when these columns of lines of a session came, and nothing else happened. `None` when that is
/// more than a few rows, or something may lie over them: then all is to be painted.
pub fn touched(app: &App, regions: &Regions, session: &SessionId, lines: &[(u64, Range<usize>)]) -> Option<Touched> {
    if lines.len() > FEW || !app.layers.is_empty() || app.shows_which_key() {
        return None;
    }
    let mut out = Touched { rows: Vec::new(), cursor: regions.cursor };
    for (pane, rect, top, left) in regions.rows() {
        if app.rows_of(pane) != Some(session) {
            continue;
        }
        let data = app.mirror.pane(session)?;
        let moved = top != first_row(app, pane, data, rect.h) || left != first_col(app, pane, data, rect.w);
        if moved || app.looks.contains_key(&pane) || rect.right() > regions.area.right() || rect.bottom() > regions.area.bottom() {
            return None;
        }
        for (line, cols) in lines {
            let y = line.checked_sub(top).and_then(|y| u16::try_from(y).ok()).filter(|y| *y < rect.h);
            let of_pane = |col: usize| col.saturating_sub(usize::from(left)).min(usize::from(rect.w)) as u16;
            let (from, to) = (of_pane(cols.start), of_pane(cols.end));
            if let Some(y) = y.filter(|_| from < to) {
                out.rows.push((pane, rect, Area::new(rect.x + from, rect.y + y, to - from, 1)));
            }
        }
        if pane == app.tabs.focus() {
            out.cursor = cursor(app, pane, rect, data, (top, left));
        }
    }
    let free = app.toasts.all().is_empty() || !out.rows.iter().any(|(_, _, area)| regions.toasted(*area));
    free.then_some(out)
}

fn first_row(app: &App, pane: PaneId, data: &PaneRows, height: u16) -> u64 {
    app.looks.get(&pane).map_or_else(|| live_top(data, height), |l| l.window_top(data, height))
}

/// A terminal that is wider than its pane is shown around its cursor.
fn first_col(app: &App, pane: PaneId, data: &PaneRows, width: u16) -> u16 {
    let col = app.looks.get(&pane).and_then(|l| l.cursor).map_or(data.cursor.col, |c| c.1);
    let over = data.cols.saturating_sub(width);
    (col + 1).saturating_sub(width).min(over)
}

fn empty(app: &App, pane: PaneId, rect: Rect, sheet: &mut Sheet) {
    sheet.hit(rect, Hit::Title(pane));
    let lines: Vec<(String, &str, crate::command::Cmd)> = EMPTY_PANE
        .into_iter()
        .filter_map(|cmd| {
            let plain = app.config.keymap.after_prefix(cmd)?.label();
            Some((plain, cmd.row().title, cmd))
        })
        .collect();
    let h = lines.len() as u16 + 2;
    let area = rect.centered(34, h);
    let dim = if pane == app.tabs.focus() { Role::KeyText } else { Role::Dim };
    if area.h < lines.len() as u16 {
        return;
    }
    let mut y = area.y;
    if area.h >= h {
        sheet.row(area.x, y, area.w).text("no session here", Role::Dim);
        y += 2;
    }
    for (key, what, cmd) in lines {
        let mut row = sheet.row(area.x, y, area.w);
        row.link(&key, Role::Key, Hit::Key(cmd)).to(area.x + 4).link(what, dim, Hit::Key(cmd));
        y += 1;
    }
}

/// Paints the rows of a pane that lie in `area`.
pub fn paint(app: &App, pane: PaneId, rect: Rect, area: Area, theme: &Theme, buf: &mut Buffer, extras: &mut Extras) {
    let Some(id) = app.rows_of(pane) else { return };
    let Some(data) = app.mirror.pane(id) else { return };
    let folder = || app.tabs.session(pane).and_then(|id| app.mirror.get(id)).map(|s| Path::new(s.worktree.as_ref().unwrap_or(&s.cwd)));
    let top = first_row(app, pane, data, rect.h);
    let left = usize::from(first_col(app, pane, data, rect.w));
    let look = app.looks.get(&pane);
    extras.clear(area);
    // A reversed screen is so to its edges, where nothing was written too; beyond them it is not.
    let edge = if data.modes.reverse { usize::from(data.cols) } else { 0 };
    for y in area.y..area.bottom() {
        let n = top + u64::from(y - rect.y);
        let edge = if n < data.screen_top + u64::from(data.rows) { edge } else { 0 };
        for x in area.x..area.right() {
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.reset();
                if left + usize::from(x - rect.x) < edge {
                    cell.modifier |= Modifier::REVERSED;
                }
            }
        }
        if let Some(line) = look.map_or_else(|| data.line(n), |l| l.line(data, n)) {
            // Cells of a span have the same link: it is checked once.
            let mut last: (*const crate::base::Span, u64) = (std::ptr::null(), 0);
            line.for_each_cell(|col, width, text, span| {
                let Some(offset) = col.checked_sub(left).filter(|o| *o < usize::from(rect.w)) else { return };
                let x = rect.x + offset as u16;
                // A wide cell that is cut in half stays blank.
                if x < area.x || x >= area.right() || (width > 1 && x + 1 >= area.right()) {
                    return;
                }
                if !std::ptr::eq(last.0, span) {
                    let target = span.link.as_deref().and_then(|l| link::checked(l, folder()));
                    last = (span, target.map_or(0, |t| extras.key(id.as_str(), &t)));
                }
                let mut look = span.style;
                if data.modes.reverse {
                    look.attrs.toggle(Attrs::REVERSE);
                }
                let extra = Extra {
                    underline: look.underline,
                    underline_color: look.underline_color,
                    overline: look.attrs.contains(Attrs::OVERLINE),
                    link: last.1,
                };
                let plain = extra == Extra::default();
                if !plain {
                    extras.set(x, y, extra);
                }
                if let Some(cell) = buf.cell_mut((x, y)) {
                    cell.set_symbol(text);
                    cell.set_style(style(look));
                    if text.len() > 1 {
                        // The engine told the width; it is not to be measured again.
                        cell.set_diff_option(CellDiffOption::ForcedWidth(
                            std::num::NonZeroU16::new(u16::from(width)).unwrap_or(std::num::NonZeroU16::MIN),
                        ));
                    }
                }
                if width > 1
                    && let Some(cell) = buf.cell_mut((x + 1, y))
                {
                    cell.reset();
                    cell.set_style(style(look));
                    if !plain {
                        extras.set(x + 1, y, extra);
                    }
                }
            });
        }
        let Some(look) = look else { continue };
        let tint = |buf: &mut Buffer, from: u16, to: u16, role: Role| {
            // From column `from` up to, not with, `to` of the terminal.
            let (from, to) = (usize::from(from).max(left) - left, usize::from(to).saturating_sub(left).min(usize::from(rect.w)));
            if from < to {
                let area = Area::new(rect.x + from as u16, y, (to - from) as u16, 1).intersection(area);
                buf.set_style(area, patch(theme.style(role)));
            }
        };
        for m in look.found.on(n) {
            tint(buf, m.from, m.to, if look.found.current == Some(m.of) { Role::SearchCurrent } else { Role::SearchMatch });
        }
        if let Some((from, to)) = look.marked(data, n) {
            tint(buf, from, to, Role::CopySelection);
        }
        let Some(Layer::Labels(labels)) = app.layers.last().filter(|_| pane == app.tabs.focus()) else { continue };
        for label in &labels.all {
            for (_, cols) in label.target.spans.iter().filter(|(line, _)| *line == n) {
                tint(buf, cols.start, cols.end, Role::Link);
            }
        }
        for label in labels.all.iter().filter(|l| l.code.starts_with(&labels.typed)) {
            let Some((_, cols)) = first_in_sight(&label.target.spans, top, rect.h).filter(|(line, _)| *line == n) else { continue };
            for (i, c) in label.code.chars().enumerate() {
                let Some(x) = (usize::from(cols.start) + i).checked_sub(left).filter(|x| *x < usize::from(rect.w)) else { continue };
                if let Some(cell) = buf.cell_mut((rect.x + x as u16, y)) {
                    cell.reset();
                    cell.set_char(c);
                    let typed = i < labels.typed.chars().count();
                    cell.set_style(style(theme.style(if typed { Role::SearchMatch } else { Role::SearchCurrent })));
                }
            }
        }
    }
}

/// The first part of something that lies in the window.
fn first_in_sight(spans: &[(u64, Range<u16>)], top: u64, height: u16) -> Option<&(u64, Range<u16>)> {
    spans.iter().find(|(line, _)| (top..top + u64::from(height)).contains(line))
}

/// Lays what a click on a label means.
pub fn labels(app: &App, areas: &Areas, labels: &Labels, sheet: &mut Sheet) {
    let Some(rect) = areas.content(labels.pane) else { return };
    let Some(data) = app.tabs.session(labels.pane).and_then(|id| app.mirror.pane(id)) else { return };
    let top = first_row(app, labels.pane, data, rect.h);
    let left = first_col(app, labels.pane, data, rect.w);
    for (i, label) in labels.all.iter().enumerate() {
        for (line, cols) in &label.target.spans {
            let y = line.checked_sub(top).and_then(|y| u16::try_from(y).ok()).filter(|y| *y < rect.h);
            let (from, to) = (cols.start.max(left) - left, cols.end.saturating_sub(left).min(rect.w));
            if let Some(y) = y.filter(|_| from < to) {
                sheet.hit(Rect::new(rect.x + from, rect.y + y, to - from, 1), Hit::Label(i));
            }
        }
    }
}
