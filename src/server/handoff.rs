//! What was done in a session and what of it needs review, for the person who takes it back. Must not know how it is shown.

use super::hub::{Hub, wire_error};
use super::targets;
use crate::agent::{self, PlanInput};
use crate::base::SessionId;
use crate::base::text::{count, safe_line};
use crate::git;
use crate::wire::delegate::HandoffSummary;
use crate::wire::message::WireError;
use crate::wire::{Session, State};
use serde_json::Value;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

/// Longest look at the repository.
const AT_MOST: Duration = Duration::from_secs(10);
/// Most points.
const MAX_POINTS: usize = 50;

/// Answers `Op::Handoff`.
///
/// # Errors
/// The session is gone, or only watches another one.
pub async fn handoff(hub: &Rc<Hub>, id: &SessionId) -> Result<Value, WireError> {
    let session = targets::view(hub, id).ok_or_else(|| wire_error("not_found", "the session was dismissed", ""))?;
    if session.kind.watches() {
        return Err(wire_error("usage", format!("#{} only watches another session", session.number), "name the session it watches"));
    }
    let folder = session.worktree.clone().unwrap_or_else(|| session.cwd.clone());
    let (at, base) = (PathBuf::from(&folder), session.base.clone());
    let look = tokio::task::spawn_blocking(move || base.and_then(|b| git::done_since(&at, &b).ok()).unwrap_or_default());
    let done = tokio::time::timeout(AT_MOST, look).await.ok().and_then(Result::ok).unwrap_or_default();
    let (said, mut points) = told(&session).unwrap_or_default();
    for e in &session.errors {
        let settled = e.resolved || e.status.as_deref().is_some_and(|s| s.to_lowercase().contains("resolved") || s.contains('✓'));
        if !settled {
            let more: Vec<&str> = [&e.issue, &e.context].into_iter().flatten().map(String::as_str).collect();
            points.push(if more.is_empty() { e.title.clone() } else { format!("{}: {}", e.title, more.join(", ")) });
        }
    }
    if let Some(w) = &session.waiting_for {
        points.push(format!("It waits for an answer: {}", w.text));
    }
    let uncommitted = session.changes.map_or(0, |c| c.uncommitted);
    if uncommitted > 0 {
        let are = if uncommitted == 1 { "is" } else { "are" };
        points.push(format!("{} {are} changed and in no commit", count(uncommitted as usize, "file")));
    }
    points.truncate(MAX_POINTS);
    let tests = session.progress.as_ref().and_then(|p| p.items.iter().find(|i| i.name.to_lowercase().contains("test")));
    let file = |f: &git::FileChange| format!("{} {} +{} -{}", f.how, f.path, f.added, f.removed);
    let summary = HandoffSummary {
        number: session.number,
        name: session.name.clone(),
        state: session.state.word().to_owned(),
        done: said.unwrap_or_else(|| sentence(&session)),
        points,
        files: done.files.iter().map(file).collect(),
        commits: done.commits,
        tests: tests.map(|t| format!("{} {}/{}", t.name, t.done, t.total)),
        uncommitted,
        resume: resume(hub, &session, &folder),
        folder,
        branch: session.branch.clone(),
    };
    serde_json::to_value(summary).map_err(|e| wire_error("failed", e, ""))
}

/// What the session itself said when it last handed over: a sentence and its points.
fn told(s: &Session) -> Option<(Option<String>, Vec<String>)> {
    let kept = s.handoffs.iter().rev().find(|h| h.kind == "handoff")?;
    let (said, listed) = parts(&kept.text);
    Some((said, if kept.points.is_empty() { listed } else { kept.points.clone() }))
}

/// A hand-off in its parts: what was done, and the points of its list.
fn parts(text: &str) -> (Option<String>, Vec<String>) {
    let (mut said, mut points) = (Vec::new(), Vec::new());
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let listed = if number.len() < line.len() { number.strip_prefix(['.', ')']) } else { line.strip_prefix(['-', '*', '•']) };
        match listed.filter(|l| l.starts_with(' ')) {
            Some(point) => points.push(safe_line(point.trim(), 300)),
            None if points.is_empty() => said.push(line),
            None => {}
        }
    }
    let said = said.join(" ");
    let said = said.strip_prefix("[Background Agent]").unwrap_or(&said).trim();
    // The count is ours to say: there may be more than it knew of.
    let said = match said.find(" Found ") {
        Some(at) if said.contains("requiring review") => said.get(..at).unwrap_or(said),
        _ => said,
    };
    ((!said.is_empty()).then(|| safe_line(said, 300)), points)
}

/// What was done, when the session did not say.
fn sentence(s: &Session) -> String {
    let task = safe_line(if s.task.trim().is_empty() { &s.name } else { &s.task }, 120);
    let task = task.trim_end_matches('.');
    match s.state {
        State::Done => format!("Completed {task}."),
        State::Idle => format!("Its turn is over: {task}."),
        State::Failed | State::Lost => format!("Failed: {task}."),
        State::Cancelled => format!("Was stopped: {task}."),
        other => format!("Is {}: {task}.", other.word()),
    }
}

/// What goes on with it: attaching while it lives, else the agent's own way to resume the conversation.
fn resume(hub: &Hub, s: &Session, folder: &str) -> Option<String> {
    if !s.state.ended() {
        return Some(format!("copilot-tui attach {}", s.number));
    }
    let known = hub.world(|w| w.get(&s.id).and_then(|r| r.conversation.clone()))?;
    // A conversation that its agent never wrote down is none that could go on.
    let id = known.log.as_ref().is_none_or(|l| std::path::Path::new(l).is_file()).then_some(known.id)?;
    let catalog = super::catalog::catalog(hub);
    let spec = catalog.get(&s.agent).ok().filter(|spec| spec.launch.resume.is_some())?;
    let plan = agent::plan(spec, &PlanInput { cwd: folder, conversation: Some(&id), ..PlanInput::default() });
    let words: Vec<String> = plan.argv.iter().map(|a| shell_word(a)).collect();
    Some(format!("cd {} && {}", shell_word(folder), words.join(" ")))
}

/// A word as a POSIX shell reads it back.
fn shell_word(word: &str) -> String {
    if !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./=@:".contains(&b)) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hand_offs_are_taken_apart() {
        let text = "[Background Agent] Completed API conversion. Found 3 issues requiring review:\n1. Complex type inference in user-auth.ts (line 127)\n\
                    2. Potential breaking change\n- New interface\n\nHanding off to local chat for interactive resolution...";
        let (said, points) = parts(text);
        assert_eq!(said.as_deref(), Some("Completed API conversion."));
        assert_eq!(points, ["Complex type inference in user-auth.ts (line 127)", "Potential breaking change", "New interface"]);
        assert_eq!(parts("2 files are done\nall is well"), (Some("2 files are done all is well".into()), vec![]));
        assert_eq!(parts(""), (None, vec![]));
    }

    #[test]
    fn words_survive_a_shell() {
        assert_eq!((shell_word("/a/b-c"), shell_word("it's $x"), shell_word("")), ("/a/b-c".into(), "'it'\\''s $x'".into(), "''".into()));
    }
}
