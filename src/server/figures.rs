//! CPU and memory of every session's process tree, every two seconds, only while some client has them in sight, and once a
//! minute while nothing happens.
//! Must not know who looks.

use super::hub::Hub;
use crate::base::SessionId;
use crate::model::Command;
use crate::pty::tree::{self, Brief};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(2);
/// While no session writes anything or uses the CPU. Output ends that at once.
const IDLE_EVERY: Duration = Duration::from_secs(60);
/// Work trees are looked at again after so many rounds, when their session wrote something.
const GIT_ROUNDS: u32 = 5;

/// What a session had used and written at a round.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    /// CPU time of its tree, in milliseconds.
    used: u64,
    /// Bytes of output.
    written: u64,
}

impl Seen {
    /// Nothing happened since the round before. Output alone is something, too: a clock that writes once a second uses no CPU
    /// time that is counted, and its work tree must not be looked at every time.
    fn is_quiet(&self, before: Option<&Seen>) -> bool {
        before == Some(self)
    }
}

/// Measures until nobody wants figures.
pub async fn measure_while_wanted(hub: &Rc<Hub>) {
    let mut before: HashMap<SessionId, Seen> = HashMap::new();
    let mut last = Instant::now();
    let mut round = 0;
    while hub.clients().iter().any(|c| c.figures.get()) {
        // Some milliseconds where many processes run: keys and their echo do not wait for it.
        let all = tokio::task::spawn_blocking(tree::all).await.ok().and_then(Result::ok).unwrap_or_default();
        let span_ms = last.elapsed().as_millis() as u64;
        last = Instant::now();
        let mut next = HashMap::new();
        let mut busy = false;
        for pane in hub.panes() {
            let Some(holder) = pane.holder_pid() else { continue };
            let procs = tree::below(holder, &all);
            // With what ended: a shell's work is done by children that live for milliseconds. What a child used moves from it
            // to its parent when it is waited for, so only the sum over the tree counts.
            let used: u64 = procs.iter().map(|p| p.cpu_ms + p.reaped_cpu_ms).sum::<u64>() + held(&all, holder);
            let seen = Seen { used, written: pane.counts().0 };
            let was = before.get(&pane.id);
            let spent = was.map(|was| used.saturating_sub(was.used));
            let quiet = seen.is_quiet(was);
            next.insert(pane.id.clone(), seen);
            busy |= !quiet;
            let cpu_percent = spent.filter(|_| span_ms > 0).map(|ms| round_to(ms as f64 * 100.0 / span_ms as f64));
            hub.apply(Command::Figures { id: pane.id.clone(), cpu_percent, memory_bytes: Some(memory(&procs)), processes: Some(procs.len() as u32) });
            // Once more as soon as it falls quiet: what it wrote last is in sight before nobody looks for a while.
            let looked_at = hub.looking.borrow().contains(&pane.id);
            if !looked_at && (quiet || round % GIT_ROUNDS == GIT_ROUNDS - 1) && pane.wrote_since_look() {
                super::git_watch::look(hub, &pane.id);
            }
        }
        before = next;
        round += 1;
        tokio::select! {
            () = tokio::time::sleep(if busy { EVERY } else { IDLE_EVERY }) => {}
            () = hub.woken_by_output(), if !busy => {}
            () = hub.closing() => return,
        }
    }
}

/// CPU time of orphans of the tree that ended in the arms of their holder.
fn held(all: &[Brief], holder: i32) -> u64 {
    all.iter().find(|p| p.pid == holder).map_or(0, |p| p.reaped_cpu_ms)
}

fn memory(procs: &[&Brief]) -> u64 {
    procs.iter().map(|p| p.rss_bytes).sum()
}

/// To whole percents above ten, else to tenths: figures that flicker less.
fn round_to(v: f64) -> f64 {
    if v >= 10.0 { v.round() } else { (v * 10.0).round() / 10.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_without_cpu_time_is_not_quiet() {
        let seen = |used, written| Seen { used, written };
        assert!(seen(10, 5).is_quiet(Some(&seen(10, 5))));
        assert!(!seen(10, 6).is_quiet(Some(&seen(10, 5))));
        assert!(!seen(20, 5).is_quiet(Some(&seen(10, 5))));
        assert!(!seen(10, 5).is_quiet(None), "nobody knows what it did before");
    }
}
