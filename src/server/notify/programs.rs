//! The person's own command: what it is given, one at a time, a few waiting at most; and the environment of programs that tell.
//! Must not know when something is told.

use super::super::hub::Hub;
use super::notices::Programs;
use super::run::{Job, find, report, run};
use crate::base::text::safe_line;
use crate::wire::Notification;
use serde_json::{Value, json};
use std::rc::Rc;
use std::time::Duration;

/// Longest run of the command.
const COMMAND: Duration = Duration::from_secs(10);
/// Jobs that wait for the one that runs; the oldest is left out for a newer one.
const WAITING: usize = 16;
/// Variables handed on; everything else stays behind.
const NAMES: &[&str] = &["PATH", "HOME", "LANG", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"];

impl Programs {
    pub fn set_env(&self, env: Vec<(String, String)>) {
        *self.env.borrow_mut() = env.into_iter().filter(|(n, v)| NAMES.contains(&n.as_str()) && !v.contains('\0')).collect();
    }

    /// The last client's variables, else those the server was started with.
    pub fn env(&self) -> Vec<(String, String)> {
        let given = self.env.borrow();
        let own = |name: &&str| std::env::var(name).ok().map(|v| ((*name).to_owned(), v));
        let given_or_own = |name: &&str| given.iter().find(|(n, _)| n == name).cloned().or_else(|| own(name));
        NAMES.iter().filter_map(given_or_own).collect()
    }

    /// By the person's own command.
    pub fn command(&self, hub: &Rc<Hub>, argv: &[String], n: &Notification) {
        let mut env = self.env();
        let Some((name, args)) = argv.split_first() else { return };
        let Some(program) = find(&env, name) else {
            tracing::warn!("notifications.command: `{}` was not found", safe_line(name, 100));
            return;
        };
        let facts = facts(hub, n);
        for (name, value) in variables(hub, n, &facts) {
            env.push((name.to_owned(), value));
        }
        let args = args.iter().map(|a| filled(a, n)).collect();
        self.add(hub, Job { program, args, env, input: facts.to_string().into_bytes(), limit: COMMAND });
    }

    fn add(&self, hub: &Rc<Hub>, job: Job) {
        let lane = &self.command;
        let mut waiting = lane.waiting.borrow_mut();
        waiting.push_back(job);
        if waiting.len() > WAITING {
            waiting.pop_front();
            tracing::warn!("a notification was left out: its program is too slow for them");
        }
        drop(waiting);
        if lane.runs.replace(true) {
            return;
        }
        let task_hub = Rc::clone(hub);
        hub.spawn("a program that tells", async move {
            let lane = &task_hub.notices.programs.command;
            loop {
                let Some(job) = lane.waiting.borrow_mut().pop_front() else { break };
                let name = job.program.display().to_string();
                report(&name, run(job).await);
            }
            lane.runs.set(false);
        });
    }
}

/// Text as one whole argument: one that begins like an option gets a space before it.
fn argument(text: &str) -> String {
    if text.starts_with('-') { format!(" {text}") } else { text.to_owned() }
}

/// An argument of the command, filled in when it is a placeholder as a whole.
fn filled(arg: &str, n: &Notification) -> String {
    match arg {
        "{kind}" => n.kind.word().to_owned(),
        "{title}" => argument(&n.title),
        "{text}" => argument(&n.text),
        "{session}" => n.session.as_ref().map(ToString::to_string).unwrap_or_default(),
        other => other.to_owned(),
    }
}

/// The notification as JSON, with the facts of its session.
fn facts(hub: &Hub, n: &Notification) -> Value {
    let session = n.session.as_ref().and_then(|id| {
        hub.world(|w| {
            let s = &w.get(id)?.facts;
            let project = &s.project;
            Some(json!({
                "id": s.id, "number": s.number, "name": s.name, "state": s.state, "agent": s.agent, "task": s.task,
                "project": project, "cwd": s.cwd, "branch": s.branch, "worktree": s.worktree,
            }))
        })
    });
    json!({
        "id": n.id, "kind": n.kind, "title": n.title, "text": n.text, "lines": n.lines, "count": n.count,
        "server": hub.paths.server, "session": session,
    })
}

/// The same as variables. Not under the names that a pane has: a program started here is in no session.
fn variables(hub: &Hub, n: &Notification, facts: &Value) -> Vec<(&'static str, String)> {
    let mut out = vec![
        ("COPILOT_TUI_NOTICE_KIND", n.kind.word().to_owned()),
        ("COPILOT_TUI_NOTICE_TITLE", n.title.clone()),
        ("COPILOT_TUI_NOTICE_TEXT", n.text.clone()),
        ("COPILOT_TUI_NOTICE_COUNT", n.count.to_string()),
        ("COPILOT_TUI_SERVER", hub.paths.server.clone()),
    ];
    let names = [
        ("COPILOT_TUI_NOTICE_SESSION", "id"),
        ("COPILOT_TUI_NOTICE_NUMBER", "number"),
        ("COPILOT_TUI_NOTICE_NAME", "name"),
        ("COPILOT_TUI_NOTICE_STATE", "state"),
    ];
    for (name, key) in names.into_iter().chain([("COPILOT_TUI_NOTICE_PROJECT", "project"), ("COPILOT_TUI_NOTICE_BRANCH", "branch")]) {
        let value = match facts.pointer(&format!("/session/{key}")) {
            Some(Value::String(s)) => s.replace('\0', ""),
            Some(Value::Number(n)) => n.to_string(),
            _ => continue,
        };
        out.push((name, value));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::NoticeKind;

    fn n(title: &str, text: &str) -> Notification {
        Notification { id: 1, kind: NoticeKind::Failed, session: None, title: title.into(), text: text.into(), lines: Vec::new(), count: 1 }
    }

    #[test]
    fn placeholders_are_whole_arguments_and_never_options() {
        let n = n("#1 a failed", "--exec=rm; touch X");
        let argv = ["{kind}", "{title}", "{text}", "{session}", "x={title}", "$(id)"];
        let got: Vec<String> = argv.iter().map(|a| filled(a, &n)).collect();
        assert_eq!(got, ["failed", "#1 a failed", " --exec=rm; touch X", "", "x={title}", "$(id)"]);
    }
}
