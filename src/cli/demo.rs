//! `demo`: a scratch repository and sessions that do small real jobs in it. Must not know what the jobs do.

use super::conn::Conn;
use super::error::CliError;
use super::{Call, Done, attach, new, out, out_json};
use crate::demo;
use crate::ipc::cleaned_env;
use crate::wire::op::{NewSession, Op};
use crate::wire::{Kind, Session};
use serde_json::json;
use std::process::ExitCode;

/// Starts the demo.
pub fn demo(call: &Call, dir: Option<String>, no_attach: bool, json: bool) -> Done {
    let here = std::env::current_dir().map_err(|e| CliError::failed(format!("cannot tell this folder: {e}")))?;
    let dir = match dir {
        Some(d) => here.join(d),
        None => demo::scratch_dir().map_err(CliError::failed)?,
    };
    let mut conn = Conn::open(&call.paths, true)?;
    let files = demo::prepare(&dir).map_err(CliError::failed)?;
    let tool = std::env::current_exe().map_err(CliError::failed)?;
    let mut started: Vec<Session> = Vec::new();
    for s in demo::sessions(&files, &tool, demo::pace_ms()) {
        let request = NewSession {
            task: Some(s.task.to_owned()),
            kind: if s.isolated { Kind::Isolated } else { Kind::Primary },
            name: Some(s.name.to_owned()),
            cwd: files.repo.to_string_lossy().into_owned(),
            command: s.argv,
            // They stand for agents, and are replayed like them.
            record: Some(true),
            client_env: cleaned_env(std::env::vars_os()),
            umask: Some(crate::ipc::umask()),
            ..NewSession::default()
        };
        let session = new::parse(conn.request(Op::New(Box::new(request)))?)?;
        if !json && no_attach {
            out(&format!("#{} {}  {}\n", session.number, session.name, s.outcome));
        }
        started.push(session);
    }
    drop(conn);
    let root = files.root.display();
    if no_attach {
        if json {
            out_json(&json!({"root": files.root, "repository": files.repo, "sessions": started}));
        } else {
            out(&format!("everything is in {root}; delete it when you are done\n"));
        }
        return Ok(ExitCode::SUCCESS);
    }
    std::env::set_current_dir(&files.repo).map_err(CliError::failed)?;
    let first = started.first().map(|s| s.number.to_string());
    let code = attach::attach(call, first, false)?;
    out(&format!("the demo is in {root}; delete it when you are done\n"));
    Ok(code)
}
