//! Sessions as text for a terminal: the list, the card. Must not know the server.

use crate::base::clock::short;
use crate::base::text::{cut_end, cut_middle, fit, safe_line, width};
use crate::wire::facts::{Progress, ProgressItem, Waiting};
use crate::wire::{Session, State};
use std::fmt::Write as _;
use std::time::Duration;

/// Lines of an edit in a card.
const CHANGES: usize = 30;
/// The row of what is asked.
const WAITS: &str = "Waits for";

/// The time since `ms` (milliseconds since the Unix epoch) in a short word.
pub fn ago(now_ms: u64, ms: u64) -> String {
    short(Duration::from_millis(now_ms.saturating_sub(ms)))
}

/// A bar of `cols` cells.
pub fn bar(percent: f64, cols: usize) -> String {
    let eighths = ((percent.clamp(0.0, 100.0) / 100.0) * (cols * 8) as f64).round() as usize;
    let parts = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let mut out = "█".repeat(eighths / 8);
    if let Some(c) = (eighths % 8).checked_sub(1).and_then(|i| parts.get(i)) {
        out.push(*c);
    }
    let used = width(&out);
    out.extend(std::iter::repeat_n('░', cols.saturating_sub(used)));
    out
}

/// A table, a line each.
pub fn list(sessions: &[Session], now_ms: u64) -> String {
    if sessions.is_empty() {
        return "no sessions. Start one: copilot-tui new \"TASK\", or see copilot-tui demo\n".into();
    }
    let name_cols = sessions.iter().map(|s| width(&s.name)).max().unwrap_or(4).clamp(4, 28);
    let agent_cols = sessions.iter().map(|s| width(&s.agent)).max().unwrap_or(5).clamp(5, 12);
    let mut out = format!("   #  {}  {}  STATE      SINCE  PROGRESS    WHERE\n", fit("NAME", name_cols), fit("AGENT", agent_cols));
    for s in sessions {
        let progress = match &s.progress {
            Some(Progress { done: Some(d), total: Some(t), .. }) => format!("{d}/{t}"),
            Some(Progress { percent: Some(p), .. }) => format!("{p:.0}%"),
            _ => String::new(),
        };
        let place = match (&s.worktree, &s.branch) {
            (Some(w), Some(b)) => format!("{} ({b})", cut_middle(w, 50)),
            (None, Some(b)) => format!("{} ({b})", cut_middle(&s.cwd, 50)),
            _ => cut_middle(&s.cwd, 50),
        };
        let _ = write!(
            out,
            "{:>4}  {}  {}  {} {:<9}  {:>4}  {:<10}  {}",
            s.number,
            fit(&s.name, name_cols),
            fit(&s.agent, agent_cols),
            s.state.mark(),
            s.state.word(),
            ago(now_ms, s.state_ms),
            progress,
            safe_line(&place, 80)
        );
        if let Some(w) = s.waiting_for.as_ref().filter(|w| !w.text.is_empty()) {
            let more = width(&w.text) > 100 || !w.changes.is_empty() || !w.options.is_empty();
            let all = if more { format!("  (all of it: sessions show {})", s.number) } else { String::new() };
            let _ = write!(out, "\n      {}{all}", cut_end(&w.text, 100));
        }
        out.push('\n');
    }
    out
}

fn item_line(i: &ProgressItem) -> String {
    let mark = if i.total > 0 && i.done >= i.total { " ✓".to_owned() } else { String::new() };
    if i.total == 0 {
        return format!("{}: {}{}", i.name, i.current.as_deref().unwrap_or_default(), if i.state == "done" { " ✓" } else { "" });
    }
    let current = i.current.as_deref().filter(|_| mark.is_empty()).map(|c| format!(" ({c})")).unwrap_or_default();
    format!("{}: {}/{}{mark}{current}", i.name, i.done, i.total)
}

fn state_text(s: &Session) -> &'static str {
    match s.state {
        State::Working | State::Starting | State::Verifying => "In Progress",
        State::Waiting => "Needs Attention",
        State::Done => "Completed",
        State::Failed | State::Lost => "Failed",
        State::Paused => "Paused",
        State::Idle => "Ready",
        State::Queued => "Queued",
        State::Cancelled => "Cancelled",
    }
}

/// What a session asks: all of the text, then what can be chosen, or what an edit would change.
pub fn asked(s: &Session) -> Vec<String> {
    s.waiting_for.as_ref().map(|w| asks(w, s.number)).unwrap_or_default()
}

fn asks(w: &Waiting, number: u32) -> Vec<String> {
    // What only says that it waits says not for what.
    let kind = if matches!(w.kind.as_str(), "" | "unknown") { String::new() } else { format!("{}: ", w.kind) };
    let mut lines = vec![format!("{kind}{}", w.text)];
    lines.extend(w.options.iter().enumerate().map(|(i, o)| format!("{} {o}", i + 1)));
    let shown = w.changes.len().min(CHANGES);
    lines.extend(w.changes.iter().take(shown).cloned());
    let more = w.changes.len() - shown;
    if more > 0 {
        lines.push(format!("… {more} more lines: sessions show {number} --json"));
    }
    lines.extend(w.changes_rest(w.changes.len()).map(|rest| format!("{rest}, in its terminal")));
    lines.iter().map(|l| safe_line(l, usize::MAX / 16)).collect()
}

/// The lines of the session card, below its title line.
pub fn card_rows(s: &Session, now_ms: u64) -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> = Vec::new();
    let mut row = |k: &str, v: String| rows.push((k.to_owned(), v));
    row("Task", s.task.clone());
    row("Started", format!("{} ago", ago(now_ms, s.started_ms)));
    let state = if s.state == State::Done { "done, not verified," } else { s.state.word() };
    row("State", format!("{state} for {}", ago(now_ms, s.state_ms)));
    for (i, line) in asked(s).into_iter().enumerate() {
        row(if i == 0 { WAITS } else { "" }, line);
    }
    if let Some(p) = &s.progress {
        let mut text = p.percent.map(|v| format!("{v:.0}% complete")).unwrap_or_default();
        if let (Some(d), Some(t)) = (p.done, p.total) {
            text = format!("{d}/{t} ({text})");
        }
        row("Progress", text);
    }
    if let Some(p) = &s.phase {
        row("Phase", format!("{} {}{}", p.number, p.text, if p.done { ", complete" } else { "" }));
    }
    match &s.worktree {
        Some(w) => row("Worktree", w.clone()),
        None => row("Folder", s.cwd.clone()),
    }
    if let Some(b) = &s.branch {
        row("Branch", b.clone());
    }
    if let Some(c) = &s.changes {
        row("Files Modified", format!("{} (+{} -{}), {} uncommitted", c.files, c.added, c.removed, c.uncommitted));
        row("Commits", c.commits.to_string());
    }
    if let Some(p) = &s.progress {
        for i in &p.items {
            let l = item_line(i);
            if let Some((k, v)) = l.split_once(": ") {
                row(k, v.to_owned());
            }
        }
        if let Some(c) = &p.current {
            row("Current", c.clone());
        }
        if let Some(r) = p.per_minute {
            row("Speed", format!("{r} a minute"));
        }
        if let Some(e) = p.eta_seconds {
            let words = match p.eta_range {
                Some((low, high)) if low != high => format!("{} to {}", short(Duration::from_secs(low)), short(Duration::from_secs(high))),
                _ => short(Duration::from_secs(e)),
            };
            row("ETA", format!("{words} remaining{}", if p.eta_told { ", as it says" } else { "" }));
        }
    }
    row("Agent", s.agent.clone());
    if let (Some(c), Some(m)) = (s.cpu_percent, s.memory_bytes) {
        row("CPU, memory", format!("{c:.0}%, {}", bytes(m)));
    }
    if let Some(p) = s.pid {
        row("Process", p.to_string());
    }
    if let Some(e) = &s.exit_status {
        row("Exit", e.code.map_or_else(|| format!("signal {}", e.signal.unwrap_or(0)), |c| format!("code {c}")));
    }
    for c in &s.children {
        row(
            "Sub-agent",
            format!("{}: {}{}", c.title.as_deref().unwrap_or(&c.id), c.state.word(), c.text.as_ref().map(|t| format!(", {t}")).unwrap_or_default()),
        );
    }
    if let Some(u) = &s.usage {
        let mut words = Vec::new();
        words.extend(u.model.clone());
        words.extend(u.input_tokens.map(|n| format!("{n} tokens in")));
        words.extend(u.output_tokens.map(|n| format!("{n} out")));
        words.extend(u.context_left_percent.map(|p| format!("context {p:.0}% left")));
        words.extend(u.cost_usd.map(|c| format!("${c:.2}")));
        words.extend(u.limits.iter().map(|l| format!("{} {:.0}% used", l.name, l.used_percent.unwrap_or_default())));
        row("Used", words.join(", "));
    }
    for h in &s.handoffs {
        row("Handed over", format!("{} ({})", h.text, h.kind));
        for (i, p) in h.points.iter().enumerate() {
            row(&format!("  {}", i + 1), p.clone());
        }
    }
    if let Some(n) = &s.note {
        row("Note", n.clone());
    }
    if s.queued > 0 {
        row("Queued follow-ups", s.queued.to_string());
    }
    for (what, e) in &s.evidence {
        row(
            &format!("Evidence of {what}"),
            format!("{}, {} old, {:.0}% sure", e.source, short(Duration::from_millis(e.age_ms)), e.confidence * 100.0),
        );
    }
    if s.shortened {
        row("Left out", "the rest of long lists and texts: more is known of it than one answer holds".to_owned());
    }
    rows
}

/// The session card as a tree.
pub fn card(s: &Session, now_ms: u64) -> String {
    let mut out = format!("Background Agent Session #{} {}  [{}]\n", s.number, s.name, state_text(s));
    let rows = card_rows(s, now_ms);
    for (i, (k, v)) in rows.iter().enumerate() {
        let last = i + 1 == rows.len() && s.errors.is_empty();
        // A row without a name goes on with the one before.
        let head = if k.is_empty() { "│      ".to_owned() } else { format!("{} {k}: ", if last { "└──" } else { "├──" }) };
        // What is asked stands there whole: it may be answered by who has read this.
        let cols = if k.is_empty() || k == WAITS { usize::MAX / 16 } else { 200 };
        let _ = writeln!(out, "{head}{}", safe_line(v, cols));
    }
    for (i, e) in s.errors.iter().enumerate() {
        let last = i + 1 == s.errors.len();
        let _ = writeln!(
            out,
            "{} [ERROR] {}{}",
            if last { "└──" } else { "├──" },
            e.title,
            if e.count > 1 { format!(" x{}", e.count) } else { String::new() }
        );
        let side = if last { "    " } else { "│   " };
        for (k, v) in [("Issue", &e.issue), ("Context", &e.context), ("Suggestion", &e.suggestion), ("Action", &e.action), ("Status", &e.status)] {
            if let Some(v) = v {
                let _ = writeln!(out, "{side}{k}: {v}");
            }
        }
    }
    out
}

/// The progress tree of the article.
pub fn progress_tree(s: &Session, cols: usize) -> Vec<String> {
    let Some(p) = &s.progress else { return Vec::new() };
    let mut lines = Vec::new();
    if let Some(v) = p.percent {
        lines.push(format!("Task: {}  [{}] {v:.0}%", cut_end(&s.task, cols.saturating_sub(26).max(10)), bar(v, 10)));
    }
    let mut rows: Vec<String> = p.items.iter().map(item_line).collect();
    if let Some(e) = p.eta_seconds {
        rows.push(format!("Estimated Completion: {}", short(Duration::from_secs(e))));
    }
    for (i, r) in rows.iter().enumerate() {
        lines.push(cut_end(&format!("{} {r}", if i + 1 == rows.len() { "└──" } else { "├──" }), cols));
    }
    lines
}

/// `512K`, `2.1G`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "K", "M", "G", "T"];
    let mut v = n as f64;
    let mut unit = 0;
    while v >= 1024.0 && unit + 1 < UNITS.len() {
        v /= 1024.0;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or("");
    if v >= 10.0 || unit == 0 { format!("{v:.0}{name}") } else { format!("{v:.1}{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_edit_it_is_said_where_the_rest_is() {
        let mut w = Waiting { kind: "permission".into(), text: "edit a".into(), ..Waiting::default() };
        let said = |w: &Waiting| asks(w, 3);
        let lines = |n: usize| (0..n).map(|i| format!("+{i}")).collect::<Vec<_>>();
        w.show_changes(lines(CHANGES));
        assert_eq!(said(&w).last().map(String::as_str), Some("+29"));
        w.show_changes(lines(200));
        assert_eq!(said(&w).last().map(String::as_str), Some("… 170 more lines: sessions show 3 --json"));
        w.show_changes(lines(250));
        let two = ["… 170 more lines: sessions show 3 --json", "… 50 more lines, in its terminal"];
        assert_eq!(said(&w)[1 + CHANGES..], two);
        w.changes_cut = true;
        assert_eq!(said(&w).last().map(String::as_str), Some("… more than 50 more lines, in its terminal"));
        w.show_changes(lines(2));
        assert_eq!(said(&w).last().map(String::as_str), Some("… more lines, in its terminal"));
    }

    #[test]
    fn bars_and_sizes() {
        assert_eq!(bar(80.0, 10), "████████░░");
        assert_eq!(bar(78.0, 10), "███████▊░░");
        assert_eq!(bar(0.0, 4), "░░░░");
        assert_eq!(bytes(2_254_857_830), "2.1G");
        assert_eq!(bytes(512), "512B");
    }
}
