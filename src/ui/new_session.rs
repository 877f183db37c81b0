//! The new-session dialog. Must not know how a session is started.

use super::dialogs::{buttons, field, scrolled, window};
use super::sheet::Sheet;
use crate::app::dialog::{COMMAND, Field, NewForm, RECORD};
use crate::app::{App, Areas, Hit};
use crate::base::{Rect, text};
use crate::config::Role;
use crate::wire::Kind;

const LABEL: u16 = 9;

/// Lays the dialog.
pub fn lay(app: &App, areas: &Areas, form: &NewForm, sheet: &mut Sheet) {
    let low = areas.screen.h < 18;
    let rect = window(areas, "New session", 72, if low { 8 } else { 13 }, sheet);
    let choices = NewForm::agents(&app.mirror.agents);
    let chosen = form.chosen(&choices);
    let command = choices.get(chosen).is_some_and(|c| c.name == COMMAND);
    let gap = u16::from(!low);
    let mut y = rect.y + gap;
    let x = rect.x + LABEL;
    let w = rect.w.saturating_sub(LABEL);
    let label = |name: &str, f: Field, y: u16, sheet: &mut Sheet| {
        let here = form.field == f;
        sheet.row(rect.x, y, LABEL).text(name, if here { Role::Accent } else { Role::Dim });
    };
    let fits = |y: u16| y < rect.bottom();

    // What is to be done: up to three lines.
    label(if command { "Command" } else { "Task" }, Field::Task, y, sheet);
    let lines = form.task.lines();
    let most = if low { 1 } else { 3 };
    let here = form.field == Field::Task;
    let (row_at, col_at) = form.task.cursor();
    let top = (row_at + 1).saturating_sub(most);
    sheet.hit(Rect::new(rect.x, y, rect.w, most as u16), Hit::Field(0));
    sheet.fill(Rect::new(x, y, w, most as u16), Role::Input);
    for i in 0..most {
        let Some(line) = lines.get(top + i) else { break };
        let on = top + i == row_at && here;
        let (shown, col) = scrolled(line, if on { col_at } else { 0 }, usize::from(w.saturating_sub(1)));
        sheet.row(x, y + i as u16, w).text(&shown, Role::Input);
        if on {
            sheet.cursor = Some((x + col as u16, y + i as u16));
        }
    }
    if form.task.is_empty() {
        let hint = if command { "make test" } else { "what should the agent do? (may stay empty)" };
        sheet.row(x, y, w).text(hint, Role::Placeholder);
    }
    y += most as u16 + gap;

    // Agents side by side, then what is known of the one chosen.
    label("Agent", Field::Agent, y, sheet);
    sheet.hit(Rect::new(rect.x, y, rect.w, 1), Hit::Field(1));
    let names: Vec<String> = choices.iter().map(|c| text::safe_line(&c.name, 16)).collect();
    let mut first = 0;
    let width = |from: usize, to: usize| names.get(from..=to).unwrap_or_default().iter().map(|n| text::width(n) + 4).sum::<usize>();
    while first < chosen && width(first, chosen) > usize::from(w) {
        first += 1;
    }
    let mut row = sheet.row(x, y, w);
    for (i, (name, c)) in names.iter().zip(&choices).enumerate().skip(first) {
        let (open, close) = if i == chosen { ("[", "]") } else { (" ", " ") };
        let role = match (i == chosen, c.install.is_some(), form.field == Field::Agent) {
            (true, _, true) => Role::ButtonFocus,
            (true, false, _) => Role::Accent,
            (_, true, _) => Role::Dim,
            _ => Role::Text,
        };
        let rest = usize::from(i + 1 < names.len());
        if text::width(name) + 2 + 2 * rest > usize::from(row.room()) {
            row.text("…", Role::Dim);
            break;
        }
        row.link(&format!("{open}{name}{close}"), role, Hit::Choice { field: 1, choice: i }).gap(1);
    }
    if form.field == Field::Agent && sheet.plain {
        sheet.cursor = Some((x, y));
    }
    y += 1;
    if fits(y)
        && !low
        && let Some(c) = choices.get(chosen)
    {
        let mut row = sheet.row(x, y, w);
        row.gap(1);
        match (&c.install, &c.version) {
            (Some(install), _) => {
                row.text("not installed: ", Role::Warning).safe(install, Role::Text);
            }
            (None, Some(v)) => {
                row.safe(v, Role::Dim);
            }
            (None, None) if command => {
                row.text("runs in a shell", Role::Dim);
            }
            _ => {}
        }
        if choices.iter().all(|c| c.install.is_some() || c.name == COMMAND || c.name == "shell") && c.install.is_none() && !command {
            row.text("  no agent found here; ← → shows how to install one", Role::Dim);
        }
    }
    y += gap;

    label("Runs in", Field::Kind, y, sheet);
    sheet.hit(Rect::new(rect.x, y, rect.w, 1), Hit::Field(2));
    let mut row = sheet.row(x, y, w);
    let kinds = [(Kind::Primary, "the folder itself"), (Kind::Isolated, "a worktree and branch of its own")];
    for (i, (kind, name)) in kinds.iter().enumerate() {
        let on = form.kind == *kind;
        let (open, close) = if on { ("[", "]") } else { (" ", " ") };
        let role = match (on, form.field == Field::Kind) {
            (true, true) => Role::ButtonFocus,
            (true, false) => Role::Accent,
            _ => Role::Text,
        };
        row.link(&format!("{open}{name}{close}"), role, Hit::Choice { field: 2, choice: i }).gap(1);
    }
    if form.field == Field::Kind && sheet.plain {
        sheet.cursor = Some((x, y));
    }
    y += 1;
    for (i, (name, f, editor, hint)) in
        [("Folder", Field::Folder, &form.folder, "/path/of/the/project"), ("Name", Field::Name, &form.name, "made from the task")]
            .into_iter()
            .enumerate()
    {
        if fits(y) {
            label(name, f, y, sheet);
            sheet.hit(Rect::new(rect.x, y, rect.w, 1), Hit::Field(3 + i));
            field(editor, x, y, w, hint, form.field == f, sheet);
        }
        y += 1;
    }
    if fits(y + 1) {
        label("Recorded", Field::Record, y, sheet);
        sheet.hit(Rect::new(rect.x, y, rect.w, 1), Hit::Field(5));
        let mut row = sheet.row(x, y, w);
        for (i, (record, name)) in RECORD.iter().enumerate() {
            let on = form.record == *record;
            let (open, close) = if on { ("[", "]") } else { (" ", " ") };
            let role = match (on, form.field == Field::Record) {
                (true, true) => Role::ButtonFocus,
                (true, false) => Role::Accent,
                _ => Role::Text,
            };
            row.link(&format!("{open}{name}{close}"), role, Hit::Choice { field: 5, choice: i }).gap(1);
        }
        if form.field == Field::Record && sheet.plain {
            sheet.cursor = Some((x, y));
        }
        y += 1;
    }
    y += gap;
    if fits(y) {
        if let Some(e) = &form.error {
            sheet.row(rect.x, y, rect.w).safe(e, Role::Error);
        } else if form.busy {
            sheet.row(rect.x, y, rect.w).text("starting ...", Role::Info);
        } else {
            buttons([("Enter start", true), ("Esc leave", false)], x, y, w, sheet);
        }
    }
}
