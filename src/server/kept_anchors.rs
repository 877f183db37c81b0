//! Lines of follow-ups and errors over the end of a server. A line number means nothing to another server, so a line is kept in two
//! ways: in each snapshot of the screen as so many rows above its end, and, since then, as how much output there had been, in a
//! small file. Must not know what happened at a line.

use super::anchors::{Anchor, Anchors};
use super::hub::Hub;
use super::pane::Pane;
use crate::base::{Now, SessionId};
use crate::store::atomic_write;
use crate::term::Engine;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

/// Ends a snapshot that has lines with it; before it stands their length.
const MAGIC: &[u8] = b"CTlines1";
/// Largest file or part of a snapshot with lines, in bytes.
const MOST: usize = 128 * 1024;

/// A line that something happened at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// What.
    #[serde(rename = "w")]
    which: Anchor,
    /// Bytes of output there had been.
    #[serde(rename = "o")]
    offset: u64,
    /// Rows above the end of the screen; only in snapshots.
    #[serde(rename = "r", default)]
    above: u64,
}

fn end(e: &dyn Engine) -> u64 {
    e.screen_top() + u64::from(e.size().rows)
}

/// A snapshot of a terminal, with the lines in it.
pub fn snapshot(pane: &Pane, history_lines: usize) -> Vec<u8> {
    let (mut bytes, end, oldest) = pane.engine(|e, _| (e.snapshot(history_lines), end(e), e.history_start()));
    let kept: Vec<Kept> = pane
        .anchors()
        .borrow()
        .all()
        .filter(|a| a.line >= oldest)
        .map(|a| Kept { which: a.which, offset: a.offset, above: end.saturating_sub(a.line) })
        .collect();
    if !kept.is_empty()
        && let Ok(lines) = serde_json::to_vec(&kept)
    {
        bytes.extend(&lines);
        bytes.extend((lines.len() as u32).to_le_bytes());
        bytes.extend(MAGIC);
    }
    bytes
}

/// A snapshot without its lines, and those.
pub fn split(bytes: &[u8]) -> (&[u8], Vec<Kept>) {
    let parts = || {
        let rest = bytes.strip_suffix(MAGIC)?;
        let (rest, length) = rest.split_last_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        let at = rest.len().checked_sub(length).filter(|_| length <= MOST)?;
        let (screen, lines) = rest.split_at_checked(at)?;
        Some((screen, serde_json::from_slice(lines).ok()?))
    };
    parts().unwrap_or((bytes, Vec::new()))
}

fn file(hub: &Hub, id: &SessionId) -> PathBuf {
    hub.paths.session_dir(id).join("lines")
}

fn listed(path: &Path) -> Vec<Kept> {
    let fits = std::fs::symlink_metadata(path).is_ok_and(|m| m.is_file() && m.len() <= MOST as u64);
    let bytes = if fits { std::fs::read(path).unwrap_or_default() } else { Vec::new() };
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Notes that something happens where the cursor is, and keeps it for another server.
pub fn note(hub: &Hub, pane: &Pane, which: Anchor) {
    pane.note_anchor(which);
    let all: Vec<Kept> = pane.anchors().borrow().all().map(|a| Kept { which: a.which, offset: a.offset, above: 0 }).collect();
    let Ok(bytes) = serde_json::to_vec(&all) else { return };
    let path = file(hub, &pane.id);
    let turn = pane.anchors().borrow_mut().next_write();
    let last = pane.anchors().borrow().written();
    tokio::task::spawn_blocking(move || write_newer(&last, turn, &path, &bytes));
}

/// Workers may overtake each other; an older list is not written over a newer one.
fn write_newer(last: &Arc<Mutex<u64>>, turn: u64, path: &Path, bytes: &[u8]) {
    let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
    if turn <= *last {
        return;
    }
    *last = turn;
    if let Err(e) = atomic_write(path, bytes, 0o600) {
        tracing::warn!("{}: {e}", path.display());
    }
}

/// Output that an earlier server had read.
pub struct Read<'a> {
    /// Offset of its beginning.
    pub from: u64,
    /// The output.
    pub bytes: &'a [u8],
    /// Offset up to which queries were answered.
    pub answered: u64,
}

/// Feeds output that an earlier server had read, and finds the lines again: those of the snapshot, and those
/// of the file where the output reaches them.
pub fn replay(hub: &Rc<Hub>, id: &SessionId, engine: &mut dyn Engine, kept: &[Kept], read: &Read<'_>, now: Now) -> Anchors {
    let Read { from, bytes, answered } = *read;
    let mut anchors = Anchors::default();
    let bottom = end(engine);
    for k in kept {
        anchors.put(k.which, bottom.saturating_sub(k.above), k.offset);
    }
    let mut later: Vec<Kept> =
        listed(&file(hub, id)).into_iter().filter(|k| !kept.iter().any(|o| (o.which, o.offset) == (k.which, k.offset))).collect();
    later.sort_by_key(|k| k.offset);
    let mut at = from;
    let mut feed = |engine: &mut dyn Engine, to: u64| {
        // What was answered before is not answered again.
        for (a, b, silent) in [(at, to.min(answered), true), (at.max(answered), to, false)] {
            let range = (a.max(from) - from) as usize..(b.max(from) - from) as usize;
            if let Some(part) = bytes.get(range).filter(|p| !p.is_empty()) {
                engine.feed(part, now);
                if silent {
                    engine.take_replies(&mut Vec::new());
                    engine.take_events();
                }
            }
        }
        at = at.max(to);
    };
    let head = from + bytes.len() as u64;
    for k in later.iter().filter(|k| (from..=head).contains(&k.offset)) {
        feed(engine, k.offset);
        anchors.put(k.which, engine.screen_top() + u64::from(engine.cursor().row), k.offset);
    }
    feed(engine, head);
    anchors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_off_a_snapshot_and_nothing_else_does() {
        let kept = vec![Kept { which: Anchor::Error, offset: 7, above: 3 }];
        let lines = serde_json::to_vec(&kept).unwrap();
        let mut bytes = b"screen".to_vec();
        bytes.extend(&lines);
        bytes.extend((lines.len() as u32).to_le_bytes());
        bytes.extend(MAGIC);
        assert_eq!(split(&bytes), (&b"screen"[..], kept));
        for damaged in [&b"screen"[..], b"", MAGIC, b"\xff\xff\xff\xffCTlines1", b"x\x01\0\0\0CTlines1"] {
            assert_eq!(split(damaged), (damaged, Vec::new()));
        }
    }
}
