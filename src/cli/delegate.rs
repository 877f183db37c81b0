//! `delegate` and `handoff`: work goes to a background session with all it needs to know, and comes back. Must not know how a
//! brief is made.

use super::args::{DelegateArgs, NewArgs, PriorityArg};
use super::conn::Conn;
use super::error::CliError;
use super::{Call, Done, attach, new, out, out_json};
use crate::base::text::{safe_line, safe_text};
use crate::wire::Kind;
use crate::wire::delegate::{Brief, BriefFrom, BriefRequest, HandoffSummary};
use crate::wire::op::Op;
use std::process::ExitCode;

/// Variables that say where agents keep their logs.
const HOMES: [&str; 4] = ["HOME", "COPILOT_HOME", "CODEX_HOME", "CLAUDE_CONFIG_DIR"];

/// The same, as they stand in this process.
pub fn homes() -> Vec<(String, String)> {
    HOMES.iter().filter_map(|k| Some(((*k).to_owned(), std::env::var(k).ok()?))).collect()
}

/// Delegates a task.
pub fn delegate(call: &Call, args: DelegateArgs) -> Done {
    let (json, dry_run, attach_to) = (args.json, args.dry_run, args.attach);
    let here = std::env::current_dir().map_err(|e| CliError::failed(format!("cannot tell this folder: {e}")))?;
    let absolute = |p: &str| here.join(p).to_string_lossy().into_owned();
    let from = match (&args.from_session, &args.conversation, &args.from) {
        (Some(s), _, _) => BriefFrom::Session { session: s.clone() },
        (_, Some(path), _) => BriefFrom::File { path: absolute(path) },
        (_, _, Some(words)) => {
            let (agent, id) = match words.as_slice() {
                [agent] => (agent.clone(), None),
                [agent, id] if !args.last => (agent.clone(), Some(id.clone())),
                _ => return Err(CliError::usage("--from takes an agent, and the id of a conversation or --last", "--from codex --last")),
            };
            BriefFrom::Agent { agent, id }
        }
        _ => BriefFrom::Nothing,
    };
    let isolated = args.worktree.is_some() || args.kind.map(Kind::from) == Some(Kind::Isolated);
    if args.with_changes && !isolated {
        return Err(CliError::usage("--with-changes carries uncommitted changes into a worktree, and this session has none", "add --kind isolated"));
    }
    // The folder of the session it comes from, unless another is named.
    let cwd = match (&args.cwd, &args.from_session) {
        (Some(dir), _) => absolute(dir),
        (None, Some(_)) => String::new(),
        (None, None) => here.to_string_lossy().into_owned(),
    };
    let request = BriefRequest {
        task: args.task.clone(),
        from,
        files: args.file,
        requirements: args.requirement,
        standards: (!args.standards.is_empty()).then(|| args.standards.iter().map(|s| absolute(s)).collect()),
        cwd,
        isolated,
        with_changes: args.with_changes,
        homes: homes(),
    };
    let mut conn = Conn::open(&call.paths, true)?;
    let answer = conn.request(Op::Brief(Box::new(request)))?;
    let brief: Brief = serde_json::from_value(answer.clone()).map_err(CliError::failed)?;
    if dry_run {
        if json {
            out_json(&answer);
        } else {
            out(&safe_text(&brief.brief));
            told(&brief);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let plain = NewArgs {
        task: Some(brief.task.clone()),
        kind: args.kind,
        agent: args.agent,
        name: args.name,
        cwd: Some(brief.cwd.clone()),
        parent: None,
        priority: PriorityArg::Medium,
        branch: args.branch,
        worktree: args.worktree,
        env: Vec::new(),
        record: false,
        no_record: false,
        attach: false,
        wait: false,
        json,
        command: Vec::new(),
    };
    let mut request = new::request(plain)?;
    if isolated {
        // What the brief says of the workspace is true of this commit.
        request.base = brief.head.clone().filter(|_| request.branch.is_none() || args.with_changes);
        request.changes_from = args.with_changes.then(|| brief.cwd.clone());
    }
    request.brief = Some(brief.brief.clone());
    let session = new::parse(conn.request(Op::New(Box::new(request)))?)?;
    if attach_to {
        drop(conn);
        return attach::attach_new(call, session.number);
    }
    new::print(&session, json);
    if !json {
        told(&brief);
    }
    Ok(ExitCode::SUCCESS)
}

/// What a person should know of a brief, on standard error: standard output is the answer.
fn told(brief: &Brief) {
    for note in &brief.notes {
        eprintln!("copilot-tui: {}", safe_line(note, 400));
    }
}

/// Brings a session back to the foreground.
pub fn handoff(call: &Call, session: String, attach_to: bool, json: bool) -> Done {
    let mut conn = Conn::open(&call.paths, true)?;
    let answer = conn.request(Op::Handoff { session })?;
    let summary: HandoffSummary = serde_json::from_value(answer.clone()).map_err(CliError::failed)?;
    if json {
        out_json(&answer);
    } else {
        out(&safe_text(&summary.text()));
    }
    if attach_to {
        drop(conn);
        return attach::attach_new(call, summary.number);
    }
    Ok(ExitCode::SUCCESS)
}
