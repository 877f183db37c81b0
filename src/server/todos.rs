//! Lists of things to do that agents keep, as the session's plan. Must not know where a person sees it.

use super::hub::Hub;
use crate::agent::bridge::{Bridge, HookRule};
use crate::base::SessionId;
use crate::evidence::{Source, Step};
use crate::model::Command;
use crate::wire::facts::{PlanStep, ProgressItem};
use crate::wire::report::Report;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Steps taken of one list.
const STEPS: usize = 200;

/// An agent's word for how far a step is, in ours.
fn state(word: &str) -> &'static str {
    match word {
        "completed" | "done" => "done",
        "in_progress" | "working" => "working",
        "blocked" | "cancelled" => "blocked",
        _ => "pending",
    }
}

fn step(v: &Value) -> Option<PlanStep> {
    let text = ["content", "title", "subject", "step", "text", "description"].iter().find_map(|k| v.get(k).and_then(Value::as_str))?;
    let word = v.get("status").and_then(Value::as_str).unwrap_or_default();
    Some(PlanStep { text: text.to_owned(), state: state(word).to_owned() })
}

/// A whole list, as a source told it.
pub fn listed(hub: &Rc<Hub>, id: &SessionId, source: Source, list: &Value) {
    let steps = list.as_array().into_iter().flatten().take(STEPS).filter_map(step).collect();
    keep(hub, id, source, steps);
}

/// A list, or one step of it with its number, stands in an event.
pub fn told(hub: &Rc<Hub>, id: &SessionId, rule: &HookRule, input: &Value, source: Source) {
    let Some(value) = rule.text.iter().find_map(|p| input.pointer(p)) else { return };
    let mut steps = hub.world(|w| w.get(id).map(|r| r.facts.plan.clone())).unwrap_or_default();
    match value {
        Value::Array(list) => steps = list.iter().take(STEPS).filter_map(step).collect(),
        one => {
            let place = rule.id.as_deref().and_then(|p| input.pointer(p));
            let number = place.and_then(|v| v.as_u64().or_else(|| v.as_str()?.parse().ok())).and_then(|n| usize::try_from(n).ok());
            let at = number.and_then(|n| n.checked_sub(1)).filter(|n| *n < steps.len());
            match (at, step(one)) {
                (Some(at), new) => {
                    let Some(old) = steps.get_mut(at) else { return };
                    if let Some(word) = one.get("status").and_then(Value::as_str) {
                        old.state = state(word).to_owned();
                    }
                    if let Some(new) = new.filter(|n| !n.text.is_empty()) {
                        old.text = new.text;
                    }
                }
                (None, Some(new)) if steps.len() < STEPS => steps.push(new),
                _ => {}
            }
        }
    }
    keep(hub, id, source, steps);
}

/// The list in the agent's database may have changed: it is read, and only read.
pub fn changed(hub: &Rc<Hub>, id: &SessionId, bridge: &Bridge) {
    let (Some(db), Some(query)) = (bridge.todo_db.clone(), bridge.todo_query.clone()) else { return };
    let known = hub.world(|w| w.get(id).and_then(|r| r.conversation.as_ref()).map(|c| (c.id.clone(), c.log.clone())));
    let Some((conversation, log)) = known else { return };
    let path = db.replace("{conversation}", &conversation);
    // Its home is the one of the session, which its log knows.
    let path = match path.strip_prefix("~/") {
        Some(below) => match log.as_deref().and_then(|l| home_of(l, below)) {
            Some(home) => home.join(below),
            None => return,
        },
        None => PathBuf::from(path),
    };
    let (task_hub, id) = (Rc::clone(hub), id.clone());
    hub.spawn("things to do", async move {
        let rows = tokio::task::spawn_blocking(move || crate::store::read_pairs(&path, &query, STEPS)).await;
        match rows {
            Ok(Ok(rows)) => {
                let steps = rows.into_iter().map(|(text, word)| PlanStep { text, state: state(&word).to_owned() }).collect();
                keep(&task_hub, &id, Source::Log, steps);
            }
            Ok(Err(e)) => tracing::debug!(session = %id, "its things to do cannot be read: {e}"),
            Err(_) => {}
        }
    });
}

/// The home folder that a log below it tells.
fn home_of(log: &str, below: &str) -> Option<PathBuf> {
    let first = format!("/{}/", below.split('/').next()?);
    log.find(&first).and_then(|at| log.get(..at)).map(|h| Path::new(h).to_owned())
}

fn keep(hub: &Rc<Hub>, id: &SessionId, source: Source, steps: Vec<PlanStep>) {
    if steps.is_empty() || hub.world(|w| w.get(id).is_none_or(|r| r.facts.plan == steps)) {
        return;
    }
    let done = steps.iter().filter(|s| s.state == "done").count() as u64;
    let total = steps.len() as u64;
    let current = steps.iter().find(|s| s.state == "working").map(|s| s.text.clone());
    hub.apply(Command::Report { id: id.clone(), report: Report::Plan { steps } });
    let state = if done >= total { "done" } else { "working" }.to_owned();
    let item = ProgressItem { name: "Plan".into(), done, total, current, state, ..ProgressItem::default() };
    hub.apply(Command::Steps { id: id.clone(), source, steps: vec![Step::Item(item)] });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_are_told_by_logs() {
        let below = ".copilot/session-state/c/session.db";
        assert_eq!(home_of("/home/x/.copilot/session-state/c/events.jsonl", below), Some(PathBuf::from("/home/x")));
        assert_eq!(home_of("/elsewhere/log", below), None);
    }

    #[test]
    fn steps_of_every_agent_are_read() {
        let one = step(&serde_json::json!({"content": "Read", "status": "in_progress"})).unwrap();
        assert_eq!((one.text.as_str(), one.state.as_str()), ("Read", "working"));
        assert_eq!(step(&serde_json::json!({"status": "done"})), None);
    }
}
