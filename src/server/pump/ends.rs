//! What of a session's terminal is kept, and its end: snapshots for the next server, the screen for readers, what its agent leaves
//! behind. Must not know how output is read.

use super::{Pump, Sort};
use crate::base::Now;
use crate::model::Command;
use crate::pty::{Control, Master, StopPlan};
use crate::server::recording;
use crate::server::text_watch::Look;
use crate::term::Engine;
use crate::wire::facts::ExitStatus;
use std::rc::Rc;
use std::time::Duration;

/// History in a snapshot that is made while output goes on, in rows: lines may be of any length, and one is made for every MiB.
const SNAPSHOT_ROWS: u64 = 2000;
/// Output read at most when nobody waits for its end any more, beside what a holder had put aside, in bytes.
const LAST: u64 = 1 << 20;

impl Pump {
    pub(super) fn snapshot(&mut self) {
        if self.unkept.is_due(self.ring.head()) {
            let stored = self.store_screen();
            self.unkept.tried(self.ring.head(), stored.is_ok());
            match stored {
                Ok(()) => return,
                Err(e) => tracing::warn!(session = %self.pane.id, "snapshot: {e}"),
            }
        }
        // A screen that cannot be kept must not stop its program: the next server begins with what the newer half draws.
        if self.ring.unsnapshotted() >= self.ring.capacity() {
            let _ = self.ring.forget_before(self.ring.head() - self.ring.capacity() / 2);
        }
    }

    /// Lines may be long, and every cell of another colour: then with less history, never without a snapshot if one fits.
    fn store_screen(&mut self) -> std::io::Result<()> {
        let recent = self.pane.engine(|e, _| lines_in_rows(e, SNAPSHOT_ROWS));
        let mut stored = Ok(());
        for lines in [recent, recent / 16, 0] {
            let bytes = crate::server::kept_anchors::snapshot(&self.pane, lines);
            stored = self.ring.store_snapshot(self.ring.head(), &bytes);
            if stored.is_ok() {
                break;
            }
        }
        stored
    }

    /// A snapshot with all the history that fits, for an orderly hand-over.
    pub(super) fn keep_screen(&mut self) {
        let bytes = crate::server::kept_anchors::snapshot(&self.pane, self.hub.settings().history_lines);
        if self.ring.store_snapshot(self.ring.head(), &bytes).is_err() {
            self.unkept.forget();
            self.snapshot();
        }
    }

    /// Reads a slice of what is left. True when nothing is. Its end may be known before the wake-up for its last words.
    pub(super) fn read_dry(&mut self) -> bool {
        self.read_slice(Master::read_now)
    }

    pub(super) async fn finish(mut self, status: ExitStatus, control: &Control) {
        self.after_output(Now::read());
        self.read_text(Look::Last);
        self.read_log().await;
        let tail = self.pane.engine(|e, _| crate::server::last_words::of(e, 3));
        self.write_screen_file().await;
        self.pane.input().close();
        if self.sort == Sort::Agent && control.stop(StopPlan::default()).await.is_ok() {
            // What an agent leaves behind (tool servers, background commands) ends with it.
            let report = tokio::time::timeout(Duration::from_secs(10), async {
                loop {
                    match control.event().await {
                        crate::pty::Event::Stopped(r) => return r.survivors,
                        crate::pty::Event::Closed => return Vec::new(),
                        _ => {}
                    }
                }
            });
            let survivors = report.await.unwrap_or_default();
            self.stopped(&survivors);
        }
        self.pane.set_pids(None);
        self.hub.apply(Command::Exited { id: self.pane.id.clone(), status, tail });
        // As a shell tells it: a signal is 128 more than its number.
        let code = status.code.or(status.signal.map(|s| 128 + s)).unwrap_or_default();
        self.pane.tap(|t| t.exit(&code.to_string(), Now::read()));
        self.pane.set_tap(None);
        // The holder forgets only what the database has.
        let store = self.hub.store.clone();
        if let Ok(Err(e)) = tokio::task::spawn_blocking(move || store.flush()).await {
            tracing::error!("the database cannot be written: {e}");
        }
        if let Err(e) = control.ack_exit().await {
            tracing::debug!(session = %self.pane.id, "ack: {e}");
        }
        self.leave();
        self.hub.drop_unwatched(&self.pane.id);
        recording::sweep(&self.hub);
        tracing::info!(session = %self.pane.id, ?status, "ended");
    }

    /// Reads what is left to its end, slice by slice: all that its holder had put aside, and as much more as a terminal can hold.
    /// What still writes is not waited for.
    async fn read_rest(&mut self) {
        let most = self.ring.head().saturating_add(self.ring.spilled()).saturating_add(LAST);
        let hub = Rc::clone(&self.hub);
        let mut in_vain = 0;
        while in_vain < 10 && self.ring.head() < most {
            let before = self.ring.head();
            let turn = hub.flood_turn().await;
            if self.read_dry() {
                return;
            }
            // A ring that takes nothing more.
            in_vain = if self.ring.head() == before { in_vain + 1 } else { 0 };
            tokio::task::yield_now().await;
            drop(turn);
        }
    }

    pub(super) async fn holder_died(mut self) {
        self.read_rest().await;
        self.pane.input().close();
        self.pane.set_pids(None);
        let id = self.pane.id.clone();
        let sweep = id.clone();
        let left = tokio::task::spawn_blocking(move || crate::pty::kill_tree_by_session(&sweep, Duration::from_secs(2))).await.unwrap_or_default();
        self.stopped(&left);
        // What they wrote until then.
        self.read_rest().await;
        self.write_screen_file().await;
        self.hub.apply(Command::Lost { id, why: "its holder process died; everything that ran in it was ended".into() });
        self.pane.set_tap(None);
        recording::sweep(&self.hub);
        self.leave();
    }

    /// Nothing runs any more: who waits hears of it, and what wired the launch goes.
    fn leave(&self) {
        self.hub.asks.forget(&self.pane.id);
        crate::server::wiring::remove(&self.hub, &self.pane.id);
        self.pane.set_ended();
        self.pane.changed();
    }

    /// The screen with its history and its text, for readers of the ended session.
    async fn write_screen_file(&self) {
        let bytes = self.pane.engine(|e, _| e.snapshot(self.hub.settings().history_lines));
        let dir = self.hub.paths.session_dir(&self.pane.id);
        let written = tokio::task::spawn_blocking(move || crate::past::write_archive(&dir, &bytes)).await;
        if let Ok(Err(e)) = written {
            tracing::warn!(session = %self.pane.id, "its screen was not kept: {e}");
        }
    }
}

/// The lines of history that end in its newest rows.
fn lines_in_rows(e: &dyn Engine, rows: u64) -> usize {
    let top = e.screen_top();
    (top.saturating_sub(rows).max(e.history_start())..top).filter(|abs| !e.wraps(*abs)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Size;
    use crate::term::{EngineKind, new_engine};

    #[test]
    fn long_lines_make_no_large_snapshot() {
        let mut e = new_engine(EngineKind::Native, Size::new(100, 10), 10_000);
        e.feed("x".repeat(5000).as_bytes(), Now::default());
        assert_eq!(lines_in_rows(e.as_ref(), 20), 0, "one line that has not ended");
        (0..500).for_each(|n| e.feed(format!("\r\n{}", n.to_string().repeat(1500)).as_bytes(), Now::default()));
        let rows = e.screen_top() - e.history_start();
        let lines = lines_in_rows(e.as_ref(), 2000);
        assert!(rows > 10_000 && (30..200).contains(&lines), "{rows} rows, {lines} lines");
        assert!(e.snapshot(lines).len() < 400_000 && e.snapshot(10_000).len() > 1_000_000);
    }
}
