//! The time bar below a recording: when that was, how far it is, its markers. Must not know how a recording is read.

use super::sheet::{Ink, Sheet};
use crate::app::replay::{Replay, ReplayState};
use crate::app::{App, Hit, PaneId};
use crate::base::Rect;
use crate::config::Role;

/// Columns the bar needs to be worth its room.
const LEAST: u16 = 12;

/// Lays the bar in the last row of a pane.
pub fn lay(app: &App, pane: PaneId, replay: &Replay, rect: Rect, sheet: &mut Sheet) {
    sheet.hit(rect, Hit::Title(pane));
    sheet.fill(rect, Role::StatusLine);
    let Some(state) = &replay.state else {
        sheet.row(rect.x, rect.y, rect.w).gap(1).text("reading the recording ...", Role::Dim);
        return;
    };
    let mut row = sheet.row(rect.x, rect.y, rect.w);
    row.gap(1).text(if state.playing { "playing" } else { "paused " }, Role::Accent).gap(1);
    row.text(&app.hour_minute_second(state.wall_ms), Role::Text).gap(2);
    row.text(&format!("{}/{}", minutes(state.at), minutes(state.length)), Role::Dim).gap(2);
    if (state.speed - 1.0).abs() > 0.01 && state.speed > 0.0 {
        row.text(&format!("{}x", state.speed), Role::Info).gap(2);
    }
    if state.trimmed {
        row.text("[trimmed]", Role::Warning).gap(1);
    }
    let last = state.marks.iter().rev().find(|m| m.at <= state.at && state.at - m.at < 10_000);
    if let Some(m) = last {
        let label = crate::base::text::safe_line(&m.label, 30);
        row.right(&[(label, Role::Info), (" ".to_owned(), Role::Text)], 30);
    }
    let w = row.room().saturating_sub(1);
    let x = row.x();
    if w < LEAST || sheet.plain {
        return;
    }
    bar(state, pane, Rect::new(x, rect.y, w, 1), sheet);
}

fn bar(state: &ReplayState, pane: PaneId, rect: Rect, sheet: &mut Sheet) {
    let last = u64::from(rect.w - 1).max(1);
    let length = state.length.max(1);
    let place = |at: u64| (at.min(length) * last / length) as u16;
    sheet.ink(rect.x, rect.y, Ink::Level(rect.w), Role::Border);
    for m in &state.marks {
        let role = if m.label.starts_with("error") || m.label.starts_with("gap") { Role::Error } else { Role::Accent };
        sheet.ink(rect.x + place(m.at), rect.y, Ink::Text("|".to_owned()), role);
    }
    sheet.ink(rect.x + place(state.at), rect.y, Ink::Text("●".to_owned()), Role::Text);
    for i in 0..rect.w {
        sheet.hit(Rect::new(rect.x + i, rect.y, 1, 1), Hit::Time { pane, at: u64::from(i) * length / last });
    }
}

fn minutes(ms: u64) -> String {
    let s = ms / 1000;
    if s >= 3600 { format!("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60) } else { format!("{}:{:02}", s / 60, s % 60) }
}
