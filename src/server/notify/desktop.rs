//! The desktop's notifier: shows, replaces by the desktop's own number what it showed before, takes back what was answered. One
//! program at a time, a few waiting. Must not know when something is told.

use super::super::hub::Hub;
use super::notices::{Desktop, Task};
use super::run::{Ended, Job, find, report, run};
use crate::wire::{NoticeKind, Notification};
use std::rc::Rc;
use std::time::Duration;

/// Longest run of one program.
const LIMIT: Duration = Duration::from_secs(3);
/// What waits for the program that runs; the oldest is left out for a newer one.
const WAITING: usize = 16;
/// Notifications on the desktop that are remembered; the oldest is forgotten.
const SHOWN: usize = 64;

impl Desktop {
    /// Shows one, in the place of what stands there for it.
    pub fn show(&self, hub: &Rc<Hub>, n: &Notification) {
        let mut shown = self.shown.borrow_mut();
        shown.entry(n.id).or_default();
        if shown.len() > SHOWN {
            shown.pop_first();
        }
        drop(shown);
        self.add(hub, Task::Show(Box::new(n.clone())));
    }

    /// Says it anew, when it is there.
    pub fn again(&self, hub: &Rc<Hub>, n: &Notification) {
        if self.shown.borrow().contains_key(&n.id) && !self.no_numbers.get() {
            self.add(hub, Task::Show(Box::new(n.clone())));
        }
    }

    /// What it is about is over.
    pub fn take_back(&self, hub: &Rc<Hub>, id: u64) {
        if self.shown.borrow().contains_key(&id) {
            self.add(hub, Task::TakeBack(id));
        }
    }

    fn add(&self, hub: &Rc<Hub>, task: Task) {
        let mut waiting = self.waiting.borrow_mut();
        waiting.push_back(task);
        if waiting.len() > WAITING {
            waiting.pop_front();
            tracing::warn!("a desktop notification was left out: the notifier is too slow for them");
        }
        drop(waiting);
        if self.runs.replace(true) {
            return;
        }
        let task_hub = Rc::clone(hub);
        hub.spawn("desktop notifications", async move {
            let desktop = &task_hub.notices.programs.desktop;
            loop {
                let Some(task) = desktop.waiting.borrow_mut().pop_front() else { break };
                let env = task_hub.notices.programs.env();
                match task {
                    Task::Show(n) => desktop.notify(&n, env).await,
                    Task::TakeBack(id) => desktop.close(id, env).await,
                }
            }
            desktop.runs.set(false);
        });
    }

    async fn notify(&self, n: &Notification, env: Vec<(String, String)>) {
        let Some(program) = find(&env, "notify-send") else {
            return tracing::warn!("a desktop notification was wanted, and notify-send is not installed");
        };
        let Some(place) = self.shown.borrow().get(&n.id).copied() else { return };
        let numbers = !self.no_numbers.get();
        let job = |args| Job { program: program.clone(), args, env: env.clone(), input: Vec::new(), limit: LIMIT };
        let mut ended = run(job(arguments(n, numbers, place))).await;
        if numbers
            && let Ended::Itself { ok: false, output, .. } = &ended
            && output.to_lowercase().contains("unknown option")
        {
            self.no_numbers.set(true);
            ended = run(job(arguments(n, false, None))).await;
        }
        if let Ended::Itself { ok: true, output, .. } = &ended
            && let Some(entry) = self.shown.borrow_mut().get_mut(&n.id)
        {
            *entry = output.lines().next().and_then(|l| l.trim().parse().ok()).filter(|n| *n != 0);
        }
        report("notify-send", ended);
    }

    async fn close(&self, id: u64, env: Vec<(String, String)>) {
        let Some(Some(number)) = self.shown.borrow_mut().remove(&id) else { return };
        let there = CLOSERS.iter().find_map(|(name, args)| Some((find(&env, name)?, *name, *args)));
        let Some((program, name, args)) = there else { return };
        let number = number.to_string();
        let args = args.iter().map(|a| a.replace("{}", &number)).collect();
        report(name, run(Job { program, args, env, input: Vec::new(), limit: LIMIT }).await);
    }
}

/// What can ask the desktop to close one: by D-Bus, else by putting something in its place that goes at once.
const CLOSERS: &[(&str, &[&str])] = &[
    (
        "gdbus",
        &[
            "call",
            "--session",
            "--dest=org.freedesktop.Notifications",
            "--object-path=/org/freedesktop/Notifications",
            "--method=org.freedesktop.Notifications.CloseNotification",
            "{}",
        ],
    ),
    (
        "busctl",
        &[
            "--user",
            "call",
            "org.freedesktop.Notifications",
            "/org/freedesktop/Notifications",
            "org.freedesktop.Notifications",
            "CloseNotification",
            "u",
            "{}",
        ],
    ),
    (
        "dbus-send",
        &[
            "--session",
            "--type=method_call",
            "--dest=org.freedesktop.Notifications",
            "/org/freedesktop/Notifications",
            "org.freedesktop.Notifications.CloseNotification",
            "uint32:{}",
        ],
    ),
    ("notify-send", &["--app-name=copilot-tui", "--urgency=low", "--expire-time=1", "--replace-id={}", "--", "over"]),
];

fn arguments(n: &Notification, numbers: bool, place: Option<u32>) -> Vec<String> {
    let urgency = match n.kind {
        NoticeKind::Waiting => "critical",
        NoticeKind::Failed | NoticeKind::Done => "normal",
        NoticeKind::Milestone | NoticeKind::Message => "low",
    };
    // The body may be read as markup, and notify-send itself reads backslashes in it.
    let plain = |t: &str| t.replace('\\', "\\\\").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let body = if n.lines.is_empty() { n.text.clone() } else { n.lines.join("\n") };
    let mut args = vec!["--app-name=copilot-tui".to_owned(), format!("--urgency={urgency}")];
    if numbers {
        args.push("--print-id".into());
        args.extend(place.map(|p| format!("--replace-id={p}")));
    }
    args.extend(["--".into(), n.title.clone(), plain(&body)]);
    args
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_desktop_shows_plain_text_in_its_place() {
        let n = Notification {
            id: 1,
            kind: NoticeKind::Failed,
            session: None,
            title: "-t".into(),
            text: "<b>\\033[31m & \"; touch X".into(),
            lines: Vec::new(),
            count: 1,
        };
        let body = "&lt;b&gt;\\\\033[31m &amp; \"; touch X";
        assert_eq!(arguments(&n, false, None), ["--app-name=copilot-tui", "--urgency=normal", "--", "-t", body]);
        let args = arguments(&n, true, Some(7));
        assert_eq!(args, ["--app-name=copilot-tui", "--urgency=normal", "--print-id", "--replace-id=7", "--", "-t", body]);
    }
}
