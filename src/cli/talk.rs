//! `send`, `read`, `wait`, `report`: talking with sessions. Must not know how text gets into a terminal.

use super::args::{Format, ReportVerb};
use super::conn::{Conn, inside};
use super::error::CliError;
use super::{Call, Done, out, out_json, print};
use crate::base::clock::parse_duration;
use crate::base::text::safe_text;
use crate::wire::facts::PlanStep;
use crate::wire::op::{Op, ReadFormat, Until};
use crate::wire::report::Report;
use crate::wire::{Session, State};
use rustix::fs::OFlags;
use serde_json::Value;
use std::io::{IsTerminal, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::ExitCode;

/// Largest text read from standard input, in bytes: what fits a request with its quotes.
const MAX_TEXT: u64 = 900 * 1024;
/// Largest spool of reports while no server runs, in bytes.
const MAX_SPOOL: u64 = 256 * 1024;

fn stdin_text(what: &str) -> Result<String, CliError> {
    let mut bytes = Vec::new();
    std::io::stdin().take(MAX_TEXT + 1).read_to_end(&mut bytes).map_err(|e| CliError::failed(format!("cannot read standard input: {e}")))?;
    if bytes.len() as u64 > MAX_TEXT {
        return Err(CliError::new(
            "failed",
            format!("the {what} is larger than {} KiB; nothing was sent", MAX_TEXT >> 10),
            "put it in a file and name the file",
        ));
    }
    String::from_utf8(bytes).map_err(|_| CliError::failed(format!("the {what} is not UTF-8; nothing was sent")))
}

/// A follow-up from the shell.
pub fn send(call: &Call, session: String, text: String, queue: bool, interrupt: bool, no_submit: bool, json: bool) -> Done {
    let text = if text == "-" { stdin_text("text")?.trim_end_matches('\n').to_owned() } else { text };
    if text.is_empty() && no_submit {
        return Err(CliError::usage("there is nothing to send", ""));
    }
    let mut conn = Conn::open(&call.paths, true)?;
    let answer = conn.request(Op::Send { sessions: vec![session], text, queue, interrupt, no_submit })?;
    if json {
        out_json(&answer);
    } else {
        for (key, word) in [("sent", "sent to"), ("queued", "queued for")] {
            let list: Vec<String> = answer.get(key).and_then(Value::as_array).into_iter().flatten().map(|n| format!("#{n}")).collect();
            if !list.is_empty() {
                out(&format!("{word} {}\n", list.join(" ")));
            }
        }
    }
    let failed: Vec<&Value> = answer.get("failed").and_then(Value::as_array).into_iter().flatten().collect();
    for f in &failed {
        let why = f.get("why").and_then(Value::as_str).unwrap_or_default();
        eprintln!("not sent to #{}: {}", f.get("session").unwrap_or(&Value::Null), safe_text(why));
    }
    if !failed.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// The text of a pane.
pub fn read(call: &Call, session: String, lines: Option<u32>, format: Format) -> Done {
    let mut conn = Conn::open(&call.paths, true)?;
    let terminal = std::io::stdout().is_terminal();
    let wire = match format {
        Format::Json => ReadFormat::Json,
        Format::Ansi if !terminal => ReadFormat::Ansi,
        // Raw sequences of a program never reach a person's terminal.
        _ => ReadFormat::Text,
    };
    let answer = conn.request(Op::Read { session, lines, format: wire })?;
    match format {
        Format::Json => out_json(&answer),
        _ => out(answer.get("text").and_then(Value::as_str).unwrap_or_default()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Waits.
pub fn wait(call: &Call, session: String, until: &str, timeout: Option<&str>, json: bool) -> Done {
    let until = match until {
        "waiting" => Until::Waiting,
        "idle" => Until::Idle,
        "done" => Until::Done,
        "failed" => Until::Failed,
        "exited" => Until::Exited,
        other => match other.strip_prefix("text=") {
            Some(regex) => Until::Text(regex.to_owned()),
            None => {
                let hint = "waiting, idle, done, failed, exited, text=REGEX";
                return Err(CliError::usage(format!("`{}` is nothing to wait for", safe_text(other)), hint));
            }
        },
    };
    let timeout_ms = timeout.map(parse_duration).transpose().map_err(|e| CliError::usage(e, ""))?.map(|d| d.as_millis() as u64);
    let mut conn = Conn::open(&call.paths, true)?;
    let answer = conn.request(Op::Wait { session, until, timeout_ms })?;
    if json {
        out_json(&answer);
    } else {
        // Who goes on to answer means what is shown here.
        let many = answer.get("sessions").and_then(Value::as_array).cloned().unwrap_or_else(|| vec![answer]);
        for s in many.into_iter().filter_map(|s| serde_json::from_value::<Session>(s).ok()) {
            for (i, line) in print::asked(&s).into_iter().enumerate() {
                out(&if i == 0 { format!("#{} {} waits for {line}\n", s.number, s.name) } else { format!("  {line}\n") });
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes something known.
pub fn report(call: &Call, session: Option<String>, json: bool, what: ReportVerb) -> Done {
    if let Some(answer) = make_known(call, session, parse_report(what)?)?
        && json
    {
        out_json(&answer);
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes a report known: SESSION, or nothing when no server runs and it went to the spool of the session this runs in.
///
/// # Errors
/// What the server says is wrong, or why it could not be kept.
pub fn make_known(call: &Call, session: Option<String>, report: Report) -> Result<Option<Value>, CliError> {
    match Conn::open(&call.paths, false) {
        Ok(mut conn) => conn.request(Op::Report { session, report }).map(Some),
        // An agent must not fail because the server is away: the next one reads the spool.
        Err(e) if e.kind == "unavailable" && inside() && session.is_none() => spool(call, &report).map(|()| None),
        Err(e) => Err(e),
    }
}

fn spool(call: &Call, report: &Report) -> Result<(), CliError> {
    let id = std::env::var("COPILOT_TUI_SESSION").ok().and_then(|s| s.parse().ok());
    let Some(id) = id else { return Err(CliError::failed("no server runs, and this is no session")) };
    let path = call.paths.session_dir(&id).join("spool");
    let mut line = serde_json::to_vec(report).map_err(CliError::failed)?;
    line.push(b'\n');
    if std::fs::metadata(&path).is_ok_and(|m| m.len() + line.len() as u64 > MAX_SPOOL) {
        return Err(CliError::failed("no server runs and its spool is full; this report is lost"));
    }
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
    let open = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).custom_flags(flags).open(&path);
    open.and_then(|mut f| f.write_all(&line)).map_err(|e| CliError::failed(format!("{}: {e}", path.display())))
}

fn parse_report(what: ReportVerb) -> Result<Report, CliError> {
    Ok(match what {
        ReportVerb::Progress { count, item, current } => {
            let numbers = count.split_once('/').and_then(|(d, t)| Some((d.trim().parse().ok()?, t.trim().parse().ok()?)));
            let (done, total) = numbers.ok_or_else(|| CliError::usage(format!("`{count}` is not DONE/TOTAL"), "for example 42/52"))?;
            Report::Progress { done, total, item, current }
        }
        ReportVerb::Phase { number, text } => Report::Phase { number, text },
        ReportVerb::Plan { source } => {
            dash(&source)?;
            Report::Plan { steps: plan(&stdin_text("plan")?) }
        }
        ReportVerb::Error { title, issue, context, suggestion, action, status } => {
            Report::Error { title, issue, context, suggestion, action, status }
        }
        ReportVerb::Note { text } => Report::Note { text },
        ReportVerb::State { state, text } => {
            let allowed = [State::Working, State::Waiting, State::Idle, State::Done, State::Failed];
            let found = allowed.into_iter().find(|s| s.word() == state);
            let state = found
                .ok_or_else(|| CliError::usage(format!("`{state}` is not a state a session can report"), "working, waiting, idle, done, failed"))?;
            Report::State { state, text }
        }
        ReportVerb::Handoff { source } => {
            dash(&source)?;
            Report::Handoff { text: stdin_text("hand-off")? }
        }
    })
}

fn dash(source: &str) -> Result<(), CliError> {
    if source == "-" { Ok(()) } else { Err(CliError::usage(format!("`{source}`: the text comes from standard input"), "write - here")) }
}

fn plan(text: &str) -> Vec<PlanStep> {
    let lines = text.lines().map(|l| l.trim().trim_start_matches(['-', '*']).trim_start()).filter(|l| !l.is_empty());
    lines
        .map(|l| {
            let marks = [("[x]", "done"), ("[X]", "done"), ("[>]", "working"), ("[!]", "blocked"), ("[ ]", "pending")];
            let marked = marks.iter().find_map(|(m, s)| l.strip_prefix(m).map(|rest| (rest.trim(), *s)));
            let (text, state) = marked.unwrap_or((l, "pending"));
            PlanStep { text: text.to_owned(), state: state.to_owned() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_lines_with_marks() {
        let steps = plan("- [x] read\n* [>] write\n\ntest\n");
        let got: Vec<_> = steps.iter().map(|s| (s.text.as_str(), s.state.as_str())).collect();
        assert_eq!(got, [("read", "done"), ("write", "working"), ("test", "pending")]);
    }
}
