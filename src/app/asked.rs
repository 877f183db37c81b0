//! What a session asks, in lines for the inbox, and whether all of it was seen. A yes counts only for what was seen whole: what
//! has no room is opened first. Must not know how it is drawn, or how an answer reaches an agent.

use super::App;
use super::mirror::open_handoff;
use super::modes::{Layer, Summary, wrapped};
use crate::base::{SessionId, text};
use crate::wire::Session;
use crate::wire::facts::{Handoff, Waiting};
use crate::wire::message::Level;

/// Rows that what is asked takes at most under the cursor.
const ASKED: usize = 60;
/// Columns of one option at most, as many as the model keeps: who chooses must have seen all of it.
const OPTION: usize = 200;
/// Rows that what an edit would change takes at most there.
const CHANGES: usize = 8;
/// Columns beside it.
const BESIDE: u16 = 7;
/// A line of an edit goes on: what follows must not look like a line of its own.
const ON: &str = "↳ ";
/// Ends what has no room.
pub const CUT: &str = " [cut: y shows all]";

/// A prompt that is read whole, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    session: SessionId,
    prompt: (Option<String>, String),
    /// Columns it was broken for.
    cols: u16,
    /// Its end was in sight.
    read: bool,
}

/// The beginning of what is asked, for a row of so many columns.
pub fn beginning(s: &Session, cols: u16) -> String {
    text::safe_line(&said(s), usize::from(cols))
}

/// What is asked, and what can be chosen.
fn said(s: &Session) -> String {
    match &s.waiting_for {
        Some(w) => {
            let options = w.options.iter().enumerate().map(|(i, o)| format!("   {} {}", i + 1, text::safe_line(o, OPTION)));
            text::safe_line(&w.text, usize::MAX / 16) + &options.collect::<String>()
        }
        None => text::safe_line(&open_handoff(s).map(handoff_line).unwrap_or_default(), 4000),
    }
}

/// A text in at most `most` lines of so many columns; what has no room of something that is asked is said to be cut.
fn broken(text: &str, asked: bool, cols: usize, most: usize) -> Vec<String> {
    let mut rest = text.to_owned();
    let cut = if asked { CUT } else { "…" };
    let mut lines = Vec::new();
    while text::width(&rest) > cols && lines.len() + 1 < most {
        let whole = fitting(&rest, cols);
        let at = rest.get(..whole).and_then(|l| l.rfind(' ')).filter(|i| *i > whole / 2).map_or(whole, |i| i + 1);
        if at == 0 {
            break;
        }
        let tail = rest.split_off(at);
        lines.push(std::mem::replace(&mut rest, tail));
    }
    if text::width(&rest) > cols {
        // A yes must not count for words that nobody saw without being told so.
        let room = text::cut_end(&rest, cols.saturating_sub(text::width(cut)));
        lines.push(format!("{room}{cut}"));
    } else {
        lines.push(rest);
    }
    lines
}

/// The longest beginning of a text that fits, in bytes.
fn fitting(text: &str, cols: usize) -> usize {
    let mut used = 0;
    for (i, c) in text.char_indices() {
        used += text::width(c.encode_utf8(&mut [0; 4]));
        if used > cols {
            return i;
        }
    }
    text.len()
}

/// A hand-off on one line: what it is about, then its points.
pub fn handoff_line(h: &Handoff) -> String {
    // What speaks for an offer comes first: there may be no room for the rest.
    if h.kind == "delegation" && !h.points.is_empty() {
        return format!("{}. {}", h.points.join("  "), h.text);
    }
    let points: Vec<String> = h.points.iter().enumerate().map(|(i, p)| format!("{}. {p}", i + 1)).collect();
    if points.is_empty() { h.text.clone() } else { format!("{}: {}", h.text, points.join("  ")) }
}

/// Lines under the cursor of the inbox, in a panel with a body of this size.
pub fn under_cursor(s: &Session, cols: u16, rows: u16) -> Vec<String> {
    let (cols, rows) = (usize::from(cols.saturating_sub(BESIDE)).max(10), usize::from(rows.saturating_sub(1)).clamp(1, ASKED));
    let mut lines = broken(&said(s), s.waiting_for.is_some(), cols, rows);
    let changes = changes(s, cols);
    if changes.is_empty() || lines.last().is_some_and(|l| l.ends_with(CUT)) {
        return lines;
    }
    let room = rows.saturating_sub(lines.len()).min(CHANGES);
    let whole = changes.len() <= room;
    lines.extend(changes.into_iter().take(room));
    if let Some(last) = lines.last_mut().filter(|_| !whole) {
        *last = format!("{}{CUT}", text::cut_end(last, cols.saturating_sub(text::width(CUT))));
    }
    lines
}

/// Rows that an edit is given in the inbox.
pub fn rows_of_changes(s: &Session) -> usize {
    s.waiting_for.as_ref().map_or(0, |w| w.changes.len().min(CHANGES))
}

/// All that is asked, in lines of so many columns.
fn all(s: &Session, cols: usize) -> Vec<String> {
    let mut lines = broken(&said(s), true, cols, usize::MAX);
    lines.extend(changes(s, cols));
    lines
}

/// What an edit would change, broken for so many columns.
fn changes(s: &Session, cols: usize) -> Vec<String> {
    let Some(w) = &s.waiting_for else { return Vec::new() };
    let rest = w.changes_rest(w.changes.len()).map(|r| format!("{r}, in its terminal"));
    let rows = |l: &String| broken(&text::safe_line(l, usize::MAX / 16), true, cols - text::width(ON), usize::MAX);
    w.changes.iter().chain(&rest).flat_map(|l| rows(l).into_iter().enumerate().map(|(i, r)| if i > 0 { format!("{ON}{r}") } else { r })).collect()
}

impl App {
    /// Size of the body of the panel that is open.
    fn panel_body(&self) -> Option<(u16, u16)> {
        self.areas().panel.filter(|r| !r.is_empty()).map(|r| (r.w, r.h.saturating_sub(1)))
    }

    /// Whether a yes may count for what is asked. When a part of it has no room in the inbox and was not read, it is opened
    /// whole instead.
    pub(super) fn seen_whole(&mut self, session: &SessionId, waiting: &Waiting) -> bool {
        let prompt = (waiting.id.clone(), waiting.text.clone());
        if self.whole.as_ref().is_some_and(|w| w.read && w.session == *session && w.prompt == prompt) {
            return true;
        }
        let (Some(s), Some((cols, rows))) = (self.mirror.get(session), self.panel_body()) else {
            self.note(Level::Info, "nothing was answered: there is no room here to show what is asked", "");
            return false;
        };
        if !under_cursor(s, cols, rows).last().is_some_and(|l| l.ends_with(CUT)) {
            return true;
        }
        let cols = cols.saturating_sub(3);
        let mut all = vec![format!("#{} {} asks:", s.number, text::safe_line(&s.name, 40))];
        all.extend(self::all(s, usize::from(cols).max(10)));
        let summary = Summary { session: session.clone(), title: format!("INBOX #{} all of it", s.number), lines: all, top: 0 };
        self.whole = Some(Whole { session: session.clone(), prompt, cols, read: false });
        // Over the inbox, which stays: Esc goes back to it.
        self.layers.push(Layer::Summary(Box::new(summary)));
        self.note(Level::Info, "nothing was answered: read all of it first", "then Esc, and answer");
        false
    }

    /// Notes that the end of what is read whole came in sight.
    pub(super) fn note_read(&mut self) {
        let Some(Layer::Summary(s)) = self.layers.last() else { return };
        let Some((cols, rows)) = self.panel_body() else { return };
        let length = wrapped(&s.lines, usize::from(cols.saturating_sub(2))).len();
        let end = usize::from(s.top) + usize::from(rows) >= length;
        let of = s.session.clone();
        if let Some(w) = self.whole.as_mut().filter(|w| w.session == of && end && cols.saturating_sub(3) >= w.cols) {
            w.read = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_says_so() {
        let asked = |text: &str, rows: u16| {
            let waiting = Waiting { text: text.into(), ..Waiting::default() };
            under_cursor(&Session { waiting_for: Some(waiting), ..plain() }, 47, rows)
        };
        let long = format!("{}; rm -rf /", "echo hi ".repeat(60));
        let lines = asked(&long, 6);
        assert!(lines.len() == 5 && lines[4].ends_with(CUT) && text::width(&lines[4]) <= 40, "{lines:?}");
        assert_eq!(asked("echo hi", 6), ["echo hi"]);
        let option = format!("Yes, and {} from now on", "allow all edits ".repeat(8).trim());
        let waiting = Waiting { text: "Proceed?".into(), options: vec!["Yes".into(), option.clone()], ..Waiting::default() };
        let lines = under_cursor(&Session { waiting_for: Some(waiting), ..plain() }, 47, 12);
        assert!(lines.iter().map(|l| l.trim_end()).collect::<Vec<_>>().join(" ").ends_with(&option), "{lines:?}");
        assert!(asked(&long, 2).last().unwrap().ends_with(CUT), "one line is cut, too");
    }

    #[test]
    fn a_line_of_an_edit_that_goes_on_is_no_other_line() {
        let mut waiting = Waiting { text: "/x".into(), ..Waiting::default() };
        waiting.show_changes((20..60).map(|n| format!("+{}-evil()", "a".repeat(n))).collect());
        let s = Session { waiting_for: Some(waiting), ..plain() };
        let rows = changes(&s, 40);
        assert!(rows.len() > 40 && rows.iter().all(|r| r.starts_with(['+', '↳']) && text::width(r) <= 40), "{rows:?}");
    }

    fn plain() -> Session {
        let mut w = crate::model::World::new(1, crate::model::Limits::default());
        let made = w.apply(crate::model::Command::Create(Box::default()), crate::base::Now::default()).created.unwrap();
        w.get(&made).unwrap().view(crate::base::Now::default())
    }
}
