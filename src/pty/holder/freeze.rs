//! Stopping a process tree so that nobody in it notices, and letting it go on. Top-down when stopping and bottom-up when
//! continuing: a job-control shell that ran while its job is stopped would report it. Pure but for the signals.
//! Must not know connections.

use crate::pty::proto::TreeReply;
use crate::pty::spec::Survivor;
use crate::pty::sweep::MAX_NAMED;
use crate::pty::tree::{Brief, Ident};
use std::time::Duration;

/// Looks at the tree before giving up.
const ROUNDS: u32 = 20;

/// A freeze under way, or done.
#[derive(Default)]
pub(super) struct Freeze {
    /// Whom this stopped, parents first. Others that were stopped before (a job after Ctrl+Z) stay so when the rest goes on.
    stopped: Vec<Ident>,
    last: Vec<Ident>,
    round: u32,
}

/// What a look at the tree led to.
pub(super) enum Step {
    /// Look again after this time: signals take effect when their process is next scheduled.
    Again(Duration),
    /// All stopped, or given up; those that are not are named.
    Done(TreeReply),
}

impl Freeze {
    /// Starts (again) on a tree of which a part may be stopped by an earlier freeze.
    pub fn again(mut self) -> Freeze {
        (self.last, self.round) = (Vec::new(), 0);
        self
    }

    /// One look: stops all that run. Done when two looks saw the same processes, all of them stopped.
    pub fn step(&mut self, tree: &[Brief], stop: impl Fn(Ident) -> std::io::Result<()>) -> Step {
        self.round += 1;
        let now: Vec<Ident> = tree.iter().filter(|p| p.is_alive()).map(Brief::ident).collect();
        let mut moving = Vec::new();
        for p in tree.iter().filter(|p| p.is_alive() && !p.is_stopped()) {
            let ident = p.ident();
            let known = self.stopped.contains(&ident);
            let sent = stop(ident);
            match &sent {
                Ok(()) if !known => self.stopped.push(ident),
                _ => {}
            }
            // One that waits in the kernel stops the moment it would leave it: it runs no code meanwhile.
            if !(p.state == 'D' && (known || sent.is_ok())) {
                moving.push((p, sent));
            }
        }
        let agree = now == self.last && moving.is_empty();
        self.last = now;
        if agree || self.round >= ROUNDS {
            let named = moving.into_iter().filter(|(_, sent)| !matches!(sent, Err(e) if e.raw_os_error() == Some(libc::ESRCH)));
            let survivors = named.take(MAX_NAMED).map(|(p, sent)| Survivor {
                pid: p.pid,
                comm: p.comm.clone(),
                reason: sent.err().map_or_else(|| "still runs".into(), |e| format!("cannot be stopped: {e}")),
            });
            return Step::Done(TreeReply { count: self.stopped.len() as u32, survivors: survivors.collect() });
        }
        Step::Again(Duration::from_millis(u64::from(self.round.min(10)) * 2))
    }

    /// Lets those that this stopped go on, children first; how many.
    pub fn thaw(self, resume: impl Fn(Ident) -> std::io::Result<()>) -> u32 {
        self.stopped.into_iter().rev().filter(|p| resume(*p).is_ok()).count() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pty::tree;
    use std::cell::RefCell;

    fn p(pid: i32, state: char) -> Brief {
        tree::sample(pid, 1, state)
    }

    fn stop(freeze: &mut Freeze, tree: &[Brief]) -> (Vec<i32>, Option<TreeReply>) {
        let sent = RefCell::new(Vec::new());
        let step = freeze.step(tree, |i| {
            sent.borrow_mut().push(i.pid);
            Ok(())
        });
        (sent.into_inner(), if let Step::Done(r) = step { Some(r) } else { None })
    }

    #[test]
    fn until_two_looks_agree() {
        let mut f = Freeze::default();
        assert_eq!(stop(&mut f, &[p(2, 'S'), p(3, 'R'), p(4, 'T'), p(5, 'Z')]), (vec![2, 3], None));
        assert_eq!(stop(&mut f, &[p(2, 'T'), p(3, 'T'), p(4, 'T'), p(6, 'R')]), (vec![6], None)); // 3 had made 6
        let (_, done) = stop(&mut f, &[p(2, 'T'), p(3, 'T'), p(4, 'T'), p(6, 'D')]);
        assert_eq!(done, Some(TreeReply { count: 3, survivors: vec![] }));
        let order = RefCell::new(Vec::new());
        f.thaw(|i| {
            order.borrow_mut().push(i.pid);
            Ok(())
        });
        assert_eq!(order.into_inner(), [6, 3, 2]); // 4 was stopped by somebody else
    }

    #[test]
    fn gives_up_and_names_who_runs() {
        let mut f = Freeze::default();
        for _ in 1..ROUNDS {
            assert_eq!(stop(&mut f, &[p(2, 'R')]).1, None);
        }
        let reply = stop(&mut f, &[p(2, 'R')]).1.unwrap();
        assert_eq!((reply.survivors[0].pid, reply.survivors[0].reason.as_str()), (2, "still runs"));
    }
}
