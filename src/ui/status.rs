//! The status line: the keys of the moment, who waits, what is wrong with the connection. Must not know what keys do.

use super::sheet::Sheet;
use crate::app::areas::TALL;
use crate::app::clock::age;
use crate::app::labels::{Act, Labels};
use crate::app::modes::Layer;
use crate::app::search_box::SearchBox;
use crate::app::{App, Areas, Hit, Link};
use crate::base::{Rect, text};
use crate::command::Cmd;
use crate::config::Role;

/// Lays the line.
pub fn lay(app: &App, areas: &Areas, sheet: &mut Sheet) {
    let rect = areas.status;
    if rect.is_empty() {
        return;
    }
    sheet.fill(rect, Role::StatusLine);
    if let Some(Layer::ReplayFind(e)) = app.layers.last() {
        let typed = text::safe_line(&e.text(), usize::from(rect.w.saturating_sub(10)));
        let mut row = sheet.row(rect.x, rect.y, rect.w);
        row.gap(1).text("/", Role::Key).text(&typed, Role::Input);
        let x = row.x();
        row.gap(2);
        for h in app.hints().1 {
            row.text(&h.key, Role::Key).gap(1).text(&h.text, Role::KeyText).gap(2);
        }
        let col: usize = e.lines().first().map_or(0, |l| text::width(&l.chars().take(e.cursor().1).collect::<String>()));
        sheet.cursor = Some(((rect.x + 2 + col as u16).min(x), rect.y));
        return;
    }
    match app.layers.last() {
        Some(Layer::Search(line)) => return searching(app, line, rect, sheet),
        Some(Layer::Labels(labels)) => return labelling(app, labels, rect, sheet),
        _ => {}
    }
    let (prefixed, hints) = app.hints();
    let mut row = sheet.row(rect.x, rect.y, rect.w);
    row.gap(1);
    match &app.link {
        Link::Up => {}
        Link::Connecting => {
            row.text("connecting ...", Role::Warning).gap(2);
        }
        Link::Down(why) => {
            row.safe_in(&format!("server away: {why}; trying again"), rect.w / 2, Role::Error).gap(2);
        }
    }
    if let Some(n) = app.count {
        row.text(&n.to_string(), Role::Accent).gap(2);
    }
    if let Some(p) = &app.pending {
        row.text(&format!("{} ...", crate::config::keys_label(&p.chords)), Role::Accent).gap(2);
    } else if prefixed {
        row.text(&app.config.keymap.prefix().label(), Role::Key).gap(2);
    }
    // The one who waits is named here where no line of its own is there for it.
    if areas.screen.h < TALL && prefixed && app.pending.is_none() {
        attention(app, rect.w, &mut row);
    }
    // Help is the last to go.
    let help = hints.iter().position(|h| matches!(h.cmd, Cmd::AppHelp | Cmd::ListClose | Cmd::ScrollLeave));
    let need = |h: &crate::app::hints::Hint| (text::width(&h.key) + text::width(&h.text) + 3) as u16;
    let kept = help.and_then(|i| hints.get(i)).map_or(0, need);
    for (i, h) in hints.iter().enumerate() {
        let reserve = if Some(i) == help { 0 } else { kept };
        if row.room() + 2 < need(h) + reserve {
            continue;
        }
        let from = row.x();
        row.text(&h.key, Role::Key).gap(1).text(&h.text, Role::KeyText);
        let end = row.x();
        row.sheet().hit(Rect::new(from, rect.y, end - from, 1), Hit::Key(h.cmd));
        row.gap(2);
    }
}

/// The line a search is typed in: what, how many, what is wrong with it.
fn searching(app: &App, line: &SearchBox, rect: Rect, sheet: &mut Sheet) {
    let mut row = sheet.row(rect.x, rect.y, rect.w);
    row.gap(1).text(if line.up { "?" } else { "/" }, Role::Key);
    let from = row.x();
    let col_at = line.editor.cursor().1;
    let typed = line.editor.lines().first().map_or("", String::as_str);
    let (shown, col) = super::dialogs::scrolled(typed, col_at, usize::from(rect.w / 2));
    row.text(&shown, Role::Input).gap(2);
    let count = app.looks.get(&app.tabs.focus()).map(|l| l.found.count()).unwrap_or_default();
    match &line.error {
        Some(why) => _ = row.safe(why, Role::Error),
        None if typed.is_empty() => _ = row.text("a pattern; without capitals it finds both", Role::Placeholder),
        None => _ = row.text(&count, if count.starts_with("no") { Role::Warning } else { Role::Info }),
    }
    row.gap(3);
    keys(&app.hints().1, rect.y, &mut row);
    sheet.cursor = Some((from + col as u16, rect.y));
}

/// What a label does now.
fn labelling(app: &App, labels: &Labels, rect: Rect, sheet: &mut Sheet) {
    let mut row = sheet.row(rect.x, rect.y, rect.w);
    row.gap(1).text(&format!("type a label to {}", labels.act.word()), Role::Accent).gap(2);
    if labels.act == Act::Copy {
        row.text("CAPITAL", Role::Key).text(" open", Role::KeyText).gap(2);
    }
    if !labels.typed.is_empty() {
        row.text(&labels.typed, Role::Key).gap(2);
    }
    keys(&app.hints().1, rect.y, &mut row);
}

fn keys(hints: &[crate::app::hints::Hint], y: u16, row: &mut super::sheet::Row<'_>) {
    for h in hints.iter().filter(|h| !h.text.is_empty()) {
        let from = row.x();
        if row.room() < (text::width(&h.key) + text::width(&h.text) + 1) as u16 {
            break;
        }
        row.text(&h.key, Role::Key).gap(1).text(&h.text, Role::KeyText);
        let end = row.x();
        row.sheet().hit(Rect::new(from, y, end - from, 1), Hit::Key(h.cmd));
        row.gap(2);
    }
}

/// Who waits the longest and is not before the person's eyes, at the right.
fn attention(app: &App, width: u16, row: &mut super::sheet::Row<'_>) {
    let here = app.tabs.focused_session();
    let Some(s) = app.mirror.waiting().into_iter().find(|s| Some(&s.id) != here) else { return };
    let what = s.waiting_for.as_ref().map_or("", |w| &w.text);
    let short = width < 70;
    let line = if short {
        format!("#{} waits", s.number)
    } else {
        format!("#{} {} waits {}{}", s.number, s.name, age(s.state_ms, app.now), super::info::said(what))
    };
    let line = text::safe_line(&line, usize::from(width * 2 / 5));
    let w = text::width(&line) as u16 + 4;
    let id = s.id.clone();
    if let Some(x) = row.take_right(w, 20) {
        let y = app.size.rows.saturating_sub(1);
        row.sheet().row(x, y, w).gap(3).link(&line, Role::Waiting, Hit::Session(id));
    }
}
