//! What may come after the keys pressed so far, above the status line. Must not know what it does.

use super::sheet::{Ink, Sheet};
use crate::app::{App, Areas, Hit};
use crate::base::{Rect, text};
use crate::config::{Lookup, Role};

/// Lays the list in columns.
pub fn lay(app: &App, areas: &Areas, sheet: &mut Sheet) {
    let Some(p) = &app.pending else { return };
    let Lookup::More(next) = app.config.keymap.lookup(app.scopes(), &p.chords) else { return };
    // One entry for each command, with all its keys; numbered tabs are one.
    let mut rows: Vec<(String, String, Hit)> = Vec::new();
    for n in next {
        let (what, hit) = match n.cmd {
            Some(c) if matches!(c.tab_number(), Some(2..=9)) => continue,
            Some(c) if c.tab_number().is_some() => ("tab 1-9".to_owned(), Hit::Key(c)),
            Some(c) => (c.row().title.to_owned(), Hit::Key(c)),
            None => ("...".to_owned(), Hit::Panel),
        };
        match rows.iter_mut().find(|r| r.1 == what) {
            Some(r) if r.0.len() < 7 => r.0 = format!("{} {}", r.0, n.chord.label()),
            Some(_) => {}
            None => rows.push((n.chord.label(), what, hit)),
        }
    }
    let width = 34u16;
    let columns = usize::from((areas.screen.w.saturating_sub(2) / width).max(1));
    let most = usize::from(areas.screen.h.saturating_sub(areas.status.h + 3)).max(1);
    let height = rows.len().div_ceil(columns).min(most);
    let rect = Rect { x: 0, y: areas.status.y.saturating_sub(height as u16 + 1), w: areas.screen.w, h: height as u16 + 1 };
    sheet.fill(rect, Role::Dialog);
    sheet.hit(rect, Hit::Panel);
    if !sheet.plain {
        sheet.ink(rect.x, rect.y, Ink::Level(rect.w), Role::DialogBorder);
    }
    for (i, (keys, what, hit)) in rows.iter().enumerate().take(height * columns) {
        let (x, y) = (1 + width * (i / height.max(1)) as u16, rect.y + 1 + (i % height.max(1)) as u16);
        let mut row = sheet.row(x, y, (width - 1).min(rect.w.saturating_sub(x)));
        row.text(&text::fit(keys, 8), Role::Key).gap(1).link(what, Role::KeyText, hit.clone());
    }
}
