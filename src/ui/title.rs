//! The title line of a pane: who is in it, where, how it stands. Must not know the rows of the pane.

use super::parts;
use super::sheet::{Row, Sheet};
use crate::app::{App, Hit, PaneId};
use crate::base::Rect;
use crate::command::Cmd;
use crate::config::Role;
use crate::wire::{Kind, Session};

/// Lays the title line.
pub fn lay(app: &App, pane: PaneId, rect: Rect, sheet: &mut Sheet) {
    let focused = pane == app.tabs.focus();
    sheet.hit(rect, Hit::Title(pane));
    let mut row = sheet.row(rect.x, rect.y, rect.w);
    row.gap(1);
    match app.tabs.session(pane).and_then(|id| app.mirror.get(id)) {
        Some(s) => {
            notes(app, pane, &mut row);
            let standing = parts::standing(s, app.now);
            end(&standing, &mut row);
            name(s, focused, &mut row);
        }
        None => {
            row.text("empty", if focused { Role::Title } else { Role::TitleDim });
        }
    }
}

/// The right end, shortened to the state when there is little room.
fn end(standing: &[(String, Role)], row: &mut Row<'_>) {
    let before = row.room();
    let mut padded: Vec<(String, Role)> = standing.to_vec();
    padded.push((" ".to_owned(), Role::Text));
    row.right(&padded, 24);
    if row.room() == before
        && let Some((word, role)) = standing.first()
    {
        row.right(&[(word.clone(), *role), (" ".to_owned(), Role::Text)], 10);
    }
}

/// Number, name, agent, branch, changes.
pub fn name(s: &Session, bright: bool, row: &mut Row<'_>) {
    row.safe_in(&format!("#{} {}", s.number, s.name), 32, if bright { Role::Title } else { Role::TitleDim });
    if row.room() > 12 {
        row.gap(2).safe_in(&s.agent, 12, if bright { Role::Agent } else { Role::TitleDim });
    }
    if s.kind == Kind::Isolated || s.kind == Kind::Primary {
        if let Some(b) = s.branch.as_ref().filter(|_| row.room() > 14) {
            row.gap(2);
            let cols = row.room().saturating_sub(2).min(30);
            let b = crate::base::text::cut_middle(&crate::base::text::safe_line(b, 200), usize::from(cols));
            row.text(&b, if bright { Role::Branch } else { Role::TitleDim });
        }
        let w = s.changes.map_or(0, |c| format!("+{} -{}", c.added, c.removed).len() as u16 + 2);
        if row.room() > w {
            row.gap(2);
            parts::changes(s, row);
        }
    } else if row.room() > 12 {
        row.gap(2).text(s.kind.word(), Role::TitleDim);
    }
}

/// What is out of the ordinary with this pane: looking back, zoomed, another client's size.
pub fn notes(app: &App, pane: PaneId, row: &mut Row<'_>) {
    let Some(data) = app.rows_of(pane).and_then(|id| app.mirror.pane(id)) else { return };
    let mut notes = Vec::new();
    // The same in few columns.
    let mut short = Vec::new();
    if app.replays.contains_key(&pane) {
        notes.push("recording".to_owned());
    }
    if let Some(look) = app.looks.get(&pane) {
        let height = app.areas().content(pane).map_or(1, |r| r.h);
        let top = look.window_top(data, height);
        let back = look.newest_top(data, height).saturating_sub(top);
        if back > 0 {
            short.push(format!("{back} back"));
            let trimmed = if data.history_start > 0 && top <= data.history_start { ", older ones [trimmed]" } else { "" };
            notes.push(format!("{back} line{} back{trimmed}", if back == 1 { "" } else { "s" }));
        } else if look.keys && pane == app.tabs.focus() {
            notes.push("looking back".to_owned());
            short.push("back".to_owned());
        }
        let newer = look.behind(data);
        if newer > 0 {
            notes.push(format!("{newer} newer below"));
        }
        if !look.found.starts.is_empty() {
            notes.push(format!("match {}", look.found.count()));
            short.push(look.found.count().split(' ').next().unwrap_or_default().to_owned());
        }
    }
    if app.tabs.tab().zoom {
        notes.push(format!("zoomed, 1 of {}", app.tabs.tab().tree.len()));
    }
    // Of the same size nothing is cut or left over.
    let fits = app.areas().content(pane).is_some_and(|r| (r.w, r.h) == (data.cols, data.rows));
    if data.foreign_size && !fits {
        let key = app.config.keymap.key_in(&[crate::command::Scope::Global], Cmd::AppTakeSize);
        let key = key.filter(|_| !app.setup.read_only).map(|k| format!(", {} takes it", crate::config::keys_label(&k))).unwrap_or_default();
        notes.push(format!("{}x{} by another window{key}", data.cols, data.rows));
    }
    let wide = row.room();
    for (notes, keep) in [(notes, 20), (short, 12)] {
        if !notes.is_empty() && row.room() == wide {
            row.right(&[("  ".to_owned(), Role::Text), (notes.join(" · "), Role::Info), ("  ".to_owned(), Role::Text)], keep);
        }
    }
}
