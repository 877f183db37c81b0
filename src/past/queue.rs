//! What waits for the writer of one recording: bytes, and notes of what happened at a place in them. Must not know who puts it
//! there, nor files.

use crate::base::{Now, Size};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Something that happened at a place in the stream.
#[derive(Debug)]
pub(super) enum What {
    /// Output from here on came at this time.
    Time,
    /// The terminal has another size.
    Resize(Size),
    /// A marker.
    Mark(String),
    /// The program ended.
    Exit(String),
    /// So many bytes are missing; the screen is this now.
    Sync { snapshot: Vec<u8>, lost: u64 },
}

/// The same with its place and time.
#[derive(Debug)]
pub(super) struct Note {
    pub at: usize,
    pub now: Now,
    pub what: What,
}

/// What waits for the writer.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub bytes: Vec<u8>,
    pub notes: Vec<Note>,
    /// Where in the terminal's stream the bytes end.
    pub offset: u64,
}

/// The queue itself.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pub batch: Batch,
    pub lost: u64,
    pub gap: bool,
    pub ended: bool,
}

/// The queue of one recording, shared by both sides.
#[derive(Debug, Default)]
pub(super) struct Line(Mutex<Queue>);

impl Line {
    /// The queue, for a moment.
    pub fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what waits, leaving the emptied `spare` for what comes. True when nothing will come any more.
    pub fn take(&self, spare: &mut Batch) -> bool {
        spare.bytes.clear();
        spare.notes.clear();
        let mut q = self.lock();
        spare.offset = q.batch.offset;
        std::mem::swap(&mut q.batch, spare);
        q.batch.offset = spare.offset;
        q.ended
    }
}
