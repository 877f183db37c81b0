//! What may come after the keys pressed so far, above the status line. Must not know what it does.

use super::sheet::{Ink, Sheet};
use crate::app::{App, Areas, Hit};
use crate::base::{Rect, text};
use crate::command::Cmd;
use crate::config::{Lookup, Role};

/// Columns of a key with what it does.
const LEAST: u16 = 34;

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
    let room = areas.screen.w.saturating_sub(2);
    let columns = (room / LEAST).max(1);
    let (width, columns) = ((room / columns).max(LEAST), usize::from(columns));
    let most = usize::from(areas.screen.h.saturating_sub(areas.status.h + 3)).max(1);
    let height = rows.len().div_ceil(columns).min(most);
    let rect = Rect { x: 0, y: areas.status.y.saturating_sub(height as u16 + 1), w: areas.screen.w, h: height as u16 + 1 };
    sheet.fill(rect, Role::Dialog);
    sheet.hit(rect, Hit::Panel);
    if !sheet.plain {
        sheet.ink(rect.x, rect.y, Ink::Level(rect.w), Role::DialogBorder);
    }
    // The list lies over the pane that has the cursor.
    sheet.cursor = sheet.cursor.filter(|(x, y)| !rect.contains(*x, *y));
    let left = rows.len().saturating_sub(height * columns);
    if left > 0 {
        let all = app.config.keymap.after_prefix(Cmd::AppHelp).map(|k| format!(", {} shows all", k.label())).unwrap_or_default();
        sheet.row(rect.x, rect.y, rect.w.saturating_sub(2)).right(&[(format!(" {left} more{all} "), Role::Dim)], 4);
    }
    for (i, (keys, what, hit)) in rows.iter().enumerate().take(height * columns) {
        let (x, y) = (1 + width * (i / height.max(1)) as u16, rect.y + 1 + (i % height.max(1)) as u16);
        let mut row = sheet.row(x, y, (width - 1).min(rect.w.saturating_sub(x)));
        row.text(&text::fit(keys, 8), Role::Key).gap(1).link(what, Role::KeyText, hit.clone());
    }
}
