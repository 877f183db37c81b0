//! The log of one session or of all. Must not know where entries come from.

use super::dialogs::panel;
use super::finder::{from, line};
use super::sheet::Sheet;
use crate::app::list_state::ListState;
use crate::app::{App, Areas};
use crate::base::{Rect, SessionId};
use crate::config::Role;

/// Lays the panel.
pub fn lay(app: &App, areas: &Areas, list: &ListState, session: Option<&SessionId>, sheet: &mut Sheet) {
    let title = match session.and_then(|id| app.mirror.get(id)) {
        Some(s) => format!("TIMELINE #{} {}", s.number, crate::base::text::safe_line(&s.name, 30)),
        None => "TIMELINE all sessions".to_owned(),
    };
    let Some(body) = panel(areas, &title, Some(list), sheet) else { return };
    let rows = app.timeline_rows(list, session);
    if rows.is_empty() {
        sheet.row(body.x, body.y, body.w).gap(2).text("nothing yet", Role::Dim);
        return;
    }
    let keys: Vec<String> = rows.iter().map(|e| e.seq.to_string()).collect();
    let at = list.at(&keys);
    let height = usize::from(body.h);
    let top = if at + 1 == rows.len() { rows.len().saturating_sub(height) } else { from(at, rows.len(), height) };
    for (i, e) in rows.iter().enumerate().skip(top).take(height) {
        let y = body.y + (i - top) as u16;
        line(i, at, Rect::new(body.x, y, body.w, 1), sheet);
        if i == at && sheet.plain && !list.filtering {
            sheet.cursor = Some((body.x + 1, y));
        }
        let role = match e.kind.as_str() {
            "error" => Role::Error,
            "phase" => Role::Heading,
            "follow-up" => Role::Accent,
            _ => Role::Text,
        };
        let mut row = sheet.row(body.x, y, body.w);
        row.gap(1).text(&format!("[{}]", app.hour_minute_second(e.time_ms)), Role::Dim).gap(1);
        if session.is_none() {
            row.text(&format!("{:>4}", format!("#{}", e.number)), Role::Dim).gap(1);
        }
        row.safe(&e.text, role);
    }
}
