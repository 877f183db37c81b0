//! After a start: sessions from the database, terminals from their holders, screens from snapshot and replay.
//! Must not know clients.

use super::hub::Hub;
use super::kept_anchors;
use super::pane::Pane;
use super::pump;
use super::recording;
use crate::base::{Now, SessionId};
use crate::model::{Command, Record};
use crate::pty::{self, AttachError, Leased};
use crate::store::Opened;
use crate::term;
use crate::wire::State;
use crate::wire::facts::{ErrorReport, TimelineEntry};
use crate::wire::report::Report;
use rustix::fs::{FileType, Mode, OFlags};
use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::rc::Rc;
use std::time::Duration;

/// Longest wait for one holder; a hung one must not keep the others.
const ATTACH: Duration = Duration::from_secs(3);
/// Longest wait for one holder when it is tried again, and the time between tries.
const PATIENCE: Duration = Duration::from_secs(10);
const RETRY: Duration = Duration::from_secs(2);
/// Most that is read of a spool, in bytes.
const MAX_SPOOL: u64 = 512 * 1024;

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
    for (id, leased) in leases.iter().filter_map(|(id, l)| Some((id, l.as_ref()?))) {
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
    // Holders whose socket is gone (a cleaned runtime folder) still hold their agents. Looked for among all processes of the
    // machine, so only where a session should have one.
    let missing = |r: &Record| !r.facts.state.ended() && !leases.contains_key(&r.facts.id);
    let alive: Vec<SessionId> = if by_number.iter().any(missing) { pty::holder_processes().into_iter().map(|h| h.0).collect() } else { Vec::new() };
    for record in &by_number {
        bring_back(hub, record, &mut leases, &alive, now).await;
    }
    unfinished_worktrees(hub);
    recording::sweep(hub);
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

/// The terminals that holders lend; `None` of a holder that is there but does not answer now.
async fn lease_all(hub: &Rc<Hub>, holders: &[SessionId]) -> HashMap<SessionId, Option<Leased>> {
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
                out.insert(id, Some(leased));
            }
            Ok((id, Ok(Err(e)))) => {
                tracing::warn!(session = %id, "its holder does not lend its terminal: {e}");
                if !matches!(e, AttachError::Gone) {
                    out.insert(id, None);
                }
            }
            Ok((id, Err(_))) => {
                tracing::error!(session = %id, "its holder does not answer");
                out.insert(id, None);
            }
            Err(e) => tracing::error!("taking over a session failed: {e}"),
        }
    }
    out
}

async fn bring_back(hub: &Rc<Hub>, record: &Record, leases: &mut HashMap<SessionId, Option<Leased>>, alive: &[SessionId], now: Now) {
    let id = record.facts.id.clone();
    let (state, number) = (record.facts.state, record.facts.number);
    let spool = hub.paths.session_dir(&id).join("spool");
    match leases.remove(&id) {
        Some(Some(leased)) if !state.ended() => {
            take_over(hub, &id, leased, now);
            spooled(hub, &id, &spool);
            tracing::info!(session = %id, number, "taken over");
        }
        Some(Some(leased)) => {
            // It was ended for us, but its holder had not heard of it.
            let _ = leased.control.ack_exit().await;
        }
        _ if state.ended() => {}
        None if state == State::Queued => {
            // What it was to run with was never written anywhere, and starting it with something else would not be it.
            let message = "the server ended while it was queued, and with it the environment it was to get; start it again";
            hub.apply(Command::StartFailed { id, message: message.into() });
        }
        // Its holder lives, so its agent may: a slow or stopped holder is no reason to end anything.
        Some(None) => wait_for_holder(hub, id),
        None if alive.contains(&id) => wait_for_holder(hub, id),
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

/// Gives a session its terminal back.
fn take_over(hub: &Rc<Hub>, id: &SessionId, leased: Leased, now: Now) {
    let pid = leased.agent_pid;
    let goes_on = recording::missing(hub, id, &leased.ring);
    let pane = rebuild(hub, id, &leased, now);
    hub.set_pane(Rc::clone(&pane));
    pump::run(hub, &pane, leased, goes_on);
    if hub.world(|w| w.get(id).is_some_and(|r| r.facts.state == State::Starting)) {
        hub.apply(Command::Started { id: id.clone(), pid });
    } else {
        hub.apply(Command::TakenOver(id.clone()));
    }
}

/// Tries again until the holder lends its terminal or is really gone.
fn wait_for_holder(hub: &Rc<Hub>, id: SessionId) {
    let note = Report::Note { text: "its holder does not answer; trying again".into() };
    hub.apply(Command::Report { id: id.clone(), report: note });
    let task_hub = Rc::clone(hub);
    hub.spawn("wait for a holder", async move {
        let dirs = task_hub.holder_dirs();
        loop {
            let tried = tokio::select! {
                () = task_hub.closing() => return,
                tried = tokio::time::timeout(PATIENCE, pty::attach(&id, &dirs)) => tried,
            };
            match tried {
                Ok(Ok(leased)) => {
                    tracing::info!(session = %id, "taken over, late");
                    take_over(&task_hub, &id, leased, Now::read());
                    task_hub.apply(Command::Report { id: id.clone(), report: Report::Note { text: "its holder answers again".into() } });
                    task_hub.wake_all();
                    return;
                }
                Ok(Err(AttachError::Gone)) if !pty::holder_processes().iter().any(|h| h.0 == id) => {
                    let sweep = id.clone();
                    let _ = tokio::task::spawn_blocking(move || pty::kill_tree_by_session(&sweep, Duration::from_secs(2))).await;
                    task_hub.apply(Command::Lost { id, why: "its holder is gone".into() });
                    return;
                }
                _ => {}
            }
            tokio::select! {
                () = task_hub.closing() => return,
                () = tokio::time::sleep(RETRY) => {}
            }
        }
    });
}

/// Worktrees that were being made when a server ended: said at their session, removed never.
fn unfinished_worktrees(hub: &Rc<Hub>) {
    for (key, json) in hub.store.intents().unwrap_or_default() {
        let Ok(intent) = serde_json::from_str::<serde_json::Value>(&json) else { continue };
        let text = |k: &str| intent.get(k).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let (project, slug) = (text("project"), text("slug"));
        if let Ok(id) = text("session").parse::<SessionId>()
            && hub.world(|w| w.get(&id).is_some_and(|r| r.facts.worktree.is_none()))
        {
            let error = ErrorReport {
                title: "the server ended while the worktree was made".into(),
                issue: Some(format!(
                    "a folder {project}-{slug} and a branch agent/{slug} (or with a number behind) may be there; nothing was removed"
                )),
                suggestion: Some(format!("look: git -C {project} worktree list")),
                ..ErrorReport::default()
            };
            hub.apply(Command::Failure { id, error });
        }
        if let Err(e) = hub.store.done_intent(&key) {
            tracing::error!("{key}: {e}");
        }
    }
}

/// The engine as it was, plus what came meanwhile.
fn rebuild(hub: &Rc<Hub>, id: &SessionId, leased: &Leased, now: Now) -> Rc<Pane> {
    let settings = hub.settings();
    let ring = &leased.ring;
    let snapshot = ring.snapshot();
    let kept = snapshot.as_ref().and_then(|(offset, bytes)| {
        let (screen, lines) = kept_anchors::split(bytes);
        Some((*offset, term::restore(screen, settings.history_lines)?, lines))
    });
    let (from, mut engine, lines) =
        kept.unwrap_or_else(|| (ring.floor(), term::new_engine(settings.engine, leased.size, settings.history_lines), Vec::new()));
    let mut anchors = Default::default();
    match ring.replay(from) {
        Ok(bytes) => {
            let read = kept_anchors::Read { from, bytes: &bytes, answered: ring.answered() };
            anchors = kept_anchors::replay(hub, id, engine.as_mut(), &lines, &read, now);
        }
        Err(gap) => {
            tracing::error!(session = %id, "output is missing: {gap}");
            engine.feed(b"\r\n[some output was lost]\r\n", now);
        }
    }
    let pane = Pane::new(id.clone(), engine, Some(leased.size));
    pane.set_before(anchors, ring.head());
    let mut replies = Vec::new();
    pane.engine_mut(|e| e.take_replies(&mut replies));
    pane.input().answer(&replies);
    pane
}

/// Reports that came while no server ran. The file was written from inside a session: it is not trusted to be a plain one.
fn spooled(hub: &Rc<Hub>, id: &SessionId, file: &std::path::Path) {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let Ok(fd) = rustix::fs::open(file, flags, Mode::empty()) else { return };
    let plain = rustix::fs::fstat(&fd).is_ok_and(|s| FileType::from_raw_mode(s.st_mode).is_file());
    let mut bytes = Vec::new();
    if plain {
        let _ = std::fs::File::from(fd).take(MAX_SPOOL).read_to_end(&mut bytes);
    }
    for line in bytes.split(|b| *b == b'\n') {
        if let Ok(report) = serde_json::from_slice::<Report>(line) {
            hub.apply(Command::Report { id: id.clone(), report });
        } else if let Ok(Spooled { hook }) = serde_json::from_slice::<Spooled>(line) {
            let age_ms = Now::read().wall_ms.saturating_sub(hook.at_ms).max(1);
            if let Some(spec) = super::catalog::spec_of(hub, id).filter(|s| s.name == hook.agent) {
                super::bridge::heard(hub, id, &spec.bridge, &hook.event, &hook.input, crate::evidence::Source::Hook, age_ms);
            }
        }
    }
    let _ = std::fs::remove_file(file);
}

/// A hook's line in a spool.
#[derive(serde::Deserialize)]
struct Spooled {
    hook: SpooledHook,
}

#[derive(serde::Deserialize)]
struct SpooledHook {
    agent: String,
    event: String,
    #[serde(default)]
    input: serde_json::Value,
    #[serde(default)]
    at_ms: u64,
}

fn rebooted_since(hub: &Hub, id: &SessionId) -> bool {
    let started = hub.world(|w| w.get(id).map_or(0, |r| r.facts.started_ms));
    let up = std::fs::read_to_string("/proc/uptime").ok().and_then(|s| s.split(' ').next()?.parse::<f64>().ok()).unwrap_or(f64::MAX);
    let booted = Now::read().wall_ms.saturating_sub((up * 1000.0) as u64);
    started < booted
}
