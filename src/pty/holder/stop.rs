//! Ending a process tree: HUP and TERM with time to comply, then KILL until nothing is left, then the names of survivors.
//! A state machine that the holder's loop asks for its next step, so that it goes on whatever happens to who asked.
//! Must not know connections.

use crate::pty::ident::Ident;
use crate::pty::spec::{StopPlan, StopReport, Survivor};
use crate::pty::sweep::{MAX_NAMED, survivor};
use crate::pty::tree::Brief;
use std::time::{Duration, Instant};

/// Between two rounds of KILL, if no child's end wakes the holder before.
const ROUND: Duration = Duration::from_millis(10);

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
    /// Begins. A paused tree is killed as it lies: continued, it could run for a moment.
    pub fn begin(plan: StopPlan, paused: bool, agent: Option<Ident>, tree: &[Brief], now: Instant) -> Stop {
        let plan = plan.clamped();
        let kill = Duration::from_millis(plan.kill_ms);
        if paused || plan.grace_ms == 0 {
            return Stop { phase: Phase::Kill, until: now + kill, kill, next: now };
        }
        if let Some(agent) = agent {
            let _ = agent.signal(libc::SIGHUP);
            let _ = agent.signal(libc::SIGCONT);
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

    /// One round of KILL on what there is now. The report, when the time is over.
    pub fn kill(&mut self, tree: &[Brief], now: Instant) -> Option<StopReport> {
        let alive = || tree.iter().filter(|p| p.is_alive());
        if now >= self.until {
            let survivors: Vec<Survivor> = alive().map(survivor).take(MAX_NAMED).collect();
            return Some(StopReport { survivors });
        }
        for p in alive() {
            let _ = p.ident().signal(libc::SIGKILL);
        }
        self.next = (now + ROUND).min(self.until);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_follow_the_plan() {
        let now = Instant::now();
        let ms = Duration::from_millis;
        let mut s = Stop::begin(StopPlan { grace_ms: 1000, kill_ms: 300 }, false, None, &[], now);
        assert_eq!((s.phase, s.next), (Phase::Term, now + ms(1000)));
        assert!(!s.escalates(now + ms(999)));
        s.hurry(StopPlan { grace_ms: 5000, kill_ms: 300 }, now + ms(10));
        assert_eq!(s.next, now + ms(1000));
        s.hurry(StopPlan::FORCE, now + ms(500));
        assert!(s.escalates(now + ms(500)));
        assert_eq!(s.kill(&[], now + ms(500)), None);
        assert_eq!(s.next, now + ms(510));
        assert_eq!(s.kill(&[], now + ms(799)), None);
        assert_eq!(s.next, now + ms(800));
        assert_eq!(s.kill(&[], now + ms(800)), Some(StopReport::default()));
        assert_eq!(Stop::begin(StopPlan::default(), true, None, &[], now).phase, Phase::Kill);
    }
}
