//! The line at the top: counts of all sessions, tabs, load, clock; in a low window also the title of the pane. Must not know
//! single sessions but the focused one.

use super::parts;
use super::sheet::{Ink, Row, Sheet};
use super::title;
use crate::app::areas::WIDE;
use crate::app::tree::project_name;
use crate::app::{App, Areas, Hit};
use crate::base::{Rect, text};
use crate::command::Cmd;
use crate::config::Role;
use crate::wire::State;

/// States counted at the top, in this order.
const COUNTED: [State; 5] = [State::Waiting, State::Working, State::Paused, State::Idle, State::Failed];

fn counts(app: &App) -> Vec<(State, usize)> {
    COUNTED.into_iter().map(|s| (s, app.mirror.working_set().filter(|x| x.state == s).count())).collect()
}

/// Lays the line.
pub fn lay(app: &App, areas: &Areas, sheet: &mut Sheet) {
    let rect = areas.top;
    if rect.is_empty() {
        return;
    }
    sheet.fill(rect, Role::StatusLine);
    let merged = !areas.titles;
    let mut row = sheet.row(rect.x, rect.y, rect.w);
    row.gap(1);
    if merged {
        return low(app, &mut row);
    }
    let clock = app.hour_minute(app.now.wall_ms);
    row.right(&[(format!("{clock} "), Role::Dim)], 30);
    if app.setup.read_only {
        row.right(&[("read-only   ".to_owned(), Role::Warning)], 30);
    }
    let errors = app.mirror.open_errors();
    if errors > 0 {
        let word = if errors == 1 { "1 error" } else { &format!("{errors} errors") };
        if let Some(x) = row.take_right(text::width(word) as u16 + 4, 30) {
            let y = rect.y;
            row.sheet().row(x, y, rect.w - x).link(word, Role::Error, Hit::Key(Cmd::ErrorsOpen));
        }
    }
    if rect.w >= WIDE {
        let live = || app.mirror.working_set().filter(|s| !s.state.ended());
        // The sum of nothing is minus zero.
        let cpu = live().filter_map(|s| s.cpu_percent).fold(0.0, |a, b| a + b);
        let mem: u64 = live().filter_map(|s| s.memory_bytes).sum();
        if live().any(|s| s.memory_bytes.is_some()) {
            // Fixed widths, so that nothing moves when figures change.
            row.right(&[(format!("cpu {cpu:>4.0}%  mem {:>5}    ", parts::bytes(mem)), Role::Dim)], 40);
        }
    }
    let project = app.tabs.focused_session().and_then(|id| app.mirror.get(id)).map_or(&app.setup.cwd, |s| &s.project);
    row.text(&project_name(project), Role::Heading);
    tabs(app, &mut row);
    let counted: Vec<(State, usize)> = counts(app).into_iter().filter(|(_, n)| *n > 0).collect();
    let words: Vec<(State, String)> = counted.iter().map(|(s, n)| (*s, format!("{n} {}", s.word()))).collect();
    let width: usize = words.iter().map(|(_, w)| text::width(w) + 3).sum();
    // In the middle when there is room, so that it stays where it is.
    let middle = (rect.w / 2).saturating_sub(width as u16 / 2);
    if usize::from(row.room()) < width {
        return marks(&counted, &mut row);
    }
    row.gap(3).to(middle);
    for (i, (state, word)) in words.iter().enumerate() {
        if i > 0 {
            row.text(" · ", Role::Dim);
        }
        let cmd = if *state == State::Waiting { Cmd::InboxOpen } else { Cmd::TreeFocus };
        row.link(word, Role::of(*state), Hit::Key(cmd));
    }
}

/// The counts where there is no room for words: ` ◆1 ●3`, as many as fit.
fn marks(counted: &[(State, usize)], row: &mut Row<'_>) {
    row.gap(2);
    for (state, n) in counted {
        if row.room() < 4 {
            return;
        }
        let from = row.x();
        row.ink(Ink::Mark(*state), Role::of(*state)).text(&n.to_string(), Role::of(*state));
        let (to, y) = (row.x(), row.y());
        let cmd = if *state == State::Waiting { Cmd::InboxOpen } else { Cmd::TreeFocus };
        row.sheet().hit(Rect::new(from, y, to - from, 1), Hit::Key(cmd));
        row.gap(1);
    }
}

/// The tabs, of many those around the one that is shown.
fn tabs(app: &App, row: &mut Row<'_>) {
    let all = app.tabs.all();
    if all.len() < 2 {
        return;
    }
    row.gap(if row.room() < 40 { 1 } else { 3 });
    let label = |i: usize| {
        let tab = all.get(i)?;
        let name = match &tab.name {
            Some(n) => text::safe_line(n, 16),
            None => {
                let first = app.tabs.session(tab.focus).and_then(|id| app.mirror.get(id));
                first.map_or_else(|| "empty".to_owned(), |s| text::safe_line(&s.name, 16))
            }
        };
        Some(format!("{} {name}", i + 1))
    };
    let width = |i: usize| label(i).map_or(0, |l| text::width(&l) as u16 + 2);
    let active = app.tabs.active();
    // A mark at each end for those that are left out.
    let fits = |from: usize, to: usize| (from..=to).map(width).sum::<u16>() <= row.room().saturating_sub(2 * u16::from(from > 0) + 2);
    let mut first = 0;
    while first < active && !fits(first, active) {
        first += 1;
    }
    if first > 0 {
        row.link("…", Role::Tab, Hit::Tab(first - 1)).gap(1);
    }
    for i in first..all.len() {
        if i > active && row.room() < width(i) + 2 {
            row.link("…", Role::Tab, Hit::Tab(i)).gap(1);
            return;
        }
        let role = if i == active { Role::TabActive } else { Role::Tab };
        row.link(&label(i).unwrap_or_default(), role, Hit::Tab(i)).gap(2);
    }
}

/// Columns of the bar in a low window.
const BAR: usize = 8;

/// ` ◆ 1 ● 3 ‖ 1 ✗ 0  #3 name  agent  branch      working ███████▊░░ 80% ~8m`
fn low(app: &App, row: &mut Row<'_>) {
    let wide = row.room() >= 60;
    // Some fonts draw the marks wider than their cell: where there is room, nothing stands right beside them.
    let air = u16::from(row.room() >= 90);
    for (state, n) in counts(app) {
        if n == 0 && (state == State::Idle || !wide) {
            continue;
        }
        let role = if n == 0 { Role::Dim } else { Role::of(state) };
        row.ink(Ink::Mark(state), role).gap(air).text(&n.to_string(), role).gap(1);
    }
    if app.tabs.all().len() > 1 {
        row.gap(1).text(&format!("tab {}/{}", app.tabs.active() + 1, app.tabs.all().len()), Role::Tab);
    }
    row.gap(2 - air);
    if app.setup.read_only {
        row.right(&[("read-only ".to_owned(), Role::Warning)], 20);
    }
    let Some(s) = app.tabs.focused_session().and_then(|id| app.mirror.get(id)) else {
        row.text(&project_name(&app.setup.cwd), Role::Heading);
        return;
    };
    title::notes(app, app.tabs.focus(), row);
    let y = 0;
    let words = parts::state_words(s, app.now);
    let bar = s.progress.as_ref().filter(|_| !s.state.ended());
    let fraction = bar.and_then(parts::fraction);
    let eta = bar.and_then(|p| p.eta_seconds).map(crate::app::clock::eta).unwrap_or_default();
    if let Some(f) = fraction {
        let tail = format!(" {:.0}% {eta} ", f * 100.0);
        let w = (text::width(&words) + 1 + BAR + text::width(&tail)) as u16;
        if let Some(x) = row.take_right(w, 30) {
            let mut right = row.sheet().row(x, y, w);
            right.text(&words, Role::of(s.state)).gap(1).ink(Ink::Bar(f, BAR as u16), Role::ProgressFill).text(&tail, Role::Text);
            return title::name(s, true, row);
        }
    }
    row.right(&[(format!("  {words} "), Role::of(s.state))], 12);
    title::name(s, true, row);
}
