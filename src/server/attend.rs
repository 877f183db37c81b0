//! Looks after an agent's terminal while something is asked: finds its own dialog on the screen, so that it can be answered from
//! outside; and learns the agent's name for its conversation from the file it holds open. Woken by output and by changes, never
//! by a clock. Must not know how answers are given.

use super::asks::Way;
use super::hub::Hub;
use super::pane::Pane;
use crate::agent::AgentSpec;
use crate::agent::dialog::{self, Dialog};
use crate::model::{Command, Conversation};
use crate::wire::State;
use crate::wire::facts::Waiting;
use regex::Regex;
use std::rc::Rc;
use std::time::Duration;

/// A dialog counts when it stands as it is for so long.
const DRAWN: Duration = Duration::from_millis(120);
/// Processes of an agent whose open files are looked at.
const PROCESSES: usize = 8;
/// Looks for the open file: after so many outputs nobody looks any more.
const LOOKS: u32 = 200;

/// Attends a session's terminal until it ends.
pub fn attend(hub: &Rc<Hub>, pane: &Rc<Pane>) {
    let Some(spec) = super::bridge::spec_of(hub, &pane.id) else { return };
    let open_file = spec.bridge.open_file.as_deref().and_then(|p| Regex::new(p).ok());
    if spec.bridge.stream.is_some() {
        super::stream::follow(hub, pane, spec.bridge.clone());
    }
    if !spec.dialogs.is_empty() || open_file.is_some() {
        let (task_hub, pane) = (Rc::clone(hub), Rc::clone(pane));
        hub.spawn("attend", async move {
            tokio::select! {
                () = pane.ended() => {}
                () = watch(&task_hub, &pane, &spec, open_file) => {}
            }
        });
    }
}

async fn watch(hub: &Rc<Hub>, pane: &Rc<Pane>, spec: &AgentSpec, open_file: Option<Regex>) {
    let mut output = pane.output();
    let mut changed = hub.subscribe();
    let mut looks = 0;
    // The prompt that a hook holds, once the session was seen to wait for it.
    let mut held: Option<String> = None;
    loop {
        output.mark_unchanged();
        let (waits, known) = hub.world(|w| w.get(&pane.id).map_or((false, true), |r| (r.facts.state == State::Waiting, r.conversation.is_some())));
        if let Some(pattern) = open_file.as_ref().filter(|_| !known && looks < LOOKS) {
            looks += 1;
            find_conversation(hub, pane, pattern).await;
        }
        if waits {
            // A half-drawn dialog is none: what counts stands there twice. Something on the screen may turn all the while.
            let first = find(pane, spec).map(|d| d.mark);
            pane.quiet(DRAWN, DRAWN).await;
            if first != find(pane, spec).map(|d| d.mark) {
                continue;
            }
        }
        let front = hub.asks.front(&pane.id).filter(|f| f.1.is_none()).map(|f| f.0);
        if waits {
            held = front;
        } else if let Some(old) = held.take().filter(|old| front.as_ref() == Some(old)) {
            // It went on: answered in its own terminal. Not every agent ends its hook then.
            hub.asks.let_go(hub, &pane.id, &old);
        }
        settle(hub, pane, spec, waits);
        // While nothing is asked, output is of interest only until the conversation is known.
        let curious = waits || (!known && open_file.is_some() && looks < LOOKS);
        tokio::select! {
            r = output.changed(), if curious => if r.is_err() { return },
            r = changed.changed() => if r.is_err() { return },
        }
        if curious && !waits {
            pane.quiet(DRAWN, Duration::from_millis(500)).await;
        }
    }
}

/// Makes the prompt that stands for the screen's dialog follow the screen.
fn settle(hub: &Rc<Hub>, pane: &Rc<Pane>, spec: &AgentSpec, waits: bool) {
    let front = hub.asks.front(&pane.id);
    let shown = if waits { find(pane, spec) } else { None };
    match (front, shown) {
        (Some((_, Some(mark))), Some(d)) if mark == d.mark => {}
        // A better way than keys stands in front.
        (Some((_, None)), _) => {}
        (front, shown) => {
            if let Some((old, _)) = front {
                hub.asks.take(hub, &pane.id, &old);
            }
            if let Some((d, rule)) = shown.and_then(|d| spec.dialogs.get(d.rule).cloned().map(|r| (d, r))) {
                let waiting = Waiting { kind: rule.kind.clone(), text: d.text, options: d.options, ..Waiting::default() };
                hub.asks.open(hub, &pane.id, waiting, String::new(), Way::Keys { rule, mark: d.mark }, None);
            }
        }
    }
}

fn find(pane: &Pane, spec: &AgentSpec) -> Option<Dialog> {
    dialog::find(&spec.dialogs, &pane.screen_lines())
}

/// The agent's dialog that stands on the screen now.
pub fn dialog(hub: &Hub, pane: &Pane) -> Option<Dialog> {
    find(pane, &super::bridge::spec_of(hub, &pane.id)?)
}

/// The agent holds its log open: its name tells the conversation.
async fn find_conversation(hub: &Rc<Hub>, pane: &Rc<Pane>, pattern: &Regex) {
    let Some(pid) = pane.agent_pid() else { return };
    let pattern = pattern.clone();
    let found = tokio::task::spawn_blocking(move || open_file(pid, &pattern)).await;
    if let Ok(Some((id, path))) = found {
        hub.apply(Command::Conversation { id: pane.id.clone(), conversation: Conversation { id, log: Some(path) } });
    }
}

/// The oldest open file of a process or its children that fits: the group `id`, and the path.
fn open_file(pid: i32, pattern: &Regex) -> Option<(String, String)> {
    let mut pids = vec![pid];
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    pids.extend(children.split_whitespace().filter_map(|p| p.parse::<i32>().ok()).take(PROCESSES));
    let mut found: Vec<(String, String)> = Vec::new();
    for pid in pids {
        // A helper that has just ended hides nothing of the others.
        for fd in std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten().take(1024) {
            let Ok(target) = std::fs::read_link(fd.path()) else { continue };
            let path = target.to_string_lossy().into_owned();
            if let Some(id) = pattern.captures(&path).and_then(|c| c.name("id").map(|m| m.as_str().to_owned())) {
                found.push((id, path));
            }
        }
    }
    // Helpers have logs of their own; the session's was there first, and names sort by time.
    found.into_iter().min_by(|a, b| a.1.cmp(&b.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_file_tells_the_conversation() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rollout-abc.jsonl");
        let _held = std::fs::File::create(&path).unwrap();
        let pattern = Regex::new(r"/rollout-(?<id>[a-z]+)\.jsonl$").unwrap();
        let path = path.canonicalize().unwrap().to_string_lossy().into_owned();
        assert_eq!(open_file(std::process::id() as i32, &pattern), Some(("abc".into(), path)));
    }
}
