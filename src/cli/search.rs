//! `search`: text in all sessions and their past. Must not know how it is found.

use super::conn::Conn;
use super::error::CliError;
use super::{Call, Done, out, out_json};
use crate::base::text::{safe_line, safe_text};
use crate::wire::Op;
use serde_json::Value;
use std::process::ExitCode;

/// Longest line of a hit that is printed, in columns.
const COLS: usize = 160;

/// Looks in all sessions. Exit code 1 when nothing is found.
pub fn search(call: &Call, pattern: String, fixed: bool, limit: u32, json: bool) -> Done {
    if pattern.is_empty() {
        return Err(CliError::usage("there is nothing to look for", ""));
    }
    let mut conn = Conn::open(&call.paths, true)?;
    let answer = conn.request(Op::SearchAll { pattern: pattern.clone(), fixed, limit })?;
    let count = answer.get("count").and_then(Value::as_u64).unwrap_or(0);
    if json {
        out_json(&answer);
    } else if count == 0 {
        eprintln!("nothing holds `{}`", safe_line(&pattern, 80));
    } else {
        out(&listed(&answer));
    }
    Ok(if count == 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn listed(answer: &Value) -> String {
    let mut text = String::new();
    let word = |v: &Value, k: &str| v.get(k).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |v: &Value, k: &str| v.get(k).and_then(Value::as_u64).unwrap_or(0);
    for s in answer.get("sessions").and_then(Value::as_array).into_iter().flatten() {
        let head = format!("#{} {} ({}, {}): {}", number(s, "number"), word(s, "name"), word(s, "agent"), word(s, "state"), number(s, "count"));
        text.push_str(&format!("{}\n", safe_text(&head)));
        for h in s.get("hits").and_then(Value::as_array).into_iter().flatten() {
            let place = match word(h, "in").as_str() {
                "recording" => clock(number(h, "line")),
                "archive" => "text".to_owned(),
                _ => "now".to_owned(),
            };
            text.push_str(&format!("  {place:<19}  {}\n", safe_line(&word(h, "text"), COLS)));
        }
    }
    if answer.get("more").and_then(Value::as_bool) == Some(true) {
        text.push_str("there is more; --limit shows up to 1000\n");
    }
    text
}

/// A moment by the clock of the person.
fn clock(ms: u64) -> String {
    let at = jiff::Timestamp::from_millisecond(i64::try_from(ms).unwrap_or(0)).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hits_are_grouped_and_safe() {
        let answer = json!({"count": 2, "more": true, "sessions": [{"number": 3, "name": "auth", "agent": "codex", "state": "done", "count": 2,
            "hits": [{"in": "archive", "line": 4, "text": "an \u{1b}[31merror"}, {"in": "pane", "line": 9, "text": "two"}]}]});
        let text = listed(&answer);
        assert!(text.starts_with("#3 auth (codex, done): 2\n  text "), "{text}");
        assert!(!text.contains('\u{1b}') && text.contains("  now ") && text.ends_with("up to 1000\n"), "{text}");
    }
}
