//! The session card: all that is known of one session, and where from. Must not know other sessions.

use super::dialogs::side_panel;
use super::parts;
use super::sheet::{Ink, Sheet};
use crate::app::clock::eta_of;
use crate::app::{App, Areas};
use crate::base::{SessionId, clock, text};
use crate::config::Role;
use crate::wire::facts::Usage;
use crate::wire::{Session, State};
use std::time::Duration;

/// Lines of an edit that is asked for.
const CHANGES: usize = 12;

enum Line {
    Pair(&'static str, String, Role),
    Bar(f64, String),
    Item(String, String, State, bool),
    Head(&'static str),
}

/// Lays the card.
pub fn lay(app: &App, areas: &Areas, id: &SessionId, top: u16, sheet: &mut Sheet) {
    let Some(s) = app.mirror.get(id) else { return };
    let title = format!("#{} {} [{}]", s.number, text::safe_line(&s.name, 30), s.state.word());
    let Some(body) = side_panel(areas, &title, sheet) else { return };
    let lines = lines(app, s);
    let top = usize::from(top).min(lines.len().saturating_sub(usize::from(body.h)));
    if sheet.plain {
        sheet.cursor = Some((body.x + 1, body.y));
    }
    for (i, l) in lines.iter().skip(top).take(usize::from(body.h)).enumerate() {
        let y = body.y + i as u16;
        let mut row = sheet.row(body.x, y, body.w.saturating_sub(1));
        row.gap(1);
        match l {
            Line::Pair(name, value, role) => {
                row.text(name, Role::Dim).to(body.x + 14).safe(value, *role);
            }
            Line::Bar(f, words) => {
                row.text("Progress", Role::Dim).to(body.x + 14);
                if !row.sheet().plain {
                    row.ink(Ink::Bar(*f, 20), Role::ProgressFill).gap(1);
                }
                row.text(words, Role::Text);
            }
            Line::Item(name, count, state, last) => {
                row.gap(13).ink(Ink::Branch(*last), Role::Border).safe_in(name, 24, Role::Text).to(body.x + 42);
                row.text(&format!("{count:>8}"), Role::Text).gap(1).ink(Ink::Mark(*state), Role::of(*state));
            }
            Line::Head(h) => {
                row.text(h, Role::Heading);
            }
        }
    }
}

fn lines(app: &App, s: &Session) -> Vec<Line> {
    let mut out = Vec::new();
    let pair = |out: &mut Vec<Line>, name, value: String| {
        if !value.is_empty() {
            out.push(Line::Pair(name, value, Role::Text));
        }
    };
    pair(&mut out, "Task", s.task.clone());
    out.push(Line::Pair("State", parts::state_words(s, app.now), Role::of(s.state)));
    if let Some(w) = &s.waiting_for {
        pair(&mut out, "Waits for", w.text.clone());
        w.changes.iter().take(CHANGES).for_each(|l| pair(&mut out, "", l.clone()));
        if let Some(rest) = w.changes_rest(CHANGES) {
            pair(&mut out, "", rest);
        }
    }
    let span = |ms: u64| clock::short(Duration::from_millis(ms / 10_000 * 10_000));
    let until = if s.ended_ms > 0 { s.ended_ms } else { app.now.wall_ms };
    let ran = span(until.saturating_sub(s.started_ms));
    let paused = if s.paused_ms >= 1000 { format!(", paused {}", span(s.paused_ms)) } else { String::new() };
    pair(
        &mut out,
        "Started",
        format!("{}, {ran} ago{paused}", app.hour_minute(s.started_ms)).replace(" ago", if s.ended_ms > 0 { " long" } else { " ago" }),
    );
    pair(&mut out, "Agent", format!("{}  {}", s.agent, s.pid.map(|p| format!("pid {p}")).unwrap_or_default()));
    pair(&mut out, "Kind", s.kind.word().to_owned());
    out.push(Line::Pair("Folder", text::cut_middle(&text::safe_line(&s.cwd, 400), 50), Role::Text));
    if let Some(b) = &s.branch {
        out.push(Line::Pair("Branch", text::safe_line(b, 50), Role::Branch));
    }
    if let Some(c) = &s.changes {
        let uncommitted = if c.uncommitted > 0 { format!(", {} uncommitted", c.uncommitted) } else { String::new() };
        pair(&mut out, "Changed", format!("{} files  +{} -{}  {} commits{uncommitted}", c.files, c.added, c.removed, c.commits));
    }
    if let Some(p) = &s.phase {
        let last = s.phases.iter().map(|p| p.number).max().unwrap_or(p.number).max(p.number);
        let of = if last > p.number { format!(" of {last}") } else { String::new() };
        pair(&mut out, "Phase", format!("{}{of} {}{}", p.number, p.text, if p.done { ", complete" } else { "" }));
    }
    if let Some(u) = &s.usage {
        usage(u, app, &mut out);
    }
    if let Some(p) = &s.progress {
        if let Some(f) = parts::fraction(p) {
            let to_go =
                eta_of(p).filter(|_| !s.state.ended()).map(|t| format!("  {t}{}", if p.eta_told { ", as it says" } else { "" })).unwrap_or_default();
            out.push(Line::Bar(f, format!("{}{to_go}", parts::count(p).unwrap_or_default())));
        }
        for (i, item) in p.items.iter().enumerate() {
            let state = if item.total > 0 && item.done >= item.total {
                State::Done
            } else if item.done > 0 {
                State::Working
            } else {
                State::Queued
            };
            let state = if item.total == 0 && item.state == "done" { State::Done } else { state };
            let count = if item.total == 0 { item.current.clone().unwrap_or_default() } else { format!("{}/{}", item.done, item.total) };
            out.push(Line::Item(item.name.clone(), count, state, i + 1 == p.items.len()));
        }
        pair(&mut out, "Current", p.current.clone().unwrap_or_default());
        pair(&mut out, "Speed", p.per_minute.map(|n| format!("{n:.1} a minute")).unwrap_or_default());
    }
    if !s.children.is_empty() {
        out.push(Line::Head("Sub-agents"));
        for (i, c) in s.children.iter().enumerate() {
            let words = c.percent.map(|p| format!("{p:.0}%")).unwrap_or_default();
            out.push(Line::Item(c.title.clone().unwrap_or_else(|| c.id.clone()), words, c.state, i + 1 == s.children.len()));
        }
    }
    for h in &s.handoffs {
        pair(&mut out, "Handed over", crate::app::asked::handoff_line(h));
    }
    if !s.plan.is_empty() {
        out.push(Line::Head("Plan"));
        for (i, step) in s.plan.iter().enumerate() {
            let state = match step.state.as_str() {
                "done" => State::Done,
                "working" => State::Working,
                "blocked" => State::Failed,
                _ => State::Queued,
            };
            out.push(Line::Item(step.text.clone(), String::new(), state, i + 1 == s.plan.len()));
        }
    }
    let load = match (s.cpu_percent, s.memory_bytes) {
        (Some(c), Some(m)) => format!(
            "cpu {c:.0}%  mem {}{}",
            parts::bytes(m),
            s.processes.map(|n| format!("  {n} process{}", if n == 1 { "" } else { "es" })).unwrap_or_default()
        ),
        _ => String::new(),
    };
    pair(&mut out, "Load", load);
    if s.queued > 0 {
        pair(&mut out, "Queued", format!("{} follow-ups wait for the end of the turn", s.queued));
    }
    pair(&mut out, "Note", s.note.clone().unwrap_or_default());
    for e in s.errors.iter().rev().filter(|e| !e.resolved).take(3) {
        out.push(Line::Pair("Error", if e.count > 1 { format!("{} x{}", e.title, e.count) } else { e.title.clone() }, Role::Error));
    }
    if !s.evidence.is_empty() {
        out.push(Line::Head("Where it is known from"));
        for (what, e) in &s.evidence {
            let age = clock::short(Duration::from_millis(e.age_ms));
            out.push(Line::Pair("", format!("{what}: {}, {age} ago, {:.0}% sure", e.source, e.confidence * 100.0), Role::Dim));
        }
    }
    out
}

/// Tokens, cost and limits, as the agent's log tells them.
fn usage(u: &Usage, app: &App, out: &mut Vec<Line>) {
    let mut words = Vec::new();
    words.extend(u.model.clone());
    words.extend(u.input_tokens.map(|n| format!("{} in", parts::thousands(n))));
    words.extend(u.output_tokens.map(|n| format!("{} out", parts::thousands(n))));
    words.extend(u.context_left_percent.map(|p| format!("context {p:.0}% left")));
    words.extend(u.cost_usd.map(|c| format!("${c:.2}")));
    if !words.is_empty() {
        out.push(Line::Pair("Used", words.join("  "), Role::Text));
    }
    for l in &u.limits {
        let until = l.resets.as_ref().map(|t| format!(", anew at {}", app.clock_of(t))).unwrap_or_default();
        let used = l.used_percent.map(|p| format!("{p:.0}% used")).unwrap_or_default();
        let role = if l.used_percent.is_some_and(|p| p >= 90.0) { Role::Waiting } else { Role::Text };
        out.push(Line::Pair("Limit", format!("{}: {used}{until}", l.name), role));
    }
}
