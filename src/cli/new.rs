//! `new`: a session is asked for. Must not know how it is started.

use super::args::NewArgs;
use super::conn::Conn;
use super::error::CliError;
use super::{Call, Done, attach, out, out_json};
use crate::base::text::safe_line;
use crate::ipc::{cleaned_env, umask};
use crate::wire::op::{NewSession, Op, Until};
use crate::wire::{Session, State};
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;

/// Starts a session.
pub fn new(call: &Call, args: NewArgs) -> Done {
    let (attach_to, wait, json) = (args.attach, args.wait, args.json);
    let request = request(args)?;
    let mut conn = Conn::open(&call.paths, true)?;
    let session = parse(conn.request(Op::New(Box::new(request)))?)?;
    if attach_to {
        drop(conn);
        return attach::attach_new(call, session.number);
    }
    if !wait {
        print(&session, json);
        return Ok(ExitCode::SUCCESS);
    }
    if !json {
        print(&session, false);
    }
    let ended = parse(conn.request(Op::Wait { session: session.id.to_string(), until: Until::Exited, timeout_ms: None })?)?;
    if json {
        print(&ended, true);
    } else {
        out(&format!("#{} {} is {}\n", ended.number, ended.name, ended.state.word()));
    }
    Ok(if ended.state == State::Done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A session from an answer.
///
/// # Errors
/// When it is none.
pub fn parse(value: Value) -> Result<Session, CliError> {
    serde_json::from_value(value).map_err(|e| CliError::failed(format!("the server's answer is not a session: {e}")))
}

/// A session that was started, in a line.
pub fn print(s: &Session, json: bool) {
    if json {
        return out_json(&serde_json::json!(s));
    }
    let place = s.worktree.as_deref().map(|w| format!("  {w}")).unwrap_or_default();
    let branch = s.branch.as_deref().filter(|_| s.worktree.is_some()).map(|b| format!("  on {b}")).unwrap_or_default();
    out(&format!("#{} {}  {}  {}{}\n", s.number, s.name, s.agent, s.state.word(), safe_line(&format!("{place}{branch}"), 300)));
}

/// What `new` asks the server for, with this process's folder, environment and umask.
pub fn request(args: NewArgs) -> Result<NewSession, CliError> {
    let here = std::env::current_dir().map_err(|e| CliError::failed(format!("cannot tell this folder: {e}")))?;
    let cwd = match &args.cwd {
        Some(dir) => {
            let path = here.join(dir);
            path.canonicalize().map_err(|e| CliError::new("failed", format!("{}: {e}", path.display()), "name a folder that exists"))?
        }
        None => here,
    };
    let mut env = Vec::new();
    for pair in &args.env {
        match pair.split_once('=') {
            Some((k, v)) if !k.is_empty() => env.push((k.to_owned(), v.to_owned())),
            _ => return Err(CliError::usage(format!("`{pair}` is not K=V"), "--env NAME=value")),
        }
    }
    if args.task.is_some() && !args.command.is_empty() && args.agent.is_some() {
        return Err(CliError::usage("--agent and a command line exclude each other", "leave one of them out"));
    }
    let (cols, rows) = terminal_size();
    Ok(NewSession {
        task: args.task,
        kind: args.kind.map(Into::into).unwrap_or_default(),
        agent: args.agent,
        name: args.name,
        cwd: text(cwd)?,
        parent: args.parent,
        priority: args.priority.into(),
        branch: args.branch,
        worktree: args.worktree,
        env,
        command: args.command,
        brief: None,
        base: None,
        changes_from: None,
        client_env: cleaned_env(std::env::vars_os()),
        umask: Some(umask()),
        cols,
        rows,
        record: if args.no_record { Some(false) } else { args.record.then_some(true) },
    })
}

fn text(path: PathBuf) -> Result<String, CliError> {
    path.into_os_string().into_string().map_err(|p| CliError::failed(format!("{} is not UTF-8", p.to_string_lossy())))
}

fn terminal_size() -> (u16, u16) {
    rustix::termios::tcgetwinsize(std::io::stdout()).map_or((0, 0), |w| (w.ws_col, w.ws_row))
}
