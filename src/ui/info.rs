//! The line above the status line: the follow-up box, else the newest error, else who waits, else how to follow up. Must not
//! know how any of it is sent.

use super::sheet::Sheet;
use crate::app::areas::TALL;
use crate::app::clock::age;
use crate::app::mirror::open_handoff;
use crate::app::modes::Layer;
use crate::app::{App, Areas, Hit};
use crate::base::{Rect, text};
use crate::command::{Cmd, Scope};
use crate::config::{Role, keys_label};

/// Lays the line or box.
pub fn lay(app: &App, areas: &Areas, sheet: &mut Sheet) {
    let rect = areas.info;
    if rect.is_empty() {
        return;
    }
    sheet.fill(rect, Role::Text);
    if app.has_layer(|l| matches!(l, Layer::FollowUp)) {
        return typing(app, rect, sheet);
    }
    let errors = app.mirror.errors();
    let open = app.mirror.open_errors();
    let first_waiting = app.mirror.waiting().into_iter().find(|s| app.tabs.pane_of(&s.id).is_none());
    if let Some(s) = first_waiting {
        let handed = open_handoff(s).filter(|_| s.waiting_for.is_none());
        let what = handed.map_or(s.waiting_for.as_ref().map_or("", |w| &w.text), |h| &h.text);
        let does = if handed.is_some() { "hands over" } else { "waits" };
        sheet.hit(rect, Hit::Session(s.id.clone()));
        let mut row = sheet.row(rect.x, rect.y, rect.w);
        row.gap(1);
        end(app, Cmd::InboxOpen, "answer", &mut row);
        row.safe(&format!("#{} {} {does} {}{}", s.number, s.name, age(s.state_ms, app.now), said(what)), Role::Waiting);
    } else if let Some((s, e)) = errors.first().and_then(|(s, i)| Some((s, s.errors.get(*i)?))).filter(|(_, e)| !e.resolved) {
        sheet.hit(rect, Hit::Key(Cmd::ErrorsOpen));
        let mut row = sheet.row(rect.x, rect.y, rect.w);
        row.gap(1).text(&format!("ERRORS {open}"), Role::Error).gap(2);
        end(app, Cmd::ErrorsOpen, "look", &mut row);
        row.text(&format!("#{}", s.number), Role::Dim).gap(1).safe(&e.title, Role::Text);
        if let Some(c) = e.context.as_ref().or(e.issue.as_ref()).filter(|_| row.room() > 20) {
            row.gap(2).safe(c, Role::Dim);
        }
    } else if let Some(s) = app.tabs.focused_session().and_then(|id| app.mirror.get(id)).filter(|s| !s.state.ended()) {
        sheet.hit(rect, Hit::FollowUp);
        let mut row = sheet.row(rect.x, rect.y, rect.w);
        row.gap(1);
        end(app, Cmd::SessionFollowUp, "follow up", &mut row);
        row.text(&format!("#{} › ", s.number), Role::Dim);
        if !app.follow_up.editor.is_empty() {
            row.safe(&app.follow_up.editor.text(), Role::Placeholder);
        }
    }
    debug_assert!(areas.screen.h >= TALL || rect.is_empty() || app.has_layer(|l| matches!(l, Layer::FollowUp)));
}

/// What is waited for, where that is known.
pub(super) fn said(what: &str) -> String {
    if what.is_empty() { String::new() } else { format!(": {what}") }
}

fn end(app: &App, cmd: Cmd, what: &str, row: &mut super::sheet::Row<'_>) {
    if let Some(key) = app.config.keymap.key_in(&[Scope::Global], cmd) {
        row.right(&[(keys_label(&key), Role::Key), (format!(" {what} "), Role::KeyText)], 30);
    }
}

fn typing(app: &App, rect: Rect, sheet: &mut Sheet) {
    sheet.hit(rect, Hit::FollowUp);
    let names: Vec<String> = app
        .follow_up
        .targets
        .iter()
        .filter_map(|id| app.mirror.get(id))
        .map(|s| if app.follow_up.targets.len() == 1 { format!("#{} {}", s.number, text::safe_line(&s.name, 20)) } else { format!("#{}", s.number) })
        .collect();
    let who = format!("{} › ", text::cut_end(&names.join(" "), 30));
    let indent = text::width(&who) as u16 + 1;
    let (row_at, col_at) = app.follow_up.editor.cursor();
    let lines = app.follow_up.editor.lines();
    let top = (row_at + 1).saturating_sub(usize::from(rect.h));
    sheet.fill(rect, Role::Input);
    sheet.row(rect.x, rect.y, rect.w).gap(1).text(&who, Role::Accent);
    for (i, line) in lines.iter().enumerate().skip(top).take(usize::from(rect.h)) {
        let y = rect.y + (i - top) as u16;
        let room = usize::from(rect.w.saturating_sub(indent + 1));
        let (shown, col) = super::dialogs::scrolled(line, if i == row_at { col_at } else { 0 }, room);
        sheet.row(rect.x, y, rect.w).gap(indent).text(&shown, Role::Input);
        if i == row_at && matches!(app.layers.last(), Some(Layer::FollowUp)) {
            sheet.cursor = Some((rect.x + indent + col as u16, y));
        }
    }
    if app.follow_up.editor.is_empty() {
        sheet.row(rect.x, rect.y, rect.w).gap(indent).text("what should it do next?", Role::Placeholder);
    }
}
