//! `sessions`: by flag or by word, the same thing. Must not know the server.

use super::args::{SessionsArgs, SessionsWord};
use super::conn::Conn;
use super::error::CliError;
use super::{Call, Done, new, out, out_json, print, watch};
use crate::base::Now;
use crate::wire::{Op, Session};
use serde_json::Value;
use std::process::ExitCode;

/// One thing to do, however it was said.
enum What {
    List,
    Show(String),
    Explain(String),
    Monitor(String),
    Debug(String),
    Pause(String),
    Resume(String),
    Stop(String, bool),
    Diagnose(String, Vec<String>, Option<String>),
    Dismiss(String),
    Mute(String, bool),
    Replay(String, f64),
}

fn what(args: SessionsArgs) -> Result<(What, bool), CliError> {
    let json = args.json;
    if let Some(word) = args.word {
        return Ok(match word {
            SessionsWord::List { json } => (What::List, json),
            SessionsWord::Show(o) => (What::Show(o.session), o.json),
            SessionsWord::Explain(o) => (What::Explain(o.session), o.json),
            SessionsWord::Monitor(o) => (What::Monitor(o.session), o.json),
            SessionsWord::Debug(o) => (What::Debug(o.session), o.json),
            SessionsWord::Pause(o) => (What::Pause(o.session), o.json),
            SessionsWord::Resume(o) => (What::Resume(o.session), o.json),
            SessionsWord::Stop { session, force, json } => (What::Stop(session, force), json),
            SessionsWord::Diagnose { session, include, output } => (What::Diagnose(session, include, output), true),
            SessionsWord::Dismiss(o) => (What::Dismiss(o.session), o.json),
            SessionsWord::Mute(o) => (What::Mute(o.session, true), o.json),
            SessionsWord::Unmute(o) => (What::Mute(o.session, false), o.json),
            SessionsWord::Replay { session, speed } => (What::Replay(session, speed), false),
        });
    }
    if args.force && args.stop.is_none() {
        return Err(CliError::usage("--force goes with --stop", ""));
    }
    if args.diagnose.is_none() && (!args.include.is_empty() || args.output.is_some()) {
        return Err(CliError::usage("--include and --output go with --diagnose", ""));
    }
    let flags = [
        args.show.map(What::Show),
        args.explain.map(What::Explain),
        args.monitor.map(What::Monitor),
        args.debug.map(What::Debug),
        args.pause.map(What::Pause),
        args.resume.map(What::Resume),
        args.stop.map(|s| What::Stop(s, args.force)),
        args.diagnose.map(|s| What::Diagnose(s, args.include, args.output)),
        args.dismiss.map(What::Dismiss),
        args.mute.map(|s| What::Mute(s, true)),
        args.unmute.map(|s| What::Mute(s, false)),
        args.replay.map(|s| What::Replay(s, 1.0)),
    ];
    // Without a flag: the list.
    Ok((flags.into_iter().flatten().next().unwrap_or(What::List), json))
}

/// Lists sessions or acts on them.
pub fn sessions(call: &Call, args: SessionsArgs) -> Done {
    let (what, json) = what(args)?;
    let mut conn = Conn::open(&call.paths, true)?;
    match what {
        What::Replay(session, speed) => return super::attach::replay(call, session, speed),
        What::List => {
            let answer = conn.sessions()?;
            if json {
                out_json(&answer);
            } else {
                out(&print::list(&many(&answer), Now::read().wall_ms));
            }
        }
        What::Show(session) => {
            let answer = conn.request(Op::Show { session, peek: false })?;
            if json {
                out_json(&answer);
            } else {
                out(&print::card(&new::parse(answer)?, Now::read().wall_ms));
            }
        }
        What::Explain(session) => {
            let answer = conn.request(Op::Explain { session })?;
            if json {
                out_json(&answer);
            } else {
                out(&super::explain::text(&serde_json::from_value(answer).map_err(CliError::failed)?));
            }
        }
        What::Monitor(session) => return watch::monitor(call, &mut conn, session, json),
        What::Debug(session) => return watch::debug(call, &mut conn, session, json),
        What::Pause(session) => changed(&conn.request(Op::Pause { session })?, json),
        What::Resume(session) => {
            let client_env = crate::ipc::cleaned_env(std::env::vars_os());
            changed(&conn.request(Op::Resume { session, client_env })?, json);
        }
        What::Stop(session, force) => changed(&conn.request(Op::Stop { session, force })?, json),
        What::Mute(session, on) => {
            let answer = conn.request(Op::Mute { session, on })?;
            if json {
                out_json(&answer);
            } else {
                let told = if on { "muted: nothing of it is told" } else { "told of again" };
                many(&answer).iter().for_each(|s| out(&format!("#{} {} is {told}\n", s.number, s.name)));
            }
        }
        What::Diagnose(session, include, output) => diagnose(&mut conn, session, include, output)?,
        What::Dismiss(session) => {
            let answer = conn.request(Op::Dismiss { session })?;
            if json {
                out_json(&answer);
            } else {
                let numbers = answer.get("dismissed").and_then(Value::as_array).cloned().unwrap_or_default();
                let list: Vec<String> = numbers.iter().map(|n| format!("#{n}")).collect();
                out(&if list.is_empty() { "nothing to dismiss\n".to_owned() } else { format!("dismissed {}\n", list.join(" ")) });
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The sessions of an answer; inside a session other ones are names and states only, and shown as such.
fn many(answer: &Value) -> Vec<Session> {
    let list = answer.get("sessions").and_then(Value::as_array).cloned().unwrap_or_default();
    list.into_iter()
        .filter_map(|mut v| {
            for (k, d) in [("agent", ""), ("task", ""), ("project", ""), ("cwd", ""), ("started", "")] {
                if v.get(k).is_none() {
                    v[k] = Value::from(d);
                }
            }
            if v.get("state_ms").is_none() {
                v["state_ms"] = Value::from(Now::read().wall_ms);
            }
            serde_json::from_value(v).ok()
        })
        .collect()
}

fn changed(answer: &Value, json: bool) {
    if json {
        return out_json(answer);
    }
    let sessions = many(answer);
    if sessions.is_empty() {
        return out("no session is running\n");
    }
    for s in sessions {
        let stays = s.worktree.as_deref().filter(|_| s.state.ended()).map(|w| format!("; its worktree stays: {w}")).unwrap_or_default();
        out(&format!("#{} {} is {}{stays}\n", s.number, s.name, s.state.word()));
    }
}

fn diagnose(conn: &mut Conn, session: String, include: Vec<String>, output: Option<String>) -> Result<(), CliError> {
    let include = include.into_iter().map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect();
    let report = conn.request(Op::Diagnose { session, include })?;
    let text = serde_json::to_string_pretty(&report).map_err(CliError::failed)? + "\n";
    match output {
        None => out(&text),
        Some(file) => {
            let path = std::env::current_dir().map(|d| d.join(&file)).map_err(CliError::failed)?;
            crate::store::atomic_write(&path, text.as_bytes(), 0o600)
                .map_err(|e| CliError::new("failed", format!("cannot write {}: {e}", path.display()), "choose another file with --output"))?;
            out(&format!("wrote {}\n", path.display()));
        }
    }
    Ok(())
}
