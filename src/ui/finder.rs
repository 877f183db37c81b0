//! Lists that are found in by typing: palette, key help, sessions to choose from. Must not know what choosing does.

use super::dialogs::{field, window};
use super::parts;
use super::sheet::Sheet;
use crate::app::list_state::ListState;
use crate::app::lists::{Found, Pick};
use crate::app::tree::project_name;
use crate::app::{App, Areas, Hit};
use crate::base::Rect;
use crate::command::Scope;
use crate::config::{Role, keys_label};

/// Rows from which a list of `len` rows is shown so that the cursor is in sight.
pub fn from(cursor: usize, len: usize, height: usize) -> usize {
    // Half a page ahead of the cursor, so that one sees what comes.
    cursor.saturating_sub(height / 2).min(len.saturating_sub(height))
}

fn frame(areas: &Areas, title: &str, list: &ListState, w: u16, h: u16, sheet: &mut Sheet) -> Rect {
    let rect = window(areas, title, w, h, sheet);
    let (line, rest) = rect.take_top(1);
    if !line.is_empty() {
        field(&list.filter, line.x, line.y, line.w, "type to find", true, sheet);
    }
    rest.take_top(u16::from(rest.h > 4)).1
}

/// A title with the letters marked that were typed.
fn titled(f: &Found, x: u16, y: u16, w: u16, role: Role, sheet: &mut Sheet) {
    sheet.row(x, y, w).text(&f.title, role);
    for p in f.places.iter().filter(|p| **p < usize::from(w)) {
        sheet.tint(Rect::new(x + *p as u16, y, 1, 1), Role::FilterMatch);
    }
}

/// The command palette.
pub fn palette(app: &App, areas: &Areas, list: &ListState, sheet: &mut Sheet) {
    let found = app.palette(list);
    let h = (found.len() as u16 + 2).clamp(8, (areas.screen.h * 2 / 3).max(8));
    let body = frame(areas, "Commands", list, 64, h, sheet);
    let keys: Vec<String> = found.iter().map(|f| f.what.key()).collect();
    let at = list.at(&keys);
    let top = from(at, found.len(), usize::from(body.h));
    for (i, f) in found.iter().enumerate().skip(top).take(usize::from(body.h)) {
        let y = body.y + (i - top) as u16;
        line(i, at, Rect::new(body.x, y, body.w, 1), sheet);
        let key = match &f.what {
            Pick::Run(cmd) => app.config.keymap.key_in(&[Scope::Global], *cmd).map(|k| keys_label(&k)),
            Pick::Show(_) => None,
        };
        let role = Role::Text;
        let mut row = sheet.row(body.x, y, body.w);
        row.right(&[(key.unwrap_or_default(), Role::Key)], 20);
        let room = row.room();
        titled(f, body.x, y, room, role, sheet);
    }
    none(found.is_empty(), body, sheet);
}

/// Every command with the key it has now.
pub fn help(app: &App, areas: &Areas, list: &ListState, sheet: &mut Sheet) {
    let rows = app.help(list);
    let w = areas.screen.w.saturating_sub(8).clamp(30, 100);
    let body = frame(areas, "Keys", list, w, areas.screen.h.saturating_sub(6).max(6), sheet);
    let keys: Vec<String> = rows.iter().map(|h| h.cmd.name().to_owned()).collect();
    let at = list.at(&keys);
    // Headings take lines of their own.
    let mut lines: Vec<Option<usize>> = Vec::new();
    let mut group = "";
    for (i, h) in rows.iter().enumerate() {
        if h.cmd.row().group != group {
            if !lines.is_empty() {
                lines.push(None);
            }
            group = h.cmd.row().group;
            lines.push(None);
        }
        lines.push(Some(i));
    }
    let cursor_line = lines.iter().position(|l| *l == Some(at)).unwrap_or(0);
    let top = from(cursor_line, lines.len(), usize::from(body.h));
    for (n, l) in lines.iter().enumerate().skip(top).take(usize::from(body.h)) {
        let y = body.y + (n - top) as u16;
        let Some(i) = l else {
            if let Some(h) = lines.get(n + 1).copied().flatten().and_then(|i| rows.get(i)) {
                sheet.row(body.x, y, body.w).text(h.cmd.row().group, Role::Heading);
            }
            continue;
        };
        let Some(h) = rows.get(*i) else { continue };
        line(*i, at, Rect::new(body.x, y, body.w, 1), sheet);
        let mut row = sheet.row(body.x, y, body.w);
        let keys_w = if body.w >= 70 { 26 } else { 16 };
        let mut shown = h.keys.clone();
        while shown.len() > 1 && shown.join("  ").chars().count() > usize::from(keys_w) - 2 {
            shown.pop();
        }
        row.gap(1).text(&shown.join("  "), Role::Key).to(body.x + keys_w);
        row.text(h.cmd.row().title, Role::Text);
        if body.w >= 70 {
            row.to(body.x + keys_w + 28).gap(1).text(h.cmd.row().doc, Role::Dim);
        }
    }
    none(rows.is_empty(), body, sheet);
}

/// Sessions to choose from.
pub fn choose(app: &App, areas: &Areas, list: &ListState, sheet: &mut Sheet) {
    let found = app.choices(list);
    let h = (found.len() as u16 + 2).clamp(6, (areas.screen.h / 2).max(6));
    let body = frame(areas, "Show which session?", list, 64, h, sheet);
    let keys: Vec<String> = found.iter().map(|f| f.what.key()).collect();
    let at = list.at(&keys);
    let top = from(at, found.len(), usize::from(body.h));
    for (i, f) in found.iter().enumerate().skip(top).take(usize::from(body.h)) {
        let y = body.y + (i - top) as u16;
        line(i, at, Rect::new(body.x, y, body.w, 1), sheet);
        let Pick::Show(id) = &f.what else { continue };
        let Some(s) = app.mirror.get(id) else { continue };
        let mut row = sheet.row(body.x, y, body.w);
        row.gap(1);
        parts::mark(s.state, &mut row);
        row.right(&[(parts::state_words_in(s, app.now, 20), Role::of(s.state)), (" ".to_owned(), Role::Text)], 26);
        let (x, room) = (row.x() + 1, row.room().saturating_sub(1));
        titled(f, x, y, room.min(26), Role::Text, sheet);
        sheet.row(x, y, room.saturating_sub(1)).to(x + 27).safe_in(&s.agent, 10, Role::Agent).to(x + 38).text(&project_name(&s.project), Role::Dim);
    }
    none(found.is_empty(), body, sheet);
}

/// The ground of a row: marked when the cursor is on it.
pub fn line(i: usize, at: usize, rect: Rect, sheet: &mut Sheet) {
    sheet.hit(rect, Hit::Item(i));
    if i == at {
        sheet.tint(rect, Role::Selection);
    }
}

fn none(empty: bool, body: Rect, sheet: &mut Sheet) {
    if empty && !body.is_empty() {
        sheet.row(body.x, body.y, body.w).gap(1).text("nothing holds that", Role::Dim);
    }
}
