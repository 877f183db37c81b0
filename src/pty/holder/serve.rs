//! What the holder does for each request. Must not know the loop.

use super::core::Holder;
use super::freeze::Freeze;
use super::stop::Stop;
use crate::pty::proto::{ErrorReply, Frame, LeaseAsk, LeaseWaits, Notice, Request, SignalAsk, Status, TreeReply, encode, json, kind};
use crate::pty::spec::StopPlan;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

/// Connections that may wait for the lease.
const MAX_QUEUE: usize = 4;

impl Holder {
    /// Does what a frame asks and answers it.
    pub fn serve(&mut self, key: u64, frame: Frame) {
        let request = match Request::decode(frame) {
            Ok(request) => request,
            Err(error) => return self.send(key, &json(kind::ERROR, &error)),
        };
        let to = request.kind();
        let done = match request {
            Request::Hello => Ok(json(kind::REPLY | to, &self.status())),
            Request::Status => Ok(json(kind::REPLY | to, &self.counted())),
            Request::Lease(ask) => return self.lease(key, ask),
            Request::Signal(ask) => self.signal(ask).map(|count| tree_reply(to, count)),
            Request::Freeze => return self.freeze(key),
            Request::Thaw => Ok(tree_reply(to, self.thaw())),
            Request::Stop(plan) => return self.begin_stop(key, plan),
            Request::AckExit if self.exited.is_none() => Err(("running", "the agent has not ended".to_owned())),
            Request::AckExit => {
                self.acknowledge();
                Ok(json(kind::REPLY | to, &self.counted()))
            }
            Request::MetaSet(bytes) => {
                self.meta = bytes;
                Ok(encode(kind::REPLY | to, &[]))
            }
            Request::MetaGet => Ok(encode(kind::REPLY | to, &self.meta)),
        };
        match done {
            Ok(bytes) => self.send(key, &bytes),
            Err((code, message)) => self.refuse(key, to, code, message),
        }
    }

    fn refuse(&mut self, key: u64, to: u8, code: &str, message: String) {
        self.send(key, &json(kind::ERROR, &ErrorReply { to, code: code.into(), message }));
    }

    fn status(&mut self) -> Status {
        let size = rustix::termios::tcgetwinsize(&self.master).ok();
        let lease_pid = self.lease.and_then(|key| self.conn(key)).map(|c| c.peer_pid);
        Status {
            holder_pid: std::process::id() as i32,
            agent_pid: self.agent.pid,
            agent_ticks: self.agent.started_ticks,
            started_wall_ms: self.started_wall_ms,
            cols: size.map_or(0, |s| s.ws_col),
            rows: size.map_or(0, |s| s.ws_row),
            lease_pid,
            epoch: self.epoch,
            frozen: self.frozen.is_some(),
            stopping: self.stop.is_some(),
            exited: self.exited,
            tree: None,
            head: self.backlog.head(),
            spilled: self.backlog.spilled(),
            blocked: self.lease.is_none() && !self.acked && !self.backlog.has_room(),
            fds: 0,
            build: env!("CARGO_PKG_VERSION").into(),
        }
    }

    /// The same with the size of the tree.
    fn counted(&mut self) -> Status {
        let tree = self.tree().map_or(u32::from(self.has_children), |t| t.len() as u32);
        Status { tree: Some(tree), ..self.status() }
    }

    fn lease(&mut self, key: u64, ask: LeaseAsk) {
        if ask.epoch != 0 && ask.epoch <= self.epoch {
            return self.refuse(key, kind::LEASE, "stale", format!("epoch {} is not above {}", ask.epoch, self.epoch));
        }
        let Some(owner) = self.lease else { return self.grant(key, ask.epoch) };
        let pid = self.conn(owner).map_or(0, |c| c.peer_pid);
        if owner == key || self.queue.contains(&key) {
            self.refuse(key, kind::LEASE, "refused", "this connection has asked already".into());
        } else if ask.wait && self.queue.len() < MAX_QUEUE {
            self.queue.push_back(key);
            self.send(key, &Notice::LeaseWaits(LeaseWaits { pid }).encode());
        } else {
            self.refuse(key, kind::LEASE, "busy", format!("process {pid} has the lease"));
        }
    }

    /// Lends the terminal. From here on the holder does not read it, until this connection ends.
    pub fn grant(&mut self, key: u64, epoch: u64) {
        self.epoch = epoch.max(self.epoch + 1);
        self.lease = Some(key);
        let mut status = self.status();
        let fds: Vec<BorrowedFd<'_>> =
            [Some(self.master.as_fd()), Some(self.backlog.ring_fd()), Some(self.snapshots.as_fd()), self.backlog.spill_fd()]
                .into_iter()
                .flatten()
                .collect();
        status.fds = fds.len() as u8;
        let bytes = json(kind::REPLY | kind::LEASE, &status);
        if let Some(conn) = self.conns.iter_mut().find(|c| c.key == key) {
            conn.send_with(&bytes, &fds);
        }
    }

    fn signal(&mut self, ask: SignalAsk) -> Result<u32, (&'static str, String)> {
        if ask.tree {
            let tree = self.tree().map_err(|e| ("refused", format!("the processes cannot be listed: {e}")))?;
            return Ok(tree.iter().filter(|p| p.ident().signal(ask.sig).is_ok()).count() as u32);
        }
        if self.exited.is_some() {
            return Err(("exited", "the agent has ended".into()));
        }
        self.signal_agent(ask.sig).map(|()| 1).map_err(|e| ("refused", e.to_string()))
    }

    fn freeze(&mut self, key: u64) {
        if self.stop.is_some() {
            return self.refuse(key, kind::FREEZE, "stopping", "the session is being stopped".into());
        }
        if !self.has_children {
            return self.send(key, &tree_reply(kind::FREEZE, 0));
        }
        self.freeze_askers.push(key);
        if self.freezing.is_none() {
            let freeze = self.frozen.take().map_or_else(Freeze::default, Freeze::again);
            let now = Instant::now();
            self.freezing = Some((freeze, now));
            self.step_freeze(now);
        }
    }

    fn begin_stop(&mut self, key: u64, plan: StopPlan) {
        self.send(key, &encode(kind::REPLY | kind::STOP, &[]));
        self.stop_askers.push(key);
        if !self.has_children {
            return self.stop_done(Default::default());
        }
        let now = Instant::now();
        if let Some(stop) = &mut self.stop {
            stop.hurry(plan, now);
            return;
        }
        // Whom the tree cannot be listed for, the agent at least is told; KILL looks again.
        let tree = self.tree().unwrap_or_default();
        // What the freeze has stopped so far stays so: it is killed as it lies.
        let paused = self.frozen.take().is_some() | self.freezing.take().is_some();
        self.cancel_freeze("stopping", "the session is being stopped");
        if !paused && plan.grace_ms > 0 {
            for signal in [libc::SIGHUP, libc::SIGTERM, libc::SIGCONT] {
                let _ = self.signal_agent(signal);
            }
        }
        self.stop = Some(Stop::begin(plan, paused, &tree, now));
        self.announce_stop();
    }
}

fn tree_reply(to: u8, count: u32) -> Vec<u8> {
    json(kind::REPLY | to, &TreeReply { count, survivors: Vec::new() })
}
