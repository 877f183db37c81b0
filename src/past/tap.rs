//! From the server's loop to the writer thread: output is copied into a bounded queue, and nothing here ever waits for a disk.
//! What does not fit is counted and left out, until a snapshot of the screen begins anew. Must not know files.

use super::bell::Bell;
use super::queue::{Line, Note, What};
use crate::base::{Now, Size};
use std::sync::Arc;

/// Bytes that may wait for the writer, for each recording. With the writer's pause this is also the fastest that is recorded.
pub const QUEUE: usize = 2 << 20;
/// Notes (times, sizes, markers) that may wait.
const NOTES: usize = 8192;
/// Longest label of a marker, in characters.
const LABEL: usize = 120;

/// The loop's end of a recording. Dropping it ends the recording, without an exit status.
#[derive(Debug)]
pub struct Tap {
    line: Arc<Line>,
    bell: Bell,
}

impl Tap {
    pub(super) fn new(bell: Bell) -> (Tap, Arc<Line>) {
        let line = Arc::new(Line::default());
        (Tap { line: Arc::clone(&line), bell }, line)
    }

    /// The program wrote this; `offset` is where in the terminal's stream it ends.
    pub fn output(&self, bytes: &[u8], now: Now, offset: u64) {
        let mut q = self.line.lock();
        if q.gap || q.batch.bytes.len() + bytes.len() > QUEUE {
            q.gap = true;
            q.lost += bytes.len() as u64;
            return;
        }
        let was_empty = q.batch.bytes.is_empty() && q.batch.notes.is_empty();
        let at = q.batch.bytes.len();
        let new_time = q.batch.notes.last().is_none_or(|n| n.now.mono_ms != now.mono_ms || !matches!(n.what, What::Time));
        if new_time && (q.batch.notes.len() < NOTES || was_empty) {
            q.batch.notes.push(Note { at, now, what: What::Time });
        }
        q.batch.bytes.extend_from_slice(bytes);
        q.batch.offset = offset;
        drop(q);
        if was_empty {
            self.bell.ring();
        }
    }

    /// Output is missing and there is room again: the screen is needed to go on.
    pub fn wants_screen(&self) -> bool {
        let q = self.line.lock();
        q.gap && q.batch.bytes.len() < QUEUE / 2
    }

    /// Goes on from this screen, `offset` bytes into the terminal's stream.
    pub fn screen(&self, snapshot: Vec<u8>, now: Now, offset: u64) {
        let lost = {
            let mut q = self.line.lock();
            q.gap = false;
            q.batch.offset = offset;
            std::mem::take(&mut q.lost)
        };
        self.note(What::Sync { snapshot, lost }, now);
    }

    /// The terminal has this size from now on.
    pub fn resize(&self, size: Size, now: Now) {
        self.note(What::Resize(size), now);
    }

    /// A marker to jump to.
    pub fn mark(&self, label: &str, now: Now) {
        self.note(What::Mark(crate::base::text::safe_line(label, LABEL)), now);
    }

    /// The program ended: its exit status as a shell would tell it.
    pub fn exit(&self, status: &str, now: Now) {
        self.note(What::Exit(status.to_owned()), now);
    }

    fn note(&self, what: What, now: Now) {
        let mut q = self.line.lock();
        let must = matches!(what, What::Sync { .. } | What::Exit(_) | What::Resize(_));
        if q.batch.notes.len() >= NOTES && !must {
            return;
        }
        let at = q.batch.bytes.len();
        q.batch.notes.push(Note { at, now, what });
        drop(q);
        self.bell.ring();
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.line.lock().ended = true;
        self.bell.ring();
    }
}
