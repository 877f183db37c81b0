//! The inbox: who waits, for exactly what, where and since when. Must not know how an answer is given.

use super::dialogs::panel;
use super::finder::{from, line};
use super::parts;
use super::sheet::Sheet;
use crate::app::asked;
use crate::app::clock::age;
use crate::app::list_state::ListState;
use crate::app::mirror::open_handoff;
use crate::app::tree::project_name;
use crate::app::{App, Areas, Hit};
use crate::base::{Rect, clock, text};
use crate::config::Role;
use crate::wire::Session;
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
    // The one under the cursor says it all; the others one line of it.
    let asked = all.get(at).map(|s| asked::under_cursor(s, body.w, body.h)).unwrap_or_default();
    let extra = asked.len().saturating_sub(1) + usize::from(note(all.get(at)).is_some());
    let fit = usize::from(body.h.saturating_sub(extra as u16) / 2).max(1);
    let top = from(at, all.len(), fit);
    let mut y = body.y;
    for (i, s) in all.iter().enumerate().skip(top) {
        if y >= body.bottom() {
            return;
        }
        line(i, at, Rect::new(body.x, y, body.w, 1), sheet);
        if i == at && sheet.plain && !list.filtering {
            sheet.cursor = Some((body.x + 1, y));
        }
        let waiting = s.waiting_for.as_ref();
        let handed = open_handoff(s).filter(|_| waiting.is_none());
        let kind = waiting.map_or(handed.map_or("", |h| &h.kind), |w| &w.kind);
        let mut row = sheet.row(body.x, y, body.w);
        row.gap(1);
        parts::mark(s.state, &mut row);
        row.gap(1);
        let place = waiting.and_then(|w| w.cwd.as_ref()).or(s.worktree.as_ref()).unwrap_or(&s.project);
        row.right(&[(text::safe_line(&project_name(place), 30), Role::Dim), (" ".to_owned(), Role::Dim)], 50);
        row.safe_in(&format!("#{} {}", s.number, s.name), 28, Role::Waiting).to(body.x + 32).safe_in(&s.agent, 10, Role::Agent);
        row.to(body.x + 43).text(&age(s.state_ms, app.now), Role::Text).to(body.x + 49).safe(word(kind), Role::Text);
        let tool = waiting.and_then(|w| w.tool.as_ref()).map(|t| format!(" · {}", text::safe_line(t, 20)));
        if let Some(tool) = tool.filter(|t| usize::from(row.room()) >= text::width(t)) {
            row.text(&tool, Role::Dim);
        }
        y += 1;
        let lines = if i == at { asked.clone() } else { vec![asked::beginning(s, body.w.saturating_sub(7))] };
        for (n, said) in lines.iter().enumerate() {
            if y >= body.bottom() {
                return;
            }
            sheet.hit(Rect::new(body.x, y, body.w, 1), Hit::Item(i));
            let mut row = sheet.row(body.x, y, body.w);
            row.gap(5);
            if let Some(e) = s.evidence.get("state").filter(|_| i == at && n + 1 == lines.len() && !said.ends_with(asked::CUT)) {
                let old = if e.age_ms < 1000 { format!("{} ms", e.age_ms) } else { clock::short(Duration::from_millis(e.age_ms)) };
                let source = format!("told by {}, {old} ago ", text::safe_line(&e.source, 12));
                // Never over what is asked: its end may be what matters.
                row.right(&[(source, Role::Dim)], (text::width(said) as u16).saturating_add(1).max(40));
            }
            row.safe(said, role(s, n, said));
            y += 1;
        }
        if let Some(said) = note(Some(s)).filter(|_| i == at && y < body.bottom()) {
            sheet.row(body.x, y, body.w).gap(5).safe(&said, Role::Dim);
            y += 1;
        }
    }
}

/// How a line of what is asked is drawn: below its beginning an edit shows what goes and what comes.
fn role(s: &Session, line: usize, said: &str) -> Role {
    let edit = line > 0 && s.waiting_for.as_ref().is_some_and(|w| !w.changes.is_empty());
    match said.chars().next() {
        Some('+') if edit => Role::Added,
        Some('-') if edit => Role::Removed,
        _ => Role::Text,
    }
}

/// What a person should know of the way to answer.
fn note(s: Option<&&Session>) -> Option<String> {
    let w = s?.waiting_for.as_ref()?;
    match (&w.id, &w.note) {
        (Some(_), Some(note)) => Some(note.clone()),
        (None, _) => Some("this can only be answered in its terminal: Enter goes there".to_owned()),
        _ => None,
    }
}

fn word(kind: &str) -> &str {
    match kind {
        "permission" => "asks to be allowed",
        "question" => "question",
        "auth" => "wants a login",
        "handoff" => "hands over to you",
        "escalation" => "asks for the cloud",
        "delegation" => "offers background",
        "unknown" | "" => "waits",
        other => other,
    }
}
