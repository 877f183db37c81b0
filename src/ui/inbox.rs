//! The inbox: who waits, for what, since when. Must not know how an answer is given.

use super::dialogs::panel;
use super::finder::{from, line};
use super::parts;
use super::sheet::Sheet;
use crate::app::clock::age;
use crate::app::mirror::open_handoff;
use crate::app::modes::ListState;
use crate::app::tree::project_name;
use crate::app::{App, Areas, Hit};
use crate::base::{Rect, clock, text};
use crate::config::Role;
use crate::wire::facts::Handoff;
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
        let handed = open_handoff(s).filter(|_| s.waiting_for.is_none());
        let kind = s.waiting_for.as_ref().map_or(handed.map_or("", |h| &h.kind), |w| &w.kind);
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
            match handed {
                Some(h) => row.safe(&handoff_line(h), Role::Text),
                None => row.safe(s.waiting_for.as_ref().map_or("", |w| &w.text), Role::Text),
            };
        }
    }
}

/// A hand-off on one line: what it is about, then its points.
pub(super) fn handoff_line(h: &Handoff) -> String {
    let points: Vec<String> = h.points.iter().enumerate().map(|(i, p)| format!("{}. {p}", i + 1)).collect();
    if points.is_empty() { h.text.clone() } else { format!("{}: {}", h.text, points.join("  ")) }
}

fn word(kind: &str) -> &str {
    match kind {
        "permission" => "asks to be allowed",
        "question" => "question",
        "auth" => "wants a login",
        "handoff" => "hands over to you",
        "escalation" => "asks for the cloud",
        "delegation" => "offers the background",
        "unknown" | "" => "waits",
        other => other,
    }
}
