//! What came out of a session's terminal, for counters, for `sessions debug` and for those who wait for it. Must not know what it
//! means.

use super::Pane;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long a pane counts as flooding after it did.
const FLOODS: Duration = Duration::from_millis(20);
/// Output kept for the escape traffic of `sessions debug`, in bytes.
const TRAFFIC: usize = 4096;

/// What came out so far.
#[derive(Default)]
pub(super) struct Output {
    bytes: Cell<u64>,
    looked_at: Cell<u64>,
    traffic: RefCell<VecDeque<u8>>,
    /// Until when it counts as flooding.
    floods: Cell<Option<Instant>>,
    told: watch::Sender<u64>,
}

impl Pane {
    /// Notes output for counters and `sessions debug`.
    pub fn note_output(&self, bytes: &[u8]) {
        self.output.bytes.set(self.output.bytes.get() + bytes.len() as u64);
        let tail = bytes.get(bytes.len().saturating_sub(TRAFFIC)..).unwrap_or_default();
        let mut t = self.output.traffic.borrow_mut();
        let over = (t.len() + tail.len()).saturating_sub(TRAFFIC);
        let cut = over.min(t.len());
        t.drain(..cut);
        t.extend(tail);
    }

    /// Notes whether output pours in.
    pub fn set_floods(&self, floods: bool) {
        self.output.floods.set(floods.then(|| Instant::now() + FLOODS));
    }

    /// Whether output pours in: more than anybody can read as it passes.
    pub fn floods(&self) -> bool {
        self.output.floods.get().is_some_and(|until| Instant::now() < until)
    }

    /// Tells those who wait for text.
    pub fn announce_output(&self) {
        let n = self.output.bytes.get();
        self.output.told.send_if_modified(|o| std::mem::replace(o, n) != n);
    }

    /// A receiver that changes with the output.
    pub fn output(&self) -> watch::Receiver<u64> {
        self.output.told.subscribe()
    }

    /// The last output, raw.
    pub fn traffic(&self) -> Vec<u8> {
        self.output.traffic.borrow().iter().copied().collect()
    }

    /// Bytes of output and input so far.
    pub fn counts(&self) -> (u64, u64) {
        (self.output.bytes.get(), self.input.bytes.get())
    }

    /// Whether it wrote something since this was last asked.
    pub fn wrote_since_look(&self) -> bool {
        self.output.looked_at.replace(self.output.bytes.get()) != self.output.bytes.get()
    }

    /// Resolves when nothing was written for `quiet`, or after `at_most`.
    pub async fn quiet(&self, quiet: Duration, at_most: Duration) {
        let mut output = self.output();
        let silent = async { while let Ok(Ok(())) = tokio::time::timeout(quiet, output.changed()).await {} };
        let _ = tokio::time::timeout(at_most, silent).await;
    }
}
