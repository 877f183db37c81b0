//! The panel of the search in all sessions: what is typed, how much was found, hits by session. Must not know how it is found.

use super::dialogs::{field, panel};
use super::finder::{from, line};
use super::parts;
use super::sheet::Sheet;
use crate::app::search_all::{Hit, SearchAll, Where};
use crate::app::{App, Areas};
use crate::base::{Rect, text};
use crate::config::Role;

/// Lays the panel.
pub fn lay(app: &App, areas: &Areas, s: &SearchAll, sheet: &mut Sheet) {
    let Some(body) = panel(areas, "SEARCH all sessions and their past", None, sheet) else { return };
    let (top, body) = body.take_top(1);
    if top.is_empty() {
        return;
    }
    let (said, role) = said(s);
    let mut row = sheet.row(top.x, top.y, top.w);
    row.right(&[(said, role), (" ".to_owned(), Role::Text)], 20);
    let room = row.room();
    field(&s.editor, top.x + 1, top.y, room.saturating_sub(2), if s.plain { "plain text" } else { "regular expression" }, true, sheet);
    if s.kept {
        let w = (text::width(&s.editor.text()) as u16).min(room.saturating_sub(2));
        sheet.tint(Rect::new(top.x + 1, top.y, w, 1), Role::CopySelection);
    }
    let keys = s.keys();
    let at = s.list.at(&keys);
    // Sessions take lines of their own.
    let mut lines: Vec<(usize, Option<usize>)> = Vec::new();
    let mut n = 0;
    for (g, group) in s.results.sessions.iter().enumerate() {
        lines.push((g, None));
        for _ in &group.hits {
            lines.push((g, Some(n)));
            n += 1;
        }
    }
    let rows: Vec<&Hit> = s.rows().map(|r| r.1).collect();
    let cursor = lines.iter().position(|l| l.1 == Some(at)).unwrap_or(0);
    let first = from(cursor, lines.len(), usize::from(body.h));
    for (i, (g, hit)) in lines.iter().enumerate().skip(first).take(usize::from(body.h)) {
        let y = body.y + (i - first) as u16;
        let Some(group) = s.results.sessions.get(*g) else { continue };
        match hit.and_then(|h| Some((h, rows.get(h)?))) {
            None => {
                let mut row = sheet.row(body.x, y, body.w);
                row.gap(1);
                parts::mark(group.state, &mut row);
                row.right(&[(format!("{} ", group.count), Role::Dim)], 30);
                row.gap(1).safe_in(&format!("#{} {}", group.number, group.name), 40, Role::Heading).gap(2).safe_in(&group.agent, 12, Role::Agent);
            }
            Some((h, hit)) => {
                line(h, at, Rect::new(body.x, y, body.w, 1), sheet);
                one(app, hit, Rect::new(body.x, y, body.w, 1), sheet);
            }
        }
    }
}

fn one(app: &App, hit: &Hit, rect: Rect, sheet: &mut Sheet) {
    let mut row = sheet.row(rect.x, rect.y, rect.w);
    let place = match hit.place {
        Where::Recording => app.hour_minute_second(hit.line),
        Where::Archive => "text".to_owned(),
        Where::Pane => "now".to_owned(),
    };
    row.gap(3).text(&format!("{place:>8}"), Role::Dim).gap(2);
    let (x, room) = (row.x(), usize::from(row.room()));
    row.safe(&hit.text, Role::Text);
    // Where the match stands in what is shown.
    let part = |n: usize| text::width(&text::safe_line(&format!("{}|", hit.text.chars().take(n).collect::<String>()), usize::MAX / 16)) - 1;
    let (a, b) = (part(hit.from).min(room), part(hit.to).min(room));
    if a < b {
        sheet.tint(Rect::new(x + a as u16, rect.y, (b - a) as u16, 1), Role::FilterMatch);
    }
}

fn said(s: &SearchAll) -> (String, Role) {
    match (&s.error, s.results.count, s.busy) {
        (Some(why), ..) => (why.clone(), Role::Error),
        _ if s.editor.is_empty() => (String::new(), Role::Dim),
        (_, 0, true) => ("looking ...".to_owned(), Role::Dim),
        (_, 0, false) => ("nothing holds that".to_owned(), Role::Dim),
        (_, n, _) => {
            let all = s.results.sessions.len();
            let shown = s.results.sessions.iter().map(|g| g.hits.len()).sum::<usize>();
            let first = if s.results.more { format!(", the newest {shown}") } else { String::new() };
            (format!("{n} in {all} {}{first}", if all == 1 { "session" } else { "sessions" }), Role::Info)
        }
    }
}
