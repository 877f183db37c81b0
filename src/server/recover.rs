//! After a start: sessions from the database, terminals from their holders, screens from snapshot and replay.
//! Must not know clients.

use super::hub::Hub;
use super::pane::Pane;
use super::pump;
use crate::base::{Now, SessionId};
use crate::model::{Command, Record};
use crate::pty::{self, Leased};
use crate::store::Opened;
use crate::term;
use crate::wire::State;
use crate::wire::facts::TimelineEntry;
use crate::wire::report::Report;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::time::Duration;

/// Longest wait for one holder; a hung one must not keep the others.
const ATTACH: Duration = Duration::from_secs(3);

/// Brings everything back.
pub async fn recover(hub: &Rc<Hub>, opened: Opened, now: Now) {
    if let Some(old) = &opened.recovered_from {
        tracing::error!("the database was damaged; it was put aside as {} and made anew from the running sessions", old.display());
    }
    let mut records = known(hub);
    let holders = pty::list_holders(&hub.holder_dirs()).unwrap_or_else(|e| {
        tracing::error!("cannot list the holders: {e}");
        Vec::new()
    });
    let mut leases = lease_all(hub, &holders).await;
    for (id, leased) in &leases {
        let meta = leased.meta.as_deref().and_then(|m| serde_json::from_slice::<Record>(m).ok()).filter(|r| r.facts.id == *id);
        match (records.get(id), meta) {
            (Some(stored), Some(held)) if held.version > stored.version => {
                records.insert(id.clone(), held);
            }
            (Some(_), _) => {}
            (None, Some(held)) => {
                tracing::info!(session = %id, "known from its holder");
                records.insert(id.clone(), held);
            }
            (None, None) => tracing::error!(session = %id, "its holder runs, but nothing is known of it; `copilot-tui doctor --orphans` lists it"),
        }
    }
    let mut by_number: Vec<Record> = records.into_values().collect();
    by_number.sort_by_key(|r| r.facts.number);
    // All of them before the first change: what is queued must see what runs.
    let entries = timeline(hub);
    hub.fill(|w| {
        w.restore_timeline(entries);
        by_number.iter().cloned().for_each(|r| w.restore(r));
    });
    for record in &by_number {
        bring_back(hub, record, &mut leases, now).await;
    }
}

fn known(hub: &Hub) -> HashMap<SessionId, Record> {
    let rows = hub.store.sessions().unwrap_or_else(|e| {
        tracing::error!("cannot read the sessions: {e}");
        Vec::new()
    });
    let mut records = HashMap::new();
    let mut numbers = BTreeSet::new();
    for (id, number, json) in rows {
        match serde_json::from_str::<Record>(&json) {
            Ok(r) if r.facts.id == id && numbers.insert(r.facts.number) => {
                records.insert(id, r);
            }
            Ok(_) => tracing::error!(session = %id, number, "its record belongs to another session; left out"),
            Err(e) => tracing::error!(session = %id, number, "its record cannot be read: {e}"),
        }
    }
    records
}

fn timeline(hub: &Hub) -> Vec<TimelineEntry> {
    let events = hub.store.events(None, crate::model::TIMELINE).unwrap_or_default();
    events.into_iter().filter_map(|e| serde_json::from_str(&e.text).ok()).collect()
}

async fn lease_all(hub: &Rc<Hub>, holders: &[SessionId]) -> HashMap<SessionId, Leased> {
    let dirs = Rc::new(hub.holder_dirs());
    let tasks: Vec<_> = holders
        .iter()
        .cloned()
        .map(|id| {
            let dirs = Rc::clone(&dirs);
            tokio::task::spawn_local(async move {
                let leased = tokio::time::timeout(ATTACH, pty::attach(&id, &dirs)).await;
                (id, leased)
            })
        })
        .collect();
    let mut out = HashMap::new();
    for task in tasks {
        match task.await {
            Ok((id, Ok(Ok(leased)))) => {
                out.insert(id, leased);
            }
            Ok((id, Ok(Err(e)))) => tracing::warn!(session = %id, "its holder does not lend its terminal: {e}"),
            Ok((id, Err(_))) => tracing::error!(session = %id, "its holder does not answer"),
            Err(e) => tracing::error!("taking over a session failed: {e}"),
        }
    }
    out
}

async fn bring_back(hub: &Rc<Hub>, record: &Record, leases: &mut HashMap<SessionId, Leased>, now: Now) {
    let id = record.facts.id.clone();
    let (state, number) = (record.facts.state, record.facts.number);
    let spool = hub.paths.session_dir(&id).join("spool");
    match leases.remove(&id) {
        Some(leased) if !state.ended() => {
            let pid = leased.agent_pid;
            let pane = rebuild(hub, &id, &leased, now);
            hub.set_pane(Rc::clone(&pane));
            pump::run(hub, &pane, leased);
            if state == State::Starting {
                hub.apply(Command::Started { id: id.clone(), pid });
            }
            spooled(hub, &id, &spool);
            tracing::info!(session = %id, number, "taken over");
        }
        Some(leased) => {
            // It was ended for us, but its holder had not heard of it.
            let _ = leased.control.ack_exit().await;
        }
        None if state.ended() || state == State::Queued => {}
        None => {
            let sweep = id.clone();
            let _ = tokio::task::spawn_blocking(move || pty::kill_tree_by_session(&sweep, Duration::from_secs(2))).await;
            spooled(hub, &id, &spool);
            let why = match state {
                State::Starting => "the server ended while it was being started",
                _ if rebooted_since(hub, &id) => "ended by a reboot",
                _ => "its holder is gone",
            };
            hub.apply(Command::Lost { id, why: why.into() });
        }
    }
}

/// The engine as it was, plus what came meanwhile.
fn rebuild(hub: &Rc<Hub>, id: &SessionId, leased: &Leased, now: Now) -> Rc<Pane> {
    let settings = hub.settings();
    let ring = &leased.ring;
    let kept = ring.snapshot().and_then(|(offset, bytes)| Some((offset, term::restore(&bytes, settings.history_lines)?)));
    let (from, mut engine) = kept.unwrap_or_else(|| (ring.floor(), term::new_engine(settings.engine, leased.size, settings.history_lines)));
    match ring.replay(from) {
        Ok(bytes) => {
            // What was answered before is not answered again.
            let answered = (ring.answered().saturating_sub(from) as usize).min(bytes.len());
            let (old, new) = bytes.split_at(answered);
            engine.feed(old, now);
            engine.take_replies(&mut Vec::new());
            engine.take_events();
            engine.feed(new, now);
        }
        Err(gap) => {
            tracing::error!(session = %id, "output is missing: {gap}");
            engine.feed(b"\r\n[some output was lost]\r\n", now);
        }
    }
    let pane = Pane::new(id.clone(), engine, Some(leased.size));
    let mut replies = Vec::new();
    pane.engine_mut(|e| e.take_replies(&mut replies));
    pane.input().borrow_mut().extend(replies);
    pane
}

/// Reports that came while no server ran.
fn spooled(hub: &Rc<Hub>, id: &SessionId, file: &std::path::Path) {
    let Ok(text) = std::fs::read_to_string(file) else { return };
    for report in text.lines().filter_map(|l| serde_json::from_str::<Report>(l).ok()) {
        hub.apply(Command::Report { id: id.clone(), report });
    }
    let _ = std::fs::remove_file(file);
}

fn rebooted_since(hub: &Hub, id: &SessionId) -> bool {
    let started = hub.world(|w| w.get(id).map_or(0, |r| r.facts.started_ms));
    let up = std::fs::read_to_string("/proc/uptime").ok().and_then(|s| s.split(' ').next()?.parse::<f64>().ok()).unwrap_or(f64::MAX);
    let booted = Now::read().wall_ms.saturating_sub((up * 1000.0) as u64);
    started < booted
}
