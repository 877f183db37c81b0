//! How a recording begins and goes on, and what is kept of them over all. Must not know the files.

use super::hub::Hub;
use super::pane::Pane;
use super::recorded::Sort;
use crate::base::{Now, SessionId};
use crate::model::Command;
use crate::past::{self, Bounds, Recorder, Start};
use crate::pty::Ring;
use crate::wire::facts::TimelineEntry;
use crate::wire::report::Report;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

/// What a new server knows of output that was not recorded.
pub struct GoesOn {
    /// The screen kept by the holder, and the output since.
    pub snapshot: Vec<u8>,
    /// Output that is recorded already.
    pub known: Vec<u8>,
    /// Output that is not.
    pub late: Vec<u8>,
    /// Bytes that are nowhere any more.
    pub lost: u64,
}

/// What of the stream is missing in the recording of a session that was taken over; nothing when it has none.
pub fn missing(hub: &Hub, id: &SessionId, ring: &Ring) -> Option<GoesOn> {
    let recorded = past::recorded_to(&hub.paths.session_dir(id))?;
    let (from, snapshot) = ring.snapshot().unwrap_or_else(|| (ring.floor(), Vec::new()));
    let snapshot = super::kept_anchors::split(&snapshot).0.to_vec();
    let mut known = ring.replay(from).ok()?;
    let late = known.split_off((recorded.saturating_sub(from) as usize).min(known.len()));
    Some(GoesOn { snapshot, known, late, lost: from.saturating_sub(recorded) })
}

/// Begins the recording of a session, when it is to be recorded.
pub fn begin(hub: &Rc<Hub>, pane: &Rc<Pane>, sort: Sort, offset: u64, goes_on: Option<GoesOn>) {
    let settings = hub.settings().recording;
    let Some((title, command, wanted)) = hub.world(|w| {
        let f = &w.get(&pane.id)?.facts;
        let r = w.get(&pane.id)?;
        // What was said at the start counts before the settings; who only watches is never recorded.
        let wanted = r.recipe.record.map_or_else(|| settings.wants(sort, &f.agent, f.kind), |on| on && !f.kind.watches());
        Some((format!("#{} {}", f.number, f.name), f.command.first().cloned().unwrap_or_default(), wanted))
    }) else {
        return;
    };
    if !wanted {
        return;
    }
    let mut recorder = hub.recorder.borrow_mut();
    if recorder.is_none() {
        match start(hub) {
            Ok(r) => *recorder = Some(r),
            Err(e) => return tracing::error!("nothing is recorded: {e}"),
        }
    }
    let Some(recorder) = recorder.as_ref() else { return };
    let goes = goes_on.is_some();
    // An agent that was not recorded before begins with the screen it has.
    let GoesOn { snapshot, known, late, lost } =
        goes_on.unwrap_or_else(|| GoesOn { snapshot: pane.engine(|e, _| e.snapshot(0)), known: Vec::new(), late: Vec::new(), lost: 0 });
    let start = Start {
        id: pane.id.clone(),
        dir: hub.paths.session_dir(&pane.id),
        title,
        command: crate::base::text::safe_line(&command, 400),
        limit: settings.max_bytes,
        size: pane.engine(|e, _| e.size()),
        snapshot,
        known,
        late,
        lost,
        goes_on: goes,
        offset,
        now: Now::read(),
    };
    pane.set_tap(Some(recorder.open(start)));
}

fn start(hub: &Rc<Hub>) -> std::io::Result<Recorder> {
    let (tx, mut rx) = tokio::sync::mpsc::channel::<(SessionId, String)>(64);
    // What does not fit is about the same disk.
    let recorder = Recorder::start(move |id, text| drop(tx.try_send((id.clone(), text.to_owned()))))?;
    let task_hub = Rc::clone(hub);
    hub.spawn("recordings", async move {
        while let Some((id, text)) = rx.recv().await {
            tracing::warn!(session = %id, "{text}");
            task_hub.apply(Command::Report { id, report: Report::Note { text } });
        }
    });
    Ok(recorder)
}

/// A line of the log becomes a marker; what was typed never stands in a recording.
pub fn mark(hub: &Hub, entry: &TimelineEntry) {
    let label = match entry.kind.as_str() {
        "follow-up" if entry.text.starts_with("queued") => "follow-up queued".to_owned(),
        "follow-up" => "follow-up".to_owned(),
        "state" | "phase" | "action" => entry.text.clone(),
        "error" => format!("error: {}", entry.text),
        _ => return,
    };
    if let Some(pane) = hub.live_pane(&entry.session) {
        pane.tap(|t| t.mark(&label, Now::read()));
    }
}

/// Waits until what was drawn so far can be read back.
pub async fn flush(hub: &Hub, at_most: Duration) {
    let flusher = hub.recorder.borrow().as_ref().map(Recorder::flusher);
    if let Some(flusher) = flusher {
        let _ = tokio::task::spawn_blocking(move || flusher(at_most)).await;
    }
}

/// Drops what is over the bounds, in the background.
pub fn sweep(hub: &Rc<Hub>) {
    let live: HashSet<SessionId> = hub.world(|w| w.sessions().filter(|r| !r.facts.state.ended()).map(|r| r.facts.id.clone()).collect());
    let (dir, days) = (hub.paths.sessions(), hub.settings().recording.days);
    tokio::task::spawn_blocking(move || {
        let dropped = past::sweep(&dir, &live, Bounds::days(days), SystemTime::now());
        if dropped > 0 {
            tracing::info!(dropped, "old recordings and texts of ended sessions dropped");
        }
    });
}
