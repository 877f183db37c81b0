//! Why a session has the state it has: the verdict, every live signal and what it lost against, what was thought before. Must not
//! know how evidence is weighed.

use super::dialogs::side_panel;
use super::parts;
use super::sheet::{Row, Sheet};
use crate::app::{App, Areas};
use crate::base::{SessionId, clock, text};
use crate::config::Role;
use crate::wire::State;
use crate::wire::explain::{Explanation, SignalFact};
use std::time::Duration;

enum Line<'e> {
    Words(String, Role),
    Signal(&'e SignalFact),
    Said(String, &'e str, String),
    Past(String, State, &'e str, String),
}

fn age(ms: u64) -> String {
    clock::short(Duration::from_millis(ms))
}

/// Lays the panel.
pub fn lay(app: &App, areas: &Areas, id: &SessionId, told: Option<&Explanation>, top: u16, sheet: &mut Sheet) {
    let Some(s) = app.mirror.get(id) else { return };
    let title = format!("WHY #{} {} is {}", s.number, text::safe_line(&s.name, 30), s.state.word());
    let Some(body) = side_panel(areas, &title, sheet) else { return };
    let lines = told.map_or_else(|| vec![Line::Words("asking the server".into(), Role::Dim)], |e| lines(app, e, usize::from(body.w)));
    let top = usize::from(top).min(lines.len().saturating_sub(usize::from(body.h)));
    if sheet.plain {
        sheet.cursor = Some((body.x + 1, body.y));
    }
    for (i, l) in lines.iter().skip(top).take(usize::from(body.h)).enumerate() {
        let mut row = sheet.row(body.x, body.y + i as u16, body.w.saturating_sub(1));
        row.gap(1);
        draw(l, &mut row, body.x);
    }
}

fn draw(l: &Line<'_>, row: &mut Row<'_>, x: u16) {
    match l {
        Line::Words(t, role) => _ = row.safe(t, *role),
        Line::Signal(s) => {
            parts::mark(s.state, row);
            row.gap(1).safe_in(&s.source, 9, if s.won { Role::Accent } else { Role::Text }).to(x + 13).text(s.state.word(), Role::of(s.state));
            row.to(x + 23).text(&format!("{:>4}", age(s.age_ms)), Role::Dim).to(x + 29);
            let (words, role) = match &s.lost_to {
                None => ("decides".to_owned(), Role::Success),
                Some(w) if s.contradicts => (format!("contradicts {w}, newer"), Role::Error),
                Some(w) if s.differs => (format!("lost to {w}"), Role::Dim),
                Some(w) => (format!("agrees with {w}"), Role::Dim),
            };
            row.text(&words, role);
            if let Some(t) = &s.text {
                row.gap(2).safe(t, Role::Dim);
            }
        }
        Line::Said(what, source, age) => {
            row.safe_in(source, 9, Role::Dim).to(x + 12).text(&format!("{age:>4}"), Role::Dim).gap(2).safe(what, Role::Text);
        }
        Line::Past(time, state, source, words) => {
            row.text(time, Role::Dim).gap(1);
            parts::mark(*state, row);
            row.gap(1).text(state.word(), Role::of(*state)).to(x + 23).safe_in(source, 9, Role::Dim).to(x + 33).safe(words, Role::Dim);
        }
    }
}

fn lines<'e>(app: &App, e: &'e Explanation, cols: usize) -> Vec<Line<'e>> {
    let mut out = Vec::new();
    // The verdict is a sentence: it takes the rows it needs.
    let mut line = String::new();
    for word in text::safe_line(&e.verdict, 400).split(' ') {
        if !line.is_empty() && text::width(&line) + text::width(word) + 3 > cols {
            out.push(Line::Words(std::mem::take(&mut line), Role::Text));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    out.push(Line::Words(line, Role::Text));
    if e.unsure {
        out.push(Line::Words("unsure: a guess more than a fact".into(), Role::Waiting));
    }
    let head = |out: &mut Vec<Line<'_>>, t: &str| {
        out.push(Line::Words(String::new(), Role::Text));
        out.push(Line::Words(t.to_owned(), Role::Heading));
    };
    if !e.signals.is_empty() {
        head(&mut out, "Signals, the highest authority first");
        out.extend(e.signals.iter().map(Line::Signal));
    }
    if !e.progress.is_empty() {
        head(&mut out, "Progress");
        out.extend(e.progress.iter().map(|p| Line::Said(p.what.clone(), &p.source, age(p.age_ms))));
    }
    if !e.history.is_empty() {
        head(&mut out, "Before, the newest first");
        for p in e.history.iter().rev() {
            let at = app.now.wall_ms.saturating_sub(p.age_ms);
            out.push(Line::Past(app.hour_minute_second(at), p.state, &p.source, p.text.clone().unwrap_or_default()));
        }
    }
    out
}
