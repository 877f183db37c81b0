//! `escalate`: a session's work is made ready for an agent in the cloud: a brief, its branch, and the command that hands it
//! over. Nothing is committed here, and nothing leaves this machine unless it is asked for. Must not know that command.

use super::args::EscalateArgs;
use super::conn::Conn;
use super::delegate::homes;
use super::error::CliError;
use super::{Call, Done, new, out, out_json};
use crate::base::text::{count, safe_line, safe_text};
use crate::config;
use crate::git::{self, Pushed};
use crate::store::atomic_write;
use crate::wire::delegate::{Brief, BriefFrom, BriefRequest};
use crate::wire::op::Op;
use crate::wire::report::Report;
use serde_json::json;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

/// Output of a command that is kept for JSON, in bytes.
const MAX_OUTPUT: usize = 64 * 1024;

/// Prepares the hand-over, and runs it when asked to.
pub fn escalate(call: &Call, args: EscalateArgs) -> Done {
    let mut conn = Conn::open(&call.paths, true)?;
    let request = BriefRequest {
        task: args.task,
        from: BriefFrom::Session { session: args.session.clone() },
        requirements: args.need.clone(),
        homes: homes(),
        // What is not committed does not go along.
        isolated: true,
        ..BriefRequest::default()
    };
    let brief: Brief = serde_json::from_value(conn.request(Op::Brief(Box::new(request)))?).map_err(CliError::failed)?;
    let session = new::parse(conn.request(Op::Show { session: args.session, peek: true })?)?;
    let folder = session.worktree.clone().unwrap_or_else(|| session.cwd.clone());
    let branch = brief.branch.clone().ok_or_else(|| {
        CliError::new(
            "failed",
            format!("{} has no branch checked out; the cloud starts from one", safe_line(&folder, 300)),
            "git switch -c NAME there first",
        )
    })?;
    git::check_branch(&branch).map_err(|e| CliError::failed(format!("this branch cannot be handed to a command: {e}")))?;
    let pushed = git::pushed(Path::new(&folder), &branch).map_err(CliError::failed)?;
    let file = call.paths.ensure_session_dir(&session.id).map_err(CliError::failed)?.join("escalation.md");
    atomic_write(&file, brief.brief.as_bytes(), 0o600).map_err(|e| CliError::failed(format!("{}: {e}", file.display())))?;

    let (config, _) = config::load(&call.paths.config);
    let words = [("{brief}", file.to_string_lossy().into_owned()), ("{branch}", branch.clone()), ("{repo}", folder.clone())];
    let fill = |a: &String| words.iter().fold(a.clone(), |text, (word, value)| text.replace(word, value));
    let command: Vec<String> = config.escalate.command.iter().map(fill).collect();
    if command.first().is_none_or(String::is_empty) {
        return Err(CliError::new(
            "failed",
            "no command hands over to the cloud",
            "set `escalate.command` in config.toml; `copilot-tui config defaults` shows it",
        ));
    }
    let push = match &pushed {
        Pushed::NoRemote | Pushed::Same(_) => None,
        Pushed::Behind(remote) => Some(push_command(&folder, remote, &branch)),
    };
    let mut warnings = Vec::new();
    if !brief.uncommitted.is_empty() {
        warnings.push(format!("{} with uncommitted changes would be left behind; commit first, in {folder}", count(brief.uncommitted.len(), "file")));
    }
    if pushed == Pushed::NoRemote {
        warnings.push("the repository has no remote, so the cloud cannot see the branch".to_owned());
    }
    if !args.json {
        let what = safe_line(&format!("#{} {}", session.number, session.name), 60);
        let mut text = format!("[Background Agent] Escalating {what} to a cloud agent.\n");
        if !args.need.is_empty() {
            text.push_str("Detected need for:\n");
            args.need.iter().for_each(|n| text.push_str(&format!("* {}\n", safe_line(n, 200))));
        }
        text.push_str(&format!("\nBranch: {branch}\nBrief: {}\n", file.display()));
        out(&safe_text(&text));
        warnings.iter().for_each(|w| eprintln!("copilot-tui: {}", safe_line(w, 400)));
    }

    let mut ran = Vec::new();
    let mut failed = None;
    if let Some(push) = push.as_ref().filter(|_| args.push) {
        names_no_programs(&folder)?;
        let done = run(push, &folder, args.json)?;
        failed = (!done.1).then(|| format!("`{}` failed; nothing was handed over", shell_line(push)));
        ran.push(json!({"command": push, "output": done.0, "ok": done.1}));
    }
    if args.run && failed.is_none() {
        let done = run(&command, &folder, args.json)?;
        failed = (!done.1).then(|| format!("`{}` failed", shell_line(&command)));
        ran.push(json!({"command": command, "output": done.0, "ok": done.1}));
        let text = format!("escalated to the cloud{}: {}", if done.1 { "" } else { ", which failed" }, shell_line(&command));
        let note = Op::Report { session: Some(session.id.to_string()), report: Report::Note { text } };
        if let Err(e) = conn.request(note) {
            warnings.push(format!("this is not in the session's log: {}", e.message));
        }
    }
    let left: Vec<String> =
        [push.filter(|_| !args.push), (!args.run).then(|| command.clone())].into_iter().flatten().map(|c| shell_line(&c)).collect();
    if args.json {
        let about = json!({"session": session.number, "branch": branch, "folder": folder, "brief": file, "uncommitted": brief.uncommitted, "warnings": warnings, "ran": ran, "to_run": left});
        out_json(&about);
    } else if !left.is_empty() && failed.is_none() {
        out(&safe_text(&format!("\nTo hand it over, run in {folder}:\n{}\n", left.iter().map(|l| format!("  {l}\n")).collect::<String>())));
        if !args.run {
            out(&format!(
                "or `copilot-tui escalate {} --push --run`. In Copilot itself /delegate does the same with its conversation.\n",
                session.number
            ));
        }
    }
    match failed {
        Some(why) => Err(CliError::new("failed", why, "what it printed says why; --run tries again")),
        None => Ok(ExitCode::SUCCESS),
    }
}

/// Settings of a repository that name programs a push would run.
const PROGRAMS: &str =
    r"^(core\.(sshcommand|gitproxy|askpass|pager)|credential(\..*)?\.helper|gpg(\..*)?\.program|remote\..*\.(receivepack|uploadpack|vcs))$";

/// Whoever works in a repository can write its settings; what they name would run with the person's logins.
fn names_no_programs(folder: &str) -> Result<(), CliError> {
    for scope in ["--local", "--worktree"] {
        let out = Command::new("git")
            .args(["-C", folder, "config", scope, "--includes", "--name-only", "--get-regexp", PROGRAMS])
            .stdin(Stdio::null())
            .output()
            .map_err(|e| CliError::new("failed", format!("git: {e}"), "install git"))?;
        // 1 says that there is none; anything else that fails says nothing of what is there.
        let names = String::from_utf8_lossy(&out.stdout).split_whitespace().collect::<Vec<_>>().join(", ");
        if out.status.code() != Some(1) || !names.is_empty() {
            let what = if names.is_empty() { String::from_utf8_lossy(&out.stderr).into_owned() } else { names };
            return Err(CliError::new(
                "forbidden",
                format!("not pushed: the repository's own settings name programs that a push would run: {}", safe_line(&what, 200)),
                "look at .git/config; push by hand when you trust it",
            ));
        }
    }
    Ok(())
}

/// Pushes one branch under its own name, without the repository's hooks.
fn push_command(folder: &str, remote: &str, branch: &str) -> Vec<String> {
    let words = ["git", "-C", folder, "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "protocol.ext.allow=never"];
    let branch = format!("refs/heads/{branch}:refs/heads/{branch}");
    words.into_iter().chain(["push", "--set-upstream", "--", remote, &branch]).map(str::to_owned).collect()
}

/// Runs a command to its end, never through a shell. What it printed (for JSON only), and whether it worked.
fn run(argv: &[String], folder: &str, capture: bool) -> Result<(String, bool), CliError> {
    let Some((program, rest)) = argv.split_first() else { return Ok((String::new(), false)) };
    let mut command = Command::new(program);
    command.args(rest).current_dir(folder);
    let failed = |e: std::io::Error| {
        CliError::new("failed", format!("{}: {e}", safe_line(program, 200)), "install it, or set `escalate.command` in config.toml")
    };
    if !capture {
        return command.status().map(|s| (String::new(), s.success())).map_err(failed);
    }
    let done = command.stdin(Stdio::null()).output().map_err(failed)?;
    let text = [done.stdout, done.stderr].concat();
    Ok((String::from_utf8_lossy(text.get(..text.len().min(MAX_OUTPUT)).unwrap_or_default()).into_owned(), done.status.success()))
}

/// A command line as it is typed in a POSIX shell.
fn shell_line(argv: &[String]) -> String {
    let plain = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./=@:".contains(&b));
    let word = |w: &String| if plain(w) { w.clone() } else { format!("'{}'", w.replace('\'', "'\\''")) };
    argv.iter().map(word).collect::<Vec<_>>().join(" ")
}
