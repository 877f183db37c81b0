//! Names of files above the follow-up box, while one is typed. Must not know where they come from.

use super::sheet::Sheet;
use crate::app::{App, Areas};
use crate::base::{Rect, text};
use crate::config::Role;

/// Lays the list, as far as there is room.
pub fn lay(app: &App, areas: &Areas, sheet: &mut Sheet) {
    let Some((items, at)) = app.offered_files() else { return };
    let room = areas.info.y.saturating_sub(areas.panes.y);
    let rows = (items.len() as u16).min(room);
    let wide = items.iter().map(|i| text::width(i)).max().unwrap_or(0) as u16 + 2;
    let w = wide.max(24).min(areas.info.w);
    if rows == 0 || w < 8 {
        return;
    }
    // The best stands nearest to what is typed.
    let top = areas.info.y - rows;
    sheet.cover(Rect::new(areas.info.x, top, w, rows), Rect::new(areas.info.x, top, w, rows));
    let first = at.saturating_sub(usize::from(rows) - 1);
    for (i, name) in items.iter().enumerate().skip(first).take(usize::from(rows)) {
        let y = areas.info.y - 1 - (i - first) as u16;
        let line = Rect::new(areas.info.x, y, w, 1);
        sheet.row(line.x, y, w).gap(1).safe(name, if i == at { Role::Accent } else { Role::Text });
        if i == at {
            sheet.tint(line, Role::Selection);
        }
    }
}
