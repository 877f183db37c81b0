//! Looking in all sessions and their past at once: histories of living panes, texts of ended ones, what recordings showed.
//! Engines are read in slices, files by workers; a newer search of the same client ends the older one. Must not know how hits
//! are shown.

use super::client::Client;
use super::hub::{Hub, wire_error};
use super::{recording, texts};
use crate::base::SessionId;
use crate::model::rfc3339;
use crate::past::{Found, Hit, Scan};
use crate::term::Pattern;
use crate::wire::State;
use crate::wire::message::WireError;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Hits given back of one session in one place.
const EACH: usize = 50;
/// Longest wait for what is being recorded.
const FLUSH: Duration = Duration::from_millis(300);
/// Texts of panes are kept so long after the last search.
const KEEP: Duration = Duration::from_secs(60);

struct Target {
    id: SessionId,
    number: u32,
    name: String,
    agent: String,
    state: State,
}

/// Answers `search-all`.
///
/// # Errors
/// The pattern cannot be used.
pub async fn search_all(hub: &Rc<Hub>, client: &Client, pattern: &str, fixed: bool, limit: u32) -> Result<Value, WireError> {
    let began = Instant::now();
    let stop = Arc::new(AtomicBool::new(false));
    client.search.replace(Arc::clone(&stop)).store(true, Ordering::Relaxed);
    let pattern = Pattern::new(pattern, !fixed)
        .map_err(|e| wire_error("usage", e, "it is a regular expression; put \\ before ( [ . * + or search for plain text"))?;
    let pattern = Arc::new(pattern);
    let limit = limit.clamp(1, 1000) as usize;
    recording::flush(hub, FLUSH).await;
    let mut targets: Vec<Target> = hub.world(|w| {
        let target = |r: &crate::model::Record| {
            let f = &r.facts;
            Target { id: f.id.clone(), number: f.number, name: f.name.clone(), agent: f.agent.clone(), state: f.state }
        };
        w.sessions().filter(|r| !r.facts.kind.watches()).map(target).collect()
    });
    targets.sort_by_key(|t| (t.state.ended(), std::cmp::Reverse(t.number)));
    let (mut sessions, mut count, mut given, mut more) = (Vec::new(), 0, 0, false);
    for t in targets {
        let live = hub.live_pane(&t.id);
        let blocks = match &live {
            Some(pane) => texts::of(pane, pane.texts()).await,
            None => Vec::new(),
        };
        let (dir, own, own_stop, living) = (hub.paths.session_dir(&t.id), Arc::clone(&pattern), Arc::clone(&stop), live.is_some());
        let looked = tokio::task::spawn_blocking(move || {
            let scan = Scan { pattern: &own, most: EACH, stop: &own_stop };
            let text = if living {
                let mut found = Found::default();
                blocks.iter().for_each(|b| b.scan(&scan, &mut found));
                found
            } else {
                scan.archive(&dir)
            };
            // What stands in the history was on the screen too.
            let known: HashSet<&str> = text.hits.iter().map(|h| h.text.trim()).collect();
            let recorded = scan.recording(&dir, |t| known.contains(t));
            (text, recorded)
        });
        let Ok((text, recorded)) = looked.await else { continue };
        if stop.load(Ordering::Relaxed) {
            return Ok(json!({ "superseded": true }));
        }
        let found = text.count + recorded.count;
        if found == 0 {
            continue;
        }
        count += found;
        let room = limit.saturating_sub(given);
        let start = live.as_ref().map_or(0, |p| p.engine(|e, _| e.history_start()));
        let place = if live.is_some() { "pane" } else { "archive" };
        let hits: Vec<Value> = text
            .hits
            .iter()
            .filter(|h| live.is_none() || h.line >= start)
            .map(|h| hit(place, h))
            .chain(recorded.hits.iter().map(|h| hit("recording", h)))
            .take(room)
            .collect();
        given += hits.len();
        more |= found > hits.len();
        sessions.push(json!({
            "id": t.id, "number": t.number, "name": t.name, "agent": t.agent, "state": t.state, "count": found, "hits": hits,
        }));
    }
    forget_later(hub);
    Ok(json!({ "sessions": sessions, "count": count, "more": more, "ms": began.elapsed().as_millis() as u64 }))
}

fn hit(place: &str, h: &Hit) -> Value {
    let mut v = json!({ "in": place, "line": h.line, "text": h.text, "from": h.from, "to": h.to });
    if place == "recording"
        && let Some(o) = v.as_object_mut()
    {
        o.insert("time".into(), json!(rfc3339(h.line)));
    }
    v
}

/// The texts of panes go when nobody searches any more.
fn forget_later(hub: &Rc<Hub>) {
    let n = hub.searches.get() + 1;
    hub.searches.set(n);
    let task_hub = Rc::clone(hub);
    hub.spawn("forget texts", async move {
        tokio::time::sleep(KEEP).await;
        if task_hub.searches.get() == n {
            for pane in task_hub.panes() {
                pane.texts().take();
            }
        }
    });
}

/// The id of a logical line of an ended session, counted from the end.
///
/// # Errors
/// It has no text.
pub async fn line_of(hub: &Rc<Hub>, id: &SessionId, from_end: u64) -> Result<Value, WireError> {
    let pane = hub.open_pane(id).await.ok_or_else(super::targets::no_screen)?;
    let (start, end) = pane.engine(|e, _| (e.history_start(), e.screen_top() + u64::from(e.size().rows)));
    let (mut abs, mut seen, mut text) = (end, 0, false);
    while abs > start {
        let began = Instant::now();
        let found = pane.engine(|e, _| {
            while abs > start && began.elapsed() < Duration::from_micros(800) {
                abs -= 1;
                text |= e.row(abs).is_some_and(|l| !l.text().trim().is_empty());
                let begins = abs == start || e.row(abs - 1).is_none_or(|l| !l.wrapped);
                // Blank lines at the end are not in the text.
                if begins && text {
                    seen += 1;
                    if seen == from_end {
                        return true;
                    }
                }
            }
            false
        });
        if found {
            break;
        }
        tokio::task::yield_now().await;
    }
    Ok(json!({ "line": abs }))
}
