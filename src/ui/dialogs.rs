//! Windows in the middle and panels at the bottom, and the small dialogs. Must not know what an answer does.

use super::sheet::{Ink, Sheet};
use crate::app::dialog::Ask;
use crate::app::input::Editor;
use crate::app::list_state::ListState;
use crate::app::modes::wrapped;
use crate::app::{App, Areas, Hit};
use crate::base::{Rect, text};
use crate::config::Role;

/// A window in the middle of the screen with a title; the room inside it. On a small screen, and for screen readers, it takes
/// everything but the status line and has no frame.
pub fn window(areas: &Areas, title: &str, w: u16, h: u16, sheet: &mut Sheet) -> Rect {
    let screen = Rect { h: areas.screen.h - areas.status.h, ..areas.screen };
    let bare = sheet.plain || screen.h < h + 2 || screen.w < w + 4;
    sheet.hit(areas.screen, Hit::Outside);
    if bare {
        let rect = screen;
        sheet.hit(rect, Hit::Panel);
        sheet.fill(rect, Role::Dialog);
        let (head, rest) = rect.take_top(1);
        sheet.row(head.x, head.y, head.w).gap(1).text(title, Role::DialogTitle);
        return Rect { x: rest.x + 1.min(rest.w), w: rest.w.saturating_sub(2), ..rest };
    }
    let outer = screen.centered(w + 4, h + 2);
    // A little above the middle, where the eye is.
    let outer = Rect { y: outer.y - outer.y / 4, ..outer };
    sheet.hit(outer, Hit::Panel);
    sheet.fill(outer, Role::Dialog);
    sheet.ink(outer.x, outer.y, Ink::Frame(outer.w, outer.h), Role::DialogBorder);
    sheet.row(outer.x + 2, outer.y, outer.w - 4).text(&format!(" {title} "), Role::DialogTitle);
    Rect { x: outer.x + 2, y: outer.y + 1, w: outer.w - 4, h: outer.h - 2 }
}

/// A panel over the panes with a title in its upper edge; the room below it.
pub fn panel(areas: &Areas, title: &str, list: Option<&ListState>, sheet: &mut Sheet) -> Option<Rect> {
    let rect = areas.panel.filter(|r| !r.is_empty())?;
    sheet.cover(rect, areas.panes);
    let (head, body) = rect.take_top(1);
    if !sheet.plain {
        sheet.ink(head.x, head.y, Ink::Level(head.w), Role::DialogBorder);
    }
    let mut row = sheet.row(head.x, head.y, head.w);
    row.gap(1).text(&format!(" {title} "), Role::DialogTitle);
    if let Some(l) = list.filter(|l| l.filtering || !l.filter.is_empty()) {
        row.text(" /", Role::Key).text(&text::safe_line(&l.filter.text(), 40), Role::Text).text(" ", Role::Text);
        let x = row.x();
        if l.filtering {
            sheet.cursor = Some((x.saturating_sub(1), head.y));
        }
    }
    Some(body)
}

/// A panel about one thing, with a line at its left where it stands beside the panes.
pub fn side_panel(areas: &Areas, title: &str, sheet: &mut Sheet) -> Option<Rect> {
    let body = panel(areas, title, None, sheet)?;
    let beside = body.right() < areas.screen.w || body.x > areas.panes.x;
    if !beside || sheet.plain {
        return Some(body);
    }
    sheet.ink(body.x, body.y, Ink::Upright(body.h), Role::DialogBorder);
    Some(Rect { x: body.x + 1, w: body.w.saturating_sub(1), ..body })
}

/// The part of a line that fits around the cursor (in characters), and the column of the cursor in it.
pub fn scrolled(line: &str, cursor: usize, room: usize) -> (String, usize) {
    let safe = |s: &str| text::safe_line(s, usize::MAX / 16);
    let before: String = line.chars().take(cursor).collect();
    // Blanks before the cursor count: they are only dropped at the end of the whole.
    let width_before = text::width(&safe(&format!("{before}|"))).saturating_sub(1);
    if width_before < room.max(1) {
        return (text::safe_line(line, room), width_before);
    }
    let mut start = 0;
    let chars: Vec<char> = before.chars().collect();
    while text::width(&chars.get(start..).unwrap_or_default().iter().collect::<String>()) >= room.max(1) && start < chars.len() {
        start += 1;
    }
    let rest: String = line.chars().skip(start).collect();
    let col = text::width(&chars.get(start..).unwrap_or_default().iter().collect::<String>());
    (text::safe_line(&rest, room), col.min(room))
}

/// A line to type in; the cursor stands in it when `here`.
pub fn field(editor: &Editor, x: u16, y: u16, w: u16, placeholder: &str, here: bool, sheet: &mut Sheet) {
    let rect = Rect::new(x, y, w, 1);
    sheet.fill(rect, Role::Input);
    let (row, col) = editor.cursor();
    let line = editor.lines().get(if here { row } else { 0 }).cloned().unwrap_or_default();
    let (shown, at) = scrolled(&line, if here { col } else { 0 }, usize::from(w.saturating_sub(1)));
    if editor.is_empty() {
        sheet.row(x, y, w).text(placeholder, Role::Placeholder);
    } else {
        sheet.row(x, y, w).text(&shown, Role::Input);
    }
    if here {
        sheet.cursor = Some((x + at as u16, y));
    }
}

/// Two buttons, the one with the focus marked.
pub fn buttons(names: [(&str, bool); 2], x: u16, y: u16, w: u16, sheet: &mut Sheet) {
    let mut row = sheet.row(x, y, w);
    for (i, (name, focused)) in names.iter().enumerate() {
        let label = if *focused { format!("[ {name} ]") } else { format!("  {name}  ") };
        let label = if usize::from(row.room()) < text::width(&label) { label.trim().to_owned() } else { label };
        row.link(&label, if *focused { Role::ButtonFocus } else { Role::Button }, Hit::Button(i)).gap(2);
    }
}

/// What stopping does.
const ENDS: &str = "Every process it started ends. Files stay as they are.";

/// Yes or no, naming what it is about.
pub fn confirm(app: &App, areas: &Areas, lines: &[String], yes: bool, stands: bool, sheet: &mut Sheet) {
    let title = if lines.len() == 1 { "Stop this session?".to_owned() } else { format!("Stop {} sessions?", lines.len()) };
    let most = usize::from(areas.screen.h.saturating_sub(8)).max(1);
    let w = lines.iter().map(|l| text::width(l)).max().unwrap_or(0).clamp(text::width(ENDS), 90) as u16;
    let shown = lines.len().min(most);
    let ends = wrapped(&[ENDS.to_owned()], usize::from(w.min(areas.screen.w.saturating_sub(2))));
    let rect = window(areas, &title, w, (shown + ends.len()) as u16 + 4, sheet);
    let mut y = rect.y + 1.min(rect.h.saturating_sub(4));
    for (i, l) in lines.iter().take(shown).enumerate() {
        let more = i + 1 == shown && lines.len() > shown;
        let line = if more { format!("and {} more", lines.len() - i) } else { l.clone() };
        sheet.row(rect.x, y, rect.w).text(&line, Role::Text);
        y += 1;
    }
    for line in &ends {
        sheet.row(rect.x, y, rect.w).text(line.trim_end(), Role::Dim);
        y += 1;
    }
    y += 1;
    let key = |cmd| app.config.keymap.key_in(&[crate::command::Scope::Dialog], cmd).map(|k| crate::config::keys_label(&k)).unwrap_or_default();
    let (y_key, n_key) = (key(crate::command::Cmd::ListYes), key(crate::command::Cmd::ListNo));
    if y < rect.bottom() {
        let yes_label = format!("{y_key} stop");
        buttons([(&yes_label, yes && stands), (&format!("{n_key} keep"), !yes)], rect.x, y, rect.w, sheet);
    }
    if sheet.plain {
        sheet.cursor = Some((rect.x, y.min(rect.bottom().saturating_sub(1))));
    }
}

/// A line asked for.
pub fn ask(areas: &Areas, what: &Ask, editor: &Editor, sheet: &mut Sheet) {
    let title = match what {
        Ask::RenameSession(_) => "Rename session",
        Ask::RenameTab => "Rename tab",
        Ask::ReplayGoTo => "Go to a moment",
        Ask::Answer { refuses: true, .. } => "Refuse, and say why",
        Ask::Answer { .. } => "Answer",
    };
    let hint = if matches!(what, Ask::ReplayGoTo) { "50%, or 1:30 from the beginning" } else { "name" };
    let rect = window(areas, title, 46, 3, sheet);
    field(editor, rect.x, rect.y + 1.min(rect.h.saturating_sub(1)), rect.w, hint, true, sheet);
}
