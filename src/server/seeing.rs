//! What a person is shown by answers to requests, and how long to wait for a prompt that comes up. Must not know what may be
//! answered.

use super::catalog;
use super::client::Client;
use super::hub::Hub;
use super::roles::Role;
use super::seen::Terminal;
use crate::base::{Now, SessionId};
use crate::pty::tree;
use crate::wire::{Op, Session, State};
use serde_json::Value;
use std::time::Duration;

/// An agent says that it waits a moment before its prompt can be answered: it has so long to come up, milliseconds.
const COMES_UP: u64 = 1500;
/// Whether a command has its terminal in front of it: what one in the background prints stands between other things, or nowhere.
fn in_front(client: &Client, terminal: Terminal) -> bool {
    tree::brief(client.pid).is_ok_and(|p| (p.tty, p.sid) == terminal && p.pgid == p.front)
}

/// Notes what a person is shown by the answer to a request.
pub fn note_answer(hub: &Hub, client: &Client, shows: bool, answer: &Value) {
    let Some(terminal) = client.terminal.filter(|_| shows && client.role == Role::Outside && !client.is_screen()) else { return };
    if !in_front(client, terminal) {
        return;
    }
    let many = answer.get("sessions").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    for s in many.iter().chain([answer]).chain(answer.get("session")) {
        if let Some(prompt) = s.pointer("/waiting_for/id").and_then(Value::as_str)
            && let Some(id) = s.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok())
        {
            hub.asks.seen.shows(&id, terminal, prompt);
        }
    }
}

/// Whether the answer to a request is for a person's eyes.
pub fn shows(op: &Op) -> bool {
    matches!(op, Op::List { .. } | Op::Show { peek: false, .. } | Op::Wait { .. } | Op::Follow { .. })
}

/// Whether whatever was asked in a session was asked before this server's eyes.
pub fn fresh(hub: &Hub, id: &SessionId, now: Now) -> bool {
    let began = now.wall_ms.saturating_sub(hub.started.elapsed().as_millis() as u64);
    hub.world(|w| w.get(id).is_some_and(|r| r.facts.started_ms >= began))
}

/// How long to give an agent that has just begun to wait until its prompt can be answered: whoever waited for it is shown what the
/// next command answers. Nothing when it stands, or none will come.
pub fn unsettled(hub: &Hub, s: &Session) -> Option<Duration> {
    let waiting = s.waiting_for.as_ref().filter(|w| s.state == State::Waiting && w.id.is_none())?;
    let known = catalog::spec_of(hub, &s.id).is_some_and(|a| !a.dialogs.is_empty() || a.bridge.stream.is_some());
    // What waits on after an answer may not have told yet that it goes on.
    let (now, answered) = (Now::read(), hub.asks.seen.answered_at(&s.id));
    let age = now.wall_ms.saturating_sub(s.state_ms).min(now.mono_ms.saturating_sub(answered.unwrap_or_default()));
    (known && waiting.kind != "auth" && age < COMES_UP).then(|| Duration::from_millis(COMES_UP - age))
}
