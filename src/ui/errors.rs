//! The errors of all sessions, newest first, each as a small tree. Must not know how one is fixed.

use super::dialogs::panel;
use super::finder::line;
use super::sheet::{Ink, Sheet};
use crate::app::list_state::ListState;
use crate::app::lists::error_parts;
use crate::app::{App, Areas, Hit};
use crate::base::{Rect, text};
use crate::command::Cmd;
use crate::config::Role;
use crate::wire::facts::ErrorReport;
use crate::wire::{Session, State};

/// `ERRORS 2`, and how many are over.
fn heading(rows: &[(&Session, &ErrorReport, String)]) -> String {
    let over = rows.iter().filter(|r| r.1.resolved).count();
    let rest = if over > 0 { format!("  {over} resolved") } else { String::new() };
    format!("ERRORS {}{rest}", rows.len() - over)
}

/// Lays the panel.
pub fn lay(app: &App, areas: &Areas, list: &ListState, details: bool, sheet: &mut Sheet) {
    let rows = app.error_rows(list);
    let Some(body) = panel(areas, &heading(&rows), Some(list), sheet) else { return };
    if rows.is_empty() {
        sheet.row(body.x, body.y, body.w).gap(2).text("no errors", Role::Dim);
        return;
    }
    let keys: Vec<String> = rows.iter().map(|r| r.2.clone()).collect();
    let at = list.at(&keys);
    let all_of_it = app.error_is_open(list, details, body.h);
    let open = |i: usize| i == at && all_of_it;
    let height = |i: usize| rows.get(i).map_or(1, |r| 1 + if open(i) { error_parts(r.1).len() + 1 } else { 0 });
    // The first row from which the one under the cursor is wholly in sight.
    let mut top = 0;
    while top < at && (top..=at).map(height).sum::<usize>() > usize::from(body.h) {
        top += 1;
    }
    let mut y = body.y;
    for (i, (s, e, _)) in rows.iter().enumerate().skip(top) {
        if y >= body.bottom() {
            break;
        }
        line(i, at, Rect::new(body.x, y, body.w, 1), sheet);
        if i == at && sheet.plain && !list.filtering {
            sheet.cursor = Some((body.x + 1, y));
        }
        let mut row = sheet.row(body.x, y, body.w);
        let (mark, role) = if e.resolved { (State::Done, Role::Dim) } else { (State::Failed, Role::Error) };
        row.gap(1).ink(Ink::Mark(mark), role).gap(1);
        let count = if e.count > 1 { format!("x{}  ", e.count) } else { String::new() };
        let count = match &e.until {
            Some(t) if !e.resolved => format!("until {}  {count}", app.clock_of(t)),
            _ => count,
        };
        let who = text::safe_line(&format!("#{} {}", s.number, s.name), 28);
        row.right(&[(format!("{count}{who} "), Role::Dim)], 40);
        row.safe(&e.title, if e.resolved { Role::Dim } else { Role::Text });
        y += 1;
        if !open(i) {
            continue;
        }
        let all = error_parts(e);
        for (n, (name, what)) in all.iter().enumerate() {
            if y >= body.bottom() {
                break;
            }
            sheet.hit(Rect::new(body.x, y, body.w, 1), Hit::Item(i));
            let mut row = sheet.row(body.x, y, body.w.saturating_sub(1));
            row.gap(3).ink(Ink::Branch(n + 1 == all.len()), Role::Border).text(&format!("{name}: "), Role::Dim);
            let role = if *name == "Suggestion" { Role::Info } else { Role::Text };
            row.safe(what, role);
            y += 1;
        }
        // What can be done with it, for the mouse; the keys stand in the status line.
        if y < body.bottom() {
            let mut row = sheet.row(body.x, y, body.w.saturating_sub(1));
            row.gap(5);
            for (what, cmd) in [("[Fix Now]", Cmd::ErrorsFix), ("[View Details]", Cmd::ErrorsDetails), ("[Cancel Task]", Cmd::ErrorsCancel)] {
                row.link(what, Role::Key, Hit::Key(cmd)).gap(1);
            }
            y += 1;
        }
    }
}
