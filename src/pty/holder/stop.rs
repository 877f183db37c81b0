//! Ending a process tree: HUP and TERM with time to comply, then KILL until nothing is left, then the names of survivors.
//! A state machine that the holder's loop asks for its next step, so that it goes on whatever happens to who asked.
//! Must not know connections.

use crate::pty::spec::{StopPlan, StopReport, Survivor};
use crate::pty::sweep::{MAX_NAMED, survivor};
use crate::pty::tree::Brief;
use std::io;
use std::time::{Duration, Instant};

/// Between two rounds of KILL, if no child's end wakes the holder before.
const ROUND: Duration = Duration::from_millis(10);

/// How much longer than planned it may take when nobody is seen and somebody is left.
const UNSEEN: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Phase {
    Term,
    Kill,
}

/// A stop under way.
pub(super) struct Stop {
    pub phase: Phase,
    /// When the phase ends.
    until: Instant,
    kill: Duration,
    /// When to look again.
    pub next: Instant,
}

impl Stop {
    /// Begins. A paused tree is killed as it lies: continued, it could run for a moment. The agent was told by the caller.
    pub fn begin(plan: StopPlan, paused: bool, tree: &[Brief], now: Instant) -> Stop {
        let plan = plan.clamped();
        let kill = Duration::from_millis(plan.kill_ms);
        if paused || plan.grace_ms == 0 {
            return Stop { phase: Phase::Kill, until: now + kill, kill, next: now };
        }
        for p in tree.iter().filter(|p| p.is_alive()) {
            let _ = p.ident().signal(libc::SIGTERM);
            let _ = p.ident().signal(libc::SIGCONT);
        }
        let until = now + Duration::from_millis(plan.grace_ms);
        Stop { phase: Phase::Term, until, kill, next: until }
    }

    /// Somebody asked again: what comes first holds.
    pub fn hurry(&mut self, plan: StopPlan, now: Instant) {
        if self.phase == Phase::Term {
            self.until = self.until.min(now + Duration::from_millis(plan.clamped().grace_ms));
            self.next = self.until;
        }
    }

    /// Whether the time for complying is over; the phase changes then.
    pub fn escalates(&mut self, now: Instant) -> bool {
        if self.phase == Phase::Term && now >= self.until {
            (self.phase, self.until, self.next) = (Phase::Kill, now + self.kill, now);
            return true;
        }
        false
    }

    /// One round of KILL on what there is now. The report, when the time is over. Called only while something is left.
    pub fn kill(&mut self, tree: io::Result<Vec<Brief>>, now: Instant) -> Option<StopReport> {
        let (alive, blind) = match tree {
            Ok(tree) => (tree.into_iter().filter(Brief::is_alive).collect(), None),
            Err(e) => (Vec::new(), Some(e)),
        };
        for p in &alive {
            let _ = p.ident().signal(libc::SIGKILL);
        }
        self.next = now + ROUND;
        let over = now >= self.until;
        if over && !alive.is_empty() {
            return Some(StopReport { survivors: alive.iter().map(survivor).take(MAX_NAMED).collect() });
        }
        // Something is left (or this would not be called) but was not seen: dying, born since, or there was no way to look.
        // "Nothing survived" is not said on that ground.
        if now >= self.until + UNSEEN {
            let reason = blind.map_or_else(|| "comes and goes too fast".into(), |e| format!("cannot be listed: {e}"));
            return Some(StopReport { survivors: vec![Survivor { pid: 0, comm: "?".into(), reason }] });
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pty::tree;

    #[test]
    fn phases_follow_the_plan() {
        let now = Instant::now();
        let ms = Duration::from_millis;
        let mut s = Stop::begin(StopPlan { grace_ms: 1000, kill_ms: 300 }, false, &[], now);
        assert_eq!((s.phase, s.next), (Phase::Term, now + ms(1000)));
        assert!(!s.escalates(now + ms(999)));
        s.hurry(StopPlan { grace_ms: 5000, kill_ms: 300 }, now + ms(10));
        assert_eq!(s.next, now + ms(1000));
        s.hurry(StopPlan::FORCE, now + ms(500));
        assert!(s.escalates(now + ms(500)));
        assert_eq!(s.kill(Ok(vec![]), now + ms(500)), None);
        assert_eq!(s.next, now + ms(510));
        assert_eq!(s.kill(Ok(vec![]), now + ms(800)), None);
        let hidden = s.kill(Err(io::Error::from_raw_os_error(libc::ENFILE)), now + ms(1800)).unwrap();
        assert!(hidden.survivors[0].reason.starts_with("cannot be listed: Too many open files"), "{hidden:?}");
        let dead = tree::sample(i32::MAX, 1, 'D');
        let left = s.kill(Ok(vec![dead]), now + ms(800)).unwrap();
        assert_eq!(left.survivors[0].pid, i32::MAX);
        assert_eq!(Stop::begin(StopPlan::default(), true, &[], now).phase, Phase::Kill);
    }
}
