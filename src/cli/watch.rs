//! `sessions monitor` and `sessions debug`: live views in a plain terminal, lines in a pipe. Also what monitor and debug
//! sessions run in their panes. Must not know the server.

use super::conn::{Conn, inside};
use super::error::CliError;
use super::{Call, Done, new, out, out_json, print};
use crate::base::Now;
use crate::base::clock::short;
use crate::base::text::{cut_end, safe_line};
use crate::wire::facts::{Inspection, TimelineEntry};
use crate::wire::{Op, Session};
use serde_json::Value;
use std::collections::VecDeque;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

/// How often figures are taken while somebody looks.
const EVERY: Duration = Duration::from_secs(2);

/// The window of the moment: columns and rows.
fn window() -> (usize, usize) {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok();
    size.map_or((100, 40), |w| (usize::from(w.ws_col.max(20)), usize::from(w.ws_row.max(4))))
}

/// `14:23:15` in the local time zone.
fn clock(ms: u64) -> String {
    let zoned = jiff::Timestamp::from_millisecond(ms as i64).map(|t| t.to_zoned(jiff::tz::TimeZone::system()));
    zoned.map(|z| z.strftime("%H:%M:%S").to_string()).unwrap_or_default()
}

/// Asks the server; in a pane, which outlives servers, the next one when it is gone. `None` when that is another one.
fn ask(call: &Call, conn: &mut Conn, op: Op) -> Result<Option<Value>, CliError> {
    match conn.request(op) {
        // It went, or said that it goes.
        Err(e) if matches!(e.kind.as_str(), "gone" | "unavailable") && inside() => {
            *conn = Conn::next_server(&call.paths)?;
            Ok(None)
        }
        done => done.map(Some),
    }
}

/// Live progress and log until Ctrl+C or the end of the session.
pub fn monitor(call: &Call, conn: &mut Conn, target: String, json: bool) -> Done {
    let (mut rev, mut seq) = (0, 0);
    let mut log: VecDeque<TimelineEntry> = VecDeque::new();
    let screen = std::io::stdout().is_terminal() && !json;
    let mut shown_progress = String::new();
    // In a pipe: whether it says yet whose log it is, and until when entries are printed. A new server counts them anew.
    let (mut begun, mut printed_ms, mut again) = (false, 0, false);
    loop {
        let Some(answer) = ask(call, conn, Op::Follow { session: target.clone(), rev, seq })? else {
            (rev, seq, again) = (0, 0, true);
            log.clear();
            continue;
        };
        let number = |k: &str| answer.get(k).and_then(Value::as_u64).unwrap_or(0);
        (rev, seq) = (number("rev"), number("seq"));
        if json {
            out_json(&answer);
        }
        let session = new::parse(answer.get("session").cloned().unwrap_or_default())?;
        let entries: Vec<TimelineEntry> = answer.get("entries").cloned().and_then(|v| serde_json::from_value(v).ok()).unwrap_or_default();
        if screen {
            log.extend(entries);
            while log.len() > 500 {
                log.pop_front();
            }
            draw(&monitor_lines(&session, &log));
        } else if !json {
            if !std::mem::replace(&mut begun, true) {
                out(&format!("[Background Agent] Task: {}\n", session.task));
            }
            for e in entries.iter().filter(|e| !again || e.time_ms > printed_ms) {
                out(&format!("[{}] {}\n", clock(e.time_ms), safe_line(&e.text, 300)));
            }
            printed_ms = entries.last().map_or(printed_ms, |e| e.time_ms.max(printed_ms));
            again = false;
            let tree = print::progress_tree(&session, 100).join("\n");
            if tree != shown_progress && !tree.is_empty() {
                out(&format!("{tree}\n"));
            }
            shown_progress = tree;
        }
        if session.state.ended() {
            if screen {
                out("\n");
            }
            return Ok(ExitCode::SUCCESS);
        }
    }
}

fn monitor_lines(s: &Session, log: &VecDeque<TimelineEntry>) -> Vec<String> {
    let (cols, rows) = window();
    let now = Now::read().wall_ms;
    let state = format!("{} {} {}", s.state.mark(), s.state.word(), print::ago(now, s.state_ms));
    let mut lines = vec![cut_end(&format!("#{} {}  {}  {state}", s.number, s.name, s.agent), cols)];
    let mut tree = print::progress_tree(s, cols);
    if tree.is_empty() {
        tree.push(cut_end(&format!("Task: {}", s.task), cols));
    }
    tree.truncate((rows / 2).max(2));
    lines.extend(tree);
    if let Some(asked) = print::asked(s).first() {
        lines.push(cut_end(&format!("waits for {asked}"), cols));
    }
    lines.push(String::new());
    let room = rows.saturating_sub(lines.len() + 1);
    for e in log.iter().skip(log.len().saturating_sub(room)) {
        lines.push(cut_end(&format!("[{}] {}", clock(e.time_ms), safe_line(&e.text, 300)), cols));
    }
    lines
}

/// Writes a whole view over the one before, without a blank moment.
fn draw(lines: &[String]) {
    let mut text = String::from("\x1b[H");
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            text.push_str("\r\n");
        }
        text.push_str(line);
        text.push_str("\x1b[K");
    }
    text.push_str("\x1b[J");
    out(&text);
}

/// Processes, resources, signals, escape traffic until Ctrl+C or the end of the session.
pub fn debug(call: &Call, conn: &mut Conn, target: String, json: bool) -> Done {
    let screen = std::io::stdout().is_terminal() && !json;
    let mut before: Option<Inspection> = None;
    loop {
        let Some(answer) = ask(call, conn, Op::Inspect { session: target.clone() })? else {
            before = None;
            continue;
        };
        if json {
            out_json(&answer);
        }
        let mut seen: Inspection = serde_json::from_value(answer).map_err(|e| CliError::failed(format!("not understood: {e}")))?;
        if let Some(b) = &before {
            since(&mut seen, b);
        }
        if screen {
            let (cols, rows) = window();
            draw(&debug_lines(&seen, cols, Some(rows)));
        } else if !json {
            out(&(debug_lines(&seen, 120, None).join("\n") + "\n\n"));
        }
        if seen.session.state.ended() {
            if screen {
                out("\n");
            }
            return Ok(ExitCode::SUCCESS);
        }
        before = Some(seen);
        std::thread::sleep(EVERY);
    }
}

/// CPU since the last look in place of over the whole life.
fn since(now: &mut Inspection, before: &Inspection) {
    for p in &mut now.processes {
        if let Some(b) = before.processes.iter().find(|b| b.pid == p.pid) {
            p.cpu_percent = p.cpu_ms.saturating_sub(b.cpu_ms) as f64 * 100.0 / EVERY.as_millis() as f64;
        }
    }
}

fn debug_lines(i: &Inspection, cols: usize, rows: Option<usize>) -> Vec<String> {
    let s = &i.session;
    let now = Now::read().wall_ms;
    let mut lines = vec![
        format!("#{} {}  {}  {} {} {}", s.number, s.name, s.agent, s.state.mark(), s.state.word(), print::ago(now, s.state_ms)),
        format!(
            "holder {}  output {}  input {}  history {} lines  terminal {}x{}  {}",
            i.holder.map_or_else(|| "-".into(), |p| p.to_string()),
            print::bytes(i.output_bytes),
            print::bytes(i.input_bytes),
            i.history_lines,
            s.size.cols,
            s.size.rows,
            i.modes.join(", ")
        ),
    ];
    let evidence: Vec<String> =
        i.evidence.iter().map(|(source, value, age)| format!("{source}: {value} ({})", short(Duration::from_millis(*age)))).collect();
    lines.push(format!("evidence  {}", if evidence.is_empty() { "none".to_owned() } else { evidence.join("  ·  ") }));
    lines.push(String::new());
    lines.push(format!("PROCESSES {}", i.processes.len()));
    lines.push("    PID  S   CPU%   CPU TIME    MEMORY     READ  WRITTEN  FILES  COMMAND".into());
    for p in &i.processes {
        lines.push(format!(
            "{:>7}  {}  {:>5.1}  {:>8}ms  {:>8}  {:>7}  {:>7}  {:>5}  {}{}",
            p.pid,
            p.state,
            p.cpu_percent,
            p.cpu_ms,
            print::bytes(p.memory_bytes),
            print::bytes(p.read_bytes),
            print::bytes(p.write_bytes),
            p.open_files,
            "  ".repeat(p.depth.min(12) as usize),
            p.command
        ));
    }
    let room = rows.map_or(usize::MAX, |r| r.saturating_sub(lines.len()));
    let rest = room.saturating_sub(4);
    lines.push(String::new());
    lines.push("SIGNALS SENT".into());
    let signals = i.signals.len().min(rest / 3).min(6);
    if signals == 0 {
        lines.push("  none".into());
    }
    lines.extend(i.signals.iter().skip(i.signals.len() - signals).map(|l| format!("  {l}")));
    lines.push("ESCAPE TRAFFIC, newest last".into());
    let traffic = i.traffic.len().min(rest.saturating_sub(signals + 1)).min(40);
    lines.extend(i.traffic.iter().skip(i.traffic.len() - traffic).map(|l| format!("  {}", safe_line(l, 300))));
    lines.truncate(rows.unwrap_or(usize::MAX));
    lines.iter().map(|l| cut_end(l, cols)).collect()
}
