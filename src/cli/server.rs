//! `server start|stop|status|run`. Must not know what a server does.

use super::args::ServerVerb;
use super::conn::Conn;
use super::error::CliError;
use super::{Call, Done, out, out_json, print, settings};
use crate::base::clock::short;
use crate::ipc::Paths;
use crate::wire::Op;
use rustix::event::{PollFd, PollFlags};
use rustix::process::PidfdFlags;
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::Duration;

/// Starts, stops or looks at the server.
pub fn server(call: &Call, what: ServerVerb) -> Done {
    match what {
        ServerVerb::Run => return Ok(run(call.paths.clone())),
        ServerVerb::Start => {
            let mut conn = Conn::open(&call.paths, true)?;
            let status = conn.request(Op::ServerStatus)?;
            out(&format!("server `{}` runs (process {})\n", call.server, status["pid"]));
        }
        ServerVerb::Stop { sessions } => match Conn::open(&call.paths, false) {
            Ok(mut conn) => {
                let pid = conn.request(Op::ServerStatus)?["pid"].as_i64().unwrap_or(0) as i32;
                let process = rustix::process::Pid::from_raw(pid).and_then(|p| rustix::process::pidfd_open(p, PidfdFlags::empty()).ok());
                let answer = conn.request(Op::ServerStop { sessions })?;
                // It is over when it hangs up and its process has ended: then nothing of it writes any more.
                while conn.next().is_ok() {}
                if let Some(process) = process {
                    let timeout = rustix::time::Timespec { tv_sec: 10, tv_nsec: 0 };
                    let _ = rustix::event::poll(&mut [PollFd::new(&process, PollFlags::IN)], Some(&timeout));
                }
                let left = answer.get("left_running").and_then(Value::as_u64).unwrap_or(0);
                out(&match left {
                    0 => "server stopped\n".to_owned(),
                    1 => "server stopped; 1 session goes on, and the next command takes it over again\n".to_owned(),
                    n => format!("server stopped; {n} sessions go on, and the next command takes them over again\n"),
                });
            }
            Err(e) if e.kind == "unavailable" && e.message.starts_with("no server") => out("no server runs\n"),
            Err(e) => return Err(e),
        },
        ServerVerb::Status { json } => return status(call, json),
    }
    Ok(ExitCode::SUCCESS)
}

/// Is the server, until it is told to stop.
pub fn run(paths: Paths) -> ExitCode {
    let of = paths.clone();
    crate::server::run(paths, Box::new(move || settings::load(&of)))
}

fn status(call: &Call, as_json: bool) -> Done {
    let mut conn = match Conn::open(&call.paths, false) {
        Ok(c) => c,
        Err(e) if e.kind == "unavailable" && e.message.starts_with("no server") => {
            if as_json {
                out_json(&json!({"running": false, "server": call.server}));
            } else {
                out(&format!("no server `{}` runs\n", call.server));
            }
            return Ok(ExitCode::FAILURE);
        }
        Err(e) => return Err(e),
    };
    let mut answer = conn.request(Op::ServerStatus)?;
    if as_json {
        answer["running"] = json!(true);
        out_json(&answer);
        return Ok(ExitCode::SUCCESS);
    }
    let n = |k: &str| answer.get(k).and_then(Value::as_u64).unwrap_or(0);
    out(&format!(
        "server `{}`: process {}, version {}, up {}, {} running, {} attached, {} memory\n",
        call.server,
        n("pid"),
        answer.get("version").and_then(Value::as_str).unwrap_or("?"),
        short(Duration::from_millis(n("uptime_ms"))),
        counted(n("sessions"), "session"),
        counted(n("clients").saturating_sub(1), "client"),
        print::bytes(n("memory_bytes")),
    ));
    Ok(ExitCode::SUCCESS)
}

fn counted(n: u64, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Tells a running server to read its settings again.
///
/// # Errors
/// Anything but "no server runs", which is fine.
pub fn reload(call: &Call) -> Result<bool, CliError> {
    match Conn::open(&call.paths, false) {
        Ok(mut conn) => conn.request(Op::Reload).map(|_| true),
        Err(e) if e.kind == "unavailable" => Ok(false),
        Err(e) => Err(e),
    }
}
