//! The session tree, row by row. Must not know whether it is docked.

use super::dialogs::scrolled;
use super::parts;
use super::sheet::{Ink, Sheet};
use crate::app::clock::eta_of;
use crate::app::modes::Layer;
use crate::app::tree::{RowKey, RowKind, TreeRow};
use crate::app::{App, Areas, Hit};
use crate::base::{Rect, text};
use crate::config::Role;
use crate::wire::{Session, State};

/// Lays heading and rows into a rectangle.
pub fn lay(app: &App, rect: Rect, sheet: &mut Sheet) {
    let (head, body) = rect.take_top(crate::app::areas::tree_head(rect));
    sheet.hit(rect, Hit::Tree);
    let focused = matches!(app.layers.last(), Some(Layer::Tree));
    let mut row = sheet.row(head.x, head.y, head.w);
    row.gap(1).text("SESSIONS", if focused { Role::Accent } else { Role::Heading });
    let selected = app.tree.selected.len();
    if selected > 0 {
        row.gap(2).text(&format!("{selected} selected"), Role::Marked);
    }
    if app.tree.filtering || !app.tree.filter.is_empty() {
        let typed = app.tree.filter.text();
        let (shown, col) = scrolled(&typed, app.tree.filter.cursor().1, usize::from(row.room().saturating_sub(4).min(30)));
        let from = row.gap(2).text("/", Role::Key).x();
        row.text(&shown, Role::Text);
        if app.tree.filtering {
            sheet.cursor = Some((from + col as u16, head.y));
        }
    } else {
        row.right(&[("/ ".to_owned(), Role::Dim)], 12);
    }
    let rows = app.tree.rows(&app.mirror);
    if rows.is_empty() {
        let what = if app.mirror.sessions().is_empty() { "no session yet" } else { "nothing holds that" };
        sheet.row(body.x, body.y + 1, body.w).gap(1).text(what, Role::Dim);
        return;
    }
    let cursor = app.tree.cursor_at(&rows);
    for (i, (index, r)) in rows.iter().enumerate().skip(app.tree.top).take(usize::from(body.h)).enumerate() {
        let line = Rect { y: body.y + i as u16, h: 1, ..body };
        sheet.hit(line, Hit::TreeRow { index, mark: false });
        if Some(index) == cursor && (focused || app.tree.cursor.is_some()) {
            let role = if focused { Role::Selection } else { Role::SelectionDim };
            if focused {
                sheet.tint(line, role);
                if sheet.plain && !app.tree.filtering {
                    sheet.cursor = Some((line.x + 1, line.y));
                }
            }
        }
        lay_row(app, r, index, line, sheet);
    }
    let below = rows.len().saturating_sub(app.tree.top + usize::from(body.h));
    if below > 0 && body.h > 1 {
        let note = format!("{below} more ");
        let w = text::width(&note) as u16;
        if w < body.w {
            sheet.ink(body.right() - w, head.y, Ink::Text(note), Role::Dim);
        }
    }
}

fn lay_row(app: &App, r: &TreeRow, index: usize, line: Rect, sheet: &mut Sheet) {
    let session = match &r.key {
        Some(RowKey::Session(id)) => app.mirror.get(id),
        _ => None,
    };
    match (&r.kind, session) {
        (RowKind::Project { name, place, folded, count }, _) => {
            let mut row = sheet.row(line.x, line.y, line.w.saturating_sub(1));
            row.gap(1).text(name, Role::Project);
            if let Some(place) = place {
                let room = usize::from(row.room().saturating_sub(if *folded { 14 } else { 2 }));
                row.gap(2).text(&text::cut_middle(place, room), Role::Dim);
            }
            if *folded {
                row.gap(2).text(&format!("{count} folded"), Role::Dim);
            }
        }
        (RowKind::Session { depth, last }, Some(s)) => session_row(app, s, *depth, *last, index, line, sheet),
        (RowKind::Says(what), Some(s)) => {
            let role = if s.state == State::Waiting { Role::Text } else { Role::Dim };
            sheet.row(line.x, line.y, line.w.saturating_sub(1)).gap(5).text(what, role);
        }
        (RowKind::Item { index: i, last }, Some(s)) => {
            let Some(item) = s.progress.as_ref().and_then(|p| p.items.get(*i)) else { return };
            let mut row = sheet.row(line.x, line.y, line.w.saturating_sub(1));
            row.gap(3).ink(Ink::Branch(*last), Role::Border).safe_in(&item.name, 18, Role::Dim).to(line.x + 25);
            if item.total == 0 {
                // Said in words: `Tests: All passing`.
                row.safe(item.current.as_deref().unwrap_or_default(), Role::Text);
                return;
            }
            row.text(&format!("{:>7}", format!("{}/{}", item.done, item.total)), Role::Text).gap(1);
            if item.state == "done" || (item.total > 0 && item.done >= item.total) {
                row.ink(Ink::Mark(State::Done), Role::Done);
            } else if item.state == "working" || item.current.is_some() {
                row.ink(Ink::Mark(State::Working), Role::Working).gap(1);
                row.safe(item.current.as_deref().unwrap_or_default(), Role::Dim);
            }
        }
        (RowKind::Child { index: i, last }, Some(s)) => {
            let Some(c) = s.children.get(*i) else { return };
            let deep = c.id.matches('/').count().min(4) as u16;
            let mut row = sheet.row(line.x, line.y, line.w.saturating_sub(1));
            row.gap(3 + 2 * deep).ink(Ink::Branch(*last), Role::Border);
            parts::mark(c.state, &mut row);
            let name = c.title.as_deref().unwrap_or(&c.id);
            row.gap(1).safe_in(name, 24, Role::Dim).gap(1);
            if let Some(p) = c.percent {
                row.text(&format!("{p:.0}%"), Role::Text).gap(1);
            }
            let words = c.text.as_deref().unwrap_or(if c.state == State::Working { "" } else { c.state.word() });
            row.safe(words, Role::of(c.state));
        }
        (RowKind::Eta { last }, Some(s)) => {
            let told = s.progress.as_ref().is_some_and(|p| p.eta_told);
            let words = s.progress.as_ref().and_then(eta_of).unwrap_or_default();
            let words = if told { format!("{words}, as it says") } else { words };
            let mut row = sheet.row(line.x, line.y, line.w);
            row.gap(3).ink(Ink::Branch(*last), Role::Border).text(&format!("ETA {words}"), Role::Dim);
        }
        _ => {}
    }
}

fn session_row(app: &App, s: &Session, depth: u16, last: bool, index: usize, line: Rect, sheet: &mut Sheet) {
    let shown = app.tabs.focused_session() == Some(&s.id);
    let mut row = sheet.row(line.x, line.y, line.w.saturating_sub(1));
    let marked = app.tree.selected.contains(&s.id);
    row.text(if marked { "+" } else { " " }, Role::Marked);
    if depth > 0 {
        row.gap(2 * depth).ink(Ink::Branch(last), Role::Border);
    }
    let at = row.x();
    parts::mark(s.state, &mut row);
    row.gap(1);
    row.sheet().hit(Rect::new(at, line.y, 2, 1), Hit::TreeRow { index, mark: true });
    let progress = s.progress.as_ref().filter(|_| !s.state.ended());
    let name_w = if line.w >= 38 { (line.w - 22).min(20).saturating_sub(2 * depth) } else { (line.w / 2).saturating_sub(2 * depth) };
    let name = format!("#{} {}", s.number, s.name);
    let role = match () {
        _ if shown => Role::Accent,
        _ if s.state == State::Waiting => Role::Waiting,
        _ if s.state.ended() || s.kind.watches() => Role::Dim,
        _ => Role::Name,
    };
    let from = row.x();
    // What is noted behind the name takes its room: the columns after it keep their place.
    let noted = [(s.unread && !shown, 1), (s.pinned, 4), (s.muted, 5)].into_iter().filter(|n| n.0).map(|n| n.1).sum::<u16>();
    row.safe_in(&name, if s.kind.watches() { name_w } else { name_w.saturating_sub(noted).max(name_w.min(8)) }, role);
    if s.unread && !shown {
        // Right behind a name that needs all the room: it is not to be cut for this.
        let rest = (from + name_w).saturating_sub(row.x());
        row.gap(u16::from(rest > noted)).text("*", Role::Unread);
    }
    if s.pinned {
        row.gap(1).text("pin", Role::Dim);
    }
    if s.muted {
        row.gap(1).text("mute", Role::Dim);
    }
    if s.kind.watches() {
        if !s.name.contains(s.kind.word()) {
            row.gap(1).text(s.kind.word(), Role::Dim);
        }
        return;
    }
    row.to(from + name_w + 1);
    let plain = row.sheet().plain;
    match (progress.and_then(parts::fraction), s.state) {
        (Some(f), State::Working | State::Idle | State::Verifying) if !plain => {
            let count = progress.and_then(parts::count).unwrap_or_default();
            let w = row.room().saturating_sub(8).min(10);
            if w >= 4 {
                row.ink(Ink::Bar(f, w), Role::ProgressFill);
                row.text(&format!("{count:>8}"), Role::Text);
            } else {
                row.text(&count, Role::Text);
            }
        }
        _ => {
            let words = parts::state_words_in(s, app.now, row.room());
            row.text(&words, Role::of(s.state));
            // No figure is known: how much it writes shows that it lives.
            let spark = (s.state == State::Working && !plain && progress.and_then(parts::fraction).is_none()).then(|| parts::activity(s, app.now, 8));
            if let Some(levels) = spark.flatten().filter(|l| row.room() > l.len() as u16 + 1) {
                row.gap(2).ink(Ink::Spark(levels), Role::Dim);
            }
        }
    }
}

/// The line beside the docked tree.
pub fn edge(areas: &Areas, sheet: &mut Sheet) {
    let line = areas.tree_line;
    if !sheet.plain {
        sheet.ink(line.x, line.y, Ink::Upright(line.h), Role::Border);
    }
    sheet.hit(line, Hit::TreeEdge);
}

/// The line beside the tree over the panes.
pub fn overlay_edge(rect: Rect, areas: &Areas, sheet: &mut Sheet) {
    if rect.right() < areas.panes.right() && !sheet.plain && rect.w > 0 {
        sheet.ink(rect.right() - 1, rect.y, Ink::Upright(rect.h), Role::DialogBorder);
    }
}
