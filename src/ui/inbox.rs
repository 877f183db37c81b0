//! The inbox: who waits, for what, since when. Must not know how an answer is given.

use super::dialogs::panel;
use super::finder::{from, line};
use super::parts;
use super::sheet::Sheet;
use crate::app::clock::age;
use crate::app::modes::ListState;
use crate::app::tree::project_name;
use crate::app::{App, Areas, Hit};
use crate::base::{Rect, clock, text};
use crate::config::Role;
use std::time::Duration;

/// Lays the panel.
pub fn lay(app: &App, areas: &Areas, list: &ListState, sheet: &mut Sheet) {
    let all = app.inbox(list);
    let Some(body) = panel(areas, &format!("INBOX {}", all.len()), Some(list), sheet) else { return };
    if all.is_empty() {
        sheet.row(body.x, body.y, body.w).gap(2).text("nobody waits for you", Role::Dim);
        return;
    }
    let keys: Vec<String> = all.iter().map(|s| s.id.to_string()).collect();
    let at = list.at(&keys);
    let fit = usize::from(body.h / 2).max(1);
    let top = from(at, all.len(), fit);
    for (i, s) in all.iter().enumerate().skip(top).take(fit) {
        let y = body.y + 2 * (i - top) as u16;
        line(i, at, Rect::new(body.x, y, body.w, 1), sheet);
        if i == at && sheet.plain && !list.filtering {
            sheet.cursor = Some((body.x + 1, y));
        }
        let kind = s.waiting_for.as_ref().map_or("", |w| &w.kind);
        let mut row = sheet.row(body.x, y, body.w);
        row.gap(1);
        parts::mark(s.state, &mut row);
        row.gap(1);
        let place = s.worktree.as_ref().unwrap_or(&s.project);
        row.right(&[(text::safe_line(&project_name(place), 30), Role::Dim), (" ".to_owned(), Role::Dim)], 50);
        row.safe_in(&format!("#{} {}", s.number, s.name), 28, Role::Waiting).to(body.x + 32).safe_in(&s.agent, 10, Role::Agent);
        row.to(body.x + 43).text(&age(s.state_ms, app.now), Role::Text).to(body.x + 49).safe(word(kind), Role::Text);
        if y + 1 < body.bottom() {
            sheet.hit(Rect::new(body.x, y + 1, body.w, 1), Hit::Item(i));
            let mut row = sheet.row(body.x, y + 1, body.w);
            row.gap(5);
            if let Some(e) = s.evidence.get("state").filter(|_| i == at) {
                let old = if e.age_ms < 1000 { format!("{} ms", e.age_ms) } else { clock::short(Duration::from_millis(e.age_ms)) };
                let source = format!("told by {}, {old} ago ", text::safe_line(&e.source, 12));
                row.right(&[(source, Role::Dim)], 40);
            }
            row.safe(s.waiting_for.as_ref().map_or("", |w| &w.text), Role::Text);
        }
    }
}

fn word(kind: &str) -> &str {
    match kind {
        "permission" => "asks to be allowed",
        "question" => "question",
        "auth" => "wants a login",
        "unknown" | "" => "waits",
        other => other,
    }
}
